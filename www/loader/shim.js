// The shim between the page and the module: everything that calls into the module, and everything that must outlive it.
//
// The module can trap, and after that it may never be called again (its memory may be half changed). So no listener and
// no timer is the module's own: they stand here, under one AbortController, and every call goes through `enter`. What
// the module does to the page it does through a Journal, which undoes it without the module's help.

import { debug } from '../debug.js';
import { ENGAGED, HIDDEN, HIDE, LEDGER_CHANGED, PREPARED, SEEN, WOKE } from './codes.js';
import { consents } from './consent.js';
import { describe, follow, left } from './follow.js';
import { act, change, connect, pieces, prepare, surfaces } from './further.js';
import { block, content, cut, fact, feed, find, length, outline, script } from './page.js';
import { tag } from './tag.js';

// Each `tollgate:` event's last detail, for those who ask later.
export const last = {};

// Every event with its detail, for the connected page's script, which may come later and takes them from then on; of those before, not
// more than this.
export const told = [];
const KEPT = 100;

const journals = [];
const queue = [];
const outbox = [];
const notes = [];
const listening = new AbortController();
// Aborted at the end.
export const ending = listening.signal;
let signal = null;
let said;
let busy = false;
export let dead = false;
// By article: the timer, what was done to lock it, the mark of its gate's place until that is there, what shows its notice, the
// overlay's root and how it is made.
const timers = [];
const locked = [];
const marks = [];
const notices = [];
const shown = [];
const overlayOf = [];

// Whether an article's text is cut.
export const isCut = (article) => journals.includes(locked[article]);

// Whether a text is cut whose gate is not there yet.
export const waits = () => marks.some((mark) => mark);

// What opens the overlay, undone apart; which article it is of.
let opened;

// The article that is being read, by its number: of a feed, the one in the middle of the window.
let current = 0;
export const isCurrent = (article) => article === current;
let see;

// From now on another one is read.
export function turnTo(article) {
  enter(HIDDEN);
  current = article;
  see();
}

// Whether anything was decided of the page's own article.
export const isDecided = () => !!last.decision;

// One warning a load, whatever happens: the console is the page's.
let warned = false;

// Tells the publisher, once.
export function warn(text) {
  if (!warned) console.warn('[tollgate] ' + text);
  warned = true;
}

// Dispatches an event on the document.
export function dispatch(name, detail, cancelable) {
  if (!cancelable) last[name] = detail;
  if (name === 'granted' || name === 'denied') {
    last.decision = detail;
    if (loud) show();
  }
  if (told.length < KEPT) told.push([name, detail]);
  return document.dispatchEvent(new CustomEvent('tollgate:' + name, { detail, bubbles: true, cancelable }));
}

// What was decided, why, and how the meter stands; in words too where the script has them (tollgate.debug.js).
export const explain = () => ({ ...(debug && debug.last), decision: last.decision || null, meter: last.meter || null });

// Shows the last decision in the console, as a group.
function show() {
  const { words, decision } = explain();
  console.groupCollapsed('[tollgate] ' + (words || Object.entries(decision).join('; ')));
  console.log(decision);
  console.groupEnd();
}

// Runs a call into the module. Anything it throws is a trap.
function guard(call) {
  busy = true;
  try {
    call();
  } catch (error) {
    busy = false;
    fail('trap', 'an error inside; the page is as it was', error);
  }
  busy = false;
  // What was stopped while the module ran is undone now that it does no more.
  if (dead) stop();
}

// Signals the module, one call at a time: what happens while it runs (a host's own code, called by a change of ours to
// its page) waits. Of an article, by default the one being read.
export function enter(code, value, article = current) {
  queue.push([code, value, article]);
  if (!busy) drain();
}

// Signals what waits, and tells the page what came of it.
function drain() {
  guard(() => {
    while (!dead && signal && queue.length) {
      let code;
      let article;
      [code, said, article] = queue.shift();
      signal(code, article);
    }
  });
  tell();
  // Listeners may throw (that is theirs) and may call us again (that is queued).
  while (outbox.length) outbox.shift()();
}

// Whether the tag asks for every decision in the console.
const loud = tag && tag.hasAttribute('data-debug');

// Undoes everything we did to the page, stops all listeners and timers, and never calls the module again.
export function stop() {
  dead = true;
  signal = null;
  // Nothing is decided any more: what was said of a gate is no longer so.
  last.decision = null;
  queue.length = outbox.length = 0;
  timers.forEach(clearTimeout);
  listening.abort();
  if (!busy) undoAll();
}

// The newest change first.
function undoAll() {
  while (journals.length) journals[journals.length - 1].undo();
}

