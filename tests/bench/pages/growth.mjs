// How a page view's cost grows, in Chromium with its processor four times as slow: with what other scripts keep in storage, and with the articles
// on a page; and whether memory grows over a thousand pages that a script turns. Prints Markdown.
//
// Beside it: `npm ci --ignore-scripts`. Arguments: --rounds N (7), --turns N (1000). From the environment: TOLLGATE_WWW, CHROMIUM, as run.mjs.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { argument, median } from './figures.mjs';

const { TOLLGATE_WWW, CHROMIUM = '/usr/bin/chromium' } = process.env;
const ROUNDS = Number(argument('rounds', '7'));
const TURNS = Number(argument('turns', '1000'));
const STRETCHES = 3;
const KEYS = [10, 1000, 10000, 100000];
const ARTICLES = [1, 10, 50, 200];

const prose = '<p>' + 'The mail boat leaves at six, whatever the weather says of it. '.repeat(5) + '</p>';
const article = (nth) => `<article data-tollgate-id="story-${nth}"><h2>Story ${nth}</h2><div itemprop="articleBody">${prose.repeat(4)}</div></article>`;
const tag = (limit) => `<script async src="/tollgate.js" data-site="bench" data-limit="${limit}" data-subscribe-url="/subscribe"></script>`;
const page = (articles, script) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Stories</title>${script}<main>${Array.from({ length: articles }, (_, nth) => article(nth)).join('')}</main>`;

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  try {
    const isScript = pathname.endsWith('.js');
    const bytes = isScript
      ? await readFile(join(TOLLGATE_WWW, 'dist', pathname))
      : page(Number(searchParams.get('articles') || 1), searchParams.has('bare') ? '' : tag(searchParams.get('limit') || 3));
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8' }).end(bytes);
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({ executablePath: CHROMIUM });

const metric = async (devtools, name) => (await devtools.send('Performance.getMetrics')).metrics.find((metric) => metric.name === name).value;

// The main thread's time for a page view, and when the decision was there, after what `before` does to storage.
async function view(query, before) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  try {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Performance.enable');
    await page.goto(origin + '/?bare');
    if (before) await page.evaluate(before);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await page.addInitScript(() => document.addEventListener('tollgate:ready', () => (window.readyAt = performance.now())));
    const busy = await metric(devtools, 'TaskDuration');
    await page.goto(origin + query, { waitUntil: 'load' });
    if (!query.includes('bare')) await page.waitForFunction(() => window.readyAt > 0);
    await page.waitForTimeout(700);
    return { busy: ((await metric(devtools, 'TaskDuration')) - busy) * 1000, ready: await page.evaluate(() => window.readyAt || 0) };
  } finally {
    await context.close();
  }
}

async function table(title, sizes, query, before) {
  const seen = sizes.map(() => ({ busy: [], ready: [] }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [nth, size] of sizes.entries()) {
      const bare = await view(query(size) + '&bare', before && before(size));
      const ours = await view(query(size), before && before(size));
      seen[nth].busy.push(ours.busy - bare.busy);
      seen[nth].ready.push(ours.ready);
    }
  }
  console.log(`\n| ${title} | main thread over the page, ms | ratio to the first | decision after, ms | ratio |\n|---|---|---|---|---|`);
  for (const [nth, size] of sizes.entries()) {
    const [busy, ready] = [median(seen[nth].busy), median(seen[nth].ready)];
    console.log(`| ${size.toLocaleString('en')} | ${busy.toFixed(0)} | ${(busy / median(seen[0].busy)).toFixed(2)} | ${ready.toFixed(0)} | ${(ready / median(seen[0].ready)).toFixed(2)} |`);
  }
}

await table("keys of others' in local storage", KEYS, () => '/?articles=1', (size) => `for (let nth = 0; nth < ${size}; nth += 1) localStorage.setItem('other:' + nth, '1')`);
await table('articles on the page', ARTICLES, (size) => '/?articles=' + size);

// A page that a script turns: another address, another article, each gated or read.
async function turned(query) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable');
  await page.goto(origin + query, { waitUntil: 'load' });
  const turn = (from, count) =>
    page.evaluate(
      async ([from, count, isOurs]) => {
        const text = document.body.dataset.text || (document.body.dataset.text = document.querySelector('p').textContent);
        for (let nth = from; nth < from + count; nth += 1) {
          // The page is decided before it is left, as when somebody reads.
          const decided = isOurs && new Promise((done) => document.addEventListener('tollgate:denied', (event) => event.detail && done(), { once: true }));
          history.pushState(null, '', '/turned/' + nth);
          document.querySelector('main').innerHTML = `<article data-tollgate-id="turned-${nth}"><h2>Turned ${nth}</h2><div itemprop="articleBody">${('<p>' + text + nth + '</p>').repeat(4)}</div></article>`;
          await (decided || new Promise((done) => setTimeout(done)));
        }
      },
      [from, count, !query.includes('bare')],
    );
  const heap = async () => {
    for (let time = 0; time < 3; time += 1) await devtools.send('HeapProfiler.collectGarbage');
    return { used: await metric(devtools, 'JSHeapUsedSize'), nodes: await metric(devtools, 'Nodes'), listeners: await metric(devtools, 'JSEventListeners') };
  };
  // What is made once is made by then.
  await turn(0, 50);
  const found = [await heap()];
  // What an engine compiles and learns is there after the first of these; what grows with each page grows in all.
  for (let nth = 0; nth < STRETCHES; nth += 1) {
    await turn(50 + nth * TURNS, TURNS);
    found.push(await heap());
  }
  await context.close();
  return found.slice(1).map((after, nth) => Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - found[nth][name]])));
}
console.log(`\n| each ${TURNS.toLocaleString('en')} pages that a script turns | heap after collection, KB more | nodes more | listeners more |\n|---|---|---|---|`);
for (const [name, query] of [['the page alone', '/?bare'], ['with Tollgate, each gated', '/?limit=0']]) {
  const stretches = await turned(query);
  const all = (write) => stretches.map(write).join(' · ');
  console.log(`| ${name} | ${all(({ used }) => (used / 1024).toFixed(0))} | ${all(({ nodes }) => nodes)} | ${all(({ listeners }) => listeners)} |`);
}
await browser.close();
server.close();
server.closeAllConnections();
