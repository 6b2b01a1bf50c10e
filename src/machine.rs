//! The machine: every fact enters as a [`Signal`], every act leaves as an [`Effect`]; the one place where the rooms of
//! the core meet. It never asks for anything: not the time, not storage, not the page.

use crate::access::entitlement::{Access, Entitlement};
use crate::article::{self, Addresses};
use crate::config::{Code, Config, Diagnostic};
use crate::meter::ledger::{self, Reads};
use crate::meter::period::{Moment, Period};
use crate::meter::policy::{self, Decision, Gate, Question};
use crate::text::{Intl, Request};
use crate::view::View;

/// How long a host may take to say who is reading, in milliseconds (adverse case EN-03).
const ACCESS_TIMEOUT: i64 = 4000;

/// How many characters of prose an `article` element needs to be taken for an article where nothing else says that the
/// page is one: more than a front page's teasers have.
const PROSE: u32 = 600;

/// The time of a signal.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// What the reader's clock shows, distrusted ([`Moment::of_clock`]).
    pub clock: Moment,
    /// Milliseconds of a clock that only ever goes forward: for how long something lasted.
    pub elapsed: i64,
}

/// What the shell found of the page, once it was parsed.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The page's address.
    pub address: String,
    /// Its canonical address, resolved.
    pub canonical: Option<String>,
    /// The publisher's id for the article.
    pub declared: Option<String>,
    /// The element that holds the article's text.
    pub content: Content,
    /// Whether the page says of itself that it is an article (JSON-LD, `og:type`).
    pub says_article: bool,
    /// How many characters of prose the content holds.
    pub prose: u32,
}

/// The element that holds the article's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// The publisher's selector found it.
    Chosen,
    /// No selector: the element with `itemprop="articleBody"`.
    ArticleBody,
    /// No selector: the `article` element with the most prose.
    Article,
    /// No selector: the `main` element.
    Main,
    /// There is none.
    #[default]
    Missing,
    /// The selector found an element that may not be cut: the whole page, or one that holds our tag.
    Refused,
    /// The selector is none.
    Invalid,
}

/// A fact.
#[derive(Clone, Debug)]
pub enum Signal {
    /// The page is parsed and may be changed.
    Started,
    /// The page became visible (and is not a prerendering), or came back from the back/forward cache.
    Seen,
    /// The page became hidden.
    Hidden,
    /// The keys of our ledger, as asked for by [`Effect::List`].
    Listed(Vec<String>),
    /// The time asked for by [`Effect::Wake`] is up.
    Woke,
    /// The reader scrolled, tapped or typed.
    Engaged,
    /// The answers to [`Effect::Format`], in its order.
    Formatted(Vec<String>),
    /// Something outside this page changed storage.
    LedgerChanged,
    /// The host is finding out who is reading.
    AccessPending,
    /// The host could not find out.
    AccessUnknown,
    /// The host has said who is reading.
    AccessKnown(Entitlement),
    /// The overlay was closed: by the reader (`true`) or by the host.
    Closed {
        /// Whether the reader did it.
        by_reader: bool,
    },
    /// The overlay is wanted again.
    Wanted,
    /// The reader's history is to be forgotten.
    Forget,
}

/// An act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Tell the publisher, in one group.
    Warn(Vec<Diagnostic>),
    /// List the ledger's keys and answer with [`Signal::Listed`].
    List,
    /// Add a key to the ledger, unless it is there.
    Store {
        /// The key.
        key: String,
        /// Its value.
        value: String,
    },
    /// Remove keys of ours.
    Remove(Vec<String>),
    /// Remove all keys of this site.
    RemoveAll,
    /// Signal [`Signal::Woke`] after so many milliseconds, instead of any earlier time asked for.
    Wake(i64),
    /// Have `Intl` write these and answer with [`Signal::Formatted`].
    Format(Vec<Request>),
    /// Take the text below the teaser out of the page and put the inline gate in its place.
    Lock(Box<View>),
    /// Open the overlay, modal.
    Open,
    /// Close the overlay.
    Close,
    /// Put everything back as it was.
    Release,
    /// Tell the host page.
    Announce(Event),
}

/// What a host page can listen to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The first decision was taken, or there is nothing to decide on this page.
    Ready,
    /// The meter's state, at each decision and when a read counted.
    Meter(Meter),
    /// The article may be read, for this reason.
    Granted(String),
    /// The article is gated, for this reason.
    Denied(&'static str),
    /// The text was taken out.
    Lock,
    /// The text is back.
    Release,
    /// The overlay opened.
    Show,
    /// The overlay closed.
    Hide,
    /// The reader closed the overlay.
    Dismiss,
}

