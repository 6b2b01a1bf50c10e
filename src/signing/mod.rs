//! Signed tokens from the publisher's side: keys, tokens for subscribers, gift links, and the check of a whole token. Native only: it is what
//! the command-line tool and a publisher's own server use. The widget never signs.
//!
//! What a token must look like is said once, in [`crate::access::token`]: [`verify`] reads it there, as the widget does, and adds the
//! signature, which the widget leaves to the browser.
//!
//! ```
//! use tollgate::signing::{self, Algorithm, PrivateKey};
//!
//! let key = PrivateKey::generate(Algorithm::Es256)?;
//! let now = 1_800_000_000;
//! let token = signing::subscriber("https://news.example", "meridian").subject("r-1729").sign(&key, now)?;
//! let read = signing::verify(&token, &key.public_jwk(), "https://news.example", "meridian", now)?;
//! assert_eq!(read.claims.tier.name(), "subscriber");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod claims;
mod key;

pub use crate::access::token::{Algorithm, Claims, Refusal};
pub use claims::{Gift, Subscriber, Wrong, gift, subscriber};
pub use key::{KeyError, PrivateKey, thumbprint};

use crate::access::token::{self, Expected, LONGEST};
use crate::digest::from_base64url;

/// What a token that was accepted says.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// Whether it is a gift.
    pub is_gift: bool,
    /// What the widget makes of it.
    pub claims: Claims,
    /// All its claims, as they were signed.
    pub json: serde_json::Value,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The keys are no public keys that tokens can be checked with.
    #[error("the keys are no JWK, JWK set or list of JWKs with public keys of P-256 or Ed25519 only")]
    Keys,
    /// The token itself.
    #[error("{}", .0.name())]
    Token(Refusal),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Refused {
        Refused::Token(refusal)
    }
}

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The claims.
    #[error(transparent)]
    Claims(#[from] Wrong),
    /// The token would be longer than any that is read.
    #[error("the token would be longer than {LONGEST} bytes, the most that is read: shorten its texts")]
    TooLong,
    /// The signature could not be made.
    #[error("the signature could not be made")]
    Signature,
}

/// Checks a token as the widget does, signature included. `keys` is what stands in `data-token-keys` (a JWK, a list of them, or a JWK set),
/// `issuer` in `data-token-issuer`; `audience` is the site's name, `now` seconds since 1970.
///
/// # Errors
/// The first thing that makes it worth nothing.
pub fn verify(token: &str, keys: &str, issuer: &str, audience: &str, now: i64) -> Result<Verified, Refused> {
    let keys = token::keys(keys).ok_or(Refused::Keys)?;
    let sealed = token::open(token, &keys)?;
    let key = keys.get(sealed.key).ok_or(Refused::Keys)?;
    let (signed, signature) = token.split_at_checked(sealed.signed).ok_or(Refusal::Shape)?;
    let signature = signature.strip_prefix('.').and_then(from_base64url).ok_or(Refusal::Shape)?;
    // What the claims say is of no interest while it may be anyone's.
    if !key::has_signed(key, signed.as_bytes(), &signature)? {
        return Err(Refusal::Signature.into());
    }
    let expected = Expected { issuer, site: audience, now };
    let claims = token::claims(token, sealed.is_gift, &expected)?;
    let text = signed.split_once('.').and_then(|(_, claims)| from_base64url(claims)).ok_or(Refusal::Shape)?;
    let json = serde_json::from_slice(&text).map_err(|_| Refusal::Json)?;
    Ok(Verified { is_gift: sealed.is_gift, claims, json })
}

#[cfg(test)]
mod tests;
