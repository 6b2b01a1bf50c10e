//! Small searches in text, byte by byte. std's (`split`, `trim`, `parse` …) bring their searchers along, inlined at every use:
//! together they cost the module more than all the grammars that need them.

/// The parts of `text` before and after the first `mark`, an ASCII character.
#[inline(never)]
pub(crate) fn cut(text: &str, mark: u8) -> Option<(&str, &str)> {
    let mut at = 0_usize;
    for byte in text.bytes() {
        if byte == mark {
            return Some((text.get(..at)?, text.get(at.wrapping_add(1)..)?));
        }
        at = at.wrapping_add(1);
    }
    None
}

/// The parts of `text` before and after the last `mark`, an ASCII character.
#[inline(never)]
pub(crate) fn cut_last(text: &str, mark: u8) -> Option<(&str, &str)> {
    let mut found = None;
    let mut at = 0_usize;
    for byte in text.bytes() {
        if byte == mark {
            found = Some(at);
        }
        at = at.wrapping_add(1);
    }
    let at = found?;
    Some((text.get(..at)?, text.get(at.wrapping_add(1)..)?))
}

/// The part of `text` before the first `mark`, or all of it.
pub(crate) fn before(text: &str, mark: u8) -> &str {
    match cut(text, mark) {
        Some((before, _)) => before,
        None => text,
    }
}

/// The next of the fields of `rest` that `mark` parts; `rest` moves past it, and is `None` after the last.
pub(crate) fn next_field<'a>(rest: &mut Option<&'a str>, mark: u8) -> Option<&'a str> {
    let text = (*rest)?;
    match cut(text, mark) {
        Some((field, after)) => {
            *rest = Some(after);
            Some(field)
        }
        None => rest.take(),
    }
}

/// `text` without blanks at its ends, Unicode's too. std's own, but once: it would be inlined at every use.
#[inline(never)]
pub(crate) fn trim(text: &str) -> &str {
    text.trim()
}

/// The whole number that `text` writes in 1 to 9 plain ASCII digits.
#[inline(never)]
pub(crate) fn whole(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    let mut value = 0_u32;
    for byte in text.bytes() {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value.wrapping_mul(10).wrapping_add(u32::from(byte.wrapping_sub(b'0')));
    }
    Some(value)
}

/// Whether `word` is one of the words of a list that blanks part. The empty word is none.
#[inline(never)]
pub(crate) fn is_one_of(word: &str, list: &str) -> bool {
    let mut rest = Some(list);
    while let Some(known) = next_field(&mut rest, b' ') {
        if known == word && !word.is_empty() {
            return true;
        }
    }
    false
}

/// `text` in lower case, as far as ASCII goes.
#[inline(never)]
pub(crate) fn lower(text: &str) -> String {
    let mut lower = text.to_owned();
    lower.make_ascii_lowercase();
    lower
}

/// One piece of text made of several. (The one place that joins: std's `concat` is inlined at every use.)
#[inline(never)]
pub(crate) fn join(parts: &[&str]) -> String {
    let mut joined = String::new();
    for part in parts {
        joined.push_str(part);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_searches_are_those_of_std(text in ".{0,12}|[a:| ]{0,12}", word in "[a-c]{0,2}", list in "[a-c ]{0,8}") {
            prop_assert_eq!(cut(&text, b':'), text.split_once(':'));
            prop_assert_eq!(cut_last(&text, b':'), text.rsplit_once(':'));
            prop_assert_eq!(before(&text, b':'), text.split(':').next().unwrap_or(""));
            let mut fields = Vec::new();
            let mut rest = Some(text.as_str());
            while let Some(field) = next_field(&mut rest, b'|') {
                fields.push(field);
            }
            prop_assert_eq!(fields, text.split('|').collect::<Vec<_>>());
            prop_assert_eq!(is_one_of(&word, &list), !word.is_empty() && list.split(' ').any(|known| known == word));
            prop_assert_eq!(join(&[&text, &word]), text.clone() + &word);
            prop_assert_eq!(lower(&text), text.to_ascii_lowercase());
        }

        #[test]
        fn whole_numbers_are_plain_digits(text in "[0-9]{0,11}|.{0,4}") {
            let plain = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
            prop_assert_eq!(whole(&text), if plain { text.parse().ok() } else { None });
        }

        #[test]
        fn blanks_at_the_ends_go(text in "[ \t\n\u{a0}\u{2003}\u{3000}]{0,3}[a-zé \u{3000}]{0,6}[ \u{85}\u{a0}\u{3000}]{0,3}") {
            prop_assert_eq!(trim(&text), text.trim());
        }
    }
}
