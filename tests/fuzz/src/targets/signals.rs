//! Whole page views: any signals in any order into the machine, with a storage that answers honestly or not.

use super::keys;
use super::setting::{self, Around};
use crate::source::Source;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use tollgate::access::entitlement::{Entitlement, Served, Tier};
use tollgate::config::{Config, Diagnostic, Settings};
use tollgate::machine::{Content, Effect, Machine, Now, Page, Signal};
use tollgate::meter::ledger::{PREFIX, Reads};
use tollgate::meter::period::Moment;
use tollgate::meter::policy::SURFACES;
use tollgate::text::source as languages;
use tollgate::view::View;

/// How long a host may take, in milliseconds, and how long a dwell may be: no wait is longer.
const LONGEST_WAIT: i64 = 600_000;

/// What a clock may show, in milliseconds: 1973 to 9987. The shell takes any other for the module's build.
const YEARS: std::ops::Range<i64> = 94_694_400_000..253_000_000_000_000;

/// Tags that reach every rule; a few page views have any other one.
const TAGS: [&[(&str, &str)]; 11] = [
    &[],
    &[("limit", "1")],
    &[("limit", "0"), ("window", "rolling"), ("period", "7d")],
    &[("limit", "2"), ("window", "first-view"), ("period", "day"), ("dwell", "0")],
    &[
        ("limit", "2"),
        ("window", "rolling"),
        ("period", "30d"),
        ("meters", "opinion: 1 | local [city]: 2 | all [*]: 3"),
    ],
    &[(
        "steps",
        "notice from 1, 1/day | newsletter from 2, dismissible, 2/week | register from 3, 1/month | subscribe",
    )],
    &[
        ("period", "day"),
        ("paths", "/world/*: locked | *: free"),
        ("free-referrers", "search | ref=friends"),
        ("referrer-limit", "1"),
    ],
    &[
        ("steps", "newsletter from 1 dismissible"),
        ("period", "3d"),
        ("registered-limit", "5"),
        ("free-referrers", "search"),
    ],
    &[
        ("locale", "de"),
        ("steps", "newsletter from 1 hard | subscribe hard, dismissible"),
        ("wait-for", "#banner"),
    ],
    &[("preview", "overlay"), ("steps", "subscribe dismissible, 1/day"), ("locale", "pt-BR")],
    &[("preview", "notice"), ("textLeft", "{left} | {left} more {nothing"), ("plan-style", "buttons")],
];

thread_local! {
    /// The tags' configurations, read once.
    static CONFIGS: RefCell<Vec<&'static Config>> = RefCell::new(TAGS.iter().map(|tag| &*Box::leak(Box::new(configured(tag)))).collect());
}

fn configured(tag: &[(&str, &str)]) -> Config {
    let always = [
        ("site", "meridian"),
        ("subscribe-url", "/subscribe?plan={plan}"),
        ("newsletter-url", "/letter"),
        ("register-url", "/register"),
        ("plans", "Trial: 30d free then 2.90/month | Year: 19.90/year"),
    ];
    let entries = always.iter().chain(tag).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut settings = Settings::default();
    settings.add_attributes(entries.collect());
    Around::of(&mut Source::of(&[])).read(settings).0
}

/// One page view.
pub(super) fn run(bytes: &[u8]) {
    let mut source = Source::of(bytes);
    let nth = source.below(12);
    if let Some(config) = CONFIGS.with_borrow(|configs| configs.get(nth).copied()) {
        view(config, Vec::new(), &mut source);
        return;
    }
    let around = Around::of(&mut source);
    let mut settings = Settings::default();
    settings.add_attributes(source.list(6, |source| {
        let (name, attribute) = setting::name(source);
        (name, setting::value(source, attribute))
    }));
    let (config, diagnostics) = around.read(settings);
    view(&config, diagnostics, &mut source);
}

