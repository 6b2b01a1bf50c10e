//! The surfaces beyond the offer: previews, the newsletter's form, the registration, the host's own elements, the looks, the languages.

use super::failures::closed;
use super::tests;
use crate::check;
use crate::engine::{ALL, ONLY_CHROMIUM, ONLY_FIREFOX};
use crate::page::{Page, seed_with_all};
use crate::reader::{Reader, Trouble};
use crate::site::Site;
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::time::Duration;
use tollgate_serve::Response;

tests! {
    a_preview_shows_counts_and_stores_nothing: ALL, Ordinary;
    a_sign_up_reads_on: ALL, Ordinary;
    a_sign_up_that_fails_can_be_tried_again: ALL, Ordinary;
    an_address_that_is_none_is_not_sent: ALL, Ordinary;
    a_host_takes_the_sign_up_over: ALL, Ordinary;
    another_sites_form_is_sent_plainly: ALL, Ordinary;
    a_registration_leads_away_and_back: ALL, Ordinary;
    a_hosts_own_element_is_the_overlay: ALL, Ordinary;
    a_hosts_own_element_is_the_inline_gate: ALL, Ordinary;
    each_plan_may_have_its_own_button: ALL, Ordinary;
    arrows_choose_a_plan: ALL, Ordinary;
    the_notice_may_be_a_card: ALL, Ordinary;
    the_gate_speaks_the_pages_language: ALL, Ordinary;
    a_language_that_does_not_come_is_english: ALL, Ordinary;
    a_language_that_is_not_what_it_was_is_english: ALL, Ordinary;
    texts_are_the_publishers: ALL, Ordinary;
    is_07_custom_properties_of_junk_are_passed_over: ALL, Ordinary;
    the_pages_own_colour_has_a_label_that_can_be_read: ALL, Ordinary;
    the_logo_takes_the_place_of_the_name: ALL, Ordinary;
    is_20_nodes_come_back_as_the_same: ALL, Ordinary;
    is_21_a_finger_beside_the_offer_moves_nothing: ALL, Ordinary;
    is_25_a_reader_view_has_the_teaser_alone: ALL, Ordinary;
    is_24_paper_has_the_teaser_and_one_line: ONLY_CHROMIUM, Ordinary;
    is_27_a_readers_own_style_that_hides_it_is_not_fought: ONLY_FIREFOX, ReaderStyles;
    is_30_forced_colours_keep_the_borders: ONLY_CHROMIUM, Ordinary;
    is_30_forced_colours_can_be_read: ONLY_FIREFOX, ForcedColours;
}

async fn a_preview_shows_counts_and_stores_nothing(reader: &mut Reader) -> Result<()> {
    for (preview, surface, locked) in [
        ("overlay", "overlay", true),
        ("inline", "inline", true),
        ("notice", "notice", false),
        ("newsletter", "overlay", true),
        ("register", "overlay", true),
    ] {
        let tag = seed_with_all(&[
            ("data-preview", preview),
            ("data-newsletter-url", "/letters"),
            ("data-register-url", "/register"),
            ("data-dwell", "0"),
        ]);
        reader.site.page(Page::article("first").tag(&tag));
        reader.open("/story/first").await?;
        reader.wait_for("it shows", &format!("witness.hosts('{surface}').length === 1")).await?;
        let mark =
            format!("witness.hosts('{surface}')[0].shadowRoot.querySelector('[part~=preview]')?.textContent");
        reader.is("it says what it is", &mark, "Preview").await?;
        let text = if locked { "11100000" } else { "11111111" };
        reader.is("the text", "witness.paragraphs('first')", text).await?;
        reader.scroll().await?;
        let nothing = "Object.keys(localStorage).length + Object.keys(sessionStorage).length === 0";
        reader.stays("nothing is stored", nothing, Duration::from_millis(300)).await?;
        check::equal(
            "meters and decisions",
            reader.events("meter").await.len() + reader.events("denied").await.len(),
            0,
        )?;
        reader.js::<Value>("tollgate.destroy()").await?;
        reader.is_untouched().await?;
    }
    Ok(())
}

/// Articles that are for readers with the newsletter.
fn letters(reader: &Reader, address: &str) {
    let tag = seed_with_all(&[
        ("data-limit", "3"),
        ("data-steps", "newsletter from 1 | subscribe"),
        ("data-newsletter-url", address),
    ]);
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).tag(&tag));
    }
}

