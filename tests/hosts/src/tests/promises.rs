//! What a page can rely on: one name and nothing else of ours, no request but ours, a first visit that is whole, hosts that are odd or
//! hostile.

use super::failures::{closed, works};
use super::tests;
use crate::check;
use crate::engine::{ALL, ONLY_CHROMIUM};
use crate::page::{Page, SEED, seed_with, seed_without};
use crate::reader::{Reader, Trouble};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::time::Duration;
use tollgate_serve::Response;

tests! {
    ld_23_one_name_and_nothing_else: ALL, Ordinary;
    ld_08_nothing_to_report: ONLY_CHROMIUM, Ordinary;
    se_01_a_first_visit_is_whole: ALL, Ordinary;
    se_06_nothing_blocks_the_first_paint: ONLY_CHROMIUM, Ordinary;
    pv_01_twenty_articles_ask_for_nothing_else: ALL, Ordinary;
    pv_07_old_reads_go_in_the_period_after_the_next: ALL, Ordinary;
    polluted_prototypes: ALL, Ordinary;
    clobbered_names: ALL, Ordinary;
    no_observers: ALL, Ordinary;
    listeners_that_hear_no_signal: ALL, Ordinary;
    a_translator_that_wraps_every_text: ALL, Ordinary;
    an_article_that_can_be_edited: ALL, Ordinary;
    a_page_in_quirks_mode: ALL, Ordinary;
    a_page_in_xhtml: ALL, Ordinary;
    cn_27_two_versions: ALL, Ordinary;
    cn_30_the_text_evaluated: ALL, Ordinary;
    cn_30_injected_as_a_tag_manager_does: ALL, Ordinary;
}

/// Takes down what `window` and the prototypes have of their own, with the identity of each function.
const INVENTORY: &str = "<script>window.inventory = (() => { \
    const owners = { window, Object: Object.prototype, Array: Array.prototype, String: String.prototype, Function: Function.prototype, \
        Promise: Promise.prototype, EventTarget: EventTarget.prototype, Node: Node.prototype, Element: Element.prototype, \
        HTMLElement: HTMLElement.prototype, Document: Document.prototype, Storage: Storage.prototype, History: History.prototype, \
        Event: Event.prototype, CustomEvent: CustomEvent.prototype, ShadowRoot: ShadowRoot.prototype, Location: location, document }; \
    const of = owner => new Map(Reflect.ownKeys(owner).map(key => { try { \
        const it = Object.getOwnPropertyDescriptor(owner, key); return [key, it && [it.get, it.set, typeof it.value === 'function' ? it.value : 0, it.enumerable, it.configurable, it.writable]] } catch { return [key, []] } })); \
    const take = () => new Map(Object.entries(owners).map(([name, owner]) => [name, of(owner)])); \
    const before = take(); \
    return () => { const changes = []; const now = take(); \
        for (const [name, properties] of now) { const old = before.get(name); \
            for (const [key, parts] of properties) { const was = old.get(key); \
                if (!was) changes.push(name + ' has ' + String(key)); \
                else if (parts && parts.some((part, nth) => part !== was[nth])) changes.push(name + ' has another ' + String(key)); } \
            for (const key of old.keys()) if (!properties.has(key)) changes.push(name + ' lacks ' + String(key)); } \
        return changes } })()</script>";

async fn ld_23_one_name_and_nothing_else(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&closed()).before_tag(INVENTORY));
    reader.open_gated("/story/first").await?;
    // Frames by their numbers come and go; drivers leave names of their own.
    let changes = "inventory().filter(it => it !== 'window has inventory' && !/^window (has|lacks) (\\d+|ret_nodes|cdc_.*|Symbol.automation.*)$/.test(it))";
    reader.is("while it is gated", changes, json!(["window has tollgate"])).await?;
    reader.escape().await?;
    reader.js::<Value>("tollgate.show()").await?;
    reader.overlay().await?;
    reader.js::<Value>("tollgate.setEntitlement(true)").await?;
    reader.is_open("first").await?;
    reader.is("when it is released", changes, json!(["window has tollgate"])).await?;
    reader.is_untouched().await
}

