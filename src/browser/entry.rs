//! The module's two exports. `start` reads the page once and makes the machine; `signal` takes in whatever happens.
//! Both are called by the shim alone, one at a time; an error that leaves either is a trap, and the shim undoes all.

use super::content;
use super::events::{self, ClickDetail};
use super::gate::{self, Overlay, Workshop};
use super::host::{Host, Journal};
use super::intl;
use super::page::{self, Facts};
use super::settings;
use super::storage::Store;
use crate::access::entitlement::{Entitlement, Tier};
use crate::config::{Config, Diagnostic};
use crate::machine::{Effect, Machine, Now, Signal};
use crate::meter::ledger::PREFIX;
use crate::meter::period::Moment;
use crate::view::View;
use js_sys::{Array, Date, Reflect};
use std::cell::RefCell;
use std::collections::VecDeque;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event, HtmlElement, ScrollBehavior, ScrollToOptions, StorageEvent, Window};

/// What the shim signals, by number. www/loader/host.js has the same table.
pub(super) mod code {
    /// `visibilitychange`, the end of prerendering, or a return from the back/forward cache. Value: whether visible.
    pub(crate) const VISIBILITY: u32 = 0;
    /// The timer.
    pub(crate) const WOKE: u32 = 1;
    /// The reader scrolled, tapped or typed.
    pub(crate) const ENGAGED: u32 = 2;
    /// Another window wrote to storage.
    pub(crate) const STORAGE: u32 = 3;
    /// The overlay's close button.
    pub(crate) const CLOSE: u32 = 4;
    /// The overlay is wanted again.
    pub(crate) const WANTED: u32 = 5;
    /// A plan was chosen.
    pub(crate) const CHOICE: u32 = 6;
    /// The button that leads to the subscription.
    pub(crate) const SUBSCRIBE: u32 = 7;
    /// The link that leads to the log-in.
    pub(crate) const LOGIN: u32 = 8;
    /// The host is finding out who is reading.
    pub(crate) const ACCESS_PENDING: u32 = 9;
    /// The host could not find out.
    pub(crate) const ACCESS_UNKNOWN: u32 = 10;
    /// The host has said who is reading. Value: `{granted, grantReason, tier}`.
    pub(crate) const ACCESS_KNOWN: u32 = 11;
    /// `tollgate.hide()`.
    pub(crate) const HIDE: u32 = 12;
    /// `tollgate.forget()`.
    pub(crate) const FORGET: u32 = 13;
    /// The dialog was closed: by Escape or otherwise by the browser, or by us a moment ago.
    pub(crate) const CLOSED: u32 = 14;
}

thread_local! {
    static APP: RefCell<Option<App>> = const { RefCell::new(None) };
}

/// Starts on a page that is parsed: reads it and takes up its signals. `tag` is the script's own element, if it is known.
///
/// # Errors
/// Whatever the page throws; the shim then puts it back as it was.
#[wasm_bindgen]
pub fn start(host: Host, tag: Option<HtmlElement>) -> Result<(), JsValue> {
    let app = App::new(host, tag.as_ref())?;
    APP.with(|cell| {
        let mut cell = cell.try_borrow_mut().map_err(|_| busy())?;
        cell.insert(app).run(Signal::Started)
    })
}

/// Takes in a signal of the shim. `value` is what its code says.
///
/// # Errors
/// As [`start`].
#[wasm_bindgen]
pub fn signal(code: u32, value: &JsValue) -> Result<(), JsValue> {
    APP.with(|cell| {
        let mut cell = cell.try_borrow_mut().map_err(|_| busy())?;
        match cell.as_mut() {
            Some(app) => app.signal(code, value),
            None => Ok(()),
        }
    })
}

/// The shim queues what happens while the module runs, so this cannot be met; but a trap would be worse than a word.
fn busy() -> JsValue {
    JsValue::from_str("busy")
}

