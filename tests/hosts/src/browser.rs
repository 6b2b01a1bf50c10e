//! One browser: a driver of its own, a session in it, and for WebKitGTK a display.

use crate::engine::{Engine, Setting, on_path};
use crate::processes::Process;
use anyhow::{Context as _, Result, bail};
use http::Method;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::session::handle::SessionHandle;
use thirtyfour::{Capabilities, RequestData, SessionId, WebDriver, WebElement};

/// How long a driver may take until it answers.
const DRIVER_START: Duration = Duration::from_secs(20);
/// How long one command may take: a little less than a test's whole time.
const COMMAND: Duration = Duration::from_secs(25);

/// A running browser. Dropping it ends all of its processes.
#[derive(Debug)]
pub(crate) struct Browser {
    /// Its engine.
    pub(crate) engine: Engine,
    /// The WebDriver session.
    pub(crate) session: WebDriver,
    // Dropped in this order: the driver with its browser, then the display they used, then their files.
    _driver: Process,
    _display: Option<Process>,
    _folder: Folder,
}

impl Browser {
    /// Starts a driver and opens a session with a setting.
    pub(crate) async fn start(engine: Engine, setting: Setting) -> Result<Browser> {
        let program = engine.driver()?;
        let folder = Folder::new()?;
        let capabilities = engine.capabilities(setting, &folder.0)?;
        let mut display = None;
        let mut command = Command::new(&program);
        if engine.needs_display() {
            let (process, name) = display_of_its_own()?;
            display = Some(process);
            command.env("DISPLAY", name).env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
        }
        let port = free_port()?;
        let log = folder.0.join("driver.log");
        let file = std::fs::File::create(&log)?;
        command
            .arg(format!("--port={port}"))
            .env("TMPDIR", &folder.0)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file);
        let mut driver = Process::start(&mut command)?;

        let address = format!("http://127.0.0.1:{port}/");
        let started = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if driver.has_ended() || started.elapsed() > DRIVER_START {
                bail!("{} does not answer: {}", program.display(), last_lines(&log));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let Value::Object(map) = capabilities else { bail!("capabilities are an object") };
        let session = WebDriver::builder(address, Capabilities::from(map))
            .request_timeout(COMMAND)
            .connect()
            .await
            .with_context(|| format!("{engine} does not start: {}", last_lines(&log)))?;
        let browser = Browser { engine, session, _driver: driver, _display: display, _folder: folder };
        let timeouts = json!({ "script": 20_000, "pageLoad": 20_000, "implicit": 0 });
        browser.raw(Method::POST, "timeouts", timeouts).await?;
        if engine != Engine::Chromium {
            let rect = json!({ "x": 0, "y": 0, "width": 1280, "height": 900 });
            let _ = browser.raw(Method::POST, "window/rect", rect).await;
        }
        Ok(browser)
    }

    /// Makes the session as good as new for the next test: one window, on an empty page, without the last one's cookies, which know no
    /// ports (RFC 6265, 8.5) and would be the next site's too.
    pub(crate) async fn tidy(&self) -> Result<()> {
        let windows = self.session.windows().await?;
        let (first, others) = windows.split_first().context("the browser has no window")?;
        for other in others {
            self.session.switch_to_window(other.clone()).await?;
            self.session.close_window().await?;
        }
        self.session.switch_to_window(first.clone()).await?;
        // A page that is no site's has none.
        let _ = self.session.delete_all_cookies().await;
        self.session.goto("about:blank").await?;
        Ok(())
    }

    /// Ends the session in the ordinary way; what does not end in time is killed by the drop.
    pub(crate) async fn quit(self) {
        let handle: &SessionHandle = &self.session;
        let _ = tokio::time::timeout(Duration::from_secs(3), handle.cmd(Raw::new(Method::DELETE, "", None)))
            .await;
    }

    /// A WebDriver command that the client library has no name for.
    pub(crate) async fn raw(&self, method: Method, path: &'static str, body: Value) -> Result<Value> {
        Ok(self.session.cmd(Raw::new(method, path, Some(body))).await?.value_json()?)
    }

    /// What the browser computes of an element: `computedrole` or `computedlabel`.
    pub(crate) async fn of_element(&self, element: &WebElement, what: &str) -> Result<String> {
        let path = format!("element/{}/{what}", element.element_id());
        let answer = self.session.cmd(Raw::new(Method::GET, path, None)).await?.value_json()?;
        Ok(answer.as_str().unwrap_or_default().to_owned())
    }

    /// A command of the Chrome DevTools protocol, through chromedriver.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        let body = json!({ "cmd": command, "params": parameters });
        self.raw(Method::POST, "goog/cdp/execute", body).await
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The client would send a last command and wait for its answer; the processes are ended right after this.
        let _ = self.session.clone().leak();
    }
}

/// A command written out: method, path below the session, body.
#[derive(Debug)]
struct Raw {
    method: Method,
    path: Cow<'static, str>,
    body: Option<Value>,
}

impl Raw {
    fn new(method: Method, path: impl Into<Cow<'static, str>>, body: Option<Value>) -> Raw {
        Raw { method, path: path.into(), body }
    }
}

impl FormatRequestData for Raw {
    fn format_request(&self, session: &SessionId) -> RequestData {
        let slash = if self.path.is_empty() { "" } else { "/" };
        let request = RequestData::new(self.method.clone(), format!("session/{session}{slash}{}", self.path));
        match &self.body {
            Some(body) => request.add_body(body.clone()),
            None => request,
        }
    }
}

/// A temporary folder, for a browser's files or a test's; it goes when it is dropped.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// A new and empty one.
    pub(crate) fn new() -> Result<Folder> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("tollgate-hosts-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Folder(path))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A browser that is just being ended may still write into it.
        for _ in 0..20 {
            if std::fs::remove_dir_all(&self.0).is_ok() || !self.0.exists() {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
    }
}

/// Starts an Xvfb that chooses a free display itself, and tells it as `:7`.
fn display_of_its_own() -> Result<(Process, String)> {
    let program = on_path("Xvfb").context("Xvfb is not there; on Debian: apt-get install xvfb")?;
    let mut command = Command::new(program);
    command
        .args(["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut process = Process::start(&mut command)?;
    let mut number = String::new();
    let output = process.output().context("Xvfb has no output")?;
    BufReader::new(output).read_line(&mut number)?;
    match number.trim() {
        "" => bail!("Xvfb did not start"),
        number => Ok((process, format!(":{number}"))),
    }
}

/// A port that nobody uses at this moment.
fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The end of a driver's log, on one line, for a failure's reason.
fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    match lines.split_at_checked(lines.len().saturating_sub(4)) {
        Some((_, last)) if !last.is_empty() => last.join(" / "),
        _ => "its log is empty".into(),
    }
}
