//! Several articles on one page: each with its own identity, read and gate; those that come later are found.

use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, seed_with};
use crate::reader::Reader;
use anyhow::Result;
use serde_json::{Value, json};

tests! {
    each_article_of_a_feed_counts_when_it_is_read: ALL, Ordinary;
    each_article_of_a_feed_has_its_own_gate: ALL, Ordinary;
    a_subscriber_reads_the_whole_feed: ALL, Ordinary;
    an_element_that_says_not_which_article_it_is_belongs_to_the_page: ALL, Ordinary;
    destroy_undoes_a_feed: ALL, Ordinary;
    two_overlays_never_keep_the_page: ALL, Ordinary;
    an_address_that_is_none_traps_nothing: ALL, Ordinary;
    an_authors_link_names_no_article: ALL, Ordinary;
    scrolling_past_counts_nothing: ALL, Ordinary;
}

/// An article of a feed, by its own address.
fn entry(slug: &str) -> String {
    Page::article(slug)
        .article_html()
        .replace("<main>", "")
        .replace("</main>", "")
        .replace("<h1>", &format!("<h2><a rel=\"bookmark\" href=\"/story/{slug}\">"))
        .replace("</h1>", "</a></h2>")
        .replace("id=\"p", &format!("id=\"{slug}-p"))
}

/// A page of the first story, with others below it.
pub(super) fn feed(tag: &str, slugs: &[&str]) -> Page {
    let entries: String = slugs.iter().map(|slug| entry(slug)).collect();
    Page::article("first").tag(tag).body(&format!("<main id=\"feed\">{entries}</main>"))
}

/// Reads an article of the feed: brings it to the middle of the window.
async fn read_on(reader: &Reader, slug: &str) -> Result<()> {
    reader
        .js::<Value>(&format!("document.getElementById('{slug}-p3').scrollIntoView({{ block: 'center' }})"))
        .await?;
    Ok(())
}

/// The page gets one more article, as an infinite feed does.
async fn append(reader: &Reader, slug: &str) -> Result<()> {
    let html = json!(entry(slug));
    reader
        .js::<Value>(&format!("document.getElementById('feed').insertAdjacentHTML('beforeend', {html})"))
        .await?;
    Ok(())
}

async fn each_article_of_a_feed_counts_when_it_is_read(reader: &mut Reader) -> Result<()> {
    let tag = seed_with("data-limit", "9");
    reader.site.page(feed(&tag, &["first", "second"]));
    reader.site.page(Page::article("third").tag(&tag));
    reader.read("/story/first").await?;
    reader.ledger_has(1).await?;
    read_on(reader, "second").await?;
    reader.wait_for("the second counts", "Object.keys(witness.ledger()).length === 2").await?;
    append(reader, "third").await?;
    read_on(reader, "third").await?;
    reader.scroll().await?;
    reader.wait_for("one that came later counts", "Object.keys(witness.ledger()).length === 3").await?;
    read_on(reader, "first").await?;
    read_on(reader, "second").await?;
    reader.is("back up nothing counts again", "Object.keys(witness.ledger()).length", 3).await?;
    // Each by its own address: the story's own page is the same article.
    reader.read("/story/third").await?;
    reader.ledger_has(3).await
}

pub(super) async fn each_article_of_a_feed_has_its_own_gate(reader: &mut Reader) -> Result<()> {
    let tag = seed_with("data-limit", "2");
    reader.site.page(feed(&tag, &["first", "second", "third"]));
    reader.read("/story/first").await?;
    read_on(reader, "second").await?;
    reader.wait_for("the second counts", "Object.keys(witness.ledger()).length === 2").await?;
    reader.is("and is open", "witness.paragraphs('second')", "11111111").await?;
    read_on(reader, "third").await?;
    reader.wait_for("the third is gated", "witness.paragraphs('third') === '11100000'").await?;
    reader
        .is(
            "where its text is cut",
            "!!witness.hosts('inline')[0].closest('article').querySelector('#third-p3')",
            true,
        )
        .await?;
    reader.is("no overlay opens by itself", "witness.overlayOpen()", false).await?;
    reader
        .is(
            "the others stay open",
            "witness.paragraphs('first') + witness.paragraphs('second')",
            "1111111111111111",
        )
        .await?;
    append(reader, "fourth").await?;
    read_on(reader, "fourth").await?;
    reader.wait_for("one that came later is gated", "witness.paragraphs('fourth') === '11100000'").await?;
    reader.is("two gates", "witness.hosts('inline').length", 2).await?;
    // The overlay of the one whose button it was.
    let button = "witness.hosts('inline')[1].shadowRoot.querySelector('[part~=all-plans]')";
    reader.js::<Value>(&format!("{button}.scrollIntoView({{ block: 'center' }})")).await?;
    reader.click(button).await?;
    let overlay = reader.overlay().await?;
    let address = overlay["cta"]["href"].as_str().unwrap_or_default().to_owned();
    check::contains("its button comes back to it", &address, "%2Fstory%2Ffourth")?;
    reader.escape().await
}

