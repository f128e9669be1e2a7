//! Distinct keys among many, numbered in the order in which they are first met.

use crate::numeric::column_of;

/// What rows are told apart by.
pub(in crate::value) trait Key: Copy + Eq + Send + Sync {
    /// A number in whose upper bits all bits of the key show.
    fn mixed(self) -> u64;
}

/// Two multiplications: the keys are numbers of our own making, so nobody can aim at collisions.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Key for u64 {
    fn mixed(self) -> u64 {
        let product = self.wrapping_mul(ODD);
        (product ^ (product >> 32)).wrapping_mul(ODD)
    }
}

impl Key for (u32, u64) {
    fn mixed(self) -> u64 {
        (self.1 ^ u64::from(self.0).wrapping_mul(ODD).rotate_left(32)).mixed()
    }
}

/// The bits of a time that is not negative, which sort as the times do; adding zero turns −0 into 0.
pub(in crate::value) fn bits(time: f64) -> u64 {
    (time + 0.0).to_bits()
}

/// Distinct keys and where each stands: open addressing with linear probing, at most half full.
#[derive(Debug)]
struct Distinct<K> {
    keys: Vec<K>,
    slots: Vec<u32>,
}

impl<K: Key> Distinct<K> {
    const FREE: u32 = u32::MAX;

    fn new() -> Self {
        Self {
            keys: Vec::new(),
            slots: vec![Self::FREE; 256],
        }
    }

    /// Place of a key, new or met before.
    #[inline]
    fn place(&mut self, key: K) -> u32 {
        let mask = self.slots.len() - 1;
        let mut slot = self.first_slot(key);
        loop {
            let place = self.slots[slot];
            if place == Self::FREE {
                return self.add(key, slot);
            }
            if self.keys[place as usize] == key {
                return place;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn first_slot(&self, key: K) -> usize {
        // As many of the upper bits as number the slots.
        let unused = self.slots.len().leading_zeros() + 1;
        let upper = key.mixed() >> unused;
        // Below the number of slots.
        #[allow(clippy::cast_possible_truncation)]
        let slot = upper as usize;
        slot & (self.slots.len() - 1)
    }

    #[cold]
    fn add(&mut self, key: K, slot: usize) -> u32 {
        // Keys come from rows, and the rows are customers, who are numbered in u32.
        let place = u32::try_from(self.keys.len()).unwrap_or(u32::MAX - 1);
        self.keys.push(key);
        self.slots[slot] = place;
        if 2 * self.keys.len() > self.slots.len() {
            self.slots = vec![Self::FREE; 2 * self.slots.len()];
            let mask = self.slots.len() - 1;
            for (place, &key) in (0..).zip(&self.keys) {
                let mut slot = self.first_slot(key);
                while self.slots[slot] != Self::FREE {
                    slot = (slot + 1) & mask;
                }
                self.slots[slot] = place;
            }
        }
        place
    }
}

/// The distinct keys of the rows 0..`rows` in the order in which they are first met, and the place of each row's key.
///
/// Each thread numbers a part of the rows for itself; the parts' keys meet in the order of the parts, which is the order
/// of the rows however many parts there are.
pub(in crate::value) fn distinct<K: Key>(
    rows: usize,
    key: impl Fn(usize) -> K + Sync,
) -> (Vec<K>, Vec<u32>) {
    let number = |begin: usize, places: &mut [u32]| {
        let mut found = Distinct::new();
        for (row, place) in (begin..).zip(places) {
            *place = found.place(key(row));
        }
        found
    };
    let mut places = vec![0; rows];
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        /// With fewer rows to a part, starting threads costs more than it saves.
        const LEAST_PART: usize = 4096;
        let parts = rayon::current_num_threads().min(rows / LEAST_PART);
        if parts > 1 {
            let part = rows.div_ceil(parts);
            let found: Vec<Distinct<K>> = places
                .par_chunks_mut(part)
                .enumerate()
                .map(|(index, places)| number(index * part, places))
                .collect();
            let mut found = found.into_iter();
            let mut all = found.next().unwrap_or_else(Distinct::new);
            // The slots of the others go before their keys are put among all.
            let others: Vec<Vec<K>> = found.map(|own| own.keys).collect();
            let renumbered: Vec<Vec<u32>> = others
                .into_iter()
                .map(|keys| keys.into_iter().map(|key| all.place(key)).collect())
                .collect();
            places
                .par_chunks_mut(part)
                .skip(1)
                .zip(&renumbered)
                .for_each(|(places, renumbered)| {
                    for place in places {
                        *place = renumbered[*place as usize];
                    }
                });
            return (all.keys, places);
        }
    }
    let all = number(0, &mut places);
    (all.keys, places)
}

/// One number per row from one per distinct key.
pub(in crate::value) fn spread(values: &[f64], places: &[u32]) -> Vec<f64> {
    column_of(places.len(), |row| values[places[row] as usize])
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{bits, distinct};

    #[test]
    fn keys_are_numbered_as_they_are_first_met_on_any_number_of_threads() {
        let key = |row: usize| {
            let scattered = row.wrapping_mul(2_654_435_761) % 100_003;
            let time = (scattered % 1_234) as f64 / 7.0;
            (u32::try_from(scattered % 17).unwrap(), bits(time))
        };
        let rows = 60_000;
        let mut met = HashMap::new();
        let mut keys = Vec::new();
        let mut places = Vec::new();
        for row in 0..rows {
            let next = u32::try_from(keys.len()).unwrap();
            let place = *met.entry(key(row)).or_insert(next);
            if place == next {
                keys.push(key(row));
            }
            places.push(place);
        }
        assert!(keys.len() > 10_000);
        assert_eq!(distinct(rows, key), (keys.clone(), places.clone()));
        #[cfg(feature = "parallel")]
        for threads in [1, 2, 3, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let found = pool.build().unwrap().install(|| distinct(rows, key));
            assert_eq!(found, (keys.clone(), places.clone()), "{threads}");
        }
    }

    #[test]
    fn no_rows_have_no_keys_and_zero_is_zero() {
        assert_eq!(distinct(0, |row| row as u64), (Vec::new(), Vec::new()));
        assert_eq!(distinct(2, |row| bits([0.0, -0.0][row])).1, [0, 0]);
    }
}
