// The scripts that only some pages need, fetched from beside this one when they do:
// * the gate's (a piece of the module, the styles, gate.js): when a gate is due, and with the last free read, so that the
//   next one finds it in the browser's cache;
// * the rules' (another piece of the module): where there are lists of meters, paths, referrers or steps;
// * the changing page's (changing.js): when a script turns the page into another one, when it has more than one article, and where
//   consent is asked for or structured data is to be completed.

import { join } from '../glue.js';
import { changingFile, changingIntegrity, gateFile, gateIntegrity, rulesFile, rulesIntegrity } from '../module.js';
import { PREPARED } from './codes.js';
import { isOver } from './follow.js';
import { Journal, dead, dispatch, ending, enter, fail, isCut, waits, warn } from './shim.js';
import { unpack } from './unpack.js';

// How long a reader waits with the text cut, in milliseconds, until the article is opened again.
const PATIENCE = 5e3;

// What makes the surfaces: see gate.js.
export let surfaces;

let asked;
let taken;
// Where this script came from, if that is known: the gate's, and its texts, lie beside it.
let base;

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

// Takes up what a script of these brings: a piece of the module and what makes surfaces, or the piece alone, or a function.
export async function take(literal, length, checksum, make, imports) {
  if (!length) return brought(literal);
  if (make) taken = true;
  else rulesTaken = true;
  try {
    await join(unpack(literal, length, checksum), imports);
    if (make) surfaces = make(enter, dispatch, warn, ending, isCut, base, isOver);
  } catch (error) {
    return make ? lost(error) : noRules(error);
  }
  if (make) enter(PREPARED);
  else ruled();
}

// Fetched by an element of the page, for a while.
function byElement(name, tag, address, file, integrity, then, lost) {
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
function get(tag, file, integrity, come, lost) {
  // Imported it is found beside this script without its tag, has its nonce, and is no concern of Trusted Types.
  const imported = (otherwise) => import(file).then(come, otherwise).catch(lost);
  if (tag && tag.integrity) {
    // Whoever pins this script has that one pinned with it.
    try {
      byElement('script', tag, 'src', file, integrity, come, lost);
    } catch {
      // Trusted Types. What is imported then is what was preloaded; WebKit does not see to that (2.50).
      byElement('link', tag, 'href', file, integrity, () => imported(lost), lost);
    }
  } else {
    imported((error) => {
      const { origin, protocol } = new URL(tag.src);
      // A script needs no permission of another origin (CORS), and may come from a file.
      if (origin !== location.origin || protocol === 'file:') byElement('script', tag, 'src', file, integrity, come, lost);
      else lost(error);
    });
  }
}

// Gets the gate's script; whether it is here. `due` says that a gate waits for it.
export function prepare(due, tag) {
  if (surfaces) return true;
  base = tag && tag.src;
  if (due) setTimeout(lost, PATIENCE);
  if (!asked) {
    asked = true;
    get(tag, gateFile, gateIntegrity, come, lost);
  }
  return false;
}

// What waits for the rules, until they are here; then it is null.
let ruled;
let rulesTaken;
const noRules = (error) => missing('rules-missing', rulesFile, error);

// Gets the rules' script; whether it is here. `then` begins anew.
export function rules(tag, then) {
  if (ruled === null) return true;
  ruled = () => {
    ruled = null;
    then();
  };
  get(tag, rulesFile, rulesIntegrity, () => rulesTaken || noRules(), noRules);
  return false;
}

// What waits for the changing page's script.
let brought;

// Gets the changing page's script and gives what it brings to `then`; nothing if it can't be had.
export function change(tag, then) {
  if (brought) return;
  brought = then;
  get(tag, changingFile, changingIntegrity, () => {}, () => {
    if (dead) return;
    warn(changingFile + ' could not be loaded; the page is not followed where it changes. Serve it beside this script');
    then();
  });
}
