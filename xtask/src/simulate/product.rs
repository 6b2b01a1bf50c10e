//! A test: some readers of the model are played through the whole machine, with its ledger of keys in a storage, under many
//! configurations, and meet page view by page view the same as in the simulation.

use super::device::{Outcome, Storage};
use super::model::{Model, Reader, Readers, STORAGES};
use super::rules::tests::rules;
use super::rules::{Calendar, Rules, Surface, Tier};
use super::run::page_views;
use std::collections::BTreeMap;
use tollgate::access::entitlement::Entitlement;
use tollgate::config::Config;
use tollgate::machine::{Content, Effect, Machine, Now, Page, Signal};
use tollgate::meter::period::Moment;
use tollgate::text::source;

/// A browser's profile, or a private window.
#[derive(Default)]
struct Browser {
    keys: BTreeMap<String, String>,
    tier: Tier,
}

/// One page view on the machine.
struct Tab<'a> {
    machine: Machine<'a>,
    now: Now,
    /// The surface that shows.
    surface: Option<Surface>,
    met: [bool; Surface::COUNT],
    dismissible: bool,
    open: bool,
}

impl Tab<'_> {
    fn signal(&mut self, browser: &mut Browser, signal: Signal) {
        let mut signals = vec![signal];
        while let Some(signal) = signals.pop() {
            for effect in self.machine.on(self.now, signal) {
                match effect {
                    Effect::List(_) => {
                        signals.push(Signal::Listed(browser.keys.keys().cloned().collect(), [0; 2]));
                    }
                    Effect::Store { key, value } => drop(browser.keys.entry(key).or_insert(value)),
                    Effect::Remove(keys) => keys.iter().for_each(|key| drop(browser.keys.remove(key))),
                    Effect::Prepare { .. } => {
                        signals.push(Signal::Prepared(source::at_hand(&[]).expect("the English texts")));
                    }
                    Effect::Watch(_) => signals.push(Signal::Obstructed(false)),
                    Effect::Format { asked, .. } => {
                        signals.push(Signal::Formatted(asked.iter().map(|_| "other".to_owned()).collect()));
                    }
                    Effect::Lock(view) => {
                        self.dismissible = !view.texts.get("dismiss").is_empty();
                        self.meet(view.texts.get("surface"));
                    }
                    Effect::Notice(view) => self.meet(view.texts.get("surface")),
                    Effect::Release => self.surface = None,
                    Effect::Decided { granted, .. } => self.open = granted,
                    _ => {}
                }
            }
        }
    }

    fn meet(&mut self, word: &str) {
        self.surface = Surface::ALL.into_iter().find(|surface| surface.name() == word);
        self.met[self.surface.expect("a surface").place()] = true;
    }
}

fn known(tier: Tier) -> Signal {
    Signal::AccessKnown(Entitlement { granted: false, reason: "SAID".into(), tier, meter: None })
}

/// A page view on the product, by the reader that the simulation has.
fn view(
    config: &Config,
    browser: &mut Browser,
    view: &super::device::PageView,
    person: &mut Tier,
) -> Outcome {
    let address = format!("https://site.example/article-{}", view.article);
    let page = Page { address, content: Content::Chosen, ..Page::default() };
    let clock = Moment::of_local(view.now, 0);
    let now = Now { clock, elapsed: 0, offset: 0 };
    let machine = Machine::new(config, Vec::new(), page);
    let mut tab =
        Tab { machine, now, surface: None, met: [false; Surface::COUNT], dismissible: false, open: false };
    let mut done = [false; Surface::COUNT];
    tab.signal(browser, Signal::Started);
    let tier = if *person == Tier::Subscriber { Tier::Subscriber } else { browser.tier };
    tab.signal(browser, known(tier));
    tab.signal(browser, Signal::Seen);
    while let Some(surface) = tab.surface.filter(|_| !tab.open) {
        let asked_for = surface.asks_for();
        if view.willing[surface.place()] || *person >= asked_for {
            done[surface.place()] |= *person < asked_for;
            *person = asked_for.max(*person);
            browser.tier = asked_for.max(browser.tier);
            let tier = browser.tier;
            tab.signal(browser, known(tier));
        } else if tab.dismissible && view.turns_down {
            tab.signal(browser, Signal::Closed { by_reader: true });
        } else {
            break;
        }
    }
    // Reads it to its end, if it is open.
    tab.signal(browser, Signal::Engaged);
    Outcome { met: tab.met, done, open: tab.open }
}

