//! Articles that a framework owns: React and Vue, the real ones, hydrate the page that was served, and go on changing it
//! and taking it down while it is gated (rulings, 'Behaviour').

use super::tests;
use crate::engine::ALL;
use crate::page::{Page, seed_with};
use crate::reader::Reader;
use anyhow::Result;
use serde_json::Value;
use std::fmt::Write as _;

tests! {
    react_changes_what_is_gated: ALL, Ordinary;
    react_takes_down_what_is_gated: ALL, Ordinary;
    vue_changes_what_is_gated: ALL, Ordinary;
    vue_takes_down_what_is_gated: ALL, Ordinary;
}

const PARAGRAPHS: usize = 8;

/// Opens a story that the framework has hydrated and Tollgate has gated.
async fn open(reader: &mut Reader, framework: &str) -> Result<()> {
    reader.site.put_from_npm("/framework.js", framework)?;
    // To the letter what the frameworks render, so that nothing has to be mended when they take it over.
    let mut markup = format!(
        "<div id=\"app\" data-slug=\"first\" data-count=\"{PARAGRAPHS}\"><main><article><h1>The first story</h1><div class=\"body\">"
    );
    let between = if framework.starts_with("react") { "<!-- -->" } else { "" };
    for n in 1..=PARAGRAPHS {
        let _ =
            write!(markup, "<p id=\"p{n}\">first-paragraph-{n}.{between} It was a <em>plain</em> day.</p>");
    }
    markup.push_str("</div></article></main></div>");
    let page = Page::article("first")
        .tag(&seed_with("data-limit", "0"))
        .before_tag("<script defer src=\"/framework.js\"></script>")
        .body(&markup);
    reader.site.page(page);
    reader.open_gated("/story/first").await?;
    reader.wait_for("the framework runs", "!!window.framework").await?;
    reader.is_locked("first").await
}

async fn subscribe(reader: &Reader) -> Result<()> {
    reader.js::<Value>("tollgate.setEntitlement({ granted: true, tier: 'subscriber' })").await?;
    reader.wait_for("the gate is gone", "document.querySelector('tollgate-gate') === null").await
}

/// Changed while it is gated, the article comes back as the framework would have it now, and is still the framework's.
async fn changes(reader: &mut Reader, framework: &str) -> Result<()> {
    open(reader, framework).await?;
    let words = "[...document.querySelectorAll('.body em')].map(it => it.textContent).join()";
    reader.promised("Promise.resolve(framework.set({ word: 'rainy' })).then(() => true)").await?;
    reader.is_locked("first").await?;
    reader.is("only the teaser's words are on the page", words, "rainy,rainy,rainy").await?;
    // A paragraph of the teaser and locked ones go, and come again.
    reader.promised("Promise.resolve(framework.set({ first: 6 })).then(() => true)").await?;
    reader.is("the rest is still locked", words, "").await?;
    reader.promised("Promise.resolve(framework.set({ first: 5, word: 'windy' })).then(() => true)").await?;
    subscribe(reader).await?;
    reader.is("all that is left is back", words, "windy,windy,windy,windy").await?;
    let ids = "[...document.querySelectorAll('.body > *')].map(it => it.id).join()";
    reader.is("in its order", ids, "p5,p6,p7,p8").await?;
    let styles = "document.querySelectorAll('#app [style]').length";
    reader.is("without a style of ours", styles, 0).await?;
    reader.promised("Promise.resolve(framework.set({ first: 1, word: 'calm' })).then(() => true)").await?;
    reader.is("and goes on", words, ["calm"; PARAGRAPHS].join(",")).await?;
    reader.is("in its order", ids, "p1,p2,p3,p4,p5,p6,p7,p8").await
}

/// Taken down while it is gated, the article is gone without an error, and what is left of ours can be undone.
async fn takes_down(reader: &mut Reader, framework: &str) -> Result<()> {
    open(reader, framework).await?;
    reader.js::<Value>("framework.unmount()").await?;
    reader.is("the place is empty", "document.getElementById('app').childNodes.length", 0).await?;
    subscribe(reader).await?;
    reader.is("and stays so", "document.getElementById('app').childNodes.length", 0).await?;
    reader.is("the page can be scrolled", "document.documentElement.getAttribute('style')", Value::Null).await
}

async fn react_changes_what_is_gated(reader: &mut Reader) -> Result<()> {
    changes(reader, "react.js").await
}

async fn react_takes_down_what_is_gated(reader: &mut Reader) -> Result<()> {
    takes_down(reader, "react.js").await
}

async fn vue_changes_what_is_gated(reader: &mut Reader) -> Result<()> {
    changes(reader, "vue.js").await
}

async fn vue_takes_down_what_is_gated(reader: &mut Reader) -> Result<()> {
    takes_down(reader, "vue.js").await
}
