//! Whole reading histories: the seed's journey, and the laws that no history may break.

use crate::device::{DAY, Device, Reading, nobody, of_tier, prepared, seed, seed_with, settings, subscriber};
use proptest::prelude::*;
use std::collections::BTreeSet;
use tollgate::access::entitlement::{Access, Tier};
use tollgate::config::Settings;
use tollgate::machine::{Effect, Page, Signal};

fn is_store(effect: &Effect) -> bool {
    matches!(effect, Effect::Store { .. })
}

#[test]
fn the_seeds_journey() {
    let mut device = Device::new();
    let tag = seed("1");

    let first = device.read(&tag, "one");
    assert!(first.gate.is_none());
    let key = device.storage.keys().next().cloned().expect("one key");
    assert!(key.starts_with("tollgate1:meridian:r:2026-11:") && key.len() == 29 + 16, "{key}");

    let mut second = device.read(&tag, "two");
    let gate = second.gate.clone().expect("gated");
    assert!(second.overlay);
    assert_eq!(gate.texts.get("headline"), "You’ve read your one free article this month");
    assert_eq!(gate.texts.get("offer"), "Keep reading with The Meridian");
    let [trial, annual] = gate.plans.as_slice() else { panic!("two plans") };
    assert_eq!((trial.get("price"), trial.get("then")), ("30 days free", "then $2.90 per month"));
    assert_eq!((annual.get("price"), annual.get("badge")), ("$19.90 per year", "best value"));
    assert_eq!((annual.get("saving"), trial.get("saving")), ("Save $14.90 a year", ""));
    assert_eq!(
        annual.get("address"),
        "https://news.example/subscribe?plan=annual-access&return=https%3A%2F%2Fnews.example%2Ftwo"
    );
    assert_eq!(annual.get("label"), "Subscribe to The Meridian");
    for name in ["label", "address"] {
        assert_eq!(gate.texts.get(name), trial.get(name));
    }
    assert_eq!((gate.texts.get("already"), gate.texts.get("logIn")), ("Already a subscriber?", "Log in"));
    assert_eq!(
        gate.texts.get("logInAddress"),
        "https://news.example/login?return=https%3A%2F%2Fnews.example%2Ftwo"
    );

    second.signal(&mut device, Signal::Closed { by_reader: true });
    assert!(!second.overlay && second.gate.is_some());
    second.signal(&mut device, Signal::Wanted);
    assert!(second.overlay);

    assert!(device.read(&tag, "one").gate.is_none(), "read before");
    assert_eq!(device.stored(), 1);

    device.clock += 8 * DAY;
    assert!(device.read(&tag, "two").gate.is_none(), "a new month");
    assert_eq!(device.stored(), 2);
}

#[test]
fn the_limit_is_named_in_words_and_numbers() {
    for (limit, headline) in [
        ("3", "You’ve read your three free articles this month"),
        ("10", "You’ve read your ten free articles this month"),
        ("11", "You’ve read your 11 free articles this month"),
        ("20", "You’ve read your 20 free articles this month"),
    ] {
        let mut device = Device::new();
        let tag = seed(limit);
        let many: u32 = limit.parse().expect("a number");
        for nth in 0..many {
            assert!(device.read(&tag, &format!("story-{nth}")).gate.is_none());
        }
        let gate = device.read(&tag, "last").gate.expect("gated");
        assert_eq!(gate.texts.get("headline"), headline);
    }
}

#[test]
fn cn_01_a_glance_does_not_count_and_the_dwell_does() {
    let mut device = Device::new();
    let tag = seed("1");
    let mut view = device.open(&tag, "one");
    view.begin(&mut device);
    view.wait(&mut device, 2000);
    view.signal(&mut device, Signal::Hidden);
    // Time in the background does not count.
    view.wait(&mut device, 60_000);
    assert_eq!(device.stored(), 0);
    view.signal(&mut device, Signal::Seen);
    view.wait(&mut device, 900);
    assert_eq!(device.stored(), 0);
    view.wait(&mut device, 100);
    assert_eq!(device.stored(), 1);
    assert_eq!(view.meter().map(|meter| (meter.reads, meter.limit, meter.counted)), Some((1, 1, true)));
    assert_eq!(view.meter().map(|meter| meter.period.name()).as_deref(), Some("2026-11"));
}

