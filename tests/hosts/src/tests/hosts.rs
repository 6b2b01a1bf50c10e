//! Host pages of all kinds: hostile styles, ways to put the tag into a page, frames.

use super::failures::closed;
use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, SEED, script};
use crate::reader::Reader;
use anyhow::Result;
use serde_json::{Value, json};
use std::time::Duration;

tests! {
    is_01_hostile_styles: ALL, Ordinary;
    is_02_hidden_by_hand: ALL, Ordinary;
    is_04_no_pointer_events_on_the_body: ALL, Ordinary;
    is_05_an_inert_body: ALL, Ordinary;
    is_08_no_style_of_ours_on_the_page: ALL, Ordinary;
    cn_27_the_script_twice: ALL, Ordinary;
    cn_29_the_script_again_later: ALL, Ordinary;
    cn_30_injected_by_a_script: ALL, Ordinary;
    cn_30_written_by_a_script: ALL, Ordinary;
    cn_30_as_a_module_with_json: ALL, Ordinary;
    cn_32_a_blocking_script_in_the_head: ALL, Ordinary;
    cn_33_injected_when_all_is_loaded: ALL, Ordinary;
    cn_35_framed_by_the_same_site: ALL, Ordinary;
    cn_35_framed_by_another_site: ALL, Ordinary;
    cn_35_allowed_in_a_frame: ALL, Ordinary;
    st_01_allowed_in_a_sandboxed_frame: ALL, Ordinary;
    a_base_element_does_not_mislead: ALL, Ordinary;
}

/// The overlay is on the screen, its parts can be hit, and the close button closes it.
async fn usable(reader: &mut Reader, page: Page) -> Result<()> {
    reader.site.page(page.tag(&closed()));
    reader.open_gated("/story/first").await?;
    can_be_used(reader).await
}

async fn can_be_used(reader: &mut Reader) -> Result<()> {
    for part in ["headline", "plan", "cta", "login", "close"] {
        reader.is(&format!("a tap on {part}"), &format!("witness.hits('{part}')"), "hit").await?;
    }
    reader.click("witness.overlayRoot().querySelector('button[part~=close]')").await?;
    reader.wait_for("the overlay is closed", "!witness.overlayOpen()").await?;
    reader.is_locked("first").await
}

async fn is_01_hostile_styles(reader: &mut Reader) -> Result<()> {
    // Not the root itself: where that is not displayed, there is no page.
    let styles = "<style>* { visibility: hidden !important; opacity: 0 !important; pointer-events: none !important } \
                  :not(html) { all: unset !important; display: none !important; visibility: hidden !important; \
                  opacity: 0 !important; pointer-events: none !important } \
                  tollgate-gate { display: none !important; transform: scale(0) !important } \
                  dialog, dialog::backdrop { display: none !important }</style>";
    usable(reader, Page::article("first").no_style().last(styles)).await
}

async fn is_02_hidden_by_hand(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&closed()));
    reader.open_gated("/story/first").await?;
    reader
        .js::<Value>(
            "for (const host of document.querySelectorAll('tollgate-gate')) { \
             host.style.setProperty('display', 'none', 'important'); host.hidden = true }",
        )
        .await?;
    can_be_used(reader).await
}

async fn is_04_no_pointer_events_on_the_body(reader: &mut Reader) -> Result<()> {
    usable(reader, Page::article("first").last("<style>html, body { pointer-events: none }</style>")).await
}

async fn is_05_an_inert_body(reader: &mut Reader) -> Result<()> {
    let page = Page::article("first").body_attributes("inert aria-hidden=\"true\"").html_attributes("inert");
    usable(reader, page).await
}

async fn is_08_no_style_of_ours_on_the_page(reader: &mut Reader) -> Result<()> {
    let looks = "[...document.querySelectorAll('header, header *, h1, .body, .body p:nth-child(-n+2), footer, footer p:nth-child(-n+9)')]\
                 .map(it => { const style = getComputedStyle(it); return [...style].map(name => style[name]).join() }).join('/')";
    reader.site.page(Page::article("first").tag_written(""));
    reader.open("/story/first").await?;
    // The scroll bar's place is part of the widths: only compare what does not depend on the locked scroll.
    let before = reader.value(looks).await?;
    reader.site.page(Page::article("first").tag(&closed()));
    reader.open_gated("/story/first").await?;
    reader.escape().await?;
    let properties = "[document.adoptedStyleSheets.length, document.styleSheets.length]";
    reader.is("style sheets of the document", properties, json!([0, 1])).await?;
    let after = reader.value(looks).await?;
    let (before, after) = (styles_without_sizes(&before), styles_without_sizes(&after));
    check::that("the styles of the host's elements are as they were", after == before)?;
    // But for the fade of the teaser's last block, which goes with the gate.
    let fade = "getComputedStyle(document.querySelector('.body p:nth-child(3)')).maskImage";
    reader
        .is("the teaser's last block fades", &format!("{fade}.startsWith('linear-gradient')"), true)
        .await?;
    reader.js::<Value>("tollgate.destroy()").await?;
    reader.is("and no more", fade, "none").await
}

