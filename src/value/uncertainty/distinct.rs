//! Histories that are alike, answered once.

use crate::error::Result;

use crate::value::PurchaseHistories;
use crate::value::observed::distinct::{bits, distinct, spread};

/// The distinct histories among many, without their spend, and where each row finds its own.
#[derive(Debug)]
pub(in crate::value) struct DistinctHistories {
    pub(in crate::value) histories: PurchaseHistories,
    of_row: Vec<u32>,
}

impl DistinctHistories {
    pub(in crate::value) fn of(histories: &PurchaseHistories) -> Result<Self> {
        let (x, t) = (histories.repeat_purchases(), histories.observed_for());
        let (futures, of_row) = distinct(histories.len(), |row| (x[row], bits(t[row])));
        let t_x = histories.active_for();
        let (alike, of_row) = distinct(histories.len(), |row| (of_row[row], bits(t_x[row])));
        let (mut x, mut t_x, mut t) = (Vec::new(), Vec::new(), Vec::new());
        for (future, active_for) in alike {
            let (count, observed_for) = futures[future as usize];
            x.push(count);
            t_x.push(f64::from_bits(active_for));
            t.push(f64::from_bits(observed_for));
        }
        Ok(Self {
            histories: PurchaseHistories::from_columns(histories.unit(), x, t_x, t)?,
            of_row,
        })
    }

    /// One number per row of the many, from one per distinct history.
    pub(in crate::value) fn spread(&self, column: &[f64]) -> Vec<f64> {
        spread(column, &self.of_row)
    }
}
