//! Value saved against the number of customers won back, in worlds that had no part in the choice.

use crate::error::{Error, Result};
#[cfg(feature = "serde")]
use crate::measure::stored::require_column;

use super::attempts::Attempts;
use super::cascade::{Cascade, in_blocks};
use super::effort::Effort;
use super::graph::Person;
use super::reach::{self, Block, WORLDS};
use super::silence::checked_gains;

/// Fewest blocks from which a standard error is told.
const FEWEST_BLOCKS: u64 = 32;

/// Value saved by the first 0, 1, 2, … of an order, with standard errors.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SavedCurve {
    /// In this order.
    pub order: Vec<Person>,
    /// Expected value saved by the first k, one more entry than the order is long.
    pub saved: Vec<f64>,
    /// Their standard errors.
    pub standard_errors: Vec<f64>,
    /// How much less than the first of the orders compared it saves, in the same worlds; as long as the shorter of the two.
    pub behind_first: Vec<f64>,
    /// Their standard errors: much smaller than those of the curves, because what both save drops out.
    pub behind_first_standard_errors: Vec<f64>,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    SavedCurve {
        order: Vec<Person>,
        saved: Vec<f64>,
        standard_errors: Vec<f64>,
        behind_first: Vec<f64>,
        behind_first_standard_errors: Vec<f64>,
    }
    if |curve: &Self| {
        let sizes = curve.order.len() + 1;
        let compared = curve.behind_first.len().min(sizes);
        for (right, right_len, left_len) in [
            ("the values saved", curve.saved.len(), sizes),
            ("their standard errors", curve.standard_errors.len(), sizes),
            ("the differences from the first", curve.behind_first.len(), compared),
            ("their own standard errors", curve.behind_first_standard_errors.len(), compared),
        ] {
            if left_len != right_len {
                return Err(Error::UnequalLengths { left: "the order and its beginning", left_len, right, right_len });
            }
        }
        for (column, numbers) in [("saved", &curve.saved), ("behind_first", &curve.behind_first)] {
            require_column(column, numbers, f64::is_finite, "be finite")?;
        }
        for (column, numbers) in [
            ("standard_errors", &curve.standard_errors),
            ("behind_first_standard_errors", &curve.behind_first_standard_errors),
        ] {
            require_column(column, numbers, |error| error >= 0.0, "not be negative")?;
        }
        Ok(())
    }
}

/// A mean over blocks with its standard error, per world.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mean {
    pub(super) value: f64,
    pub(super) error: f64,
}

/// Mean per world of one number per block.
pub(super) fn mean(blocks: &[f64]) -> Mean {
    let n = blocks.len() as f64;
    let mean = blocks.iter().sum::<f64>() / n;
    let squares: f64 = blocks.iter().map(|block| (block - mean).powi(2)).sum();
    Mean {
        // Of nothing −0 is the sum.
        value: 0.0 + mean / WORLDS as f64,
        error: (squares / (n - 1.0) / n).sqrt() / WORLDS as f64,
    }
}

impl Cascade<'_> {
    /// Value saved along each of these orders of the attempts' detractors (a rule of thumb beside a careful order, say), in common
    /// worlds: hearers whose whole set of detractors is won back, times the probability that all of these attempts succeed, and
    /// the own values regained.
    ///
    /// Each curve uses the same worlds. An effort by relative standard error is held to the harm of all detractors together.
    ///
    /// # Errors
    /// As [`silence`](Self::silence); [`Error::BadColumnValue`] with the place of a person in an order who is no detractor or comes twice.
    pub fn saved_along(
        &self,
        attempts: &Attempts,
        orders: &[Vec<Person>],
        values: &[f64],
        effort: &Effort,
    ) -> Result<Vec<SavedCurve>> {
        effort.check()?;
        checked_gains(self, values)?;
        attempts.check(self.network())?;
        let rows: Vec<Vec<u32>> = orders
            .iter()
            .map(|order| rows_of(attempts, order))
            .collect::<Result<_>>()?;
        let blocks = fresh_blocks(self, attempts, values, effort);
        Ok(curves(attempts, &rows, &blocks))
    }
}

/// The rows of the attempts that an order names.
fn rows_of(attempts: &Attempts, order: &[Person]) -> Result<Vec<u32>> {
    let mut left: std::collections::HashMap<Person, u32> =
        attempts.detractors().iter().copied().zip(0..).collect();
    let rows = order.iter().enumerate().map(|(row, person)| {
        left.remove(person).ok_or(Error::BadColumnValue {
            column: "an order".into(),
            row,
            found: f64::from(*person),
            allowed: "be a detractor, each named once".into(),
        })
    });
    rows.collect()
}