/// Computed styles, without the lengths: the article is shorter when it is cut.
fn styles_without_sizes(styles: &Value) -> Vec<String> {
    let styles = styles.as_str().unwrap_or_default();
    styles.split([',', '/']).filter(|value| !value.contains("px")).map(str::to_owned).collect()
}

async fn cn_27_the_script_twice(reader: &mut Reader) -> Result<()> {
    let twice = format!("{}{}", script(SEED), script(SEED));
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).tag_written(&twice));
    }
    reader.read("/story/first").await?;
    reader.ledger_has(1).await?;
    check::equal("ready once", reader.events("ready").await.len(), 1)?;
    let overlay = reader.open_gated("/story/second").await?;
    check::json("one overlay", &overlay["hosts"], &json!(1))?;
    reader.escape().await?;
    reader.stays("and no other behind it", "!witness.overlayOpen()", Duration::from_millis(300)).await?;
    reader.is("one inline gate", "witness.inline().hosts", 1).await
}

async fn cn_29_the_script_again_later(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug));
    }
    let again = "const old = document.querySelector('script[data-site]'); const copy = document.createElement('script'); \
                 for (const it of old.attributes) copy.setAttribute(it.name, it.value); \
                 window.ran = new Promise(resolve => { copy.onload = () => setTimeout(resolve, 100) }); old.after(copy)";
    reader.read("/story/first").await?;
    reader.js::<Value>(again).await?;
    reader.promised("window.ran").await?;
    reader.is_open("first").await?;
    reader.ledger_has(1).await?;
    reader.open_gated("/story/second").await?;
    reader.js::<Value>(again).await?;
    reader.promised("window.ran").await?;
    reader.is("one overlay", "witness.overlay().hosts", 1).await?;
    reader.is_locked("second").await
}

/// Script text that adds our tag with the seed's attributes.
fn injecting() -> String {
    format!(
        "const holder = new DOMParser().parseFromString({}, 'text/html').querySelector('script'); \
         const tag = document.createElement('script'); \
         for (const it of holder.attributes) tag.setAttribute(it.name, it.value); document.head.append(tag);",
        json!(script(SEED).replace("</script>", "<\\/script>"))
            .to_string()
            .replace("<\\\\/script>", "<\\/script>")
    )
}

async fn seed_works(reader: &mut Reader, page: impl Fn(&str) -> Page) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(page(slug));
    }
    reader.read("/story/first").await?;
    reader.is_open("first").await?;
    reader.ledger_has(1).await?;
    let overlay = reader.open_gated("/story/second").await?;
    check::json("the offer", &overlay["offer"], &json!("Keep reading with The Meridian"))?;
    reader.is_locked("second").await
}

async fn cn_30_injected_by_a_script(reader: &mut Reader) -> Result<()> {
    let tag = format!("<script>{{ {} }}</script>", injecting());
    seed_works(reader, |slug| Page::article(slug).tag_written(&tag)).await
}

async fn cn_30_written_by_a_script(reader: &mut Reader) -> Result<()> {
    let written = json!(script(SEED).replace("async ", "")).to_string().replace("</script>", "<\\/script>");
    let tag = format!("<script>document.write({written})</script>");
    seed_works(reader, |slug| Page::article(slug).tag_written(&tag)).await
}

async fn cn_30_as_a_module_with_json(reader: &mut Reader) -> Result<()> {
    let settings = json!({
        "site": "meridian", "publication": "The Meridian", "limit": 1, "content": "article .body",
        "subscribe-url": "/subscribe?plan={plan}",
    });
    let tag = format!(
        "<script type=\"application/json\" data-tollgate-config>{settings}</script>\
         <script type=\"module\">import '/tollgate.js'</script>"
    );
    seed_works(reader, |slug| Page::article(slug).tag_written(&tag)).await
}