const FORM: &str = "witness.overlayRoot().querySelector('form')";

/// Fills the form in and sends it, as a reader would.
async fn sign_up(reader: &Reader, email: &str) -> Result<()> {
    reader.js::<Value>(&format!("{FORM}.elements.email.focus()")).await?;
    reader.type_in(email).await?;
    reader.click(&format!("{FORM}.querySelector('button')")).await
}

async fn state(reader: &Reader) -> Result<Value> {
    reader.value(&format!("{FORM}?.querySelector('[part~=state]').textContent")).await
}

async fn a_sign_up_reads_on(reader: &mut Reader) -> Result<()> {
    letters(reader, "/letters");
    reader.site.put("/letters", Response::new(200).body("text/plain", "thank you"));
    reader.open_gated("/story/first").await?;
    reader
        .js::<Value>("window.told = []; tollgate.on('register', it => told.push(JSON.stringify(it)))")
        .await?;
    sign_up(reader, "reader@example.org").await?;
    reader.wait_for("the text is back", "witness.paragraphs('first') === '11111111'").await?;
    let told = json!({ "step": "newsletter", "url": reader.site.url("/letters") });
    reader.is("the page is told, without the address", "told.join()", told.to_string()).await?;
    check::equal("requests", reader.site.requests("/letters"), 1)?;
    reader.is_untouched().await?;
    // And on the next page: the device knows.
    reader.open("/story/second").await?;
    reader.granted().await?;
    reader.is_open("second").await?;
    let keys = reader.ledger().await?;
    check::that(
        "its mark holds no address",
        keys.iter().all(|(key, value)| !key.contains('@') && !value.contains('@')),
    )
}

async fn a_sign_up_that_fails_can_be_tried_again(reader: &mut Reader) -> Result<()> {
    letters(reader, "/letters");
    reader.site.put("/letters", Response::new(500).body("text/plain", "no"));
    reader.open_gated("/story/first").await?;
    sign_up(reader, "reader@example.org").await?;
    let failed = format!(
        "{FORM}.querySelector('[part~=state]').textContent === 'That did not work. Please try again.'"
    );
    reader.wait_for("it says that it failed", &failed).await?;
    reader.is_locked("first").await?;
    reader.site.put("/letters", Response::new(200).body("text/plain", "thank you"));
    reader.click(&format!("{FORM}.querySelector('button')")).await?;
    reader.wait_for("the text is back", "witness.paragraphs('first') === '11111111'").await
}

async fn an_address_that_is_none_is_not_sent(reader: &mut Reader) -> Result<()> {
    letters(reader, "/letters");
    reader.open_gated("/story/first").await?;
    for bad in ["", "reader", "reader@", "@example.org"] {
        reader.js::<Value>(&format!("{FORM}.elements.email.value = ''")).await?;
        sign_up(reader, bad).await?;
        check::json(bad, &state(reader).await?, &json!("Enter an email address, such as name@example.com"))?;
        reader
            .is("the field is marked", &format!("{FORM}.elements.email.getAttribute('aria-invalid')"), "true")
            .await?;
        reader.is("and has the focus", "witness.focusInside()", "input email").await?;
    }
    check::equal("requests", reader.site.requests("/letters"), 0)
}

async fn a_host_takes_the_sign_up_over(reader: &mut Reader) -> Result<()> {
    letters(reader, "/letters");
    reader.open_gated("/story/first").await?;
    reader
        .js::<Value>(
            "document.addEventListener('tollgate:newsletter-submit', event => { window.told = event.detail; \
             event.detail.respondWith(new Promise((done, fail) => Object.assign(window, { done, fail }))) })",
        )
        .await?;
    sign_up(reader, "reader@example.org").await?;
    reader.is("the host has the address", "told.email", "reader@example.org").await?;
    reader.is("and where it leads", "told.url", reader.site.url("/letters")).await?;
    check::json("meanwhile", &state(reader).await?, &json!("One moment …"))?;
    reader.js::<Value>("fail(new Error('the host could not'))").await?;
    let failed = format!("{FORM}.querySelector('[part~=state]').textContent.startsWith('That did not work')");
    reader.wait_for("it says that it failed", &failed).await?;
    reader.click(&format!("{FORM}.querySelector('button')")).await?;
    reader.js::<Value>("done()").await?;
    reader.wait_for("the text is back", "witness.paragraphs('first') === '11111111'").await?;
    check::equal("requests", reader.site.requests("/letters"), 0)
}

