//! The core's events → the names and plain objects that host pages receive.

use crate::config::Config;
use crate::machine::{Event, Meter};
use serde::{Serialize, Serializer};
use wasm_bindgen::JsValue;

/// The detail of an event: a flat object, written member by member. (Derived structures would bring a cache of member
/// names into the module that costs more than this file.)
pub(super) struct Detail<'a>(pub(super) &'a [(&'static str, Value<'a>)]);

/// A member's value.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Text(&'a str),
    Number(f64),
    Truth(bool),
}

impl Serialize for Detail<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Number(number) => serializer.serialize_f64(*number),
            Value::Truth(truth) => serializer.serialize_bool(*truth),
        }
    }
}

/// A detail as a plain JavaScript object.
pub(super) fn object(members: &[(&'static str, Value<'_>)]) -> JsValue {
    let objects = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    Detail(members).serialize(&objects).unwrap_or(JsValue::NULL)
}

/// The name (without `tollgate:`) and the detail of an event.
pub(super) fn parts(event: &Event, article: &str, config: &Config) -> (&'static str, JsValue) {
    let surface = |name| object(&[("surface", Value::Text(name))]);
    let decision = |granted, name, reason| {
        object(&[
            ("granted", Value::Truth(granted)),
            (name, Value::Text(reason)),
            ("article", Value::Text(article)),
        ])
    };
    match event {
        Event::Ready => ("ready", JsValue::NULL),
        Event::Meter(meter) => ("meter", meter_detail(meter, config)),
        Event::Granted(reason) => ("granted", decision(true, "grantReason", reason)),
        Event::Denied(reason) => ("denied", decision(false, "gateReason", reason)),
        Event::Lock => ("lock", surface("inline")),
        Event::Release => ("release", surface("inline")),
        Event::Show => ("show", surface("overlay")),
        Event::Hide => ("hide", surface("overlay")),
        Event::Dismiss => ("dismiss", surface("overlay")),
    }
}

fn meter_detail(meter: &Meter, config: &Config) -> JsValue {
    let count = |number: u32| Value::Number(f64::from(number));
    object(&[
        ("site", Value::Text(config.site.as_str())),
        ("period", Value::Text(&meter.period.name())),
        ("reads", count(meter.reads)),
        ("readsLeft", count(meter.limit.saturating_sub(meter.reads))),
        ("limit", count(meter.limit)),
        ("counted", Value::Truth(meter.counted)),
        // Milliseconds since 1970, as `new Date(…)` takes them.
        ("resetsAt", Value::Number(meter.period.end().milliseconds() as f64)),
    ])
}
