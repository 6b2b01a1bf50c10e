//! The machine: every fact enters as a [`Signal`], every act leaves as an [`Effect`]; the one place where the rooms of
//! the core meet. It never asks for anything: not the time, not storage, not the page.

use crate::access::entitlement::{Access, Entitlement, Served, Tier};
use crate::article::{self, Addresses};
use crate::config::{Code, Config, Diagnostic, Says, Terms};
use crate::meter::ledger::{self, REFERRER, Reads, SIGNED_UP};
use crate::meter::period::{Moment, Period, moment_of};
use crate::meter::policy::{self, Decision, Question, Rule, Step, Surface};
use crate::text::scan::{cut, join};
use crate::text::{Intl, Request, Words, language};
use crate::view::{Gate, View};

/// How long a host may take to say who is reading, in milliseconds (adverse case EN-03).
const ACCESS_TIMEOUT: i64 = 4000;

/// How many bytes of prose (UTF-8) an `article` element needs to be taken for an article where nothing else says that the
/// page is one: more than a front page's teasers have.
const PROSE: u32 = 600;

/// The time of a signal.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "history", derive(serde::Serialize, serde::Deserialize))]
pub struct Now {
    /// What the reader's clock shows, distrusted ([`Moment::of_clock`]).
    pub clock: Moment,
    /// Milliseconds of a clock that only ever goes forward: for how long something lasted.
    pub elapsed: i64,
    /// How many minutes the publisher's time zone is ahead of UTC now; 0 without one.
    pub offset: i64,
}

impl Now {
    /// The minute that a clock on the wall shows, in the publisher's time zone.
    #[must_use]
    pub fn local(self) -> i64 {
        self.clock.minutes().saturating_add(self.offset)
    }
}

/// What the shell found of the page, once it was parsed.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "history", derive(serde::Serialize, serde::Deserialize))]
pub struct Page {
    /// The page's address.
    pub address: String,
    /// Its canonical address, resolved; empty if it gives none.
    pub canonical: String,
    /// The publisher's id for the article; empty if there is none.
    pub declared: String,
    /// What the page says of the article's rule: one of [`RULES`](policy::RULES); empty where it says nothing.
    pub rule: String,
    /// The sections the article belongs to, parted by commas.
    pub sections: String,
    /// The address of the page the reader came from; empty if it is not known.
    pub referrer: String,
    /// The element that holds the article's text.
    pub content: Content,
    /// Whether the page says of itself that it is an article (JSON-LD, `og:type`).
    pub says_article: bool,
    /// How many bytes of prose (UTF-8) the content holds.
    pub prose: u32,
    /// Whether another article stands before it on the page: one further down in a feed. It has its own read and its own
    /// gate, but opens no overlay by itself: a reader who goes on in a feed meets the gate where the text ends.
    pub follows: bool,
}

/// The element that holds the article's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize, serde::Deserialize))]
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
#[cfg_attr(feature = "history", derive(serde::Serialize, serde::Deserialize))]
pub enum Signal {
    /// The page is parsed and may be changed.
    Started,
    /// The page became visible (and is not a prerendering), or came back from the back/forward cache.
    Seen,
    /// The page became hidden.
    Hidden,
    /// The keys of our ledger, as asked for by [`Effect::List`], and the time zone's offsets, in minutes, just before the
    /// moment it names and at it.
    Listed(Vec<String>, [i64; 2]),
    /// The time asked for by [`Effect::Wake`] is up.
    Woke,
    /// The reader scrolled or tapped.
    Engaged,
    /// What only a gate needs is here, as asked for by [`Effect::Prepare`]: a view can be made and shown. The text is, line by
    /// line, the tags of the languages that there are texts in; the messages' names; the English texts ([`Words`]).
    Prepared(String),
    /// The texts asked for by [`Effect::Translate`]; empty where they can't be had.
    Translated(String),
    /// Something that no overlay may cover shows (`true`), or is gone: asked for by [`Effect::Watch`], and whenever it changes.
    Obstructed(bool),
    /// The reader has signed up for the newsletter.
    SignedUp,
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
    /// A script has turned the page into another one, or is about to: this article is over.
    Left,
}

