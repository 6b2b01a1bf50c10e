//! The loader's shim (www/loader/host.js), as Rust sees it.
//!
//! Everything that calls into the module or must outlive a trap lives on the JavaScript side: listeners and the timer,
//! so that no callback can reach a dead module, and the undo journals, so that the page is put back whatever happens.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Element, EventTarget, Node};

#[wasm_bindgen]
extern "C" {
    /// The shim.
    #[derive(Clone, Debug)]
    pub type Host;

    /// The gate's style sheet, as text.
    #[wasm_bindgen(method, getter)]
    pub(super) fn css(this: &Host) -> String;

    /// When the module was built, in minutes since 1970.
    #[wasm_bindgen(method, getter)]
    pub(super) fn built(this: &Host) -> f64;

    /// Milliseconds of a clock that only goes forward.
    #[wasm_bindgen(method, catch)]
    pub(super) fn elapsed(this: &Host) -> Result<f64, JsValue>;

    /// Signals `code` at each `event` of `target`, or at the first one only.
    #[wasm_bindgen(method, catch)]
    pub(super) fn listen(
        this: &Host,
        target: &EventTarget,
        event: &str,
        code: u32,
        once: bool,
    ) -> Result<(), JsValue>;

    /// Signals [`super::entry::code::WOKE`] after so many milliseconds, instead of any earlier time asked for.
    #[wasm_bindgen(method, catch)]
    pub(super) fn wake(this: &Host, milliseconds: f64) -> Result<(), JsValue>;

    /// Dispatches a `tollgate:` event on the document, once the module has returned.
    #[wasm_bindgen(method, catch)]
    pub(super) fn emit(this: &Host, name: &str, detail: &JsValue) -> Result<(), JsValue>;

    /// Tells the publisher, in one group: pairs of a line and its code.
    #[wasm_bindgen(method, catch)]
    pub(super) fn warn(this: &Host, lines: &Array, mistake: bool) -> Result<(), JsValue>;

    /// Opens a journal: what is done to the page through it can be undone.
    #[wasm_bindgen(method, catch)]
    pub(super) fn journal(this: &Host) -> Result<Journal, JsValue>;

    /// A list of changes to the page, with how to undo each.
    #[derive(Clone, Debug)]
    pub type Journal;

    /// Takes a node of the page out of it.
    #[wasm_bindgen(method, catch)]
    pub(super) fn take(this: &Journal, node: &Node) -> Result<(), JsValue>;

    /// Puts a node of ours into the page.
    #[wasm_bindgen(method, catch)]
    pub(super) fn put(
        this: &Journal,
        node: &Node,
        parent: &Node,
        before: Option<&Node>,
    ) -> Result<(), JsValue>;

    /// Sets an inline style, important.
    #[wasm_bindgen(method, catch)]
    pub(super) fn style(
        this: &Journal,
        element: &Element,
        property: &str,
        value: &str,
    ) -> Result<(), JsValue>;

    /// Undoes everything, the last change first.
    #[wasm_bindgen(method, catch)]
    pub(super) fn undo(this: &Journal) -> Result<(), JsValue>;
}
