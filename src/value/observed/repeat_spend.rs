//! What a customer's single repeat purchases came to, as sums.

#[cfg(feature = "serde")]
use crate::error::Error;
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

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    RepeatSpend { currency: Currency, purchases: u32, minor: i64, squares: u128, ln_minor: f64 }
    if |spend: &Self| {
        let Self { purchases, minor, squares, ln_minor, .. } = *spend;
        let what = "sums of repeat spend";
        let sound = amounts_are_sound(purchases, minor, squares, ln_minor);
        Error::unless(sound, what, minor as f64, "be those of so many amounts above zero")
    }
}

/// Whether this many amounts above zero, in minor units, can have this sum, sum of squares and sum of logarithms; a little
/// slack is left for rounding.
#[cfg(feature = "serde")]
pub(super) fn amounts_are_sound(purchases: u32, minor: i64, squares: u128, ln_minor: f64) -> bool {
    let (count, sum) = (f64::from(purchases), minor as f64);
    if purchases == 0 {
        return minor == 0 && squares == 0 && ln_minor == 0.0;
    }
    let square = sum * sum;
    minor >= i64::from(purchases)
        && squares as f64 <= square * (1.0 + SLACK)
        && squares as f64 * count >= square * (1.0 - SLACK)
        && (0.0..=largest_logarithms(count, sum)).contains(&ln_minor)
}

/// The logarithms of this many numbers of this sum come to at most this, as those of equal numbers do.
#[cfg(feature = "serde")]
pub(super) fn largest_logarithms(count: f64, sum: f64) -> f64 {
    count * ((sum / count).ln() + SLACK)
}

/// Roundings of a logarithm to a whole number of 2⁻⁴⁰ are half of one.
#[cfg(feature = "serde")]
const SLACK: f64 = 1e-11;

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
