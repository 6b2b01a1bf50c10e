// The gate's script. Views → nodes, and nothing more: three surfaces, each in an open shadow root, styled by one constructed
// sheet. The names of a view's texts stand in src/view.rs. It carries a piece of the module, too.

import { imports } from '../gate-glue.js';
import { checksum, length, literal } from '../module.js';
import { css } from '../style.js';
import { atHand, root } from '../words.js';
import { DISMISS, HIDE, OBSTRUCTED, SIGNED_UP, TRANSLATED, UNOBSTRUCTED, WANTED } from './codes.js';
import { take } from './take.js';

// The shim's, given when this is taken up.
let enter;
let dispatch;
let warn;
let ending;
let isCut;
let base;
let isOver;

// How long a gate waits for its texts in another language, in milliseconds, before it speaks English.
const PATIENCE = 3e3;

let sheet;

// What the listeners of the surface that is being made end with: its own end. Those that end with the page would hold its nodes until
// then.
let scope;
const listen = (target, event, callback, acts) =>
  target.addEventListener(event, callback, { signal: scope.signal, passive: !acts });
function scopeOf(journal) {
  const own = (scope = new AbortController());
  journal.steps.unshift(() => own.abort());
  return own;
}

// An element, written `tag` or `tag.part`, with its attributes and its content: a text, or nodes of which some may be
// absent.
function node(element, content, attributes) {
  const [tag, part] = element.split('.');
  const made = document.createElement(tag);
  if (part) made.setAttribute('part', part);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  if (typeof content === 'string') made.textContent = content;
  else {
    for (const child of content) {
      if (!child) continue;
      // A blank between two pieces of a line, so that they are read as two words.
      if (child.localName === 'span' && made.lastChild) made.append(' ');
      made.append(child);
    }
  }
  return made;
}

const button = (element, text, code, article, attributes) => {
  const made = node(element, text, { type: 'button', ...attributes });
  listen(made, 'click', () => enter(code, '', article));
  return made;
};

function lead(link, { label, address }) {
  link.textContent = label;
  link.href = address;
}

// A link that tells the page when it is followed, and for which plan.
const link = (element, label, address, event, plan) => {
  const made = node(element, '');
  lead(made, { label, address });
  listen(made, 'click', () => dispatch(event, { plan: plan(), url: made.getAttribute('href') }));
  return made;
};

// The publisher's own words have their own direction, and the page's language.
const auto = () => {
  const { lang } = document.documentElement;
  return { dir: 'auto', ...(lang && { lang }) };
};
const badged = (element, text, badge) => node(element, [node('span', text, auto()), badge && node('span.badge', badge, auto())]);

// Safari drops the role of lists without bullets.
const list = (label, benefits) =>
  benefits[0] &&
  node(
    'ul.benefits',
    benefits.map(({ text, badge }) => badged('li.benefit', text, badge)),
    { role: 'list', 'aria-label': label },
  );

const login = ({ already, logIn, logInAddress }) =>
  logInAddress && node('p.already', [node('span', already), link('a.login', logIn, logInAddress, 'login-click', () => '')]);

// What the one button leads to is told to the page by its surface: `subscribe-click`, `register-click` …
const told = ({ surface }) => (surface === 'notice' ? 'subscribe' : surface) + '-click';
const subscribe = (view, plan) => link('a.cta', view.label, view.address, told(view), plan);

