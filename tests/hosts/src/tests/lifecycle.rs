//! A page's life as the browser leads it: prerendered, hidden, kept for the back button, frozen, discarded. What of it
//! counts as reading, and what does not.

use super::metering::back_to_a_gate;
use super::tests;
use crate::check;
use crate::engine::{ALL, CHROMIUM};
use crate::page::{Page, seed_with};
use crate::reader::{JUNE, Reader};
use anyhow::Result;
use serde_json::{Value, json};
use std::time::Duration;
use thirtyfour::WindowHandle;

tests! {
    cn_10_prerendered_and_never_seen: CHROMIUM, Ordinary;
    cn_11_prerendered_then_read: CHROMIUM, Ordinary;
    cn_12_prerendered_then_gated: CHROMIUM, Ordinary;
    cn_13_loaded_unseen_then_shown: ALL, Ordinary;
    cn_13_hidden_time_is_no_reading: ALL, Ordinary;
    cn_15_back_from_the_cache_decides_anew: ALL, Ordinary;
    cn_15_time_in_the_cache_is_no_reading: ALL, Ordinary;
    cn_16_restored_article_may_be_read_on: ALL, Ordinary;
    cn_17_the_restored_dialog_still_closes: ALL, Ordinary;
    cn_18_nothing_of_ours_keeps_a_page_out_of_the_cache: ALL, Ordinary;
    cn_39_a_frozen_page_counts_once: CHROMIUM, Ordinary;
    cn_39_loaded_anew_after_the_freeze_counts_once: CHROMIUM, Ordinary;
}

/// The seed tag with this dwell time in seconds.
fn dwelling(seconds: u32) -> String {
    format!("{} data-dwell=\"{seconds}\"", seed_with("data-limit", "1"))
}

/// A script of the host's by which the page before it learns that this page is loaded, prerendered, and that Tollgate
/// runs on it.
const TELLING: &str = "<script>addEventListener('load', () => setInterval(() => { \
    if (document.prerendering && window.tollgate && window.tollgate.getMeter && !localStorage['host-runs']) \
    localStorage.setItem('host-runs', location.pathname) }, 20))</script>";

/// Opens a front page that has the browser prerender the story `slug`, and waits until that is done and the script runs
/// there.
async fn prerender(reader: &mut Reader, slug: &str) -> Result<()> {
    let rules = json!({ "prerender": [{ "source": "list", "urls": [format!("/story/{slug}")], "eagerness": "immediate" }] });
    let body = format!(
        "<main><a id=\"story\" href=\"/story/{slug}\">Story</a></main><script type=\"speculationrules\">{rules}</script>"
    );
    reader.site.page(Page::plain("/").body(&body));
    reader.open("/").await?;
    reader
        .wait_for("the story is prerendered", &format!("localStorage['host-runs'] === '/story/{slug}'"))
        .await
}

/// Follows the link to the prerendered story; it is that page which is shown, not one loaded anew.
async fn activate(reader: &mut Reader, slug: &str) -> Result<()> {
    reader.leave_by("document.getElementById('story').click()", &format!("/story/{slug}")).await?;
    let activated =
        "!document.prerendering && performance.getEntriesByType('navigation')[0].activationStart > 0";
    reader.wait_for("the prerendered page is the one shown", activated).await
}

const NOTHING: &str = "Object.keys(witness.ledger()).length === 0";

async fn cn_10_prerendered_and_never_seen(reader: &mut Reader) -> Result<()> {
    // Without a dwell time it would count at once, if it were seen.
    reader.site.page(Page::article("first").before_tag(TELLING).tag(&dwelling(0)));
    reader.site.page(Page::plain("/elsewhere"));
    prerender(reader, "first").await?;
    reader.stays("nothing is written", NOTHING, Duration::from_millis(700)).await?;
    reader.open("/elsewhere").await?;
    reader.is("nothing was written", NOTHING, true).await?;
    check::equal("the story was asked for once", reader.site.requests("/story/first"), 1)
}