#[test]
fn cn_13_a_page_that_was_never_seen_does_nothing() {
    let mut device = Device::new();
    let mut view = device.open(&seed("1"), "one");
    view.signal(&mut device, Signal::Started);
    view.signal(&mut device, Signal::Engaged);
    view.wait(&mut device, 60_000);
    assert!(view.done.is_empty() && device.stored() == 0, "{:?}", view.done);
}

#[test]
fn st_20_after_a_foreign_wipe_only_the_open_article_comes_back() {
    let mut device = Device::new();
    let tag = seed("5");
    device.read(&tag, "one");
    let mut second = device.read(&tag, "two");
    assert_eq!(device.stored(), 2);
    device.storage.clear();
    second.signal(&mut device, Signal::LedgerChanged);
    assert_eq!(device.stored(), 1);
}

#[test]
fn st_23_two_tabs_at_the_last_free_read_stay_readable() {
    let mut device = Device::new();
    let tag = seed("1");
    let mut tabs = ["one", "two"].map(|slug| device.open(&tag, slug));
    for tab in &mut tabs {
        tab.begin(&mut device);
    }
    for tab in &mut tabs {
        tab.signal(&mut device, Signal::Engaged);
    }
    for tab in &mut tabs {
        tab.signal(&mut device, Signal::LedgerChanged);
        assert!(tab.gate.is_none());
    }
    assert_eq!(device.stored(), 2);
    assert!(device.read(&tag, "three").gate.is_some());
}

#[test]
fn invariant_8_a_subscriber_reads_on_and_a_log_out_gates_again() {
    let mut device = Device::new();
    let tag = seed("0");
    let mut view = device.open(&tag, "one");
    view.signal(&mut device, Signal::Started);
    view.signal(&mut device, subscriber());
    view.signal(&mut device, Signal::Seen);
    view.signal(&mut device, Signal::Engaged);
    assert_eq!(view.count(|effect| matches!(effect, Effect::Cut | Effect::Lock(_))), 0, "not even a flash");
    assert_eq!(device.stored(), 0, "a subscriber's reads are not counted");
    view.signal(&mut device, nobody());
    assert!(view.gate.is_some());
    view.signal(&mut device, subscriber());
    assert!(view.gate.is_none() && !view.overlay);
}

#[test]
fn en_03_a_host_that_does_not_answer_opens_the_article_uncounted() {
    let mut device = Device::new();
    let tag = seed("0");
    let mut view = device.open(&tag, "one");
    view.signal(&mut device, Signal::Started);
    view.signal(&mut device, Signal::AccessPending);
    view.signal(&mut device, Signal::Seen);
    view.signal(&mut device, Signal::Engaged);
    view.wait(&mut device, 3999);
    assert!(view.gate.is_none() && view.meter().is_none_or(|meter| meter.reads == 0));
    view.wait(&mut device, 1);
    let is_fallback = |effect: &Effect| matches!(effect, Effect::Decided { granted: true, reason, .. } if reason == "FALLBACK");
    assert_eq!(view.count(is_fallback), 1);
    assert_eq!(device.stored(), 0);
    // A late answer still decides.
    view.signal(&mut device, nobody());
    assert!(view.gate.is_some());
}

#[test]
fn without_a_subscribe_address_nothing_is_gated_and_it_is_said_once() {
    let mut device = Device::new();
    let tag = settings(&[("site", "meridian"), ("limit", "1"), ("content", "article")]);
    for slug in ["one", "two", "three"] {
        let view = device.read(&tag, slug);
        assert!(view.gate.is_none());
        let told: Vec<String> = view
            .done
            .iter()
            .filter_map(|effect| match effect {
                Effect::Warn(diagnostics) => Some(diagnostics.iter().map(|diagnostic| diagnostic.line())),
                _ => None,
            })
            .flatten()
            .collect();
        assert_eq!(told, ["data-subscribe-url: no-subscribe-url"]);
    }
    assert_eq!(device.stored(), 3);
}

