//! What a stored report on a fit must keep to when it comes back.

use crate::error::{Error, Result};

use super::FitWarning;
use super::fit::{FitReport, FittedParameter};

/// A report before it is checked.
#[derive(serde::Deserialize)]
pub(super) struct StoredReport {
    model: String,
    customers: usize,
    repeaters: usize,
    patterns: usize,
    iterations: usize,
    log_likelihood: f64,
    parameters: Vec<FittedParameter>,
    covariance_of_logarithms: Vec<f64>,
    warnings: Vec<FitWarning>,
}

impl TryFrom<StoredReport> for FitReport {
    type Error = Error;

    fn try_from(stored: StoredReport) -> Result<Self> {
        let customers = stored.customers as f64;
        for (what, count) in [
            ("customers who came back", stored.repeaters),
            ("distinct histories", stored.patterns),
        ] {
            let within = "be at most the number of customers";
            Error::unless(count as f64 <= customers, what, count as f64, within)?;
        }
        let likelihood = stored.log_likelihood;
        Error::unless(
            likelihood.is_finite(),
            "log-likelihood",
            likelihood,
            "be finite",
        )?;
        stored
            .warnings
            .iter()
            .try_for_each(FitWarning::require_sound)?;
        require_covariance(stored.parameters.len(), &stored.covariance_of_logarithms)?;
        Ok(Self {
            model: stored.model,
            customers: stored.customers,
            repeaters: stored.repeaters,
            patterns: stored.patterns,
            iterations: stored.iterations,
            log_likelihood: stored.log_likelihood,
            parameters: stored.parameters,
            covariance_of_logarithms: stored.covariance_of_logarithms,
            warnings: stored.warnings,
        })
    }
}

/// Rows as long as there are rows, equal on both sides of the diagonal, no correlation beyond 1; or nothing at all.
fn require_covariance(size: usize, cells: &[f64]) -> Result<()> {
    /// Roundings on both sides of the diagonal.
    const SLACK: f64 = 1e-6;
    if cells.is_empty() {
        return Ok(());
    }
    if cells.len() != size * size {
        return Err(Error::UnequalLengths {
            left: "the covariance that the parameters need",
            left_len: size * size,
            right: "the covariance stored",
            right_len: cells.len(),
        });
    }
    for row in 0..size {
        for column in 0..size {
            let cell = cells[row * size + column];
            let most = cells[row * size + row].sqrt() * cells[column * size + column].sqrt();
            let sound = cell.abs() <= most * (1.0 + SLACK)
                && (cell - cells[column * size + row]).abs() <= SLACK * most;
            Error::unless(
                sound && most.is_finite(),
                "covariance of two parameters",
                cell,
                "be the same both ways and within the standard errors",
            )?;
        }
    }
    Ok(())
}

impl FitReport {
    /// A report, if there is one, that speaks of a model of one of these names and of its parameters, in this order.
    pub(in crate::value) fn about(
        report: Option<Self>,
        models: &[&str],
        parameters: &[f64],
    ) -> Result<Option<Self>> {
        /// From a logarithm and back.
        const ROUNDING: f64 = 1e-9;
        if let Some(report) = &report {
            if !models.contains(&report.model()) {
                return Err(Error::Contradiction {
                    what: "a fitted model and its report".into(),
                    reason: format!(
                        "this is {}, and the report one on {}",
                        models[0],
                        report.model()
                    ),
                });
            }
            let told = report.parameters();
            if told.len() != parameters.len() {
                return Err(Error::UnequalLengths {
                    left: "the model's parameters",
                    left_len: parameters.len(),
                    right: "those of its report",
                    right_len: told.len(),
                });
            }
            for (told, &known) in told.iter().zip(parameters) {
                let gap = (told.value() - known).abs();
                let agrees = gap <= ROUNDING * known.abs();
                if !agrees {
                    return Err(Error::Contradiction {
                        what: "a fitted model and its report".into(),
                        reason: format!(
                            "{} is {known} here and {} there",
                            told.name(),
                            told.value()
                        ),
                    });
                }
            }
        }
        Ok(report)
    }
}
