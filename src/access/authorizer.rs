//! The authorizer: finds out who may read from the sources that the publisher named, in their order: what the host page says, a signed token,
//! the endpoint, a cookie or a global that the host already has. The first that answers wins; where none does, the meter decides.
//!
//! Sans-IO, like the machine beside which it works: facts in, acts out. The page's own answer goes to the machines without it; it only
//! keeps silent meanwhile.

use super::entitlement::{Entitlement, Served, Tier};
use super::json::Document;
use super::token::{self, Claims, Expected, Key, Refusal};
use crate::machine::Signal;

/// How long the endpoint's answer may be, in bytes (adverse case SEC-14).
const LONGEST: usize = 65_536;

/// How often the endpoint is asked for one decision, and how long is waited before the second time, in milliseconds; before the next one
/// twice as long.
const TRIES: u32 = 3;
const BACKOFF: i64 = 500;

/// How much time must lie between two askings when the reader comes back to the page, in milliseconds (adverse case EN-06).
const AGAIN: i64 = 10_000;

/// Where it may be found out who is reading, as the publisher set it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The endpoint's address; empty without one.
    pub endpoint: String,
    /// The keys that tokens are signed with.
    pub keys: Vec<Key>,
    /// Who issues them.
    pub issuer: String,
    /// The site they are for.
    pub site: String,
    /// The cookie that carries one; empty without one.
    pub token_cookie: String,
    /// The host's own cookie that subscribers have: `name` or `name=value`; empty without one.
    pub cookie: String,
    /// The host's own global that says it, by its path: `user.isSubscriber` or `user.plan=paid`; empty without one.
    pub flag: String,
}

/// What the shell finds on the page and on the device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Tokens, the newest first: of the address, of the page's own code, of a cookie.
    pub tokens: Vec<String>,
    /// The token that was kept; empty without one.
    pub kept: String,
    /// Whether the host's own cookie or global says that the reader is a subscriber.
    pub is_subscriber: bool,
    /// Whether the endpoint has called the reader a subscriber earlier in this visit.
    pub was_subscriber: bool,
}

/// An article that is on the page, as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Article {
    /// Its short hash; empty where there is none.
    pub hash: String,
    /// Its address.
    pub address: String,
    /// How many reads the local meter has, and how many it gives.
    pub reads: u32,
    /// See `reads`.
    pub limit: u32,
    /// Whether it was seen: before that nothing is asked.
    pub is_seen: bool,
}

/// What the host page has said of the reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Host {
    /// Nothing.
    #[default]
    Silent,
    /// Who is reading, or that it is finding out.
    Speaks,
    /// That it could not find out.
    Failed,
}

/// A fact.
#[derive(Clone, Debug)]
pub enum Fact {
    /// Something happened on the page, or the time asked for by [`Act::Wake`] is up.
    Happened,
    /// The host page has said something.
    Said(Host),
    /// What is to be found on the page and the device: at the beginning, when the reader has come back, and when the kept token changed.
    Found(Evidence),
    /// The same, and all sources are to be asked anew, however short it is since the last time.
    Refreshed(Evidence),
    /// Whether a token's signature is right; `None` where the browser can't check it.
    Verified(u32, Option<bool>),
    /// The endpoint's answer for an article: its status, 0 where there was none; and its text.
    Answered(u32, u32, String),
}

/// An act.
#[derive(Clone, Debug)]
pub enum Act {
    /// Check a token's signature and answer with [`Fact::Verified`] and this number.
    Verify {
        /// The number.
        serial: u32,
        /// The key's algorithm and point.
        key: Key,
        /// What is signed.
        signed: String,
        /// The signature, 64 bytes in base64url.
        signature: String,
    },
    /// Ask the endpoint for an article and answer with [`Fact::Answered`] and this number.
    Ask(u32, Article),
    /// Say [`Fact::Happened`] after so many milliseconds.
    Wake(i64),
    /// Keep this token; empty: the kept one is worth nothing.
    Keep(String),
    /// Remember for this visit whether the endpoint calls the reader a subscriber.
    Remember(bool),
    /// Tell the machine of an article, by its place.
    Tell(usize, Signal),
    /// Tell the publisher why a token was refused.
    Refuse(Refusal),
}

