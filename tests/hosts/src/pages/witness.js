// The first script of every test page: it writes down what happens there, and answers the harness's questions.
// The server puts `const CLOCK = …` before it: null for the real time, else an expression for `Date.now`.
(() => {
  "use strict";
  const log = [];
  let taken = 0;
  const say = (kind, text, detail) => log.push({ kind, text: String(text), detail, at: Math.round(performance.now()) });
  const shown = value => {
    if (typeof value === "string") return value;
    if (value instanceof Error) return String(value);
    try { return JSON.stringify(value) ?? String(value); } catch { return String(value); }
  };

  if (CLOCK) Date.now = CLOCK;

  addEventListener("error", event => {
    if (event.target !== window && event.target) {
      say("resource", event.target.src || event.target.href || event.target.localName);
    } else {
      say("error", `${event.message} (${event.filename}:${event.lineno})`);
    }
  }, true);
  addEventListener("unhandledrejection", event => say("rejection", shown(event.reason)));
  addEventListener("securitypolicyviolation", event => say("violation", `${event.effectiveDirective} ${event.blockedURI}`), true);
  addEventListener("pageshow", event => say("pageshow", event.persisted ? "persisted" : "new"));
  for (const level of ["error", "warn", "info", "log", "debug", "group", "groupCollapsed"]) {
    const original = console[level];
    console[level] = function (...values) {
      say(`console.${level}`, values.map(shown).join(" "));
      return original.apply(this, values);
    };
  }
  for (const name of ["ready", "meter", "granted", "denied", "lock", "release", "show", "hide", "dismiss",
    "subscribe-click", "login-click", "error"]) {
    document.addEventListener(`tollgate:${name}`, event => {
      let detail = null;
      try { detail = JSON.parse(JSON.stringify(event.detail ?? null)); } catch { detail = "not JSON"; }
      say("event", `tollgate:${name}`, detail);
    });
  }

  // The page as its author wrote it, and a mark on each of its nodes by which the same node is known again.
  let before = null;
  const marks = new WeakMap();
  let marked = [];
  const nodesOf = root => {
    const nodes = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ALL);
    for (let node = walker.currentNode; node; node = walker.nextNode()) nodes.push(node);
    return nodes;
  };
  document.addEventListener("DOMContentLoaded", () => {
    before = document.documentElement.outerHTML;
    marked = nodesOf(document.documentElement);
    marked.forEach((node, index) => marks.set(node, index));
  });

  const squeezed = text => text.replace(/[ \t\n]+/g, " ").trim();
  const part = (root, name) => root && root.querySelector(`[part~="${name}"]`);
  const text = node => node ? squeezed(node.textContent) : null;
  const textWithoutBadge = node => {
    const copy = node.cloneNode(true);
    for (const badge of copy.querySelectorAll('[part~="badge"]')) badge.remove();
    return squeezed(copy.textContent);
  };
  const link = node => node ? { text: text(node), href: node.href } : null;
  const benefits = root => [...root.querySelectorAll('[part~="benefit"]')]
    .map(item => ({ text: textWithoutBadge(item), badge: text(part(item, "badge")) }));
  const hosts = surface => [...document.querySelectorAll(`tollgate-gate[data-tollgate-surface="${surface}"]`)];

  const witness = {
    log,
    // What was written down since the last call. (A page from the back-forward cache goes on where it was.)
    take: () => log.slice(taken, taken = log.length),
    // Forgets what was written down, for pages that live long.
    forget: () => { log.length = taken = 0; },
    events: name => log.filter(entry => entry.kind === "event" && (!name || entry.text === `tollgate:${name}`)),
    // What was decided on this page so far: granted or denied, of which article, when.
    decisions: () => log.filter(({ kind, text }) => kind === "event" && /^tollgate:(granted|denied)$/.test(text))
      .map(({ text, detail, at }) => ({ name: text.slice(9), article: detail.article, reason: detail.grantReason ?? detail.gateReason, at })),
    // How the page was shown last: 'new', or 'persisted' if it came from the back-forward cache.
    shown: () => log.filter(entry => entry.kind === "pageshow").pop()?.text,
    hosts,
    overlayRoot: () => hosts("overlay").map(host => host.shadowRoot).find(root => root) ?? null,
    inlineRoot: () => hosts("inline").map(host => host.shadowRoot).find(root => root) ?? null,
    dialog: () => witness.overlayRoot()?.querySelector("dialog") ?? null,
    overlayOpen: () => Boolean(witness.dialog()?.open),
    // The overlay as a reader sees it, or null if there is none on the screen.
    overlay: () => {
      const dialog = witness.dialog();
      if (!dialog || !dialog.open) return null;
      return {
        hosts: hosts("overlay").length,
        modal: dialog.matches(":modal"),
        headline: text(dialog.querySelector('h2[part~="headline"]')),
        offer: text(part(dialog, "offer-headline")),
        benefits: benefits(dialog),
        plans: [...dialog.querySelectorAll('fieldset[part~="plans"] > label[part~="plan"]')].map(plan => {
          const input = plan.querySelector('input[type="radio"][name="plan"]');
          return {
            id: input?.value ?? null, chosen: Boolean(input?.checked), name: plan.querySelector('[part~="plan-name"]') && textWithoutBadge(plan.querySelector('[part~="plan-name"]')),
            badge: text(part(plan, "badge")), price: text(part(plan, "price")), then: text(part(plan, "then")), saving: text(part(plan, "saving")),
          };
        }),
        cta: link(dialog.querySelector('a[part~="cta"]')),
        cancel: text(part(dialog, "cancel")),
        login: link(dialog.querySelector('a[part~="login"]')),
      };
    },
    // The inline gate, or null.
    inline: () => {
      const section = witness.inlineRoot()?.querySelector('section[part~="inline"]');
      if (!section) return null;
      return {
        hosts: hosts("inline").length,
        headline: text(section.querySelector('h2[part~="headline"]')),
        benefits: benefits(section),
        cta: link(section.querySelector('a[part~="cta"]')),
        cancel: text(part(section, "cancel")),
        login: link(section.querySelector('a[part~="login"]')),
      };
    },
    // The overlay's own element that has the focus, as `localName part`; null if the focus is elsewhere.
    focusInside: () => {
      const focused = witness.overlayRoot()?.activeElement;
      return focused ? `${focused.localName} ${focused.getAttribute("part") ?? ""}`.trim() : null;
    },
    // What a tap in the middle of the overlay's element would hit: 'hit', or the name of what covers it.
    hits: name => {
      const root = witness.overlayRoot();
      const target = part(root, name);
      if (!target) return `no ${name}`;
      target.scrollIntoView({ block: "nearest" });
      const box = target.getBoundingClientRect();
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      if (box.width < 2 || box.height < 2) return `empty box ${box.width}x${box.height}`;
      const outer = document.elementFromPoint(x, y);
      if (outer !== root.host) return `covered by ${outer?.localName}`;
      const inner = root.elementFromPoint(x, y);
      return target === inner || target.contains(inner) ? "hit" : `covered by ${inner?.localName}`;
    },
    // Whether each paragraph of the page's article is in the document: '11100000'.
    paragraphs: slug => {
      const words = document.documentElement.textContent;
      const markup = document.documentElement.innerHTML;
      let seen = "";
      for (let n = 1; n <= Number(document.documentElement.dataset.paragraphs ?? 8); n += 1) {
        const word = `${slug}-paragraph-${n}.`;
        seen += words.includes(word) && markup.includes(word) ? "1" : words.includes(word) || markup.includes(word) ? "?" : "0";
      }
      return seen;
    },
    ledger: (area = "localStorage") => {
      const found = {};
      for (const key of Object.keys(window[area])) if (key.startsWith("tollgate")) found[key] = window[area].getItem(key);
      return found;
    },
    // 'same' if the document is, to the byte, what its author wrote, made of the same nodes; else the first difference.
    untouched: () => {
      const now = document.documentElement.outerHTML;
      if (now !== before) {
        let at = 0;
        while (at < now.length && now[at] === before[at]) at += 1;
        return `at ${at}: was …${before.slice(Math.max(0, at - 40), at + 60)}… is …${now.slice(Math.max(0, at - 40), at + 60)}…`;
      }
      const nodes = nodesOf(document.documentElement);
      const other = nodes.findIndex((node, index) => marks.get(node) !== index);
      if (nodes.length !== marked.length) return `${marked.length} nodes before, ${nodes.length} now`;
      return other < 0 ? "same" : `another node: ${nodes[other].nodeName} ${nodes[other].textContent.slice(0, 40)}`;
    },
  };
  Object.defineProperty(window, "witness", { value: witness });
})();
