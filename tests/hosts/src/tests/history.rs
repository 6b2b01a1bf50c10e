//! What the script for publishers says of itself: decisions in words, and histories that replay natively to the same
//! effects.

use super::feed::feed;
use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, seed_with, seed_with_all};
use crate::reader::Reader;
use anyhow::{Context as _, Result};
use serde_json::Value;
use tollgate::history;

tests! {
    the_history_of_a_gate_replays: ALL, Ordinary;
    the_history_of_a_feed_replays: ALL, Ordinary;
    the_history_of_steps_replays: ALL, Ordinary;
    the_history_of_a_turned_page_replays: ALL, Ordinary;
    every_decision_is_explained: ALL, Ordinary;
    debug_prints_each_decision_as_a_group: ALL, Ordinary;
}

/// A page with the script for publishers.
fn spoken(page: Page, attributes: &str) -> Page {
    page.tag_written(&format!("<script async src=\"/tollgate.debug.js\"\n  {attributes}></script>\n"))
}

/// Takes the page's history, keeps it where `tests/histories` is filled from, and replays it: the words of its decisions.
async fn replayed(reader: &Reader, name: &str) -> Result<Vec<String>> {
    let text: String = reader.js("return tollgate.history()").await?;
    let folder = crate::root().join("target/histories").join(reader.engine.to_string());
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(name).with_extension("jsonl"), &text)?;
    let replayed = history::replay(&text).context("the history is none")?;
    check::that("something happened", replayed.len() > 3)?;
    for one in &replayed {
        check::equal(
            &format!("line {}: {:?}", one.line, one.happening.signal),
            &one.effects,
            &one.happening.effects,
        )?;
    }
    Ok(replayed.into_iter().filter_map(|one| one.words).collect())
}

async fn the_history_of_a_gate_replays(reader: &mut Reader) -> Result<()> {
    let tag = seed_with("data-time-zone", "Europe/Paris");
    for slug in ["first", "second"] {
        reader.site.page(spoken(Page::article(slug), &tag));
    }
    reader.read("/story/first").await?;
    replayed(reader, "the-last-free-read").await?;
    reader.open_gated("/story/second").await?;
    reader.escape().await?;
    reader
        .js::<Value>(
            "tollgate.setEntitlement({ granted: true, grantReason: 'SUBSCRIBER', tier: 'subscriber' })",
        )
        .await?;
    reader.wait_for("the text is back", "witness.paragraphs('second') === '11111111'").await?;
    let words = replayed(reader, "a-gate-and-a-subscriber").await?;
    check::equal(
        "its decisions",
        words,
        vec![
            "read 1 of 1 in 2031-05 (Europe/Paris), resets 2031-06-01; article not read before; referrer not \
             listed; reader anonymous → gate: subscribe"
                .to_owned(),
            "read 1 of 1 in 2031-05 (Europe/Paris), resets 2031-06-01; article not read before; referrer not \
             listed; reader subscriber → granted by the host"
                .to_owned(),
        ],
    )
}

async fn the_history_of_a_feed_replays(reader: &mut Reader) -> Result<()> {
    let tag = seed_with_all(&[("data-period", "7d"), ("data-window", "rolling"), ("data-limit", "1")]);
    let page = feed("", &["first", "second"]);
    reader.site.page(spoken(page, &tag));
    reader.read("/story/first").await?;
    reader.js::<Value>("document.getElementById('second-p3').scrollIntoView({ block: 'center' })").await?;
    reader.wait_for("the second is gated", "witness.paragraphs('second') === '11100000'").await?;
    let words = replayed(reader, "a-feed-in-a-rolling-window").await?;
    check::equal("decisions", words.len(), 2)?;
    check::contains("the gate", &words[1], "read 1 of 1 in 7 days")
}

