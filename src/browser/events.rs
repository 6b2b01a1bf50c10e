//! The core's events → the names and plain objects that host pages receive.

use crate::machine::{Event, Meter};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// The surface that opens over the page.
const OVERLAY: &str = "overlay";

/// The detail of `tollgate:meter`, and the answer of `tollgate.getMeter()`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MeterDetail<'a> {
    site: &'a str,
    period: &'a str,
    reads: u32,
    reads_left: u32,
    limit: u32,
    counted: bool,
    /// Milliseconds since 1970, as `new Date(…)` takes them.
    resets_at: f64,
}

/// The detail of `tollgate:granted` and `tollgate:denied`, and the answer of `tollgate.getDecision()`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DecisionDetail<'a> {
    granted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gate_reason: Option<&'a str>,
    article: &'a str,
}

/// The detail of events that concern a surface.
#[derive(Serialize)]
struct SurfaceDetail<'a> {
    surface: &'a str,
}

/// The detail of a click on the button or on the log-in.
#[derive(Serialize)]
pub(super) struct ClickDetail<'a> {
    /// The plan's id; empty for the log-in and where there are no plans.
    pub(super) plan: &'a str,
    /// Where the link leads.
    pub(super) url: &'a str,
}

/// A detail as a plain JavaScript object.
pub(super) fn object(detail: &impl Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(detail).unwrap_or(JsValue::NULL)
}

/// The name (without `tollgate:`) and the detail of an event.
pub(super) fn parts(event: &Event, article: &str) -> (&'static str, JsValue) {
    let surface = || object(&SurfaceDetail { surface: OVERLAY });
    let decision = |granted, reason| {
        let (grant_reason, gate_reason) = if granted { (Some(reason), None) } else { (None, Some(reason)) };
        object(&DecisionDetail { granted, grant_reason, gate_reason, article })
    };
    match event {
        Event::Ready => ("ready", JsValue::NULL),
        Event::Meter(meter) => ("meter", object(&meter_detail(meter))),
        Event::Granted(reason) => ("granted", decision(true, reason)),
        Event::Denied(reason) => ("denied", decision(false, reason)),
        Event::Lock => ("lock", object(&SurfaceDetail { surface: "inline" })),
        Event::Release => ("release", object(&SurfaceDetail { surface: "inline" })),
        Event::Show => ("show", surface()),
        Event::Hide => ("hide", surface()),
        Event::Dismiss => ("dismiss", surface()),
    }
}

fn meter_detail(meter: &Meter) -> MeterDetail<'_> {
    MeterDetail {
        site: &meter.site,
        period: &meter.period,
        reads: meter.reads,
        reads_left: meter.reads_left,
        limit: meter.limit,
        counted: meter.counted,
        resets_at: meter.resets_at.milliseconds() as f64,
    }
}