fn page(source: &mut Source<'_>) -> Page {
    let around = Around::of(source);
    Page {
        address: around.address,
        canonical: source.like(&["", "https://news.example/story", "https://other.example/"]),
        declared: source.pick(&["", "story", " "]).to_owned(),
        rule: around.rule,
        sections: around.sections,
        referrer: around.referrer,
        content: source.pick(&[
            Content::Chosen,
            Content::Chosen,
            Content::Chosen,
            Content::ArticleBody,
            Content::Article,
            Content::Main,
            Content::Missing,
            Content::Refused,
            Content::Invalid,
        ]),
        says_article: source.once_in(2),
        prose: source.pick(&[0, 599, 600, u32::MAX]),
        follows: source.once_in(4),
    }
}

/// What has become of the page so far, by the effects.
#[derive(Default)]
struct Shown {
    locked: bool,
    /// Whether the gate stands where the text was cut.
    gated: bool,
    noticed: bool,
    open: bool,
    /// Whether the last thing the host said is that this reader may read.
    entitled: bool,
    /// Whether the meter has granted, and nothing has ended that since.
    granted: bool,
}

fn view(config: &Config, diagnostics: Vec<Diagnostic>, source: &mut Source<'_>) {
    let mut machine = Machine::new(config, diagnostics, page(source));
    if source.once_in(8) {
        machine = machine.beside(page(source));
    }
    let mut storage = BTreeMap::new();
    let mut shown = Shown::default();
    let zone = source.between(-6039, 6039);
    let mut now = Now {
        clock: Moment::from_milliseconds(1_795_435_200_000 + source.number() % 100_000_000_000),
        elapsed: 0,
        offset: source.pick(&[0, 60, -300, zone]),
    };
    let mut follow = Vec::new();
    for signal in [Signal::Started, Signal::Seen] {
        step(&mut machine, now, signal, &mut storage, &mut shown, &mut follow);
    }
    let mut left = 64;
    while left > 0 && (!source.is_empty() || !follow.is_empty()) {
        left -= 1;
        // What an effect asked for is mostly answered, and mostly at once.
        let signal = if !follow.is_empty() && source.below(8) < 7 {
            follow.remove(0)
        } else {
            let any = source.between(0, 1 << 40);
            let waits = source.pick(&[0, 1, 2999, 3000, 4000, 60_000, 86_400_000, any]);
            now.elapsed = now.elapsed.saturating_add(waits);
            let shows = now.clock.milliseconds().saturating_add(waits);
            let shows = if source.once_in(16) { shows.wrapping_sub(source.number()) } else { shows };
            now.clock = Moment::from_milliseconds(shows.clamp(YEARS.start, YEARS.end));
            any_signal(source, &machine, now)
        };
        let is_left = matches!(signal, Signal::Left);
        step(&mut machine, now, signal, &mut storage, &mut shown, &mut follow);
        if is_left {
            assert!(!shown.locked && !shown.noticed, "something shows of an article that is over");
            // A script turns the page to another article, or has removed it.
            if source.once_in(2) {
                machine = machine.beside(page(source));
                for signal in [Signal::Started, Signal::Seen] {
                    step(&mut machine, now, signal, &mut storage, &mut shown, &mut follow);
                }
            }
        }
    }
}

fn any_signal(source: &mut Source<'_>, machine: &Machine<'_>, now: Now) -> Signal {
    let config = machine.config();
    match source.below(18) {
        0..=2 => Signal::Woke,
        3 | 4 => Signal::Engaged,
        5 => Signal::Seen,
        6 => Signal::Hidden,
        7 => Signal::LedgerChanged,
        8 => Signal::AccessPending,
        9 => Signal::AccessUnknown,
        10 | 11 => Signal::AccessKnown(Entitlement {
            granted: source.once_in(3),
            reason: source.pick(&["", "SUBSCRIBER", "METERING", "LOCKED"]).to_owned(),
            tier: source.pick(&[Tier::Anonymous, Tier::Newsletter, Tier::Registered, Tier::Subscriber]),
            meter: if source.once_in(4) {
                Some(Served { reads: source.below(5) as u32, limit: source.below(5) as u32 })
            } else {
                None
            },
        }),
        12 => Signal::Closed { by_reader: source.once_in(2) },
        13 => Signal::Wanted,
        14 if source.once_in(4) => Signal::Left,
        14 => Signal::Forget,
        15 => match source.below(6) {
            0 => prepared(source),
            1 => Signal::Translated(texts(source)),
            2 => Signal::Obstructed(source.once_in(2)),
            3 => Signal::SignedUp,
            _ => Signal::Formatted(source.list(12, |source| source.pieces(2))),
        },
        // Nothing asks for a listing on a page that is no article.
        _ if machine.article().is_empty() => Signal::LedgerChanged,
        _ => {
            let local = now.local();
            let keys = source.list(24, |source| keys::key(source, &config.site, config.window, local));
            Signal::Listed(keys, [source.between(-6039, 6039), source.between(-6039, 6039)])
        }
    }
}

