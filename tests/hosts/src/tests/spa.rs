//! A hand-written single-page site, which goes from story to story within one load (`pages/spa.js`): each of them is decided
//! and counted as if it had been loaded, and what is the same article stays as it is.

use super::tests;
use crate::check;
use crate::engine::{ALL, CHROMIUM_AND_FIREFOX, Engine, ONLY_CHROMIUM};
use crate::page::{Page, seed_with, seed_with_all};
use crate::reader::Reader;
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::time::Duration;

tests! {
    each_story_counts_once: ALL, Ordinary;
    a_story_counts_when_it_was_long_enough_in_view: ALL, Ordinary;
    the_sites_own_scrolling_is_no_reading: ALL, Ordinary;
    cn_19_the_canonical_address_follows: ALL, Ordinary;
    cn_19_the_canonical_address_follows_a_slow_text: ALL, Ordinary;
    a_name_that_comes_too_late_is_not_the_next_storys: ALL, Ordinary;
    cn_20_the_canonical_address_stays: ALL, Ordinary;
    cn_22_fragments_are_addresses_where_the_tag_says_so: ALL, Ordinary;
    cn_22_fragments_are_no_addresses: ALL, Ordinary;
    cn_23_without_the_navigation_api: ALL, Ordinary;
    the_same_article_by_its_canonical_address_stays_open: ALL, Ordinary;
    the_same_article_by_its_canonical_address_stays_gated: ALL, Ordinary;
    the_same_article_by_its_own_address_stays_open: ALL, Ordinary;
    back_to_a_gated_story: ALL, Ordinary;
    a_story_that_is_left_is_whole_at_once: CHROMIUM_AND_FIREFOX, Ordinary;
    a_story_that_is_left_is_the_sites_own: ALL, Ordinary;
    away_from_an_open_overlay: ALL, Ordinary;
    away_before_the_gate_came: ALL, Ordinary;
    on_to_another_gate_before_the_gate_came: ALL, Ordinary;
    a_notice_goes_with_its_story: ALL, Ordinary;
    a_subscriber_stays_one: ALL, Ordinary;
    the_first_text_comes_later: ALL, Ordinary;
    the_text_comes_later: ALL, Ordinary;
    the_text_comes_later_than_its_name: ALL, Ordinary;
    the_host_says_that_it_went_on: ALL, Ordinary;
    of_five_at_once_only_the_last_is_decided: ALL, Ordinary;
    of_five_that_are_there_at_once_only_the_last_counts: ALL, Ordinary;
    st_24_the_next_story_is_gated: ALL, Ordinary;
    cn_40_a_thousand_navigations_hold_no_memory: ONLY_CHROMIUM, Ordinary;
    cn_40_a_thousand_openings_hold_no_memory: ONLY_CHROMIUM, Ordinary;
    cn_40_many_navigations_leave_nothing: ALL, Ordinary;
}

const APP: &str = include_str!("../pages/spa.js");

/// The site's first story, with the site's own application; `attributes` on its place say what kind of site it is.
fn site(tag: &str, attributes: &str) -> Page {
    let story = Page::article("first").article_html();
    Page::article("first")
        .tag(tag)
        .body(&format!("<div id=\"app\" data-slug=\"first\" {attributes}>{story}</div>"))
        .last(&format!("<script>{APP}</script>"))
}

/// The seed tag with this limit.
fn limit(free: u32) -> String {
    seed_with("data-limit", &free.to_string())
}

/// In a window of its own: the one of all tests holds fifty pages by now, and Chromium goes back by more than was asked there.
async fn fresh(reader: &mut Reader) -> Result<()> {
    if reader.engine == Engine::Chromium {
        reader.another_window().await?;
    }
    Ok(())
}

/// Runs a step of the site's.
async fn step(reader: &Reader, script: &str) -> Result<()> {
    reader.js::<Value>(script).await?;
    Ok(())
}

/// So many decisions were made in this load, and the last is this one; its article.
pub(super) async fn decided(reader: &Reader, count: usize, name: &str) -> Result<String> {
    reader.wait_for(&format!("decision {count}"), &format!("witness.decisions().length >= {count}")).await?;
    reader.is("decisions in this load", "witness.decisions().length", count).await?;
    reader.is("the last decision", "witness.decisions().pop().name", name).await?;
    reader.js("return witness.decisions().pop().article").await
}

/// The story is gated by the decision of this number, as on a first load; its article.
pub(super) async fn gated(reader: &Reader, slug: &str, count: usize) -> Result<String> {
    let article = decided(reader, count, "denied").await?;
    reader.overlay().await?;
    reader.is_locked(slug).await?;
    let gates = "[witness.hosts('inline').length, witness.hosts('overlay').length]";
    reader.is("one gate", gates, json!([1, 1])).await?;
    Ok(article)
}

