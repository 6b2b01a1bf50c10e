//! The npm package, as those who bundle find it: packed, installed and bundled by Vite (`cargo xtask test` does that), on a plain page and in
//! the examples for React and Vue.

use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, SEED};
use crate::reader::{Reader, Trouble};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::path::Path;
use tollgate_serve::Response;

tests! {
    the_package_gates_a_bundled_page: ALL, Ordinary;
    the_package_takes_settings_as_they_are: ALL, Ordinary;
    the_package_speaks_other_languages: ALL, Ordinary;
    the_package_names_a_setting_that_is_none: ALL, Ordinary;
    the_package_sets_what_has_changed: ALL, Ordinary;
    the_package_beside_the_tag: ALL, Ordinary;
    the_react_example_follows_its_pages: ALL, Ordinary;
    the_vue_example_follows_its_pages: ALL, Ordinary;
    the_types_are_those_of_the_object: ALL, Ordinary;
}

/// How many paragraphs have their text.
const PARAGRAPHS: &str = "[...document.querySelectorAll('.body p')].filter(it => it.textContent).length";

/// Puts a bundled site on the reader's, its page at these paths.
fn bundled(reader: &Reader, name: &str, paths: &[&str]) -> Result<()> {
    let dist = crate::root().join("target/tools/package").join(name).join("dist");
    let read = |file: &Path| {
        std::fs::read(file).with_context(|| format!("{} is made by cargo xtask test", file.display()))
    };
    let page = String::from_utf8(read(&dist.join("index.html"))?)?;
    let (head, rest) = page.split_once("<head>").context("a page has a head")?;
    let page = format!(
        "{head}<head>\n<link rel=\"icon\" href=\"data:,\"><script src=\"/witness.js\"></script>{rest}"
    );
    for path in paths {
        reader.site.put(path, Response::new(200).body("text/html; charset=utf-8", page.clone()));
    }
    for file in std::fs::read_dir(dist.join("assets"))? {
        let file = file?.path();
        let name = file.file_name().and_then(|name| name.to_str()).context("a file has a name")?;
        let kind = if name.ends_with(".js") { "text/javascript; charset=utf-8" } else { "text/css" };
        reader.site.put(&format!("/assets/{name}"), Response::new(200).body(kind, read(&file)?));
    }
    Ok(())
}

/// Opens the plain page with these settings besides its own.
async fn open_plain(reader: &mut Reader, settings: &Value) -> Result<()> {
    bundled(reader, "plain", &["/frogs"])?;
    let query: String = settings.to_string().bytes().map(|byte| format!("%{byte:02x}")).collect();
    reader.open(&format!("/frogs?settings={query}")).await
}

async fn the_package_gates_a_bundled_page(reader: &mut Reader) -> Result<()> {
    open_plain(reader, &json!({})).await?;
    let overlay = reader.overlay().await?;
    check::contains("the plan", &overlay.to_string(), "One year | all of it")?;
    reader.is("the text is cut", PARAGRAPHS, 3).await?;
    reader.is("who came before heard of it", "found.early.join()", "NO_FREE_READS").await?;
    check::equal(
        "init gives the object, twice the same",
        reader.promised("found.twice").await?,
        json!(true),
    )?;
    // Nothing is fetched that the bundler does not know of.
    check::equal("files of ours beside the page", reader.site.requests("/tollgate"), 0)?;
    reader.escape().await?;
    reader.js::<Value>("tollgate.setEntitlement({ granted: true })").await?;
    reader.wait_for("the text is back", &format!("{PARAGRAPHS} === 8")).await?;
    reader.is_untouched().await?;
    // A page with free reads asks for no gate.
    open_plain(reader, &json!({ "limit": 5 })).await?;
    reader.granted().await?;
    let fetched = "performance.getEntriesByType('resource').map(it => it.name).filter(it => it.includes('gate-')).length";
    reader.is("no gate's chunk", fetched, 0).await
}

async fn the_package_takes_settings_as_they_are(reader: &mut Reader) -> Result<()> {
    // Lists need the rules' chunk, sources the connected page's.
    let settings = json!({
        "paths": [{ "path": "/frogs", "rule": "locked" }],
        "subscriberIf": "isPaying",
        "limit": 9,
    });
    open_plain(reader, &settings).await?;
    reader.overlay().await?;
    reader.is("by the rule", "tollgate.getDecision().gateReason", "LOCKED").await?;
    reader.js::<Value>("window.isPaying = 'yes'; tollgate.refresh()").await?;
    reader.wait_for("the text is back", &format!("{PARAGRAPHS} === 8")).await?;
    reader.is("by the source", "tollgate.getDecision().grantReason", "SUBSCRIBER").await
}

