//! Every rule of the meter, played through the machine: windows, tiers, section meters, free and locked articles, referrers.

use crate::device::{DAY, Device, Reading, of_tier, seed, seed_with, settings};
use tollgate::access::entitlement::Tier;
use tollgate::machine::{Effect, Meter, Page, Signal};

/// 2026-11-23T12:00Z, where [`Device::new`] begins, in minutes.
const START: i64 = 29_923_920;

fn meter(view: &Reading) -> Meter {
    *view.meter().expect("announced")
}

/// The reason of the last decision.
fn reason(view: &Reading) -> (bool, &str) {
    let decided = view.done.iter().rev().find_map(|effect| match effect {
        Effect::Decided { granted, reason } => Some((*granted, reason.as_str())),
        _ => None,
    });
    decided.expect("decided")
}

fn resets(view: &Reading) -> Option<i64> {
    meter(view).resets.map(|moment| moment.minutes() - START)
}

#[test]
fn a_rolling_window_forgets_each_read_by_itself() {
    let tag = seed_with("2", &[("period", "7d"), ("window", "rolling")]);
    let mut device = Device::new();
    let first = device.read(&tag, "one");
    assert_eq!(resets(&first), Some(7 * 1440), "the first read is forgotten in a week");
    device.clock += 3 * DAY;
    assert!(device.read(&tag, "two").gate.is_none());
    let mut third = device.read(&tag, "three");
    assert!(third.gate.is_some());
    assert_eq!((meter(&third).reads, resets(&third)), (2, Some(7 * 1440)));
    assert!(device.read(&tag, "one").gate.is_none(), "read before");
    // The first one ages out under the reader's eyes; the second does not.
    third.signal(&mut device, Signal::Hidden);
    device.clock += 4 * DAY;
    third.signal(&mut device, Signal::Seen);
    assert!(third.gate.is_none());
    assert_eq!((meter(&third).reads, resets(&third)), (1, Some(10 * 1440)));
    third.signal(&mut device, Signal::Engaged);
    assert!(device.read(&tag, "four").gate.is_some());
    assert!(device.read(&tag, "one").gate.is_some(), "forgotten, so it would be a new read");
    device.clock += 30 * DAY;
    let last = device.read(&tag, "five");
    assert!(last.gate.is_none());
    assert_eq!(meter(&last).reads, 1);
    assert_eq!(device.stored(), 1, "what was forgotten long ago is gone");
}

#[test]
fn a_window_from_the_first_read_starts_over_with_the_next() {
    let tag = seed_with("2", &[("period", "week"), ("window", "first-view")]);
    let mut device = Device::new();
    let first = device.read(&tag, "one");
    assert_eq!(resets(&first), Some(7 * 1440));
    device.clock += 6 * DAY;
    assert!(device.read(&tag, "two").gate.is_none());
    let third = device.read(&tag, "three");
    assert!(third.gate.is_some());
    assert_eq!(resets(&third), Some(7 * 1440));
    device.clock += DAY;
    // All are forgotten at once; nothing is counted in the new window before it begins.
    let fourth = device.read(&tag, "four");
    assert_eq!((meter(&fourth).reads, meter(&fourth).counted, resets(&fourth)), (1, true, Some(14 * 1440)));
    assert!(device.read(&tag, "five").gate.is_none());
    assert!(device.read(&tag, "six").gate.is_some());
}

#[test]
fn a_page_that_stays_open_beyond_its_window_counts_anew_when_read_on() {
    for window in ["rolling", "first-view", "calendar"] {
        let tag = seed_with("1", &[("period", "1d"), ("window", window)]);
        let mut device = Device::new();
        let mut view = device.read(&tag, "one");
        assert_eq!(view.count(|effect| matches!(effect, Effect::Store { .. })), 1);
        view.signal(&mut device, Signal::Hidden);
        device.clock += 2 * DAY;
        view.signal(&mut device, Signal::Seen);
        assert_eq!(
            view.count(|effect| matches!(effect, Effect::Store { .. })),
            1,
            "{window}: not by being shown"
        );
        view.signal(&mut device, Signal::Engaged);
        assert_eq!(view.count(|effect| matches!(effect, Effect::Store { .. })), 2, "{window}");
        assert!(view.gate.is_none());
    }
}

