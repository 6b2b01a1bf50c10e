//! The gate's own script: when it is fetched, and what happens while it is on its way, or where it never comes.

use super::failures::{closed, integrity, opens_with_one_warning, page, pinned, works};
use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, script, seed_with};
use crate::reader::{Reader, Trouble};
use crate::site::Site;
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::time::Duration;
use tollgate_serve::Response;

tests! {
    it_is_fetched_with_the_last_free_read: ALL, Ordinary;
    it_is_foreseen_where_nothing_is_free: ALL, Ordinary;
    it_is_foreseen_where_the_free_reads_are_used_up: ALL, Ordinary;
    it_is_not_foreseen_where_the_reader_may_be_a_subscriber: ALL, Ordinary;
    it_is_not_foreseen_where_the_settings_are_in_json: ALL, Ordinary;
    the_text_is_cut_before_it_has_come: ALL, Ordinary;
    it_is_missing_or_broken: ALL, Ordinary;
    it_hangs: ALL, Ordinary;
    it_comes_after_the_end: ALL, Ordinary;
    nobody_waits_for_it_any_more: ALL, Ordinary;
    it_is_pinned_with_the_tag: ALL, Ordinary;
    it_is_pinned_under_trusted_types_too: ALL, Ordinary;
    it_comes_under_a_nonce_alone: ALL, Ordinary;
    it_comes_from_another_origin: ALL, Ordinary;
}

/// Whether the browser has the whole of it, or knows that it won't.
const HAS_COME: &str = "performance.getEntriesByType('resource').some(({ name, responseEnd }) => name.includes('/tollgate-gate-') && responseEnd > 0)";

async fn it_is_fetched_with_the_last_free_read(reader: &mut Reader) -> Result<()> {
    let gate = reader.site.gate()?;
    // Without a notice, which would need it itself.
    let tag = script(&seed_with("data-limit", "2")).replace("<script ", "<script data-steps=\"subscribe\" ");
    for slug in ["first", "second", "third"] {
        reader.site.page(Page::article(slug).tag_written(&tag));
    }
    reader.read("/story/first").await?;
    reader.counted().await?;
    check::equal("requests while there is one more", reader.site.requests(&gate), 0)?;
    reader.read("/story/second").await?;
    reader.wait_for("it has come", HAS_COME).await?;
    reader.is_open("second").await?;
    check::equal("requests with the last free read", reader.site.requests(&gate), 1)?;
    reader.open_gated("/story/third").await?;
    reader.is_locked("third").await
}

/// A deferred script that keeps the page for a while: nothing is decided before it has run.
fn keeping_the_page(reader: &Reader) -> &'static str {
    reader.site.put("/slow.js", Response::new(200).body("text/javascript", "window.slow = true"));
    reader.site.slow("/slow.js", Duration::from_millis(1500));
    "<script defer src=\"/slow.js\"></script>"
}

/// A tag that runs where it stands: WebKit puts `async` off until the page is parsed or painted.
fn at_once(attribute: &str, value: &str) -> String {
    script(&seed_with(attribute, value)).replace("<script async", "<script")
}

/// Whether it was asked for before that script was there.
const EARLY: &str = "(() => { const of = part => performance.getEntriesByType('resource').find(it => it.name.includes(part)); \
    return of('/tollgate-gate-').startTime < of('/slow.js').responseEnd })()";

async fn it_is_foreseen_where_nothing_is_free(reader: &mut Reader) -> Result<()> {
    let slow = keeping_the_page(reader);
    works(reader, page().tag_written(&at_once("data-limit", "0")).last(slow)).await?;
    reader.is("it was asked for before anything was decided", EARLY, true).await?;
    check::equal("requests", reader.site.requests(&reader.site.gate()?), 1)
}

async fn it_is_foreseen_where_the_free_reads_are_used_up(reader: &mut Reader) -> Result<()> {
    let slow = keeping_the_page(reader);
    reader.site.page(Page::article("first"));
    reader.site.page(Page::article("second").tag_written(&at_once("data-limit", "1")).last(slow));
    reader.site.page(Page::article("third").tag_written(&at_once("data-limit", "3")).last(slow));
    reader.read("/story/first").await?;
    reader.counted().await?;
    reader.open_gated("/story/second").await?;
    reader.is("it was asked for before anything was decided", EARLY, true).await?;
    // Two more are free.
    reader.open("/story/third").await?;
    reader.granted().await?;
    let asked =
        "performance.getEntriesByType('resource').some(({ name }) => name.includes('/tollgate-gate-'))";
    reader.is("nothing of a gate", asked, false).await
}

