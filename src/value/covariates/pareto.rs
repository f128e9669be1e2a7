//! Covariates in the Pareto/NBD.

use crate::error::Result;
use crate::measure::TimeUnit;
use crate::numeric::Derivatives;
use crate::value::evidence::{Limits, forecasts_of};
use crate::value::observed::patterns::PurchasePatterns;
use crate::value::pareto::law::{ParetoLaw, SharedSilences};
use crate::value::pareto::pareto_nbd::limits;
use crate::value::{
    FitReport, FittedParetoNbd, FittedPurchaseModel, ParetoNbd, PurchaseHistories, PurchaseModel,
};

use super::target::{CovariateTarget, DrivenLaw, mean_time_observed};
use super::{DrivenProcess, fitted::exactly};

impl CovariateTarget for ParetoNbd {
    type Own = FittedParetoNbd;
    type Scale = TimeUnit;

    fn own(parameters: &[f64], unit: TimeUnit) -> Result<FittedParetoNbd> {
        let [r, alpha, s, beta] = exactly(parameters)?;
        FittedParetoNbd::from_parameters(r, alpha, s, beta, unit)
    }

    fn scale(histories: &PurchaseHistories) -> Result<TimeUnit> {
        Ok(histories.unit())
    }
}

impl DrivenLaw for ParetoNbd {
    type Sample = (PurchasePatterns, SharedSilences);

    const NAME: &'static str = "Pareto/NBD with covariates";
    const PARAMETERS: &'static [&'static str] = &["r", "alpha", "s", "beta"];
    const SCALED: &'static [bool] = &[false, true, false, true];
    const USUAL: &'static [DrivenProcess] = &[DrivenProcess::Purchases, DrivenProcess::Leaving];

    fn direction(process: DrivenProcess) -> Option<&'static [f64]> {
        match process {
            DrivenProcess::Purchases => Some(&[0.0, -1.0, 0.0, 0.0]),
            DrivenProcess::Leaving => Some(&[0.0, 0.0, 0.0, -1.0]),
            _ => None,
        }
    }

    fn fit_alone(&self, histories: &PurchaseHistories) -> Result<FitReport> {
        super::fit::report_of(self.fit(histories)?.report())
    }

    fn limits(logarithms: &[f64], typical: f64, at_bound: &[bool]) -> Result<Limits> {
        limits(&law_at(logarithms), typical, at_bound)
    }

    fn forecasts(logarithms: &[f64], span: f64) -> [f64; 2] {
        forecasts_of(&law_at(logarithms), span)(logarithms)
    }

    fn typical(histories: &PurchaseHistories) -> f64 {
        mean_time_observed(histories)
    }

    fn sample(histories: &PurchaseHistories) -> Self::Sample {
        let patterns = PurchasePatterns::of(histories);
        let shared = SharedSilences::of(&patterns);
        (patterns, shared)
    }

    fn distinct((patterns, _): &Self::Sample) -> usize {
        patterns.len()
    }

    fn derivatives(parameters: &[f64], (patterns, shared): &Self::Sample) -> Derivatives {
        law_of(parameters).derivatives(patterns, shared)
    }
}

fn law_of(parameters: &[f64]) -> ParetoLaw {
    ParetoLaw {
        r: parameters[0],
        alpha: parameters[1],
        s: parameters[2],
        beta: parameters[3],
    }
}

fn law_at(logarithms: &[f64]) -> ParetoLaw {
    law_of(&[0, 1, 2, 3].map(|index: usize| logarithms[index].exp()))
}
