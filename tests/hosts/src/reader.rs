//! A reader: one person at one browser, visiting one publisher's site; what a test is written with.

use crate::browser::Browser;
use crate::check;
use crate::engine::Engine;
use crate::site::Site;
use anyhow::{Context as _, Result, bail};
use http::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use thirtyfour::{Key, WindowHandle};

/// How long a reader waits for something that should happen.
const PATIENCE: Duration = Duration::from_secs(8);
/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(25);

/// The first moment of the test sites' calendar: 2031-05-10 12:00 UTC, later than any build of ours.
pub(crate) const MAY: i64 = 1_936_180_800_000;
/// In the month after: 2031-06-03 09:00 UTC.
pub(crate) const JUNE: i64 = 1_938_243_600_000;

/// What a page's witness wrote down.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    kind: String,
    text: String,
    detail: Value,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.text)?;
        if !self.detail.is_null() {
            write!(f, " {}", self.detail)?;
        }
        Ok(())
    }
}

/// What may go wrong on a page, if the test says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// An uncaught error or rejection, or a `console.error`.
    Error,
    /// A warning of ours, or our `tollgate:error`.
    Warning,
    /// A violation of the page's policy.
    Violation,
}

impl Entry {
    fn trouble(&self) -> Option<Trouble> {
        match self.kind.as_str() {
            "error" | "rejection" | "console.error" => Some(Trouble::Error),
            "violation" => Some(Trouble::Violation),
            "console.warn" | "console.group" | "console.groupCollapsed"
                if self.text.contains("[tollgate]") =>
            {
                Some(Trouble::Warning)
            }
            "event" if self.text == "tollgate:error" => Some(Trouble::Warning),
            _ => None,
        }
    }
}

/// What a reader's pages wrote down, kept where the runner finds it after a failure.
pub(crate) type Log = Arc<Mutex<Vec<Entry>>>;

/// Whether none of our surfaces moves any more: on its way in it is elsewhere, and see-through. (A document's own list leaves out what
/// is in shadow roots, in Firefox.)
pub(crate) const AT_REST: &str = "[...document.querySelectorAll('tollgate-gate')].every(({ shadowRoot }) => \
    shadowRoot.getAnimations().every(it => it.playState === 'finished'))";

/// One reader. See the methods; each fails with a readable reason.
pub(crate) struct Reader {
    /// The engine of the reader's browser.
    pub(crate) engine: Engine,
    /// The publisher's site.
    pub(crate) site: Site,
    browser: Arc<Browser>,
    log: Log,
    allowed: Vec<Trouble>,
}

impl Reader {
    /// A reader whose site has nothing but the script; its clock stands at [`MAY`].
    pub(crate) fn new(browser: Arc<Browser>, log: Log) -> Result<Reader> {
        let site = Site::start()?;
        site.clock_at(MAY);
        Ok(Reader { engine: browser.engine, site, browser, log, allowed: Vec::new() })
    }

    /// From here on pages may have this kind of trouble; the test looks at it itself.
    pub(crate) fn allow(&mut self, trouble: Trouble) {
        self.allowed.push(trouble);
    }

    // Going places.

    /// Leaves the page (which must have been free of trouble) and opens another of the site.
    pub(crate) async fn open(&mut self, path: &str) -> Result<()> {
        let address = self.site.url(path);
        self.open_address(&address).await
    }

    /// Leaves the page and opens this address.
    pub(crate) async fn open_address(&mut self, address: &str) -> Result<()> {
        self.settle().await?;
        self.browser.session.goto(address).await.with_context(|| format!("cannot open {address}"))
    }

    /// Opens an article, scrolls a little, and waits until the read is counted (or, with a read that counted
    /// before, found again).
    pub(crate) async fn read(&mut self, path: &str) -> Result<()> {
        self.open(path).await?;
        self.granted().await?;
        self.scroll().await?;
        self.counted().await
    }