/// Plays a reader both ways; how many page views met each surface.
fn play(rules: &Rules, calendar: &Calendar, reader: &Reader, met: &mut [u32; Surface::COUNT]) {
    for place in 0..rules.limits.len() {
        let mut storages: [Storage; STORAGES] = std::array::from_fn(|_| Storage::default());
        let mut browsers: [Browser; STORAGES] = std::array::from_fn(|_| Browser::default());
        let first = if reader.subscriber { Tier::Subscriber } else { Tier::Anonymous };
        let (mut person, mut human, mut month) = (first, first, 0);
        for visit in &reader.visits {
            if reader.passes_by && visit.month != month {
                (person, human, month) = (first, first, visit.month);
            }
            if visit.is_fresh {
                storages[visit.storage].clear();
                browsers[visit.storage] = Browser::default();
            }
            for page_view in page_views(calendar, reader, visit) {
                let simulated = storages[visit.storage].view(rules, place, &page_view, &mut person);
                let browser = &mut browsers[visit.storage];
                let real = view(&rules.configs[place], browser, &page_view, &mut human);
                assert_eq!(
                    simulated,
                    real,
                    "limit {}, {:?}, {page_view:?}\n{:?}",
                    rules.limits[place],
                    rules.words(),
                    browser.keys
                );
                for (count, is_met) in met.iter_mut().zip(real.met) {
                    *count += u32::from(is_met);
                }
            }
        }
        assert_eq!(person, human);
    }
}

#[test]
fn the_product_shows_each_reader_what_the_simulation_says() {
    let all = "notice from 2, 2/week | newsletter from 2, dismissible, 1/week | register from 4 | subscribe";
    let configurations: [&[(&str, &str)]; 12] = [
        &[],
        &[("--period", "week")],
        &[("--period", "day"), ("--steps", "notice from 1, 1/day | subscribe from 2, dismissible, 1/week")],
        &[("--period", "10d"), ("--steps", all), ("--registered-limit", "+2")],
        &[("--window", "rolling")],
        &[("--window", "rolling"), ("--period", "7d"), ("--steps", all), ("--newsletter-limit", "+1")],
        &[("--window", "first-view")],
        &[("--window", "first-view"), ("--period", "14d"), ("--steps", all), ("--registered-limit", "5")],
        &[("--steps", all), ("--newsletter-limit", "+1"), ("--registered-limit", "+4")],
        &[("--steps", "register from 1, 1/month | newsletter from 2, dismissible | notice")],
        &[("--steps", "subscribe 1/day")],
        &[
            ("--steps", "subscribe from 1, 3/month | register from 2, dismissible"),
            ("--newsletter-limit", "1"),
        ],
    ];
    // More of everything than is likely, so that all of it happens.
    let model = Model {
        returning: 0.8,
        visits: 12.0,
        rereads: 0.15,
        private: 0.15,
        sign_up: 0.2,
        register: 0.25,
        pay: 0.05,
        turn_down: 0.8,
        ..Model::default()
    };
    for tried in configurations {
        let rules = rules(tried, 0..=4);
        let calendar = Calendar::new("2026-01", 3, &rules).expect("a month");
        let readers = Readers::new(&model, &calendar);
        let mut reader = Reader::default();
        let mut met = [0; Surface::COUNT];
        for number in 0..25 {
            readers.draw(7, number, &mut reader);
            play(&rules, &calendar, &reader, &mut met);
        }
        for surface in rules.surfaces() {
            assert!(met[surface.place()] > 0, "nobody met {surface:?} with {tried:?}");
        }
    }
}