/// The story is open by the decision of this number; its article.
pub(super) async fn open(reader: &Reader, slug: &str, count: usize) -> Result<String> {
    let article = decided(reader, count, "granted").await?;
    reader.is_open(slug).await?;
    Ok(article)
}

/// Nothing of ours is on the page.
async fn clean(reader: &Reader) -> Result<()> {
    let clean = reader.wait_for("nothing of ours is on the page", "app.clean() === 'clean'").await;
    if clean.is_err() {
        reader.is("the page", "app.clean()", "clean").await?;
    }
    clean
}

/// A story that was left is as the site made it, soon.
async fn whole(reader: &Reader, slug: &str) -> Result<()> {
    let whole = format!("app.whole('{slug}')");
    if reader.wait_for(slug, &format!("{whole} === 'same'")).await.is_err() {
        reader.is(slug, &whole, "same").await?;
    }
    Ok(())
}

/// So many reads are in the ledger, soon.
async fn counts(reader: &Reader, reads: usize) -> Result<()> {
    let counted = format!("Object.keys(witness.ledger()).length === {reads}");
    reader.wait_for(&format!("{reads} counted"), &counted).await
}

/// Reads the story that is open.
async fn read(reader: &Reader, reads: usize) -> Result<()> {
    reader.scroll().await?;
    counts(reader, reads).await
}

/// Longer than a navigation may stay unnoticed, and its page unsettled.
const A_WHILE: Duration = Duration::from_millis(1_100);

/// What a page with this canonical address, or with none, is known by.
async fn known_as(reader: &mut Reader, path: &str, canonical: Option<&str>) -> Result<String> {
    let page = Page::article("apart").at(path).tag(&limit(9));
    reader.site.page(match canonical {
        Some(address) => page.canonical(address),
        None => page.no_canonical(),
    });
    reader.open(path).await?;
    decided(reader, 1, "granted").await
}

async fn each_story_counts_once(reader: &mut Reader) -> Result<()> {
    fresh(reader).await?;
    reader.site.page(site(&limit(9), ""));
    reader.open("/story/first").await?;
    let first = open(reader, "first", 1).await?;
    read(reader, 1).await?;
    step(reader, "app.go('/story/second')").await?;
    let second = open(reader, "second", 2).await?;
    check::that("another article", first != second)?;
    read(reader, 2).await?;
    step(reader, "app.go('/story/third')").await?;
    open(reader, "third", 3).await?;
    read(reader, 3).await?;
    for (count, slug) in [(4, "second"), (5, "first")] {
        step(reader, "history.back()").await?;
        open(reader, slug, count).await?;
        reader.scroll().await?;
        reader.wait_for("it is found again", "tollgate.getMeter().counted").await?;
    }
    step(reader, "app.go('/story/second', { replace: true })").await?;
    check::equal("the second again", open(reader, "second", 6).await?, second)?;
    reader.is("reads", "tollgate.getMeter().reads", 3).await?;
    reader.ledger_has(3).await?;
    // Each by its own address: loaded, it is the same article.
    check::that(
        "kept under its article",
        reader.ledger().await?.iter().any(|(key, _)| key.ends_with(&first)),
    )?;
    check::equal("ready once", reader.events("ready").await.len(), 1)
}

async fn a_story_counts_when_it_was_long_enough_in_view(reader: &mut Reader) -> Result<()> {
    reader.site.page(site(&seed_with_all(&[("data-limit", "9"), ("data-dwell", "1")]), ""));
    reader.open("/story/first").await?;
    open(reader, "first", 1).await?;
    counts(reader, 1).await?;
    step(reader, "app.go('/story/second')").await?;
    open(reader, "second", 2).await?;
    reader.is("not at once", "Object.keys(witness.ledger()).length", 1).await?;
    counts(reader, 2).await?;
    let waited: f64 = reader.js("return performance.now() - app.went").await?;
    check::that(&format!("{waited} ms are its own second"), waited >= 1_000.0)
}

/// A router scrolls to the top where the reader was further down: that is not the reader's doing.
async fn the_sites_own_scrolling_is_no_reading(reader: &mut Reader) -> Result<()> {
    reader.site.page(site(&seed_with_all(&[("data-limit", "9"), ("data-dwell", "600")]), ""));
    reader.open("/story/first").await?;
    open(reader, "first", 1).await?;
    read(reader, 1).await?;
    reader.wait_for("the reader is further down", "window.scrollY > 100").await?;
    step(reader, "app.go('/story/second')").await?;
    open(reader, "second", 2).await?;
    reader.wait_for("at its top", "window.scrollY === 0").await?;
    reader.stays("it does not count", "Object.keys(witness.ledger()).length === 1", A_WHILE).await?;
    read(reader, 2).await
}

