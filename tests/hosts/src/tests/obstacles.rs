//! What no overlay may cover: consent banners, dialogs and full-screen video of the page's own; and pages that fight back.

use super::failures::closed;
use super::tests;
use crate::check;
use crate::engine::{ALL, CHROMIUM_AND_FIREFOX, ONLY_CHROMIUM};
use crate::page::{Page, seed_with_all};
use crate::reader::{Reader, Trouble};
use anyhow::Result;
use serde_json::{Value, json};
use std::time::Duration;

tests! {
    is_10_a_dialog_of_the_pages_own_after_ours: ALL, Ordinary;
    is_10_a_dialog_of_the_pages_own_before_ours: ALL, Ordinary;
    is_11_a_banner_is_never_covered: ALL, Ordinary;
    is_11_a_banner_that_comes_later_closes_the_overlay: ALL, Ordinary;
    is_11_a_consent_manager_says_that_it_shows: ALL, Ordinary;
    is_11_a_well_known_banner_is_waited_for: ALL, Ordinary;
    is_12_a_banner_as_popover_dialog_or_frame: ALL, Ordinary;
    is_13_full_screen_is_not_covered: CHROMIUM_AND_FIREFOX, Ordinary;
    is_14_what_is_removed_comes_back_three_times: ALL, Ordinary;
    is_16_a_removed_overlay_is_modal_again: ALL, Ordinary;
    is_22_opening_shifts_nothing: ONLY_CHROMIUM, Ordinary;
    a_selector_that_is_none_waits_for_nothing: ALL, Ordinary;
    an_overlay_that_is_always_removed_lets_the_page_go: ALL, Ordinary;
    an_overlay_goes_with_its_article: ALL, Ordinary;
    an_overlay_that_stays_is_not_closed_by_the_page: ALL, Ordinary;
    an_own_element_that_does_not_close_is_given_what_does: ALL, Ordinary;
    a_language_tag_that_no_browser_knows_is_served: ALL, Ordinary;
}

const BANNER: &str = "<div id=\"banner\" style=\"position: fixed; inset: auto 0 0 0; z-index: 2147483647; background: #fff; padding: 1em\">\
    We use biscuits. <button id=\"accept\" onclick=\"window.accepted = true; document.getElementById('banner').remove()\">Accept</button></div>";

fn waiting() -> String {
    seed_with_all(&[("data-limit", "0"), ("data-wait-for", "#banner")])
}

/// The article is gated, and no overlay is open for a while.
async fn gated_without_overlay(reader: &Reader) -> Result<()> {
    reader.wait_for("the inline gate is there", "witness.inline() !== null").await?;
    reader.is_locked("first").await?;
    reader.stays("no overlay opens", "!witness.overlayOpen()", Duration::from_millis(700)).await
}

async fn is_11_a_banner_is_never_covered(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").last(BANNER).tag(&waiting()));
    reader.open("/story/first").await?;
    gated_without_overlay(reader).await?;
    reader.js::<Value>("tollgate.show()").await?;
    reader.stays("not even when it is wanted", "!witness.overlayOpen()", Duration::from_millis(400)).await?;
    reader.click("document.getElementById('accept')").await?;
    reader.is("the banner took the click", "window.accepted === true", true).await?;
    reader.overlay().await?;
    Ok(())
}

async fn is_11_a_banner_that_comes_later_closes_the_overlay(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&waiting()));
    reader.open_gated("/story/first").await?;
    reader.js::<Value>(&format!("document.body.insertAdjacentHTML('beforeend', {})", json!(BANNER))).await?;
    reader.wait_for("the overlay is closed", "!witness.overlayOpen()").await?;
    reader.is("the page is let go", "document.documentElement.getAttribute('style')", Value::Null).await?;
    check::equal("the reader dismissed nothing", reader.events("dismiss").await.len(), 0)?;
    reader.click("document.getElementById('accept')").await?;
    reader.overlay().await?;
    reader.is_locked("first").await
}