async fn ld_08_nothing_to_report(reader: &mut Reader) -> Result<()> {
    let policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'none'; img-src 'self'; \
                  require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'; form-action 'none'; frame-src 'none'";
    let page = Page::article("first")
        .no_style()
        .tag(&closed())
        .header("Content-Security-Policy-Report-Only", policy);
    reader.site.page(page);
    reader.open_gated("/story/first").await?;
    reader.escape().await?;
    reader.js::<Value>("tollgate.show()").await?;
    reader.overlay().await?;
    reader.js::<Value>("tollgate.setEntitlement(true)").await?;
    reader.is_open("first").await?;
    check::equal("reports", reader.noted("violation").await, Vec::<String>::new())?;
    // It would be seen.
    reader.allow(Trouble::Violation);
    reader
        .js::<Value>("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
        .await?;
    reader.wait_for("one of the page's own", "witness.log.some(it => it.kind === 'violation')").await
}

async fn se_01_a_first_visit_is_whole(reader: &mut Reader) -> Result<()> {
    for tag in [SEED.to_owned(), seed_without("data-limit")] {
        reader.site.page(Page::article("first").tag(&tag));
        reader.open("/story/first").await?;
        reader.js::<Value>("localStorage.clear(); sessionStorage.clear()").await?;
        reader.reload().await?;
        reader.granted().await?;
        reader.scroll().await?;
        reader.counted().await?;
        reader.is_open("first").await?;
        reader.is("no overlay", "witness.hosts('overlay').length", 0).await?;
    }
    Ok(())
}

async fn se_06_nothing_blocks_the_first_paint(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&closed()));
    reader.open_gated("/story/first").await?;
    let ours = "performance.getEntriesByType('resource').filter(({ name }) => name.includes('/tollgate'))";
    reader.is("the script and the gate's", &format!("{ours}.length"), 2).await?;
    reader
        .is(
            "none blocks",
            &format!("{ours}.map(it => it.renderBlockingStatus)"),
            json!(["non-blocking", "non-blocking"]),
        )
        .await
}

async fn pv_01_twenty_articles_ask_for_nothing_else(reader: &mut Reader) -> Result<()> {
    let tag = seed_with("data-limit", "19");
    let mut asked: Vec<String> = Vec::new();
    for n in 1..=20 {
        let slug = format!("s{n}");
        reader.site.page(Page::article(&slug).tag(&tag));
        reader.open(&format!("/story/{slug}")).await?;
        if n < 20 {
            reader.granted().await?;
            reader.scroll().await?;
            reader.counted().await?;
        } else {
            reader.overlay().await?;
        }
        let names: Vec<String> =
            reader.js("return performance.getEntriesByType('resource').map(it => it.name)").await?;
        asked.extend(names);
    }
    let allowed = [
        reader.site.url("/witness.js"),
        reader.site.url("/tollgate.js"),
        reader.site.url(&reader.site.gate()?),
        reader.site.url("/favicon.ico"),
    ];
    let others: Vec<&String> = asked.iter().filter(|name| !allowed.contains(name)).collect();
    check::equal("other requests", others, Vec::<&String>::new())?;
    check::that("ours are among them", asked.contains(&allowed[1]) && asked.contains(&allowed[2]))?;
    reader
        .is("no cookie, nothing in the session", "[document.cookie, sessionStorage.length]", json!(["", 0]))
        .await?;
    let kept = "Promise.all([indexedDB.databases ? indexedDB.databases() : [], 'caches' in window ? caches.keys() : []]).then(it => it.flat().length)";
    check::json("no databases or caches", &reader.promised(kept).await?, &json!(0))?;
    let foreign = "Object.keys(localStorage).filter(key => !/^tollgate1:meridian:r:2031-05:[A-Za-z0-9_-]{16}$/.test(key) && \
                   !/^tollgate1:meridian:r:[0-9a-z.]+:[A-Za-z0-9_-]{16}:\\.[a-z-]+$/.test(key))";
    reader.is("all keys are of the grammar", foreign, json!([])).await?;
    reader.ledger_has(19).await
}

