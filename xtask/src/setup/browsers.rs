//! The three browser engines, their drivers, a display for the one that needs it, and the fonts of the pictures.

use super::cargo::Tool;
use super::packages::{self, Wanted};
use crate::command_line::Engine;
use crate::process::{self, Guarded};
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

const CHROMIUM: Wanted =
    Wanted { programs: &["chromium", "chromium-browser", "google-chrome"], package: "chromium" };
const CHROMEDRIVER: Wanted = Wanted { programs: &["chromedriver"], package: "chromium-driver" };
const FIREFOX: Wanted = Wanted { programs: &["firefox-esr", "firefox"], package: "firefox-esr" };
const WEBKIT_DRIVER: Wanted = Wanted { programs: &["WebKitWebDriver"], package: "webkit2gtk-driver" };
const XVFB: Wanted = Wanted { programs: &["Xvfb"], package: "xvfb" };
/// The widget and the demo ask for Georgia, then Times New Roman; this one is taken for the latter.
const SERIF_FONT: Wanted = Wanted {
    programs: &[
        "/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf",
        "/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf",
    ],
    package: "fonts-liberation",
};
/// The pictures that every surface is compared with are in Liberation's faces, and this one's where those have no letters (Arabic).
const ARABIC_FONT: Wanted =
    Wanted { programs: &["/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"], package: "fonts-dejavu-core" };

/// The lists of blockers' rules that our names are held against (IS-26).
const BLOCKERS_LISTS: Wanted = Wanted {
    programs: &[
        "/usr/share/mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/uBlock0@raymondhill.net/assets/thirdparties/easylist/easylist.txt",
    ],
    package: "webext-ublock-origin-firefox",
};

/// An engine that is ready to be driven.
#[derive(Debug)]
pub(crate) struct Ready {
    pub engine: Engine,
    /// Its WebDriver program.
    pub driver: PathBuf,
}

/// Chromium's own program.
pub(crate) fn chromium() -> Option<PathBuf> {
    process::find_program(CHROMIUM.programs)
}

impl Ready {
    /// The variable by which test runners find this driver.
    pub(crate) fn variable(&self) -> &'static str {
        match self.engine {
            Engine::Chromium => "CHROMEDRIVER",
            Engine::Firefox => "GECKODRIVER",
            Engine::WebKit => "SAFARIDRIVER",
        }
    }
}

/// Gets the engines ready. One that cannot be had comes back as its name and the reason.
pub(crate) fn ensure(engines: &[Engine]) -> Vec<Result<Ready, (Engine, anyhow::Error)>> {
    // All packages in one call first; what that does not bring is found out, and explained, engine by engine.
    let beside = [SERIF_FONT, ARABIC_FONT, BLOCKERS_LISTS];
    let all: Vec<Wanted> =
        engines.iter().flat_map(|&engine| packages_of(engine)).chain(&beside).copied().collect();
    if let Err(error) = packages::ensure(&all, "the browser tests") {
        println!("   {error:#}");
    }
    engines
        .iter()
        .map(|&engine| match driver_of(engine) {
            Ok(driver) => Ok(Ready { engine, driver }),
            Err(error) => Err((engine, error)),
        })
        .collect()
}

/// The engine and the font of the pictures.
pub(crate) fn ensure_for_pictures() -> Result<Ready> {
    packages::ensure(packages_of(Engine::Chromium), "the pictures")?;
    let families = process::capture(Command::new("fc-list").arg(":family=Liberation Serif"));
    if families.map_or(true, |families| families.trim().is_empty()) {
        packages::ensure(&[SERIF_FONT], "the pictures (a serif face like a newspaper's)")?;
    }
    Ok(Ready { engine: Engine::Chromium, driver: driver_of(Engine::Chromium)? })
}

fn packages_of(engine: Engine) -> &'static [Wanted] {
    match engine {
        Engine::Chromium => &[CHROMIUM, CHROMEDRIVER],
        Engine::Firefox => &[FIREFOX],
        Engine::WebKit => &[WEBKIT_DRIVER, XVFB],
    }
}

fn driver_of(engine: Engine) -> Result<PathBuf> {
    if let Some(missing) = packages_of(engine).iter().find(|wanted| !wanted.is_here()) {
        bail!("{} is not installed (Debian: {})", missing.programs.join(" or "), missing.package);
    }
    match engine {
        Engine::Chromium => process::find_program(CHROMEDRIVER.programs).context("chromedriver is gone"),
        Engine::Firefox => Tool::geckodriver().ensure(),
        Engine::WebKit => process::find_program(WEBKIT_DRIVER.programs).context("WebKitWebDriver is gone"),
    }
}

/// A display that nobody sees, as long as this value lives.
#[derive(Debug)]
pub(crate) struct Display {
    /// The value for the variable `DISPLAY`.
    pub name: String,
    _server: Guarded,
}

impl Display {
    /// Starts one; the server itself picks a free number.
    pub(crate) fn start() -> Result<Display> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map(Guarded)
            .context("cannot start Xvfb")?;
        let mut number = String::new();
        if let Some(stdout) = server.0.stdout.take() {
            BufReader::new(stdout).read_line(&mut number)?;
        }
        if number.trim().is_empty() {
            bail!("Xvfb ended without a display");
        }
        Ok(Display { name: format!(":{}", number.trim()), _server: server })
    }
}