/// What the endpoint said of an article.
#[derive(Clone, Debug, Default)]
enum Answer {
    /// Nothing yet.
    #[default]
    None,
    /// It answered.
    Known(Entitlement),
    /// It can't be asked, or said nothing that can be read.
    Unknown,
}

/// How it stands with one article.
#[derive(Clone, Debug, Default)]
struct Case {
    hash: String,
    answer: Answer,
    /// The number of the asking that is under way, 0 without one, and when the next one is due.
    serial: u32,
    due: i64,
    /// How often it was asked since it last answered.
    tries: u32,
    /// What its machine was told last, and whether it was told anything.
    told: Option<Verdict>,
    is_told: bool,
}

/// What a machine is told.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Pending,
    Unknown,
    Known(Entitlement),
}

/// The authorizer of one page.
#[derive(Debug, Default)]
pub struct Authorizer {
    sources: Sources,
    host: Host,
    evidence: Evidence,
    cases: Vec<Case>,
    serial: u32,
    /// The token whose signature is being checked, the number of the check, and whether it is a gift.
    checking: Option<(u32, String, bool)>,
    /// The tokens that are still to be looked at, the next one last.
    waiting: Vec<String>,
    /// What the tokens that were accepted say; and whether one could not be checked.
    subscriber: Option<Claims>,
    gifts: Vec<Claims>,
    unchecked: bool,
    /// When the endpoint was asked last, in milliseconds of a clock that only goes forward.
    asked: i64,
    began: bool,
}

impl Authorizer {
    /// One that has found out nothing yet.
    #[must_use]
    pub fn new(sources: Sources) -> Authorizer {
        Authorizer { sources, ..Authorizer::default() }
    }

    /// Where it looks.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Takes in a fact at `now` (milliseconds of a clock that only goes forward; `today`: seconds since 1970) and says what to do.
    pub fn on(&mut self, now: i64, today: i64, fact: Fact, articles: &[Article]) -> Vec<Act> {
        let mut acts = Vec::new();
        match fact {
            Fact::Happened => {}
            Fact::Said(host) => {
                self.host = host;
                // What the machines have heard since is the host's.
                for case in &mut self.cases {
                    case.told = None;
                }
            }
            Fact::Found(evidence) => {
                let again = self.began && now.wrapping_sub(self.asked) >= AGAIN;
                self.take(evidence, again);
            }
            Fact::Refreshed(evidence) => self.take(evidence, true),
            Fact::Verified(serial, is_right) => {
                if let Some((_, token, is_gift)) = self.checking.take_if(|(known, ..)| *known == serial) {
                    let Sources { issuer, site, .. } = &self.sources;
                    let claims = match is_right {
                        Some(true) => token::claims(&token, is_gift, &Expected { issuer, site, now: today }),
                        _ => Err(Refusal::Signature),
                    };
                    match claims {
                        _ if is_right.is_none() => self.unchecked = true,
                        Ok(claims) => self.accept(claims, token, &mut acts),
                        Err(refusal) => self.refuse(&token, refusal, &mut acts),
                    }
                }
            }
            Fact::Answered(serial, status, body) => self.answered(now, serial, status, &body, &mut acts),
        }
        self.look(&mut acts);
        self.conclude(now, articles, &mut acts);
        acts
    }

    /// Takes up what was found; `again`: the endpoint is asked anew.
    fn take(&mut self, evidence: Evidence, again: bool) {
        if again {
            for case in &mut self.cases {
                // What it said stands until it says something else.
                case.serial = 0;
                case.due = 0;
                case.tries = 0;
                if let Answer::Unknown = case.answer {
                    case.answer = Answer::None;
                }
            }
        }
        let is_new = !self.began
            || evidence.tokens != self.evidence.tokens
            || evidence.kept != self.evidence.kept
            || again;
        if is_new {
            self.subscriber = None;
            self.gifts.clear();
            self.unchecked = false;
            self.checking = None;
            self.waiting.clear();
            if !evidence.kept.is_empty() {
                self.waiting.push(evidence.kept.clone());
            }
            self.waiting.extend(evidence.tokens.iter().rev().filter(|token| !token.is_empty()).cloned());
        }
        self.began = true;
        self.evidence = evidence;
    }

