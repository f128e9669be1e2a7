//! What a promise kept in time, late or early did to what customers said.

use crate::error::Result;
use crate::gap::{GapDistribution, GapSlope, PromiseGap};
use crate::measure::{Estimate, Probability};
use crate::promise::LatenessRule;

use super::{AuditOptions, NetPromoterFinding};

/// Distribution of the gap in days.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[allow(missing_docs)]
pub struct GapDays {
    pub mean: f64,
    pub sd: Option<f64>,
    pub median: f64,
    pub min: f64,
    pub max: f64,
    pub q05: f64,
    pub q25: f64,
    pub q75: f64,
    pub q95: f64,
}

/// Scores in time against scores late.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ScoreContrast {
    /// Scores in time.
    pub n_on_time: u64,
    /// Scores late.
    pub n_late: u64,
    /// Mean in time, with its interval.
    pub mean_on_time: Estimate,
    /// Mean late, with its interval.
    pub mean_late: Estimate,
    /// In time minus late, with its interval.
    pub difference: Estimate,
    /// Welch's t.
    pub welch_t: Option<f64>,
    /// Its degrees of freedom.
    pub welch_df: Option<f64>,
    /// Cohen's d with the pooled standard deviation.
    pub cohen_d_pooled: Option<f64>,
    /// Promoters minus detractors in time.
    pub nps_like_on_time: NetPromoterFinding,
    /// Promoters minus detractors late.
    pub nps_like_late: NetPromoterFinding,
}

/// Slopes of the score per day of gap.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AsymmetryFinding {
    /// While early or on the day.
    pub early_or_on_day: Option<SlopeFinding>,
    /// The first days late.
    pub late_near: Option<SlopeFinding>,
    /// How many days "near" is.
    pub near_days: u32,
    /// All days late.
    pub late_all: Option<SlopeFinding>,
}

/// One slope.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SlopeFinding {
    /// Scores.
    pub n: u64,
    /// Change of the score per day, with its standard error and interval.
    pub slope_per_day: Estimate,
    /// Score at gap 0 on this line.
    pub intercept: f64,
    /// Correlation.
    pub r: f64,
}

/// Scores in one bucket of the gap.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BucketFinding {
    /// Days of gap.
    pub bucket: String,
    /// Scores.
    pub n: u64,
    /// Mean, with its interval.
    pub mean: Option<Estimate>,
    /// Share of the worst answer.
    pub share_worst: Option<f64>,
    /// Share of the best answer.
    pub share_best: Option<f64>,
}

impl GapDays {
    pub(super) fn of(gaps: &GapDistribution) -> Option<Self> {
        let moments = gaps.moments();
        Some(Self {
            mean: moments.mean()?,
            sd: moments.standard_deviation(),
            median: gaps.median()?,
            min: gaps.earliest()?,
            max: gaps.latest()?,
            q05: gaps.quantile(0.05)?,
            q25: gaps.quantile(0.25)?,
            q75: gaps.quantile(0.75)?,
            q95: gaps.quantile(0.95)?,
        })
    }
}

impl ScoreContrast {
    pub(super) fn of(
        gap: &PromiseGap,
        rule: LatenessRule,
        level: Probability,
    ) -> Result<Option<Self>> {
        if gap.scores_when(false, rule).answered() < 2 || gap.scores_when(true, rule).answered() < 2
        {
            return Ok(None);
        }
        let contrast = gap.contrast(rule, level)?;
        Ok(Some(Self {
            n_on_time: contrast.on_time().answered(),
            n_late: contrast.late().answered(),
            mean_on_time: contrast.on_time().estimate(level)?,
            mean_late: contrast.late().estimate(level)?,
            difference: contrast.difference().clone(),
            welch_t: contrast.welch_t(),
            welch_df: contrast.degrees_of_freedom(),
            cohen_d_pooled: contrast.cohen_d(),
            nps_like_on_time: NetPromoterFinding::of(contrast.on_time_sentiment(), level)?,
            nps_like_late: NetPromoterFinding::of(contrast.late_sentiment(), level)?,
        }))
    }
}

impl AsymmetryFinding {
    pub(super) fn of(gap: &PromiseGap, near_days: u32) -> Self {
        let asymmetry = gap.asymmetry(near_days);
        Self {
            early_or_on_day: asymmetry.early_or_on_day().map(SlopeFinding::of),
            late_near: asymmetry.late_and_near().map(SlopeFinding::of),
            near_days,
            late_all: asymmetry.late().map(SlopeFinding::of),
        }
    }
}

impl SlopeFinding {
    pub(super) fn of(slope: &GapSlope) -> Self {
        Self {
            n: slope.count(),
            slope_per_day: slope.per_day().clone(),
            intercept: slope.intercept(),
            r: slope.correlation(),
        }
    }
}

pub(super) fn buckets(gap: &PromiseGap, options: &AuditOptions) -> Result<Vec<BucketFinding>> {
    let buckets = gap.by_bucket(&options.buckets, options.level)?;
    Ok(buckets
        .iter()
        .map(|bucket| BucketFinding {
            bucket: bucket.label().to_owned(),
            n: bucket.scores().answered(),
            mean: bucket.mean().cloned(),
            share_worst: bucket.share_worst().value(),
            share_best: bucket.share_best().value(),
        })
        .collect())
}
