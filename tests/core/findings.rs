//! What a review of the rules found: one test for each finding that was mended.

use crate::device::{DAY, Device, Reading, nobody, of_tier, seed, seed_with, settings, subscriber};
use tollgate::access::entitlement::Tier;
use tollgate::machine::{Effect, Page, Signal};

fn surface(view: &Reading) -> &str {
    view.gate.as_ref().or(view.notice.as_ref()).map_or("", |view| view.texts.get("surface"))
}
fn stores(view: &Reading) -> usize {
    view.count(|e| matches!(e, Effect::Store { .. }))
}
fn trace(view: &Reading) -> tollgate::machine::Trace {
    view.done
        .iter()
        .rev()
        .find_map(|e| match e {
            Effect::Decided { trace, .. } => Some(*trace),
            _ => None,
        })
        .expect("decided")
}

#[test]
fn a_pending_entitlement_is_uncounted() {
    let mut device = Device::new();
    let mut view = device.open(&seed("1"), "one");
    view.begin(&mut device);
    view.signal(&mut device, Signal::AccessPending);
    view.signal(&mut device, Signal::Engaged);
    assert_eq!(device.stored(), 0, "counted while pending");
}

#[test]
fn read_before_in_the_last_period_is_counted_only_when_read_on() {
    for window in ["calendar", "rolling", "first-view"] {
        let tag = seed_with("1", &[("period", "1d"), ("window", window)]);
        let mut device = Device::new();
        device.read(&tag, "one");
        let mut view = device.read(&tag, "one");
        assert_eq!(stores(&view), 0);
        view.signal(&mut device, Signal::Hidden);
        device.clock += 2 * DAY;
        view.signal(&mut device, Signal::Seen);
        assert_eq!(stores(&view), 0, "{window}: counted by being shown");
    }
}

#[test]
fn a_referred_read_becomes_no_meter_read() {
    for host in [subscriber(), Signal::AccessUnknown] {
        let tag = seed_with("1", &[("free-referrers", "search")]);
        let mut device = Device::new();
        let page = Page { referrer: "https://www.google.com/".into(), ..Page::default() };
        let mut view = device.read_page(&tag, "a", page);
        assert_eq!(device.stored(), 1);
        view.signal(&mut device, host);
        view.signal(&mut device, Signal::LedgerChanged);
        assert_eq!(device.stored(), 1, "{:?}", device.storage);
    }
}

#[test]
fn a_higher_limit_opens_only_as_many_of_a_feed() {
    let tag = seed_with("1", &[("newsletter-limit", "2")]);
    let mut device = Device::new();
    device.read(&tag, "zero");
    let mut first = device.open(&tag, "one");
    first.begin(&mut device);
    let mut views = vec![first];
    for slug in ["two", "three", "four"] {
        let mut next = views[0].beside(slug, Page::default());
        let last = views.last_mut().unwrap();
        last.signal(&mut device, Signal::Hidden);
        next.signal(&mut device, Signal::Seen);
        views.push(next);
    }
    assert!(views.iter().all(|view| view.gate.is_some()));
    for view in &mut views {
        view.signal(&mut device, Signal::Hidden);
        view.signal(&mut device, of_tier(Tier::Newsletter));
    }
    let mut open = 0;
    // The reader scrolls through all.
    for view in &mut views {
        view.signal(&mut device, Signal::Seen);
        view.signal(&mut device, Signal::Engaged);
        view.signal(&mut device, Signal::Hidden);
        open += usize::from(view.gate.is_none());
    }
    assert_eq!((open, device.stored()), (1, 2));
}

#[test]
fn without_a_subscribe_address_nothing_is_gated() {
    let tag = settings(&[
        ("site", "meridian"),
        ("content", "article"),
        ("limit", "3"),
        ("steps", "newsletter from 1"),
        ("newsletter-url", "/n"),
    ]);
    let mut device = Device::new();
    let view = device.read(&tag, "one");
    assert_eq!(surface(&view), "");
}

#[test]
fn a_gate_says_the_limit_of_the_tier() {
    let tag = seed_with("1", &[("newsletter-limit", "2")]);
    let mut device = Device::new();
    device.read(&tag, "one");
    let mut two = device.open(&tag, "two");
    two.signal(&mut device, of_tier(Tier::Newsletter));
    two.begin(&mut device);
    two.signal(&mut device, Signal::Engaged);
    assert_eq!(device.stored(), 2);
    let mut view = device.read(&tag, "three");
    view.signal(&mut device, of_tier(Tier::Newsletter));
    println!("{}", view.gate.as_ref().unwrap().texts.get("headline"));
    assert_eq!(trace(&view).tier, Tier::Newsletter, "explain");
    assert_eq!(
        view.gate.as_ref().unwrap().texts.get("headline"),
        "You’ve read your two free articles this month"
    );
}

#[test]
fn a_notice_of_another_tier_goes() {
    let tag = seed_with("1", &[("registered-limit", "5")]);
    let mut device = Device::new();
    let mut view = device.open(&tag, "one");
    view.begin(&mut device);
    assert_eq!(surface(&view), "notice");
    view.signal(&mut device, of_tier(Tier::Registered));
    assert_eq!(surface(&view), "", "{:?}", view.notice.as_ref().map(|n| n.texts.get("headline").to_owned()));
}

#[test]
fn a_locked_article_uses_up_no_step() {
    let tag = seed_with("0", &[("steps", "subscribe 1/day")]);
    let mut device = Device::new();
    device.read_page(&tag, "p", Page { rule: "locked".into(), ..Page::default() });
    assert_eq!(surface(&device.read(&tag, "a")), "subscribe");
}

