//! Random numbers from a seed.

/// Random numbers by `SplitMix64` (Steele, Lea & Flood 2014).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Above 0, at most 1.
    pub(crate) fn share(&mut self) -> f64 {
        ((self.bits() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// One of `0..count`.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        #[allow(clippy::cast_possible_truncation)] // Below a number of things in memory.
        let place = ((u128::from(self.bits()) * count as u128) >> 64) as usize;
        place
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let angle = std::f64::consts::TAU * self.share();
        (-2.0 * self.share().ln()).sqrt() * angle.cos()
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            items.swap(place, self.below(place + 1));
        }
    }
}
