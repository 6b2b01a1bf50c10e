// The page benchmark: one article of the demo newspaper in Chromium, on a phone's window with its processor four times as slow, over three
// lines, with each contender in turn, again and again. Prints medians with least and most, and ratios to the rival written by hand, as Markdown.
//
// Beside it: `npm ci --ignore-scripts`. Arguments: --rounds N (15), --lines none,cdp,tcp, --only "name;name", --against FOLDER
// (another build's www/dist), --profile. From the environment: TOLLGATE_WWW (the
// folder www of the repository, built), CHROMIUM.

import { createServer } from 'node:http';
import { createServer as createPipe, connect } from 'node:net';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { chromium } from 'playwright-core';
import { argument, median } from './figures.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const { TOLLGATE_WWW = join(folder, '../../../www'), CHROMIUM = '/usr/bin/chromium' } = process.env;
const ROUNDS = Number(argument('rounds', '15'));
const LINES = argument('lines', 'none,cdp,tcp').split(',');
// By their names, with semicolons between.
const ONLY = argument('only', '').split(';').filter(Boolean);
// Another build's files, to be compared with these in the same rounds.
const AGAINST = argument('against', '');
// Instead of the tables: what the main thread did until the overlay showed, by kinds of work (self time, medians).
const PROFILE = process.argv.includes('--profile');

// Slow 4G, as Lighthouse has it: round trips of 150 ms, 1.6 Mbit/s down, 750 kbit/s up.
const ROUND_TRIP = 150;
const DOWN = (1.6e6 / 8) | 0;
const UP = (750e3 / 8) | 0;
// A connection's first window, of ten segments (RFC 6928); each round trip doubles it.
const WINDOW = 10 * 1460;

const ARTICLE = '/articles/by-mail-boat-through-the-hespers.html';
const SLOWDOWN = 4;

const attributes = `data-site="bench" data-publication="The Meridian" data-limit="0" data-content="article .body" data-teaser="3p"
  data-plans="Free trial: 30d free then 2.90/month | Annual access [best value]: 19.90/year"
  data-benefits="Exclusive coverage | Ad-free reading [new] | Weekly magazine [new] | 9 newsletters | The archive"
  data-subscribe-url="/subscribe.html?plan={plan}" data-login-url="/login.html"`;
const card = (more) => `<div ${more}><h2 id="bench-title" tabindex="-1">You’ve read your free articles this month</h2>
  <ul><li>Exclusive coverage<li>Ad-free reading<li>Weekly magazine<li>9 newsletters<li>The archive</ul>
  <p><a href="/subscribe.html">Subscribe to The Meridian</a></p></div>`;
const built = await readFile(join(TOLLGATE_WWW, 'dist/tollgate.js'), 'utf8');
const [gateFile] = built.match(/tollgate-gate-[0-9a-f]{16}\.js/);
const [moduleFile] = built.match(/tollgate-[0-9a-f]{16}\.wasm/);
const gate = `document.querySelector('tollgate-gate[data-tollgate-surface=overlay]')`;

const shown = `(it => !!it && !!it.shadowRoot.querySelector('dialog[open]'))(${gate})`;

