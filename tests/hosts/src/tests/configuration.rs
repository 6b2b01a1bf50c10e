//! What the publisher wrote, and what is made of it: defaults, JSON, prices, wrong values, hostile values.

use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, SEED, script, seed_with, seed_without};
use crate::reader::{Reader, Trouble};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

tests! {
    a_bare_tag_works_and_names_the_content_it_took: ALL, Ordinary;
    a_bare_tag_finds_article_body_first_then_article: ALL, Ordinary;
    cn_31_settings_from_a_json_script: ALL, Ordinary;
    cn_09_a_wrong_limit_becomes_three: ALL, Ordinary;
    wrong_values_are_named_in_one_warning: ALL, Ordinary;
    wrong_values_of_the_gate_are_named_with_it: ALL, Ordinary;
    wrong_values_are_all_named_to_a_publisher_who_asks: ALL, Ordinary;
    the_seed_tag_warns_of_nothing: ALL, Ordinary;
    prices_in_yen_have_no_decimals: ALL, Ordinary;
    prices_in_dinars_have_three: ALL, Ordinary;
    prices_follow_the_locale: ALL, Ordinary;
    the_teaser_by_percent_and_by_marker: ALL, Ordinary;
    is_19_refused_content_selectors: ALL, Ordinary;
    no_subscribe_address_gates_nothing: ALL, Ordinary;
    sec_01_a_subscribe_address_that_is_no_address: ALL, Ordinary;
    sec_03_markup_in_texts_is_text: ALL, Ordinary;
    sec_04_a_colour_that_is_no_colour: ALL, Ordinary;
    sec_10_the_query_of_the_page_changes_nothing: ALL, Ordinary;
    theme_and_accent_are_used: ALL, Ordinary;
}

/// What the console says of the settings: a warning, or a mere note.
async fn diagnostics(reader: &Reader) -> Vec<String> {
    let mut said = reader.warnings().await;
    for kind in ["console.info", "console.log", "console.debug"] {
        said.extend(reader.noted(kind).await.into_iter().filter(|text| text.starts_with("[tollgate]")));
    }
    said
}

async fn a_bare_tag_works_and_names_the_content_it_took(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(""));
    reader.read("/story/first").await?;
    reader.is_open("first").await?;
    reader.is("three reads", "tollgate.getMeter().limit", 3).await?;
    reader.is("a month", "tollgate.getMeter().period", "2031-05").await?;
    let ledger = reader.ledger().await?;
    check::equal("one read", ledger.len(), 1)?;
    let site = reader.value("tollgate.getMeter().site").await?;
    let site = site.as_str().unwrap_or_default().to_owned();
    check::that(
        &format!("the site '{site}' is made from the host name 127.0.0.1"),
        site.starts_with("127-0-0-1"),
    )?;
    check::that(
        &format!("{site} is [a-z0-9-]{{1,32}}"),
        site.len() <= 32
            && site.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
    )?;
    let (key, _) = ledger.first().context("a key")?;
    check::that(&format!("{key} is of this site"), key.starts_with(&format!("tollgate1:{site}:r:2031-05:")))?;
    let said = diagnostics(reader).await;
    check::equal(&format!("diagnostics: {said:?}"), said.len(), 1)?;
    check::contains("it says which content was taken", said.first().map_or("", String::as_str), "article")
}

async fn a_bare_tag_finds_article_body_first_then_article(reader: &mut Reader) -> Result<()> {
    let prose = |n: usize| {
        format!(
            "<p>part-{n}. Some words of prose, long enough to be a story's own paragraph, as a newspaper would print it on a quiet day in May.</p>"
        )
    };
    let story: String = (1..=6).map(prose).collect();
    let tag = "data-limit=\"0\" data-subscribe-url=\"/subscribe\"";
    for (body, left) in [
        (
            format!(
                "<main><p>standfirst</p><article><p>by-line</p><div itemprop=\"articleBody\">{story}</div></article></main>"
            ),
            "standfirst by-line part-1 part-2 part-3",
        ),
        (
            format!("<main><p>standfirst</p><article>{story}</article></main>"),
            "standfirst part-1 part-2 part-3",
        ),
    ] {
        reader.site.page(Page::article("first").tag(tag).body(&body));
        reader.open_gated("/story/first").await?;
        let seen = "[...document.body.textContent.matchAll(/standfirst|by-line|part-\\d/g)].join(' ')";
        reader.is("what is left of the story", seen, left).await?;
        diagnostics(reader).await;
    }
    Ok(())
}

