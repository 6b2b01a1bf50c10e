// `window.tollgate`: the live object that takes the place of the queue a page may have made before the script came.

import { debug } from '../debug.js';
import { ACCESS_KNOWN, ACCESS_PENDING, ACCESS_UNKNOWN, FORGET, HIDE, WANTED } from './codes.js';
import { consent } from './consent.js';
import { navigate } from './follow.js';
import { connect } from './further.js';
import { enter, explain, last, stop } from './shim.js';

// Of several answers on their way, only the last one asked for counts.
let asked = 0;

// Callbacks pushed before the first decision; null once they have run.
let waiting = [];

// Takes the place of the page's queue, with what is in it: how much that is.
export function takeOver() {
  const queue = window.tollgate;
  if (Array.isArray(queue)) waiting.push(...queue);
  window.tollgate = api;
  return waiting.length;
}

// What the page gave for an entitlement last, and what the module was told of it: for the connected page's script.
export const hosts = {
  say(...signal) {
    hosts.said = signal;
    enter(...signal);
  },
};
const { say } = hosts;

// Runs the callbacks that waited. What one throws is the page's to see, and stops nothing of ours.
export function release() {
  const callbacks = waiting || [];
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
    if (value.token !== undefined) return connect(() => hosts.useToken(value.token));
    if (value.data) {
      say(ACCESS_PENDING);
      return connect(() => hosts.useData(value));
    }
  } catch {
    return say(ACCESS_UNKNOWN);
  }
  say(ACCESS_KNOWN, known);
}

// What `on` and `once` were given: each event's name, the callback, and what listens for it.
const listeners = [];

function hear(name, callback, once) {
  const listener = (event) => {
    if (once) api.off(name, callback);
    callback(event.detail, event);
  };
  // Who comes late gets what was last.
  const late = name in last;
  if (late) listener({ detail: last[name] });
  if (late && once) return;
  listeners.push([name, callback, listener]);
  document.addEventListener('tollgate:' + name, listener);
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
    hosts.source = value;
    try {
      if (typeof value === 'function') value = value(last.meter || null);
      if (value && typeof value.then === 'function') {
        say(ACCESS_PENDING);
        value.then(
          (value) => mine === asked && answer(value),
          () => mine === asked && say(ACCESS_UNKNOWN),
        );
        return;
      }
    } catch {
      return say(ACCESS_UNKNOWN);
    }
    answer(value);
  },

  // Calls back at each event of this name (without `tollgate:`), with its detail; who comes late gets the last one at once.
  on: (name, callback) => hear(name, callback),

  // The same, once.
  once: (name, callback) => hear(name, callback, true),

  // Calls back no more; without a callback, none of those for this name.
  off(name, callback) {
    for (const entry of listeners.splice(0)) {
      if (entry[0] !== name || (callback && entry[1] !== callback)) listeners.push(entry);
      else document.removeEventListener('tollgate:' + name, entry[2]);
    }
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

// Those that few use: the connected page's script has them, and puts its own in their place.
for (const name of ['refresh', 'setConfig', 'setLanguage']) {
  api[name] = (...given) => connect(() => api[name](...given));
}
