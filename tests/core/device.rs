//! A reader's device without a browser: a clock, storage that tabs share, and page views that play signals through the
//! machine and carry its effects out on plain data.

use std::collections::BTreeMap;
use tollgate::access::entitlement::{Entitlement, Tier};
use tollgate::config::{Config, Settings, Surroundings};
use tollgate::machine::{Content, Effect, Machine, Meter, Now, Page, Signal};
use tollgate::meter::period::Moment;
use tollgate::text::{Kind, Request, source};
use tollgate::view::View;

/// 2026-11-23T12:00Z.
pub(crate) const NOVEMBER: i64 = 1_795_435_200_000;
/// A day in milliseconds.
pub(crate) const DAY: i64 = 86_400_000;

/// The device: what outlives a page view.
#[derive(Default)]
pub(crate) struct Device {
    /// The clock, in milliseconds since 1970.
    pub(crate) clock: i64,
    pub(crate) storage: BTreeMap<String, String>,
    /// Whether what only a gate needs is on its way until [`Signal::Prepared`] is played.
    pub(crate) is_slow: bool,
    /// Whether something shows that no overlay may cover.
    pub(crate) is_obstructed: bool,
    /// What the page's `<html lang>` says; English without it.
    pub(crate) language: &'static str,
}

/// One page view, as a reader sees it.
pub(crate) struct Reading {
    machine: Machine<'static>,
    opened_at: i64,
    /// What was carried out, oldest first.
    pub(crate) done: Vec<Effect>,
    /// Whether what only a gate needs is here.
    prepared: bool,
    /// Whether the text is cut.
    pub(crate) cut: bool,
    /// The view on the screen while the article is gated.
    pub(crate) gate: Option<View>,
    /// The view of the notice while it shows.
    pub(crate) notice: Option<View>,
    pub(crate) overlay: bool,
}

/// Settings from attribute names without `data-` and their values.
pub(crate) fn settings(entries: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::default();
    let entries = entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    settings.add_attributes(entries.collect());
    settings
}

/// The seed's tag with this limit.
pub(crate) fn seed(limit: &str) -> Settings {
    seed_with(limit, &[])
}

/// The seed's tag with this limit and more settings.
pub(crate) fn seed_with(limit: &str, more: &[(&str, &str)]) -> Settings {
    let seed = [
        ("site", "meridian"),
        ("publication", "The Meridian"),
        ("limit", limit),
        ("content", "article .body"),
        ("currency", "USD"),
        ("plans", "Free trial: 30d free then 2.90/month | Annual access [best value]: 19.90/year"),
        ("benefits", "Exclusive coverage | Ad-free reading [new]"),
        ("subscribe-url", "/subscribe?plan={plan}&return={return_url}"),
        ("login-url", "/login?return={return_url}"),
    ];
    settings(&[&seed, more].concat())
}

impl Device {
    pub(crate) fn new() -> Device {
        Device { clock: NOVEMBER, language: "en", ..Device::default() }
    }

    /// Opens an article; nothing is seen of it yet.
    pub(crate) fn open(&self, settings: &Settings, slug: &str) -> Reading {
        self.open_page(settings, slug, Page::default())
    }

    /// Opens an article of which the page says something; its address and element are filled in.
    pub(crate) fn open_page(&self, settings: &Settings, slug: &str, page: Page) -> Reading {
        let address = format!("https://news.example/{slug}");
        let around = Surroundings {
            address: &address,
            host: "news.example",
            language: self.language,
            site_name: "The Example",
        };
        let (config, diagnostics) = Config::read(settings.clone(), &around);
        // It lives as long as the page in a browser too.
        let config: &'static Config = Box::leak(Box::new(config));
        let page = Page { address: address.clone(), content: Content::Chosen, ..page };
        Reading {
            machine: Machine::new(config, diagnostics, page),
            opened_at: self.clock,
            done: Vec::new(),
            prepared: !self.is_slow,
            cut: false,
            gate: None,
            notice: None,
            overlay: false,
        }
    }

    /// Opens an article, looks at it, and reads it to its end.
    pub(crate) fn read(&mut self, settings: &Settings, slug: &str) -> Reading {
        self.read_page(settings, slug, Page::default())
    }

    /// As [`Device::read`], for an article of which the page says something.
    pub(crate) fn read_page(&mut self, settings: &Settings, slug: &str, page: Page) -> Reading {
        let mut view = self.open_page(settings, slug, page);
        view.begin(self);
        view.signal(self, Signal::Engaged);
        view
    }

    /// How many reads are stored, of any period.
    pub(crate) fn stored(&self) -> usize {
        self.storage.len()
    }
}