// What is put into the page's head and at its end, and by what it is seen that the overlay shows.
const contenders = {
  page: { head: '', shows: 'false' },
  vanilla: {
    head: `<script async src="/bench/vanilla.js" data-limit="0" data-teaser="3" data-publication="The Meridian" data-subscribe="/subscribe.html?plan={plan}&return={return}"
      data-login="/login.html?return={return}" data-plans='[{"id":"trial","name":"Free trial","price":2.9,"per":"month"},{"id":"annual","name":"Annual access","price":19.9,"per":"year"}]'
      data-benefits='["Exclusive coverage","Ad-free reading","Weekly magazine","9 newsletters","The archive"]'></script>`,
    shows: `!!document.querySelector('dialog.pw[open]')`,
  },
  'a11y-dialog': {
    head: `<style>.bd[aria-hidden=true]{display:none}.bd{position:fixed;inset:0;background:rgb(0 0 0/60%)}.bd>div{background:#fff;margin:10vh auto;max-width:42rem;padding:2rem}</style>
      <script defer src="/npm/a11y-dialog/dist/a11y-dialog.min.js"></script>
      <script>addEventListener('DOMContentLoaded', () => new A11yDialog(document.getElementById('bd')).show())</script>`,
    foot: `<div id="bd" class="bd" aria-labelledby="bench-title" aria-hidden="true">${card('role="document"')}</div>`,
    shows: `(it => it && !it.hasAttribute('aria-hidden'))(document.getElementById('bd'))`,
  },
  micromodal: {
    head: `<style>.bm{display:none}.bm.is-open{display:block;position:fixed;inset:0;background:rgb(0 0 0/60%)}.bm>div{background:#fff;margin:10vh auto;max-width:42rem;padding:2rem}</style>
      <script defer src="/npm/micromodal/dist/micromodal.min.js"></script>
      <script>addEventListener('DOMContentLoaded', () => MicroModal.show('bm'))</script>`,
    foot: `<div id="bm" class="bm" aria-hidden="true">${card('role="dialog" aria-modal="true" aria-labelledby="bench-title"')}</div>`,
    shows: `!!document.querySelector('#bm.is-open')`,
  },
  cookieconsent: {
    head: `<link rel="stylesheet" href="/npm/vanilla-cookieconsent/dist/cookieconsent.css">
      <script defer src="/npm/vanilla-cookieconsent/dist/cookieconsent.umd.js"></script>
      <script>addEventListener('DOMContentLoaded', () => CookieConsent.run({ hideFromBots: false, categories: { necessary: { enabled: true, readOnly: true } },
        language: { default: 'en', translations: { en: { consentModal: { title: 'You’ve read your free articles this month', description: 'Subscribe to The Meridian', acceptAllBtn: 'Subscribe', acceptNecessaryBtn: 'Not now' }, preferencesModal: { sections: [] } } } } }))</script>`,
    shows: `(it => !!it && getComputedStyle(it).visibility === 'visible' && document.documentElement.classList.contains('show--consent'))(document.querySelector('#cc-main .cm'))`,
  },
  // Ghost's, with an API that answers at once.
  portal: {
    head: `<script>location.hash = '#/portal/signup'</script>
      <script defer src="/npm/@tryghost/portal/umd/portal.min.js" data-i18n="false" data-ghost="/" data-key="0" data-api="/ghost/api/content/" crossorigin="anonymous"></script>`,
    shows: `(it => !!it && !!it.contentDocument && !!it.contentDocument.querySelector('.gh-portal-btn'))(document.querySelector('#ghost-portal-root iframe[title=portal-popup]'))`,
  },
  tollgate: { head: `<script async src="/tollgate.js" ${attributes}></script>`, shows: shown },
  // The page says what its gate will need.
  'tollgate preloaded': { head: `<link rel="modulepreload" href="/${gateFile}"><script async src="/tollgate.js" ${attributes}></script>`, shows: shown },
  'tollgate split': {
    head: `<link rel="preload" as="fetch" type="application/wasm" crossorigin href="/${moduleFile}"><script async src="/tollgate.split.js" ${attributes}></script>`,
    shows: shown,
  },
};
if (AGAINST) contenders.against = { head: `<script async src="/against/tollgate.js" ${attributes}></script>`, shows: shown };
// The twin in JavaScript, for pages without WebAssembly.
contenders['tollgate nowasm'] = { head: `<script async src="/tollgate.nowasm.js" ${attributes}></script>`, shows: shown };
// As most gates come, on a later page: the second that the reader visits, or the fifth. With the last free read the gate's script was fetched, and
// tollgate.js on every page before.
const LATER = { second: 1, fifth: 4 };
for (const name of ['page', 'vanilla', 'tollgate', ...(AGAINST ? ['against'] : [])]) {
  for (const [visit, before] of Object.entries(LATER)) contenders[`${name}, ${visit} visit`] = { ...contenders[name], before };
}
for (const name of Object.keys(contenders)) if (ONLY.length && !ONLY.includes(name)) delete contenders[name];

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.wasm': 'application/wasm', '.txt': 'text/plain; charset=utf-8' };
const packed = new Map();

// The site. Everything that is text goes out by Brotli 11, made once.
const template = (await readFile(join(TOLLGATE_WWW, 'demo', ARTICLE), 'utf8'))
  .replace(/<script async src="\/tollgate\.js"[^>]*><\/script>/, '<!--contender-->')
  .replace(/<script[^>]*src="\/(session|demo)\.js"[^>]*><\/script>/g, '');