/// At a site whose canonical addresses are not its addresses, and come 100 ms later, the article is known by them.
async fn named_later(reader: &mut Reader, before_tag: &str) -> Result<()> {
    fresh(reader).await?;
    let archived = known_as(reader, "/apart", Some("/archive/second")).await?;
    let page = site(&limit(1), "data-canonical=\"/archive/\"").canonical("/archive/first");
    reader.site.page(page.before_tag(before_tag));
    reader.open("/story/first").await?;
    open(reader, "first", 1).await?;
    read(reader, 1).await?;
    step(reader, "app.go('/story/second', { named: 100 })").await?;
    check::equal("the article", gated(reader, "second", 2).await?, archived.clone())?;
    reader.ledger_has(1).await?;
    let waited: f64 = reader.js("return witness.decisions().pop().at - app.went").await?;
    check::that(&format!("decided after {waited} ms"), waited < 1_000.0)?;
    // Back, and there again: by the same names.
    step(reader, "history.back()").await?;
    open(reader, "first", 3).await?;
    step(reader, "history.forward()").await?;
    check::equal("the article", gated(reader, "second", 4).await?, archived)?;
    reader.ledger_has(1).await
}

async fn cn_19_the_canonical_address_follows(reader: &mut Reader) -> Result<()> {
    named_later(reader, "").await
}

async fn cn_23_without_the_navigation_api(reader: &mut Reader) -> Result<()> {
    named_later(reader, "<script>delete window.navigation</script>").await?;
    reader.is("there is none", "'navigation' in window", false).await
}

/// The time that a canonical address may take begins with the text, and not with its address.
async fn cn_19_the_canonical_address_follows_a_slow_text(reader: &mut Reader) -> Result<()> {
    let archived = known_as(reader, "/apart", Some("/archive/second")).await?;
    let page = site(&limit(1), "data-canonical=\"/archive/\"").canonical("/archive/first");
    reader.site.page(page);
    reader.open("/story/first").await?;
    open(reader, "first", 1).await?;
    read(reader, 1).await?;
    step(reader, "app.go('/story/second', { text: 800, named: 900 })").await?;
    check::equal("the article", gated(reader, "second", 2).await?, archived)?;
    reader.ledger_has(1).await
}

/// A story that was named too late is known by its address; its name does not become that of the next one.
async fn a_name_that_comes_too_late_is_not_the_next_storys(reader: &mut Reader) -> Result<()> {
    let second = known_as(reader, "/story/second", None).await?;
    let third = known_as(reader, "/story/third", None).await?;
    let page = site(&limit(9), "data-canonical=\"/archive/\"").canonical("/archive/first");
    reader.site.page(page);
    reader.open("/story/first").await?;
    open(reader, "first", 1).await?;
    let named = |slug: &str| {
        format!("document.querySelector('link[rel=canonical]').href.endsWith('/archive/{slug}')")
    };
    let steps = [("second", second), ("third", third)];
    for (count, (slug, article)) in (2..).zip(steps) {
        step(reader, &format!("app.go('/story/{slug}', {{ named: 700 }})")).await?;
        check::equal(slug, open(reader, slug, count).await?, article)?;
        reader.wait_for("it is named", &named(slug)).await?;
        read(reader, count - 1).await?;
    }
    reader.is("decisions in this load", "witness.decisions().length", 3).await
}

/// The canonical address stays that of the page that was loaded: the others are known by their own.
async fn cn_20_the_canonical_address_stays(reader: &mut Reader) -> Result<()> {
    fresh(reader).await?;
    let by_its_address = known_as(reader, "/story/second", None).await?;
    reader.site.page(site(&limit(1), "data-canonical=\"never\""));
    reader.open("/story/first").await?;
    let first = open(reader, "first", 1).await?;
    read(reader, 1).await?;
    step(reader, "app.go('/story/second?utm_source=letter')").await?;
    check::equal("the article", gated(reader, "second", 2).await?, by_its_address.clone())?;
    step(reader, "app.go('/story/third')").await?;
    let third = gated(reader, "third", 3).await?;
    check::that("each is another", third != by_its_address && third != first)?;
    step(reader, "history.go(-2)").await?;
    check::equal("the first again", open(reader, "first", 4).await?, first)?;
    reader.ledger_has(1).await
}

