//! Attributes and JSON → the core's flat entries, through js-sys.

use super::shim::Shim;
use crate::config::{Entries, Settings};
use crate::text::scan::join;
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

/// A JavaScript value as the core takes it: numbers and booleans as text, lists and objects with all they hold.
#[must_use]
pub fn entries(value: &JsValue) -> Entries {
    let mut entries = Vec::new();
    enter(&mut entries, "", value, DEPTH);
    entries
}

fn enter(entries: &mut Entries, name: &str, value: &JsValue, depth: u32) {
    if !value.is_object() {
        let text = if value.is_null() { String::new() } else { plain(value) };
        entries.push((name.to_owned(), text));
        return;
    }
    let kind = if Array::is_array(value) { "list" } else { "map" };
    entries.push((join(&[name, "."]), kind.to_owned()));
    let Some(deeper) = depth.checked_sub(1) else { return };
    let point = if name.is_empty() { "" } else { "." };
    // A list's entries are its items by number.
    for entry in Object::entries(value.unchecked_ref()) {
        let entry: Array = entry.unchecked_into();
        enter(entries, &join(&[name, point, &plain(&entry.get(0))]), &entry.get(1), deeper);
    }
}

/// The JSON of a text, flat; nothing where it is none.
pub(super) fn json(text: &str) -> Entries {
    JSON::parse(text).map(|value| entries(&value)).unwrap_or_default()
}

/// The tag's own attributes.
pub(super) fn attributes(shim: &Shim) -> Entries {
    entries(&shim.attributes())
}

/// The members of the page's JSON script, if there is one.
pub(super) fn script(shim: &Shim) -> Option<Entries> {
    shim.script("[data-tollgate-config]", 0).map(|script| json(&script))
}

/// The settings of a page: the tag's attributes first, then the JSON script's members.
pub(super) fn read(shim: &Shim) -> Settings {
    let mut settings = Settings::default();
    settings.add_attributes(attributes(shim));
    if let Some(script) = script(shim) {
        settings.add_json(script);
    }
    settings
}
