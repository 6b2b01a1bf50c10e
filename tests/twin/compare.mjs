// Whether the module and its twin in JavaScript do the same: each plays the kept histories (tests/histories), and pages and readers made up
// by a seed, behind a shim that writes down every call. All calls are to be the same, and the decisions those of the history.
//
// Arguments: the folder of the module's glue (tollgate.js, tollgate.opt.wasm), the finished script of the twin, the folder of the histories,
// how many pages to make up. Prints a line for each history and one for the pages, and counts.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { isDeepStrictEqual } from 'node:util';

const [glueFolder, twinFile, histories, pages] = process.argv.slice(2);

// What the module finds of a browser.
class Area {
  get length() {
    return Object.keys(this).length;
  }
  getItem(key) {
    return Object.hasOwn(this, key) ? this[key] : null;
  }
  setItem(key, value) {
    if (full) throw new Error('QuotaExceededError');
    this[key] = String(value);
  }
  removeItem(key) {
    delete this[key];
  }
}
let full = false;
let clock = 0;
globalThis.Window = function () {};
Object.defineProperty(Window, Symbol.hasInstance, { value: () => true });
globalThis.window = globalThis.self = globalThis;
Date.now = () => clock;

// Each gives a fresh `start` and `signal`.
const module = new WebAssembly.Module(readFileSync(join(glueFolder, 'tollgate.opt.wasm')));
const glue = new Function(
  readFileSync(join(glueFolder, 'tollgate.js'), 'utf8').replace(/^export \{.*$/m, '').replace(/^export function/gm, 'function') +
    '\nreturn [start, signal, initSync];',
);
function ofModule() {
  const [start, signal, initSync] = glue();
  initSync({ module });
  return [start, signal];
}
const twin = new Script(readFileSync(twinFile, 'utf8'));
function ofTwin() {
  let made;
  globalThis.tollgate = { [Symbol.for('tollgate')]: (given, length) => length === -1 && (made = given) };
  twin.runInThisContext();
  return made;
}

const CODES = { Seen: 1, Hidden: 2, Woke: 3, Engaged: 4, LedgerChanged: 5, Wanted: 8, AccessPending: 9, AccessUnknown: 10, Forget: 12, SignedUp: 18, Left: 19 };
const [DISMISS, HIDE, ACCESS_KNOWN, MORE, PREPARED, TRANSLATED, OBSTRUCTED, UNOBSTRUCTED, ARRIVED] = [6, 7, 11, 13, 14, 15, 16, 17, 20];
const FOUND = ['Chosen', 'ArticleBody', 'Article', 'Main', 'Missing', 'Refused', 'Invalid'];

// Plays steps: functions of the stage, each of which may change what the page is and signal. Every call of the shim, in order.
function play([start, signal], { attributes, begin, blocks, steps }) {
  const calls = [];
  const stage = { articles: [], page: {}, elapsed: 0, said: '', hand: '', more: 0, signal };
  begin(stage);
  stage.area = globalThis.localStorage = new Area();
  stage.keys(stage.area);
  globalThis.sessionStorage = new Area();
  const facts = (article) => {
    const { address, canonical, declared, rule, sections, referrer } = stage.articles[article] || {};
    const { host, language, site_name: site, says_article: says } = stage.page;
    return [address || stage.page.address, host, language, site, says ? 'article' : '', canonical, declared, rule, sections, referrer];
  };
  const answers = {
    fact: (nth, article) => facts(article)[nth] || '',
    script: () => undefined,
    find: () => FOUND.indexOf((stage.articles[0] || {}).content),
    more: () => stage.more-- > 0,
    consents: () => true,
    length: (article) => stage.articles[article].prose,
    attributes: () => attributes,
    block: (nth) => (nth < blocks.length ? blocks[nth] : -1),
    said: () => stage.said,
    elapsed: () => stage.elapsed,
    pieces: () => true,
    act: () => '',
    prepare: () => false,
    at_hand: () => stage.hand,
    translated: () => undefined,
    watch: () => false,
  };
  const shim = new Proxy({}, {
    get: (_, name) => (...given) => {
      calls.push([name, ...given]);
      return (answers[name] || (() => {}))(...given);
    },
  });
  // Made a hundred days before: a clock that is years away from that is taken for wrong.
  start(shim, Math.floor(clock / 864e5) - 100);
  for (const step of steps) {
    calls.push(['--']);
    step(stage);
  }
  calls.push(['kept', Object.entries(globalThis.localStorage), Object.entries(globalThis.sessionStorage)]);
  return calls;
}

// The first place where two lists differ.
function difference(one, other) {
  const at = one.findIndex((call, nth) => !isDeepStrictEqual(call, other[nth]));
  if (at >= 0) return `call ${at}: ${JSON.stringify(one[at])} of the module, ${JSON.stringify(other[at])} of the twin`;
  return one.length === other.length ? '' : `${one.length} calls of the module, ${other.length} of the twin`;
}

// A history as steps.
function scene(lines) {
  const [{ start }, ...rest] = lines;
  const attributes = Object.fromEntries(start.attributes.filter(([name]) => name !== '.'));
  const areaOf = (from) => {
    const listed = rest.slice(from).find(({ signal }) => signal && signal.signal.Listed);
    // The module keeps the area that it once found.
    return (area) => {
      for (const key of Object.keys(area)) delete area[key];
      for (const key of listed ? listed.signal.signal.Listed[0] : []) area[key] = '1';
    };
  };
  const steps = [];
  let first = true;
  let before = [];
  for (const [place, { article, turned, signal }] of rest.entries()) {
    if (article && !first) {
      // Of a feed: all that come together.
      if (rest[place - 1].article) continue;
      const more = rest.slice(place).findIndex((line) => !line.article);
      const pages = rest.slice(place, more < 0 ? undefined : place + more).map((line) => line.article);
      const { now } = rest.slice(place).find((line) => line.signal)?.signal || {};
      steps.push((stage) => {
        if (now) [clock, stage.elapsed] = [now.clock, now.elapsed];
        stage.articles.push(...pages);
        stage.more = pages.length;
        stage.signal(MORE, 0);
      });
      continue;
    }
    if (turned) {
      steps.push((stage) => {
        stage.articles = [turned];
        stage.page.says_article = turned.says_article;
        stage.signal(ARRIVED, 0);
      });
      continue;
    }
    if (!signal) continue;
    first = false;
    const { now, signal: said, effects } = signal;
    const name = typeof said === 'string' ? said : Object.keys(said)[0];
    const value = said[name];
    const isAnswer = name === 'Started' || name === 'Listed' || name === 'Formatted' || (name === 'Obstructed' && before.some((effect) => effect.Watch !== undefined));
    before = effects;
    // Where a page has arrived, the article before it is left.
    if (isAnswer || (name === 'Left' && rest[place - 1].turned)) continue;
    // What goes to all was written down for each.
    const isOfAll = !['Seen', 'Hidden', 'Woke', 'Engaged', 'Closed', 'Wanted', 'Translated', 'SignedUp'].includes(name);
    if (isOfAll && signal.article > 0) continue;
    steps.push((stage) => {
      [clock, stage.elapsed] = [now.clock, now.elapsed];
      areaOf(place)(stage.area);
      let code = CODES[name];
      stage.said = '';
      if (name === 'Closed') code = value.by_reader ? DISMISS : HIDE;
      if (name === 'AccessKnown') [code, stage.said] = [ACCESS_KNOWN, [value.granted, value.tier.toLowerCase(), value.reason].join('\n')];
      if (name === 'Prepared') [code, stage.hand] = [PREPARED, value];
      if (name === 'Translated') [code, stage.said] = [TRANSLATED, value];
      if (name === 'Obstructed') code = value ? OBSTRUCTED : UNOBSTRUCTED;
      if (name === 'Left') stage.articles = [(rest.slice(place).find((line) => line.turned) || {}).turned || {}];
      if (!code) throw new Error('a signal that this does not know: ' + name);
      stage.signal(code, signal.article);
    });
  }
  const begin = (stage) => {
    const opening = rest.find((line) => line.signal);
    [clock, stage.elapsed] = opening ? [opening.signal.now.clock, opening.signal.now.elapsed] : [0, 0];
    stage.articles = [rest.find((line) => line.article).article];
    stage.page = { ...start, says_article: stage.articles[0].says_article };
    stage.keys = areaOf(0);
  };
  const decisions = rest.flatMap(({ signal }) => (signal ? signal.effects : [])).filter((effect) => effect.Decided).map(({ Decided }) => [Decided.granted, Decided.reason]);
  return { attributes, begin, blocks: new Array(9).fill(400 * 4), steps, decisions };
}

let passed = 0;
let failed = 0;
const tell = (name, wrong) => {
  if (wrong) failed += 1;
  else passed += 1;
  console.log(wrong ? `FAILED ${name}: ${wrong}` : `ok     ${name}`);
};
const decided = (calls) => calls.filter(([name]) => name === 'decided').map(([, granted, reason]) => [granted, reason]);
const both = (scene) => [play(ofModule(), scene), play(ofTwin(), scene)];

let hand = '';
for (const file of readdirSync(histories).filter((name) => name.endsWith('.jsonl'))) {
  const lines = readFileSync(join(histories, file), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  hand = lines.map(({ signal }) => signal && signal.signal.Prepared).find(Boolean) || hand;
  const played = scene(lines);
  const [one, other] = both(played);
  const ours = decided(one);
  const wrong = difference(one, other) || (isDeepStrictEqual(ours, played.decisions) ? '' : `decided ${JSON.stringify(ours)}, not ${JSON.stringify(played.decisions)}`);
  tell(`${file}, ${one.length} calls, ${ours.length} decisions`, wrong);
}

// Pages and readers that never were. The nth of a seed is always the same (mulberry32).
function random(seed) {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
const SETTINGS = {
  limit: ['0', '1', '2', '5', '1000', '-1', 'many', '３', ''],
  newsletterLimit: ['2', '4'],
  registeredLimit: ['6', 'x'],
  period: ['day', 'week', 'month', 'year', '7d', '30d', '366d', '0d', 'fortnight'],
  window: ['calendar', 'rolling', 'first-view', 'sliding'],
  timeZone: ['Europe/Paris', 'Pacific/Chatham', 'America/Caracas', 'Mars/Olympus'],
  weekStart: ['sunday', 'saturday'],
  meters: ['sport: 2/week | culture: 1', 'sport: 0', ': 3'],
  paths: ['/jobs/*: free | /premium/*: locked', '/story/*: metered', 'x'],
  freeReferrers: ['search | social', 'newsletter', 'example.org'],
  steps: ['2: notice | 3: newsletter dismissible | 4: subscribe', '1: register', 'notice | subscribe', '0: x'],
  dwell: ['0', '3', '600', '-3'],
  teaser: ['3p', '20%', 'marker', '0p', '7'],
  currency: ['EUR', 'JPY', 'KWD', 'US'],
  plans: ['Trial: 30d free then 2.90/month | Year [best value]: 19.90/year', 'Day: 0.99/day | Week: 3/week', 'A: 1.005/month', ': :', 'Big: 92233720368547758.07/year'],
  benefits: ['A | B [new] | C', '|||'],
  subscribeUrl: ['/subscribe?plan={plan}&return={return_url}', 'https://pay.example/{plan}', 'javascript:alert(1)', ''],
  loginUrl: ['/login?return={return_url}', 'nowhere:'],
  newsletterUrl: ['/letter'],
  registerUrl: ['/register'],
  locale: ['de', 'ar-EG', 'fr-CH', 'zh-Hant', '??'],
  theme: ['light', 'dark', 'pink'],
  accent: ['#14507a', '#ff0', 'red'],
  planStyle: ['buttons'],
  noticeStyle: ['card'],
  preview: ['overlay', 'inline', 'notice', 'newsletter', 'register', 'x'],
  consent: ['required'],
  entitlementUrl: ['/who'],
  fallback: ['denied', 'x'],
  subscriberCookie: ['member', 'member=1'],
  textOffer: ['Join {publication}', '{nothing}'],
};
function made(seed) {
  const any = random(seed);
  const one = (list) => list[any(list.length)];
  const attributes = { site: 'made', limit: one(['0', '1', '3']), subscribeUrl: '/subscribe?plan={plan}&return={return_url}' };
  for (const [name, values] of Object.entries(SETTINGS)) if (any(4) === 0) attributes[name] = one(values);
  const address = () => `https://news.example/${one(['story', 'jobs', 'premium/x', '2026/11'])}/${any(6)}${one(['', '?utm_source=x', '?b=2&a=1', '#top'])}`;
  const article = () => {
    const own = address();
    return { address: own, canonical: one(['', own]), declared: one(['', '', 'number-' + any(3)]), rule: one(['', '', 'free', 'locked', 'metered', 'x']), sections: one(['', 'sport', 'culture\nsport']), referrer: one(['', 'https://www.google.com/', 'https://t.co/x', 'https://example.org/a']), content: any(4) ? 'Chosen' : one(FOUND), prose: any(3000), says_article: any(2) === 1, follows: false };
  };
  const begun = Date.UTC(2020 + any(15), any(12), 1 + any(28), any(24), any(60));
  const key = () => `tollgate1:made:${one(['r:2026-11:', 'r:2031-05:', `r:${new Date(begun).toISOString().slice(0, 7)}:`, 'r:7d-100:', 'x:', ''])}${'abcdefghijklmnop'.slice(any(8)) + 'ABCDEFGHIJKLMNOP'.slice(0, any(16))}`;
  const keys = Array.from({ length: any(9) }, key);
  const first = article();
  const steps = Array.from({ length: 4 + any(14) }, () => {
    // Half of them such as make a gate.
    const code = any(3) ? one([1, 3, 4, PREPARED, PREPARED]) : 1 + any(21);
    const nth = any(8) ? 0 : 1;
    const passes = one([0, 10, 3000, 4000, 86400000, 3e9]);
    const next = article();
    const said = one(['true\nsubscriber\nSUBSCRIBER', 'false\nregistered\n', 'true\n\nGIFT', '', 'nonsense', 'de\nnothing']);
    const fills = any(10) === 0;
    return (stage) => {
      clock += passes;
      stage.elapsed += passes;
      full = fills;
      stage.said = said;
      stage.hand = hand;
      if (code === 19 || code === 20) stage.articles = [next];
      if (code === 13) {
        stage.articles.push(next);
        stage.more = 1;
      }
      stage.signal(code, nth);
    };
  });
  const language = one(['en', 'de', 'ar', '']);
  const begin = (stage) => {
    full = false;
    clock = begun;
    stage.articles = [first];
    stage.page = { address: first.address, host: 'news.example', language, site_name: 'News', says_article: first.says_article };
    stage.keys = (area) => {
      for (const key of keys) area[key] = '1';
    };
  };
  return { attributes, begin, blocks: Array.from({ length: any(14) }, () => any(900) * 4 + any(4)), steps };
}
let calls = 0;
let gates = 0;
let wrong = '';
for (let seed = 0; seed < Number(pages) && !wrong; seed += 1) {
  const [one, other] = both(made(seed));
  calls += one.length;
  gates += one.filter(([name]) => name === 'lock' || name === 'notice').length;
  const differs = difference(one, other);
  if (differs) wrong = `seed ${seed}, ${differs}`;
}
if (!gates) wrong = wrong || 'no gate was ever shown';
tell(`${pages} pages made up, ${calls} calls, ${gates} gates and notices`, wrong);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
