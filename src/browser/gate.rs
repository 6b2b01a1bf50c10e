//! Views → plain JavaScript objects, which www/loader/gate.js turns into nodes.

use crate::view::Texts;
use js_sys::Array;
use serde::{Serialize, Serializer};
use wasm_bindgen::JsValue;

impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.all().iter().map(|(name, text)| (*name, text.as_str())))
    }
}

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
