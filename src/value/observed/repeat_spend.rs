//! What a customer's single repeat purchases came to, as sums.

use crate::measure::{Currency, Money};

/// One customer's amounts on purchase days after the first, as the sums that a model of single amounts needs.
///
/// Free purchases (amount zero) have no logarithm; they are left out and counted by the history alone.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RepeatSpend {
    currency: Currency,
    purchases: u32,
    minor: i64,
    squares: u128,
    ln_minor: f64,
}

impl RepeatSpend {
    /// From how many amounts above zero, their sum, sum of squares and sum of logarithms, in minor units.
    pub(super) fn of(
        currency: Currency,
        (purchases, minor, squares, ln_minor): (u32, i64, u128, f64),
    ) -> Self {
        Self {
            currency,
            purchases,
            minor,
            squares,
            ln_minor,
        }
    }

    /// How many amounts above zero.
    #[must_use]
    pub fn purchases(&self) -> u32 {
        self.purchases
    }

    /// Their sum.
    #[must_use]
    pub fn total(&self) -> Money {
        Money::from_minor(self.minor, self.currency)
    }

    /// Sum of their squares, in squared minor units, exact.
    #[must_use]
    pub fn sum_of_squares_minor(&self) -> u128 {
        self.squares
    }

    /// Sum of their natural logarithms, amounts in major units; each rounded to 2⁻⁴⁰, about 10⁻¹².
    #[must_use]
    pub fn sum_of_logarithms(&self) -> f64 {
        let per_major = self.currency.minor_per_major() as f64;
        self.ln_minor - f64::from(self.purchases) * per_major.ln()
    }
}