// The form for the newsletter, where that is what is asked for. Checked here and not by the browser, whose bubbles are in its own
// language and leave no text behind.
function form(view) {
  const input = node('input.email', '', {
    id: 'email',
    name: 'email',
    type: 'email',
    required: '',
    autocomplete: 'email',
    'aria-describedby': 'state privacy',
  });
  const state = node('p.state', '', { id: 'state', role: 'status' });
  const send = node('button.cta', view.label, { type: 'submit' });
  // Disabled it would lose the focus.
  let busy;
  const made = node(
    'form.form',
    [
      node('label.label', view.email, { for: 'email' }),
      node('div.field', [input, send]),
      state,
      node('p.privacy', view.privacy, { id: 'privacy' }),
    ],
    { method: 'post', action: view.address, novalidate: '' },
  );
  // What was typed in the overlay need not be typed again below it.
  listen(input, 'input', () => (view.typed = input.value));
  listen(input, 'focus', () => (input.value = input.value || view.typed || ''));
  const say = (text, invalid) => {
    state.textContent = text;
    input.setAttribute('aria-invalid', !!invalid);
    if (invalid) input.focus();
  };
  const done = () => {
    // Said in the place of what is said of any text that is back.
    view.unlocked = view.signedUp;
    view.isShown = true;
    dispatch('register', { step: view.surface, url: made.getAttribute('action') });
    enter(SIGNED_UP, '', view.article);
  };
  const wait = (is) => send.setAttribute('aria-disabled', (busy = is));
  const idle = (text) => {
    wait(false);
    say(text);
  };
  const failed = () => idle(view.signUpFailed);
  listen(
    made,
    'submit',
    (event) => {
      event.preventDefault();
      // Pressed twice.
      if (busy) return;
      const email = input.value.trim();
      if (!email || !input.validity.valid) return say(view.emailInvalid, true);
      say(view.sending);
      wait(true);
      const url = made.action;
      // A host that takes it over says how it went by a promise.
      let answer;
      const submission = new CustomEvent('tollgate:newsletter-submit', {
        bubbles: true,
        cancelable: true,
        detail: { email, url, respondWith: (promise) => (answer = promise) },
      });
      const isOurs = document.dispatchEvent(submission);
      try {
        if (answer) Promise.resolve(answer).then(done, failed);
        else if (!isOurs) idle('');
        else if (new URL(url).origin === location.origin) {
          const body = new URLSearchParams({ email });
          fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(2e4) }).then(({ ok }) => (ok ? done : failed)(), failed);
        } else {
          // Another site's answer can't be read: the form leads there, as it would without us.
          made.submit();
          done();
        }
      } catch {
        failed();
      }
    },
    true,
  );
  return made;
}

// The plan that is chosen at the start, or what stands for none.
const chosenOf = (plans) => plans.find(({ chosen }) => chosen) || { id: '' };

const action = (view, plan) => (view.email ? form(view) : subscribe(view, plan));

const headline = (view, attributes) => node('h2.headline', view.headline, { id: 'headline', ...attributes });

const again = ({ freeAgain }) => freeAgain && node('p.free-again', freeAgain);

const mark = ({ preview }) => preview && node('p.preview', preview);

// A custom property of the page's, where it is what it should be: whatever stands there, nothing else of the style breaks.
const custom = (style, name, property) => {
  const value = style.getPropertyValue('--tollgate-' + name).trim();
  return value && !/(url|src|image-set|var|env|attr)\(/i.test(value) && window.CSS.supports(property, value) ? value : '';
};

// The element of a surface that holds all the rest.
const whole = (root) => root.querySelector('[part~=overlay],[part~=inline],[part~=notice]');

// Whether an overlay covers the page, and what is to be looked at when it does no more.
let covered;
const behind = [];

// Tells the page once when the reader sees a surface: a quarter of it, for one may be taller than the window.
function see(journal, root, surface) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some(({ intersectionRatio }) => intersectionRatio >= 0.25)) return;
    observer.disconnect();
    if (covered && surface === 'inline') behind.push(() => see(journal, root, surface));
    else dispatch('seen', { surface });
  }, { threshold: 0.25 });
  observer.observe(whole(root));
  journal.steps.push(() => observer.disconnect());
}

