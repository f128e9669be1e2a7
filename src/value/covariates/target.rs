//! How covariates act on a model: the one place where the models differ.

use crate::error::Result;
use crate::numeric::Derivatives;
use crate::value::evidence::Limits;
use crate::value::fit::in_logarithms;
use crate::value::{FitReport, FitWarning, PurchaseHistories};

use super::DrivenProcess;

/// A model whose parameters may depend on covariates: [`ParetoNbd`](crate::value::ParetoNbd),
/// [`BgNbd`](crate::value::BgNbd), [`MbgNbd`](crate::value::MbgNbd), [`GammaGamma`](crate::value::GammaGamma).
// Sealed: what the search needs to know of a model stays in this room.
#[allow(private_bounds)]
pub trait CovariateTarget: DrivenLaw {
    /// One customer's own model.
    type Own: Send + Sync;

    /// What the parameters are counted in: a unit of time, or a currency.
    type Scale: Copy + PartialEq + std::fmt::Debug + Send + Sync;

    /// The model with these parameters, in the order of its paper.
    ///
    /// # Errors
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) unless all are positive and finite, and as many as the model has.
    fn own(parameters: &[f64], scale: Self::Scale) -> Result<Self::Own>;

    /// What the parameters are counted in when fitted to these histories.
    ///
    /// # Errors
    /// [`Error::Empty`](crate::Error::Empty) where the histories lack it.
    fn scale(histories: &PurchaseHistories) -> Result<Self::Scale>;
}

/// A law as the search for coefficients sees it.
pub(in crate::value) trait DrivenLaw: Sync {
    /// The histories of some customers who share one law.
    type Sample: Send + Sync;

    /// With covariates, as the field writes it.
    const NAME: &'static str;

    /// Names of the parameters, in the order of the model's paper.
    const PARAMETERS: &'static [&'static str];

    /// Which parameters are counted in the unit of time or money; the others are pure numbers.
    const SCALED: &'static [bool];

    /// What a covariate acts on unless the caller says otherwise.
    const USUAL: &'static [DrivenProcess];

    /// By how much the logarithm of each parameter grows with γz; `None` if the model has no such part.
    fn direction(process: DrivenProcess) -> Option<&'static [f64]>;

    /// The fit without covariates.
    fn fit_alone(&self, histories: &PurchaseHistories) -> Result<FitReport>;

    /// What to beware of with parameters of these logarithms.
    fn warning(_logarithms: &[f64]) -> Option<FitWarning> {
        None
    }

    /// Whether a customer with this many repeat purchases of this mean enters the fit.
    fn counts(_repeat_purchases: u32, _mean_spend: Option<f64>) -> bool {
        true
    }

    /// The limit in which a search has ended at these `logarithms` of the parameters, `at_bound` telling of each whether it came
    /// to rest on a bound, as in the fit without covariates.
    ///
    /// # Errors
    /// The refusal by the name of a limit that is no answer.
    fn limits(logarithms: &[f64], typical: f64, at_bound: &[bool]) -> Result<Limits>;

    /// The expected purchases of a new customer within `span` and within as long again; no numbers in a model of spend.
    fn forecasts(_logarithms: &[f64], _span: f64) -> [f64; 2] {
        [f64::NAN; 2]
    }

    /// A typical value of what the scaled parameters are counted in.
    fn typical(histories: &PurchaseHistories) -> f64;

    fn sample(histories: &PurchaseHistories) -> Self::Sample;

    /// Distinct histories in it.
    fn distinct(sample: &Self::Sample) -> usize;

    /// Log-likelihood of the sample with its derivatives in the parameters.
    fn derivatives(parameters: &[f64], sample: &Self::Sample) -> Derivatives;

    /// Log-likelihood of the sample with its derivatives in the logarithms of the parameters.
    fn derivatives_in_logarithms(logarithms: &[f64], sample: &Self::Sample) -> Derivatives {
        let parameters: Vec<f64> = logarithms.iter().map(|part| part.exp()).collect();
        in_logarithms(&parameters, &Self::derivatives(&parameters, sample))
    }
}

/// Mean time observed.
pub(super) fn mean_time_observed(histories: &PurchaseHistories) -> f64 {
    histories.observed_for().iter().sum::<f64>() / histories.len() as f64
}
