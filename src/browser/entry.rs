//! The module's two exports. `start` reads the page once and makes the machine; `signal` takes in whatever happens.
//! Both are called by the shim alone, one at a time; what is thrown out of either is a trap, and the shim undoes all.

use super::events::{self, Value};
use super::gate;
use super::host::{Host, Journal};
use super::page::{self, Facts};
use super::settings;
use super::storage::Store;
use super::{content, intl};
use crate::access::entitlement::{Entitlement, Tier};
use crate::config::{Config, Raw};
use crate::machine::{Effect, Machine, Now, Signal};
use crate::meter::ledger::PREFIX;
use crate::meter::period::Moment;
use crate::view::View;
use js_sys::Date;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::Node;

/// What the shim signals, by number, each with a plain value. www/loader/host.js has the same table.
pub(super) mod code {
    /// The page is visible or not, or came back from the back/forward cache. Value: whether it is visible.
    pub(crate) const VISIBILITY: u32 = 1;
    /// The timer.
    pub(crate) const WOKE: u32 = 2;
    /// The reader scrolled, tapped or typed.
    pub(crate) const ENGAGED: u32 = 3;
    /// Another window wrote to storage. Value: the key, or null for all.
    pub(crate) const STORAGE: u32 = 4;
    /// The overlay's close button.
    pub(crate) const CLOSE: u32 = 5;
    /// The dialog was closed: by Escape or otherwise by the browser, or by us a moment ago.
    pub(crate) const CLOSED: u32 = 6;
    /// The overlay is wanted again.
    pub(crate) const WANTED: u32 = 7;
    /// `tollgate.hide()`.
    pub(crate) const HIDE: u32 = 8;
    /// A plan was chosen. Value: its id.
    pub(crate) const CHOICE: u32 = 9;
    /// The button that leads to the subscription was followed. Value: its address.
    pub(crate) const SUBSCRIBE: u32 = 10;
    /// The link that leads to the log-in was followed. Value: its address.
    pub(crate) const LOGIN: u32 = 11;
    /// The host is finding out who is reading.
    pub(crate) const ACCESS_PENDING: u32 = 12;
    /// The host could not find out.
    pub(crate) const ACCESS_UNKNOWN: u32 = 13;
    /// The host has said who is reading. Value: `{granted, grantReason, tier}`.
    pub(crate) const ACCESS_KNOWN: u32 = 14;
    /// `tollgate.forget()`.
    pub(crate) const FORGET: u32 = 15;
}

thread_local! {
    static APP: RefCell<Option<App>> = const { RefCell::new(None) };
}

/// Starts on a page that is parsed: reads it and takes up its signals. `built` is when the module was, in minutes since 1970.
#[wasm_bindgen]
pub fn start(host: Host, built: f64) {
    let app = App::new(host, built);
    APP.with(|cell| {
        // The shim never calls while the module runs, so the cell is always free.
        if let (Some(mut app), Ok(mut cell)) = (app, cell.try_borrow_mut()) {
            app.run(Signal::Started);
            *cell = Some(app);
        }
    });
}

/// Takes in a signal of the shim. `value` is what its code says.
#[wasm_bindgen]
pub fn signal(code: u32, value: &JsValue) {
    APP.with(|cell| {
        if let Ok(mut cell) = cell.try_borrow_mut()
            && let Some(app) = cell.as_mut()
        {
            app.signal(code, value);
        }
    });
}

struct App {
    host: Host,
    machine: Machine,
    store: Store,
    built: Moment,
    view: Option<Box<View>>,
    /// What was done to the article, and what was done to open the overlay: undone apart.
    locked: Option<Journal>,
    opened: Option<Journal>,
    overlay: Option<Node>,
}

impl App {
    fn new(host: Host, built: f64) -> Option<App> {
        let window = web_sys::window()?;
        let facts = Facts::of(&host);
        let settings = settings::read(&host);
        let (config, diagnostics) = Config::read(&settings, &facts.surroundings());
        let page = page::find(&host, facts, &config);
        Some(App {
            machine: Machine::new(config, diagnostics, page),
            store: Store::open(&window),
            host,
            built: Moment::from_milliseconds((built * 60_000.0) as i64),
            view: None,
            locked: None,
            opened: None,
            overlay: None,
        })
    }

