//! What the laws of buying and leaving answer, and how a model with known parameters answers through its law.
//!
//! A law counts time in its own unit and knows no dates, currencies or spans. A model is a law with its unit and the
//! report of its fit, and everything that [`FittedPurchaseModel`] asks follows from the law.

use crate::error::{Error, Result};
use crate::measure::{DiscountRate, Probability, Span, TimeUnit};
use crate::numeric::column_of;

use super::model::{column, no_survival};
use super::parametric::exponentials;
use super::{
    FitReport, FittedPurchaseModel, Horizon, ParametricModel, PurchaseHistories, PurchaseHistory,
};

/// How customers buy and leave: x = repeat purchases, `t_x` = active for, t = observed for.
pub(super) trait PurchaseLaw: Sync {
    /// What is believed of a customer who has not left.
    type Staying: StayingCustomer;

    /// Logarithms of the parameters, in the order of the report.
    fn logarithms(&self) -> Vec<f64>;

    /// The same law with other parameters; there are as many logarithms as [`Self::logarithms`] gives.
    fn at_logarithms(&self, logarithms: &[f64]) -> Self;

    fn log_likelihood(&self, x: u32, t_x: f64, t: f64) -> f64;

    fn ln_probability_alive(&self, x: u32, t_x: f64, t: f64) -> f64;

    /// A customer with x repeat purchases in time t who has not left by then.
    fn staying(&self, x: u32, t: f64) -> Self::Staying;

    /// Probability that a new customer has not left at once.
    fn probability_of_starting(&self) -> f64 {
        1.0
    }

    /// P(alive) of many customers; times already in the law's unit.
    fn probabilities_alive(&self, x: &[u32], t_x: &[f64], t: &[f64]) -> Vec<f64> {
        column_of(x.len(), |row| {
            self.ln_probability_alive(x[row], t_x[row], t[row]).exp()
        })
    }
}

/// The future of a customer who has not left.
pub(super) trait StayingCustomer {
    /// Expected purchases from `from` to `until` ahead.
    fn expected_purchases(&self, from: f64, until: f64) -> f64;

    /// Expected purchases from now to each of `moments`, which ascend.
    fn expected_purchases_by(&self, moments: &[f64]) -> Vec<f64> {
        moments
            .iter()
            .map(|&moment| self.expected_purchases(0.0, moment))
            .collect()
    }

    /// Probability of being there still at `t` ahead; `None` from a model without a survival function.
    fn probability_of_staying(&self, _t: f64) -> Option<f64> {
        None
    }

    /// Probability of exactly `n` purchases within `t`.
    fn probability_of_purchases(&self, n: u32, t: f64) -> f64;

    /// Expected purchases ahead, discounted at the continuous rate `delta`, up to `horizon` if there is one.
    fn discounted_purchases(&self, delta: f64, horizon: Option<f64>) -> Result<f64>;
}

/// A law whose parameters are known, with the unit of its times and how it was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known<Law> {
    pub(super) law: Law,
    pub(super) unit: TimeUnit,
    pub(super) report: Option<FitReport>,
}

/// A purchase model that answers through its law.
pub(super) trait KnownLaw: Sync {
    type Law: PurchaseLaw;

    /// As the field writes it.
    const NAME: &'static str;

    fn known(&self) -> &Known<Self::Law>;

    fn from_known(known: Known<Self::Law>) -> Self;
}