/// The meter's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter {
    /// The current period; the meter starts over at its end.
    pub period: Period,
    /// How many articles were read in it.
    pub reads: u32,
    /// How many may be read in all.
    pub limit: u32,
    /// Whether this article is one of those that were read.
    pub counted: bool,
}

/// The state of one page view.
#[derive(Debug)]
pub struct Machine {
    config: Config,
    page: Page,
    diagnostics: Vec<Diagnostic>,
    /// The short hash of the article; `None` on a page that is no article.
    article: Option<String>,
    /// Since when the page has been visible, and for how long it was before.
    seen_since: Option<i64>,
    seen_before: i64,
    engaged: bool,
    /// The last listing, and the period it was read for.
    reads: Option<(Period, Reads)>,
    pruned: bool,
    /// The period in which this page view counted its read.
    counted: Option<Period>,
    access: Access,
    access_asked: i64,
    decision: Option<Decision>,
    /// Whether the gate waits for `Intl`'s answers.
    pending: Option<(Gate, Intl, Vec<Request>)>,
    locked: bool,
    open: bool,
    announced: Option<Meter>,
}

impl Machine {
    /// A machine for one view of one page.
    #[must_use]
    pub fn new(config: Config, diagnostics: Vec<Diagnostic>, page: Page) -> Machine {
        let is_article = match page.content {
            Content::Chosen | Content::ArticleBody => true,
            Content::Article => page.says_article || page.prose >= PROSE,
            Content::Main => page.says_article,
            Content::Missing | Content::Refused | Content::Invalid => false,
        };
        let article = is_article.then(|| {
            let key = article::key(&Addresses {
                location: &page.address,
                canonical: page.canonical.as_deref(),
                declared: page.declared.as_deref(),
            });
            article::hash(config.site.as_str(), &key)
        });
        let mut machine = Machine {
            config,
            page,
            diagnostics,
            article,
            seen_since: None,
            seen_before: 0,
            engaged: false,
            reads: None,
            pruned: false,
            counted: None,
            access: Access::Unasked,
            access_asked: 0,
            decision: None,
            pending: None,
            locked: false,
            open: false,
            announced: None,
        };
        machine.diagnose_page();
        machine
    }

    /// The configuration in force.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The short hash of the article, on a page that is one.
    #[must_use]
    pub fn article(&self) -> Option<&str> {
        self.article.as_deref()
    }

    /// Takes in a fact and says what to do, in order.
    pub fn on(&mut self, now: Now, signal: Signal) -> Vec<Effect> {
        let mut effects = Vec::new();
        match signal {
            Signal::Started => {
                if !self.diagnostics.is_empty() {
                    effects.push(Effect::Warn(std::mem::take(&mut self.diagnostics)));
                }
                if self.article.is_none() {
                    effects.push(Effect::Announce(Event::Ready));
                }
            }
            Signal::Seen => {
                if self.seen_since.is_none() {
                    self.seen_since = Some(now.elapsed);
                }
                self.list(&mut effects);
            }
            Signal::Hidden => {
                self.seen_before = self.seen_for(now);
                self.seen_since = None;
            }
            Signal::Listed(keys) => self.listed(now, &keys, &mut effects),
            Signal::Woke => {
                let waited = now.elapsed.saturating_sub(self.access_asked);
                if self.access == Access::Pending && waited >= ACCESS_TIMEOUT {
                    self.access = Access::Unknown;
                }
                self.settle(now, &mut effects);
            }
            Signal::Engaged => {
                self.engaged = true;
                self.settle(now, &mut effects);
            }
            Signal::Formatted(answers) => {
                if let Some((gate, mut intl, requests)) = self.pending.take() {
                    intl.learn(requests, answers);
                    self.lock(gate, &intl, &mut effects);
                }
            }
            Signal::LedgerChanged => self.list(&mut effects),
            Signal::AccessPending => {
                self.access = Access::Pending;
                self.access_asked = now.elapsed;
                self.settle(now, &mut effects);
            }
            Signal::AccessUnknown => {
                self.access = Access::Unknown;
                self.settle(now, &mut effects);
            }
            Signal::AccessKnown(entitlement) => {
                self.access = Access::Known(entitlement);
                self.settle(now, &mut effects);
            }
            Signal::Closed { by_reader } => self.close(by_reader, &mut effects),
            Signal::Wanted => self.open(&mut effects),
            Signal::Forget => {
                self.counted = None;
                self.engaged = false;
                self.seen_before = 0;
                self.seen_since = self.seen_since.map(|_| now.elapsed);
                self.decision = None;
                effects.push(Effect::RemoveAll);
                self.list(&mut effects);
            }
        }
        effects
    }

