//! How a fit went, in numbers and in words.

use std::fmt;

use crate::error::{Error, Result};
use crate::numeric::{Derivatives, Maximum, SymmetricMatrix, maximise};

use super::FitWarning;

/// A parameter with its standard error.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FittedParameter {
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) standard_error: Option<f64>,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    FittedParameter { name: String, value: f64, standard_error: Option<f64> }
    if |parameter: &Self| {
        let Self { value, standard_error, .. } = *parameter;
        Error::unless(value.is_finite(), "fitted parameter", value, "be finite")?;
        crate::measure::stored::require_standard_error(standard_error)
    }
}

impl FittedParameter {
    pub(super) fn new(name: String, value: f64, standard_error: Option<f64>) -> Self {
        Self {
            name,
            value,
            standard_error,
        }
    }

    /// The letter that the model's paper uses.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The most likely value.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Standard error from the observed information; `None` where the likelihood does not curve down.
    #[must_use]
    pub fn standard_error(&self) -> Option<f64> {
        self.standard_error
    }
}

/// What was fitted to what, how well, and what to beware of. `Display` says it in a few lines of words.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::stored_report::StoredReport")
)]
pub struct FitReport {
    pub(super) model: String,
    pub(super) customers: usize,
    pub(super) repeaters: usize,
    pub(super) patterns: usize,
    pub(super) iterations: usize,
    pub(super) log_likelihood: f64,
    pub(super) parameters: Vec<FittedParameter>,
    pub(super) covariance_of_logarithms: Vec<f64>,
    pub(super) warnings: Vec<FitWarning>,
}

/// What went into a fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) model: &'static str,
    pub(super) customers: usize,
    pub(super) repeaters: usize,
    pub(super) patterns: usize,
}

impl FitReport {
    /// `covariance` of the coordinates row by row, empty where some are not known.
    pub(super) fn new(
        sample: Sample,
        iterations: usize,
        log_likelihood: f64,
        parameters: Vec<FittedParameter>,
        covariance: Vec<f64>,
    ) -> Self {
        Self {
            model: sample.model.to_owned(),
            customers: sample.customers,
            repeaters: sample.repeaters,
            patterns: sample.patterns,
            iterations,
            log_likelihood,
            parameters,
            covariance_of_logarithms: covariance,
            warnings: Vec::new(),
        }
    }

    /// The model's name.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Customers behind the fit.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.customers
    }

    /// Those with a repeat purchase or, under contract, a renewal.
    #[must_use]
    pub fn repeaters(&self) -> usize {
        self.repeaters
    }

    /// Distinct histories, which is what the likelihood is computed over.
    #[must_use]
    pub fn patterns(&self) -> usize {
        self.patterns
    }

    /// Steps of the search.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// The logarithm of the likelihood at the fitted parameters, summed over the customers.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// The parameters in the order of the model's paper.
    #[must_use]
    pub fn parameters(&self) -> &[FittedParameter] {
        &self.parameters
    }

    /// Covariance of the logarithms of two parameters, by their positions (of coefficients of covariates: of these
    /// themselves); `None` beyond the last or where the
    /// likelihood does not curve down.
    #[must_use]
    pub fn covariance_of_logarithms(&self, row: usize, column: usize) -> Option<f64> {
        let size = self.parameters.len();
        if row >= size || column >= size {
            return None;
        }
        self.covariance_of_logarithms
            .get(row * size + column)
            .copied()
    }

    /// Covariance of the search's coordinates, row by row; `None` where some are not known.
    pub(super) fn covariance(&self) -> Option<&[f64]> {
        let size = self.parameters.len();
        (self.covariance_of_logarithms.len() == size * size)
            .then_some(self.covariance_of_logarithms.as_slice())
    }

    /// Akaike's information criterion: 2 parameters − 2 log-likelihood; smaller is better.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * self.parameters.len() as f64 - 2.0 * self.log_likelihood
    }

    /// Schwarz's (Bayesian) information criterion: parameters × ln customers − 2 log-likelihood; smaller is better.
    #[must_use]
    pub fn bic(&self) -> f64 {
        self.parameters.len() as f64 * (self.customers as f64).ln() - 2.0 * self.log_likelihood
    }

    /// What to beware of; empty for a sound fit.
    #[must_use]
    pub fn warnings(&self) -> &[FitWarning] {
        &self.warnings
    }

    pub(super) fn warn(&mut self, warning: FitWarning) {
        self.warnings.push(warning);
    }

    /// Warns where the purchase rates are equal, or nearly so because the shape of their distribution, the first parameter,
    /// is not known.
    pub(super) fn warn_of_equal_rates(&mut self, equal: bool) {
        /// From here on rates differ by less than a third of their mean.
        const LARGE_SHAPE: f64 = 10.0;
        if equal {
            self.warn(FitWarning::EqualRates);
            return;
        }
        let shape = self.parameters.first().filter(|shape| {
            let unknown = shape
                .standard_error
                .is_some_and(|error| error > shape.value);
            unknown && shape.value > LARGE_SHAPE
        });
        if let Some(shape) = shape {
            self.warn(FitWarning::NearlyEqualRates {
                spread: 1.0 / shape.value.sqrt(),
            });
        }
    }

    /// Takes back the standard error of the parameter at `index`, and a warning that it is loose: in a limit it has none.
    pub(super) fn without_error(&mut self, index: usize) {
        if let Some(parameter) = self.parameters.get_mut(index) {
            parameter.standard_error = None;
            let loose = &parameter.name;
            self.warnings.retain(
                |warning| !matches!(warning, FitWarning::LooseParameter { name, .. } if name == loose),
            );
        }
    }
}

