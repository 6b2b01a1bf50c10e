//! Screenshots of the demo, to be looked at: `target/pictures/<engine>/`, and the README's picture.

use crate::browser::Browser;
use crate::engine::{Engine, Setting};
use crate::reader::AT_REST;
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use thirtyfour::Key;
use tollgate_serve::{Folder, Router, Server};

/// One way to look at the demo.
#[derive(Debug, Clone, Copy)]
struct Look {
    name: &'static str,
    width: u32,
    height: u32,
    /// Device pixels in a CSS pixel.
    density: u32,
    dark: bool,
    /// The page's direction.
    direction: &'static str,
}

/// The looks that are taken with Chromium; a further one (a narrower phone) is one more line. The other engines take the
/// first, as it is on their own screen.
const LOOKS: &[Look] = &[
    Look { name: "desktop-light", width: 1280, height: 900, density: 1, dark: false, direction: "ltr" },
    Look { name: "desktop-dark", width: 1280, height: 900, density: 1, dark: true, direction: "ltr" },
    Look { name: "phone-light", width: 390, height: 844, density: 2, dark: false, direction: "ltr" },
    Look { name: "phone-dark", width: 390, height: 844, density: 2, dark: true, direction: "ltr" },
    Look { name: "desktop-rtl", width: 1280, height: 900, density: 1, dark: false, direction: "rtl" },
    Look { name: "phone-rtl", width: 390, height: 844, density: 2, dark: false, direction: "rtl" },
];

/// The picture in the README is this look's overlay, and at most so many bytes.
const README: (&str, usize) = ("desktop-light", 300_000);

/// Takes the pictures; whether all went well.
pub(crate) async fn take(engines: &[Engine]) -> bool {
    let mut well = true;
    for engine in engines {
        if let Err(error) = take_all(*engine).await {
            println!("FAILED pictures with {engine}: {error:#}");
            well = false;
        }
    }
    well
}

async fn take_all(engine: Engine) -> Result<()> {
    let root = crate::root();
    let folder = root.join("target/pictures").join(engine.to_string());
    std::fs::create_dir_all(&folder)?;
    let router = Router::new()
        .mount("/", Folder::new(root.join("www/demo")))
        .mount("/", Folder::new(root.join("www/dist")));
    let server = Server::start(router)?;
    let browser = Browser::start(engine, Setting::Ordinary).await?;
    let camera = Camera { browser, address: server.url(), folder };
    let looks = if engine == Engine::Chromium { LOOKS } else { LOOKS.get(..1).unwrap_or_default() };
    for look in looks {
        camera.take(look).await.with_context(|| look.name.to_owned())?;
    }
    camera.browser.quit().await;
    Ok(())
}

/// A browser in front of the demo.
struct Camera {
    browser: Browser,
    address: String,
    folder: PathBuf,
}

impl Camera {
    /// Front page, article, overlay and inline gate in one look.
    async fn take(&self, look: &Look) -> Result<()> {
        if self.browser.engine == Engine::Chromium {
            self.dress(look).await?;
        }
        self.open(&self.address).await?;
        self.value("localStorage.clear(), sessionStorage.clear()").await?;
        self.open(&self.address).await?;
        self.shoot(look, "front").await?;

        let stories = "[...new Set([...document.links].map(link => link.href.split('#')[0])\
                       .filter(href => href.includes('/articles/')))]";
        let stories: Vec<String> = serde_json::from_value(self.value(stories).await?)?;
        let overlay = "document.querySelector('tollgate-gate[data-tollgate-surface=overlay]')\
                       ?.shadowRoot?.querySelector('dialog')?.open === true";
        let mut first = true;
        for story in &stories {
            self.open(story).await?;
            self.wait_for("a decision", "!!window.tollgate?.getDecision?.()").await?;
            if self.value("tollgate.getDecision().granted === true").await? != json!(true) {
                self.wait_for("the overlay", overlay).await?;
                let picture = self.shoot(look, "overlay").await?;
                if self.browser.engine == Engine::Chromium && look.name == README.0 {
                    keep_for_readme(&picture)?;
                }
                self.browser.session.action_chain().send_keys(Key::Escape).perform().await?;
                self.wait_for("the overlay closed", &format!("!({overlay})")).await?;
                self.value(
                    "document.querySelector('tollgate-gate[data-tollgate-surface=inline]')\
                     .scrollIntoView({ block: 'center', behavior: 'instant' })",
                )
                .await?;
                self.shoot(look, "inline").await?;
                return Ok(());
            }
            if std::mem::take(&mut first) {
                self.shoot(look, "article").await?;
            }
            self.value("window.scrollBy({ top: 300, behavior: 'instant' })").await?;
            self.wait_for("the read is counted", "tollgate.getMeter().counted === true").await?;
        }
        bail!("{} stories of the demo were read and none was gated", stories.len())
    }