async fn another_sites_form_is_sent_plainly(reader: &mut Reader) -> Result<()> {
    let provider = Site::start()?;
    provider.page(Page::plain("/letters"));
    letters(reader, &provider.url("/letters"));
    reader.open_gated("/story/first").await?;
    let send = format!("{FORM}.elements.email.value = 'reader@example.org'; {FORM}.requestSubmit()");
    reader.leave_to(&send, &provider.url("/letters")).await?;
    check::equal("requests", provider.requests("/letters"), 1)?;
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.is_open("first").await
}

async fn a_registration_leads_away_and_back(reader: &mut Reader) -> Result<()> {
    let tag = seed_with_all(&[
        ("data-limit", "3"),
        ("data-steps", "register from 1 | subscribe"),
        ("data-register-url", "/register?back={return_url}"),
    ]);
    // A page where one registers: the site knows the reader then, and says so on every page.
    let knows = "<script>if (sessionStorage.known) (window.tollgate = window.tollgate || []).push(it => \
                 it.setEntitlement({ granted: false, tier: 'registered' }))</script>";
    reader.site.page(Page::article("first").before_tag(knows).tag(&tag));
    reader.site.page(Page::plain("/register"));
    let gate = reader.open_gated("/story/first").await?;
    let back = reader.site.url("/register?back=http");
    check::that("it leads there", gate["cta"]["href"].as_str().is_some_and(|href| href.starts_with(&back)))?;
    reader.leave_by("witness.overlayRoot().querySelector('[part~=cta]').click()", "/register").await?;
    reader.js::<Value>("sessionStorage.known = 'yes'").await?;
    reader
        .leave_by("location.href = new URLSearchParams(location.search).get('back')", "/story/first")
        .await?;
    reader.granted().await?;
    reader.is_open("first").await
}

async fn a_hosts_own_element_is_the_overlay(reader: &mut Reader) -> Result<()> {
    let template = "<template data-tollgate-surface=\"overlay\"><div id=\"own\"><h2 class=\"mine\">{offer}: {unknown}</h2>\
                    <a id=\"buy\" data-tollgate-action=\"subscribe\">{label}</a> <a id=\"in\" data-tollgate-action=\"login\">{logIn}</a> \
                    <button id=\"shut\" data-tollgate-action=\"close\">x</button></div></template>";
    let page =
        Page::article("first").before_tag("<style>.mine { color: rgb(1, 2, 3) }</style>").last(template);
    reader.site.page(page.tag(&closed()));
    reader.open("/story/first").await?;
    reader.wait_for("the overlay is open", "witness.overlayOpen()").await?;
    reader
        .is(
            "what it says",
            "document.querySelector('#own h2').textContent",
            "Keep reading with The Meridian: {unknown}",
        )
        .await?;
    reader
        .is(
            "in the page's own style",
            "getComputedStyle(document.querySelector('.mine')).color",
            "rgb(1, 2, 3)",
        )
        .await?;
    reader.is("it is modal", "witness.dialog().matches(':modal')", true).await?;
    reader
        .is("it has a name", "witness.dialog().getAttribute('aria-label')", "This story is for subscribers")
        .await?;
    reader
        .is(
            "its button leads on",
            "document.getElementById('buy').href.includes('/subscribe?plan=free-trial&return=')",
            true,
        )
        .await?;
    reader
        .is("its log-in leads there", "document.getElementById('in').href.includes('/login?return=')", true)
        .await?;
    reader.click("document.getElementById('shut')").await?;
    reader.wait_for("the overlay is closed", "!witness.overlayOpen()").await?;
    reader.is_locked("first").await?;
    reader.js::<Value>("tollgate.destroy()").await?;
    reader.is_untouched().await
}

async fn a_hosts_own_element_is_the_inline_gate(reader: &mut Reader) -> Result<()> {
    let template = "<template data-tollgate-surface=\"inline\"><p id=\"own\">{headline}. \
                    <button id=\"all\" data-tollgate-action=\"plans\">{allPlans}</button></p></template>";
    reader.site.page(Page::article("first").last(template).tag(&closed()));
    reader.open_gated("/story/first").await?;
    reader.escape().await?;
    reader.is("it stands where the text was cut", "!!document.querySelector('.body #own')", true).await?;
    reader.js::<Value>("document.getElementById('all').scrollIntoView({ block: 'center' })").await?;
    reader.click("document.getElementById('all')").await?;
    reader.overlay().await?;
    reader.escape().await
}

