//! `POST /webhook/stripe`: payments, as Stripe tells them. Events are signed, come more than once and in any order; each counts once, with all
//! it changes or not at all.

use crate::store::Paid;
use crate::{Answer, App, Shared, now, secrets};
use anyhow::Result;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use serde_json::Value;

/// For how long a subscription holds that was just begun, in seconds, until its invoice says until when; and how long one holds on when its
/// time is up, in which the next invoice is paid.
const GRACE: i64 = 3 * 86_400;

/// For how long a single payment holds, in seconds: a year.
const ONCE: i64 = 365 * 86_400;

/// The route.
pub(crate) async fn webhook(State(app): Shared, headers: HeaderMap, body: Bytes) -> Answer {
    if app.config.stripe.is_empty() {
        return Ok(StatusCode::NOT_FOUND.into_response());
    }
    let refused = |why: &'static str| Ok((StatusCode::BAD_REQUEST, why).into_response());
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or("");
    if let Err(error) = secrets::check_webhook(&app.config.stripe, signature, &body, now()) {
        tracing::warn!("a webhook was refused: {error}");
        return refused("The signature is wrong.");
    }
    let Ok(event) = serde_json::from_slice::<Value>(&body) else { return refused("No JSON.") };
    let id = event.get("id").and_then(Value::as_str).unwrap_or("");
    if id.is_empty() || id.len() > 255 {
        return refused("No id.");
    }
    carry_out(&app, id, &event).await?;
    Ok("ok".into_response())
}

/// What one event says.
struct Told<'a> {
    event: &'a Value,
}

impl Told<'_> {
    /// The first of these that is a text.
    fn text(&self, pointers: &[&str]) -> String {
        let found = pointers.iter().find_map(|pointer| self.event.pointer(pointer)?.as_str());
        found.unwrap_or("").to_owned()
    }

    /// The latest of these times; 0 where there is none.
    fn latest(&self, pointers: &[&str]) -> i64 {
        pointers.iter().filter_map(|pointer| self.event.pointer(pointer)?.as_i64()).max().unwrap_or(0)
    }
}

async fn carry_out(app: &App, id: &str, event: &Value) -> Result<()> {
    let told = Told { event };
    let (kind, created) = (told.text(&["/type"]), told.latest(&["/created"]));
    let customer = told.text(&["/data/object/customer"]);
    let paid = Paid { customer: customer.clone(), told: created, ..Paid::default() };
    let paid = match kind.as_str() {
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
            // What is paid by a transfer that takes days is not paid yet.
            if told.text(&["/data/object/payment_status"]) == "unpaid" {
                return Ok(());
            }
            let account = told.text(&["/data/object/client_reference_id"]);
            if !app.store.has_account(&account).await? {
                tracing::warn!(
                    "event {id} is of no account here: does the payment link have client_reference_id={{account}}?"
                );
                return Ok(());
            }
            let subscription = told.text(&["/data/object/subscription"]);
            let is_once = subscription.is_empty();
            Paid {
                reference: if is_once { told.text(&["/data/object/id"]) } else { subscription },
                account,
                plan: told.text(&["/data/object/metadata/plan"]),
                ends: now() + if is_once { ONCE } else { GRACE },
                ..paid
            }
        }
        "invoice.paid" => Paid {
            // Where this stands has changed with Stripe's versions.
            reference: told.text(&[
                "/data/object/subscription",
                "/data/object/parent/subscription_details/subscription",
                "/data/object/lines/data/0/subscription",
                "/data/object/lines/data/0/parent/subscription_item_details/subscription",
            ]),
            ends: ends_of_lines(event) + GRACE,
            ..paid
        },
        "customer.subscription.created" | "customer.subscription.updated" => {
            let is_active =
                matches!(told.text(&["/data/object/status"]).as_str(), "active" | "trialing" | "past_due");
            let ends = told
                .latest(&["/data/object/current_period_end", "/data/object/items/data/0/current_period_end"]);
            Paid {
                reference: told.text(&["/data/object/id"]),
                plan: told.text(&["/data/object/metadata/plan"]),
                ends: if is_active { ends + GRACE } else { 0 },
                is_final: true,
                ..paid
            }
        }
        "customer.subscription.deleted" => {
            Paid { reference: told.text(&["/data/object/id"]), is_final: true, has_ended: true, ..paid }
        }
        _ => return Ok(()),
    };
    let Some(mut event) = app.store.begin_event(id, now()).await? else { return Ok(()) };
    if !paid.account.is_empty() && !customer.is_empty() {
        event.is_customer(&customer, &paid.account).await?;
    }
    if !paid.reference.is_empty() {
        event.note(&paid).await?;
    }
    event.end().await
}

/// Until when an invoice's lines were paid.
fn ends_of_lines(event: &Value) -> i64 {
    let lines = event.pointer("/data/object/lines/data").and_then(Value::as_array);
    let ends = lines.into_iter().flatten().filter_map(|line| line.pointer("/period/end")?.as_i64());
    ends.max().unwrap_or(0)
}
