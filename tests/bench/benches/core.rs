//! The core in numbers: a listing and a decision by how many keys there are, the signals of one page view by window, an
//! article's key and hash. `cargo xtask bench` puts what this measures into one table.

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::Duration;
use tollgate::article::{self, Addresses};
use tollgate::config::{Config, Settings, Surroundings};
use tollgate::machine::{Content, Effect, Machine, Now, Page, Signal};
use tollgate::meter::ledger::Reads;
use tollgate::meter::period::Moment;
use tollgate::text::source;

/// How many keys are in the area, and how many of them are ours.
const AREAS: [usize; 3] = [10, 1000, 100_000];
const OURS: usize = 5;
/// How many keys are ours, where all are.
const OWN: [usize; 3] = [10, 100, 1000];
/// The windows, each with its period.
const WINDOWS: [(&str, &str); 3] = [("calendar", "month"), ("rolling", "30d"), ("first-view", "30d")];
/// The article that is read.
const ADDRESS: &str = "https://news.example/2026/frogs?utm_source=x&p=2";

/// The seed's tag with this window and limit.
fn config(window: (&str, &str), limit: &str) -> Config {
    let tag = [
        ("site", "meridian"),
        ("publication", "The Meridian"),
        ("limit", limit),
        ("window", window.0),
        ("period", window.1),
        ("plans", "Free trial: 30d free then 2.90/month | Annual access [best value]: 19.90/year"),
        (
            "benefits",
            "Exclusive coverage | Ad-free reading [new] | Weekly magazine [new] | 9 newsletters | The archive",
        ),
        ("subscribe-url", "/subscribe?plan={plan}&return={return_url}"),
        ("login-url", "/login?return={return_url}"),
    ];
    let mut settings = Settings::default();
    settings.add_attributes(tag.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    let around =
        Surroundings { address: ADDRESS, host: "news.example", language: "en", site_name: "The Example" };
    Config::read(settings, &around).0
}

/// 2026-11-23T12:00Z, some milliseconds after the page opened.
fn now(elapsed: i64) -> Now {
    Now { clock: Moment::from_milliseconds(1_795_435_200_000 + elapsed), elapsed, offset: 0 }
}

fn page() -> Page {
    Page { address: ADDRESS.to_owned(), content: Content::Chosen, ..Page::default() }
}

/// So many keys of ours, of reads in the last hours, each of another article.
fn ours(config: &Config, count: usize) -> Vec<String> {
    let local = now(0).local();
    let key = |nth: usize| {
        let article = article::hash("meridian", &nth.to_string());
        // A first-view window is shared: its reads have one beginning.
        let ago = if config.window.is_shared() { 60 } else { nth as i64 % 1000 };
        config.site.key(config.window.period(local - ago), &article)
    };
    (0..count).map(key).collect()
}

/// An area of so many keys, of which a few are ours, evenly spread.
fn area(config: &Config, count: usize) -> Vec<String> {
    let mut keys: Vec<String> = (0..count).map(|nth| format!("ads:frequency:{nth:08}:campaign")).collect();
    for (nth, key) in ours(config, OURS).into_iter().enumerate() {
        keys[nth * count / OURS] = key;
    }
    keys
}

/// A machine that has seen the page and takes this listing next.
fn seen(config: &Config) -> Machine<'_> {
    let mut machine = Machine::new(config, Vec::new(), page());
    let _ = machine.on(now(0), Signal::Started);
    let _ = machine.on(now(0), Signal::Seen);
    machine
}

/// A page view from its start: as far as the read is stored, or the text is locked.
fn page_view(config: &Config, keys: Vec<String>) -> usize {
    let mut machine = seen(config);
    let mut effects = machine.on(now(1), Signal::Listed(keys, [0; 2]));
    effects.extend(machine.on(now(2), Signal::Engaged));
    if effects.iter().any(|effect| matches!(effect, Effect::Prepare { .. })) {
        let at_hand = source::at_hand(&[]).expect("the English file");
        effects.extend(machine.on(now(2), Signal::Prepared(at_hand)));
    }
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Format { asked, .. } => Some(asked.iter().map(|request| request.number.clone()).collect()),
        _ => None,
    });
    if let Some(answers) = asked {
        effects.extend(machine.on(now(3), Signal::Formatted(answers)));
    }
    let ends = |effect: &Effect| matches!(effect, Effect::Store { .. } | Effect::Lock(_));
    assert!(effects.iter().any(ends), "neither stored nor locked");
    effects.len()
}

