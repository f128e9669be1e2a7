//! Word of mouth added up by segment.

use crate::error::Result;
use crate::measure::ExpectedMoney;

use super::audience::unless_all;
use super::chunk::CHUNK;
use super::coefficients::{Coefficients, coefficients};
use super::{Audience, Precision, Talk};

/// Chunks whose impacts are held at a time when they are added up by segment.
const CHUNKS_AT_ONCE: usize = 16;

impl<T: Precision> Audience<'_, T> {
    /// Totals by segment: `segments` holds one code per customer, below `count`; the answer has `count` entries.
    ///
    /// # Errors
    /// As [`Audience::impact_into`], and [`Error::BadColumnValue`](crate::Error::BadColumnValue) for a code that is not below `count`.
    pub fn by_segment(
        &self,
        talk: &Talk,
        segments: &[u32],
        count: usize,
    ) -> Result<Vec<ExpectedMoney>> {
        self.same_length("segment", segments.len())?;
        self.same_currency(talk)?;
        unless_all(
            segments,
            "segment",
            "be below the number of segments",
            |&code| (code as usize) < count,
        )?;
        let coefficients = coefficients::<T>(talk)?;
        // Each sum carries what rounding took from it, so that long columns lose nothing.
        let mut sums = vec![(0.0_f64, 0.0_f64); count];
        let batch = CHUNK * CHUNKS_AT_ONCE;
        let mut column = vec![T::ZERO; batch.min(self.len())];
        for first in (0..self.len()).step_by(batch) {
            let last = (first + batch).min(self.len());
            let column = &mut column[..last - first];
            self.fill_from(&coefficients, first, column)?;
            for (&impact, &segment) in column.iter().zip(&segments[first..last]) {
                let (sum, lost) = &mut sums[segment as usize];
                let impact: f64 = impact.into();
                let next = *sum + impact;
                *lost += if sum.abs() >= impact.abs() {
                    (*sum - next) + impact
                } else {
                    (impact - next) + *sum
                };
                *sum = next;
            }
        }
        sums.into_iter()
            .map(|(sum, lost)| ExpectedMoney::new(sum + lost, self.currency()))
            .collect()
    }

    fn fill_from(&self, coefficients: &Coefficients<T>, first: usize, out: &mut [T]) -> Result<()> {
        self.fill_chunks(coefficients, first / CHUNK, out)
            .into_iter()
            .try_for_each(|sum| sum.map(|_| ()))
    }
}