// The end, when something of ours failed: the article is readable, the console has one warning, the page is told.
export function fail(code, message, error) {
  try {
    stop();
    warn(message + ' [' + code + (error ? ': ' + error : '') + ']');
    dispatch('error', { code, message });
  } catch {
    // A console or a document that throws: nothing is left to tell.
  }
}

// Whether `start` waits for a piece of the module; and what begins anew, from the beginning or from there.
export let startWaits;
export let again;

// The settings that were changed since, by their names.
const changed = {};

// Begins anew with other settings: what was done to the page is undone.
export function restart(changes, said) {
  Object.assign(changed, changes);
  // Told as any other end of a gate.
  if (opened) shim.close();
  for (const article of [...notices.keys(), ...locked.keys()]) if (notices[article] || isCut(article)) shim.release(article);
  undoAll();
  // What the page has said of its reader is known from the beginning on.
  signal = null;
  if (said) enter(...said);
  timers.forEach(clearTimeout);
  for (const list of [locked, marks, notices, shown, overlayOf]) list.length = 0;
  current = 0;
  again();
}

// Takes up the module's door: `start` runs first, `release` then, and at last what was signalled before.
export function open(door, start, release) {
  again = () => {
    if (dead) return;
    startWaits = false;
    guard(start);
    if (dead || startWaits) return;
    // Before the first decision: a subscriber named here never sees a gate.
    release();
    tell();
    signal = door;
    if (see) return see();
    see = () => enter(document.visibilityState === 'visible' && document.prerendering !== true ? SEEN : HIDDEN);
    listen(document, 'visibilitychange', see);
    listen(document, 'prerenderingchange', see);
    // A page from the back/forward cache was visible all along, as far as it knows.
    listen(window, 'pageshow', (event) => event.persisted && see());
    // Other keys than ours are of no interest; without a key, all were cleared.
    listen(window, 'storage', ({ key }) => (key || 'tollgate1:').startsWith('tollgate1:') && enter(LEDGER_CHANGED));
    // Two a second are enough.
    let engaged = -1e3;
    for (const event of ['scroll', 'pointerdown']) {
      listen(window, event, ({ timeStamp, type }) => {
        // Scrolling through a feed is no reading of what goes by.
        if (timeStamp - engaged < 500 || (type === 'scroll' && content(1))) return;
        engaged = timeStamp;
        enter(ENGAGED);
      });
    }
    see();
    if (dead) return;
    // What is wrong with the gate's own settings is known when it is here.
    if (loud && prepare(false)) enter(PREPARED);
    follow();
  };
  again();
}

// Tells the publisher what was noted since the last time, in one group.
function tell() {
  const lines = notes.splice(0);
  const isMistake = lines.some(([, , mistake]) => mistake);
  const say = (make, names) => {
    const text = lines.map(([line, code]) => line.replace('\0', names ? names[code] : code)).join('\n');
    // A publisher who asks is told as often as there is something.
    if (isMistake && loud) console.warn('[tollgate] ' + text);
    else if (isMistake) warn(text);
    else if (text) console.info('[tollgate] ' + text);
  };
  // What mistakes are called is in the changing page's script, and in tollgate.debug.js; but for two that readers' pages have, who
  // should fetch nothing for them.
  if (debug || lines.every(([, code]) => KNOWN[code])) say(0, KNOWN);
  else change(say);
}

// Names of codes by their places: src/config/diagnostic.rs.
const KNOWN = { 22: 'content-taken', 29: 'no-storage' };

// Listens until the end; `acts` where the callback may prevent what the event does.
export function listen(target, event, callback, acts) {
  target.addEventListener(event, callback, {
    signal: ending,
    passive: !acts,
    // Before any host's listener can stop the event.
    capture: target === window,
  });
}

// A list of changes to the page, each with how to undo it.
export class Journal {
  constructor() {
    this.steps = [];
    journals.push(this);
  }

  // Takes a node of the page out of it. It comes back to where it was: before the same neighbour if that is still
  // there, else at the end; and not at all if the page has put it elsewhere meanwhile.
  take(node) {
    const parent = node.parentNode;
    const next = node.nextSibling;
    parent.removeChild(node);
    this.steps.push(() => node.parentNode || parent.insertBefore(node, next && next.parentNode === parent ? next : null));
  }

  // Adds a node of ours to the page.
  add(node, parent, before) {
    this.steps.push(() => node.remove());
    parent.insertBefore(node, before || null);
  }

  // Puts a surface into the page, by its root.
  put(root, parent, before) {
    this.add(root.host, parent, before);
    this.steps.push(() => {
      // An open dialog gives the focus back only if it is closed first.
      const dialog = root.querySelector('dialog[open]');
      if (dialog) dialog.close();
    });
  }

  hide(element) {
    this.style(element, 'display', 'none');
  }

