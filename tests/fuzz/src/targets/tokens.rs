//! Tokens: strict JSON, pinned keys, headers and claims, and the addresses that carry them.

use crate::source::Source;
use tollgate::access::json::Document;
use tollgate::access::token::{self, Algorithm, Expected, Key};

/// When the pages are read, in seconds since 1970.
const NOW: i64 = 1_900_000_000;
const ISSUER: &str = "https://login.example";
const SITE: &str = "meridian";
/// 64 bytes in base64url, and one too few.
const SIGNATURES: [&str; 3] = [
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "",
];

pub(super) fn run(bytes: &[u8]) {
    let mut source = Source::of(bytes);
    check_json(&mut source);
    check_keys(&mut source);
    check_token(&mut source);
    check_carried(&mut source);
}

/// A text in JSON, as whoever writes strict JSON does.
fn quoted(text: &str) -> String {
    let mut written = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => written += "\\\"",
            '\\' => written += "\\\\",
            '\0'..='\u{1f}' => written += &format!("\\u{:04x}", u32::from(letter)),
            _ => written.push(letter),
        }
    }
    written + "\""
}

/// An object of texts comes out as it went in; twice, with a member twice, or with something behind it, it is refused.
fn check_json(source: &mut Source<'_>) {
    let members = source.list(6, |source| (source.like(&["iss", "aud", "a", ""]), source.raw(12)));
    let plain: Vec<&(String, String)> = members.iter().filter(|(name, _)| !name.contains('\n')).collect();
    let mut names: Vec<&str> = plain.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let is_single = names.windows(2).all(|two| two[0] != two[1]);
    let fields: Vec<String> =
        plain.iter().map(|(name, text)| [&quoted(name), ": ", &*quoted(text)].concat()).collect();
    let text = ["{", &fields.join(" ,"), "}"].concat();
    let read = Document::read(&text, 10_000);
    assert_eq!(read.is_some(), is_single, "{text:?}");
    if let Some(read) = read {
        for (name, value) in &plain {
            assert_eq!(read.text(&[name]), Some(value.as_str()), "{name:?} in {text:?}");
        }
    }
    assert!(Document::read(&[&*text, &text].concat(), 10_000).is_none(), "{text:?} twice");
    assert!(Document::read(&text, text.len() - 1).is_none(), "longer than it may be");
    let other = source.nearly(&text);
    if Document::value(&other, 10_000).is_some() {
        for blank in [" ", "\n\t\r"] {
            assert!(
                Document::value(&[blank, &*other, blank].concat(), 10_010).is_some(),
                "{other:?} between blanks"
            );
        }
        for more in ["x", "{}", ",", "\u{a0}"] {
            assert!(
                Document::value(&[&*other, more].concat(), 10_010).is_none() || number_goes_on(&other, more),
                "{other:?}{more}"
            );
        }
    }
}

/// Nothing makes a longer value of a value, but digits of a number.
fn number_goes_on(_: &str, more: &str) -> bool {
    more.bytes().all(|byte| byte.is_ascii_digit())
}

/// What is read as keys has points of the right length, and no private member.
fn check_keys(source: &mut Source<'_>) {
    let coordinate = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let key = source.like(&[
        &format!(r#"{{"kty":"EC","crv":"P-256","x":"{coordinate}","y":"{coordinate}","kid":"a"}}"#),
        &format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{coordinate}"}}"#),
        &format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{coordinate}","d":"{coordinate}"}}"#),
        r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#,
    ]);
    let text = match source.below(3) {
        0 => key,
        1 => ["[", &key, ",", &key, "]"].concat(),
        _ => ["{\"keys\":[", &key, "]}"].concat(),
    };
    if let Some(keys) = token::keys(&text) {
        assert!(!text.contains("\"d\":") || !text.contains("\"kty\""), "a private key is taken: {text}");
        for key in keys {
            let is_ec = matches!(key.algorithm, Algorithm::Es256);
            let [x, y] = &key.point;
            assert_eq!((x.len(), y.len()), (43, if is_ec { 43 } else { 0 }), "{text}");
        }
    }
}

fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    bytes
        .chunks(3)
        .flat_map(|three| {
            let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
                << (8 * (3 - three.len()));
            (0..=three.len()).map(move |nth| char::from(LETTERS[(bits >> (18 - 6 * nth)) as usize & 63]))
        })
        .collect()
}

