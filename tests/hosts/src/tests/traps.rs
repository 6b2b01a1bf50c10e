//! Traps: wherever the module aborts, all is undone, the page is alive, and the module is never called again.

use super::failures::closed;
use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, seed_with, seed_with_all};
use crate::reader::{Reader, Trouble};
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::time::Duration;

tests! {
    ld_18_a_trap_at_the_start: ALL, Ordinary;
    ld_19_a_trap_in_a_click: ALL, Ordinary;
    ld_19_a_trap_in_a_timer: ALL, Ordinary;
    ld_19_a_trap_in_a_storage_event: ALL, Ordinary;
    ld_19_a_trap_when_the_gates_script_comes: ALL, Ordinary;
    ld_19_a_trap_when_the_page_is_hidden: ALL, Ordinary;
    ld_19_a_trap_in_a_call_of_the_hosts: ALL, Ordinary;
    ld_19_a_trap_when_the_page_changes: ALL, Ordinary;
    ld_19_a_trap_when_the_page_is_turned: ALL, Ordinary;
    ld_20_no_stack_and_no_memory_left: ALL, Ordinary;
}

/// Puts a layer around the module: every call from outside is counted in `calls`, and where `trapNext` says so the next one runs into
/// a trap of that kind, made by a module of three functions: `unreachable`; a call of itself; memory that cannot grow.
const LAYER: &str = "<script>{ \
    const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 4, 3, 0, 0, 0, 5, 4, 1, 1, 1, 1, \
        7, 13, 3, 1, 117, 0, 0, 1, 115, 0, 1, 1, 109, 0, 2, \
        10, 24, 3, 3, 0, 0, 11, 4, 0, 16, 1, 11, 13, 0, 65, 1, 64, 0, 65, 127, 70, 4, 64, 0, 11, 11]); \
    const { Instance, Module } = WebAssembly; \
    const traps = new Instance(new Module(bytes)).exports; \
    window.calls = 0; \
    window.trapNext = ''; \
    let depth = 0; \
    const layered = call => (...given) => { \
        if (!depth && given.length === 2) { \
            calls += 1; \
            const kind = trapNext; \
            window.trapNext = ''; \
            if (kind) traps[kind](); \
        } \
        depth += 1; \
        try { return call(...given) } finally { depth -= 1 } \
    }; \
    WebAssembly.Instance = function (...given) { \
        const entries = Object.entries(new Instance(...given).exports); \
        return { exports: Object.fromEntries(entries.map(([name, it]) => [name, typeof it === 'function' ? layered(it) : it])) }; \
    }; \
    }</script>";

/// A story under that layer.
fn layered(tag: &str) -> Page {
    Page::article("first").tag(tag).before_tag(LAYER)
}

/// The module has trapped: nothing of ours is left, the publisher was told once, and nothing calls it any more.
async fn is_over(reader: &mut Reader) -> Result<()> {
    reader.wait_for("tollgate:error", "witness.events('error').length > 0").await?;
    reader.is("its code", "witness.events('error')[0].detail.code", "trap").await?;
    reader.is("the trap was run into", "window.trapNext", "").await?;
    reader.wait_for("nothing of ours is left", "document.querySelector('tollgate-gate') === null").await?;
    reader.is("the page can be scrolled", "document.documentElement.style.overflow", "").await?;
    reader.one_warning().await?;
    // Whatever happens now, the module is left alone.
    let calls = reader.value("window.calls").await?;
    reader
        .js::<Value>(
            "tollgate.show(); tollgate.hide(); tollgate.setEntitlement(true); tollgate.setEntitlement(Promise.resolve(false)); \
             tollgate.forget(); tollgate.consent(true); tollgate.consent(false); tollgate.navigate(); tollgate.push(() => {}); \
             document.dispatchEvent(new Event('visibilitychange')); dispatchEvent(new StorageEvent('storage', { key: null })); \
             dispatchEvent(new PointerEvent('pointerdown')); dispatchEvent(new Event('scroll')); \
             dispatchEvent(new PopStateEvent('popstate')); { const it = new Text('x'); document.body.append(it); it.remove() } tollgate.destroy()",
        )
        .await?;
    reader
        .stays("nothing calls the module", &format!("window.calls === {calls}"), Duration::from_millis(1_300))
        .await?;
    check::equal("tollgate:error events", reader.events("error").await.len(), 1)?;
    check::equal("no further warning", reader.warnings().await, Vec::<String>::new())?;
    reader
        .js::<Value>("document.getElementById('host-button').onclick = () => window.pressed = true")
        .await?;
    reader.js::<Value>("document.getElementById('host-button').scrollIntoView({ block: 'center' })").await?;
    reader.click("document.getElementById('host-button')").await?;
    reader.wait_for("the host's button works", "window.pressed === true").await
}