async fn it_is_not_foreseen_where_the_reader_may_be_a_subscriber(reader: &mut Reader) -> Result<()> {
    let gate = reader.site.gate()?;
    let queue = "<script>window.tollgate = [tollgate => tollgate.setEntitlement(true)]</script>";
    reader.site.put("/who", Response::new(200).body("application/json", "{\"granted\":true}"));
    let asks = script(&closed()).replace("<script ", "<script data-entitlement-url=\"/who\" ");
    for subscribed in [page().before_tag(queue), page().tag_written(&asks)] {
        reader.site.page(subscribed);
        reader.open("/story/first").await?;
        reader.granted().await?;
        reader.is_open("first").await?;
        check::equal("requests", reader.site.requests(&gate), 0)?;
    }
    // Where anything may be read only once the reader consents, that is waited for.
    let consent = at_once("data-limit", "0").replace("<script ", "<script data-consent=\"required\" ");
    let slow = keeping_the_page(reader);
    reader.site.page(page().tag_written(&consent).last(slow));
    reader.open_gated("/story/first").await?;
    reader.is("it was not asked for early", EARLY, false).await
}

async fn it_is_not_foreseen_where_the_settings_are_in_json(reader: &mut Reader) -> Result<()> {
    let gate = reader.site.gate()?;
    reader.site.put("/who", Response::new(200).body("application/json", "{\"granted\":true}"));
    let json =
        |settings| format!("<script type=\"application/json\" data-tollgate-config>{settings}</script>");
    let asks = json("{\"entitlementUrl\":\"/who\"}");
    reader.site.page(page().before_tag(&asks).tag_written(&at_once("data-limit", "0")));
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.is_open("first").await?;
    check::equal("requests", reader.site.requests(&gate), 0)?;
    // Where nothing may be read before the reader consents, no keys are looked at: neither where it is said before a tag with settings of its
    // own, nor where all of them stand behind it.
    let looks = "<script>window.looks = 0; Object.keys = (keys => of => { if (of === localStorage) looks++; return keys(of); })(Object.keys)</script>";
    let limited = script(&seed_with("data-limit", "1")).replace("<script async", "<script");
    let bare = script("").replace("<script async", "<script");
    let settings = "{\"consent\":\"required\",\"limit\":1,\"subscribeUrl\":\"/join\"}";
    for consenting in [
        page().before_tag(&format!("{looks}{}", json("{\"consent\":\"required\"}"))).tag_written(&limited),
        page().before_tag(looks).tag_written(&format!("{bare}{}", json(settings))),
    ] {
        reader.site.page(consenting);
        reader.open("/story/first").await?;
        reader.granted().await?;
        reader.is("the keys were not looked at", "looks", 0).await?;
    }
    Ok(())
}

async fn the_text_is_cut_before_it_has_come(reader: &mut Reader) -> Result<()> {
    reader.site.slow(&reader.site.gate()?, Duration::from_millis(500));
    // As the page stands when it is told: a driver's own look may come too late.
    let look = "<script>addEventListener('tollgate:denied', () => { window.then = [witness.paragraphs('first') !== '11111111', \
                document.querySelector('tollgate-gate') === null, witness.events('lock').length] })</script>";
    reader.site.page(page().before_tag(look));
    reader.open("/story/first").await?;
    reader.wait_for("the decision", "'then' in window").await?;
    check::json(
        "the text is cut, and no gate there yet",
        &reader.value("window.then").await?,
        &json!([true, true, 0]),
    )?;
    reader.wait_for("the overlay is open", "witness.overlayOpen()").await?;
    reader.is_locked("first").await?;
    reader.js::<Value>("tollgate.setEntitlement(true)").await?;
    reader.is_open("first").await?;
    reader.is_untouched().await
}

async fn it_is_missing_or_broken(reader: &mut Reader) -> Result<()> {
    let path = reader.site.gate()?;
    let text = reader.site.built(&path)?;
    let half = text.get(..text.len() / 2).unwrap_or_default();
    for (what, response) in [
        ("missing", Response::new(404)),
        ("a server's error", Response::new(500).body("text/html", "<p>Sorry")),
        ("empty", Response::new(200).body("text/javascript", "")),
        ("a page", Response::html("<!doctype html><p>Not here")),
        ("half of it", Response::new(200).body("text/javascript", half)),
    ] {
        reader.site.put(&path, response);
        let code = opens_with_one_warning(reader, page()).await.with_context(|| what.to_owned())?;
        check::equal(what, code.as_str(), "gate-missing")?;
    }
    Ok(())
}

