// The page of a hand-written single-page site: it goes from story to story within itself, by `app`. What a story's address
// is, when its text comes and when it is named is the test's to say: by attributes of its place, or at each step.
(() => {
  "use strict";
  const place = document.getElementById("app");
  // `data-hash`: a story's address is a fragment. `data-keep`: a story that is left is kept, and comes back as it was.
  // `data-canonical`: what the canonical address begins with, or `never` where it stays as it was served.
  // `data-free`: this story is free. `data-after`: how many milliseconds later the first story comes.
  const { slug: first, hash, keep, canonical = "/story/", free, after } = place.dataset;
  const template = place.innerHTML;
  const kept = new Map();
  let turn = 0;
  let shown = location.href;

  const slugOf = address => {
    const { pathname, hash: fragment } = new URL(address, location.href);
    return (hash ? fragment.slice(2) : pathname.startsWith("/story/") && pathname.slice(7)) || "";
  };
  const nodesOf = root => {
    const nodes = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ALL);
    for (let node = walker.currentNode; node; node = walker.nextNode()) nodes.push(node);
    return nodes;
  };
  // A story's element, and what it is made of.
  const make = slug => {
    const holder = document.createElement("div");
    holder.innerHTML = slug ? template.replaceAll(first, slug) : '<main id="front"><h1>The Test Post</h1></main>';
    const element = holder.firstElementChild;
    if (free && slug === free) element.querySelector("article").dataset.tollgate = "free";
    return { element, markup: element.outerHTML, nodes: nodesOf(element) };
  };
  const storyOf = slug => {
    if (!keep || !kept.has(slug)) kept.set(slug, make(slug));
    return kept.get(slug);
  };
  const show = address => {
    shown = new URL(address, location.href).href;
    place.replaceChildren(storyOf(slugOf(address)).element);
    // As routers do.
    scrollTo(0, 0);
  };
  const name = address => {
    const link = document.querySelector("link[rel=canonical]");
    if (link && canonical !== "never" && slugOf(address)) link.href = canonical + slugOf(address);
  };
  // The page as it was served is the first story.
  const served = place.firstElementChild;
  if (after) {
    place.replaceChildren();
    setTimeout(() => place.replaceChildren(served), after);
  }
  kept.set(first, { element: served, markup: served.outerHTML, nodes: nodesOf(served) });

  window.app = {
    // When the last step was taken, in the page's own time.
    went: 0,
    // Goes to an address. `text` and `named`: how many milliseconds later the text comes, and the canonical address.
    // `textFirst`: the address changes last. `replace`: in the place of the one before.
    go: (address, { text = 0, named = 0, textFirst, replace } = {}) => {
      const mine = (turn += 1);
      const later = (time, act) => (time ? setTimeout(() => mine === turn && act(address), time) : act(address));
      app.went = performance.now();
      const move = () => history[replace ? "replaceState" : "pushState"]({ turn }, "", address);
      if (!textFirst) move();
      later(text, show);
      later(named, name);
      if (textFirst) move();
    },
    // Goes so many times from a gated story to a free one and on, each as soon as the one before is decided, and to the end to the
    // first; between them it waits for `pause` milliseconds. Where nothing tells of such a step, the site does.
    walked: 0,
    walk: async (times, pause) => {
      const slugs = ["second", "third", "second", first];
      for (app.walked = 0; app.walked < times; app.walked += 1) {
        const waiting = new AbortController();
        const decided = new Promise(resolve => {
          const end = () => { waiting.abort(); setTimeout(resolve, pause); };
          for (const name of ["granted", "denied"]) document.addEventListener(`tollgate:${name}`, end, { signal: waiting.signal });
        });
        app.go(`/story/${slugs[app.walked % 4]}`);
        if (!window.navigation) tollgate.navigate();
        await decided;
      }
    },
    // Another text at the same address, whose element says which it is.
    swap: (slug, id) => {
      const { element } = make(slug);
      element.querySelector("article").dataset.tollgateId = id;
      place.replaceChildren(element);
    },
    // 'same' if a story that was left, or is shown, is as the site made it: to the byte, and of the same nodes; else the first
    // difference.
    whole: slug => {
      const { element, markup, nodes } = kept.get(slug);
      const is = element.outerHTML;
      if (is !== markup) {
        const at = [...is].findIndex((letter, index) => letter !== markup[index]);
        return `was …${markup.slice(Math.max(0, at - 40), at + 60)}… is …${is.slice(Math.max(0, at - 40), at + 60)}…`;
      }
      const now = nodesOf(element);
      return now.length === nodes.length && now.every((node, index) => node === nodes[index]) ? "same" : "other nodes";
    },
    // 'clean' if nothing of ours is on the page.
    clean: () => {
      if (document.querySelector("tollgate-gate")) return "an element of ours";
      if (document.querySelector("[style]")) return document.querySelector("[style]").cloneNode().outerHTML;
      return place.childElementCount === 1 ? app.whole(slugOf(shown)) === "same" ? "clean" : app.whole(slugOf(shown)) : "more";
    },
  };

  const traversed = () => {
    if (slugOf(location.href) === slugOf(shown)) return;
    turn += 1;
    show(location.href);
    name(location.href);
  };
  addEventListener("popstate", traversed);
  if (hash) addEventListener("hashchange", traversed);
})();