async fn the_package_speaks_other_languages(reader: &mut Reader) -> Result<()> {
    open_plain(reader, &json!({ "locale": "de" })).await?;
    reader.overlay().await?;
    reader.is("German", "witness.hosts('overlay')[0].lang", "de").await?;
    reader.escape().await
}

async fn the_package_names_a_setting_that_is_none(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    open_plain(reader, &json!({ "limits": 5 })).await?;
    reader.overlay().await?;
    check::contains("the warning", &reader.one_warning().await?, "limits")
}

async fn the_package_sets_what_has_changed(reader: &mut Reader) -> Result<()> {
    open_plain(reader, &json!({})).await?;
    reader.overlay().await?;
    reader.js::<Value>("window.heard = []; tollgate.on('release', () => heard.push('release')); tollgate.on('hide', () => heard.push('hide'))").await?;
    reader.promised("init({ limit: 2 }).then(() => true)").await?;
    reader.wait_for("there are free reads", "tollgate.getDecision().granted").await?;
    reader.is("the text is back", PARAGRAPHS, 8).await?;
    reader.is("that it ended was told", "heard.join()", "hide,release").await?;
    // The same once more begins nothing anew.
    reader.js::<Value>("heard.length = 0; tollgate.on('ready', () => heard.push('ready'))").await?;
    reader.is("it was ready", "heard.join()", "ready").await?;
    reader.promised("init({ limit: 2 }).then(() => true)").await?;
    reader.is("and still is", "heard.join()", "ready").await
}

/// A page that has the tag, too: one of them runs, whichever comes first.
async fn the_package_beside_the_tag(reader: &mut Reader) -> Result<()> {
    bundled(reader, "plain", &["/other"])?;
    reader.open("/other").await?;
    let script: String =
        serde_json::from_value(reader.value("document.querySelector('script[type=module]').src").await?)?;
    let path = script.trim_start_matches(&reader.site.origin()).to_owned();
    reader.site.page(
        Page::article("first")
            .before_tag(&format!("<script type=\"module\" src=\"{path}\"></script>"))
            .tag(SEED),
    );
    // Both have free reads.
    reader.open("/story/first?settings=%7B%22limit%22%3A5%7D").await?;
    reader.granted().await?;
    reader.wait_for("both were asked for", "!!window.found").await?;
    check::equal("init gives what runs", reader.promised("found.twice").await?, json!(true))?;
    reader.is("one object", "typeof tollgate.getDecision", "function").await?;
    check::equal("decisions", reader.value("witness.decisions().length").await?, json!(1))
}

/// Reads one story free, turns to the next by the app's own link, and comes back.
async fn follows_its_pages(reader: &mut Reader, example: &str) -> Result<()> {
    bundled(reader, example, &["/", "/frogs", "/bridges"])?;
    reader.open("/frogs").await?;
    reader.granted().await?;
    reader.scroll().await?;
    reader.wait_for("it counts", "tollgate.getMeter().counted").await?;
    reader.is("the app knows", "document.getElementById('state').textContent", "METERING").await?;
    reader.js::<Value>("window.stayed = true; document.getElementById('bridges').click()").await?;
    reader.overlay().await?;
    reader.is("the second story is cut", PARAGRAPHS, 3).await?;
    reader
        .wait_for("the app knows", "document.getElementById('state').textContent === 'LIMIT_REACHED'")
        .await?;
    reader.escape().await?;
    reader.js::<Value>("document.getElementById('frogs').click()").await?;
    reader
        .wait_for("the first one is open", "tollgate.getDecision() && tollgate.getDecision().granted")
        .await?;
    reader.is("all of it", PARAGRAPHS, 9).await?;
    reader.is("without a load", "window.stayed", true).await
}

async fn the_react_example_follows_its_pages(reader: &mut Reader) -> Result<()> {
    follows_its_pages(reader, "react").await
}

async fn the_vue_example_follows_its_pages(reader: &mut Reader) -> Result<()> {
    follows_its_pages(reader, "vue").await
}

async fn the_types_are_those_of_the_object(reader: &mut Reader) -> Result<()> {
    let types = std::fs::read_to_string(crate::root().join("www/package/index.d.ts"))?;
    let (_, rest) = types.split_once("export interface Tollgate {\n").context("the interface is there")?;
    let (body, _) = rest.split_once("\n}").context("it ends")?;
    let mut known: Vec<&str> = body
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| line.starts_with(|sign: char| sign.is_ascii_lowercase()))
        .map(|line| line.trim_start_matches("readonly "))
        .filter_map(|line| line.split(|sign: char| !sign.is_alphanumeric()).next())
        .collect();
    known.sort_unstable();
    known.retain(|name| *name != "history");
    reader.site.page(Page::article("first").tag(SEED));
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.is("the object's members", "Object.keys(tollgate).sort().join()", known.join(",")).await
}