#[test]
fn st_31_a_clock_that_is_set_back_harms_nobody() {
    for window in ["calendar", "rolling", "first-view"] {
        let tag = seed_with("1", &[("window", window)]);
        let mut device = Device::new();
        device.read(&tag, "one");
        device.clock -= 31 * DAY;
        let view = device.read(&tag, "two");
        // By the calendar it is another month; else the read lies far ahead, and counts as of now.
        assert_eq!(view.gate.is_some(), window != "calendar", "{window}");
        device.clock += 31 * DAY;
        let back = device.read(&tag, "three");
        assert_eq!(back.gate.is_some(), window == "calendar", "{window}: {:?}", device.storage);
        device.clock += 400 * DAY;
        device.read(&tag, "four");
        assert_eq!(device.stored(), 1, "{window}: nothing is left behind");
    }
}

#[test]
fn st_32_reads_from_far_ahead_are_stored_as_of_now_and_age_out() {
    for window in ["rolling", "first-view"] {
        let tag = seed_with("1", &[("period", "30d"), ("window", window)]);
        let mut device = Device::new();
        device.clock += 3650 * DAY;
        device.read(&tag, "one");
        device.clock -= 3650 * DAY;
        let gated = device.read(&tag, "two");
        assert!(gated.gate.is_some(), "{window}");
        assert_eq!(resets(&gated), Some(30 * 1440), "{window}");
        assert_eq!(device.stored(), 1, "{window}");
        device.clock += 30 * DAY;
        assert!(device.read(&tag, "two").gate.is_none(), "{window}");
    }
}

#[test]
fn a_tier_has_its_own_limit_and_keeps_what_was_read() {
    let tag = seed_with("1", &[("newsletter-limit", "2"), ("registered-limit", "3")]);
    let mut device = Device::new();
    device.read(&tag, "one");
    let mut view = device.read(&tag, "two");
    assert_eq!(
        view.gate.as_ref().map(|gate| gate.texts.get("headline")),
        Some("You’ve read your one free article this month")
    );
    view.signal(&mut device, of_tier(Tier::Newsletter));
    assert!(view.gate.is_none());
    assert_eq!((meter(&view).reads, meter(&view).limit), (1, 2));
    view.signal(&mut device, Signal::Engaged);
    let mut third = device.read(&tag, "three");
    third.signal(&mut device, of_tier(Tier::Newsletter));
    assert_eq!((meter(&third).reads, meter(&third).limit, third.gate.is_some()), (2, 2, true));
    third.signal(&mut device, of_tier(Tier::Registered));
    assert!(third.gate.is_none());
    third.signal(&mut device, Signal::Engaged);
    let mut fourth = device.open(&tag, "four");
    fourth.signal(&mut device, Signal::Started);
    fourth.signal(&mut device, of_tier(Tier::Registered));
    fourth.signal(&mut device, Signal::Seen);
    assert_eq!(
        fourth.gate.as_ref().map(|gate| gate.texts.get("headline")),
        Some("You’ve read your three free articles this month")
    );
    fourth.signal(&mut device, of_tier(Tier::Subscriber));
    assert!(fourth.gate.is_none());
    // Back to nobody: what was read stays read.
    assert!(device.read(&tag, "three").gate.is_none());
}

fn in_sections(sections: &str) -> Page {
    Page { sections: sections.into(), ..Page::default() }
}

#[test]
fn sections_have_meters_of_their_own_and_share_others() {
    let tag = seed_with("1", &[("meters", "opinion: 1 | local [city, region]: 2 | all [*]: 4")]);
    let mut device = Device::new();
    let read = |device: &mut Device, slug, sections| device.read_page(&tag, slug, in_sections(sections));
    assert!(read(&mut device, "o1", "Opinion").gate.is_none());
    let gated = read(&mut device, "o2", "opinion");
    assert_eq!(gated.meter_name(), "opinion");
    assert_eq!((meter(&gated).reads, meter(&gated).limit, gated.gate.is_some()), (1, 1, true));
    assert!(read(&mut device, "c1", "city").gate.is_none());
    assert!(read(&mut device, "r1", "region").gate.is_none());
    let gated = read(&mut device, "c2", "city");
    assert_eq!((gated.meter_name(), gated.gate.is_some()), ("local", true));
    // An article of two sections is gated by either.
    assert!(read(&mut device, "both", "sport, opinion").gate.is_some());
    assert!(read(&mut device, "s1", "sport").gate.is_none());
    let gated = read(&mut device, "s2", "sport");
    assert_eq!((gated.meter_name(), meter(&gated).reads, gated.gate.is_some()), ("all", 4, true));
    assert!(read(&mut device, "o1", "opinion").gate.is_none(), "read before");
    // One key an article and meter.
    assert_eq!(device.stored(), 4 + 1 + 2);
    // An article of no section is on the tag's own meter where no meter takes all.
    let tag = seed_with("1", &[("meters", "opinion: 1")]);
    let mut device = Device::new();
    assert!(device.read_page(&tag, "o1", in_sections("opinion")).gate.is_none());
    assert!(device.read(&tag, "p1").gate.is_none());
    let gated = device.read(&tag, "p2");
    assert_eq!((gated.meter_name(), gated.gate.is_some()), ("", true));
}

