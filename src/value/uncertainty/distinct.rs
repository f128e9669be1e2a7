//! Histories that are alike, answered once.

use crate::error::Result;

use crate::value::PurchaseHistories;
use crate::value::observed::futures::DistinctPairs;

/// The distinct histories among many, without their spend, and where each row finds its own.
#[derive(Debug)]
pub(in crate::value) struct DistinctHistories {
    pub(in crate::value) histories: PurchaseHistories,
    of_row: Vec<u32>,
}

impl DistinctHistories {
    pub(in crate::value) fn of(histories: &PurchaseHistories) -> Result<Self> {
        let mut futures = DistinctPairs::default();
        let mut distinct = DistinctPairs::default();
        let (mut x, mut t_x, mut t) = (Vec::new(), Vec::new(), Vec::new());
        let of_row = histories
            .repeat_purchases()
            .iter()
            .zip(histories.active_for())
            .zip(histories.observed_for())
            .map(|((&count, &active_for), &observed_for)| {
                let place = distinct.place(futures.place(count, observed_for), active_for);
                if place as usize == x.len() {
                    x.push(count);
                    t_x.push(active_for);
                    t.push(observed_for);
                }
                place
            })
            .collect();
        Ok(Self {
            histories: PurchaseHistories::from_columns(histories.unit(), x, t_x, t)?,
            of_row,
        })
    }

    /// One number per row of the many, from one per distinct history.
    pub(in crate::value) fn spread(&self, column: &[f64]) -> Vec<f64> {
        self.of_row
            .iter()
            .map(|&place| column[place as usize])
            .collect()
    }
}