async fn cn_11_prerendered_then_read(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").before_tag(TELLING).tag(&dwelling(1)));
    prerender(reader, "first").await?;
    // Longer than the dwell time: what passes unseen is no reading.
    reader.stays("nothing is written", NOTHING, Duration::from_millis(1_300)).await?;
    activate(reader, "first").await?;
    reader.counted().await?;
    let dwelt = "witness.events('meter').find(entry => entry.detail.counted).at \
                 - performance.getEntriesByType('navigation')[0].activationStart";
    let dwelt = reader.value(dwelt).await?.as_f64().unwrap_or_default();
    check::that(
        &format!("{dwelt} ms after the activation is the dwell time"),
        (950.0..2_500.0).contains(&dwelt),
    )?;
    reader.is("it was granted once", "witness.events('granted').length", 1).await?;
    reader.scroll().await?;
    reader.is_open("first").await?;
    reader.is("one read", "tollgate.getMeter().reads", 1).await?;
    reader.ledger_has(1).await
}

async fn cn_12_prerendered_then_gated(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first"));
    reader.site.page(Page::article("second").before_tag(TELLING));
    prerender(reader, "second").await?;
    // Now another window uses up what was free when the story was prerendered.
    let one = reader.window().await?;
    let two = reader.another_window().await?;
    reader.read("/story/first").await?;
    reader.settle().await?;
    reader.switch_to(&one).await?;
    reader.is("the first window sees the read", "Object.keys(witness.ledger()).length", 1).await?;
    activate(reader, "second").await?;
    reader.overlay().await?;
    reader.is_locked("second").await?;
    reader.is("it was never granted", "witness.events('granted').length", 0).await?;
    reader.ledger_has(1).await?;
    reader.settle().await?;
    reader.switch_to(&two).await
}

/// Runs a test at a minimised window, and shows the window again however that ends.
async fn minimised(reader: &mut Reader, unseen: impl AsyncFnOnce(&mut Reader) -> Result<()>) -> Result<()> {
    reader.minimise(true).await?;
    let outcome = unseen(reader).await;
    reader.minimise(false).await?;
    outcome
}

async fn cn_13_loaded_unseen_then_shown(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&dwelling(1)));
    reader.site.page(Page::plain("/"));
    reader.open("/").await?;
    minimised(reader, async |reader| {
        reader.open("/story/first").await?;
        reader.wait_for("the script runs", "typeof tollgate.getMeter === 'function'").await?;
        reader.is("the page is hidden", "document.visibilityState", "hidden").await?;
        let nothing = "Object.keys(witness.ledger()).length + witness.events('granted').length === 0";
        reader.stays("nothing is decided or written unseen", nothing, Duration::from_millis(1_300)).await?;
        reader
            .js::<Value>(
                "addEventListener('visibilitychange', () => window.shownAt = performance.now(), true)",
            )
            .await
            .map(|_| ())
    })
    .await?;
    reader.counted().await?;
    let dwelt = "witness.events('meter').find(entry => entry.detail.counted).at - shownAt";
    let dwelt = reader.value(dwelt).await?.as_f64().unwrap_or_default();
    check::that(
        &format!("{dwelt} ms after it was shown is the dwell time"),
        (950.0..2_500.0).contains(&dwelt),
    )?;
    reader.ledger_has(1).await
}

async fn cn_13_hidden_time_is_no_reading(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&dwelling(2)));
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader
        .js::<Value>(
            "window.seen = { hidden: 0, visible: 0 }; addEventListener('visibilitychange', () => \
             window.seen[document.visibilityState] = performance.now(), true)",
        )
        .await?;
    minimised(reader, async |reader| {
        reader.stays("nothing counts unseen", NOTHING, Duration::from_millis(2_300)).await
    })
    .await?;
    reader.counted().await?;
    let seen = "witness.events('meter').find(entry => entry.detail.counted).at - seen.visible \
                + seen.hidden - witness.events('granted')[0].at";
    let seen = reader.value(seen).await?.as_f64().unwrap_or_default();
    // On a busy machine the grant is told some time after the article was first seen. If hidden time counted, it would be next
    // to nothing.
    check::that(&format!("{seen} visible ms are the dwell time"), (1_200.0..3_500.0).contains(&seen))?;
    reader.ledger_has(1).await
}

