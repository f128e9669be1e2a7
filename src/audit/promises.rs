//! What became of each promise, and what it did to what customers said.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use chrono::{Datelike, NaiveDate};

use crate::error::Result;
use crate::gap::{
    GapBreakdown, GapDistribution, GapRow, GapSlope, PromiseGap, ReturnRate, WorstBy,
};
use crate::journey::AsOf;
use crate::measure::{Estimate, Moments, Probability, SentimentRule};
use crate::promise::{LatenessRule, PromiseLedger, PromiseStage, PromiseTally};

use super::{AuditOptions, NetPromoterFinding};

/// One promise that was made to many customers.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PromiseFinding {
    /// Its name.
    pub promise: String,
    /// How often it was made.
    pub made: u64,
    /// How often it was carried out, with a deadline to compare with.
    pub fulfilled: u64,
    /// Its states at the moment of the audit.
    pub states: BTreeMap<&'static str, u64>,
    /// Its states at the end of each month and of the last day, for those made by then.
    pub states_over_time: Vec<StatesOnDay>,
    /// Carried out after the end of the promised day.
    pub late_calendar: u64,
    /// Their share of those carried out, with its interval.
    pub late_share_calendar: Option<Estimate>,
    /// Carried out after the promised day had begun: what comparing with a bare date gives, which counts the promised
    /// day itself as late.
    pub late_timestamp: u64,
    /// Their share.
    pub late_share_timestamp: Option<Estimate>,
    /// Carried out on the promised day, of those that the bare comparison counts as late.
    pub on_the_promised_day: u64,
    /// Calendar day carried out minus promised day, negative when early.
    pub gap_days: Option<GapDays>,
    /// Mean days late when late.
    pub mean_gap_when_late: Option<f64>,
    /// Median days late when late.
    pub median_gap_when_late: Option<f64>,
    /// Mean elapsed days from making to carrying out.
    pub days_made_to_fulfilled_mean: Option<f64>,
    /// Mean elapsed days from making to deadline.
    pub days_made_to_due_mean: Option<f64>,
    /// Days overdue of those still open: median and longest.
    pub overdue_days: Option<[f64; 2]>,
    /// What customers said when it was kept in time and when it was late, by the end of the promised day.
    pub score_on_time_vs_late_calendar: Option<ScoreContrast>,
    /// The same by the bare comparison.
    pub score_on_time_vs_late_timestamp: Option<ScoreContrast>,
    /// Correlation of gap and score: cases, Pearson, Spearman, Kendall's τ-b.
    pub gap_vs_score: Option<crate::gap::GapAssociation>,
    /// Slope of the score per day, early and late apart.
    pub asymmetry: AsymmetryFinding,
    /// Score by gap.
    pub score_by_gap_bucket: Vec<BucketFinding>,
    /// Scores of cases in which it was not carried out.
    pub score_not_fulfilled: Option<Estimate>,
    /// Cases asked for a score before it was carried out, and how many of them were late.
    pub asked_before_fulfilled: [u64; 2],
    /// By month of making.
    pub by_month: Vec<SegmentFinding>,
    /// By segmentation, the latest first.
    pub by_segment: BTreeMap<String, Vec<SegmentFinding>>,
    /// Who came back after the first time.
    pub return_after_first: Option<ReturnFinding>,
}

/// States of a promise on a day.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct StatesOnDay {
    /// The day.
    pub day: NaiveDate,
    /// Promises by state at its end.
    pub states: BTreeMap<&'static str, u64>,
}

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

/// Who came back after the first time, by how it went.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ReturnFinding {
    /// First cases made on or before this day count.
    pub made_by: NaiveDate,
    /// Purchases up to this day count.
    pub observed_until: NaiveDate,
    /// After being served in time.
    pub on_time: Option<Estimate>,
    /// How many of them came back.
    pub on_time_repeat: u64,
    /// After being served late.
    pub late: Option<Estimate>,
    /// How many of them came back.
    pub late_repeat: u64,
    /// By score of the first case: customers, and how many of them came back.
    pub by_score: BTreeMap<String, [u64; 2]>,
    /// Fisher's exact probability, two-sided.
    pub fisher_exact_two_sided_p: Option<f64>,
    /// What must be said beside it.
    pub caution: &'static str,
}

