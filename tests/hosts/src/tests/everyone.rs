//! For every reader: what axe finds, what it cannot see (focus, names, announcements, targets, narrow windows), and that nobody is kept in.

use super::failures::closed;
use super::tests;
use crate::check;
use crate::engine::{ALL, CHROMIUM_AND_FIREFOX, ONLY_CHROMIUM};
use crate::page::{Page, seed_with_all};
use crate::reader::{AT_REST, Reader};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::time::Duration;
use thirtyfour::Key;
use tollgate_serve::Response;

tests! {
    a11_01_axe_finds_nothing_in_the_overlay: ALL, Ordinary;
    a11_01_axe_finds_nothing_in_plans_with_buttons: ALL, Ordinary;
    a11_01_axe_finds_nothing_in_an_overlay_that_stays: ALL, Ordinary;
    a11_01_axe_finds_nothing_in_the_inline_gate: ALL, Ordinary;
    a11_01_axe_finds_nothing_in_the_notice: ALL, Ordinary;
    a11_01_axe_finds_nothing_in_the_newsletters_form: ALL, Ordinary;
    a11_01_axe_finds_nothing_in_the_registration: ALL, Ordinary;
    a11_01_axe_finds_nothing_when_it_is_unlocked: ALL, Ordinary;
    a11_03_escape_leaves_an_overlay_that_stays: ALL, Ordinary;
    a11_04_an_overlay_that_stays_has_ways_out: ALL, Ordinary;
    a11_05_shift_tab_stays_in_the_dialog: ALL, Ordinary;
    a11_06_the_focus_begins_at_the_heading: ALL, Ordinary;
    a11_08_names_and_roles_as_the_browser_computes_them: CHROMIUM_AND_FIREFOX, Ordinary;
    a11_09_the_unlocked_article_is_announced_once: ALL, Ordinary;
    another_offer_is_no_unlocked_article: ALL, Ordinary;
    the_notice_covers_nothing_that_has_the_focus: ALL, Ordinary;
    a11_10_a_narrow_window_needs_no_sideways_scrolling: ALL, Ordinary;
    a11_12_targets_are_large_enough: ALL, Ordinary;
    a11_13_the_focus_is_seen: CHROMIUM_AND_FIREFOX, Ordinary;
    a11_14_no_motion_where_none_is_wanted: ONLY_CHROMIUM, Ordinary;
    a11_14_all_motion_is_asked_for: ALL, Ordinary;
    a11_15_right_to_left_is_mirrored: ALL, Ordinary;
    a11_17_nothing_closes_by_itself: ALL, Ordinary;
    a11_18_the_keyboard_alone_signs_up_and_dismisses: ALL, Ordinary;
    a11_19_the_headings_are_in_order: ALL, Ordinary;
    the_focus_goes_to_what_came_back: ALL, Ordinary;
}

/// The surface that shows as soon as the page is opened, with more attributes.
fn showing(preview: &str, more: &[(&str, &str)]) -> String {
    let surfaces = [
        ("data-preview", preview),
        ("data-newsletter-url", "/letters"),
        ("data-register-url", "/register"),
        ("data-limit", "4"),
    ];
    seed_with_all(&[&surfaces, more].concat())
}

/// Whether the overlay, or that surface, is on the screen.
fn shows(surface: &str) -> String {
    if surface == "overlay" {
        "witness.overlayOpen()".into()
    } else {
        format!("witness.hosts('{surface}').length === 1")
    }
}

/// Opens a page that shows a surface.
async fn open(reader: &mut Reader, page: Page, preview: &str, more: &[(&str, &str)]) -> Result<()> {
    reader.site.page(page.tag(&showing(preview, more)));
    reader.open("/story/first").await?;
    let surface = if ["inline", "notice"].contains(&preview) { preview } else { "overlay" };
    reader.wait_for("the surface shows", &shows(surface)).await
}