#[test]
fn a_month_that_ends_under_the_readers_eyes_opens_the_gate() {
    let mut device = Device::new();
    let tag = seed("1");
    device.read(&tag, "one");
    let mut gated = device.read(&tag, "two");
    assert!(gated.gate.is_some());
    gated.signal(&mut device, Signal::Hidden);
    device.clock += 8 * DAY;
    gated.signal(&mut device, Signal::Seen);
    assert!(gated.gate.is_none());
    assert_eq!(gated.count(|effect| *effect == Effect::Release), 1);
}

#[test]
fn forgetting_starts_over() {
    let mut device = Device::new();
    let tag = seed("1");
    device.storage.insert("theme".into(), "dark".into());
    device.read(&tag, "one");
    let mut view = device.read(&tag, "two");
    assert!(view.gate.is_some());
    view.signal(&mut device, Signal::Forget);
    assert!(view.gate.is_none());
    assert_eq!(device.storage.keys().collect::<Vec<_>>(), ["theme"]);
}

#[test]
fn a_text_is_cut_at_once_and_its_gate_follows() {
    let mut device = Device { is_slow: true, ..Device::new() };
    let is_asked = |view: &Reading, wanted| view.count(|effect| *effect == Effect::Prepare { due: wanted });
    let tag = seed_with("1", &[("steps", "subscribe")]);
    let first = device.read(&tag, "first");
    assert_eq!(is_asked(&first, false), 1, "the last free read asks for what the next article needs");
    assert!(!first.cut);

    let mut second = device.read(&tag, "second");
    assert_eq!(is_asked(&second, true), 1);
    assert!(second.cut && second.gate.is_none());
    second.signal(&mut device, Signal::Wanted);
    assert!(!second.overlay, "there is nothing to open yet");
    second.signal(&mut device, prepared());
    assert!(second.gate.is_some() && second.overlay);
    // Asked for by another article of the page: this one has its gate.
    second.signal(&mut device, prepared());
    assert_eq!(second.count(|effect| matches!(effect, Effect::Lock(_))), 1);

    let mut third = device.read(&tag, "third");
    third.signal(&mut device, subscriber());
    assert!(!third.cut, "the text is back before any gate was there");
    third.signal(&mut device, prepared());
    assert!(third.gate.is_none() && third.notice.is_none());
}

/// What can happen to a reader with three tabs.
#[derive(Clone, Debug)]
enum Act {
    Open { tab: usize, article: u8 },
    Signal { tab: usize, signal: Signal },
    Wait { tab: usize, milliseconds: i64 },
    Wipe,
    ClockBack,
}

fn act() -> impl Strategy<Value = Act> {
    let signal = prop_oneof![
        4 => Just(Signal::Seen),
        2 => Just(Signal::Hidden),
        4 => Just(Signal::Engaged),
        2 => Just(Signal::LedgerChanged),
        1 => Just(Signal::AccessPending),
        1 => Just(Signal::AccessUnknown),
        1 => Just(subscriber()),
        1 => Just(nobody()),
        1 => Just(of_tier(Tier::Newsletter)),
        1 => Just(of_tier(Tier::Registered)),
        1 => Just(Signal::Closed { by_reader: true }),
        1 => Just(Signal::Closed { by_reader: false }),
        1 => Just(Signal::Wanted),
        1 => Just(Signal::Forget),
        2 => Just(prepared()),
        1 => any::<bool>().prop_map(Signal::Obstructed),
        1 => Just(Signal::SignedUp),
    ];
    prop_oneof![
        3 => (0..3_usize, 0..6_u8).prop_map(|(tab, article)| Act::Open { tab, article }),
        9 => (0..3_usize, signal).prop_map(|(tab, signal)| Act::Signal { tab, signal }),
        4 => (0..3_usize, 0..5000_i64).prop_map(|(tab, milliseconds)| Act::Wait { tab, milliseconds }),
        1 => (0..3_usize, 0..20 * DAY).prop_map(|(tab, milliseconds)| Act::Wait { tab, milliseconds }),
        1 => Just(Act::Wipe),
        1 => Just(Act::ClockBack),
    ]
}

