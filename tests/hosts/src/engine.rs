//! The three engines: what each needs on the machine, and what a session asks of it.

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::fmt;
use std::path::{Path, PathBuf};

/// A browser engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Engine {
    /// Chromium, through chromedriver.
    Chromium,
    /// Firefox, through geckodriver.
    Firefox,
    /// WebKitGTK's MiniBrowser, through WebKitWebDriver, on an Xvfb display.
    WebKit,
}

/// Where a test runs.
pub(crate) const ALL: &[Engine] = &[Engine::Chromium, Engine::Firefox, Engine::WebKit];
/// Where WebKit's driver, or WebKit itself, cannot show the case.
pub(crate) const CHROMIUM_AND_FIREFOX: &[Engine] = &[Engine::Chromium, Engine::Firefox];
/// Where only Firefox lets a session bring the case about.
pub(crate) const ONLY_FIREFOX: &[Engine] = &[Engine::Firefox];
/// Where only Chromium's developer tools can bring the case about.
pub(crate) const ONLY_CHROMIUM: &[Engine] = &[Engine::Chromium];
/// Where a test runs that needs what only Chromium has: prerendering, the reasons why a page was not kept, discarding.
pub(crate) const CHROMIUM: &[Engine] = &[Engine::Chromium];
/// Where a test runs that needs a browser setting WebKitGTK does not offer.
pub(crate) const WITH_SETTINGS: &[Engine] = &[Engine::Chromium, Engine::Firefox];

/// What a reader has set in the browser. Each needs a session of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Setting {
    /// As it is installed.
    Ordinary,
    /// All cookies blocked: the storage getter throws.
    CookiesBlocked,
    /// Storage switched off: the storage getter yields `null`.
    StorageOff,
    /// No WebAssembly.
    NoWebAssembly,
    /// A private window: nothing outlives it.
    Private,
    /// Only the reader's own colours.
    ForcedColours,
    /// A style sheet of the reader's own that hides our element, as blockers' are.
    ReaderStyles,
}

/// In the order in which the sessions are run.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting::Ordinary,
    Setting::CookiesBlocked,
    Setting::StorageOff,
    Setting::NoWebAssembly,
    Setting::Private,
    Setting::ForcedColours,
    Setting::ReaderStyles,
];

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Engine::Chromium => "chromium",
            Engine::Firefox => "firefox",
            Engine::WebKit => "webkit",
        })
    }
}

impl std::str::FromStr for Engine {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Engine> {
        match name {
            "chromium" => Ok(Engine::Chromium),
            "firefox" => Ok(Engine::Firefox),
            "webkit" => Ok(Engine::WebKit),
            _ => bail!("no engine is called '{name}': chromium, firefox or webkit"),
        }
    }
}

impl Engine {
    /// The driver's program, or what to install.
    pub(crate) fn driver(self) -> Result<PathBuf> {
        match self {
            Engine::Chromium => named("CHROMEDRIVER")
                .or_else(|| on_path("chromedriver"))
                .context("chromedriver is not there; on Debian: apt-get install chromium chromium-driver"),
            Engine::Firefox => {
                let ours = crate::root().join("target/tools/bin/geckodriver");
                named("GECKODRIVER")
                    .or_else(|| ours.is_file().then_some(ours))
                    .or_else(|| on_path("geckodriver"))
                    .context(
                        "geckodriver is not there; cargo install geckodriver --root target/tools --locked",
                    )
            }
            Engine::WebKit => named("SAFARIDRIVER")
                .or_else(|| on_path("WebKitWebDriver"))
                .context("WebKitWebDriver is not there; on Debian: apt-get install webkit2gtk-driver xvfb"),
        }
    }

    /// The browser's program, or what to install.
    fn browser(self) -> Result<PathBuf> {
        match self {
            Engine::Chromium => ["chromium", "chromium-browser", "google-chrome"]
                .into_iter()
                .find_map(on_path)
                .context("Chromium is not there; on Debian: apt-get install chromium chromium-driver"),
            Engine::Firefox => ["firefox-esr", "firefox"]
                .into_iter()
                .find_map(on_path)
                .context("Firefox is not there; on Debian: apt-get install firefox-esr"),
            Engine::WebKit => mini_browser().context(
                "WebKitGTK's MiniBrowser is not there; on Debian: apt-get install webkit2gtk-driver",
            ),
        }
    }

