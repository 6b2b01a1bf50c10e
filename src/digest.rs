//! SHA-256 (FIPS 180-4) and base64url without padding (RFC 4648 section 5), for the short hash of an article.
//!
//! Ours and not a crate's: SubtleCrypto answers late and is missing on plain http, and this form is a third of the
//! bytes of the `sha2` crate's in the module. The tests hold it against that crate.

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
    let mut state = [0_u32; 8];
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
            state[place] = fraction(number.sqrt());
        }
    }

    // The message, one bit, zeros, and the message's length in bits fill whole blocks of 64 bytes.
    let padded = (message.len() + 8) / 64 * 64 + 64;
    // The last 16 words of the message schedule, in a ring.
    let mut ring = [0_u32; 16];
    for place in 0..padded {
        let byte = match message.get(place) {
            Some(byte) => *byte,
            None => u8::from(place == message.len()) << 7,
        };
        // What the word held before is shifted out.
        let word = &mut ring[place / 4 % 16];
        *word = (*word << 8) | u32::from(byte);
        if place % 64 != 63 {
            continue;
        }
        if place + 1 == padded {
            let bits = message.len() as u64 * 8;
            ring[14] = (bits >> 32) as u32;
            ring[15] = bits as u32;
        }
        let mut work = state;
        for (round, constant) in constants.iter().enumerate() {
            let word = |ahead: usize| ring[(round + ahead) % 16];
            let [a, b, c, d, e, f, g, h] = work;
            let t1 = h
                .wrapping_add(e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25))
                .wrapping_add((e & f) ^ (!e & g))
                .wrapping_add(*constant)
                .wrapping_add(word(0));
            let t2 = (a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22))
                .wrapping_add((a & b) ^ (a & c) ^ (b & c));
            work = [t1.wrapping_add(t2), a, b, c, d.wrapping_add(t1), e, f, g];
            let (w1, w14) = (word(1), word(14));
            ring[round % 16] = word(0)
                .wrapping_add(w1.rotate_right(7) ^ w1.rotate_right(18) ^ (w1 >> 3))
                .wrapping_add(word(9))
                .wrapping_add(w14.rotate_right(17) ^ w14.rotate_right(19) ^ (w14 >> 10));
        }
        for place in 0..8 {
            state[place] = state[place].wrapping_add(work[place]);
        }
    }
    let mut hash = [0; 32];
    for place in 0..32 {
        hash[place] = (state[place / 4] >> (24 - place % 4 * 8)) as u8;
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
    let mut text = String::new();
    let mut bits = 0_u32;
    let mut count = 0_u32;
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        count = count.wrapping_add(8);
        while count >= 6 {
            count = count.wrapping_sub(6);
            text.push(letter(bits >> count));
        }
    }
    if count > 0 {
        text.push(letter(bits << 6_u32.wrapping_sub(count)));
    }
    text
}

/// The letter for the lowest six bits.
fn letter(bits: u32) -> char {
    let value = (bits & 63) as u8;
    char::from(match value {
        0..=25 => value.wrapping_add(b'A'),
        26..=51 => value.wrapping_add(b'a' - 26),
        52..=61 => value.wrapping_sub(4),
        62 => b'-',
        _ => b'_',
    })
}

#[cfg(test)]
mod tests {
    use super::{base64url, sha256};
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
        }
    }
}
