//! What the gate's surfaces say and when they may show: languages, the publisher's own texts, steps that stay, previews, what no overlay may
//! cover, the sign-up for the newsletter.

use crate::device::{DAY, Device, NOVEMBER, of_tier, prepared, seed, seed_with, settings, subscriber};
use tollgate::access::entitlement::Tier;
use tollgate::config::{Config, Surroundings};
use tollgate::machine::{Effect, Machine, Now, Page, Signal};
use tollgate::meter::period::Moment;

fn is_prepare(effect: &Effect) -> bool {
    matches!(effect, Effect::Prepare { .. })
}

/// A device whose reader has used up one free article.
fn used_up() -> Device {
    let mut device = Device::new();
    device.read(&seed("1"), "first");
    device
}

#[test]
fn a_gate_speaks_the_pages_language() {
    let mut device = used_up();
    device.language = "de-AT";
    let view = device.read(&seed("1"), "second");
    let gate = view.gate.expect("a gate");
    assert_eq!(gate.texts.get("language"), "de");
    assert_eq!(gate.texts.get("direction"), "ltr");
    assert!(gate.texts.get("headline").contains("diesen Monat"), "{}", gate.texts.get("headline"));
    // `Intl` is asked for the reader's own German.
    let asked = view.done.iter().find_map(|effect| match effect {
        Effect::Format { language, locale, .. } => Some((language.as_str(), locale.as_str())),
        _ => None,
    });
    assert_eq!(asked, Some(("de-AT", "de-AT")));
}

#[test]
fn a_language_that_cannot_be_had_is_english() {
    let mut device = used_up();
    device.language = "tlh";
    let view = device.read(&seed("1"), "second");
    assert_eq!(view.gate.as_ref().expect("a gate").texts.get("language"), "en");
    assert_eq!(view.count(|effect| matches!(effect, Effect::Translate(_))), 0);
}

#[test]
fn texts_are_the_publishers_where_they_are_set() {
    let mut device = used_up();
    let own = seed_with(
        "1",
        &[
            ("textHeadline", "That was {limit} | Those were {limit}"),
            ("textOffer", "Join us, friend of {publication}"),
        ],
    );
    let view = device.read(&own, "second");
    let gate = view.gate.expect("a gate");
    assert_eq!(gate.texts.get("headline"), "That was one");
    assert_eq!(gate.texts.get("offer"), "Join us, friend of The Meridian");
}

#[test]
fn a_text_that_a_template_left_empty_is_ours() {
    let own = [("textClose", ""), ("textHeadline", " | Enough"), ("textOffer", "Join us |")];
    let gate = used_up().read(&seed_with("1", &own), "second").gate.expect("a gate");
    assert_eq!(gate.texts.get("close"), "Close");
    assert_eq!(gate.texts.get("headline"), "");
    assert_eq!(gate.texts.get("offer"), "Join us");
}

#[test]
fn a_text_for_no_message_is_named() {
    let mut device = used_up();
    let view = device.read(&seed_with("1", &[("textHeadlin", "Oh")]), "second");
    let lines: Vec<String> = view
        .done
        .iter()
        .filter_map(|effect| match effect {
            Effect::Warn(diagnostics) => Some(diagnostics.iter().map(|one| one.line()).collect::<Vec<_>>()),
            _ => None,
        })
        .flatten()
        .collect();
    assert_eq!(lines, ["data-text=\"headlin\": unknown-text"]);
}

#[test]
fn a_gate_says_when_there_is_more_to_read() {
    let view = used_up().read(&seed("1"), "second");
    let december = 29_934_720;
    assert_eq!(view.gate.expect("a gate").texts.get("freeAgain"), format!("Free again on minute {december}"));
    let of_none = Device::new().read(&seed("0"), "first");
    assert_eq!(of_none.gate.expect("a gate").texts.get("freeAgain"), "");
}

