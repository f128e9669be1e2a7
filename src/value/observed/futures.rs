//! Customers whose future is the same if they are still there.

use crate::value::PurchaseHistories;
use crate::value::observed::distinct::{bits, distinct};

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
        let (x, t) = (histories.repeat_purchases(), histories.observed_for());
        let (pairs, of_row) = distinct(histories.len(), |row| (x[row], bits(t[row])));
        let mut rows = Vec::with_capacity(pairs.len());
        for (row, &place) in of_row.iter().enumerate() {
            if place as usize == rows.len() {
                rows.push(row);
                if rows.len() == pairs.len() {
                    break;
                }
            }
        }
        Self { rows, of_row }
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
