//! What is painted when: no locked text after a gate was due, none held back for longer than said, and nothing that moves.

use super::failures::{closed, without_the_twin};
use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, script, seed_with};
use crate::reader::{Reader, Trouble};
use anyhow::Result;
use serde_json::{Value, json};
use std::time::Duration;
use tollgate_serve::Response;

tests! {
    locked_text_is_not_painted_once_a_gate_is_due: ALL, Ordinary;
    held_text_is_not_painted_before_the_decision: ALL, Ordinary;
    held_text_is_painted_for_whoever_may_read: ALL, Ordinary;
    held_text_is_painted_when_time_is_up: ALL, Ordinary;
    held_text_is_painted_when_anything_fails: ALL, Ordinary;
    nothing_is_held_by_a_selector_that_is_none: ALL, Ordinary;
    nothing_moves_when_it_is_gated: ALL, Ordinary;
    nothing_moves_with_a_notice: ALL, Ordinary;
}

/// Looks at every frame, from the first on: whether the fifth paragraph, which is locked, is painted; and whether anything was
/// decided by then.
const FRAMES: &str = "<script>window.frames_ = []; (function look() { \
    const it = document.getElementById('p5'); \
    const seen = !!it && it.textContent !== '' && getComputedStyle(it).visibility === 'visible' && getComputedStyle(it).display !== 'none'; \
    frames_.push({ at: performance.now(), here: !!it, seen, decided: !!window.decided }); requestAnimationFrame(look) })(); \
    for (const name of ['granted', 'denied']) document.addEventListener('tollgate:' + name, () => window.decided = true)</script>";

/// A script of the host's below the article that keeps the parser waiting, so that the article is painted before the page
/// is parsed.
fn slow_below(reader: &Reader, time: Duration) -> &'static str {
    reader.site.put("/slow.js", Response::new(200).body("text/javascript", "window.slowHasRun = true"));
    reader.site.slow("/slow.js", time);
    "<script src=\"/slow.js\"></script>"
}

/// The frames in which this is so.
fn frames(condition: &str) -> String {
    format!("frames_.filter(it => {condition}).length")
}

/// A tag without `async` in the head, which holds the text back.
fn holding(attributes: &str, seconds: &str) -> String {
    script(attributes).replace("<script async", &format!("<script data-hold=\"{seconds}\""))
}

async fn locked_text_is_not_painted_once_a_gate_is_due(reader: &mut Reader) -> Result<()> {
    // The gate's script takes its time: the text does not wait for it.
    reader.site.slow(&reader.site.gate()?, Duration::from_millis(400));
    reader.site.page(Page::article("first").tag(&closed()).before_tag(FRAMES));
    reader.open_gated("/story/first").await?;
    reader.is("frames with locked text after the decision", &frames("it.decided && it.seen"), 0).await?;
    reader.wait_for("frames were looked at", &format!("{} > 5", frames("it.decided"))).await?;
    reader.is("none of them has it", &frames("it.decided && it.seen"), 0).await
}

async fn held_text_is_not_painted_before_the_decision(reader: &mut Reader) -> Result<()> {
    let slow = slow_below(reader, Duration::from_millis(600));
    let gated = |tag: &str| Page::article("first").tag_written(tag).before_tag(FRAMES).last(slow);
    // Without it, it is.
    reader.site.page(gated(&script(&closed()).replace("<script async", "<script")));
    reader.open_gated("/story/first").await?;
    reader.is("painted where nothing is held", &format!("{} > 0", frames("it.seen")), true).await?;
    reader.site.page(gated(&holding(&closed(), "5")));
    reader.open_gated("/story/first").await?;
    reader
        .is("frames while the parser waits", &format!("{} > 2", frames("it.here && !it.decided")), true)
        .await?;
    reader.is("frames with locked text", &frames("it.seen"), 0).await?;
    reader.is("nothing is held any more", "document.adoptedStyleSheets.length", 0).await
}

async fn held_text_is_painted_for_whoever_may_read(reader: &mut Reader) -> Result<()> {
    reader.site.page(
        Page::article("first").tag_written(&holding(&seed_with("data-limit", "3"), "5")).before_tag(FRAMES),
    );
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.wait_for("it is painted", &format!("{} > 0", frames("it.seen"))).await?;
    reader.is("not before the decision", &frames("it.seen && !it.decided"), 0).await?;
    reader.is_open("first").await?;
    reader.is_untouched().await
}

