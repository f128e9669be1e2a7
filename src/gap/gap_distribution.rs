//! How many days early or late.

use crate::measure::Moments;
use crate::numeric::quantile;

/// Gaps in whole days, negative when earlier than promised, with how often each occurred.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct GapDistribution {
    /// Days in ascending order, as numbers, with counts.
    counts: Vec<(f64, u64)>,
}

impl GapDistribution {
    /// From days in ascending order; equal neighbours are put together.
    pub(super) fn of(days: impl Iterator<Item = (i64, u64)>) -> Self {
        let mut counts: Vec<(f64, u64)> = Vec::new();
        for (day, times) in days {
            let day = day as f64;
            match counts.last_mut() {
                // Whole numbers compare exactly.
                #[allow(clippy::float_cmp)]
                Some((last, so_far)) if *last == day => *so_far += times,
                _ => counts.push((day, times)),
            }
        }
        counts.retain(|&(_, times)| times > 0);
        Self { counts }
    }

    /// Each gap that occurred, in ascending order, with how often.
    #[must_use]
    pub fn counts(&self) -> &[(f64, u64)] {
        &self.counts
    }

    /// Count, mean and spread, in days.
    #[must_use]
    pub fn moments(&self) -> Moments {
        let mut moments = Moments::default();
        for &(days, times) in &self.counts {
            moments.record_times(days, times);
        }
        moments
    }

    /// The quantile at `share` (clamped to 0 to 1), in days, interpolated between neighbours (type 7 of Hyndman & Fan
    /// 1996); `None` without gaps.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        quantile(&self.counts, share)
    }

    /// The median, in days; `None` without gaps.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }

    /// The earliest, in days; `None` without gaps.
    #[must_use]
    pub fn earliest(&self) -> Option<f64> {
        self.counts.first().map(|&(days, _)| days)
    }

    /// The latest, in days; `None` without gaps.
    #[must_use]
    pub fn latest(&self) -> Option<f64> {
        self.counts.last().map(|&(days, _)| days)
    }
}