    fn accept(&mut self, claims: Claims, token: String, acts: &mut Vec<Act>) {
        if !claims.article.is_empty() {
            self.gifts.push(claims);
        } else if self.subscriber.is_none() {
            if token != self.evidence.kept {
                self.evidence.kept.clone_from(&token);
                acts.push(Act::Keep(token));
            }
            self.subscriber = Some(claims);
        }
    }

    fn refuse(&mut self, token: &str, refusal: Refusal, acts: &mut Vec<Act>) {
        if token == self.evidence.kept {
            self.evidence.kept.clear();
            acts.push(Act::Keep(String::new()));
        }
        // That one is over is no mistake.
        if refusal != Refusal::Expired {
            acts.push(Act::Refuse(refusal));
        }
    }

    /// Has the next token's signature checked.
    fn look(&mut self, acts: &mut Vec<Act>) {
        while self.checking.is_none()
            && let Some(token) = self.waiting.pop()
        {
            match token::open(&token, &self.sources.keys) {
                Ok(sealed) => {
                    let (signed, signature) = token.split_at_checked(sealed.signed).unwrap_or_default();
                    let Some(key) = self.sources.keys.get(sealed.key) else { continue };
                    self.serial = self.serial.wrapping_add(1);
                    acts.push(Act::Verify {
                        serial: self.serial,
                        key: key.clone(),
                        signed: signed.to_owned(),
                        signature: signature.get(1..).unwrap_or("").to_owned(),
                    });
                    self.checking = Some((self.serial, token, sealed.is_gift));
                }
                Err(refusal) => self.refuse(&token, refusal, acts),
            }
        }
    }

    fn answered(&mut self, now: i64, serial: u32, status: u32, body: &str, acts: &mut Vec<Act>) {
        let Some(case) = self.cases.iter_mut().find(|case| case.serial == serial && serial != 0) else {
            return;
        };
        case.serial = 0;
        let answer = if (200..300).contains(&status) { read(body) } else { None };
        if let Some((entitlement, token)) = answer {
            acts.push(Act::Remember(entitlement.tier == Tier::Subscriber && entitlement.granted));
            case.answer = Answer::Known(entitlement);
            case.tries = 0;
            case.due = i64::MAX;
            if !token.is_empty() && !self.sources.keys.is_empty() && token != self.evidence.kept {
                self.waiting.push(token);
            }
            return;
        }
        // No answer, too many at once, or a fault of its own: that may pass. Anything else is said for good.
        let may_pass = status == 0 || status == 429 || status >= 500;
        if may_pass && case.tries < TRIES {
            let wait = BACKOFF << case.tries.wrapping_sub(1).min(8);
            case.due = now.saturating_add(wait);
            acts.push(Act::Wake(wait));
        } else {
            case.due = i64::MAX;
            // What it said before stands.
            if !matches!(case.answer, Answer::Known(_)) {
                case.answer = Answer::Unknown;
            }
        }
    }

