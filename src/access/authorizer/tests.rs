//! The authorizer: the sources in their order, each that fails, and what is told of it.

use super::*;
use crate::digest::base64url;

const TODAY: i64 = 1_800_000_000;
const SUBSCRIBER: &str = r#"{"granted": true, "grantReason": "SUBSCRIBER", "data": {"isLoggedIn": true}}"#;

/// What an authorizer does, in short words.
struct Desk {
    authorizer: Authorizer,
    now: i64,
    articles: Vec<Article>,
}

impl Desk {
    fn new(sources: Sources) -> Desk {
        let article =
            Article { hash: "frogs".into(), is_seen: true, reads: 1, limit: 3, ..Article::default() };
        Desk { authorizer: Authorizer::new(sources), now: 1_000_000, articles: vec![article] }
    }

    fn on(&mut self, fact: Fact) -> String {
        let acts = self.authorizer.on(self.now, TODAY, fact, &self.articles);
        acts.iter().map(word).collect::<Vec<_>>().join(", ")
    }

    fn found(&mut self, evidence: &Evidence) -> String {
        self.on(Fact::Found(evidence.clone()))
    }

    fn answered(&mut self, serial: u32, status: u32, body: &str) -> String {
        self.on(Fact::Answered(serial, status, body.into()))
    }
}

fn word(act: &Act) -> String {
    match act {
        Act::Verify { serial, key, .. } => format!("verify {serial} by {}", key.id),
        Act::Ask(serial, article) => {
            format!("ask {serial} for {} {}/{}", article.hash, article.reads, article.limit)
        }
        Act::Wake(wait) => format!("wake {wait}"),
        Act::Keep(token) if token.is_empty() => "drop".into(),
        Act::Keep(_) => "keep".into(),
        Act::Remember(is) => format!("remember {is}"),
        Act::Refuse(refusal) => format!("refuse: {}", refusal.name()),
        Act::Tell(place, Signal::AccessPending) => format!("{place} pending"),
        Act::Tell(place, Signal::AccessUnknown) => format!("{place} unknown"),
        Act::Tell(place, Signal::AccessKnown(known)) => {
            let meter =
                known.meter.map_or(String::new(), |meter| format!(" {}/{}", meter.reads, meter.limit));
            format!(
                "{place} {} {} {}{meter}",
                if known.granted { "granted" } else { "denied" },
                known.reason,
                known.tier.name()
            )
        }
        Act::Tell(..) => "?".into(),
    }
}

fn endpoint() -> Sources {
    Sources { endpoint: "/entitlement".into(), ..Sources::default() }
}