struct App {
    host: Host,
    window: Window,
    document: Document,
    machine: Machine,
    store: Store,
    built: Moment,
    content: Option<Element>,
    shop: Option<Workshop>,
    view: Option<Box<View>>,
    /// What was done to the article, and what was done to open the overlay: undone apart.
    locked: Option<Journal>,
    overlay: Option<(Overlay, Option<Journal>)>,
}

impl App {
    fn new(host: Host, tag: Option<&HtmlElement>) -> Result<App, JsValue> {
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        let document = window.document().ok_or(JsValue::NULL)?;
        let facts = Facts::of(&document, &window.location());
        let settings = settings::read(&document, tag);
        let (config, diagnostics) = Config::read(&settings, &facts.surroundings());
        let (page, content) = page::find(&document, &facts, &config, tag);
        let machine = Machine::new(config, diagnostics, page);

        let store = Store::open(&window);
        if machine.article().is_some() {
            host.listen(&window, "storage", code::STORAGE, false)?;
            for event in ["scroll", "pointerdown", "keydown"] {
                host.listen(&window, event, code::ENGAGED, true)?;
            }
        }
        let built = Moment::from_milliseconds((host.built() * 60_000.0) as i64);
        Ok(App {
            host,
            window,
            document,
            machine,
            store,
            built,
            content,
            shop: None,
            view: None,
            locked: None,
            overlay: None,
        })
    }

    fn signal(&mut self, code: u32, value: &JsValue) -> Result<(), JsValue> {
        let signal = match code {
            code::VISIBILITY if value.is_truthy() => Signal::Seen,
            code::VISIBILITY => Signal::Hidden,
            code::WOKE => Signal::Woke,
            code::ENGAGED => Signal::Engaged,
            code::STORAGE => {
                // `null` is a `clear()`. Other keys than ours are of no interest.
                let key = value.dyn_ref::<StorageEvent>().and_then(StorageEvent::key);
                if key.is_some_and(|key| !key.starts_with(PREFIX)) {
                    return Ok(());
                }
                Signal::LedgerChanged
            }
            // The event comes late: the overlay may be open again.
            code::CLOSED if self.overlay.as_ref().is_some_and(|(overlay, _)| overlay.is_open()) => {
                return Ok(());
            }
            code::CLOSE | code::CLOSED => Signal::Closed { by_reader: true },
            code::HIDE => Signal::Closed { by_reader: false },
            code::WANTED => Signal::Wanted,
            code::CHOICE => {
                return self.overlay.as_ref().map_or(Ok(()), |(overlay, _)| overlay.follow_choice());
            }
            code::SUBSCRIBE => return self.clicked("subscribe-click", value),
            code::LOGIN => return self.clicked("login-click", value),
            code::ACCESS_PENDING => Signal::AccessPending,
            code::ACCESS_KNOWN => Signal::AccessKnown(entitlement(value)),
            code::FORGET => Signal::Forget,
            code::ACCESS_UNKNOWN => Signal::AccessUnknown,
            _ => return Ok(()),
        };
        self.run(signal)
    }

    /// Gives the machine a signal, and it the answers its effects ask for, until there is nothing left to do.
    fn run(&mut self, signal: Signal) -> Result<(), JsValue> {
        let mut signals = VecDeque::from([signal]);
        while let Some(signal) = signals.pop_front() {
            let now = Now {
                clock: Moment::of_clock(Date::now(), self.built),
                elapsed: self.host.elapsed()? as i64,
            };
            for effect in self.machine.on(now, signal) {
                signals.extend(self.perform(effect)?);
            }
        }
        Ok(())
    }

