//! What is stored, and who allows it: consent by the host's call and by a consent manager, withdrawn here and in another window.

use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, SEED, seed_with};
use crate::reader::Reader;
use anyhow::Result;
use serde_json::{Value, json};

tests! {
    pv_03_nothing_is_stored_without_consent: ALL, Ordinary;
    pv_03_json_asks_for_consent_too: ALL, Ordinary;
    pv_04_consent_stores_what_was_read_and_withdrawn_deletes_it: ALL, Ordinary;
    pv_04_a_consent_manager_is_asked: ALL, Ordinary;
    pv_04_a_consent_manager_that_comes_late: ALL, Ordinary;
    pv_04_another_window_withdraws: ALL, Ordinary;
    pv_04_consent_before_the_page_is_parsed: ALL, Ordinary;
    pv_04_where_nobody_asks_withdrawing_forgets: ALL, Ordinary;
}

/// The seed's tag, where nothing may be stored without consent.
fn asking() -> String {
    seed_with("data-consent", "required")
}

/// Everything a page can store by script, but for what a host has put there itself.
const STORED: &str = "[Object.keys(localStorage), Object.keys(sessionStorage), document.cookie]";

fn nothing() -> Value {
    json!([[], [], ""])
}

/// The kinds of our keys, sorted: `r` for a read, `consent`.
const KINDS: &str = "Object.keys(witness.ledger()).map(key => key.split(':')[2]).sort().join()";

async fn stories(reader: &Reader, tag: &str) {
    for slug in ["first", "second", "third"] {
        reader.site.page(Page::article(slug).tag(tag));
    }
}

async fn pv_03_nothing_is_stored_without_consent(reader: &mut Reader) -> Result<()> {
    stories(reader, &asking()).await;
    reader.read("/story/first").await?;
    reader.is("the read counts on this page", "tollgate.getMeter().reads", 1).await?;
    reader.is("and nothing is stored", STORED, nothing()).await?;
    // Nobody can know on the next page.
    reader.read("/story/second").await?;
    reader.is_open("second").await?;
    reader.is("still nothing is stored", STORED, nothing()).await
}

async fn pv_03_json_asks_for_consent_too(reader: &mut Reader) -> Result<()> {
    let script = "<script type=\"application/json\" data-tollgate-config>{\"consent\":\"required\"}</script>";
    reader.site.page(Page::article("first").tag(SEED).before_tag(script));
    reader.read("/story/first").await?;
    reader.is("nothing is stored", STORED, nothing()).await
}

async fn pv_04_consent_stores_what_was_read_and_withdrawn_deletes_it(reader: &mut Reader) -> Result<()> {
    stories(reader, &asking()).await;
    reader.read("/story/first").await?;
    reader.js::<Value>("localStorage.setItem('theirs', '1')").await?;
    reader.js::<Value>("tollgate.consent(true)").await?;
    reader.is("the read is stored, and the consent", KINDS, "consent,r").await?;
    // It holds on the next page, where nobody says it again.
    reader.open_gated("/story/second").await?;
    reader.js::<Value>("tollgate.consent(false)").await?;
    reader
        .wait_for("nothing was read, so the gate is gone", "witness.paragraphs('second') === '11111111'")
        .await?;
    reader.is("all of ours is gone", STORED, json!([["theirs"], [], ""])).await?;
    reader.scroll().await?;
    reader.wait_for("it counts on this page", "tollgate.getMeter().reads === 1").await?;
    reader.is("and is not stored", STORED, json!([["theirs"], [], ""])).await?;
    reader.read("/story/third").await?;
    reader.is_open("third").await?;
    reader.is("nor later", STORED, json!([["theirs"], [], ""])).await
}

/// A consent manager that says what the test has it say (IAB TCF 2.2).
const MANAGER: &str = "window.hearers = []; window.__tcfapi = (command, version, callback) => { \
    if (command === 'addEventListener') hearers.push(callback) }; \
    window.saysTcf = (eventStatus, given) => hearers.forEach(it => \
    it({ eventStatus, listenerId: 1, gdprApplies: true, purpose: { consents: { 1: given } } }, true))";

