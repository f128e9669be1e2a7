//! How strongly coefficients are pulled towards zero.

use crate::error::{Error, Result};

/// An L2 penalty on coefficients γ: the fit maximises log-likelihood / customers − λ Σ γ².
///
/// Dividing by the number of customers makes λ mean the same for small and large data; this is the form of the R package
/// `CLVTools` (`reg.lambdas`). Parameters of the model itself are never penalised. Under a penalty standard errors come from the
/// penalised information (the log-likelihood's and the penalty's): they tell how far the penalised estimate is fixed by
/// data and penalty together, they are not errors around the unpenalised truth, and no likelihood-ratio test is given.
///
/// ```
/// use tillit::value::Penalty;
///
/// assert_eq!(Penalty::per_deviation(0.01)?.strength(), 0.01);
/// assert!(Penalty::per_unit(-1.0).is_err());
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct Penalty {
    strength: f64,
    per_unit: bool,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    strength: f64,
    per_unit: bool,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for Penalty {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        Self::checked(parts.strength, parts.per_unit)
    }
}

#[cfg(feature = "serde")]
impl From<Penalty> for Parts {
    fn from(penalty: Penalty) -> Self {
        Self {
            strength: penalty.strength,
            per_unit: penalty.per_unit,
        }
    }
}

impl Penalty {
    /// No penalty: plain maximum likelihood. The default.
    pub const NONE: Self = Self {
        strength: 0.0,
        per_unit: false,
    };

    /// λ on coefficients per standard deviation of their covariates, so that the units of the columns do not matter
    /// (as penalised regression usually does: Friedman, Hastie and Tibshirani 2010).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless λ is 0 or more and finite.
    pub fn per_deviation(strength: f64) -> Result<Self> {
        Self::checked(strength, false)
    }

    /// λ on coefficients per unit of their covariates as given, exactly as `CLVTools` does.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless λ is 0 or more and finite.
    pub fn per_unit(strength: f64) -> Result<Self> {
        Self::checked(strength, true)
    }

    fn checked(strength: f64, per_unit: bool) -> Result<Self> {
        Error::unless(
            strength >= 0.0 && strength.is_finite(),
            "penalty",
            strength,
            "be 0 or more and finite",
        )?;
        Ok(Self { strength, per_unit })
    }

    /// λ.
    #[must_use]
    pub fn strength(&self) -> f64 {
        self.strength
    }

    /// What one customer adds to the factor of γ², γ per standard deviation `deviation` of the covariate.
    pub(super) fn weight(&self, deviation: f64) -> f64 {
        if self.per_unit {
            self.strength / deviation / deviation
        } else {
            self.strength
        }
    }
}

impl Default for Penalty {
    fn default() -> Self {
        Self::NONE
    }
}