async fn pv_07_old_reads_go_in_the_period_after_the_next(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug));
    }
    reader.read("/story/first").await?;
    reader.js::<Value>("localStorage.setItem('theirs', 'stays')").await?;
    let july = 1_941_354_000_000_i64;
    reader.site.clock_at(july);
    reader.read("/story/second").await?;
    let keys = "Object.keys(localStorage).map(key => key.split(':')[3] || key).sort()";
    reader.wait_for("May's read is gone", &format!("{keys}.join() === '2031-07,theirs'")).await
}

/// On pages whose host may have made what the witness rests on its own: one article is read, the next is gated.
pub(super) async fn reads_until_gated(reader: &mut Reader, before: &str) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).before_tag(before));
    }
    reader.open("/story/first").await?;
    reader
        .wait_for("open", "witness.paragraphs('first') === '11111111' && !!window.tollgate?.getMeter")
        .await?;
    reader.scroll().await?;
    reader.wait_for("counted", "tollgate.getMeter()?.counted === true").await?;
    reader.open("/story/second").await?;
    reader.wait_for("gated", "witness.overlayOpen() && witness.paragraphs('second') === '11100000'").await
}

/// What an odd or hostile page does before our tag, and the journey on it.
async fn journey(reader: &mut Reader, before: &str) -> Result<()> {
    reads_until_gated(reader, before).await?;
    reader.escape().await?;
    reader.js::<Value>("tollgate.setEntitlement(true)").await?;
    reader.is_open("second").await?;
    reader.js::<Value>("tollgate.destroy()").await?;
    reader.settle().await
}

async fn polluted_prototypes(reader: &mut Reader) -> Result<()> {
    // Not `get` and `set`: with these no script can define a property any more, also none of the test's own.
    let polluted = "<script>for (const name of ['signal', 'passive', 'capture', 'once', 'mode', 'value', 'detail', 'bubbles', 'integrity', \
        'length', 'name', 'href', 'lang', 'hold', 'debug', 'surface', 'early', 'chosen', 'label']) \
        Object.defineProperty(Object.prototype, name, { value: undefined, writable: true, configurable: true }); \
        Object.prototype.polluted = 'yes'; Array.prototype.polluted = 'yes'; Function.prototype.polluted = 'yes'; \
        String.prototype.trim = function () { return this.replace(/^\\s+|\\s+$/g, '') };</script>";
    journey(reader, polluted).await
}

async fn no_observers(reader: &mut Reader) -> Result<()> {
    // As after a script that takes them away from trackers: the page is not followed then, or all is open; never an error.
    reader.allow(Trouble::Warning);
    for gone in ["MutationObserver", "IntersectionObserver", "navigation"] {
        let before = format!(
            "<script>Object.defineProperty(window, '{gone}', {{ value: undefined, configurable: true }})</script>"
        );
        reader.site.page(Page::article("first").tag(&closed()).before_tag(&before));
        reader.open("/story/first").await?;
        let decided = "witness.events('error').length > 0 || witness.overlayOpen()";
        reader.wait_for(gone, decided).await.with_context(|| gone.to_owned())?;
        reader.js::<Value>("tollgate.destroy()").await?;
        reader.is_open("first").await?;
        reader.is_untouched().await?;
        reader.forget_log().await;
    }
    Ok(())
}