async fn pv_04_a_consent_manager_is_asked(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        let page = Page::article(slug).tag(&asking()).before_tag(&format!("<script>{MANAGER}</script>"));
        reader.site.page(page);
    }
    reader.read("/story/first").await?;
    reader.wait_for("it is asked", "hearers.length > 0").await?;
    reader.js::<Value>("saysTcf('cmpuishown', true)").await?;
    reader.is("what it says before the reader has chosen is no answer", STORED, nothing()).await?;
    reader.js::<Value>("saysTcf('useractioncomplete', false)").await?;
    reader.is("nor is a no", STORED, nothing()).await?;
    check::equal("and nothing is decided anew", reader.events("granted").await.len(), 1)?;
    reader.js::<Value>("saysTcf('useractioncomplete', true)").await?;
    reader.wait_for("now it is stored", &format!("{KINDS} === 'consent,r'")).await?;
    reader.open_gated("/story/second").await?;
    reader.js::<Value>("saysTcf('tcloaded', true)").await?;
    reader.is_locked("second").await?;
    reader.js::<Value>("saysTcf('useractioncomplete', false)").await?;
    reader.wait_for("the gate is gone", "witness.paragraphs('second') === '11111111'").await?;
    reader.is("and all of ours", STORED, nothing()).await
}

async fn pv_04_a_consent_manager_that_comes_late(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&asking()));
    reader.read("/story/first").await?;
    reader.js::<Value>(MANAGER).await?;
    reader.wait_for("it is found", "hearers.length > 0").await?;
    reader.js::<Value>("saysTcf('tcloaded', true)").await?;
    reader.wait_for("and heard", &format!("{KINDS} === 'consent,r'")).await
}

async fn pv_04_another_window_withdraws(reader: &mut Reader) -> Result<()> {
    stories(reader, &asking()).await;
    reader.read("/story/first").await?;
    reader.js::<Value>("tollgate.consent(true)").await?;
    let one = reader.window().await?;
    let two = reader.another_window().await?;
    reader.open("/story/second").await?;
    reader.wait_for("gated there", "witness.paragraphs('second') === '11100000'").await?;
    reader.js::<Value>("tollgate.consent(false)").await?;
    reader.is("nothing is stored", STORED, nothing()).await?;
    reader.settle().await?;
    reader.switch_to(&one).await?;
    // The first window would put its article back, as after any other wipe; now it may not.
    reader.wait_for("the first window knows", "localStorage.length === 0").await?;
    reader
        .stays(
            "and stores nothing",
            &format!("{STORED}.flat().join('') === ''"),
            std::time::Duration::from_millis(600),
        )
        .await?;
    reader.is_open("first").await?;
    reader.settle().await?;
    reader.switch_to(&two).await
}

async fn pv_04_where_nobody_asks_withdrawing_forgets(reader: &mut Reader) -> Result<()> {
    stories(reader, SEED).await;
    reader.read("/story/first").await?;
    reader.js::<Value>("tollgate.consent(true)").await?;
    reader.is("only the read is stored", KINDS, "r").await?;
    reader.open_gated("/story/second").await?;
    reader.js::<Value>("tollgate.consent(false)").await?;
    reader.is("all of ours is gone", STORED, nothing()).await?;
    reader.is_open("second").await
}

/// A consent manager's own script may run before the page is parsed.
async fn pv_04_consent_before_the_page_is_parsed(reader: &mut Reader) -> Result<()> {
    let tag = crate::page::script(&asking()).replace("<script async", "<script");
    let early = "<script>tollgate.consent(true)</script>";
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).tag_written(&format!("{tag}{early}")));
    }
    reader.read("/story/first").await?;
    reader.is("the read is stored, and the consent", KINDS, "consent,r").await?;
    reader.open_gated("/story/second").await?;
    reader.is_locked("second").await
}
