//! The module's two exports. `start` reads the page once and makes the machine; `signal` takes in whatever happens.
//! Both are called by the shim alone, one at a time; what is thrown out of either is a trap, and the shim undoes all.

use super::connect::{self, Connection};
use super::gate;
use super::intl::Zone;
use super::page::{self, Facts};
use super::settings;
use super::shim::Shim;
use super::storage::Store;
use crate::access::entitlement::{Entitlement, Tier};
use crate::config::setting::{ANALYTICS, TIME_ZONE};
use crate::config::{Code, Config, Diagnostic};
#[cfg(feature = "history")]
use crate::history::{Happening, Line};
use crate::machine::{Effect, Machine, Now, Page, Signal};
use crate::meter::period::Moment;
use crate::meter::policy::Surface;
#[cfg(feature = "history")]
use crate::structured_data;
use crate::teaser::{Block, Kind};
use crate::text::scan::cut;
use js_sys::Date;
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;

/// What the shim signals, by number. www/loader/codes.js has the same table.
pub(super) mod code {
    /// The page is visible, or came back from the back/forward cache.
    pub(in super::super) const SEEN: u32 = 1;
    /// The page is hidden.
    pub(in super::super) const HIDDEN: u32 = 2;
    /// The timer.
    pub(in super::super) const WOKE: u32 = 3;
    /// The reader scrolled or tapped.
    pub(in super::super) const ENGAGED: u32 = 4;
    /// Another window wrote to our storage, or cleared it; or the reader consents that this one does.
    pub(in super::super) const LEDGER_CHANGED: u32 = 5;
    /// The overlay's close button, or the dialog was closed by the browser.
    pub(in super::super) const DISMISS: u32 = 6;
    /// `tollgate.hide()`.
    pub(in super::super) const HIDE: u32 = 7;
    /// The overlay is wanted again.
    pub(in super::super) const WANTED: u32 = 8;
    /// The host is finding out who is reading.
    pub(in super::super) const ACCESS_PENDING: u32 = 9;
    /// The host could not find out.
    pub(in super::super) const ACCESS_UNKNOWN: u32 = 10;
    /// The host has said who is reading: three lines, `true` or `false`, the tier, the reason.
    pub(in super::super) const ACCESS_KNOWN: u32 = 11;
    /// `tollgate.forget()`.
    pub(in super::super) const FORGET: u32 = 12;
    /// The page has more articles.
    pub(in super::super) const MORE: u32 = 13;
    /// What only a gate needs is here.
    pub(in super::super) const PREPARED: u32 = 14;
    /// The texts in another language are here, or can't be had.
    pub(in super::super) const TRANSLATED: u32 = 15;
    /// Something that no overlay may cover shows.
    pub(in super::super) const OBSTRUCTED: u32 = 16;
    /// It is gone.
    pub(in super::super) const UNOBSTRUCTED: u32 = 17;
    /// The reader has signed up for the newsletter.
    pub(in super::super) const SIGNED_UP: u32 = 18;
    /// The address is another one: the article may be over.
    pub(in super::super) const LEFT: u32 = 19;
    /// A script has turned the page into another one, which is there.
    pub(in super::super) const ARRIVED: u32 = 20;
    /// The reader no longer consents that anything is stored.
    pub(in super::super) const WITHDRAWN: u32 = 21;
    /// Something of what only a connected page has: see `connect`.
    pub(in super::super) const CONNECTED: u32 = 22;
}

thread_local! {
    // Never freed: it lives as long as the page.
    static APP: Cell<Option<&'static RefCell<App>>> = const { Cell::new(None) };
}

/// Starts on a page that is parsed: reads it and takes up its signals. `built` is when the module was, in days since 1970.
#[wasm_bindgen]
pub fn start(shim: Shim, built: f64) {
    if let Some(mut app) = App::new(shim, built) {
        app.run(0, Signal::Started);
        if app.config.connects {
            connect::take(&mut app, 0);
        }
        APP.set(Some(Box::leak(Box::new(RefCell::new(app)))));
    }
}

