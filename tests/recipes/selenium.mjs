// A site with the paywall on it, looked at by Selenium: the example of docs/recipes/testing.md. It needs
// SITE, the address of a site with two articles, /first.html and /second.html, one of them free a month;
// CHROMIUM and CHROMEDRIVER, the browser's program and its driver's. Nothing is downloaded.

import assert from 'node:assert/strict';
import { Builder } from 'selenium-webdriver';
import { Options, ServiceBuilder } from 'selenium-webdriver/chrome.js';

const { SITE, CHROMIUM, CHROMEDRIVER } = process.env;

const options = new Options().setChromeBinaryPath(CHROMIUM).addArguments('--headless=new', '--disable-gpu', '--window-size=1000,800');
// Chromium's sandbox refuses to run as root, as in many a container.
if (process.getuid && process.getuid() === 0) options.addArguments('--no-sandbox');

const driver = await new Builder()
  .forBrowser('chrome')
  .setChromeOptions(options)
  .setChromeService(new ServiceBuilder(CHROMEDRIVER))
  .build();

// Waits for `tollgate:ready`, whether it is past or still to come.
const ready = () =>
  driver.executeAsyncScript(`
    const done = arguments[arguments.length - 1];
    (window.tollgate = window.tollgate || []).push((gate) => gate.once('ready', () => done()));
  `);

const open = async (path) => {
  await driver.get(SITE + path);
  await ready();
};
const js = (script) => driver.executeScript('return ' + script);
const until = (script, what) => driver.wait(() => js(script), 10000, what);

const overlay = `[...document.querySelectorAll('tollgate-gate')].some((gate) => gate.shadowRoot.querySelector('dialog[open]'))`;
// What is locked is taken out: its paragraphs stay, empty and hidden, so that a framework that owns them can go on.
const paragraphs = `document.querySelectorAll('article .body > p:not(:empty)').length`;

try {
  await driver.manage().setTimeouts({ script: 10000 });

  // The first article is free.
  await open('/first.html');
  assert.equal(await js('tollgate.getDecision().grantReason'), 'METERING');
  assert.equal(await js(paragraphs), 8);
  // It counts after data-dwell, or as soon as the reader scrolls.
  await driver.executeScript('scrollBy(0, 300)');
  await until('tollgate.getMeter().counted', 'the read counts');
  assert.equal(await js('tollgate.getMeter().readsLeft'), 0);

  // The second one is gated.
  await open('/second.html');
  assert.equal(await js('tollgate.getDecision().gateReason'), 'LIMIT_REACHED');
  await until(overlay, 'the overlay is open');
  assert.equal(await js(paragraphs), 3);
  const { decision, meter } = await js('tollgate.explain()');
  assert.deepEqual(
    [decision.step, decision.tier, decision.rule, meter.reads, meter.limit],
    ['subscribe', 'anonymous', 'metered', 1, 1],
  );

  // The month starts over, on this very page.
  await driver.executeScript('tollgate.forget()');
  await until('tollgate.getDecision() && tollgate.getDecision().granted', 'the article is open again');
  assert.equal(await js(paragraphs), 8);
  assert.equal(await js('tollgate.getMeter().reads'), 0);

  // A subscriber sees no gate, and one who logs out is gated again: what your own page says, said by the test.
  await driver.executeScript(`tollgate.setConfig({ limit: 0 })`);
  await until(overlay, 'the overlay is open');
  await driver.executeScript(`tollgate.setEntitlement({ granted: true, tier: 'subscriber' })`);
  await until(`tollgate.getDecision().grantReason === 'SUBSCRIBER' && !document.querySelector('tollgate-gate')`, 'it is unlocked');
  assert.equal(await js(paragraphs), 8);

  // Any surface, to look at it or to take its picture; nothing is counted or stored.
  await open('/first.html');
  await driver.executeScript(`tollgate.setConfig({ preview: 'overlay' })`);
  await until(overlay, 'the preview is open');
  assert.equal(await js(`Object.keys(localStorage).filter((key) => key.includes(':r:')).length`), 0);
} finally {
  await driver.quit();
}
