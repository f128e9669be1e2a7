//! A column computed row by row.

use crate::error::Result;

/// The values of `row` for 0..`length`, on several threads where the feature `parallel` is on; the first error wins.
pub(crate) fn fill_column<T: Send>(
    length: usize,
    row: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    in_pieces(1024, length, row)
}

/// The same where a row takes many microseconds.
pub(crate) fn fill_costly_column<T: Send>(
    length: usize,
    row: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    in_pieces(4, length, row)
}

/// Below four pieces, starting threads costs more than it saves.
#[cfg_attr(not(feature = "parallel"), allow(unused_variables))]
fn in_pieces<T: Send>(
    piece: usize,
    length: usize,
    row: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        if length >= 4 * piece {
            return (0..length)
                .into_par_iter()
                .with_min_len(piece)
                .map(&row)
                .collect();
        }
    }
    (0..length).map(row).collect()
}