#[test]
fn what_only_changes_the_day_of_the_next_free_read_changes_no_gate() {
    let mut device = Device::new();
    let tag = seed_with(
        "3",
        &[
            ("steps", "newsletter from 1 | subscribe"),
            ("newsletter-url", "/letters"),
            ("window", "rolling"),
            ("period", "7d"),
        ],
    );
    let mut view = device.read(&tag, "first");
    assert_eq!(view.count(|effect| matches!(effect, Effect::Lock(_))), 1);
    // Another tab counts a read, by a reader with the newsletter.
    device.storage.insert("tollgate1:meridian:r:htdg0.7d:AAAAAAAAAAAAAAAA".into(), "htdg0".into());
    view.signal(&mut device, Signal::LedgerChanged);
    assert_eq!(view.count(|effect| matches!(effect, Effect::Lock(_))), 1, "the form keeps what was typed");
}

#[test]
fn a_notice_that_is_no_longer_due_when_its_texts_come_does_not_show() {
    let mut device = Device::new();
    device.is_slow = true;
    let mut view = device.read(&seed_with("1", &[("registered-limit", "9")]), "first");
    assert_eq!(view.count(is_prepare), 1);
    view.signal(&mut device, of_tier(Tier::Registered));
    view.signal(&mut device, prepared());
    assert!(view.notice.is_none());
}

#[test]
fn a_preview_stays_when_the_reader_is_forgotten() {
    let mut device = Device::new();
    device.is_slow = true;
    let mut view = device.read(&seed_with("3", &[("preview", "overlay")]), "first");
    view.signal(&mut device, Signal::Forget);
    view.signal(&mut device, prepared());
    assert!(view.gate.is_some() && view.overlay);
}

#[test]
fn a_step_that_stays_has_ways_out() {
    let hard = |steps| {
        let view = used_up().read(&seed_with("1", &[("steps", steps)]), "second");
        let texts = view.gate.expect("a gate").texts;
        ["close", "goBack", "home", "homeAddress", "dismiss"].map(|name| texts.get(name).to_owned())
    };
    assert_eq!(hard("subscribe hard"), ["", "Go back", "Go to the home page", "https://news.example/", ""]);
    assert_eq!(hard("subscribe"), ["Close", "", "", "https://news.example/", ""]);
    // What may be turned down does not stay.
    assert_eq!(hard("subscribe hard, dismissible"), ["Close", "", "", "https://news.example/", "Not now"]);
}

#[test]
fn plans_have_a_month_s_price_and_one_is_chosen() {
    let plans = "Monthly: 2.90/month | *Annual access: 19.90/year";
    let tag =
        [("limit", "1"), ("currency", "USD"), ("subscribe-url", "/subscribe?plan={plan}"), ("plans", plans)];
    let view = used_up().read(&settings(&[&[("site", "meridian")], &tag[..]].concat()), "second");
    let gate = view.gate.expect("a gate");
    let of = |name: &str| gate.plans.iter().map(|plan| plan.get(name).to_owned()).collect::<Vec<_>>();
    assert_eq!(of("monthly"), ["", "$1.66 per month"]);
    assert_eq!(of("chosen"), ["", "chosen"]);
    assert_eq!(of("choose"), ["Choose Monthly", "Choose Annual access"]);
    assert!(gate.texts.get("address").contains("plan=annual-access"), "{}", gate.texts.get("address"));
}

#[test]
fn a_preview_shows_counts_and_stores_nothing() {
    for (surface, opens, is_gate) in [
        ("overlay", true, true),
        ("inline", false, true),
        ("notice", false, false),
        ("newsletter", true, true),
        ("register", true, true),
    ] {
        let mut device = Device::new();
        let tag = seed_with(
            "3",
            &[("preview", surface), ("newsletter-url", "/letters"), ("register-url", "/register")],
        );
        let mut view = device.read(&tag, "first");
        assert_eq!(
            (view.overlay, view.gate.is_some(), view.notice.is_some()),
            (opens, is_gate, !is_gate),
            "{surface}"
        );
        let shown = view.gate.as_ref().or(view.notice.as_ref()).expect("a view");
        assert_eq!(shown.texts.get("preview"), "Preview", "{surface}");
        assert_eq!(view.cut, is_gate, "{surface}");
        view.wait(&mut device, 60_000);
        view.signal(&mut device, Signal::LedgerChanged);
        view.signal(&mut device, Signal::SignedUp);
        view.signal(&mut device, subscriber());
        assert_eq!(device.stored(), 0, "{surface}");
        let decisions =
            |effect: &Effect| matches!(effect, Effect::Decided { .. } | Effect::Meter(_) | Effect::List(_));
        assert_eq!(view.count(decisions), 0, "{surface}");
    }
}