/// Light and dark, left to right and right to left: what axe finds in each. `then` brings the surface into its state.
async fn axe(reader: &mut Reader, preview: &str, more: &[(&str, &str)], then: &str) -> Result<()> {
    reader.site.put_from_npm("/axe.js", "axe.js")?;
    // And a dark page that does not say that it is.
    let schemes = [
        "color-scheme: light; background: Canvas; color: CanvasText",
        "color-scheme: dark; background: Canvas; color: CanvasText",
        "background: #121212; color: #eee",
    ];
    for scheme in schemes {
        for language in ["lang=\"en\"", "lang=\"ar\" dir=\"rtl\""] {
            let page = Page::article("first")
                .html_attributes(language)
                .before_tag(&format!(
                    "<style>:root {{ {scheme} }} a, button {{ color: inherit; background: none }}</style>"
                ))
                .before_tag("<script defer src=\"/axe.js\"></script>");
            open(reader, page, preview, more).await?;
            reader.wait_for("axe is there", "!!window.axe").await?;
            if !then.is_empty() {
                reader.js::<Value>(then).await?;
            }
            reader.wait_for("nothing moves", AT_REST).await?;
            let found = reader
                .promised(
                    "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations\
                     .flatMap(({ id, nodes }) => nodes.map(node => id + ': ' + node.target.flat().join(' ') + ' ' + (node.any[0] || node.all[0] || node.none[0] || {}).message)))",
                )
                .await?;
            check::json(&format!("{scheme}, {language}"), &found, &json!([]))?;
        }
    }
    Ok(())
}

async fn a11_01_axe_finds_nothing_in_the_overlay(reader: &mut Reader) -> Result<()> {
    axe(reader, "overlay", &[], "").await?;
    axe(reader, "overlay", &[("data-accent", "#ffd400")], "").await
}

async fn a11_01_axe_finds_nothing_in_plans_with_buttons(reader: &mut Reader) -> Result<()> {
    axe(reader, "overlay", &[("data-plan-style", "buttons"), ("data-style", "plain")], "").await
}

async fn a11_01_axe_finds_nothing_in_an_overlay_that_stays(reader: &mut Reader) -> Result<()> {
    axe(reader, "overlay", &[("data-steps", "subscribe hard")], "").await
}

async fn a11_01_axe_finds_nothing_in_the_inline_gate(reader: &mut Reader) -> Result<()> {
    axe(reader, "inline", &[("data-steps", "subscribe dismissible")], "").await
}

async fn a11_01_axe_finds_nothing_in_the_notice(reader: &mut Reader) -> Result<()> {
    axe(reader, "notice", &[], "").await
}

async fn a11_01_axe_finds_nothing_in_the_newsletters_form(reader: &mut Reader) -> Result<()> {
    axe(reader, "newsletter", &[], "").await?;
    axe(reader, "newsletter", &[], "witness.overlayRoot().querySelector('form').requestSubmit()").await
}

async fn a11_01_axe_finds_nothing_in_the_registration(reader: &mut Reader) -> Result<()> {
    axe(reader, "register", &[], "").await
}

async fn a11_01_axe_finds_nothing_when_it_is_unlocked(reader: &mut Reader) -> Result<()> {
    let sign_up = "document.addEventListener('tollgate:newsletter-submit', ({ detail }) => detail.respondWith(Promise.resolve())); \
                   const form = witness.overlayRoot().querySelector('form'); form.elements.email.value = 'a@example.org'; form.requestSubmit()";
    axe(reader, "newsletter", &[], sign_up).await
}

const HARD: &[(&str, &str)] = &[("data-steps", "subscribe hard"), ("data-limit", "0")];

/// An article that is gated by an overlay that stays.
async fn hard(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&seed_with_all(HARD)));
    reader.open_gated("/story/first").await?;
    Ok(())
}

async fn a11_03_escape_leaves_an_overlay_that_stays(reader: &mut Reader) -> Result<()> {
    hard(reader).await?;
    for _ in 0..4 {
        reader.press(Key::Escape).await?;
    }
    reader.stays("it is open", "witness.overlayOpen()", Duration::from_millis(400)).await?;
    // Browsers let a second one through once the reader has done something.
    reader.click("witness.overlayRoot().querySelector('[part~=offer-headline]')").await?;
    for _ in 0..4 {
        reader.press(Key::Escape).await?;
    }
    reader.stays("it is still open", "witness.overlayOpen()", Duration::from_millis(400)).await?;
    reader.is("and modal", "witness.dialog().matches(':modal')", true).await?;
    reader.js::<Value>("tollgate.setEntitlement(true)").await?;
    reader.wait_for("a subscriber is let out", "!witness.overlayOpen()").await?;
    reader.is_untouched().await
}

