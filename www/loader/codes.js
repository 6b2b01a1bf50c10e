// What is signalled to the module, by number. src/browser/entry.rs has the same table.

export const SEEN = 1;
export const HIDDEN = 2;
export const WOKE = 3;
export const ENGAGED = 4;
export const LEDGER_CHANGED = 5;
export const DISMISS = 6;
export const HIDE = 7;
export const WANTED = 8;
export const ACCESS_PENDING = 9;
export const ACCESS_UNKNOWN = 10;
export const ACCESS_KNOWN = 11;
export const FORGET = 12;
export const MORE = 13;
export const PREPARED = 14;
export const TRANSLATED = 15;
export const OBSTRUCTED = 16;
export const UNOBSTRUCTED = 17;
export const SIGNED_UP = 18;
export const LEFT = 19;
export const ARRIVED = 20;
export const WITHDRAWN = 21;
export const CONNECTED = 22;