    /// Whether it needs a display of its own.
    pub(crate) fn needs_display(self) -> bool {
        self == Engine::WebKit
    }

    /// The capabilities of a session; `folder` is where its profile goes.
    pub(crate) fn capabilities(self, setting: Setting, folder: &Path) -> Result<Value> {
        let browser = self.browser()?;
        Ok(match self {
            Engine::Chromium => {
                let mut args: Vec<String> = [
                    "--headless=new",
                    "--no-sandbox",
                    "--disable-dev-shm-usage",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    // Chromium turns a deaf ear to scripts that change the address more than two hundred times in ten seconds.
                    "--disable-ipc-flooding-protection",
                    "--window-size=1280,900",
                ]
                .map(str::to_owned)
                .to_vec();
                args.push(format!("--user-data-dir={}", folder.join("profile").display()));
                let mut prefs = json!({});
                match setting {
                    Setting::Ordinary => {}
                    Setting::CookiesBlocked => {
                        prefs = json!({ "profile.default_content_setting_values.cookies": 2 });
                    }
                    Setting::StorageOff => args.push("--disable-local-storage".into()),
                    Setting::NoWebAssembly => args.push("--js-flags=--jitless".into()),
                    Setting::Private => args.push("--incognito".into()),
                    Setting::ForcedColours | Setting::ReaderStyles => {
                        bail!("Chromium has no setting for {setting:?}")
                    }
                }
                json!({
                    "browserName": "chrome",
                    "goog:chromeOptions": { "binary": browser, "args": args, "prefs": prefs },
                })
            }
            Engine::Firefox => {
                let prefs = match setting {
                    Setting::Ordinary => json!({}),
                    Setting::CookiesBlocked => json!({ "network.cookie.cookieBehavior": 2 }),
                    Setting::StorageOff => json!({ "dom.storage.enabled": false }),
                    Setting::NoWebAssembly => json!({ "javascript.options.wasm": false }),
                    Setting::Private => json!({ "browser.privatebrowsing.autostart": true }),
                    Setting::ForcedColours => {
                        json!({ "browser.display.document_color_use": 2, "ui.useAccessibilityTheme": 1 })
                    }
                    Setting::ReaderStyles => {
                        json!({ "toolkit.legacyUserProfileCustomizations.stylesheets": true })
                    }
                };
                let mut args = vec![
                    "-headless".to_owned(),
                    "-width".into(),
                    "1280".into(),
                    "-height".into(),
                    "900".into(),
                ];
                if setting == Setting::ReaderStyles {
                    let styles = folder.join("profile/chrome");
                    std::fs::create_dir_all(&styles)?;
                    std::fs::write(
                        styles.join("userContent.css"),
                        "tollgate-gate { display: none !important }\n",
                    )?;
                    args.extend(["-profile".to_owned(), folder.join("profile").display().to_string()]);
                }
                // Firefox turns a deaf ear to scripts that change the address more than two hundred times in ten seconds.
                let mut prefs = prefs;
                prefs["dom.navigation.navigationRateLimit.count"] = json!(0);
                json!({
                    "browserName": "firefox",
                    "moz:firefoxOptions": {
                        "binary": browser,
                        "args": args,
                        "prefs": prefs,
                    },
                })
            }
            Engine::WebKit => {
                let args = match setting {
                    Setting::Ordinary => json!(["--automation"]),
                    Setting::Private => json!(["--automation", "--private"]),
                    _ => bail!("WebKitGTK has no setting for {setting:?}"),
                };
                json!({ "webkitgtk:browserOptions": { "binary": browser, "args": args } })
            }
        })
    }
}

/// The program that an environment variable names, if it is there.
fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file())
}

/// A program on the search path.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Debian keeps MiniBrowser in the library's own folder: /usr/lib/<machine>/webkit2gtk-4.1/MiniBrowser.
fn mini_browser() -> Option<PathBuf> {
    let below = |folder: PathBuf| {
        std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()))
    };
    let mut found: Vec<PathBuf> = below("/usr/lib".into())
        .flat_map(below)
        .filter(|folder| folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("webkit")))
        .map(|folder| folder.join("MiniBrowser"))
        .filter(|program| program.is_file())
        .collect();
    found.sort();
    found.pop().or_else(|| on_path("MiniBrowser"))
}
