//! Views → lists of names and texts, of which the shim makes plain objects, and www/loader/gate.js nodes.

use crate::view::Texts;
use js_sys::Array;
use serde::Serialize as _;
use wasm_bindgen::JsValue;

/// Texts as an array of entries, each a name and its text: `Object.fromEntries` makes an object of them in a tenth of the
/// bytes that it takes here.
pub(super) fn object(texts: &Texts) -> JsValue {
    texts.serialize(&serde_wasm_bindgen::Serializer::new()).unwrap_or(JsValue::NULL)
}

/// Plans or benefits as an array of such arrays.
pub(super) fn list(items: &[Texts]) -> Array {
    let list = Array::new();
    for item in items {
        list.push(&object(item));
    }
    list
}
