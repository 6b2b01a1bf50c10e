//! Passwords, sessions, and what is compared without telling how far it fits.

use anyhow::{Context as _, Result, anyhow};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// 256 random bits, as text.
///
/// # Errors
/// If the system has no random numbers.
pub fn random() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("no random numbers: {error}"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What is stored of a secret: whoever reads the database can't log in by it.
#[must_use]
pub fn hashed(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret))
}

/// The hash of a password (Argon2id, with the crate's own parameters).
///
/// # Errors
/// If it can't be made.
pub fn password_hash(password: &str) -> Result<String> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|error| anyhow!("{error}"))?;
    Ok(hash.to_string())
}

/// Whether a password is the one of this hash.
#[must_use]
pub fn is_password(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Checks a webhook's signature by Stripe's scheme: `t=<seconds>,v1=<hex>[,v1=<hex>…]`, HMAC-SHA256 of `<seconds>.<body>` under
/// the endpoint's secret, not older or newer than five minutes.
///
/// # Errors
/// What is wrong with it.
pub fn check_webhook(secret: &str, header: &str, body: &[u8], now: i64) -> Result<()> {
    let fields: Vec<(&str, &str)> =
        header.split(',').filter_map(|field| field.trim().split_once('=')).collect();
    let time = fields.iter().find(|(name, _)| *name == "t").map(|(_, value)| *value).context("no time")?;
    let seconds: i64 = time.parse().context("a time that is none")?;
    if now.saturating_sub(seconds).saturating_abs() > 300 {
        return Err(anyhow!("signed too long ago, or ahead of the clock"));
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|error| anyhow!("{error}"))?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let fits = fields
        .iter()
        .filter(|(name, _)| *name == "v1")
        .any(|(_, signature)| bool::from(signature.as_bytes().ct_eq(expected.as_bytes())));
    if fits { Ok(()) } else { Err(anyhow!("no signature fits")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_signed_over_its_time_and_body() {
        let body = br#"{"id":"evt_1"}"#;
        let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec_test").expect("a key");
        mac.update(b"1700000000.");
        mac.update(body);
        let right: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let check = |header: &str, body: &[u8], now| check_webhook("whsec_test", header, body, now).is_ok();
        let header = format!("t=1700000000,v1={right}");
        assert!(check(&header, body, 1_700_000_100));
        assert!(check(&format!("t=1700000000,v1=00,v1={right},v0=x"), body, 1_700_000_000));
        for (header, body, now) in [
            (header.as_str(), b"{\"id\":\"evt_2\"}".as_slice(), 1_700_000_000),
            (&header, body, 1_700_000_301),
            (&header, body, 1_699_999_699),
            (&header.replace("1700000000", "1700000001"), body, 1_700_000_000),
            (&format!("t=1700000000,v0={right}"), body, 1_700_000_000),
            (&format!("t=-9223372036854775808,v1={right}"), body, 1_700_000_000),
            (&format!("v1={right}"), body, 1_700_000_000),
            ("", body, 1_700_000_000),
        ] {
            assert!(!check(header, body, now), "{header}");
        }
        assert!(check_webhook("other", &header, body, 1_700_000_000).is_err());
    }

    #[test]
    fn a_password_is_known_by_its_hash() {
        let hash = password_hash("correct horse").expect("a hash");
        assert!(hash.starts_with("$argon2id$"));
        assert!(is_password("correct horse", &hash) && !is_password("wrong", &hash));
        assert!(!is_password("x", "not a hash"));
    }
}
