// A page whose article is Vue's: hydrated on the markup that was served, then changed and taken down at will.

import { createSSRApp, h, nextTick, reactive } from 'vue';

const state = reactive({ first: 1, word: 'plain' });
const place = document.getElementById('app');
const { slug, count } = place.dataset;

const app = createSSRApp({
  render() {
    const paragraphs = [];
    for (let n = state.first; n <= Number(count); n += 1) {
      paragraphs.push(h('p', { key: n, id: `p${n}` }, [`${slug}-paragraph-${n}.`, ' It was a ', h('em', state.word), ' day.']));
    }
    return h('main', [h('article', [h('h1', `The ${slug} story`), h('div', { class: 'body' }, paragraphs)])]);
  },
});
// What Vue only warns of is an error here.
app.config.errorHandler = (error) => {
  throw error;
};
app.mount(place);

window.framework = {
  set: (change) => {
    Object.assign(state, change);
    return nextTick();
  },
  unmount: () => app.unmount(),
};
