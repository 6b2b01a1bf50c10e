//! The scripts of the rules and of the changing page: fetched only where they are needed, and what happens where one never comes.

use super::failures::{integrity, opens_with_one_warning, pinned_with, works};
use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, SEED, script, seed_with, seed_with_all};
use crate::reader::{Reader, Trouble};
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::time::Duration;
use tollgate_serve::Response;

tests! {
    the_rules_are_fetched_where_there_are_some: ALL, Ordinary;
    without_the_rules_the_article_stays_open: ALL, Ordinary;
    a_subscriber_is_known_before_the_rules_come: ALL, Ordinary;
    the_rules_are_pinned_with_the_tag: ALL, Ordinary;
    the_rules_under_a_strict_policy: ALL, Ordinary;
    a_page_that_does_not_change_needs_no_more: ALL, Ordinary;
    without_the_changing_pages_script_a_turned_page_is_open: ALL, Ordinary;
}

/// A tag with rules, gated at once.
fn ruled() -> String {
    seed_with_all(&[("data-limit", "0"), ("data-paths", "/jobs/*: free")])
}

async fn the_rules_are_fetched_where_there_are_some(reader: &mut Reader) -> Result<()> {
    let rules = reader.site.rules()?;
    reader.site.page(Page::article("other").tag(SEED));
    reader.read("/story/other").await?;
    check::equal("requests without rules", reader.site.requests(&rules), 0)?;
    works(reader, Page::article("first").tag(&ruled())).await?;
    check::equal("requests with rules", reader.site.requests(&rules), 1)?;
    let json = "<script type=\"application/json\" data-tollgate-config>{\"paths\":[{\"path\":\"/story/*\",\"rule\":\"free\"}]}</script>";
    reader.site.page(Page::article("second").tag(&seed_with("data-limit", "0")).before_tag(json));
    reader.open("/story/second").await?;
    reader.granted().await?;
    reader.is("by the rule in JSON", "tollgate.getDecision().grantReason", "FREE").await
}

async fn without_the_rules_the_article_stays_open(reader: &mut Reader) -> Result<()> {
    let path = reader.site.rules()?;
    let text = reader.site.built(&path)?;
    let half = text.get(..text.len() / 2).unwrap_or_default();
    for (what, response) in [
        ("missing", Response::new(404)),
        ("empty", Response::new(200).body("text/javascript", "")),
        ("a page", Response::html("<!doctype html><p>Not here")),
        ("half of it", Response::new(200).body("text/javascript", half)),
    ] {
        reader.site.put(&path, response);
        let page = Page::article("first").tag(&ruled());
        let code = opens_with_one_warning(reader, page).await.with_context(|| what.to_owned())?;
        check::equal(what, code.as_str(), "rules-missing")?;
    }
    Ok(())
}

async fn a_subscriber_is_known_before_the_rules_come(reader: &mut Reader) -> Result<()> {
    reader.site.slow(&reader.site.rules()?, Duration::from_millis(700));
    let queue = "<script>window.tollgate = [it => it.setEntitlement({ granted: true })]; window.gates = 0; \
        new MutationObserver(() => { window.gates += document.querySelectorAll('tollgate-gate').length }) \
        .observe(document, { childList: true, subtree: true })</script>";
    reader.site.page(Page::article("first").tag(&ruled()).before_tag(queue));
    reader.open("/story/first").await?;
    // What the page asks meanwhile does no harm.
    reader.js::<Value>("if (tollgate.show) { tollgate.show(); tollgate.getMeter() }").await?;
    reader.granted().await?;
    reader.is("because of the subscription", "tollgate.getDecision().grantReason", "SUBSCRIBER").await?;
    reader.is("no gate, not for a moment", "window.gates", 0).await?;
    reader.is_open("first").await
}

async fn the_rules_are_pinned_with_the_tag(reader: &mut Reader) -> Result<()> {
    let right = integrity(reader).await?;
    works(reader, pinned_with(&right, &ruled())).await?;
    let path = reader.site.rules()?;
    let mut text = reader.site.built(&path)?;
    text.extend(b"\n// Another's.");
    reader.site.put(&path, Response::new(200).body("text/javascript; charset=utf-8", text));
    reader.allow(Trouble::Error);
    let code = opens_with_one_warning(reader, pinned_with(&right, &ruled())).await?;
    check::equal("the code", code.as_str(), "rules-missing")
}

async fn the_rules_under_a_strict_policy(reader: &mut Reader) -> Result<()> {
    let tag = script(&ruled()).replace("<script async", "<script async nonce=\"tollgate\"");
    let policy = "script-src 'nonce-tollgate' 'wasm-unsafe-eval'; require-trusted-types-for 'script'; trusted-types 'none'";
    works(reader, Page::article("first").tag_written(&tag).policy(policy)).await?;
    check::equal("violations", reader.noted("violation").await, Vec::<String>::new())
}

async fn a_page_that_does_not_change_needs_no_more(reader: &mut Reader) -> Result<()> {
    let changing = reader.site.changing()?;
    reader.site.page(Page::article("first"));
    reader.read("/story/first").await?;
    // Neither another fragment nor another parameter is another page, nor what a page adds beside its article.
    reader
        .js::<Value>(
            "location.hash = 'p5'; history.replaceState(null, '', '?utm_source=x'); \
        document.body.append(Object.assign(document.createElement('p'), { textContent: 'More' }))",
        )
        .await?;
    let asked =
        "performance.getEntriesByType('resource').some(({ name }) => name.includes('/tollgate-changing-'))";
    reader.stays("it is not asked for", &format!("!{asked}"), Duration::from_millis(1_200)).await?;
    check::equal("requests", reader.site.requests(&changing), 0)?;
    reader.is_open("first").await?;
    reader.ledger_has(1).await
}

async fn without_the_changing_pages_script_a_turned_page_is_open(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    reader.site.put(&reader.site.changing()?, Response::new(404));
    reader.site.page(Page::article("first").tag(&seed_with("data-limit", "0")));
    reader.open_gated("/story/first").await?;
    reader.js::<Value>("history.pushState(null, '', '/story/second')").await?;
    reader
        .wait_for("the gate of the page that was left is gone", "witness.paragraphs('first') === '11111111'")
        .await?;
    reader.wait_for("the publisher is told", "witness.log.some(it => it.kind === 'console.warn')").await?;
    reader.one_warning().await?;
    let open = "witness.paragraphs('first') === '11111111' && document.querySelector('tollgate-gate[data-tollgate-surface=inline]') === null";
    reader.stays("it stays open", open, Duration::from_millis(600)).await
}
