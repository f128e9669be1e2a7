//! How many can be won back: a number of persons, or an amount of money.

use crate::error::{Error, Result};

use super::graph::Person;

/// What may be spent on winning customers back.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Parts", into = "Parts"))]
pub struct Budget {
    limit: f64,
    /// One cost per person of the network; all 1 where there are none.
    costs: Option<Vec<f64>>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    limit: f64,
    costs: Option<Vec<f64>>,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for Budget {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        Self::checked(parts.limit, parts.costs)
    }
}

#[cfg(feature = "serde")]
impl From<Budget> for Parts {
    fn from(budget: Budget) -> Self {
        Self {
            limit: budget.limit,
            costs: budget.costs,
        }
    }
}

impl Budget {
    /// At most this many persons.
    #[must_use]
    pub fn persons(count: Person) -> Self {
        Self {
            limit: f64::from(count),
            costs: None,
        }
    }

    /// At most `limit` in all, winning back each person of the network costing what `costs` says, in the same unit.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the limit is finite and at least 0; [`Error::BadColumnValue`] for a cost that is not finite and
    /// above 0; [`Error::Overflow`] if their sum is not finite.
    pub fn money(costs: Vec<f64>, limit: f64) -> Result<Self> {
        Self::checked(limit, Some(costs))
    }

    /// The same where attempts may cost nothing; the costs are finite and at least 0.
    pub(super) fn money_or_nothing(costs: Vec<f64>, limit: f64) -> Result<Self> {
        Self::checked_limit(limit)?;
        Ok(Self {
            limit,
            costs: Some(costs),
        })
    }

    fn checked_limit(limit: f64) -> Result<()> {
        Error::unless(
            limit >= 0.0 && limit.is_finite(),
            "budget",
            limit,
            "be finite and at least 0",
        )
    }

    fn checked(limit: f64, costs: Option<Vec<f64>>) -> Result<Self> {
        Self::checked_limit(limit)?;
        let bad = costs
            .iter()
            .flatten()
            .position(|&cost| !(cost > 0.0 && cost.is_finite()));
        if let (Some(row), Some(costs)) = (bad, &costs) {
            return Err(Error::BadColumnValue {
                column: "costs of winning back".into(),
                row,
                found: costs[row],
                allowed: "be finite and above 0".into(),
            });
        }
        if !costs.iter().flatten().sum::<f64>().is_finite() {
            return Err(Error::Overflow {
                what: "the sum of the costs of winning back".into(),
            });
        }
        Ok(Self { limit, costs })
    }

    /// The costs of these candidates; refuses a column that is not one cost per person of the network.
    pub(super) fn costs_of(&self, candidates: &[Person], persons: usize) -> Result<Vec<f64>> {
        let Some(costs) = &self.costs else {
            return Ok(vec![1.0; candidates.len()]);
        };
        if costs.len() != persons {
            return Err(Error::UnequalLengths {
                left: "the network",
                left_len: persons,
                right: "the costs of its persons",
                right_len: costs.len(),
            });
        }
        Ok(candidates.iter().map(|&c| costs[c as usize]).collect())
    }

    pub(super) fn limit(&self) -> f64 {
        self.limit
    }

    /// Whether all persons cost the same.
    pub(super) fn counts_persons(&self) -> bool {
        self.costs.is_none()
    }
}

/// Whether a cost fits what is left of a budget: sums of costs are rounded, and a hair over the limit is within it.
pub(super) fn is_within(cost: f64, left: f64) -> bool {
    cost <= left + 1e-9 * cost
}

/// The most that worths can add up to within the budget when the last person may be won back in part: no choice of whole
/// persons does better (Dantzig 1957).
pub(super) fn fractional_best(worths: &[f64], costs: &[f64], limit: f64) -> f64 {
    let mut rates: Vec<(f64, usize)> = worths
        .iter()
        .zip(costs)
        .map(|(worth, cost)| worth / cost)
        .zip(0..)
        .filter(|&(rate, _)| rate > 0.0)
        .collect();
    let by_rate = |a: &(f64, usize), b: &(f64, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    // Of those who come before the budget is spent only the order matters; a sort of all costs more than the choice.
    let cheapest = costs.iter().copied().fold(f64::INFINITY, f64::min);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    // Saturates: then all are sorted.
    let most = (limit / cheapest) as usize;
    if cheapest > 0.0 && most < rates.len() {
        rates.select_nth_unstable_by(most, by_rate);
        rates.truncate(most + 1);
    }
    rates.sort_unstable_by(by_rate);
    let mut left = limit;
    let mut best = 0.0;
    for (_, i) in rates {
        if costs[i] > left {
            return best + worths[i] * (left / costs[i]);
        }
        best += worths[i];
        left -= costs[i];
    }
    best
}
