// Types of Tollgate: of `init`, of `window.tollgate`, of its events. They work with the script tag alone, too:
// `import type {} from 'tollgate'` in any file makes `window.tollgate` and the events known.
//
// The members of Settings, Tollgate and TollgateEvents are compared with the real ones by the tests.

/** Amounts, trials and periods as text, or in parts. */
export interface Plan {
  /** What `{plan}` becomes in an address; else a slug of the name. */
  id?: string;
  /** With a `*` before it, it is the one that is chosen at the start. */
  name: string;
  badge?: string;
  /** `'19.90/year'`, or with a trial `'30d free then 2.90/month'`. */
  terms: string;
}

export interface Benefit {
  text: string;
  badge?: string;
}

export interface SectionMeter {
  name: string;
  /** Sections that share it; else the section of its name. `'*'`: every article. */
  sections?: string | string[];
  limit: number;
}

export interface PathRule {
  /** `*` stands for any characters. */
  path: string;
  rule: Rule;
}

export type Surface = 'notice' | 'newsletter' | 'register' | 'subscribe';
export type Rule = 'metered' | 'free' | 'locked';
export type Tier = 'anonymous' | 'newsletter' | 'registered' | 'subscriber';

export interface Step {
  surface: Surface;
  /** From which read of a period on. */
  from?: number;
  /** For how many articles: `'1/day'`. */
  cap?: string;
  dismissible?: boolean;
  hard?: boolean;
}

/** A public key in JWK form; a private one is refused. */
export interface PublicKey {
  kty: 'EC' | 'OKP';
  crv: 'P-256' | 'Ed25519';
  x: string;
  y?: string;
  kid?: string;
  [member: string]: unknown;
}

/** The settings: the tag's attributes without `data-`, in camel case. Each has a default; the README says them. */
export interface Settings {
  /** The name your site's keys carry in storage: `[a-z0-9-]`, at most 32. */
  site?: string;
  /** The name readers see. */
  publication?: string;
  /** Free articles in a period, 0 to 1000. */
  limit?: number;
  newsletterLimit?: number;
  registeredLimit?: number;
  /** `day`, `week`, `month`, `year`, or a number of days: `30d`. */
  period?: 'day' | 'week' | 'month' | 'year' | (string & {});
  window?: 'calendar' | 'rolling' | 'first-view';
  /** An IANA name, such as `Europe/Paris`. */
  timeZone?: string;
  weekStart?: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday';
  meters?: string | Array<string | SectionMeter>;
  paths?: string | Array<string | PathRule>;
  freeReferrers?: string | string[];
  referrerLimit?: number;
  steps?: string | Array<string | Step>;
  /** Seconds an article must be visible to count, 0 to 600. */
  dwell?: number;
  /** CSS selector of the element that holds the article's text. */
  content?: string;
  /** `'3p'`, `'20%'` or `'marker'`. */
  teaser?: string;
  /** ISO 4217. */
  currency?: string;
  plans?: string | Array<string | Plan>;
  benefits?: string | Array<string | Benefit>;
  /** Without it nothing is gated. Placeholders `{plan}` and `{return_url}`. */
  subscribeUrl?: string;
  loginUrl?: string;
  newsletterUrl?: string;
  registerUrl?: string;
  locale?: string;
  theme?: 'light' | 'dark' | 'auto';
  accent?: string;
  style?: 'journal' | 'plain';
  planStyle?: 'choice' | 'buttons';
  noticeStyle?: 'bar' | 'card';
  logo?: string;
  waitFor?: string;
  preview?: 'overlay' | 'inline' | 'notice' | 'newsletter' | 'register';
  consent?: 'required';
  structuredData?: 'add';
  entitlementUrl?: string;
  /** Origins, parted by blanks. */
  entitlementOrigins?: string;
  fallback?: 'granted' | 'denied';
  /** The JSON itself, or as text. */
  tokenKeys?: string | PublicKey | PublicKey[] | { keys: PublicKey[] };
  tokenIssuer?: string;
  tokenCookie?: string;
  subscriberCookie?: string;
  subscriberIf?: string;
  analytics?: 'none' | 'datalayer' | 'gtag';
  /** The publisher's own texts by their names, as they stand in the README or in camel case. */
  texts?: Record<string, string>;
}

/** What `init` takes besides, once: what the tag has as attributes of its own. */
export interface InitSettings extends Settings {
  hashRouting?: boolean;
  /** Seconds the text is held back for the decision at most, or `true`. */
  hold?: boolean | number;
  allowFrame?: boolean;
  debug?: boolean;
}

/** How a reader's allowance stands. */
export interface Meter {
  site: string;
  /** The section's meter, or empty: the tag's own. */
  meter: string;
  /** The period, as `2026-11`. */
  period: string;
  reads: number;
  readsLeft: number;
  limit: number;
  /** Whether this article is one of the reads. */
  counted: boolean;
  /** When there is more to read, in milliseconds since 1970. */
  resetsAt: number | null;
  article: string;
}

export type GrantReason = 'METERING' | 'SUBSCRIBER' | 'GIFT' | 'REFERRER' | 'DISMISSED' | 'FREE' | 'FALLBACK';
export type GateReason = 'LIMIT_REACHED' | 'NO_FREE_READS' | 'LOCKED' | 'STEP';

interface Decided {
  /** The article's short hash: the same on each visit, and no address. */
  article: string;
  /** The surface that belongs to it, or empty. */
  step: Surface | '';
  rule: Rule;
  tier: Tier;
  referred: boolean;
  meter: string;
  reads: number;
  limit: number;
}

