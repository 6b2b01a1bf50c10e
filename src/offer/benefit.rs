//! A benefit: one line of what a subscriber gets, with a badge or without.

use super::{cut_badge, some_text};

/// What a subscriber gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Benefit {
    /// The publisher's words.
    pub text: String,
    /// A word that sets it off, such as `new`.
    pub badge: Option<String>,
}

impl Benefit {
    /// Reads `text [badge]`; `None` if there is no text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Benefit> {
        let (text, badge) = cut_badge(text);
        some_text(text).map(|text| Benefit { text, badge: some_text(badge) })
    }
}