async fn a11_04_an_overlay_that_stays_has_ways_out(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::front("/"));
    reader.open("/").await?;
    hard(reader).await?;
    reader.is("no close button", "witness.overlayRoot().querySelector('[part~=close]')", Value::Null).await?;
    let mut met = Vec::new();
    for _ in 0..12 {
        reader.press(Key::Tab).await?;
        if let Some(part) = reader.value("witness.focusInside()").await?.as_str() {
            met.push(part.to_owned());
        }
    }
    // The first of them stands before the heading, where the focus begins.
    for _ in 0..14 {
        reader.press_with_shift(Key::Tab).await?;
        if let Some(part) = reader.value("witness.focusInside()").await?.as_str() {
            met.push(part.to_owned());
        }
    }
    for way in ["a login", "button back", "a home"] {
        check::that(&format!("{way} is reached by Tab: {met:?}"), met.iter().any(|part| part == way))?;
    }
    reader.leave_by("witness.overlayRoot().querySelector('[part~=back]').click()", "/").await
}

async fn a11_05_shift_tab_stays_in_the_dialog(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&closed()));
    reader.open_gated("/story/first").await?;
    for _ in 0..20 {
        reader.press_with_shift(Key::Tab).await?;
        let place = "document.activeElement === document.body || document.activeElement.localName === 'tollgate-gate' \
                     || document.activeElement === document.documentElement";
        reader.is("the focus is ours or the browser's", place, true).await?;
    }
    Ok(())
}

async fn a11_06_the_focus_begins_at_the_heading(reader: &mut Reader) -> Result<()> {
    for preview in ["overlay", "newsletter", "register"] {
        open(reader, Page::article("first"), preview, &[]).await?;
        reader.is(preview, "witness.focusInside()", "h2 headline").await?;
    }
    // Neither of these takes it.
    for preview in ["inline", "notice"] {
        open(reader, Page::article("first"), preview, &[]).await?;
        reader.is(preview, "document.activeElement === document.body", true).await?;
    }
    Ok(())
}

async fn a11_08_names_and_roles_as_the_browser_computes_them(reader: &mut Reader) -> Result<()> {
    open(reader, Page::article("first"), "overlay", &[]).await?;
    let overlay = "witness.overlayRoot().querySelector";
    for (element, role, name) in [
        ("'dialog'", "dialog", "You’ve read your four free articles this month"),
        ("'[part~=plans]'", "group", "Choose a plan"),
        ("'[part~=choice]'", "radio", "Free trial 30 days free then $2.90 per month"),
        ("'[part~=cta]'", "link", "Try The Meridian for free"),
        ("'[part~=close]'", "button", "Close"),
        ("'[part~=benefits]'", "list", "What you get"),
    ] {
        let (seen_role, seen_name) = reader.computed(&format!("{overlay}({element})")).await?;
        check::equal(element, (seen_role.as_str(), seen_name.as_str()), (role, name))?;
    }
    open(reader, Page::article("first"), "newsletter", &[]).await?;
    let (role, name) = reader.computed(&format!("{overlay}('input')")).await?;
    check::equal("the field", (role.as_str(), name.as_str()), ("textbox", "Email address"))?;
    open(reader, Page::article("first"), "inline", &[]).await?;
    let (role, name) = reader.computed("witness.inlineRoot().querySelector('section')").await?;
    check::equal(
        "the inline gate",
        (role.as_str(), name.as_str()),
        ("region", "You’ve read your four free articles this month"),
    )
}

/// Writes down what live regions of ours say.
const LISTENER: &str = "<script>window.said = []; new MutationObserver(() => { \
    for (const host of document.querySelectorAll('tollgate-gate[data-tollgate-surface=status]')) { \
    if (host.heard) continue; host.heard = true; \
    new MutationObserver(() => said.push(host.shadowRoot.textContent)).observe(host.shadowRoot, { childList: true, subtree: true, characterData: true }) } \
    }).observe(document, { childList: true, subtree: true })</script>";