async fn a_subscriber_reads_the_whole_feed(reader: &mut Reader) -> Result<()> {
    reader.site.page(feed(&seed_with("data-limit", "0"), &["first", "second"]));
    reader.open_gated("/story/first").await?;
    reader.escape().await?;
    read_on(reader, "second").await?;
    reader.wait_for("the second is gated", "witness.paragraphs('second') === '11100000'").await?;
    reader.js::<Value>("tollgate.setEntitlement({ granted: true })").await?;
    reader
        .wait_for(
            "both are back",
            "witness.paragraphs('first') + witness.paragraphs('second') === '1111111111111111'",
        )
        .await?;
    reader.is_untouched().await?;
    append(reader, "third").await?;
    read_on(reader, "third").await?;
    reader.wait_for("it is known", "witness.events('granted').length === 3").await?;
    reader.is("and open", "witness.paragraphs('third')", "11111111").await?;
    reader.ledger_has(0).await
}

async fn an_element_that_says_not_which_article_it_is_belongs_to_the_page(reader: &mut Reader) -> Result<()> {
    let silent = entry("second").replace(" rel=\"bookmark\"", "");
    let body = format!("<main id=\"feed\">{}{silent}</main>", entry("first"));
    reader.site.page(Page::article("first").tag(&seed_with("data-limit", "9")).body(&body));
    reader.read("/story/first").await?;
    read_on(reader, "second").await?;
    reader
        .stays(
            "nothing more is decided or counts",
            "Object.keys(witness.ledger()).length === 1 && witness.events('granted').length === 1",
            std::time::Duration::from_millis(700),
        )
        .await
}

async fn destroy_undoes_a_feed(reader: &mut Reader) -> Result<()> {
    reader.site.page(feed(&seed_with("data-limit", "0"), &["first", "second"]));
    reader.open_gated("/story/first").await?;
    reader.escape().await?;
    read_on(reader, "second").await?;
    reader.wait_for("the second is gated", "witness.paragraphs('second') === '11100000'").await?;
    reader.js::<Value>("tollgate.destroy()").await?;
    reader.is_untouched().await
}

/// A host that asks for the overlay at every gate: the one before closes, and the page is let go when the last does.
async fn two_overlays_never_keep_the_page(reader: &mut Reader) -> Result<()> {
    let listener = "<script>document.addEventListener('tollgate:denied', () => tollgate.show())</script>";
    let page = feed(&seed_with("data-limit", "0"), &["first", "second"]).before_tag(listener);
    reader.site.page(page);
    reader.open_gated("/story/first").await?;
    read_on(reader, "second").await?;
    reader.wait_for("the second is gated", "witness.paragraphs('second') === '11100000'").await?;
    let open = "witness.hosts('overlay').filter(host => host.shadowRoot.querySelector('dialog').open).length";
    reader.wait_for("one overlay is open", &format!("{open} === 1")).await?;
    reader.escape().await?;
    reader.is("no overlay is left", "witness.hosts('overlay').length", 0).await?;
    reader.is("the page is let go", "document.documentElement.getAttribute('style')", Value::Null).await
}

async fn an_address_that_is_none_traps_nothing(reader: &mut Reader) -> Result<()> {
    let broken = entry("second").replace("href=\"/story/second\"", "href=\"http://[bad\"");
    let body = format!("<main id=\"feed\">{}{broken}</main>", entry("first"));
    reader.site.page(Page::article("first").tag(&seed_with("data-limit", "0")).body(&body));
    reader.open_gated("/story/first").await?;
    reader.escape().await?;
    read_on(reader, "second").await?;
    reader.wait_for("it is gated too", "witness.paragraphs('second') === '11100000'").await
}

async fn an_authors_link_names_no_article(reader: &mut Reader) -> Result<()> {
    let author = "<p itemprop=\"author\" itemscope><a itemprop=\"url\" href=\"/author/anne\">Anne</a></p>";
    let written = |slug: &str| {
        entry(slug)
            .replace(
                "<article>",
                &format!("<article itemscope itemtype=\"https://schema.org/Article\">{author}"),
            )
            .replace(" rel=\"bookmark\"", " itemprop=\"url\"")
    };
    let body =
        format!("<main id=\"feed\">{}{}{}</main>", written("first"), written("second"), written("third"));
    reader.site.page(Page::article("first").tag(&seed_with("data-limit", "9")).body(&body));
    reader.site.page(Page::article("third").tag(&seed_with("data-limit", "9")));
    reader.read("/story/first").await?;
    for (slug, reads) in [("second", 2), ("third", 3)] {
        read_on(reader, slug).await?;
        reader.wait_for(slug, &format!("Object.keys(witness.ledger()).length === {reads}")).await?;
    }
    reader.read("/story/third").await?;
    reader.ledger_has(3).await
}

async fn scrolling_past_counts_nothing(reader: &mut Reader) -> Result<()> {
    reader.site.page(feed(&seed_with("data-limit", "9"), &["first", "second", "third"]));
    reader.open("/story/first").await?;
    reader.granted().await?;
    for _ in 0..4 {
        for slug in ["first", "second", "third"] {
            read_on(reader, slug).await?;
            reader
                .promised("new Promise(done => requestAnimationFrame(() => setTimeout(() => done(true))))")
                .await?;
        }
    }
    reader.ledger_has(0).await?;
    reader.wait_for("staying counts", "Object.keys(witness.ledger()).length === 1").await
}
