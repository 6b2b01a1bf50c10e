// The shim between the page and the module: everything that calls into the module, and everything that must outlive it.
//
// The module can trap, and after that it may never be called again (its memory may be half changed). So no listener and
// no timer is the module's own: they stand here, under one AbortController, and every call goes through `enter`. What
// the module does to the page it does through a Journal, which undoes it without the module's help.

// What is signalled, by number. src/browser/entry.rs has the same table.
export const VISIBILITY = 0;
export const WOKE = 1;
export const WANTED = 5;
export const ACCESS_PENDING = 9;
export const ACCESS_UNKNOWN = 10;
export const ACCESS_KNOWN = 11;
export const HIDE = 12;
export const FORGET = 13;

// Each `tollgate:` event's last detail, for those who ask later.
export const last = {};

const journals = [];
const queue = [];
const outbox = [];
const listening = new AbortController();
let signal = null;
let busy = false;
let dead = false;
let timer;

// One warning a load, whatever happens: the console is the page's.
let warned = false;

// Tells the publisher, once.
export function warn(text) {
  if (!warned) {
    warned = true;
    console.warn('[tollgate] ' + text);
  }
}

// Dispatches an event on the document.
function dispatch(name, detail) {
  last[name === 'granted' || name === 'denied' ? 'decision' : name] = detail;
  document.dispatchEvent(new CustomEvent('tollgate:' + name, { detail, bubbles: true }));
}

// Calls into the module, one call at a time: what happens while it runs (a host's own code, called by a change of ours
// to its page) waits. Anything it throws is a trap.
export function enter(code, value) {
  queue.push([code, value]);
  if (busy) return;
  busy = true;
  try {
    while (!dead && signal && queue.length) signal(...queue.shift());
  } catch (error) {
    fail('trap', 'an error inside; the page is as it was', error);
  }
  busy = false;
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
  stop();
  try {
    warn(message + ' [' + code + (error ? ': ' + error : '') + ']');
    outbox.length = 0;
    dispatch('error', { code, message: String((error && error.message) || message) });
  } catch {
    // A console or a document that throws: nothing is left to tell.
  }
}

// Takes up the module's door. From here on signals reach it; those that came before go first.
export function open(module, start) {
  signal = module;
  busy = true;
  try {
    start();
  } catch (error) {
    fail('trap', 'an error inside; the page is as it was', error);
  }
  busy = false;
  if (dead) return;
  const tell = () => enter(VISIBILITY, document.visibilityState === 'visible' && document.prerendering !== true);
  listen(document, 'visibilitychange', tell);
  listen(document, 'prerenderingchange', tell);
  // A page from the back/forward cache was visible all along, as far as it knows.
  listen(window, 'pageshow', (event) => event.persisted && tell());
  tell();
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

  // Puts a node of ours into the page.
  put(node, parent, before) {
    this.steps.push(() => {
      // An open dialog gives the focus back only if it is closed first.
      const dialog = node.shadowRoot.querySelector('dialog[open]');
      if (dialog) dialog.close();
      node.remove();
    });
    parent.insertBefore(node, before || null);
  }

  // Sets an inline style. The attribute comes back letter for letter, unless the page has changed it meanwhile: then
  // only our property goes.
  style(element, property, value) {
    const style = element.style;
    const before = [element.getAttribute('style'), style.getPropertyValue(property), style.getPropertyPriority(property)];
    style.setProperty(property, value, 'important');
    const ours = element.getAttribute('style');
    this.steps.push(() => {
      const untouched = element.getAttribute('style') === ours;
      style.setProperty(property, before[1], before[2]);
      if (untouched && before[0] === null) element.removeAttribute('style');
      else if (untouched && element.getAttribute('style') !== before[0]) element.setAttribute('style', before[0]);
    });
  }

  undo() {
    journals.splice(journals.indexOf(this), 1);
    while (this.steps.length) {
      try {
        this.steps.pop()();
      } catch {
        // The page changed under it; the other steps still count.
      }
    }
  }
}

// What the module is given: see src/browser/host.rs.
export const host = (css, built, prose) => ({
  css,
  built,
  elapsed: () => performance.now(),
  listen: (target, event, code, once) => listen(target, event, (value) => enter(code, value), once),
  wake(milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(() => enter(WOKE), milliseconds);
  },
  emit: (name, detail) => outbox.push([name, detail]),
  warn(lines, mistake) {
    const text = lines.map(([line, code]) => line + (prose ? '\n  ' + prose[code] : '')).join('\n');
    if (mistake) warn(text);
    else console.info('[tollgate] ' + text);
  },
  journal: () => new Journal(),
});