if (!template.includes('<!--contender-->')) throw new Error('the article has no tag of ours');
async function body(pathname, contender) {
  if (pathname === ARTICLE || pathname.startsWith('/free-')) {
    const { head, foot = '', before = 0 } = contenders[contender];
    // So many are free as are visited before.
    const tag = head.replaceAll('data-limit="0"', `data-limit="${before}"`);
    return template.replace('<!--contender-->', tag).replace('</body>', foot + '</body>').replace(`<link rel="canonical" href="${ARTICLE}">`, `<link rel="canonical" href="${pathname}">`);
  }
  if (pathname.startsWith('/npm/')) return readFile(join(folder, 'node_modules', pathname.slice(5)));
  if (pathname.startsWith('/bench/')) return readFile(join(folder, pathname.slice(7)));
  if (pathname.startsWith('/against/')) return readFile(join(AGAINST, pathname.slice(9)));
  if (/^\/tollgate[^/]*$/.test(pathname)) return readFile(join(TOLLGATE_WWW, 'dist', pathname));
  return readFile(join(TOLLGATE_WWW, 'demo', pathname));
}
// What Ghost's API answers: a site with a paid tier.
const price = (id, amount, interval) => ({ id, amount, currency: 'usd', interval, nickname: interval, type: 'recurring', active: true });
const GHOST = {
  '/ghost/api/content/settings/': {
    settings: { title: 'The Meridian', url: '/', accent_color: '#14507a', members_enabled: true, paid_members_enabled: true, members_signup_access: 'all', allow_self_signup: true,
      portal_button: false, portal_name: false, portal_plans: ['free', 'monthly', 'yearly'], is_stripe_configured: true, locale: 'en', members_support_address: 'a@example.org' },
  },
  '/ghost/api/content/tiers/': {
    tiers: [
      { id: '1', name: 'Free', slug: 'free', type: 'free', active: true, visibility: 'public', benefits: ['9 newsletters'], trial_days: 0 },
      { id: '2', name: 'Member', slug: 'member', type: 'paid', active: true, visibility: 'public', currency: 'USD', monthly_price: price('3', 290, 'month'), yearly_price: price('4', 1990, 'year'),
        benefits: ['Exclusive coverage', 'Ad-free reading', 'Weekly magazine', '9 newsletters', 'The archive'], trial_days: 30 },
    ],
  },
  '/ghost/api/content/newsletters/': { newsletters: [] },
};
let current = 'page';
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname.startsWith('/members/api/')) return response.writeHead(204).end();
  if (GHOST[pathname]) {
    const answer = JSON.stringify(GHOST[pathname]);
    return response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) }).end(answer);
  }
  try {
    const key = pathname.endsWith('.html') ? current + pathname : pathname;
    if (!packed.has(key)) {
      const bytes = Buffer.from(await body(pathname, current));
      packed.set(key, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
    }
    response.writeHead(200, {
      'content-type': types[extname(pathname)] || 'application/octet-stream',
      'content-encoding': 'br',
      'cache-control': pathname.endsWith('.html') ? 'no-store' : 'public, max-age=31536000, immutable',
      'content-length': packed.get(key).length,
    });
    response.end(packed.get(key));
  } catch {
    response.writeHead(404, { 'content-length': 0 }).end();
  }
});
server.keepAliveTimeout = 60000;
server.listen(0, '127.0.0.1');
await once(server, 'listening');

