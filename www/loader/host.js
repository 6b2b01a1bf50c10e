// The shim between the page and the module: everything that calls into the module, and everything that must outlive it.
//
// The module can trap, and after that it may never be called again (its memory may be half changed). So no listener and
// no timer is the module's own: they stand here, under one AbortController, and every call goes through `enter`. What
// the module does to the page it does through a Journal, which undoes it without the module's help.

import { block, fact, find, length, lock, outline, script } from './page.js';

// What is signalled, by number. src/browser/entry.rs has the same table.
const VISIBILITY = 1;
const WOKE = 2;
const ENGAGED = 3;
const STORAGE = 4;
export const WANTED = 7;
export const HIDE = 8;
export const ACCESS_PENDING = 12;
export const ACCESS_UNKNOWN = 13;
export const ACCESS_KNOWN = 14;
export const FORGET = 15;

// Each `tollgate:` event's last detail, for those who ask later.
export const last = {};

const journals = [];
const queue = [];
const outbox = [];
const notes = [];
const listening = new AbortController();
let signal = null;
let busy = false;
let dead = false;
let timer;
let sheet;

// One warning a load, whatever happens: the console is the page's.
let warned = false;

// Tells the publisher, once.
export function warn(text) {
  if (!warned) console.warn('[tollgate] ' + text);
  warned = true;
}

// Dispatches an event on the document.
function dispatch(name, detail) {
  last[name === 'granted' || name === 'denied' ? 'decision' : name] = detail;
  document.dispatchEvent(new CustomEvent('tollgate:' + name, { detail, bubbles: true }));
}

// Runs a call into the module. Anything it throws is a trap.
function guard(call) {
  busy = true;
  try {
    call();
  } catch (error) {
    fail('trap', 'an error inside; the page is as it was', error);
  }
  busy = false;
}

// Signals the module, one call at a time: what happens while it runs (a host's own code, called by a change of ours to
// its page) waits.
export function enter(code, value) {
  queue.push([code, value]);
  if (busy) return;
  guard(() => {
    while (!dead && signal && queue.length) signal(...queue.shift());
  });
  // Listeners may throw (that is theirs) and may call us again (that is queued).
  while (outbox.length) dispatch(...outbox.shift());
}

// Undoes everything we did to the page, stops all listeners and timers, and never calls the module again.
export function stop() {
  dead = true;
  signal = null;
  queue.length = 0;
  clearTimeout(timer);
  listening.abort();
  while (journals.length) journals[journals.length - 1].undo();
}

// The end, when something of ours failed: the article is readable, the console has one warning, the page is told.
export function fail(code, message, error) {
  try {
    stop();
    warn(message + ' [' + code + (error ? ': ' + error : '') + ']');
    outbox.length = 0;
    dispatch('error', { code, message });
  } catch {
    // A console or a document that throws: nothing is left to tell.
  }
}

// Takes up the module's door: `start` runs first, then what was signalled before.
export function open(door, start) {
  guard(start);
  if (dead) return;
  tell();
  signal = door;
  const see = () => enter(VISIBILITY, document.visibilityState === 'visible' && document.prerendering !== true);
  listen(document, 'visibilitychange', see);
  listen(document, 'prerenderingchange', see);
  // A page from the back/forward cache was visible all along, as far as it knows.
  listen(window, 'pageshow', (event) => event.persisted && see());
  listen(window, 'storage', (event) => enter(STORAGE, event.key));
  for (const event of ['scroll', 'pointerdown', 'keydown']) listen(window, event, () => enter(ENGAGED), true);
  see();
}

// Tells the publisher what was noted, in one group.
function tell() {
  const text = notes.map(([line]) => line).join('\n');
  if (notes.some(([, mistake]) => mistake)) warn(text);
  else if (text) console.info('[tollgate] ' + text);
}

function listen(target, event, callback, once) {
  target.addEventListener(event, callback, {
    signal: listening.signal,
    once,
    passive: true,
    // Before any host's listener can stop the event.
    capture: target === window,
  });
}

