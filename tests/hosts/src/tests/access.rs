//! Who may read: the endpoint, the host's own cookie or global, what the page says, in their order; late, wrong and missing answers; and
//! readers who log in or out while the page is there.

use super::{DECIDED, tests};
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, seed_with_all};
use crate::reader::{Reader, Trouble};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tollgate_serve::{Request, Response};

tests! {
    en_01_the_endpoint_grants: ALL, Ordinary;
    en_01_the_endpoint_leaves_it_to_the_meter: ALL, Ordinary;
    en_01_the_endpoints_own_meter_replaces_the_local_one: ALL, Ordinary;
    en_03_an_endpoint_that_hangs: ALL, Ordinary;
    en_03_a_late_answer_still_unlocks: ALL, Ordinary;
    en_03_a_fault_is_asked_again: ALL, Ordinary;
    en_04_an_endpoint_without_cors_says_nothing: ALL, Ordinary;
    en_05_no_network: ALL, Ordinary;
    en_06_who_logs_in_elsewhere_reads_on: ALL, Ordinary;
    who_logs_out_is_gated_again: ALL, Ordinary;
    who_was_a_subscriber_sees_no_gate_while_it_is_asked_again: ALL, Ordinary;
    sec_06_a_foreign_endpoint_is_not_asked: ALL, Ordinary;
    sec_14_hostile_answers: ALL, Ordinary;
    a_cookie_of_the_hosts_opens: ALL, Ordinary;
    a_global_of_the_hosts_opens: ALL, Ordinary;
    the_page_speaks_before_the_endpoint: ALL, Ordinary;
    where_the_connected_script_is_missing_the_article_is_open: ALL, Ordinary;
    without_consent_nothing_is_remembered: ALL, Ordinary;
    each_article_of_a_feed_is_asked_for: ALL, Ordinary;
}

/// Where the tests' endpoint is.
const ENDPOINT: &str = "/entitlement";

/// A tag with one free read and an endpoint.
fn tag(more: &[(&str, &str)]) -> String {
    seed_with_all(&[&[("data-entitlement-url", ENDPOINT)], more].concat())
}

fn json_of(body: &Value) -> Response {
    Response::new(200).body("application/json", body.to_string())
}

fn granted() -> Response {
    json_of(&json!({ "granted": true, "grantReason": "SUBSCRIBER", "data": { "isLoggedIn": true } }))
}

fn denied() -> Response {
    json_of(&json!({ "granted": false }))
}

/// Two stories with this tag, of which the first was read: the second is gated where the meter decides.
fn stories(reader: &Reader, tag: &str) {
    for slug in ["first", "second", "third"] {
        reader.site.page(Page::article(slug).tag(tag));
    }
}

