//! Signed tokens: which pinned key must have signed one, and what its claims are worth. The signature itself is checked by the browser
//! (WebCrypto), or by the command-line tool.
//!
//! A token is a compact JWS (RFC 7515) with ES256 or EdDSA (Ed25519, RFC 8037), read by the advice of RFC 8725: the algorithm is the pinned
//! key's and never the token's to choose, `typ`, `iss` and `aud` are exact, lifetimes are short. There are two types: `tollgate-ent+jwt` says
//! who is reading, for a day at most; `tollgate-gift+jwt` opens one article for whoever has it, for 31 days at most.

use super::entitlement::Tier;
use super::json::{Document, nth};
use crate::article::{self, Addresses};
use crate::digest::from_base64url;
use crate::text::scan::{before, cut, cut_last, join, next_field, utf8};

/// The longest token that is read, in bytes.
pub const LONGEST: usize = 4096;

/// The longest text of pinned keys that is read, in bytes.
const KEYS: usize = 10_000;

/// By how much two clocks may differ, in seconds (adverse case EN-09).
pub const SKEW: i64 = 300;

/// For how long a token may hold from the day it is issued on, in seconds: a subscriber's, and a gift.
pub const LIFETIMES: [i64; 2] = [86_400, 31 * 86_400];

/// The types of tokens, a subscriber's first.
pub const TYPES: [&str; 2] = ["tollgate-ent+jwt", "tollgate-gift+jwt"];

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256; a signature is the 64 bytes of two numbers (RFC 7518, section 3.4), not their DER.
    Es256,
    /// Ed25519; 64 bytes.
    EdDsa,
}

impl Algorithm {
    /// Its name in a header and in a key.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Es256 => "ES256",
            Algorithm::EdDsa => "EdDSA",
        }
    }
}

/// A public key that the publisher pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its id, empty where it has none.
    pub id: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// The point's coordinates, each 32 bytes in base64url; the second is empty with Ed25519.
    pub point: [String; 2],
}

/// Reads the pinned keys: a JWK, a list of them, or a JWK set (RFC 7517). `None` where that is not what stands there, where a key is of another
/// kind, or where a private one stands there, which a page must never show.
#[must_use]
pub fn keys(text: &str) -> Option<Vec<Key>> {
    keys_of(&Document::value(text, KEYS)?)
}

/// The same of a document that was read.
#[must_use]
pub fn keys_of(document: &Document) -> Option<Vec<Key>> {
    let mut keys = Vec::new();
    let list: &[&str] = if document.is_list(&["keys"]) { &["keys"] } else { &[] };
    if !document.is_list(list) {
        keys.push(key(document, &[])?);
        return Some(keys);
    }
    loop {
        let place = nth(keys.len());
        let path = match list {
            [name] => vec![*name, &place],
            _ => vec![&*place],
        };
        if !document.has(&path) {
            break;
        }
        keys.push(key(document, &path)?);
    }
    if keys.is_empty() { None } else { Some(keys) }
}

fn key(document: &Document, path: &[&str]) -> Option<Key> {
    let text = |name| document.text(&[path, &[name]].concat()).unwrap_or("");
    let algorithm = match (text("kty"), text("crv")) {
        ("EC", "P-256") => Algorithm::Es256,
        ("OKP", "Ed25519") => Algorithm::EdDsa,
        _ => return None,
    };
    // RFC 8037 and RFC 9864 have two names for the one algorithm.
    let is_of_it = |name: &str| {
        name.is_empty() || name == algorithm.name() || (name == "Ed25519" && algorithm == Algorithm::EdDsa)
    };
    let point = [text("x"), if algorithm == Algorithm::Es256 { text("y") } else { "" }];
    let is_coordinate = |text: &&str| from_base64url(text).is_some_and(|bytes| bytes.len() == 32);
    let coordinates = if algorithm == Algorithm::Es256 { 2 } else { 1 };
    if document.has(&[path, &["d"]].concat())
        || !is_of_it(text("alg"))
        || !point.iter().take(coordinates).all(is_coordinate)
    {
        return None;
    }
    Some(Key { id: text("kid").to_owned(), algorithm, point: point.map(str::to_owned) })
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not three parts of base64url, or too long.
    Shape,
    /// A header or claims that are no strict JSON object.
    Json,
    /// Another type than [`TYPES`].
    Type,
    /// No pinned key has the id that the header names.
    Key,
    /// Another algorithm than the pinned key's.
    Algorithm,
    /// A header that must be understood and is not (`crit`).
    Critical,
    /// A signature of another length than 64 bytes.
    Signature,
    /// Another issuer.
    Issuer,
    /// For another site.
    Audience,
    /// A time that is missing or no whole number.
    Time,
    /// It holds no more.
    Expired,
    /// It does not hold yet, or was issued ahead of the clock.
    Early,
    /// It holds for longer than its type may.
    Lifetime,
    /// A tier that there is not.
    Tier,
    /// A gift without an article.
    Article,
    /// A text with an `@` in it: a token must not hold an e-mail address.
    Email,
}

