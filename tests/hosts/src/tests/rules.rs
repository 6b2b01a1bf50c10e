//! The rules of the meter on real pages: notice and steps, tiers, sections, free and locked articles, referrers, time
//! zones, windows.

use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, seed_with, seed_with_all};
use crate::reader::{MAY, Reader};
use anyhow::Result;
use serde_json::{Value, json};

tests! {
    the_last_free_read_has_a_notice: ALL, Ordinary;
    a_notice_goes_by_the_keyboard: ALL, Ordinary;
    a_subscriber_sees_no_notice: ALL, Ordinary;
    steps_lead_from_the_newsletter_to_the_subscription: ALL, Ordinary;
    a_step_that_may_be_turned_down: ALL, Ordinary;
    a_registered_reader_has_another_limit: ALL, Ordinary;
    sections_have_their_own_meters: ALL, Ordinary;
    an_article_is_free_or_locked: ALL, Ordinary;
    a_reader_from_a_listed_site_reads_free: ALL, Ordinary;
    st_35_a_period_is_cut_in_the_publishers_zone: ALL, Ordinary;
    st_36_a_zone_that_is_none_is_utc_and_said_once: ALL, Ordinary;
    a_rolling_read_ages_out: ALL, Ordinary;
    st_32_a_read_from_far_ahead_counts_as_of_now: ALL, Ordinary;
}

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// The notice's parts, by name.
const NOTICE: &str = "witness.hosts('notice')[0].shadowRoot.querySelector";

async fn the_last_free_read_has_a_notice(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second", "third"] {
        reader.site.page(Page::article(slug).tag(&seed_with("data-limit", "2")));
    }
    reader.read("/story/first").await?;
    reader.is("none at the first of two", "witness.hosts('notice').length", 0).await?;
    reader.open("/story/second").await?;
    reader.granted().await?;
    reader.wait_for("the notice shows", "witness.hosts('notice').length === 1").await?;
    let part = |part: &str| format!("{NOTICE}('[part~={part}]')");
    reader
        .is("what it says", &format!("{}.textContent", part("headline")), "This is your last free article")
        .await?;
    let address = reader.site.url("/subscribe?plan=free-trial&return=");
    let leads = format!("{}.href.startsWith('{address}')", part("cta"));
    reader.is("where it leads", &leads, true).await?;
    reader.is_open("second").await?;
    reader.is("the focus is the page's", "document.activeElement === document.body", true).await?;
    // In the window at its foot; at the page's end, in a room of its own.
    let inside = "(box => box.bottom <= innerHeight + 1 && box.bottom > innerHeight - 4 && box.height > 20 \
                  && box.height < innerHeight / 3)(witness.hosts('notice')[0].getBoundingClientRect())";
    reader.wait_for("it stands at the foot of the window", inside).await?;
    reader.js::<Value>("window.scrollTo(0, document.documentElement.scrollHeight)").await?;
    let behind = "witness.hosts('notice')[0].getBoundingClientRect().top >= document.querySelector('footer').lastElementChild\
                  .getBoundingClientRect().bottom - 1";
    reader.wait_for("it covers nothing at the page's end", behind).await?;
    reader.counted().await?;
    reader.is("it stays when the read counts", "witness.hosts('notice').length", 1).await?;
    reader.click(&part("close")).await?;
    reader.wait_for("it is gone", "witness.hosts('notice').length === 0").await?;
    reader.is_untouched().await?;
    reader.reload().await?;
    reader.granted().await?;
    reader.is("none for what was read before", "witness.hosts('notice').length", 0).await?;
    reader.open_gated("/story/third").await?;
    reader.is("and none beside a gate", "witness.hosts('notice').length", 0).await
}

async fn a_notice_goes_by_the_keyboard(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first"));
    reader.open("/story/first").await?;
    reader.wait_for("the notice shows", "witness.hosts('notice').length === 1").await?;
    reader.js::<Value>(&format!("{NOTICE}('button').focus()")).await?;
    reader.press(thirtyfour::Key::Enter).await?;
    reader.wait_for("it is gone", "witness.hosts('notice').length === 0").await?;
    check::equal("what is hidden", reader.events("hide").await, vec![json!({ "surface": "notice" })])
}

