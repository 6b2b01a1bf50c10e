//! The loader's shim (www/loader/shim.js), as Rust sees it.
//!
//! Everything that calls into the module or must outlive a trap lives on the JavaScript side: listeners and the timer,
//! so that no callback can reach a dead module, and the undo journals, so that the page is put back whatever happens.
//! So do the operations that read and make nodes (www/loader/page.js and gate.js), because JavaScript for that is a third
//! of the same in WebAssembly.
//!
//! None of these is declared `catch`: what they throw passes through the module to the shim, which takes it for a trap,
//! undoes everything and never calls the module again. That is the rule for all errors the module cannot mend, and it
//! costs no byte here.

use js_sys::Array;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The shim.
    #[derive(Clone, Debug)]
    pub type Shim;

    /// A plain fact of the page, by its number in `fact` of `page`. Empty if the page does not give it.
    #[wasm_bindgen(method)]
    pub(super) fn fact(this: &Shim, fact: u32) -> String;

    /// The text of the nth script that matches a selector.
    #[wasm_bindgen(method)]
    pub(super) fn script(this: &Shim, selector: &str, nth: u32) -> Option<String>;

    /// The `data-` attributes of the script's own tag.
    #[wasm_bindgen(method)]
    pub(super) fn attributes(this: &Shim) -> JsValue;

    /// Finds the element that holds the article's text, by the publisher's selector or without one. What was found is a
    /// number: see `find` in `page`.
    #[wasm_bindgen(method)]
    pub(super) fn find(this: &Shim, selector: Option<&str>) -> u32;

    /// How long the text of its paragraphs is.
    #[wasm_bindgen(method)]
    pub(super) fn length(this: &Shim) -> u32;

    /// Reads that element into blocks.
    #[wasm_bindgen(method)]
    pub(super) fn outline(this: &Shim);

    /// The nth block: its kind in two bits, above it how many characters it holds. Negative past the last.
    #[wasm_bindgen(method)]
    pub(super) fn block(this: &Shim, nth: u32) -> i32;

    /// The text that came with the last signal.
    #[wasm_bindgen(method)]
    pub(super) fn said(this: &Shim) -> String;

    /// Milliseconds of a clock that only goes forward.
    #[wasm_bindgen(method)]
    pub(super) fn elapsed(this: &Shim) -> f64;

    /// Signals WOKE after so many milliseconds, instead of any earlier time asked for.
    #[wasm_bindgen(method)]
    pub(super) fn wake(this: &Shim, milliseconds: f64);

    /// Notes a line for the publisher; all lines are told in one group, once the module has returned.
    #[wasm_bindgen(method)]
    pub(super) fn note(this: &Shim, line: &str, code: &str, mistake: bool);

    /// Takes the blocks from the one at `kept` on out of the page, and puts the inline gate in their place. `texts` are
    /// the entries of a view's texts, `plans` and `benefits` arrays of such.
    #[wasm_bindgen(method)]
    pub(super) fn lock(this: &Shim, kept: u32, texts: &JsValue, plans: &Array, benefits: &Array);

    /// Opens the overlay over the page.
    #[wasm_bindgen(method)]
    pub(super) fn open(this: &Shim);

    /// Closes the overlay.
    #[wasm_bindgen(method)]
    pub(super) fn close(this: &Shim, by_reader: bool);

    /// Puts everything back that was locked.
    #[wasm_bindgen(method)]
    pub(super) fn release(this: &Shim);

    /// Tells the host page that the first decision was taken.
    #[wasm_bindgen(method)]
    pub(super) fn ready(this: &Shim);

    /// Tells the host page how the meter stands; `resets_at` in milliseconds since 1970, as `new Date(…)` takes them.
    #[wasm_bindgen(method)]
    pub(super) fn meter(
        this: &Shim,
        site: &str,
        period: &str,
        reads: u32,
        limit: u32,
        counted: bool,
        resets_at: f64,
    );

    /// Tells the host page what was decided for an article, by its hash.
    #[wasm_bindgen(method)]
    pub(super) fn decided(this: &Shim, granted: bool, reason: &str, article: &str);
}
