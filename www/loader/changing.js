// The changing page's script: for pages that scripts turn into others without a load, for feeds, and for those that ask for consent; and
// what mistakes are called.

import { names } from '../names.js';
import { ARRIVED, LEFT, MORE } from './codes.js';
import { take } from './take.js';

// How long the next page's text may stay away, and its canonical address behind it, in milliseconds.
const ABSENT = 3e3;
const BEHIND = 300;
// How often a consent manager is looked for, twice a second: its own script may come later than this one.
const LOOKS = 120;

// The element that stands for the whole of an element's article.
const scope = (element) =>
  element.closest('[data-tollgate-id]') || element.closest('article,[itemtype$=Article],[itemtype$=Posting]') || element;

// The address that a feed gives for an element's own article; of microdata, that which is the article's and not its author's.
const own = (element) => {
  const whole = scope(element);
  const item = whole.closest('[itemscope]');
  const link =
    whole.querySelector('a[rel~=bookmark]') ||
    [...whole.querySelectorAll('[itemprop~=url]')].find((url) => url.parentNode.closest('[itemscope]') === item);
  if (!link) return '';
  // Made absolute without a throw, whatever is written there.
  const address = document.createElement('a');
  address.href = link.href || link.content;
  return address.href;
};

// Asks the page's consent manager whether anything may be stored (IAB TCF 2.2).
function ask(consent, consenting, ending) {
  let looks = LOOKS;
  let looking;
  const look = () => {
    try {
      if (typeof window.__tcfapi !== 'function') {
        if (looks--) looking = setTimeout(look, 500);
        return;
      }
      // What it says before the reader has chosen is no answer. Purpose 1 is to store information on a device.
      window.__tcfapi('addEventListener', 2, (data, isKnown) => {
        if (isKnown && !ending.aborted && /^(tcloaded|useractioncomplete)$/.test(data.eventStatus)) {
          const given = data.gdprApplies === false || !!data.purpose.consents[1];
          if (given !== !!consenting.given) consent(given);
        }
      });
    } catch {
      // It does not work: nobody has consented.
    }
  };
  look();
  ending.addEventListener('abort', () => clearTimeout(looking));
}

// Completes the structured data of a page whose article may be gated (Google Search Central, "Subscription and paywalled content"):
// what is missing is added to the article's own, or there is none and it gets some. What it says already is the page's to say.
function describe(journal, content) {
  // A class that is this element's alone, or one of ours.
  const selectors = [...content.classList].map((name) => '.' + CSS.escape(name));
  let selector = selectors.find((one) => document.querySelectorAll(one).length === 1);
  if (!selector) {
    const before = content.getAttribute('class');
    content.classList.add('tollgate-article');
    const ours = content.getAttribute('class');
    journal.steps.push(() => {
      if (content.getAttribute('class') !== ours) content.classList.remove('tollgate-article');
      else if (before === null) content.removeAttribute('class');
      else content.setAttribute('class', before);
    });
    selector = '.tollgate-article';
  }
  const said = {
    isAccessibleForFree: false,
    hasPart: { '@type': 'WebPageElement', isAccessibleForFree: false, cssSelector: selector },
  };
  const isArticle = (node) => [].concat(node['@type']).some((type) => /(Article|BlogPosting)$/.test(type));
  const articles = (node) =>
    !node || typeof node !== 'object'
      ? []
      : Array.isArray(node)
        ? node.flatMap(articles)
        : isArticle(node)
          ? [node]
          : articles([node['@graph'], node.mainEntity]);
  const written = (data) => JSON.stringify(data).replace(/</g, '\\u003c');
  for (const script of document.querySelectorAll('script[type="application/ld+json"]')) {
    // Not by `textContent`, which Trusted Types guard though nothing of this is run.
    const text = script.firstChild;
    let data;
    try {
      data = JSON.parse(script.textContent);
    } catch {
      continue;
    }
    const [article] = articles(data);
    if (!article || text.nextSibling) continue;
    for (const name of Object.keys(said)) if (!(name in article)) article[name] = said[name];
    const before = text.data;
    const after = written(data);
    text.data = after;
    journal.steps.push(() => text.data === after && (text.data = before));
    return;
  }
  const script = document.createElement('script');
  script.type = 'application/ld+json';
  const about = { '@context': 'https://schema.org', '@type': 'NewsArticle', headline: document.title, url: location.href };
  script.append(written({ ...about, ...said }));
  journal.add(script, document.head);
}

function make(away, feed, isNamed, enter, fail, isCurrent, turnTo, ending, consent, consenting, describing, Journal) {
  const content = (article) => feed.contents[article];
  if (consenting.key) ask(consent, consenting, ending);
  // What was done to the structured data, for the article that is being read.
  let described;
  const undescribed = () => described && described.undo();
  describing.now = () => {
    undescribed();
    describe((described = new Journal()), content(0));
  };
  if (describing.asked) describing.now();
  // The articles whose place in the window is watched, by their numbers.
  let placed = [];
  let places;
  ending.addEventListener('abort', () => places && places.disconnect());

  const turn = (entries) => {
    try {
      for (const { isIntersecting, target } of entries) {
        const article = placed.indexOf(target);
        if (isIntersecting && !isCurrent(article)) turnTo(article);
      }
    } catch (error) {
      fail('trap', 'an error inside; the page is as it was', error);
    }
  };

  feed.own = own;
  // Makes the next article of those that were found known, if there is one. It must say which article it is: a page has many elements
  // like it.
  feed.more = () => {
    for (let element; (element = feed.found.shift()); ) {
      const whole = scope(element);
      if (
        (whole.matches('[data-tollgate-id]') || own(element)) &&
        feed.contents.every((known) => scope(known) !== whole && !known.contains(element) && !element.contains(known))
      ) {
        return feed.contents.push(element) > 0;
      }
    }
    return false;
  };

  // The article that was left, by when, and when another text was first seen in its place.
  let since;
  let came;

  // Whether what is there is the next page: another text, and its name with it.
  const isThere = (next, now) => {
    if (since !== away.since) {
      since = away.since;
      came = 0;
    }
    // Turbo says so of a page that is still to come, unless it shows what it has kept of it.
    const page = document.documentElement;
    if (page.getAttribute('aria-busy') === 'true' && !page.hasAttribute('data-turbo-preview')) return false;
    if (next && (next !== content(0) || next.textContent !== away.text)) came = came || now;
    return now - since > ABSENT || (came && (now - came > BEHIND || isNamed()));
  };

  return (next) => {
    const first = content(0);
    const now = performance.now();
    if (away.since ? isThere(next, now) : next && next !== first) {
      // An id on the article's element may be another one by now.
      if (away.since) enter(LEFT);
      away.since = 0;
      if (away.over || (next && next !== first)) {
        away.over = false;
        undescribed();
        if (places) places.disconnect();
        placed = [];
        away.began = now;
        enter(ARRIVED);
        turnTo(0);
      }
    }
    if (!away.since && feed.grows()) enter(MORE);
    // One article alone is read wherever it is.
    if (content(1)) {
      places = places || new IntersectionObserver(turn, { rootMargin: '-50% 0px' });
      while (content(placed.length)) places.observe((placed[placed.length] = content(placed.length)));
    }
  };
}

take([make, names]);
