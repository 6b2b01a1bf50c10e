// `window.tollgate`: the live object that takes the place of the queue a page may have made before the script came.

import { debug } from '../debug.js';
import { ACCESS_KNOWN, ACCESS_PENDING, ACCESS_UNKNOWN, FORGET, HIDE, WANTED } from './codes.js';
import { consent } from './consent.js';
import { navigate } from './follow.js';
import { enter, explain, last, stop } from './shim.js';

// Of several answers on their way, only the last one asked for counts.
let asked = 0;

// Callbacks pushed before the first decision; null once they have run.
let waiting = [];

// Takes the place of the page's queue, with what is in it.
export function takeOver() {
  const queue = window.tollgate;
  if (Array.isArray(queue)) waiting.push(...queue);
  window.tollgate = api;
}

// Runs the callbacks that waited. What one throws is the page's to see, and stops nothing of ours.
export function release() {
  const callbacks = waiting;
  waiting = null;
  for (const callback of callbacks) {
    try {
      callback(api);
    } catch (error) {
      setTimeout(() => {
        throw error;
      });
    }
  }
}

// Whatever a host gives for an entitlement → three lines of text, or 'unknown'. Its getters may throw.
function answer(value) {
  let known;
  try {
    if (value === true || value === false) value = { granted: value };
    // As src/browser/entry.rs reads it: three lines.
    const tier = String(value.tier || '').split('\n')[0];
    known = [value.granted === true, tier, value.grantReason || 'SUBSCRIBER'].join('\n');
  } catch {
    return enter(ACCESS_UNKNOWN);
  }
  enter(ACCESS_KNOWN, known);
}

export const api = {
  version: VERSION,

  // Runs a callback with this object: before the first decision, or now if that is past.
  push(callback) {
    if (waiting) waiting.push(callback);
    else callback(api);
  },

  // Says who is reading: `{granted, grantReason, tier}`, a promise of it, or a function that gives either.
  setEntitlement(value) {
    const mine = ++asked;
    try {
      if (typeof value === 'function') value = value(last.meter || null);
      if (value && typeof value.then === 'function') {
        enter(ACCESS_PENDING);
        value.then(
          (value) => mine === asked && answer(value),
          () => mine === asked && enter(ACCESS_UNKNOWN),
        );
        return;
      }
    } catch {
      return enter(ACCESS_UNKNOWN);
    }
    answer(value);
  },

  // The meter as last announced, or null.
  getMeter: () => last.meter || null,

  // The decision as last announced, or null.
  getDecision: () => last.decision || null,

  // The last decision with all it rests on.
  explain,

  // Only in tollgate.debug.js: what happened on this page, for `cargo xtask replay`.
  ...(debug && debug.api),

  // Opens the overlay again, where the article is gated.
  show: () => enter(WANTED),

  // Closes the overlay.
  hide: () => enter(HIDE),

  // Deletes all stored keys of this site and begins anew.
  forget: () => enter(FORGET),

  // Says whether the reader consents that reads are stored; no more (false) deletes them.
  consent,

  // Looks whether the page is another one by now, for scripts that turn it without an address of its own.
  navigate: () => navigate(),

  // Undoes everything and goes inert.
  destroy: stop,
};