    /// Tells each article's machine what follows, and asks the endpoint where it must be known.
    fn conclude(&mut self, now: i64, articles: &[Article], acts: &mut Vec<Act>) {
        if !self.began {
            return;
        }
        self.cases.truncate(articles.len());
        for (place, article) in articles.iter().enumerate() {
            if self.cases.get(place).is_none_or(|case| case.hash != article.hash) {
                // The page's first machine was told nothing yet; any other knows what the first one does, which may be of that article alone.
                let told =
                    if self.cases.is_empty() { Some(Verdict::Known(Entitlement::default())) } else { None };
                let case = Case { hash: article.hash.clone(), told, ..Case::default() };
                match self.cases.get_mut(place) {
                    Some(known) => *known = case,
                    None => self.cases.push(case),
                }
            }
            if article.hash.is_empty() {
                continue;
            }
            let is_settled = self.checking.is_none();
            let Some(case) = self.cases.get_mut(place) else { continue };
            let is_gift = self.gifts.iter().any(|gift| gift.article == article.hash);
            let tier = self.subscriber.as_ref().map_or(Tier::Anonymous, |claims| claims.tier);
            let by_token = is_gift || tier == Tier::Subscriber;
            let asks = !self.sources.endpoint.is_empty() && !by_token;
            if asks
                && is_settled
                && self.host != Host::Speaks
                && article.is_seen
                && case.serial == 0
                && case.due <= now
            {
                self.serial = self.serial.wrapping_add(1);
                case.serial = self.serial;
                case.tries = case.tries.wrapping_add(1);
                self.asked = now;
                acts.push(Act::Ask(case.serial, article.clone()));
            }
            let grants = |reason: &str, tier| {
                Verdict::Known(Entitlement { granted: true, reason: reason.to_owned(), tier, meter: None })
            };
            let waits = asks && matches!(case.answer, Answer::None);
            let verdict = if !is_settled {
                Verdict::Pending
            } else if tier == Tier::Subscriber {
                grants("SUBSCRIBER", tier)
            } else if is_gift {
                grants("GIFT", tier)
            } else if asks && self.evidence.was_subscriber && !matches!(case.answer, Answer::Known(_)) {
                // As it said earlier in this visit, until it says otherwise.
                grants("SUBSCRIBER", Tier::Subscriber)
            } else if waits {
                Verdict::Pending
            } else if let (true, Answer::Known(entitlement)) = (asks, &case.answer) {
                let mut entitlement = entitlement.clone();
                entitlement.tier = entitlement.tier.max(tier);
                Verdict::Known(entitlement)
            } else if self.evidence.is_subscriber {
                grants("SUBSCRIBER", Tier::Subscriber)
            } else if asks || self.unchecked || self.host == Host::Failed {
                Verdict::Unknown
            } else {
                Verdict::Known(Entitlement { tier, ..Entitlement::default() })
            };
            // While something is asked anew, what is known holds.
            let is_news = case.told.as_ref() != Some(&verdict)
                && (verdict != Verdict::Pending || !case.is_told || case.told.is_none());
            if is_news && self.host != Host::Speaks {
                acts.push(Act::Tell(
                    place,
                    match &verdict {
                        Verdict::Pending => Signal::AccessPending,
                        Verdict::Unknown => Signal::AccessUnknown,
                        Verdict::Known(entitlement) => Signal::AccessKnown(entitlement.clone()),
                    },
                ));
                case.told = Some(verdict);
                case.is_told = true;
            }
        }
    }
}

/// Reads the endpoint's answer, or the host page's of that shape, which is AMP's (its documentation of `authorization`): what it says of the
/// reader, and the token it gives. `None` for what is no such answer.
#[must_use]
pub fn read(body: &str) -> Option<(Entitlement, String)> {
    let answer = Document::read(body, LONGEST)?;
    let granted = answer.truth(&["granted"])?;
    let reason = answer.text(&["grantReason"]).unwrap_or(if granted { "SUBSCRIBER" } else { "" });
    let of_data = |name| answer.whole(&["data", name]).and_then(|number| u32::try_from(number).ok());
    let named = Tier::named(answer.text(&["data", "tier"]).unwrap_or(""));
    let tier = if granted && reason == "SUBSCRIBER" {
        Tier::Subscriber
    } else if answer.truth(&["data", "isLoggedIn"]) == Some(true) {
        named.max(Tier::Registered)
    } else {
        named
    };
    let (reads, left, limit) = (of_data("articlesRead"), of_data("articlesLeft"), of_data("articleLimit"));
    let limit = limit.or_else(|| Some(reads?.saturating_add(left?)));
    let meter = match (left.or_else(|| Some(limit?.saturating_sub(reads?))), limit) {
        (Some(left), Some(limit)) if !granted => Some(Served { reads: limit.saturating_sub(left), limit }),
        _ => None,
    };
    let token = answer.text(&["data", "token"]).unwrap_or("").to_owned();
    Some((Entitlement { granted, reason: reason.to_owned(), tier, meter }, token))
}

#[cfg(test)]
mod tests;
