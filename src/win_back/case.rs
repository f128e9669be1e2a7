//! One customer who might be won back, and what hangs on it.

use crate::error::{Error, Result};
use crate::journey::{CaseIndex, CustomerIndex};
use crate::measure::{Currency, ExpectedMoney, Probability};

use super::Reason;

/// What hangs on one customer, all in one currency; losses and costs are positive, gains negative.
///
/// | field | meaning | range |
/// | --- | --- | --- |
/// | `own_value` | what the customer is still expected to bring if he stays | any; a customer who costs more than he brings is negative |
/// | `leaves_if_nothing_is_done` | probability that he leaves as things stand | 0 to 1 |
/// | `leaves_if_recovered` | the same after a recovery | 0 to 1 |
/// | `word_of_mouth_if_nothing_is_done` | what his talk is expected to cost as things stand | any |
/// | `word_of_mouth_if_recovered` | the same after a recovery; good word is negative | any |
/// | `success` | probability that the attempt recovers him | 0 to 1 |
/// | `cost` | what the attempt costs, whether it succeeds or not | 0 or more |
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Stakes {
    /// Expected value of the customer if he stays.
    pub own_value: ExpectedMoney,
    /// Probability of leaving as things stand.
    pub leaves_if_nothing_is_done: Probability,
    /// Probability of leaving after a recovery.
    pub leaves_if_recovered: Probability,
    /// Cost of his talk as things stand.
    pub word_of_mouth_if_nothing_is_done: ExpectedMoney,
    /// Cost of his talk after a recovery.
    pub word_of_mouth_if_recovered: ExpectedMoney,
    /// Probability that the attempt recovers him.
    pub success: Probability,
    /// Cost of the attempt.
    pub cost: ExpectedMoney,
}

/// A customer who might be won back.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct WinBackCase {
    customer: CustomerIndex,
    case: Option<CaseIndex>,
    stakes: Stakes,
    reasons: Vec<Reason>,
    /// Own value regained and word of mouth avoided if the attempt succeeds, in major units.
    own_value_regained: f64,
    word_of_mouth_avoided: f64,
}

impl WinBackCase {
    /// A case about `customer`, arising from `case`.
    ///
    /// # Errors
    /// [`Error::MixedCurrencies`] unless all stakes are in one currency, [`Error::OutOfRange`] for a negative cost,
    /// [`Error::Overflow`] if what hangs on the customer is not finite.
    pub fn new(
        customer: CustomerIndex,
        case: Option<CaseIndex>,
        stakes: Stakes,
        reasons: Vec<Reason>,
    ) -> Result<Self> {
        let currency = stakes.own_value.currency();
        for other in [
            stakes.word_of_mouth_if_nothing_is_done,
            stakes.word_of_mouth_if_recovered,
            stakes.cost,
        ] {
            if other.currency() != currency {
                return Err(Error::MixedCurrencies {
                    left: currency.to_string(),
                    right: other.currency().to_string(),
                });
            }
        }
        let cost = stakes.cost.amount();
        Error::unless(cost >= 0.0, "cost of winning back", cost, "not be negative")?;
        let staying_gained =
            stakes.leaves_if_nothing_is_done.value() - stakes.leaves_if_recovered.value();
        let own_value_regained = staying_gained * stakes.own_value.amount();
        let word_of_mouth_avoided = stakes.word_of_mouth_if_nothing_is_done.amount()
            - stakes.word_of_mouth_if_recovered.amount();
        let weighed = Self {
            customer,
            case,
            stakes,
            reasons,
            own_value_regained,
            word_of_mouth_avoided,
        };
        let gain = own_value_regained + word_of_mouth_avoided - cost;
        if gain.is_finite() && weighed.net_gain().is_finite() {
            return Ok(weighed);
        }
        Err(Error::Overflow {
            what: "what hangs on a customer".into(),
        })
    }

    /// Whom.
    #[must_use]
    pub fn customer(&self) -> CustomerIndex {
        self.customer
    }

    /// The order, ticket or contract from which it arose.
    #[must_use]
    pub fn case(&self) -> Option<CaseIndex> {
        self.case
    }

    /// What hangs on it.
    #[must_use]
    pub fn stakes(&self) -> &Stakes {
        &self.stakes
    }

    /// Why this customer is on the list.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// The currency of all stakes.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.stakes.own_value.currency()
    }

    /// The customer's own value that a successful recovery regains, in major units.
    #[must_use]
    pub fn own_value_regained(&self) -> f64 {
        self.own_value_regained
    }

    /// Cost of talk that a successful recovery avoids, good word gained included, in major units.
    #[must_use]
    pub fn word_of_mouth_avoided(&self) -> f64 {
        self.word_of_mouth_avoided
    }

    /// Cost of the attempt, in major units.
    #[must_use]
    pub fn cost(&self) -> f64 {
        self.stakes.cost.amount()
    }

    /// Expected net gain of the attempt, in major units:
    /// success × (own value regained + word of mouth avoided) − cost.
    #[must_use]
    pub fn net_gain(&self) -> f64 {
        self.stakes.success.value() * (self.own_value_regained + self.word_of_mouth_avoided)
            - self.cost()
    }
}
