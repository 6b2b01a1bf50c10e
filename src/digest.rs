//! SHA-256 (FIPS 180-4) and base64url without padding (RFC 4648 section 5), for the short hash of an article.
//!
//! Ours and not a crate's: SubtleCrypto answers late and is missing on plain http, and this form is a third of the
//! bytes of the `sha2` crate's in the module. The tests hold it against that crate.

/// The round constants: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
const ROUND: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// The SHA-256 hash of `message`.
#[allow(clippy::indexing_slicing, reason = "every index is masked to the ring's 16 words")]
pub(crate) fn sha256(message: &[u8]) -> [u8; 32] {
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend_from_slice(&(message.len() as u64).wrapping_mul(8).to_be_bytes());

    let mut state: [u32; 8] =
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
    for block in padded.chunks_exact(64) {
        // The last 16 words of the message schedule, in a ring.
        let mut ring = [0_u32; 16];
        for (word, bytes) in ring.iter_mut().zip(block.chunks_exact(4)) {
            for byte in bytes {
                *word = (*word << 8) | u32::from(*byte);
            }
        }
        let mut work = state;
        for (round, constant) in ROUND.iter().enumerate() {
            let word = |ahead: usize| ring[round.wrapping_add(ahead) & 15];
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
            ring[round & 15] = word(0)
                .wrapping_add(w1.rotate_right(7) ^ w1.rotate_right(18) ^ (w1 >> 3))
                .wrapping_add(word(9))
                .wrapping_add(w14.rotate_right(17) ^ w14.rotate_right(19) ^ (w14 >> 10));
        }
        for (word, add) in state.iter_mut().zip(work) {
            *word = word.wrapping_add(add);
        }
    }
    let mut hash = [0; 32];
    for (bytes, word) in hash.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    hash
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
