// The gate's own script: what only a gate needs (the module's second half, the styles, www/loader/gate.js), fetched from
// beside this script when a gate is due, and with the last free read, so that the next one finds it in the browser's cache.

import { join } from '../glue.js';
import { gateFile, gateIntegrity } from '../module.js';
import { PREPARED } from './codes.js';
import { Journal, dead, dispatch, ending, enter, fail, isCut, listen, waits, warn } from './shim.js';
import { unpack } from './unpack.js';

// How long a reader waits with the text cut, in milliseconds, until the article is opened again.
const PATIENCE = 5e3;

// What makes the surfaces: see gate.js.
export let surfaces;

let asked;
let taken;
// Where this script came from, if that is known: the gate's, and its texts, lie beside it.
let base;

// Whether it could not be had. Where nobody waits, it is asked for again when somebody does.
function lost(error) {
  asked = taken = false;
  if (!surfaces && !dead && waits()) {
    fail('gate-missing', 'the gate could not be loaded; the article stays open. Serve ' + gateFile + ' beside this script', error);
  }
}

// Whether it has run, when it is said to have come: what came may be anything.
const come = () => taken || lost();

// Takes up what the gate's script brings.
export async function take(literal, length, checksum, make) {
  taken = true;
  try {
    await join(unpack(literal, length, checksum));
    surfaces = make(enter, dispatch, listen, warn, ending, isCut, base);
  } catch (error) {
    return lost(error);
  }
  enter(PREPARED);
}

// Imported it is found beside this script without its tag, has its nonce, and is no concern of Trusted Types.
const imported = (otherwise) => import(gateFile).then(come, otherwise).catch(lost);

// Fetched by an element of the page, for a while.
function byElement(name, tag, address, then) {
  const element = document.createElement(name);
  element.crossOrigin = tag.crossOrigin;
  element.nonce = tag.nonce;
  element.rel = 'modulepreload';
  if (tag.integrity) element.integrity = gateIntegrity;
  element[address] = new URL(gateFile, tag.src);
  const journal = new Journal();
  const end = (next) => {
    journal.undo();
    next();
  };
  element.onload = () => end(then);
  element.onerror = () => end(lost);
  journal.add(element, document.documentElement);
}

// Gets it; whether it is here. `due` says that a gate waits for it.
export function prepare(due, tag) {
  if (surfaces) return true;
  base = tag && tag.src;
  if (due) setTimeout(lost, PATIENCE);
  if (!asked) {
    asked = true;
    if (tag && tag.integrity) {
      // Whoever pins this script has that one pinned with it.
      try {
        byElement('script', tag, 'src', come);
      } catch {
        // Trusted Types. What is imported then is what was preloaded; WebKit does not see to that (2.50).
        byElement('link', tag, 'href', () => imported(lost));
      }
    } else {
      imported((error) => {
        const { origin, protocol } = new URL(tag.src);
        // A script needs no permission of another origin (CORS), and may come from a file.
        if (origin !== location.origin || protocol === 'file:') byElement('script', tag, 'src', come);
        else lost(error);
      });
    }
  }
  return false;
}