async fn cn_31_settings_from_a_json_script(reader: &mut Reader) -> Result<()> {
    let settings = json!({
        "site": "meridian",
        "publication": "The Meridian",
        "limit": 1,
        "period": "month",
        "content": "article .body",
        "teaser": "3p",
        "currency": "USD",
        "plans": "Free trial: 30d free then 2.90/month | Annual access [best value]: 19.90/year",
        "benefits": "Exclusive coverage | Ad-free reading [new]",
        "subscribeUrl": "/subscribe?plan={plan}&return={return_url}",
        "loginUrl": "/login?return={return_url}",
    });
    let block = format!("<script type=\"application/json\" data-tollgate-config>{settings}</script>");
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).before_tag(&block).tag(""));
    }
    reader.read("/story/first").await?;
    reader.is("the site", "tollgate.getMeter().site", "meridian").await?;
    reader.is("the limit", "tollgate.getMeter().limit", 1).await?;
    let overlay = reader.open_gated("/story/second").await?;
    check::json("the offer", &overlay["offer"], &json!("Keep reading with The Meridian"))?;
    check::equal("the plans", overlay["plans"].as_array().map(Vec::len), Some(2))?;
    check::json("the saving", &overlay["plans"][1]["saving"], &json!("Save $14.90 a year"))?;
    check::json("the badge", &overlay["benefits"][1]["badge"], &json!("new"))?;
    reader.is_locked("second").await
}

async fn cn_09_a_wrong_limit_becomes_three(reader: &mut Reader) -> Result<()> {
    for value in ["abc", "-1", "1e9", "", "99999999999999999999"] {
        reader.site.page(Page::article("first").tag(&seed_with("data-limit", value)));
        reader.open("/story/first").await?;
        reader.granted().await?;
        reader.is(&format!("the limit for '{value}'"), "tollgate.getMeter().limit", 3).await?;
        let warning = reader.one_warning().await.with_context(|| format!("for '{value}'"))?;
        check::contains("it names the attribute", &warning, "data-limit")?;
        check::contains("it names the value", &warning, value)?;
    }
    Ok(())
}

/// A tag on which hardly anything is right.
const WRONG: &str = r##"data-site="meridian" data-limit="many" data-period="fortnight" data-teaser="lots"
    data-currency="DOLLARS" data-theme="neon" data-accent="url(x)" data-plans="Gold: cheap/month | Annual: 19.90/year"
    data-content="article .body" data-subscribe-url="/subscribe""##;
/// What is named of it: what a page view needs, and what only a gate uses.
const WRONG_PAGE: [&str; 6] = ["data-limit", "many", "data-period", "fortnight", "data-teaser", "lots"];
const WRONG_GATE: [&str; 8] = [
    "data-currency",
    "DOLLARS",
    "data-theme",
    "neon",
    "data-accent",
    "url(x)",
    "data-plans",
    "Gold: cheap/month",
];

async fn wrong_values_are_named_in_one_warning(reader: &mut Reader) -> Result<()> {
    // The debug script names them all at once, the other those that it needs so far.
    let debug = script(WRONG).replace("/tollgate.js", "/tollgate.debug.js");
    for (tag, all) in [(script(WRONG), false), (debug, true)] {
        reader.site.page(Page::article("first").tag_written(&tag));
        reader.read("/story/first").await?;
        reader.is_open("first").await?;
        reader.is("the default limit", "tollgate.getMeter().limit", 3).await?;
        reader.is("the default period", "tollgate.getMeter().period", "2031-05").await?;
        let warning = reader.one_warning().await?;
        for named in WRONG_PAGE.iter().chain(all.then_some(&WRONG_GATE).into_iter().flatten()) {
            check::contains("what the warning names", &warning, named)?;
        }
        reader.forget_log().await;
    }
    Ok(())
}

async fn wrong_values_of_the_gate_are_named_with_it(reader: &mut Reader) -> Result<()> {
    let right = WRONG.replace("\"many\"", "\"0\"").replace("fortnight", "month").replace("lots", "3p");
    reader.site.page(Page::article("first").tag(&right));
    reader.open_gated("/story/first").await?;
    let warning = reader.one_warning().await?;
    for named in WRONG_GATE {
        check::contains("what the warning names", &warning, named)?;
    }
    Ok(())
}

