//! What search engines read: the page's structured data, completed where the publisher asks, checked by the debug script; and
//! which words of ours they are told to leave out.

use super::failures::closed;
use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, seed_with, seed_with_all};
use crate::reader::{Reader, Trouble};
use anyhow::Result;
use serde_json::{Value, json};

tests! {
    the_articles_own_structured_data_is_completed: ALL, Ordinary;
    where_there_is_none_it_is_made: ALL, Ordinary;
    an_element_without_a_class_of_its_own_gets_one: ALL, Ordinary;
    what_is_free_is_not_said_to_be_paid: ALL, Ordinary;
    structured_data_under_a_strict_policy: ALL, Ordinary;
    se_02_the_debug_script_says_what_is_missing: ALL, Ordinary;
    the_gates_words_are_not_for_snippets: ALL, Ordinary;
}

fn adding() -> String {
    seed_with("data-structured-data", "add")
}

/// The page's structured data, as a search engine reads it.
const DATA: &str = "[...document.querySelectorAll('script[type=\"application/ld+json\"]')].map(it => JSON.parse(it.textContent))";

fn part(selector: &str) -> Value {
    json!({ "@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": selector })
}

fn json_ld(data: &Value) -> String {
    format!("<script type=\"application/ld+json\">{data}</script>")
}

async fn the_articles_own_structured_data_is_completed(reader: &mut Reader) -> Result<()> {
    let data = json!({ "@graph": [{ "@type": "WebSite" }, { "@type": ["NewsArticle"], "headline": "a < b", "isAccessibleForFree": "maybe" }] });
    reader.site.page(
        Page::article("first")
            .tag(&adding())
            .before_tag(&json_ld(&json!({ "@type": "Organization" })))
            .before_tag(&json_ld(&data)),
    );
    reader.open("/story/first").await?;
    reader.wait_for("it is completed", &format!("JSON.stringify({DATA}).includes('hasPart')")).await?;
    // What is said already is the page's to say.
    let expected = json!([{ "@type": "Organization" }, { "@graph": [{ "@type": "WebSite" }, { "@type": ["NewsArticle"], "headline": "a < b",
        "isAccessibleForFree": "maybe", "hasPart": part(".body") }] }]);
    reader.is("it says what is behind the gate", DATA, expected).await?;
    reader.is("the class is there", "document.querySelectorAll('.body').length", 1).await?;
    reader.js::<Value>("tollgate.destroy()").await?;
    reader.is_untouched().await
}

async fn where_there_is_none_it_is_made(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&adding()));
    reader.open("/story/first").await?;
    reader.wait_for("it is made", &format!("{DATA}.length === 1")).await?;
    let expected = json!([{ "@context": "https://schema.org", "@type": "NewsArticle", "headline": "Story first",
        "url": reader.site.url("/story/first"), "isAccessibleForFree": false, "hasPart": part(".body") }]);
    reader.is("it says what is behind the gate", DATA, expected).await?;
    reader.js::<Value>("tollgate.destroy()").await?;
    reader.is_untouched().await
}

async fn an_element_without_a_class_of_its_own_gets_one(reader: &mut Reader) -> Result<()> {
    let body = Page::article("first")
        .article_html()
        .replace("class=\"body\"", "itemprop=\"articleBody\" class=\"two\"");
    let page =
        Page::article("first").tag(&seed_with_all(&[("data-structured-data", "add"), ("data-content", "")]));
    reader.site.page(page.body(&format!("<p class=\"two\">Before</p>{body}")));
    reader.open("/story/first").await?;
    reader.wait_for("it is made", &format!("{DATA}.length === 1")).await?;
    reader.is("by a class of ours", &format!("{DATA}[0].hasPart.cssSelector"), ".tollgate-article").await?;
    reader.is("that is there", "document.querySelectorAll('.tollgate-article').length", 1).await?;
    reader.js::<Value>("tollgate.destroy()").await?;
    reader.is_untouched().await
}