/// An act.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize))]
pub enum Effect {
    /// Tell the publisher, in one group.
    Warn(Vec<Diagnostic>),
    /// List the ledger's keys and answer with [`Signal::Listed`]. The moment is about when the meter starts over.
    List(Moment),
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
    Format {
        /// What is to be written, in order.
        asked: Vec<Request>,
        /// The BCP 47 tag that numbers and sums are written for.
        locale: String,
        /// The currency of sums, by its ISO 4217 code.
        currency: String,
        /// The BCP 47 tag of the messages' language, for plural forms and dates.
        language: String,
    },
    /// Get the texts in the language of this tag and answer with [`Signal::Translated`]; soon, with or without them.
    Translate(String),
    /// Say whether something shows that no overlay may cover, and whenever that changes: what the publisher's selector finds, a
    /// consent banner, a dialog of the page's own, what fills the screen. Answered with [`Signal::Obstructed`].
    Watch(String),
    /// Get what only a gate needs, and say [`Signal::Prepared`]. Where a gate waits for it and it can't be had, the article
    /// stays open.
    Prepare {
        /// Whether a gate waits for it; else it may soon be of use.
        due: bool,
    },
    /// Complete the page's structured data: the article may be gated.
    Describe,
    /// Take the text below the teaser out of the page.
    Cut,
    /// Put the inline gate where the text was cut; tell the host page.
    Lock(Box<View>),
    /// Show the notice; tell the host page.
    Notice(Box<View>),
    /// Open the overlay, modal; tell the host page.
    Open,
    /// Close the overlay; tell the host page.
    Close {
        /// Whether the reader wanted it.
        by_reader: bool,
    },
    /// Put everything back as it was, or take the notice away; tell the host page.
    Release,
    /// Tell the host page that the first decision was taken, or that there is nothing to decide on this page.
    Ready,
    /// Tell the host page how the meter stands: at each decision, and when a read counted.
    Meter(Meter),
    /// Tell the host page what was decided.
    Decided {
        /// Whether the article may be read; else it is gated.
        granted: bool,
        /// Why, in AMP's and SwG's words or in the host's own.
        reason: String,
        /// What it rests on.
        trace: Trace,
    },
}

/// What a decision rests on, as codes: `tollgate.explain()` and the histories show it. `trace` has it in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize))]
pub struct Trace {
    /// What was decided.
    pub decision: Decision,
    /// What the publisher says of the article.
    pub rule: Rule,
    /// Who is reading, as far as the host has said.
    pub tier: Tier,
    /// Whether the reader comes from a listed referrer.
    pub referred: bool,
    /// What shows, if anything.
    pub surface: Option<Surface>,
    /// How the meter stands.
    pub meter: Meter,
}

/// The state of the meter that an article is on; of several, of that with the least left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize))]
pub struct Meter {
    /// Its place among the article's section meters; past them where it is the tag's own.
    pub nth: usize,
    /// The current period. One that begins with a read starts at 0 while there is none, and where each read has its own.
    pub period: Period,
    /// How many articles were read in it.
    pub reads: u32,
    /// How many may be read in all.
    pub limit: u32,
    /// Whether this article is one of those that were read.
    pub counted: bool,
    /// When the next read will be free, or one more than now; `None` while nothing was read that could be forgotten.
    pub resets: Option<Moment>,
}

impl Meter {
    /// How many articles may still be read.
    #[must_use]
    pub fn left(self) -> u32 {
        self.limit.saturating_sub(self.reads)
    }
}

/// The state of one page view. Flat, and mostly small plain values: nested options would cost the module more than all
/// the rules.
#[derive(Debug)]
pub struct Machine<'a> {
    config: &'a Config,
    /// The page's address.
    address: String,
    diagnostics: Vec<Diagnostic>,
    /// The short hash of the article; empty on a page that is no article.
    article: String,
    /// Whether the page is visible, since when, and for how long it was before.
    seen: bool,
    seen_since: i64,
    seen_before: i64,
    engaged: bool,
    terms: Terms,
    follows: bool,
    /// Whether storage was listed: `reads` is what it said.
    listed: bool,
    reads: Reads,
    /// The time zone's offsets around the moment that was named when it was listed.
    offsets: [i64; 2],
    pruned: bool,
    /// Until which local minute the read of this page view counts; 0 where there is none yet.
    counted_until: i64,
    access: Access,
    tier: Tier,
    access_asked: i64,
    /// Why the host grants, in its own words.
    grant_reason: String,
    /// The host's own meter, in place of the tag's.
    served: Option<Served>,
    decision: Decision,
    /// The reason that was announced last.
    told: String,
    /// What shows, or is about to.
    gate: Gate,
    /// Whether the reader turned it down, or closed its overlay.
    dismissed: bool,
    closed: bool,
    /// Whether the meter has granted the article in this page view.
    granted: bool,
    /// Whether the host page was told of the first decision.
    ready: bool,
    /// Whether what is to show waits for what only a gate needs, and for `Intl`'s answers.
    asking: bool,
    /// Whether what only a gate needs has come.
    prepared: bool,
    /// What came with it, and the texts in another language; only while they are needed.
    at_hand: String,
    translated: bool,
    translation: String,
    /// Whether something shows that no overlay may cover, and whether one waits for it to go.
    obstructed: bool,
    postponed: bool,
    /// Whether the text is cut, and its gate there; or else a notice shows.
    locked: bool,
    gated: bool,
    noticed: bool,
    open: bool,
    announced: Option<Meter>,
}

