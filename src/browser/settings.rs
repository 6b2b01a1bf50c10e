//! Attributes and JSON → the core's raw values, through js-sys.

use super::host::Host;
use crate::config::{Raw, Settings};
use js_sys::{Array, JSON, Object};
use wasm_bindgen::prelude::*;

/// How deep JSON may be nested; what lies deeper reads as empty. The settings need three levels.
const DEPTH: u32 = 8;

#[wasm_bindgen]
extern "C" {
    /// A plain value as text; a number in the shortest digits that read back as it: 2.9, not 2.8999999999999999.
    #[wasm_bindgen(js_name = String)]
    fn plain(value: &JsValue) -> String;
}

/// A JavaScript value as the core takes it: numbers and booleans as text, lists and objects as such.
#[must_use]
pub fn raw(value: &JsValue) -> Raw {
    at_depth(value, DEPTH)
}

fn at_depth(value: &JsValue, depth: u32) -> Raw {
    if let Some(text) = value.as_string() {
        return Raw::Text(text);
    }
    if !value.is_object() {
        let text = plain(value);
        return Raw::Text(if matches!(text.as_str(), "null" | "undefined") { String::new() } else { text });
    }
    let Some(deeper) = depth.checked_sub(1) else { return Raw::Text(String::new()) };
    let is_list = Array::is_array(value);
    let mut list = Vec::new();
    let mut members = Vec::new();
    // A list's entries are its items by number.
    let entries = Object::entries(value.unchecked_ref());
    for nth in 0..entries.length() {
        let entry: Array = entries.get(nth).unchecked_into();
        let value = at_depth(&entry.get(1), deeper);
        if is_list {
            list.push(value);
        } else {
            members.push((entry.get(0).as_string().unwrap_or_default(), value));
        }
    }
    if is_list { Raw::List(list) } else { Raw::Map(members) }
}

/// The JSON value of a text; `None` where it is none.
pub(super) fn json(text: &str) -> Option<Raw> {
    JSON::parse(text).ok().map(|value| raw(&value))
}

/// The settings of a page: the tag's attributes first, then the JSON script's members.
pub(super) fn read(host: &Host) -> Settings {
    let mut settings = Settings::default();
    if let Raw::Map(attributes) = raw(&host.attributes()) {
        settings.add_attributes(attributes);
    }
    if let Some(script) = host.script("[data-tollgate-config]", 0) {
        match json(&script) {
            Some(json) => settings.add_json(json),
            None => settings.json_unreadable(),
        }
    }
    settings
}
