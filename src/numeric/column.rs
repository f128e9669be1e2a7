//! A column computed row by row.

use crate::error::Result;

/// The values of `row` for 0..`length`, on several threads where the feature `parallel` is on; the first error wins.
pub(crate) fn fill_column<T: Send>(
    length: usize,
    row: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        /// Below this, starting threads costs more than it saves.
        const PARALLEL_FROM: usize = 4096;
        if length >= PARALLEL_FROM {
            return (0..length)
                .into_par_iter()
                .with_min_len(1024)
                .map(&row)
                .collect();
        }
    }
    (0..length).map(row).collect()
}

/// As [`fill_column`] for rows that take so long that even two are worth a thread each.
pub(crate) fn fill_column_of_long_rows<T: Send>(
    length: usize,
    row: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        (0..length).into_par_iter().map(&row).collect()
    }
    #[cfg(not(feature = "parallel"))]
    (0..length).map(row).collect()
}