impl<'a> Machine<'a> {
    /// A machine for one view of one page.
    #[must_use]
    pub fn new(config: &'a Config, diagnostics: Vec<Diagnostic>, page: Page) -> Machine<'a> {
        let is_article = match page.content {
            Content::Chosen | Content::ArticleBody => true,
            Content::Article => page.says_article || page.prose >= PROSE,
            Content::Main => page.says_article,
            Content::Missing | Content::Refused | Content::Invalid => false,
        };
        let article = if is_article { Machine::article_of(config, &page) } else { String::new() };
        let says = Says {
            address: &page.address,
            rule: &page.rule,
            sections: &page.sections,
            referrer: &page.referrer,
        };
        let mut diagnostics = diagnostics;
        let mut terms = config.terms(&says, &mut diagnostics);
        terms.referred &= !page.follows;
        let mut machine = Machine {
            config,
            terms,
            follows: page.follows,
            address: page.address,
            diagnostics,
            article,
            seen: false,
            seen_since: 0,
            seen_before: 0,
            engaged: false,
            listed: false,
            reads: Reads::none(),
            offsets: [0; 2],
            pruned: false,
            counted_until: 0,
            access: Access::Unasked,
            tier: Tier::Anonymous,
            access_asked: 0,
            grant_reason: String::new(),
            served: None,
            decision: Decision::Pending,
            told: String::new(),
            gate: Gate::default(),
            dismissed: false,
            closed: false,
            granted: false,
            ready: false,
            asking: false,
            prepared: false,
            at_hand: String::new(),
            translated: false,
            translation: String::new(),
            obstructed: false,
            postponed: false,
            locked: false,
            gated: false,
            noticed: false,
            open: false,
            announced: None,
        };
        machine.diagnose_page(page.content, page.says_article);
        machine
    }

    /// The short hash of the article that a page's addresses name.
    #[must_use]
    pub fn article_of(config: &Config, page: &Page) -> String {
        let key = article::key(&Addresses {
            location: &page.address,
            canonical: Some(&page.canonical),
            declared: Some(&page.declared),
        });
        article::hash(config.site.as_str(), &key)
    }

    /// A machine for one more article of the same page view, or for the one that a script has turned the page to: what the host
    /// has said of the reader holds for it too. Where a script has only made the same article anew, so does what its reader did.
    #[must_use]
    pub fn beside(&self, page: Page) -> Machine<'a> {
        let mut machine = Machine::new(self.config, Vec::new(), page);
        // What is wrong was said of the first.
        if machine.follows || !self.told.is_empty() {
            machine.diagnostics.clear();
        }
        machine.ready = self.ready;
        if machine.article == self.article {
            machine.closed = self.closed;
            machine.dismissed = self.dismissed;
            machine.granted = self.granted;
            // A grant that was told is not told again.
            machine.told.clone_from(&self.told);
        }
        machine.access = self.access;
        machine.access_asked = self.access_asked;
        machine.tier = self.tier;
        machine.grant_reason.clone_from(&self.grant_reason);
        machine.served = self.served;
        machine.prepared = self.prepared;
        machine.obstructed = self.obstructed;
        machine
    }