/// A token is opened only by the key whose algorithm it names, and says only what holds now.
fn check_token(source: &mut Source<'_>) {
    let algorithm = source.pick(&[Algorithm::Es256, Algorithm::EdDsa]);
    let key =
        Key { id: source.pick(&["", "a"]).to_owned(), algorithm, point: [String::new(), String::new()] };
    let header = source.like(&[
        r#"{"alg":"ES256","typ":"tollgate-ent+jwt"}"#,
        r#"{"alg":"EdDSA","typ":"tollgate-ent+jwt","kid":"a"}"#,
        r#"{"alg":"ES256","typ":"tollgate-gift+jwt","kid":"a"}"#,
        r#"{"alg":"none","typ":"tollgate-ent+jwt"}"#,
        r#"{"alg":"ES256","typ":"tollgate-ent+jwt","crit":[]}"#,
    ]);
    let issued = NOW + source.between(-100_000, 1000);
    let expires = issued + source.pick(&[0, 60, 3600, 86_400, 86_401, 700_000, i64::MAX / 4]);
    let claims = format!(
        r#"{{"iss":{},"aud":{},"iat":{issued},"exp":{expires}{}}}"#,
        quoted(&source.like(&[ISSUER])),
        quoted(&source.like(&[SITE])),
        source.like(&[
            "",
            r#","tier":"subscriber""#,
            r#","article":"id:7""#,
            r#","sub":"a@b""#,
            r#","nbf":1"#
        ]),
    );
    let parts = [base64url(header.as_bytes()), base64url(source.nearly(&claims).as_bytes())];
    let whole = [&*parts[0], ".", &parts[1], ".", source.pick(&SIGNATURES)].concat();
    let text = source.nearly(&whole);
    let Ok(sealed) = token::open(&text, std::slice::from_ref(&key)) else { return };
    let (signed, signature) = text.split_at(sealed.signed);
    assert_eq!(signature.len(), 1 + 86, "{text}");
    assert_eq!(text.split('.').count(), 3, "{text}");
    if text == whole {
        assert!(header.contains(&format!("\"{}\"", key.algorithm.name())), "{header} by {:?}", key.algorithm);
        assert!(!header.contains("\"crit\""), "{header}");
    }
    let expected = Expected { issuer: ISSUER, site: SITE, now: NOW };
    let Ok(said) = token::claims(&text, sealed.is_gift, &expected) else { return };
    assert!(said.expires >= NOW - 300, "{signed}");
    assert_eq!(said.article.is_empty(), !sealed.is_gift, "{signed}");
    // Later it is over, before it was issued it is not yet, and nobody else takes it.
    for (issuer, site, now) in [
        (ISSUER, SITE, said.expires + 301),
        (ISSUER, SITE, said.expires - 800_000_000),
        ("https://login.example/", SITE, NOW),
        (ISSUER, "other", NOW),
    ] {
        let expected = Expected { issuer, site, now };
        assert!(token::claims(&text, sealed.is_gift, &expected).is_err(), "{signed} at {now}");
    }
}

/// An address loses the token it carries, and nothing else.
fn check_carried(source: &mut Source<'_>) {
    let fields = source.list(4, |source| {
        source.like(&["top", "tollgate-token=a.b.c", "tollgate-gift=x", "tollgate-token=", "a=b", ""])
    });
    let fragment = fields.join("&").replace('#', "");
    let address = ["https://news.example/frogs#", &fragment].concat();
    let Some((token, clean)) = token::carried(&address) else {
        assert!(
            !fields.iter().any(|field| field.starts_with("tollgate-token=") && !field.contains(['&', '#']))
        );
        return;
    };
    assert!(!token.contains(['&', '#']), "{token}");
    assert!(token::carried(&clean).is_none(), "{clean} of {address}");
    for field in fragment.split('&').filter(|field| !field.starts_with("tollgate-")) {
        assert!(clean.contains(field), "{field} is lost of {address}");
    }
}
