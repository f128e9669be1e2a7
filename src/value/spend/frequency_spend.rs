//! Spend that moves with the number of purchases: Gamma–Gamma with one parameter more.

use crate::error::{Error, Result};
use crate::measure::{Currency, ExpectedMoney, Probability};
use crate::numeric::incomplete_gamma;

use crate::value::fit::{climb, report};
#[cfg(feature = "serde")]
use crate::value::law::require_positive;
use crate::value::spend::evidence::{bounds, no_start, refuse_edge, require_spenders, sample_of};
use crate::value::spend::frequency_likelihood::{derivatives, doublings};
use crate::value::spend::spenders::Spenders;
use crate::value::{
    FitReport, FitWarning, FittedGammaGamma, FittedSpendModel, GammaGamma, PurchaseHistories,
    PurchaseHistory,
};

const NAME: &str = "Gamma-Gamma with spend by frequency";

/// The way out where spend is not independent of how often someone buys: Gamma–Gamma whose scale v is multiplied by a factor
/// for each doubling of a customer's purchases, so that mean spend follows a power of the number of purchases (the first one
/// counted). A factor of 1 is Gamma–Gamma itself, and the likelihood ratio tests it.
///
/// The number of purchases stands for the kind of customer. Where customers were observed for very different times it stands
/// for the time too, and the factor is drawn towards 1. Customers without a repeat purchase are outside the data of the
/// fit; their spend is extrapolated by one doubling.
///
/// It enters lifetime values and their intervals like Gamma–Gamma:
/// [`LifetimeValueIntervals`](crate::value::LifetimeValueIntervals), [`PredictiveInterval`](crate::value::PredictiveInterval),
/// [`ProfileInterval`](crate::value::ProfileInterval) and [`Bootstrap`](crate::value::Bootstrap) take it.
///
/// Source: our extension. The mean of a gamma model moved by a covariate through the logarithm is the covariate form of
/// Fader and Hardie (2007, "Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models").
///
/// ```
/// use tillit::measure::{Currency, ExpectedMoney, TimeUnit};
/// use tillit::value::{FittedFrequencySpend, FittedSpendModel, PurchaseHistory};
///
/// let dollar = Currency::new("USD")?;
/// let model = FittedFrequencySpend::from_parameters(6.25, 3.74, 15.44, 1.1, dollar)?;
/// let of = |count| PurchaseHistory::new(count, 30.0, 39.0, TimeUnit::Week)?
///     .with_mean_repeat_spend(ExpectedMoney::new(20.0, dollar)?);
/// let (few, many) = (model.expected_mean_spend(&of(1)?)?, model.expected_mean_spend(&of(7)?)?);
/// // More is known of the second: the own mean counts for more than the higher mean of frequent buyers.
/// assert!(few.amount() > many.amount());
/// assert!((model.with_purchases(3).v() - 15.44 * 1.21).abs() < 1e-12);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FrequencySpend {
    start: Option<[f64; 4]>,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    FrequencySpend { start: Option<[f64; 4]> }
    if |model: &Self| match model.start {
        Some([p, q, v, more]) => {
            require_positive([("p", p), ("q", q), ("v", v), ("per_doubling", more)])
        }
        None => Ok(()),
    }
}

impl FrequencySpend {
    /// Starts the search at the parameters of `earlier`. The optimum does not depend on the start.
    #[must_use]
    pub fn starting_at(mut self, earlier: &FittedFrequencySpend) -> Self {
        let FittedFrequencySpend { p, q, v, .. } = *earlier;
        self.start = Some([p, q, v, earlier.per_doubling]);
        self
    }

    /// Maximum likelihood on the mean repeat spend of customers with repeat purchases, beside the fit of Gamma–Gamma to the
    /// same data; those whose mean is zero are left out and reported.
    ///
    /// # Errors
    /// As [`GammaGamma::fit`]; [`Error::CannotTell`] too if all customers have the same number of purchases.
    pub fn fit(&self, histories: &PurchaseHistories) -> Result<FittedFrequencySpend> {
        let independent = GammaGamma::default().fit(histories)?;
        let (currency, means) = histories
            .mean_repeat_spend()
            .unwrap_or((independent.currency(), &[]));
        let spenders = Spenders::of(histories.repeat_purchases(), means);
        require_spenders(NAME, &spenders)?;
        if spenders.distinct_counts() < 2 {
            return Err(Error::CannotTell {
                question: "whether spend moves with the number of purchases".into(),
                reason:
                    "all customers who came back have the same number of purchases: use Gamma-Gamma"
                        .into(),
            });
        }
        let (p, q, v) = (independent.p(), independent.q(), independent.v());
        let mut starts = vec![vec![p, q, v, 1.0], vec![p, q, v, 1.3], vec![p, q, v, 0.8]];
        if let Some(earlier) = self.start {
            starts.insert(0, earlier.to_vec());
        }
        let [of_p, of_q, of_v] = bounds(spenders.mean());
        let end = climb(&starts, &[of_p, of_q, of_v, GROWTH], |point| {
            derivatives(&spenders, point)
        })
        .ok_or_else(no_start)?;
        refuse_edge(&end.point, &end.at_bound)?;
        let names = ["p", "q", "v", "per doubling"];
        let mut report = report(sample_of(NAME, &spenders), &names, &end, &[0, 1, 2, 3])?;
        let worthless = histories.repeaters() - spenders.customers();
        if worthless > 0 {
            report.warn(FitWarning::LeftOut {
                rows: worthless,
                reason: "mean repeat spend is zero".into(),
            });
        }
        let found: Vec<f64> = end.point.iter().map(|logarithm| logarithm.exp()).collect();
        if found[1] <= 1.0 {
            report.warn(FitWarning::NoPopulationMean);
        }
        Ok(FittedFrequencySpend {
            p: found[0],
            q: found[1],
            v: found[2],
            per_doubling: found[3],
            currency,
            log_likelihood_if_independent: independent.report().map(FitReport::log_likelihood),
            report: Some(report),
        })
    }
}