/// Refuses a parameter that is not positive and finite.
pub(super) fn require_positive<const N: usize>(parameters: [(&'static str, f64); N]) -> Result<()> {
    for (name, value) in parameters {
        Error::unless(
            value > 0.0 && value.is_finite(),
            name,
            value,
            "be positive and finite",
        )?;
    }
    Ok(())
}

impl<Law: PurchaseLaw> Known<Law> {
    fn ln_probability_alive(&self, history: &PurchaseHistory) -> f64 {
        self.law.ln_probability_alive(
            history.repeat_purchases(),
            history.active_for(self.unit),
            history.observed_for(self.unit),
        )
    }

    fn staying(&self, history: &PurchaseHistory) -> Law::Staying {
        self.law
            .staying(history.repeat_purchases(), history.observed_for(self.unit))
    }
}

impl<Model: KnownLaw> ParametricModel for Model {
    fn coordinates(&self) -> Vec<f64> {
        self.known().law.logarithms()
    }

    fn at_coordinates(&self, coordinates: &[f64]) -> Result<Self> {
        let Known { law, unit, .. } = self.known();
        exponentials(law.logarithms().len(), coordinates)?;
        Ok(Self::from_known(Known {
            law: law.at_logarithms(coordinates),
            unit: *unit,
            report: None,
        }))
    }

    fn covariance(&self) -> Option<&[f64]> {
        self.known().report.as_ref()?.covariance()
    }
}

impl<Model: KnownLaw> FittedPurchaseModel for Model {
    fn name(&self) -> &'static str {
        Model::NAME
    }

    fn unit(&self) -> TimeUnit {
        self.known().unit
    }

    fn report(&self) -> Option<&FitReport> {
        self.known().report.as_ref()
    }

    fn log_likelihood(&self, history: &PurchaseHistory) -> Result<f64> {
        let Known { law, unit, .. } = self.known();
        Ok(law.log_likelihood(
            history.repeat_purchases(),
            history.active_for(*unit),
            history.observed_for(*unit),
        ))
    }

    fn ln_probability_alive(&self, history: &PurchaseHistory) -> Result<f64> {
        Ok(self.known().ln_probability_alive(history))
    }

    fn future_forgets_recency(&self) -> bool {
        true
    }

    fn probability_alive_after(
        &self,
        history: &PurchaseHistory,
        ahead: Span,
    ) -> Result<Probability> {
        let Known { unit, .. } = self.known();
        let staying = self.known().staying(history);
        let stays = staying
            .probability_of_staying(ahead.in_units(*unit))
            .ok_or_else(|| no_survival(Model::NAME, ahead))?;
        Probability::new(self.known().ln_probability_alive(history).exp() * stays)
    }

    fn survival_of_new_customer(&self, within: Span) -> Result<Probability> {
        let Known { law, unit, .. } = self.known();
        let stays = law
            .staying(0, 0.0)
            .probability_of_staying(within.in_units(*unit))
            .ok_or_else(|| no_survival(Model::NAME, within))?;
        Probability::new(law.probability_of_starting() * stays)
    }

    fn expected_purchases_if_alive(
        &self,
        history: &PurchaseHistory,
        from: Span,
        until: Span,
    ) -> Result<f64> {
        if until <= from {
            return Ok(0.0);
        }
        let unit = self.known().unit;
        let staying = self.known().staying(history);
        Ok(staying.expected_purchases(from.in_units(unit), until.in_units(unit)))
    }

    fn expected_purchases_if_alive_by(
        &self,
        history: &PurchaseHistory,
        moments: &[Span],
    ) -> Result<Vec<f64>> {
        let unit = self.known().unit;
        let moments: Vec<f64> = moments.iter().map(|moment| moment.in_units(unit)).collect();
        Ok(self
            .known()
            .staying(history)
            .expected_purchases_by(&moments))
    }

    fn probability_of_purchases(
        &self,
        history: &PurchaseHistory,
        count: u32,
        within: Span,
    ) -> Result<Probability> {
        let ln_alive = self.known().ln_probability_alive(history);
        let gone = if count == 0 { -ln_alive.exp_m1() } else { 0.0 };
        let within = within.in_units(self.known().unit);
        let if_alive = self
            .known()
            .staying(history)
            .probability_of_purchases(count, within);
        Probability::new((gone + ln_alive.exp() * if_alive).min(1.0))
    }

    fn expected_purchases_of_new_customer(&self, within: Span) -> Result<f64> {
        let Known { law, unit, .. } = self.known();
        let if_started = law
            .staying(0, 0.0)
            .expected_purchases(0.0, within.in_units(*unit));
        Ok(law.probability_of_starting() * if_started)
    }

    fn probability_of_purchases_of_new_customer(
        &self,
        count: u32,
        within: Span,
    ) -> Result<Probability> {
        let Known { law, unit, .. } = self.known();
        let started = law.probability_of_starting();
        let not_started = if count == 0 { 1.0 - started } else { 0.0 };
        let if_started = law
            .staying(0, 0.0)
            .probability_of_purchases(count, within.in_units(*unit));
        Probability::new((not_started + started * if_started).min(1.0))
    }

    fn discounted_purchases_if_alive(
        &self,
        history: &PurchaseHistory,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64> {
        let unit = self.known().unit;
        let until = match horizon {
            Horizon::Within(span) => Some(span.in_units(unit)),
            Horizon::Unlimited => None,
        };
        self.known()
            .staying(history)
            .discounted_purchases(rate.continuous_per(unit), until)
    }

    fn probability_alive_column(&self, histories: &PurchaseHistories) -> Result<Vec<f64>> {
        let Known { law, unit, .. } = self.known();
        let x = histories.repeat_purchases();
        if histories.unit() == *unit {
            return Ok(law.probabilities_alive(
                x,
                histories.active_for(),
                histories.observed_for(),
            ));
        }
        let active_for = column(histories, |history| Ok(history.active_for(*unit)))?;
        let observed_for = column(histories, |history| Ok(history.observed_for(*unit)))?;
        Ok(law.probabilities_alive(x, &active_for, &observed_for))
    }
}
