//! The gate: how it opens and closes, what it does to the page, and that all of it is undone.

use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, seed_with};
use crate::reader::{Reader, Trouble};
use anyhow::Result;
use serde_json::{Value, json};
use std::time::Duration;
use thirtyfour::Key;

tests! {
    the_close_button_closes: ALL, Ordinary;
    a11_02_escape_closes_at_once_and_focus_returns: ALL, Ordinary;
    a11y_05_tab_stays_in_the_dialog: ALL, Ordinary;
    a11y_18_the_keyboard_alone_reaches_the_offer: ALL, Ordinary;
    is_21_the_page_does_not_scroll_while_modal: ALL, Ordinary;
    is_09_the_page_is_as_before_when_dismissed: ALL, Ordinary;
    is_17_a_deleted_overlay_gives_no_text: ALL, Ordinary;
    the_inline_gate_opens_the_overlay_again: ALL, Ordinary;
    show_and_hide: ALL, Ordinary;
    a_grant_gives_the_text_back: ALL, Ordinary;
    destroy_leaves_the_page_as_it_was: ALL, Ordinary;
    destroy_before_any_gate_leaves_the_page_as_it_was: ALL, Ordinary;
    a_subscriber_never_sees_a_gate: ALL, Ordinary;
    a_pending_answer_keeps_the_text_readable: ALL, Ordinary;
    a_refusal_leaves_it_to_the_meter: ALL, Ordinary;
    events_tell_what_happened: ALL, Ordinary;
    pv_05_forget_deletes_our_keys_only: ALL, Ordinary;
    a_late_close_of_one_overlay_leaves_the_next_one_open: ALL, Ordinary;
    destroyed_in_the_middle_everything_is_undone: ALL, Ordinary;
    a_trap_in_the_middle_puts_everything_back: ALL, Ordinary;
    a_page_that_drops_its_text_encoder_is_let_in: ALL, Ordinary;
}

/// A session that is cached and corrected at once: the old overlay's `close` comes when the new one is open.
async fn a_late_close_of_one_overlay_leaves_the_next_one_open(reader: &mut Reader) -> Result<()> {
    gated(reader, Page::article("first")).await?;
    reader
        .js::<Value>(
            "tollgate.setEntitlement({ granted: true }); tollgate.setEntitlement({ granted: false })",
        )
        .await?;
    reader.overlay().await?;
    reader.stays("the overlay is open", "witness.overlayOpen()", Duration::from_millis(500)).await?;
    check::equal("the reader dismissed nothing", reader.events("dismiss").await.len(), 0)
}

/// Puts a story on the site that is gated at once and ends with this markup.
fn put_ending_with(reader: &Reader, page: Page, markup: &str) {
    let end = "</div></article>";
    let body = page.article_html().replace(end, &[markup, end].concat());
    reader.site.page(page.tag(&seed_with("data-limit", "0")).body(&body));
}

/// The article is whole and nothing of ours is on the page.
async fn nothing_is_left(reader: &Reader) -> Result<()> {
    reader.is_open("first").await?;
    reader
        .is("nothing of ours is left", "document.querySelectorAll('tollgate-gate, main [style]').length", 0)
        .await?;
    reader.is("the page can be scrolled", "document.documentElement.getAttribute('style')", Value::Null).await
}

/// A page whose own code takes Tollgate down while it is taking the text out.
async fn destroyed_in_the_middle_everything_is_undone(reader: &mut Reader) -> Result<()> {
    let element = "<script>customElements.define('x-ad', class extends HTMLElement { \
                   disconnectedCallback() { this.gone = true; tollgate.destroy() } })</script>";
    let page = Page::article("first").before_tag(element);
    put_ending_with(reader, page, "<p><x-ad id=\"ad\">advertisement</x-ad></p>");
    reader.open("/story/first").await?;
    reader
        .wait_for("the advertisement was taken out", "document.getElementById('ad')?.gone === true")
        .await?;
    nothing_is_left(reader).await?;
    check::equal("no overlay was announced", reader.events("show").await.len(), 0)
}