async fn a_subscriber_sees_no_notice(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first"));
    reader.open("/story/first").await?;
    reader.wait_for("the notice shows", "witness.hosts('notice').length === 1").await?;
    reader.js::<Value>("tollgate.setEntitlement({ granted: true })").await?;
    reader.wait_for("it is gone", "witness.hosts('notice').length === 0").await?;
    reader.is_untouched().await
}

async fn steps_lead_from_the_newsletter_to_the_subscription(reader: &mut Reader) -> Result<()> {
    let tag = seed_with_all(&[
        ("data-limit", "3"),
        ("data-steps", "newsletter from 2 | register from 3 | subscribe"),
        ("data-newsletter-url", "/letters?back={return_url}"),
        ("data-register-url", "/register"),
    ]);
    for slug in ["first", "second", "third", "fourth"] {
        reader.site.page(Page::article(slug).tag(&tag));
    }
    reader.read("/story/first").await?;
    let gate = reader.open_gated("/story/second").await?;
    check::equal("its headline", gate["headline"].as_str(), Some("Sign up for our newsletter to read on"))?;
    let back = reader.site.url("/letters?back=http");
    let leads = format!("witness.overlayRoot().querySelector('form').action.startsWith('{back}')");
    reader.is("its form leads to the letters", &leads, true).await?;
    check::equal("no plans", gate["plans"].clone(), json!([]))?;
    reader.is_locked("second").await?;
    let step = reader.events("denied").await.pop().map(|mut detail| detail["step"].take());
    check::equal("the step", step, Some(json!("newsletter")))?;
    reader.js::<Value>("tollgate.setEntitlement({ granted: false, tier: 'newsletter' })").await?;
    reader.wait_for("the text is back", "witness.paragraphs('second') === '11111111'").await?;
    reader.is_untouched().await?;
    reader.scroll().await?;
    reader.counted().await?;
    let gate = reader.open_gated("/story/third").await?;
    check::equal("its headline", gate["headline"].as_str(), Some("Create a free account to read on"))?;
    reader.js::<Value>("tollgate.setEntitlement({ granted: false, tier: 'registered' })").await?;
    reader.wait_for("the text is back", "witness.paragraphs('third') === '11111111'").await?;
    reader.scroll().await?;
    reader.counted().await?;
    let gate = reader.open_gated("/story/fourth").await?;
    check::equal(
        "its headline",
        gate["headline"].as_str(),
        Some("You’ve read your three free articles this month"),
    )
}

async fn a_step_that_may_be_turned_down(reader: &mut Reader) -> Result<()> {
    let tag = seed_with_all(&[("data-limit", "3"), ("data-steps", "subscribe from 1, dismissible")]);
    reader.site.page(Page::article("first").tag(&tag));
    reader.open_gated("/story/first").await?;
    reader.is_locked("first").await?;
    let dismiss = "witness.overlayRoot().querySelector('[part~=dismiss]')";
    reader.is("the button", &format!("{dismiss}.textContent"), "Not now").await?;
    reader.js::<Value>(&format!("{dismiss}.scrollIntoView({{ block: 'center' }})")).await?;
    reader.click(dismiss).await?;
    reader.wait_for("the text is back", "witness.paragraphs('first') === '11111111'").await?;
    reader.ledger_has(0).await?;
    reader.is_untouched().await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.reload().await?;
    reader.granted().await?;
    reader.is_open("first").await
}

async fn a_registered_reader_has_another_limit(reader: &mut Reader) -> Result<()> {
    let tag = seed_with("data-registered-limit", "2");
    for slug in ["first", "second", "third"] {
        reader.site.page(Page::article(slug).tag(&tag));
    }
    reader.read("/story/first").await?;
    reader.open_gated("/story/second").await?;
    reader.js::<Value>("tollgate.setEntitlement({ granted: false, tier: 'registered' })").await?;
    reader.wait_for("the text is back", "witness.paragraphs('second') === '11111111'").await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.open_gated("/story/third").await?;
    reader.js::<Value>("tollgate.setEntitlement({ granted: false, tier: 'registered' })").await?;
    let meter = reader.events("meter").await.pop().unwrap_or_default();
    check::equal("reads and limit", (meter["reads"].as_i64(), meter["limit"].as_i64()), (Some(2), Some(2)))?;
    reader.is_locked("third").await
}

