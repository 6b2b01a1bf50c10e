//! What is sold: prices as data, in exact decimal arithmetic, with the savings computed and never typed.

pub mod benefit;
pub mod money;
pub mod plan;

use crate::text::scan::{cut_last, trim};

/// Cuts `text [badge]` into its text and its badge, empty if there is none.
///
/// Grammar: `text [ "[" badge "]" ]`, blanks around either do not matter. A bracket that is never closed or that is
/// not at the end belongs to the text; an empty badge is none.
pub(crate) fn cut_badge(text: &str) -> (&str, &str) {
    let text = trim(text);
    let (before, badge) = text.strip_suffix("]").and_then(|rest| cut_last(rest, b'[')).unwrap_or((text, ""));
    let before = trim(before);
    if before.is_empty() { (text, "") } else { (before, trim(badge)) }
}

/// The text, unless it is empty.
pub(crate) fn some_text(text: &str) -> Option<String> {
    if text.is_empty() { None } else { Some(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::{cut_badge, some_text};
    use proptest::prelude::*;

    fn text_and_badge(text: &str) -> (String, Option<String>) {
        let (text, badge) = cut_badge(text);
        (text.to_owned(), some_text(badge))
    }

    #[test]
    fn a_badge_stands_in_brackets_at_the_end() {
        let cut = |text| {
            let (text, badge) = text_and_badge(text);
            (text, badge.unwrap_or_default())
        };
        assert_eq!(cut(" Annual access [best value] "), ("Annual access".into(), "best value".into()));
        assert_eq!(cut("Ad-free reading[new]"), ("Ad-free reading".into(), "new".into()));
        assert_eq!(cut("The archive"), ("The archive".into(), String::new()));
        assert_eq!(cut("The archive []"), ("The archive".into(), String::new()));
        assert_eq!(cut("[new]"), ("[new]".into(), String::new()));
        assert_eq!(cut("Plan [a] b"), ("Plan [a] b".into(), String::new()));
        assert_eq!(cut("Plan [a"), ("Plan [a".into(), String::new()));
        assert_eq!(cut(""), (String::new(), String::new()));
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in "[^\\[\\]]{0,12}", badge in "[a-z]{1,5}") {
            prop_assume!(!text.trim().is_empty());
            let joined = [text.as_str(), "[", badge.as_str(), "]"].concat();
            prop_assert_eq!(text_and_badge(&joined), (text.trim().to_owned(), Some(badge)));
        }
    }
}
