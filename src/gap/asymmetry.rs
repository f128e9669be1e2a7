//! A day early and a day late are not the same.

use crate::measure::Estimate;
use crate::numeric::{associate, fit_line};

/// How gap and score go together, over all rated fulfilments.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GapAssociation {
    /// Rated fulfilments.
    pub count: u64,
    /// Pearson's correlation, from −1 to 1.
    pub pearson: f64,
    /// Spearman's rank correlation, from −1 to 1.
    pub spearman: f64,
    /// Kendall's tau-b, from −1 to 1.
    pub kendall_tau_b: f64,
}

/// Least-squares line of the score over days of gap on one side.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GapSlope {
    per_day: Estimate,
    intercept: f64,
    correlation: f64,
    count: u64,
}

impl GapSlope {
    /// Change of the score per day, in steps of the scale. The standard error is robust to unequal spread
    /// (HC3, `MacKinnon` & White 1985), as scores between fixed ends need; it is absent where one case decides the line.
    #[must_use]
    pub fn per_day(&self) -> &Estimate {
        &self.per_day
    }

    /// The line's score at gap 0.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// Pearson's correlation on this side, from −1 to 1.
    #[must_use]
    pub fn correlation(&self) -> f64 {
        self.correlation
    }

    /// Rated fulfilments on this side.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }
}

/// The slope on each side of the promised day, by calendar days. A side is `None` below three cases or where gap or
/// score does not vary.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GapAsymmetry {
    early_or_on_day: Option<GapSlope>,
    late: Option<GapSlope>,
    late_and_near: Option<GapSlope>,
    near_days: u32,
}

impl GapAsymmetry {
    /// Early, or on the promised day.
    #[must_use]
    pub fn early_or_on_day(&self) -> Option<&GapSlope> {
        self.early_or_on_day.as_ref()
    }

    /// All days late.
    #[must_use]
    pub fn late(&self) -> Option<&GapSlope> {
        self.late.as_ref()
    }

    /// From 1 to [`near_days`](Self::near_days) days late.
    #[must_use]
    pub fn late_and_near(&self) -> Option<&GapSlope> {
        self.late_and_near.as_ref()
    }

    /// Up to how many days late counts as near.
    #[must_use]
    pub fn near_days(&self) -> u32 {
        self.near_days
    }
}

pub(super) fn association(points: &[(i64, f64, u64)]) -> Option<GapAssociation> {
    let columns = within(points, i64::MIN, i64::MAX);
    let found = associate(&columns)?;
    Some(GapAssociation {
        count: columns.iter().map(|&(.., times)| times).sum(),
        pearson: found.pearson,
        spearman: found.spearman,
        kendall_tau_b: found.kendall_tau_b,
    })
}

pub(super) fn split_at_zero(points: &[(i64, f64, u64)], near_days: u32) -> GapAsymmetry {
    GapAsymmetry {
        early_or_on_day: slope(&within(points, i64::MIN, 0)),
        late: slope(&within(points, 1, i64::MAX)),
        late_and_near: slope(&within(points, 1, i64::from(near_days))),
        near_days,
    }
}

fn within(points: &[(i64, f64, u64)], from: i64, to: i64) -> Vec<(f64, f64, u64)> {
    points
        .iter()
        .filter(|(days, ..)| (from..=to).contains(days))
        .map(|&(days, score, times)| (days as f64, score, times))
        .collect()
}

fn slope(points: &[(f64, f64, u64)]) -> Option<GapSlope> {
    let line = fit_line(points)?;
    let observations = usize::try_from(line.count).unwrap_or(usize::MAX);
    let per_day = Estimate::new(line.slope, observations);
    Some(GapSlope {
        per_day: match line.slope_error {
            Some(error) => per_day.with_standard_error(error),
            None => per_day,
        },
        intercept: line.intercept,
        correlation: line.correlation,
        count: line.count,
    })
}
