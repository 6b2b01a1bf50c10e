// The scripts that only some pages need, fetched from beside this one when they do:
// * the gate's (a piece of the module, the styles, gate.js): when a gate is due, and with the last free read, so that the
//   next one finds it in the browser's cache;
// * the rules' (another piece of the module): where there are lists of meters, paths, referrers or steps;
// * the connected page's (a piece of the module, connect.js): where there are sources that say who may read, analytics, elements of the
//   page's own, and for those parts of `window.tollgate` that few use;
// * the changing page's (changing.js): when a script turns the page into another one, when it has more than one article, and where
//   consent is asked for or structured data is to be completed;
// * the module's twin in JavaScript: where WebAssembly is missing or refused.

import { join } from '../glue.js';
import {
  changingFile,
  changingIntegrity,
  connectFile,
  connectIntegrity,
  gateFile,
  gateIntegrity,
  importing,
  isTwin,
  rulesFile,
  rulesIntegrity,
  texts,
  twinFile,
  twinIntegrity,
} from '../module.js';
import { PREPARED } from './codes.js';
import { api, hosts } from './api.js';
import { consenting } from './consent.js';
import { isOver } from './follow.js';
import { Journal, again, dead, dispatch, ending, enter, fail, isCut, restart, startWaits, told, waits, warn } from './shim.js';
import { tag } from './tag.js';
import { unpack } from './unpack.js';

// How long a reader waits with the text cut, in milliseconds, until the article is opened again.
const PATIENCE = 5e3;

// What makes the surfaces: see gate.js.
export let surfaces;

// What a connected page's script does for the module: see connect.js.
export let act;

// Whether the gate's was asked for; whether the module waits to hear that it is here; whether it has run.
let asked;
let awaiting;
let taken;

// Says that the module is there, and whether it is its twin in JavaScript, which is in one piece. What comes before waits for that.
let settle;
const settled = new Promise((done) => (settle = done));
export function begun(isWhole) {
  if (isWhole) awaited[0] = null;
  settle(isWhole);
}

// Gets the twin and gives what makes it work to `then`.
let begins;
export function twin(then, lost) {
  begins = then;
  get(twinFile, twinIntegrity, () => begins && lost(), lost);
}

// The end, where something cannot be had that the article waits for.
const missing = (code, file, error) =>
  fail(code, file + ' could not be loaded; the article stays open. Serve it beside this script', error);

// Whether the gate's could not be had. Where nobody waits, it is asked for again when somebody does.
function lost(error) {
  asked = taken = false;
  if (!surfaces && !dead && waits()) missing('gate-missing', gateFile, error);
}

// Whether it has run, when it is said to have come: what came may be anything.
const come = () => taken || lost();

// The pieces of the module that `start` may wait for: that of the rules and that of the connected page. What waits for each; null once it
// is here.
const files = [
  [rulesFile, rulesIntegrity],
  [connectFile, connectIntegrity],
];
const awaited = [[], []];
const ran = [];

const lostPiece = (nth, error) => {
  const [file] = files[nth];
  if (startWaits) missing((nth ? 'connect' : 'rules') + '-missing', file, error);
  else if (!dead) warn(file + ' could not be loaded. Serve it beside this script');
};

// Gets one of them and runs `then` when it is here; whether it is already.
function piece(nth, then) {
  const waiting = awaited[nth];
  if (!waiting) return true;
  if (waiting.push(then) < 2) {
    const lost = (error) => lostPiece(nth, error);
    get(...files[nth], () => ran[nth] || lost(), lost);
  }
}

// Whether those are here that `start` needs; else it is called again when they are.
export const pieces = (...needed) =>
  needed.filter((is, nth) => is && !piece(nth, () => startWaits && again())).length === 0;

// Runs `then` when the connected page's script is here.
export const connect = (then) => piece(1, then) && then();