/// The same, on a page that is as its author wrote it.
async fn is_over_and_undone(reader: &mut Reader) -> Result<()> {
    is_over(reader).await?;
    reader.is_open("first").await?;
    reader.is_untouched().await
}

/// At a page that was gated when this is run; then the module traps.
async fn trapped_by(reader: &mut Reader, code: &str) -> Result<()> {
    reader.allow(Trouble::Warning);
    reader.site.page(layered(&closed()));
    reader.open_gated("/story/first").await?;
    reader.is("it was called", "window.calls > 1", true).await?;
    reader.js::<Value>(&format!("window.trapNext = 'u'; {code}")).await?;
    is_over_and_undone(reader).await
}

async fn ld_18_a_trap_at_the_start(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    let queue = "<script>window.trapNext = 'u'; window.tollgate = [() => window.ran = true]</script>";
    reader.site.page(layered(&closed()).before_tag(queue));
    reader.open("/story/first").await?;
    is_over_and_undone(reader).await
}

async fn ld_19_a_trap_in_a_click(reader: &mut Reader) -> Result<()> {
    trapped_by(reader, "witness.overlayRoot().querySelector('button[part~=close]').click()").await
}

async fn ld_19_a_trap_in_a_timer(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    reader.site.page(layered(&seed_with_all(&[("data-limit", "3"), ("data-dwell", "1")])));
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.js::<Value>("window.trapNext = 'u'").await?;
    is_over_and_undone(reader).await?;
    reader.ledger_has(0).await
}

async fn ld_19_a_trap_in_a_storage_event(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    reader.site.page(layered(&closed()));
    reader.site.page(Page::plain("/"));
    reader.open_gated("/story/first").await?;
    reader.js::<Value>("window.trapNext = 'u'").await?;
    let one = reader.window().await?;
    let two = reader.another_window().await?;
    reader.open("/").await?;
    reader.js::<Value>("localStorage.setItem('tollgate1:meridian:r:2031-05:AAAAAAAAAAAAAAAA', '1')").await?;
    reader.settle().await?;
    reader.switch_to(&one).await?;
    is_over_and_undone(reader).await?;
    reader.settle().await?;
    reader.switch_to(&two).await
}

async fn ld_19_a_trap_when_the_gates_script_comes(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    reader.site.slow(&reader.site.gate()?, Duration::from_millis(400));
    let then = "<script>addEventListener('tollgate:denied', () => { window.cut = witness.paragraphs('first'); window.trapNext = 'u' })</script>";
    reader.site.page(layered(&closed()).before_tag(then));
    reader.open("/story/first").await?;
    is_over_and_undone(reader).await?;
    reader.is("the text was cut until then", "window.cut", "11100000").await
}

async fn ld_19_a_trap_when_the_page_is_hidden(reader: &mut Reader) -> Result<()> {
    trapped_by(reader, "document.dispatchEvent(new Event('visibilitychange'))").await
}

async fn ld_19_a_trap_in_a_call_of_the_hosts(reader: &mut Reader) -> Result<()> {
    trapped_by(reader, "tollgate.setEntitlement({ granted: false })").await?;
    reader.forget_log().await;
    // Where the host's promise is answered.
    trapped_by(reader, "window.trapNext = ''; tollgate.setEntitlement(new Promise(resolve => setTimeout(() => { window.trapNext = 'u'; resolve(true) }, 50)))").await
}

async fn ld_19_a_trap_when_the_page_changes(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    let body = Page::article("first").article_html();
    let page = layered(&closed())
        .body(&format!("<div data-tollgate-id=\"one\">{body}</div><div id=\"more\"></div>"));
    reader.site.page(page);
    reader.open_gated("/story/first").await?;
    let more = "window.trapNext = 'u'; const copy = document.querySelector('[data-tollgate-id]').cloneNode(true); \
                copy.dataset.tollgateId = 'two'; copy.querySelectorAll('tollgate-gate').forEach(it => it.remove()); \
                document.getElementById('more').append(copy)";
    reader.js::<Value>(more).await?;
    is_over(reader).await?;
    reader
        .is(
            "the article is whole",
            "document.querySelector('[data-tollgate-id=one]').textContent.includes('first-paragraph-8.')",
            true,
        )
        .await
}

async fn ld_19_a_trap_when_the_page_is_turned(reader: &mut Reader) -> Result<()> {
    trapped_by(reader, "history.pushState(null, '', '/story/second')").await
}

async fn ld_20_no_stack_and_no_memory_left(reader: &mut Reader) -> Result<()> {
    for kind in ["s", "m"] {
        trapped_by(reader, &format!("window.trapNext = '{kind}'; tollgate.hide()"))
            .await
            .with_context(|| kind.to_owned())?;
        reader.forget_log().await;
    }
    // What trapped on the last page is of no concern to the next.
    reader.site.page(Page::article("second").tag(&seed_with("data-limit", "0")));
    reader.open_gated("/story/second").await?;
    reader.is_locked("second").await
}