/// Takes in a signal of the shim, of an article by its number.
#[wasm_bindgen]
pub fn signal(code: u32, article: usize) {
    // The shim never calls while the module runs, so the app is always free.
    if let Some(app) = APP.get()
        && let Ok(mut app) = app.try_borrow_mut()
    {
        app.take(code, article);
    }
}

/// The signal of a code.
fn signal_of(code: u32, shim: &Shim) -> Option<Signal> {
    Some(match code {
        code::SEEN => Signal::Seen,
        code::HIDDEN => Signal::Hidden,
        code::WOKE => Signal::Woke,
        code::ENGAGED => Signal::Engaged,
        code::LEDGER_CHANGED => Signal::LedgerChanged,
        code::DISMISS => Signal::Closed { by_reader: true },
        code::HIDE => Signal::Closed { by_reader: false },
        code::WANTED => Signal::Wanted,
        code::ACCESS_PENDING => Signal::AccessPending,
        code::ACCESS_UNKNOWN => Signal::AccessUnknown,
        code::ACCESS_KNOWN => Signal::AccessKnown(entitlement(&shim.said())),
        code::FORGET | code::WITHDRAWN => Signal::Forget,
        code::LEFT | code::ARRIVED => Signal::Left,
        code::PREPARED => Signal::Prepared(shim.at_hand()),
        code::TRANSLATED => Signal::Translated(shim.said()),
        code::OBSTRUCTED => Signal::Obstructed(true),
        code::UNOBSTRUCTED => Signal::Obstructed(false),
        code::SIGNED_UP => Signal::SignedUp,
        _ => return None,
    })
}

/// An entitlement as the shim passes it.
fn entitlement(text: &str) -> Entitlement {
    let (granted, rest) = cut(text, b'\n').unwrap_or_default();
    let (tier, reason) = cut(rest, b'\n').unwrap_or_default();
    Entitlement {
        granted: granted == "true",
        reason: reason.to_owned(),
        tier: Tier::named(tier),
        meter: None,
    }
}

pub(super) struct App {
    pub(super) shim: Shim,
    pub(super) config: &'static Config,
    /// One for each article, the page's own first.
    pub(super) machines: Vec<Machine<'static>>,
    /// What finds out who may read, where there are sources for that.
    pub(super) connection: Option<Box<Connection>>,
    store: Store,
    built: Moment,
    zone: Option<Zone>,
}

impl App {
    fn new(shim: Shim, built: f64) -> Option<App> {
        let window = web_sys::window()?;
        let facts = Facts::of(&shim);
        let settings = settings::read(&shim);
        let wants = settings.has_one_of(&[ANALYTICS]);
        if !shim.pieces(wants, settings.has_rules(), settings.connects()) {
            return None;
        }
        let (config, mut diagnostics) = Config::read(settings, &facts.surroundings());
        // It lives as long as the page, like the app.
        let config: &'static Config = Box::leak(Box::new(config));
        let mut zone = None;
        if !config.zone.is_empty() {
            zone = Zone::named(&config.zone);
            if zone.is_none() {
                diagnostics.push(Diagnostic::new(Code::NotATimeZone, TIME_ZONE, &config.zone, "UTC"));
            }
        }
        // The debug script says at once what is wrong with any setting; the other when it is read.
        #[cfg(feature = "history")]
        let _ = config.for_gate(&mut diagnostics);
        let page = page::find(&shim, config);
        #[cfg(feature = "history")]
        {
            record(&shim, &Line::Start(facts.start(&shim, zone.is_some())));
            record(&shim, &Line::Article(page.clone()));
        }
        // Begun anew with other settings: what no area of storage took is still read.
        let before = APP.get().and_then(|app| app.try_borrow_mut().ok());
        let mut store = before.map_or_else(Store::default, |mut before| std::mem::take(&mut before.store));
        store.open(&window, !config.asks_consent || shim.consents(&config.site.consent()));
        let machine = Machine::new(config, diagnostics, page);
        // Not by the machine: a replay has no page to look at.
        #[cfg(feature = "history")]
        if !machine.article().is_empty() && !config.describes {
            let scripts = page::structured_data(&shim);
            for diagnostic in structured_data::check(&scripts, |selector| shim.holds(selector)) {
                tell(&shim, &diagnostic);
            }
        }
        Some(App {
            machines: vec![machine],
            connection: None,
            config,
            store,
            zone,
            shim,
            built: Moment::from_milliseconds((built * 86_400_000.0) as i64),
        })
    }