#[test]
fn no_overlay_opens_over_what_may_not_be_covered() {
    let mut device = used_up();
    device.is_obstructed = true;
    let mut view = device.read(&seed("1"), "second");
    assert!(view.gate.is_some() && !view.overlay, "the text is locked, and nothing covered");
    view.signal(&mut device, Signal::Wanted);
    assert!(!view.overlay, "not even when it is wanted");
    view.signal(&mut device, Signal::Obstructed(false));
    assert!(view.overlay);
    // A banner that comes later closes it, and it comes back.
    view.signal(&mut device, Signal::Obstructed(true));
    assert!(!view.overlay && view.gate.is_some());
    view.signal(&mut device, Signal::Obstructed(false));
    assert!(view.overlay);
    // What the reader closed stays closed.
    view.signal(&mut device, Signal::Closed { by_reader: true });
    view.signal(&mut device, Signal::Obstructed(true));
    view.signal(&mut device, Signal::Obstructed(false));
    assert!(!view.overlay);
    view.signal(&mut device, subscriber());
    assert!(!view.cut);
}

#[test]
fn what_waited_is_gone_with_its_gate() {
    let mut device = used_up();
    device.is_obstructed = true;
    let mut view = device.read(&seed("1"), "second");
    view.signal(&mut device, subscriber());
    view.signal(&mut device, Signal::Obstructed(false));
    assert!(!view.overlay && view.gate.is_none());
}

#[test]
fn a_sign_up_reads_on_and_is_remembered() {
    let mut device = Device::new();
    let tag = seed_with("3", &[("steps", "newsletter from 1 | subscribe"), ("newsletter-url", "/letters")]);
    let mut view = device.read(&tag, "first");
    assert_eq!(view.gate.as_ref().expect("a gate").texts.get("email"), "Email address");
    view.signal(&mut device, Signal::SignedUp);
    assert!(view.gate.is_none() && !view.cut);
    let marks = |device: &Device| device.storage.keys().filter(|key| key.ends_with(":.signed-up")).count();
    assert_eq!(marks(&device), 1);
    // On every day that the reader comes back it is remembered for 31 more.
    for days in [20, 20, 20] {
        device.clock += days * DAY;
        let view = device.read(&tag, "second");
        assert!(view.gate.is_none(), "after {days} more days");
    }
    device.clock += 40 * DAY;
    assert!(device.read(&tag, "third").gate.is_some(), "forgotten");
    // No read, and no article's.
    assert!(device.storage.keys().all(|key| !key.contains("example")));
}

#[test]
fn a_sign_up_on_a_page_that_is_no_article_leaves_no_mark() {
    let tag = settings(&[("site", "meridian"), ("subscribe-url", "/join")]);
    let (config, diagnostics) = Config::read(tag, &Surroundings::default());
    let mut machine = Machine::new(&config, diagnostics, Page::default());
    let now = Now { clock: Moment::from_milliseconds(NOVEMBER), elapsed: 0, offset: 0 };
    for signal in [Signal::Started, Signal::Seen, Signal::SignedUp] {
        let effects = machine.on(now, signal);
        assert!(
            !effects.iter().any(|effect| matches!(effect, Effect::Store { .. } | Effect::List(_))),
            "{effects:?}"
        );
    }
}

#[test]
fn another_tier_is_asked_for_anew_in_its_language() {
    let mut device = used_up();
    device.language = "de";
    device.is_slow = true;
    let mut view = device.read(&seed("1"), "second");
    assert_eq!(view.count(is_prepare), 1);
    view.signal(&mut device, prepared());
    assert!(view.gate.is_some());
    view.signal(&mut device, Signal::Forget);
    assert!(view.gate.is_none());
}