async fn each_plan_may_have_its_own_button(reader: &mut Reader) -> Result<()> {
    reader.site.page(
        Page::article("first").tag(&seed_with_all(&[("data-limit", "0"), ("data-plan-style", "buttons")])),
    );
    reader.open_gated("/story/first").await?;
    let buttons = "[...witness.overlayRoot().querySelectorAll('[part~=plan] [part~=cta]')].map(it => [it.textContent, new URL(it.href).searchParams.get('plan')])";
    reader
        .is(
            "the buttons",
            buttons,
            json!([["Choose Free trial", "free-trial"], ["Choose Annual access", "annual-access"]]),
        )
        .await?;
    reader.is("no others", "witness.overlayRoot().querySelectorAll('[part~=cta]').length", 2).await?;
    reader
        .is(
            "what a year comes to",
            "witness.overlayRoot().querySelectorAll('[part~=monthly]').length === 1 && witness.overlayRoot().querySelector('[part~=monthly]').textContent",
            "$1.66 per month",
        )
        .await
}

async fn arrows_choose_a_plan(reader: &mut Reader) -> Result<()> {
    let plans = "Monthly: 2.90/month | *Annual access: 19.90/year | Two years: 35/2 years";
    reader
        .site
        .page(Page::article("first").tag(&seed_with_all(&[("data-limit", "0"), ("data-plans", plans)])));
    let overlay = reader.open_gated("/story/first").await?;
    let address = |overlay: &Value| overlay["cta"]["href"].as_str().unwrap_or_default().to_owned();
    check::contains("the one with a star is chosen", &address(&overlay), "plan=annual-access")?;
    reader.js::<Value>("witness.overlayRoot().querySelector('[part~=choice]:checked').focus()").await?;
    reader.press(thirtyfour::Key::Down).await?;
    let chosen = reader.overlay().await?;
    check::contains("the next one", &address(&chosen), "plan=two-years")?;
    for _ in 0..2 {
        reader.press(thirtyfour::Key::Up).await?;
    }
    check::contains("and up to the first", &address(&reader.overlay().await?), "plan=monthly")
}

async fn the_logo_takes_the_place_of_the_name(reader: &mut Reader) -> Result<()> {
    // The smallest GIF: one pixel.
    let logo = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    reader.site.put("/logo.gif", Response::new(200).body("image/gif", logo.as_slice()));
    let tag = seed_with_all(&[("data-limit", "0"), ("data-logo", "/logo.gif")]);
    reader.site.page(Page::article("first").tag(&tag));
    reader.open_gated("/story/first").await?;
    let image = "witness.overlayRoot().querySelector('[part~=logo]')";
    reader.wait_for("it is there", &format!("{image}.complete && {image}.naturalWidth === 1")).await?;
    reader.is("it is named", &format!("{image}.alt"), "The Meridian").await?;
    reader
        .is("no name beside it", "witness.overlayRoot().querySelector('[part~=publication]')", Value::Null)
        .await
}

async fn is_21_a_finger_beside_the_offer_moves_nothing(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&closed()));
    reader.open_gated("/story/first").await?;
    // As iOS asks: whether a finger's movement may scroll the page.
    let moved = |target: &str| {
        format!(
            "!({target}).dispatchEvent(new Event('touchmove', {{ bubbles: true, composed: true, cancelable: true }}))"
        )
    };
    reader.is("on the backdrop it may not", &moved("witness.dialog()"), true).await?;
    reader
        .is(
            "on the offer, which scrolls, it may",
            &moved("witness.overlayRoot().querySelector('[part~=card]')"),
            false,
        )
        .await
}

async fn is_25_a_reader_view_has_the_teaser_alone(reader: &mut Reader) -> Result<()> {
    reader.site.put_from_npm("/readability.js", "readability.js")?;
    let page = Page::article("first").before_tag("<script defer src=\"/readability.js\"></script>");
    reader.site.page(page.tag(&closed()));
    reader.open_gated("/story/first").await?;
    let words = "new Readability(document.cloneNode(true), { charThreshold: 50 }).parse().textContent";
    let text = reader.value(words).await?;
    let text = text.as_str().unwrap_or_default();
    check::contains("the teaser", text, "first-paragraph-3.")?;
    check::that("no locked text", !text.contains("first-paragraph-4."))
}

