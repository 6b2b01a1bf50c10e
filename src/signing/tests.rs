//! Signing and checking: the RFCs' own vectors, and what is refused.

use super::*;
use crate::digest::base64url;
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://news.example";
const SITE: &str = "meridian";
const ENT: &str = "tollgate-ent+jwt";
const GIFT: &str = "tollgate-gift+jwt";

/// RFC 7515, appendix A.3.1.
const ES256_JWK: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

/// RFC 8037, appendix A.1.
const EDDSA_JWK: &str = r#"{"kty":"OKP","crv":"Ed25519",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn es256() -> PrivateKey {
    PrivateKey::from_jwk(ES256_JWK).expect("a key")
}

fn eddsa() -> PrivateKey {
    PrivateKey::from_jwk(EDDSA_JWK).expect("a key")
}

fn pinned(key: &PrivateKey) -> token::Key {
    token::keys(&key.public_jwk()).expect("keys").remove(0)
}

fn read(token: &str, key: &PrivateKey) -> Result<Verified, Refused> {
    verify(token, &key.public_jwk(), ISSUER, SITE, NOW)
}

fn refused(refusal: Refusal) -> Result<Verified, Refused> {
    Err(Refused::Token(refusal))
}

/// A token with this header and these claims, whatever they are, rightly signed.
fn signed(key: &PrivateKey, header: &str, claims: &str) -> String {
    let message = [base64url(header.as_bytes()), base64url(claims.as_bytes())].join(".");
    let signature = key.seal(message.as_bytes()).expect("a signature");
    [message, base64url(&signature)].join(".")
}

fn header_of(key: &PrivateKey, typ: &str) -> String {
    json!({ "alg": key.algorithm().name(), "typ": typ, "kid": key.id() }).to_string()
}

fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": SITE, "iat": NOW - 60, "exp": NOW + 3600 })
}

/// The claims with one of them changed, or taken out.
fn with(name: &str, value: Option<Value>) -> Value {
    let mut claims = claims();
    let members = claims.as_object_mut().expect("an object");
    match value {
        Some(value) => members.insert(name.to_owned(), value),
        None => members.remove(name),
    };
    claims
}

#[test]
fn rfc_7515_a_3_a_signature_of_es256_is_known() {
    let message = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let signature = from_base64url(signature).expect("base64url");
    let key = pinned(&es256());
    assert_eq!(key::has_signed(&key, message.as_bytes(), &signature), Ok(true));
    assert_eq!(key::has_signed(&key, &message.as_bytes()[1..], &signature), Ok(false));
    // Whoever signs it again gives another that holds as well.
    let own = es256().seal(message.as_bytes()).expect("a signature");
    assert_eq!(own.len(), 64);
    assert_eq!(key::has_signed(&key, message.as_bytes(), &own), Ok(true));
}

#[test]
fn rfc_8037_a_4_ed25519_signs_as_it_is_written_there() {
    let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let own = eddsa().seal(message.as_bytes()).expect("a signature");
    assert_eq!(base64url(&own), signature);
    assert_eq!(key::has_signed(&pinned(&eddsa()), message.as_bytes(), &own), Ok(true));
}

#[test]
fn rfc_8037_a_3_a_thumbprint_is_the_keys_id() {
    assert_eq!(eddsa().id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(eddsa().id(), thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", ""));
}

#[test]
fn rfc_7638_a_thumbprint_is_of_the_required_members_in_their_order() {
    let jwk: Value = serde_json::from_str(ES256_JWK).expect("JSON");
    let members =
        format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"].clone(), jwk["y"].clone());
    use sha2::Digest;
    let expected = base64url(&sha2::Sha256::digest(members.as_bytes()));
    assert_eq!(es256().id(), expected);
}

#[test]
fn keys_are_read_as_they_were_written() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let key = PrivateKey::generate(algorithm).expect("random numbers");
        let again = PrivateKey::from_jwk(&key.to_jwk()).expect("a key");
        assert_eq!(again.to_jwk(), key.to_jwk());
        assert_eq!(again.algorithm(), algorithm);
        let written: Value = serde_json::from_str(&key.to_jwk()).expect("JSON");
        assert_eq!(
            (&written["alg"], &written["use"], &written["kid"]),
            (&json!(algorithm.name()), &json!("sig"), &json!(key.id()))
        );
        let public: Value = serde_json::from_str(&key.public_jwk()).expect("JSON");
        assert!(public.get("d").is_none() && public.get("use").is_none());
        assert_eq!((&public["x"], &public["kid"]), (&written["x"], &written["kid"]));
        assert_ne!(PrivateKey::generate(algorithm).expect("another").id(), key.id());
        let secret = written["d"].as_str().expect("text");
        assert!(!format!("{key:?}").contains(secret));
    }
}

