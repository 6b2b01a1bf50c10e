//! Several windows of one site at once: what they count together, and what one does to another's storage.

use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, SEED, seed_with};
use crate::reader::Reader;
use anyhow::Result;
use serde_json::{Value, json};
use std::time::Duration;
use tollgate_serve::Response;

tests! {
    st_22_three_windows_count_a_hundred_each: ALL, Ordinary;
    st_23_two_windows_count_at_the_same_moment: ALL, Ordinary;
    st_24_a_window_keeps_its_granted_article: ALL, Ordinary;
    st_25_another_window_clears: ALL, Ordinary;
    st_25_another_window_removes_our_key: ALL, Ordinary;
}

/// A page that adds a hundred reads, from the moment on that any window says `go`: in two frames five articles each, one
/// after another, are opened and tapped. A module for each of the hundred takes two cores half a minute, so for each of
/// these ten the page adds nine reads more, at the same moment and as the widget does: a key each, nothing read.
const RACK: &str = r"<main id='rack'></main><script>
  const first = Number(new URLSearchParams(location.search).get('first'));
  const waiting = [];
  const troubles = [];
  let going = false;
  let counted = 0;
  const tap = frame => frame.dispatchEvent(new frame.PointerEvent('pointerdown'));
  const go = () => { going = true; waiting.forEach(tap) };
  const channel = new BroadcastChannel('go');
  channel.onmessage = go;
  // The frames' own pages call these two.
  const granted = frame => going ? tap(frame) : waiting.push(frame);
  const read = frame => {
    if (frame.isRead) return;
    frame.isRead = true;
    for (let n = 0; n < 9; n += 1) {
      localStorage.setItem('tollgate1:meridian:r:2031-05:another-read-' + (100 + first + counted * 9 + n), 'j7aaa');
    }
    counted += 1;
    troubles.push(...frame.witness.log.filter(it => /^(error|rejection|console.(error|warn))/.test(it.kind)));
    const next = Number(new URLSearchParams(frame.location.search).get('p')) + 1;
    if (next % 5) frame.location.replace('/story/rack?p=' + next);
  };
  Object.assign(window, { waiting, troubles, finished: () => counted === 10, go, channel, granted, read });
  for (let n = first; n < first + 10; n += 5) {
    const frame = document.createElement('iframe');
    frame.src = '/story/rack?p=' + n;
    document.getElementById('rack').append(frame);
  }
</script>";

/// What the pages in those frames tell the page around them.
const TELLING: &str = "<script>if (parent !== window) { \
    document.addEventListener('tollgate:granted', () => parent.granted(window)); \
    document.addEventListener('tollgate:meter', event => event.detail.counted && parent.read(window)) }</script>";

/// Three windows, all on the screen, add a hundred reads each without a pause: none is lost in any of them.
async fn st_22_three_windows_count_a_hundred_each(reader: &mut Reader) -> Result<()> {
    // As on a publisher's own server, the script is fetched once and not for each of the articles.
    let script = Response::new(200).body("text/javascript; charset=utf-8", reader.site.script()?);
    reader.site.put("/tollgate.js", script.header("Cache-Control", "max-age=600"));
    let limit = seed_with("data-limit", "300");
    let tag = format!("{limit} data-dwell=\"600\" data-allow-frame");
    reader.site.page(Page::article("rack").no_canonical().before_tag(TELLING).tag(&tag));
    reader.site.page(Page::article("last").tag(&limit));
    reader.site.page(Page::plain("/rack").body(RACK));
    let mut windows = vec![reader.window().await?];
    for first in [0, 100, 200] {
        if first > 0 {
            windows.push(reader.another_window().await?);
        }
        reader.open(&format!("/rack?first={first}")).await?;
    }
    for window in &windows {
        reader.switch_to(window).await?;
        reader.wait_for("all frames wait for the start", "waiting.length === 2").await?;
        reader.is("and nothing counted yet", "Object.keys(witness.ledger()).length", 0).await?;
    }
    reader.js::<Value>("channel.postMessage(null); go()").await?;
    for window in &windows {
        reader.switch_to(window).await?;
        // Six pages start at once: on a busy machine that takes its time.
        reader.wait_long_for(Duration::from_secs(20), "a hundred were added here", "finished()").await?;
        reader.is("in peace", "troubles", json!([])).await?;
    }
    for window in &windows {
        reader.switch_to(window).await?;
        let within_a_second = "new Promise(resolve => { const start = performance.now(); const look = () => { \
             const keys = Object.keys(witness.ledger()).length; \
             keys >= 300 || performance.now() - start > 1000 ? resolve(keys) : setTimeout(look, 10) }; look() })";
        check::json("reads in this window", &reader.promised(within_a_second).await?, &json!(300))?;
    }
    for window in &windows {
        reader.switch_to(window).await?;
        reader.open_gated("/story/last").await?;
        reader.is("the meter here", "tollgate.getMeter().reads", 300).await?;
    }
    reader.settle().await?;
    // An article that another window read is as good as read here.
    reader.open("/story/rack?p=107").await?;
    reader.granted().await?;
    reader.is("it has counted", "tollgate.getMeter().counted", true).await
}

