// What the module asks of the page: plain facts, the article's element, the blocks of its text. What follows from them
// is decided in the module. See src/browser/shim.rs.

import { encoder } from '../glue.js';
import { isImported } from '../module.js';
import { tag } from './tag.js';

const first = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
const meta = (name) => all('meta[property="' + name + '"],meta[name="' + name + '"]').map(({ content }) => content);

// The elements that hold articles' texts, in the order they were found; the page's own first.
const contents = [];
export const content = (article) => contents[article];

// How further articles are found, where there may be any.
let further;

// The articles, and those elements that may be of more of them, when it was last looked. What finds out is in the changing page's
// script (changing.js): `own` gives an article's own address, `more` makes the next one known.
export const feed = {
  contents,
  found: [],
  grows: () => contents.length && (feed.found = all(further).filter((element) => !contents.includes(element))).length > 0,
};

// What an attribute says of an article: on its element, or on one around it.
const said = (article, name) => {
  const element = contents[article];
  return element && (element.closest('[' + name + ']') || element).getAttribute(name);
};

// The canonical address, while it is of this path: a script that turns the page into another one sets it late, or never.
let named;
let namedAt;
const canonical = () => {
  // The property is the address made absolute, as the browser sees it.
  const { href } = first('link[rel~=canonical i][href]') || { href: '' };
  if (href !== named) {
    named = href;
    namedAt = location.pathname;
  }
  return namedAt === location.pathname && href;
};

// Whether the page says which it is: it has no canonical address, or its own.
export const isNamed = () => !!canonical() || !named;

// In the order of `fact` in src/browser/page.rs. Only the page's own article has the page's address and its referrer.
export const fact = (nth, article) =>
  '' +
  ([
    () => (article && feed.own(contents[article])) || location.href,
    () => location.hostname,
    () => document.documentElement.lang,
    () => meta('og:site_name')[0],
    () => meta('og:type')[0],
    () => !article && canonical(),
    () => said(article, 'data-tollgate-id') || (tag && tag.hasAttribute('data-hash-routing') && location.pathname + location.hash),
    () => said(article, 'data-tollgate') || (!article && meta('tollgate')[0]),
    () => said(article, 'data-tollgate-section') || (!article && meta('article:section')),
    () => !article && document.referrer,
  ][nth]() || '');

// The text of a script that holds JSON, or undefined.
export const script = (selector, nth) =>
  // Whoever imports this gives the settings to `init`: www/package/index.js.
  isImported && tag.settings && selector === '[data-tollgate-config]'
    ? tag.settings
    : (document.querySelectorAll('script' + selector)[nth] || {}).textContent;

// How many bytes (UTF-8) the text of an element's paragraphs holds: a Chinese sign says as much as three letters.
function prose(element) {
  let length = 0;
  for (const paragraph of element.querySelectorAll('p')) length += encoder.encode(paragraph.textContent.trim()).length;
  return length;
}

// The publisher's selector.
let chosen;

// Looks for the article by the publisher's selector, or where there is none by what pages have. Its element, and what was found, by the
// numbers that `find` in src/browser/page.rs reads.
export function seek() {
  let content;
  let kind = 4;
  if (chosen) {
    try {
      content = first((further = chosen));
    } catch {
      return [content, 6];
    }
    // Cutting one of these would take more than the article, or this script's own tag.
    if (content) kind = content.matches('html,head,body') || content.contains(tag) ? 5 : 0;
  } else if ((content = first((further = '[itemprop~=articleBody]')))) kind = 1;
  else {
    // A page has many such elements; only what says which article it is is one of its own.
    further = 'article[data-tollgate-id]';
    let most = -1;
    for (const element of all('article')) {
      const length = prose(element);
      if (length > most) {
        most = length;
        content = element;
        kind = 2;
      }
    }
    if (!content && (content = first('main'))) kind = 3;
  }
  return [content, kind];
}

// Finds it, and makes it the first of the page's articles.
export function find(selector) {
  chosen = selector;
  const [content, kind] = seek();
  contents.length = 0;
  if (content) contents[0] = content;
  return kind;
}

export const length = (article) => prose(contents[article]);