#[test]
fn a_key_that_is_none_is_named() {
    let read = |change: &[(&str, Value)]| {
        let mut jwk: Value = serde_json::from_str(ES256_JWK).expect("JSON");
        for (name, value) in change {
            jwk[name] = value.clone();
        }
        PrivateKey::from_jwk(&jwk.to_string()).map(|key| key.id().to_owned())
    };
    assert_eq!(read(&[("kid", json!("2026-a"))]), Ok("2026-a".to_owned()));
    assert!(read(&[("alg", json!("ES256")), ("use", json!("sig")), ("key_ops", json!(["sign"]))]).is_ok());
    assert_eq!(read(&[("kty", json!("RSA"))]), Err(KeyError::Kind));
    assert_eq!(read(&[("crv", json!("P-384"))]), Err(KeyError::Kind));
    assert_eq!(read(&[("crv", json!("secp256k1"))]), Err(KeyError::Kind));
    for (name, value) in [
        ("alg", json!("HS256")),
        ("alg", json!("EdDSA")),
        ("alg", json!(7)),
        ("use", json!("enc")),
        ("key_ops", json!(["verify"])),
    ] {
        assert_eq!(read(&[(name, value.clone())]), Err(KeyError::Use), "{name} {value}");
    }
    for d in ["", "AA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "%", "x y"] {
        assert_eq!(read(&[("d", json!(d))]), Err(KeyError::Secret), "{d}");
    }
    assert_eq!(read(&[("y", json!("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"))]), Err(KeyError::Mismatch));
    for id in [json!(""), json!("a b"), json!("a'"), json!("\""), json!("ä"), json!(1)] {
        assert_eq!(read(&[("kid", id.clone())]), Err(KeyError::Id), "{id}");
    }
    let public = es256().public_jwk();
    assert_eq!(PrivateKey::from_jwk(&public).map(|_| ()), Err(KeyError::Public));
    for text in ["", "[]", "{", "{}}", r#"{"kty":"EC","kty":"EC"}"#] {
        assert!(matches!(PrivateKey::from_jwk(text), Err(KeyError::Json)), "{text}");
    }
    // A public part that is not there is made.
    let bare = r#"{"kty":"EC","crv":"P-256","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
    assert_eq!(PrivateKey::from_jwk(bare).map(|key| key.to_jwk()), Ok(es256().to_jwk()));
}

#[test]
fn what_is_built_is_accepted() {
    for key in [es256(), eddsa()] {
        let token = subscriber(ISSUER, SITE).sign(&key, NOW).expect("a token");
        let found = read(&token, &key).expect("valid");
        assert!(!found.is_gift);
        assert_eq!((found.claims.tier.name(), found.claims.expires), ("subscriber", NOW + 3600));

        let token =
            subscriber(ISSUER, SITE).tier("registered").subject("r-1729").lasting(86_400).sign(&key, NOW);
        let found = read(&token.expect("a token"), &key).expect("valid");
        assert_eq!(found.claims.tier.name(), "registered");
        assert_eq!(found.json["sub"], "r-1729");

        let token =
            gift(ISSUER, SITE, "https://news.example/@ada/frogs?p=2").lasting(31 * 86_400).sign(&key, NOW);
        let found = read(&token.expect("a token"), &key).expect("valid");
        assert!(found.is_gift);
        assert_eq!(found.claims.article, token::named(SITE, "https://news.example/@ada/frogs?p=2"));
        assert!(gift(ISSUER, SITE, "id:7-42").sign(&key, NOW).is_ok());
    }
}