async fn the_history_of_steps_replays(reader: &mut Reader) -> Result<()> {
    let tag = seed_with_all(&[
        ("data-limit", "3"),
        ("data-steps", "newsletter from 1, dismissible, 1/day | subscribe"),
        ("data-newsletter-url", "/letters"),
        ("data-meters", "opinion: 2"),
    ]);
    let section = "<meta property=\"article:section\" content=\"Opinion\">";
    reader.site.page(spoken(Page::article("first").before_tag(section), &tag));
    reader.open_gated("/story/first").await?;
    reader.js::<Value>("witness.overlayRoot().querySelector('[part~=dismiss]').click()").await?;
    reader.wait_for("the text is back", "witness.paragraphs('first') === '11111111'").await?;
    reader.scroll().await?;
    reader.counted().await?;
    let words = replayed(reader, "a-step-turned-down").await?;
    check::contains(
        "the gate",
        &words[0],
        "read 0 of 2 on meter opinion in 2031-05 (UTC), resets 2031-06-01",
    )?;
    check::contains("the gate", &words[0], "→ gate: newsletter")?;
    check::contains("the grant", &words[1], "→ granted: the step was turned down")
}

/// A script that turns the page into another story, as routers do.
const TURNING: &str = "window.turn = slug => { history.pushState(null, '', '/story/' + slug); \
    document.querySelector('link[rel=canonical]').href = location.href; \
    const body = document.querySelector('.body').cloneNode(false); \
    for (let n = 1; n <= 8; n += 1) { const p = document.createElement('p'); p.textContent = slug + '-paragraph-' + n + '. Another plain day.'; body.append(p) } \
    document.querySelector('.body').replaceWith(body) }";

async fn the_history_of_a_turned_page_replays(reader: &mut Reader) -> Result<()> {
    let page = Page::article("first").before_tag(&format!("<script>{TURNING}</script>"));
    reader.site.page(spoken(page, &seed_with("data-limit", "1")));
    reader.read("/story/first").await?;
    reader.js::<Value>("turn('second')").await?;
    reader.wait_for("the second is gated", "witness.paragraphs('second') === '11100000'").await?;
    reader.js::<Value>("turn('first')").await?;
    reader.wait_for("the first is open", "witness.paragraphs('first') === '11111111'").await?;
    reader.wait_for("and decided", "tollgate.getDecision()?.granted === true").await?;
    let words = replayed(reader, "a-page-that-a-script-turns").await?;
    check::contains("the gate", &words.join("\n"), "→ gate: subscribe")?;
    check::contains("what was read is open", words.last().map_or("", String::as_str), "article read before")
}

async fn every_decision_is_explained(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&seed_with("data-limit", "0")));
    reader.open_gated("/story/first").await?;
    // In codes by the script for readers …
    reader.is("the reason", "tollgate.explain().decision.gateReason", "NO_FREE_READS").await?;
    reader.is("the step", "tollgate.explain().decision.step", "subscribe").await?;
    reader.is("the rule", "tollgate.explain().decision.rule", "metered").await?;
    reader.is("the tier", "tollgate.explain().decision.tier", "anonymous").await?;
    reader.is("the referrer", "tollgate.explain().decision.referred", false).await?;
    reader.is("the meter", "tollgate.explain().meter.period", "2031-05").await?;
    reader.is("no history", "tollgate.history", Value::Null).await?;
    // … and in words by that for publishers.
    reader.site.page(spoken(Page::article("first"), &seed_with("data-limit", "0")));
    reader.open_gated("/story/first").await?;
    let words: String = reader.js("return tollgate.explain().words").await?;
    check::contains("the words", &words, "read 0 of 0 in 2031-05 (UTC)")?;
    check::contains("the words", &words, "→ gate: subscribe")
}

async fn debug_prints_each_decision_as_a_group(reader: &mut Reader) -> Result<()> {
    reader.allow(crate::reader::Trouble::Warning);
    reader.site.page(Page::article("first").tag(&seed_with("data-debug", "")));
    reader.open("/story/first").await?;
    reader.granted().await?;
    let groups = reader.noted("console.groupCollapsed").await;
    check::equal("groups", groups.len(), 1)?;
    check::contains("in codes", &groups[0], "grantReason,METERING")?;
    reader
        .site
        .page(spoken(Page::article("second"), &seed_with_all(&[("data-debug", ""), ("data-limit", "2")])));
    reader.open("/story/second").await?;
    reader.granted().await?;
    let groups = reader.noted("console.groupCollapsed").await;
    let last = groups.last().cloned().unwrap_or_default();
    check::contains("in words", &last, "read 0 of 2 in 2031-05 (UTC)")
}