// A line over TCP: each connection waits for its handshake, what goes takes half a round trip, its window opens from ten segments on,
// and all connections share the rate.
const later = (time) => new Promise((done) => setTimeout(done, Math.max(0, time - performance.now())));
function lane(rate) {
  let free = 0;
  return async (from, to, first) => {
    let window = WINDOW;
    let sent = 0;
    let round = performance.now();
    let ready = performance.now() + first;
    for await (const chunk of from) {
      for (let at = 0; at < chunk.length; at += 1460) {
        const segment = chunk.subarray(at, at + 1460);
        const now = performance.now();
        // A connection that rested begins its round anew.
        if (now - round > ROUND_TRIP) [round, sent] = [now, 0];
        if (sent + segment.length > window) {
          await later(round + ROUND_TRIP);
          [round, sent, window] = [performance.now(), 0, window * 2];
        }
        sent += segment.length;
        free = Math.max(free, performance.now()) + (segment.length / rate) * 1000;
        const arrives = Math.max(free + ROUND_TRIP / 2, ready);
        ready = arrives;
        setTimeout(() => to.writable && to.write(segment), arrives - performance.now());
        if (free - performance.now() > 50) await later(free - 20);
      }
    }
    await later(ready + 5);
    to.end();
  };
}
const [down, up] = [lane(DOWN), lane(UP)];
const proxy = createPipe((client) => {
  const target = connect(server.address().port, '127.0.0.1');
  const gone = () => {
    client.destroy();
    target.destroy();
  };
  client.on('error', gone);
  target.on('error', gone);
  up(client, target, ROUND_TRIP).catch(gone);
  down(target, client, 0).catch(gone);
});
proxy.listen(0, '127.0.0.1');
await once(proxy, 'listening');

const browser = await chromium.launch({ executablePath: CHROMIUM });

// In the page, before all else: when the overlay shows, and what the page did meanwhile.
const watch = (shows) => `
  window.bench = { shown: 0, shift: 0, long: 0 };
  new PerformanceObserver((list) => { for (const it of list.getEntries()) if (!it.hadRecentInput) bench.shift += it.value; }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((list) => { for (const it of list.getEntries()) bench.long = Math.max(bench.long, it.duration); }).observe({ type: 'longtask', buffered: true });
  requestAnimationFrame(function look() {
    if (document.body && (${shows})) requestAnimationFrame(() => { bench.shown = performance.now(); });
    else requestAnimationFrame(look);
  });`;

// What of Chromium's trace is kept: tasks, and what the engine does inside them.
const TRACED = ['devtools.timeline', 'toplevel', 'v8', 'v8.wasm', 'disabled-by-default-v8.compile', 'disabled-by-default-v8.wasm.detailed', 'blink.user_timing'];

// The main thread's own time by the names of its events, in milliseconds; of scripts' by their addresses too.
function work(events) {
  const mains = events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(({ pid, tid }) => pid + ':' + tid);
  const totals = {};
  for (const thread of mains) {
    const own = events.filter((it) => it.ph === 'X' && it.pid + ':' + it.tid === thread).sort((one, other) => one.ts - other.ts || other.dur - one.dur);
    const open = [];
    for (const it of own) {
      while (open.length && open[open.length - 1].ts + open[open.length - 1].dur <= it.ts) open.pop();
      const { data = {} } = it.args || {};
      const file = (data.url || data.fileName || it.args?.fileName || '').replace(/^.*\//, '').replace(/-[0-9a-f]{16}/, '');
      it.label = it.name + (file ? ' ' + file : '');
      totals[it.label] = (totals[it.label] || 0) + it.dur / 1000;
      const parent = open[open.length - 1];
      if (parent) totals[parent.label] -= it.dur / 1000;
      open.push(it);
    }
  }
  return totals;
}

async function measure(name, line) {
  current = name;
  const { shows, before: visits = 0 } = contenders[name];
  const port = (line === 'tcp' ? proxy : server).address().port;
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 1 });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  try {
    await devtools.send('Performance.enable');
    await devtools.send('Network.enable');
    // The free articles, on a line that takes no time.
    for (let visit = 1; visit <= visits; visit += 1) {
      await page.goto(`http://127.0.0.1:${port}/free-${visit}.html`);
      await page.evaluate(() => document.querySelector('article .body').scrollIntoView());
      const read = () => Object.entries(localStorage).reduce((reads, [key, value]) => reads + (key.startsWith('tollgate1:') ? 1 : key.startsWith('paywall:') ? JSON.parse(value).length : 0), 0);
      if (!name.startsWith('page')) await page.waitForFunction(`(${read})() >= ${visit}`, null, { timeout: 30000 });
      await page.waitForLoadState('networkidle');
    }
    let bytes = 0;
    devtools.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    if (line === 'cdp') {
      await devtools.send('Network.emulateNetworkConditions', { offline: false, latency: ROUND_TRIP, downloadThroughput: DOWN, uploadThroughput: UP });
    }
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
    const busyUntil = async () => (await devtools.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
    const before = visits ? await busyUntil() : 0;
    if (PROFILE) await browser.startTracing(page, { categories: TRACED });
    await page.addInitScript(watch(shows));
    await page.goto(`http://127.0.0.1:${port}${ARTICLE}`, { waitUntil: 'load', timeout: 60000 });
    // The page alone is asked too: to ask takes the main thread's time.
    const isThere = name.startsWith('page') ? () => true : () => window.bench.shown > 0;
    await page.waitForFunction(isThere, null, { timeout: 30000, polling: 100 }).catch((error) => { throw new Error(`${name} shows nothing`, { cause: error }); });
    await page.waitForTimeout(1000);
    const { shown, shift, long } = await page.evaluate(() => window.bench);
    const busy = (await busyUntil()) - before;
    if (PROFILE) return { shown, busy, ...work(JSON.parse(await browser.stopTracing()).traceEvents) };
    return { shown, shift, long, busy, bytes };
  } finally {
    await context.close();
  }
}

