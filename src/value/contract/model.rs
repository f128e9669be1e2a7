//! What every model of customers under contract can be asked.

use crate::error::{Error, Result};
use crate::measure::{DiscountRate, Estimate, Interval, Probability, Span, critical_value};

use crate::value::{FitReport, Horizon, Tenure, Tenures};

/// A model of renewals before it has seen data.
///
/// Under contract a customer decides once per period to renew or to leave, and leaving is seen; without a contract it is
/// not, and a [`PurchaseModel`](crate::value::PurchaseModel) is needed.
pub trait ContractModel {
    /// What fitting gives.
    type Fitted: FittedContractModel;

    /// Finds the parameters that make these tenures most likely.
    ///
    /// # Errors
    /// When the data cannot carry the model: [`Error::Empty`], [`Error::TooFew`], [`Error::CannotTell`] with the reason,
    /// or [`Error::DidNotConverge`].
    fn fit(&self, tenures: &Tenures) -> Result<Self::Fitted>;
}

/// A model of renewals with known parameters.
///
/// Customers are described by the number of their renewals so far: 0 is a customer who has paid for the first period.
/// The literature counts decisions t = 1, 2, …; its retention rate `r_t` is [`Self::retention`] after t − 1 renewals, its
/// survival function S(t) is [`Self::survival`] of t renewals.
pub trait FittedContractModel: Sync {
    /// The model's name as the field writes it.
    fn name(&self) -> &'static str;

    /// Time from one decision to the next.
    fn period(&self) -> Span;

    /// How the parameters were found; `None` if they were given.
    fn report(&self) -> Option<&FitReport>;

    /// Logarithm of the probability that a customer with `renewals` renewals makes at least `more` more; precise where
    /// the probability itself underflows.
    fn ln_survival_from(&self, renewals: u32, more: u32) -> f64;

    /// Derivatives of ln S(`renewals`) in the logarithms of the parameters, in the report's order.
    fn slopes_of_ln_survival(&self, renewals: u32) -> Vec<f64>;

    /// Expected further payments of a customer with `renewals` renewals who stands just before the next decision, each
    /// weighted with what one unit of money at its moment is worth now. The decision at hand counts undiscounted; the
    /// field calls the unlimited value the discounted expected residual lifetime (Fader and Hardie 2010, equation 7).
    /// Without discounting ([`DiscountRate::NONE`]) the expected residual lifetime in periods. A horizon counts the
    /// payments due before it is over: within three years of yearly periods those at 0, 1 and 2 years.
    ///
    /// # Errors
    /// [`Error::CannotTell`] where the expectation is infinite (no discounting, no horizon, and too many customers who
    /// never leave).
    fn expected_renewals(&self, renewals: u32, rate: DiscountRate, horizon: Horizon)
    -> Result<f64>;

    /// Expected payments of a new customer, the first at once included and undiscounted: discounted expected lifetime.
    ///
    /// # Errors
    /// As [`Self::expected_renewals`].
    fn expected_payments_of_new_customer(
        &self,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64> {
        let later = match horizon {
            Horizon::Within(span) if span.days() == 0.0 => return Ok(0.0),
            Horizon::Within(span) => {
                let rest = (span.days() - self.period().days()).max(0.0);
                Horizon::Within(Span::from_days(rest)?)
            }
            Horizon::Unlimited => Horizon::Unlimited,
        };
        let renewals = self.expected_renewals(0, rate, later)?;
        Ok(1.0 + rate.factor(self.period()) * renewals)
    }

    /// Logarithm of the likelihood of one tenure.
    fn log_likelihood(&self, tenure: Tenure) -> f64 {
        let reached = self.ln_survival_from(0, tenure.renewals());
        match tenure {
            Tenure::Ended(renewals) => {
                reached + (-self.ln_survival_from(renewals, 1).exp_m1()).ln()
            }
            Tenure::Running(_) => reached,
        }
    }

    /// Logarithm of [`Self::survival`].
    fn ln_survival(&self, renewals: u32) -> f64 {
        self.ln_survival_from(0, renewals)
    }

    /// Probability that a new customer renews at least `renewals` times: the survival function.
    ///
    /// # Errors
    /// None for parameters within their ranges.
    fn survival(&self, renewals: u32) -> Result<Probability> {
        Probability::new(self.ln_survival(renewals).exp())
    }

    /// Probability that a customer with `renewals` renewals makes the next one: the retention rate.
    ///
    /// # Errors
    /// None for parameters within their ranges.
    fn retention(&self, renewals: u32) -> Result<Probability> {
        Probability::new(self.ln_survival_from(renewals, 1).exp())
    }

    /// Probability that a new customer renews exactly `renewals` times.
    ///
    /// # Errors
    /// None for parameters within their ranges.
    fn probability_of_leaving_after(&self, renewals: u32) -> Result<Probability> {
        Probability::new(self.log_likelihood(Tenure::Ended(renewals)).exp())
    }

    /// Probability that a customer with `renewals` renewals makes at least `more` more, with the doubt that comes from
    /// the fit: delta method on ln(−ln S), so that the interval stays within 0 to 1. The chance of single customers is
    /// not in it.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if the parameters were given or have no standard errors, [`Error::OutOfRange`] unless the
    /// level lies strictly between 0 and 1.
    fn survival_estimate(&self, renewals: u32, more: u32, level: Probability) -> Result<Estimate> {
        let unknown = || Error::CannotTell {
            question: "how certain the survival probability is".into(),
            reason:
                "the parameters have no covariance: fit the model to tenures that fix all of them"
                    .into(),
        };
        let report = self.report().ok_or_else(unknown)?;
        let critical = critical_value::normal(level)?;
        let ln = self.ln_survival_from(renewals, more);
        let value = ln.exp();
        let slopes: Vec<f64> = self
            .slopes_of_ln_survival(renewals.saturating_add(more))
            .iter()
            .zip(self.slopes_of_ln_survival(renewals))
            .map(|(later, now)| later - now)
            .collect();
        let mut variance = 0.0;
        for (row, left) in slopes.iter().enumerate() {
            for (column, right) in slopes.iter().enumerate() {
                let covariance = report
                    .covariance_of_logarithms(row, column)
                    .ok_or_else(unknown)?;
                variance += left * right * covariance;
            }
        }
        let error = variance.max(0.0).sqrt();
        let factor = if ln < 0.0 {
            (critical * error / -ln).exp()
        } else {
            1.0
        };
        let interval = Interval::new(
            (ln * factor).exp(),
            (ln / factor).exp(),
            level,
            "delta method on ln(−ln S), parameters only",
        )?;
        Ok(Estimate::new(value, report.customers())
            .with_standard_error(value * error)
            .with_interval(interval))
    }
}

/// Payments due at 0, 1, 2, … periods before `horizon` is over; `None` if there is no end.
pub(in crate::value) fn payments_within(horizon: Horizon, period: Span) -> Option<f64> {
    /// A horizon of whole periods must not count one more because of rounding.
    const ROUNDING: f64 = 1e-9;
    match horizon {
        Horizon::Within(span) => Some((span.days() / period.days() - ROUNDING).ceil().max(0.0)),
        Horizon::Unlimited => None,
    }
}
