//! Keys: made, read and written as JWKs (RFC 7517), and what is signed with them.

use super::{Refused, SignError};
use crate::access::json::Document;
use crate::access::token::{Algorithm, Key, LONGEST};
use crate::digest::{base64url, from_base64url, sha256};
use p256::ecdsa::signature::{Signer, Verifier};
use serde_json::{Value, json};
use std::fmt;
use zeroize::Zeroizing;

/// The longest text of a private key that is read, in bytes.
const TEXT: usize = 10_000;

/// A private key that tokens are signed with. It is wiped from memory when it is dropped, and shows nothing of itself in `{:?}` but its id.
pub struct PrivateKey {
    secret: Secret,
    id: String,
}

enum Secret {
    Es256(p256::ecdsa::SigningKey),
    EdDsa(ed25519_dalek::SigningKey),
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not the JSON of a JWK.
    #[error("expected a JWK: a JSON object, strict, with no member twice")]
    Json,
    /// Another kind of key.
    #[error(
        "expected a key of P-256 (\"kty\":\"EC\",\"crv\":\"P-256\") or of Ed25519 (\"kty\":\"OKP\",\"crv\":\"Ed25519\")"
    )]
    Kind,
    /// Another algorithm or use than the key's kind can have here.
    #[error("this key says of itself (alg, use, key_ops) that it is not for signing with ES256 or EdDSA")]
    Use,
    /// A public key.
    #[error("this is a public key (it has no member d); tokens are signed with the private one")]
    Public,
    /// A private part that is none.
    #[error("the member d is no private key of this kind: 32 bytes in base64url without padding")]
    Secret,
    /// A public part that belongs to another key.
    #[error("the public part (x, y) does not belong to the private one (d)")]
    Mismatch,
    /// An id that cannot stand in a header.
    #[error("the member kid must be a text of 1 to 128 characters that can be seen, without blanks")]
    Id,
    /// The system has no random numbers.
    #[error("this system gives no random numbers")]
    Random,
}

