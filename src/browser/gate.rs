//! Views → plain JavaScript objects, which www/loader/gate.js turns into nodes.

use crate::view::Texts;
use js_sys::Array;
use serde::Serialize as _;
use wasm_bindgen::JsValue;

/// Texts as a plain object, each by its name.
pub(super) fn object(texts: &Texts) -> JsValue {
    let objects = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    texts.serialize(&objects).unwrap_or(JsValue::NULL)
}

/// Plans or benefits as an array of plain objects.
pub(super) fn list(items: &[Texts]) -> Array {
    let list = Array::new();
    for item in items {
        list.push(&object(item));
    }
    list
}