/// Four decimals, or four digits where those would be zeros or endless.
pub(super) fn digits(value: f64) -> String {
    if value == 0.0 || (1e-3..1e9).contains(&value.abs()) {
        format!("{value:.4}")
    } else {
        format!("{value:.3e}")
    }
}

impl fmt::Display for FitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} on {} customers, {} of whom came back ({} distinct histories)",
            self.model, self.customers, self.repeaters, self.patterns
        )?;
        write!(f, " ")?;
        for parameter in &self.parameters {
            write!(f, " {} = {}", parameter.name, digits(parameter.value))?;
            match parameter.standard_error {
                Some(error) => write!(f, " ± {}", digits(error))?,
                None => write!(f, " (no standard error)")?,
            }
        }
        write!(
            f,
            "\n  log-likelihood {:.2}, AIC {:.1}, BIC {:.1}, found in {} steps",
            self.log_likelihood,
            self.aic(),
            self.bic(),
            self.iterations
        )?;
        for warning in &self.warnings {
            write!(f, "\n  beware: {warning}")?;
        }
        Ok(())
    }
}

/// Turns derivatives in positive parameters into derivatives in their logarithms.
pub(super) fn in_logarithms(parameters: &[f64], natural: &Derivatives) -> Derivatives {
    let size = parameters.len();
    let mut hessian = SymmetricMatrix::zero(size);
    let gradient: Vec<f64> = natural
        .gradient
        .iter()
        .zip(parameters)
        .map(|(g, p)| g * p)
        .collect();
    for row in 0..size {
        for column in row..size {
            let bend = natural.hessian.get(row, column) * parameters[row] * parameters[column];
            let slope = if row == column { gradient[row] } else { 0.0 };
            hessian.set(row, column, bend + slope);
        }
    }
    Derivatives {
        value: natural.value,
        gradient,
        hessian,
    }
}

/// Climbs from each start until one ends on a peak inside the bounds, else returns the highest end.
pub(super) fn climb(
    starts: &[Vec<f64>],
    bounds: &[(f64, f64)],
    mut derivatives_in_logarithms: impl FnMut(&[f64]) -> Derivatives,
) -> Option<Maximum> {
    let mut best: Option<Maximum> = None;
    let mut iterations = 0;
    for start in starts {
        let logarithms: Vec<f64> = start.iter().map(|parameter| parameter.ln()).collect();
        let mut end = maximise(&logarithms, bounds, &mut derivatives_in_logarithms);
        iterations += end.iterations;
        end.iterations = iterations;
        if end.converged && !end.at_bound.contains(&true) {
            return Some(end);
        }
        let higher = best
            .as_ref()
            .is_none_or(|best| end.derivatives.value > best.derivatives.value);
        if higher {
            best = Some(end);
        }
    }
    best
}

/// The report on a search that ended at `end`. In a degenerate limit only the parameters in `identified` (by position)
/// have standard errors; elsewhere name all of them.
pub(super) fn report(
    sample: Sample,
    names: &[&str],
    end: &Maximum,
    identified: &[usize],
) -> Result<FitReport> {
    /// From here on a 95 % interval of the logarithm spans a factor of e² and more.
    const LOOSE: f64 = 0.5;
    /// Beyond this the longest axis of the confidence ellipsoid is 100 times the shortest.
    const RIDGE: f64 = 1e4;
    let degenerate = identified.len() < names.len();
    if !(end.converged || degenerate) {
        return Err(Error::DidNotConverge {
            model: sample.model,
            iterations: end.iterations,
            best_log_likelihood: end.derivatives.value,
        });
    }
    let information = end.derivatives.hessian.negated_part(identified);
    let covariance = information.positive_definite_inverse();
    let parameters: Vec<FittedParameter> = names
        .iter()
        .zip(&end.point)
        .enumerate()
        .map(|(index, (name, logarithm))| FittedParameter {
            name: (*name).to_owned(),
            value: logarithm.exp(),
            standard_error: identified
                .iter()
                .position(|&known| known == index)
                .zip(covariance.as_ref())
                .map(|(cell, covariance)| logarithm.exp() * covariance.get(cell, cell).sqrt()),
        })
        .collect();
    let mut warnings = Vec::new();
    for parameter in &parameters {
        let relative = parameter
            .standard_error
            .map(|error| error / parameter.value);
        if let Some(relative) = relative.filter(|&relative| relative > LOOSE) {
            warnings.push(FitWarning::LooseParameter {
                name: parameter.name.clone(),
                relative_standard_error: relative,
            });
        }
    }
    let condition = information.condition();
    if condition >= RIDGE {
        warnings.push(FitWarning::Ridge { condition });
    }
    let complete = covariance.filter(|_| !degenerate);
    let covariance_of_logarithms = complete.map_or_else(Vec::new, |covariance| {
        let size = covariance.size();
        (0..size * size)
            .map(|cell| covariance.get(cell / size, cell % size))
            .collect()
    });
    Ok(FitReport {
        model: sample.model.to_owned(),
        customers: sample.customers,
        repeaters: sample.repeaters,
        patterns: sample.patterns,
        iterations: end.iterations,
        log_likelihood: end.derivatives.value,
        parameters,
        covariance_of_logarithms,
        warnings,
    })
}
