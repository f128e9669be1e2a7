//! Customers with equal covariates share one law: they are counted together.

use std::ops::Range;

use crate::error::{Error, Result};
use crate::numeric::{fill_column, power_of_two_below};
use crate::value::PurchaseHistories;

use super::target::DrivenLaw;

/// Customers with equal covariates.
#[derive(Debug)]
pub(super) struct Cell<Sample> {
    /// Their covariates in standard deviations from the mean.
    pub(super) standard: Vec<f64>,
    pub(super) sample: Sample,
}

/// How a column is standardised: over the customers that enter the fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) mean: f64,
    pub(super) deviation: f64,
    /// Largest distance from the mean in standard deviations.
    pub(super) farthest: f64,
}

/// All customers of a fit by their covariates, in ascending order of these, so that the order of the customers leaves no
/// trace in any sum.
#[derive(Debug)]
pub(super) struct Cells<Sample> {
    pub(super) members: Vec<Cell<Sample>>,
    weights: Vec<f64>,
    pub(super) spreads: Vec<Spread>,
    pub(super) customers: usize,
    pub(super) repeaters: usize,
}

impl<Sample: Send + Sync> Cells<Sample> {
    /// The customers that count, by `columns` of these `names`.
    pub(super) fn of<Law: DrivenLaw<Sample = Sample>>(
        histories: &PurchaseHistories,
        names: &[&str],
        columns: &[&[f64]],
    ) -> Result<Self> {
        let means = histories.mean_repeat_spend().map(|(_, means)| means);
        let counts = histories.repeat_purchases();
        let rows: Vec<usize> = (0..histories.len())
            .filter(|&row| Law::counts(counts[row], means.map(|means| means[row])))
            .collect();
        let customers = rows.len();
        let repeaters = rows.iter().filter(|&&row| counts[row] > 0).count();
        let groups = Groups::of(rows, columns);
        let weights: Vec<f64> = groups.ranges().map(|range| range.len() as f64).collect();
        let value = |group: usize, column: usize| columns[column][groups.first(group)];
        let spreads = (0..columns.len())
            .map(|column| spread(&weights, names[column], |group| value(group, column)))
            .collect::<Result<Vec<Spread>>>()?;
        let members = fill_column(groups.len(), |group| {
            Ok(Cell {
                standard: spreads
                    .iter()
                    .enumerate()
                    .map(|(column, spread)| (value(group, column) - spread.mean) / spread.deviation)
                    .collect(),
                sample: Law::sample(&part(histories, groups.rows(group))?),
            })
        })?;
        Ok(Self {
            members,
            weights,
            spreads,
            customers,
            repeaters,
        })
    }

    /// The first of these columns that the ones before it determine: what is left of its correlation matrix's diagonal
    /// in Cholesky's factorisation is next to nothing.
    pub(super) fn first_determined(&self, columns: &[usize]) -> Option<usize> {
        /// The share of a column's variance that the others must leave unexplained; about the square root of the
        /// precision of the arithmetic.
        const LEAST_OWN_SHARE: f64 = 1e-8;
        let size = columns.len();
        let mut lower = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..=row {
                let product: f64 = self
                    .members
                    .iter()
                    .zip(&self.weights)
                    .map(|(cell, weight)| {
                        weight * cell.standard[columns[row]] * cell.standard[columns[column]]
                    })
                    .sum();
                let inner: f64 = (0..column)
                    .map(|k| lower[row * size + k] * lower[column * size + k])
                    .sum();
                let rest = product / self.customers as f64 - inner;
                if row == column {
                    if rest <= LEAST_OWN_SHARE {
                        return Some(columns[row]);
                    }
                    lower[row * size + row] = rest.sqrt();
                } else {
                    lower[row * size + column] = rest / lower[column * size + column];
                }
            }
        }
        None
    }
}

/// Deviations of columns whose coefficients have variances that a number can hold.
const SOUND_DEVIATIONS: std::ops::RangeInclusive<f64> = 1e-140..=1e140;

/// Mean and deviation of a column; refused if it is the same for all.
fn spread(weights: &[f64], name: &str, value: impl Fn(usize) -> f64) -> Result<Spread> {
    let customers: f64 = weights.iter().sum();
    let average = |part: &dyn Fn(f64) -> f64| -> f64 {
        let terms = weights.iter().enumerate();
        terms.map(|(group, w)| w * part(value(group))).sum::<f64>() / customers
    };
    let size = (0..weights.len()).fold(0.0, |size: f64, group| size.max(value(group).abs()));
    // In units near the largest value no square leaves the numbers; powers of two cost no digits.
    let scale = power_of_two_below(size);
    let mean = scale * average(&|value| value / scale);
    let deviation = scale
        * average(&|value| {
            let distance = value / scale - mean / scale;
            distance * distance
        })
        .sqrt();
    if deviation <= 1e-12 * size || deviation.is_nan() {
        return Err(Error::CannotTell {
            question: format!("what {name:?} does").into(),
            reason: "it is the same for every customer that enters the fit: leave it out".into(),
        });
    }
    if !SOUND_DEVIATIONS.contains(&deviation) {
        return Err(Error::CannotTell {
            question: format!("what {name:?} does").into(),
            reason: format!(
                "its standard deviation is {deviation:e}, whose inverse square leaves the numbers: give it in another unit"
            )
            .into(),
        });
    }
    let farthest = (0..weights.len()).fold(0.0, |far: f64, group| {
        far.max((value(group) - mean).abs() / deviation)
    });
    Ok(Spread {
        mean,
        deviation,
        farthest,
    })
}

/// Rows in groups of equal values in some columns, the groups in ascending order of the values.
#[derive(Debug)]
pub(super) struct Groups {
    rows: Vec<usize>,
    ends: Vec<usize>,
}

impl Groups {
    pub(super) fn of(mut rows: Vec<usize>, columns: &[&[f64]]) -> Self {
        // Adding zero turns −0 into 0.
        let compared = |left: usize, right: usize| {
            columns
                .iter()
                .map(|column| (column[left] + 0.0).total_cmp(&(column[right] + 0.0)))
                .find(|order| order.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        };
        rows.sort_by(|&left, &right| compared(left, right));
        let mut ends = Vec::new();
        let mut reached = 0;
        for alike in rows.chunk_by(|&left, &right| compared(left, right).is_eq()) {
            reached += alike.len();
            ends.push(reached);
        }
        Self { rows, ends }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn range(&self, group: usize) -> Range<usize> {
        let begin = if group == 0 { 0 } else { self.ends[group - 1] };
        begin..self.ends[group]
    }

    fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        (0..self.len()).map(|group| self.range(group))
    }

    pub(super) fn rows(&self, group: usize) -> &[usize] {
        &self.rows[self.range(group)]
    }

    /// One of the group's rows.
    pub(super) fn first(&self, group: usize) -> usize {
        self.rows[self.range(group).start]
    }
}

/// Some rows of `histories`.
fn part(histories: &PurchaseHistories, rows: &[usize]) -> Result<PurchaseHistories> {
    let times = |column: &[f64]| rows.iter().map(|&row| column[row]).collect::<Vec<f64>>();
    let counts = rows.iter().map(|&row| histories.repeat_purchases()[row]);
    let chosen = PurchaseHistories::from_columns(
        histories.unit(),
        counts.collect(),
        times(histories.active_for()),
        times(histories.observed_for()),
    )?;
    match histories.mean_repeat_spend() {
        Some((currency, means)) => chosen.with_mean_repeat_spend(currency, times(means)),
        None => Ok(chosen),
    }
}
