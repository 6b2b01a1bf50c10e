// Whether the reader consents that anything is stored, where the publisher asks.

import { LEDGER_CHANGED, WITHDRAWN } from './codes.js';
import { enter } from './shim.js';

// The key of local storage under which a yes is kept, by which also other windows learn of it, where the publisher asks; whether
// there is one; and what was said before it was known that there is a question.
export const consenting = {};

// Whether the reader consents. The publisher asks from now on.
export function consents(key) {
  consenting.key = key;
  if ('early' in consenting) {
    consent(consenting.early);
    delete consenting.early;
  }
  try {
    consenting.given = !!window.localStorage.getItem(key);
  } catch {
    // No storage, and nothing is stored.
  }
  return !!consenting.given;
}

// The reader consents, or no longer does.
export function consent(given) {
  const { key } = consenting;
  if (!key) consenting.early = given;
  try {
    if (key && given) window.localStorage.setItem(key, 1);
    else if (key) window.localStorage.removeItem(key);
  } catch {
    // As above.
  }
  enter(given ? LEDGER_CHANGED : WITHDRAWN);
}