async fn what_is_free_is_not_said_to_be_paid(reader: &mut Reader) -> Result<()> {
    let free = "<meta name=\"tollgate\" content=\"free\">";
    reader.site.page(Page::article("first").tag(&adding()).before_tag(free));
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.scroll().await?;
    reader
        .stays("nothing is added", &format!("{DATA}.length === 0"), std::time::Duration::from_millis(400))
        .await?;
    // Nor on a page that is no article.
    reader.site.page(Page::front("/front").tag(&adding()));
    reader.open("/front").await?;
    reader.wait_for("ready", "witness.events('ready').length > 0").await?;
    reader
        .stays("nothing is added", &format!("{DATA}.length === 0"), std::time::Duration::from_millis(400))
        .await
}

/// Trusted Types refuse to make any script, and in Firefox to change the text of one, though nothing of it is run: the browser reports
/// it, nothing is said that would be half true, and all else works. The README says so.
async fn structured_data_under_a_strict_policy(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Violation);
    let strict = "require-trusted-types-for 'script'; trusted-types 'none'";
    let data = json_ld(&json!({ "@type": "NewsArticle" }));
    for (slug, page) in
        [("first", Page::article("first").before_tag(&data)), ("second", Page::article("second"))]
    {
        let tag = seed_with_all(&[("data-structured-data", "add"), ("data-limit", "3")]);
        reader.site.page(page.tag(&tag).policy(strict));
        reader.read(&format!("/story/{slug}")).await?;
        reader.is_open(slug).await?;
        let sound = format!("{DATA}.every(it => it['@type'] === 'NewsArticle')");
        reader.is("what stands there is whole", &sound, true).await?;
    }
    Ok(())
}

async fn se_02_the_debug_script_says_what_is_missing(reader: &mut Reader) -> Result<()> {
    let told = async |reader: &mut Reader, data: &str| -> Result<String> {
        let tag =
            crate::page::script(&seed_with("data-limit", "3")).replace("/tollgate.js", "/tollgate.debug.js");
        reader.site.page(Page::article("first").tag_written(&tag).before_tag(data));
        reader.open("/story/first").await?;
        reader.granted().await?;
        let noted = [reader.noted("console.info").await, reader.noted("console.warn").await].concat();
        reader.forget_log().await;
        Ok(noted.join("\n"))
    };
    check::contains("without any", &told(reader, "").await?, "structured data: paywall-not-said")?;
    let complete = |selector: &str| {
        json_ld(&json!({ "@type": "NewsArticle", "isAccessibleForFree": false, "hasPart": part(selector) }))
    };
    let said = told(reader, &complete(".body")).await?;
    check::that(&format!("what is complete is in order: {said}"), !said.contains("structured data"))?;
    reader.allow(Trouble::Warning);
    check::contains(
        "a class that is missing",
        &told(reader, &complete(".premium")).await?,
        "structured data=\".premium\": paywall-class-missing",
    )?;
    check::contains("an id", &told(reader, &complete("#p5")).await?, "paywall-selector")
}

async fn the_gates_words_are_not_for_snippets(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&closed()));
    reader.open_gated("/story/first").await?;
    // Google heeds it on `div`, `section` and `span`.
    let words = "[...document.querySelectorAll('tollgate-gate')].flatMap(({ shadowRoot }) => { \
        const walker = document.createTreeWalker(shadowRoot, NodeFilter.SHOW_TEXT); const found = []; \
        while (walker.nextNode()) if (walker.currentNode.data.trim()) found.push(walker.currentNode.parentElement); return found })";
    reader.is("there are words", &format!("{words}.length > 10"), true).await?;
    let outside = format!(
        "{words}.filter(it => !it.closest('div[data-nosnippet],section[data-nosnippet]') && !it.closest('[role=status]')).map(it => it.outerHTML)"
    );
    reader.is("all are in such an element", &outside, json!([])).await
}