/// A form whose control is called `style` hides its own style from us: an error in the middle of taking the text out.
async fn a_trap_in_the_middle_puts_everything_back(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    let form = "<form><select name=\"style\"><option>plain</select></form>";
    put_ending_with(reader, Page::article("first"), form);
    reader.open("/story/first").await?;
    reader.wait_for("an error was told", "witness.events('error').length === 1").await?;
    check::contains("it is a trap", &reader.one_warning().await?, "[trap: TypeError")?;
    nothing_is_left(reader).await?;
    reader.is("no decision stands", "tollgate.getDecision()", Value::Null).await?;
    // The module is never called again, whatever is asked of it.
    reader
        .js::<Value>("tollgate.show(); tollgate.setEntitlement({ granted: false }); tollgate.forget()")
        .await?;
    reader.is("and nothing happens", "document.querySelector('tollgate-gate') === null", true).await?;
    check::equal("no second error", reader.events("error").await.len(), 1)
}

/// What a page takes away after the script has run is not missed.
async fn a_page_that_drops_its_text_encoder_is_let_in(reader: &mut Reader) -> Result<()> {
    gated(reader, Page::article("first")).await?;
    reader.js::<Value>("window.TextEncoder = window.TextDecoder = undefined").await?;
    reader
        .js::<Value>("tollgate.setEntitlement({ granted: true, tier: 'a\\nb', grantReason: 'PAID' })")
        .await?;
    reader.wait_for("the gate is gone", "document.querySelector('tollgate-gate') === null").await?;
    reader.is("for this reason", "tollgate.getDecision().grantReason", "PAID").await
}

/// An article that is gated at once, and the reader in front of it.
async fn gated(reader: &mut Reader, page: Page) -> Result<Value> {
    reader.site.page(page.tag(&seed_with("data-limit", "0")));
    reader.open_gated("/story/first").await
}

const CLOSE: &str = "witness.overlayRoot().querySelector('button[part~=close]')";

async fn the_close_button_closes(reader: &mut Reader) -> Result<()> {
    gated(reader, Page::article("first")).await?;
    reader.click(CLOSE).await?;
    reader.wait_for("the overlay is closed", "!witness.overlayOpen()").await?;
    reader.is_locked("first").await?;
    reader.is("the inline gate is there", "witness.inline() !== null", true).await?;
    // The page is the reader's again: its own button works.
    reader
        .js::<Value>("document.getElementById('host-button').onclick = () => { window.pressed = true }")
        .await?;
    reader.click("document.getElementById('host-button')").await?;
    reader.is("the host's button was pressed", "window.pressed === true", true).await
}

async fn a11_02_escape_closes_at_once_and_focus_returns(reader: &mut Reader) -> Result<()> {
    let page = Page::article("first").last("<script>document.getElementById('host-button').focus()</script>");
    let overlay = gated(reader, page).await?;
    check::json("it is modal", &overlay["modal"], &json!(true))?;
    reader.is("the focus is inside the overlay", "witness.focusInside() !== null", true).await?;
    reader.press(Key::Escape).await?;
    reader.wait_for("closed by the first Escape", "!witness.overlayOpen()").await?;
    reader.wait_for("the focus is where it was", "document.activeElement.id === 'host-button'").await?;
    for _ in 0..3 {
        reader.press(Key::Escape).await?;
    }
    reader.is_locked("first").await?;
    reader.is("the inline gate is there", "witness.inline() !== null", true).await
}

async fn a11y_05_tab_stays_in_the_dialog(reader: &mut Reader) -> Result<()> {
    gated(reader, Page::article("first")).await?;
    let mut stops = Vec::new();
    for turn in 0..24 {
        match turn < 12 {
            true => reader.press(Key::Tab).await?,
            false => reader.press_with_shift(Key::Tab).await?,
        }
        let stop = reader
            .value("witness.focusInside() ?? (document.activeElement === document.body ? 'body' : document.activeElement.localName)")
            .await?;
        stops.push(stop.as_str().unwrap_or_default().to_owned());
    }
    let strays: Vec<_> = stops
        .iter()
        .filter(|stop| {
            matches!(stop.as_str(), "a" | "button") && !stop.contains(' ') || stop.contains("host-button")
        })
        .collect();
    check::that(&format!("no focus on the host page in {stops:?}"), strays.is_empty())?;
    for part in ["input", "a cta", "a login", "button close"] {
        let reached = stops.iter().any(|stop| stop.starts_with(part));
        // WebKit does not stop at links by Tab unless the reader has asked for it, as on a Mac.
        let skipped = reader.engine == crate::engine::Engine::WebKit && part.starts_with("a ");
        check::that(&format!("Tab reaches {part}: {stops:?}"), reached || skipped)?;
    }
    Ok(())
}