impl PrivateKey {
    /// A new key, of the system's random numbers.
    ///
    /// # Errors
    /// Where the system has none.
    pub fn generate(algorithm: Algorithm) -> Result<PrivateKey, KeyError> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        // Of 2³² numbers of 32 bytes one is no private key on P-256.
        for _ in 0..8 {
            getrandom::fill(bytes.as_mut_slice()).map_err(|_| KeyError::Random)?;
            if let Some(secret) = Secret::of(algorithm, &bytes) {
                let id = secret.thumbprint();
                return Ok(PrivateKey { secret, id });
            }
        }
        Err(KeyError::Random)
    }

    /// Reads a private JWK. Its public part may be left out; where it is there it must be the key's own. A `kid` of its own is kept, without
    /// one it is the thumbprint (RFC 7638).
    ///
    /// # Errors
    /// Whatever makes it no private key that tokens can be signed with.
    pub fn from_jwk(jwk: &str) -> Result<PrivateKey, KeyError> {
        let read = Document::read(jwk, TEXT).ok_or(KeyError::Json)?;
        let text = |name| read.text(&[name]).unwrap_or("");
        let algorithm = match (text("kty"), text("crv")) {
            ("EC", "P-256") => Algorithm::Es256,
            ("OKP", "Ed25519") => Algorithm::EdDsa,
            _ => return Err(KeyError::Kind),
        };
        if !read.has(&["d"]) {
            return Err(KeyError::Public);
        }
        // RFC 8037 and RFC 9864 have two names for the one algorithm.
        let is_of_it =
            |name: &str| name == algorithm.name() || (name == "Ed25519" && algorithm == Algorithm::EdDsa);
        if (read.has(&["alg"]) && !is_of_it(text("alg"))) || (read.has(&["use"]) && text("use") != "sig") {
            return Err(KeyError::Use);
        }
        if read.has(&["key_ops"]) {
            let signs =
                (0..8).any(|place| read.text(&["key_ops", &crate::access::json::nth(place)]) == Some("sign"));
            if !signs {
                return Err(KeyError::Use);
            }
        }
        let bytes = Zeroizing::new(from_base64url(text("d")).unwrap_or_default());
        let bytes = Zeroizing::new(<[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| KeyError::Secret)?);
        let secret = Secret::of(algorithm, &bytes).ok_or(KeyError::Secret)?;
        for (name, own) in ["x", "y"].into_iter().zip(secret.point()) {
            if read.has(&[name]) && text(name) != own {
                return Err(KeyError::Mismatch);
            }
        }
        let mut id = secret.thumbprint();
        if read.has(&["kid"]) {
            let own = text("kid");
            // A quote of either kind would end the attribute that it is pasted into.
            let fits =
                |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'\\' | b'<' | b'&');
            if own.is_empty() || own.len() > 128 || !own.bytes().all(fits) {
                return Err(KeyError::Id);
            }
            own.clone_into(&mut id);
        }
        Ok(PrivateKey { secret, id })
    }

    /// How it signs.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.secret {
            Secret::Es256(_) => Algorithm::Es256,
            Secret::EdDsa(_) => Algorithm::EdDsa,
        }
    }

    /// Its id, as it stands in the header of what it signs and in its public JWK.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The private JWK: a secret, to be kept where nobody but the signing server reads it.
    #[must_use]
    pub fn to_jwk(&self) -> String {
        let mut jwk = self.public();
        if let Value::Object(members) = &mut jwk {
            members.insert("d".to_owned(), Value::String(base64url(&self.secret.bytes())));
            members.insert("use".to_owned(), Value::String("sig".to_owned()));
        }
        jwk.to_string()
    }

    /// The public JWK, for `data-token-keys`.
    #[must_use]
    pub fn public_jwk(&self) -> String {
        self.public().to_string()
    }

    fn public(&self) -> Value {
        let [x, y] = self.secret.point();
        match self.algorithm() {
            Algorithm::Es256 => {
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "alg": "ES256", "kid": self.id })
            }
            Algorithm::EdDsa => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "alg": "EdDSA", "kid": self.id })
            }
        }
    }

    /// Signs claims of any kind: a compact JWS with this type and the key's id in its header. [`super::subscriber`] and [`super::gift`] make
    /// claims that are accepted; what is given here is signed as it is.
    ///
    /// # Errors
    /// Where the token would be longer than any that is read.
    pub fn sign(&self, typ: &str, claims: &Value) -> Result<String, SignError> {
        let header = json!({ "alg": self.algorithm().name(), "typ": typ, "kid": self.id });
        let part = |value: &Value| base64url(value.to_string().as_bytes());
        let signed = [part(&header), part(claims)].join(".");
        let signature = self.seal(signed.as_bytes()).ok_or(SignError::Signature)?;
        let token = [signed, base64url(&signature)].join(".");
        if token.len() > LONGEST {
            return Err(SignError::TooLong);
        }
        Ok(token)
    }

    /// The 64 bytes of a signature: the two numbers of ECDSA one behind the other (RFC 7518, section 3.4), or Ed25519's.
    pub(super) fn seal(&self, message: &[u8]) -> Option<Vec<u8>> {
        match &self.secret {
            Secret::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.try_sign(message).ok()?;
                Some(signature.to_bytes().to_vec())
            }
            Secret::EdDsa(key) => {
                let signature: ed25519_dalek::Signature = key.try_sign(message).ok()?;
                Some(signature.to_bytes().to_vec())
            }
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("algorithm", &self.algorithm())
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Secret {
    fn of(algorithm: Algorithm, bytes: &[u8; 32]) -> Option<Secret> {
        match algorithm {
            Algorithm::Es256 => p256::ecdsa::SigningKey::from_slice(bytes).ok().map(Secret::Es256),
            Algorithm::EdDsa => Some(Secret::EdDsa(ed25519_dalek::SigningKey::from_bytes(bytes))),
        }
    }

    fn bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Secret::Es256(key) => key.to_bytes().to_vec(),
            Secret::EdDsa(key) => key.to_bytes().to_vec(),
        })
    }

    /// The public point's coordinates in base64url; the second is empty with Ed25519.
    fn point(&self) -> [String; 2] {
        match self {
            Secret::Es256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let coordinate = |bytes: Option<&p256::FieldBytes>| {
                    bytes.map_or_else(String::new, |bytes| base64url(bytes.as_slice()))
                };
                [coordinate(point.x()), coordinate(point.y())]
            }
            Secret::EdDsa(key) => [base64url(key.verifying_key().as_bytes()), String::new()],
        }
    }

    fn thumbprint(&self) -> String {
        let [x, y] = self.point();
        thumbprint(&x, &y)
    }
}

/// The thumbprint of a public key (RFC 7638; RFC 8037, appendix A.3): the hash of its required members, in base64url. Without a `y` it is a key
/// of Ed25519, with one of P-256.
#[must_use]
pub fn thumbprint(x: &str, y: &str) -> String {
    let members = if y.is_empty() {
        [r#"{"crv":"Ed25519","kty":"OKP","x":""#, x, r#""}"#].concat()
    } else {
        [r#"{"crv":"P-256","kty":"EC","x":""#, x, r#"","y":""#, y, r#""}"#].concat()
    };
    base64url(&sha256(members.as_bytes()))
}

/// Whether a pinned key has signed a message.
pub(super) fn has_signed(key: &Key, message: &[u8], signature: &[u8]) -> Result<bool, Refused> {
    let [x, y] = &key.point;
    let coordinate = |text: &str| from_base64url(text).ok_or(Refused::Keys);
    match key.algorithm {
        Algorithm::Es256 => {
            // A point that is not compressed (SEC 1, section 2.3.3).
            let point = [vec![4], coordinate(x)?, coordinate(y)?].concat();
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).map_err(|_| Refused::Keys)?;
            let signature = p256::ecdsa::Signature::from_slice(signature);
            Ok(signature.is_ok_and(|signature| key.verify(message, &signature).is_ok()))
        }
        Algorithm::EdDsa => {
            let point = <[u8; 32]>::try_from(coordinate(x)?.as_slice()).map_err(|_| Refused::Keys)?;
            let key = ed25519_dalek::VerifyingKey::from_bytes(&point).map_err(|_| Refused::Keys)?;
            let signature = ed25519_dalek::Signature::from_slice(signature);
            Ok(signature.is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()))
        }
    }
}
