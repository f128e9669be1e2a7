//! What later money is worth today.

use crate::error::{Error, Result};

use super::{Span, TimeUnit};

/// A discount rate that knows its unit, so that a yearly rate cannot be applied to weeks.
///
/// ```
/// use tillit::measure::{DiscountRate, Span, TimeUnit};
///
/// let rate = DiscountRate::annual(0.10)?;
/// let one_year = Span::new(1.0, TimeUnit::Year)?;
/// assert!((rate.factor(one_year) - 1.0 / 1.10).abs() < 1e-15);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "f64", into = "f64")
)]
pub struct DiscountRate {
    /// Force of interest per day.
    per_day: f64,
}

impl DiscountRate {
    /// No discounting.
    pub const NONE: Self = Self { per_day: 0.0 };

    /// An effective rate per year: money in a year is worth 1 / (1 + `rate`) of money today.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `rate` is finite and not negative.
    pub fn annual(rate: f64) -> Result<Self> {
        Self::effective(rate, TimeUnit::Year)
    }

    /// An effective rate per `unit`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `rate` is finite and not negative.
    pub fn effective(rate: f64, unit: TimeUnit) -> Result<Self> {
        Error::unless(
            rate >= 0.0 && rate.is_finite(),
            "discount rate",
            rate,
            "be finite and not negative",
        )?;
        Ok(Self {
            per_day: rate.ln_1p() / unit.days(),
        })
    }

    /// A continuous rate (force of interest) per `unit`: money after t units is worth exp(−`rate` t).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `rate` is finite and not negative.
    pub fn continuous(rate: f64, unit: TimeUnit) -> Result<Self> {
        Error::unless(
            rate >= 0.0 && rate.is_finite(),
            "discount rate",
            rate,
            "be finite and not negative",
        )?;
        Ok(Self {
            per_day: rate / unit.days(),
        })
    }

    /// The continuous rate per `unit`.
    #[must_use]
    pub fn continuous_per(self, unit: TimeUnit) -> f64 {
        self.per_day * unit.days()
    }

    /// The effective rate per `unit`.
    #[must_use]
    pub fn effective_per(self, unit: TimeUnit) -> f64 {
        self.continuous_per(unit).exp_m1()
    }

    /// What one unit of money after `span` is worth today, from 0 to 1.
    #[must_use]
    pub fn factor(self, span: Span) -> f64 {
        (-self.per_day * span.days()).exp()
    }
}

/// From a continuous rate per day, the form in which a rate is stored.
impl TryFrom<f64> for DiscountRate {
    type Error = Error;

    fn try_from(per_day: f64) -> Result<Self> {
        Self::continuous(per_day, TimeUnit::Day)
    }
}

impl From<DiscountRate> for f64 {
    fn from(rate: DiscountRate) -> Self {
        rate.per_day
    }
}