pub(super) async fn en_01_the_endpoint_grants(reader: &mut Reader) -> Result<()> {
    stories(reader, &tag(&[]));
    reader.site.put(ENDPOINT, granted());
    reader.open("/story/first").await?;
    reader.js::<Value>("document.cookie = 'session=abc; path=/'").await?;
    reader.open("/story/second?p=2&utm_source=x#part").await?;
    reader.granted().await?;
    reader.is("the reason", "tollgate.getDecision().grantReason", "SUBSCRIBER").await?;
    reader.is("the tier", "tollgate.getDecision().tier", "subscriber").await?;
    reader.scroll().await?;
    reader.is_open("second").await?;
    reader.is("nothing was gated or counted on the way", DECIDED, "granted SUBSCRIBER").await?;
    check::equal(
        "reads in storage",
        reader.ledger().await?.iter().filter(|(key, _)| key.contains(":r:")).count(),
        0,
    )?;
    // What it was asked, and how.
    let asked = reader.site.asked(ENDPOINT);
    let last = asked.last().context("the endpoint was asked")?;
    check::equal("the method", last.method.as_str(), "GET")?;
    let query: Vec<&str> = last.query.split('&').collect();
    for part in ["site=meridian", "reads=0", "limit=1"] {
        check::that(&format!("{part} in {query:?}"), query.contains(&part))?;
    }
    let own = format!("url={}", percent(&reader.site.url("/story/second?p=2")));
    check::that(&format!("{own} in {query:?}"), query.contains(&own.as_str()))?;
    check::that(
        "the article's hash",
        query.iter().any(|part| part.starts_with("article=") && part.len() == 24),
    )?;
    check::equal("the cookie", last.header("cookie"), Some("session=abc"))?;
    check::equal(
        "the referrer",
        last.header("referer"),
        Some(format!("{}/", reader.site.origin()).as_str()),
    )?;
    check::equal("what is accepted", last.header("accept"), Some("application/json"))
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

async fn en_01_the_endpoint_leaves_it_to_the_meter(reader: &mut Reader) -> Result<()> {
    stories(reader, &tag(&[]));
    reader.site.put(ENDPOINT, denied());
    reader.read("/story/first").await?;
    reader.is_open("first").await?;
    reader.open_gated("/story/second").await?;
    reader.is_locked("second").await?;
    // What the local meter had is known there.
    let asked = reader.site.asked(ENDPOINT);
    check::that(
        "the read counts in what is asked",
        asked.last().is_some_and(|it| it.query.contains("reads=1")),
    )
}

async fn en_01_the_endpoints_own_meter_replaces_the_local_one(reader: &mut Reader) -> Result<()> {
    stories(reader, &tag(&[("data-registered-limit", "9")]));
    let of = |left: u32| {
        json_of(
            &json!({ "granted": false, "data": { "isLoggedIn": true, "articlesRead": 5 - left, "articlesLeft": left, "articleLimit": 5 } }),
        )
    };
    reader.site.put(ENDPOINT, of(0));
    reader.open_gated("/story/first").await?;
    reader.is("the meter", "[tollgate.getMeter().reads, tollgate.getMeter().limit].join()", "5,5").await?;
    reader.is("who reads", "tollgate.getDecision().tier", "registered").await?;
    reader.site.put(ENDPOINT, of(2));
    reader.read("/story/second").await?;
    reader.is_open("second").await?;
    reader.is("what is left", "tollgate.getMeter().readsLeft", 2).await
}

async fn en_03_an_endpoint_that_hangs(reader: &mut Reader) -> Result<()> {
    stories(reader, &tag(&[]));
    reader.site.put(ENDPOINT, denied());
    reader.read("/story/first").await?;
    reader.site.slow(ENDPOINT, Duration::from_secs(30));
    reader.open("/story/second").await?;
    reader.is("the text is there while it is asked", "witness.paragraphs('second')", "11111111").await?;
    reader.is("nothing is decided", DECIDED, "").await?;
    reader.wait_for("it is open", "witness.decisions().length === 1").await?;
    reader.is("because nobody could say", DECIDED, "granted FALLBACK").await?;
    reader.scroll().await?;
    reader.is("nothing was counted", "tollgate.getMeter().counted", false).await?;
    reader.is_open("second").await?;
    // The publisher may have it otherwise.
    stories(reader, &tag(&[("data-fallback", "denied")]));
    reader.open_gated("/story/third").await?;
    reader.is_locked("third").await
}

async fn en_03_a_late_answer_still_unlocks(reader: &mut Reader) -> Result<()> {
    stories(reader, &tag(&[("data-fallback", "denied")]));
    reader.site.put(ENDPOINT, denied());
    reader.read("/story/first").await?;
    reader.site.put(ENDPOINT, granted());
    reader.site.slow(ENDPOINT, Duration::from_secs(6));
    reader.open_gated("/story/second").await?;
    reader.wait_for("it is unlocked", "witness.paragraphs('second') === '11111111'").await?;
    reader.is("in this order", DECIDED, "denied LIMIT_REACHED,granted SUBSCRIBER").await?;
    reader.is_open("second").await
}

async fn en_03_a_fault_is_asked_again(reader: &mut Reader) -> Result<()> {
    stories(reader, &tag(&[]));
    let times = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&times);
    reader.site.answer(ENDPOINT, move |_| match counted.fetch_add(1, Ordering::SeqCst) {
        0 => Response::new(503),
        1 => Response::new(502).body("text/html", "<html>Bad gateway"),
        _ => granted(),
    });
    reader.open("/story/first").await?;
    // The waits between take a second and a half. A busy machine may need more than the page's four: then the answer comes late, to a text
    // that is open meanwhile.
    reader
        .wait_for("it was granted in the end", &format!("{DECIDED}.endsWith('granted SUBSCRIBER')"))
        .await?;
    reader.is("nothing was gated on the way", &format!("{DECIDED}.includes('denied')"), false).await?;
    check::equal("times asked", times.load(Ordering::SeqCst), 3)?;
    // One that fails for good is not asked on and on.
    let counted = Arc::clone(&times);
    reader.site.answer(ENDPOINT, move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Response::new(500)
    });
    times.store(0, Ordering::SeqCst);
    reader.js::<Value>("sessionStorage.clear()").await?;
    reader.open("/story/second").await?;
    reader.granted().await?;
    reader.is("open", DECIDED, "granted FALLBACK").await?;
    reader
        .stays("nothing more is decided", "witness.decisions().length === 1", Duration::from_secs(3))
        .await?;
    check::equal("times asked", times.load(Ordering::SeqCst), 3)
}

