//! What no table can tell and the user must say.

use crate::error::{Error, Result};
use crate::measure::Probability;

/// What the audit takes as given about money, leaving and talk. Nothing here is measured on the customers' table, so
/// the report prints it next to every number that rests on it.
///
/// | name | default | meaning | range | source |
/// | --- | --- | --- | --- | --- |
/// | `contribution_margin` | – | share of revenue left after the costs of what was sold | 0 to 1 | the user's books |
/// | `hearer_lost` | – | probability that one who hears a detractor is lost | 0 to 1 | none can be trusted (Anderson 1998; East et al. 2008): the user's own |
/// | `hearer_won` | 0 | probability that one who hears a recovered customer or a promoter is won | 0 to 1 | *convention*: claim no gain unless stated |
/// | `hearer_value` | what a customer has brought so far on average, at the margin | value of a hearer, in major units | finite, 0 or more | *convention*: who is lost would have been an average customer |
/// | `retelling` | 0 | probability that a hearer tells on | 0 to 1 | *convention*: count first hearers only |
/// | `market` | none | persons who could hear | 1 or more | the user's own |
/// | `leaves_if_disappointed` | – | probability that a disappointed customer leaves | 0 to 1 | the user's own |
/// | `leaves_if_recovered` | – | the same after a recovery | 0 to 1 | the user's own |
/// | `attempt_success` | – | probability that an attempt recovers a customer | 0 to 1 | the user's own |
/// | `attempt_cost` | – | cost of an attempt, in major units | finite, 0 or more | the user's own |
/// | `attempts` | no limit | how many attempts can be made | 0 or more | the user's own |
/// | `budget` | no limit | how much may be spent, in major units | finite, 0 or more | the user's own |
/// | `horizon_days` | 365 | how far ahead customers' value is counted | above 0 | *convention* |
/// | `discount_rate` | 0.10 | effective rate per year | 0 or more | *convention* |
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Stated")
)]
#[non_exhaustive]
pub struct Assumptions {
    /// Share of revenue left after the costs of what was sold.
    pub contribution_margin: Probability,
    /// Probability that one who hears a detractor is lost.
    pub hearer_lost: Probability,
    /// Probability that one who hears a recovered customer or a promoter is won.
    pub hearer_won: Probability,
    /// Value of a hearer in major units; `None`: what a customer has brought so far on average, at the margin.
    pub hearer_value: Option<f64>,
    /// Probability that a hearer tells on.
    pub retelling: Probability,
    /// Persons who could hear.
    pub market: Option<f64>,
    /// Probability that a disappointed customer leaves.
    pub leaves_if_disappointed: Probability,
    /// The same after a recovery.
    pub leaves_if_recovered: Probability,
    /// Probability that an attempt recovers a customer.
    pub attempt_success: Probability,
    /// Cost of an attempt in major units.
    pub attempt_cost: f64,
    /// How many attempts can be made.
    pub attempts: Option<usize>,
    /// How much may be spent, in major units.
    pub budget: Option<f64>,
    /// How far ahead customers' value is counted, in days.
    pub horizon_days: f64,
    /// Effective discount rate per year.
    pub discount_rate: f64,
}

/// The six that have no default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Required {
    /// Share of revenue left after the costs of what was sold.
    pub contribution_margin: Probability,
    /// Probability that one who hears a detractor is lost.
    pub hearer_lost: Probability,
    /// Probability that a disappointed customer leaves.
    pub leaves_if_disappointed: Probability,
    /// The same after a recovery.
    pub leaves_if_recovered: Probability,
    /// Probability that an attempt recovers a customer.
    pub attempt_success: Probability,
    /// Cost of an attempt in major units.
    pub attempt_cost: f64,
}

impl Assumptions {
    /// The required ones as given, the others at their defaults.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a negative or infinite cost.
    pub fn new(required: Required) -> Result<Self> {
        Self {
            contribution_margin: required.contribution_margin,
            hearer_lost: required.hearer_lost,
            hearer_won: Probability::ZERO,
            hearer_value: None,
            retelling: Probability::ZERO,
            market: None,
            leaves_if_disappointed: required.leaves_if_disappointed,
            leaves_if_recovered: required.leaves_if_recovered,
            attempt_success: required.attempt_success,
            attempt_cost: required.attempt_cost,
            attempts: None,
            budget: None,
            horizon_days: 365.0,
            discount_rate: 0.10,
        }
        .checked()
    }

    /// `self` if every number lies within its range.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] naming the first that does not.
    pub fn checked(self) -> Result<Self> {
        let amount = |what, value: f64| {
            Error::unless(
                value >= 0.0 && value.is_finite(),
                what,
                value,
                "be finite and not negative",
            )
        };
        amount("attempt_cost", self.attempt_cost)?;
        amount("hearer_value", self.hearer_value.unwrap_or_default())?;
        amount("budget", self.budget.unwrap_or_default())?;
        amount("discount_rate", self.discount_rate)?;
        let market = self.market.unwrap_or(1.0);
        Error::unless(
            market >= 1.0 && market.is_finite(),
            "market",
            market,
            "be finite and at least 1",
        )?;
        let horizon = self.horizon_days;
        Error::unless(
            horizon > 0.0 && horizon.is_finite(),
            "horizon_days",
            horizon,
            "be finite and above 0",
        )?;
        Ok(self)
    }
}

/// The assumptions as a file states them: defaults left out, ranges not checked yet.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    contribution_margin: Probability,
    hearer_lost: Probability,
    hearer_won: Option<Probability>,
    hearer_value: Option<f64>,
    retelling: Option<Probability>,
    market: Option<f64>,
    leaves_if_disappointed: Probability,
    leaves_if_recovered: Probability,
    attempt_success: Probability,
    attempt_cost: f64,
    attempts: Option<usize>,
    budget: Option<f64>,
    horizon_days: Option<f64>,
    discount_rate: Option<f64>,
}

#[cfg(feature = "serde")]
impl TryFrom<Stated> for Assumptions {
    type Error = Error;

    fn try_from(stated: Stated) -> Result<Self> {
        let defaults = Self::new(Required {
            contribution_margin: stated.contribution_margin,
            hearer_lost: stated.hearer_lost,
            leaves_if_disappointed: stated.leaves_if_disappointed,
            leaves_if_recovered: stated.leaves_if_recovered,
            attempt_success: stated.attempt_success,
            attempt_cost: stated.attempt_cost,
        })?;
        Self {
            hearer_won: stated.hearer_won.unwrap_or(defaults.hearer_won),
            hearer_value: stated.hearer_value,
            retelling: stated.retelling.unwrap_or(defaults.retelling),
            market: stated.market,
            attempts: stated.attempts,
            budget: stated.budget,
            horizon_days: stated.horizon_days.unwrap_or(defaults.horizon_days),
            discount_rate: stated.discount_rate.unwrap_or(defaults.discount_rate),
            ..defaults
        }
        .checked()
    }
}