async fn cn_22_fragments_are_addresses_where_the_tag_says_so(reader: &mut Reader) -> Result<()> {
    fresh(reader).await?;
    let tag = format!("{} data-hash-routing", limit(2));
    reader.site.page(site(&tag, "data-hash=\"1\"").at("/app").no_canonical());
    reader.open("/app#/first").await?;
    let first = open(reader, "first", 1).await?;
    read(reader, 1).await?;
    step(reader, "location.hash = '/second'").await?;
    let second = open(reader, "second", 2).await?;
    check::that("another article", first != second)?;
    read(reader, 2).await?;
    step(reader, "location.hash = '/third'").await?;
    gated(reader, "third", 3).await?;
    step(reader, "history.back()").await?;
    check::equal("the second again", open(reader, "second", 4).await?, second)?;
    step(reader, "location.hash = '/first'").await?;
    check::equal("the first again", open(reader, "first", 5).await?, first)?;
    reader.ledger_has(2).await
}

async fn cn_22_fragments_are_no_addresses(reader: &mut Reader) -> Result<()> {
    fresh(reader).await?;
    reader.site.page(site(&limit(2), "data-hash=\"1\"").at("/app").no_canonical());
    reader.open("/app#/first").await?;
    open(reader, "first", 1).await?;
    read(reader, 1).await?;
    step(reader, "location.hash = '/second'").await?;
    reader.wait_for("the second is there", "witness.paragraphs('second') === '11111111'").await?;
    reader.scroll().await?;
    // Its element is another one, so it is decided again: the same article, which has been read.
    let one = "new Set(witness.decisions().map(it => it.article)).size === 1 \
               && Object.keys(witness.ledger()).length === 1 && witness.paragraphs('second') === '11111111'";
    reader.stays("it is the same article", one, A_WHILE).await
}

/// Ways to go about an article without leaving it: to a part of it, to a comment, with a campaign's name.
const ABOUT_IT: [&str; 6] = [
    "location.hash = 'comments'",
    "history.pushState(null, '', '?utm_source=letter')",
    "history.replaceState({ x: 1 }, '', location.href)",
    "history.pushState(null, '', '?comments=1')",
    "history.back()",
    "history.go(-2)",
];

async fn the_same_article_by_its_canonical_address_stays_open(reader: &mut Reader) -> Result<()> {
    fresh(reader).await?;
    reader.site.page(site(&limit(9), ""));
    reader.open("/story/first").await?;
    open(reader, "first", 1).await?;
    read(reader, 1).await?;
    let same = "witness.decisions().length === 1 && Object.keys(witness.ledger()).length === 1 \
                && witness.paragraphs('first') === '11111111'";
    for about in ABOUT_IT {
        step(reader, about).await?;
        reader.stays(about, same, A_WHILE).await?;
    }
    reader.is("where it began", "location.href", reader.site.url("/story/first")).await?;
    reader.is_untouched().await
}

async fn the_same_article_by_its_canonical_address_stays_gated(reader: &mut Reader) -> Result<()> {
    fresh(reader).await?;
    reader.site.page(site(&limit(0), ""));
    reader.open("/story/first").await?;
    gated(reader, "first", 1).await?;
    step(reader, "window.gates = [witness.hosts('inline')[0], witness.hosts('overlay')[0]]").await?;
    let same = "witness.decisions().length === 1 && witness.hosts('inline')[0] === gates[0] \
                && witness.hosts('overlay')[0] === gates[1] && witness.overlayOpen() \
                && witness.paragraphs('first') === '11100000'";
    for about in ABOUT_IT {
        step(reader, about).await?;
        reader.stays(about, same, A_WHILE).await?;
    }
    reader.is("where it began", "location.href", reader.site.url("/story/first")).await?;
    reader.ledger_has(0).await
}

async fn the_same_article_by_its_own_address_stays_open(reader: &mut Reader) -> Result<()> {
    fresh(reader).await?;
    reader.site.page(site(&limit(1), "").no_canonical());
    reader.open("/story/first").await?;
    open(reader, "first", 1).await?;
    read(reader, 1).await?;
    let same = "witness.decisions().length === 1 && Object.keys(witness.ledger()).length === 1 \
                && witness.paragraphs('first') === '11111111'";
    let about =
        ["location.hash = 'comments'", "history.pushState(null, '', '?utm_source=letter')", "history.go(-2)"];
    for about in about {
        step(reader, about).await?;
        reader.stays(about, same, A_WHILE).await?;
    }
    step(reader, "app.go('/story/second')").await?;
    gated(reader, "second", 2).await?;
    Ok(())
}