async fn a11_09_the_unlocked_article_is_announced_once(reader: &mut Reader) -> Result<()> {
    let page = Page::article("first").before_tag(LISTENER).tag(&closed());
    reader.site.page(page);
    reader.open_gated("/story/first").await?;
    reader
        .is(
            "it is one that speaks",
            "witness.hosts('status')[0].shadowRoot.querySelector('[role=status]') !== null",
            true,
        )
        .await?;
    reader.is("nothing was said", "said", json!([])).await?;
    reader.js::<Value>("tollgate.setEntitlement(true)").await?;
    reader.wait_for("the text is back", "witness.paragraphs('first') === '11111111'").await?;
    reader.is_untouched().await?;
    reader.is("what was said", "said", json!(["The whole article is open now."])).await
}

async fn another_offer_is_no_unlocked_article(reader: &mut Reader) -> Result<()> {
    let tag = seed_with_all(&[
        ("data-limit", "3"),
        ("data-steps", "subscribe from 1 | register from 1"),
        ("data-register-url", "/register"),
    ]);
    reader.site.page(Page::article("first").before_tag(LISTENER).tag(&tag));
    let first = reader.open_gated("/story/first").await?;
    reader.js::<Value>("tollgate.setEntitlement({ granted: false, tier: 'registered' })").await?;
    reader
        .wait_for(
            "another gate",
            &format!("witness.overlay() && witness.overlay().headline !== {}", first["headline"]),
        )
        .await?;
    reader.stays("nothing was said", "said.length === 0", Duration::from_millis(600)).await?;
    reader.is_locked("first").await
}

async fn the_notice_covers_nothing_that_has_the_focus(reader: &mut Reader) -> Result<()> {
    let links: String =
        (0..60).map(|n| format!("<p><a href=\"#\" id=\"link{n}\">Link {n}</a></p>")).collect();
    reader.site.page(Page::article("first").last(&links).tag(&seed_with_all(&[("data-limit", "1")])));
    reader.open("/story/first").await?;
    reader.wait_for("the notice shows", "witness.hosts('notice').length === 1").await?;
    reader.js::<Value>("document.getElementById('link0').focus()").await?;
    for _ in 0..40 {
        reader.press(Key::Tab).await?;
        let covered = "(box => box.top >= witness.hosts('notice')[0].getBoundingClientRect().top)(document.activeElement.getBoundingClientRect())";
        reader.is("the link is in sight", covered, false).await?;
    }
    reader.wait_for("it was announced", "witness.hosts('status').length === 0").await
}

async fn a11_10_a_narrow_window_needs_no_sideways_scrolling(reader: &mut Reader) -> Result<()> {
    // WCAG 2.2, 1.4.10 and 1.4.12: 320 pixels by 256, with the spacing that a reader may want.
    let spacing = "const sheet = new CSSStyleSheet(); sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; \
                   word-spacing: .16em !important } p { margin-bottom: 2em !important }'); \
                   for (const host of document.querySelectorAll('tollgate-gate')) host.shadowRoot.adoptedStyleSheets = [...host.shadowRoot.adoptedStyleSheets, sheet]";
    for (preview, language) in [
        ("overlay", "en"),
        ("overlay", "de"),
        ("inline", "fi"),
        ("notice", "de"),
        ("newsletter", "ru"),
        ("register", "en"),
    ] {
        let story = Page::article("first")
            .html_attributes(&format!("lang=\"{language}\""))
            .tag(&showing(preview, &[("data-allow-frame", "")]));
        reader.site.page(story);
        let frame = "<iframe src=\"/story/first\" style=\"width: 320px; height: 256px; border: 0\"></iframe>";
        reader.site.page(Page::plain("/frame").body(frame));
        reader.open("/frame").await?;
        reader.enter_frame().await?;
        let surface = if ["inline", "notice"].contains(&preview) { preview } else { "overlay" };
        reader.wait_for("the surface shows", &shows(surface)).await?;
        for spaced in [false, true] {
            if spaced {
                reader.js::<Value>(spacing).await?;
            }
            let wide = format!(
                "[...witness.hosts('{surface}')[0].shadowRoot.querySelectorAll('*')].filter(it => it.getClientRects().length \
                 && getComputedStyle(it).clipPath === 'none' && (it.getBoundingClientRect().right > innerWidth + 1 || it.getBoundingClientRect().left < -1)).map(it => it.localName + ' ' + it.getAttribute('part'))"
            );
            reader.is(&format!("{preview} in {language}: what is too wide"), &wide, json!([])).await?;
        }
        let unreachable = format!(
            "[...witness.hosts('{surface}')[0].shadowRoot.querySelectorAll('a, button, input')].filter(it => {{ \
             if (!it.getClientRects().length) return false; it.scrollIntoView({{ block: 'center' }}); \
             const box = it.getBoundingClientRect(); \
             const hit = it.getRootNode().elementFromPoint(box.left + box.width / 2, box.top + box.height / 2); \
             return !(hit === it || it.contains(hit)) }}).map(it => it.getAttribute('part'))"
        );
        reader.is(&format!("{preview}: what cannot be reached"), &unreachable, json!([])).await?;
        reader.leave_frame().await?;
    }
    Ok(())
}