    fn signal(&mut self, code: u32, value: &JsValue) {
        let text = value.as_string();
        let text = text.as_deref();
        let signal = match code {
            code::VISIBILITY if value.is_truthy() => Signal::Seen,
            code::VISIBILITY => Signal::Hidden,
            code::WOKE => Signal::Woke,
            code::ENGAGED => Signal::Engaged,
            // Other keys than ours are of no interest; without a key, all were cleared.
            code::STORAGE if text.is_none_or(|key| key.starts_with(PREFIX)) => Signal::LedgerChanged,
            code::CLOSE => Signal::Closed { by_reader: true },
            // The event comes late: the overlay may be open again.
            code::CLOSED if self.overlay.as_ref().is_none_or(|root| !self.host.is_shown(root)) => {
                Signal::Closed { by_reader: true }
            }
            code::HIDE => Signal::Closed { by_reader: false },
            code::WANTED => Signal::Wanted,
            code::CHOICE => {
                if let (Some(overlay), Some(view)) = (&self.overlay, &self.view) {
                    gate::choose(&self.host, overlay, view, text.unwrap_or(""));
                }
                return;
            }
            code::SUBSCRIBE | code::LOGIN => {
                self.followed(code, text.unwrap_or(""));
                return;
            }
            code::ACCESS_PENDING => Signal::AccessPending,
            code::ACCESS_UNKNOWN => Signal::AccessUnknown,
            code::ACCESS_KNOWN => Signal::AccessKnown(entitlement(&settings::raw(value))),
            code::FORGET => Signal::Forget,
            _ => return,
        };
        self.run(signal);
    }

    /// Gives the machine a signal, and it the answers its effects ask for, until there is nothing left to do.
    fn run(&mut self, signal: Signal) {
        let mut signals = vec![signal];
        while let Some(signal) = signals.pop() {
            let now =
                Now { clock: Moment::of_clock(Date::now(), self.built), elapsed: self.host.elapsed() as i64 };
            for effect in self.machine.on(now, signal) {
                if let Some(answer) = self.perform(effect) {
                    signals.push(answer);
                }
            }
        }
    }

    /// Carries out an effect; the signal that answers it, if it asks for one.
    fn perform(&mut self, effect: Effect) -> Option<Signal> {
        match effect {
            Effect::Warn(diagnostics) => {
                for diagnostic in diagnostics {
                    self.host.note(&diagnostic.line(), diagnostic.code.name(), diagnostic.code.is_mistake());
                }
            }
            Effect::List => {
                return Some(Signal::Listed(self.store.keys(&self.machine.config().site.prefix())));
            }
            Effect::Store { key, value } => self.store.add(&key, &value),
            Effect::Remove(keys) => self.store.remove(&keys),
            Effect::RemoveAll => {
                let keys = self.store.keys(&[PREFIX, self.machine.config().site.as_str(), ":"].concat());
                self.store.remove(&keys);
            }
            Effect::Wake(milliseconds) => self.host.wake(milliseconds as f64),
            Effect::Format(requests) => {
                let locale = &self.machine.config().locale;
                let mut answers = Vec::new();
                for request in &requests {
                    answers.push(intl::answer(request, locale));
                }
                return Some(Signal::Formatted(answers));
            }
            Effect::Lock(view) => {
                let journal = self.host.journal();
                let gate = gate::inline(&self.host, &view);
                content::lock(&self.host, self.machine.config().teaser, &journal, &gate);
                self.locked = Some(journal);
                self.view = Some(view);
            }
            Effect::Open => {
                if let Some(view) = &self.view {
                    let journal = self.host.journal();
                    let overlay = self.overlay.get_or_insert_with(|| gate::overlay(&self.host, view));
                    journal.open(overlay);
                    self.opened = Some(journal);
                }
            }
            Effect::Close => {
                if let Some(journal) = self.opened.take() {
                    journal.undo();
                }
            }
            Effect::Release => {
                if let Some(journal) = self.locked.take() {
                    journal.undo();
                }
                self.overlay = None;
            }
            Effect::Announce(event) => {
                let article = self.machine.article().unwrap_or("");
                let (name, detail) = events::parts(&event, article, self.machine.config());
                self.host.emit(name, &detail);
            }
        }
        None
    }

    /// Tells the host page that a link was followed.
    fn followed(&self, code: u32, address: &str) {
        let mut chosen = "";
        if let Some(view) = &self.view {
            for plan in &view.plans {
                if plan.action.address == address {
                    chosen = &plan.id;
                }
            }
        }
        let detail = events::object(&[("plan", Value::Text(chosen)), ("url", Value::Text(address))]);
        self.host.emit(if code == code::LOGIN { "login-click" } else { "subscribe-click" }, &detail);
    }
}

/// An entitlement as the shim passes it: a plain object of ours, already checked for shape.
fn entitlement(value: &Raw) -> Entitlement {
    Entitlement {
        granted: value.field("granted") == "true",
        reason: value.field("grantReason").to_owned(),
        tier: Tier::named(value.field("tier")),
    }
}
