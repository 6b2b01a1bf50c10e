// A single-page site of React Router's: hydrated on the markup that was served, stories fetched by loaders. Attributes of
// its place say how: `data-strict`; `data-keyed`, where each story is mounted anew; `data-late`, where the canonical address,
// which begins with this, is set by an effect 100 ms later, and not hoisted by React.

import { Fragment, StrictMode, createElement as h, useEffect } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { Link, Outlet, createBrowserRouter, useLoaderData } from 'react-router';
import { RouterProvider } from 'react-router/dom';

const place = document.getElementById('app');
const { strict, keyed, late } = place.dataset;

function Shell() {
  const link = (name, to) => h(Link, { key: name, id: `to-${name}`, to }, name);
  const stories = ['first', 'second', 'third'].map((slug) => link(slug, `/story/${slug}`));
  return h(Fragment, null, h('nav', null, link('front', '/'), stories), h(Outlet));
}

function Front() {
  return h('main', { id: 'front' }, h('h1', null, 'The Test Post'));
}

function Story() {
  const { slug, count } = useLoaderData();
  useEffect(() => {
    document.title = `Story ${slug}`;
    if (!late) return undefined;
    const timer = setTimeout(() => {
      document.querySelector('link[rel=canonical]').href = late + slug;
    }, 100);
    return () => clearTimeout(timer);
  }, [slug]);
  const paragraphs = [];
  for (let n = 1; n <= count; n += 1) {
    paragraphs.push(h('p', { key: n, id: `p${n}` }, `${slug}-paragraph-${n}. It was a `, h('em', null, 'plain'), ' day.'));
  }
  return h(
    Fragment,
    null,
    !late && h('link', { rel: 'canonical', href: `${location.origin}/story/${slug}` }),
    h('main', { key: keyed && slug }, h('article', null, h('h1', null, `The ${slug} story`), h('div', { className: 'body' }, paragraphs))),
  );
}

const router = createBrowserRouter(
  [
    {
      path: '/',
      Component: Shell,
      children: [
        { index: true, Component: Front },
        {
          id: 'story',
          path: 'story/:slug',
          Component: Story,
          loader: async ({ params, request }) => (await fetch(`/data/${params.slug}`, { signal: request.signal })).json(),
        },
      ],
    },
  ],
  { hydrationData: window.__staticRouterHydrationData },
);
const page = h(RouterProvider, { router });
hydrateRoot(place, strict ? h(StrictMode, null, page) : page);

window.framework = router;
