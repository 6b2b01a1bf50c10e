//! Tokens: each way in which one is refused, and those that are not.

use super::*;
use crate::digest::base64url;
use proptest::prelude::*;

const NOW: i64 = 1_800_000_000;
const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

fn p256(id: &str) -> String {
    format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}","kid":"{id}","alg":"ES256","use":"sig"}}"#)
}

fn pinned() -> Vec<Key> {
    keys(&format!("[{}, {{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"{X}\",\"kid\":\"two\"}}]", p256("one")))
        .expect("keys")
}

fn token(header: &str, claims: &str) -> String {
    let part = |text: &str| base64url(text.as_bytes());
    [part(header), part(claims), base64url(&[7; 64])].join(".")
}

const HEADER: &str = r#"{"alg":"ES256","typ":"tollgate-ent+jwt","kid":"one"}"#;
const GIFT: &str = r#"{"alg":"EdDSA","typ":"tollgate-gift+jwt","kid":"two"}"#;

fn claims_with(change: &str) -> String {
    format!(
        r#"{{"iss":"https://news.example","aud":"meridian","iat":{},"exp":{}{change}}}"#,
        NOW - 60,
        NOW + 3600
    )
}

fn read(header: &str, body: &str) -> Result<Claims, Refusal> {
    let token = token(header, body);
    let sealed = open(&token, &pinned())?;
    assert_eq!(token.get(sealed.signed..sealed.signed + 1), Some("."));
    claims(&token, sealed.is_gift, &Expected { issuer: "https://news.example", site: "meridian", now: NOW })
}

