//! The module's bytes as a JavaScript string literal in UTF-8.
//!
//! A byte is the character of the same number, so half of them take one byte in the file and half take two, and
//! Brotli sees through it. Six bytes would need an escape, end the literal, or be altered on the way (line ends; ESC,
//! which switches modes in ISO-2022-JP): these are the characters U+0100 to U+0105.

/// The bytes that are moved, in the order of their characters.
const MOVED: [(u8, char); 6] = [
    (0x00, '\u{100}'),
    (0x0A, '\u{101}'),
    (0x0D, '\u{102}'),
    (0x1B, '\u{103}'),
    (0x22, '\u{104}'),
    (0x5C, '\u{105}'),
];

/// The text between the literal's quotes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let moved = |byte: u8| MOVED.iter().find(|(from, _)| *from == byte).map(|(_, to)| *to);
    bytes.iter().map(|&byte| moved(byte).unwrap_or(char::from(byte))).collect()
}

/// The bytes again, as the loader decodes them; `None` if a character is not one that [`encode`] writes.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|character| match MOVED.iter().find(|(_, to)| *to == character) {
            Some((from, _)) => Some(*from),
            None => u8::try_from(character).ok().filter(|byte| MOVED.iter().all(|(from, _)| from != byte)),
        })
        .collect()
}

/// The Adler-32 checksum, with which the loader sees whether the literal arrived whole.
pub(crate) fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    (b << 16) | a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives() {
        let all: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
        assert_eq!(decode(&encode(&all)), Some(all));
    }

    #[test]
    fn nothing_in_the_literal_needs_an_escape() {
        let all: Vec<u8> = (0..=255).collect();
        let text = encode(&all);
        assert!(!text.contains(['\0', '\n', '\r', '\u{1b}', '"', '\\', '\u{2028}', '\u{2029}', '\u{feff}']));
        assert_eq!(text.chars().count(), 256);
        assert_eq!(encode(b"\0a\xff"), "\u{100}a\u{ff}");
    }

    #[test]
    fn what_was_never_written_is_not_decoded() {
        assert_eq!(decode("\n"), None);
        assert_eq!(decode("\u{106}"), None);
        assert_eq!(decode("\u{fffd}"), None);
    }

    #[test]
    fn checksums_are_those_of_the_standard() {
        assert_eq!(adler32(b""), 1);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
        assert_eq!(adler32(&[0xFF; 70_000]), {
            // The same sum without the running remainder.
            let (mut a, mut b) = (1_u64, 0_u64);
            for _ in 0..70_000 {
                a += 255;
                b += a;
            }
            u32::try_from(((b % 65_521) << 16) | (a % 65_521)).expect("32 bits")
        });
    }
}
