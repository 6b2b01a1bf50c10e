//! The bytes of inputs: new ones, or a kept input changed a little. The nth input of a seed is always the same.

/// A generator of 64 bits (SplitMix64; Steele, Lea and Flood, 'Fast splittable pseudorandom number generators').
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The dice of a seed's nth input.
    pub(crate) fn of(seed: u64, nth: u64) -> Dice {
        let mut dice = Dice(seed);
        Dice(dice.next() ^ nth.wrapping_mul(0xd134_2543_de82_ef95))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ bits >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// An input into `bytes`; `kept` are those it may be made of.
    pub(crate) fn roll(&mut self, kept: &[Vec<u8>], bytes: &mut Vec<u8>) {
        bytes.clear();
        if kept.is_empty() || self.below(4) > 0 {
            // Mostly short: every way through a target begins with its first bytes.
            let most = [8, 24, 48, 64, 96, 192, 320][self.below(7)];
            self.fill(bytes, most);
            return;
        }
        bytes.extend_from_slice(&kept[self.below(kept.len())]);
        for _ in 0..=self.below(6) {
            let at = self.below(bytes.len() + 1);
            match self.below(6) {
                0 => bytes.insert(at, self.next() as u8),
                1 => bytes.truncate(at),
                2 => self.fill(bytes, 24),
                3 => {
                    let other = &kept[self.below(kept.len())];
                    bytes.truncate(at);
                    bytes.extend_from_slice(&other[self.below(other.len() + 1)..]);
                }
                _ if at < bytes.len() => bytes[at] = self.next() as u8,
                _ => {}
            }
        }
        bytes.truncate(4096);
    }

    fn fill(&mut self, bytes: &mut Vec<u8>, most: usize) {
        let length = bytes.len() + self.below(most + 1);
        while bytes.len() < length {
            bytes.extend_from_slice(&self.next().to_le_bytes());
        }
        bytes.truncate(length);
    }
}