impl Reading {
    /// Plays a signal and everything that follows from it.
    pub(crate) fn signal(&mut self, device: &mut Device, signal: Signal) {
        let mut signals = vec![signal];
        while let Some(signal) = signals.pop() {
            self.prepared |= matches!(signal, Signal::Prepared(_));
            let now = Now {
                clock: Moment::from_milliseconds(device.clock),
                elapsed: device.clock.saturating_sub(self.opened_at),
                offset: 0,
            };
            for effect in self.machine.on(now, signal) {
                match &effect {
                    Effect::List(_) => {
                        signals.push(Signal::Listed(device.storage.keys().cloned().collect(), [0; 2]));
                    }
                    Effect::Store { key, value } => {
                        device.storage.entry(key.clone()).or_insert_with(|| value.clone());
                    }
                    Effect::Remove(keys) => keys.iter().for_each(|key| drop(device.storage.remove(key))),
                    Effect::RemoveAll => {
                        device.storage.retain(|key, _| !key.starts_with("tollgate1:meridian:"))
                    }
                    Effect::Format { asked, .. } => {
                        signals.push(Signal::Formatted(asked.iter().map(answer).collect()));
                    }
                    Effect::Prepare { .. } => {
                        if self.prepared {
                            signals.push(prepared());
                        }
                    }
                    Effect::Translate(tag) => signals.push(Signal::Translated(translation(tag))),
                    Effect::Watch(_) => signals.push(Signal::Obstructed(device.is_obstructed)),
                    Effect::Cut => self.cut = true,
                    Effect::Lock(view) => self.gate = Some((**view).clone()),
                    Effect::Notice(view) => self.notice = Some((**view).clone()),
                    Effect::Release => {
                        self.cut = false;
                        self.gate = None;
                        self.notice = None;
                    }
                    Effect::Open => self.overlay = true,
                    Effect::Close { .. } => self.overlay = false,
                    Effect::Warn(_)
                    | Effect::Wake(_)
                    | Effect::Ready
                    | Effect::Describe
                    | Effect::Meter(_)
                    | Effect::Decided { .. } => {}
                }
                self.done.push(effect);
            }
        }
    }

    /// The page is parsed, and seen.
    pub(crate) fn begin(&mut self, device: &mut Device) {
        self.signal(device, Signal::Started);
        self.signal(device, Signal::Seen);
    }

    /// One more article of the same page.
    pub(crate) fn beside(&self, slug: &str, page: Page) -> Reading {
        let address = format!("https://news.example/{slug}");
        let page = Page { address, content: Content::Chosen, follows: true, ..page };
        Reading {
            machine: self.machine.beside(page),
            opened_at: self.opened_at,
            done: Vec::new(),
            prepared: self.prepared,
            cut: false,
            gate: None,
            notice: None,
            overlay: false,
        }
    }

    /// A script turns the page to another article.
    pub(crate) fn turn(&mut self, device: &mut Device, slug: &str, page: Page) {
        let address = format!("https://news.example/{slug}");
        let next = self.machine.beside(Page { address, content: Content::Chosen, ..page });
        self.signal(device, Signal::Left);
        self.machine = next;
        self.begin(device);
    }

    /// Lets time pass while the page is open.
    pub(crate) fn wait(&mut self, device: &mut Device, milliseconds: i64) {
        device.clock = device.clock.saturating_add(milliseconds);
        self.signal(device, Signal::Woke);
    }

    /// The meter as last announced.
    pub(crate) fn meter(&self) -> Option<&Meter> {
        self.done.iter().rev().find_map(|effect| match effect {
            Effect::Meter(meter) => Some(meter),
            _ => None,
        })
    }

    /// The name of that meter.
    pub(crate) fn meter_name(&self) -> &str {
        self.meter().map_or("", |meter| self.machine.meter_name(meter))
    }

    /// How many effects were like this.
    pub(crate) fn count(&self, is: impl Fn(&Effect) -> bool) -> usize {
        self.done.iter().filter(|effect| is(effect)).count()
    }
}

/// What only a gate needs is here, with texts in English and German.
pub(crate) fn prepared() -> Signal {
    Signal::Prepared(source::at_hand(&["de"]).expect("the English file"))
}

/// The texts in another language.
fn translation(tag: &str) -> String {
    let file = format!("{}/src/text/languages/{tag}.txt", env!("CARGO_MANIFEST_DIR"));
    source::pack(&std::fs::read_to_string(file).expect("a language file")).expect("well formed")
}

/// English and dollars as the browsers' `Intl` writes them.
fn answer(request: &Request) -> String {
    match (request.kind, request.number.as_str()) {
        (Kind::Money, amount) => format!("${amount}"),
        (Kind::Number, number) => number.to_owned(),
        (Kind::Plural, "1") => "one".to_owned(),
        (Kind::Plural, _) => "other".to_owned(),
        (Kind::Date, minute) => format!("minute {minute}"),
    }
}

/// The host's answer that the reader has paid.
pub(crate) fn subscriber() -> Signal {
    Signal::AccessKnown(Entitlement {
        granted: true,
        reason: "SUBSCRIBER".into(),
        tier: Tier::Subscriber,
        meter: None,
    })
}

/// The host's answer that the reader is of a tier that is metered.
pub(crate) fn of_tier(tier: Tier) -> Signal {
    Signal::AccessKnown(Entitlement { tier, ..Entitlement::default() })
}

/// The host's answer that it does not know the reader.
pub(crate) fn nobody() -> Signal {
    Signal::AccessKnown(Entitlement::default())
}