async fn the_notice_may_be_a_card(reader: &mut Reader) -> Result<()> {
    reader.site.page(
        Page::article("first").tag(&seed_with_all(&[("data-limit", "1"), ("data-notice-style", "card")])),
    );
    reader.open("/story/first").await?;
    reader.wait_for("the notice shows", "witness.hosts('notice').length === 1").await?;
    reader
        .is("it is told to be one", "witness.hosts('notice')[0].getAttribute('data-tollgate-form')", "card")
        .await?;
    reader.is("it takes no focus", "document.activeElement === document.body", true).await?;
    // A card where there is room beside the text, else a bar over the whole width.
    let place = "(box => innerWidth >= 1280 ? box.width < 300 && box.right <= innerWidth : box.width > innerWidth - 40)\
                 (witness.hosts('notice')[0].shadowRoot.querySelector('section').getBoundingClientRect())";
    reader.is("where it stands", place, true).await
}

async fn the_gate_speaks_the_pages_language(reader: &mut Reader) -> Result<()> {
    for (language, spoken, headline) in [
        ("de-AT", "de", "Sie haben Ihren kostenlosen Artikel für diesen Monat gelesen"),
        ("pt-BR", "pt", ""),
        ("zh-TW", "zh-Hant", ""),
        ("en-GB", "en", "You’ve read your one free article this month"),
    ] {
        let tag =
            seed_with_all(&[("data-preview", "overlay"), ("data-limit", "1"), ("data-currency", "EUR")]);
        reader.site.page(Page::article("first").html_attributes(&format!("lang=\"{language}\"")).tag(&tag));
        let overlay = reader.open_gated("/story/first").await?;
        reader.is(language, "witness.hosts('overlay')[0].lang", spoken).await?;
        if headline.is_empty() {
            check::that(
                "it is not English",
                overlay["headline"].as_str().is_some_and(|text| !text.contains("article")),
            )?;
        } else {
            check::equal(language, overlay["headline"].as_str(), Some(headline))?;
        }
        // One file, and none for English.
        check::equal(
            language,
            reader.site.requests(&format!("/tollgate-{spoken}-")),
            usize::from(spoken != "en"),
        )?;
    }
    Ok(())
}

/// The path of a language's file on the site.
fn file_of(language: &str) -> Result<String> {
    let beginning = format!("tollgate-{language}-");
    let names = std::fs::read_dir(crate::root().join("www/dist"))?.flatten().map(|entry| entry.file_name());
    let found = names.filter_map(|name| name.into_string().ok()).find(|name| name.starts_with(&beginning));
    found.map(|name| format!("/{name}")).with_context(|| format!("no {beginning}…: run cargo xtask build"))
}

/// Opens a German page whose texts are answered like this; the gate is in English, with one warning.
async fn in_english(reader: &mut Reader, what: &str) -> Result<()> {
    reader.allow(Trouble::Warning);
    let tag = closed();
    reader.site.page(Page::article("first").html_attributes("lang=\"de\"").tag(&tag));
    let overlay = reader.open_gated("/story/first").await.with_context(|| what.to_owned())?;
    check::equal(what, overlay["headline"].as_str(), Some("This story is for subscribers"))?;
    reader.is(what, "witness.hosts('overlay')[0].lang", "en").await?;
    check::contains(what, &reader.one_warning().await?, "the gate is in English")
}

async fn a_language_that_does_not_come_is_english(reader: &mut Reader) -> Result<()> {
    let file = file_of("de")?;
    reader.site.put(&file, Response::new(404));
    in_english(reader, "missing").await?;
    reader.site.put(&file, Response::new(200).body("text/plain; charset=utf-8", reader.site.built(&file)?));
    reader.site.slow(&file, Duration::from_secs(5));
    in_english(reader, "hanging").await
}

async fn a_language_that_is_not_what_it_was_is_english(reader: &mut Reader) -> Result<()> {
    let file = file_of("de")?;
    let text = String::from_utf8(reader.site.built(&file)?)?;
    let french = String::from_utf8(reader.site.built(&file_of("fr")?)?)?;
    let (_, proof) = text.rsplit_once('\n').context("a proof")?;
    for (what, served) in [
        ("more of it", text.clone() + "\nmore"),
        ("a word of it changed", text.replacen("Sie ", "Ihr ", 1)),
        ("another language, which is proved to be ours", french),
        ("its proof alone", proof.to_owned()),
    ] {
        check::that(what, served != text)?;
        reader.site.put(&file, Response::new(200).body("text/plain; charset=utf-8", served));
        in_english(reader, what).await?;
    }
    Ok(())
}

