//! What one covariate does to one part of behaviour.

use std::fmt;

use statrs::distribution::{ContinuousCDF, Normal};

use crate::error::{Error, Result};
use crate::measure::{Interval, Probability, critical_value};

use crate::value::fit::digits;

use super::DrivenProcess;

/// A coefficient γ: per unit of its covariate the rate, odds or mean it acts on is multiplied by e^γ.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Coefficient {
    pub(super) covariate: String,
    pub(super) process: DrivenProcess,
    pub(super) value: f64,
    pub(super) standard_error: Option<f64>,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    Coefficient { covariate: String, process: DrivenProcess, value: f64, standard_error: Option<f64> }
    if |coefficient: &Self| {
        let Self { value, standard_error, .. } = *coefficient;
        Error::unless(value.is_finite(), "coefficient", value, "be finite")?;
        crate::measure::stored::require_standard_error(standard_error)
    }
}

impl Coefficient {
    /// Name of the covariate.
    #[must_use]
    pub fn covariate(&self) -> &str {
        &self.covariate
    }

    /// What it acts on.
    #[must_use]
    pub fn process(&self) -> DrivenProcess {
        self.process
    }

    /// γ, per unit of the covariate as given.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Standard error from the observed information (with a penalty: the penalised one); `None` if the model was given.
    #[must_use]
    pub fn standard_error(&self) -> Option<f64> {
        self.standard_error
    }

    /// e^γ: the factor on the rate, odds or mean for one unit more.
    #[must_use]
    pub fn factor(&self) -> f64 {
        self.value.exp()
    }

    /// γ in standard errors.
    #[must_use]
    pub fn z(&self) -> Option<f64> {
        self.standard_error.map(|error| self.value / error)
    }

    /// Two-sided Wald test of γ = 0: probability of an estimate at least this far from 0 if the covariate did nothing.
    #[must_use]
    pub fn p_value(&self) -> Option<Probability> {
        let outside = Normal::standard().cdf(-self.z()?.abs());
        Probability::new((2.0 * outside).min(1.0)).ok()
    }

    /// Wald interval of γ: estimate ± critical value × standard error. The exponentials of its limits are an interval of
    /// [`Self::factor`]. The interval from the likelihood itself is
    /// [`FittedCovariateModel::profile_interval`](super::FittedCovariateModel::profile_interval).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `level` lies strictly between 0 and 1; [`Error::Empty`] without a standard error.
    pub fn interval(&self, level: Probability) -> Result<Interval> {
        let error = self.standard_error.ok_or(Error::Empty {
            what: "the standard error".into(),
            remedy: "fit the model to histories".into(),
        })?;
        let reach = critical_value::normal(level)? * error;
        Interval::new(self.value - reach, self.value + reach, level, "Wald")
    }
}

impl fmt::Display for Coefficient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.value < 0.0 { "" } else { "+" };
        let value = digits(self.value);
        write!(f, "{} on {}: {sign}{value}", self.covariate, self.process)?;
        if let (Some(error), Some(z), Some(p)) = (self.standard_error, self.z(), self.p_value()) {
            write!(
                f,
                " ± {} (z = {z:.2}, p = {:.2e})",
                digits(error),
                p.value()
            )?;
        }
        write!(f, ", times {} per unit", digits(self.factor()))
    }
}
