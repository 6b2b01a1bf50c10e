//! SHA-256 (FIPS 180-4) and base64url without padding (RFC 4648 section 5), for the short hash of an article.
//!
//! Ours and not a crate's: SubtleCrypto answers late and is missing on plain http, and this form is a third of the
//! bytes of the `sha2` crate's in the module. The tests hold it against that crate.

use crate::text::scan::push;

/// The SHA-256 hash of `message`.
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every index is below its array's length; counts are of bytes in memory, primes below 312"
)]
pub(crate) fn sha256(message: &[u8]) -> [u8; 32] {
    // The standard's constants are the first 32 bits of the fractional parts of roots of the first 64 primes: worked out,
    // they take a third of the bytes of the table, and an f64 holds them with 18 bits to spare.
    let mut constants = [0_u32; 64];
    // The eight working variables, as two sequences: every round adds a new `a` and a new `e` behind those that were, which
    // become `b` to `d` and `f` to `h` without being moved. The first four of each are the state between two blocks.
    let mut work = [0_u32; 2 * 68];
    let mut prime = 1;
    for (place, constant) in constants.iter_mut().enumerate() {
        prime = next_prime(prime);
        let number = f64::from(prime);
        // Newton's way to the cube root: the first dozen steps come near, and each one after doubles the digits.
        let mut root = number;
        for _ in 0..24 {
            root = (root + root + number / (root * root)) / 3.0;
        }
        *constant = fraction(root);
        if place < 8 {
            work[place / 4 * 68 + 3 - place % 4] = fraction(number.sqrt());
        }
    }

    // The message, one bit, zeros, and the message's length in bits fill whole blocks of 64 bytes.
    let padded = (message.len() + 8) / 64 * 64 + 64;
    // A block's 16 words, and the words of the message schedule behind them.
    let mut words = [0_u32; 80];
    for place in 0..padded {
        let byte = match message.get(place) {
            Some(byte) => *byte,
            None => u8::from(place == message.len()) << 7,
        };
        // What the word held before is shifted out.
        let word = &mut words[place / 4 % 16];
        *word = (*word << 8) | u32::from(byte);
        if place % 64 != 63 {
            continue;
        }
        if place + 1 == padded {
            let bits = message.len() as u64 * 8;
            words[14] = (bits >> 32) as u32;
            words[15] = bits as u32;
        }
        for round in 0..64 {
            let of = |half: usize, place: usize| work[half * 68 + round + place];
            let (a, b, c, d) = (of(0, 3), of(0, 2), of(0, 1), of(0, 0));
            let (e, f, g, h) = (of(1, 3), of(1, 2), of(1, 1), of(1, 0));
            let t1 = h
                .wrapping_add(e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25))
                .wrapping_add((e & f) ^ (!e & g))
                .wrapping_add(constants[round])
                .wrapping_add(words[round]);
            let t2 = (a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22))
                .wrapping_add((a & b) ^ (a & c) ^ (b & c));
            work[round + 4] = t1.wrapping_add(t2);
            work[68 + round + 4] = t1.wrapping_add(d);
            let (w1, w14) = (words[round + 1], words[round + 14]);
            words[round + 16] = words[round]
                .wrapping_add(w1.rotate_right(7) ^ w1.rotate_right(18) ^ (w1 >> 3))
                .wrapping_add(words[round + 9])
                .wrapping_add(w14.rotate_right(17) ^ w14.rotate_right(19) ^ (w14 >> 10));
        }
        for place in 0..72 {
            // Between the sequences' first fours, what this changes is never read again.
            work[place] = work[place].wrapping_add(work[place + 64]);
        }
    }
    let mut hash = [0; 32];
    for place in 0..32 {
        hash[place] = (work[place / 16 * 68 + 3 - place / 4 % 4] >> (24 - place % 4 * 8)) as u8;
    }
    hash
}

/// The first 32 bits of the fractional part.
fn fraction(root: f64) -> u32 {
    (root * 4_294_967_296.0) as u64 as u32
}

/// The least prime above `number`.
#[allow(clippy::arithmetic_side_effects, reason = "a divisor is at least 2 and at most the number")]
fn next_prime(number: u32) -> u32 {
    let mut prime = number;
    loop {
        prime += 1;
        let mut divisor = 2;
        while !prime.is_multiple_of(divisor) {
            divisor += 1;
        }
        if divisor == prime {
            return prime;
        }
    }
}

/// `bytes` in base64url without padding: four characters for every three bytes.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    let length = bytes.len().wrapping_mul(8).div_ceil(6);
    let mut text = String::new();
    let mut bits = 0_u32;
    let mut count = 0_u32;
    let mut rest = bytes;
    while text.len() < length {
        if count < 6 {
            bits <<= 8;
            count = count.wrapping_add(8);
            // Behind the last byte, zeros.
            if let [byte, after @ ..] = rest {
                bits |= u32::from(*byte);
                rest = after;
            }
        }
        count = count.wrapping_sub(6);
        push(&mut text, letter(bits >> count));
    }
    text
}

/// The letter for the lowest six bits.
fn letter(bits: u32) -> u8 {
    let value = (bits & 63) as u8;
    match value {
        0..=25 => value.wrapping_add(b'A'),
        26..=51 => value.wrapping_add(b'a' - 26),
        52..=61 => value.wrapping_sub(4),
        62 => b'-',
        _ => b'_',
    }
}

/// The bytes of base64url without padding. `None` for any other letter, and for a text that is not the one that these bytes are
/// written as: its unused bits are zero, so that no signed text has a twin.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut bits = 0_u32;
    let mut count = 0_u32;
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a' - 26),
            b'0'..=b'9' => byte.wrapping_add(4),
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count = count.wrapping_add(6);
        if count >= 8 {
            count = count.wrapping_sub(8);
            bytes.push((bits >> count) as u8);
        }
    }
    let unused = bits & (1_u32 << count).wrapping_sub(1);
    if count < 6 && unused == 0 { Some(bytes) } else { None }
}

#[cfg(test)]
mod tests {
    use super::{base64url, from_base64url, sha256};
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use sha2::Digest as _;

    #[test]
    fn sha256_of_the_standards_example() {
        assert_eq!(base64url(&sha256(b"abc")), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
    }

    proptest! {
        #[test]
        fn sha256_agrees_with_the_sha2_crate(message in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(sha256(&message).to_vec(), sha2::Sha256::digest(&message).to_vec());
        }

        #[test]
        fn base64url_agrees_with_the_base64_crate(bytes in proptest::collection::vec(any::<u8>(), 0..50)) {
            prop_assert_eq!(base64url(&bytes), URL_SAFE_NO_PAD.encode(&bytes));
            prop_assert_eq!(from_base64url(&base64url(&bytes)), Some(bytes));
        }

        #[test]
        fn base64url_is_read_as_the_base64_crate_reads_it(text in "[A-Da-d0-3_=+/ -]{0,12}") {
            prop_assert_eq!(from_base64url(&text), URL_SAFE_NO_PAD.decode(&text).ok());
        }
    }
}
