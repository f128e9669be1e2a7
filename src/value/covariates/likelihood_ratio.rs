//! Whether covariates explain anything at all.

use std::fmt;

use statrs::distribution::{ChiSquared, ContinuousCDF};

use crate::error::{Error, Result};
use crate::measure::Probability;

/// The likelihood-ratio test of a model with covariates against the same model without: twice the gain in
/// log-likelihood, which without any effect follows the χ² law with as many degrees of freedom as there are coefficients
/// (Wilks 1938).
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct LikelihoodRatioTest {
    statistic: f64,
    degrees_of_freedom: usize,
    p_value: Probability,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    LikelihoodRatioTest { statistic: f64, degrees_of_freedom: usize, p_value: Probability }
    if |test: &Self| {
        let Self { statistic, degrees_of_freedom, .. } = *test;
        let sound = statistic >= 0.0 && statistic.is_finite();
        Error::unless(sound, "likelihood ratio", statistic, "be finite and not negative")?;
        let right = Self::new(0.5 * statistic, degrees_of_freedom)?.p_value.value();
        let found = test.p_value.value();
        let agrees = (found - right).abs() <= 1e-9;
        Error::unless(agrees, "p-value", found, "be that of its likelihood ratio")
    }
}

impl LikelihoodRatioTest {
    pub(super) fn new(gain: f64, coefficients: usize) -> Result<Self> {
        // The larger model contains the smaller one; what is below zero is rounding.
        let statistic = (2.0 * gain).max(0.0);
        let law = ChiSquared::new(coefficients as f64).map_err(|_| Error::Empty {
            what: "the list of coefficients".into(),
            remedy: "there is nothing to test without covariates".into(),
        })?;
        Ok(Self {
            statistic,
            degrees_of_freedom: coefficients,
            p_value: Probability::new(law.sf(statistic).clamp(0.0, 1.0))?,
        })
    }

    /// Twice the gain in log-likelihood.
    #[must_use]
    pub fn statistic(&self) -> f64 {
        self.statistic
    }

    /// Number of coefficients.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> usize {
        self.degrees_of_freedom
    }

    /// Probability of a gain this large if no covariate did anything.
    #[must_use]
    pub fn p_value(&self) -> Probability {
        self.p_value
    }
}

impl fmt::Display for LikelihoodRatioTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "χ² = {:.2} on {} degrees of freedom, p = {:.2e}",
            self.statistic,
            self.degrees_of_freedom,
            self.p_value.value()
        )
    }
}
