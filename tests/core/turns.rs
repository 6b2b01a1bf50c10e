//! Pages that scripts turn into others without a load: what ends with an article, and what goes on.

use crate::device::{Device, Reading, nobody, prepared, seed, seed_with, subscriber};
use tollgate::machine::{Effect, Page, Signal};

fn decisions(view: &Reading) -> Vec<(bool, String)> {
    let decided = view.done.iter().filter_map(|effect| match effect {
        Effect::Decided { granted, reason, .. } => Some((*granted, reason.clone())),
        _ => None,
    });
    decided.collect()
}

#[test]
fn an_article_that_is_over_leaves_nothing_behind() {
    let settings = seed("0");
    let mut device = Device::new();
    let mut view = device.open(&settings, "one");
    view.begin(&mut device);
    assert!(view.gate.is_some() && view.overlay);
    view.signal(&mut device, Signal::Left);
    assert!(view.gate.is_none() && !view.overlay && !view.cut);
    // Whatever comes late is of no article.
    let before = view.done.len();
    for late in [
        Signal::Woke,
        Signal::Engaged,
        Signal::Seen,
        Signal::LedgerChanged,
        nobody(),
        prepared(),
        Signal::Wanted,
    ] {
        view.signal(&mut device, late);
    }
    assert_eq!(view.done[before..], [], "nothing follows");
    assert_eq!(device.stored(), 0);
}

#[test]
fn the_next_article_is_decided_by_itself_and_counts_by_itself() {
    let settings = seed("2");
    let mut device = Device::new();
    let mut view = device.read(&settings, "one");
    assert_eq!(device.stored(), 1);
    view.turn(&mut device, "two", Page::default());
    assert_eq!(device.stored(), 1, "turning the page is no reading");
    view.signal(&mut device, Signal::Engaged);
    assert_eq!(device.stored(), 2);
    view.turn(&mut device, "three", Page::default());
    assert!(view.gate.is_some());
    view.turn(&mut device, "one", Page::default());
    assert!(view.gate.is_none(), "read before");
    assert_eq!(view.count(|effect| *effect == Effect::Ready), 1, "ready once a load");
    let reasons = ["METERING", "METERING", "LIMIT_REACHED", "METERING"];
    assert_eq!(decisions(&view).iter().map(|(_, reason)| reason.as_str()).collect::<Vec<_>>(), reasons);
}

#[test]
fn who_reads_is_known_on_the_next_page_too() {
    let settings = seed("0");
    let mut device = Device::new();
    let mut view = device.open(&settings, "one");
    view.signal(&mut device, Signal::Started);
    view.signal(&mut device, subscriber());
    view.signal(&mut device, Signal::Seen);
    view.turn(&mut device, "two", Page::default());
    assert_eq!(view.count(|effect| *effect == Effect::Cut), 0, "a subscriber never sees a gate");
    // What is said while nothing is there to read holds too.
    view.signal(&mut device, Signal::Left);
    view.signal(&mut device, nobody());
    view.turn(&mut device, "three", Page::default());
    assert!(view.gate.is_some());
}

#[test]
fn an_article_that_a_script_makes_anew_keeps_what_its_reader_did() {
    let settings = seed("0");
    let mut device = Device::new();
    let mut view = device.open(&settings, "one");
    view.begin(&mut device);
    view.signal(&mut device, Signal::Closed { by_reader: true });
    view.turn(&mut device, "one", Page::default());
    assert!(view.gate.is_some() && !view.overlay, "the overlay that was closed stays closed");
    view.turn(&mut device, "two", Page::default());
    assert!(view.overlay, "another article's opens");
}

#[test]
fn structured_data_is_completed_for_what_may_be_gated() {
    let describes = |settings: &[(&str, &str)], page: Page| {
        let settings = seed_with("1", settings);
        let mut device = Device::new();
        let mut view = device.open_page(&settings, "one", page);
        view.signal(&mut device, Signal::Started);
        view.count(|effect| *effect == Effect::Describe)
    };
    assert_eq!(describes(&[("structured-data", "add")], Page::default()), 1);
    assert_eq!(describes(&[], Page::default()), 0);
    assert_eq!(describes(&[("structured-data", "add")], Page { rule: "free".into(), ..Page::default() }), 0);
}