async fn back_to_a_gated_story(reader: &mut Reader) -> Result<()> {
    fresh(reader).await?;
    reader.site.page(site(&limit(0), ""));
    reader.open("/story/first").await?;
    let first = gated(reader, "first", 1).await?;
    step(reader, "app.go('/')").await?;
    clean(reader).await?;
    // The canonical address of the story is still there; the story is not.
    reader
        .stays("and stays so", "app.clean() === 'clean' && witness.decisions().length === 1", A_WHILE)
        .await?;
    step(reader, "history.back()").await?;
    check::equal("the first again", gated(reader, "first", 2).await?, first.clone())?;
    reader.escape().await?;
    step(reader, "app.go('/story/second')").await?;
    gated(reader, "second", 3).await?;
    step(reader, "history.back()").await?;
    check::equal("the first again", gated(reader, "first", 4).await?, first)?;
    reader.ledger_has(0).await
}

/// The gate goes as soon as the address is another's, not when the next text is there.
async fn a_story_that_is_left_is_whole_at_once(reader: &mut Reader) -> Result<()> {
    reader.site.page(site(&limit(0), "data-keep=\"1\""));
    reader.open("/story/first").await?;
    gated(reader, "first", 1).await?;
    let at_once = "new Promise(done => { app.go('/story/second', { text: 400, named: 400 }); \
                   setTimeout(() => done(app.clean())) })";
    check::json("at once", &reader.promised(at_once).await?, &json!("clean"))?;
    reader.is("it is still the first", "witness.paragraphs('first')", "11111111").await?;
    gated(reader, "second", 2).await?;
    reader.is("the first is whole", "app.whole('first')", "same").await
}

/// A site that keeps its stories' elements gets them back as it made them, and the same ones, whether it takes them away before
/// or after the address changes.
async fn a_story_that_is_left_is_the_sites_own(reader: &mut Reader) -> Result<()> {
    reader.site.page(site(&limit(0), "data-keep=\"1\""));
    reader.open("/story/first").await?;
    gated(reader, "first", 1).await?;
    let mut count = 1;
    for text_first in ["false", "true"] {
        step(reader, &format!("app.go('/', {{ textFirst: {text_first} }})")).await?;
        clean(reader).await?;
        whole(reader, "first").await?;
        step(reader, &format!("app.go('/story/first', {{ textFirst: {text_first} }})")).await?;
        count += 1;
        gated(reader, "first", count).await?;
        reader.escape().await?;
        step(reader, &format!("app.go('/story/second', {{ textFirst: {text_first} }})")).await?;
        count += 1;
        gated(reader, "second", count).await?;
        whole(reader, "first").await?;
        step(reader, &format!("app.go('/story/first', {{ textFirst: {text_first} }})")).await?;
        count += 1;
        gated(reader, "first", count).await?;
        whole(reader, "second").await?;
    }
    Ok(())
}

/// The overlay closes with its story: the page scrolls, and the focus is where it was.
async fn away_from_an_open_overlay(reader: &mut Reader) -> Result<()> {
    reader.site.page(site(&limit(0), "data-free=\"second\""));
    reader.open("/story/first").await?;
    gated(reader, "first", 1).await?;
    reader.escape().await?;
    step(reader, "document.getElementById('host-button').focus(); tollgate.show()").await?;
    reader.overlay().await?;
    reader.is("the focus is inside", "witness.focusInside() !== null", true).await?;
    step(reader, "app.go('/story/second')").await?;
    open(reader, "second", 2).await?;
    clean(reader).await?;
    reader.is("the focus is where it was", "document.activeElement.id", "host-button").await?;
    reader.scroll().await?;
    reader.wait_for("the page scrolls", "window.scrollY > 0").await?;
    // It is no gate any more: nothing to show.
    step(reader, "tollgate.show()").await?;
    reader.stays("no overlay", "app.clean() === 'clean'", Duration::from_millis(300)).await
}

/// Has the page itself go on while the first story's text is cut and its gate on its way. (WebKit calls a page loaded only when what
/// it imports is there.)
const GOES_ON: &str = "<script>document.addEventListener('tollgate:denied', () => setTimeout(() => { \
    window.before = witness.paragraphs('first') + ' ' + document.querySelectorAll('tollgate-gate').length; \
    app.go('/story/second') }, 200), { once: true })</script>";

/// Opens the first story, which is left before its gate is there; the gate's path.
async fn left_before_the_gate_came(reader: &mut Reader, attributes: &str) -> Result<String> {
    let gate = reader.site.gate()?;
    reader.site.slow(&gate, Duration::from_millis(1_500));
    reader.site.page(site(&limit(0), attributes).before_tag(GOES_ON));
    reader.open("/story/first").await?;
    reader.wait_for("it was cut, without a gate", "window.before === '11100000 0'").await?;
    Ok(gate)
}