#[test]
fn what_would_be_refused_is_not_built() {
    let built = |issuer, site| subscriber(issuer, site).claims(NOW).map(|_| ());
    for issuer in ["", "a b", "ada@news.example", "\n"] {
        assert_eq!(built(issuer, SITE), Err(Wrong::Issuer), "{issuer}");
    }
    for site in ["", "Meridian", "news.example", "ä", &"m".repeat(33)] {
        assert_eq!(built(ISSUER, site), Err(Wrong::Site), "{site}");
    }
    let ours = subscriber(ISSUER, SITE);
    for tier in ["", "anonymous", "Subscriber", "gold"] {
        assert_eq!(ours.tier(tier).claims(NOW), Err(Wrong::Tier), "{tier}");
    }
    for subject in ["", "ada@news.example", "a b", "\u{7}"] {
        assert_eq!(ours.subject(subject).claims(NOW), Err(Wrong::Subject), "{subject}");
    }
    for seconds in [0, -1, 86_401, i64::MIN, i64::MAX] {
        assert_eq!(ours.lasting(seconds).claims(NOW), Err(Wrong::Lifetime { most: 86_400 }), "{seconds}");
    }
    for now in [-1, i64::MIN, i64::MAX, 1 << 53] {
        assert_eq!(ours.claims(now), Err(Wrong::Time), "{now}");
    }
    let given = |article| gift(ISSUER, SITE, article).claims(NOW).map(|_| ());
    for article in [
        "",
        "/frogs",
        "news.example/frogs",
        "javascript:alert(1)",
        "https://",
        "https:///frogs",
        "id:",
        "id: ",
        "id: 7",
        "https://news.example/frogs#top",
        "https://news.example/a b",
        " https://news.example/",
        "https://news.example\\",
    ] {
        assert_eq!(given(article), Err(Wrong::Article), "{article}");
    }
    assert_eq!(
        gift(ISSUER, SITE, "id:7").lasting(31 * 86_400 + 1).claims(NOW),
        Err(Wrong::Lifetime { most: 2_678_400 })
    );
    let long = format!("https://news.example/{}", "ä".repeat(1000));
    assert!(gift(ISSUER, SITE, &long).sign(&es256(), NOW).is_ok());
    assert_eq!(es256().sign(ENT, &json!({ "x": "x".repeat(4000) })), Err(SignError::TooLong));
}