fn with_keys() -> Sources {
    let x = base64url(&[9; 32]);
    let keys =
        token::keys(&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","kid":"k"}}"#)).expect("a key");
    Sources { keys, issuer: "i".into(), site: "meridian".into(), ..Sources::default() }
}

fn token(kind: &str, claims: &str) -> String {
    let part = |text: &str| base64url(text.as_bytes());
    let header = format!(r#"{{"alg":"EdDSA","typ":"tollgate-{kind}+jwt","kid":"k"}}"#);
    let body = format!(r#"{{"iss":"i","aud":"meridian","iat":{TODAY},"exp":{}{claims}}}"#, TODAY + 3600);
    [part(&header), part(&body), base64url(&[7; 64])].join(".")
}

fn tokens(token: &str) -> Evidence {
    Evidence { tokens: vec![token.into()], ..Evidence::default() }
}

#[test]
fn en_01_the_endpoint_grants_or_leaves_it_to_the_meter() {
    let mut desk = Desk::new(endpoint());
    assert_eq!(desk.found(&Evidence::default()), "ask 1 for frogs 1/3, 0 pending");
    assert_eq!(desk.answered(1, 200, SUBSCRIBER), "remember true, 0 granted SUBSCRIBER subscriber");
    // The same again is nothing new.
    assert_eq!(desk.answered(1, 200, SUBSCRIBER), "");
    let mut desk = Desk::new(endpoint());
    desk.found(&Evidence::default());
    assert_eq!(desk.answered(1, 200, r#"{"granted": false}"#), "remember false, 0 denied  anonymous");
}

#[test]
fn en_01_a_meter_of_the_hosts_replaces_the_local_one() {
    for (body, told) in [
        (
            r#"{"granted":false,"data":{"articlesRead":3,"articlesLeft":0,"articleLimit":3}}"#,
            "0 denied  anonymous 3/3",
        ),
        (
            r#"{"granted":false,"data":{"isLoggedIn":true,"articlesLeft":2,"articleLimit":5}}"#,
            "0 denied  registered 3/5",
        ),
        (
            r#"{"granted":false,"data":{"tier":"newsletter","articlesRead":1,"articlesLeft":4}}"#,
            "0 denied  newsletter 1/5",
        ),
        (r#"{"granted":false,"data":{"articlesRead":1}}"#, "0 denied  anonymous"),
        (r#"{"granted":false,"data":{"articlesRead":-1,"articleLimit":1e9}}"#, "0 denied  anonymous"),
        (
            r#"{"granted":true,"grantReason":"METERING","data":{"articlesRead":1,"articlesLeft":2,"articleLimit":3}}"#,
            "0 granted METERING anonymous",
        ),
    ] {
        let mut desk = Desk::new(endpoint());
        desk.found(&Evidence::default());
        assert_eq!(desk.answered(1, 200, body), format!("remember false, {told}"), "{body}");
    }
}

#[test]
fn en_03_faults_that_may_pass_are_asked_again_and_then_it_is_unknown() {
    let mut desk = Desk::new(endpoint());
    desk.found(&Evidence::default());
    assert_eq!(desk.answered(1, 503, ""), "wake 500");
    // Not before its time.
    assert_eq!(desk.on(Fact::Happened), "");
    desk.now += 500;
    assert_eq!(desk.on(Fact::Happened), "ask 2 for frogs 1/3");
    assert_eq!(desk.answered(1, 200, SUBSCRIBER), "", "an old number says nothing");
    assert_eq!(desk.answered(2, 0, ""), "wake 1000");
    desk.now += 1000;
    assert_eq!(desk.on(Fact::Happened), "ask 3 for frogs 1/3");
    assert_eq!(desk.answered(3, 500, "<html>"), "0 unknown");
    desk.now += 60_000;
    assert_eq!(desk.on(Fact::Happened), "");
}

#[test]
fn en_04_what_is_said_for_good_is_not_asked_again() {
    for (status, body) in
        [(404, ""), (403, ""), (200, "<html>"), (200, "{}"), (200, r#"{"granted":"yes"}"#), (204, "")]
    {
        let mut desk = Desk::new(endpoint());
        desk.found(&Evidence::default());
        assert_eq!(desk.answered(1, status, body), "0 unknown", "{status} {body}");
    }
}

#[test]
fn sec_14_hostile_answers_are_none() {
    let deep = format!(r#"{{"granted":true,"x":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let large = format!(r#"{{"granted":true,"x":"{}"}}"#, "x".repeat(10_000_000));
    for body in [r#"{"granted":true,"granted":false}"#, &deep, &large] {
        let mut desk = Desk::new(endpoint());
        desk.found(&Evidence::default());
        assert_eq!(desk.answered(1, 200, body), "0 unknown");
    }
    let mut desk = Desk::new(endpoint());
    desk.found(&Evidence::default());
    let huge = r#"{"granted":false,"data":{"articlesRead":99999999999999999999,"articleLimit":1e400}}"#;
    assert_eq!(desk.answered(1, 200, huge), "remember false, 0 denied  anonymous");
}

#[test]
fn en_06_who_comes_back_is_asked_for_again_once_in_ten_seconds() {
    let mut desk = Desk::new(endpoint());
    desk.found(&Evidence::default());
    desk.answered(1, 200, r#"{"granted":false}"#);
    desk.now += 9_999;
    assert_eq!(desk.found(&Evidence::default()), "");
    desk.now += 1;
    assert_eq!(desk.found(&Evidence::default()), "ask 2 for frogs 1/3");
    // Not again while that is under way.
    assert_eq!(desk.found(&Evidence::default()), "");
    assert_eq!(desk.answered(2, 200, SUBSCRIBER), "remember true, 0 granted SUBSCRIBER subscriber");
    // Asked for, it is at once; and what is known holds where nothing answers.
    assert_eq!(desk.on(Fact::Refreshed(Evidence::default())), "ask 3 for frogs 1/3");
    assert_eq!(desk.answered(3, 404, ""), "");
    assert_eq!(desk.on(Fact::Refreshed(Evidence::default())), "ask 4 for frogs 1/3");
    assert_eq!(desk.answered(4, 200, r#"{"granted":false}"#), "remember false, 0 denied  anonymous");
}

#[test]
fn who_was_a_subscriber_in_this_visit_reads_on_at_once() {
    let was = Evidence { was_subscriber: true, ..Evidence::default() };
    let mut desk = Desk::new(endpoint());
    assert_eq!(desk.found(&was), "ask 1 for frogs 1/3, 0 granted SUBSCRIBER subscriber");
    assert_eq!(desk.answered(1, 404, ""), "");
    let mut desk = Desk::new(endpoint());
    desk.found(&was);
    assert_eq!(desk.answered(1, 200, r#"{"granted":false}"#), "remember false, 0 denied  anonymous");
}

#[test]
fn nothing_is_asked_before_it_is_seen() {
    let mut desk = Desk::new(endpoint());
    desk.articles[0].is_seen = false;
    assert_eq!(desk.found(&Evidence::default()), "0 pending");
    desk.articles[0].is_seen = true;
    assert_eq!(desk.on(Fact::Happened), "ask 1 for frogs 1/3");
}

#[test]
fn a_page_that_is_no_article_asks_nothing() {
    let mut desk = Desk::new(endpoint());
    desk.articles[0].hash.clear();
    assert_eq!(desk.found(&Evidence::default()), "");
}

#[test]
fn the_page_speaks_first() {
    let mut desk = Desk::new(endpoint());
    assert_eq!(desk.found(&Evidence::default()), "ask 1 for frogs 1/3, 0 pending");
    assert_eq!(desk.on(Fact::Said(Host::Speaks)), "");
    assert_eq!(desk.answered(1, 200, SUBSCRIBER), "remember true");
    // It could not find out after all.
    assert_eq!(desk.on(Fact::Said(Host::Failed)), "0 granted SUBSCRIBER subscriber");
    // Nor could anything else: the article is open or gated as the publisher says.
    let mut desk = Desk::new(with_keys());
    assert_eq!(desk.found(&Evidence::default()), "");
    assert_eq!(desk.on(Fact::Said(Host::Failed)), "0 unknown");
    let mut desk = Desk::new(endpoint());
    desk.on(Fact::Said(Host::Speaks));
    assert_eq!(desk.found(&Evidence::default()), "");
}

#[test]
fn a_token_opens_without_a_request_and_is_kept() {
    let mut desk = Desk::new(Sources { endpoint: "/e".into(), ..with_keys() });
    assert_eq!(desk.found(&tokens(&token("ent", ""))), "verify 1 by k, 0 pending");
    assert_eq!(desk.on(Fact::Verified(1, Some(true))), "keep, 0 granted SUBSCRIBER subscriber");
    // On the next page it is the kept one.
    let kept = Evidence { kept: token("ent", ""), ..Evidence::default() };
    let mut desk = Desk::new(with_keys());
    assert_eq!(desk.found(&kept), "verify 1 by k, 0 pending");
    assert_eq!(desk.on(Fact::Verified(1, Some(true))), "0 granted SUBSCRIBER subscriber");
}

#[test]
fn en_11_a_kept_token_that_was_edited_is_removed() {
    let kept = Evidence { kept: token("ent", ""), ..Evidence::default() };
    let mut desk = Desk::new(with_keys());
    desk.found(&kept);
    assert_eq!(desk.on(Fact::Verified(1, Some(false))), "drop, refuse: wrong signature, 0 denied  anonymous");
    let mut desk = Desk::new(with_keys());
    assert_eq!(
        desk.found(&Evidence { kept: "x.y".into(), ..Evidence::default() }),
        "drop, refuse: not a compact JWS"
    );
}

#[test]
fn en_13_where_nothing_can_be_checked_it_is_unknown() {
    let mut desk = Desk::new(with_keys());
    desk.found(&tokens(&token("ent", "")));
    assert_eq!(desk.on(Fact::Verified(1, None)), "0 unknown");
}

#[test]
fn a_worthless_token_leaves_it_to_the_next_source() {
    let mut desk = Desk::new(Sources { endpoint: "/e".into(), ..with_keys() });
    let evidence = Evidence { kept: token("ent", ""), ..tokens("a.b.c") };
    assert_eq!(desk.found(&evidence), "refuse: not a compact JWS, verify 1 by k, 0 pending");
    assert_eq!(desk.on(Fact::Verified(1, Some(false))), "drop, refuse: wrong signature, ask 2 for frogs 1/3");
    assert_eq!(desk.answered(2, 200, r#"{"granted":false}"#), "remember false, 0 denied  anonymous");
}

#[test]
fn an_expired_token_is_dropped_without_a_word() {
    let mut desk = Desk::new(with_keys());
    let kept = Evidence { kept: token("ent", ""), ..Evidence::default() };
    desk.found(&kept);
    let acts = desk.authorizer.on(desk.now, TODAY + 90_000, Fact::Verified(1, Some(true)), &desk.articles);
    assert_eq!(acts.iter().map(word).collect::<Vec<_>>(), ["drop", "0 denied  anonymous"]);
}

#[test]
fn a_registered_readers_token_says_who_reads_and_grants_nothing() {
    let mut desk = Desk::new(with_keys());
    desk.found(&tokens(&token("ent", r#","tier":"registered""#)));
    assert_eq!(desk.on(Fact::Verified(1, Some(true))), "keep, 0 denied  registered");
    let mut desk = Desk::new(Sources { endpoint: "/e".into(), ..with_keys() });
    desk.found(&tokens(&token("ent", r#","tier":"registered""#)));
    assert_eq!(desk.on(Fact::Verified(1, Some(true))), "keep, ask 2 for frogs 1/3");
    assert_eq!(desk.answered(2, 200, r#"{"granted":false}"#), "remember false, 0 denied  registered");
}

#[test]
fn a_gift_opens_its_article_and_no_other() {
    let hash = token::named("meridian", "id:7");
    let mut desk = Desk::new(with_keys());
    desk.articles[0].hash.clone_from(&hash);
    desk.articles.push(Article { hash: "toads".into(), is_seen: true, ..Article::default() });
    assert_eq!(
        desk.found(&tokens(&token("gift", r#","article":"id:7""#))),
        "verify 1 by k, 0 pending, 1 pending"
    );
    assert_eq!(desk.on(Fact::Verified(1, Some(true))), "0 granted GIFT anonymous, 1 denied  anonymous");
    // Another article in its place.
    desk.articles = vec![Article { hash: "newts".into(), is_seen: true, ..Article::default() }];
    assert_eq!(desk.on(Fact::Happened), "0 denied  anonymous");
}

#[test]
fn a_cookie_of_the_hosts_is_the_last_source() {
    let cookie = Evidence { is_subscriber: true, ..Evidence::default() };
    let mut desk = Desk::new(Sources { cookie: "member".into(), ..Sources::default() });
    assert_eq!(desk.found(&cookie), "0 granted SUBSCRIBER subscriber");
    desk.now += 20_000;
    assert_eq!(desk.found(&Evidence::default()), "0 denied  anonymous");
    // The endpoint speaks before it, if it does.
    let mut desk = Desk::new(endpoint());
    assert_eq!(desk.found(&cookie), "ask 1 for frogs 1/3, 0 pending");
    assert_eq!(desk.answered(1, 404, ""), "0 granted SUBSCRIBER subscriber");
}

#[test]
fn en_05_a_token_that_the_endpoint_gave_is_kept_for_when_it_is_silent() {
    let mut desk = Desk::new(Sources { endpoint: "/e".into(), ..with_keys() });
    desk.found(&Evidence::default());
    let body = format!(r#"{{"granted":true,"data":{{"token":"{}"}}}}"#, token("ent", ""));
    assert_eq!(desk.answered(1, 200, &body), "remember true, verify 2 by k");
    assert_eq!(desk.on(Fact::Verified(2, Some(true))), "keep, 0 granted SUBSCRIBER subscriber");
}

#[test]
fn each_article_of_a_feed_is_asked_for() {
    let mut desk = Desk::new(endpoint());
    desk.found(&Evidence::default());
    desk.answered(1, 200, SUBSCRIBER);
    desk.articles.push(Article {
        hash: "toads".into(),
        is_seen: true,
        reads: 2,
        limit: 3,
        ..Article::default()
    });
    assert_eq!(desk.on(Fact::Happened), "ask 2 for toads 2/3, 1 pending");
    assert_eq!(desk.answered(2, 200, r#"{"granted":false}"#), "remember false, 1 denied  anonymous");
}

#[test]
fn the_answer_comes_after_the_page_was_looked_at_again() {
    let mut desk = Desk::new(endpoint());
    desk.now = 20;
    desk.articles[0].is_seen = false;
    assert_eq!(desk.found(&Evidence::default()), "0 pending");
    desk.articles[0].is_seen = true;
    assert_eq!(desk.found(&Evidence::default()), "ask 1 for frogs 1/3");
    assert_eq!(desk.found(&Evidence::default()), "");
    assert_eq!(
        desk.answered(1, 200, "{\"granted\":true}\n"),
        "remember true, 0 granted SUBSCRIBER subscriber"
    );
}
