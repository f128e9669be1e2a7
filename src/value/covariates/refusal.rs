//! When the data cannot carry a coefficient, and which one.

use crate::error::{Error, Result};
use crate::numeric::Maximum;
use crate::value::evidence::Limits;
use crate::value::{FitReport, FitWarning};

use super::fitted::Term;
use super::likelihood::Likelihood;
use super::{CovariateTarget, DrivenProcess};

/// No coefficient may change a parameter by more than this power of e between the mean customer and the farthest.
pub(super) const LARGEST_EFFECT: f64 = 30.0;

/// Whether what a term acts on has to do with leaving.
fn is_about_leaving(term: &Term) -> bool {
    matches!(
        term.process,
        DrivenProcess::Leaving | DrivenProcess::Staying | DrivenProcess::Alikeness
    )
}

/// Refuses to explain why customers leave where they do not.
pub(super) fn require_leavers(alone: &FitReport, terms: &[Term]) -> Result<()> {
    match terms.iter().find(|term| is_about_leaving(term)) {
        Some(term) if alone.warnings().contains(&FitWarning::NobodyLeaves) => {
            Err(not_told(term, &FitWarning::NobodyLeaves, ON_PURCHASES))
        }
        _ => Ok(()),
    }
}

/// The way out where nobody leaves.
const ON_PURCHASES: &str = "Let covariates act on purchases only";

/// The refusal to tell what a term does in the limit that this warning names.
fn not_told(Term { process, covariate }: &Term, limit: &FitWarning, instead: &str) -> Error {
    Error::CannotTell {
        question: format!("what {covariate:?} does to {process}").into(),
        reason: format!("{limit}. {instead}").into(),
    }
}

/// Refuses an end on a bound, but for the limits that still answer: those of the fit without covariates, as long as they
/// leave no coefficient without meaning.
pub(super) fn require_inside<Model: CovariateTarget>(
    likelihood: &Likelihood<'_, Model>,
    terms: &[Term],
    typical: f64,
    end: &Maximum,
) -> Result<Limits> {
    let baseline = end.point.len() - terms.len();
    let (of_baseline, of_terms) = end.at_bound.split_at(baseline);
    if let Some(place) = of_terms.iter().position(|&at| at) {
        return Err(separated(&terms[place]));
    }
    let limits = Model::limits(&end.point[..baseline], typical, of_baseline)
        .map_err(|refusal| beside_covariates(likelihood, terms, end, refusal))?;
    if of_baseline[2..].contains(&true) {
        let first = |about: &dyn Fn(&Term) -> bool| terms.iter().find(|term| about(term));
        if limits.nobody_leaves
            && let Some(term) = first(&is_about_leaving)
        {
            return Err(not_told(term, &FitWarning::NobodyLeaves, ON_PURCHASES));
        }
        // Who is how alike means nothing where all are.
        if limits.equal_churn
            && let Some(term) = first(&|term| term.process == DrivenProcess::Alikeness)
        {
            let instead = "Let covariates act on leaving instead";
            return Err(not_told(term, &FitWarning::EqualChurn, instead));
        }
    }
    // Where covariates decide who leaves, that the mean customer stays is no limit.
    let driven = terms.iter().any(is_about_leaving);
    Ok(Limits {
        nobody_leaves: limits.nobody_leaves && !driven,
        ..limits
    })
}

/// The refusal of the fit without covariates, with what covariates have to do with it.
fn beside_covariates<Model: CovariateTarget>(
    likelihood: &Likelihood<'_, Model>,
    terms: &[Term],
    end: &Maximum,
    refusal: Error,
) -> Error {
    let Error::CannotTell { question, reason } = refusal else {
        return refusal;
    };
    let strongest = largest_effect(likelihood, terms, &end.point).map_or_else(
        String::new,
        |(_, Term { process, covariate })| {
            format!(", of which {covariate:?} on {process} does most")
        },
    );
    Error::CannotTell {
        question: format!("{question} beside what the covariates explain").into(),
        reason: format!("{reason}; or use fewer covariates{strongest}, or add a penalty").into(),
    }
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