impl PromiseFinding {
    pub(super) fn of(
        view: AsOf<'_>,
        ledger: &PromiseLedger,
        promise: &str,
        rule: SentimentRule,
        options: &AuditOptions,
        observed_until: Option<NaiveDate>,
    ) -> Result<Self> {
        let level = options.level;
        let gap = PromiseGap::of(view, ledger, promise, rule)?;
        let (calendar, bare) = (
            gap.late(LatenessRule::EndOfDay),
            gap.late(LatenessRule::StartOfDay),
        );
        let when_late = gap.gap_days_when_late(LatenessRule::EndOfDay);
        let mut tally = PromiseTally::default();
        let mut overdue = Vec::new();
        for (_, state) in ledger
            .states_at(view.moment())?
            .filter(|(record, _)| ledger.name_of(record) == promise)
        {
            tally.add(state);
            if let crate::promise::PromiseState::BrokenStillOpen { overdue_days } = state {
                overdue.push((overdue_days as f64, 1));
            }
        }
        overdue.sort_by(|left: &(f64, u64), right| left.0.total_cmp(&right.0));
        let overdue_days = match (crate::numeric::quantile(&overdue, 0.5), overdue.last()) {
            (Some(median), Some(&(longest, _))) => Some([median, longest]),
            _ => None,
        };
        let mut by_segment = BTreeMap::new();
        for segmentation in view.log().segmentations() {
            let breakdown = GapBreakdown::by_segment(view, ledger, promise, rule, segmentation)?;
            let rows = shown(&breakdown, options, level)?;
            by_segment.insert(segmentation.name().to_owned(), rows);
        }
        let months = GapBreakdown::by_month_made(view, ledger, promise, rule)?;
        let by_month = months
            .rows()
            .iter()
            .map(|row| SegmentFinding::of(row, level))
            .collect::<Result<_>>()?;
        let not_fulfilled = gap.scores_not_fulfilled();
        Ok(Self {
            promise: promise.to_owned(),
            made: gap.made(),
            fulfilled: gap.fulfilled(),
            states: by_stage(&tally),
            states_over_time: states_over_time(ledger, promise)?,
            late_calendar: calendar.successes(),
            late_share_calendar: estimate_of(calendar, level)?,
            late_timestamp: bare.successes(),
            late_share_timestamp: estimate_of(bare, level)?,
            on_the_promised_day: gap.on_the_promised_day(),
            gap_days: GapDays::of(&gap.gap_days()),
            mean_gap_when_late: when_late.moments().mean(),
            median_gap_when_late: when_late.median(),
            days_made_to_fulfilled_mean: gap.mean_days_to_fulfilment(),
            days_made_to_due_mean: gap.mean_days_to_deadline(),
            overdue_days,
            score_on_time_vs_late_calendar: ScoreContrast::of(&gap, LatenessRule::EndOfDay, level)?,
            score_on_time_vs_late_timestamp: ScoreContrast::of(
                &gap,
                LatenessRule::StartOfDay,
                level,
            )?,
            gap_vs_score: gap.association(),
            asymmetry: AsymmetryFinding::of(&gap, options.near_days),
            score_by_gap_bucket: buckets(&gap, options)?,
            score_not_fulfilled: mean_of(not_fulfilled.moments(), level)?,
            asked_before_fulfilled: [
                gap.asked_before_fulfilment(),
                gap.asked_before_fulfilment_and_late(),
            ],
            by_month,
            by_segment,
            return_after_first: match observed_until {
                Some(day) => ReturnFinding::of(view, ledger, promise, rule, (day, options))?,
                None => None,
            },
        })
    }
}

