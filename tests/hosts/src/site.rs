//! A publisher's site for one test: its own server, so its own origin and storage; and the clock of its pages.

use crate::page::Page;
use anyhow::{Context as _, Result};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tollgate_serve::{Folder, Request, Response, Router, Server};

/// What every test page runs first.
const WITNESS: &str = include_str!("pages/witness.js");

/// A running site.
pub(crate) struct Site {
    server: Server,
    shelf: Arc<Mutex<Shelf>>,
    dist: PathBuf,
}

/// What makes an answer.
type Answerer = Arc<dyn Fn(&Request) -> Response + Send + Sync>;

/// What the server looks things up in.
#[derive(Default)]
struct Shelf {
    answers: HashMap<String, Answerer>,
    requests: Vec<Request>,
    slow: HashMap<String, Duration>,
    clock: String,
}

impl Site {
    /// A site that serves the built script, and so far no page.
    pub(crate) fn start() -> Result<Site> {
        // A port that had been another test's site would bring that test's storage along.
        static USED: Mutex<Vec<u16>> = Mutex::new(Vec::new());
        loop {
            let site = Site::start_anywhere()?;
            let mut used = lock(&USED);
            if !used.contains(&site.server.addr.port()) {
                used.push(site.server.addr.port());
                return Ok(site);
            }
        }
    }

    fn start_anywhere() -> Result<Site> {
        let shelf = Arc::new(Mutex::new(Shelf { clock: "null".into(), ..Shelf::default() }));
        let dist = crate::root().join("www/dist");
        let (for_pages, for_witness) = (Arc::clone(&shelf), Arc::clone(&shelf));
        let router = Router::new()
            .at("/witness.js", move |_| {
                let script = format!("const CLOCK = {};\n{WITNESS}", lock(&for_witness).clock);
                Response::new(200).body("text/javascript; charset=utf-8", script)
            })
            .under("/", move |request: &Request| {
                let slow = {
                    let mut shelf = lock(&for_pages);
                    shelf.requests.push(request.clone());
                    shelf.slow.get(&request.path).copied()
                };
                if let Some(time) = slow {
                    std::thread::sleep(time);
                }
                let answerer = lock(&for_pages).answers.get(&request.path).cloned();
                answerer.map(|answer| answer(request))
            })
            .mount("/", Folder::new(&dist));
        Ok(Site { server: Server::start(router).context("no free port for a site")?, shelf, dist })
    }

    /// Puts a page on the site, at its own path.
    pub(crate) fn page(&self, page: Page) {
        self.put(&page.path(), page.response(&self.origin()));
    }

    /// Puts any response on the site.
    pub(crate) fn put(&self, path: &str, response: Response) {
        self.answer(path, move |_| response.clone());
    }

    /// Answers each request for a path by what the request is.
    pub(crate) fn answer(&self, path: &str, answer: impl Fn(&Request) -> Response + Send + Sync + 'static) {
        lock(&self.shelf).answers.insert(path.to_owned(), Arc::new(answer));
    }

    /// The requests for a path so far.
    pub(crate) fn asked(&self, path: &str) -> Vec<Request> {
        lock(&self.shelf).requests.iter().filter(|request| request.path == path).cloned().collect()
    }

    /// Puts a script on the site that came from npm: `cargo xtask test` installs it.
    pub(crate) fn put_from_npm(&self, path: &str, script: &str) -> Result<()> {
        let file = crate::root().join("target/tools/frameworks").join(script);
        let text = std::fs::read(&file)
            .with_context(|| format!("{} is made by cargo xtask test", file.display()))?;
        self.put(path, Response::new(200).body("text/javascript; charset=utf-8", text));
        Ok(())
    }

    /// Makes every answer to a path wait so long.
    pub(crate) fn slow(&self, path: &str, time: Duration) {
        lock(&self.shelf).slow.insert(path.to_owned(), time);
    }

    /// `http://127.0.0.1:<port>`
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.server.addr)
    }

    /// The same site under another name: for a browser another origin, and another site.
    pub(crate) fn other_origin(&self) -> String {
        format!("http://localhost:{}", self.server.addr.port())
    }

    /// A path's whole address.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// How often a path with this beginning was asked for.
    pub(crate) fn requests(&self, beginning: &str) -> usize {
        lock(&self.shelf).requests.iter().filter(|request| request.path.starts_with(beginning)).count()
    }

    /// Sets the clock of the pages that are opened from now on: they believe that it is this time now, and it
    /// goes on from there. Without this call pages see the real time.
    pub(crate) fn clock_at(&self, milliseconds: i64) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let offset = milliseconds - i64::try_from(now).unwrap_or_default();
        lock(&self.shelf).clock = format!("(now => () => now() + ({offset}))(Date.now.bind(Date))");
    }

    /// Makes `Date.now()` return the value of this JavaScript expression, always.
    pub(crate) fn clock_stuck_at(&self, expression: &str) {
        lock(&self.shelf).clock = format!("() => {expression}");
    }

    /// Gives the pages the real time again.
    pub(crate) fn clock_real(&self) {
        lock(&self.shelf).clock = "null".into();
    }

    /// The built script's bytes.
    pub(crate) fn script(&self) -> Result<Vec<u8>> {
        self.built("/tollgate.js")
    }

    /// The bytes of a built file, by its path on the site.
    pub(crate) fn built(&self, path: &str) -> Result<Vec<u8>> {
        let file = self.dist.join(path.trim_start_matches('/'));
        std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))
    }

    /// The pinned module that the script falls back to: its path on the site. By the name that the script itself holds:
    /// beside it lies also the debug script's module.
    pub(crate) fn module(&self) -> Result<String> {
        self.pinned("tollgate-", ".wasm")
    }

    /// The gate's script beside the script: its path on the site.
    pub(crate) fn gate(&self) -> Result<String> {
        self.pinned("tollgate-gate-", ".js")
    }

    /// The rules' script beside the script: its path on the site.
    pub(crate) fn rules(&self) -> Result<String> {
        self.pinned("tollgate-rules-", ".js")
    }

    /// The changing page's script beside the script: its path on the site.
    pub(crate) fn changing(&self) -> Result<String> {
        self.pinned("tollgate-changing-", ".js")
    }

    /// The connected page's script beside the script: its path on the site.
    pub(crate) fn connect(&self) -> Result<String> {
        self.pinned("tollgate-connect-", ".js")
    }

    /// The module's twin in JavaScript, beside the script: its path on the site.
    pub(crate) fn twin(&self) -> Result<String> {
        self.pinned("tollgate-twin-", ".js")
    }

    /// The path of a file that the script names by its content: between this beginning and this end stands a hash.
    fn pinned(&self, beginning: &str, end: &str) -> Result<String> {
        let script = String::from_utf8(self.script()?)?;
        let is_pinned = |rest: &&str| {
            rest.split_once(end).is_some_and(|(hash, _)| {
                hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
            })
        };
        script
            .split(beginning)
            .skip(1)
            .find(is_pinned)
            .and_then(|rest| rest.split_once(end))
            .map(|(hash, _)| format!("/{beginning}{hash}{end}"))
            .with_context(|| format!("the script names no {beginning}<hash>{end}: run cargo xtask build"))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
