//! Answers of the endpoint, and the authorizer that lives on them: whatever comes in whatever order, nobody is let in whom no source let
//! in, and nobody waits for what will not come.

use crate::source::Source;
use tollgate::access::authorizer::{self, Act, Article, Authorizer, Evidence, Fact, Host, Sources};
use tollgate::machine::Signal;

/// Whole answers, and some that are none.
const ANSWERS: [&str; 8] = [
    r#"{"granted":true}"#,
    r#"{"granted":false}"#,
    r#"{"granted":true,"grantReason":"METERING","data":{"articlesRead":1,"articleLimit":3}}"#,
    r#"{"granted":false,"data":{"articlesRead":4,"articlesLeft":-1,"articleLimit":3}}"#,
    r#"{"granted":false,"data":{"isLoggedIn":true,"articlesLeft":4294967296,"tier":"newsletter"}}"#,
    r#"{"granted":"true"}"#,
    r#"{"granted":true,"granted":false}"#,
    "<html>",
];

pub(super) fn run(bytes: &[u8]) {
    let mut source = Source::of(bytes);
    check_answer(&mut source);
    check_authorizer(&mut source);
}

fn check_answer(source: &mut Source<'_>) {
    let body = source.like(&ANSWERS);
    let Some((entitlement, _)) = authorizer::read(&body) else { return };
    assert!(body.contains("granted") && (!entitlement.granted || body.contains("true")), "{body}");
    if let Some(meter) = entitlement.meter {
        assert!(meter.reads <= meter.limit && !entitlement.granted, "{body}");
    }
}

fn check_authorizer(source: &mut Source<'_>) {
    let sources = Sources {
        endpoint: source.pick(&["", "/may"]).to_owned(),
        cookie: source.pick(&["", "paid"]).to_owned(),
        site: "meridian".to_owned(),
        ..Sources::default()
    };
    let has_endpoint = !sources.endpoint.is_empty();
    let mut authorizer = Authorizer::new(sources);
    let articles: Vec<Article> = (0..=source.below(2))
        .map(|nth| Article { hash: format!("article{nth}"), is_seen: true, limit: 1, ..Article::default() })
        .collect();
    let mut now = 0;
    let mut evidence = Evidence::default();
    let mut asked: Vec<u32> = Vec::new();
    let mut told: Vec<Option<Signal>> = vec![None; articles.len()];
    // Whether any source has let anybody in so far; and whether the page itself has spoken.
    let (mut may, mut speaks) = (false, false);
    let mut facts = vec![Fact::Found(evidence.clone())];
    facts.extend(source.list(24, |source| match source.below(8) {
        0 => Fact::Happened,
        1 => Fact::Said(source.pick(&[Host::Speaks, Host::Failed])),
        2 | 3 => {
            evidence.is_subscriber = source.once_in(3);
            evidence.was_subscriber = source.once_in(4);
            if source.once_in(2) { Fact::Found(evidence.clone()) } else { Fact::Refreshed(evidence.clone()) }
        }
        // Of the asking with this number, or nearly.
        _ => Fact::Answered(
            source.below(20) as u32,
            source.pick(&[200, 200, 200, 0, 404, 429, 503, 302]),
            source.like(&ANSWERS),
        ),
    }));
    for fact in facts {
        now += source.pick(&[0, 10, 600, 20_000]);
        match &fact {
            Fact::Said(host) => speaks |= *host == Host::Speaks,
            Fact::Found(evidence) | Fact::Refreshed(evidence) => {
                may |= evidence.is_subscriber || (has_endpoint && evidence.was_subscriber);
            }
            Fact::Answered(serial, status, body) => {
                let grants = authorizer::read(body).is_some_and(|(said, _)| {
                    said.access() == tollgate::access::entitlement::Access::Entitled
                });
                may |= grants && (200..300).contains(status) && asked.contains(serial);
            }
            _ => {}
        }
        if let Fact::Answered(serial, ..) = &fact {
            asked.retain(|known| known != serial);
        }
        for act in authorizer.on(now, 1_900_000_000, fact, &articles) {
            match act {
                Act::Ask(serial, _) => {
                    assert!(has_endpoint && !asked.contains(&serial), "asked for nothing, or twice at once");
                    asked.push(serial);
                }
                Act::Tell(place, signal) => {
                    if let Signal::AccessKnown(entitlement) = &signal {
                        let is_in = entitlement.access() == tollgate::access::entitlement::Access::Entitled;
                        assert!(!is_in || may, "let in by nobody: {entitlement:?}");
                    }
                    told[place] = Some(signal);
                }
                Act::Keep(token) => assert!(token.is_empty(), "no token ever came"),
                Act::Wake(wait) => assert!(wait > 0 && wait <= 60_000, "{wait}"),
                Act::Verify { .. } | Act::Refuse(_) | Act::Remember(_) => {}
            }
        }
    }
    // The time is up that was asked for, and every request fails for good: then nobody is pending any more, unless the page has the word.
    let mut due: Vec<Fact> = vec![Fact::Happened];
    for _ in 0..4 {
        due.extend(
            std::mem::take(&mut asked).into_iter().map(|serial| Fact::Answered(serial, 404, String::new())),
        );
        for fact in due.drain(..) {
            now += 20_000;
            for act in authorizer.on(now, 1_900_000_000, fact, &articles) {
                match act {
                    Act::Ask(serial, _) => asked.push(serial),
                    Act::Tell(place, signal) => told[place] = Some(signal),
                    _ => {}
                }
            }
        }
    }
    assert!(asked.is_empty(), "asked for ever");
    if !speaks {
        assert!(
            !told.iter().any(|told| matches!(told, Some(Signal::AccessPending))),
            "still waiting: {told:?}"
        );
    }
}
