//! Covariates in the BG/NBD and MBG/NBD.

use crate::error::Result;
use crate::measure::TimeUnit;
use crate::numeric::Derivatives;
use crate::value::beta_geometric::fit::limits;
use crate::value::beta_geometric::law::BetaGeometric;
use crate::value::evidence::{Limits, forecasts_of};
use crate::value::observed::patterns::PurchasePatterns;
use crate::value::{
    BgNbd, FitReport, FittedBgNbd, FittedMbgNbd, FittedPurchaseModel, MbgNbd, PurchaseHistories,
    PurchaseModel,
};

use super::target::{CovariateTarget, DrivenLaw, mean_time_observed};
use super::{DrivenProcess, fitted::exactly};

const PARAMETERS: &[&str] = &["r", "alpha", "a", "b"];
const SCALED: &[bool] = &[false, true, false, false];
const USUAL: &[DrivenProcess] = &[DrivenProcess::Purchases, DrivenProcess::Leaving];

fn direction(process: DrivenProcess) -> Option<&'static [f64]> {
    match process {
        DrivenProcess::Purchases => Some(&[0.0, -1.0, 0.0, 0.0]),
        DrivenProcess::Leaving => Some(&[0.0, 0.0, 1.0, 0.0]),
        DrivenProcess::Staying => Some(&[0.0, 0.0, 0.0, 1.0]),
        DrivenProcess::Alikeness => Some(&[0.0, 0.0, 1.0, 1.0]),
        DrivenProcess::Spend => None,
    }
}

fn derivatives(
    parameters: &[f64],
    chances_at_start: u32,
    patterns: &PurchasePatterns,
) -> Derivatives {
    law_of(parameters, chances_at_start).derivatives(patterns)
}

fn law_of(parameters: &[f64], chances_at_start: u32) -> BetaGeometric {
    BetaGeometric {
        r: parameters[0],
        alpha: parameters[1],
        a: parameters[2],
        b: parameters[3],
        chances_at_start,
    }
}

fn law_at(logarithms: &[f64], chances_at_start: u32) -> BetaGeometric {
    let parameters = [0, 1, 2, 3].map(|index: usize| logarithms[index].exp());
    law_of(&parameters, chances_at_start)
}

impl CovariateTarget for BgNbd {
    type Own = FittedBgNbd;
    type Scale = TimeUnit;

    fn own(parameters: &[f64], unit: TimeUnit) -> Result<FittedBgNbd> {
        let [r, alpha, a, b] = exactly(parameters)?;
        FittedBgNbd::from_parameters(r, alpha, a, b, unit)
    }

    fn scale(histories: &PurchaseHistories) -> Result<TimeUnit> {
        Ok(histories.unit())
    }
}

impl DrivenLaw for BgNbd {
    type Sample = PurchasePatterns;

    const NAME: &'static str = "BG/NBD with covariates";
    const PARAMETERS: &'static [&'static str] = PARAMETERS;
    const SCALED: &'static [bool] = SCALED;
    const USUAL: &'static [DrivenProcess] = USUAL;

    fn direction(process: DrivenProcess) -> Option<&'static [f64]> {
        direction(process)
    }

    fn fit_alone(&self, histories: &PurchaseHistories) -> Result<FitReport> {
        super::fit::report_of(self.fit(histories)?.report())
    }

    fn limits(logarithms: &[f64], _typical: f64, at_bound: &[bool]) -> Result<Limits> {
        limits(&law_at(logarithms, 0), at_bound)
    }

    fn forecasts(logarithms: &[f64], span: f64) -> [f64; 2] {
        forecasts_of(&law_at(logarithms, 0), span)(logarithms)
    }

    fn typical(histories: &PurchaseHistories) -> f64 {
        mean_time_observed(histories)
    }

    fn sample(histories: &PurchaseHistories) -> PurchasePatterns {
        PurchasePatterns::of(histories)
    }

    fn distinct(patterns: &PurchasePatterns) -> usize {
        patterns.len()
    }

    fn derivatives(parameters: &[f64], patterns: &PurchasePatterns) -> Derivatives {
        derivatives(parameters, 0, patterns)
    }
}

impl CovariateTarget for MbgNbd {
    type Own = FittedMbgNbd;
    type Scale = TimeUnit;

    fn own(parameters: &[f64], unit: TimeUnit) -> Result<FittedMbgNbd> {
        let [r, alpha, a, b] = exactly(parameters)?;
        FittedMbgNbd::from_parameters(r, alpha, a, b, unit)
    }

    fn scale(histories: &PurchaseHistories) -> Result<TimeUnit> {
        Ok(histories.unit())
    }
}

impl DrivenLaw for MbgNbd {
    type Sample = PurchasePatterns;

    const NAME: &'static str = "MBG/NBD with covariates";
    const PARAMETERS: &'static [&'static str] = PARAMETERS;
    const SCALED: &'static [bool] = SCALED;
    const USUAL: &'static [DrivenProcess] = USUAL;

    fn direction(process: DrivenProcess) -> Option<&'static [f64]> {
        direction(process)
    }

    fn fit_alone(&self, histories: &PurchaseHistories) -> Result<FitReport> {
        super::fit::report_of(self.fit(histories)?.report())
    }

    fn limits(logarithms: &[f64], _typical: f64, at_bound: &[bool]) -> Result<Limits> {
        limits(&law_at(logarithms, 1), at_bound)
    }

    fn forecasts(logarithms: &[f64], span: f64) -> [f64; 2] {
        forecasts_of(&law_at(logarithms, 1), span)(logarithms)
    }

    fn typical(histories: &PurchaseHistories) -> f64 {
        mean_time_observed(histories)
    }

    fn sample(histories: &PurchaseHistories) -> PurchasePatterns {
        PurchasePatterns::of(histories)
    }

    fn distinct(patterns: &PurchasePatterns) -> usize {
        patterns.len()
    }

    fn derivatives(parameters: &[f64], patterns: &PurchasePatterns) -> Derivatives {
        derivatives(parameters, 1, patterns)
    }
}
