//! Fuzzing of the core: targets that build an input from bytes, feed it to the core and check laws, and the runner that
//! gives them bytes.
//!
//! | file | what it holds |
//! |---|---|
//! | `targets/` | one file a target; `setting.rs` what several of them make and check |
//! | `source` | bytes → choices, numbers, texts that nearly are of a grammar |
//! | `dice` | the bytes: new ones, or kept inputs changed a little |
//! | `runner` | many inputs on several threads; what fails is made smaller and written down |
//!
//! Every target is a function of bytes, so an input is a file, whichever engine found it: `corpus/<target>/` has those that
//! are worth keeping, and all that ever failed. Without a sanitizer there is nothing here that stable Rust lacks. An input means
//! something only by the choices that its target makes: where those change, kept inputs come to mean something else, which is
//! why everything that was mended has a plain test too.

mod dice;
pub mod runner;
mod source;
mod targets;

pub use targets::{TARGETS, Target};
