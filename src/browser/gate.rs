//! What only a gate needs: `Intl`'s answers for its texts, and views as lists of names and texts, of which the shim makes
//! plain objects, and www/loader/gate.js nodes.
//!
//! With the functions that are seen from outside here, and with two of the machine's, the module's piece for gates begins: xtask cuts
//! it from the first by their names (`xtask/src/bundle/split.rs`), and pages fetch it when a gate is due. They may only be
//! called when it is there: for `Signal::Prepared`, and for what follows from it.

use super::intl;
use super::shim::Shim;
use crate::text::Request;
use crate::view::{Texts, View};
use js_sys::Array;
use serde::Serialize as _;
use wasm_bindgen::JsValue;

/// The answers of the browser's `Intl`, in the order of the requests.
#[inline(never)]
pub(super) fn answers(asked: &[Request], locale: &str, currency: &str, language: &str) -> Vec<String> {
    let mut answers = Vec::new();
    for request in asked {
        answers.push(intl::answer(request, locale, currency, language));
    }
    answers
}

/// Shows the inline gate, where the article's text was cut.
#[inline(never)]
pub(super) fn lock(shim: &Shim, article: usize, view: &View) {
    shim.lock(article, &object(&view.texts), &list(&view.plans), &list(&view.benefits));
}

/// Shows the notice.
#[inline(never)]
pub(super) fn notice(shim: &Shim, article: usize, view: &View) {
    shim.notice(article, &object(&view.texts));
}

/// Texts as an array of entries, each a name and its text: `Object.fromEntries` makes an object of them in a tenth of the
/// bytes that it takes here.
fn object(texts: &Texts) -> JsValue {
    texts.serialize(&serde_wasm_bindgen::Serializer::new()).unwrap_or(JsValue::NULL)
}

/// Plans or benefits as an array of such arrays.
fn list(items: &[Texts]) -> Array {
    let list = Array::new();
    for item in items {
        list.push(&object(item));
    }
    list
}
