//! What counts as a read, and what does not.

use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, SEED, script, seed_with};
use crate::reader::Reader;
use anyhow::Result;
use serde_json::{Value, json};
use std::time::Duration;
use thirtyfour::Key;

tests! {
    cn_01_left_early_is_not_counted: ALL, Ordinary;
    cn_01_counted_after_three_visible_seconds: ALL, Ordinary;
    a_key_alone_is_no_reading: ALL, Ordinary;
    cn_02_a_scroll_counts_once: ALL, Ordinary;
    cn_03_reload_five_times_counts_once: ALL, Ordinary;
    cn_04_one_article_under_many_addresses: ALL, Ordinary;
    cn_05_ids_in_the_query_are_two_articles: ALL, Ordinary;
    cn_07_read_before_stays_free_after_the_limit: ALL, Ordinary;
    cn_08_limit_zero_gates_at_once: ALL, Ordinary;
    cn_15_back_from_the_cache_counts_nothing: ALL, Ordinary;
    cn_15_back_without_the_cache_counts_nothing: ALL, Ordinary;
    cn_16_restored_article_stays_granted: ALL, Ordinary;
    cn_17_the_dialog_survives_the_cache: ALL, Ordinary;
    cn_34_a_front_page_writes_nothing: ALL, Ordinary;
    a_second_window_counts_nothing_again: ALL, Ordinary;
    two_windows_share_one_meter: ALL, Ordinary;
    what_another_month_wrote_does_not_count: ALL, Ordinary;
}

async fn cn_01_left_early_is_not_counted(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first"));
    reader.site.page(Page::plain("/elsewhere"));
    reader.open("/story/first").await?;
    reader.granted().await?;
    let nothing = "Object.keys(witness.ledger()).length === 0";
    reader.stays("nothing is written yet", nothing, Duration::from_millis(500)).await?;
    reader.open("/elsewhere").await?;
    reader.ledger_has(0).await?;
    // Nor does the time on another page count for the one that was left.
    reader.stays("nothing is written later", nothing, Duration::from_millis(3_200)).await
}

async fn cn_01_counted_after_three_visible_seconds(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first"));
    reader.open("/story/first").await?;
    reader.counted().await?;
    reader.ledger_has(1).await?;
    let counted = reader
        .value("witness.events('meter').find(entry => entry.detail.counted).at - witness.events('granted')[0].at")
        .await?;
    let milliseconds = counted.as_i64().unwrap_or_default();
    check::that(
        &format!("{milliseconds} ms after the grant is three seconds"),
        (2_700..4_500).contains(&milliseconds),
    )
}

/// Control silences a screen reader, and with other keys leaves the page; a key that scrolls is seen by its scroll.
async fn a_key_alone_is_no_reading(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first"));
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.press(Key::Control).await?;
    let nothing = "Object.keys(witness.ledger()).length === 0";
    reader.stays("nothing is written for Control", nothing, Duration::from_millis(500)).await?;
    reader.press(Key::PageDown).await?;
    reader.counted().await?;
    reader.ledger_has(1).await
}

async fn cn_02_a_scroll_counts_once(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&seed_with("data-limit", "3")));
    reader.open("/story/first").await?;
    reader.granted().await?;
    for _ in 0..3 {
        reader.scroll().await?;
        reader.counted().await?;
    }
    reader.is("counted before the dwell time was over", "performance.now() < 3000", true).await?;
    reader.ledger_has(1).await?;
    reader.is("one read", "tollgate.getMeter().reads", 1).await
}

async fn cn_03_reload_five_times_counts_once(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first"));
    reader.read("/story/first").await?;
    let first = reader.ledger().await?;
    for _ in 0..5 {
        reader.reload().await?;
        reader.granted().await?;
        reader.scroll().await?;
        reader.counted().await?;
        reader.is_open("first").await?;
    }
    check::equal("the ledger is as it was", reader.ledger().await?, first)
}