const results = {};
const names = Object.keys(contenders);
// Once unmeasured: the server packs its files, the machine reads them.
for (const name of names) await measure(name, 'none');
for (let round = 0; round < ROUNDS; round += 1) {
  for (const line of LINES) {
    for (let turn = 0; turn < names.length; turn += 1) {
      // Each round begins with another one.
      const name = names[(turn + round) % names.length];
      // A page that hangs is measured once more, and it is said.
      const seen = await measure(name, line).catch((error) => {
        console.error(`${name}, ${line}: ${error.message}; once more`);
        return measure(name, line);
      });
      for (const [what, value] of Object.entries(seen)) (((results[line] ||= {})[name] ||= {})[what] ||= []).push(value);
    }
  }
  console.error(`round ${round + 1} of ${ROUNDS}`);
}
await browser.close();
server.close();
server.closeAllConnections();
proxy.close();

if (PROFILE) {
  for (const line of LINES) {
    const labels = new Set(names.flatMap((name) => Object.keys(results[line][name])));
    const time = (name, label) => {
      const values = results[line][name][label] || [];
      return median([...values, ...new Array(ROUNDS - values.length).fill(0)]);
    };
    const rows = [...labels].map((label) => [label, ...names.map((name) => time(name, label))]).filter(([, ...times]) => Math.max(...times) >= 2);
    rows.sort(([, ...one], [, ...other]) => Math.max(...other) - Math.max(...one));
    console.log('| main thread, own time in ms | ' + names.join(' | ') + ' |\n|---' + '|---'.repeat(names.length) + '|');
    for (const [label, ...times] of rows) console.log(`| ${label} | ${times.map((time) => time.toFixed(1)).join(' | ')} |`);
  }
  process.exit();
}

const LINE = { none: 'no line between', cdp: 'slow 4G by the browser', tcp: 'slow 4G over TCP' };
const spread = (values, digits = 0) => `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`;
for (const line of LINES) {
  const rows = results[line];
  // Of a later visit, what is measured is compared with such a visit's.
  const of = (name, contender) => contender + (name.match(/, \w+ visit$/) || [''])[0];
  const like = (name, contender) => rows[of(name, contender)];
  const over = (name, what) => median(rows[name][what]) - (like(name, 'page') ? median(like(name, 'page')[what]) : 0);
  console.log(`\n**${LINE[line]}**, N = ${ROUNDS}\n`);
  console.log('| | bytes over the page | overlay visible, ms | ratio | main thread over the page, ms | ratio | layout shift | longest task, ms |');
  console.log('|---|---|---|---|---|---|---|---|');
  for (const name of names) {
    const row = rows[name];
    const isPage = name.startsWith('page');
    const rival = like(name, 'vanilla') && of(name, 'vanilla');
    const ratio = (value, to) => (rival && !isPage && to > 0 ? (value / to).toFixed(2) : '');
    console.log(
      `| ${name} | ${Math.round(over(name, 'bytes'))} | ${isPage ? '' : spread(row.shown)} | ${rival ? ratio(median(row.shown), median(rows[rival].shown)) : ''} | ` +
        `${Math.round(over(name, 'busy'))} | ${rival ? ratio(over(name, 'busy'), over(rival, 'busy')) : ''} | ${median(row.shift).toFixed(3)} | ${Math.round(median(row.long))} |`,
    );
  }
}
