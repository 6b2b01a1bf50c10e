//! Every rule of the meter, played through the machine: windows, tiers, section meters, free and locked articles, referrers.

use crate::device::{DAY, Device, Reading, of_tier, seed, seed_with, settings};
use tollgate::access::entitlement::Tier;
use tollgate::machine::{Effect, Meter, Page, Signal};
use tollgate::meter::period::{Cut, Unit, Window};

/// 2026-11-23T12:00Z, where [`Device::new`] begins, in minutes.
const START: i64 = 29_923_920;

fn meter(view: &Reading) -> Meter {
    *view.meter().expect("announced")
}

/// The reason of the last decision.
fn reason(view: &Reading) -> (bool, &str) {
    let decided = view.done.iter().rev().find_map(|effect| match effect {
        Effect::Decided { granted, reason, .. } => Some((*granted, reason.as_str())),
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
    view.begin(&mut device);
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

const DOORS: [(&str, &str); 2] =
    [("newsletter-url", "/newsletter"), ("register-url", "/register?back={return_url}")];

fn stepping(limit: &str, steps: &str, more: &[(&str, &str)]) -> tollgate::config::Settings {
    seed_with(limit, &[&DOORS, [("steps", steps)].as_slice(), more].concat())
}

/// What shows, by its surface's word.
fn surface(view: &Reading) -> &str {
    view.gate.as_ref().or(view.notice.as_ref()).map_or("", |view| view.texts.get("surface"))
}

#[test]
fn a_bare_tag_tells_of_the_last_free_read_and_then_gates() {
    let mut device = Device::new();
    let tag = seed("2");
    assert_eq!(surface(&device.read(&tag, "one")), "");
    let mut last = device.read(&tag, "two");
    assert_eq!(surface(&last), "notice");
    let notice = last.notice.clone().expect("a notice");
    assert_eq!(notice.texts.get("headline"), "This is your last free article");
    assert_eq!(notice.texts.get("label"), "Try The Meridian for free");
    assert!(last.gate.is_none() && !last.overlay);
    assert_eq!(device.stored(), 2, "it stores nothing of its own");
    // It stays when the read counts, and goes when the reader closes it.
    last.signal(&mut device, Signal::LedgerChanged);
    assert_eq!(surface(&last), "notice");
    last.signal(&mut device, Signal::Closed { by_reader: true });
    assert_eq!((surface(&last), last.count(|effect| *effect == Effect::Release)), ("", 1));
    assert_eq!(surface(&device.read(&tag, "two")), "", "read before");
    assert_eq!(surface(&device.read(&tag, "three")), "subscribe");
}

#[test]
fn a_notice_says_how_many_are_left_as_often_as_it_may() {
    let mut device = Device::new();
    let tag = stepping("5", "notice from 2, 1/day", &[]);
    assert_eq!(surface(&device.read(&tag, "one")), "");
    let second = device.read(&tag, "two");
    assert_eq!(
        second.notice.as_ref().map(|notice| notice.texts.get("headline")),
        Some("You have three free articles left this month")
    );
    assert_eq!(surface(&device.read(&tag, "three")), "", "once a day");
    device.clock += DAY;
    let fourth = device.read(&tag, "four");
    assert_eq!(
        fourth.notice.as_ref().map(|notice| notice.texts.get("headline")),
        Some("You have one free article left this month")
    );
    // A subscriber sees no notice either.
    let mut subscriber = device.open(&tag, "five");
    subscriber.signal(&mut device, Signal::Started);
    subscriber.signal(&mut device, crate::device::subscriber());
    subscriber.signal(&mut device, Signal::Seen);
    assert_eq!(surface(&subscriber), "");
    let mut late = device.read(&stepping("9", "notice from 2", &[]), "six");
    assert_eq!(surface(&late), "notice");
    late.signal(&mut device, crate::device::subscriber());
    assert_eq!(surface(&late), "");
}

#[test]
fn steps_lead_from_the_newsletter_over_the_account_to_the_subscription() {
    let tag = stepping(
        "4",
        "newsletter from 2 | register from 3 | subscribe",
        &[("newsletter-limit", "5"), ("registered-limit", "6")],
    );
    let mut device = Device::new();
    assert_eq!(surface(&device.read(&tag, "one")), "");
    let mut second = device.read(&tag, "two");
    assert_eq!((surface(&second), reason(&second)), ("newsletter", (false, "STEP")));
    let gate = second.gate.clone().expect("a gate");
    assert_eq!(gate.texts.get("headline"), "Sign up for our newsletter to read on");
    assert_eq!(
        (gate.texts.get("label"), gate.texts.get("address")),
        ("Sign up", "https://news.example/newsletter")
    );
    assert!(gate.plans.is_empty() && gate.benefits.is_empty());
    assert_eq!(device.stored(), 1);
    second.signal(&mut device, of_tier(Tier::Newsletter));
    assert_eq!(surface(&second), "");
    second.signal(&mut device, Signal::Engaged);
    assert_eq!(device.stored(), 2);
    let mut third = device.read(&tag, "three");
    assert_eq!(surface(&third), "register");
    assert_eq!(
        third.gate.as_ref().map(|gate| gate.texts.get("address")),
        Some("https://news.example/register?back=https%3A%2F%2Fnews.example%2Fthree")
    );
    third.signal(&mut device, of_tier(Tier::Newsletter));
    assert_eq!(surface(&third), "register", "who has the newsletter has no account yet");
    third.signal(&mut device, of_tier(Tier::Registered));
    assert_eq!(surface(&third), "");
    third.signal(&mut device, Signal::Engaged);
    let tabs = ["four", "five", "six", "seven"].map(|slug| {
        let mut view = device.open(&tag, slug);
        view.signal(&mut device, Signal::Started);
        view.signal(&mut device, of_tier(Tier::Registered));
        view.signal(&mut device, Signal::Seen);
        view.signal(&mut device, Signal::Engaged);
        surface(&view).to_owned()
    });
    assert_eq!(tabs, ["", "", "", "subscribe"]);
    // One who says nothing is asked for the last step that is due.
    assert_eq!(surface(&device.read(&tag, "eight")), "subscribe");
}

#[test]
fn a_gate_of_another_step_takes_the_place_of_the_first() {
    let tag = stepping("1", "newsletter from 2 | subscribe from 2", &[]);
    let mut device = Device::new();
    device.read(&tag, "one");
    assert_eq!(surface(&device.read(&tag, "two")), "subscribe", "the last that is due");
    let tag = stepping("1", "subscribe from 2 | newsletter from 2", &[]);
    let mut view = device.read(&tag, "two");
    assert_eq!(surface(&view), "newsletter");
    view.signal(&mut device, of_tier(Tier::Newsletter));
    assert_eq!(surface(&view), "subscribe");
    let turns: Vec<bool> = view
        .done
        .iter()
        .filter_map(|effect| match effect {
            Effect::Lock(_) => Some(true),
            Effect::Release => Some(false),
            _ => None,
        })
        .collect();
    assert_eq!(turns, [true, false, true]);
}

#[test]
fn a_step_that_may_be_turned_down_counts_as_a_read_when_it_is() {
    let tag = stepping("3", "newsletter from 2, dismissible | subscribe", &[]);
    let mut device = Device::new();
    device.read(&tag, "one");
    let mut view = device.read(&tag, "two");
    assert_eq!((surface(&view), device.stored()), ("newsletter", 1));
    assert_eq!(view.gate.as_ref().map(|gate| gate.texts.get("dismiss")), Some("Not now"));
    view.signal(&mut device, Signal::Closed { by_reader: false });
    assert_eq!(surface(&view), "newsletter", "the host only closed the overlay");
    view.signal(&mut device, Signal::Closed { by_reader: true });
    assert_eq!((surface(&view), reason(&view), view.overlay), ("", (true, "DISMISSED"), false));
    assert_eq!(device.stored(), 1, "not before it is read");
    view.signal(&mut device, Signal::Engaged);
    assert_eq!(device.stored(), 2);
    assert_eq!(surface(&device.read(&tag, "two")), "", "read before");
    let hard = device.read(&seed("2"), "three");
    assert_eq!(hard.gate.as_ref().map(|gate| gate.texts.get("dismiss")), Some(""));
}

#[test]
fn a_step_shows_no_more_often_than_it_may() {
    let tag = stepping("9", "newsletter from 1, dismissible, 2/week | subscribe", &[]);
    let mut device = Device::new();
    let mut shown = 0;
    for slug in ["a", "b", "c", "d"] {
        let mut view = device.read(&tag, slug);
        shown += usize::from(surface(&view) == "newsletter");
        view.signal(&mut device, Signal::Closed { by_reader: true });
        device.clock += DAY;
    }
    assert_eq!(shown, 2);
    device.clock += 4 * DAY;
    assert_eq!(surface(&device.read(&tag, "e")), "newsletter", "a week after the first");
    // A reload shows it again without using it up.
    assert_eq!(surface(&device.read(&tag, "e")), "newsletter");
    // A subscription that is capped lets the reader pass, and counts.
    let tag = stepping("0", "subscribe 1/day", &[]);
    let mut device = Device::new();
    assert_eq!(surface(&device.read(&tag, "a")), "subscribe");
    let passed = device.read(&tag, "b");
    assert_eq!((surface(&passed), reason(&passed)), ("", (true, "DISMISSED")));
}

#[test]
fn a_key_of_a_day_under_a_windows_own_period_does_not_keep_the_page_listing() {
    let tag = seed_with("2", &[("period", "7d"), ("window", "first-view")]);
    let mut device = Device::new();
    // No key of ours has this shape, but any bytes are safe. It is over as of now, and long enough ago to be no read's.
    let over = Window { cut: Cut::FirstView, unit: Unit::Day, days: 7, week_start: 0 };
    let name = over.period(START - 7 * 1440).name();
    device.storage.insert(format!("tollgate1:meridian:r:{name}:AAAAAAAAAAAAAAAA:.notice"), "0".to_owned());
    let view = device.read(&tag, "one");
    assert_eq!((view.count(|effect| matches!(effect, Effect::List(_))), device.stored()), (1, 2));
}