async fn texts_are_the_publishers(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    let tag = seed_with_all(&[
        ("data-preview", "overlay"),
        ("data-limit", "3"),
        ("data-text-headline", "That was {limit} | Those were {limit}"),
        ("data-text-offer", "<b>Join</b> {publication}"),
        ("data-text-closed", "Oh"),
    ]);
    reader.site.page(Page::article("first").tag(&tag));
    let overlay = reader.open_gated("/story/first").await?;
    check::equal("the headline", overlay["headline"].as_str(), Some("Those were three"))?;
    check::equal("markup is text", overlay["offer"].as_str(), Some("<b>Join</b> The Meridian"))?;
    check::contains(
        "the name that is none",
        &reader.one_warning().await?,
        "data-text=\"closed\": unknown-text",
    )
}

async fn is_07_custom_properties_of_junk_are_passed_over(reader: &mut Reader) -> Result<()> {
    let look = "(root => ['cta', 'offer-headline', 'plan'].map(part => { const style = getComputedStyle(root.querySelector(`[part~=${part}]`)); \
                return [style.color, style.backgroundColor, style.borderRadius, style.fontFamily, style.display].join() }).join('/'))(witness.overlayRoot())";
    let tag = closed();
    reader.site.page(Page::article("first").tag(&tag));
    reader.open_gated("/story/first").await?;
    let before = reader.value(look).await?;
    for junk in ["junk(", "url(//evil.example/x)", "none", "12parsecs", "var(--x)", "}", "inherit 4px"] {
        let style = format!(
            "<style>html {{ --ink: red; --paper: red; --accent: red; --radius: 9px; --tollgate-accent: {junk}; \
             --tollgate-radius: {junk}; --tollgate-serif: {junk} 4px; --tollgate-sans: {junk} 4px }}</style>"
        );
        reader.site.page(Page::article("first").before_tag(&style).tag(&tag));
        reader.open_gated("/story/first").await?;
        check::json(junk, &reader.value(look).await?, &before)?;
    }
    Ok(())
}

async fn the_pages_own_colour_has_a_label_that_can_be_read(reader: &mut Reader) -> Result<()> {
    for (accent, shown, label) in [
        ("#ffe000", "rgb(255, 224, 0)", "rgb(0, 0, 0)"),
        ("#300", "rgb(51, 0, 0)", "rgb(255, 255, 255)"),
        ("hsl(210 80% 50%)", "", "rgb(0, 0, 0)"),
    ] {
        let style = format!(
            "<style>html {{ --tollgate-accent: {accent}; --tollgate-radius: 1px; --tollgate-serif: 'My Serif', serif }}</style>"
        );
        reader.site.page(Page::article("first").before_tag(&style).tag(&closed()));
        reader.open_gated("/story/first").await?;
        let style = "getComputedStyle(witness.overlayRoot().querySelector('[part~=cta]'))";
        if !shown.is_empty() {
            reader.is("the button", &format!("{style}.backgroundColor"), shown).await?;
        }
        reader.is("its label", &format!("{style}.color"), label).await?;
        reader.is("its corners", &format!("{style}.borderTopLeftRadius"), "1px").await?;
        let font =
            "getComputedStyle(witness.overlayRoot().querySelector('[part~=offer-headline]')).fontFamily";
        reader.is("the heading's font", &format!("{font}.includes('My Serif')"), true).await?;
    }
    Ok(())
}

async fn is_20_nodes_come_back_as_the_same(reader: &mut Reader) -> Result<()> {
    let more = "<figure id=\"figure\"><img alt=\"\" src=\"data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==\"></figure>\
                <iframe id=\"frame\" srcdoc=\"embedded\"></iframe><video id=\"video\" muted></video>\
                <script id=\"script\">window.ran = (window.ran || 0) + 1</script></div></article>";
    let body = Page::article("first").article_html().replace("</div></article>", more);
    reader.site.page(Page::article("first").body(&body).tag(&closed()));
    reader.open_gated("/story/first").await?;
    let there = "['figure', 'frame', 'video', 'script'].map(id => !!document.getElementById(id)).join()";
    reader
        .is("what is below the cut is out", "!!document.querySelector('#frame, #video, #figure img')", false)
        .await?;
    reader.js::<Value>("tollgate.setEntitlement(true)").await?;
    reader.wait_for("the text is back", "witness.paragraphs('first') === '11111111'").await?;
    reader.is("and so is all of it", there, "true,true,true,true").await?;
    // The very nodes; and a script that has run does not run again.
    reader.is_untouched().await?;
    reader.is("the script ran once", "ran", 1).await
}