#[test]
fn an_article_is_free_or_locked_whatever_the_meter_says() {
    let tag = seed_with("1", &[("paths", "/premium-*: locked")]);
    let mut device = Device::new();
    let rule = |rule: &str| Page { rule: rule.into(), ..Page::default() };
    let locked = device.read(&tag, "premium-one");
    assert_eq!((reason(&locked), device.stored()), ((false, "LOCKED"), 0));
    assert_eq!(
        locked.gate.as_ref().map(|gate| gate.texts.get("headline")),
        Some("This story is for subscribers")
    );
    assert_eq!(reason(&device.read_page(&tag, "notice", rule("free"))), (true, "FREE"));
    assert_eq!(device.stored(), 0, "free articles do not count");
    assert_eq!(reason(&device.read_page(&tag, "premium-two", rule("metered"))), (true, "METERING"));
    assert_eq!(device.stored(), 1);
    assert_eq!(reason(&device.read_page(&tag, "notice", rule("free"))), (true, "FREE"));
    assert_eq!(reason(&device.read_page(&tag, "three", rule("locked"))), (false, "LOCKED"));
    assert_eq!(reason(&device.read(&tag, "four")), (false, "LIMIT_REACHED"));
    // Without anywhere to subscribe nothing is locked.
    let nowhere = settings(&[("site", "meridian"), ("content", "article")]);
    assert_eq!(reason(&device.read_page(&nowhere, "three", rule("locked"))), (true, "METERING"));
}

#[test]
fn a_reader_from_a_listed_referrer_reads_free_up_to_a_cap() {
    let tag = seed_with("1", &[("free-referrers", "search | newsletter"), ("referrer-limit", "2")]);
    let mut device = Device::new();
    let from = |referrer: &str| Page { referrer: referrer.into(), ..Page::default() };
    let search = "https://www.google.com/";
    for slug in ["a", "b"] {
        assert_eq!(reason(&device.read_page(&tag, slug, from(search))), (true, "REFERRER"));
    }
    let mut again = device.read_page(&tag, "a", from(search));
    assert_eq!((reason(&again), device.stored()), ((true, "REFERRER"), 2), "the same article, once a day");
    assert_eq!((meter(&again).reads, meter(&again).counted), (0, false));
    // The cap is reached: the meter decides.
    let third = device.read_page(&tag, "c", from(search));
    assert_eq!((reason(&third), meter(&third).reads), ((true, "METERING"), 1));
    assert_eq!(reason(&device.read_page(&tag, "d", from(search))), (false, "LIMIT_REACHED"));
    assert_eq!(reason(&device.read(&tag, "a")), (false, "LIMIT_REACHED"), "not read on the meter");
    // What is open stays open within its page view.
    again.signal(&mut device, Signal::LedgerChanged);
    assert!(again.gate.is_none());
    // A newsletter's link, the next day.
    device.clock += DAY;
    let view = device.read(&tag, "e?utm_medium=email");
    assert_eq!(reason(&view), (true, "REFERRER"));
    assert_eq!(reason(&device.read(&tag, "e")), (false, "LIMIT_REACHED"));
}

#[test]
fn a_glance_from_a_referrer_does_not_use_up_its_cap() {
    let tag = seed_with("1", &[("free-referrers", "search"), ("referrer-limit", "1")]);
    let mut device = Device::new();
    let page = Page { referrer: "https://duckduckgo.com/".into(), ..Page::default() };
    let mut view = device.open_page(&tag, "a", page);
    view.signal(&mut device, Signal::Started);
    view.signal(&mut device, Signal::Seen);
    view.wait(&mut device, 2900);
    assert_eq!((reason(&view), device.stored()), ((true, "REFERRER"), 0));
    view.wait(&mut device, 100);
    assert_eq!(device.stored(), 1);
    let key = device.storage.keys().next().expect("a key");
    assert!(key.starts_with("tollgate1:meridian:r:2026-11-23:") && key.ends_with(":.referrer"), "{key}");
}

#[test]
fn another_period_or_limit_begins_with_what_was_read() {
    // From 3 a month to 1: what was read counts; a longer span does not see what was named for another.
    let mut device = Device::new();
    device.read(&seed("3"), "one");
    device.read(&seed("3"), "two");
    assert!(device.read(&seed("1"), "three").gate.is_some());
    assert!(
        device.read(&seed_with("1", &[("period", "30d"), ("window", "rolling")]), "three").gate.is_none()
    );
}