async fn a11y_18_the_keyboard_alone_reaches_the_offer(reader: &mut Reader) -> Result<()> {
    gated(reader, Page::article("first")).await?;
    reader.site.page(Page::plain("/subscribe"));
    reader.js::<Value>("witness.overlayRoot().querySelector('a[part~=cta]').focus()").await?;
    reader.settle().await?;
    reader.press(Key::Enter).await?;
    reader.wait_for("Enter follows the link", "location.pathname === '/subscribe'").await?;
    reader.is("the chosen plan", "new URL(location).searchParams.get('plan')", "free-trial").await?;
    let story = reader.site.url("/story/first");
    reader.is("the way back", "new URL(location).searchParams.get('return')", story).await
}

async fn is_21_the_page_does_not_scroll_while_modal(reader: &mut Reader) -> Result<()> {
    gated(reader, Page::article("first")).await?;
    reader.escape().await?;
    reader.js::<Value>("window.scrollTo(0, 300)").await?;
    reader.is("the page scrolls", "Math.round(scrollY)", 300).await?;
    reader.js::<Value>("tollgate.show()").await?;
    reader.overlay().await?;
    reader.is("the root is locked", "getComputedStyle(document.documentElement).overflowY", "hidden").await?;
    for _ in 0..3 {
        reader.press(Key::PageDown).await?;
    }
    reader.stays("nothing moves", "Math.abs(scrollY - 300) <= 1", Duration::from_millis(400)).await?;
    reader.escape().await?;
    reader.is("the page is where it was", "Math.abs(scrollY - 300) <= 1", true).await?;
    reader.press(Key::PageDown).await?;
    reader.wait_for("the page scrolls again", "scrollY > 310").await
}

async fn is_09_the_page_is_as_before_when_dismissed(reader: &mut Reader) -> Result<()> {
    let page = Page::article("first")
        .html_attributes("style=\"overflow-x: clip; --own: 1\" class=\"news\"")
        .body_attributes("style=\"margin-top: 1px\"");
    reader.site.page(page.clone());
    gated(reader, page).await?;
    reader.escape().await?;
    let attributes = "['documentElement', 'body'].map(name => [...document[name].attributes]\
                      .map(it => it.name + '=' + it.value).join(' ')).join(' / ')";
    reader
        .is(
            "the attributes of html and body",
            attributes,
            "lang=en style=overflow-x: clip; --own: 1 class=news data-paragraphs=8 / style=margin-top: 1px",
        )
        .await
}

async fn is_17_a_deleted_overlay_gives_no_text(reader: &mut Reader) -> Result<()> {
    gated(reader, Page::article("first")).await?;
    reader.js::<Value>("for (const host of witness.hosts('overlay')) host.remove()").await?;
    reader
        .stays(
            "the text stays away",
            "witness.paragraphs('first') === '11100000'",
            Duration::from_millis(500),
        )
        .await?;
    reader.is("the inline gate is there", "witness.inline() !== null", true).await
}

async fn the_inline_gate_opens_the_overlay_again(reader: &mut Reader) -> Result<()> {
    let first = gated(reader, Page::article("first")).await?;
    reader.escape().await?;
    let button = "witness.inlineRoot().querySelector('button')";
    reader.is("the inline gate has a button", &format!("{button} !== null"), true).await?;
    reader.js::<Value>(&format!("{button}.scrollIntoView({{ block: 'center' }})")).await?;
    reader.click(button).await?;
    let again = reader.overlay().await?;
    check::json("the same overlay", &again, &first)?;
    reader.escape().await?;
    reader
        .is("the focus is back on the inline gate", "witness.inlineRoot().activeElement?.localName", "button")
        .await
}

async fn show_and_hide(reader: &mut Reader) -> Result<()> {
    gated(reader, Page::article("first")).await?;
    for _ in 0..2 {
        reader.js::<Value>("tollgate.hide()").await?;
        reader.wait_for("hidden", "!witness.overlayOpen()").await?;
        reader.js::<Value>("tollgate.show()").await?;
        let overlay = reader.overlay().await?;
        check::json("modal again", &overlay["modal"], &json!(true))?;
        check::json("one overlay", &overlay["hosts"], &json!(1))?;
    }
    reader.js::<Value>("tollgate.show()").await?;
    reader.is("showing twice is showing once", "witness.overlay().hosts", 1).await?;
    reader.is_locked("first").await
}