async fn a11_12_targets_are_large_enough(reader: &mut Reader) -> Result<()> {
    for (preview, more) in [
        ("overlay", &[("data-steps", "subscribe dismissible")][..]),
        ("overlay", &[("data-plan-style", "buttons")][..]),
        ("overlay", &[("data-steps", "subscribe hard")][..]),
        ("inline", &[("data-steps", "subscribe dismissible")][..]),
        ("notice", &[][..]),
        ("newsletter", &[][..]),
    ] {
        // Some pages make the root's letters small, to reckon in tens.
        let small = "<style>html { font-size: 62.5% }</style>";
        open(reader, Page::article("first").before_tag(small), preview, more).await?;
        // A radio button's target is its whole label.
        let small = "[...document.querySelectorAll('tollgate-gate')].flatMap(host => [...host.shadowRoot.querySelectorAll('a, button, input')])\
                     .map(it => it.closest('label') || it).filter(it => it.getClientRects().length)\
                     .filter(it => it.getBoundingClientRect().width < 24 || it.getBoundingClientRect().height < 24).map(it => it.getAttribute('part'))";
        reader.is(preview, small, json!([])).await?;
    }
    Ok(())
}

async fn a11_13_the_focus_is_seen(reader: &mut Reader) -> Result<()> {
    for scheme in ["light", "dark"] {
        let page =
            Page::article("first").before_tag(&format!("<style>:root {{ color-scheme: {scheme} }}</style>"));
        open(reader, page, "overlay", &[]).await?;
        let ring = "(style => [style.outlineStyle, parseFloat(style.outlineWidth) >= 2, style.outlineColor, \
                    getComputedStyle(witness.dialog()).backgroundColor])(getComputedStyle(witness.overlayRoot().activeElement))";
        let mut rings = 0;
        for _ in 0..8 {
            reader.press(Key::Tab).await?;
            // Between the last and the first it is the browser's.
            if reader.value("witness.focusInside()").await? == Value::Null {
                continue;
            }
            rings += 1;
            let seen = reader.value(ring).await?;
            check::json("a ring of two pixels", &json!([seen[0], seen[1]]), &json!(["solid", true]))?;
            let contrast = contrast(&seen[2], &seen[3]).context("two colours")?;
            check::that(&format!("{seen} contrasts by 3: {contrast}"), contrast >= 3.0)?;
        }
        check::that("the focus was in the dialog", rings >= 4)?;
    }
    Ok(())
}

