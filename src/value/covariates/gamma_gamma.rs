//! Covariates in the Gamma–Gamma model.

use crate::error::{Error, Result};
use crate::measure::Currency;
use crate::numeric::Derivatives;
use crate::value::evidence::Limits;
use crate::value::spend::evidence::refuse_edge;
use crate::value::spend::spenders::Spenders;
use crate::value::{FitReport, FitWarning, FittedGammaGamma, GammaGamma, PurchaseHistories};

use super::target::{CovariateTarget, DrivenLaw};
use super::{DrivenProcess, fitted::exactly};

impl CovariateTarget for GammaGamma {
    type Own = FittedGammaGamma;
    type Scale = Currency;

    fn own(parameters: &[f64], currency: Currency) -> Result<FittedGammaGamma> {
        let [p, q, v] = exactly(parameters)?;
        FittedGammaGamma::from_parameters(p, q, v, currency)
    }

    fn scale(histories: &PurchaseHistories) -> Result<Currency> {
        histories
            .mean_repeat_spend()
            .map(|(currency, _)| currency)
            .ok_or(Error::Empty {
                what: "the column of mean repeat spend".into(),
                remedy: "give it with with_mean_repeat_spend".into(),
            })
    }
}

impl DrivenLaw for GammaGamma {
    type Sample = Spenders;

    const NAME: &'static str = "Gamma-Gamma with covariates";
    const PARAMETERS: &'static [&'static str] = &["p", "q", "v"];
    const SCALED: &'static [bool] = &[false, false, true];
    const USUAL: &'static [DrivenProcess] = &[DrivenProcess::Spend];

    fn direction(process: DrivenProcess) -> Option<&'static [f64]> {
        (process == DrivenProcess::Spend).then_some(&[0.0, 0.0, 1.0])
    }

    fn fit_alone(&self, histories: &PurchaseHistories) -> Result<FitReport> {
        super::fit::report_of(self.fit(histories)?.report())
    }

    fn warning(logarithms: &[f64]) -> Option<FitWarning> {
        (logarithms[1] <= 0.0).then_some(FitWarning::NoPopulationMean)
    }

    fn counts(repeat_purchases: u32, mean_spend: Option<f64>) -> bool {
        repeat_purchases > 0 && mean_spend.is_some_and(|mean| mean > 0.0)
    }

    fn limits(logarithms: &[f64], typical: f64, at_bound: &[bool]) -> Result<Limits> {
        let [p, q, v] = exactly(logarithms)?;
        refuse_edge(&[p, q, v - typical.ln()], at_bound)?;
        Ok(Limits::default())
    }

    fn typical(histories: &PurchaseHistories) -> f64 {
        spenders(histories).mean()
    }

    fn sample(histories: &PurchaseHistories) -> Spenders {
        spenders(histories)
    }

    fn distinct(spenders: &Spenders) -> usize {
        spenders.distinct()
    }

    fn derivatives(parameters: &[f64], spenders: &Spenders) -> Derivatives {
        spenders.derivatives([parameters[0], parameters[1], parameters[2]])
    }
}

fn spenders(histories: &PurchaseHistories) -> Spenders {
    let means = histories
        .mean_repeat_spend()
        .map_or(&[][..], |(_, means)| means);
    Spenders::of(histories.repeat_purchases(), means)
}