async fn cn_04_one_article_under_many_addresses(reader: &mut Reader) -> Result<()> {
    let tag = seed_with("data-limit", "9");
    let story = || Page::article("first").tag(&tag).no_canonical();
    for path in ["/story/first", "/story/first/", "/story/first/amp"] {
        reader.site.page(story().at(path));
    }
    let origin = reader.site.other_origin();
    let shouted = origin.replace("localhost", "LOCALHOST");
    reader.site.page(story().at("/print/1").canonical(&format!("{shouted}/story/first?fbclid=2#x")));
    for path in [
        "/story/first",
        "/story/first?utm_source=letter&utm_medium=mail",
        "/story/first#comments",
        "/story/first/",
        "/story/first/amp",
        "/print/1",
    ] {
        reader.open_address(&format!("{origin}{path}")).await?;
        reader.granted().await?;
        reader.scroll().await?;
        reader.counted().await?;
        let ledger = reader.ledger().await?;
        check::equal(&format!("keys after {path}: {ledger:?}"), ledger.len(), 1)?;
    }
    Ok(())
}

async fn cn_05_ids_in_the_query_are_two_articles(reader: &mut Reader) -> Result<()> {
    reader
        .site
        .page(Page::article("first").tag(&seed_with("data-limit", "9")).no_canonical().at("/index.php"));
    for (path, keys) in [("/index.php?p=1", 1), ("/index.php?p=2", 2), ("/index.php?utm_source=x&p=1", 2)] {
        reader.read(path).await?;
        reader.ledger_has(keys).await?;
    }
    Ok(())
}

async fn cn_07_read_before_stays_free_after_the_limit(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug));
    }
    reader.read("/story/first").await?;
    reader.open_gated("/story/second").await?;
    reader.read("/story/first").await?;
    reader.is_open("first").await?;
    reader.is("the decision", "tollgate.getDecision().grantReason", "METERING").await?;
    reader.ledger_has(1).await
}

async fn cn_08_limit_zero_gates_at_once(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&seed_with("data-limit", "0")));
    let overlay = reader.open_gated("/story/first").await?;
    check::json("the headline", &overlay["headline"], &json!("This story is for subscribers"))?;
    reader.is_locked("first").await?;
    reader.escape().await?;
    reader.scroll().await?;
    let nothing = "localStorage.length + sessionStorage.length === 0 && document.cookie === ''";
    reader.stays("nothing is written", nothing, Duration::from_millis(500)).await
}

async fn cn_15_back_from_the_cache_counts_nothing(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first"));
    reader.site.page(Page::plain("/"));
    reader.read("/story/first").await?;
    let ledger = reader.ledger().await?;
    reader.leave_by("document.getElementById('home').click()", "/").await?;
    reader.back_from_the_cache("/story/first").await?;
    reader.scroll().await?;
    reader.is_open("first").await?;
    check::equal("the ledger is as it was", reader.ledger().await?, ledger)?;
    reader.is("the read still counts as counted", "tollgate.getMeter().counted", true).await
}

async fn cn_15_back_without_the_cache_counts_nothing(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").header("Cache-Control", "no-store"));
    reader.site.page(Page::plain("/"));
    reader.read("/story/first").await?;
    let ledger = reader.ledger().await?;
    reader.leave_by("document.getElementById('home').click()", "/").await?;
    reader.back().await?;
    reader.wait_for("the story is back", "location.pathname === '/story/first'").await?;
    reader.granted().await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.is_open("first").await?;
    check::equal("the ledger is as it was", reader.ledger().await?, ledger)
}

async fn cn_16_restored_article_stays_granted(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug));
    }
    reader.site.page(Page::plain("/"));
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.leave_by("document.getElementById('home').click()", "/").await?;
    let (first, second) = reader.second_window().await?;
    reader.read("/story/second").await?;
    reader.settle().await?;
    reader.switch_to(&first).await?;
    reader.back_from_the_cache("/story/first").await?;
    let open = "witness.paragraphs('first') === '11111111' && witness.hosts('overlay').length === 0";
    reader.stays("the restored story stays readable", open, Duration::from_millis(500)).await?;
    reader.settle().await?;
    reader.switch_to(&second).await
}