#[test]
fn a_grant_of_the_meter_is_not_taken_back() {
    for between in [subscriber(), Signal::AccessUnknown] {
        let tag = seed("1");
        let mut device = Device::new();
        let mut view = device.open(&tag, "one");
        view.begin(&mut device);
        assert_eq!(trace(&view).decision.reason(), "METERING");
        view.signal(&mut device, between);
        device.read(&tag, "two");
        view.signal(&mut device, Signal::LedgerChanged);
        view.signal(&mut device, nobody());
        assert!(view.gate.is_none());
    }
}

#[test]
fn nothing_is_put_up_while_pending() {
    let tag = seed_with("2", &[("steps", "newsletter from 2 | subscribe"), ("newsletter-url", "/n")]);
    let mut device = Device::new();
    device.read(&tag, "one");
    let mut view = device.read(&tag, "two");
    assert_eq!(surface(&view), "newsletter");
    view.signal(&mut device, Signal::Closed { by_reader: true });
    view.signal(&mut device, Signal::AccessPending);
    let mut other = device.open(&tag, "three");
    other.signal(&mut device, of_tier(Tier::Newsletter));
    other.begin(&mut device);
    other.signal(&mut device, Signal::Engaged);
    view.signal(&mut device, Signal::LedgerChanged);
    assert_eq!((surface(&view), view.overlay), ("newsletter", false));
}

#[test]
fn ready_once() {
    let mut device = Device::new();
    let mut view = device.read(&seed("1"), "one");
    view.signal(&mut device, Signal::Forget);
    assert_eq!(view.count(|e| matches!(e, Effect::Ready)), 1);
}

#[test]
fn reading_on_a_dismissed_gate_of_a_hidden_feed_article() {
    // forget in a feed
    let tag = seed("1");
    let mut device = Device::new();
    device.read(&tag, "zero");
    let mut first = device.read(&tag, "one");
    let mut second = first.beside("two", Page::default());
    first.signal(&mut device, Signal::Closed { by_reader: false });
    first.signal(&mut device, Signal::Hidden);
    second.signal(&mut device, Signal::Seen);
    assert!(first.gate.is_some() && second.gate.is_some());
    first.signal(&mut device, Signal::Forget);
    second.signal(&mut device, Signal::Forget);
    assert!(second.gate.is_none());
    // The hidden one is told of a tier before it is seen.
    first.signal(&mut device, nobody());
    println!("first gated after forget: {} overlay {}", first.gate.is_some(), first.overlay);
    assert!(first.gate.is_none() || !first.overlay);
}

#[test]
fn json_sections_may_be_a_list() {
    use tollgate::config::{Config, Says, Settings, Surroundings};
    let mut s = Settings::default();
    let e = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    s.add_json(vec![
        e(".", "map"),
        e("meters.", "list"),
        e("meters.0.", "map"),
        e("meters.0.name", "Local"),
        e("meters.0.sections.", "list"),
        e("meters.0.sections.0", "city"),
        e("meters.0.limit", "5"),
    ]);
    let (config, mut d) = Config::read(s, &Surroundings::default());
    let terms = config.terms(&Says { sections: "city", ..Says::default() }, &mut d);
    println!("{terms:?} {d:?}");
    assert!(terms.meters.len() == 1 || !d.is_empty(), "neither read nor reported");
}

#[test]
fn campaign_of_the_page_is_not_of_its_further_articles() {
    let tag = seed_with("1", &[("free-referrers", "newsletter")]);
    let mut device = Device::new();
    let first = device.read(&tag, "a?utm_medium=email");
    // What `fact` 0 gives for an element with data-tollgate-id and no address of its own.
    let mut next = first.beside("a?utm_medium=email", Page { declared: "b".into(), ..Page::default() });
    next.signal(&mut device, Signal::Seen);
    assert_eq!(trace(&next).decision.reason(), "METERING");
}

#[test]
fn far_ahead_reads_behind_many_outdated_keys() {
    let tag = seed_with("1", &[("period", "30d"), ("window", "first-view")]);
    let mut device = Device::new();
    device.clock += 29 * DAY;
    device.read(&tag, "one");
    device.clock -= 29 * DAY;
    for n in 0..60 {
        device
            .storage
            .insert(format!("tollgate1:meridian:r:2020-0{}:AAAAAAAAAAAAAA{:02}", 1 + n % 9, n), "0".into());
    }
    let view = device.read(&tag, "two");
    let m = view.meter().unwrap();
    println!("{:?} resets in days {:?}", m, m.resets.map(|r| (r.milliseconds() - device.clock) / DAY));
    assert!(m.resets.unwrap().milliseconds() - device.clock <= 30 * DAY);
}

#[test]
fn different_section_names_are_different_meters() {
    let tag = seed_with("9", &[("meters", "Économie: 1 | Conomie!: 1 | 経済 a: 1 | 政治 a: 1")]);
    let mut device = Device::new();
    device.read_page(&tag, "x", Page { sections: "経済 a".into(), ..Page::default() });
    let v = device.read_page(&tag, "y", Page { sections: "政治 a".into(), ..Page::default() });
    assert_eq!(surface(&v), "notice", "{:?}", device.storage);
}
#[test]
fn steps_on_several_lines() {
    let tag = seed_with(
        "5",
        &[("newsletter-url", "/n"), ("steps", "newsletter from 1,\n  dismissible\n | subscribe")],
    );
    let mut device = Device::new();
    let v = device.read(&tag, "y");
    println!("{:?}", v.done.first());
    assert_eq!(surface(&v), "newsletter");
}
#[test]
fn a_locked_path_in_another_spelling() {
    let tag = seed_with("5", &[("paths", "/premium/*: locked")]);
    let mut device = Device::new();
    let v = device.read(&tag, "%70remium/x");
    assert_eq!(trace(&v).decision.reason(), "LOCKED");
}