/// A configuration, from the bare seed to everything at once.
fn tag() -> impl Strategy<Value = Settings> {
    let limits = (0..4_u32, 0..3_u32, 0..3_u32);
    let window = prop_oneof![
        3 => Just(("month", "calendar")),
        1 => Just(("week", "calendar")),
        1 => Just(("3d", "calendar")),
        2 => Just(("7d", "rolling")),
        2 => Just(("7d", "first-view")),
    ];
    let steps = prop_oneof![
        Just(""),
        Just("newsletter from 1, dismissible, 1/day | register from 2 | subscribe"),
        Just("notice from 1, 2/week | subscribe from 2, dismissible"),
        Just("register from 1, 1/month | newsletter from 2, dismissible"),
        Just("subscribe 1/day"),
    ];
    let meters = prop_oneof![2 => Just(""), 1 => Just("even: 1 | all [*]: 2")];
    let referrers = prop_oneof![2 => Just(""), 1 => Just("search")];
    (limits, window, steps, meters, referrers).prop_map(
        |((anonymous, more, most), (period, window), steps, meters, referrers)| {
            seed_with(
                &anonymous.to_string(),
                &[
                    ("newsletter-limit", &(anonymous + more).to_string()),
                    ("registered-limit", &(anonymous + more + most).to_string()),
                    ("period", period),
                    ("window", window),
                    ("steps", steps),
                    ("meters", meters),
                    ("free-referrers", referrers),
                    ("referrer-limit", "1"),
                    ("paths", "/a5: locked | /a4: free"),
                    ("newsletter-url", "/newsletter"),
                    ("register-url", "/register"),
                ],
            )
        },
    )
}

