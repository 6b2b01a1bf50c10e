//! Small searches in text, byte by byte. std's (`split`, `trim`, `parse` …) bring their searchers along, inlined at every use:
//! together they cost the module more than all the grammars that need them.

/// The parts of `text` before and after the first `mark`, an ASCII character.
#[inline(never)]
pub(crate) fn cut(text: &str, mark: u8) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0_usize;
    while *bytes.get(at)? != mark {
        at = at.wrapping_add(1);
    }
    around(text, at)
}

/// The parts of `text` before and after the last `mark`, an ASCII character.
#[inline(never)]
pub(crate) fn cut_last(text: &str, mark: u8) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let mut at = bytes.len();
    loop {
        at = at.checked_sub(1)?;
        if bytes.get(at) == Some(&mark) {
            return around(text, at);
        }
    }
}

/// The parts of `text` before and after the ASCII character at `at`.
#[inline(never)]
fn around(text: &str, at: usize) -> Option<(&str, &str)> {
    let (before, rest) = text.split_at_checked(at)?;
    Some((before, rest.get(1..)?))
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

/// `text` without blanks at its ends, Unicode's too. (std's decodes characters in both directions.)
#[inline(never)]
pub(crate) fn trim(text: &str) -> &str {
    let mut text = text;
    // Blanks are one to three bytes long; after each one found, all lengths are tried again.
    let mut length = 1_usize;
    while length <= 3 {
        text = match (text.split_at_checked(length), text.split_at_checked(text.len().wrapping_sub(length))) {
            (Some((letter, rest)), _) if is_blank(letter) => rest,
            (_, Some((rest, letter))) if is_blank(letter) => rest,
            _ => {
                length = length.wrapping_add(1);
                continue;
            }
        };
        length = 1;
    }
    text
}

/// Whether `letter` is a character of Unicode's `White_Space`.
#[inline(never)]
fn is_blank(letter: &str) -> bool {
    // Its bytes behind a one, so that `\0` before a blank is not taken for nothing.
    let mut bytes = 1_u32;
    let mut rest = letter.as_bytes();
    while let [byte, after @ ..] = rest {
        bytes = bytes << 8 | u32::from(*byte);
        rest = after;
    }
    // U+0009 to U+000D, U+0020, U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000
    matches!(
        bytes,
        0x109..=0x10d
            | 0x120
            | 0x1c285
            | 0x1c2a0
            | 0x1e19a80
            | 0x1e28080..=0x1e2808a
            | 0x1e280a8
            | 0x1e280a9
            | 0x1e280af
            | 0x1e2819f
            | 0x1e38080
    )
}

/// The whole number that `text` writes in 1 to 9 plain ASCII digits.
#[inline(never)]
pub(crate) fn whole(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    let mut value = 0_u32;
    let mut rest = text.as_bytes();
    while let [digit, after @ ..] = rest {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value.wrapping_mul(10).wrapping_add(u32::from(digit.wrapping_sub(b'0')));
        rest = after;
    }
    Some(value)
}

/// The number that `text` writes in the digits of a base of 2 to 36, in either case; what exceeds 32 bits is lost.
#[inline(never)]
pub(crate) fn digits(text: &str, base: u32) -> Option<u32> {
    let mut value = 0_u32;
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let digit = match byte {
            b'0'..=b'9' => byte.wrapping_sub(b'0'),
            b'a'..=b'z' => byte.wrapping_sub(b'a' - 10),
            b'A'..=b'Z' => byte.wrapping_sub(b'A' - 10),
            _ => return None,
        };
        if u32::from(digit) >= base {
            return None;
        }
        value = value.wrapping_mul(base).wrapping_add(u32::from(digit));
        rest = after;
    }
    Some(value)
}

/// Adds a byte to `text` as two hexadecimal digits, in upper case.
#[inline(never)]
pub(crate) fn push_hexadecimal(text: &mut String, byte: u8) {
    for digit in [byte >> 4, byte & 15] {
        push(text, if digit < 10 { b'0' | digit } else { digit.wrapping_add(b'A' - 10) });
    }
}