async fn wrong_values_are_all_named_to_a_publisher_who_asks(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Warning);
    reader.site.page(Page::article("first").tag(&format!("data-debug {WRONG}")));
    reader.read("/story/first").await?;
    reader.is_open("first").await?;
    // Those of the gate come with its script.
    let mut warnings = String::new();
    let begun = Instant::now();
    while !warnings.contains("data-plans") && begun.elapsed() < Duration::from_secs(8) {
        tokio::time::sleep(Duration::from_millis(50)).await;
        warnings.extend(reader.warnings().await);
    }
    for named in WRONG_PAGE.iter().chain(&WRONG_GATE) {
        check::contains("what the warnings name", &warnings, named)?;
    }
    Ok(())
}

async fn the_seed_tag_warns_of_nothing(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first"));
    reader.read("/story/first").await?;
    check::equal("what the console has of us", diagnostics(reader).await, Vec::<String>::new())
}

/// The prices and savings of the plans.
async fn prices(reader: &mut Reader, page: Page) -> Result<Vec<(String, Option<String>)>> {
    reader.site.page(page);
    let overlay = reader.open_gated("/story/first").await?;
    let plans = overlay["plans"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Ok(plans.iter().map(|plan| (text(&plan["price"]).unwrap_or_default(), text(&plan["saving"]))).collect())
}

/// The seed tag, gated at once, with these prices.
fn priced(currency: &str, plans: &str, locale: &str) -> Page {
    let tag = seed_with("data-limit", "0")
        .replace("data-currency=\"USD\"", &format!("data-currency=\"{currency}\" {locale}"))
        .replace("Free trial: 30d free then 2.90/month | Annual access [best value]: 19.90/year", plans);
    Page::article("first").tag(&tag)
}

async fn prices_in_yen_have_no_decimals(reader: &mut Reader) -> Result<()> {
    let seen = prices(reader, priced("JPY", "Monthly: 580/month | Annual: 4500/year", "")).await?;
    let expected = [("¥580 per month", None), ("¥4,500 per year", Some("Save ¥2,460 a year"))];
    check::equal("prices and savings", seen, owned(&expected))
}

async fn prices_in_dinars_have_three(reader: &mut Reader) -> Result<()> {
    let seen = prices(reader, priced("KWD", "Monthly: 1.250/month | Annual: 12.500/year", "")).await?;
    let expected = [
        ("KWD\u{a0}1.250 per month", None),
        ("KWD\u{a0}12.500 per year", Some("Save KWD\u{a0}2.500 a year")),
    ];
    check::equal("prices and savings", seen, owned(&expected))
}

async fn prices_follow_the_locale(reader: &mut Reader) -> Result<()> {
    let plans = "Monatlich: 1002.90/month | Jahr: 9019.90/year";
    // By the attribute on an English page, and by the page's own language.
    let by_attribute = priced("EUR", plans, "data-locale=\"de\"");
    let by_page = priced("EUR", plans, "").html_attributes("lang=\"de\"");
    for page in [by_attribute, by_page] {
        let seen = prices(reader, page).await?;
        let amounts = ["1.002,90\u{a0}€", "9.019,90\u{a0}€"];
        for (amount, (price, _)) in amounts.iter().zip(&seen) {
            check::contains("the price", price, amount)?;
        }
        let saving = seen.get(1).and_then(|(_, saving)| saving.clone()).unwrap_or_default();
        check::contains("the saving", &saving, "3.014,90\u{a0}€")?;
    }
    Ok(())
}

fn owned(pairs: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
    pairs.iter().map(|(price, saving)| ((*price).to_owned(), saving.map(str::to_owned))).collect()
}

async fn the_teaser_by_percent_and_by_marker(reader: &mut Reader) -> Result<()> {
    let limit = |teaser: &str| seed_with("data-limit", "0").replace("\"3p\"", &format!("\"{teaser}\""));
    reader.site.page(Page::article("first").tag(&limit("1p")));
    reader.open_gated("/story/first").await?;
    reader.is("one paragraph", "witness.paragraphs('first')", "10000000").await?;

    reader.site.page(Page::article("first").tag(&limit("50%")));
    reader.open_gated("/story/first").await?;
    let left = reader.value("witness.paragraphs('first')").await?;
    let left = left.as_str().unwrap_or_default();
    check::that(
        &format!("about half is left: {left}"),
        matches!(left, "11100000" | "11110000" | "11111000"),
    )?;

    let marked = "<main><article><div class=\"body\"><p>first-paragraph-1. Words.</p><p>first-paragraph-2. Words.</p>\
                  <div data-tollgate-cut></div><p>first-paragraph-3. Words.</p></div></article></main>";
    let comment = marked.replace("<div data-tollgate-cut></div>", "<!--more-->");
    for body in [marked.to_owned(), comment] {
        reader.site.page(Page::article("first").paragraphs(3).tag(&limit("marker")).body(&body));
        reader.open_gated("/story/first").await?;
        reader.is("what stands above the marker", "witness.paragraphs('first')", "110").await?;
    }
    Ok(())
}

async fn is_19_refused_content_selectors(reader: &mut Reader) -> Result<()> {
    let closed = seed_with("data-limit", "0");
    let article = "<meta property=\"og:type\" content=\"article\">";
    for selector in ["((", "html", "body", "head", ".nowhere"] {
        let tag = seed_with("data-limit", "0").replace("article .body", selector);
        reader.site.page(Page::article("first").tag(&tag).before_tag(article));
        reader.open("/story/first").await?;
        reader.wait_for("the script has run", "!!window.tollgate && !Array.isArray(window.tollgate)").await?;
        let open =
            "witness.paragraphs('first') === '11111111' && document.querySelector('tollgate-gate') === null";
        reader.stays(&format!("open with {selector}"), open, Duration::from_millis(300)).await?;
        let warning = reader.one_warning().await.with_context(|| format!("for '{selector}'"))?;
        check::contains("it names the attribute", &warning, "data-content")?;
        check::contains("it names the value", &warning, selector)?;
    }
    // The same tag stands on the front page, which has no article: that is no mistake.
    reader.site.page(Page::front("/").tag(&closed));
    reader.open("/").await?;
    reader.wait_for("the script has run", "witness.events('ready').length === 1").await?;
    check::equal("warnings on a front page", reader.warnings().await, Vec::<String>::new())?;
    // An ancestor of our own script: taking its children out would take us along.
    let tag = seed_with("data-limit", "0").replace("article .body", "#all");
    let story = Page::article("first").article_html();
    let body = format!("<div id=\"all\">{story}{}</div>", script(&tag));
    reader.site.page(Page::article("first").tag_written("").body(&body));
    reader.open("/story/first").await?;
    reader.wait_for("the script has run", "!!window.tollgate && !Array.isArray(window.tollgate)").await?;
    reader
        .stays("open", "document.querySelector('tollgate-gate') === null", Duration::from_millis(300))
        .await?;
    check::contains("the warning names the value", &reader.one_warning().await?, "#all")
}

async fn no_subscribe_address_gates_nothing(reader: &mut Reader) -> Result<()> {
    let tag = seed_without("data-subscribe-url").replace("data-limit=\"1\"", "data-limit=\"0\"");
    reader.site.page(Page::article("first").tag(&tag));
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader
        .stays("open", "document.querySelector('tollgate-gate') === null", Duration::from_millis(300))
        .await?;
    reader.is_open("first").await?;
    check::contains("the warning", &reader.one_warning().await?, "data-subscribe-url")
}

async fn sec_01_a_subscribe_address_that_is_no_address(reader: &mut Reader) -> Result<()> {
    for address in [
        "javascript:window.pwned=1//",
        " JaVaScRiPt:window.pwned=1//",
        "java\tscript:window.pwned=1//",
        "\u{1}javascript:window.pwned=1//",
        "data:text/html,<p>x",
        "vbscript:x",
        "blob:http://127.0.0.1/x",
        "https://name:word@127.0.0.1/",
    ] {
        let tag = seed_with("data-subscribe-url", address).replace("data-limit=\"1\"", "data-limit=\"0\"");
        reader.site.page(Page::article("first").tag(&tag));
        reader.open("/story/first").await?;
        reader.granted().await.with_context(|| format!("for {address:?}"))?;
        reader
            .stays("open", "document.querySelector('tollgate-gate') === null", Duration::from_millis(150))
            .await?;
        reader.is_open("first").await?;
        let warning = reader.one_warning().await.with_context(|| format!("for {address:?}"))?;
        check::contains("it names the attribute", &warning, "data-subscribe-url")?;
        reader.is("nothing ran", "typeof window.pwned", "undefined").await?;
    }
    // A bad log-in address drops that link alone.
    let tag = seed_with("data-login-url", "javascript:window.pwned=1//")
        .replace("data-limit=\"1\"", "data-limit=\"0\"");
    reader.site.page(Page::article("first").tag(&tag));
    let overlay = reader.open_gated("/story/first").await?;
    check::json("the log-in link", &overlay["login"], &Value::Null)?;
    check::contains("the warning", &reader.one_warning().await?, "data-login-url")
}

async fn sec_03_markup_in_texts_is_text(reader: &mut Reader) -> Result<()> {
    let publication = "<b>The</b> </style><script>window.pwned=1</script> {{7*7}}";
    let tag =
        seed_with("data-publication", publication).replace("data-limit=\"1\"", "data-limit=\"0\"").replace(
            "Exclusive coverage",
            "&lt;img src=x onerror=window.pwned=1&gt; | &lt;/style&gt;&lt;svg onload=window.pwned=1&gt;",
        );
    reader.site.page(Page::article("first").tag(&tag));
    let overlay = reader.open_gated("/story/first").await?;
    check::json("the offer", &overlay["offer"], &json!(format!("Keep reading with {publication}")))?;
    check::json("a benefit", &overlay["benefits"][0]["text"], &json!("<img src=x onerror=window.pwned=1>"))?;
    check::json("another", &overlay["benefits"][1]["text"], &json!("</style><svg onload=window.pwned=1>"))?;
    let foreign =
        "witness.overlayRoot().querySelectorAll('img, script, b, style, [onload], [onerror]').length";
    reader.is("elements made from texts", foreign, 0).await?;
    reader.is("nothing ran", "typeof window.pwned", "undefined").await
}

async fn sec_04_a_colour_that_is_no_colour(reader: &mut Reader) -> Result<()> {
    for value in ["red;} *{display:none", "url(//evil.example/x)", "var(--x)", "expression(1)"] {
        let tag = seed_with("data-accent", value).replace("data-limit=\"1\"", "data-limit=\"0\"");
        reader.site.page(Page::article("first").tag(&tag));
        reader.open_gated("/story/first").await?;
        let warning = reader.one_warning().await.with_context(|| format!("for {value:?}"))?;
        check::contains("it names the attribute", &warning, "data-accent")?;
        reader.is("the button can be hit", "witness.hits('cta')", "hit").await?;
    }
    Ok(())
}

async fn sec_10_the_query_of_the_page_changes_nothing(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&seed_with("data-limit", "0")));
    let hostile =
        "/story/first?data-limit=9&tollgate-limit=9&granted=true&return=//evil.example&plan=x#token=secret";
    let overlay = reader.open_gated(hostile).await?;
    reader.is_locked("first").await?;
    let address = overlay["cta"]["href"].as_str().unwrap_or_default();
    check::that(
        &format!("{address} stays on the site"),
        address.starts_with(&reader.site.url("/subscribe?plan=free-trial&return=")),
    )?;
    check::that(&format!("{address} has no fragment's secret"), !address.contains("secret"))
}

