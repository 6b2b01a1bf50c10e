// The demo newspaper's own behaviour: the panel in the corner, and the subscribe and log-in forms.
// No part of Tollgate: it uses only what any page can use (getMeter, setEntitlement, forget, events).
(function () {
  'use strict';

  var session = window.meridianSession;
  if (!session) return;

  // ---- The panel -------------------------------------------------------------------------------

  var OPEN_KEY = 'meridian-panel';

  function element(name, className, text) {
    var node = document.createElement(name);
    if (className) node.className = className;
    if (text) node.textContent = text;
    return node;
  }

  var panel = element('aside', 'demo-panel');
  panel.id = 'demo-panel';
  panel.setAttribute('aria-label', 'Demo panel');

  var toggle = element('button', 'demo-panel-toggle');
  toggle.type = 'button';
  toggle.setAttribute('aria-controls', 'demo-panel-rest');
  var reads = element('span', 'demo-panel-reads', 'Tollgate is loading');
  reads.id = 'demo-reads';
  toggle.append(element('span', 'demo-panel-tag', 'Demo'), reads);

  var rest = element('div', 'demo-panel-rest');
  rest.id = 'demo-panel-rest';
  var who = element('p', 'demo-panel-who');
  who.setAttribute('role', 'status');
  var buttons = element('div', 'demo-panel-buttons');
  var startOver = element('button', '', 'Start the month over');
  startOver.type = 'button';
  startOver.id = 'demo-start-over';
  var logInOrOut = element('button');
  logInOrOut.type = 'button';
  logInOrOut.id = 'demo-subscriber';
  buttons.append(startOver, logInOrOut);
  rest.append(
    who,
    element('p', 'demo-panel-what', 'This panel belongs to the demo. A publisher’s page has none.'),
    buttons
  );
  panel.append(toggle, rest);

  function setOpen(open) {
    toggle.setAttribute('aria-expanded', String(open));
    rest.hidden = !open;
  }

  // Open where there is room beside an article, closed elsewhere, and as the reader left it after that.
  function startsOpen() {
    try {
      var kept = sessionStorage.getItem(OPEN_KEY);
      if (kept) return kept === 'open';
    } catch (_refused) { /* Then the default. */ }
    return matchMedia('(min-width: 84rem)').matches && document.querySelector('.body') !== null;
  }

  toggle.addEventListener('click', function () {
    setOpen(rest.hidden);
    try {
      sessionStorage.setItem(OPEN_KEY, rest.hidden ? 'closed' : 'open');
    } catch (_refused) { /* Then it is forgotten on the next page. */ }
  });

  // The live object, or null while Tollgate has not started (window.tollgate is then at most a queue).
  function live() {
    var t = window.tollgate;
    return t && typeof t.getMeter === 'function' ? t : null;
  }

  function readsText(subscriber) {
    var t = live();
    if (!t) return document.readyState === 'complete' ? 'Tollgate is not loaded' : 'Tollgate is loading';
    var meter = t.getMeter();
    if (meter) return 'Reads this month: ' + meter.reads + ' of ' + meter.limit;
    return subscriber ? 'Reads are not counted' : 'Nothing to count here';
  }

  function show() {
    var subscriber = session.read();
    var plan = subscriber && (subscriber.plan === 'annual-access' ? 'annual access' : 'free trial');
    reads.textContent = readsText(subscriber);
    var text = subscriber ? 'You are a subscriber (' + plan + ').' : 'You are an anonymous reader.';
    if (who.textContent !== text) who.textContent = text;
    logInOrOut.textContent = subscriber ? 'Log out' : 'Become a subscriber';
    startOver.disabled = !live();
  }

  startOver.addEventListener('click', function () {
    var t = live();
    if (!t) return;
    var reload = function () { location.reload(); };
    Promise.resolve(t.forget()).then(reload, reload);
  });

  logInOrOut.addEventListener('click', function () {
    if (session.read()) session.clear();
    else if (!session.write('annual-access')) {
      who.textContent = 'This browser refuses storage, so the demo cannot remember you.';
      return;
    }
    follow();
  });

  // After the session changed, here or in another tab: the page, Tollgate and the panel follow.
  function follow() {
    session.mark();
    session.tellTollgate();
    show();
  }

  ['ready', 'meter', 'granted', 'denied', 'error'].forEach(function (name) {
    document.addEventListener('tollgate:' + name, show);
  });
  window.addEventListener('load', function () { setTimeout(show); });
  window.addEventListener('storage', function (event) {
    if (event.key === session.key) follow();
  });
  // A page out of the back/forward cache may be older than the session.
  window.addEventListener('pageshow', function (event) {
    var shown = document.documentElement.hasAttribute('data-reader');
    if (event.persisted && shown !== (session.read() !== null)) follow();
  });

  setOpen(startsOpen());
  show();
  document.body.append(panel);

  // ---- Subscribe and log in --------------------------------------------------------------------

  // Where to go afterwards. The address comes from outside, so only this site's own pages will do.
  function returnAddress() {
    var value = new URLSearchParams(location.search).get('return');
    try {
      var url = new URL(value || '/', location.origin);
      if (url.origin === location.origin && /^https?:$/.test(url.protocol)) return url.href;
    } catch (_notAnAddress) { /* Then the front page. */ }
    return '/';
  }

  var form = document.querySelector('[data-demo-form]');
  if (!form) return;

  var back = returnAddress();
  var comesFromArticle = back.indexOf('/articles/') !== -1;
  form.querySelector('[data-demo-return]').hidden = !comesFromArticle;
  document.querySelectorAll('[data-demo-keep-return]').forEach(function (link) {
    var url = new URL(link.href);
    url.searchParams.set('return', back);
    link.href = url.pathname + url.search;
  });

  function chosenPlan() {
    var radio = form.querySelector('input[name="plan"]:checked');
    return radio ? radio.value : 'annual-access';
  }

  if (form.dataset.demoForm === 'subscribe') {
    var button = form.querySelector('button');
    var label = function () {
      button.textContent = chosenPlan() === 'annual-access' ? 'Subscribe for a year' : 'Start the free trial';
    };
    var wanted = new URLSearchParams(location.search).get('plan');
    form.querySelectorAll('input[name="plan"]').forEach(function (radio) {
      radio.checked = radio.value === (wanted === 'annual-access' ? wanted : 'free-trial');
      radio.addEventListener('change', label);
    });
    label();
  }

  form.addEventListener('submit', function (event) {
    event.preventDefault();
    if (session.write(chosenPlan())) {
      location.assign(back);
      return;
    }
    var problem = form.querySelector('.form-problem');
    problem.textContent = 'This browser refuses storage, so the demo cannot remember you. ';
    var link = element('a', '', 'Go back anyway');
    link.href = back;
    problem.append(link);
  });
})();
