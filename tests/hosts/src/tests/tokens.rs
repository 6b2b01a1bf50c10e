//! Signed tokens on real pages: by the address, by the page, by a cookie; kept, edited, refused; gift links.

use super::{DECIDED, tests};
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, seed_with_all};
use crate::reader::{MAY, Reader, Trouble};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::time::Duration;
use thirtyfour::WindowHandle;
use tollgate::access::token::Algorithm;
use tollgate::signing::{self, PrivateKey};
use tollgate_serve::Response;

tests! {
    en_08_a_token_of_either_algorithm_opens: ALL, Ordinary;
    en_07_tokens_that_are_refused: ALL, Ordinary;
    en_10_a_signature_in_der_is_refused: ALL, Ordinary;
    en_11_a_kept_token_that_was_edited: ALL, Ordinary;
    en_05_a_kept_token_opens_without_a_network: ALL, Ordinary;
    en_13_without_a_secure_context: ALL, Ordinary;
    a_gift_opens_its_article_alone: ALL, Ordinary;
    a_token_by_cookie_and_by_the_page: ALL, Ordinary;
    a_token_reaches_the_other_window: ALL, Ordinary;
    who_logs_out_leaves_no_token: ALL, Ordinary;
    who_logs_out_elsewhere_is_gated_where_the_token_came: ALL, Ordinary;
    who_forgets_is_gated_where_the_token_came: ALL, Ordinary;
    a_token_that_comes_to_the_page_that_is_open: ALL, Ordinary;
    keys_in_the_json_settings: ALL, Ordinary;
    en_07_tokens_of_jose: ALL, Ordinary;
    en_07_tokens_of_pyjwt: ALL, Ordinary;
}

const ISSUER: &str = "https://login.meridian.example";
/// The pages' time, in seconds.
const NOW: i64 = MAY / 1000;

/// A publisher's key.
fn key(algorithm: Algorithm) -> Result<PrivateKey> {
    Ok(PrivateKey::generate(algorithm)?)
}

/// A tag without free reads that takes this key's tokens.
fn tag(key: &PrivateKey, more: &[(&str, &str)]) -> String {
    let keys = key.public_jwk();
    seed_with_all(
        &[&[("data-limit", "0"), ("data-token-keys", &keys), ("data-token-issuer", ISSUER)], more].concat(),
    )
}

fn token(key: &PrivateKey) -> Result<String> {
    Ok(signing::subscriber(ISSUER, "meridian").lasting(3600).sign(key, NOW)?)
}

fn stories(reader: &Reader, tag: &str) {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).tag(tag));
    }
}

/// The keys of ours in local storage, by their kinds.
const KINDS: &str = "Object.keys(witness.ledger()).map(key => key.split(':')[2]).sort().join()";

async fn opens_by(reader: &Reader, slug: &str, reason: &str) -> Result<()> {
    reader.granted().await?;
    reader.is("nothing was gated on the way", DECIDED, format!("granted {reason}")).await?;
    reader.is_open(slug).await
}

pub(super) async fn en_08_a_token_of_either_algorithm_opens(reader: &mut Reader) -> Result<()> {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let key = key(algorithm)?;
        stories(reader, &tag(&key, &[]));
        reader.open(&format!("/story/first?p=1#part&tollgate-token={}", token(&key)?)).await?;
        opens_by(reader, "first", "SUBSCRIBER").await?;
        reader
            .is(
                "the address is clean",
                "location.pathname + location.search + location.hash",
                "/story/first?p=1#part",
            )
            .await?;
        reader.is("it is kept", KINDS, "token").await?;
        // The next page opens by what is kept, without any request.
        reader.open("/story/second").await?;
        opens_by(reader, "second", "SUBSCRIBER").await?;
        reader.js::<Value>("localStorage.clear()").await?;
        reader.open_gated("/story/second").await?;
        reader.is_locked("second").await?;
    }
    Ok(())
}

