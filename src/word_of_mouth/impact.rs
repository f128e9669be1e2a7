//! What talk costs: for one customer step by step, and for many by class. Losses are positive, gains negative.

use std::fmt;

use crate::error::{Error, Result};
#[cfg(feature = "serde")]
use crate::measure::stored::require_finite;
use crate::measure::{Currency, ExpectedMoney, Merge};

use super::Teller;

/// From here on amounts print with an exponent: a floating-point number has no cents left.
const MOST_WRITTEN_OUT: f64 = 1e15;

/// The closed form for one customer with all its steps.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct CustomerImpact {
    pub(super) direct_hearers: f64,
    pub(super) growth: f64,
    pub(super) contacts: f64,
    pub(super) distinct_hearers: f64,
    pub(super) own_loss: f64,
    pub(super) word_of_mouth: f64,
}

impl CustomerImpact {
    /// Persons told by the customer himself.
    #[must_use]
    pub fn direct_hearers(&self) -> f64 {
        self.direct_hearers
    }

    /// Further tellers per teller, decay included.
    #[must_use]
    pub fn growth(&self) -> f64 {
        self.growth
    }

    /// Contacts over all generations, weighted by their effect.
    #[must_use]
    pub fn contacts(&self) -> f64 {
        self.contacts
    }

    /// Different persons among the contacts.
    #[must_use]
    pub fn distinct_hearers(&self) -> f64 {
        self.distinct_hearers
    }

    /// Expected loss of the customer's own lifetime value, in major units.
    #[must_use]
    pub fn own_loss(&self) -> f64 {
        self.own_loss
    }

    /// Expected cost of what he says, in major units; a gain is negative.
    #[must_use]
    pub fn word_of_mouth(&self) -> f64 {
        self.word_of_mouth
    }

    /// Both together, in major units; a gain is negative.
    #[must_use]
    pub fn impact(&self) -> f64 {
        self.own_loss + self.word_of_mouth
    }
}

/// Totals of one class of customers, in major units; gains negative.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ClassImpact {
    pub(super) customers: u64,
    pub(super) own_loss: f64,
    pub(super) word_of_mouth: f64,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    ClassImpact { customers: u64, own_loss: f64, word_of_mouth: f64 }
    if |class: &Self| require_finite([("own loss", class.own_loss), ("word of mouth", class.word_of_mouth)])
}

impl ClassImpact {
    /// Number of customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Expected loss of their own lifetime value.
    #[must_use]
    pub fn own_loss(&self) -> f64 {
        self.own_loss
    }

    /// Expected cost of what they say.
    #[must_use]
    pub fn word_of_mouth(&self) -> f64 {
        self.word_of_mouth
    }

    /// Both together.
    #[must_use]
    pub fn impact(&self) -> f64 {
        self.own_loss + self.word_of_mouth
    }
}

/// What a body of customers costs by leaving and by talking, by class. Prints losses as losses and gains as gains.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts")
)]
pub struct DetractorImpact {
    currency: Currency,
    classes: [ClassImpact; 4],
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct Parts {
    currency: Currency,
    classes: [ClassImpact; 4],
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for DetractorImpact {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        Self::new(parts.currency, parts.classes)
    }
}

impl DetractorImpact {
    pub(super) fn new(currency: Currency, classes: [ClassImpact; 4]) -> Result<Self> {
        let impact = Self { currency, classes };
        if impact.total_amount().is_finite() {
            Ok(impact)
        } else {
            Err(Error::Overflow {
                what: "the impact of all customers".into(),
            })
        }
    }

    /// Totals of one class.
    #[must_use]
    pub fn of(&self, teller: Teller) -> ClassImpact {
        self.classes[teller.index()]
    }

    /// Currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Number of customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        let counts = self.classes.iter().map(ClassImpact::customers);
        counts.fold(0, u64::saturating_add)
    }

    /// Expected cost of what all say; a net gain is negative.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the sum is not finite.
    pub fn word_of_mouth(&self) -> Result<ExpectedMoney> {
        let sum = self.classes.iter().map(ClassImpact::word_of_mouth).sum();
        ExpectedMoney::new(sum, self.currency)
    }

    /// Expected loss of the customers' own lifetime value.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the sum is not finite.
    pub fn own_loss(&self) -> Result<ExpectedMoney> {
        let sum = self.classes.iter().map(ClassImpact::own_loss).sum();
        ExpectedMoney::new(sum, self.currency)
    }

    /// Both together; a net gain is negative.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the sum is not finite.
    pub fn total(&self) -> Result<ExpectedMoney> {
        ExpectedMoney::new(self.total_amount(), self.currency)
    }

    fn total_amount(&self) -> f64 {
        self.classes.iter().map(ClassImpact::impact).sum()
    }
}

impl Merge for DetractorImpact {
    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.currency != other.currency {
            return Err(Error::MixedCurrencies {
                left: self.currency.to_string(),
                right: other.currency.to_string(),
            });
        }
        let mut classes = self.classes;
        for (mine, theirs) in classes.iter_mut().zip(&other.classes) {
            mine.customers = mine
                .customers
                .checked_add(theirs.customers)
                .ok_or_else(|| Error::Overflow {
                    what: "the number of customers".into(),
                })?;
            mine.own_loss += theirs.own_loss;
            mine.word_of_mouth += theirs.word_of_mouth;
        }
        *self = Self::new(self.currency, classes)?;
        Ok(())
    }
}

impl fmt::Display for DetractorImpact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = usize::from(self.currency.minor_digits());
        let worded = |amount: f64| {
            let word = if amount < 0.0 { "gain" } else { "loss" };
            let size = amount.abs();
            if size < MOST_WRITTEN_OUT {
                format!("{word} of {size:.digits$} {}", self.currency)
            } else {
                format!("{word} of {size:e} {}", self.currency)
            }
        };
        write!(f, "{}", worded(self.total_amount()))?;
        for teller in Teller::ALL {
            let class = self.of(teller);
            if class.customers > 0 {
                write!(
                    f,
                    "\n  {} × {teller}: {} by talk, {} by leaving",
                    class.customers,
                    worded(class.word_of_mouth),
                    worded(class.own_loss)
                )?;
            }
        }
        Ok(())
    }
}
