//! The loader's shim (www/loader/host.js), as Rust sees it.
//!
//! Everything that calls into the module or must outlive a trap lives on the JavaScript side: listeners and the timer,
//! so that no callback can reach a dead module, and the undo journals, so that the page is put back whatever happens.
//! So do the operations that read and make nodes (www/loader/page.js has the reading ones), because JavaScript for that
//! is a third of the same in WebAssembly.
//!
//! None of these is declared `catch`: what they throw passes through the module to the shim, which takes it for a trap,
//! undoes everything and never calls the module again. That is the rule for all errors the module cannot mend, and it
//! costs no byte here.

use wasm_bindgen::prelude::*;
use web_sys::Node;

#[wasm_bindgen]
extern "C" {
    /// The shim.
    #[derive(Clone, Debug)]
    pub type Host;

    /// A plain fact of the page, by its number in `Fact`. Empty if the page does not give it.
    #[wasm_bindgen(method)]
    pub(super) fn fact(this: &Host, fact: u32) -> String;

    /// The text of the nth script that matches a selector.
    #[wasm_bindgen(method)]
    pub(super) fn script(this: &Host, selector: &str, nth: u32) -> Option<String>;

    /// The `data-` attributes of the script's own tag.
    #[wasm_bindgen(method)]
    pub(super) fn attributes(this: &Host) -> JsValue;

    /// Finds the element that holds the article's text, by the publisher's selector or without one. What was found is a
    /// number: see `found` in `page`.
    #[wasm_bindgen(method)]
    pub(super) fn find(this: &Host, selector: Option<&str>) -> u32;

    /// How long the text of its paragraphs is.
    #[wasm_bindgen(method)]
    pub(super) fn length(this: &Host) -> u32;

    /// Reads that element into blocks.
    #[wasm_bindgen(method)]
    pub(super) fn outline(this: &Host);

    /// The nth block: its kind in two bits, above it how many characters it holds. Negative past the last.
    #[wasm_bindgen(method)]
    pub(super) fn block(this: &Host, nth: u32) -> i32;

    /// Takes the blocks from the one at `cut` on out of the page, and puts the gate in their place.
    #[wasm_bindgen(method)]
    pub(super) fn lock(this: &Host, journal: &Journal, gate: &Node, cut: u32);

    /// Milliseconds of a clock that only goes forward.
    #[wasm_bindgen(method)]
    pub(super) fn elapsed(this: &Host) -> f64;

    /// Signals WOKE after so many milliseconds, instead of any earlier time asked for.
    #[wasm_bindgen(method)]
    pub(super) fn wake(this: &Host, milliseconds: f64);

    /// Dispatches a `tollgate:` event on the document, once the module has returned.
    #[wasm_bindgen(method)]
    pub(super) fn emit(this: &Host, name: &str, detail: &JsValue);

    /// Notes a line for the publisher; all lines are told in one group, once the module has returned.
    #[wasm_bindgen(method)]
    pub(super) fn note(this: &Host, line: &str, code: &str, mistake: bool);

    /// Opens a journal: what is done to the page through it can be undone.
    #[wasm_bindgen(method)]
    pub(super) fn journal(this: &Host) -> Journal;

    /// Begins a surface: the element it lives in, with its open shadow root, styled. Returns the root, which the next
    /// node goes into.
    #[wasm_bindgen(method)]
    pub(super) fn surface(this: &Host, name: &str, language: &str, theme: &str) -> Node;

    /// Adds an element, written `tag` or `tag.part`, with its text.
    #[wasm_bindgen(method)]
    pub(super) fn add(this: &Host, element: &str, text: &str);

    /// Makes the element added last the one that the next nodes go into.
    #[wasm_bindgen(method)]
    pub(super) fn enter(this: &Host);

    /// Goes back to where the element that is being filled stands.
    #[wasm_bindgen(method)]
    pub(super) fn leave(this: &Host);

    /// Sets an attribute of the element added last, or with a name that begins with `--` a custom property.
    #[wasm_bindgen(method)]
    pub(super) fn set(this: &Host, name: &str, value: &str);

    /// Signals `code` with the value of the element added last at each `event` of it.
    #[wasm_bindgen(method)]
    pub(super) fn listen(this: &Host, event: &str, code: u32);

    /// Makes the link added last say and lead; following it is signalled by `code`, with its address.
    #[wasm_bindgen(method)]
    pub(super) fn lead(this: &Host, label: &str, address: &str, code: u32);

    /// Makes the surface's button say and lead something else.
    #[wasm_bindgen(method)]
    pub(super) fn lead_on(this: &Host, root: &Node, label: &str, address: &str);

    /// Whether the surface's dialog is open.
    #[wasm_bindgen(method)]
    pub(super) fn is_shown(this: &Host, root: &Node) -> bool;

    /// A list of changes to the page, with how to undo each.
    #[derive(Clone, Debug)]
    pub type Journal;

    /// Opens an overlay over the page, by its root.
    #[wasm_bindgen(method)]
    pub(super) fn open(this: &Journal, root: &Node);

    /// Undoes everything, the last change first.
    #[wasm_bindgen(method)]
    pub(super) fn undo(this: &Journal);
}