fn of_areas(criterion: &mut Criterion) {
    let config = config(WINDOWS[0], "10");
    let local = now(0).local();
    let mut listing = criterion.benchmark_group("listing");
    let list = |keys: &Vec<String>| Reads::list(&config.site, config.window, local, black_box(keys));
    for count in AREAS {
        let keys = area(&config, count);
        listing.bench_function(BenchmarkId::new("area", count), |bencher| bencher.iter(|| list(&keys)));
        // As src/browser/storage.rs does it: what is not ours stays in JavaScript.
        let prefix = config.site.prefix();
        let filtered: Vec<String> = keys.into_iter().filter(|key| key.starts_with(&prefix)).collect();
        assert_eq!(filtered.len(), OURS);
        listing
            .bench_function(BenchmarkId::new("filtered", count), |bencher| bencher.iter(|| list(&filtered)));
    }
    listing.finish();

    let mut decision = criterion.benchmark_group("decision");
    for count in AREAS {
        let mut machine = seen(&config);
        let _ = machine.on(now(1), Signal::Listed(area(&config, count), [0; 2]));
        decision.bench_function(BenchmarkId::new("area", count), |bencher| {
            bencher.iter(|| machine.on(now(2), Signal::Woke));
        });
    }
    decision.finish();
}

fn of_our_keys(criterion: &mut Criterion) {
    let mut own = criterion.benchmark_group("own");
    for window in WINDOWS {
        let config = config(window, "3");
        let local = now(0).local();
        for count in OWN {
            let keys = ours(&config, count);
            own.bench_function(BenchmarkId::new(format!("listing {}", window.0), count), |bencher| {
                bencher.iter(|| Reads::list(&config.site, config.window, local, black_box(&keys)));
            });
            let mut machine = seen(&config);
            let _ = machine.on(now(1), Signal::Listed(keys, [0; 2]));
            own.bench_function(BenchmarkId::new(format!("decision {}", window.0), count), |bencher| {
                bencher.iter(|| machine.on(now(2), Signal::Woke));
            });
        }
    }
    own.finish();
}

fn of_page_views(criterion: &mut Criterion) {
    let mut view = criterion.benchmark_group("view");
    for window in WINDOWS {
        for (what, limit) in [("read", "10"), ("gated", "3")] {
            let config = config(window, limit);
            let keys = ours(&config, OURS);
            view.bench_function(BenchmarkId::new(what, window.0), |bencher| {
                bencher.iter_batched(|| keys.clone(), |keys| page_view(&config, keys), BatchSize::SmallInput);
            });
        }
    }
    view.finish();
}

fn of_articles(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("article");
    let key =
        |location: &str| article::key(&Addresses { location: black_box(location), ..Addresses::default() });
    group.bench_function("key", |bencher| bencher.iter(|| key(ADDRESS)));
    group.bench_function("hash", |bencher| {
        bencher.iter(|| article::hash("meridian", black_box("news.example/2026/frogs?p=2")));
    });
    // What a hostile link can do: an address of 8 KB that is all parameters, in the worst order.
    for count in [500, 1000, 2000] {
        let pairs: Vec<String> = (0..count).map(|nth| format!("{nth:04}")).collect();
        let address = ["https://news.example/?", &pairs.join("&")].concat();
        group.bench_function(BenchmarkId::new("parameters", count), |bencher| bencher.iter(|| key(&address)));
    }
    group.finish();
}

/// Half a second each: enough for ratios, which is all that is claimed.
fn settings() -> Criterion {
    Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
}

criterion_group! {
    name = core;
    config = settings();
    targets = of_areas, of_our_keys, of_page_views, of_articles
}
criterion_main!(core);