fn step(
    machine: &mut Machine<'_>,
    now: Now,
    signal: Signal,
    storage: &mut BTreeMap<String, String>,
    shown: &mut Shown,
    follow: &mut Vec<Signal>,
) {
    let listed = match &signal {
        Signal::Listed(keys, _) => keys.clone(),
        _ => Vec::new(),
    };
    match &signal {
        Signal::AccessKnown(entitlement) => {
            shown.entitled = entitlement.granted || entitlement.tier == Tier::Subscriber;
            shown.granted = false;
        }
        Signal::AccessPending | Signal::AccessUnknown => {
            shown.entitled = false;
            shown.granted = false;
        }
        // The host's time is up, or the reader is forgotten.
        Signal::Woke | Signal::Forget | Signal::Left => shown.granted = false,
        _ => {}
    }
    let is_listing = matches!(signal, Signal::Listed(..));
    let effects = machine.on(now, signal);
    // The shell answers at once: what asks again for what it was just told would never end.
    assert!(
        !is_listing || !effects.iter().any(|effect| matches!(effect, Effect::List(_))),
        "a listing asks for a listing"
    );
    let meters = machine.config().steps.len() + 8;
    assert!(effects.len() <= listed.len() + meters + 16, "{} effects", effects.len());
    for effect in effects {
        check(machine, now, &effect, &listed, shown);
        match effect {
            Effect::List(_) => {
                let prefix = machine.config().site.prefix();
                let keys = storage.keys().filter(|key: &&String| key.starts_with(&prefix)).cloned().collect();
                follow.push(Signal::Listed(keys, [now.offset; 2]));
            }
            Effect::Store { key, value } => {
                storage.entry(key).or_insert(value);
            }
            Effect::Remove(keys) => keys.iter().for_each(|key| drop(storage.remove(key))),
            Effect::RemoveAll => storage.clear(),
            Effect::Format { asked, .. } => {
                follow.push(Signal::Formatted(asked.into_iter().map(|request| request.number).collect()));
            }
            Effect::Prepare { .. } => follow.push(Signal::Prepared(at_hand())),
            Effect::Translate(_) => follow.push(Signal::Translated(String::new())),
            Effect::Watch(_) => follow.push(Signal::Obstructed(false)),
            Effect::Wake(_) => follow.push(Signal::Woke),
            _ => {}
        }
    }
    assert!(!shown.open || shown.gated, "the overlay is open over nothing");
    assert!(!(shown.locked && shown.noticed), "a gate and a notice at once");
    // A preview shows whoever reads.
    let is_preview = machine.config().preview.is_some();
    assert!(is_preview || !(shown.entitled && shown.locked), "a gate before a reader who may read");
}