async fn is_24_paper_has_the_teaser_and_one_line(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&closed()));
    reader.open_gated("/story/first").await?;
    reader.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" })).await?;
    let shown = reader
        .value(
            "[...document.querySelectorAll('tollgate-gate')].flatMap(host => [...host.shadowRoot.querySelectorAll('[part]')])\
             .filter(it => it.getClientRects().length && it.textContent && !it.closest('[part~=status]')).map(it => it.getAttribute('part')).join()",
        )
        .await;
    reader.devtools("Emulation.setEmulatedMedia", json!({ "media": "" })).await?;
    check::json("what is printed of the gate", &shown?, &json!("inline,headline"))?;
    reader.is_locked("first").await
}

async fn is_30_forced_colours_keep_the_borders(reader: &mut Reader) -> Result<()> {
    reader
        .devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": [{ "name": "forced-colors", "value": "active" }] }),
        )
        .await?;
    reader.site.page(Page::article("first").tag(&closed()));
    let opened = reader.open_gated("/story/first").await;
    let borders = reader
        .value(
            "['overlay', 'cta', 'plan'].map(part => getComputedStyle(witness.overlayRoot().querySelector(`[part~=${part}]`)))\
             .every(style => style.borderTopStyle === 'solid' && parseFloat(style.borderTopWidth) >= 1)",
        )
        .await;
    reader
        .devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": [{ "name": "forced-colors", "value": "" }] }),
        )
        .await?;
    opened?;
    check::json("all have a border", &borders?, &json!(true))
}

/// In Firefox, whose profile may hold a style sheet of the reader's own; in Chromium only extensions have such.
async fn is_27_a_readers_own_style_that_hides_it_is_not_fought(reader: &mut Reader) -> Result<()> {
    let watch = "<script>window.changes = 0; new MutationObserver(list => { changes += list.length })\
                 .observe(document, { childList: true, subtree: true, attributes: true })</script>";
    reader.site.page(Page::article("first").before_tag(watch).tag(&closed()));
    reader.open("/story/first").await?;
    reader.wait_for("the article is gated", "witness.inline() !== null").await?;
    reader
        .is(
            "the reader's style hides the gate",
            "getComputedStyle(witness.hosts('inline')[0]).display",
            "none",
        )
        .await?;
    reader.is_locked("first").await?;
    // It is put there once, and then left alone.
    let before = reader.value("changes").await?;
    reader
        .stays("nothing is changed any more", &format!("changes === {before}"), Duration::from_millis(900))
        .await?;
    // What cannot be seen keeps nobody from the page.
    reader.js::<Value>("tollgate.hide()").await?;
    reader.is("the page can be scrolled", "document.documentElement.getAttribute('style')", Value::Null).await
}

async fn is_30_forced_colours_can_be_read(reader: &mut Reader) -> Result<()> {
    for scheme in ["light", "dark"] {
        let page =
            Page::article("first").before_tag(&format!("<style>:root {{ color-scheme: {scheme} }}</style>"));
        reader.site.page(page.tag(&closed()));
        reader.open_gated("/story/first").await?;
        reader.is("colours are forced", "matchMedia('(forced-colors: active)').matches", true).await?;
        // The system's pairs, in which whatever the reader has chosen can be read, and borders where there were shadows.
        let pairs = "(root => { const probe = document.body.appendChild(document.createElement('i')); \
                     const named = name => { probe.style.color = name; return getComputedStyle(probe).color }; \
                     const [text, canvas, link] = ['CanvasText', 'Canvas', 'LinkText'].map(named); probe.remove(); \
                     const of = part => getComputedStyle(root.querySelector(`[part~=${part}]`)); \
                     return [of('headline').color === text, of('overlay').backgroundColor === canvas, of('cta').color === link, \
                     of('overlay').borderTopStyle, of('cta').borderTopStyle, of('plan').borderTopStyle] })(witness.overlayRoot())";
        reader.is(scheme, pairs, json!([true, true, true, "solid", "solid", "solid"])).await?;
    }
    Ok(())
}
