//! A share between 0 and 1.

use std::fmt;

use crate::error::{Error, Result};

/// A probability or share: finite, from 0 to 1.
///
/// ```
/// use tillit::measure::Probability;
///
/// let lost = Probability::new(0.05)?;
/// assert_eq!(lost.complement().value(), 0.95);
/// assert!(Probability::new(f64::NAN).is_err());
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "f64", into = "f64")
)]
pub struct Probability(f64);

impl Probability {
    /// Never.
    pub const ZERO: Self = Self(0.0);
    /// As likely as not.
    pub const HALF: Self = Self(0.5);
    /// Surely.
    pub const ONE: Self = Self(1.0);

    /// Checks that `value` lies within 0 to 1.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] otherwise, NaN included.
    pub fn new(value: f64) -> Result<Self> {
        Error::unless(
            (0.0..=1.0).contains(&value),
            "probability",
            value,
            "lie within 0 to 1",
        )?;
        Ok(Self(value))
    }

    /// The number, from 0 to 1.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }

    /// One minus this.
    #[must_use]
    pub fn complement(self) -> Self {
        Self(1.0 - self.0)
    }
}

impl TryFrom<f64> for Probability {
    type Error = Error;

    fn try_from(value: f64) -> Result<Self> {
        Self::new(value)
    }
}

impl From<Probability> for f64 {
    fn from(probability: Probability) -> Self {
        probability.0
    }
}

impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} %", 100.0 * self.0)
    }
}