/// The text comes back as the same nodes, between the same neighbours; nothing of ours is left.
async fn a_grant_gives_the_text_back(reader: &mut Reader) -> Result<()> {
    gated(reader, Page::article("first")).await?;
    reader.is_locked("first").await?;
    reader.js::<Value>("tollgate.setEntitlement({ granted: true, grantReason: 'SUBSCRIBER' })").await?;
    reader.wait_for("the text is back", "witness.paragraphs('first') === '11111111'").await?;
    reader.wait_for("no gate", "document.querySelectorAll('tollgate-gate').length === 0").await?;
    reader.is_untouched().await?;
    reader.is("granted", "tollgate.getDecision().granted", true).await?;
    reader.is("for this reason", "tollgate.getDecision().grantReason", "SUBSCRIBER").await?;
    reader.scroll().await?;
    reader
        .stays("a subscriber's read is not counted", "localStorage.length === 0", Duration::from_millis(300))
        .await
}

async fn destroy_leaves_the_page_as_it_was(reader: &mut Reader) -> Result<()> {
    let page = Page::article("first").html_attributes("style=\"color: black\"");
    gated(reader, page).await?;
    reader.js::<Value>("tollgate.destroy()").await?;
    reader.is_open("first").await?;
    reader.is_untouched().await?;
    reader.scroll().await?;
    reader.js::<Value>("tollgate.show(); tollgate.setEntitlement({ granted: false }); tollgate.hide(); tollgate.forget()").await?;
    reader
        .stays(
            "inert from now on",
            "document.querySelector('tollgate-gate') === null",
            Duration::from_millis(300),
        )
        .await?;
    reader.is_untouched().await?;
    reader.ledger_has(0).await
}

async fn destroy_before_any_gate_leaves_the_page_as_it_was(reader: &mut Reader) -> Result<()> {
    // Not the last free read, which has a notice.
    reader.site.page(Page::article("first").tag(&seed_with("data-limit", "2")));
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.is_untouched().await?;
    reader.js::<Value>("tollgate.destroy()").await?;
    reader.scroll().await?;
    reader.stays("nothing is counted", "localStorage.length === 0", Duration::from_millis(3_300)).await?;
    reader.is_untouched().await
}

/// The queue is there before the script: `(window.tollgate = window.tollgate || []).push(…)`.
fn queued(call: &str) -> String {
    format!(
        "<script>(window.tollgate = window.tollgate || []).push(it => it.setEntitlement({call}));\
         window.gates = 0; new MutationObserver(() => {{ window.gates += document.querySelectorAll('tollgate-gate').length }})\
         .observe(document, {{ childList: true, subtree: true }});</script>"
    )
}

async fn a_subscriber_never_sees_a_gate(reader: &mut Reader) -> Result<()> {
    for call in [
        "{ granted: true, grantReason: 'SUBSCRIBER' }",
        "Promise.resolve({ granted: true, grantReason: 'SUBSCRIBER' })",
        "async () => ({ granted: true, grantReason: 'SUBSCRIBER' })",
    ] {
        gated_page(reader, call);
        reader.open("/story/first").await?;
        reader.granted().await?;
        reader.scroll().await?;
        let never = "window.gates === 0 && witness.paragraphs('first') === '11111111'";
        reader.stays("never a gate", never, Duration::from_millis(500)).await?;
        reader.is("for this reason", "tollgate.getDecision().grantReason", "SUBSCRIBER").await?;
        reader.ledger_has(0).await?;
    }
    Ok(())
}

fn gated_page(reader: &Reader, call: &str) {
    reader.site.page(Page::article("first").tag(&seed_with("data-limit", "0")).before_tag(&queued(call)));
}