// Takes up what a script of these brings: a piece of the module (of the rules, or the connected page's, by its place; or the gate's),
// what makes it work, and its own imports; or functions alone: the twin's (of length -1), or the changing page's.
export async function take(literal, length, checksum, make, imports, nth) {
  if (length < 0) {
    begins(...literal);
    return (begins = null);
  }
  if (!length) return bring(...literal);
  if (nth < 2) ran[nth] = true;
  else taken = true;
  try {
    if (!isTwin && !(await settled)) await join(unpack(literal, length, checksum), imports);
    if (nth > 1) surfaces = make(enter, dispatch, warn, ending, isCut, texts || (tag && tag.src), isOver);
    else if (make) act = make(api, hosts, enter, dispatch, told, restart, consenting, ending, Journal);
  } catch (error) {
    return nth < 2 ? lostPiece(nth, error) : lost(error);
  }
  if (nth > 1) return awaiting && enter(PREPARED);
  const then = awaited[nth];
  awaited[nth] = null;
  for (const next of then) next();
}

// Fetched by an element of the page, for a while.
function byElement(name, address, file, integrity, then, lost) {
  const element = document.createElement(name);
  element.crossOrigin = tag.crossOrigin;
  element.nonce = tag.nonce;
  element.rel = 'modulepreload';
  if (tag.integrity) element.integrity = integrity;
  element[address] = new URL(file, tag.src);
  const journal = new Journal();
  const end = (next) => {
    journal.undo();
    next();
  };
  element.onload = () => end(then);
  element.onerror = () => end(lost);
  journal.add(element, document.documentElement);
}

// Fetches one of them.
function get(file, integrity, come, lost) {
  // Imported it is found beside this script without its tag, has its nonce, and is no concern of Trusted Types.
  const imported = (otherwise) => importing(file).then(come, otherwise).catch(lost);
  if (tag && tag.integrity) {
    // Whoever pins this script has that one pinned with it.
    try {
      byElement('script', 'src', file, integrity, come, lost);
    } catch {
      // Trusted Types. What is imported then is what was preloaded; WebKit does not see to that (2.50).
      byElement('link', 'href', file, integrity, () => imported(lost), lost);
    }
  } else {
    imported((error) => {
      const { origin, protocol } = new URL(tag.src);
      // A script needs no permission of another origin (CORS), and may come from a file.
      if (origin !== location.origin || protocol === 'file:') byElement('script', 'src', file, integrity, come, lost);
      else lost(error);
    });
  }
}

function ask() {
  if (!asked) get(gateFile, gateIntegrity, come, lost);
  asked = true;
}

// Gets the gate's script; whether it is here. `due` says that a gate waits for it.
export function prepare(due) {
  if (surfaces) return true;
  awaiting = true;
  ask();
  if (due) {
    setTimeout(lost, PATIENCE);
    // The first that is made takes longer than all the rest of a gate: better now than when the gate's script is here.
    setTimeout(() => {
      try {
        new Intl.NumberFormat();
      } catch {
        // A page may have no such thing any more.
      }
    });
  }
  return false;
}

// How many keys are many.
const MANY = 1e3;

// Gets it before it is known whether there will be a gate, where that is likely: it comes while the module is made. Not where it may turn
// out that the reader is a subscriber, where storage may not be read yet, or where it needs an element of the page; nor where storage holds so
// much that to look through it twice would be felt. Where the page has settings in JSON, or the tag has none (they may be in JSON further down),
// it is not known yet what holds.
export function foresee() {
  try {
    if (tag.integrity || document.querySelector('[data-tollgate-config]')) return;
    const settings = { ...tag.dataset, ...JSON.parse(tag.settings || '{}') };
    const names = Object.keys(settings);
    const { limit = 3 } = settings;
    if (!names[0] || names.some((name) => /^(consent|entitlement|token|subscriber)/.test(name))) return;
    const area = window.localStorage;
    const isUsedUp = () => area.length < MANY && Object.keys(area).filter((key) => key.startsWith('tollgate1:')).length >= limit;
    if (limit < 1 || isUsedUp()) ask();
  } catch {
    // No storage, or a document that does not look: it comes when it is due.
  }
}

// What waits for the changing page's script; and what that brings.
const callers = [];
let brings;
const bring = (...all) => {
  brings = all;
  for (const then of callers.splice(0)) then(...all);
};

// Gets the changing page's script and gives what it brings to `then`; nothing if it can't be had.
export function change(then) {
  if (brings) return then(...brings);
  if (callers.push(then) > 1) return;
  get(changingFile, changingIntegrity, () => {}, () => {
    bring();
    if (!dead) warn(changingFile + ' could not be loaded; the page is not followed where it changes. Serve it beside this script');
  });
}