async fn listeners_that_hear_no_signal(reader: &mut Reader) -> Result<()> {
    // As old polyfills do.
    let deaf = "<script>{ const add = EventTarget.prototype.addEventListener; \
        EventTarget.prototype.addEventListener = function (name, callback, options) { \
        return add.call(this, name, callback, typeof options === 'object' ? !!options.capture : options) } }</script>";
    journey(reader, deaf).await
}

async fn clobbered_names(reader: &mut Reader) -> Result<()> {
    let ids = "<p id=\"tollgate\"></p><img name=\"currentScript\"><form id=\"navigation\"></form><a id=\"performance\"></a><a name=\"location\"></a>";
    let story = Page::article("first").article_html();
    let names = [
        "closest",
        "parentNode",
        "remove",
        "children",
        "getAttribute",
        "textContent",
        "childNodes",
        "name",
        "id",
    ];
    let inputs: String = names.iter().map(|name| format!("<input name=\"{name}\">")).collect();
    // Beside the article, as forms are.
    reader
        .site
        .page(Page::article("first").tag(&closed()).body(&format!("{ids}<form>{inputs}</form>{story}")));
    reader.open_gated("/story/first").await?;
    reader.is_locked("first").await?;
    reader.escape().await?;
    reader.js::<Value>("window.tollgate.setEntitlement(true)").await?;
    reader.is_open("first").await?;
    reader.js::<Value>("window.tollgate.destroy()").await?;
    reader.is_untouched().await?;
    // Inside it, by names that this script itself asks elements for: the article is open, and the page as it was.
    reader.allow(Trouble::Warning);
    let form = "<form><input name=\"matches\"><input name=\"style\"><input name=\"hasAttribute\"></form><p id=\"p6\">";
    reader.site.page(Page::article("first").tag(&closed()).body(&story.replace("<p id=\"p6\">", form)));
    reader.open("/story/first").await?;
    reader.wait_for("tollgate:error", "witness.events('error').length > 0").await?;
    reader.one_warning().await?;
    reader.is_open("first").await?;
    reader.is_untouched().await
}

async fn a_translator_that_wraps_every_text(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&closed()));
    reader.open_gated("/story/first").await?;
    reader.escape().await?;
    let wrap = "const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); const texts = []; \
        while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode); \
        for (const text of texts) { const outer = document.createElement('font'); const inner = document.createElement('font'); \
            text.replaceWith(outer); outer.append(inner); inner.append(text) } window.wrapped = texts.length";
    reader.js::<Value>(wrap).await?;
    reader.is_locked("first").await?;
    reader.js::<Value>("tollgate.setEntitlement(true)").await?;
    reader.is_open("first").await?;
    let order = "[...document.querySelectorAll('.body > p')].map(it => it.id).join()";
    reader.is("in its order", order, "p1,p2,p3,p4,p5,p6,p7,p8").await?;
    reader
        .is(
            "and without a style of ours",
            "document.querySelectorAll('.body [style], .body[style]').length",
            0,
        )
        .await
}

async fn an_article_that_can_be_edited(reader: &mut Reader) -> Result<()> {
    let body = Page::article("first")
        .article_html()
        .replace("class=\"body\"", "class=\"body\" contenteditable=\"true\"");
    reader.site.page(Page::article("first").tag(&closed()).body(&body));
    reader.open_gated("/story/first").await?;
    reader.is_locked("first").await?;
    reader.escape().await?;
    reader.js::<Value>("document.querySelector('.body').focus(); tollgate.setEntitlement(true)").await?;
    reader.is_open("first").await?;
    reader.js::<Value>("tollgate.destroy()").await?;
    reader.is_untouched().await
}

/// The story's page as another kind of document.
fn as_document(reader: &Reader, prolog: &str, kind: &str) -> Response {
    let html = format!(
        "{prolog}<head><meta charset=\"utf-8\" /><script src=\"/witness.js\"></script><title>Story first</title>\
         <link rel=\"canonical\" href=\"{}\" /><script async=\"async\" src=\"/tollgate.js\" {}></script></head>\
         <body><button id=\"host-button\">Menu</button>{}</body></html>",
        reader.site.url("/story/first"),
        closed().replace('&', "&amp;"),
        Page::article("first").article_html()
    );
    Response::new(200).body(kind, html)
}

