//! Whom one would try to win back, how likely that succeeds, what it costs and what their own staying is worth.

use crate::error::{Error, Result};
use crate::measure::Probability;

use super::family::Family;
use super::graph::{Network, Person};

/// Detractors and the attempts to win them back, row by row in the caller's order.
///
/// | column | default | meaning | range |
/// | --- | --- | --- | --- |
/// | success | 1 | probability that the attempt succeeds, independently of the others | 0 to 1 |
/// | own value | 0 | what this customer's own staying is worth if the attempt succeeds, in the unit of the hearers' values | finite, at least 0 |
/// | cost | 1 each | what the attempt costs, whether it succeeds or not | finite, at least 0 |
///
/// Without costs each attempt counts as one.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Parts", into = "Parts"))]
pub struct Attempts {
    detractors: Vec<Person>,
    success: Vec<f64>,
    own_values: Vec<f64>,
    costs: Option<Vec<f64>>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    detractors: Vec<Person>,
    success: Vec<Probability>,
    own_values: Vec<f64>,
    costs: Option<Vec<f64>>,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for Attempts {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let attempts = Self::new(parts.detractors)?
            .with_success(&parts.success)?
            .with_own_values(parts.own_values)?;
        match parts.costs {
            Some(costs) => attempts.with_costs(costs),
            None => Ok(attempts),
        }
    }
}

#[cfg(feature = "serde")]
impl From<Attempts> for Parts {
    fn from(attempts: Attempts) -> Self {
        let success = attempts.success.iter();
        Self {
            // They were probabilities when they came in.
            success: success
                .map(|&p| Probability::new(p).unwrap_or(Probability::ONE))
                .collect(),
            detractors: attempts.detractors,
            own_values: attempts.own_values,
            costs: attempts.costs,
        }
    }
}

impl Attempts {
    /// Attempts that surely succeed, cost one each, and bring back no value but the word that is not spoken.
    ///
    /// # Errors
    /// [`Error::Empty`] without detractors; [`Error::BadColumnValue`] with the row of one who is named twice.
    pub fn new(detractors: Vec<Person>) -> Result<Self> {
        if detractors.is_empty() {
            return Err(Error::Empty {
                what: "the list of detractors".into(),
                remedy: "name at least one".into(),
            });
        }
        let mut seen = std::collections::HashSet::new();
        for (row, &detractor) in detractors.iter().enumerate() {
            if !seen.insert(detractor) {
                return Err(Error::BadColumnValue {
                    column: "detractors".into(),
                    row,
                    found: f64::from(detractor),
                    allowed: "be named only once".into(),
                });
            }
        }
        let rows = detractors.len();
        Ok(Self {
            detractors,
            success: vec![1.0; rows],
            own_values: vec![0.0; rows],
            costs: None,
        })
    }

    /// With the probability that each attempt succeeds.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`].
    pub fn with_success(mut self, success: &[Probability]) -> Result<Self> {
        self.same_rows("the probabilities of success", success.len())?;
        self.success = success.iter().map(|p| p.value()).collect();
        Ok(self)
    }

    /// With what each detractor's own staying is worth.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`]; [`Error::BadColumnValue`] with the first row that is not finite and at least 0;
    /// [`Error::Overflow`] if their sum is not finite.
    pub fn with_own_values(mut self, own_values: Vec<f64>) -> Result<Self> {
        self.same_rows("the own values", own_values.len())?;
        at_least_0("own values of the detractors", &own_values)?;
        self.own_values = own_values;
        Ok(self)
    }

    /// With what each attempt costs.
    ///
    /// # Errors
    /// As [`with_own_values`](Self::with_own_values).
    pub fn with_costs(mut self, costs: Vec<f64>) -> Result<Self> {
        self.same_rows("the costs", costs.len())?;
        at_least_0("costs of winning back", &costs)?;
        self.costs = Some(costs);
        Ok(self)
    }

    /// The same, each attempt counting as one.
    #[must_use]
    pub fn without_costs(mut self) -> Self {
        self.costs = None;
        self
    }

    /// Whom one would try to win back.
    #[must_use]
    pub fn detractors(&self) -> &[Person] {
        &self.detractors
    }

    /// What the attempts cost, where costs were given.
    #[must_use]
    pub fn costs(&self) -> Option<&[f64]> {
        self.costs.as_deref()
    }

    /// Expected own value regained by each attempt: success times own value.
    #[must_use]
    pub fn own_values_regained(&self) -> Vec<f64> {
        let pairs = self.success.iter().zip(&self.own_values);
        pairs.map(|(success, own)| success * own).collect()
    }

    pub(super) fn success(&self) -> &[f64] {
        &self.success
    }

    /// The costs, 1 each where there are none.
    pub(super) fn costs_or_ones(&self) -> Vec<f64> {
        let ones = || vec![1.0; self.detractors.len()];
        self.costs.clone().unwrap_or_else(ones)
    }

    /// Refuses a detractor who is not in the network.
    pub(super) fn check(&self, network: &Network) -> Result<()> {
        network.checked("detractors", &self.detractors).map(|_| ())
    }

    /// What attempts bring, from who reaches whom: a hearer is expected to be spared with the probability that all attempts
    /// of a choice succeed on whom he would hear from, and the own value comes from the attempt itself.
    pub(super) fn expected(&self, family: &Family) -> Family {
        let mut starts = vec![0];
        let mut members = Vec::new();
        let mut weights = Vec::new();
        for set in (0..).take(family.sets()) {
            let row = family.members(set);
            members.extend_from_slice(row);
            starts.push(members.len());
            let success = row.iter().map(|&m| self.success[m as usize]);
            weights.push(family.weight(set) * success.product::<f64>());
        }
        for (candidate, own) in (0_u32..).zip(self.own_values_regained()) {
            if own > 0.0 {
                members.push(candidate);
                starts.push(members.len());
                weights.push(own);
            }
        }
        Family::new(self.detractors.len(), starts, members, weights)
    }

    fn same_rows(&self, right: &'static str, right_len: usize) -> Result<()> {
        if right_len == self.detractors.len() {
            return Ok(());
        }
        Err(Error::UnequalLengths {
            left: "the detractors",
            left_len: self.detractors.len(),
            right,
            right_len,
        })
    }
}

fn at_least_0(column: &'static str, values: &[f64]) -> Result<()> {
    let bad = values
        .iter()
        .position(|&value| !(value >= 0.0 && value.is_finite()));
    match bad {
        Some(row) => Err(Error::BadColumnValue {
            column: column.into(),
            row,
            found: values[row],
            allowed: "be finite and at least 0".into(),
        }),
        None if !values.iter().sum::<f64>().is_finite() => Err(Error::Overflow {
            what: format!("the sum of the {column}").into(),
        }),
        None => Ok(()),
    }
}