impl Refusal {
    /// Its name in diagnostics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Refusal::Shape => "not a compact JWS",
            Refusal::Json => "not strict JSON",
            Refusal::Type => "wrong typ",
            Refusal::Key => "no pinned key has this kid",
            Refusal::Algorithm => "alg is not the pinned key's",
            Refusal::Critical => "crit is not understood",
            Refusal::Signature => "wrong signature",
            Refusal::Issuer => "wrong iss",
            Refusal::Audience => "wrong aud",
            Refusal::Time => "iat or exp missing or no whole number",
            Refusal::Expired => "expired",
            Refusal::Early => "not yet valid",
            Refusal::Lifetime => "exp too long after iat",
            Refusal::Tier => "unknown tier",
            Refusal::Article => "gift without article",
            Refusal::Email => "holds an e-mail address",
        }
    }
}

/// A token whose signature is to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Which of the pinned keys must have signed it, by its place.
    pub key: usize,
    /// Whether it is a gift.
    pub is_gift: bool,
    /// How many bytes of the token are signed, from its beginning.
    pub signed: usize,
}

/// Reads a token's header and says which key must have signed it.
///
/// # Errors
/// Whatever is wrong with the header, or with the token's shape.
pub fn open(token: &str, keys: &[Key]) -> Result<Sealed, Refusal> {
    if token.len() > LONGEST {
        return Err(Refusal::Shape);
    }
    let (signed, signature) = cut_last(token, b'.').ok_or(Refusal::Shape)?;
    let (header, claims) = cut(signed, b'.').ok_or(Refusal::Shape)?;
    let signature = from_base64url(signature).ok_or(Refusal::Shape)?;
    if from_base64url(claims).is_none() {
        return Err(Refusal::Shape);
    }
    let header = part(header)?;
    if header.has(&["crit"]) || header.has(&["b64"]) {
        return Err(Refusal::Critical);
    }
    let kind = header.text(&["typ"]).unwrap_or("");
    let Some(kind) = TYPES.iter().position(|known| *known == kind) else { return Err(Refusal::Type) };
    let id = header.text(&["kid"]).unwrap_or("");
    // Without an id on one side there must be no choice.
    let fits = |key: &Key| {
        key.id == id && !id.is_empty() || (keys.len() == 1 && (key.id.is_empty() || !header.has(&["kid"])))
    };
    let place = keys.iter().position(fits).ok_or(Refusal::Key)?;
    let algorithm = header.text(&["alg"]);
    if keys.get(place).is_none_or(|key| algorithm != Some(key.algorithm.name())) {
        return Err(Refusal::Algorithm);
    }
    if signature.len() != 64 {
        return Err(Refusal::Signature);
    }
    Ok(Sealed { key: place, is_gift: kind == 1, signed: signed.len() })
}

/// What a token must say to be worth something here.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The site, by its name in storage keys.
    pub site: &'a str,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// What a token is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Who is reading; of a gift nothing is known.
    pub tier: Tier,
    /// The short hash of the article that a gift opens; empty for a subscriber's token.
    pub article: String,
    /// Until when it holds, in seconds since 1970.
    pub expires: i64,
}