async fn en_07_tokens_that_are_refused(reader: &mut Reader) -> Result<()> {
    let key = key(Algorithm::Es256)?;
    let other = self::key(Algorithm::Es256)?;
    stories(reader, &tag(&key, &[]));
    reader.allow(Trouble::Warning);
    let claims = |change: Value| {
        let mut claims = json!({ "iss": ISSUER, "aud": "meridian", "iat": NOW, "exp": NOW + 3600 });
        if let (Value::Object(claims), Value::Object(change)) = (&mut claims, change) {
            for (name, value) in change {
                if value.is_null() {
                    claims.remove(&name);
                } else {
                    claims.insert(name, value);
                }
            }
        }
        claims
    };
    let sign = |change: Value| key.sign("tollgate-ent+jwt", &claims(change));
    let valid = token(&key)?;
    let parts: Vec<&str> = valid.split('.').collect();
    let [header, body, signature] = parts[..] else { anyhow::bail!("three parts") };
    let with_header = |text: &str| format!("{}.{body}.{signature}", base64url(text.as_bytes()));
    let twice = format!(
        "{{\"iss\":\"{ISSUER}\",\"iss\":\"{ISSUER}\",\"aud\":\"meridian\",\"iat\":{NOW},\"exp\":{}}}",
        NOW + 60
    );
    let mut cases = vec![
        (with_header(r#"{"alg":"none","typ":"tollgate-ent+jwt"}"#), "no pinned key|alg is not"),
        (
            with_header(&format!(r#"{{"alg":"HS256","typ":"tollgate-ent+jwt","kid":"{}"}}"#, key.id())),
            "alg is not",
        ),
        (
            with_header(&format!(
                r#"{{"alg":"ES256","typ":"tollgate-ent+jwt","kid":"{}","crit":["x"]}}"#,
                key.id()
            )),
            "crit",
        ),
        (token(&other)?, "no pinned key"),
        (key.sign("JWT", &claims(json!({})))?, "wrong typ"),
        (format!("{header}.{}.{signature}", base64url(twice.as_bytes())), "wrong signature|strict JSON"),
        (format!("{header}.{body}.{}", base64url(&[7; 64])), "wrong signature"),
        (format!("{valid}."), "compact JWS"),
        (format!("{header}.{body}"), "compact JWS"),
        (format!("{header}.{body}+.{signature}"), "compact JWS"),
        (format!("{header}.{}.{signature}", "A".repeat(9000)), "compact JWS"),
    ];
    for (change, why) in [
        (json!({ "aud": "other" }), "wrong aud"),
        (json!({ "iss": "https://evil.example" }), "wrong iss"),
        (json!({ "nbf": NOW + 3000 }), "not yet"),
        (json!({ "iat": NOW + 3000, "exp": NOW + 4000 }), "not yet"),
        (json!({ "exp": null }), "iat or exp"),
        (json!({ "exp": NOW + 90_000 }), "too long"),
        (json!({ "sub": "reader@example.com" }), "e-mail"),
    ] {
        cases.push((sign(change)?, why));
    }
    for (nth, (token, why)) in cases.iter().enumerate() {
        reader.forget_log().await;
        reader.open(&format!("/story/second?n={nth}#tollgate-token={token}")).await?;
        reader.overlay().await?;
        reader.is_locked("second").await?;
        reader
            .wait_for(
                &format!("it is said of case {nth} ({why})"),
                &format!(
                    "witness.log.some(it => it.text.includes('token-refused') && /{why}/.test(it.text))"
                ),
            )
            .await?;
    }
    // One that is over needs no word.
    reader.forget_log().await;
    let expired = key.sign("tollgate-ent+jwt", &claims(json!({ "iat": NOW - 9000, "exp": NOW - 1000 })))?;
    reader.open(&format!("/story/second?n=expired#tollgate-token={expired}")).await?;
    reader.overlay().await?;
    check::equal("warnings", reader.warnings().await.len(), 0)?;
    reader.is("nothing was kept", KINDS, "").await
}

/// Base64 for addresses, without padding.
fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    bits.chunks(6)
        .map(|chunk| {
            let value =
                chunk.iter().fold(0, |value, bit| value << 1 | usize::from(*bit)) << (6 - chunk.len());
            char::from(LETTERS[value])
        })
        .collect()
}

async fn en_10_a_signature_in_der_is_refused(reader: &mut Reader) -> Result<()> {
    let key = key(Algorithm::Es256)?;
    stories(reader, &tag(&key, &[]));
    reader.allow(Trouble::Warning);
    let token = token(&key)?;
    let (signed, _) = token.rsplit_once('.').context("three parts")?;
    // What other libraries write by default: a sequence of two numbers.
    let der = [&[0x30, 0x44, 0x02, 0x20], [1; 32].as_slice(), &[0x02, 0x20], &[2; 32]].concat();
    reader.open(&format!("/story/first#tollgate-token={signed}.{}", base64url(&der))).await?;
    reader.overlay().await?;
    reader.wait_for("it is said", "witness.log.some(it => it.text.includes('wrong signature'))").await?;
    reader.is_locked("first").await
}

async fn en_11_a_kept_token_that_was_edited(reader: &mut Reader) -> Result<()> {
    let key = key(Algorithm::EdDsa)?;
    stories(reader, &tag(&key, &[]));
    reader.open(&format!("/story/first#tollgate-token={}", token(&key)?)).await?;
    opens_by(reader, "first", "SUBSCRIBER").await?;
    reader.allow(Trouble::Warning);
    // One letter of what is signed.
    reader
        .js::<Value>(
            "const key = 'tollgate1:meridian:token'; const token = localStorage.getItem(key); const at = token.indexOf('.') + 20; \
             localStorage.setItem(key, token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1))",
        )
        .await?;
    reader.open_gated("/story/second").await?;
    reader.is_locked("second").await?;
    reader.wait_for("it was removed", &format!("{KINDS} === ''")).await
}

async fn en_05_a_kept_token_opens_without_a_network(reader: &mut Reader) -> Result<()> {
    let key = key(Algorithm::Es256)?;
    let asked = [("data-entitlement-url", "http://127.0.0.1:9/entitlement"), ("data-fallback", "denied")];
    stories(reader, &tag(&key, &asked));
    reader.open(&format!("/story/first#tollgate-token={}", token(&key)?)).await?;
    opens_by(reader, "first", "SUBSCRIBER").await?;
    reader.open("/story/second").await?;
    opens_by(reader, "second", "SUBSCRIBER").await?;
    // And one that the endpoint gave, when it is gone.
    reader.js::<Value>("localStorage.clear()").await?;
    stories(reader, &tag(&key, &[("data-entitlement-url", "/entitlement"), ("data-fallback", "denied")]));
    let answer = json!({ "granted": true, "grantReason": "SUBSCRIBER", "data": { "token": token(&key)? } });
    reader.site.put("/entitlement", Response::new(200).body("application/json", answer.to_string()));
    reader.open("/story/first").await?;
    opens_by(reader, "first", "SUBSCRIBER").await?;
    reader.wait_for("its token is kept", &format!("{KINDS} === 'token'")).await?;
    reader.site.put("/entitlement", Response::new(503));
    reader.js::<Value>("sessionStorage.clear()").await?;
    let before = reader.site.requests("/entitlement");
    reader.open("/story/second").await?;
    opens_by(reader, "second", "SUBSCRIBER").await?;
    check::equal("requests", reader.site.requests("/entitlement") - before, 0)
}

async fn en_13_without_a_secure_context(reader: &mut Reader) -> Result<()> {
    let key = key(Algorithm::Es256)?;
    // As a page on plain http has it.
    let insecure = "<script>Object.defineProperty(crypto, 'subtle', { value: undefined })</script>";
    for (slug, fallback) in [("first", "granted"), ("second", "denied")] {
        let tag = tag(&key, &[("data-fallback", fallback)]);
        reader.site.page(Page::article(slug).before_tag(insecure).tag(&tag));
    }
    let token = token(&key)?;
    reader.open(&format!("/story/first#tollgate-token={token}")).await?;
    opens_by(reader, "first", "FALLBACK").await?;
    reader.open_gated(&format!("/story/second#tollgate-token={token}")).await?;
    reader.is_locked("second").await?;
    reader.is("what could not be checked is not kept", KINDS, "").await
}

async fn a_gift_opens_its_article_alone(reader: &mut Reader) -> Result<()> {
    let key = key(Algorithm::EdDsa)?;
    stories(reader, &tag(&key, &[]));
    let gift = signing::gift(ISSUER, "meridian", &reader.site.url("/story/first"))
        .lasting(7 * 86_400)
        .sign(&key, NOW)?;
    reader.open(&format!("/story/first#tollgate-gift={gift}")).await?;
    opens_by(reader, "first", "GIFT").await?;
    reader.is("who reads is not known", "tollgate.getDecision().tier", "anonymous").await?;
    // It stays in the address, which may be passed on; nothing is stored.
    reader.is("the address has it", "location.hash.startsWith('#tollgate-gift=')", true).await?;
    reader.is("nothing is stored", "Object.keys(witness.ledger()).length", 0).await?;
    reader.reload().await?;
    opens_by(reader, "first", "GIFT").await?;
    reader.open(&format!("/story/second#tollgate-gift={gift}")).await?;
    reader.overlay().await?;
    reader.is_locked("second").await
}

async fn a_token_by_cookie_and_by_the_page(reader: &mut Reader) -> Result<()> {
    let key = key(Algorithm::Es256)?;
    stories(reader, &tag(&key, &[("data-token-cookie", "entitled")]));
    let token = token(&key)?;
    reader.open_gated("/story/first").await?;
    reader.js::<Value>(&format!("tollgate.setEntitlement({{ token: '{token}' }})")).await?;
    reader.wait_for("it is unlocked", "witness.paragraphs('first') === '11111111'").await?;
    reader.is("it is kept", KINDS, "token").await?;
    reader.js::<Value>("localStorage.clear()").await?;
    reader.open_gated("/story/second").await?;
    reader.js::<Value>(&format!("document.cookie = 'entitled={token}; path=/'")).await?;
    reader.open("/story/second").await?;
    opens_by(reader, "second", "SUBSCRIBER").await
}

/// The reader logs out in this window, at the second story; it is gated here, and the first story in the first window.
async fn logs_out(reader: &mut Reader, first: &WindowHandle) -> Result<()> {
    reader.js::<Value>("tollgate.setEntitlement({ token: '' })").await?;
    reader.wait_for("it is gated", "witness.paragraphs('second') === '11100000'").await?;
    reader.switch_to(first).await?;
    reader.wait_for("and in the first window", "witness.paragraphs('first') === '11100000'").await
}

async fn a_token_reaches_the_other_window(reader: &mut Reader) -> Result<()> {
    let key = key(Algorithm::Es256)?;
    stories(reader, &tag(&key, &[]));
    reader.open_gated("/story/first").await?;
    reader.js::<Value>("window.stayed = true").await?;
    let (first, other) = reader.second_window().await?;
    reader.switch_to(&other).await?;
    reader.open(&format!("/story/second#tollgate-token={}", token(&key)?)).await?;
    opens_by(reader, "second", "SUBSCRIBER").await?;
    reader.switch_to(&first).await?;
    reader.wait_for("it is unlocked here too", "witness.paragraphs('first') === '11111111'").await?;
    reader.is("without a reload", "window.stayed", true).await?;
    reader.is_untouched().await?;
    reader.switch_to(&other).await?;
    logs_out(reader, &first).await
}

async fn who_logs_out_elsewhere_is_gated_where_the_token_came(reader: &mut Reader) -> Result<()> {
    let key = key(Algorithm::Es256)?;
    stories(reader, &tag(&key, &[]));
    reader.open(&format!("/story/first#tollgate-token={}", token(&key)?)).await?;
    opens_by(reader, "first", "SUBSCRIBER").await?;
    let (first, other) = reader.second_window().await?;
    reader.switch_to(&other).await?;
    reader.open("/story/second").await?;
    opens_by(reader, "second", "SUBSCRIBER").await?;
    logs_out(reader, &first).await
}

async fn who_forgets_is_gated_where_the_token_came(reader: &mut Reader) -> Result<()> {
    let key = key(Algorithm::EdDsa)?;
    for settings in [&[][..], &[("data-consent", "required")]] {
        stories(reader, &tag(&key, settings));
        reader.open(&format!("/story/first?n={}#tollgate-token={}", settings.len(), token(&key)?)).await?;
        opens_by(reader, "first", "SUBSCRIBER").await?;
        reader.js::<Value>("tollgate.forget()").await?;
        reader.wait_for("it is gated", "witness.paragraphs('first') === '11100000'").await?;
        reader.is("nothing is kept", KINDS, "").await?;
    }
    Ok(())
}

async fn who_logs_out_leaves_no_token(reader: &mut Reader) -> Result<()> {
    let key = key(Algorithm::Es256)?;
    stories(reader, &tag(&key, &[]));
    reader.open(&format!("/story/first#tollgate-token={}", token(&key)?)).await?;
    opens_by(reader, "first", "SUBSCRIBER").await?;
    reader.open_gated("/story/second#tollgate-token=").await?;
    reader.is("the address is clean", "location.hash", "").await?;
    reader.is("nothing is kept", KINDS, "").await?;
    reader.open_gated("/story/first").await?;
    // Nor is anything kept where the reader has not consented.
    stories(reader, &tag(&key, &[("data-consent", "required")]));
    reader.open(&format!("/story/second#tollgate-token={}", token(&key)?)).await?;
    opens_by(reader, "second", "SUBSCRIBER").await?;
    reader.stays("nothing is kept", &format!("{KINDS} === ''"), Duration::from_millis(500)).await
}

async fn a_token_that_comes_to_the_page_that_is_open(reader: &mut Reader) -> Result<()> {
    let key = key(Algorithm::Es256)?;
    stories(reader, &tag(&key, &[]));
    reader.open_gated("/story/first").await?;
    reader
        .js::<Value>(&format!("window.stayed = true; location.href = '#tollgate-token={}'", token(&key)?))
        .await?;
    reader.wait_for("it is unlocked", "witness.paragraphs('first') === '11111111'").await?;
    reader.is("without a reload", "[window.stayed, location.hash].join()", "true,").await
}

async fn keys_in_the_json_settings(reader: &mut Reader) -> Result<()> {
    let (key, other) = (key(Algorithm::EdDsa)?, self::key(Algorithm::Es256)?);
    let keys: Vec<Value> =
        [&other, &key].iter().map(|key| serde_json::from_str(&key.public_jwk())).collect::<Result<_, _>>()?;
    let settings = json!({ "tokenKeys": { "keys": keys }, "tokenIssuer": ISSUER });
    let block = format!("<script type=\"application/json\" data-tollgate-config>{settings}</script>");
    reader.site.page(Page::article("first").before_tag(&block).tag(&seed_with_all(&[("data-limit", "0")])));
    reader.open(&format!("/story/first#tollgate-token={}", token(&key)?)).await?;
    opens_by(reader, "first", "SUBSCRIBER").await
}

/// A token of another library's.
#[derive(serde::Deserialize)]
struct Theirs {
    name: String,
    token: String,
    opens: bool,
}

/// What another library has made: `cargo xtask test` runs it.
#[derive(serde::Deserialize)]
struct Made {
    keys: Value,
    tokens: Vec<Theirs>,
}

/// Each of another library's tokens opens, or does not, in the browser and by the tool's own verification.
async fn theirs(reader: &mut Reader, library: &str) -> Result<()> {
    let file = crate::root().join("target/tools/interop").join(library);
    let made = std::fs::read_to_string(&file)
        .with_context(|| format!("{} is made by cargo xtask test", file.display()))?;
    let made: Made = serde_json::from_str(&made)?;
    check::that("some open", made.tokens.iter().any(|theirs| theirs.opens))?;
    let keys = made.keys.to_string();
    stories(
        reader,
        &seed_with_all(&[("data-limit", "0"), ("data-token-keys", &keys), ("data-token-issuer", ISSUER)]),
    );
    // One that is refused is named.
    reader.allow(Trouble::Warning);
    for (nth, Theirs { name, token, opens }) in made.tokens.iter().enumerate() {
        let verified = signing::verify(token, &keys, ISSUER, "meridian", NOW);
        check::equal(&format!("{name}, by the tool ({verified:?})"), verified.is_ok(), *opens)?;
        reader.open(&format!("/story/second?n={nth}#tollgate-token={token}")).await?;
        if *opens {
            opens_by(reader, "second", "SUBSCRIBER").await.context(name.clone())?;
            reader.js::<Value>("localStorage.clear()").await?;
        } else {
            reader.overlay().await.context(name.clone())?;
            reader.is_locked("second").await?;
            reader.is("nothing is kept", KINDS, "").await?;
        }
    }
    Ok(())
}

async fn en_07_tokens_of_jose(reader: &mut Reader) -> Result<()> {
    theirs(reader, "jose.json").await
}

async fn en_07_tokens_of_pyjwt(reader: &mut Reader) -> Result<()> {
    theirs(reader, "pyjwt.json").await
}
