//! When the data cannot carry a coefficient, and which one.

use crate::error::{Error, Result};
use crate::numeric::Maximum;
use crate::value::{FitReport, FitWarning};

use super::fitted::Term;
use super::likelihood::Likelihood;
use super::{CovariateTarget, DrivenProcess};

/// No coefficient may change a parameter by more than this power of e between the mean customer and the farthest.
pub(super) const LARGEST_EFFECT: f64 = 30.0;

/// Refuses to explain why customers leave where they do not.
pub(super) fn require_leavers(alone: &FitReport, terms: &[Term]) -> Result<()> {
    let about_leaving = |term: &&Term| {
        matches!(
            term.process,
            DrivenProcess::Leaving | DrivenProcess::Staying | DrivenProcess::Alikeness
        )
    };
    match terms.iter().find(about_leaving) {
        Some(term) if alone.warnings().contains(&FitWarning::NobodyLeaves) => {
            Err(Error::CannotTell {
                question: format!("what {:?} does to {}", term.covariate, term.process).into(),
                reason: "by these data nobody leaves: let covariates act on purchases only".into(),
            })
        }
        _ => Ok(()),
    }
}

/// Refuses an end on a bound, but for the one limit that still answers: covariates that explain all differences between
/// the customers' purchase rates.
pub(super) fn require_inside<Model: CovariateTarget>(
    likelihood: &Likelihood<'_, Model>,
    terms: &[Term],
    end: &Maximum,
) -> Result<()> {
    let baseline = end.point.len() - terms.len();
    let rates = Model::direction(DrivenProcess::Purchases).is_some();
    for (index, _) in end.at_bound.iter().enumerate().filter(|&(_, &at)| at) {
        if index >= baseline {
            return Err(separated(&terms[index - baseline]));
        }
        if !(rates && index < 2) {
            let strongest = largest_effect(likelihood, terms, &end.point).map_or_else(
                String::new,
                |(_, Term { process, covariate })| {
                    format!(", of which {covariate:?} on {process} does most")
                },
            );
            return Err(Error::CannotTell {
                question: format!("{} beside the covariates", Model::PARAMETERS[index]).into(),
                reason: format!(
                    "the likelihood keeps growing towards the edge of the parameters: what the covariates leave \
                     unexplained does not fix it; use fewer of them{strongest}, or add a penalty"
                )
                .into(),
            });
        }
    }
    Ok(())
}

/// Refuses an end that is no peak; on the plateau beyond a separating column the search ends nowhere.
pub(super) fn require_peak<Model: CovariateTarget>(
    likelihood: &Likelihood<'_, Model>,
    terms: &[Term],
    end: &Maximum,
    best_log_likelihood: f64,
) -> Result<()> {
    const FAR: f64 = 0.3 * LARGEST_EFFECT;
    if end.converged {
        return Ok(());
    }
    Err(match largest_effect(likelihood, terms, &end.point) {
        Some((effect, term)) if effect > FAR => separated(term),
        _ => Error::DidNotConverge {
            model: Model::NAME,
            iterations: end.iterations,
            best_log_likelihood,
        },
    })
}

fn separated(Term { process, covariate }: &Term) -> Error {
    Error::CannotTell {
        question: format!("what {covariate:?} does to {process}").into(),
        reason: "the likelihood keeps growing with its effect, as where nobody with it ever came back: leave it out, or \
                 add a penalty"
            .into(),
    }
}

/// The coefficient that moves a parameter most between the mean customer and the farthest, by how many powers of e.
fn largest_effect<'a, Model: CovariateTarget>(
    likelihood: &Likelihood<'_, Model>,
    terms: &'a [Term],
    point: &[f64],
) -> Option<(f64, &'a Term)> {
    let coefficients = &point[point.len() - terms.len()..];
    let effect = |k: usize| {
        let column = likelihood.columns[k];
        coefficients[k].abs() * likelihood.cells.spreads[column].farthest
    };
    (0..terms.len())
        .map(|k| (effect(k), &terms[k]))
        .max_by(|left, right| left.0.total_cmp(&right.0))
}

/// The name of the column on whose distance from 0 a baseline parameter depends most, by its `row` of the way back.
pub(super) fn farthest_column<'a, Model: CovariateTarget>(
    likelihood: &Likelihood<'_, Model>,
    terms: &'a [Term],
    row: &[f64],
    point: &[f64],
) -> &'a str {
    let baseline = likelihood.size() - terms.len();
    let shift = |k: usize| (row[baseline + k] * point[baseline + k]).abs();
    let farthest = (0..terms.len()).max_by(|&left, &right| shift(left).total_cmp(&shift(right)));
    farthest.map_or("the columns", |k| &terms[k].covariate)
}
