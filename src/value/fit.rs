//! How a fit went, in numbers and in words.

use std::fmt;

use crate::error::{Error, Result};
use crate::numeric::{Derivatives, Maximum, SymmetricMatrix, maximise};

/// A parameter with its standard error.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FittedParameter {
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) standard_error: Option<f64>,
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

/// What the reader of a fit should know before using it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum FitWarning {
    /// A parameter is known no better than within a large factor.
    LooseParameter {
        /// The parameter.
        name: String,
        /// Standard error over value.
        relative_standard_error: f64,
    },
    /// Some parameters move together almost freely: a ridge in the likelihood.
    Ridge {
        /// Largest over smallest eigenvalue of the information in the logarithms of the parameters.
        condition: f64,
    },
    /// The likelihood keeps growing as the customers' purchase rates become equal.
    EqualRates,
    /// The likelihood keeps growing as the probability or the rate of leaving goes to zero ("a → 0", "s → 0").
    NobodyLeaves,
    /// The likelihood keeps growing as the customers' chances to leave become equal.
    EqualChurn,
    /// The likelihood of the GGompertz/NBD keeps growing as its shape b vanishes: the Pareto/NBD says the same with one
    /// parameter less.
    ParetoSuffices {
        /// β / b, which is the β of the Pareto/NBD.
        beta: f64,
    },
    /// Nearly all customers bought once, and the model cannot see whether those have left.
    MostlyBoughtOnce {
        /// Their share.
        share: f64,
    },
    /// The fitted model has no mean for a new customer (Gamma–Gamma with q not above 1).
    NoPopulationMean,
    /// Rows that the model cannot use were left out.
    LeftOut {
        /// How many.
        rows: usize,
        /// Why.
        reason: String,
    },
}

impl fmt::Display for FitWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LooseParameter {
                name,
                relative_standard_error,
            } => write!(
                f,
                "{name} is loose: its standard error is {:.0} % of its value",
                100.0 * relative_standard_error
            ),
            Self::Ridge { condition } => write!(
                f,
                "the likelihood has a ridge (condition {condition:.0}): single parameters are doubtful, \
                 predictions near the data much less so"
            ),
            Self::EqualRates => f.write_str(
                "the likelihood keeps growing as all customers come to buy at the same rate: differences \
                 between customers are not visible in these data",
            ),
            Self::NobodyLeaves => f.write_str(
                "a or s → 0: by these data nobody leaves, so everyone counts as alive and forecasts only taper off by chance",
            ),
            Self::EqualChurn => f.write_str(
                "the likelihood keeps growing as all customers become equally likely to leave: differences between \
                 customers are not visible in these data",
            ),
            Self::ParetoSuffices { beta } => write!(
                f,
                "b → 0: the Gompertz shape vanishes, Pareto/NBD suffices (with β = {beta:.4}, which is β / b here; \
                 b and β by themselves mean nothing)"
            ),
            Self::MostlyBoughtOnce { share } => write!(
                f,
                "{:.1} % of the customers bought once, and this model counts them as alive by assumption, not by evidence",
                100.0 * share
            ),
            Self::NoPopulationMean => f.write_str(
                "q is not above 1, so the mean spend of a new customer is undefined: use the observed mean",
            ),
            Self::LeftOut { rows, reason } => write!(f, "{rows} rows left out: {reason}"),
        }
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
            if let Some(error) = parameter.standard_error {
                write!(f, " ± {}", digits(error))?;
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
    let eigen = information.eigen();
    if let (Some((smallest, _)), Some((largest, _))) = (eigen.first(), eigen.last()) {
        let condition = largest / smallest;
        if !(condition < RIDGE && *smallest > 0.0) {
            warnings.push(FitWarning::Ridge { condition });
        }
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