async fn a_pending_answer_keeps_the_text_readable(reader: &mut Reader) -> Result<()> {
    gated_page(reader, "new Promise(resolve => { window.answer = resolve })");
    reader.open("/story/first").await?;
    reader.wait_for("the script has run", "!!window.answer").await?;
    reader.scroll().await?;
    let readable =
        "window.gates === 0 && witness.paragraphs('first') === '11111111' && localStorage.length === 0";
    reader.stays("readable and not counted", readable, Duration::from_millis(600)).await?;
    reader.js::<Value>("window.answer({ granted: false })").await?;
    reader.overlay().await?;
    reader.is_locked("first").await?;
    // A rejection is no answer: open, and not counted.
    gated_page(reader, "Promise.reject(new Error('no network'))");
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.scroll().await?;
    reader.stays("open without an answer", readable, Duration::from_millis(500)).await?;
    reader.is("for this reason", "tollgate.getDecision().grantReason", "FALLBACK").await?;
    reader.warnings().await;
    Ok(())
}

async fn a_refusal_leaves_it_to_the_meter(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).before_tag(&queued("{ granted: false }")));
    }
    reader.read("/story/first").await?;
    reader.is_open("first").await?;
    reader.ledger_has(1).await?;
    reader.open_gated("/story/second").await?;
    reader.is("not granted", "tollgate.getDecision().granted", false).await
}

async fn events_tell_what_happened(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug));
    }
    reader.site.page(Page::plain("/subscribe"));
    // The notice comes with the gate's script: the read counts after it here.
    reader.open("/story/first").await?;
    reader.wait_for("the notice", "witness.events('show').length === 1").await?;
    reader.scroll().await?;
    reader.counted().await?;
    check::equal(
        "a free read's events",
        reader.event_names().await,
        words(&["granted", "ready", "meter", "show", "meter"]),
    )?;
    check::equal("the notice", reader.events("show").await, vec![json!({ "surface": "notice" })])?;
    let counted: Vec<Value> =
        reader.events("meter").await.into_iter().map(|mut detail| detail["counted"].take()).collect();
    check::equal("told once that it is counted", counted, vec![json!(false), json!(true)])?;

    reader.forget_log().await;
    reader.open_gated("/story/second").await?;
    check::equal(
        "a gate's events",
        reader.event_names().await,
        words(&["denied", "ready", "meter", "lock", "show"]),
    )?;
    check::equal("what is shown", reader.events("show").await, vec![json!({ "surface": "overlay" })])?;
    reader.escape().await?;
    check::equal("dismissed once", reader.events("dismiss").await.len(), 1)?;
    check::equal("what is hidden", reader.events("hide").await, vec![json!({ "surface": "overlay" })])?;

    reader.js::<Value>("tollgate.show()").await?;
    reader.overlay().await?;
    reader
        .js::<Value>(
            "document.addEventListener('click', event => event.preventDefault()); \
             witness.overlayRoot().querySelector('a[part~=cta]').click(); \
             witness.overlayRoot().querySelector('a[part~=login]').click()",
        )
        .await?;
    let subscribe = reader.events("subscribe-click").await;
    check::equal("one subscribe click", subscribe.len(), 1)?;
    check::json("its plan", &subscribe[0]["plan"], &json!("free-trial"))?;
    let address = reader.value("witness.overlay().cta.href").await?;
    check::json("its address", &subscribe[0]["url"], &address)?;
    let log_in = reader.events("login-click").await;
    check::equal("one log-in click", log_in.len(), 1)?;
    check::json("its address", &log_in[0]["url"], &reader.value("witness.overlay().login.href").await?)?;

    reader.js::<Value>("tollgate.setEntitlement({ granted: true, grantReason: 'SUBSCRIBER' })").await?;
    reader.wait_for("released", "witness.events('release').length === 1").await?;
    check::equal("granted once", reader.events("granted").await.len(), 1)
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

async fn pv_05_forget_deletes_our_keys_only(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug));
    }
    reader.read("/story/first").await?;
    reader.open_gated("/story/second").await?;
    reader
        .js::<Value>("localStorage.setItem('theirs', '1'); localStorage.setItem('tollgate10:x', '2'); tollgate.forget()")
        .await?;
    reader.wait_for("decided anew: open", "witness.paragraphs('second') === '11111111'").await?;
    reader.is("the host's keys stay", "localStorage.theirs + localStorage['tollgate10:x']", "12").await?;
    reader
        .is(
            "the old read is forgotten",
            "Object.keys(localStorage).filter(key => key.startsWith('tollgate1:')).length <= 1 && tollgate.getMeter().reads <= 1",
            true,
        )
        .await
}
