//! The search for the most likely coefficients, and what its end means.

use crate::error::{Error, Result};
use crate::numeric::{Maximum, SymmetricMatrix, maximise};
use crate::value::evidence::Limits;
use crate::value::fit::Sample;
use crate::value::{FitReport, FitWarning, FittedParameter, PurchaseHistories};

use super::cells::{Cells, Spread};
use super::fitted::{Found, Term};
use super::likelihood::{Channel, Likelihood};
use super::refusal::{
    LARGEST_EFFECT, farthest_column, require_inside, require_leavers, require_peak,
};
use super::{
    CovariateModel, CovariateTarget, Covariates, DrivenProcess, FittedCovariateModel, Penalty,
};

/// Parameters are searched between the inverse of this and this (those counted in time or money relative to a typical
/// one), as in the models without covariates.
const LARGEST_PARAMETER: f64 = 1e6;

/// The report of a fit, which always has one.
pub(super) fn report_of(report: Option<&FitReport>) -> Result<FitReport> {
    report.cloned().ok_or(Error::Empty {
        what: "the report of the fit".into(),
        remedy: "fit the model to histories".into(),
    })
}

/// Columns in use, each once, and for every term which of them it is.
pub(super) fn columns_of(terms: &[Term]) -> (Vec<&str>, Vec<usize>) {
    let mut names: Vec<&str> = Vec::new();
    let places = terms
        .iter()
        .map(|term| {
            let known = names.iter().position(|&name| name == term.covariate);
            known.unwrap_or_else(|| {
                names.push(&term.covariate);
                names.len() - 1
            })
        })
        .collect();
    (names, places)
}

pub(super) fn fit<Model: CovariateTarget>(
    model: &CovariateModel<Model>,
    histories: &PurchaseHistories,
    covariates: &Covariates,
) -> Result<FittedCovariateModel<Model>> {
    require_rows(histories, covariates)?;
    let terms = model.terms(covariates)?;
    let alone = model.base().fit_alone(histories)?;
    require_leavers(&alone, &terms)?;
    let (names, cells, places) = gathered::<Model>(histories, covariates, &terms)?;
    let penalty = |process| model.penalty_on(process);
    let likelihood = likelihood::<Model>(&cells, &terms, places, penalty);
    for channel in &likelihood.channels {
        let columns = &likelihood.columns[channel.coefficients.clone()];
        if let Some(determined) = cells.first_determined(columns) {
            return Err(Error::CannotTell {
                question: format!("what {:?} does", names[determined]).into(),
                reason: "the columns before it determine it: leave one of them out".into(),
            });
        }
    }
    let bounds = bounds::<Model>(histories, &likelihood);
    let mut starts = starts::<Model>(&alone, &likelihood);
    if let Some(start) = model.start(&terms) {
        starts.insert(0, standardised(&likelihood, start));
    }
    let end = search(&starts, &bounds, &likelihood);
    let (coordinates, mut report) = judge(&likelihood, &terms, Model::typical(histories), &end)?;
    // What the data lack, they lack with covariates too.
    let about_data = |warning: &&FitWarning| {
        matches!(
            warning,
            FitWarning::LeftOut { .. } | FitWarning::MostlyBoughtOnce { .. }
        )
    };
    for warning in alone.warnings().iter().filter(about_data) {
        report.warn(warning.clone());
    }
    FittedCovariateModel::of(Found {
        penalised: likelihood.penalties.iter().any(|&factor| factor > 0.0),
        terms,
        coordinates,
        scale: Model::scale(histories)?,
        report: Some(report),
        alone: Some(alone),
    })
}

/// Refuses a table of covariates with other rows than the histories have.
pub(super) fn require_rows(histories: &PurchaseHistories, covariates: &Covariates) -> Result<()> {
    if covariates.len() == histories.len() {
        return Ok(());
    }
    Err(Error::UnequalLengths {
        left: "the purchase histories",
        left_len: histories.len(),
        right: "the table of covariates",
        right_len: covariates.len(),
    })
}

/// The columns that the `terms` use, the customers gathered by them, and for every term which column it is.
#[allow(clippy::type_complexity)] // Three parts that are taken apart at once.
pub(super) fn gathered<'a, Model: CovariateTarget>(
    histories: &PurchaseHistories,
    covariates: &Covariates,
    terms: &'a [Term],
) -> Result<(Vec<&'a str>, Cells<Model::Sample>, Vec<usize>)> {
    let (names, places) = columns_of(terms);
    let columns = names
        .iter()
        .map(|name| covariates.require(name))
        .collect::<Result<Vec<&[f64]>>>()?;
    let cells = Cells::of::<Model>(histories, &names, &columns)?;
    Ok((names, cells, places))
}