/// Adds a number in a base of 2 to 36 to `text`.
pub(crate) fn push_in_base(text: &mut String, value: u64, base: u64) {
    let more = value.checked_div(base).unwrap_or(0);
    let digit = value.wrapping_sub(more.wrapping_mul(base)) as u8;
    if more > 0 {
        push_in_base(text, more, base);
    }
    push(text, if digit < 10 { b'0' | digit } else { digit.wrapping_add(b'a' - 10) });
}

/// Adds an ASCII character to `text`; any other byte as `?`. (`String::push` brings the encoder of all others along.)
#[inline(never)]
pub(crate) fn push(text: &mut String, letter: u8) {
    text.push(if letter.is_ascii() { char::from(letter) } else { '?' });
}

/// Whether `word` is one of the words of a list that blanks part; one that ends in `*` stands for all that begin so. The
/// empty word is none.
#[inline(never)]
pub(crate) fn is_one_of(word: &str, list: &str) -> bool {
    let mut rest = Some(list);
    while let Some(known) = next_field(&mut rest, b' ') {
        let is_it = match known.strip_suffix("*") {
            Some(start) => word.starts_with(start),
            None => *known == *word,
        };
        if is_it && !word.is_empty() {
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
    let mut rest = parts;
    while let [part, after @ ..] = rest {
        joined.push_str(part);
        rest = after;
    }
    joined
}

/// Bytes of UTF-8 as a text; `None` where they are none (RFC 3629). The standard library's brings a table of 256 bytes along.
pub(crate) fn utf8(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = after;
        // How many bytes follow, what of the first one counts, and the least letter that is written so.
        let (more, bits, least) = match first {
            0..=0x7f => (0_u32, 0x7f, 0),
            0xc0..=0xdf => (1, 0x1f, 0x80),
            0xe0..=0xef => (2, 0x0f, 0x800),
            0xf0..=0xf7 => (3, 0x07, 0x1_0000),
            _ => return None,
        };
        let mut letter = u32::from(first & bits);
        for _ in 0..more {
            let [next @ 0x80..=0xbf, after @ ..] = rest else { return None };
            letter = letter << 6 | u32::from(next & 0x3f);
            rest = after;
        }
        if letter < least {
            return None;
        }
        text.push(char::from_u32(letter)?);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_blank_of_unicode_is_one_and_nothing_else() {
        for letter in '\0'..=char::MAX {
            assert_eq!(is_blank(letter.to_string().as_str()), letter.is_whitespace(), "{letter:?}");
        }
        assert!(!is_blank("\0 ") && !is_blank("  ") && !is_blank(""));
    }

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
        fn utf8_is_what_std_takes_for_it(bytes in proptest::collection::vec(any::<u8>(), 0..6), text in any::<String>()) {
            prop_assert_eq!(utf8(&bytes), String::from_utf8(bytes).ok());
            prop_assert_eq!(utf8(text.as_bytes()), Some(text));
        }

        #[test]
        fn nearly_utf8_is_not(bytes in proptest::collection::vec(prop_oneof![0x7e..0x82_u8, 0xbe..0xc4_u8, 0xde..0xe2_u8, 0xec..0xf6_u8, Just(0x9f), Just(0xa0), Just(0x8f), Just(0x90)], 0..5)) {
            prop_assert_eq!(utf8(&bytes), String::from_utf8(bytes).ok());
        }

        #[test]
        fn whole_numbers_are_plain_digits(text in "[0-9]{0,11}|.{0,4}") {
            let plain = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
            prop_assert_eq!(whole(&text), if plain { text.parse().ok() } else { None });
        }

        #[test]
        fn trim_is_that_of_std(text in "[\0\t\r a\u{85}\u{a0}\u{1680}\u{180e}\u{2000}-\u{200b}\u{2028}-\u{202f}\u{205f}\u{3000}\u{feff}]{0,6}|.{0,6}") {
            prop_assert_eq!(trim(&text), text.trim());
        }

        #[test]
        fn blanks_at_the_ends_go(text in "[ \t\n\u{a0}\u{2003}\u{3000}]{0,3}[a-zé \u{3000}]{0,6}[ \u{85}\u{a0}\u{3000}]{0,3}") {
            prop_assert_eq!(trim(&text), text.trim());
        }
    }
}