pub(super) async fn sections_have_their_own_meters(reader: &mut Reader) -> Result<()> {
    let tag =
        seed_with_all(&[("data-limit", "3"), ("data-meters", "opinion: 1 | local [City news, region]: 1")]);
    let section = |slug: &str, section: &str| {
        let meta = format!("<meta property=\"article:section\" content=\"{section}\">");
        Page::article(slug).tag(&tag).before_tag(&meta)
    };
    reader.site.page(section("first", "Opinion"));
    reader.site.page(section("second", "opinion"));
    reader.site.page(section("third", "Sport"));
    let body = Page::article("fourth")
        .article_html()
        .replace("<article>", "<article data-tollgate-section=\"city news\">");
    reader.site.page(section("fourth", "opinion").body(&body));
    reader.read("/story/first").await?;
    reader.open_gated("/story/second").await?;
    let meter = reader.events("meter").await.pop().unwrap_or_default();
    check::equal("which meter gates", meter["meter"].as_str(), Some("opinion"))?;
    reader.read("/story/third").await?;
    reader.read("/story/fourth").await?;
    let keys: Vec<String> = reader.ledger().await?.into_iter().map(|(key, _)| key).collect();
    let of = |end: &str| keys.iter().filter(|key| key.ends_with(end)).count();
    check::equal("one key a meter", (keys.len(), of(":opinion"), of(":local")), (3, 1, 1))
}

async fn an_article_is_free_or_locked(reader: &mut Reader) -> Result<()> {
    let tag =
        seed_with_all(&[("data-limit", "1"), ("data-paths", "/story/jobs: free | /story/premium*: locked")]);
    let with = |slug: &str, rule: &str| {
        let html = Page::article(slug)
            .article_html()
            .replace("<article>", &format!("<article data-tollgate=\"{rule}\">"));
        Page::article(slug).tag(&tag).body(&html)
    };
    reader.site.page(Page::article("jobs").tag(&tag));
    reader.site.page(Page::article("premium-one").tag(&tag));
    reader.site.page(with("premium-two", "free"));
    reader.site.page(with("third", "locked"));
    reader
        .site
        .page(Page::article("fourth").tag(&tag).before_tag("<meta name=\"tollgate\" content=\"locked\">"));
    reader.site.page(with("fifth", "nonsense"));
    reader.open("/story/jobs").await?;
    reader.granted().await?;
    reader.scroll().await?;
    for gated in ["premium-one", "third", "fourth"] {
        let gate = reader.open_gated(&format!("/story/{gated}")).await?;
        check::equal("its headline", gate["headline"].as_str(), Some("This story is for subscribers"))?;
        reader.is_locked(gated).await?;
    }
    reader.open("/story/premium-two").await?;
    reader.granted().await?;
    reader.ledger_has(0).await?;
    reader.read("/story/fifth").await?;
    check::contains(
        "the warning names it",
        &reader.one_warning().await?,
        "data-tollgate=\"nonsense\": not-a-rule",
    )
}

/// Follows the page's link to a story on the other origin.
async fn follow(reader: &mut Reader, slug: &str) -> Result<()> {
    reader.settle().await?;
    reader.js::<Value>("document.getElementById('link').click()").await?;
    reader
        .wait_for("the story is there", &format!("!!window.witness && location.pathname === '/story/{slug}'"))
        .await
}

async fn a_reader_from_a_listed_site_reads_free(reader: &mut Reader) -> Result<()> {
    let tag = seed_with_all(&[
        ("data-limit", "0"),
        ("data-free-referrers", "127.0.0.1 | newsletter"),
        ("data-referrer-limit", "1"),
    ]);
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).tag(&tag));
    }
    let links = |slug: &str| {
        Page::plain("/links")
            .body(&format!("<a id=\"link\" href=\"{}/story/{slug}\">go</a>", reader.site.other_origin()))
    };
    let [one, two] = ["first", "second"].map(links);
    reader.site.page(one);
    reader.open("/links").await?;
    follow(reader, "first").await?;
    reader.granted().await?;
    reader.is("why", "witness.events('granted')[0].detail.grantReason", "REFERRER").await?;
    reader.scroll().await?;
    let marked = "Object.keys(witness.ledger()).some(key => key.endsWith(':.referrer'))";
    reader.wait_for("it is marked", marked).await?;
    // The cap is one a day; the same article stays free.
    reader.reload().await?;
    reader.granted().await?;
    reader.site.page(two);
    reader.open("/links").await?;
    follow(reader, "second").await?;
    reader.overlay().await?;
    let address = format!("{}/story/first?utm_medium=email", reader.site.other_origin());
    reader.open_address(&address).await?;
    reader.granted().await?;
    reader.is("a newsletter's link", "witness.events('granted')[0].detail.grantReason", "REFERRER").await
}