async fn is_11_a_consent_manager_says_that_it_shows(reader: &mut Reader) -> Result<()> {
    let manager = "<script>window.__tcfapi = (command, version, callback) => { if (command !== 'addEventListener') return; \
                   window.say = eventStatus => callback({ eventStatus, listenerId: 1 }, true); window.say('cmpuishown') }</script>";
    reader.site.page(Page::article("first").before_tag(manager).tag(&closed()));
    reader.open("/story/first").await?;
    gated_without_overlay(reader).await?;
    reader.js::<Value>("say('useractioncomplete')").await?;
    reader.overlay().await?;
    Ok(())
}

async fn is_11_a_well_known_banner_is_waited_for(reader: &mut Reader) -> Result<()> {
    let banner = "<div id=\"onetrust-banner-sdk\" style=\"position: fixed; bottom: 0\">Biscuits</div>";
    reader.site.page(Page::article("first").last(banner).tag(&closed()));
    reader.open("/story/first").await?;
    gated_without_overlay(reader).await?;
    // It stays in the page, and is hidden.
    reader.js::<Value>("document.getElementById('onetrust-banner-sdk').style.display = 'none'").await?;
    reader.overlay().await?;
    Ok(())
}

async fn is_12_a_banner_as_popover_dialog_or_frame(reader: &mut Reader) -> Result<()> {
    for (what, banner, show, hide) in [
        (
            "popover",
            "<div id=\"banner\" popover=\"manual\">Biscuits</div>",
            "banner.showPopover()",
            "banner.hidePopover()",
        ),
        ("dialog", "<dialog id=\"banner\">Biscuits</dialog>", "banner.showModal()", "banner.close()"),
        ("frame", "<iframe id=\"banner\" srcdoc=\"Biscuits\"></iframe>", "0", "banner.remove()"),
    ] {
        let body = format!("{banner}<script>{show}</script>");
        reader.site.page(Page::article("first").last(&body).tag(&waiting()));
        reader.open("/story/first").await?;
        gated_without_overlay(reader).await?;
        reader.js::<Value>(hide).await?;
        reader.wait_for(what, "witness.overlayOpen()").await?;
    }
    Ok(())
}

const OWN: &str = "<dialog id=\"own\">The page's own <button id=\"own-button\" onclick=\"window.clicked = true\">Yes</button></dialog>";

async fn is_10_a_dialog_of_the_pages_own_after_ours(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").last(OWN).tag(&closed()));
    reader.open_gated("/story/first").await?;
    reader.js::<Value>("own.showModal()").await?;
    reader.wait_for("ours gives way", "!witness.overlayOpen()").await?;
    reader.click("document.getElementById('own-button')").await?;
    reader.is("theirs takes the click", "window.clicked === true", true).await?;
    reader.js::<Value>("own.close()").await?;
    reader.overlay().await?;
    reader.click("witness.overlayRoot().querySelector('[part~=close]')").await?;
    reader.wait_for("ours can be closed", "!witness.overlayOpen()").await
}

async fn is_10_a_dialog_of_the_pages_own_before_ours(reader: &mut Reader) -> Result<()> {
    let open = format!("{OWN}<script>own.showModal()</script>");
    reader.site.page(Page::article("first").last(&open).tag(&closed()));
    reader.open("/story/first").await?;
    gated_without_overlay(reader).await?;
    reader.click("document.getElementById('own-button')").await?;
    reader.is("theirs takes the click", "window.clicked === true", true).await?;
    reader.js::<Value>("own.close()").await?;
    reader.overlay().await?;
    Ok(())
}