async fn works_as(reader: &mut Reader, response: Response) -> Result<()> {
    reader.site.put("/story/first", response);
    reader.open_gated("/story/first").await?;
    reader.is_locked("first").await?;
    reader.is("it is modal", "witness.overlay().modal", true).await?;
    reader.escape().await?;
    reader.is("the inline gate is there", "witness.inline() !== null", true).await?;
    reader.js::<Value>("tollgate.setEntitlement(true)").await?;
    reader.is_open("first").await?;
    reader.js::<Value>("tollgate.destroy()").await?;
    reader.is_untouched().await
}

async fn a_page_in_quirks_mode(reader: &mut Reader) -> Result<()> {
    let response = as_document(reader, "<html lang=\"en\">", "text/html; charset=utf-8");
    works_as(reader, response).await?;
    reader.is("it is one", "document.compatMode", "BackCompat").await
}

async fn a_page_in_xhtml(reader: &mut Reader) -> Result<()> {
    let prolog =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">";
    let response = as_document(reader, prolog, "application/xhtml+xml");
    works_as(reader, response).await?;
    reader.is("it is one", "document.contentType", "application/xhtml+xml").await
}

async fn cn_27_two_versions(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    let other = "<script>window.tollgate = { version: '0.0.7' }; \
        Object.defineProperty(window.tollgate, Symbol.for('tollgate'), { value: () => {} })</script>";
    reader.site.page(Page::article("first").tag(&closed()).before_tag(other));
    reader.open("/story/first").await?;
    reader.wait_for("the publisher is told", "witness.log.some(it => it.kind === 'console.warn')").await?;
    check::contains("which one runs", &reader.one_warning().await?, "0.0.7 runs")?;
    reader
        .stays(
            "the second does nothing",
            "witness.paragraphs('first') === '11111111'",
            Duration::from_millis(400),
        )
        .await?;
    reader.is("the first stays", "tollgate.version", "0.0.7").await?;
    reader.is_open("first").await?;
    reader.is_untouched().await
}

/// Settings in JSON, gated at once.
const IN_JSON: &str = "<script type=\"application/json\" data-tollgate-config>{ \"site\": \"meridian\", \"publication\": \"The Meridian\", \
    \"limit\": 0, \"content\": \"article .body\", \"subscribeUrl\": \"/subscribe\" }</script>";

async fn cn_30_the_text_evaluated(reader: &mut Reader) -> Result<()> {
    // There is no tag then: what lies beside the script cannot be found, and a gate is more than the text has.
    reader.allow(Trouble::Warning);
    let run = "<script>fetch('/tollgate.js').then(it => it.text()).then(it => (0, eval)(it))</script>";
    reader.site.page(Page::article("first").tag_written(&format!("{IN_JSON}{run}")));
    reader.open("/story/first").await?;
    let decided = "witness.events('error').length > 0 || witness.overlayOpen()";
    reader.wait_for("gated, or open and said", decided).await?;
    if reader.value("witness.overlayOpen()").await? == json!(true) {
        reader.is_locked("first").await?;
        return reader.escape().await;
    }
    reader.one_warning().await?;
    reader.is_open("first").await
}

async fn cn_30_injected_as_a_tag_manager_does(reader: &mut Reader) -> Result<()> {
    // Attributes that it does not know are dropped.
    let inject = "<script>addEventListener('load', () => setTimeout(() => { const tag = document.createElement('script'); \
        tag.async = true; tag.src = '/tollgate.js'; document.head.append(tag) }, 50))</script>";
    let page = Page::article("first").tag_written(&format!("{IN_JSON}{inject}"));
    works(reader, page).await
}
