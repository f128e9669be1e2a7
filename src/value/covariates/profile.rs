//! The doubt of a coefficient, from the likelihood itself.

use crate::error::{Error, Result};
use crate::measure::{Probability, critical_value};
use crate::value::uncertainty::profile::Profile;
use crate::value::{ProfileInterval, PurchaseHistories};

use super::fit::{gathered, likelihood, require_rows, standardised};
use super::{CovariateTarget, Covariates, DrivenProcess, FittedCovariateModel, Penalty};

impl<Model: CovariateTarget> FittedCovariateModel<Model> {
    /// All values of one coefficient that the data do not reject: the [`ProfileInterval`] of γ, to be asked where samples are
    /// small or the Wald interval of the [`Coefficient`](super::Coefficient) reaches to a far effect. The exponentials of
    /// its limits are an interval of the factor e^γ.
    ///
    /// `histories` and `covariates` are those of the fit. An open side says that a stronger effect fits as well, as where
    /// hardly anybody with the covariate came back.
    ///
    /// ```
    /// use tillit::measure::{Probability, TimeUnit};
    /// use tillit::value::{CovariateModel, Covariates, DrivenProcess, GammaGamma, PurchaseHistories};
    /// # use tillit::measure::Currency;
    ///
    /// # let counts: Vec<u32> = (0..120).map(|row| 1 + row % 4).collect();
    /// # let broken: Vec<f64> = (0..120).map(|row| f64::from(row % 3 == 0)).collect();
    /// # let means = (0..120).zip(&broken).map(|(row, z)| (1.0 - 0.4 * z) * (20.0 + f64::from(row * row % 37)));
    /// # let histories = PurchaseHistories::from_columns(TimeUnit::Week, counts, vec![9.0; 120], vec![10.0; 120])?
    /// #     .with_mean_repeat_spend(Currency::new("EUR")?, means.collect())?;
    /// let table = Covariates::of(120).with_column("broken promise", broken)?;
    /// let fitted = CovariateModel::new(GammaGamma::default()).fit(&histories, &table)?;
    /// let level = Probability::new(0.9)?;
    /// let gamma = fitted.profile_interval(&histories, &table, DrivenProcess::Spend, "broken promise", level)?;
    /// assert!(gamma.contains(gamma.value()) && gamma.high().value().unwrap() < 0.0);
    /// # Ok::<(), tillit::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidText`] for a coefficient that the model does not have or a column that is missing,
    /// [`Error::CannotTell`] if the parameters were given or a penalty was set (what is maximised is then no likelihood),
    /// [`Error::UnequalLengths`] for a table with other rows, [`Error::Contradiction`] if the likelihood of these data has its
    /// peak elsewhere, [`Error::DidNotConverge`] if the search along the profile does not, [`Error::OutOfRange`] unless the
    /// level lies strictly between 0 and 1.
    pub fn profile_interval(
        &self,
        histories: &PurchaseHistories,
        covariates: &Covariates,
        process: DrivenProcess,
        covariate: &str,
        level: Probability,
    ) -> Result<ProfileInterval> {
        critical_value::normal(level)?;
        require_rows(histories, covariates)?;
        let terms = &self.found.terms;
        let place = terms
            .iter()
            .position(|term| term.process == process && term.covariate == covariate)
            .ok_or_else(|| Error::InvalidText {
                what: "coefficient".into(),
                found: format!("{covariate} on {process}"),
                expected: terms
                    .iter()
                    .map(|term| format!("{} on {}", term.covariate, term.process))
                    .collect::<Vec<_>>()
                    .join(", ")
                    .into(),
            })?;
        let cannot = |reason: &'static str| Error::CannotTell {
            question: "which coefficients the data do not reject".into(),
            reason: reason.into(),
        };
        let report =
            (self.report()).ok_or_else(|| cannot("the parameters were given: fit the model"))?;
        if self.found.penalised {
            return Err(cannot(
                "the fit was penalised, and what was maximised is no likelihood: fit without a penalty",
            ));
        }
        let (_, cells, places) = gathered::<Model>(histories, covariates, terms)?;
        let likelihood = likelihood::<Model>(&cells, terms, places, |_| Penalty::NONE);
        let start = standardised(&likelihood, self.found.coordinates.clone());
        let index = Model::PARAMETERS.len() + place;
        let deviation = cells.spreads[likelihood.columns[place]].deviation;
        let along = |point: &[f64]| likelihood.derivatives(point);
        let profile = Profile::of(along, &start, Some(report), index)?;
        let fitted = &report.parameters()[index];
        ProfileInterval::from_profile(&profile, fitted, level, |at| at / deviation)
    }
}
