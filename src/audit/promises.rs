//! What became of each promise, and what it did to what customers said.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use chrono::{Datelike, NaiveDate};
#[cfg(feature = "parallel")]
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::error::Result;
use crate::gap::{GapAssociation, GapBreakdown, PromiseGap};
use crate::journey::AsOf;
use crate::measure::{Estimate, SentimentRule};
use crate::numeric::quantile;
use crate::promise::{LatenessRule, PromiseLedger, PromiseStage, PromiseState, PromiseTally};

use super::doubt::{estimate_of, mean_of};
use super::effects::buckets;
use super::segments::shown;
use super::{
    AsymmetryFinding, AuditOptions, BucketFinding, GapDays, ReturnFinding, ScoreContrast,
    SegmentFinding,
};

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
    pub gap_vs_score: Option<GapAssociation>,
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
            if let PromiseState::BrokenStillOpen { overdue_days } = state {
                overdue.push((overdue_days as f64, 1));
            }
        }
        overdue.sort_by(|left: &(f64, u64), right| left.0.total_cmp(&right.0));
        let overdue_days = match (quantile(&overdue, 0.5), overdue.last()) {
            (Some(median), Some(&(longest, _))) => Some([median, longest]),
            _ => None,
        };
        let segmentations = view.log().segmentations();
        // Each breakdown reads the whole ledger again, and they do not depend on each other.
        #[cfg(feature = "parallel")]
        let segmentations = segmentations.par_iter();
        #[cfg(not(feature = "parallel"))]
        let segmentations = segmentations.iter();
        let by_segment = segmentations
            .map(|segmentation| {
                let breakdown =
                    GapBreakdown::by_segment(view, ledger, promise, rule, segmentation)?;
                let rows = shown(&breakdown, options, level)?;
                Ok((segmentation.name().to_owned(), rows))
            })
            .collect::<Result<BTreeMap<_, _>>>()?;
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
