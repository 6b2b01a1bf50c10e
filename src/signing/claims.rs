//! Claims that are accepted: of a subscriber's token and of a gift link. What would be refused is not signed in the first place.

use super::{PrivateKey, SignError};
use crate::access::entitlement::Tier;
use crate::access::token::{LIFETIMES, TYPES};
use crate::meter::ledger::Site;
use serde_json::{Map, Value};

/// What is wrong with what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// No issuer.
    #[error(
        "expected an issuer as it stands in data-token-issuer, such as https://news.example: 1 to 256 characters, no blanks, no @"
    )]
    Issuer,
    /// A site that is not named as it is in storage.
    #[error("expected the site's name as data-site has it: a to z, 0 to 9 and hyphens, at most 32")]
    Site,
    /// Another tier.
    #[error("expected a tier: newsletter, registered or subscriber")]
    Tier,
    /// A subject that says too much.
    #[error(
        "expected an opaque subject of 1 to 256 characters that can be seen: a token holds no e-mail address, so no @"
    )]
    Subject,
    /// No address.
    #[error(
        "expected the article's canonical address (https://…, without a fragment), or id: and what data-tollgate-id says"
    )]
    Article,
    /// It would hold for too long, or not at all.
    #[error("a token may hold for 1 second to {most} seconds ({} hours)", .most / 3600)]
    Lifetime {
        /// The most that its type may, in seconds.
        most: i64,
    },
    /// A time that no token can have.
    #[error("expected a time in seconds since 1970")]
    Time,
}

/// The whole numbers up to here mean the same in every reader of JSON.
const EXACT: i64 = 1 << 53;

/// A token that says who is reading.
#[derive(Clone, Copy, Debug)]
pub struct Subscriber<'a> {
    issuer: &'a str,
    site: &'a str,
    tier: &'a str,
    subject: Option<&'a str>,
    lifetime: i64,
}

/// A token for a subscriber of this site, for an hour unless [`Subscriber::lasting`] says otherwise.
#[must_use]
pub fn subscriber<'a>(issuer: &'a str, site: &'a str) -> Subscriber<'a> {
    Subscriber { issuer, site, tier: "subscriber", subject: None, lifetime: 3600 }
}

impl<'a> Subscriber<'a> {
    /// For a reader of this tier: `newsletter`, `registered` or `subscriber`. Only the last reads everything; the others have their limits.
    #[must_use]
    pub fn tier(self, tier: &'a str) -> Subscriber<'a> {
        Subscriber { tier, ..self }
    }

    /// For this reader, by a name that means nothing to others.
    #[must_use]
    pub fn subject(self, subject: &'a str) -> Subscriber<'a> {
        Subscriber { subject: Some(subject), ..self }
    }

    /// For so many seconds; a day at most.
    #[must_use]
    pub fn lasting(self, seconds: i64) -> Subscriber<'a> {
        Subscriber { lifetime: seconds, ..self }
    }

    /// The claims of a token that is issued `now`, in seconds since 1970.
    ///
    /// # Errors
    /// Whatever would make it worth nothing.
    pub fn claims(&self, now: i64) -> Result<Value, Wrong> {
        let [most, _] = LIFETIMES;
        let mut claims = common(self.issuer, self.site, self.lifetime, most, now)?;
        if Tier::named(self.tier) == Tier::Anonymous {
            return Err(Wrong::Tier);
        }
        claims.insert("tier".to_owned(), self.tier.into());
        if let Some(subject) = self.subject {
            if !is_plain(subject) {
                return Err(Wrong::Subject);
            }
            claims.insert("sub".to_owned(), subject.into());
        }
        Ok(Value::Object(claims))
    }

    /// The token.
    ///
    /// # Errors
    /// Whatever would make it worth nothing.
    pub fn sign(&self, key: &PrivateKey, now: i64) -> Result<String, SignError> {
        let [typ, _] = TYPES;
        key.sign(typ, &self.claims(now)?)
    }
}

/// A token that opens one article for whoever has it.
#[derive(Clone, Copy, Debug)]
pub struct Gift<'a> {
    issuer: &'a str,
    site: &'a str,
    article: &'a str,
    lifetime: i64,
}

/// A gift of an article, by its canonical address or by `id:` and what `data-tollgate-id` says; for a week unless [`Gift::lasting`] says
/// otherwise.
#[must_use]
pub fn gift<'a>(issuer: &'a str, site: &'a str, article: &'a str) -> Gift<'a> {
    Gift { issuer, site, article, lifetime: 7 * 86_400 }
}

impl Gift<'_> {
    /// For so many seconds; 31 days at most.
    #[must_use]
    pub fn lasting(self, seconds: i64) -> Self {
        Gift { lifetime: seconds, ..self }
    }

    /// The claims of a gift that is made `now`, in seconds since 1970.
    ///
    /// # Errors
    /// Whatever would make it worth nothing.
    pub fn claims(&self, now: i64) -> Result<Value, Wrong> {
        let [_, most] = LIFETIMES;
        let mut claims = common(self.issuer, self.site, self.lifetime, most, now)?;
        if !is_article(self.article) {
            return Err(Wrong::Article);
        }
        claims.insert("article".to_owned(), self.article.into());
        Ok(Value::Object(claims))
    }

    /// The token.
    ///
    /// # Errors
    /// Whatever would make it worth nothing.
    pub fn sign(&self, key: &PrivateKey, now: i64) -> Result<String, SignError> {
        let [_, typ] = TYPES;
        key.sign(typ, &self.claims(now)?)
    }
}

/// What every token claims.
fn common(issuer: &str, site: &str, lifetime: i64, most: i64, now: i64) -> Result<Map<String, Value>, Wrong> {
    if !is_plain(issuer) {
        return Err(Wrong::Issuer);
    }
    // Another would be made into one that fits, and the token would be for that.
    if Site::of(site).as_str() != site {
        return Err(Wrong::Site);
    }
    if !(1..=most).contains(&lifetime) {
        return Err(Wrong::Lifetime { most });
    }
    let expires = now.saturating_add(lifetime);
    if now < 0 || expires >= EXACT {
        return Err(Wrong::Time);
    }
    let mut claims = Map::new();
    claims.insert("iss".to_owned(), issuer.into());
    claims.insert("aud".to_owned(), site.into());
    claims.insert("iat".to_owned(), now.into());
    claims.insert("exp".to_owned(), expires.into());
    Ok(claims)
}

/// Whether a text can be seen, is not long, and is no e-mail address.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 256
        && !text.chars().any(|letter| letter.is_control() || letter.is_whitespace() || letter == '@')
}

/// Whether a text can name an article.
fn is_article(text: &str) -> bool {
    if text.len() > 2048 || text.trim() != text || text.chars().any(char::is_control) {
        return false;
    }
    if let Some(id) = text.strip_prefix("id:") {
        return !id.trim().is_empty() && id.trim() == id;
    }
    let lower = text.to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', ':']))
        && !text.contains(['#', ' ', '\\', '<', '>', '"'])
}