async fn is_13_full_screen_is_not_covered(reader: &mut Reader) -> Result<()> {
    let video = "<div id=\"video\" style=\"background: #000; height: 4em\" onclick=\"this.requestFullscreen()\">A film</div>";
    // A registered reader, whose session ends while the film runs.
    let knows =
        "<script>(window.tollgate = window.tollgate || []).push(it => it.setEntitlement(true))</script>";
    reader.site.page(Page::article("first").last(video).before_tag(knows).tag(&closed()));
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.js::<Value>("document.getElementById('video').scrollIntoView({ block: 'center' })").await?;
    reader.click("document.getElementById('video')").await?;
    reader.wait_for("the film fills the screen", "document.fullscreenElement !== null").await?;
    reader.js::<Value>("tollgate.setEntitlement(false)").await?;
    gated_without_overlay(reader).await?;
    reader.is("it still does", "document.fullscreenElement !== null", true).await?;
    reader.promised("document.exitFullscreen()").await?;
    reader.overlay().await?;
    Ok(())
}

async fn is_14_what_is_removed_comes_back_three_times(reader: &mut Reader) -> Result<()> {
    let fight = "<script>window.removed = 0; new MutationObserver(changes => { for (const { addedNodes } of changes) \
                 for (const node of addedNodes) if (node.localName === 'tollgate-gate' && node.dataset.tollgateSurface === 'inline') { \
                 node.remove(); removed += 1 } }).observe(document, { childList: true, subtree: true })</script>";
    reader.site.page(Page::article("first").before_tag(fight).tag(&closed()));
    reader.open_gated("/story/first").await?;
    reader.escape().await?;
    reader.wait_for("it came back three times", "removed === 4").await?;
    reader.stays("and then no more", "removed === 4", Duration::from_millis(1200)).await?;
    reader.is_locked("first").await?;
    reader.js::<Value>("tollgate.destroy()").await?;
    reader.is_untouched().await
}

async fn is_16_a_removed_overlay_is_modal_again(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&closed()));
    reader.open_gated("/story/first").await?;
    reader.js::<Value>("witness.hosts('overlay')[0].remove()").await?;
    reader.wait_for("it is back", "witness.dialog()?.matches(':modal') === true").await?;
    reader.is("with the focus", "witness.focusInside()", "h2 headline").await?;
    reader.stays("and stays", "witness.overlayOpen()", Duration::from_millis(400)).await?;
    reader.escape().await?;
    reader.is_locked("first").await?;
    reader.stays("closed it does not come back", "!witness.overlayOpen()", Duration::from_millis(600)).await
}

async fn is_22_opening_shifts_nothing(reader: &mut Reader) -> Result<()> {
    let look = "<script>window.shift = 0; new PerformanceObserver(list => { for (const entry of list.getEntries()) shift += entry.value })\
                .observe({ type: 'layout-shift', buffered: true })</script>";
    reader.site.page(Page::article("first").before_tag(look).tag(&closed()));
    reader.open_gated("/story/first").await?;
    reader.escape().await?;
    let before = reader.value("shift").await?;
    for _ in 0..3 {
        reader.js::<Value>("tollgate.show()").await?;
        reader.overlay().await?;
        reader.js::<Value>("tollgate.hide()").await?;
        reader.wait_for("closed", "!witness.overlayOpen()").await?;
    }
    reader
        .promised("new Promise(done => requestAnimationFrame(() => setTimeout(() => done(true), 100)))")
        .await?;
    let after = reader.value("shift").await?;
    let shifted = after.as_f64().unwrap_or(1.0) - before.as_f64().unwrap_or(0.0);
    check::that(&format!("opening and closing shifts the page by {shifted}"), shifted <= 0.01)
}

async fn a_selector_that_is_none_waits_for_nothing(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    let tag = seed_with_all(&[("data-limit", "0"), ("data-wait-for", "#banner[")]);
    reader.site.page(Page::article("first").last(BANNER).tag(&tag));
    reader.open_gated("/story/first").await?;
    check::contains(
        "it is named",
        &reader.one_warning().await?,
        "data-wait-for=\"#banner[\": no CSS selector",
    )?;
    reader.is_locked("first").await
}

