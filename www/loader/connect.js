// The connected page's script: what joins a page to the publisher's own systems. The endpoint, tokens, cookies and globals that say who may
// read (what follows from them is decided in the piece of the module that comes with it); analytics; the page's own elements; and
// those parts of `window.tollgate` that few use.

import { imports } from '../connect-glue.js';
import { checksum, length, literal } from '../module.js';
import { CONNECTED, DISMISS, WANTED } from './codes.js';
import { take } from './take.js';

// How long the endpoint may take, in milliseconds: the page waits for less, but a late answer may still unlock.
const PATIENCE = 15e3;

// How large an answer is read, in bytes.
const LARGEST = 65536;

function make(api, hosts, enter, dispatch, told, restart, consenting, ending, Journal) {
  const say = (...lines) => ending.aborted || enter(CONNECTED, lines.join('\n'));

  // Where events are sent to besides, and the zone whose calendar cuts the periods.
  let analytics;
  let zone;
  // What would be stored where the reader consents to nothing, or nothing can be. What is stored is not here: another window may remove it.
  let remembered = {};
  let visit;
  const may = () => !consenting.key || consenting.given;
  const area = (name) => window[name];
  const read = (name, key) => {
    try {
      return (may() && area(name).getItem(key)) || remembered[key] || '';
    } catch {
      return remembered[key] || '';
    }
  };
  const write = (name, key, value) => {
    remembered[key] = value;
    try {
      if (!value) area(name).removeItem(key);
      else if (may()) {
        area(name).setItem(key, value);
        remembered[key] = '';
      }
    } catch {
      // Kept as long as the page is there.
    }
  };

  // The text of an answer, no more of it than is read.
  async function text(response) {
    const reader = response.body && response.body.getReader();
    if (!reader) return response.text();
    const decoder = new TextDecoder();
    let text = '';
    for (let size = 0; ; ) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      if ((size += value.length) > LARGEST) {
        reader.cancel();
        return '';
      }
      text += decoder.decode(value, { stream: true });
    }
  }

  async function ask(serial, endpoint, address, article, site, reads, limit) {
    let status = 0;
    let body = '';
    try {
      const url = new URL(endpoint, location.href);
      for (const [name, value] of Object.entries({ url: address, article, site, reads, limit })) url.searchParams.set(name, value);
      const response = await fetch(url, {
        credentials: 'include',
        referrerPolicy: 'origin',
        cache: 'no-store',
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(PATIENCE),
      });
      body = await text(response);
      ({ status } = response);
    } catch {
      // No answer.
    }
    say('answered', serial, status, body);
  }

  const bytes = (base64url) => Uint8Array.from(atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
  const algorithms = {
    ES256: [{ kty: 'EC', crv: 'P-256' }, { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }],
    EdDSA: [{ kty: 'OKP', crv: 'Ed25519' }, { name: 'Ed25519' }],
  };
  async function verify(serial, name, x, y, signed, signature) {
    let isRight = '';
    try {
      const [kind, algorithm] = algorithms[name];
      const key = await crypto.subtle.importKey('jwk', { ...kind, x, ...(y && { y }) }, algorithm, false, ['verify']);
      isRight = await crypto.subtle.verify(algorithm, key, bytes(signature), new TextEncoder().encode(signed));
    } catch {
      // No secure context, or a browser that does not know the algorithm: nothing is known.
    }
    say('verified', serial, isRight);
  }

  // What the module asks for: src/browser/connect.rs.
  const acts = {
    address: () => location.href,
    clean: (address) => history.replaceState(history.state, '', address),
    cookie(name) {
      const pair = document.cookie.split(/; */).find((pair) => pair.split('=')[0] === name);
      const value = pair ? pair.slice(name.length + 1) : '';
      try {
        return decodeURIComponent(value);
      } catch {
        return value;
      }
    },
    global(path) {
      let value = window;
      for (const name of path.replace(/^window\./, '').split('.')) value = value[name];
      return value || '';
    },
    kept: (key) => read('localStorage', key),
    keep: (key, token) => write('localStorage', key, token),
    remembered: (key) => read('sessionStorage', (visit = key)),
    remember: (key, is) => write('sessionStorage', key, is),
    wake: (wait) => void setTimeout(() => say('woke'), +wait),
    ask: (...given) => void ask(...given),
    verify: (...given) => void verify(...given),
    settings(sink, timeZone) {
      [analytics, zone] = [sink, timeZone];
      told.splice(0).forEach(report);
      told.push = report;
      fill();
    },
    go(address, event, plan) {
      way = address;
      if (address) dispatch(event, { plan, url: address });
    },
  };

  // Comes back to the page, or to the network; or to this very page by an address with a token.
  for (const event of ['focus', 'online', 'hashchange']) window.addEventListener(event, () => say('found'), { signal: ending });

  // The page's own elements.

  // Where an action leads.
  let way;
  const leads = (element) => {
    way = '';
    const action = element.getAttribute('data-tollgate-action');
    say('way', action, element.getAttribute('data-tollgate-plan') || '');
    return way;
  };
  document.addEventListener(
    'click',
    (event) => {
      const element = event.target.closest && event.target.closest('[data-tollgate-action]');
      if (!element || event.defaultPrevented) return;
      const action = element.getAttribute('data-tollgate-action');
      if (action === 'show') enter(WANTED);
      else if (action === 'dismiss') enter(DISMISS);
      else {
        const address = leads(element);
        if (!address) return;
        // A link is followed as its reader wants, in a window of its own too.
        if (element.localName === 'a') {
          element.href = address;
          return;
        }
        location.assign(address);
      }
      event.preventDefault();
    },
    { signal: ending },
  );

  // Fills in the elements that say how the meter stands; at the end they say what they did before.
  const filled = new Map();
  const texts = (element, { reads, readsLeft, limit, resetsAt }) => {
    const around = element.closest('[lang]');
    const language = (around && around.lang) || 'en';
    const number = (value) => new Intl.NumberFormat(language).format(value);
    return {
      reads: () => number(reads),
      'reads-left': () => number(readsLeft),
      limit: () => number(limit),
      resets: () =>
        resetsAt && new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', timeZone: zone || 'UTC' }).format(resetsAt),
    }[element.getAttribute('data-tollgate-text')];
  };
  const fill = () => {
    const meter = api.getMeter();
    if (!meter || ending.aborted) return;
    for (const element of document.querySelectorAll('[data-tollgate-text]')) {
      let text;
      try {
        text = (texts(element, meter) || (() => ''))();
      } catch {
        // A language or a zone that the browser does not know: as the page has it.
      }
      if (!text || element.textContent === text) continue;
      if (!filled.has(element)) filled.set(element, [...element.childNodes]);
      element.textContent = text;
    }
  };
  const restore = new Journal();
  restore.steps.push(() => {
    for (const [element, nodes] of filled) element.replaceChildren(...nodes);
    filled.clear();
  });
  const grown = new MutationObserver(fill);
  grown.observe(document, { childList: true, subtree: true, attributeFilter: ['data-tollgate-text'] });
  ending.addEventListener('abort', () => grown.disconnect());

  // Analytics, flat and by names that Google Analytics 4 takes (letters, digits and underscores; values that are texts or numbers).
  const sinks = {
    datalayer: (name, values) => (window.dataLayer = window.dataLayer || []).push({ event: name, ...values }),
    gtag(name, values) {
      // As Google's own snippet defines it, whose library may come later: it takes `arguments` and no array.
      const gtag =
        window.gtag ||
        function () {
          (window.dataLayer = window.dataLayer || []).push(arguments);
        };
      gtag('event', name, values);
    },
  };
  const byReader = /click|dismiss|register/;
  const flat = (name, detail) => {
    const { surface, step, grantReason, gateReason, reason, article, plan, tier, code } = detail || {};
    const meter = api.getMeter() || {};
    const { reads, limit } = { ...meter, ...(detail || {}) };
    const values = {
      tollgate_surface: surface,
      tollgate_step: step,
      tollgate_reason: grantReason || gateReason || reason,
      tollgate_article: article,
      tollgate_tier: tier,
      tollgate_code: code,
      plan,
      reads,
      // Of one meter, be it this device's or the server's.
      reads_left: Math.max(0, limit - reads),
      limit,
      non_interaction: !byReader.test(name),
    };
    for (const key of Object.keys(values)) if (values[key] === undefined || values[key] === '' || values[key] === null || values[key] !== values[key]) delete values[key];
    return values;
  };
  const report = ([name, detail]) => {
    if (name === 'meter') fill();
    const sink = sinks[analytics];
    if (!sink) return;
    try {
      sink('tollgate_' + name.replace(/-/g, '_'), flat(name, detail));
    } catch (error) {
      // What the page's own function throws is the page's to see.
      setTimeout(() => {
        throw error;
      });
    }
  };
  // Nothing is reported before it is known whether it should be.
  Promise.resolve().then(() => say('found'));

  const { forget } = api;
  Object.assign(api, {
    forget() {
      remembered = {};
      write('sessionStorage', visit, '');
      forget();
      say('refresh');
    },

    // Asks all sources anew who may read.
    refresh() {
      if (typeof hosts.source === 'function') api.setEntitlement(hosts.source);
      say('refresh');
    },

    // Begins anew with other settings, by their names in JSON: `{ limit: 5, locale: 'de' }`.
    setConfig(changes) {
      restart(changes, hosts.said);
    },

    // The gate in another language.
    setLanguage: (locale) => api.setConfig({ locale }),
  });

  // A signed token that says who is reading, or a gift; without one, the kept token is forgotten: the reader has logged out.
  hosts.useToken = (token) => say('token', String(token || '').split('\n')[0]);

  // An answer with `data`, of the endpoint's shape.
  hosts.useData = ({ granted, grantReason, tier, data }) => {
    let answer = '';
    try {
      answer = JSON.stringify({ granted: granted === true, grantReason, data: { tier, ...data } });
    } catch {
      // Nothing that can be written down: nothing is known.
    }
    hosts.say(CONNECTED, 'said\n' + answer);
  };

  return (request) => {
    const [word, ...rest] = request.split('\n');
    try {
      return String(acts[word](...rest) || '');
    } catch {
      return '';
    }
  };
}

take(literal, length, checksum, make, imports, 1);
