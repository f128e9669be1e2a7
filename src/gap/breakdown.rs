//! Where a promise fares worst.

use std::cmp::Ordering;

use chrono::{Datelike, NaiveDate};

use crate::error::Result;
use crate::journey::{AsOf, Segmentation};
use crate::measure::{Merge, SentimentRule};
use crate::promise::{LatenessRule, PromiseLedger};

use super::PromiseGap;

/// One group of cases and how a promise fared in it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct GapRow {
    label: Option<String>,
    gap: PromiseGap,
}

impl GapRow {
    /// The group; `None` for cases that belong to none.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// How the promise fared in it.
    #[must_use]
    pub fn gap(&self) -> &PromiseGap {
        &self.gap
    }
}

/// What makes one group worse than another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum WorstBy {
    /// The larger share late, by the end of the promised day.
    #[default]
    LateShare,
    /// The lower mean score of all rated cases.
    MeanScore,
    /// The larger mean gap in days.
    MeanGap,
}

/// One promise, group by group. The groups add up to the whole.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct GapBreakdown {
    by: String,
    whole: PromiseGap,
    rows: Vec<GapRow>,
}

impl GapBreakdown {
    /// By the groups of a segmentation, in its order; cases of no group last.
    ///
    /// # Errors
    /// As [`PromiseGap::of`].
    pub fn by_segment(
        view: AsOf<'_>,
        ledger: &PromiseLedger,
        promise: &str,
        rule: SentimentRule,
        segmentation: &Segmentation,
    ) -> Result<Self> {
        let labels = segmentation.labels();
        let groups = PromiseGap::grouped(view, ledger, promise, rule, |record| {
            record
                .case()
                .and_then(|case| segmentation.group_of(case))
                .unwrap_or(labels.len())
        })?;
        let rows = groups
            .into_iter()
            .map(|(group, gap)| GapRow {
                label: labels.get(group).map(ToString::to_string),
                gap,
            })
            .collect();
        Self::of_rows(segmentation.name(), promise, rule, rows)
    }

    /// By the calendar month in which the promise was made, in the log's zone, in order of time.
    ///
    /// # Errors
    /// As [`PromiseGap::of`].
    pub fn by_month_made(
        view: AsOf<'_>,
        ledger: &PromiseLedger,
        promise: &str,
        rule: SentimentRule,
    ) -> Result<Self> {
        let month = |date: NaiveDate| (date.year(), date.month());
        let groups = PromiseGap::grouped(view, ledger, promise, rule, |record| {
            month(view.zone().date_of(record.made()))
        })?;
        let rows = groups
            .into_iter()
            .map(|((year, month), gap)| GapRow {
                label: Some(format!("{year:04}-{month:02}")),
                gap,
            })
            .collect();
        Self::of_rows("month", promise, rule, rows)
    }

    fn of_rows(by: &str, promise: &str, rule: SentimentRule, rows: Vec<GapRow>) -> Result<Self> {
        let mut whole = PromiseGap::empty(promise, rule);
        for row in &rows {
            whole.merge(&row.gap)?;
        }
        Ok(Self {
            by: by.to_owned(),
            whole,
            rows,
        })
    }

    /// By what cases were grouped.
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }

    /// All groups together.
    #[must_use]
    pub fn whole(&self) -> &PromiseGap {
        &self.whole
    }

    /// Every group, in the grouping's own order.
    #[must_use]
    pub fn rows(&self) -> &[GapRow] {
        &self.rows
    }

    /// The row of a group.
    #[must_use]
    pub fn row(&self, label: &str) -> Option<&GapRow> {
        self.rows.iter().find(|row| row.label() == Some(label))
    }

    /// The worst groups first, leaving out groups with fewer than `at_least` fulfilments, where the worst would be
    /// mere chance. Groups in which the measure has no value come last; equals keep the grouping's order.
    #[must_use]
    pub fn worst_first(&self, by: WorstBy, at_least: u64) -> Vec<&GapRow> {
        let badness = |row: &GapRow| match by {
            WorstBy::LateShare => row.gap.late(LatenessRule::EndOfDay).value(),
            WorstBy::MeanScore => row.gap.scores().mean().map(|mean| -mean),
            WorstBy::MeanGap => row.gap.gap_days().moments().mean(),
        };
        let mut rows: Vec<(&GapRow, Option<f64>)> = self
            .rows
            .iter()
            .filter(|row| row.gap.fulfilled() >= at_least)
            .map(|row| (row, badness(row)))
            .collect();
        rows.sort_by(|(_, left), (_, right)| match (left, right) {
            (Some(left), Some(right)) => right.total_cmp(left),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        });
        rows.into_iter().map(|(row, _)| row).collect()
    }
}