// What an element is to the text, by name. A name that is not here and holds a hyphen is a group; any other is part of
// a line of text, or `br` half an empty line.
const HEADING = 'h1,h2,h3,h4,h5,h6,hgroup';
// Blocks that are never looked into. A paragraph is one too.
const BLOCK = 'ul,ol,dl,blockquote,figure,table,pre,aside,nav,footer,form,details,address,fieldset,menu,dialog';
// Groups others: looked into where it holds blocks.
const GROUP = 'div,section,article,main,header,center';
// Its substance is itself and not its children: taken out whole, to come back as the same node.
const SUBSTANCE = 'img,picture,video,audio,iframe,object,embed,canvas,svg,hr,input,script';
// Shows nothing and may matter to the whole page: left where it is.
const SILENT = 'style,link,meta,template,noscript';

const isGroup = (element) => element.matches(GROUP) || element.localName.includes('-');
const isBlock = (element) => isGroup(element) || element.matches(['p', HEADING, BLOCK].join());

// The kinds of blocks, as in src/browser/entry.rs.
const PARAGRAPH = 0;
const TITLE = 1;
const MARK = 2;
const OTHER = 3;

// The article's text as a list of blocks. A block is an element that stays while its children go (`shell`), or nodes
// that go themselves; a group stands with the number of blocks before it, outer groups before the groups inside them.
let blocks = [];
let groups = [];

function read(group) {
  let run = [];
  let breaks = 0;
  const end = () => {
    if (run.length) blocks.push({ kind: PARAGRAPH, nodes: run });
    run = [];
  };
  const push = (kind, nodes, shell) => {
    end();
    blocks.push({ kind, nodes, shell });
  };
  for (const node of group.childNodes) {
    if (node.nodeType === 8) {
      if (['more', 'tollgate'].includes(node.data.trim())) push(MARK, []);
    } else if (node.nodeType !== 1) {
      if (node.textContent.trim()) {
        run.push(node);
        breaks = 0;
      }
    } else {
      if (node.hasAttribute('data-tollgate-cut')) push(MARK, []);
      if (node.matches(SILENT)) continue;
      if (isGroup(node) && [...node.children].some(isBlock)) {
        end();
        groups.push([blocks.length, node]);
        read(node);
      } else if (isBlock(node)) push(node.matches(HEADING) ? TITLE : node.matches(BLOCK) ? OTHER : PARAGRAPH, [node], true);
      else if (node.matches(SUBSTANCE)) push(OTHER, [node]);
      else {
        // Text that stands alone is parted into paragraphs by empty lines.
        breaks = node.matches('br') ? breaks + 1 : 0;
        run.push(node);
        if (breaks > 1) {
          end();
          breaks = 0;
        }
      }
    }
  }
  end();
}

// What a block is and how many characters it holds, above its kind in two bits; -1 past the last block.
export function block(nth) {
  if (!blocks[nth]) return -1;
  const { kind, nodes } = blocks[nth];
  let count = 0;
  // A picture or a mark holds none.
  for (const node of nodes) if (kind !== OTHER || !node.matches(SUBSTANCE)) count += [...node.textContent.trim()].length;
  return count * 4 + kind;
}

// Reads an article into blocks.
export function outline(article) {
  blocks = [];
  groups = [];
  read(contents[article]);
}

// Takes everything from the block at `kept` on out of the page. Where the text was cut is marked before anything is taken
// out, so that the gate's place cannot be lost: before the outermost group that begins there, else before the first locked
// node, else at the end. The mark is a node that shows nothing.
export function cut(journal, kept, article) {
  const locked = blocks.slice(kept);
  const hidden = groups.filter(([start]) => start >= kept);
  const group = hidden.find(([start]) => start === kept);
  const first = group ? group[1] : locked.flatMap(({ nodes }) => nodes)[0];
  const content = contents[article];
  // What stands below it in the window stays there, now and when the gate takes its place.
  const height = parseFloat(getComputedStyle(content).height) - Math.max(0, content.getBoundingClientRect().bottom - innerHeight);
  if (height > 0) journal.style(content, 'min-height', height + 'px');
  const mark = new Text();
  if (first && first.parentNode) journal.add(mark, first.parentNode, first);
  else journal.add(mark, content);
  for (const [, group] of hidden) journal.hide(group);
  for (const { nodes, shell } of locked) {
    for (const node of nodes) {
      if (!shell) journal.take(node);
      else {
        journal.hide(node);
        while (node.firstChild) journal.take(node.firstChild);
      }
    }
  }
  return mark;
}