/// What the page of an article says: some are in a section, some were come to from a search.
fn page_of(article: u8) -> Page {
    Page {
        sections: if article.is_multiple_of(2) { "even".into() } else { String::new() },
        referrer: if article.is_multiple_of(3) { "https://www.google.com/".into() } else { String::new() },
        ..Page::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_history_breaks_the_laws(tag in tag(), is_slow: bool, acts in proptest::collection::vec(act(), 1..80)) {
        let mut device = Device { is_slow, ..Device::new() };
        let mut tabs: Vec<Reading> = (0..3).map(|_| device.open_page(&tag, "a0", page_of(0))).collect();
        for tab in &mut tabs {
            tab.signal(&mut device, Signal::Started);
        }
        let mut subscribed = [false; 3];
        // Whether the reader sees the tab, and its host is not just finding out: else what is up waits to be decided anew.
        let mut settled = [(false, true); 3];
        let mut forgotten = [0; 3];
        for act in acts {
            let tab = match act {
                Act::Open { tab, article } => {
                    tabs[tab] = device.open_page(&tag, &format!("a{article}"), page_of(article));
                    subscribed[tab] = false;
                    settled[tab] = (false, true);
                    forgotten[tab] = 0;
                    tabs[tab].signal(&mut device, Signal::Started);
                    tab
                }
                Act::Signal { tab, signal } => {
                    if let Signal::AccessKnown(known) = &signal {
                        subscribed[tab] = known.access() == Access::Entitled;
                    } else if matches!(signal, Signal::AccessPending | Signal::AccessUnknown) {
                        subscribed[tab] = false;
                    }
                    match signal {
                        Signal::Forget => forgotten[tab] = tabs[tab].done.len(),
                        Signal::Seen => settled[tab].0 = true,
                        Signal::Hidden => settled[tab].0 = false,
                        Signal::AccessPending => settled[tab].1 = false,
                        Signal::AccessKnown(_) | Signal::AccessUnknown => settled[tab].1 = true,
                        _ => {}
                    }
                    tabs[tab].signal(&mut device, signal);
                    tab
                }
                Act::Wait { tab, milliseconds } => {
                    tabs[tab].wait(&mut device, milliseconds);
                    tab
                }
                Act::Wipe => {
                    device.storage.clear();
                    continue;
                }
                Act::ClockBack => {
                    device.clock -= 3 * DAY;
                    continue;
                }
            };
            let view = &tabs[tab];
            prop_assert!(!(subscribed[tab] && view.gate.is_some()), "a gate left up for a subscriber");
            prop_assert!(!(subscribed[tab] && view.notice.is_some()), "a notice left up for a subscriber");
            prop_assert!(!(subscribed[tab] && view.cut), "a text left cut for a subscriber");
            prop_assert!(view.gate.is_none() || view.cut, "a gate on a whole text");
            prop_assert!(!view.overlay || view.gate.is_some(), "an overlay without a gate");
            prop_assert!(view.notice.is_none() || view.gate.is_none(), "two surfaces at once");
            let decisions: Vec<(bool, &str)> = view.done[forgotten[tab]..]
                .iter()
                .filter_map(|effect| match effect {
                    Effect::Decided { granted, reason, .. } => Some((*granted, reason.as_str())),
                    _ => None,
                })
                .collect();
            if let (Some(_), Some(meter), Some((_, reason))) = (&view.gate, view.meter(), decisions.last()) {
                match *reason {
                    "LOCKED" => {}
                    _ if settled[tab] != (true, true) => prop_assert!(!meter.counted, "gated what was read"),
                    "STEP" => prop_assert!(!meter.counted, "gated what was read: {:?}", meter),
                    _ => prop_assert!(meter.reads >= meter.limit && !meter.counted, "gated below the limit, or what was read: {:?}", meter),
                }
            }
            for pair in decisions.windows(2) {
                let ((granted, reason), (still, _)) = (pair[0], pair[1]);
                let by_the_meter = granted && ["METERING", "REFERRER", "FREE", "DISMISSED"].contains(&reason);
                prop_assert!(!by_the_meter || still, "a grant of the meter's was taken back: {:?}", decisions);
            }
            // Surfaces and releases alternate, beginning with a surface.
            let turns = view.done.iter().filter(|effect| matches!(effect, Effect::Cut | Effect::Notice(_) | Effect::Release));
            for (nth, turn) in turns.enumerate() {
                prop_assert_eq!(!matches!(turn, Effect::Release), nth % 2 == 0);
            }
            // Whatever was stored is of the grammar: it is listed, and nothing of it is outdated but by time.
            for key in device.storage.keys() {
                prop_assert!(key.starts_with("tollgate1:meridian:r:"), "{}", key);
            }
        }
    }

    #[test]
    fn the_same_reads_in_any_order_from_any_number_of_tabs_give_the_same_meter(
        window in prop_oneof![
            Just(("month", "calendar")),
            Just(("3d", "calendar")),
            Just(("7d", "rolling")),
            Just(("7d", "first-view")),
        ],
        reads in proptest::collection::vec(0..5_u8, 1..12),
        turn: prop::sample::Index,
    ) {
        let (period, window) = window;
        let more = [("period", period), ("window", window), ("meters", "even: 1000 | all [*]: 1000")];
        let tag = seed_with("1000", &more);
        let meter = |storage: std::collections::BTreeMap<String, String>| {
            let mut device = Device { storage, ..Device::new() };
            let view = device.open_page(&tag, "another", page_of(0));
            let mut view = view;
            view.begin(&mut device);
            *view.meter().expect("announced")
        };
        // One after the other, each seeing what the one before left.
        let mut device = Device::new();
        for article in &reads {
            device.read_page(&tag, &format!("a{article}"), page_of(*article));
        }
        let one_by_one = device.storage;
        // Each in a tab of its own that was listed before any of them counted, in another order, and all of it twice.
        let mut device = Device::new();
        let mut others: Vec<u8> = reads.iter().rev().chain(&reads).copied().collect();
        let at = turn.index(others.len());
        others.rotate_left(at);
        let mut tabs: Vec<Reading> =
            others.iter().map(|article| device.open_page(&tag, &format!("a{article}"), page_of(*article))).collect();
        for signal in [Signal::Started, Signal::Seen, Signal::Engaged] {
            for tab in &mut tabs {
                tab.signal(&mut device, signal.clone());
            }
        }
        prop_assert_eq!(&one_by_one, &device.storage);
        let different: BTreeSet<_> = reads.iter().collect();
        prop_assert_eq!(meter(one_by_one).reads, meter(device.storage).reads);
        prop_assert_eq!(tabs.iter().map(|tab| tab.count(is_store)).sum::<usize>() >= different.len(), true);
    }

    #[test]
    fn an_article_counts_once_a_month_in_any_number_of_views(slugs in proptest::collection::vec(0..5_u8, 1..30)) {
        let tag = seed("1000");
        let mut device = Device::new();
        let mut stores = 0;
        for slug in &slugs {
            stores += device.read(&tag, &format!("a{slug}")).count(is_store);
        }
        let different: BTreeSet<_> = slugs.iter().collect();
        prop_assert_eq!((stores, device.stored()), (different.len(), different.len()));
    }
}
