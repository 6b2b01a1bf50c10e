// The demo newspaper's session with a server behind it, in place of the one of this name that lives in the browser. The server writes on each
// page who reads it (data-reader and data-plan of <html>), and Tollgate asks it (data-entitlement-url): nothing is decided here.
(function () {
  'use strict';

  var root = document.documentElement;

  function read() {
    return root.getAttribute('data-reader') === 'subscriber' ? { plan: root.getAttribute('data-plan'), subscriber: true } : null;
  }

  // What Tollgate heard later: a page may be older than a subscription.
  ['granted', 'denied'].forEach(function (name) {
    document.addEventListener('tollgate:' + name, function (event) {
      if (event.detail.tier === 'subscriber') root.setAttribute('data-reader', 'subscriber');
      else root.removeAttribute('data-reader');
    });
  });

  function here() {
    return location.pathname + location.search;
  }

  // The panel's buttons: the server's own pages do it.
  function write(plan) {
    location.assign('/subscribe?plan=' + encodeURIComponent(plan) + '&return=' + encodeURIComponent(here()));
    return true;
  }

  function clear() {
    var form = document.createElement('form');
    form.method = 'post';
    form.action = '/logout';
    var back = document.createElement('input');
    back.type = 'hidden';
    back.name = 'return';
    back.value = here();
    form.append(back);
    document.body.append(form);
    form.submit();
  }

  function nothing() {}

  window.meridianSession = { key: 'meridian-session', read: read, write: write, clear: clear, tellTollgate: nothing, mark: nothing };
})();