    /// Reloads the page.
    pub(crate) async fn reload(&mut self) -> Result<()> {
        self.settle().await?;
        Ok(self.browser.session.refresh().await?)
    }

    /// The back button.
    pub(crate) async fn back(&mut self) -> Result<()> {
        self.settle().await?;
        Ok(self.browser.session.back().await?)
    }

    /// The back button, to a page of this path that the browser has kept as it was.
    pub(crate) async fn back_from_the_cache(&mut self, path: &str) -> Result<()> {
        self.back().await?;
        let back = format!("location.pathname === '{path}' && witness.shown() === 'persisted'");
        self.wait_for("the page is back from the cache", &back).await
    }

    /// Runs a script that leaves the page, and waits until the browser is at an address with this beginning.
    pub(crate) async fn leave_by(&mut self, script: &str, path: &str) -> Result<()> {
        let beginning = self.site.url(path);
        self.leave_to(script, &beginning).await
    }

    /// As `leave_by`, to an address that may be another site's.
    pub(crate) async fn leave_to(&mut self, script: &str, beginning: &str) -> Result<()> {
        self.settle().await?;
        self.js::<Value>(script).await?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let here = self.browser.session.current_url().await?;
            // All of a site's addresses begin as its front page's does, that of the page which is left too.
            let is_there = if beginning.ends_with('/') {
                here.as_str() == beginning
            } else {
                here.as_str().starts_with(beginning)
            };
            let complete = is_there
                && self.js::<bool>("return document.readyState === 'complete'").await.unwrap_or(false);
            if complete {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("leaving by {script}\n  expected: to be at {beginning}\n  seen:     {here}");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Opens a second window (it becomes the current one); returns the first and the second.
    pub(crate) async fn second_window(&mut self) -> Result<(WindowHandle, WindowHandle)> {
        let first = self.browser.session.window().await?;
        let second = match self.engine {
            // A tab made by WebKit's driver is never shown; a window is.
            Engine::WebKit => self.browser.session.new_window().await?,
            _ => self.browser.session.new_tab().await?,
        };
        self.browser.session.switch_to_window(second.clone()).await?;
        Ok((first, second))
    }

    /// Opens a window beside the others, on the screen as they are (it becomes the current one).
    pub(crate) async fn another_window(&mut self) -> Result<WindowHandle> {
        let window = self.browser.session.new_window().await?;
        self.browser.session.switch_to_window(window.clone()).await?;
        Ok(window)
    }

    /// Opens a window from the page itself, as its links may (it becomes the current one): in a private window, another
    /// private one, which the driver's own would not be.
    pub(crate) async fn window_of_the_page(&mut self, path: &str) -> Result<WindowHandle> {
        let before = self.browser.session.windows().await?;
        self.js::<Value>(&format!("window.open('{path}', '_blank', 'width=1280,height=900')")).await?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let windows = self.browser.session.windows().await?;
            if let Some(new) = windows.into_iter().find(|window| !before.contains(window)) {
                self.browser.session.switch_to_window(new.clone()).await?;
                return Ok(new);
            }
            if Instant::now() > deadline {
                bail!("the page opened no window");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The window that the reader is at.
    pub(crate) async fn window(&self) -> Result<WindowHandle> {
        Ok(self.browser.session.window().await?)
    }

    /// Minimises the window, or puts it back on the screen; its page is hidden, or seen again, when this returns.
    pub(crate) async fn minimise(&self, minimised: bool) -> Result<()> {
        let state = if minimised {
            self.browser.raw(Method::POST, "window/minimize", json!({})).await?;
            "hidden"
        } else {
            let place = json!({ "x": 0, "y": 0, "width": 1280, "height": 900 });
            self.browser.raw(Method::POST, "window/rect", place).await?;
            "visible"
        };
        self.wait_for(&format!("the page is {state}"), &format!("document.visibilityState === '{state}'"))
            .await
    }

    /// A command of the Chrome DevTools protocol to the current page; in Chromium only.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        self.browser.devtools(command, parameters).await
    }

    /// Goes to a window.
    pub(crate) async fn switch_to(&mut self, window: &WindowHandle) -> Result<()> {
        Ok(self.browser.session.switch_to_window(window.clone()).await?)
    }

    /// Goes into the page's first frame.
    pub(crate) async fn enter_frame(&mut self) -> Result<()> {
        Ok(self.browser.session.enter_frame(0).await?)
    }

    /// Back from a frame to the page around it.
    pub(crate) async fn leave_frame(&mut self) -> Result<()> {
        Ok(self.browser.session.enter_default_frame().await?)
    }

    /// Takes over what the page's witness wrote down, and fails if there was trouble that is not allowed.
    pub(crate) async fn settle(&mut self) -> Result<()> {
        self.harvest().await;
        let log = self.entries();
        let unwanted = log.iter().find(|entry| entry.trouble().is_some_and(|it| !self.allowed.contains(&it)));
        match unwanted {
            Some(entry) => bail!("trouble on the page: {entry}"),
            None => Ok(()),
        }
    }

    /// Adds the page's own log to what is known. A page without a witness has none.
    pub(crate) async fn harvest(&self) {
        let script = "return typeof witness === 'undefined' ? [] : witness.take()";
        if let Ok(entries) = self.js::<Vec<Value>>(script).await {
            let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            log.extend(entries.into_iter().map(|entry| Entry {
                kind: entry["kind"].as_str().unwrap_or_default().into(),
                text: entry["text"].as_str().unwrap_or_default().into(),
                detail: entry["detail"].clone(),
            }));
        }
    }

    fn entries(&self) -> Vec<Entry> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    // Asking the page.

    /// The result of a script (a function's body, with `return`).
    pub(crate) async fn js<T: DeserializeOwned>(&self, script: &str) -> Result<T> {
        self.js_with(script, Vec::new()).await
    }

    /// The result of a script with `arguments`.
    pub(crate) async fn js_with<T: DeserializeOwned>(
        &self,
        script: &str,
        arguments: Vec<Value>,
    ) -> Result<T> {
        let result = self.browser.session.execute(script, arguments).await;
        let value = result.with_context(|| format!("this script threw: {script}"))?;
        serde_json::from_value(value.json().clone()).with_context(|| format!("the result of: {script}"))
    }

    /// The value of an expression.
    pub(crate) async fn value(&self, expression: &str) -> Result<Value> {
        self.js(&format!("return ({expression})")).await
    }

    /// The value that a promise settles to.
    pub(crate) async fn promised(&self, expression: &str) -> Result<Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1]; Promise.resolve({expression}).then(done, \
             error => done('rejected: ' + error))"
        );
        Ok(self.browser.session.execute_async(script, Vec::new()).await?.json().clone())
    }