fn estimate_of(
    proportion: crate::measure::Proportion,
    level: Probability,
) -> Result<Option<Estimate>> {
    if proportion.trials() == 0 {
        Ok(None)
    } else {
        proportion.estimate(level).map(Some)
    }
}

fn mean_of(moments: Moments, level: Probability) -> Result<Option<Estimate>> {
    if moments.count() == 0 {
        Ok(None)
    } else {
        moments.estimate(level).map(Some)
    }
}

fn by_stage(tally: &PromiseTally) -> BTreeMap<&'static str, u64> {
    PromiseStage::ALL
        .into_iter()
        .filter(|&stage| stage != PromiseStage::NotStarted)
        .map(|stage| (stage.label(), tally.count(stage)))
        .collect()
}

/// The states at the end of each month, and of the last day.
fn states_over_time(ledger: &PromiseLedger, promise: &str) -> Result<Vec<StatesOnDay>> {
    let every_day = ledger.only(promise).states_over_time(NonZeroU32::MIN)?;
    let last = every_day.tallies().last().map(|(day, _)| *day);
    Ok(every_day
        .tallies()
        .iter()
        .filter(|&&(day, _)| {
            let next = day.succ_opt();
            next.is_some_and(|next| next.day() == 1) || Some(day) == last
        })
        .map(|(day, tally)| StatesOnDay {
            day: *day,
            states: by_stage(tally),
        })
        .collect())
}

impl GapDays {
    fn of(gaps: &GapDistribution) -> Option<Self> {
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
    fn of(gap: &PromiseGap, rule: LatenessRule, level: Probability) -> Result<Option<Self>> {
        if gap.scores_when(false, rule).answered() == 0
            || gap.scores_when(true, rule).answered() == 0
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
    fn of(gap: &PromiseGap, near_days: u32) -> Self {
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
    fn of(slope: &GapSlope) -> Self {
        Self {
            n: slope.count(),
            slope_per_day: slope.per_day().clone(),
            intercept: slope.intercept(),
            r: slope.correlation(),
        }
    }
}

fn buckets(gap: &PromiseGap, options: &AuditOptions) -> Result<Vec<BucketFinding>> {
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

/// The groups with the largest share late, then one row for all others, so that the rows add up to the whole.
fn shown(
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
        crate::measure::Merge::merge(&mut other, row.gap())?;
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

impl SegmentFinding {
    fn of(row: &GapRow, level: Probability) -> Result<Self> {
        Self::of_gap(row.label().map(str::to_owned), row.gap(), level)
    }

    fn of_gap(label: Option<String>, gap: &PromiseGap, level: Probability) -> Result<Self> {
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

impl ReturnFinding {
    fn of(
        view: AsOf<'_>,
        ledger: &PromiseLedger,
        promise: &str,
        rule: SentimentRule,
        (observed_until, options): (NaiveDate, &AuditOptions),
    ) -> Result<Option<Self>> {
        let rate = ReturnRate::of(
            view,
            ledger,
            promise,
            rule.scale(),
            observed_until,
            options.follow_up_days,
        )?;
        let (on_time, late) = (rate.on_time(), rate.late());
        if on_time.trials() + late.trials() == 0 {
            return Ok(None);
        }
        let contrast = match (on_time.trials(), late.trials()) {
            (0, _) | (_, 0) => None,
            _ => Some(rate.contrast(options.level)?),
        };
        Ok(Some(Self {
            made_by: rate.observed_until() - chrono::Days::new(u64::from(rate.follow_up_days())),
            observed_until: rate.observed_until(),
            on_time: estimate_of(on_time, options.level)?,
            on_time_repeat: on_time.successes(),
            late: estimate_of(late, options.level)?,
            late_repeat: late.successes(),
            by_score: rate
                .by_score()
                .iter()
                .map(|(score, share)| (score.to_string(), [share.trials(), share.successes()]))
                .collect(),
            fisher_exact_two_sided_p: contrast.map(|contrast| contrast.p_value()),
            caution: ReturnRate::CAUTION,
        }))
    }
}
