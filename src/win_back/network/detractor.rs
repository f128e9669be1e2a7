//! One detractor on a network, and what hangs on winning them back besides their word.

use crate::error::{Error, Result};
use crate::measure::{Currency, ExpectedMoney, Probability};
use crate::win_back::Stakes;

/// A detractor, known by the id that the network's arcs name, and the attempt to win them back.
///
/// | part | default | meaning | source |
/// | --- | --- | --- | --- |
/// | own value | 0 | residual value regained if the attempt succeeds; with doubt about staying, times the gain in the probability of staying | convention |
/// | success | 1 | probability that the attempt succeeds | convention: state your own |
/// | cost | 0 | of the attempt, whether it succeeds or not | convention |
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct NetworkDetractor {
    id: String,
    currency: Currency,
    own_value: f64,
    success: Probability,
    cost: f64,
}

impl NetworkDetractor {
    /// A detractor who surely can be won back, for nothing, and whose own value is left out.
    #[must_use]
    pub fn new(id: impl Into<String>, currency: Currency) -> Self {
        Self {
            id: id.into(),
            currency,
            own_value: 0.0,
            success: Probability::ONE,
            cost: 0.0,
        }
    }

    /// The detractor of a case that was weighed for itself: own value times what recovery adds to the probability of staying. What the case
    /// says about word of mouth is left out, for on a network it depends on who else talks.
    ///
    /// # Errors
    /// [`Error::MixedCurrencies`]; [`Error::OutOfRange`] for a negative cost or a recovery that would lose value.
    pub fn of(id: impl Into<String>, stakes: &Stakes) -> Result<Self> {
        let currency = stakes.own_value.currency();
        let staying_gained =
            stakes.leaves_if_nothing_is_done.value() - stakes.leaves_if_recovered.value();
        let own_value = ExpectedMoney::new(staying_gained * stakes.own_value.amount(), currency)?;
        Self::new(id, currency)
            .with_success(stakes.success)
            .with_own_value(own_value)?
            .with_cost(stakes.cost)
    }

    /// With the value regained if the attempt succeeds.
    ///
    /// # Errors
    /// [`Error::MixedCurrencies`]; [`Error::OutOfRange`] for a negative value: who costs more than he brings is no one to win back.
    pub fn with_own_value(mut self, value: ExpectedMoney) -> Result<Self> {
        self.own_value = self.amount("own value regained", value)?;
        Ok(self)
    }

    /// With the probability that the attempt succeeds.
    #[must_use]
    pub fn with_success(mut self, success: Probability) -> Self {
        self.success = success;
        self
    }

    /// With what the attempt costs.
    ///
    /// # Errors
    /// [`Error::MixedCurrencies`]; [`Error::OutOfRange`] for a negative cost.
    pub fn with_cost(mut self, cost: ExpectedMoney) -> Result<Self> {
        self.cost = self.amount("cost of winning back", cost)?;
        Ok(self)
    }

    fn amount(&self, what: &'static str, money: ExpectedMoney) -> Result<f64> {
        if money.currency() != self.currency {
            return Err(Error::MixedCurrencies {
                left: self.currency.to_string(),
                right: money.currency().to_string(),
            });
        }
        let amount = money.amount();
        Error::unless(amount >= 0.0, what, amount, "not be negative")?;
        Ok(amount)
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Value regained if the attempt succeeds, in major units.
    #[must_use]
    pub fn own_value(&self) -> f64 {
        self.own_value
    }

    /// Probability that the attempt succeeds.
    #[must_use]
    pub fn success(&self) -> Probability {
        self.success
    }

    /// Cost of the attempt, in major units.
    #[must_use]
    pub fn cost(&self) -> f64 {
        self.cost
    }
}
