// The demo newspaper's session: who is logged in, in this browser. Runs before Tollgate's tag, so that
// a subscriber is known before anything is decided. A real site would ask its server instead.
(function () {
  'use strict';

  var KEY = 'meridian-session';

  // Storage may be refused altogether (blocked cookies, a sandboxed frame): then nobody is logged in.
  function read() {
    try {
      var session = JSON.parse(localStorage.getItem(KEY));
      return session && session.subscriber === true ? session : null;
    } catch (_refused) {
      return null;
    }
  }

  // Whether the browser took it.
  function write(plan) {
    try {
      localStorage.setItem(KEY, JSON.stringify({ plan: plan, subscriber: true }));
    } catch (_refused) {
      return false;
    }
    return read() !== null;
  }

  function clear() {
    try {
      localStorage.removeItem(KEY);
    } catch (_refused) { /* What could not be stored is not there. */ }
  }

  // What Tollgate is told about this reader, by its public interface.
  function entitlement() {
    return read()
      ? { granted: true, grantReason: 'SUBSCRIBER', tier: 'subscriber' }
      : { granted: false, tier: 'anonymous' };
  }

  function tellTollgate() {
    (window.tollgate = window.tollgate || []).push(function (t) { t.setEntitlement(entitlement()); });
  }

  // The masthead shows it too.
  function mark() {
    if (read()) document.documentElement.setAttribute('data-reader', 'subscriber');
    else document.documentElement.removeAttribute('data-reader');
  }

  window.meridianSession = { key: KEY, read: read, write: write, clear: clear, tellTollgate: tellTollgate, mark: mark };

  mark();
  if (read()) tellTollgate();
})();