/// The contrast of two colours that are written `rgb(…)` (WCAG 2.2).
fn contrast(one: &Value, other: &Value) -> Option<f64> {
    let luminance = |colour: &Value| {
        let numbers = colour.as_str()?.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
        let parts: Vec<f64> = numbers.filter_map(|number| number.parse().ok()).collect();
        let linear = |part: f64| {
            let part = part / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        Some(
            0.2126 * linear(*parts.first()?)
                + 0.7152 * linear(*parts.get(1)?)
                + 0.0722 * linear(*parts.get(2)?),
        )
    };
    let (one, other) = (luminance(one)?, luminance(other)?);
    Some((one.max(other) + 0.05) / (one.min(other) + 0.05))
}

async fn a11_14_no_motion_where_none_is_wanted(reader: &mut Reader) -> Result<()> {
    let media = |value: &str| json!({ "features": [{ "name": "prefers-reduced-motion", "value": value }] });
    reader.devtools("Emulation.setEmulatedMedia", media("reduce")).await?;
    let looked = open(reader, Page::article("first"), "overlay", &[]).await;
    let moving = "witness.overlayRoot().getAnimations().length";
    let still = reader.value(moving).await;
    let named = "getComputedStyle(witness.dialog()).animationName";
    let none = reader.value(named).await;
    reader.devtools("Emulation.setEmulatedMedia", media("")).await?;
    looked?;
    check::json("animations", &still?, &json!(0))?;
    check::json("by name", &none?, &json!("none"))?;
    // And where it is not unwanted there is one: the first look could have come when it was over.
    reader.is("where it is wanted", named, "rise").await
}

async fn a11_14_all_motion_is_asked_for(reader: &mut Reader) -> Result<()> {
    open(reader, Page::article("first"), "overlay", &[]).await?;
    // Every rule that moves anything stands where motion is not unwanted.
    let rules = "(function walk(rules, asked) { return [...rules].flatMap(rule => rule.media || rule.cssRules && !rule.style \
                 ? walk(rule.cssRules, asked || /no-preference/.test(rule.conditionText || '')) \
                 : rule.style && ([rule.style.animationName, rule.style.transitionDuration].some(it => it && !['none', 'initial', '0s'].includes(it))) ? [asked] : []) \
                 })(witness.overlayRoot().adoptedStyleSheets[0].cssRules, false)";
    let found = reader.value(rules).await?;
    let found = found.as_array().context("a list")?;
    check::that("something moves", !found.is_empty())?;
    check::that("only where it is asked for", found.iter().all(|asked| *asked == json!(true)))
}

async fn a11_15_right_to_left_is_mirrored(reader: &mut Reader) -> Result<()> {
    open(reader, Page::article("first").html_attributes("lang=\"ar\" dir=\"rtl\""), "overlay", &[]).await?;
    let place = |part: &str| {
        format!("witness.overlayRoot().querySelector('[part~={part}]').getBoundingClientRect().left")
    };
    let left = format!("{} < {}", place("close"), place("publication"));
    reader.is("the close button is on the left", &left, true).await?;
    reader
        .is(
            "the language and its direction",
            "[witness.hosts('overlay')[0].lang, witness.hosts('overlay')[0].dir]",
            json!(["ar", "rtl"]),
        )
        .await?;
    let headline = reader.value("witness.overlay().headline").await?;
    check::that(
        "it is in Arabic",
        headline
            .as_str()
            .is_some_and(|text| text.chars().any(|letter| ('\u{600}'..'\u{6ff}').contains(&letter))),
    )?;
    reader
        .is(
            "the offer names the publication",
            "witness.overlay().offer.includes('\u{2068}The Meridian\u{2069}')",
            true,
        )
        .await?;
    // A language that there are no texts in: English, and said to be.
    open(reader, Page::article("first").html_attributes("lang=\"tlh\" dir=\"rtl\""), "inline", &[]).await?;
    reader
        .is(
            "English on another page",
            "[witness.hosts('inline')[0].lang, witness.hosts('inline')[0].dir]",
            json!(["en", "ltr"]),
        )
        .await
}

/// Notes every timer that is set by us, so that the test can let all of them run off at once.
const TIMERS: &str = "<script>window.timers = new Map(); { const { setTimeout, clearTimeout } = window; \
    window.setTimeout = (callback, ...rest) => { const id = setTimeout(() => { timers.delete(id); callback() }, ...rest); if (/[/]tollgate/.test(new Error().stack)) timers.set(id, callback); return id }; \
    window.clearTimeout = id => { timers.delete(id); clearTimeout(id) } }</script>";

async fn a11_17_nothing_closes_by_itself(reader: &mut Reader) -> Result<()> {
    let tag = closed();
    reader.site.page(Page::article("first").before_tag(TIMERS).tag(&tag));
    reader.open_gated("/story/first").await?;
    // However long it takes: whatever waits for its time has it now.
    reader.js::<Value>("for (const callback of [...timers.values()]) callback()").await?;
    reader.stays("it is still open", "witness.overlayOpen()", Duration::from_millis(400)).await?;
    reader.is_locked("first").await
}

async fn a11_18_the_keyboard_alone_signs_up_and_dismisses(reader: &mut Reader) -> Result<()> {
    let tag = seed_with_all(&[
        ("data-limit", "3"),
        ("data-steps", "newsletter from 1, dismissible | subscribe"),
        ("data-newsletter-url", "/letters"),
    ]);
    reader.site.put("/letters", Response::new(200).body("text/plain", "thank you"));
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).tag(&tag));
    }
    reader.open_gated("/story/first").await?;
    tab_to(reader, "button dismiss").await?;
    reader.press(Key::Space).await?;
    reader.wait_for("the text is back", "witness.paragraphs('first') === '11111111'").await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.open_gated("/story/second").await?;
    tab_to(reader, "input email").await?;
    reader.type_in("reader@example.org").await?;
    reader.press(Key::Enter).await?;
    reader.wait_for("the text is back", "witness.paragraphs('second') === '11111111'").await
}

