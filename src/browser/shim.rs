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

    /// A plain fact of the page, by its number in `fact` of `page`, as it is for an article. Empty if the page does not give
    /// it.
    #[wasm_bindgen(method)]
    pub(super) fn fact(this: &Shim, fact: u32, article: usize) -> String;

    /// The text of the nth script that matches a selector.
    #[wasm_bindgen(method)]
    pub(super) fn script(this: &Shim, selector: &str, nth: u32) -> Option<String>;

    /// The `data-` attributes of the script's own tag.
    #[wasm_bindgen(method)]
    pub(super) fn attributes(this: &Shim) -> JsValue;

    /// Whether the reader consents that anything is stored, which this key of local storage says. From the first time on the
    /// consent manager is asked: LEDGER_CHANGED or WITHDRAWN is signalled when that changes.
    #[wasm_bindgen(method)]
    pub(super) fn consents(this: &Shim, key: &str) -> bool;

    /// The article is over: the shim waits for what comes in its place, and signals ARRIVED.
    #[wasm_bindgen(method)]
    pub(super) fn left(this: &Shim);

    /// Finds the element that holds the article's text, by the publisher's selector or without one. What was found is a
    /// number: see `find` in `page`.
    #[wasm_bindgen(method)]
    pub(super) fn find(this: &Shim, selector: Option<&str>) -> u32;

    /// Makes the next article of a feed known, if there is one; its number is the next.
    #[wasm_bindgen(method)]
    pub(super) fn more(this: &Shim) -> bool;

    /// How long the text of an article's paragraphs is.
    #[wasm_bindgen(method)]
    pub(super) fn length(this: &Shim, article: usize) -> u32;

    /// Reads an article's element into blocks.
    #[wasm_bindgen(method)]
    pub(super) fn outline(this: &Shim, article: usize);

    /// The nth block: its kind in two bits, above it how many characters it holds. Negative past the last.
    #[wasm_bindgen(method)]
    pub(super) fn block(this: &Shim, nth: u32) -> i32;

    /// The text that came with the last signal.
    #[wasm_bindgen(method)]
    pub(super) fn said(this: &Shim) -> String;

    /// Milliseconds of a clock that only goes forward.
    #[wasm_bindgen(method)]
    pub(super) fn elapsed(this: &Shim) -> f64;

    /// Signals WOKE to an article after so many milliseconds, instead of any earlier time asked for.
    #[wasm_bindgen(method)]
    pub(super) fn wake(this: &Shim, article: usize, milliseconds: f64);

    /// Notes a line for the publisher, with a zero in the place of its code's name; all lines are told in one group, once the module has
    /// returned.
    #[wasm_bindgen(method)]
    pub(super) fn note(this: &Shim, line: &str, code: u32, mistake: bool);

    /// Gets the pieces of the module that read lists of rules and that find out who may read, those of them that are needed (the second
    /// also where it is only wanted, without waiting for it): whether they are here already. Else `start` is called again when they are; and if one can't be had, the article stays open.
    #[wasm_bindgen(method)]
    pub(super) fn pieces(this: &Shim, wants: bool, rules: bool, connects: bool) -> bool;

    /// Does something for the connected page, or finds something on it: a word and what belongs to it, by lines. See
    /// www/loader/connect.js.
    #[wasm_bindgen(method)]
    pub(super) fn act(this: &Shim, request: &str) -> String;

    /// Gets what only a gate needs: whether it is here already. Else PREPARED is signalled when it is; and if it can't be
    /// had where a gate waits for it (`due`), the shim undoes everything.
    #[wasm_bindgen(method)]
    pub(super) fn prepare(this: &Shim, due: bool) -> bool;

    /// What came with what only a gate needs: the languages there are, the messages' names, the English texts.
    #[wasm_bindgen(method)]
    pub(super) fn at_hand(this: &Shim) -> String;

    /// The texts in another language, if they are here; empty where they can't be had. Else TRANSLATED is signalled to the article
    /// when they are, or can't be.
    #[wasm_bindgen(method)]
    pub(super) fn translated(this: &Shim, article: usize, tag: &str) -> Option<String>;

    /// Whether something shows that no overlay may cover; OBSTRUCTED and UNOBSTRUCTED are signalled when that changes.
    #[wasm_bindgen(method)]
    pub(super) fn watch(this: &Shim, selector: &str) -> bool;

    /// Completes the page's structured data, until the article is left.
    #[wasm_bindgen(method)]
    pub(super) fn describe(this: &Shim);

    /// Takes the blocks from the one at `kept` on out of the page.
    #[wasm_bindgen(method)]
    pub(super) fn cut(this: &Shim, article: usize, kept: u32);

    /// Puts the inline gate where the text was cut. `texts` are the entries of a view's texts, `plans` and `benefits` arrays
    /// of such.
    #[wasm_bindgen(method)]
    pub(super) fn lock(this: &Shim, article: usize, texts: &JsValue, plans: &Array, benefits: &Array);

    /// Shows the notice: `texts` are the entries of a view's texts.
    #[wasm_bindgen(method)]
    pub(super) fn notice(this: &Shim, article: usize, texts: &JsValue);

    /// Opens the overlay over the page.
    #[wasm_bindgen(method)]
    pub(super) fn open(this: &Shim, article: usize);

    /// Closes the overlay.
    #[wasm_bindgen(method)]
    pub(super) fn close(this: &Shim, by_reader: bool);

    /// Puts everything of an article back that was locked, or takes its notice away.
    #[wasm_bindgen(method)]
    pub(super) fn release(this: &Shim, article: usize);

    /// Tells the host page that the first decision was taken.
    #[wasm_bindgen(method)]
    pub(super) fn ready(this: &Shim);

    /// Tells the host page how the meter stands; `resets_at` in milliseconds since 1970, as `new Date(…)` takes them, or 0.
    #[wasm_bindgen(method)]
    #[allow(
        clippy::too_many_arguments,
        reason = "an object made here would cost more than its members passed"
    )]
    pub(super) fn meter(
        this: &Shim,
        site: &str,
        name: &str,
        period: &str,
        reads: u32,
        limit: u32,
        counted: bool,
        resets_at: f64,
        article: &str,
    );

    /// Tells the host page what was decided for an article, by its hash; which step shows, empty if none does; and what
    /// else the decision rests on.
    #[wasm_bindgen(method)]
    #[allow(
        clippy::too_many_arguments,
        reason = "an object made here would cost more than its members passed"
    )]
    pub(super) fn decided(
        this: &Shim,
        granted: bool,
        reason: &str,
        article: &str,
        step: &str,
        rule: &str,
        tier: &str,
        referred: bool,
        meter: &str,
        reads: u32,
        limit: u32,
    );

    /// Says in words what the next decision rests on.
    #[cfg(feature = "history")]
    #[wasm_bindgen(method)]
    pub(super) fn explain(this: &Shim, words: &str);

    /// Whether the document has an element that a selector finds.
    #[cfg(feature = "history")]
    #[wasm_bindgen(method)]
    pub(super) fn holds(this: &Shim, selector: &str) -> bool;

    /// Writes down a line of this page's history.
    #[cfg(feature = "history")]
    #[wasm_bindgen(method)]
    pub(super) fn record(this: &Shim, line: &JsValue);
}
