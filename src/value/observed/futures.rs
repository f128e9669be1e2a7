//! Customers whose future is the same if they are still there.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::value::PurchaseHistories;

/// Distinct (purchases, time) in the order in which they were first met.
#[derive(Clone, Debug, Default)]
pub(in crate::value) struct DistinctPairs {
    pub(in crate::value) pairs: Vec<(u32, f64)>,
    places: HashMap<(u32, u64), u32, BuildHasherDefault<Mixer>>,
}

impl DistinctPairs {
    /// Place of a pair, new or met before.
    pub(in crate::value) fn place(&mut self, x: u32, time: f64) -> u32 {
        let pairs = &mut self.pairs;
        // Adding zero turns −0 into 0.
        let time = time + 0.0;
        *self.places.entry((x, time.to_bits())).or_insert_with(|| {
            pairs.push((x, time));
            // At most two pairs per row; the rows are customers, who are numbered in u32.
            u32::try_from(pairs.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

/// The distinct (purchases, time observed) among many histories.
#[derive(Clone, Debug)]
pub(in crate::value) struct Futures {
    /// A row with each.
    pub(in crate::value) rows: Vec<usize>,
    /// For each row its place in `rows`.
    pub(in crate::value) of_row: Vec<u32>,
}

impl Futures {
    pub(in crate::value) fn of(histories: &PurchaseHistories) -> Self {
        let mut distinct = DistinctPairs::default();
        let mut rows = Vec::new();
        let of_row = histories
            .repeat_purchases()
            .iter()
            .zip(histories.observed_for())
            .enumerate()
            .map(|(row, (&x, &t))| {
                let place = distinct.place(x, t);
                if place as usize == rows.len() {
                    rows.push(row);
                }
                place
            })
            .collect();
        Self { rows, of_row }
    }
}

/// One multiplication per word: the keys are numbers of our own making, so nobody can aim at collisions, and the order of
/// the map is never read.
#[derive(Clone, Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

#[cfg(test)]
mod tests {
    use super::Futures;
    use crate::measure::TimeUnit;
    use crate::value::PurchaseHistories;

    #[test]
    fn rows_that_differ_in_recency_alone_share_a_future() {
        let histories = PurchaseHistories::from_columns(
            TimeUnit::Week,
            vec![2, 1, 2, 1],
            vec![3.0, 4.0, 5.0, 4.0],
            vec![9.0, 9.0, 9.0, 8.0],
        )
        .unwrap();
        let futures = Futures::of(&histories);
        assert_eq!(futures.rows, [0, 1, 3]);
        assert_eq!(futures.of_row, [0, 1, 0, 2]);
    }
}
