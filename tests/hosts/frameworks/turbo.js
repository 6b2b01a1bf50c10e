// A site whose pages are rendered by its server and swapped by Turbo: it takes over every link when it is loaded.

import * as Turbo from '@hotwired/turbo';

window.framework = Turbo;

// The bodies that Turbo is about to show, as they are then: what came from its cache is seen before anybody changes it.
window.bodies = [];
document.addEventListener('turbo:before-render', ({ detail }) => {
  window.bodies.push({ path: location.pathname, body: detail.newBody.outerHTML });
});