async fn st_23_two_windows_count_at_the_same_moment(reader: &mut Reader) -> Result<()> {
    let tag = format!("{} data-dwell=\"600\"", seed_with("data-limit", "2"));
    let starting = "<script>window.channel = new BroadcastChannel('go'); \
                    window.tap = channel.onmessage = () => dispatchEvent(new PointerEvent('pointerdown'))</script>";
    for slug in ["first", "second", "third", "fourth"] {
        reader.site.page(Page::article(slug).before_tag(starting).tag(&tag));
    }
    reader.read("/story/first").await?;
    let one = reader.window().await?;
    reader.open("/story/second").await?;
    reader.granted().await?;
    reader.another_window().await?;
    reader.open("/story/third").await?;
    reader.granted().await?;
    reader.is("one free read is left", "tollgate.getMeter().readsLeft", 1).await?;
    reader.js::<Value>("channel.postMessage(null); tap()").await?;
    reader.counted().await?;
    reader.is_open("third").await?;
    reader.wait_for("this window sees all three", "tollgate.getMeter().reads === 3").await?;
    reader.settle().await?;
    reader.switch_to(&one).await?;
    reader.counted().await?;
    reader.wait_for("that window sees all three", "tollgate.getMeter().reads === 3").await?;
    let open = "witness.paragraphs('second') === '11111111'";
    reader.stays("both stay readable", open, Duration::from_millis(300)).await?;
    reader.ledger_has(3).await?;
    reader.open_gated("/story/fourth").await?;
    reader.is_locked("fourth").await
}

/// A granted article that has not counted yet stays granted when another window uses up the meter, and counts when it is
/// read after all. The grant is for this view of the page: the next article is gated.
async fn st_24_a_window_keeps_its_granted_article(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second", "third"] {
        let tag = format!("{} data-dwell=\"600\"", seed_with("data-limit", "1"));
        reader.site.page(Page::article(slug).tag(&tag));
    }
    reader.open("/story/first").await?;
    reader.granted().await?;
    let one = reader.window().await?;
    let two = reader.another_window().await?;
    reader.read("/story/second").await?;
    reader.settle().await?;
    reader.switch_to(&one).await?;
    reader.wait_for("the first window knows", "tollgate.getMeter().reads === 1").await?;
    let open = "witness.paragraphs('first') === '11111111' && witness.hosts('overlay').length === 0 \
                && tollgate.getDecision().granted";
    reader.stays("it stays readable", open, Duration::from_millis(300)).await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.is_open("first").await?;
    reader.ledger_has(2).await?;
    reader.open_gated("/story/third").await?;
    reader.is_locked("third").await?;
    reader.settle().await?;
    reader.switch_to(&two).await
}

/// What is open here is put back, what is gated here is released; nothing that was cleared comes back.
async fn st_25_another_window_clears(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        // No time counts here: what is opened or released is read when the test says so.
        reader.site.page(Page::article(slug).tag(&format!("{SEED} data-dwell=\"600\"")));
    }
    reader.site.page(Page::plain("/"));
    reader.read("/story/first").await?;
    let read = reader.ledger().await?;
    let one = reader.window().await?;
    reader.another_window().await?;
    reader.open_gated("/story/second").await?;
    let gated = reader.window().await?;
    reader.another_window().await?;
    reader.open("/").await?;
    reader.js::<Value>("localStorage.setItem('host', '1'); localStorage.clear()").await?;
    reader.wait_for("the open article is put back", "Object.keys(witness.ledger()).length === 1").await?;
    check::that(
        "it is that article",
        reader.ledger().await?.first().map(|it| &it.0) == read.first().map(|it| &it.0),
    )?;
    let left = reader.window().await?;
    reader.switch_to(&gated).await?;
    // Whether the gate goes for the moment in which the ledger is empty depends on who hears first; it never harms.
    reader
        .wait_for(
            "what is shown agrees with what was decided",
            "tollgate.getDecision().granted === (witness.paragraphs('second') === '11111111')",
        )
        .await?;
    reader.settle().await?;
    reader.switch_to(&one).await?;
    reader.is_open("first").await?;
    reader.is("it still counts as counted", "tollgate.getMeter().counted", true).await?;
    // Nobody has the cleared article open any more: it stays cleared, and the gate is released.
    reader.open("/").await?;
    reader.settle().await?;
    reader.switch_to(&left).await?;
    reader.js::<Value>("localStorage.clear()").await?;
    reader.switch_to(&gated).await?;
    reader.wait_for("the gate is released", "witness.paragraphs('second') === '11111111'").await?;
    reader.is_open("second").await
}

async fn st_25_another_window_removes_our_key(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first"));
    reader.site.page(Page::plain("/"));
    reader.read("/story/first").await?;
    let one = reader.window().await?;
    reader.another_window().await?;
    reader.open("/").await?;
    let remove = "const key = Object.keys(witness.ledger())[0]; localStorage.removeItem(key); \
                  localStorage.setItem('host', 'x'); return key";
    let key: String = reader.js(remove).await?;
    reader.wait_for("the open article is put back", &format!("{} in localStorage", json!(key))).await?;
    reader.ledger_has(1).await?;
    reader.settle().await?;
    reader.switch_to(&one).await?;
    reader.is_open("first").await?;
    reader.is("one read", "tollgate.getMeter().reads", 1).await
}