async fn st_35_a_period_is_cut_in_the_publishers_zone(reader: &mut Reader) -> Result<()> {
    // 2031-05-31T23:30Z: June in Paris, May in New York; Kathmandu is 5:45 ahead.
    let last_of_may = MAY + 21 * DAY + 11 * DAY / 24 + DAY / 48;
    for (zone, period, resets_at) in [
        ("Europe/Paris", "2031-06", "2031-06-30T22:00:00.000Z"),
        ("America/New_York", "2031-05", "2031-06-01T04:00:00.000Z"),
        ("Asia/Kathmandu", "2031-06", "2031-06-30T18:15:00.000Z"),
        ("UTC", "2031-05", "2031-06-01T00:00:00.000Z"),
    ] {
        reader.site.clock_at(last_of_may);
        reader.site.page(Page::article("first").tag(&seed_with("data-time-zone", zone)));
        reader.open("/story/first").await?;
        reader.granted().await?;
        reader.is(zone, "witness.events('meter')[0].detail.period", period).await?;
        let resets = "new Date(witness.events('meter')[0].detail.resetsAt).toISOString()";
        reader.is(&format!("{zone} resets"), resets, resets_at).await?;
    }
    // In May it is summer in Paris already; in a year that ends in winter it is not.
    reader.site.page(
        Page::article("first")
            .tag(&seed_with_all(&[("data-period", "year"), ("data-time-zone", "Europe/Paris")])),
    );
    reader.open("/story/first").await?;
    reader.granted().await?;
    let resets = "new Date(witness.events('meter')[0].detail.resetsAt).toISOString()";
    reader.is("the year ends in winter", resets, "2031-12-31T23:00:00.000Z").await
}

async fn st_36_a_zone_that_is_none_is_utc_and_said_once(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&seed_with("data-time-zone", "Europe/Atlantis")));
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.is("cut in UTC", "witness.events('meter')[0].detail.period", "2031-05").await?;
    let expected = "data-time-zone=\"Europe/Atlantis\": not-a-time-zone, using \"UTC\"";
    check::contains("the warning", &reader.one_warning().await?, expected)
}

async fn a_rolling_read_ages_out(reader: &mut Reader) -> Result<()> {
    let tag = seed_with_all(&[("data-period", "7d"), ("data-window", "rolling")]);
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).tag(&tag));
    }
    reader.read("/story/first").await?;
    let key = reader.ledger().await?.pop().map(|(key, _)| key).unwrap_or_default();
    check::contains("its period is its own", &key, ".7d:")?;
    reader.site.clock_at(MAY + 6 * DAY);
    reader.open_gated("/story/second").await?;
    // The page's clock, not that of the driver's own sandbox.
    let resets =
        format!("Math.round((witness.events('meter')[0].detail.resetsAt - {}) / 3600000)", MAY + 6 * DAY);
    reader.is("free again in a day", &resets, 24).await?;
    reader.site.clock_at(MAY + 7 * DAY + DAY / 24);
    reader.read("/story/second").await?;
    reader.is_open("second").await
}

async fn st_32_a_read_from_far_ahead_counts_as_of_now(reader: &mut Reader) -> Result<()> {
    let tag = seed_with_all(&[("data-period", "30d"), ("data-window", "rolling")]);
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).tag(&tag));
    }
    reader.site.clock_at(MAY + 3650 * DAY);
    reader.read("/story/first").await?;
    reader.site.clock_at(MAY);
    reader.open_gated("/story/second").await?;
    reader.ledger_has(1).await?;
    reader.site.clock_at(MAY + 31 * DAY);
    reader.read("/story/second").await?;
    reader.is_open("second").await
}