    /// Notes what is wrong with the page itself, where it should be an article.
    fn diagnose_page(&mut self) {
        let chosen = self.config.content.as_deref().unwrap_or("");
        let (code, used) = match self.page.content {
            Content::Chosen => (None, ""),
            Content::ArticleBody => (Some(Code::ContentTaken), "[itemprop~=articleBody]"),
            Content::Article => (Some(Code::ContentTaken), "article"),
            Content::Main => (Some(Code::ContentTaken), "main"),
            // The same tag stands on front pages: only an article without its text is worth a word.
            Content::Missing => (self.page.says_article.then_some(Code::ContentMissing), ""),
            Content::Refused => (Some(Code::ContentRefused), ""),
            Content::Invalid => (Some(Code::ContentInvalid), ""),
        };
        let told = self.article.is_some() || used.is_empty();
        if let Some(code) = code.filter(|_| told) {
            self.diagnostics.push(Diagnostic::new(code, "data-content", chosen, used));
        }
        if self.article.is_some() && self.config.subscribe.is_none() {
            self.diagnostics.push(Diagnostic::new(Code::NoSubscribeUrl, "data-subscribe-url", "", ""));
        }
    }

    fn list(&self, effects: &mut Vec<Effect>) {
        // A page that is no article, or was never seen, needs no listing.
        if self.article.is_some() && self.seen_since.is_some() {
            effects.push(Effect::List);
        }
    }

    fn listed(&mut self, now: Now, keys: &[String], effects: &mut Vec<Effect>) {
        let period = Period::containing(now.clock, self.config.period);
        let mut reads = Reads::list(&self.config.site, period, keys);
        let outdated = std::mem::take(&mut reads.outdated);
        if !self.pruned && !outdated.is_empty() {
            self.pruned = true;
            effects.push(Effect::Remove(outdated));
        }
        if self.counted.is_some_and(|counted| counted != period) {
            // A new period began under the reader's eyes: the article counts in it when it is read on.
            self.counted = None;
            self.engaged = false;
            self.seen_before = 0;
            self.seen_since = self.seen_since.map(|_| now.elapsed);
        }
        if self.counted.is_some() {
            // Someone cleared storage. Only the article that is open now is put back, never a cleared history.
            self.store(now, period, &mut reads, effects);
        }
        self.reads = Some((period, reads));
        self.settle(now, effects);
    }

    /// Brings the page in line with what is known now.
    fn settle(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.decide(effects);
        self.count(now, effects);
        self.announce_meter(effects);
        if let Some(wait) = self.next_wake(now) {
            effects.push(Effect::Wake(wait));
        }
    }

    fn decide(&mut self, effects: &mut Vec<Effect>) {
        // Storage is first listed when the page is first seen, so this also waits for that; from then on a decision may
        // change unseen, so that a gate is gone before the reader comes back to it.
        let (Some(article), Some((_, reads))) = (&self.article, &self.reads) else { return };
        // While the host is finding out, a gate that is up may be taken down by the meter, but by nothing put up.
        let access =
            if self.locked && self.access == Access::Pending { &Access::Unasked } else { &self.access };
        let decision = policy::decide(&Question {
            access,
            limit: self.config.limit,
            reads: reads.count(),
            read_before: reads.contains(article),
            can_subscribe: self.config.subscribe.is_some(),
        });
        let Some(decision) = decision.filter(|decision| self.decision.as_ref() != Some(decision)) else {
            return;
        };
        let held = matches!(&self.decision, Some(Decision::Grant(grant)) if grant.is_the_meters());
        if held && matches!(decision, Decision::Gate(_)) {
            return;
        }
        let first = self.decision.is_none();
        let news = self.decision.as_ref().is_none_or(|before| before.reason() != decision.reason());
        match &decision {
            Decision::Grant(grant) => {
                if news {
                    effects.push(Effect::Announce(Event::Granted(grant.name().to_owned())));
                }
                self.release(effects);
            }
            Decision::Gate(gate) => {
                if news {
                    effects.push(Effect::Announce(Event::Denied(gate.name())));
                }
                let intl = Intl::default();
                // Made once for its questions alone.
                let _ = View::of(&self.config, *gate, &self.page.address, &intl);
                let requests = intl.open_questions();
                effects.push(Effect::Format(requests.clone()));
                self.pending = Some((*gate, intl, requests));
            }
        }
        self.decision = Some(decision);
        if first {
            effects.push(Effect::Announce(Event::Ready));
        }
    }