/// Blocks of worlds as many as the effort asks for.
pub(super) fn fresh_blocks(
    cascade: &Cascade<'_>,
    attempts: &Attempts,
    values: &[f64],
    effort: &Effort,
) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut wanted = effort.first().div_ceil(WORLDS).max(FEWEST_BLOCKS);
    while (blocks.len() as u64) < wanted {
        let done = blocks.len() as u64;
        let detractors = attempts.detractors();
        blocks.extend(reach::blocks_of(
            cascade,
            detractors,
            values,
            effort.seed(),
            done..wanted,
        ));
        let harm = harm(&blocks);
        let worlds = wanted * WORLDS;
        wanted = effort
            .wanted(worlds, harm.value, harm.error)
            .div_ceil(WORLDS);
    }
    blocks
}

/// Harm of all detractors together.
pub(super) fn harm(blocks: &[Block]) -> Mean {
    let sums: Vec<f64> = blocks.iter().map(|block| block.values().sum()).collect();
    mean(&sums)
}

/// What each order saves in each block, by the place of the last who had to be won back; then added up.
pub(super) fn curves(
    attempts: &Attempts,
    orders: &[Vec<u32>],
    blocks: &[Block],
) -> Vec<SavedCurve> {
    let detractors = attempts.detractors();
    let own = attempts.own_values_regained();
    let places: Vec<Vec<usize>> = orders
        .iter()
        .map(|order| {
            let mut places = vec![usize::MAX; detractors.len()];
            for (place, &row) in order.iter().enumerate() {
                places[row as usize] = place;
            }
            places
        })
        .collect();
    let number = blocks.len() as u64;
    let by_block: Vec<Vec<Vec<f64>>> = in_blocks(0..number, Vec::new, |members, block| {
        #[allow(clippy::cast_possible_truncation)] // It counts what lies in memory.
        let block = &blocks[block as usize];
        let mut saved: Vec<Vec<f64>> = orders.iter().map(|o| vec![0.0; o.len() + 1]).collect();
        for (set, weight) in block {
            members.clear();
            members.extend(reach::members_of(set).map(|member| member as usize));
            let success = members.iter().map(|&m| attempts.success()[m]);
            let weight = weight * success.product::<f64>();
            for (saved, places) in saved.iter_mut().zip(&places) {
                let last = members.iter().map(|&m| places[m]).max();
                if let Some(place) = last.filter(|&place| place < usize::MAX) {
                    saved[place + 1] += weight;
                }
            }
        }
        for saved in &mut saved {
            for k in 1..saved.len() {
                saved[k] += saved[k - 1];
            }
        }
        saved
    });
    let column = |order: usize, k: usize| -> Vec<f64> {
        by_block.iter().map(|block| block[order][k]).collect()
    };
    let mut curves: Vec<SavedCurve> = Vec::with_capacity(orders.len());
    for (place, order) in orders.iter().enumerate() {
        let mut curve = SavedCurve {
            order: order.iter().map(|&row| detractors[row as usize]).collect(),
            saved: Vec::new(),
            standard_errors: Vec::new(),
            behind_first: Vec::new(),
            behind_first_standard_errors: Vec::new(),
        };
        let mut own_regained = 0.0;
        for k in 0..=order.len() {
            own_regained += k.checked_sub(1).map_or(0.0, |k| own[order[k] as usize]);
            let word = column(place, k);
            let spared = mean(&word);
            curve.saved.push(spared.value + own_regained);
            curve.standard_errors.push(spared.error);
            if k <= orders[0].len() {
                let apart: Vec<f64> = column(0, k).iter().zip(&word).map(|(a, b)| a - b).collect();
                let apart = mean(&apart);
                let first = curves.first().unwrap_or(&curve).saved[k];
                curve.behind_first.push(first - curve.saved[k]);
                curve.behind_first_standard_errors.push(apart.error);
            }
        }
        curves.push(curve);
    }
    curves
}

/// What choices save in each block, own values left out.
pub(super) fn spared_by(
    attempts: &Attempts,
    choices: &[Vec<bool>],
    blocks: &[Block],
) -> Vec<Vec<f64>> {
    let number = blocks.len() as u64;
    let by_block = in_blocks(0..number, Vec::new, |members, block| {
        #[allow(clippy::cast_possible_truncation)] // It counts what lies in memory.
        let block = &blocks[block as usize];
        let mut saved = vec![0.0; choices.len()];
        for (set, weight) in block {
            members.clear();
            members.extend(reach::members_of(set).map(|member| member as usize));
            let success = members.iter().map(|&m| attempts.success()[m]);
            let weight = weight * success.product::<f64>();
            for (saved, choice) in saved.iter_mut().zip(choices) {
                if members.iter().all(|&m| choice[m]) {
                    *saved += weight;
                }
            }
        }
        saved
    });
    let column = |choice: usize| by_block.iter().map(|block| block[choice]).collect();
    (0..choices.len()).map(column).collect()
}