async fn cn_32_a_blocking_script_in_the_head(reader: &mut Reader) -> Result<()> {
    let tag = script(SEED).replace("async ", "");
    seed_works(reader, |slug| Page::article(slug).tag_written(&tag)).await
}

async fn cn_33_injected_when_all_is_loaded(reader: &mut Reader) -> Result<()> {
    let tag = format!(
        "<script>addEventListener('load', () => setTimeout(() => {{ {} }}, 50))</script>",
        injecting()
    );
    seed_works(reader, |slug| Page::article(slug).tag_written(&tag)).await
}

/// In a frame, gated at once if it were not framed: nothing is gated, nothing written.
async fn inert_in_a_frame(reader: &mut Reader, frame: &str) -> Result<()> {
    reader.site.page(Page::article("first").tag(&closed()));
    let body =
        format!("<main><iframe id=\"frame\" width=\"800\" height=\"600\" src=\"{frame}\"></iframe></main>");
    reader.site.page(Page::plain("/").body(&body));
    reader.open("/").await?;
    reader.enter_frame().await?;
    reader.scroll().await?;
    let inert = "witness.paragraphs('first') === '11111111' && document.querySelector('tollgate-gate') === null \
                 && Object.keys(witness.ledger()).length === 0";
    reader.stays("inert in the frame", inert, Duration::from_millis(700)).await?;
    reader.settle().await?;
    reader.leave_frame().await?;
    reader.is("nothing on the page around it", "document.querySelector('tollgate-gate') === null", true).await
}

async fn cn_35_framed_by_the_same_site(reader: &mut Reader) -> Result<()> {
    inert_in_a_frame(reader, "/story/first").await
}

async fn cn_35_framed_by_another_site(reader: &mut Reader) -> Result<()> {
    let address = format!("{}/story/first", reader.site.other_origin());
    inert_in_a_frame(reader, &address).await
}

async fn cn_35_allowed_in_a_frame(reader: &mut Reader) -> Result<()> {
    let tag = format!("{SEED} data-allow-frame");
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).tag(&tag));
        let frame =
            format!("<main><iframe width=\"1000\" height=\"700\" src=\"/story/{slug}\"></iframe></main>");
        reader.site.page(Page::plain(&format!("/{slug}")).body(&frame));
    }
    reader.open("/first").await?;
    reader.enter_frame().await?;
    reader.granted().await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.ledger_has(1).await?;
    reader.settle().await?;
    reader.leave_frame().await?;
    reader.open("/second").await?;
    reader.enter_frame().await?;
    reader.overlay().await?;
    reader.is_locked("second").await?;
    reader.settle().await?;
    reader.leave_frame().await
}

async fn st_01_allowed_in_a_sandboxed_frame(reader: &mut Reader) -> Result<()> {
    let story = Page::article("first").tag(&format!("{SEED} data-allow-frame"));
    let markup = String::from_utf8(story.response(&reader.site.origin()).body)?;
    let markup = markup.replace('&', "&amp;").replace('"', "&quot;");
    let frame = format!(
        "<main><iframe width=\"1000\" height=\"700\" sandbox=\"allow-scripts\" srcdoc=\"{markup}\"></iframe></main>"
    );
    reader.site.page(Page::plain("/").body(&frame));
    reader.open("/").await?;
    reader.enter_frame().await?;
    counts_in_memory(reader).await
}

/// In a frame without any storage area the article counts in memory, and the publisher is told; leaves the frame.
pub(super) async fn counts_in_memory(reader: &mut Reader) -> Result<()> {
    reader.granted().await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.is_open("first").await?;
    let throws = "(() => { try { return typeof localStorage } catch (error) { return error.name } })()";
    reader.is("the getter throws here", throws, "SecurityError").await?;
    reader.is("counted in memory", "tollgate.getMeter().reads", 1).await?;
    check::contains("and it is said", &reader.one_warning().await?, "localStorage: no-storage")?;
    reader.settle().await?;
    reader.leave_frame().await
}

async fn a_base_element_does_not_mislead(reader: &mut Reader) -> Result<()> {
    // The tag's own address and the article's do not follow `<base>`; the publisher's relative links, as all links
    // of the page, do.
    let base = format!("<base href=\"{}/elsewhere/\">", reader.site.origin());
    seed_works(reader, |slug| Page::article(slug).before_tag(&base)).await?;
    let story = reader.site.url("/story/second");
    reader.is("the way back", "new URL(witness.overlay().login.href).searchParams.get('return')", story).await
}