/// The logarithm of the factor per doubling is searched here: from a thousandth to a thousandfold.
const GROWTH: (f64, f64) = (-6.9, 6.9);

/// A model of spend by frequency with known parameters.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct FittedFrequencySpend {
    p: f64,
    q: f64,
    v: f64,
    per_doubling: f64,
    currency: Currency,
    log_likelihood_if_independent: Option<f64>,
    report: Option<FitReport>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    p: f64,
    q: f64,
    v: f64,
    per_doubling: f64,
    currency: Currency,
    log_likelihood_if_independent: Option<f64>,
    report: Option<FitReport>,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for FittedFrequencySpend {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let Parts { p, q, v, .. } = parts;
        let model = Self::from_parameters(p, q, v, parts.per_doubling, parts.currency)?;
        let report = FitReport::about(parts.report, &[NAME], &[p, q, v, parts.per_doubling])?;
        // The larger model contains the smaller one; what is below zero is rounding.
        let independent = parts.log_likelihood_if_independent;
        let gained = match (&report, independent) {
            (Some(report), Some(alone)) => report.log_likelihood() - alone,
            (None, None) => 0.0,
            _ => f64::NAN,
        };
        Error::unless(
            gained >= -1e-6 * (1.0 + independent.unwrap_or(0.0).abs()) && gained.is_finite(),
            "log-likelihood gained over independence",
            gained,
            "be finite and not negative, and known where there is a report",
        )?;
        Ok(Self {
            log_likelihood_if_independent: independent,
            report,
            ..model
        })
    }
}

#[cfg(feature = "serde")]
impl From<FittedFrequencySpend> for Parts {
    fn from(model: FittedFrequencySpend) -> Self {
        Self {
            p: model.p,
            q: model.q,
            v: model.v,
            per_doubling: model.per_doubling,
            currency: model.currency,
            log_likelihood_if_independent: model.log_likelihood_if_independent,
            report: model.report,
        }
    }
}

impl FittedFrequencySpend {
    /// A model with given parameters; `v` in major units of `currency`, for customers with one purchase.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless all four are positive and finite, and `v` stays so for the most purchases there can be.
    pub fn from_parameters(
        p: f64,
        q: f64,
        v: f64,
        per_doubling: f64,
        currency: Currency,
    ) -> Result<Self> {
        // The checks of Gamma-Gamma hold here too.
        FittedGammaGamma::from_parameters(p, q, v, currency)?;
        let most = v * per_doubling.powf(doublings(u32::MAX));
        Error::unless(
            per_doubling > 0.0 && most.is_normal(),
            "per_doubling",
            per_doubling,
            "be positive and leave v positive and finite after 32 doublings",
        )?;
        Ok(Self {
            p,
            q,
            v,
            per_doubling,
            currency,
            log_likelihood_if_independent: None,
            report: None,
        })
    }

    /// Shape of a customer's single purchases.
    #[must_use]
    pub fn p(&self) -> f64 {
        self.p
    }

    /// Shape of the distribution of ν over the customers.
    #[must_use]
    pub fn q(&self) -> f64 {
        self.q
    }

    /// Rate of the distribution of ν over customers with one purchase, in major units.
    #[must_use]
    pub fn v(&self) -> f64 {
        self.v
    }