/// That gate never shows, the next story's does.
async fn away_before_the_gate_came(reader: &mut Reader) -> Result<()> {
    let gate = left_before_the_gate_came(reader, "data-free=\"second\"").await?;
    open(reader, "second", 2).await?;
    reader.stays("nothing of ours", "app.clean() === 'clean'", Duration::from_millis(2_200)).await?;
    check::equal("the gate was asked for", reader.site.requests(&gate), 1)?;
    step(reader, "app.go('/story/third')").await?;
    gated(reader, "third", 3).await?;
    Ok(())
}

async fn on_to_another_gate_before_the_gate_came(reader: &mut Reader) -> Result<()> {
    left_before_the_gate_came(reader, "data-keep=\"1\"").await?;
    gated(reader, "second", 2).await?;
    whole(reader, "first").await?;
    let story = reader.site.url("/story/second");
    reader.is("the way back", "new URL(witness.overlay().login.href).searchParams.get('return')", story).await
}

async fn a_notice_goes_with_its_story(reader: &mut Reader) -> Result<()> {
    reader.site.page(site(&limit(1), ""));
    reader.open("/story/first").await?;
    open(reader, "first", 1).await?;
    reader.wait_for("a notice", "witness.hosts('notice').length === 1").await?;
    step(reader, "app.go('/')").await?;
    clean(reader).await?;
    reader.stays("and stays so", "app.clean() === 'clean'", A_WHILE).await?;
    reader.ledger_has(0).await?;
    step(reader, "app.go('/story/second')").await?;
    open(reader, "second", 2).await?;
    reader.wait_for("its notice", "witness.hosts('notice').length === 1").await
}

/// Who is reading is said once for the load.
async fn a_subscriber_stays_one(reader: &mut Reader) -> Result<()> {
    reader.site.page(site(&limit(0), ""));
    reader.open("/story/first").await?;
    gated(reader, "first", 1).await?;
    step(reader, "tollgate.setEntitlement({ granted: true, tier: 'subscriber' })").await?;
    open(reader, "first", 2).await?;
    step(reader, "app.go('/story/second')").await?;
    open(reader, "second", 3).await?;
    reader.is("why", "witness.decisions().pop().reason", "SUBSCRIBER").await?;
    step(reader, "tollgate.setEntitlement({ granted: false })").await?;
    gated(reader, "second", 4).await?;
    step(reader, "app.go('/story/third')").await?;
    gated(reader, "third", 5).await?;
    reader.ledger_has(0).await
}

/// An application that fetches its first story, too.
async fn the_first_text_comes_later(reader: &mut Reader) -> Result<()> {
    reader.site.page(site(&limit(0), "data-after=\"900\""));
    reader.open("/story/first").await?;
    gated(reader, "first", 1).await?;
    reader.is("it was later", "witness.decisions()[0].at > 900", true).await?;
    step(reader, "app.go('/story/second')").await?;
    gated(reader, "second", 2).await?;
    check::equal("ready once", reader.events("ready").await.len(), 1)
}

/// Between the address and its text the old text is nobody's to gate.
async fn later_than(reader: &mut Reader, named: u32) -> Result<()> {
    reader.site.page(site(&limit(1), ""));
    reader.open("/story/first").await?;
    open(reader, "first", 1).await?;
    read(reader, 1).await?;
    let whole = |slug: &str, decisions: usize| {
        format!(
            "witness.paragraphs('{slug}') === '11111111' && witness.decisions().length === {decisions} \
             && document.querySelector('tollgate-gate') === null"
        )
    };
    step(reader, &format!("app.go('/story/second', {{ text: 1600, named: {named} }})")).await?;
    // The notice of the first goes, where the address is looked at from time to time.
    reader.wait_for("the old text", &whole("first", 1)).await?;
    reader.stays("the old text", &whole("first", 1), Duration::from_millis(700)).await?;
    gated(reader, "second", 2).await?;
    step(reader, &format!("app.go('/story/third', {{ text: 1600, named: {named} }})")).await?;
    reader.wait_for("the old text", &whole("second", 2)).await?;
    reader.stays("the old text", &whole("second", 2), Duration::from_millis(500)).await?;
    gated(reader, "third", 3).await?;
    reader.ledger_has(1).await
}

async fn the_text_comes_later(reader: &mut Reader) -> Result<()> {
    later_than(reader, 1_600).await
}