/// Reads the claims of a token whose signature is right.
///
/// # Errors
/// Whatever makes it worth nothing.
pub fn claims(token: &str, is_gift: bool, expected: &Expected<'_>) -> Result<Claims, Refusal> {
    let (_, rest) = cut(token, b'.').ok_or(Refusal::Shape)?;
    let claims = part(before(rest, b'.'))?;
    if claims.text(&["iss"]) != Some(expected.issuer) {
        return Err(Refusal::Issuer);
    }
    if claims.text(&["aud"]) != Some(expected.site) {
        return Err(Refusal::Audience);
    }
    let time = |name| claims.whole(&[name]).ok_or(Refusal::Time);
    let (issued, expires) = (time("iat")?, time("exp")?);
    let begins = if claims.has(&["nbf"]) { time("nbf")? } else { issued };
    let (least, most) = (expected.now.saturating_sub(SKEW), expected.now.saturating_add(SKEW));
    if expires < least {
        return Err(Refusal::Expired);
    }
    if issued > most || begins > most {
        return Err(Refusal::Early);
    }
    let [of_subscriber, of_gift] = LIFETIMES;
    let lifetime = expires.wrapping_sub(issued);
    if lifetime <= 0 || lifetime > if is_gift { of_gift } else { of_subscriber } {
        return Err(Refusal::Lifetime);
    }
    if is_gift {
        let article = claims.text(&["article"]).unwrap_or("");
        if article.is_empty() {
            return Err(Refusal::Article);
        }
        return Ok(Claims { tier: Tier::Anonymous, article: named(expected.site, article), expires });
    }
    // A gift names no reader, and an article's address may have one in it.
    if claims.holds(b'@') {
        return Err(Refusal::Email);
    }
    let tier = if claims.has(&["tier"]) {
        Tier::named(claims.text(&["tier"]).unwrap_or(""))
    } else {
        Tier::Subscriber
    };
    if tier == Tier::Anonymous {
        return Err(Refusal::Tier);
    }
    Ok(Claims { tier, article: String::new(), expires })
}

/// The short hash of the article that a gift names: by its canonical address, or `id:` and what its page declares.
#[must_use]
pub fn named(site: &str, article: &str) -> String {
    let addresses = match article.strip_prefix("id:") {
        Some(_) => return article::hash(site, article),
        None => Addresses { location: article, ..Addresses::default() },
    };
    article::hash(site, &article::key(&addresses))
}

/// Whether a token is of one reader, as far as its header says; a gift is not, nor what is no token.
#[must_use]
pub fn is_for_one(token: &str) -> bool {
    let [subscriber, _] = TYPES;
    part(before(token, b'.')).is_ok_and(|header| header.text(&["typ"]) == Some(subscriber))
}

/// A part of a token, as the JSON object it is.
fn part(part: &str) -> Result<Document, Refusal> {
    let bytes = from_base64url(part).ok_or(Refusal::Shape)?;
    let text = utf8(&bytes).ok_or(Refusal::Json)?;
    Document::read(&text, LONGEST).ok_or(Refusal::Json)
}

/// The token that an address carries behind its `#`, and the address without it: as `tollgate-token=…` for a subscriber's and
/// `tollgate-gift=…` for a gift, alone or beside other fields.
#[must_use]
pub fn carried(address: &str) -> Option<(String, String)> {
    let (page, fragment) = cut(address, b'#')?;
    let mut token = None;
    let mut kept = String::new();
    let mut rest = Some(fragment);
    while let Some(field) = next_field(&mut rest, b'&') {
        match field.strip_prefix("tollgate-token=").or_else(|| field.strip_prefix("tollgate-gift=")) {
            Some(value) if token.is_none() => token = Some(value.to_owned()),
            Some(_) => {}
            None => kept = join(&[&kept, if kept.is_empty() { "" } else { "&" }, field]),
        }
    }
    let clean = if kept.is_empty() { page.to_owned() } else { join(&[page, "#", &kept]) };
    token.map(|token| (token, clean))
}

#[cfg(test)]
mod tests;