/// A page that was gated when it was left is decided anew when it comes back. Here it does so in another month: nothing
/// but its coming back tells it that.
async fn cn_15_back_from_the_cache_decides_anew(reader: &mut Reader) -> Result<()> {
    let month = format!("<script>addEventListener('pagehide', () => {{ Date.now = () => {JUNE} }})</script>");
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).before_tag(&month));
    }
    reader.site.page(Page::plain("/"));
    reader.read("/story/first").await?;
    reader.open_gated("/story/second").await?;
    reader.escape().await?;
    reader.leave_by("document.getElementById('home').click()", "/").await?;
    reader.back_from_the_cache("/story/second").await?;
    reader.wait_for("the gate is gone", "witness.paragraphs('second') === '11111111'").await?;
    reader.is_open("second").await?;
    reader.is("granted by the meter", "tollgate.getDecision().grantReason", "METERING").await?;
    reader.scroll().await?;
    reader.wait_for("and it counts", "tollgate.getMeter().counted").await?;
    reader
        .is("as June's first", "[tollgate.getMeter().period, tollgate.getMeter().reads].join()", "2031-06,1")
        .await?;
    reader.ledger_has(2).await
}

/// What passes while a page lies in the cache is no reading, however long it is.
async fn cn_15_time_in_the_cache_is_no_reading(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&dwelling(2)));
    reader.site.page(Page::plain("/"));
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader
        .js::<Value>(
            "addEventListener('pagehide', () => window.leftAt = performance.now()); \
             addEventListener('pageshow', () => window.backAt = performance.now())",
        )
        .await?;
    reader.leave_by("document.getElementById('home').click()", "/").await?;
    reader.stays("nothing is written elsewhere", NOTHING, Duration::from_millis(2_300)).await?;
    reader.back_from_the_cache("/story/first").await?;
    reader.counted().await?;
    let read = "witness.events('meter').find(entry => entry.detail.counted).at - backAt \
                + leftAt - witness.events('granted')[0].at";
    let read = reader.value(read).await?.as_f64().unwrap_or_default();
    // As above: if time in the cache counted, it would be next to nothing.
    check::that(&format!("{read} visible ms are the dwell time"), (1_200.0..3_500.0).contains(&read))?;
    reader.ledger_has(1).await
}

/// Granted, left unread, and the meter used up by another window meanwhile: the page that comes back may be read to its
/// end, and that counts once.
async fn cn_16_restored_article_may_be_read_on(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).tag(&dwelling(600)));
    }
    reader.site.page(Page::plain("/"));
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.leave_by("document.getElementById('home').click()", "/").await?;
    let one = reader.window().await?;
    let two = reader.another_window().await?;
    reader.read("/story/second").await?;
    reader.settle().await?;
    reader.switch_to(&one).await?;
    reader.back_from_the_cache("/story/first").await?;
    reader.wait_for("it knows of the other read", "tollgate.getMeter().reads === 1").await?;
    reader.is("it stays granted", "tollgate.getDecision().granted", true).await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.is_open("first").await?;
    reader.ledger_has(2).await?;
    reader.settle().await?;
    reader.switch_to(&two).await
}

/// A dialog that came back from the cache closes once and for all, and gives the page back.
async fn cn_17_the_restored_dialog_still_closes(reader: &mut Reader) -> Result<()> {
    back_to_a_gate(reader).await?;
    reader.overlay().await?;
    reader.escape().await?;
    reader.stays("no other behind it", "!witness.overlayOpen()", Duration::from_millis(300)).await?;
    reader
        .is("the page can be scrolled", "getComputedStyle(document.documentElement).overflowY", "visible")
        .await?;
    reader.is("the inline gate stands", "witness.inline().hosts", 1).await?;
    reader.ledger_has(0).await?;
    // Read without a gate, and gated without a reader: the meter knows nothing of either.
    reader.is("no reads", "tollgate.getMeter().reads", 0).await
}

