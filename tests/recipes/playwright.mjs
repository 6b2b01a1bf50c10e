// A site with the paywall on it, looked at by Playwright: the example of docs/recipes/testing.md. It needs
// SITE, the address of a site with two articles, /first.html and /second.html, one of them free a month;
// CHROMIUM, the browser's program.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const { SITE, CHROMIUM } = process.env;

// Waits for `tollgate:ready`, whether it is past or still to come. A page that never is ready fails here, by name.
const ready = (page) =>
  page.evaluate(
    () =>
      new Promise((done, failed) => {
        setTimeout(() => failed(new Error('no tollgate:ready in 10 seconds: is the tag on this page?')), 10000);
        (window.tollgate = window.tollgate || []).push((gate) => gate.once('ready', () => done()));
      }),
  );

const decision = (page) => page.evaluate(() => tollgate.getDecision());
const meter = (page) => page.evaluate(() => tollgate.getMeter());
// What is locked is taken out: its paragraphs stay, empty and hidden, so that a framework that owns them can go on.
const paragraphs = (page) => page.locator('article .body > p:not(:empty)').count();

// Their shadow roots are open: Playwright's locators find what is inside.
const overlay = (page) => page.locator('tollgate-gate dialog');

const browser = await chromium.launch({ executablePath: CHROMIUM });
try {
  // Each context is a reader who comes for the first time.
  const page = await (await browser.newContext()).newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));

  // The first article is free.
  await page.goto(SITE + '/first.html');
  await ready(page);
  assert.equal((await decision(page)).grantReason, 'METERING');
  assert.equal(await paragraphs(page), 8);
  // It counts after data-dwell, or as soon as the reader scrolls.
  await page.mouse.wheel(0, 300);
  await page.waitForFunction(() => tollgate.getMeter().counted);
  assert.equal((await meter(page)).readsLeft, 0);

  // The second one is gated.
  await page.goto(SITE + '/second.html');
  await ready(page);
  assert.equal((await decision(page)).gateReason, 'LIMIT_REACHED');
  await overlay(page).waitFor();
  assert.equal(await paragraphs(page), 3);
  const { decision: why, meter: how } = await page.evaluate(() => tollgate.explain());
  assert.deepEqual([why.step, why.tier, why.rule, how.reads, how.limit], ['subscribe', 'anonymous', 'metered', 1, 1]);

  // The month starts over, on this very page.
  await page.evaluate(() => tollgate.forget());
  await page.waitForFunction(() => tollgate.getDecision()?.granted);
  assert.equal(await paragraphs(page), 8);
  assert.equal((await meter(page)).reads, 0);

  // Or time goes on: read and gated as before, and then it is next month.
  await page.mouse.wheel(0, 300);
  await page.waitForFunction(() => tollgate.getMeter().counted);
  await page.goto(SITE + '/first.html');
  await ready(page);
  assert.equal((await decision(page)).gateReason, 'LIMIT_REACHED');
  const next = new Date();
  next.setUTCMonth(next.getUTCMonth() + 1, 2);
  await page.clock.setFixedTime(next);
  await page.goto(SITE + '/first.html');
  await ready(page);
  assert.equal((await decision(page)).grantReason, 'METERING');

  // A subscriber sees no gate: what your own page says, said by the test.
  const subscriber = await (await browser.newContext()).newPage();
  await subscriber.addInitScript(() => {
    (window.tollgate = window.tollgate || []).push((gate) => gate.setEntitlement({ granted: true, tier: 'subscriber' }));
  });
  for (const path of ['/first.html', '/second.html']) {
    await subscriber.goto(SITE + path);
    await ready(subscriber);
    assert.equal((await decision(subscriber)).grantReason, 'SUBSCRIBER');
  }
  assert.equal(await overlay(subscriber).count(), 0);

  // Any surface, to look at it or to take its picture; nothing is counted or stored.
  const preview = await (await browser.newContext()).newPage();
  await preview.goto(SITE + '/first.html');
  await ready(preview);
  await preview.evaluate(() => tollgate.setConfig({ preview: 'overlay' }));
  await overlay(preview).waitFor();
  assert.equal(await preview.evaluate(() => Object.keys(localStorage).filter((key) => key.includes(':r:')).length), 0);

  assert.deepEqual(errors, []);
} finally {
  await browser.close();
}