    fn count(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let due = self.waits_to_count() && (self.engaged || self.seen_for(now) >= self.config.dwell);
        if !due {
            return;
        }
        if let Some((period, mut reads)) = self.reads.take() {
            // The ledger may have been listed before midnight.
            let today = Period::containing(now.clock, self.config.period);
            if today == period {
                self.store(now, period, &mut reads, effects);
                self.counted = Some(period);
                self.reads = Some((period, reads));
            } else {
                effects.push(Effect::List);
            }
        }
    }

    /// Whether the article is being read and has not counted yet.
    fn waits_to_count(&self) -> bool {
        let counts = matches!(&self.decision, Some(Decision::Grant(grant)) if grant.counts());
        let read_before = match (&self.reads, &self.article) {
            (Some((_, reads)), Some(article)) => reads.contains(article),
            _ => true,
        };
        counts && !read_before && self.counted.is_none() && self.seen_since.is_some()
    }

    fn store(&self, now: Now, period: Period, reads: &mut Reads, effects: &mut Vec<Effect>) {
        if let Some(article) = self.article.as_deref().filter(|article| !reads.contains(article)) {
            reads.add(article);
            let key = self.config.site.key(period, article);
            effects.push(Effect::Store { key, value: ledger::value(now.clock) });
        }
    }

    fn next_wake(&self, now: Now) -> Option<i64> {
        if self.access == Access::Pending {
            let waited = now.elapsed.saturating_sub(self.access_asked);
            return Some(ACCESS_TIMEOUT.saturating_sub(waited).max(1));
        }
        let left = self.config.dwell.saturating_sub(self.seen_for(now));
        self.waits_to_count().then_some(left.max(1))
    }

    /// For how long the page was visible, in milliseconds.
    fn seen_for(&self, now: Now) -> i64 {
        let this_time = self.seen_since.map_or(0, |since| now.elapsed.saturating_sub(since).max(0));
        self.seen_before.saturating_add(this_time)
    }

    fn announce_meter(&mut self, effects: &mut Vec<Effect>) {
        let (Some(article), Some((period, reads))) = (&self.article, &self.reads) else { return };
        let meter = Meter {
            period: *period,
            reads: reads.count(),
            limit: self.config.limit,
            counted: reads.contains(article),
        };
        if self.announced != Some(meter) {
            self.announced = Some(meter);
            effects.push(Effect::Announce(Event::Meter(meter)));
        }
    }

    fn lock(&mut self, gate: Gate, intl: &Intl, effects: &mut Vec<Effect>) {
        // What was decided since then stands.
        if self.locked || !matches!(self.decision, Some(Decision::Gate(_))) {
            return;
        }
        let view = View::of(&self.config, gate, &self.page.address, intl);
        self.locked = true;
        effects.push(Effect::Lock(Box::new(view)));
        effects.push(Effect::Announce(Event::Lock));
        self.open(effects);
    }

    fn release(&mut self, effects: &mut Vec<Effect>) {
        if self.locked {
            self.close(false, effects);
            self.locked = false;
            effects.push(Effect::Release);
            effects.push(Effect::Announce(Event::Release));
        }
    }

    fn open(&mut self, effects: &mut Vec<Effect>) {
        if self.locked && !self.open {
            self.open = true;
            effects.push(Effect::Open);
            effects.push(Effect::Announce(Event::Show));
        }
    }

    fn close(&mut self, by_reader: bool, effects: &mut Vec<Effect>) {
        if self.open {
            self.open = false;
            effects.push(Effect::Close);
            if by_reader {
                effects.push(Effect::Announce(Event::Dismiss));
            }
            effects.push(Effect::Announce(Event::Hide));
        }
    }
}

impl Decision {
    /// Why, as hosts see it.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Decision::Grant(grant) => grant.name(),
            Decision::Gate(gate) => gate.name(),
        }
    }
}