    /// Gives Chromium the look's screen, colours and direction.
    async fn dress(&self, look: &Look) -> Result<()> {
        let phone = look.density > 1;
        let screen = json!({
            "width": look.width, "height": look.height, "deviceScaleFactor": look.density, "mobile": phone,
        });
        self.browser.devtools("Emulation.setDeviceMetricsOverride", screen).await?;
        let scheme = if look.dark { "dark" } else { "light" };
        let media = json!({
            "features": [
                { "name": "prefers-color-scheme", "value": scheme },
                { "name": "prefers-reduced-motion", "value": "reduce" },
            ],
        });
        self.browser.devtools("Emulation.setEmulatedMedia", media).await?;
        if look.direction != "ltr" {
            let script = format!(
                "new MutationObserver((_, it) => {{ if (document.documentElement) {{ \
                 document.documentElement.dir = '{}'; it.disconnect() }} }}).observe(document, {{ childList: true }})",
                look.direction
            );
            self.browser
                .devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }))
                .await?;
        }
        Ok(())
    }

    async fn open(&self, address: &str) -> Result<()> {
        self.browser.session.goto(address).await.with_context(|| format!("cannot open {address}"))?;
        self.wait_for("pictures", "[...document.images].every(it => it.complete || it.loading === 'lazy')")
            .await
    }

    /// Takes one picture, when the page has been painted as it is.
    async fn shoot(&self, look: &Look, what: &str) -> Result<Vec<u8>> {
        let painted = "const done = arguments[0]; (document.fonts?.ready ?? Promise.resolve()).then(() => \
                       requestAnimationFrame(() => requestAnimationFrame(() => done(true))))";
        self.browser.session.execute_async(painted, Vec::new()).await?;
        self.wait_for(
            "the page's animations are over",
            "document.getAnimations().every(it => it.playState !== 'running')",
        )
        .await?;
        self.wait_for("nothing of ours moves", AT_REST).await?;
        let picture = self.browser.session.screenshot_as_png().await?;
        let file = self.folder.join(format!("{what}-{}.png", look.name));
        write(&file, &picture)?;
        Ok(picture)
    }

    async fn value(&self, expression: &str) -> Result<Value> {
        let result = self.browser.session.execute(format!("return ({expression})"), Vec::new()).await;
        Ok(result.with_context(|| expression.to_owned())?.json().clone())
    }

    async fn wait_for(&self, what: &str, expression: &str) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.value(expression).await? != json!(true) {
            if Instant::now() > deadline {
                bail!("waited in vain for: {what}");
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        Ok(())
    }
}

/// Keeps a picture as the README's.
fn keep_for_readme(picture: &[u8]) -> Result<()> {
    if picture.len() > README.1 {
        bail!("the README's picture would have {} bytes, more than {}", picture.len(), README.1);
    }
    let file = crate::root().join("www/picture/overlay.png");
    std::fs::create_dir_all(file.parent().context("a folder")?)?;
    write(&file, picture)
}

fn write(file: &Path, picture: &[u8]) -> Result<()> {
    std::fs::write(file, picture).with_context(|| format!("cannot write {}", file.display()))?;
    println!(
        "{} ({} KB)",
        file.strip_prefix(crate::root()).unwrap_or(file).display(),
        picture.len().div_ceil(1024)
    );
    Ok(())
}
