// A page whose article is React's: hydrated on the markup that was served, then changed and taken down at will.

import { createElement as h, useState } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { flushSync } from 'react-dom';

let change;

function Article({ slug, count }) {
  const [state, setState] = useState({ first: 1, word: 'plain' });
  change = setState;
  const paragraphs = [];
  for (let n = state.first; n <= count; n += 1) {
    paragraphs.push(h('p', { key: n, id: `p${n}` }, `${slug}-paragraph-${n}.`, ' It was a ', h('em', null, state.word), ' day.'));
  }
  return h('main', null, h('article', null, h('h1', null, `The ${slug} story`), h('div', { className: 'body' }, paragraphs)));
}

const place = document.getElementById('app');
const { slug, count } = place.dataset;
let root;
flushSync(() => {
  root = hydrateRoot(place, h(Article, { slug, count: Number(count) }));
});

window.framework = {
  set: (state) => flushSync(() => change((before) => ({ ...before, ...state }))),
  unmount: () => root.unmount(),
};
