//! What customers have brought in so far: the answer that needs no model.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::error::{Error, Result};
use crate::measure::{Currency, Estimate, Interval, Merge, Money, Probability};

/// Observed contributions of customers, one amount each: their mean with its doubt.
///
/// This is also what to fall back on when a purchase model says that the data cannot carry it. Group customers as you like
/// and build one per group; exact integer sums make groups and pieces merge without a trace.
///
/// ```
/// use tillit::measure::{Currency, Money, Probability};
/// use tillit::value::Contributions;
///
/// let euro = Currency::new("EUR")?;
/// let mut shop = Contributions::new(euro);
/// for minor in [1_000, 2_500, 4_000] {
///     shop.push(Money::from_minor(minor, euro))?;
/// }
/// let mean = shop.mean(Probability::new(0.95)?)?;
/// assert_eq!(mean.value(), 25.0);
/// assert!(mean.interval().unwrap().contains(30.0));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Contributions {
    currency: Currency,
    customers: u64,
    sum: i128,
    sum_of_squares: u128,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    Contributions { currency: Currency, customers: u64, sum: i128, sum_of_squares: u128 }
    if |all: &Self| {
        let (sum, squares) = (all.sum.unsigned_abs(), all.sum_of_squares);
        // No square of a mean exceeds the mean of squares; where these are beyond 128 bits, up to rounding.
        let exact = u128::from(all.customers).checked_mul(squares).zip(sum.checked_mul(sum));
        let spread = exact.map_or_else(
            || all.customers as f64 * squares as f64 >= (sum as f64).powi(2) * (1.0 - 1e-12),
            |(squares, square)| squares >= square,
        );
        // Nor does a whole number exceed its square.
        let sound = spread && squares >= sum && (all.customers > 0 || squares == 0);
        Error::unless(sound, "sum of squares", squares as f64, "be that of so many amounts with this sum")
    }
}

impl Contributions {
    /// Nothing yet.
    #[must_use]
    pub fn new(currency: Currency) -> Self {
        Self {
            currency,
            customers: 0,
            sum: 0,
            sum_of_squares: 0,
        }
    }

    /// Adds one customer.
    ///
    /// # Errors
    /// [`Error::MixedCurrencies`], [`Error::Overflow`].
    pub fn push(&mut self, contribution: Money) -> Result<()> {
        self.merge(&Self {
            currency: contribution.currency(),
            customers: 1,
            sum: i128::from(contribution.minor()),
            sum_of_squares: u128::from(contribution.minor().unsigned_abs()).pow(2),
        })
    }

    /// Customers so far.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// All contributions together.
    ///
    /// # Errors
    /// [`Error::Overflow`] if they leave 64 bits of minor units.
    pub fn total(&self) -> Result<Money> {
        i64::try_from(self.sum)
            .map(|minor| Money::from_minor(minor, self.currency))
            .map_err(|_| overflow())
    }

    /// Mean contribution per customer in major units, with its standard error and Student's t interval at `level`; a
    /// single customer has neither.
    ///
    /// # Errors
    /// [`Error::Empty`] without customers, [`Error::OutOfRange`] for a level of 1.
    pub fn mean(&self, level: Probability) -> Result<Estimate> {
        if self.customers == 0 {
            return Err(Error::Empty {
                what: "the list of contributions".into(),
                remedy: "add at least one customer".into(),
            });
        }
        Error::unless(level.value() < 1.0, "level", level.value(), "lie below 1")?;
        let customers = self.customers as f64;
        let per_major = self.currency.minor_per_major() as f64;
        let mean = self.sum as f64 / customers / per_major;
        let observations = usize::try_from(self.customers).unwrap_or(usize::MAX);
        let estimate = Estimate::new(mean, observations);
        if self.customers < 2 {
            return Ok(estimate);
        }
        let degrees = customers - 1.0;
        let standard_error = (self.squares_about_mean() / degrees / customers).sqrt() / per_major;
        let quantile = StudentsT::new(0.0, 1.0, degrees)
            .map(|student| student.inverse_cdf(0.5 + 0.5 * level.value()))
            .map_err(|_| overflow())?;
        let half = quantile * standard_error;
        let interval = Interval::new(mean - half, mean + half, level, "Student's t")?;
        Ok(estimate
            .with_standard_error(standard_error)
            .with_interval(interval))
    }

    /// Σ (amount − mean)² in squared minor units: exact in integers while n Σ x² fits, which it does for every sum of
    /// money below the world's.
    fn squares_about_mean(&self) -> f64 {
        let customers = self.customers as f64;
        let exact = u128::from(self.customers)
            .checked_mul(self.sum_of_squares)
            .zip(self.sum.unsigned_abs().checked_mul(self.sum.unsigned_abs()))
            .and_then(|(left, right)| left.checked_sub(right));
        if let Some(scaled) = exact {
            return scaled as f64 / customers;
        }
        let sum = self.sum as f64;
        (self.sum_of_squares as f64 - sum / customers * sum).max(0.0)
    }
}

fn overflow() -> Error {
    Error::Overflow {
        what: "a sum of contributions".into(),
    }
}

impl Merge for Contributions {
    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.currency != other.currency {
            return Err(Error::MixedCurrencies {
                left: self.currency.to_string(),
                right: other.currency.to_string(),
            });
        }
        let customers = self.customers.checked_add(other.customers);
        let sum = self.sum.checked_add(other.sum);
        let squares = self.sum_of_squares.checked_add(other.sum_of_squares);
        let (Some(customers), Some(sum), Some(squares)) = (customers, sum, squares) else {
            return Err(overflow());
        };
        self.customers = customers;
        self.sum = sum;
        self.sum_of_squares = squares;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Contributions;
    use crate::measure::{Currency, Merge, Money, Probability};

    proptest! {
        #[test]
        fn pieces_merge_exactly_and_the_error_is_that_of_the_textbook(
            minors in prop::collection::vec(-500_i64..90_000, 2..50),
            cut in 0_usize..50,
        ) {
            let euro = Currency::new("EUR").unwrap();
            let of = |minors: &[i64]| {
                let mut all = Contributions::new(euro);
                for &minor in minors {
                    all.push(Money::from_minor(minor, euro)).unwrap();
                }
                all
            };
            let (left, right) = minors.split_at(cut.min(minors.len()));
            let mut merged = of(right);
            merged.merge(&of(left)).unwrap();
            prop_assert_eq!(&merged, &of(&minors));

            let n = minors.len() as f64;
            let amounts: Vec<f64> = minors.iter().map(|&m| m as f64 / 100.0).collect();
            let mean = amounts.iter().sum::<f64>() / n;
            let variance = amounts.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / (n - 1.0);
            let estimate = merged.mean(Probability::new(0.95).unwrap()).unwrap();
            prop_assert!((estimate.value() - mean).abs() < 1e-9);
            prop_assert!((estimate.standard_error().unwrap() - (variance / n).sqrt()).abs() < 1e-9);
        }
    }
}
