// The honest rival: a paywall written by hand for one page, without a library, as a good engineer would in a day. It counts the month's
// reads, cuts the text, and shows the offer in a modal dialog with prices by Intl. What it lacks beside Tollgate is everything else.
(() => {
  const script = document.currentScript;
  const { limit, teaser, subscribe, login, publication } = script.dataset;
  const plans = JSON.parse(script.dataset.plans);
  const benefits = JSON.parse(script.dataset.benefits);
  const month = new Date().toISOString().slice(0, 7);
  const KEY = 'paywall:' + month;

  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || [];
    } catch {
      return [];
    }
  };
  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const price = (amount) =>
    new Intl.NumberFormat(document.documentElement.lang || 'en', { style: 'currency', currency: 'USD' }).format(amount);

  const STYLE = `
  .pw{border:0;padding:0;border-radius:6px;max-width:42rem;width:calc(100% - 2rem);color:#1a1a1a;background:#fff;font:1rem/1.5 Georgia,serif}
  .pw::backdrop{background:rgb(0 0 0/60%)}
  .pw-card{padding:1.5rem 2rem 2rem}
  .pw h2{font-size:1.6rem;line-height:1.2;margin:0 0 1rem}
  .pw ul{margin:0 0 1.5rem;padding:0 0 0 1.2rem}
  .pw fieldset{border:0;padding:0;margin:0 0 1rem;display:grid;gap:.5rem}
  .pw label{display:block;border:1px solid #ccc;border-radius:4px;padding:.75rem 1rem;cursor:pointer}
  .pw label:has(:checked){border-color:#14507a;box-shadow:0 0 0 1px #14507a}
  .pw a.pw-go{display:block;text-align:center;background:#14507a;color:#fff;padding:.75rem;border-radius:4px;text-decoration:none;font-weight:bold}
  .pw button{float:right;border:0;background:none;font-size:1.5rem;line-height:1;cursor:pointer;padding:.25rem}
  .pw p{margin:1rem 0 0;font-size:.9rem}
  .pw-inline{border-top:1px solid #ccc;padding:1.5rem 0}
  @media (prefers-color-scheme:dark){.pw{background:#1c1c1c;color:#eee}}`;

  function gate(body) {
    document.head.append(element('style', { textContent: STYLE }));
    const paragraphs = [...body.children];
    let kept = 0;
    const cut = paragraphs.findIndex((part) => part.localName === 'p' && ++kept > Number(teaser));
    const locked = paragraphs.slice(cut < 0 ? paragraphs.length : cut);
    locked.forEach((part) => part.remove());

    const back = encodeURIComponent(location.href.split('#')[0]);
    const go = element('a', { className: 'pw-go', textContent: 'Subscribe to ' + publication });
    const choose = (plan) => (go.href = subscribe.replace('{plan}', plan.id).replace('{return}', back));
    const choices = plans.map((plan, nth) => {
      const radio = element('input', { type: 'radio', name: 'pw-plan', checked: nth === 0, onchange: () => choose(plan) });
      return element('label', {}, radio, ' ', element('strong', { textContent: plan.name }), ' ', price(plan.price) + ' per ' + plan.per);
    });
    choose(plans[0]);
    const heading = element('h2', { id: 'pw-heading', tabIndex: -1, textContent: 'You’ve read your ' + limit + ' free articles this month' });
    const close = element('button', { type: 'button', textContent: '×', ariaLabel: 'Close', onclick: () => dialog.close() });
    const dialog = element(
      'dialog',
      { className: 'pw' },
      element(
        'div',
        { className: 'pw-card' },
        close,
        heading,
        element('ul', {}, ...benefits.map((text) => element('li', { textContent: text }))),
        element('fieldset', {}, ...choices),
        go,
        element('p', {}, 'Already a subscriber? ', element('a', { href: login.replace('{return}', back), textContent: 'Log in' })),
      ),
    );
    dialog.setAttribute('aria-labelledby', 'pw-heading');
    const inline = element('section', { className: 'pw-inline' }, element('p', { textContent: 'Subscribe to read the full story.' }));
    inline.append(element('button', { type: 'button', textContent: 'See all plans', onclick: () => dialog.showModal() }));
    body.append(inline);
    document.body.append(dialog);
    dialog.showModal();
    heading.focus();
  }

  function start() {
    const body = document.querySelector('article .body');
    if (!body) return;
    const canonical = document.querySelector('link[rel=canonical]');
    const article = canonical ? canonical.href : location.pathname;
    const reads = read();
    if (reads.includes(article)) return;
    if (reads.length >= Number(limit)) return gate(body);
    setTimeout(() => {
      try {
        localStorage.setItem(KEY, JSON.stringify([...reads, article]));
      } catch {
        // Not counted.
      }
    }, 3000);
  }
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
  else start();
})();
