//! The main job from end to end, with the tag of the README.

use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, seed_with};
use crate::reader::{JUNE, MAY, Reader};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use thirtyfour::Key;

tests! {
    journey_seed: ALL, Ordinary;
    journey_under_the_real_clock: ALL, Ordinary;
    journey_of_three_free_articles: ALL, Ordinary;
}

/// First article read and counted; second gated; the overlay's texts, saving and links; closed by Escape; the inline
/// gate there and the text gone; the first article free again; the next month open again.
pub(super) async fn journey_seed(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug));
    }

    reader.read("/story/first").await?;
    reader.is_open("first").await?;
    let ledger = reader.ledger().await?;
    check::equal("the number of keys", ledger.len(), 1)?;
    let (key, value) = ledger.first().context("a key")?;
    check_key(key, "meridian", "2031-05")?;
    let minutes = i64::from_str_radix(value, 36).with_context(|| format!("not base 36: {value}"))?;
    check::that(&format!("{value} is the minute of the read"), (0..=2).contains(&(minutes - MAY / 60_000)))?;
    let meter = reader.value("tollgate.getMeter()").await?;
    for (name, expected) in [
        ("site", json!("meridian")),
        ("period", json!("2031-05")),
        ("reads", json!(1)),
        ("readsLeft", json!(0)),
        ("limit", json!(1)),
        ("counted", json!(true)),
    ] {
        check::json(&format!("getMeter().{name}"), &meter[name], &expected)?;
    }

    let overlay = reader.open_gated("/story/second").await?;
    check_overlay(&overlay, &reader.site.origin(), "free-trial")?;
    reader.is_locked("second").await?;
    reader.ledger_has(1).await?;

    // The keyboard's arrows choose a plan, and the link follows.
    reader.js::<Value>("witness.overlayRoot().querySelector('input[name=plan]:checked').focus()").await?;
    reader.press(Key::Down).await?;
    reader.wait_for("the annual plan is chosen", "witness.overlay().plans[1].chosen").await?;
    check_overlay(&reader.value("witness.overlay()").await?, &reader.site.origin(), "annual-access")?;
    reader.press(Key::Up).await?;
    reader.wait_for("the trial is chosen again", "witness.overlay().plans[0].chosen").await?;
    check_overlay(&reader.value("witness.overlay()").await?, &reader.site.origin(), "free-trial")?;

    reader.escape().await?;
    reader.is_locked("second").await?;
    let inline = reader.value("witness.inline()").await?;
    check::json("inline gates", &inline["hosts"], &json!(1))?;
    check::equal(
        "the inline gate's headline",
        &inline["headline"],
        &json!("You’ve read your one free article this month"),
    )?;
    check::json("the inline gate's link", &inline["cta"]["href"], &subscribe(reader, "free-trial"))?;
    check::json("the inline gate's 'cancel anytime'", &inline["cancel"], &json!("Cancel anytime"))?;
    check::json("the inline gate's log-in", &inline["login"], &log_in(&reader.site.origin()))?;
    reader.is("no overlay is left on the screen", "witness.overlay()", Value::Null).await?;

    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.is_open("first").await?;
    reader.ledger_has(1).await?;

    reader.site.clock_at(JUNE);
    reader.read("/story/second").await?;
    reader.is_open("second").await?;
    let june: Vec<_> =
        reader.ledger().await?.into_iter().filter(|(key, _)| key.contains(":r:2031-06:")).collect();
    check::equal("keys of June", june.len(), 1)?;
    reader.open_gated("/story/first").await?;
    reader.is_locked("first").await
}

/// The same without a changed clock, as on a real site.
async fn journey_under_the_real_clock(reader: &mut Reader) -> Result<()> {
    reader.site.clock_real();
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug));
    }
    let month = "new Date().toISOString().slice(0, 7)";
    reader.read("/story/first").await?;
    let ledger = reader.ledger().await?;
    check::equal("the number of keys", ledger.len(), 1)?;
    let (key, _) = ledger.first().context("a key")?;
    check_key(key, "meridian", reader.value(month).await?.as_str().unwrap_or_default())?;
    reader.open_gated("/story/second").await?;
    reader.is_locked("second").await
}

