// What only tollgate.debug.js has: the sentences for diagnostics' codes, decisions in words, and the history of the page.

import { sentences } from '../prose.js';

const lines = [];
const last = {};

export const debug = {
  prose: sentences,
  // What the module calls in this script alone: see src/browser/shim.rs.
  imports: {
    explain: (words) => (last.words = words),
    holds: (selector) => document.querySelector(selector) !== null,
    record: (line) => lines.push(JSON.stringify(line)),
  },
  // The last decision in words.
  last,
  api: {
    // What happened on this page, as `cargo xtask replay` reads it. It holds the addresses of this page.
    history: () => lines.join('\n'),
  },
};