    /// Waits until an expression is true.
    pub(crate) async fn wait_for(&self, what: &str, expression: &str) -> Result<()> {
        self.wait_long_for(PATIENCE, what, expression).await
    }

    /// As `wait_for`, for so long.
    pub(crate) async fn wait_long_for(&self, patience: Duration, what: &str, expression: &str) -> Result<()> {
        let deadline = Instant::now() + patience;
        loop {
            let seen = self.value(expression).await;
            if matches!(seen, Ok(Value::Bool(true))) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let seen = seen.map_or_else(|error| format!("{error:#}"), |value| value.to_string());
                bail!("waited {patience:?} for: {what}\n  expected: {expression}\n  seen:     {seen}");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// An expression is true, and stays so for a while: for what must not happen.
    pub(crate) async fn stays(&self, what: &str, expression: &str, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.is(what, expression, true).await?;
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// The value of an expression is this one.
    pub(crate) async fn is(&self, what: &str, expression: &str, expected: impl Into<Value>) -> Result<()> {
        check::json(what, &self.value(expression).await?, &expected.into())
    }

    /// The document is, to the byte and node, what its author wrote; once what is said to those who hear the page has been said.
    pub(crate) async fn is_untouched(&self) -> Result<()> {
        self.wait_for("nothing is being said", "witness.hosts('status').length === 0").await?;
        // The focus may be on what came back, which takes it for this once. A window that is not in front has no such events.
        self.js::<Value>(
            "const element = document.activeElement; if (element) { element.blur(); \
             if (!document.hasFocus()) element.dispatchEvent(new FocusEvent('blur')) }",
        )
        .await?;
        self.is("the document is as it was", "witness.untouched()", "same").await
    }

    // What a reader does.

    /// Scrolls down a little.
    pub(crate) async fn scroll(&self) -> Result<()> {
        self.js::<Value>("window.scrollTo(0, window.scrollY + 240)").await?;
        Ok(())
    }

    /// Makes the window so large, or as nearly as the browser's own frame allows.
    pub(crate) async fn window_of(&self, width: u32, height: u32) -> Result<()> {
        Ok(self.browser.session.set_window_rect(0, 0, width, height).await?)
    }

    /// What the window shows, as PNG.
    pub(crate) async fn screenshot(&self) -> Result<Vec<u8>> {
        Ok(self.browser.session.screenshot_as_png().await?)
    }

    /// Presses a key.
    pub(crate) async fn press(&self, key: Key) -> Result<()> {
        Ok(self.browser.session.action_chain().send_keys(key).perform().await?)
    }

    /// Types a text.
    pub(crate) async fn type_in(&self, text: &str) -> Result<()> {
        Ok(self.browser.session.action_chain().send_keys(text).perform().await?)
    }

    /// The role and the name of the element that an expression yields, as the browser computes them for assistive technology.
    pub(crate) async fn computed(&self, element: &str) -> Result<(String, String)> {
        let found = self.browser.session.execute(format!("return {element}"), Vec::new()).await?;
        let found = found.element().with_context(|| format!("no element: {element}"))?;
        Ok((
            self.browser.of_element(&found, "computedrole").await?,
            self.browser.of_element(&found, "computedlabel").await?,
        ))
    }

    /// Presses a key with Shift held.
    pub(crate) async fn press_with_shift(&self, key: Key) -> Result<()> {
        let keys = self.browser.session.action_chain().key_down(Key::Shift).send_keys(key).key_up(Key::Shift);
        Ok(keys.perform().await?)
    }

    /// Clicks with the pointer in the middle of the element that an expression yields, wherever that hits.
    pub(crate) async fn click(&self, element: &str) -> Result<()> {
        // Where it will be hit, when nothing moves any more.
        self.wait_for("nothing moves", AT_REST).await?;
        let script = format!(
            "const box = ({element}).getBoundingClientRect(); \
             return [Math.round(box.left + box.width / 2), Math.round(box.top + box.height / 2)]"
        );
        let (x, y): (i64, i64) = self.js(&script).await?;
        Ok(self
            .browser
            .session
            .action_chain_with_delay(None, Some(Duration::ZERO))
            .move_to(x, y)
            .click()
            .perform()
            .await?)
    }

    // What Tollgate says and shows.

    /// Waits until the article of the page is granted.
    pub(crate) async fn granted(&self) -> Result<()> {
        self.wait_for("the article is granted", "witness.events('granted').length > 0").await
    }

    /// Waits until the read of this page's article is counted.
    pub(crate) async fn counted(&self) -> Result<()> {
        self.wait_for(
            "the read is counted",
            "witness.events('meter').some(entry => entry.detail && entry.detail.counted === true)",
        )
        .await
    }

    /// Waits until the overlay is on the screen.
    pub(crate) async fn overlay(&self) -> Result<Value> {
        self.wait_for("the overlay is open", "witness.overlayOpen()").await?;
        // While it rises, what is aimed at is elsewhere when the pointer gets there.
        self.wait_for("the overlay has risen", AT_REST).await?;
        self.value("witness.overlay()").await
    }

    /// Opens an article and waits until it is gated.
    pub(crate) async fn open_gated(&mut self, path: &str) -> Result<Value> {
        self.open(path).await?;
        self.overlay().await
    }

    /// Closes the overlay by Escape, and waits until it is gone.
    pub(crate) async fn escape(&self) -> Result<()> {
        self.press(Key::Escape).await?;
        // The browser closes it first; we put the page back when it says so.
        let closed = "!witness.overlayOpen() && document.documentElement.style.overflow !== 'hidden'";
        self.wait_for("the overlay is closed", closed).await
    }

    /// The whole article is in the document, and there is no gate.
    pub(crate) async fn is_open(&self, slug: &str) -> Result<()> {
        self.is("all paragraphs are there", &format!("witness.paragraphs('{slug}')"), "11111111").await?;
        self.is("there is no gate", "witness.hosts('inline').length + witness.hosts('overlay').length", 0)
            .await
    }

    /// The teaser's three paragraphs are in the document and the others are not.
    pub(crate) async fn is_locked(&self, slug: &str) -> Result<()> {
        self.is("only the teaser is there", &format!("witness.paragraphs('{slug}')"), "11100000").await
    }

    /// Our keys in the local storage, with their values.
    pub(crate) async fn ledger(&self) -> Result<Vec<(String, String)>> {
        self.ledger_in("localStorage").await
    }

    /// Our keys in a storage area.
    pub(crate) async fn ledger_in(&self, area: &str) -> Result<Vec<(String, String)>> {
        let found: serde_json::Map<String, Value> =
            self.js(&format!("return witness.ledger('{area}')")).await?;
        Ok(found
            .into_iter()
            .map(|(key, value)| (key, value.as_str().unwrap_or_default().to_owned()))
            .collect())
    }

    /// So many reads are in the ledger, and nothing else of ours.
    pub(crate) async fn ledger_has(&self, reads: usize) -> Result<()> {
        let ledger = self.ledger().await?;
        check::equal(&format!("the number of keys in {ledger:?}"), ledger.len(), reads)
    }

    /// The warnings of ours so far, on all pages since the last call.
    pub(crate) async fn warnings(&self) -> Vec<String> {
        self.harvest().await;
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let ours = |entry: &Entry| entry.trouble() == Some(Trouble::Warning) && entry.kind != "event";
        let found = log.iter().filter(|entry| ours(entry)).map(|entry| entry.text.clone()).collect();
        log.retain(|entry| !ours(entry));
        found
    }

    /// Exactly one warning of ours since the last call; it begins as all do, and is returned.
    pub(crate) async fn one_warning(&self) -> Result<String> {
        let warnings = self.warnings().await;
        match warnings.as_slice() {
            [one] if one.starts_with("[tollgate]") => Ok(one.clone()),
            _ => bail!("the warnings\n  expected: one that begins with [tollgate]\n  seen:     {warnings:?}"),
        }
    }

    /// The details of our events of this name so far.
    pub(crate) async fn events(&self, name: &str) -> Vec<Value> {
        self.harvest().await;
        let name = format!("tollgate:{name}");
        self.entries().into_iter().filter(|entry| entry.text == name).map(|entry| entry.detail).collect()
    }

    /// The names of our events so far, in order, without `tollgate:`.
    pub(crate) async fn event_names(&self) -> Vec<String> {
        self.harvest().await;
        let ours = |entry: Entry| Some(entry.text.strip_prefix("tollgate:")?.to_owned());
        self.entries().into_iter().filter(|entry| entry.kind == "event").filter_map(ours).collect()
    }

    /// What was written down of one kind.
    pub(crate) async fn noted(&self, kind: &str) -> Vec<String> {
        self.harvest().await;
        self.entries().into_iter().filter(|entry| entry.kind == kind).map(|entry| entry.text).collect()
    }

    /// Forgets what was written down until now.
    pub(crate) async fn forget_log(&self) {
        self.harvest().await;
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