/// Number words and plural; the fourth is gated.
pub(super) async fn journey_of_three_free_articles(reader: &mut Reader) -> Result<()> {
    for slug in ["one", "two", "three", "four"] {
        reader.site.page(Page::article(slug).tag(&seed_with("data-limit", "3")));
    }
    for (number, slug) in ["one", "two", "three"].into_iter().enumerate() {
        reader.read(&format!("/story/{slug}")).await?;
        reader.is_open(slug).await?;
        reader.is("reads left", "tollgate.getMeter().readsLeft", 2 - number).await?;
    }
    let overlay = reader.open_gated("/story/four").await?;
    check::equal(
        "the headline",
        &overlay["headline"],
        &json!("You’ve read your three free articles this month"),
    )?;
    reader.is_locked("four").await?;
    reader.ledger_has(3).await
}

/// A key of the ledger has the documented grammar, with this site and period.
fn check_key(key: &str, site: &str, period: &str) -> Result<()> {
    let hash = key.strip_prefix(&format!("tollgate1:{site}:r:{period}:"));
    let well_formed = hash.is_some_and(|hash| {
        hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    });
    check::that(&format!("{key} is tollgate1:{site}:r:{period}:<16 of base64url>"), well_formed)
}

/// The overlay for the seed tag on the second story, with this plan chosen.
fn check_overlay(overlay: &Value, origin: &str, chosen: &str) -> Result<()> {
    let cta = match chosen {
        "free-trial" => "Try The Meridian for free",
        _ => "Subscribe to The Meridian",
    };
    let expected = json!({
        "hosts": 1,
        "modal": true,
        "headline": "You’ve read your one free article this month",
        "offer": "Keep reading with The Meridian",
        "benefits": [
            { "text": "Exclusive coverage", "badge": null },
            { "text": "Ad-free reading", "badge": "new" },
            { "text": "Weekly magazine", "badge": "new" },
            { "text": "9 newsletters", "badge": null },
            { "text": "The archive", "badge": null },
        ],
        "plans": [
            {
                "id": "free-trial", "chosen": chosen == "free-trial", "name": "Free trial", "badge": null,
                "price": "30 days free", "then": "then $2.90 per month", "saving": null,
            },
            {
                "id": "annual-access", "chosen": chosen == "annual-access", "name": "Annual access",
                "badge": "best value", "price": "$19.90 per year", "then": null, "saving": "Save $14.90 a year",
            },
        ],
        "cta": {
            "text": cta,
            "href": format!("{origin}/subscribe?plan={chosen}&return={}", encoded(&format!("{origin}/story/second"))),
        },
        "cancel": "Cancel anytime",
        "login": log_in(origin),
    });
    let (Value::Object(seen), Value::Object(expected)) = (overlay, &expected) else {
        return check::json("the overlay", overlay, &expected);
    };
    for (name, value) in expected {
        check::json(&format!("the overlay's {name}"), seen.get(name).unwrap_or(&Value::Null), value)?;
    }
    Ok(())
}

fn subscribe(reader: &Reader, plan: &str) -> Value {
    let origin = reader.site.origin();
    json!(format!("{origin}/subscribe?plan={plan}&return={}", encoded(&format!("{origin}/story/second"))))
}

fn log_in(origin: &str) -> Value {
    json!({
        "text": "Log in",
        "href": format!("{origin}/login?return={}", encoded(&format!("{origin}/story/second"))),
    })
}

/// An address as one query value. (Our test addresses hold nothing else that needs an escape.)
fn encoded(address: &str) -> String {
    address.replace(':', "%3A").replace('/', "%2F")
}