/// In every state of ours the page goes into the cache and comes back; where the browser gives reasons, it has none.
async fn cn_18_nothing_of_ours_keeps_a_page_out_of_the_cache(reader: &mut Reader) -> Result<()> {
    reader
        .site
        .page(Page::article("granted").tag(&format!("{} data-dwell=\"600\"", seed_with("data-limit", "2"))));
    reader.site.page(Page::article("counted").tag(&seed_with("data-limit", "2")));
    reader.site.page(Page::article("gated").tag(&seed_with("data-limit", "0")));
    reader.site.page(Page::article("dismissed").tag(&seed_with("data-limit", "0")));
    reader.site.page(Page::front("/front"));
    reader.site.page(Page::plain("/"));
    for state in ["granted", "counted", "gated", "dismissed", "front"] {
        let path = if state == "front" { "/front".to_owned() } else { format!("/story/{state}") };
        reader.open(&path).await?;
        match state {
            "granted" => reader.granted().await?,
            "counted" => {
                reader.granted().await?;
                reader.scroll().await?;
                reader.counted().await?;
            }
            "front" => reader.wait_for("ready", "witness.events('ready').length > 0").await?,
            _ => {
                reader.overlay().await?;
            }
        }
        if state == "dismissed" {
            reader.escape().await?;
        }
        reader.leave_by("document.getElementById('home').click()", "/").await?;
        reader.back_from_the_cache(&path).await?;
        let reasons = "performance.getEntriesByType('navigation')[0].notRestoredReasons ?? null";
        reader.is(&format!("reasons against the {state} page"), reasons, Value::Null).await?;
    }
    Ok(())
}

/// At a page that is frozen in another window, which is the current one; `first` is the frozen page's.
async fn frozen(
    reader: &mut Reader,
    first: &WindowHandle,
    meanwhile: impl AsyncFnOnce(&mut Reader) -> Result<()>,
) -> Result<()> {
    reader.settle().await?;
    reader.minimise(true).await?;
    reader.devtools("Page.setWebLifecycleState", json!({ "state": "frozen" })).await?;
    reader.another_window().await?;
    let outcome = meanwhile(reader).await;
    reader.switch_to(first).await?;
    reader.devtools("Page.setWebLifecycleState", json!({ "state": "active" })).await?;
    reader.minimise(false).await?;
    outcome
}

/// A frozen page hears nothing and its timers stand still; meanwhile another window reads the same article.
async fn cn_39_a_frozen_page_counts_once(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).tag(&dwelling(1)));
    }
    reader.open("/story/first").await?;
    reader.granted().await?;
    let first = reader.window().await?;
    frozen(reader, &first, async |reader| {
        reader.read("/story/first").await?;
        reader.ledger_has(1).await?;
        reader.settle().await
    })
    .await?;
    reader.counted().await?;
    reader.scroll().await?;
    reader.is_open("first").await?;
    reader.is("one read", "tollgate.getMeter().reads", 1).await?;
    reader.ledger_has(1).await?;
    reader.open_gated("/story/second").await?;
    reader.is_locked("second").await
}

/// What a page sees of being discarded: it was frozen, and when it is shown again it is loaded anew. (The browser discards
/// no page that a driver is at, so this is as near as a test comes.)
async fn cn_39_loaded_anew_after_the_freeze_counts_once(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug));
    }
    reader.read("/story/first").await?;
    let ledger = reader.ledger().await?;
    reader.settle().await?;
    reader.minimise(true).await?;
    reader.devtools("Page.setWebLifecycleState", json!({ "state": "frozen" })).await?;
    let reloaded = reader.reload().await;
    reader.devtools("Page.setWebLifecycleState", json!({ "state": "active" })).await?;
    reader.minimise(false).await?;
    reloaded?;
    reader.granted().await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.is_open("first").await?;
    reader.is("one read", "tollgate.getMeter().reads", 1).await?;
    check::equal("the ledger is as it was", reader.ledger().await?, ledger)?;
    reader.open_gated("/story/second").await?;
    reader.is_locked("second").await
}