#[test]
fn en_07_an_algorithm_of_the_tokens_own_choice_is_refused() {
    let key = es256();
    let with_header = |header: Value, signature: &[u8]| {
        let message = [base64url(header.to_string().as_bytes()), base64url(claims().to_string().as_bytes())];
        [message.join("."), base64url(signature)].join(".")
    };
    let header = |alg: &str| json!({ "alg": alg, "typ": ENT, "kid": key.id() });
    for alg in ["none", "None", "NONE", "HS256", "EdDSA", "ES384", "es256", ""] {
        for signature in [&[][..], &[7; 64]] {
            let token = with_header(header(alg), signature);
            assert_eq!(read(&token, &key), refused(Refusal::Algorithm), "{alg}");
        }
        // Rightly signed by the pinned key, it is no better.
        let token = signed(&key, &header(alg).to_string(), &claims().to_string());
        assert_eq!(read(&token, &key), refused(Refusal::Algorithm), "{alg}");
    }
    // The public key as a secret: there is nothing that would take an HMAC.
    let secret =
        token::keys(r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T","alg":"HS256"}"#);
    assert_eq!(secret, None);
    let oct = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T","alg":"HS256"}"#;
    let token = signed(&key, &header_of(&key, ENT), &claims().to_string());
    assert_eq!(verify(&token, oct, ISSUER, SITE, NOW), Err(Refused::Keys));
    // A key that the token brings along is of no interest.
    let other = PrivateKey::generate(Algorithm::Es256).expect("a key");
    let jwk: Value = serde_json::from_str(&other.public_jwk()).expect("JSON");
    let header = json!({ "alg": "ES256", "typ": ENT, "kid": key.id(), "jwk": jwk });
    let token = signed(&other, &header.to_string(), &claims().to_string());
    assert_eq!(read(&token, &key), refused(Refusal::Signature));
    let token = signed(&key, &header.to_string(), &claims().to_string());
    assert!(read(&token, &key).is_ok());
}

#[test]
fn en_07_a_wrong_header_is_refused() {
    let key = es256();
    let header = |change: Value| {
        let mut header: Value = serde_json::from_str(&header_of(&key, ENT)).expect("JSON");
        for (name, value) in change.as_object().expect("an object") {
            header[name] = value.clone();
        }
        read(&signed(&key, &header.to_string(), &claims().to_string()), &key)
    };
    assert!(header(json!({ "jku": "https://evil.example/keys", "x5c": [] })).is_ok());
    assert_eq!(header(json!({ "kid": "another" })), refused(Refusal::Key));
    for typ in [json!("JWT"), json!("tollgate-ENT+jwt"), json!(""), json!(null)] {
        assert_eq!(header(json!({ "typ": typ.clone() })), refused(Refusal::Type), "{typ}");
    }
    assert_eq!(header(json!({ "crit": ["exp"], "exp": 1 })), refused(Refusal::Critical));
    assert_eq!(header(json!({ "b64": false })), refused(Refusal::Critical));
    // A gift is none for being called so: it names an article.
    assert_eq!(header(json!({ "typ": GIFT })), refused(Refusal::Article));
}

#[test]
fn en_07_wrong_claims_are_refused() {
    let key = eddsa();
    let body = |claims: &str| read(&signed(&key, &header_of(&key, ENT), claims), &key);
    let changed = |name: &str, value: Value| body(&with(name, Some(value)).to_string());
    let without = |name: &str| body(&with(name, None).to_string());
    assert!(body(&claims().to_string()).is_ok());
    for wrong in [json!("https://news.example/"), json!("http://news.example"), json!([ISSUER]), json!(null)]
    {
        assert_eq!(changed("iss", wrong.clone()), refused(Refusal::Issuer), "{wrong}");
    }
    for wrong in [json!("other"), json!("Meridian"), json!([SITE]), json!("")] {
        assert_eq!(changed("aud", wrong.clone()), refused(Refusal::Audience), "{wrong}");
    }
    assert_eq!(without("iss"), refused(Refusal::Issuer));
    assert_eq!(without("aud"), refused(Refusal::Audience));
    for name in ["iat", "exp"] {
        assert_eq!(without(name), refused(Refusal::Time), "{name}");
        for wrong in [json!("1800000000"), json!(1.5), json!(-1), json!(1_u64 << 53), json!(null)] {
            assert_eq!(changed(name, wrong.clone()), refused(Refusal::Time), "{name} {wrong}");
        }
    }
    assert_eq!(changed("exp", json!(NOW - 3600)), refused(Refusal::Expired));
    assert_eq!(changed("nbf", json!(NOW + 3600)), refused(Refusal::Early));
    assert_eq!(changed("iat", json!(NOW + 3600)), refused(Refusal::Early));
    assert_eq!(changed("exp", json!(NOW + 90_000)), refused(Refusal::Lifetime));
    assert_eq!(changed("tier", json!("gold")), refused(Refusal::Tier));
    assert_eq!(changed("sub", json!("ada@news.example")), refused(Refusal::Email));
    assert_eq!(changed("name", json!({ "mail": ["ada@news.example"] })), refused(Refusal::Email));
    let twice =
        format!(r#"{{"iss":"{ISSUER}","aud":"other","aud":"{SITE}","iat":{NOW},"exp":{}}}"#, NOW + 60);
    assert_eq!(body(&twice), refused(Refusal::Json));
    for broken in ["", "null", "[]", "{", "{} {}", "\u{feff}{}"] {
        assert_eq!(body(broken), refused(Refusal::Json), "{broken}");
    }
}

#[test]
fn en_07_what_is_no_compact_jws_is_refused() {
    let key = es256();
    let token = subscriber(ISSUER, SITE).sign(&key, NOW).expect("a token");
    let long =
        es256().seal(b"x").map(|signature| [token.clone(), base64url(&signature.repeat(100))].concat());
    let nine = format!("{token}{}", "A".repeat(9000));
    for wrong in [
        "",
        ".",
        "..",
        "...",
        "a.b",
        &format!("{token}."),
        &format!(".{token}"),
        &format!("{token}.{token}"),
        &format!("{token}="),
        &format!(" {token}"),
        &format!("{token}\n"),
        &token.replace('.', "/"),
        &long.expect("a signature"),
        &nine,
    ] {
        let found = read(wrong, &key);
        let is_shape = found == refused(Refusal::Shape) || found == refused(Refusal::Json);
        assert!(is_shape, "{wrong}: {found:?}");
    }
}

#[test]
fn en_07_only_public_keys_check() {
    let key = es256();
    let token = subscriber(ISSUER, SITE).sign(&key, NOW).expect("a token");
    let by = |keys: &str| verify(&token, keys, ISSUER, SITE, NOW).map(|_| ());
    let public = key.public_jwk();
    let other = eddsa().public_jwk();
    assert_eq!(by(&public), Ok(()));
    assert_eq!(by(&format!("[{other},{public}]")), Ok(()));
    assert_eq!(by(&format!(r#"{{"keys":[{public},{other}]}}"#)), Ok(()));
    assert_eq!(by(&other), Err(Refused::Token(Refusal::Key)));
    assert_eq!(by(&key.to_jwk()), Err(Refused::Keys));
    // A point that is not on the curve.
    let off = public.replace("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", &base64url(&[9; 32]));
    assert_ne!(off, public);
    for keys in ["", "[]", "{}", "null", &off] {
        assert_eq!(by(keys), Err(Refused::Keys), "{keys}");
    }
}

#[test]
fn en_09_four_minutes_of_skew_are_accepted_and_six_are_not() {
    let key = es256();
    let minutes = |minutes: i64| minutes * 60;
    let at = |now: i64, iat: i64, exp: i64, nbf: Option<i64>| {
        let mut claims = json!({ "iss": ISSUER, "aud": SITE, "iat": iat, "exp": exp });
        if let Some(nbf) = nbf {
            claims["nbf"] = nbf.into();
        }
        let token = key.sign(ENT, &claims).expect("a token");
        verify(&token, &key.public_jwk(), ISSUER, SITE, now).map(|_| ())
    };
    let begins = NOW;
    let ends = NOW + 3600;
    for (late, expected) in [
        (minutes(4), Ok(())),
        (300, Ok(())),
        (301, Err(Refused::Token(Refusal::Expired))),
        (minutes(6), Err(Refused::Token(Refusal::Expired))),
    ] {
        assert_eq!(at(ends + late, begins, ends, None), expected, "{late} s late");
    }
    for (early, expected) in [
        (minutes(4), Ok(())),
        (300, Ok(())),
        (301, Err(Refused::Token(Refusal::Early))),
        (minutes(6), Err(Refused::Token(Refusal::Early))),
    ] {
        assert_eq!(at(begins - early, begins, ends, None), expected, "{early} s early by iat");
        assert_eq!(at(begins - early, begins - 1000, ends, Some(begins)), expected, "{early} s early by nbf");
    }
}

#[test]
fn en_10_a_signature_in_der_is_refused() {
    let key = es256();
    let token = subscriber(ISSUER, SITE).sign(&key, NOW).expect("a token");
    let (message, signature) = token.rsplit_once('.').expect("three parts");
    let raw = from_base64url(signature).expect("base64url");
    let der = p256::ecdsa::Signature::from_slice(&raw).expect("a signature").to_der();
    let der = [message, &base64url(der.as_bytes())].join(".");
    assert_eq!(read(&der, &key), refused(Refusal::Signature));
    for wrong in [&raw[..63], &[&raw[..], &[0]].concat(), &[0; 64], &[255; 64], &[]] {
        let token = [message, &base64url(wrong)].join(".");
        assert_eq!(read(&token, &key), refused(Refusal::Signature), "{} bytes", wrong.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn en_07_a_token_with_any_byte_changed_is_refused(place in any::<prop::sample::Index>(), byte in 33_u8..127, edwards in any::<bool>()) {
        let key = if edwards { eddsa() } else { es256() };
        let token = subscriber(ISSUER, SITE).subject("r-1729").sign(&key, NOW).expect("a token");
        let mut changed = token.clone().into_bytes();
        let place = place.index(changed.len());
        prop_assume!(changed[place] != byte);
        changed[place] = byte;
        let changed = String::from_utf8(changed).expect("ASCII");
        prop_assert!(read(&changed, &key).is_err(), "{}", changed);
    }

    #[test]
    fn en_07_a_token_of_another_key_is_refused(seed in any::<[u8; 32]>()) {
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "d": base64url(&seed), "kid": "one" });
        let theirs = PrivateKey::from_jwk(&jwk.to_string()).expect("a key");
        let mut ours: Value = serde_json::from_str(&eddsa().public_jwk()).expect("JSON");
        ours["kid"] = "one".into();
        let token = subscriber(ISSUER, SITE).sign(&theirs, NOW).expect("a token");
        prop_assert_eq!(verify(&token, &ours.to_string(), ISSUER, SITE, NOW), refused(Refusal::Signature));
    }

    #[test]
    fn no_text_panics(token in ".{0,80}", keys in ".{0,80}") {
        let _ = verify(&token, &keys, ISSUER, SITE, NOW);
        let _ = PrivateKey::from_jwk(&keys);
    }

    #[test]
    fn whatever_is_built_is_accepted(subject in "[a-zA-Z0-9._~-]{1,64}", path in "[a-z0-9/._-]{0,60}", seconds in 1_i64..=86_400) {
        let key = eddsa();
        let token = subscriber(ISSUER, SITE).subject(&subject).lasting(seconds).sign(&key, NOW).expect("a token");
        prop_assert!(read(&token, &key).is_ok());
        let article = format!("https://news.example/{path}");
        let token = gift(ISSUER, SITE, &article).lasting(seconds * 31).sign(&key, NOW).expect("a token");
        prop_assert!(read(&token, &key).is_ok());
    }
}