/// Leaves a gated page by its button and comes back to it from the cache.
pub(super) async fn back_to_a_gate(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&seed_with("data-limit", "0")));
    reader.site.page(Page::plain("/subscribe"));
    reader.open_gated("/story/first").await?;
    reader
        .leave_by("witness.overlayRoot().querySelector('[part~=cta]').click()", "/subscribe?plan=free-trial")
        .await?;
    reader.back_from_the_cache("/story/first").await
}

async fn cn_17_the_dialog_survives_the_cache(reader: &mut Reader) -> Result<()> {
    back_to_a_gate(reader).await?;
    let overlay = reader.overlay().await?;
    check::json("one overlay", &overlay["hosts"], &json!(1))?;
    check::json("it is modal", &overlay["modal"], &json!(true))?;
    reader.wait_for("the focus is inside", "witness.focusInside() !== null").await?;
    reader
        .is("the page is still locked", "getComputedStyle(document.documentElement).overflowY", "hidden")
        .await?;
    reader.is_locked("first").await
}

async fn cn_34_a_front_page_writes_nothing(reader: &mut Reader) -> Result<()> {
    for (path, tag) in
        [("/", script("")), ("/news", script(SEED)), ("/now", script(&seed_with("data-limit", "0")))]
    {
        reader.site.page(Page::front(path).tag_written(&tag));
        reader.open(path).await?;
        reader.wait_for("the script has run", "!!window.tollgate && !Array.isArray(window.tollgate)").await?;
        reader.scroll().await?;
        let untouched = "localStorage.length + sessionStorage.length === 0 && document.cookie === '' \
                         && document.querySelectorAll('tollgate-gate').length === 0";
        reader.stays("nothing is written, nothing gated", untouched, Duration::from_millis(700)).await?;
    }
    Ok(())
}

async fn a_second_window_counts_nothing_again(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first"));
    reader.read("/story/first").await?;
    let ledger = reader.ledger().await?;
    reader.settle().await?;
    reader.second_window().await?;
    reader.read("/story/first").await?;
    reader.is_open("first").await?;
    check::equal("the ledger is as it was", reader.ledger().await?, ledger)
}

async fn two_windows_share_one_meter(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second", "third"] {
        reader.site.page(Page::article(slug).tag(&seed_with("data-limit", "2")));
    }
    reader.read("/story/first").await?;
    reader.settle().await?;
    let (first, _) = reader.second_window().await?;
    reader.read("/story/second").await?;
    reader.ledger_has(2).await?;
    reader.settle().await?;
    reader.switch_to(&first).await?;
    reader.wait_for("the first window sees both reads", "tollgate.getMeter().reads === 2").await?;
    reader.is_open("first").await?;
    reader.open_gated("/story/third").await?;
    reader.is_locked("third").await
}

async fn what_another_month_wrote_does_not_count(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first"));
    reader.site.page(Page::plain("/"));
    reader.open("/").await?;
    reader
        .js::<Value>(
            "localStorage.setItem('tollgate1:meridian:r:2031-04:AAAAAAAAAAAAAAAA', 'kp0000'); \
             localStorage.setItem('tollgate1:other:r:2031-05:AAAAAAAAAAAAAAAA', 'kp0000')",
        )
        .await?;
    reader.read("/story/first").await?;
    reader.is_open("first").await?;
    reader.is("one read", "tollgate.getMeter().reads", 1).await?;
    reader
        .is(
            "another site's key stays",
            "localStorage['tollgate1:other:r:2031-05:AAAAAAAAAAAAAAAA']",
            "kp0000",
        )
        .await
}