// Takes up the page's own colour, corners and fonts. Black or white stands on that colour, whichever contrasts more (WCAG 2.2,
// 1.4.3): never below 4.5:1, as in src/look.rs.
function dress(root, view) {
  const element = whole(root);
  const page = getComputedStyle(root.host);
  const set = (name, value) => value && element.style.setProperty('--' + name, value);
  set('radius', custom(page, 'radius', 'border-radius'));
  set('serif', custom(page, 'serif', 'font-family'));
  set('sans', custom(page, 'sans', 'font-family'));
  const colour = !view.accent && custom(page, 'accent', 'color');
  set('accent', view.accent);
  set('on-accent', view.onAccent);
  // Nothing is known of how such a colour stands on paper: words and rings are in ink then.
  set('link', view.accent && 'var(--ink)');
  if (!colour) return;
  const probe = node('i', '');
  probe.style.color = colour;
  element.append(probe);
  const parts = getComputedStyle(probe).color.match(/^rgb\((\d+), (\d+), (\d+)\)$/);
  probe.remove();
  // See-through colours, and those that are no three numbers, have no contrast that could be known.
  if (!parts) return;
  const [r, g, b] = parts.slice(1).map((part) => (part /= 255) * (part * (part * 0.305306 + 0.682171) + 0.012523));
  set('accent', parts[0]);
  set('link', 'var(--ink)');
  set('on-accent', 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#000' : '#fff');
}

// The shadow root of a surface: in it the one element that holds all the rest, or shows the page's own.
function surface(name, view, element, template) {
  // The gate's words are not the story's: search engines keep them out of its snippet. Google heeds that on `div`, `section` and
  // `span` alone, and reads shadow roots as part of the page.
  for (const part of [element, ...element.children]) if (part.matches('div,section')) part.setAttribute('data-nosnippet', '');
  const host = node('tollgate-gate', template || '', {
    'data-tollgate-surface': name,
    'data-tollgate-theme': view.theme,
    'data-tollgate-style': view.style,
    'data-tollgate-form': view.noticeStyle || '',
    // The page's own element speaks the page's own language.
    ...(template ? { 'data-tollgate-own': '' } : { lang: view.language, dir: view.direction }),
    'data-nosnippet': '',
    // Turbo keeps snapshots of pages; this must not be in one.
    'data-turbo-temporary': '',
  });
  // Open: a closed one gives no safety, and shuts out password managers, testers and accessibility tools.
  const root = host.attachShadow({ mode: 'open' });
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  root.adoptedStyleSheets = [sheet];
  if (template) element.setAttribute('aria-label', view.headline);
  else if (name !== 'status') element.setAttribute('aria-labelledby', 'headline');
  root.append(element);
  return root;
}

// What turns the step down, where it may be turned down.
const dismiss = (view) => view.dismiss && button('button.dismiss', view.dismiss, DISMISS, view.article);

const close = (view) => view.close && button('button.close', '', DISMISS, view.article, { 'aria-label': view.close });

// What a view is given as: its texts, and each of the plans and benefits, as entries.
const object = (entries) => Object.fromEntries(entries);
const viewOf = (article, texts) => ({ article, ...object(texts) });

// The page's own element in the place of a surface: the content of `<template data-tollgate-surface="…">`, its `{placeholders}`
// filled in with the view's texts, its `data-tollgate-action` elements made to act. It stays in the page's own tree, and has its styles.
function template(name, view, plan) {
  const own = document.querySelector('template[data-tollgate-surface="' + name + '"]');
  if (!own || !own.content) return;
  const content = own.content.cloneNode(true);
  const walker = document.createTreeWalker(content, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    text.data = text.data.replace(/\{(\w+)\}/g, (whole, name) => (typeof view[name] === 'string' ? view[name] : whole));
  }
  for (const element of content.querySelectorAll('[data-tollgate-action]')) {
    const action = element.getAttribute('data-tollgate-action');
    const press = (code) => listen(element, 'click', () => enter(code, '', view.article));
    const lead = (leads, event) => {
      element.setAttribute('href', leads);
      listen(element, 'click', () => {
        dispatch(event, { plan, url: leads });
        // What is no link leads there too.
        if (!element.href) location.assign(leads);
      });
    };
    if (action === 'subscribe') lead(view.address, told(view));
    else if (action === 'login' && view.logInAddress) lead(view.logInAddress, 'login-click');
    else if (action === 'home') lead(view.homeAddress, 'home-click');
    else if (action === 'plans') press(WANTED);
    else if (action === 'dismiss' || (action === 'close' && !view.hard)) press(DISMISS);
  }
  return [content];
}

// Shows it; and behind it what it lacks: nobody is kept in.
const slotted = (element, own, more, attributes) => {
  const acts = (...actions) => actions.some((action) => own[0].querySelector('[data-tollgate-action=' + action + ']'));
  return node(element, [node('slot', ''), ...(more ? more(acts) : [])], attributes);
};

// The notice: a slim bar at the foot of the page, or a card in its corner, which locks nothing and takes no focus. A bar sticks there
// and takes its own room behind the page's end, so that nothing stays covered.
function notice(view) {
  const own = template('notice', view, '');
  if (own) return surface('notice', view, slotted('section.notice', own), own);
  return surface(
    'notice',
    view,
    node('section.notice', [
      mark(view),
      node('p.headline', view.headline, { id: 'headline' }),
      subscribe(view, () => ''),
      login(view),
      close(view),
    ]),
  );
}

// The inline gate: what stands where the text was cut, in the flow of the page. A plain region that traps nothing.
function inline(view, plans, benefits) {
  const chosen = chosenOf(plans);
  const own = template('inline', view, chosen.id);
  if (own) return surface('inline', view, slotted('section.inline', own), own);
  return surface(
    'inline',
    view,
    node('section.inline', [
      mark(view),
      headline(view),
      node(view.offer ? 'p.invitation' : 'p.free', view.invitation),
      list(view.benefits, benefits.slice(0, 2)),
      node('div.actions', [
        action(view, () => chosen.id),
        plans[1] && button('button.all-plans', view.allPlans, WANTED, view.article),
        dismiss(view),
      ]),
      node('div.foot', [view.cancel && node('p.cancel', view.cancel), login(view), again(view)]),
    ]),
  );
}

const terms = ({ name, badge, price, then, monthly, saving }) => [
  badged('span.plan-name', name, badge),
  node('span.price', price),
  then && node('span.then', then),
  monthly && node('span.monthly', monthly),
  saving && node('span.saving', saving),
];

// The plans, of which one is chosen, and the button that takes it.
function choices(view, plans) {
  let chosen = chosenOf(plans);
  const taken = action(view, () => chosen.id);
  const choice = (plan) => {
    const radio = node('input.choice', '', { type: 'radio', name: 'plan', value: plan.id });
    radio.defaultChecked = plan === chosen;
    listen(radio, 'change', () => lead(taken, (chosen = plan)));
    return node('label.plan', [radio, node('span.terms', terms(plan))]);
  };
  return [plans[0] && node('fieldset.plans', [node('legend.legend', view.plans), ...plans.map(choice)]), taken];
}

// The plans, each with its own button.
const buttons = (view, plans) => [
  node(
    'ul.plans',
    plans.map((plan) =>
      node('li.plan', [
        node('div.terms', terms(plan)),
        link('a.cta', plan.choose, plan.address, 'subscribe-click', () => plan.id),
      ]),
    ),
    { role: 'list', 'aria-label': view.plans },
  ),
];

// The overlay: the offer in a modal dialog over the page, closable by its button and by Escape; or hard, with ways out.
function overlay(view, plans, benefits) {
  const name = view.surface === 'subscribe' ? 'overlay' : view.surface;
  const own = template(name, view, chosenOf(plans).id);
  const isHard = !!view.hard;
  const byButtons = view.planStyle && plans[0];
  const back = isHard && window.history.length > 1 && node('button.back', view.goBack, { type: 'button' });
  if (back) listen(back, 'click', () => window.history.back());
  const home = isHard && node('a.home', view.home, { href: view.homeAddress });
  // The first of them where the close button would be, in sight.
  const [exit, ...exits] = [back, home].filter((way) => way);
  const attributes = isHard ? { closedby: 'none' } : {};
  const dialog = own
    ? slotted(
        'dialog.overlay',
        own,
        (acts) => (isHard ? [!acts('home') && node('div.ways-out', [back, home])] : [!acts('close', 'dismiss') && close(view)]),
        attributes,
      )
    : node(
        'dialog.overlay',
        [
          node('div.card', [
            node('div.masthead', [
              view.logo ? node('img.logo', '', { src: view.logo, alt: view.publication }) : node('p.publication', view.publication, auto()),
              mark(view),
              close(view) || exit,
            ]),
            // Focus begins here: what follows is read in order (ARIA practices, modal dialog).
            headline(view, { tabindex: -1 }),
            node('div.offer', [
              node('div.reasons', [
                view.offer ? node('h3.offer-headline', view.offer) : node('p.free', view.invitation),
                list(view.benefits, benefits),
              ]),
              node('div.order', [
                ...(byButtons ? buttons(view, plans) : choices(view, plans)),
                view.cancel && node('p.cancel', view.cancel),
                dismiss(view),
              ]),
            ]),
            node('div.ways-out', [login(view), again(view), ...exits]),
          ]),
        ],
        attributes,
      );
  // Escape, and whatever else a browser closes dialogs by. The event comes late: it may be open again, or gone.
  listen(dialog, 'close', () => {
    if (dialog.open || !dialog.isConnected) return;
    // Whoever closed it, a page's own code or an old browser: it stays.
    if (isHard) dialog.showModal();
    else enter(DISMISS, '', view.article);
  });
  // Chromium and Firefox obey `closedby`, WebKit this (platform facts 0.4).
  if (isHard) listen(dialog, 'cancel', (event) => event.preventDefault(), true);
  // iOS scrolls the page behind by a finger on what does not scroll itself, whatever the styles say.
  listen(dialog, 'touchmove', (event) => {
    const zooms = (event.touches || []).length > 1 || window.visualViewport.scale !== 1;
    if (event.target === dialog && event.cancelable && !zooms) event.preventDefault();
  }, true);
  const root = surface('overlay', view, dialog, own);
  return [root, () => dress(root, view), view.article];
}

// A region that says a sentence to those who hear the page, or to all. It must be there before it speaks.
function voice(view) {
  const region = node('p.status', '', { role: 'status' });
  const { host } = surface('status', view, region);
  document.documentElement.append(host);
  return {
    hush: () => host.remove(),
    say(text) {
      if (view.isShown) host.setAttribute('data-tollgate-form', 'shown');
      // While a modal dialog is open it is not heard.
      setTimeout(() => (region.textContent = text), 150);
      setTimeout(() => host.remove(), view.isShown ? 6e3 : 3e3);
    },
  };
}

// Puts the focus on what came back, where the control that had it went. An element that takes none takes it until it goes on.
function focusOn(element) {
  if (!element.hasAttribute('tabindex')) {
    element.setAttribute('tabindex', -1);
    const own = new AbortController();
    const { signal } = own;
    const end = () => {
      own.abort();
      element.removeAttribute('tabindex');
    };
    element.addEventListener('blur', end, { signal });
    ending.addEventListener('abort', end, { signal });
  }
  element.focus({ preventScroll: true });
}

// Whether an overlay that opened by itself has just closed: nothing had the focus before it, and nothing has it now.
let isNowhere;

// Banners of consent that tell no interface that they show: what is seen of each, and not what stays in the page for it.
const BANNERS =
  '#onetrust-banner-sdk,#CybotCookiebotDialog,#didomi-notice,#didomi-popup,.fc-consent-root,#qc-cmp2-ui,#qc-cmp2-usp,#cmpbox,' +
  '[id^=sp_message_container],#usercentrics-cmp-ui,.cky-consent-container,#cookie-law-info-bar,.osano-cm-dialog';

const shows = (selector) => {
  try {
    return [...document.querySelectorAll(selector)].some((element) => {
      const { width, height } = element.getBoundingClientRect();
      // What the page shows in our place is no obstacle to it.
      return (
        width * height > 0 &&
        !element.closest('tollgate-gate') &&
        (!element.checkVisibility || element.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
      );
    });
  } catch {
    // No selector, or one that this browser does not know.
    return false;
  }
};

// What stands in the page, by the place it belongs to, each with what puts it back. A page that removes it gets it back three times,
// and then has its way; so has one that took the place away.
const standing = new Map();
function stand(journal, host, home, back, lost) {
  standing.set(host, { home, back, lost, times: 3 });
  journal.steps.push(() => standing.delete(host));
}

function lookAfter() {
  for (const [host, entry] of standing) {
    if (entry.home.isConnected && host.parentNode) continue;
    try {
      if (entry.home.isConnected && entry.times-- > 0) {
        entry.back();
        continue;
      }
    } catch {
      // A page that forbids it.
    }
    standing.delete(host);
    if (entry.lost) entry.lost();
  }
}

// Whether a consent banner says that it shows (IAB TCF 2.2, addEventListener).
let consenting = false;
let listened;
let watching;
let obstructed;

// Asks the consent manager, once there is one.
function hearConsent() {
  if (listened || typeof window.__tcfapi !== 'function') return;
  listened = true;
  let listenerId;
  try {
    window.__tcfapi('addEventListener', 2, (data, isKnown) => {
      listenerId = data && data.listenerId;
      consenting = !!isKnown && !!data && data.eventStatus === 'cmpuishown';
    });
    ending.addEventListener('abort', () => {
      try {
        window.__tcfapi('removeEventListener', 2, () => {}, listenerId);
      } catch {
        // It is gone.
      }
    });
  } catch {
    // It does not work.
  }
}

// Whether something shows that no overlay may cover; from then on every change is signalled, as long as there is a gate.
function watch(selector) {
  const look = () => {
    hearConsent();
    return consenting || !!document.fullscreenElement || shows(':modal') || shows(BANNERS) || (!!selector && shows(selector));
  };
  const change = () => {
    if (look() !== obstructed) enter((obstructed = !obstructed) ? OBSTRUCTED : UNOBSTRUCTED);
  };
  // Others that wait are told, too.
  if (watching) change();
  else {
    obstructed = look();
    try {
      if (selector) document.querySelector(selector);
    } catch {
      warn('data-wait-for="' + selector + '": no CSS selector; only what is known is waited for');
    }
    // A banner may come and go in any way; four looks a second cost less than to watch every change of the page.
    watching = setInterval(() => {
      lookAfter();
      if (standing.size) return change();
      clearInterval(watching);
      watching = 0;
    }, 250);
  }
  return obstructed;
}

// The texts in other languages by their tags, or promises of them.
const translations = new Map();

// As much of a text's hash as is kept, in hexadecimal.
async function hashed(text) {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash, 0, 12), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// Fetches texts from beside this script; nothing where they can't be had, or are not what they were when this was built. Their last line proves
// that: xtask/src/bundle/languages.rs.
async function fetchTexts(tag) {
  const file = './tollgate-' + tag + '-' + root + '.txt';
  try {
    // Those who bundle have them as modules.
    if (typeof base === 'function') return await base(tag);
    const response = await fetch(new URL(file, base), { credentials: 'omit', signal: AbortSignal.timeout(PATIENCE) });
    const lines = (await response.text()).split('\n');
    const proof = lines.pop().split(' ');
    const text = lines.join('\n');
    // Pages without a secure context have no hashes, and nothing to be sure of.
    let hash = root;
    if (crypto.subtle) {
      hash = await hashed(text);
      for (const beside of proof) hash = await hashed([hash, beside].sort().join(''));
    }
    if (response.ok && lines[0] === tag && hash === root) return text;
  } catch {
    // As below.
  }
  if (!ending.aborted) warn('the texts could not be loaded; the gate is in English. Serve ' + file + ' beside this script');
  return '';
}

// Where the page is scrolled to, and how wide it is; for an overlay that opens together with its inline gate, as measured before anything was
// changed: measured later, it would have to be laid out once more.
let measured;
const measure = () => {
  const { scrollX, scrollY } = window;
  return { scrollX, scrollY, width: document.documentElement.clientWidth };
};

// Keeps the page where it is while a dialog is open. Its width stays when its scrollbar goes: the room is padded, unless the
// page keeps a gutter.
function freeze(journal) {
  const page = document.documentElement;
  const { scrollX, scrollY, width } = measured || measure();
  journal.steps.push(() => {
    // The focus that came back may have moved the page. Where another page begins is its script's to say.
    if (isOver()) return;
    if (window.scrollX !== scrollX || window.scrollY !== scrollY) {
      window.scrollTo({ left: scrollX, top: scrollY, behavior: 'instant' });
    }
  });
  journal.style(page, 'overflow', 'hidden');
  // Where its scrollbar takes no room there is nothing to be measured again.
  const gained = innerWidth > width && page.clientWidth - width;
  if (gained > 0) {
    const padding = parseFloat(getComputedStyle(page).paddingInlineEnd) || 0;
    journal.style(page, 'padding-inline-end', padding + gained + 'px');
  }
}

// What the shim calls.
const surfaces = {
  atHand,
  watch,

  // The texts in a language if they are here; else they are signalled to the article when they are.
  translated(article, tag) {
    const known = translations.has(tag) ? translations.get(tag) : fetchTexts(tag);
    if (typeof known === 'string') return known;
    translations.set(tag, known);
    known.then((text) => {
      translations.set(tag, text);
      enter(TRANSLATED, text, article);
    });
  },

  notice(journal, article, texts) {
    scopeOf(journal);
    const view = viewOf(article, texts);
    const root = notice(view);
    const { say, hush } = voice(view);
    journal.steps.push(hush);
    journal.put(root, document.documentElement);
    dress(root, view);
    see(journal, root, 'notice');
    // What has the focus is not behind it.
    journal.style(document.documentElement, 'scroll-padding-bottom', root.host.offsetHeight + 'px');
    setTimeout(() => ending.aborted || say(view.headline), 500);
  },

  // Puts the inline gate into the page; what makes its overlay.
  lock(journal, parent, before, article, texts, ...lists) {
    const own = scopeOf(journal);
    measured = measure();
    Promise.resolve().then(() => (measured = null));
    const view = viewOf(article, texts);
    const items = lists.map((list) => list.map(object));
    const root = inline(view, ...items);
    const { say, hush } = voice(view);
    const next = before && before.nextSibling && before.nextSibling.nodeType === 1 ? before.nextSibling : parent;
    const last = before && before.previousElementSibling;
    let hadFocus;
    // The last step: the text is back. Unless it is cut again at once, for another offer.
    journal.steps.unshift(() => {
      // An article that is left is not unlocked.
      if (ending.aborted || isOver()) return hush();
      setTimeout(() => {
        if (isCut(article) || ending.aborted) return hush();
        if (hadFocus) focusOn(next);
        say(view.unlocked);
      });
    });
    // The teaser's last lines fade: their own element, and nothing over it.
    const isClear = matchMedia('(forced-colors: active), (prefers-contrast: more)').matches;
    if (last && !isClear && !last.matches('figure,img,picture,video')) {
      // Never so far that it could not be read.
      journal.style(last, 'mask-image', 'linear-gradient(#000 calc(100% - 3.5em), rgb(0 0 0 / 75%))');
    }
    journal.put(root, parent, before);
    // Only where it alone was removed: a page that took its text down wants no gate there.
    stand(journal, root.host, parent, () => before && before.parentNode && before.parentNode.insertBefore(root.host, before));
    journal.steps.push(() => (hadFocus = isNowhere || document.activeElement === root.host));
    dress(root, view);
    see(journal, root, 'inline');
    return () => {
      scope = own;
      return [...overlay(view, ...items), parent];
    };
  },

  // Opens an overlay, modal, with the focus on its heading: after <body>, so that no change of the body takes it away.
  open(journal, [root, dressed, article, home]) {
    const gone = () => enter(HIDE, '', article);
    // A page that went on to something else.
    if (!home.isConnected) return gone();
    journal.steps.push(() => {
      isNowhere = document.activeElement === document.body;
      setTimeout(() => (isNowhere = false));
    });
    freeze(journal);
    journal.put(root, document.documentElement);
    dressed();
    const dialog = root.querySelector('dialog');
    const show = () => {
      dialog.showModal();
      (root.getElementById('headline') || dialog).focus();
    };
    show();
    covered = true;
    journal.steps.push(() => {
      covered = false;
      behind.splice(0).forEach((look) => look());
    });
    see(journal, root, 'overlay');
    const back = () => {
      document.documentElement.append(root.host);
      // Removed, it is open and not modal any more.
      dialog.close();
      show();
    };
    stand(journal, root.host, home, back, gone);
  },
};

take(
  literal,
  length,
  checksum,
  (...kit) => {
    [enter, dispatch, warn, ending, isCut, base, isOver] = kit;
    ending.addEventListener('abort', () => clearInterval(watching));
    return surfaces;
  },
  imports,
  2,
);