async fn en_04_an_endpoint_without_cors_says_nothing(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Error);
    let elsewhere = format!("{}{ENDPOINT}", reader.site.other_origin());
    let more = [
        ("data-entitlement-url", elsewhere.as_str()),
        ("data-entitlement-origins", &reader.site.other_origin()),
    ];
    stories(reader, &seed_with_all(&more));
    let own = reader.site.origin();
    for (allows, with, why) in [
        (None, false, "FALLBACK"),
        (Some("*".to_owned()), true, "FALLBACK"),
        (Some(own.clone()), false, "FALLBACK"),
        (Some(own), true, "SUBSCRIBER"),
    ] {
        let mut answer = granted();
        if let Some(origin) = &allows {
            answer = answer.header("Access-Control-Allow-Origin", origin);
        }
        if with {
            answer = answer.header("Access-Control-Allow-Credentials", "true");
        }
        reader.site.put(ENDPOINT, answer);
        reader.open("/story/first").await?;
        reader.granted().await?;
        reader.is(&format!("with {allows:?} {with}"), DECIDED, format!("granted {why}")).await?;
    }
    Ok(())
}

async fn en_05_no_network(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Error);
    // Nobody listens there: the reader is offline, or the server is down. The page itself comes from a cache.
    stories(reader, &seed_with_all(&[("data-entitlement-url", "http://127.0.0.1:9/entitlement")]));
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.is("open", DECIDED, "granted FALLBACK").await?;
    reader.is("no warning: that is no mistake", "witness.events('error').length", 0).await
}

async fn en_06_who_logs_in_elsewhere_reads_on(reader: &mut Reader) -> Result<()> {
    stories(reader, &tag(&[]));
    reader.site.page(Page::plain("/login"));
    reader.site.put(ENDPOINT, denied());
    reader.read("/story/first").await?;
    reader.open_gated("/story/second").await?;
    reader.escape().await?;
    reader.js::<Value>("window.stayed = true").await?;
    // In another window the reader logs in.
    let (first, other) = reader.second_window().await?;
    reader.switch_to(&other).await?;
    reader.open("/login").await?;
    reader.site.put(ENDPOINT, granted());
    let before = reader.site.requests(ENDPOINT);
    reader.switch_to(&first).await?;
    // Not more than once in ten seconds.
    reader.js::<Value>("for (let nth = 0; nth < 5; nth++) dispatchEvent(new Event('focus'))").await?;
    reader
        .wait_long_for(Duration::from_secs(20), "ten seconds have passed", "performance.now() > 11000")
        .await?;
    reader.js::<Value>("dispatchEvent(new Event('focus'))").await?;
    reader.wait_for("it is unlocked", "witness.paragraphs('second') === '11111111'").await?;
    check::that(
        "it was asked again once or twice",
        (1..=2).contains(&(reader.site.requests(ENDPOINT) - before)),
    )?;
    reader.is("without a reload", "window.stayed", true).await?;
    reader.is_open("second").await?;
    reader.is_untouched().await
}

async fn who_logs_out_is_gated_again(reader: &mut Reader) -> Result<()> {
    stories(reader, &tag(&[]));
    reader.site.put(ENDPOINT, denied());
    reader.read("/story/first").await?;
    reader.site.put(ENDPOINT, granted());
    reader.open("/story/second").await?;
    reader.granted().await?;
    reader.is_open("second").await?;
    reader.site.put(ENDPOINT, denied());
    reader.js::<Value>("tollgate.refresh()").await?;
    reader.overlay().await?;
    reader.is_locked("second").await?;
    // And on the next page, where it is remembered no more.
    reader.open_gated("/story/third").await?;
    reader.is("nothing was granted on the way", DECIDED, "denied LIMIT_REACHED").await?;
    reader.site.put(ENDPOINT, granted());
    reader.js::<Value>("tollgate.refresh()").await?;
    reader.wait_for("it is unlocked", "witness.paragraphs('third') === '11111111'").await
}