#[test]
fn a_subscribers_token_says_who_reads() {
    let subscriber = read(HEADER, &claims_with("")).expect("valid");
    assert_eq!(subscriber, Claims { tier: Tier::Subscriber, article: String::new(), expires: NOW + 3600 });
    assert_eq!(
        read(HEADER, &claims_with(r#","tier":"registered","sub":"u17""#)).map(|claims| claims.tier),
        Ok(Tier::Registered)
    );
}

#[test]
fn a_gift_opens_one_article_by_any_of_its_addresses() {
    let gift = |article: &str| {
        read(GIFT, &claims_with(&format!(r#","article":"{article}""#))).map(|claims| claims.article)
    };
    let page = |location, declared| {
        article::hash("meridian", &article::key(&Addresses { location, canonical: None, declared }))
    };
    let frogs = page("https://news.example/frogs?utm_source=x#top", None);
    assert_eq!(gift("https://news.example/frogs/"), Ok(frogs.clone()));
    assert_ne!(gift("https://news.example/toads"), Ok(frogs));
    assert_eq!(gift("id:7-42"), Ok(page("https://news.example/x", Some("7-42"))));
    assert!(gift("https://news.example/@ada/frogs").is_ok());
    assert_eq!(gift(""), Err(Refusal::Article));
    assert_eq!(read(GIFT, &claims_with("")), Err(Refusal::Article));
    // A month, where a subscriber's token holds for a day.
    let days = |header, days: i64| {
        let body = format!(
            r#"{{"iss":"https://news.example","aud":"meridian","iat":{NOW},"exp":{},"article":"id:7"}}"#,
            NOW + days * 86_400
        );
        read(header, &body).map(|_| ())
    };
    assert_eq!((days(GIFT, 31), days(GIFT, 32)), (Ok(()), Err(Refusal::Lifetime)));
    assert_eq!((days(HEADER, 1), days(HEADER, 2)), (Ok(()), Err(Refusal::Lifetime)));
}

#[test]
fn en_07_a_header_is_not_believed() {
    let body = claims_with("");
    let header = |text: &str| read(text, &body).map(|_| ());
    for (text, why) in [
        (r#"{"alg":"none","typ":"tollgate-ent+jwt","kid":"one"}"#, Refusal::Algorithm),
        (r#"{"alg":"HS256","typ":"tollgate-ent+jwt","kid":"one"}"#, Refusal::Algorithm),
        (r#"{"alg":"EdDSA","typ":"tollgate-ent+jwt","kid":"one"}"#, Refusal::Algorithm),
        (r#"{"alg":"es256","typ":"tollgate-ent+jwt","kid":"one"}"#, Refusal::Algorithm),
        (r#"{"alg":["ES256"],"typ":"tollgate-ent+jwt","kid":"one"}"#, Refusal::Algorithm),
        (r#"{"typ":"tollgate-ent+jwt","kid":"one"}"#, Refusal::Algorithm),
        (r#"{"alg":"ES256","typ":"tollgate-ent+jwt","kid":"three"}"#, Refusal::Key),
        (r#"{"alg":"ES256","typ":"tollgate-ent+jwt"}"#, Refusal::Key),
        (r#"{"alg":"ES256","typ":"JWT","kid":"one"}"#, Refusal::Type),
        (r#"{"alg":"ES256","kid":"one"}"#, Refusal::Type),
        (r#"{"alg":"ES256","typ":"tollgate-ent+jwt","kid":"one","crit":["exp"]}"#, Refusal::Critical),
        (r#"{"alg":"ES256","typ":"tollgate-ent+jwt","kid":"one","b64":false}"#, Refusal::Critical),
        (r#"{"alg":"ES256","alg":"none","typ":"tollgate-ent+jwt","kid":"one"}"#, Refusal::Json),
        ("[]", Refusal::Json),
        ("", Refusal::Json),
    ] {
        assert_eq!(header(text), Err(why), "{text}");
    }
    // A key that the token brings along is none of ours.
    let own = format!(r#"{{"alg":"ES256","typ":"tollgate-ent+jwt","kid":"mine","jwk":{}}}"#, p256("mine"));
    assert_eq!(header(&own), Err(Refusal::Key));
    // With one key there is no choice to be made.
    let alone = keys(&p256("")).expect("a key");
    for text in [HEADER, r#"{"alg":"ES256","typ":"tollgate-ent+jwt"}"#] {
        assert!(open(&token(text, &body), &alone).is_ok(), "{text}");
    }
}

#[test]
fn en_07_claims_must_be_exact() {
    for (body, why) in [
        (claims_with(r#","iss":"https://evil.example""#), Refusal::Json),
        (claims_with("").replace("https://news.example", "https://evil.example"), Refusal::Issuer),
        (claims_with("").replace("https://news.example", "https://news.example/"), Refusal::Issuer),
        (claims_with("").replace(r#""meridian""#, r#""other""#), Refusal::Audience),
        (claims_with("").replace(r#""meridian""#, r#"["meridian"]"#), Refusal::Audience),
        (claims_with("").replace("\"exp\"", "\"ex\""), Refusal::Time),
        (claims_with("").replace("\"iat\"", "\"ia\""), Refusal::Time),
        (claims_with("").replace(&format!("{}", NOW + 3600), &format!("\"{}\"", NOW + 3600)), Refusal::Time),
        (claims_with("").replace(&format!("{}", NOW + 3600), &format!("{}.5", NOW + 3600)), Refusal::Time),
        (claims_with("").replace(&format!("{}", NOW + 3600), "1e99"), Refusal::Time),
        (claims_with(r#","nbf":null"#), Refusal::Time),
        (claims_with(r#","tier":"owner""#), Refusal::Tier),
        (claims_with(r#","tier":"anonymous""#), Refusal::Tier),
        (claims_with(r#","tier":7"#), Refusal::Tier),
        (claims_with(r#","sub":"reader@example.com""#), Refusal::Email),
        (claims_with(r#","name":{"mail":["reader\u0040example.com"]}"#), Refusal::Email),
    ] {
        assert_eq!(read(HEADER, &body), Err(why), "{body}");
    }
}

#[test]
fn en_09_clocks_may_differ_by_five_minutes() {
    let at = |issued: i64, expires: i64, begins: i64| {
        let body = format!(
            r#"{{"iss":"https://news.example","aud":"meridian","iat":{},"exp":{},"nbf":{}}}"#,
            NOW + issued,
            NOW + expires,
            NOW + begins
        );
        read(HEADER, &body).map(|_| ())
    };
    assert_eq!(at(-3600, -240, -3600), Ok(()));
    assert_eq!(at(-3600, -360, -3600), Err(Refusal::Expired));
    assert_eq!(at(240, 3600, 240), Ok(()));
    assert_eq!(at(360, 3600, 0), Err(Refusal::Early));
    assert_eq!(at(0, 3600, 360), Err(Refusal::Early));
    assert_eq!(at(0, 3600, 240), Ok(()));
    assert_eq!(at(0, 0, 0), Err(Refusal::Lifetime));
}

#[test]
fn en_07_another_shape_is_refused() {
    let whole = token(HEADER, &claims_with(""));
    let parts: Vec<&str> = whole.split('.').collect();
    let long = token(HEADER, &claims_with(&format!(r#","pad":"{}""#, "x".repeat(9000))));
    for bad in [
        String::new(),
        "a.b".into(),
        format!("{whole}.x"),
        format!(".{whole}"),
        format!("{whole}="),
        format!("{whole} "),
        format!("{}+.{}.{}", parts[0], parts[1], parts[2]),
        format!("{}.{}*.{}", parts[0], parts[1], parts[2]),
        long,
    ] {
        assert_eq!(open(&bad, &pinned()), Err(Refusal::Shape), "{}", bad.get(..40).unwrap_or(&bad));
    }
}

#[test]
fn en_10_a_signature_in_der_is_refused() {
    for length in [0, 63, 65, 70, 71, 72] {
        let whole = token(HEADER, &claims_with(""));
        let signed = whole.rsplit_once('.').expect("three parts").0;
        assert_eq!(
            open(&format!("{signed}.{}", base64url(&vec![1; length])), &pinned()),
            Err(Refusal::Signature),
            "{length}"
        );
    }
}

#[test]
fn keys_are_public_ones_of_two_kinds() {
    assert_eq!(keys(&p256("one")).map(|keys| keys.len()), Some(1));
    assert_eq!(keys(&format!(r#"{{"keys":[{},{}]}}"#, p256("a"), p256("b"))).map(|keys| keys.len()), Some(2));
    for bad in [
        "",
        "[]",
        "{}",
        r#"{"keys":[]}"#,
        "true",
        &p256("one").replace("P-256", "P-384"),
        &p256("one").replace("ES256", "ES384"),
        &p256("one").replace("\"EC\"", "\"RSA\""),
        &p256("one").replace(X, "AAAA"),
        &p256("one").replace("\"y\"", "\"z\""),
        &p256("one").replace("\"use\"", "\"d\""),
        r#"{"kty":"oct","k":"AAAA","alg":"HS256"}"#,
    ] {
        assert_eq!(keys(bad), None, "{bad}");
    }
}

#[test]
fn an_address_carries_a_token_behind_its_hash() {
    let carried = |address: &str| carried(address).map(|(token, clean)| format!("{token} {clean}"));
    assert_eq!(
        carried("https://a.example/x?y#tollgate-token=a.b.c"),
        Some("a.b.c https://a.example/x?y".into())
    );
    assert_eq!(
        carried("https://a.example/x#tollgate-gift=a.b.c&top"),
        Some("a.b.c https://a.example/x#top".into())
    );
    assert_eq!(
        carried("https://a.example/x#a&tollgate-gift=1&b&tollgate-token=2"),
        Some("1 https://a.example/x#a&b".into())
    );
    for none in [
        "https://a.example/x?tollgate-token=1",
        "https://a.example/x#token=1",
        "https://a.example/x#xtollgate-token=1",
        "https://a.example/",
    ] {
        assert_eq!(carried(none), None, "{none}");
    }
}

proptest! {
    #[test]
    fn sec_11_any_text_is_read_or_refused(text in any::<String>(), header in any::<String>(), body in any::<String>()) {
        let _ = open(&text, &pinned());
        let _ = keys(&text);
        let _ = carried(&text);
        let _ = read(&header, &body);
        let _ = read(HEADER, &body);
    }
}