/// Presses Tab until an element of the overlay has the focus.
async fn tab_to(reader: &Reader, part: &str) -> Result<()> {
    for _ in 0..12 {
        if reader.value("witness.focusInside()").await? == json!(part) {
            return Ok(());
        }
        reader.press(Key::Tab).await?;
    }
    check::that(&format!("{part} is reached by Tab"), false)
}

async fn a11_19_the_headings_are_in_order(reader: &mut Reader) -> Result<()> {
    let levels = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(it => it.localName).join()";
    let with_ours = "(function walk(root) { return [...root.querySelectorAll('h1, h2, h3, h4, h5, h6, tollgate-gate')].flatMap(it => \
                     it.shadowRoot ? walk(it.shadowRoot) : [Number(it.localName[1])]) })(document)";
    reader.site.page(Page::article("first").tag(&closed()));
    reader.open_gated("/story/first").await?;
    let seen = reader.value(with_ours).await?;
    let seen: Vec<i64> = seen.as_array().context("levels")?.iter().filter_map(Value::as_i64).collect();
    check::that(
        &format!("no level is skipped: {seen:?}"),
        seen.windows(2).all(|pair| pair[1] <= pair[0] + 1),
    )?;
    reader.js::<Value>("tollgate.setEntitlement(true)").await?;
    reader.wait_for("the text is back", "witness.paragraphs('first') === '11111111'").await?;
    reader.is_untouched().await?;
    reader.is("the page's own", levels, "h1").await
}

async fn the_focus_goes_to_what_came_back(reader: &mut Reader) -> Result<()> {
    let tag = seed_with_all(&[("data-limit", "3"), ("data-steps", "subscribe from 1, dismissible")]);
    reader.site.page(Page::article("first").tag(&tag));
    reader.open_gated("/story/first").await?;
    reader.escape().await?;
    // Closing turned it down. Once more, and from the inline gate.
    reader
        .site
        .page(Page::article("second").tag(&showing("inline", &[("data-steps", "subscribe dismissible")])));
    reader.open("/story/second").await?;
    reader.wait_for("the inline gate shows", "witness.hosts('inline').length === 1").await?;
    reader.js::<Value>("window.focused = []; document.addEventListener('focusin', ({ target }) => focused.push(target.id)); \
                        witness.inlineRoot().querySelector('[part~=dismiss]').focus()").await?;
    reader.press(Key::Enter).await?;
    reader.wait_for("the text is back", "witness.paragraphs('second') === '11111111'").await?;
    reader
        .wait_for(
            "the focus went to the first paragraph that came back",
            "document.activeElement.id === 'p4'",
        )
        .await?;
    reader.stays("and stays there", "document.activeElement.id === 'p4'", Duration::from_millis(300)).await?;
    reader.is_untouched().await?;
    // An overlay that opened by itself had taken it from nobody.
    reader.site.page(
        Page::article("third")
            .tag(&seed_with_all(&[("data-limit", "3"), ("data-steps", "subscribe from 1, dismissible")])),
    );
    reader.open_gated("/story/third").await?;
    reader.escape().await?;
    reader.wait_for("the focus is where the text goes on", "document.activeElement.id === 'p4'").await?;
    reader.is_untouched().await
}