  // Sets an inline style. The attribute comes back letter for letter, unless the page has changed it meanwhile: then
  // only our property goes.
  style(element, property, value) {
    const style = element.style;
    const whole = element.getAttribute('style');
    const before = [property, style.getPropertyValue(property), style.getPropertyPriority(property)];
    style.setProperty(property, value, 'important');
    const ours = element.getAttribute('style');
    this.steps.push(() => {
      const untouched = element.getAttribute('style') === ours;
      style.setProperty(...before);
      if (untouched && whole === null) element.removeAttribute('style');
      else if (untouched && element.getAttribute('style') !== whole) element.setAttribute('style', whole);
    });
  }

  undo() {
    const place = journals.indexOf(this);
    if (place >= 0) journals.splice(place, 1);
    while (this.steps.length) {
      try {
        this.steps.pop()();
      } catch {
        // The page changed under it; the other steps still count.
      }
    }
  }
}

const emit = (name, detail) => outbox.push(() => dispatch(name, detail));

// Shows a surface, once the module has returned and no listener of the page's has prevented it.
function present(surface, journal, show, prevented) {
  outbox.push(() => {
    // It is over by now.
    if (!journals.includes(journal)) return;
    if (!dispatch('beforeshow', { surface, ...last.decision }, true)) return prevented();
    guard(show);
    if (journal.steps.length) dispatch('show', { surface });
    drain();
  });
}

// What the module is given: see src/browser/shim.rs.
export const shim = {
  fact,
  script,
  find,
  more: () => feed.more(),
  left,
  consents,
  length,
  attributes: () => ({ ...(tag && tag.dataset), ...changed }),
  outline,
  block,
  said: () => said,
  elapsed: () => performance.now(),
  wake(article, milliseconds) {
    clearTimeout(timers[article]);
    timers[article] = setTimeout(() => enter(WOKE, '', article), milliseconds);
  },
  note: (line, code, mistake) => notes.push([line + (debug ? '\n  ' + debug.prose[code] : ''), code, mistake]),
  ...(debug && debug.imports),
  ready: () => emit('ready', null),
  meter: (site, meter, period, reads, limit, counted, resetsAt, article) =>
    emit('meter', {
      site,
      meter,
      period,
      reads,
      readsLeft: Math.max(0, limit - reads),
      limit,
      counted,
      resetsAt: resetsAt || null,
      article,
    }),
  decided(granted, reason, article, step, rule, tier, referred, meter, reads, limit) {
    emit(granted ? 'granted' : 'denied', {
      granted,
      [granted ? 'grantReason' : 'gateReason']: reason,
      article,
      step,
      rule,
      tier,
      referred,
      meter,
      reads,
      limit,
    });
    // How the meter stands is said after what is decided.
    if (reason === 'LIMIT_REACHED') outbox.push(() => outbox.push(() => dispatch('expired', last.meter)));
  },
  pieces: (wants, ...needed) => (wants && connect(() => {}), pieces(...needed) || !(startWaits = true)),
  act: (request) => act(request),
  prepare,
  describe,
  cut(article, kept) {
    marks[article] = cut((locked[article] = new Journal()), kept, article);
  },
  at_hand: () => surfaces.atHand,
  translated: (article, tag) => surfaces.translated(article, tag),
  watch: (selector) => surfaces.watch(selector),
  lock(article, ...view) {
    // A page that has thrown the mark away has the gate at the end of its text.
    const mark = marks[article];
    const parent = mark.parentNode;
    overlayOf[article] = surfaces.lock(locked[article], parent || content(article), parent && mark, article, ...view);
    shown[article] = marks[article] = null;
    emit('lock', { surface: 'inline' });
  },
  notice(article, texts) {
    // One at a time.
    for (const other of notices) if (other) other.undo();
    const journal = (notices[article] = new Journal());
    present('notice', journal, () => surfaces.notice(journal, article, texts), () => journal.undo());
  },
  open(article) {
    const journal = (opened = new Journal());
    present(
      'overlay',
      journal,
      () => surfaces.open(journal, (shown[article] = shown[article] || overlayOf[article]())),
      () => {
        journal.undo();
        enter(HIDE, '', article);
      },
    );
  },
  close(byReader) {
    // One that was prevented never showed.
    const showed = opened.steps.length;
    opened.undo();
    if (byReader) emit('dismiss', { surface: 'overlay' });
    if (showed) emit('hide', { surface: 'overlay' });
  },
  release(article) {
    if (notices[article]) {
      if (notices[article].steps.length) emit('hide', { surface: 'notice' });
      notices[article].undo();
      notices[article] = null;
    } else {
      locked[article].undo();
      // What was locked for the page: its gate was there.
      if (!marks[article]) emit('release', { surface: 'inline' });
      marks[article] = null;
    }
  },
};