pub(super) fn likelihood<'a, Model: CovariateTarget>(
    cells: &'a Cells<Model::Sample>,
    terms: &[Term],
    columns: Vec<usize>,
    penalty: impl Fn(DrivenProcess) -> Penalty,
) -> Likelihood<'a, Model> {
    let mut channels = Vec::new();
    let mut reached = 0;
    for group in terms.chunk_by(|left, right| left.process == right.process) {
        let begin = reached;
        reached += group.len();
        channels.push(Channel {
            direction: Model::direction(group[0].process).unwrap_or_default(),
            coefficients: begin..reached,
        });
    }
    let penalties = terms
        .iter()
        .zip(&columns)
        .map(|(term, &column)| {
            let deviation = cells.spreads[column].deviation;
            cells.customers as f64 * penalty(term.process).weight(deviation)
        })
        .collect();
    Likelihood {
        cells,
        channels,
        columns,
        penalties,
    }
}

fn bounds<Model: CovariateTarget>(
    histories: &PurchaseHistories,
    likelihood: &Likelihood<'_, Model>,
) -> Vec<(f64, f64)> {
    let limit = LARGEST_PARAMETER.ln();
    let around = Model::typical(histories).ln();
    let baseline = Model::SCALED.iter().map(|&scaled| {
        let middle = if scaled { around } else { 0.0 };
        (middle - limit, middle + limit)
    });
    let coefficients = likelihood.columns.iter().map(|&column| {
        let limit = LARGEST_EFFECT / likelihood.cells.spreads[column].farthest;
        (-limit, limit)
    });
    baseline.chain(coefficients).collect()
}

/// No effects at all; then the same with customers more and less alike.
fn starts<Model: CovariateTarget>(
    alone: &FitReport,
    likelihood: &Likelihood<'_, Model>,
) -> Vec<Vec<f64>> {
    [0.0, 1.0, -1.0]
        .iter()
        .map(|shift| {
            let baseline = alone.parameters().iter().map(|p| p.value().ln() + shift);
            let coefficients = std::iter::repeat_n(0.0, likelihood.columns.len());
            baseline.chain(coefficients).collect()
        })
        .collect()
}

/// Climbs from each start until one ends on a peak inside the bounds, else returns the highest end.
fn search<Model: CovariateTarget>(
    starts: &[Vec<f64>],
    bounds: &[(f64, f64)],
    likelihood: &Likelihood<'_, Model>,
) -> Maximum {
    let mut iterations = 0;
    let mut climb = |start: &[f64]| {
        let mut end = maximise(start, bounds, |point| likelihood.derivatives(point));
        iterations += end.iterations;
        end.iterations = iterations;
        end
    };
    let inside = |end: &Maximum| end.converged && !end.at_bound.contains(&true);
    let mut best = climb(&starts[0]);
    for start in &starts[1..] {
        if inside(&best) {
            break;
        }
        let end = climb(start);
        if inside(&end) || end.derivatives.value > best.derivatives.value {
            best = end;
        }
    }
    best
}

