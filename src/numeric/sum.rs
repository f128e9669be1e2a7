//! Sums whose bits do not depend on the number of threads.

use std::ops::Range;

/// Rows per chunk; fixed, because the chunks decide the order of additions and with it the last bits.
const CHUNK: usize = 2048;

/// The sums over `0..length` of the rows that `chunk` adds up range by range. Chunk sums are added in index order.
pub(crate) fn sum_in_chunks<const K: usize>(
    length: usize,
    chunk: impl Fn(Range<usize>) -> [f64; K] + Sync,
) -> [f64; K] {
    let range = |index: usize| index * CHUNK..((index + 1) * CHUNK).min(length);
    let chunks = length.div_ceil(CHUNK);
    let mut total = [0.0; K];
    let mut add = |sums: [f64; K]| {
        for (into, sum) in total.iter_mut().zip(sums) {
            *into += sum;
        }
    };
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        if chunks > 2 {
            let sums: Vec<[f64; K]> = (0..chunks)
                .into_par_iter()
                .map(|index| chunk(range(index)))
                .collect();
            sums.into_iter().for_each(add);
            return total;
        }
    }
    for index in 0..chunks {
        add(chunk(range(index)));
    }
    total
}
