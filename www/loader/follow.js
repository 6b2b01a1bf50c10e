// Watches whether the page is still the one that was read: whether a script has turned it into another one without a load, has made
// its article anew, or has added articles. What then is to be done is in the changing page's script (changing.js), which most pages
// never need. No function of the page's is replaced, `history` least of all: what changed is seen afterwards.

import { ARRIVED, LEFT } from './codes.js';
import { consent, consenting } from './consent.js';
import { change, connect } from './further.js';
import { content, feed, isNamed, seek } from './page.js';
import { Journal, dead, ending, enter, fail, isCurrent, isDecided, listen, turnTo } from './shim.js';

// How long a page that is no article yet may take to become one, in milliseconds.
const BECOMES = 5e3;

// Of an article that is over, or may be: whether it is, since when, and its text, until the next one is here; and when that came.
export const away = { over: false, since: 0, text: '', began: 0 };
export const left = () => (away.over = true);
export const isOver = () => away.over;

// The article is over, or may be.
function leave(code) {
  away.since = performance.now();
  enter(code);
  away.text = content(0) && content(0).textContent;
}

// Looks whether the page is another one by now, though its address may be the same.
export let navigate = () => {};

// Completes the page's structured data: `now` as soon as the script that can is here; until then it is `asked` for.
export const describing = {};
export const describe = () => (describing.now ? describing.now() : (describing.asked = true));

export function follow() {
  const { navigation } = window;
  // An element of this name is none.
  const tells = navigation && typeof Navigation === 'function' && navigation instanceof Navigation;
  let here = location.href;
  let path = location.pathname;
  let waiting;
  let changing;

  const isGone = () => {
    const first = content(0);
    return !first || !first.isConnected || (!isDecided() && performance.now() - away.began < BECOMES);
  };
  const get = () =>
    change((make) => {
      // Without it the article stays as it is.
      changing = make ? make(away, feed, isNamed, enter, fail, isCurrent, turnTo, ending, consent, consenting, describing, Journal) : () => (away.since = 0);
      looking();
    });
  const look = () => {
    clearTimeout(waiting);
    waiting = 0;
    if (location.href !== here) {
      here = location.href;
      leave(LEFT);
      // Another fragment or parameter of the same article.
      if (!away.over && path === location.pathname) away.since = 0;
      path = location.pathname;
    }
    const next = (away.since || isGone()) && seek()[0];
    if (document.querySelector('[data-tollgate-action],[data-tollgate-text]')) connect(() => {});
    if (changing) changing(next);
    else if (away.since || (next && next !== content(0)) || feed.grows()) get();
    if (away.since || !tells) later(away.since ? 100 : 500);
  };
  const looking = () => {
    try {
      if (!dead) look();
    } catch (error) {
      fail('trap', 'an error inside; the page is as it was', error);
    }
  };
  const later = (time) => (waiting = waiting || setTimeout(looking, time));
  const changes = new MutationObserver((records) => {
    // Noted while it is this path's.
    if (records.some(({ target }) => target === document.head || target.localName === 'link')) isNamed();
    // At once where another page comes, so that nobody sees more of it than it shows.
    if (away.since || location.href !== here || (content(0) && !content(0).isConnected)) looking();
    else later(200);
  });
  changes.observe(document, { childList: true, subtree: true, attributeFilter: ['href'] });
  if (tells) listen(navigation, 'currententrychange', looking);
  for (const event of ['popstate', 'hashchange']) listen(window, event, looking);
  // What Turbo is about to keep of this page is the page's own: all is undone, and nothing is decided until the page goes on.
  listen(document, 'turbo:before-cache', () => {
    away.over = true;
    leave(ARRIVED);
    later(100);
  });
  navigate = () => {
    leave(LEFT);
    looking();
  };
  ending.addEventListener('abort', () => {
    changes.disconnect();
    clearTimeout(waiting);
  });
  away.began = performance.now();
  if (consenting.key || describing.asked) get();
  looking();
}
