// The script tag's own code: finds its tag, makes the module from the bytes it carries, and hands the page over.

import { finish, imports, signal, start } from '../glue.js';
import { checksum, file, integrity, isSplit, isTwin, length, literal, twinFile } from '../module.js';
import { api, release, takeOver } from './api.js';
import { begun, foresee, take, twin } from './further.js';
import { Journal, ending, fail, open, shim, warn } from './shim.js';
import { tag } from './tag.js';
import { unpack } from './unpack.js';

// The singleton's brand: a second tag, or the same one run again by a router, finds it and leaves. The gate's script finds by
// it who takes up what it brings.
const brand = Symbol.for('tollgate');

// Fetches the same module, pinned by its hash, from beside this script (never from <base>, which may be another's).
async function fetched() {
  const response = await fetch(new URL(file, tag.src), { integrity, credentials: 'omit' });
  return response.arrayBuffer();
}

// Whether the parser has left <body> and the scripts it deferred have run: from then on the page may be changed.
function parsed() {
  if (document.readyState === 'complete') return true;
  const timing = performance.getEntriesByType && performance.getEntriesByType('navigation')[0];
  return document.readyState === 'interactive' && !!timing && timing.domContentLoadedEventStart > 0;
}

// Begins with the page, as soon as it may be changed: with the module, or with its twin.
function begin(isWhole, first = start, door = signal) {
  begun(isWhole);
  const run = () => open(door, () => first(shim, BUILT), release);
  if (parsed()) run();
  else {
    // One task later, so that a framework that takes over the page at DOMContentLoaded finds it as it was served. That
    // event may be over where the browser keeps no times (WebKit in about:srcdoc): then `load` it is.
    const waiting = new AbortController();
    const once = () => {
      // There are pages whose listeners know of no signals.
      if (waiting.signal.aborted) return;
      waiting.abort();
      setTimeout(run);
    };
    document.addEventListener('DOMContentLoaded', once, { signal: waiting.signal });
    window.addEventListener('load', once, { signal: waiting.signal });
  }
}

// WebAssembly is missing or refused: the module's twin in JavaScript takes its place.
function refused(error) {
  const isMissing = typeof WebAssembly === 'undefined';
  const advice = isMissing ? '' : "; under a Content-Security-Policy, add 'wasm-unsafe-eval' to script-src";
  twin(
    (...made) => {
      // Not where it is the reader's own choice (Lockdown Mode, Tor).
      if (advice) warn('WebAssembly was refused, a larger script takes its place' + advice);
      begin(true, ...made);
    },
    () => fail(isMissing ? 'no-wasm' : 'csp-wasm', 'there is no WebAssembly here, and ' + twinFile + ' could not be loaded; the article stays open' + advice, error),
  );
}

function damaged(error) {
  fail('damaged', 'this script was damaged on its way and ' + file + ' could not be fetched; the article stays open. Serve it as UTF-8', error);
}

// Makes the module in its own time.
async function later(module) {
  try {
    finish((await WebAssembly.instantiate(module, imports())).instance);
  } catch (error) {
    return refused(error);
  }
  begin();
}

// Makes the module while it arrives: of tollgate.split.js, for pages that name it in a `<link rel="preload">`. So it is asked for as that
// asks, and pinned by its hash where this script is pinned.
async function arriving() {
  const wanted = async () => {
    const options = tag.integrity ? { integrity } : {};
    const response = await fetch(new URL(file, tag.src), options);
    if (!response.ok) throw new Error(response.status);
    return response;
  };
  let made;
  try {
    const response = await wanted();
    try {
      made = await WebAssembly.instantiateStreaming(response.clone(), imports());
    } catch (error) {
      // Served as another type, or in an old browser.
      if (!(error instanceof TypeError)) return refused(error);
      return later(await response.arrayBuffer());
    }
  } catch (error) {
    return fail('module-missing', file + ' could not be fetched; the article stays open. Serve it beside this script', error);
  }
  finish(made.instance);
  begin();
}

// How long the text may be held back for the decision, in milliseconds: unless the tag says, and at most.
const HELD = 2e3;
const LONGEST = 5e3;

// Holds the article's text back, where the tag asks: it keeps its place and is painted when the decision is there, when time is up,
// or when anything fails.
function hold({ hold, content }) {
  const sheet = new CSSStyleSheet();
  // One rule and no more, whatever the selector is.
  sheet.insertRule((content || '[itemprop~=articleBody],article p') + '{visibility:hidden!important}');
  const sheets = () => [...document.adoptedStyleSheets];
  document.adoptedStyleSheets = [...sheets(), sheet];
  const held = new Journal();
  held.steps.push(() => (document.adoptedStyleSheets = sheets().filter((other) => other !== sheet)));
  setTimeout(() => held.undo(), Math.min(hold * 1e3 || HELD, LONGEST));
  document.addEventListener('tollgate:ready', () => held.undo(), { once: true, signal: ending });
}

function load() {
  const running = window.tollgate;
  if (running && running[brand]) {
    if (running.version !== api.version) warn('two versions on one page; ' + running.version + ' runs');
    return;
  }
  Object.defineProperty(api, brand, { value: take });
  // In a frame the page is not the reader's, and storage is another.
  if (window !== window.top && !(tag && tag.hasAttribute('data-allow-frame'))) return;

  // What waits in the page's queue may say that the reader is a subscriber.
  if (!takeOver() && tag) foresee();
  if (tag && tag.hasAttribute('data-hold')) {
    try {
      hold(tag.dataset);
    } catch {
      // No selector: nothing is held.
    }
  }

  if (isTwin) return begin(true);
  if (isSplit) return arriving();
  const module = unpack(literal, length, checksum);
  if (!module) {
    fetched().then(later, damaged);
    return;
  }
  try {
    finish(new WebAssembly.Instance(new WebAssembly.Module(module), imports()));
  } catch (error) {
    // Chromium before 115 compiles nothing this large at once.
    if (error instanceof RangeError) later(module);
    else refused(error);
    return;
  }
  begin();
}

try {
  load();
} catch (error) {
  fail('load', 'an error while loading; the article stays open', error);
}