async fn an_overlay_that_is_always_removed_lets_the_page_go(reader: &mut Reader) -> Result<()> {
    let fight = "<script>window.removed = 0; new MutationObserver(changes => { for (const { addedNodes } of changes) \
                 for (const node of addedNodes) if (node.localName === 'tollgate-gate' && node.dataset.tollgateSurface === 'overlay') { \
                 node.remove(); removed += 1 } }).observe(document, { childList: true, subtree: true })</script>";
    reader.site.page(Page::article("first").before_tag(fight).tag(&closed()));
    reader.open("/story/first").await?;
    reader.wait_for("it came back three times", "removed === 4").await?;
    reader
        .wait_for("the page can be scrolled", "document.documentElement.getAttribute('style') === null")
        .await?;
    reader.is("the inline gate stays", "witness.inline() !== null", true).await?;
    reader.is_locked("first").await
}

/// What a router does: the article goes, and something else comes in its place.
async fn an_overlay_goes_with_its_article(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&closed()));
    reader.open_gated("/story/first").await?;
    reader
        .js::<Value>("for (const host of witness.hosts('overlay')) host.remove(); document.querySelector('main').replaceWith('Subscribe here')")
        .await?;
    reader
        .wait_for("the page can be scrolled", "document.documentElement.getAttribute('style') === null")
        .await?;
    reader
        .stays("it does not come back", "witness.hosts('overlay').length === 0", Duration::from_millis(700))
        .await
}

async fn an_overlay_that_stays_is_not_closed_by_the_page(reader: &mut Reader) -> Result<()> {
    reader.site.page(
        Page::article("first")
            .tag(&seed_with_all(&[("data-limit", "3"), ("data-steps", "subscribe hard from 1")])),
    );
    reader.open_gated("/story/first").await?;
    reader.js::<Value>("witness.dialog().close()").await?;
    reader.wait_for("it is open again", "witness.dialog()?.matches(':modal') === true").await?;
    reader.js::<Value>("tollgate.setEntitlement(true)").await?;
    reader.is_untouched().await
}

async fn an_own_element_that_does_not_close_is_given_what_does(reader: &mut Reader) -> Result<()> {
    let template = "<template data-tollgate-surface=\"overlay\"><div id=\"own\">{offer} <button id=\"buy\" data-tollgate-action=\"subscribe\">{label}</button></div></template>";
    reader.site.page(
        Page::article("first")
            .last(template)
            .tag(&seed_with_all(&[("data-limit", "0"), ("data-wait-for", "#own")])),
    );
    reader.open("/story/first").await?;
    reader.wait_for("the overlay is open", "witness.overlayOpen()").await?;
    reader.stays("and is no obstacle to itself", "witness.overlayOpen()", Duration::from_millis(700)).await?;
    reader.click("witness.overlayRoot().querySelector('button[part~=close]')").await?;
    reader.wait_for("the overlay is closed", "!witness.overlayOpen()").await?;
    reader.js::<Value>("tollgate.show()").await?;
    reader.wait_for("it opens again", "witness.overlayOpen()").await?;
    reader.site.page(Page::plain("/subscribe"));
    reader.leave_by("document.getElementById('buy').click()", "/subscribe").await
}

async fn a_language_tag_that_no_browser_knows_is_served(reader: &mut Reader) -> Result<()> {
    for (tag, spoken, headline) in [
        ("de-GER", "de", "Sie haben Ihren kostenlosen Artikel für diesen Monat gelesen"),
        ("en-USA", "en", "You’ve read your one free article this month"),
        ("en-x", "en", "You’ve read your one free article this month"),
    ] {
        let page = Page::article("first").html_attributes(&format!("lang=\"{tag}\""));
        reader.site.page(page.tag(&seed_with_all(&[("data-limit", "1"), ("data-preview", "overlay")])));
        let overlay = reader.open_gated("/story/first").await?;
        reader.is(tag, "witness.hosts('overlay')[0].lang", spoken).await?;
        // With the plural forms of the language, too.
        check::equal(tag, overlay["headline"].as_str(), Some(headline))?;
    }
    Ok(())
}