async fn it_hangs(reader: &mut Reader) -> Result<()> {
    reader.site.slow(&reader.site.gate()?, Duration::from_secs(7));
    let code = opens_with_one_warning(reader, page()).await?;
    check::equal("the code", code.as_str(), "gate-missing")?;
    reader.wait_for("it has come after all", HAS_COME).await?;
    reader.is_open("first").await?;
    reader.is_untouched().await
}

/// What the page does once it is told that the article is gated. A driver could not: in Firefox and WebKit the page is not
/// loaded before what was imported meanwhile.
fn then(code: &str) -> String {
    format!(
        "<script>addEventListener('tollgate:denied', () => setTimeout(() => {{ window.atThen = witness.paragraphs('first'); \
         {code} }}, 50), {{ once: true }})</script>"
    )
}

async fn it_comes_after_the_end(reader: &mut Reader) -> Result<()> {
    reader.site.slow(&reader.site.gate()?, Duration::from_secs(1));
    reader.site.page(page().before_tag(&then("tollgate.destroy()")));
    reader.open("/story/first").await?;
    reader.wait_for("the text was cut", "'atThen' in window && window.atThen !== '11111111'").await?;
    reader.is_open("first").await?;
    reader.wait_for("it has come", HAS_COME).await?;
    let open =
        "witness.paragraphs('first') === '11111111' && document.querySelector('tollgate-gate') === null";
    reader.stays("the article is readable", open, Duration::from_millis(400)).await?;
    reader.is_untouched().await
}

async fn nobody_waits_for_it_any_more(reader: &mut Reader) -> Result<()> {
    reader.site.slow(&reader.site.gate()?, Duration::from_secs(6));
    reader.site.page(page().before_tag(&then("tollgate.setEntitlement(true)")));
    reader.open("/story/first").await?;
    reader.wait_for("the text was cut", "'atThen' in window && window.atThen !== '11111111'").await?;
    reader.is_open("first").await?;
    // Longer than anyone would have waited: that is no failure, and not the end.
    reader.wait_for("it has come", HAS_COME).await?;
    check::equal("tollgate:error events", reader.events("error").await.len(), 0)?;
    reader.js::<Value>("tollgate.setEntitlement(false)").await?;
    reader.wait_for("the overlay is open", "witness.overlayOpen()").await?;
    reader.is_locked("first").await
}

async fn it_is_pinned_with_the_tag(reader: &mut Reader) -> Result<()> {
    let right = integrity(reader).await?;
    works(reader, pinned(&right)).await?;
    // One that does the same and is not the same.
    let path = reader.site.gate()?;
    let mut text = reader.site.built(&path)?;
    text.extend(b"\n// Another's.");
    reader.site.put(&path, Response::new(200).body("text/javascript; charset=utf-8", text));
    works(reader, page()).await?;
    // The browser reports that it is not what was pinned.
    reader.allow(Trouble::Error);
    let code = opens_with_one_warning(reader, pinned(&right)).await?;
    check::equal("the code", code.as_str(), "gate-missing")
}

async fn it_is_pinned_under_trusted_types_too(reader: &mut Reader) -> Result<()> {
    // A script's address may not be set there. That is tried once, and reported by the browser.
    reader.allow(Trouble::Violation);
    let strict = "require-trusted-types-for 'script'; trusted-types 'none'";
    let right = integrity(reader).await?;
    works(reader, pinned(&right).policy(strict)).await
}

async fn it_comes_under_a_nonce_alone(reader: &mut Reader) -> Result<()> {
    let tag = script(&closed()).replace("<script async", "<script async nonce=\"tollgate\"");
    works(reader, page().tag_written(&tag).policy("script-src 'nonce-tollgate' 'wasm-unsafe-eval'")).await
}

async fn it_comes_from_another_origin(reader: &mut Reader) -> Result<()> {
    // The other origin allows nobody to read what it serves; a script may run all the same.
    let cdn = Site::start()?;
    let tag = script(&closed()).replace("/tollgate.js", &cdn.url("/tollgate.js"));
    works(reader, page().tag_written(&tag)).await?;
    check::that("it came from there", cdn.requests(&cdn.gate()?) > 0)?;
    check::equal("and not from here", reader.site.requests(&reader.site.gate()?), 0)
}
