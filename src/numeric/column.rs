//! A column computed row by row.

use crate::error::Result;

/// Rows that are worth handing to another thread.
const PIECE: usize = 1024;

/// The values of `row` for 0..`length`, on several threads where the feature `parallel` is on; the first error wins.
pub(crate) fn fill_column<T: Send>(
    length: usize,
    row: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    in_pieces(PIECE, length, row)
}

/// The same where a row takes many microseconds.
pub(crate) fn fill_costly_column<T: Send>(
    length: usize,
    row: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    in_pieces(4, length, row)
}

/// The values of `cell`, which cannot fail, for 0..`length`.
pub(crate) fn column_of<T: Send>(length: usize, cell: impl Fn(usize) -> T + Sync) -> Vec<T> {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        if length >= 4 * PIECE {
            return (0..length)
                .into_par_iter()
                .with_min_len(PIECE / 4)
                .map(&cell)
                .collect();
        }
    }
    (0..length).map(cell).collect()
}

/// As [`fill_column`] for plain values: each thread writes to its place in one column that holds `blank` before, so nothing is put
/// together afterwards.
pub(crate) fn fill_cells<T: Copy + Send>(
    length: usize,
    blank: T,
    row: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let mut cells = vec![blank; length];
    let fill = |begin: usize, piece: &mut [T]| {
        for (index, cell) in (begin..).zip(piece) {
            match row(index) {
                Ok(value) => *cell = value,
                Err(error) => return Some(error),
            }
        }
        None
    };
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        if length >= 4 * PIECE {
            let failed = cells
                .par_chunks_mut(PIECE)
                .enumerate()
                .find_map_first(|(piece, cells)| fill(piece * PIECE, cells));
            return failed.map_or(Ok(cells), Err);
        }
    }
    fill(0, &mut cells).map_or(Ok(cells), Err)
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

#[cfg(test)]
mod tests {
    use super::fill_cells;
    use crate::Error;

    #[test]
    fn the_first_row_that_fails_is_the_one_reported() {
        let column = |failing: fn(usize) -> bool| {
            fill_cells(20_000, 0, |row| {
                if failing(row) {
                    return Err(Error::Overflow {
                        what: format!("row {row}").into(),
                    });
                }
                Ok(row)
            })
        };
        assert!(column(|_| false).unwrap().into_iter().eq(0..20_000));
        let refused = column(|row| row % 5_000 == 4_321).unwrap_err();
        assert!(refused.to_string().contains("row 4321"), "{refused}");
    }
}
