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

/// The sums of `width` columns over `0..length`, `rows_per_chunk` rows at a time: `add` adds a range of rows to sums that
/// begin at zero. Chunk sums are added in index order.
pub(crate) fn sum_rows(
    length: usize,
    rows_per_chunk: usize,
    width: usize,
    add: impl Fn(Range<usize>, &mut [f64]) + Sync,
) -> Vec<f64> {
    let chunks = length.div_ceil(rows_per_chunk);
    let chunk = |index: usize| {
        let mut sums = vec![0.0; width];
        let begin = index * rows_per_chunk;
        add(begin..(begin + rows_per_chunk).min(length), &mut sums);
        sums
    };
    let mut total = vec![0.0; width];
    let mut include = |sums: Vec<f64>| {
        for (into, sum) in total.iter_mut().zip(sums) {
            *into += sum;
        }
    };
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        if chunks > 1 {
            let sums: Vec<Vec<f64>> = (0..chunks).into_par_iter().map(chunk).collect();
            sums.into_iter().for_each(include);
            return total;
        }
    }
    for index in 0..chunks {
        include(chunk(index));
    }
    total
}