    fn perform(&mut self, effect: Effect) -> Result<Option<Signal>, JsValue> {
        match effect {
            Effect::Warn(diagnostics) => self.warn(&diagnostics)?,
            Effect::List => {
                return Ok(Some(Signal::Listed(self.store.keys(&self.machine.config().site.prefix()))));
            }
            Effect::Store { key, value } => self.store.add(&key, &value),
            Effect::Remove(keys) => self.store.remove(&keys),
            Effect::RemoveAll => {
                let all = [PREFIX, self.machine.config().site.as_str(), ":"].concat();
                let keys = self.store.keys(&all);
                self.store.remove(&keys);
            }
            Effect::Wake(milliseconds) => self.host.wake(milliseconds as f64)?,
            Effect::Format(requests) => {
                let locale = &self.machine.config().locale;
                let answers = requests.iter().map(|request| intl::answer(request, locale)).collect();
                return Ok(Some(Signal::Formatted(answers)));
            }
            Effect::Lock(view) => self.lock(view)?,
            Effect::Open => self.open()?,
            Effect::Close => self.close()?,
            Effect::Release => {
                if let Some(journal) = self.locked.take() {
                    journal.undo()?;
                }
                self.overlay = None;
            }
            Effect::Announce(event) => {
                let (name, detail) = events::parts(&event, self.machine.article().unwrap_or(""));
                self.host.emit(name, &detail)?;
            }
        }
        Ok(None)
    }

    fn warn(&self, diagnostics: &[Diagnostic]) -> Result<(), JsValue> {
        let lines = Array::new();
        for diagnostic in diagnostics {
            lines.push(&Array::of2(&diagnostic.line().into(), &diagnostic.code.name().into()));
        }
        self.host.warn(&lines, diagnostics.iter().any(|diagnostic| diagnostic.code.is_mistake()))
    }

    fn lock(&mut self, view: Box<View>) -> Result<(), JsValue> {
        let shop = match self.shop.take() {
            Some(shop) => shop,
            None => Workshop::new(&self.document, &self.host)?,
        };
        if let Some(content) = &self.content {
            let journal = self.host.journal()?;
            // Kept before anything is done, so that whatever was done can be undone.
            self.locked = Some(journal.clone());
            let gate = gate::inline(&shop, &view)?;
            content::lock(content, self.machine.config().teaser, &journal, &gate)?;
        }
        self.shop = Some(shop);
        self.view = Some(view);
        Ok(())
    }

    fn open(&mut self) -> Result<(), JsValue> {
        let (Some(shop), Some(view)) = (&self.shop, &self.view) else { return Ok(()) };
        if self.overlay.is_none() {
            self.overlay = Some((Overlay::build(shop, view)?, None));
        }
        if let Some((overlay, opened)) = &mut self.overlay {
            let journal = self.host.journal()?;
            *opened = Some(journal.clone());
            overlay.open(shop, &journal)?;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), JsValue> {
        if let Some((overlay, opened)) = &mut self.overlay {
            let (left, top) = (self.window.scroll_x()?, self.window.scroll_y()?);
            overlay.close();
            if let Some(journal) = opened.take() {
                journal.undo()?;
            }
            // The focus that goes back may have moved the page.
            if (self.window.scroll_x()?, self.window.scroll_y()?) != (left, top) {
                let back = ScrollToOptions::new();
                back.set_left(left);
                back.set_top(top);
                back.set_behavior(ScrollBehavior::Instant);
                self.window.scroll_to_with_scroll_to_options(&back);
            }
        }
        Ok(())
    }

    fn clicked(&self, name: &str, value: &JsValue) -> Result<(), JsValue> {
        let link = value.dyn_ref::<Event>().and_then(Event::current_target);
        let url = link.and_then(|link| link.dyn_ref::<Element>()?.get_attribute("href")).unwrap_or_default();
        let plans = self.view.as_ref().map_or(&[][..], |view| &view.plans);
        let plan = plans.iter().find(|plan| plan.action.address == url).map_or("", |plan| &plan.id);
        self.host.emit(name, &events::object(&ClickDetail { plan, url: &url }))
    }
}

/// An entitlement as the shim passes it: a plain object of ours, already checked for shape.
fn entitlement(value: &JsValue) -> Entitlement {
    let field = |name: &str| Reflect::get(value, &name.into()).unwrap_or(JsValue::UNDEFINED);
    Entitlement {
        granted: field("granted").is_truthy(),
        reason: field("grantReason").as_string().unwrap_or_default(),
        tier: Tier::named(&field("tier").as_string().unwrap_or_default()),
    }
}