async fn theme_and_accent_are_used(reader: &mut Reader) -> Result<()> {
    let colours = "(() => { const of = name => getComputedStyle(witness.overlayRoot().querySelector(name)); \
                   return [of('dialog').backgroundColor, of('[part~=cta]').backgroundColor] })()";
    let tag = |theme: &str| {
        let tag = seed_with("data-theme", theme).replace("data-limit=\"1\"", "data-limit=\"0\"");
        format!("{tag} data-accent=\"#a3123f\"")
    };
    let mut backgrounds = Vec::new();
    for theme in ["light", "dark"] {
        reader.site.page(Page::article("first").tag(&tag(theme)));
        reader.open_gated("/story/first").await?;
        let seen: (String, String) = reader.js(&format!("return {colours}")).await?;
        backgrounds.push(seen);
    }
    let [(light, accent), (dark, _)] = backgrounds.as_slice() else { anyhow::bail!("two themes") };
    check::that(&format!("light {light} and dark {dark} differ"), light != dark)?;
    check::equal("the button in the light theme has the accent", accent.as_str(), "rgb(163, 18, 63)")?;
    // Attributes that are not set at all are no trouble either.
    reader.site.page(Page::article("first").tag(SEED));
    reader.open("/story/first").await?;
    reader.granted().await
}