async fn the_text_comes_later_than_its_name(reader: &mut Reader) -> Result<()> {
    later_than(reader, 0).await
}

/// A host that shows another text at the same address says so, and its element which it is.
async fn the_host_says_that_it_went_on(reader: &mut Reader) -> Result<()> {
    let story =
        Page::article("first").article_html().replace("<article>", "<article data-tollgate-id=\"one\">");
    let body = format!("<div id=\"app\" data-slug=\"first\">{story}</div>");
    reader.site.page(site(&limit(1), "").body(&body));
    reader.open("/story/first").await?;
    let first = open(reader, "first", 1).await?;
    read(reader, 1).await?;
    step(reader, "tollgate.navigate()").await?;
    let same = "witness.decisions().length === 1 && witness.paragraphs('first') === '11111111'";
    reader.stays("nothing was swapped", same, A_WHILE).await?;
    step(reader, "app.swap('second', 'two'); tollgate.navigate()").await?;
    let second = gated(reader, "second", 2).await?;
    check::that("another article", first != second)?;
    step(reader, "app.swap('first', 'one'); tollgate.navigate()").await?;
    check::equal("the first again", open(reader, "first", 3).await?, first)?;
    reader.ledger_has(1).await
}

/// Goes on to five stories within 300 ms; `how` they come. The last one's article.
async fn five_at_once(reader: &mut Reader, how: &str) -> Result<String> {
    let last = known_as(reader, "/story/n5", Some("/story/n5")).await?;
    reader.site.page(site(&limit(9), ""));
    reader.open("/story/first").await?;
    open(reader, "first", 1).await?;
    read(reader, 1).await?;
    let five =
        format!("for (let n = 1; n <= 5; n += 1) setTimeout(() => app.go(`/story/n${{n}}`, {how}), n * 50)");
    step(reader, &five).await?;
    reader.wait_for("the last", "witness.paragraphs('n5') === '11111111'").await?;
    Ok(last)
}

/// A reader who pages through has seen nothing of what went by.
async fn of_five_at_once_only_the_last_is_decided(reader: &mut Reader) -> Result<()> {
    let last = five_at_once(reader, "{ text: 80, named: 80 }").await?;
    check::equal("the article", open(reader, "n5", 2).await?, last)?;
    reader.stays("nothing else is decided", "witness.decisions().length === 2", A_WHILE).await?;
    read(reader, 2).await?;
    reader.ledger_has(2).await
}

/// Where each was there for a moment, none was read.
async fn of_five_that_are_there_at_once_only_the_last_counts(reader: &mut Reader) -> Result<()> {
    let last = five_at_once(reader, "{}").await?;
    let decided = "witness.decisions().pop()";
    reader.wait_for("the last is decided", &format!("{decided}.article === '{last}'")).await?;
    reader.is("granted", &format!("{decided}.name"), "granted").await?;
    reader.stays("none counts", "Object.keys(witness.ledger()).length === 1", A_WHILE).await?;
    read(reader, 2).await?;
    reader.ledger_has(2).await?;
    reader.is("it is the last", "tollgate.getMeter().article", last).await
}

/// Another window uses up the meter: what is granted here stays, the next story of this load is gated.
pub(super) async fn st_24_the_next_story_is_gated(reader: &mut Reader) -> Result<()> {
    reader.site.page(site(&seed_with_all(&[("data-limit", "1"), ("data-dwell", "600")]), ""));
    reader.site.page(Page::article("other"));
    reader.open("/story/first").await?;
    let first = open(reader, "first", 1).await?;
    let one = reader.window().await?;
    let two = reader.another_window().await?;
    reader.read("/story/other").await?;
    reader.settle().await?;
    reader.switch_to(&one).await?;
    reader.wait_for("this window knows", "tollgate.getMeter().reads === 1").await?;
    let stays = "witness.paragraphs('first') === '11111111' && witness.hosts('overlay').length === 0 \
                 && tollgate.getDecision().granted";
    reader.stays("it stays readable", stays, Duration::from_millis(300)).await?;
    step(reader, "app.go('/story/second')").await?;
    reader.wait_for("the second is gated", "tollgate.getDecision().granted === false").await?;
    reader.overlay().await?;
    reader.is_locked("second").await?;
    reader
        .is("another article", "tollgate.getDecision().article !== witness.decisions()[0].article", true)
        .await?;
    check::that("the first was granted", !first.is_empty())?;
    reader.ledger_has(1).await?;
    reader.settle().await?;
    reader.switch_to(&two).await
}