// A list of changes to the page, each with how to undo it.
class Journal {
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

  // Puts a surface into the page, by its root.
  put(root, parent, before) {
    this.steps.push(() => {
      // An open dialog gives the focus back only if it is closed first.
      const dialog = root.querySelector('dialog[open]');
      if (dialog) dialog.close();
      root.host.remove();
    });
    parent.insertBefore(root.host, before || null);
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

  // Keeps the page where it is while a dialog is open. Its width stays when its scrollbar goes: the room is padded,
  // unless the page keeps a gutter.
  freeze() {
    const page = document.documentElement;
    const { scrollX, scrollY } = window;
    const width = page.clientWidth;
    this.steps.push(() => {
      // The focus that came back may have moved the page.
      if (window.scrollX !== scrollX || window.scrollY !== scrollY) {
        window.scrollTo({ left: scrollX, top: scrollY, behavior: 'instant' });
      }
    });
    this.style(page, 'overflow', 'hidden');
    const gained = page.clientWidth - width;
    if (gained > 0) {
      const padding = parseFloat(getComputedStyle(page).paddingInlineEnd) || 0;
      this.style(page, 'padding-inline-end', padding + gained + 'px');
    }
  }

  // Opens an overlay, modal, with the focus on its heading: after <body>, so that no change of the body takes it away.
  open(root) {
    this.freeze();
    this.put(root, document.documentElement);
    root.querySelector('dialog').showModal();
    root.getElementById('headline').focus();
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

function lead(link, label, address) {
  link.textContent = label;
  link.href = address;
}

// Where the next node of a surface goes, and the one that was added last.
let place;
let added;

// What the module is given: see src/browser/host.rs.
export const host = (css, prose, tag) => ({
  fact,
  script,
  find: (selector) => find(selector, tag),
  length,
  attributes: () => (tag ? tag.dataset : {}),
  outline,
  block,
  lock,
  elapsed: () => performance.now(),
  wake(milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(() => enter(WOKE), milliseconds);
  },
  emit: (name, detail) => outbox.push([name, detail]),
  note: (line, code, mistake) => notes.push([line + (prose ? '\n  ' + prose[code] : ''), mistake]),
  journal: () => new Journal(),
  surface(name, language, theme) {
    const element = document.createElement('tollgate-gate');
    const attributes = {
      'data-tollgate-surface': name,
      'data-tollgate-theme': theme,
      lang: language,
      dir: 'ltr',
      // The gate's words are not the story's: search engines keep them out of its snippet.
      'data-nosnippet': '',
      // Turbo keeps snapshots of pages; this must not be in one.
      'data-turbo-temporary': '',
    };
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    // Open: a closed one gives no safety, and shuts out password managers, testers and accessibility tools.
    const root = element.attachShadow({ mode: 'open' });
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
    }
    root.adoptedStyleSheets = [sheet];
    return (place = added = root);
  },
  add(element, text) {
    const [tag, part] = element.split('.');
    added = document.createElement(tag);
    if (part) added.setAttribute('part', part);
    added.textContent = text;
    // A blank between two pieces of a line, so that they are read as two words.
    if (tag === 'span' && place.lastChild) place.append(' ');
    place.append(added);
  },
  enter: () => (place = added),
  leave: () => (place = place.parentNode),
  set(name, value) {
    if (name.startsWith('--')) added.style.setProperty(name, value);
    else added.setAttribute(name, value);
  },
  listen(event, code) {
    const element = added;
    listen(element, event, () => enter(code, element.value));
  },
  lead(label, address, code) {
    const link = added;
    lead(link, label, address);
    listen(link, 'click', () => enter(code, link.getAttribute('href')));
  },
  lead_on: (root, label, address) => lead(root.querySelector('[part=cta]'), label, address),
  is_shown: (root) => root.querySelector('dialog').open,
});
