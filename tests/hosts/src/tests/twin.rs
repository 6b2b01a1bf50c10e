//! The module's twin in JavaScript does what the module does: journeys of the other tests, with `tollgate.nowasm.js` in the place of the script;
//! and it takes the module's place by itself where WebAssembly is missing or refused.

use super::delivery::integrity;
use super::failures::{DELETED, THROWING, closed, opens_with_one_warning, page, pinned, works};
use super::{access, feed, journey, rules, spa, tests, tokens};
use crate::check;
use crate::engine::{ALL, WITH_SETTINGS};
use crate::page::script;
use crate::reader::{Reader, Trouble};
use anyhow::Result;
use tollgate_serve::Response;

tests! {
    journey_seed_by_the_twin: ALL, Ordinary;
    journey_of_three_free_articles_by_the_twin: ALL, Ordinary;
    the_twin_keeps_meters_of_sections: ALL, Ordinary;
    the_twin_asks_the_endpoint: ALL, Ordinary;
    the_twin_takes_tokens: ALL, Ordinary;
    the_twin_gates_a_feed: ALL, Ordinary;
    the_twin_follows_a_page_that_a_script_turns: ALL, Ordinary;
    ld_01_the_twin_where_a_policy_refuses_wasm: ALL, Ordinary;
    ld_01_the_twin_of_the_split_script: ALL, Ordinary;
    ld_15_the_twin_where_webassembly_is_deleted: ALL, Ordinary;
    ld_15_the_twin_where_webassembly_is_switched_off: WITH_SETTINGS, NoWebAssembly;
    ld_17_the_twin_where_webassembly_throws: ALL, Ordinary;
    the_twin_of_a_pinned_tag: ALL, Ordinary;
    the_twin_comes_for_nobody_else: ALL, Ordinary;
    a_twin_that_is_another_script: ALL, Ordinary;
}

/// Puts the script with the twin in it where pages expect the one with the module.
fn by_the_twin(reader: &Reader) -> Result<()> {
    let script = reader.site.built("/tollgate.nowasm.js")?;
    reader.site.put("/tollgate.js", Response::new(200).body("text/javascript; charset=utf-8", script));
    Ok(())
}

async fn journey_seed_by_the_twin(reader: &mut Reader) -> Result<()> {
    by_the_twin(reader)?;
    journey::journey_seed(reader).await
}

async fn journey_of_three_free_articles_by_the_twin(reader: &mut Reader) -> Result<()> {
    by_the_twin(reader)?;
    journey::journey_of_three_free_articles(reader).await
}

async fn the_twin_keeps_meters_of_sections(reader: &mut Reader) -> Result<()> {
    by_the_twin(reader)?;
    rules::sections_have_their_own_meters(reader).await?;
    // It is in one piece.
    check::equal("pieces for rules", reader.site.requests(&reader.site.rules()?), 0)
}

async fn the_twin_asks_the_endpoint(reader: &mut Reader) -> Result<()> {
    by_the_twin(reader)?;
    access::en_01_the_endpoint_grants(reader).await
}

async fn the_twin_takes_tokens(reader: &mut Reader) -> Result<()> {
    by_the_twin(reader)?;
    tokens::en_08_a_token_of_either_algorithm_opens(reader).await
}

async fn the_twin_gates_a_feed(reader: &mut Reader) -> Result<()> {
    by_the_twin(reader)?;
    feed::each_article_of_a_feed_has_its_own_gate(reader).await
}

async fn the_twin_follows_a_page_that_a_script_turns(reader: &mut Reader) -> Result<()> {
    by_the_twin(reader)?;
    spa::st_24_the_next_story_is_gated(reader).await
}

const POLICY: &str = "script-src 'self'";

async fn ld_01_the_twin_where_a_policy_refuses_wasm(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Violation);
    reader.allow(Trouble::Warning);
    works(reader, page().policy(POLICY)).await?;
    check::contains("the warning", &reader.one_warning().await?, "add 'wasm-unsafe-eval' to script-src")?;
    check::equal("twins", reader.site.requests(&reader.site.twin()?), 1)
}

async fn ld_01_the_twin_of_the_split_script(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Violation);
    reader.allow(Trouble::Warning);
    let split = script(&closed()).replace("/tollgate.js", "/tollgate.split.js");
    works(reader, page().tag_written(&split).policy(POLICY)).await
}

async fn ld_15_the_twin_where_webassembly_is_deleted(reader: &mut Reader) -> Result<()> {
    works(reader, page().before_tag(DELETED)).await?;
    check::equal("twins", reader.site.requests(&reader.site.twin()?), 1)
}

async fn ld_15_the_twin_where_webassembly_is_switched_off(reader: &mut Reader) -> Result<()> {
    works(reader, page()).await?;
    reader.is("there is none here", "typeof WebAssembly", "undefined").await
}

async fn ld_17_the_twin_where_webassembly_throws(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    works(reader, page().before_tag(THROWING)).await
}

async fn the_twin_of_a_pinned_tag(reader: &mut Reader) -> Result<()> {
    let page = pinned(&integrity(reader, "tollgate.js")?);
    works(reader, page.before_tag(DELETED)).await
}

async fn the_twin_comes_for_nobody_else(reader: &mut Reader) -> Result<()> {
    works(reader, page()).await?;
    check::equal("twins", reader.site.requests(&reader.site.twin()?), 0)
}

/// Whatever comes in its place: the article is readable, and it is said once.
async fn a_twin_that_is_another_script(reader: &mut Reader) -> Result<()> {
    for other in ["export {};", "window.other = true;"] {
        let twin = reader.site.twin()?;
        reader.site.put(&twin, Response::new(200).body("text/javascript; charset=utf-8", other));
        let code = opens_with_one_warning(reader, page().before_tag(DELETED)).await?;
        check::equal("the code", code.as_str(), "no-wasm")?;
    }
    Ok(())
}