    /// Takes in a signal of the shim.
    fn take(&mut self, code: u32, article: usize) {
        let mut arrived = None;
        match code {
            code::LEFT => {
                let mut page = Page::default();
                page::describe(&self.shim, 0, &mut page);
                let article = Machine::article_of(self.config, &page);
                // The same article by another address, or one of those that are here: a feed's addresses change as it is read.
                if self.machines.iter().any(|machine| machine.article() == article) {
                    return;
                }
                self.shim.left();
            }
            code::ARRIVED => {
                let page = page::find(&self.shim, self.config);
                #[cfg(feature = "history")]
                record(&self.shim, &Line::Turned(page.clone()));
                arrived = self.machines.first().map(|machine| machine.beside(page));
            }
            // Another window's may be the one where the reader consented, or no longer does.
            code::LEDGER_CHANGED | code::WITHDRAWN if self.config.asks_consent => {
                if code == code::WITHDRAWN {
                    let keys = self.store.keys(&self.config.site.everything());
                    self.store.remove(&keys);
                }
                if let Some(window) = web_sys::window() {
                    self.store.open(&window, self.shim.consents(&self.config.site.consent()));
                }
            }
            code::MORE => {
                while let Some(first) = self.machines.first()
                    && self.shim.more()
                {
                    let page = page::further(&self.shim, self.machines.len());
                    #[cfg(feature = "history")]
                    record(&self.shim, &Line::Article(page.clone()));
                    let machine = first.beside(page);
                    self.machines.push(machine);
                }
            }
            _ => {}
        }
        let is_of_one = matches!(
            code,
            code::SEEN
                | code::HIDDEN
                | code::WOKE
                | code::ENGAGED
                | code::DISMISS
                | code::WANTED
                | code::TRANSLATED
                | code::SIGNED_UP
        );
        let mut nth = if is_of_one { article } else { 0 };
        while nth < self.machines.len()
            && let Some(signal) = signal_of(code, &self.shim)
        {
            self.run(nth, signal);
            if is_of_one {
                break;
            }
            nth = nth.wrapping_add(1);
        }
        if let Some(machine) = arrived {
            self.machines = vec![machine];
            self.run(0, Signal::Started);
        }
        if code == code::SIGNED_UP {
            // What one article's reader has done, the others find in the ledger.
            for nth in 0..self.machines.len() {
                self.run(nth, Signal::LedgerChanged);
            }
        }
        if self.config.connects || code == code::CONNECTED {
            connect::take(self, code);
        }
    }

    /// Gives an article's machine a signal, and the answers that its effects ask for, until there is nothing left to do.
    pub(super) fn run(&mut self, article: usize, signal: Signal) {
        let mut signals = vec![signal];
        while let Some(signal) = signals.pop() {
            let clock = Moment::of_clock(Date::now(), self.built);
            let now = Now { clock, elapsed: self.shim.elapsed() as i64, offset: self.offset(clock) };
            let Some(machine) = self.machines.get_mut(article) else { return };
            #[cfg(feature = "history")]
            let happened = signal.clone();
            let effects = machine.on(now, signal);
            #[cfg(feature = "history")]
            record(
                &self.shim,
                &Line::Signal(Happening { article, now, signal: happened, effects: effects.as_slice() }),
            );
            for effect in effects {
                self.perform(article, effect, &mut signals);
            }
        }
    }

    /// How many minutes the publisher's time zone is ahead of UTC at a moment.
    fn offset(&self, moment: Moment) -> i64 {
        self.zone.as_ref().map_or(0, |zone| zone.offset(moment))
    }