async fn who_was_a_subscriber_sees_no_gate_while_it_is_asked_again(reader: &mut Reader) -> Result<()> {
    stories(reader, &tag(&[]));
    reader.site.put(ENDPOINT, granted());
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.site.slow(ENDPOINT, Duration::from_secs(3));
    reader.open("/story/second").await?;
    reader.granted().await?;
    reader.is("at once", DECIDED, "granted SUBSCRIBER").await?;
    reader.is("before it was asked to the end", "performance.now() < 3000", true).await?;
    let kept = reader.ledger_in("sessionStorage").await?;
    check::equal(&format!("{kept:?}"), kept.len(), 1)?;
    check::that(
        "it says no more than that",
        kept.first().is_some_and(|(key, value)| key == "tollgate1:meridian:visit" && value == "1"),
    )
}

async fn sec_06_a_foreign_endpoint_is_not_asked(reader: &mut Reader) -> Result<()> {
    let elsewhere = format!("{}{ENDPOINT}", reader.site.other_origin());
    stories(reader, &seed_with_all(&[("data-entitlement-url", &elsewhere)]));
    reader.site.put(
        ENDPOINT,
        granted()
            .header("Access-Control-Allow-Origin", &reader.site.origin())
            .header("Access-Control-Allow-Credentials", "true"),
    );
    reader.allow(Trouble::Warning);
    reader.read("/story/first").await?;
    reader.is("the meter decides", "tollgate.getDecision().grantReason", "METERING").await?;
    reader.wait_for("it is said", "witness.log.some(it => it.text.includes('endpoint-elsewhere'))").await?;
    check::contains("what was wrong", &reader.one_warning().await?, "data-entitlement-url")?;
    check::equal("times asked", reader.site.requests(ENDPOINT), 0)
}

