// The gate's script. Views → nodes, and nothing more: three surfaces, each in an open shadow root, styled by one constructed
// sheet. The names of a view's texts stand in src/view.rs. It carries the second half of the module, too.

import { checksum, length, literal } from '../module.js';
import { css } from '../style.js';
import { DISMISS, WANTED } from './codes.js';

// The shim's, given when this is taken up.
let enter;
let dispatch;
let listen;

let sheet;

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

const badged = (element, text, badge) => node(element, [node('span', text), badge && node('span.badge', badge)]);

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

// The one button. What it leads to is told to the page by its surface: `subscribe-click`, `register-click` …
const subscribe = (view, plan) =>
  link('a.cta', view.label, view.address, (view.surface === 'notice' ? 'subscribe' : view.surface) + '-click', plan);

const headline = (view, attributes) => node('h2.headline', view.headline, { id: 'headline', ...attributes });

// The shadow root of a surface: in it the one element that holds all the rest and carries the publisher's colour.
function surface(name, view, element) {
  const host = node('tollgate-gate', '', {
    'data-tollgate-surface': name,
    'data-tollgate-theme': view.theme,
    lang: view.language,
    dir: 'ltr',
    // The gate's words are not the story's: search engines keep them out of its snippet.
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
  element.setAttribute('aria-labelledby', 'headline');
  if (view.accent) {
    element.style.setProperty('--accent', view.accent);
    element.style.setProperty('--on-accent', view.onAccent);
  }
  root.append(element);
  return root;
}

// What turns the step down, where it may be turned down.
const dismiss = (view) => view.dismiss && button('button.dismiss', view.dismiss, DISMISS, view.article);

const close = (view) => button('button.close', '', DISMISS, view.article, { 'aria-label': view.close });

// What a view is given as: its texts, and each of the plans and benefits, as entries.
const object = (entries) => Object.fromEntries(entries);
const viewOf = (article, texts) => ({ article, ...object(texts) });

// The notice: a slim bar at the foot of the page, which locks nothing and takes no focus. It sticks there and takes its own
// room behind the page's end, so that nothing stays covered.
const notice = (view) =>
  surface(
    'notice',
    view,
    node('section.notice', [
      node('p.headline', view.headline, { id: 'headline' }),
      subscribe(view, () => ''),
      login(view),
      close(view),
    ]),
  );

// The inline gate: what stands where the text was cut, in the flow of the page. A plain region that traps nothing.
const inline = (view, plans, benefits) =>
  surface(
    'inline',
    view,
    node('section.inline', [
      headline(view),
      node('p.invitation', view.invitation),
      list(view.benefits, benefits.slice(0, 2)),
      node('div.actions', [
        subscribe(view, () => (plans[0] ? plans[0].id : '')),
        plans[1] && button('button.all-plans', view.allPlans, WANTED, view.article),
        dismiss(view),
      ]),
      node('div.foot', [view.cancel && node('p.cancel', view.cancel), login(view)]),
    ]),
  );

// The overlay: the offer in a modal dialog over the page, closable by its button and by Escape.
function overlay(view, plans, benefits) {
  let chosen = plans[0] || { id: '' };
  const cta = subscribe(view, () => chosen.id);
  const choice = (plan) => {
    const { id, name, badge, price, then, saving } = plan;
    const radio = node('input.choice', '', { type: 'radio', name: 'plan', value: id });
    radio.defaultChecked = plan === chosen;
    listen(radio, 'change', () => lead(cta, (chosen = plan)));
    return node('label.plan', [
      radio,
      node('span.terms', [
        badged('span.plan-name', name, badge),
        node('span.price', price),
        then && node('span.then', then),
        saving && node('span.saving', saving),
      ]),
    ]);
  };
  const dialog = node('dialog.overlay', [
    node('div.card', [
      node('div.masthead', [
        node('p.publication', view.publication),
        close(view),
      ]),
      // Focus begins here: what follows is read in order (ARIA practices, modal dialog).
      headline(view, { tabindex: -1 }),
      node('div.offer', [
        node('div.reasons', [
          node('h3.offer-headline', view.offer || view.invitation),
          list(view.benefits, benefits),
        ]),
        node('div.order', [
          plans[0] && node('fieldset.plans', [node('legend.legend', view.plans), ...plans.map(choice)]),
          cta,
          view.cancel && node('p.cancel', view.cancel),
          dismiss(view),
        ]),
      ]),
      login(view),
    ]),
  ]);
  // Escape, and whatever else a browser closes dialogs by. The event comes late: it may be open again, or gone.
  listen(dialog, 'close', () => dialog.open || !dialog.isConnected || enter(DISMISS, '', view.article));
  return surface('overlay', view, dialog);
}

// Keeps the page where it is while a dialog is open. Its width stays when its scrollbar goes: the room is padded, unless the
// page keeps a gutter.
function freeze(journal) {
  const page = document.documentElement;
  const { scrollX, scrollY } = window;
  const width = page.clientWidth;
  journal.steps.push(() => {
    // The focus that came back may have moved the page.
    if (window.scrollX !== scrollX || window.scrollY !== scrollY) {
      window.scrollTo({ left: scrollX, top: scrollY, behavior: 'instant' });
    }
  });
  journal.style(page, 'overflow', 'hidden');
  const gained = page.clientWidth - width;
  if (gained > 0) {
    const padding = parseFloat(getComputedStyle(page).paddingInlineEnd) || 0;
    journal.style(page, 'padding-inline-end', padding + gained + 'px');
  }
}

// What the shim calls.
const surfaces = {
  notice: (article, texts) => notice(viewOf(article, texts)),

  // The inline gate, and what makes its overlay.
  gate(article, texts, ...lists) {
    const view = [viewOf(article, texts), ...lists.map((list) => list.map(object))];
    return [inline(...view), () => overlay(...view)];
  },

  // Opens an overlay, modal, with the focus on its heading: after <body>, so that no change of the body takes it away.
  open(journal, root) {
    freeze(journal);
    journal.put(root, document.documentElement);
    root.querySelector('dialog').showModal();
    root.getElementById('headline').focus();
  },
};

// Gives itself to the script that asked for it, or to none: on a page where that is gone nothing is left to do.
const take = (window.tollgate || {})[Symbol.for('tollgate')];
if (take) {
  take(literal, length, checksum, (...kit) => {
    [enter, dispatch, listen] = kit;
    return surfaces;
  });
}