    /// The configuration in force.
    #[must_use]
    pub fn config(&self) -> &'a Config {
        self.config
    }

    /// The name of a meter of the article's; empty where it is the tag's own.
    #[must_use]
    pub fn meter_name(&self, meter: &Meter) -> &str {
        self.terms.meters.get(meter.nth).and_then(|meter| meter.mark.strip_prefix(":")).unwrap_or("")
    }

    /// The page's address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// How the meter stands that was announced last: reads, limit, and whether one was.
    #[must_use]
    pub fn standing(&self) -> (u32, u32, bool) {
        self.announced.map_or((0, 0, false), |meter| (meter.reads, meter.limit, true))
    }

    /// The short hash of the article; empty on a page that is none.
    #[must_use]
    pub fn article(&self) -> &str {
        &self.article
    }

    /// Takes in a fact and says what to do, in order.
    pub fn on(&mut self, now: Now, signal: Signal) -> Vec<Effect> {
        let mut effects = Vec::new();
        match signal {
            Signal::Started => {
                if !self.diagnostics.is_empty() {
                    effects.push(Effect::Warn(std::mem::take(&mut self.diagnostics)));
                }
                if self.article.is_empty() {
                    if !self.ready {
                        self.ready = true;
                        effects.push(Effect::Ready);
                    }
                } else if self.config.describes
                    && self.terms.rule != Rule::Free
                    && self.config.preview.is_none()
                {
                    effects.push(Effect::Describe);
                }
            }
            Signal::Seen => {
                if !self.seen {
                    self.seen = true;
                    self.seen_since = now.elapsed;
                }
                if self.is_looked_at() {
                    effects.push(Effect::Prepare { due: false });
                }
                self.list(now, &mut effects);
            }
            Signal::Hidden => {
                self.seen_before = self.seen_for(now);
                self.seen = false;
            }
            Signal::Listed(..) if self.config.preview.is_some() => {}
            Signal::Listed(keys, offsets) => {
                self.offsets = offsets;
                self.take_listing(now, &keys, &mut effects);
            }
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
            Signal::LedgerChanged => self.list(now, &mut effects),
            Signal::AccessPending => {
                self.access_asked = now.elapsed;
                self.access(now, Access::Pending, &mut effects);
            }
            Signal::AccessUnknown => self.access(now, Access::Unknown, &mut effects),
            Signal::AccessKnown(entitlement) => {
                let access = entitlement.access();
                self.tier = entitlement.tier;
                self.grant_reason = entitlement.reason;
                self.served = entitlement.meter;
                self.access(now, access, &mut effects);
            }
            // What is looked at stays, whatever was read.
            Signal::Forget if self.config.preview.is_some() => effects.push(Effect::RemoveAll),
            Signal::Forget => {
                self.read_anew(now);
                self.dismissed = false;
                self.granted = false;
                self.decision = Decision::Pending;
                // What was about to show is decided anew.
                self.asking = false;
                self.told.clear();
                effects.push(Effect::RemoveAll);
                self.list(now, &mut effects);
            }
            Signal::Left => {
                self.release(&mut effects);
                // From here on there is no article.
                self.article.clear();
                self.decision = Decision::Pending;
            }
            Signal::Prepared(_) => {
                self.prepared = true;
                self.of_gate(now, signal, &mut effects);
            }
            _ if self.prepared => self.of_gate(now, signal, &mut effects),
            // Nothing shows that these could be about.
            _ => {}
        }
        effects
    }

    /// Takes in what only a gate brings about. With this function the module's piece for gates begins: it may only be called when that is
    /// here.
    #[inline(never)]
    fn of_gate(&mut self, now: Now, signal: Signal, effects: &mut Vec<Effect>) {
        match signal {
            Signal::Prepared(at_hand) => {
                self.at_hand = at_hand;
                self.translated = false;
                if self.is_looked_at() {
                    self.preview(now, effects);
                }
                self.ask(effects);
            }
            Signal::Translated(texts) => {
                self.translation = texts;
                self.translated = true;
                if self.asking {
                    self.ask(effects);
                }
            }
            Signal::Obstructed(is) => {
                self.obstructed = is;
                if is && self.open {
                    self.close(false, effects);
                    self.postponed = true;
                } else if !is && std::mem::take(&mut self.postponed) {
                    self.open(effects);
                }
            }
            Signal::SignedUp if self.config.preview.is_some() => self.release(effects),
            Signal::SignedUp if self.article.is_empty() => {}
            Signal::SignedUp => {
                let mark = join(&[&self.article, SIGNED_UP]);
                let _ = self.store(now, &mark, effects);
                self.settle(now, effects);
            }
            Signal::Formatted(answers) => self.show(now, answers, effects),
            Signal::Closed { by_reader } => {
                self.close(by_reader, effects);
                self.postponed = false;
                self.closed |= by_reader;
                if by_reader && self.noticed {
                    self.release(effects);
                } else if by_reader && self.gated && self.gate.dismissible {
                    self.dismissed = true;
                    if self.config.preview.is_some() {
                        self.release(effects);
                    }
                    self.settle(now, effects);
                }
            }
            Signal::Wanted => self.open(effects),
            _ => {}
        }
    }

    /// Notes what is wrong with the page itself, where it should be an article.
    fn diagnose_page(&mut self, content: Content, says_article: bool) {
        let is_article = !self.article.is_empty();
        let (code, told, used) = match content {
            Content::Chosen => (Code::ContentTaken, false, ""),
            Content::ArticleBody => (Code::ContentTaken, is_article, "[itemprop~=articleBody]"),
            Content::Article => (Code::ContentTaken, is_article, "article"),
            Content::Main => (Code::ContentTaken, is_article, "main"),
            // The same tag stands on front pages: only an article without its text is worth a word.
            Content::Missing => (Code::ContentMissing, says_article, ""),
            Content::Refused => (Code::ContentRefused, true, ""),
            Content::Invalid => (Code::ContentInvalid, true, ""),
        };
        if told {
            let chosen = self.config.content.as_deref().unwrap_or("");
            self.diagnostics.push(Diagnostic::new(code, "data-content", chosen, used));
        }
        if is_article && self.config.subscribe.is_none() {
            self.diagnostics.push(Diagnostic::new(Code::NoSubscribeUrl, "data-subscribe-url", "", ""));
        }
    }

    /// The article has yet to be read, from now on.
    fn read_anew(&mut self, now: Now) {
        self.counted_until = 0;
        self.engaged = false;
        self.seen_before = 0;
        self.seen_since = now.elapsed;
    }

    fn access(&mut self, now: Now, access: Access, effects: &mut Vec<Effect>) {
        self.access = access;
        self.settle(now, effects);
    }

    fn list(&self, now: Now, effects: &mut Vec<Effect>) {
        // A page that is no article, was never seen, or is a preview needs no listing.
        if self.seen && !self.article.is_empty() && self.config.preview.is_none() {
            let end = self.config.window.period(now.local()).end;
            effects.push(Effect::List(Moment::of_local(end, now.offset)));
        }
    }

    /// Whether a surface is to be looked at that does not show yet.
    fn is_looked_at(&self) -> bool {
        self.config.preview.is_some() && !self.gate.preview && self.seen && !self.article.is_empty()
    }

    /// Shows what is to be looked at, once, whoever reads and whatever was read: nothing is listed, counted or stored.
    fn preview(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let Some(preview) = self.config.preview else { return };
        let is_notice = preview.surface == Surface::Notice;
        self.decision = if is_notice { Decision::Metered } else { Decision::LimitReached };
        let limit = self.config.limit(self.tier).max(1);
        self.gate = Gate {
            decision: self.decision,
            surface: preview.surface,
            limit,
            left: limit.wrapping_sub(1),
            free_at: self.config.window.period(now.local()).end,
            preview: true,
            ..Gate::default()
        };
        for step in &self.config.steps {
            if step.surface == preview.surface {
                self.gate.show(*step);
            }
        }
        self.closed = !preview.opens;
        self.asking = true;
        if !is_notice {
            self.locked = true;
            effects.push(Effect::Cut);
        }
        effects.push(Effect::Ready);
    }

    fn take_listing(&mut self, now: Now, keys: &[String], effects: &mut Vec<Effect>) {
        let local = now.local();
        self.reads = Reads::list(&self.config.site, self.config.window, local, keys);
        for mark in std::mem::take(&mut self.reads.ahead) {
            let _ = self.store(now, &mark, effects);
        }
        let outdated = std::mem::take(&mut self.reads.outdated);
        if !self.pruned && !outdated.is_empty() {
            self.pruned = true;
            effects.push(Effect::Remove(outdated));
        }
        if self.counted_until != 0 && self.counted_until <= local {
            // A new period began under the reader's eyes: the article counts in it when it is read on.
            self.read_anew(now);
        }
        self.listed = true;
        if self.reads.count(SIGNED_UP) > 0 && self.reads.count_between(SIGNED_UP, local, i64::MAX) == 0 {
            // Remembered from the last day that the reader was here.
            let _ = self.store(now, &join(&[&self.article, SIGNED_UP]), effects);
        }
        if self.counted_until != 0 && self.decision.is_the_meters() {
            // Someone cleared storage. Only the article that is open now is put back, never a cleared history.
            self.store_read(now, effects);
        }
        self.settle(now, effects);
    }

    /// Brings the page in line with what is known now.
    fn settle(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.decide(now, effects);
        self.count(now, effects);
        self.announce_meter(now, effects);
        let waits_for_host = self.access == Access::Pending;
        if waits_for_host || self.waits_to_count() {
            let left = if waits_for_host {
                ACCESS_TIMEOUT.saturating_sub(now.elapsed.saturating_sub(self.access_asked))
            } else {
                self.config.dwell.saturating_sub(self.seen_for(now))
            };
            effects.push(Effect::Wake(left.max(1)));
        }
    }

    fn decide(&mut self, now: Now, effects: &mut Vec<Effect>) {
        // Storage is first listed when the page is first seen, so this also waits for that; from then on a decision may
        // change unseen, so that a gate is gone before the reader comes back to it.
        if !self.listed || self.article.is_empty() {
            return;
        }
        // While the host is finding out, a gate that is up may be taken down by the meter, but by nothing put up.
        let mut access = self.access;
        if (self.locked && access == Access::Pending) || (self.config.denies && access == Access::Unknown) {
            access = Access::Unasked;
        }
        let meter = self.meter(now);
        let local = now.local();
        let tier = self.tier();
        let mut gate = Gate { limit: meter.limit, free_at: self.free_at(&meter), ..Gate::default() };
        let mut step_due = false;
        let mut notice = None;
        let nth = meter.reads.saturating_add(1);
        for step in &self.config.steps {
            if !step.is_due(nth, meter.limit, tier) || !self.may_show(*step, local) {
                continue;
            }
            if step.surface == Surface::Notice {
                notice = Some(*step);
            } else {
                step_due = true;
                gate.show(*step);
            }
        }
        let mut decision = policy::decide(&Question {
            access,
            rule: self.terms.rule,
            limit: meter.limit,
            reads: meter.reads,
            read_before: meter.counted,
            referred: self.terms.referred
                && (self.reads.until(&join(&[&self.article, REFERRER])) > local
                    || self.reads.count_between(REFERRER, local, i64::MAX) < self.config.referrer_limit),
            can_subscribe: self.config.subscribe.is_some(),
            step_due: step_due && self.config.subscribe.is_some() && self.config.link(gate.surface).is_some(),
            dismissed: self.dismissed,
        });
        let before = self.decision;
        // What the meter has granted in this page view it does not take back, nor after the host had a say in between.
        if self.granted && decision.is_gate() {
            if before.is_the_meters() {
                return;
            }
            decision = Decision::Metered;
        }
        gate.decision = decision;
        if decision == Decision::Locked {
            gate.show(Step::of(Surface::Subscribe));
        }
        if (self.noticed || (self.asking && !before.is_gate())) && notice.is_none() {
            // Another tier has more left.
            self.release(effects);
        }
        let is_gate = decision.is_gate();
        let reason =
            if decision == Decision::Entitled { self.grant_reason.as_str() } else { decision.reason() };
        let is_news = self.told != reason
            || before.is_gate() != is_gate
            || (is_gate && Gate { free_at: self.gate.free_at, ..gate } != self.gate);
        // What no reader sees is decided when one does: by then storage may say otherwise. And while the host is finding out,
        // nothing is put up.
        let waits = if is_gate {
            !self.seen || self.access == Access::Pending
        } else {
            !self.seen && self.follows && decision.counts()
        };
        if decision == Decision::Pending || waits || (decision == before && !is_news) {
            return;
        }
        let notices = decision == Decision::Metered && notice.is_some() && self.config.subscribe.is_some();
        if notices {
            gate.surface = Surface::Notice;
            gate.left = meter.limit.saturating_sub(nth);
        }
        self.decision = decision;
        self.granted |= decision.is_the_meters();
        if is_gate && gate.surface != self.gate.surface {
            // Another offer than the one whose overlay the reader closed.
            self.closed = false;
        }
        if is_news {
            reason.clone_into(&mut self.told);
            effects.push(Effect::Decided {
                granted: !is_gate,
                reason: self.told.clone(),
                trace: Trace {
                    decision,
                    rule: self.terms.rule,
                    tier,
                    referred: self.terms.referred,
                    surface: if is_gate || notices { Some(gate.surface) } else { None },
                    meter,
                },
            });
        }
        if before == Decision::ReadBefore {
            // Read in a period that is over: it counts in this one when it is read on.
            self.read_anew(now);
        }
        // A grant of the meter's that goes on for another reason (the article counted) changes nothing on the page.
        if !(before.is_the_meters() && decision.is_the_meters()) {
            if self.locked && !is_gate {
                // What was done before the gate went was no reading.
                self.read_anew(now);
            }
            self.release(effects);
            self.asking = is_gate || notices;
            self.gate = gate;
            if is_gate {
                // At once, so that nobody sees the text go.
                self.locked = true;
                effects.push(Effect::Cut);
            }
            // The reads are used up with this one: the next article's gate will be at hand.
            let is_last = decision.is_the_meters() && meter.left() <= 1 && self.config.subscribe.is_some();
            if self.asking || is_last {
                effects.push(Effect::Prepare { due: is_gate });
            }
        }
        if !self.ready && !self.follows {
            self.ready = true;
            effects.push(Effect::Ready);
        }
    }

    /// Whether a step has not yet shown as often as it may, or shows for this article already.
    fn may_show(&self, step: Step, local: i64) -> bool {
        let mark = join(&[":.", step.surface.name()]);
        let since = step.capped_since(local);
        step.often == 0
            || self.reads.until(&join(&[&self.article, &mark])) > since
            || self.reads.count_between(&mark, since, i64::MAX) < step.often
    }

    fn count(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if !self.waits_to_count() || (!self.engaged && self.seen_for(now) < self.config.dwell) {
            return;
        }
        if self.reads.is_current(self.config.window, now.local()) {
            self.store_read(now, effects);
        } else {
            // The ledger was listed before midnight.
            self.listed = false;
            self.list(now, effects);
        }
    }

    /// Whether the article is being read and has not counted yet.
    fn waits_to_count(&self) -> bool {
        self.decision.counts()
            && self.access != Access::Pending
            && self.listed
            && self.seen
            && self.counted_until == 0
            && !self.reads.contains(&self.article)
    }

    /// Stores the read on each of the article's meters, or as one of those that are free because of where readers come from.
    fn store_read(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let mut nth = 0_usize;
        loop {
            let mark = match self.terms.meters.get(nth) {
                _ if self.decision == Decision::Referred => REFERRER,
                Some(meter) => meter.mark.as_str(),
                None => "",
            };
            let mark = join(&[&self.article, mark]);
            self.counted_until = self.store(now, &mark, effects);
            nth = nth.wrapping_add(1);
            if nth >= self.terms.meters.len() {
                return;
            }
        }
    }

    /// Stores a mark, unless it is there; until which local minute it counts.
    fn store(&mut self, now: Now, mark: &str, effects: &mut Vec<Effect>) -> i64 {
        let (window, local) = (self.config.window, now.local());
        let known = self.reads.until(mark);
        if known > local {
            return known;
        }
        let is_of_a_day = ledger::is_of_a_day(mark);
        let period = if is_of_a_day { window.day(local) } else { self.reads.period_at(window, local) };
        if window.is_shared() && !is_of_a_day {
            self.reads.period = period;
        }
        self.reads.add(mark, period.end);
        let key = self.config.site.key(period, mark);
        effects.push(Effect::Store { key, value: ledger::value(now.clock) });
        period.end
    }

    /// For how long the page was visible, in milliseconds.
    fn seen_for(&self, now: Now) -> i64 {
        let this_time = if self.seen { now.elapsed.saturating_sub(self.seen_since).max(0) } else { 0 };
        self.seen_before.saturating_add(this_time)
    }

    /// Who is reading, as far as is known: the host says, or the reader has signed up here.
    fn tier(&self) -> Tier {
        if self.tier == Tier::Anonymous && self.reads.count(SIGNED_UP) > 0 {
            return Tier::Newsletter;
        }
        self.tier
    }

    /// How the meter with the least left stands.
    fn meter(&self, now: Now) -> Meter {
        let mut least = self.meter_at(now, 0);
        for nth in 1..self.terms.meters.len() {
            let meter = self.meter_at(now, nth);
            if meter.left() < least.left() {
                least = meter;
            }
        }
        least
    }

    fn meter_at(&self, now: Now, nth: usize) -> Meter {
        let (mark, limit) = match self.terms.meters.get(nth) {
            Some(meter) => (meter.mark.as_str(), meter.limit),
            None => ("", self.config.limit(self.tier())),
        };
        let mut meter = Meter {
            nth,
            period: self.reads.period,
            reads: self.reads.count(mark),
            limit,
            counted: self.reads.contains(&self.article),
            resets: None,
        };
        if let Some(served) = self.served
            && mark.is_empty()
        {
            meter.reads = served.reads;
            meter.limit = served.limit;
        }
        let free_at = self.free_at(&meter);
        if free_at != 0 {
            meter.resets = Some(moment_of(free_at, now.offset, self.offsets));
        }
        meter
    }

    /// From which local minute on there is more to read on a meter; 0 where that is not known.
    fn free_at(&self, meter: &Meter) -> i64 {
        let mark = self.terms.meters.get(meter.nth).map_or("", |meter| meter.mark.as_str());
        self.reads.free_at(mark, meter.limit)
    }

    fn announce_meter(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if !self.listed || self.article.is_empty() {
            return;
        }
        let meter = self.meter(now);
        if self.announced != Some(meter) {
            self.announced = Some(meter);
            effects.push(Effect::Meter(meter));
        }
    }

    /// Says what is wrong with what only a gate uses, and asks for what the view needs, if one is to show.
    fn ask(&mut self, effects: &mut Vec<Effect>) {
        let (available, names, _) = self.at_hand();
        let mut diagnostics = Vec::new();
        self.config.check_texts(names, &mut diagnostics);
        // Made once for its questions alone.
        let mut intl = Intl { words: self.words(), ..Intl::default() };
        let _ = View::of(self.config, self.gate, &self.address, &mut intl, &mut diagnostics);
        let tag = language::choose(&intl.locale, available);
        if self.asking && !self.translated && tag != language::ENGLISH {
            effects.push(Effect::Translate(tag.to_owned()));
            return;
        }
        // The same for every article.
        if !diagnostics.is_empty() && !self.follows {
            effects.push(Effect::Warn(diagnostics));
        }
        if self.asking {
            let own = intl.words.language();
            let language =
                if language::is_same(own, &intl.locale) { intl.locale.clone() } else { own.to_owned() };
            let Intl { asked, locale, currency, .. } = intl;
            effects.push(Effect::Format { asked, locale, currency, language });
            if self.locked {
                // Behind the other, so that it is answered first.
                effects.push(Effect::Watch(self.config.wait_for().to_owned()));
            }
        } else {
            self.at_hand = String::new();
        }
    }

    /// What came with what only a gate needs: the languages' tags, the messages' names, the English texts.
    fn at_hand(&self) -> (&str, &str, &str) {
        let (available, rest) = cut(&self.at_hand, b'\n').unwrap_or_default();
        let (names, english) = cut(rest, b'\n').unwrap_or_default();
        (available, names, english)
    }

    /// The texts in the language that is spoken.
    fn words(&self) -> Words<'_> {
        let (_, names, english) = self.at_hand();
        let lines = if self.translation.is_empty() { english } else { &self.translation };
        Words::of(lines, names, |name| self.config.replaced(name))
    }

    fn show(&mut self, now: Now, answers: Vec<String>, effects: &mut Vec<Effect>) {
        // What was decided since it was asked stands.
        if !std::mem::take(&mut self.asking) {
            return;
        }
        let mut intl = Intl { words: self.words(), answers, ..Intl::default() };
        let view = Box::new(View::of(self.config, self.gate, &self.address, &mut intl, &mut Vec::new()));
        self.at_hand = String::new();
        self.translation = String::new();
        if self.decision.is_gate() {
            self.gated = true;
            effects.push(Effect::Lock(view));
            if !self.follows && !self.closed {
                self.open(effects);
            }
        } else {
            self.noticed = true;
            effects.push(Effect::Notice(view));
        }
        for step in &self.config.steps {
            if step.surface == self.gate.surface
                && step.often != 0
                && self.decision != Decision::Locked
                && !self.gate.preview
            {
                let _ = self.store(now, &join(&[&self.article, ":.", step.surface.name()]), effects);
            }
        }
    }

    fn release(&mut self, effects: &mut Vec<Effect>) {
        self.close(false, effects);
        self.postponed = false;
        // Nor does anything show that was about to.
        self.asking = false;
        if self.locked || self.noticed {
            self.locked = false;
            self.gated = false;
            self.noticed = false;
            effects.push(Effect::Release);
        }
    }

    fn open(&mut self, effects: &mut Vec<Effect>) {
        if self.gated && self.obstructed {
            self.postponed = true;
        } else if self.gated && !self.open {
            self.open = true;
            effects.push(Effect::Open);
        }
    }

    fn close(&mut self, by_reader: bool, effects: &mut Vec<Effect>) {
        if self.open {
            self.open = false;
            effects.push(Effect::Close { by_reader });
        }
    }
}