async fn sec_14_hostile_answers(reader: &mut Reader) -> Result<()> {
    stories(reader, &tag(&[]));
    let deep = format!("{{\"granted\":true,\"x\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let large = format!("{{\"granted\":true,\"x\":\"{}\"}}", "x".repeat(10_000_000));
    let not_utf8 = [b"{\"granted\":true,\"x\":\"".as_slice(), &[0xff, 0xfe], b"\"}}"].concat();
    for (name, body) in [
        ("depth", deep.into_bytes()),
        ("size", large.into_bytes()),
        ("twice", br#"{"granted":false,"granted":true}"#.to_vec()),
        ("html", b"<!doctype html><title>Log in</title>".to_vec()),
        ("empty", Vec::new()),
        ("not UTF-8", not_utf8),
        ("no truth", br#"{"granted":"true"}"#.to_vec()),
    ] {
        reader.site.put(ENDPOINT, Response::new(200).body("application/json", body));
        reader.open("/story/first").await?;
        reader.granted().await?;
        reader.is(&format!("an answer with: {name}"), DECIDED, "granted FALLBACK").await?;
        reader.is_open("first").await?;
    }
    let huge = br#"{"granted":false,"data":{"articlesRead":123456789012345678901234567890,"articlesLeft":1e999,"articleLimit":-4}}"#;
    reader.site.put(ENDPOINT, Response::new(200).body("application/json", huge.to_vec()));
    reader.read("/story/first").await?;
    reader
        .is("numbers that are none", "[tollgate.getMeter().reads, tollgate.getMeter().limit].join()", "1,1")
        .await
}

async fn a_cookie_of_the_hosts_opens(reader: &mut Reader) -> Result<()> {
    stories(reader, &seed_with_all(&[("data-subscriber-cookie", "member=paid"), ("data-limit", "0")]));
    reader.open_gated("/story/first").await?;
    reader.js::<Value>("document.cookie = 'membership=paid'; document.cookie = 'member=free'").await?;
    reader.open_gated("/story/first").await?;
    reader.js::<Value>("document.cookie = 'member=paid'").await?;
    reader.open("/story/second").await?;
    reader.granted().await?;
    reader.is("without a gate on the way", DECIDED, "granted SUBSCRIBER").await?;
    // Logged out by a script of the page's.
    reader.js::<Value>("document.cookie = 'member=; max-age=0'").await?;
    reader.js::<Value>("tollgate.refresh()").await?;
    reader.overlay().await?;
    reader.is_locked("second").await
}

async fn a_global_of_the_hosts_opens(reader: &mut Reader) -> Result<()> {
    let tag = seed_with_all(&[("data-subscriber-if", "app.user.plan=paid"), ("data-limit", "0")]);
    for (slug, script) in [
        ("first", "window.app = { user: { plan: 'paid' } }"),
        ("second", "window.app = { user: null }"),
        ("third", "window.app = { get user() { throw new Error('theirs') } }"),
    ] {
        reader.site.page(Page::article(slug).tag(&tag).before_tag(&format!("<script>{script}</script>")));
    }
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.is("granted", DECIDED, "granted SUBSCRIBER").await?;
    reader.open_gated("/story/second").await?;
    reader.js::<Value>("app.user = { plan: 'paid' }; tollgate.refresh()").await?;
    reader.wait_for("it is unlocked", "witness.paragraphs('second') === '11111111'").await?;
    reader.open_gated("/story/third").await?;
    reader.is_locked("third").await
}

async fn the_page_speaks_before_the_endpoint(reader: &mut Reader) -> Result<()> {
    let says = |value: &str| {
        format!(
            "<script>(window.tollgate = window.tollgate || []).push(t => t.setEntitlement({value}))</script>"
        )
    };
    let tag = tag(&[("data-limit", "0")]);
    reader.site.page(Page::article("first").tag(&tag).before_tag(&says("{ granted: false }")));
    reader.site.page(
        Page::article("second").tag(&tag).before_tag(&says("() => Promise.reject(new Error('theirs'))")),
    );
    reader.site.page(
        Page::article("third")
            .tag(&tag)
            .before_tag(&says("new Promise(resolve => { window.answer = resolve })")),
    );
    reader.site.put(ENDPOINT, granted());
    reader.open_gated("/story/first").await?;
    check::equal("nobody else was asked", reader.site.requests(ENDPOINT), 0)?;
    // It could not find out: then the next one is asked.
    reader.open("/story/second").await?;
    reader.granted().await?;
    reader.wait_for("the endpoint says it", "tollgate.getDecision().grantReason === 'SUBSCRIBER'").await?;
    reader.is_open("second").await?;
    reader.js::<Value>("sessionStorage.clear()").await?;
    reader.open("/story/third").await?;
    reader.is("the text is there while the page is asked", "witness.paragraphs('third')", "11111111").await?;
    reader.wait_for("the page was asked", "typeof window.answer === 'function'").await?;
    reader.js::<Value>("window.answer({ granted: false })").await?;
    reader.overlay().await?;
    reader.is("what was decided", DECIDED, "denied NO_FREE_READS").await
}

async fn where_the_connected_script_is_missing_the_article_is_open(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    reader.allow(Trouble::Error);
    stories(reader, &tag(&[("data-limit", "0")]));
    reader.site.put(&reader.site.connect()?, Response::new(404));
    reader.open("/story/first").await?;
    reader.wait_for("it is said", "witness.events('error').length === 1").await?;
    check::contains("what is missing", &reader.one_warning().await?, "tollgate-connect-")?;
    reader.is_open("first").await?;
    reader.is_untouched().await
}

async fn without_consent_nothing_is_remembered(reader: &mut Reader) -> Result<()> {
    stories(reader, &tag(&[("data-consent", "required")]));
    reader.site.put(ENDPOINT, granted());
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader
        .is("nothing is stored", "[Object.keys(localStorage), Object.keys(sessionStorage)]", json!([[], []]))
        .await
}

async fn each_article_of_a_feed_is_asked_for(reader: &mut Reader) -> Result<()> {
    let story = |slug: &str| {
        let paragraphs: String = (1..=8)
            .map(|nth| format!("<p>{slug}-paragraph-{nth}. Some words of prose that fill a line or two of a story in a newspaper, so that the page is long.</p>"))
            .collect();
        format!("<article data-tollgate-id=\"{slug}\"><div class=\"body\">{paragraphs}</div></article>")
    };
    let body = format!("{}{}", story("first"), story("second"));
    reader.site.page(Page::article("first").at("/feed").body(&body).tag(&tag(&[("data-limit", "0")])));
    let first = Arc::new(AtomicBool::new(true));
    reader.site.answer(
        ENDPOINT,
        move |_: &Request| if first.swap(false, Ordering::SeqCst) { granted() } else { denied() },
    );
    reader.open("/feed").await?;
    reader.granted().await?;
    reader.js::<Value>("document.querySelectorAll('article')[1].scrollIntoView()").await?;
    reader.wait_for("the second is gated", "witness.paragraphs('second') === '11100000'").await?;
    reader.is("the first is open", "witness.paragraphs('first')", "11111111").await?;
    let asked = reader.site.asked(ENDPOINT);
    check::equal("times asked", asked.len(), 2)?;
    check::that("for two articles", asked.first().map(|it| &it.query) != asked.get(1).map(|it| &it.query))
}
