//! Attributes and JSON → the core's raw values, through js-sys.

use crate::config::{Raw, Settings};
use js_sys::{Array, JSON, Object};
use wasm_bindgen::prelude::*;
use web_sys::{Document, HtmlElement};

/// How deep JSON may be nested; what lies deeper reads as empty. The settings need three levels.
const DEPTH: u32 = 8;

/// A JavaScript value as the core takes it: numbers and booleans as text, lists and objects as such.
#[must_use]
pub fn raw(value: &JsValue) -> Raw {
    at_depth(value, DEPTH)
}

fn at_depth(value: &JsValue, depth: u32) -> Raw {
    if let Some(text) = value.as_string() {
        return Raw::Text(text);
    }
    if let Some(number) = value.as_f64() {
        // The shortest digits that read back as the number: 2.9, not 2.8999999999999999.
        return Raw::Text(
            js_sys::Number::from(number).to_string_with_radix(10).map(String::from).unwrap_or_default(),
        );
    }
    if let Some(truth) = value.as_bool() {
        return Raw::Text(if truth { "true" } else { "false" }.to_owned());
    }
    let Some(deeper) = depth.checked_sub(1) else { return Raw::Text(String::new()) };
    if let Some(list) = value.dyn_ref::<Array>() {
        return Raw::List(list.iter().map(|item| at_depth(&item, deeper)).collect());
    }
    match value.dyn_ref::<Object>() {
        Some(object) => {
            Raw::Map(members(object).map(|(key, value)| (key, at_depth(&value, deeper))).collect())
        }
        None => Raw::Text(String::new()),
    }
}

fn members(object: &Object) -> impl Iterator<Item = (String, JsValue)> + use<> {
    Object::entries(object).into_iter().filter_map(|entry| {
        let entry: Array = entry.dyn_into().ok()?;
        Some((entry.get(0).as_string()?, entry.get(1)))
    })
}

/// The JSON value of a text; `None` where it is none.
pub(super) fn json(text: &str) -> Option<Raw> {
    JSON::parse(text).ok().map(|value| raw(&value))
}

/// The settings of a page: the tag's attributes first, then the JSON script's members.
pub(super) fn read(document: &Document, tag: Option<&HtmlElement>) -> Settings {
    let mut settings = Settings::default();
    if let Some(tag) = tag {
        let entries = members(tag.dataset().unchecked_ref()).map(|(key, value)| (key, raw(&value)));
        settings.add_attributes(entries.collect());
    }
    let script = document.query_selector("script[data-tollgate-config]").ok().flatten();
    if let Some(script) = script {
        match json(&script.text_content().unwrap_or_default()) {
            Some(json) => settings.add_json(json),
            None => settings.json_unreadable(),
        }
    }
    settings
}