export interface Granted extends Decided {
  granted: true;
  /** One of ours, or your own word. */
  grantReason: GrantReason | (string & {});
}

export interface Denied extends Decided {
  granted: false;
  gateReason: GateReason;
}

export type Decision = Granted | Denied;

/** Who may read, as an AMP or SwG authorizer answers. */
export interface Entitlement {
  granted: boolean;
  grantReason?: string;
  tier?: Tier;
  /** A meter that you keep takes the place of the one on the device. */
  data?: {
    isLoggedIn?: boolean;
    articlesRead?: number;
    articlesLeft?: number;
    articleLimit?: number;
    tier?: Tier;
  };
}

/** A signed token, or an empty one: the reader has logged out. */
export interface TokenEntitlement {
  token: string;
}

export type EntitlementAnswer = Entitlement | TokenEntitlement | boolean;

export interface Explanation {
  decision: Decision | null;
  meter: Meter | null;
  /** With tollgate.debug.js: the reasons in a sentence. */
  words?: string;
}

/** A reader follows a link: which plan, as in the address, and where to. */
export interface Click {
  plan: string;
  url: string;
}

export interface NewsletterSubmit {
  email: string;
  url: string;
  /** To send it yourself: a promise that is kept when the reader has signed up. */
  respondWith(promise: Promise<unknown>): void;
}

/** The events by their names without `tollgate:`, with their details. */
export interface TollgateEvents {
  ready: null;
  granted: Granted;
  denied: Denied;
  meter: Meter;
  expired: Meter | null;
  lock: { surface: 'inline' };
  release: { surface: 'inline' };
  /** Can be prevented: `event.preventDefault()`. */
  beforeshow: { surface: 'overlay' | 'notice' } & Decision;
  show: { surface: 'overlay' | 'notice' };
  seen: { surface: 'overlay' | 'inline' | 'notice' };
  hide: { surface: 'overlay' | 'notice' };
  dismiss: { surface: 'overlay' };
  'subscribe-click': Click;
  'newsletter-click': Click;
  'register-click': Click;
  'login-click': Click;
  'home-click': Click;
  register: { step: 'newsletter'; url: string };
  /** Can be prevented. */
  'newsletter-submit': NewsletterSubmit;
  error: { code: string; message: string };
}

export type TollgateEventName = keyof TollgateEvents;

type Listener<Name extends TollgateEventName> = (
  detail: TollgateEvents[Name],
  /** Without one for those who come late, but for its detail. */
  event: CustomEvent<TollgateEvents[Name]> | { detail: TollgateEvents[Name] },
) => void;

/** `window.tollgate`, once the script has run. */
export interface Tollgate {
  readonly version: string;
  /** Calls back with this object: before the first decision, or now if that is past. */
  push(callback: (tollgate: Tollgate) => void): void;
  /** Says who is reading. */
  setEntitlement(
    answer:
      | EntitlementAnswer
      | PromiseLike<EntitlementAnswer>
      | ((meter: Meter | null) => EntitlementAnswer | PromiseLike<EntitlementAnswer>),
  ): void;
  /** Asks all sources anew who may read. */
  refresh(): void;
  /** Calls back at each event of this name; who comes late gets the last one at once. */
  on<Name extends TollgateEventName>(name: Name, callback: Listener<Name>): void;
  /** The same, once. */
  once<Name extends TollgateEventName>(name: Name, callback: Listener<Name>): void;
  /** Calls back no more; without a callback, none of those for this name. */
  off<Name extends TollgateEventName>(name: Name, callback?: Listener<Name>): void;
  getMeter(): Meter | null;
  getDecision(): Decision | null;
  explain(): Explanation;
  /** Opens the overlay, where the article is gated. */
  show(): void;
  /** Closes it. The text stays cut. */
  hide(): void;
  /** Begins anew with these settings, which win over all others. */
  setConfig(changes: Settings): void;
  setLanguage(locale: string): void;
  /** With `consent: 'required'`: the reader agrees that reads are stored, or no longer. */
  consent(given: boolean): void;
  /** Deletes all stored keys of this site and begins anew. */
  forget(): void;
  /** Looks whether the page is another one by now. */
  navigate(): void;
  /** Undoes everything and does nothing more on this page. */
  destroy(): void;
  /** Only in tollgate.debug.js: what happened on this page. */
  history?(): string;
}

/** What stands at `window.tollgate` before the script has run: a list of callbacks. */
export interface TollgateQueue {
  push(callback: (tollgate: Tollgate) => void): unknown;
}

/**
 * Begins with these settings; the widget is loaded when this is first called. Gives `window.tollgate`, or null on a server, in a frame, and
 * where the widget could not be had: the article stays open then. Called again it sets what has changed.
 */
export function init(settings?: InitSettings): Promise<Tollgate | null>;

/** Calls back with `window.tollgate`: before the first decision, or now if that is past. On a server nothing is called. */
export function push(callback: (tollgate: Tollgate) => void): void;

type DocumentEvents = { [Name in TollgateEventName as `tollgate:${Name}`]: CustomEvent<TollgateEvents[Name]> };

declare global {
  interface Window {
    tollgate?: Tollgate | TollgateQueue;
  }
  interface DocumentEventMap extends DocumentEvents {}
  interface WindowEventMap extends DocumentEvents {}
}
