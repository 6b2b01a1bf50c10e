//! The ways to deliver it beside the one file: the script that fetches its module while it arrives, and tags that pin what they load.

use super::failures::without_the_twin;
use super::tests;
use crate::check;
use crate::engine::{ALL, Engine};
use crate::page::{Page, seed_with};
use crate::reader::{Reader, Trouble};
use anyhow::{Context as _, Result};
use serde_json::Value;
use tollgate_serve::Response;

tests! {
    the_split_script_gates: ALL, Ordinary;
    the_split_script_takes_what_was_preloaded: ALL, Ordinary;
    the_split_script_takes_a_module_of_another_type: ALL, Ordinary;
    the_split_script_without_its_module: ALL, Ordinary;
    the_split_script_under_a_policy_without_wasm: ALL, Ordinary;
    a_tag_pinned_as_the_manifest_says: ALL, Ordinary;
    a_tag_that_is_pinned_to_another_script: ALL, Ordinary;
}

/// A page whose one tag is this script, with these attributes before the usual ones.
fn page(script: &str, more: &str, before: &str) -> Page {
    let tag = seed_with("data-limit", "0");
    let tag = format!("{before}<script async src=\"/{script}\" {more} {tag}></script>");
    Page::article("first").tag_written(&tag)
}

async fn opens_and_gates(reader: &mut Reader) -> Result<()> {
    reader.open_gated("/story/first").await?;
    reader.is_locked("first").await?;
    reader.js::<Value>("tollgate.setEntitlement({ granted: true })").await?;
    reader.wait_for("the text is back", "witness.paragraphs('first') === '11111111'").await?;
    reader.is_untouched().await
}

async fn the_split_script_gates(reader: &mut Reader) -> Result<()> {
    reader.site.page(page("tollgate.split.js", "", ""));
    opens_and_gates(reader).await?;
    check::equal("modules", reader.site.requests(&reader.site.module()?), 1)
}

async fn the_split_script_takes_what_was_preloaded(reader: &mut Reader) -> Result<()> {
    let module = reader.site.module()?;
    let preload = format!(
        "<link rel=\"preload\" as=\"fetch\" type=\"application/wasm\" crossorigin href=\"{module}\">"
    );
    reader.site.page(page("tollgate.split.js", "", &preload));
    opens_and_gates(reader).await?;
    // WebKit takes nothing that was preloaded for `fetch` (2.50): it asks once more.
    let times = if reader.engine == Engine::WebKit { 2 } else { 1 };
    check::equal("modules", reader.site.requests(&module), times)
}

async fn the_split_script_takes_a_module_of_another_type(reader: &mut Reader) -> Result<()> {
    let module = reader.site.module()?;
    let bytes = reader.site.built(&module)?;
    reader.site.put(&module, Response::new(200).body("application/octet-stream", bytes));
    reader.site.page(page("tollgate.split.js", "", ""));
    opens_and_gates(reader).await?;
    check::equal("modules", reader.site.requests(&module), 1)
}

async fn the_split_script_without_its_module(reader: &mut Reader) -> Result<()> {
    let module = reader.site.module()?;
    reader.site.put(&module, Response::new(404).body("text/plain", "no"));
    reader.site.page(page("tollgate.split.js", "", ""));
    reader.allow(Trouble::Warning);
    reader.open("/story/first").await?;
    reader.wait_for("it is told", "witness.events('error').length === 1").await?;
    reader.is("which", "witness.events('error')[0].detail.code", "module-missing").await?;
    reader.is_open("first").await?;
    check::contains("the warning", &reader.one_warning().await?, "could not be fetched")
}

async fn the_split_script_under_a_policy_without_wasm(reader: &mut Reader) -> Result<()> {
    without_the_twin(reader)?;
    reader.site.page(
        page("tollgate.split.js", "", "")
            .header("Content-Security-Policy", "script-src 'self' 'unsafe-inline'"),
    );
    for trouble in [Trouble::Warning, Trouble::Violation, Trouble::Error] {
        reader.allow(trouble);
    }
    reader.open("/story/first").await?;
    reader.wait_for("it is told", "witness.events('error').length === 1").await?;
    reader.is("which", "witness.events('error')[0].detail.code", "csp-wasm").await?;
    reader.is_open("first").await
}

/// What `manifest.json` says of a file's integrity.
pub(super) fn integrity(reader: &Reader, file: &str) -> Result<String> {
    let manifest: Value = serde_json::from_slice(&reader.site.built("/manifest.json")?)?;
    manifest["files"][file]["integrity"].as_str().map(str::to_owned).context("the manifest has the file")
}

async fn a_tag_pinned_as_the_manifest_says(reader: &mut Reader) -> Result<()> {
    for script in ["tollgate.js", "tollgate.split.js"] {
        let pinned = format!("integrity=\"{}\" crossorigin=\"anonymous\"", integrity(reader, script)?);
        reader.site.page(page(script, &pinned, ""));
        opens_and_gates(reader).await?;
    }
    Ok(())
}

async fn a_tag_that_is_pinned_to_another_script(reader: &mut Reader) -> Result<()> {
    let pinned =
        format!("integrity=\"{}\" crossorigin=\"anonymous\"", integrity(reader, "tollgate.debug.js")?);
    reader.site.page(page("tollgate.js", &pinned, ""));
    for trouble in [Trouble::Violation, Trouble::Error] {
        reader.allow(trouble);
    }
    reader.open("/story/first").await?;
    reader.wait_for("the browser has refused it", "witness.log.some(it => it.kind === 'resource')").await?;
    reader.is("nothing runs", "typeof window.tollgate", "undefined").await?;
    reader.is_open("first").await
}