/// Decides whether the end of the search is an answer, the limit of one, or none; coordinates and report per unit of the
/// columns as given.
fn judge<Model: CovariateTarget>(
    likelihood: &Likelihood<'_, Model>,
    terms: &[Term],
    typical: f64,
    end: &Maximum,
) -> Result<(Vec<f64>, FitReport)> {
    let size = likelihood.size();
    let baseline = size - terms.len();
    let limits = require_inside(likelihood, terms, typical, end)?;
    let log_likelihood = end.derivatives.value + likelihood.penalty(&end.point);
    require_peak(likelihood, terms, end, log_likelihood)?;
    let identified: Vec<usize> = (0..size).filter(|&index| !end.at_bound[index]).collect();
    let information = end.derivatives.hessian.negated_part(&identified);
    let inverse = information.positive_definite_inverse();
    let mut standardised = SymmetricMatrix::zero(size);
    if let Some(inverse) = &inverse {
        for (row, &from) in identified.iter().enumerate() {
            for (column, &to) in identified.iter().enumerate() {
                standardised.set(from, to, inverse.get(row, column));
            }
        }
    }
    let back = back_to_units::<Model>(likelihood);
    let coordinates: Vec<f64> = back
        .iter()
        .map(|row| row.iter().zip(&end.point).map(|(b, p)| b * p).sum())
        .collect();
    let covariance = |left: usize, right: usize| -> f64 {
        let rows = back[left].iter().enumerate();
        rows.map(|(i, a)| {
            let columns = back[right].iter().enumerate();
            columns
                .map(|(j, b)| a * b * standardised.get(i, j))
                .sum::<f64>()
        })
        .sum()
    };
    let known = |index: usize| inverse.is_some() && identified.contains(&index);
    let mut parameters = Vec::with_capacity(size);
    for (index, &coordinate) in coordinates.iter().enumerate() {
        let error = known(index).then(|| covariance(index, index).sqrt());
        if index < baseline {
            let value = coordinate.exp();
            if !(value > 0.0 && value.is_finite()) {
                return Err(Error::CannotTell {
                    question: format!(
                        "{} of a customer without covariates",
                        Model::PARAMETERS[index]
                    )
                    .into(),
                    reason: format!(
                        "0 lies too far from the values of {}: subtract a typical value from them",
                        farthest_column(likelihood, terms, &back[index], &end.point)
                    )
                    .into(),
                });
            }
            let error = error.map(|error| value * error);
            parameters.push(FittedParameter::new(
                Model::PARAMETERS[index].to_owned(),
                value,
                error,
            ));
        } else {
            let Term { process, covariate } = &terms[index - baseline];
            parameters.push(FittedParameter::new(
                format!("{covariate} on {process}"),
                coordinate,
                error,
            ));
        }
    }
    let complete = inverse.is_some() && identified.len() == size && !limits.nobody_leaves;
    let cells = (0..size * size).map(|cell| covariance(cell / size, cell % size));
    let cells: Vec<f64> = if complete {
        cells.collect()
    } else {
        Vec::new()
    };
    let sample = Sample {
        model: Model::NAME,
        customers: likelihood.cells.customers,
        repeaters: likelihood.cells.repeaters,
        patterns: likelihood
            .cells
            .members
            .iter()
            .map(|cell| Model::distinct(&cell.sample))
            .sum(),
    };
    let forecasts = |point: &[f64]| Model::forecasts(&point[..baseline], typical);
    limits.require_forecasts(sample, end, &forecasts)?;
    let mut report = FitReport::new(sample, end.iterations, log_likelihood, parameters, cells);
    let relative_errors: Vec<f64> = (0..baseline)
        .map(|index| standardised.get(index, index).sqrt())
        .collect();
    beware::<Model>(&mut report, &information, &relative_errors, limits);
    // Of two parameters that grow without end only the ratio is known.
    for index in (0..baseline).filter(|index| !limits.identified().contains(index)) {
        report.without_error(index);
    }
    if let Some(warning) = Model::warning(&coordinates[..baseline]) {
        report.warn(warning);
    }
    Ok((coordinates, report))
}

/// Adds what to beware of; `relative_errors` are those of the parameters at mean covariates, 0 where not known.
fn beware<Model: CovariateTarget>(
    report: &mut FitReport,
    information: &SymmetricMatrix,
    relative_errors: &[f64],
    limits: Limits,
) {
    /// As in the models without covariates.
    const LOOSE: f64 = 0.5;
    const RIDGE: f64 = 1e4;
    for (name, &error) in Model::PARAMETERS.iter().zip(relative_errors) {
        if error > LOOSE {
            report.warn(FitWarning::LooseParameter {
                name: (*name).to_owned(),
                relative_standard_error: error,
            });
        }
    }
    let condition = information.condition();
    if condition >= RIDGE {
        report.warn(FitWarning::Ridge { condition });
    }
    if limits.equal_rates {
        report.warn(FitWarning::EqualRates);
    }
    for warning in limits.of_leaving() {
        report.warn(warning);
    }
}

/// Standardised coordinates from those per unit, at covariates 0.
pub(super) fn standardised<Model: CovariateTarget>(
    likelihood: &Likelihood<'_, Model>,
    mut coordinates: Vec<f64>,
) -> Vec<f64> {
    let baseline = likelihood.size() - likelihood.columns.len();
    for channel in &likelihood.channels {
        for k in channel.coefficients.clone() {
            let Spread {
                mean, deviation, ..
            } = likelihood.cells.spreads[likelihood.columns[k]];
            let gamma = coordinates[baseline + k];
            coordinates[baseline + k] = gamma * deviation;
            for (parameter, along) in channel.direction.iter().enumerate() {
                coordinates[parameter] += along * gamma * mean;
            }
        }
    }
    coordinates
}

/// The matrix that turns standardised coordinates into those per unit, at covariates 0.
fn back_to_units<Model: CovariateTarget>(likelihood: &Likelihood<'_, Model>) -> Vec<Vec<f64>> {
    let size = likelihood.size();
    let baseline = size - likelihood.columns.len();
    let mut matrix = vec![vec![0.0; size]; size];
    for (index, row) in matrix.iter_mut().enumerate().take(baseline) {
        row[index] = 1.0;
    }
    for channel in &likelihood.channels {
        for k in channel.coefficients.clone() {
            let Spread {
                mean, deviation, ..
            } = likelihood.cells.spreads[likelihood.columns[k]];
            matrix[baseline + k][baseline + k] = 1.0 / deviation;
            for (parameter, along) in channel.direction.iter().enumerate() {
                matrix[parameter][baseline + k] = -along * mean / deviation;
            }
        }
    }
    matrix
}