    /// Carries out an effect, and notes the signal that answers it, if it asks for one.
    fn perform(&mut self, article: usize, effect: Effect, signals: &mut Vec<Signal>) {
        if effect == Effect::Open {
            // One overlay at a time: two would each keep the page where it is, and only one would let it go.
            for other in 0..self.machines.len() {
                if other != article {
                    self.run(other, Signal::Closed { by_reader: false });
                }
            }
        }
        let (shim, config) = (&self.shim, self.config);
        let Some(machine) = self.machines.get(article) else { return };
        match effect {
            Effect::Warn(diagnostics) => {
                for diagnostic in &diagnostics {
                    tell(shim, diagnostic);
                }
            }
            Effect::List(end) => {
                let before = Moment::from_milliseconds(end.milliseconds().wrapping_sub(1));
                let offsets = [self.offset(before), self.offset(end)];
                signals.push(Signal::Listed(self.store.keys(&config.site.prefix()), offsets));
            }
            Effect::Store { key, value } => {
                if !self.store.add(&key, &value) {
                    tell(shim, &Diagnostic::new(Code::NoStorage, "localStorage", "", "session or memory"));
                }
            }
            Effect::Remove(keys) => self.store.remove(&keys),
            Effect::RemoveAll => {
                let keys = self.store.keys(&config.site.everything());
                self.store.remove(&keys);
            }
            Effect::Wake(milliseconds) => shim.wake(article, milliseconds as f64),
            Effect::Prepare { due } => {
                if shim.prepare(due) {
                    signals.push(Signal::Prepared(shim.at_hand()));
                }
            }
            Effect::Format { asked, locale, currency, language } => {
                signals.push(Signal::Formatted(gate::answers(&asked, &locale, &currency, &language)));
            }
            Effect::Translate(tag) => {
                if let Some(texts) = shim.translated(article, &tag) {
                    signals.push(Signal::Translated(texts));
                }
            }
            Effect::Watch(selector) => signals.push(Signal::Obstructed(shim.watch(&selector))),
            Effect::Describe => shim.describe(),
            Effect::Cut => {
                let kept = config.teaser.cut(&blocks(shim, article));
                shim.cut(article, kept as u32);
            }
            Effect::Lock(view) => gate::lock(shim, article, &view),
            Effect::Notice(view) => gate::notice(shim, article, &view),
            Effect::Open => shim.open(article),
            Effect::Close { by_reader } => shim.close(by_reader),
            Effect::Release => shim.release(article),
            Effect::Ready => shim.ready(),
            Effect::Meter(meter) => shim.meter(
                config.site.as_str(),
                machine.meter_name(&meter),
                &meter.period.name(),
                meter.reads,
                meter.limit,
                meter.counted,
                meter.resets.map_or(0.0, |resets| resets.milliseconds() as f64),
                machine.article(),
            ),
            Effect::Decided { granted, reason, trace } => {
                #[cfg(feature = "history")]
                shim.explain(&trace.words(machine));
                shim.decided(
                    granted,
                    &reason,
                    machine.article(),
                    trace.surface.map_or("", Surface::name),
                    trace.rule.name(),
                    trace.tier.name(),
                    trace.referred,
                    machine.meter_name(&trace.meter),
                    trace.meter.reads,
                    trace.meter.limit,
                );
            }
        }
    }
}

/// Writes down a line of the page's history.
#[cfg(feature = "history")]
fn record(shim: &Shim, line: &Line<&[Effect]>) {
    use serde::Serialize as _;
    let plain = serde_wasm_bindgen::Serializer::json_compatible();
    shim.record(&line.serialize(&plain).unwrap_or(JsValue::NULL));
}

/// Notes a diagnostic; the shim tells the publisher.
pub(super) fn tell(shim: &Shim, diagnostic: &Diagnostic) {
    #[cfg(feature = "history")]
    let line = diagnostic.line();
    #[cfg(not(feature = "history"))]
    let line = diagnostic.line_with("\0");
    shim.note(&line, diagnostic.code as u32, diagnostic.code.is_mistake());
}

/// An article's text as the core cuts it.
fn blocks(shim: &Shim, article: usize) -> Vec<Block> {
    shim.outline(article);
    let mut blocks = Vec::new();
    // The shim's numbers for kinds: www/loader/page.js.
    while let Ok(block) = u32::try_from(shim.block(blocks.len() as u32)) {
        let kind = match block & 3 {
            0 => Kind::Paragraph,
            1 => Kind::Heading,
            2 => Kind::Mark,
            _ => Kind::Other,
        };
        blocks.push(Block { kind, characters: block >> 2 });
    }
    blocks
}