/// Walks between gated and free stories so often, in so many seconds at most; see `app.walk`.
async fn walk(reader: &Reader, times: u32, pause: u32, seconds: u64) -> Result<()> {
    step(reader, &format!("app.walk({times}, {pause})")).await?;
    let done = format!("app.walked === {times}");
    if let Err(error) = reader.wait_long_for(Duration::from_secs(seconds), "the walk is done", &done).await {
        reader.is("steps of the walk", "app.walked", times).await?;
        return Err(error);
    }
    reader.overlay().await?;
    reader.is_locked("first").await
}

/// What Chromium keeps after it has collected what nobody needs: bytes of the heap, nodes, listeners.
async fn kept(reader: &Reader) -> Result<[f64; 3]> {
    // What was written down is the tests' own, and would grow.
    reader.harvest().await;
    step(reader, "witness.forget()").await?;
    reader.devtools("Performance.enable", json!({})).await?;
    for _ in 0..3 {
        reader.devtools("HeapProfiler.collectGarbage", json!({})).await?;
    }
    let answer = reader.devtools("Performance.getMetrics", json!({})).await?;
    let metric = |name: &str| {
        let found = answer["metrics"].as_array().into_iter().flatten().find(|it| it["name"] == name);
        found.and_then(|it| it["value"].as_f64()).with_context(|| format!("no {name} in {answer}"))
    };
    Ok([metric("JSHeapUsedSize")?, metric("Nodes")?, metric("JSEventListeners")?])
}

/// Nothing was kept of what went by: of a megabyte in a thousand, and of a few nodes.
fn holds_nothing(before: [f64; 3], after: [f64; 3]) -> Result<()> {
    let [heap, nodes, listeners] = [0, 1, 2].map(|it| after[it] - before[it]);
    let grown = format!("{heap} bytes, {nodes} nodes, {listeners} listeners more than {before:?}");
    check::that(&grown, heap <= 1_048_576.0 && nodes <= 10.0 && listeners <= 2.0)
}

async fn cn_40_a_thousand_navigations_hold_no_memory(reader: &mut Reader) -> Result<()> {
    reader.site.page(site(&limit(0), "data-free=\"second\""));
    reader.open("/story/first").await?;
    gated(reader, "first", 1).await?;
    // More than a history holds, so that it does not grow any more.
    walk(reader, 100, 0, 20).await?;
    let before = kept(reader).await?;
    walk(reader, 1_000, 0, 45).await?;
    let after = kept(reader).await?;
    reader.ledger_has(0).await?;
    holds_nothing(before, after)
}

async fn cn_40_a_thousand_openings_hold_no_memory(reader: &mut Reader) -> Result<()> {
    const OPEN_AND_CLOSE: &str = "window.soak = 0; (async times => { \
        const once = name => new Promise(resolve => document.addEventListener('tollgate:' + name, () => setTimeout(resolve), { once: true })); \
        for (; soak < times; soak += 1) { const shown = once('show'); tollgate.show(); await shown; \
            const hidden = once('hide'); tollgate.hide(); await hidden } })(TIMES)";
    reader.site.page(site(&limit(0), ""));
    reader.open("/story/first").await?;
    gated(reader, "first", 1).await?;
    reader.escape().await?;
    let mut measured = Vec::new();
    for times in [100, 1_000] {
        step(reader, &OPEN_AND_CLOSE.replace("TIMES", &times.to_string())).await?;
        let done = format!("soak === {times}");
        reader.wait_long_for(Duration::from_secs(40), "all is opened and closed", &done).await?;
        measured.push(kept(reader).await?);
    }
    reader.is("closed", "witness.hosts('overlay').length", 0).await?;
    reader.is_locked("first").await?;
    holds_nothing(measured[0], measured[1])
}

async fn cn_40_many_navigations_leave_nothing(reader: &mut Reader) -> Result<()> {
    reader.site.page(site(&limit(0), "data-free=\"second\""));
    reader.open("/story/first").await?;
    gated(reader, "first", 1).await?;
    let all = "document.querySelectorAll('*').length";
    let before = reader.value(all).await?;
    // WebKit refuses a page more than a hundred addresses in half a minute, Firefox more than two hundred in ten seconds.
    let (times, pause) = match reader.engine {
        Engine::Chromium => (1_000, 0),
        Engine::Firefox => (300, 50),
        Engine::WebKit => (92, 0),
    };
    walk(reader, times, pause, 45).await?;
    reader.is("elements on the page", all, before).await?;
    let gates = "[witness.hosts('inline').length, witness.hosts('overlay').length]";
    reader.is("one gate", gates, json!([1, 1])).await?;
    step(reader, "app.go('/')").await?;
    clean(reader).await?;
    reader.ledger_has(0).await
}
