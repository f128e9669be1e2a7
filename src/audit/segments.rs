//! One promise, group by group.

use crate::error::Result;
use crate::gap::{GapBreakdown, GapRow, PromiseGap, WorstBy};
use crate::measure::{Estimate, Merge, Probability};
use crate::promise::LatenessRule;

use super::AuditOptions;
use super::doubt::{estimate_of, mean_of};

/// One promise within one group of cases.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SegmentFinding {
    /// The group; `None` for cases of no group, and "other" for all groups not shown.
    pub label: Option<String>,
    /// Groups summed up in this row.
    pub groups: u64,
    /// Made.
    pub made: u64,
    /// Carried out.
    pub fulfilled: u64,
    /// Share late, with its interval.
    pub late_share: Option<Estimate>,
    /// Mean gap in days.
    pub mean_gap: Option<f64>,
    /// Scores of those carried out.
    pub scores: u64,
    /// Their mean, with its interval.
    pub mean_score: Option<Estimate>,
}

impl SegmentFinding {
    pub(super) fn of(row: &GapRow, level: Probability) -> Result<Self> {
        Self::of_gap(row.label().map(str::to_owned), row.gap(), level)
    }

    pub(super) fn of_gap(
        label: Option<String>,
        gap: &PromiseGap,
        level: Probability,
    ) -> Result<Self> {
        let scores = gap.scores_fulfilled();
        Ok(Self {
            label,
            groups: 1,
            made: gap.made(),
            fulfilled: gap.fulfilled(),
            late_share: estimate_of(gap.late(LatenessRule::EndOfDay), level)?,
            mean_gap: gap.gap_days().moments().mean(),
            scores: scores.answered(),
            mean_score: mean_of(scores.moments(), level)?,
        })
    }
}

/// The groups with the largest share late, then one row for all others, so that the rows add up to the whole.
pub(super) fn shown(
    breakdown: &GapBreakdown,
    options: &AuditOptions,
    level: Probability,
) -> Result<Vec<SegmentFinding>> {
    let worst = breakdown.worst_first(WorstBy::LateShare, options.least_rows_per_segment);
    let first: Vec<&GapRow> = worst.into_iter().take(options.rows).collect();
    let mut rows = first
        .iter()
        .map(|row| SegmentFinding::of(row, level))
        .collect::<Result<Vec<_>>>()?;
    let mut other = PromiseGap::empty(breakdown.whole().promise(), breakdown.whole().rule());
    let mut groups = 0;
    for row in breakdown
        .rows()
        .iter()
        .filter(|row| !first.iter().any(|shown| shown.label() == row.label()))
    {
        other.merge(row.gap())?;
        groups += 1;
    }
    if groups > 0 {
        let label = Some("other".to_owned());
        rows.push(SegmentFinding {
            groups,
            ..SegmentFinding::of_gap(label, &other, level)?
        });
    }
    Ok(rows)
}