    /// What mean spend is multiplied with when the number of purchases, the first counted, doubles. Above 1 frequent buyers
    /// spend more per purchase.
    #[must_use]
    pub fn per_doubling(&self) -> f64 {
        self.per_doubling
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// How the parameters were found; `None` if they were given.
    #[must_use]
    pub fn report(&self) -> Option<&FitReport> {
        self.report.as_ref()
    }

    /// Twice the log-likelihood gained over Gamma–Gamma; `None` if the parameters were given.
    #[must_use]
    pub fn likelihood_ratio(&self) -> Option<f64> {
        let gained = self.report.as_ref()?.log_likelihood() - self.log_likelihood_if_independent?;
        Some((2.0 * gained).max(0.0))
    }

    /// The probability of such a gain or a larger one if spend were independent of frequency: the likelihood ratio against
    /// chi-square with one degree of freedom (Wilks 1938). It takes the gamma laws for granted, which the
    /// [`SpendIndependenceTest`](crate::value::SpendIndependenceTest) does not, and is the sharper and the less robust of the
    /// two. `None` if the parameters were given.
    #[must_use]
    pub fn independence_p_value(&self) -> Option<Probability> {
        let ratio = self.likelihood_ratio()?;
        Probability::new(incomplete_gamma(0.5, 0.5 * ratio).1).ok()
    }

    /// The Gamma–Gamma model that holds for customers with this many repeat purchases. It answers everything that Gamma–Gamma
    /// can be asked about them: spread, quantiles, intervals.
    #[must_use]
    pub fn with_purchases(&self, repeat_purchases: u32) -> FittedGammaGamma {
        let factor = self.per_doubling.powf(doublings(repeat_purchases));
        FittedGammaGamma::known(self.p, self.q, self.v * factor, self.currency)
    }

    /// Logarithm of the density of a customer's mean repeat spend.
    ///
    /// # Errors
    /// As [`FittedGammaGamma::log_likelihood`].
    pub fn log_likelihood(&self, history: &PurchaseHistory) -> Result<f64> {
        self.with_purchases(history.repeat_purchases())
            .log_likelihood(history)
    }
}

impl FittedSpendModel for FittedFrequencySpend {
    fn expected_mean_spend(&self, history: &PurchaseHistory) -> Result<ExpectedMoney> {
        self.with_purchases(history.repeat_purchases())
            .expected_mean_spend(history)
    }
}

#[cfg(test)]
mod tests {
    use super::{FittedFrequencySpend, FrequencySpend};
    use crate::measure::{Currency, TimeUnit};
    use crate::numeric::random::RandomStream;
    use crate::value::{GammaGamma, PurchaseHistories};

    /// Customers whose mean spend grows by `per_doubling`.
    fn simulated(customers: u64, per_doubling: f64, seed: u64) -> PurchaseHistories {
        let (p, q, v) = (4.0, 3.5, 20.0);
        let (mut counts, mut means) = (Vec::new(), Vec::new());
        for customer in 0..customers {
            let mut random = RandomStream::new(seed, customer);
            let count = 1 + u32::try_from(random.poisson(2.5)).unwrap();
            let scale = v * per_doubling.powf((f64::from(count) + 1.0).log2());
            let nu = random.gamma(q) / scale;
            counts.push(count);
            means.push(random.gamma(p * f64::from(count)) / nu / f64::from(count));
        }
        let rows = counts.len();
        PurchaseHistories::from_columns(TimeUnit::Week, counts, vec![1.0; rows], vec![2.0; rows])
            .unwrap()
            .with_mean_repeat_spend(Currency::new("EUR").unwrap(), means)
            .unwrap()
    }

    #[test]
    fn planted_growth_is_found_within_its_doubt_and_absent_growth_is_not() {
        let fitted = FrequencySpend::default()
            .fit(&simulated(8000, 1.25, 1))
            .unwrap();
        let report = fitted.report().unwrap();
        for (parameter, truth) in report.parameters().iter().zip([4.0, 3.5, 20.0, 1.25]) {
            let error = parameter.standard_error().unwrap();
            assert!(
                (parameter.value() - truth).abs() < 3.0 * error,
                "{parameter:?}"
            );
        }
        assert!(fitted.independence_p_value().unwrap().value() < 1e-9);
        let p_values: Vec<f64> = (2..42)
            .map(|seed| {
                let fitted = FrequencySpend::default()
                    .fit(&simulated(600, 1.0, seed))
                    .unwrap();
                fitted.independence_p_value().unwrap().value()
            })
            .collect();
        // 40 uniform numbers: more than 9 below a tenth, or all above a third, would be a mistake in a thousand.
        let small = p_values.iter().filter(|&&p| p < 0.1).count();
        assert!(small <= 9, "{p_values:?}");
        assert!(p_values.iter().any(|&p| p < 1.0 / 3.0));
    }

    #[test]
    fn without_growth_it_is_gamma_gamma_and_the_start_does_not_matter() {
        let histories = simulated(500, 1.1, 9);
        let fitted = FrequencySpend::default().fit(&histories).unwrap();
        let independent = GammaGamma::default().fit(&histories).unwrap();
        let euro = Currency::new("EUR").unwrap();
        let flat = FittedFrequencySpend::from_parameters(
            independent.p(),
            independent.q(),
            independent.v(),
            1.0,
            euro,
        )
        .unwrap();
        for history in histories.iter() {
            let (left, right) = (
                flat.log_likelihood(&history),
                independent.log_likelihood(&history),
            );
            assert!((left.unwrap() - right.unwrap()).abs() < 1e-12);
        }
        let start = FittedFrequencySpend::from_parameters(0.1, 50.0, 2000.0, 0.2, euro).unwrap();
        let again = FrequencySpend::default()
            .starting_at(&start)
            .fit(&histories)
            .unwrap();
        assert!((again.per_doubling() / fitted.per_doubling() - 1.0).abs() < 1e-8);
        assert!((again.q() / fitted.q() - 1.0).abs() < 1e-8);
    }
}