async fn held_text_is_painted_when_time_is_up(reader: &mut Reader) -> Result<()> {
    let slow = slow_below(reader, Duration::from_millis(2_500));
    reader.site.page(
        Page::article("first")
            .tag_written(&holding(&seed_with("data-limit", "3"), "1"))
            .before_tag(FRAMES)
            .last(slow),
    );
    reader.open("/story/first").await?;
    reader.granted().await?;
    let first = "frames_.find(it => it.seen).at - frames_.find(it => it.here).at";
    let first = reader.value(first).await?.as_f64().unwrap_or_default();
    check::that(&format!("it was painted {first} ms after it was there"), (500.0..2_200.0).contains(&first))?;
    reader.is("before the page was parsed", &format!("{} > 0", frames("it.seen && !it.decided")), true).await
}

async fn held_text_is_painted_when_anything_fails(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    reader.allow(Trouble::Violation);
    without_the_twin(reader)?;
    reader.site.page(
        Page::article("first")
            .tag_written(&holding(&closed(), "5"))
            .policy("script-src 'self' 'unsafe-inline'"),
    );
    reader.open("/story/first").await?;
    reader.wait_for("it failed", "witness.events('error').length > 0").await?;
    reader
        .is("it can be seen", "getComputedStyle(document.getElementById('p5')).visibility", "visible")
        .await?;
    reader.is("nothing is held", "document.adoptedStyleSheets.length", 0).await?;
    reader.is_untouched().await
}

async fn nothing_is_held_by_a_selector_that_is_none(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    for selector in ["][", "p { } body"] {
        let tag = holding(&seed_with("data-content", selector), "5");
        reader.site.page(Page::article("first").tag_written(&tag));
        reader.open("/story/first").await?;
        reader.wait_for("ready", "witness.events('ready').length > 0").await?;
        reader.is("nothing is held", "document.adoptedStyleSheets.length", 0).await?;
        reader.is("the page can be seen", "getComputedStyle(document.body).visibility", "visible").await?;
        reader.forget_log().await;
    }
    Ok(())
}

/// Writes down how far everything has moved, as the browser counts it where it does (Chromium: layout shift), and where what can be
/// seen stands, in every frame.
const MOVES: &str = "<script>window.shifts = []; \
    try { new PerformanceObserver(list => list.getEntries().forEach(it => it.hadRecentInput || shifts.push(it.value))) \
    .observe({ type: 'layout-shift', buffered: true }) } catch { } \
    window.places = new Set(); (function look() { \
    const seen = [...document.querySelectorAll('header, h1, #p1, #p2, #footer, #footer p')].filter(it => it.getBoundingClientRect().top < innerHeight); \
    if (document.getElementById('footer')) places.add(seen.map(it => it.id + it.localName + Math.round(it.getBoundingClientRect().top)).join()); \
    requestAnimationFrame(look) })()</script>";

/// The sum of all shifts is at most what may be, and nothing in the window stood in two places.
async fn moved_nothing(reader: &Reader) -> Result<()> {
    let shifts = reader.value("shifts.reduce((sum, it) => sum + it, 0)").await?.as_f64().unwrap_or_default();
    check::that(&format!("shifts of {shifts} in all"), shifts <= 0.01)?;
    let places = reader.value("[...places]").await?;
    check::that(
        &format!("nothing stood in two places: {places}"),
        places.as_array().is_some_and(|it| it.len() == 1),
    )
}

async fn nothing_moves_when_it_is_gated(reader: &mut Reader) -> Result<()> {
    // The text is cut some time before the gate is there.
    reader.site.slow(&reader.site.gate()?, Duration::from_millis(400));
    reader.site.page(Page::article("first").tag(&closed()).before_tag(MOVES));
    reader.open_gated("/story/first").await?;
    moved_nothing(reader).await?;
    reader.escape().await?;
    reader.wait_for("the gate stands", "witness.inline() !== null").await?;
    moved_nothing(reader).await?;
    reader.js::<Value>("tollgate.setEntitlement(true)").await?;
    reader.is_open("first").await?;
    reader.promised("new Promise(requestAnimationFrame)").await?;
    moved_nothing(reader).await
}

async fn nothing_moves_with_a_notice(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&seed_with("data-limit", "1")).before_tag(MOVES));
    reader.open("/story/first").await?;
    reader.wait_for("the notice shows", "witness.hosts('notice').length === 1").await?;
    reader.promised("new Promise(requestAnimationFrame)").await?;
    moved_nothing(reader).await?;
    check::json(
        "and it is seen",
        &reader.value("witness.hosts('notice')[0].getBoundingClientRect().height > 10").await?,
        &json!(true),
    )
}
