// A single-page site of Vue Router's: hydrated on the markup that was served. Attributes of its place say how: by default
// one component shows every story, and fetches it when the address has changed; `data-keep`, where each story has its own
// component, kept alive while others are shown; `data-hash`, where the address of a story is a fragment, and nothing is served.

import { KeepAlive, createApp, createSSRApp, h, onActivated, shallowRef, watch } from 'vue';
import { RouterLink, RouterView, createRouter, createWebHashHistory, createWebHistory } from 'vue-router';

const place = document.getElementById('app');
const { keep, hash } = place.dataset;

// The story that was served with the page.
let served = window.SERVED;

const Front = { render: () => h('main', { id: 'front' }, h('h1', 'The Test Post')) };

const Story = {
  props: ['slug'],
  setup(props) {
    const story = shallowRef(served);
    served = null;
    const name = () => {
      const link = document.querySelector('link[rel=canonical]');
      if (link && story.value) link.href = `${location.origin}/story/${story.value.slug}`;
    };
    watch(
      () => props.slug,
      async (slug) => {
        if (!slug || (story.value && story.value.slug === slug)) return;
        const answer = await (await fetch(`/data/${slug}`)).json();
        if (slug !== props.slug) return;
        story.value = answer;
        document.title = `Story ${slug}`;
        name();
      },
      { immediate: true },
    );
    onActivated(name);
    return () => {
      const { slug, count } = story.value || {};
      const paragraphs = [];
      for (let n = 1; n <= count; n += 1) {
        paragraphs.push(h('p', { key: n, id: `p${n}` }, [`${slug}-paragraph-${n}. It was a `, h('em', 'plain'), ' day.']));
      }
      return h('main', slug && [h('article', [h('h1', `The ${slug} story`), h('div', { class: 'body' }, paragraphs)])]);
    };
  },
};

const router = createRouter({
  history: hash ? createWebHashHistory() : createWebHistory(),
  routes: [
    { path: '/', component: Front },
    { path: '/story/:slug', component: Story },
  ],
});

const link = (name, to) => h(RouterLink, { id: `to-${name}`, to }, () => name);
const view = ({ Component, route }) => {
  const shown = Component && h(Component, { slug: route.params.slug, key: keep && route.path });
  return keep ? h(KeepAlive, null, { default: () => shown }) : shown;
};

const app = (hash ? createApp : createSSRApp)({
  render: () =>
    h('div', [
      h('nav', [link('front', '/'), ...['first', 'second', 'third'].map((slug) => link(slug, `/story/${slug}`))]),
      h(RouterView, null, { default: view }),
    ]),
});
// What Vue only warns of is an error here.
app.config.errorHandler = (error) => {
  throw error;
};
app.use(router);
router.isReady().then(() => {
  app.mount(place);
  window.framework = router;
});