fn check(machine: &Machine<'_>, now: Now, effect: &Effect, listed: &[String], shown: &mut Shown) {
    let config = machine.config();
    let prefix = config.site.prefix();
    match effect {
        Effect::List(_) | Effect::Store { .. } | Effect::Decided { .. } | Effect::Meter(_) => {
            assert!(!machine.article().is_empty(), "{effect:?} on a page that is no article");
            assert!(config.preview.is_none(), "{effect:?} in a preview");
        }
        _ => {}
    }
    match effect {
        Effect::Store { key, value } => {
            assert!(key.starts_with(&prefix) && prefix.starts_with(PREFIX), "{key:?} is not ours");
            assert!(i64::from_str_radix(value, 36).is_ok(), "{value:?}");
            let local = now.local();
            let reads = Reads::list(&config.site, config.window, local, std::slice::from_ref(key));
            // A clock that is set back far while the page is open leaves a first-view window ahead: the next listing stores its
            // reads as of now.
            assert!(
                reads.outdated.is_empty() || reads.ahead.len() == 1,
                "{key:?} is stored and outdated at {local}"
            );
            // The article's own, or one whose read was stored by a clock that was far ahead.
            let mark = key[prefix.len()..].split_once(':').map_or("", |(_, mark)| mark);
            let is_known = listed.iter().any(|listed| listed.ends_with(mark));
            assert!(is_known || mark.starts_with(machine.article()), "{key:?} is of another article");
        }
        Effect::Remove(keys) => {
            assert!(keys.len() <= 50);
            assert!(keys.iter().all(|key| key.starts_with(&prefix) && listed.contains(key)), "{keys:?}");
        }
        Effect::Wake(wait) => assert!((1..=LONGEST_WAIT).contains(wait), "waits {wait} ms"),
        Effect::Cut => {
            assert!(!shown.locked && !shown.noticed, "locked twice");
            assert!(!shown.granted, "the meter takes back a grant");
            shown.locked = true;
        }
        Effect::Lock(view) => {
            assert!(shown.locked && !shown.gated, "a gate where nothing is cut, or two");
            shown.gated = true;
            check_view(view, config);
        }
        Effect::Notice(view) => {
            assert!(!shown.locked && !shown.noticed, "noticed twice");
            shown.noticed = true;
            check_view(view, config);
        }
        Effect::Open => {
            assert!(shown.gated && !shown.open, "opened over nothing, or twice");
            shown.open = true;
        }
        Effect::Close { .. } => {
            assert!(shown.open, "closed what was not open");
            shown.open = false;
        }
        Effect::Release => {
            assert!(shown.locked || shown.noticed, "released what was free");
            shown.locked = false;
            shown.gated = false;
            shown.noticed = false;
        }
        Effect::Decided { granted, trace, .. } => {
            assert_eq!(*granted, !trace.decision.is_gate());
            shown.granted |= trace.decision.is_the_meters();
        }
        Effect::Meter(meter) => {
            assert!(meter.limit <= 1000 && meter.left() <= meter.limit);
            let name = machine.meter_name(meter);
            assert!(name.len() <= 32);
        }
        Effect::Prepare { due } => assert_eq!(*due, shown.locked, "a gate waits where a text is cut"),
        Effect::Warn(_) | Effect::List(_) | Effect::RemoveAll | Effect::Ready | Effect::Describe => {}
        Effect::Format { .. } | Effect::Translate(_) | Effect::Watch(_) => {}
    }
}

/// What came with what only a gate needs: the real thing, or nearly.
fn prepared(source: &mut Source<'_>) -> Signal {
    let at_hand = at_hand();
    Signal::Prepared(if source.once_in(4) { source.nearly(&at_hand) } else { at_hand })
}

fn at_hand() -> String {
    static AT_HAND: OnceLock<String> = OnceLock::new();
    AT_HAND.get_or_init(|| languages::at_hand(&["de", "pt-PT"]).expect("the English file")).clone()
}

/// Texts in another language, or what may come in their place.
fn texts(source: &mut Source<'_>) -> String {
    static ENGLISH: OnceLock<String> = OnceLock::new();
    let english = ENGLISH.get_or_init(|| languages::pack(languages::ENGLISH).expect("the English file"));
    match source.below(3) {
        0 => String::new(),
        1 => source.nearly(english),
        _ => english.clone(),
    }
}

fn check_view(view: &View, config: &Config) {
    assert!(SURFACES.contains(&view.texts.get("surface")));
    let shown = config.for_gate(&mut Vec::new());
    assert!(view.plans.len() <= shown.plans.len() && view.benefits.len() <= shown.benefits.len());
}
