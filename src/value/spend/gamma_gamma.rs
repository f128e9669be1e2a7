//! The Gamma–Gamma model of spend per purchase.

use crate::error::{Error, Result};
use crate::measure::{Currency, ExpectedMoney};
use crate::numeric::{ln_beta_factor, ln_gamma};

use crate::value::fit::{climb, in_logarithms, report};
use crate::value::law::require_positive;
use crate::value::spend::amounts::{PurchaseAmounts, sums_are_sound};
use crate::value::spend::evidence::{
    FEWEST_CUSTOMERS, bounds, no_start, refuse_edge, require_spenders, sample_of, undefined,
};
use crate::value::spend::shares::Shares;
use crate::value::spend::spenders::Spenders;
use crate::value::{FitReport, FitWarning, FittedSpendModel, PurchaseHistories, PurchaseHistory};

const NAME: &str = "Gamma-Gamma";
const ON_PURCHASES: &str = "Gamma-Gamma on single purchases";

/// The Gamma–Gamma spend model (Fader, Hardie and Lee 2005, "RFM and CLV"; Fader and Hardie 2013).
///
/// A customer's purchases vary as Γ(p, ν) around the own mean p / ν; ν differs between customers as Γ(q, v). Spend is taken
/// to be independent of how often someone buys; [`SpendIndependenceTest`](crate::value::SpendIndependenceTest) asks the
/// data about it. The ways out:
///
/// - where spend moves with the number of purchases, [`FrequencySpend`](crate::value::FrequencySpend), which has one
///   parameter more and contains this model;
/// - where q ≤ 1, so that the mean spend of a new customer does not exist, or where the fit is refused, the observed mean
///   ([`Contributions`](crate::value::Contributions)) through [`FixedSpend`](crate::value::FixedSpend).
///
/// ```
/// use tillit::measure::{Currency, ExpectedMoney, TimeUnit};
/// use tillit::value::{FittedGammaGamma, FittedSpendModel, PurchaseHistory};
///
/// let dollar = Currency::new("USD")?;
/// let model = FittedGammaGamma::from_parameters(6.25, 3.74, 15.44, dollar)?;
/// let customer = PurchaseHistory::new(2, 30.43, 38.86, TimeUnit::Week)?
///     .with_mean_repeat_spend(ExpectedMoney::new(22.35, dollar)?)?;
/// assert_eq!(model.expected_mean_spend(&customer)?.to_string(), "24.66 USD");
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct GammaGamma {
    start: Option<[f64; 3]>,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    GammaGamma { start: Option<[f64; 3]> }
    if |model: &Self| match model.start {
        Some([p, q, v]) => require_positive([("p", p), ("q", q), ("v", v)]),
        None => Ok(()),
    }
}

impl GammaGamma {
    /// Starts the search at the parameters of `earlier`. The optimum does not depend on the start.
    #[must_use]
    pub fn starting_at(mut self, earlier: &FittedGammaGamma) -> Self {
        self.start = Some([earlier.p, earlier.q, earlier.v]);
        self
    }

    /// Maximum likelihood on the mean repeat spend of customers with repeat purchases; those whose mean is zero are left
    /// out and reported.
    ///
    /// # Errors
    /// [`Error::Empty`] if the histories have no spend column, [`Error::TooFew`] with fewer than 10 usable customers,
    /// [`Error::CannotTell`] where spend hardly varies within or between customers, [`Error::DidNotConverge`].
    pub fn fit(&self, histories: &PurchaseHistories) -> Result<FittedGammaGamma> {
        let (currency, means) = histories.mean_repeat_spend().ok_or(Error::Empty {
            what: "the column of mean repeat spend".into(),
            remedy: "give it with with_mean_repeat_spend".into(),
        })?;
        let spenders = Spenders::of(histories.repeat_purchases(), means);
        let mut fitted = self.climb(NAME, currency, &spenders, None)?;
        let worthless = histories.repeaters() - spenders.customers();
        fitted.warn_left_out(worthless, "mean repeat spend is zero");
        Ok(fitted)
    }

    /// Maximum likelihood on the amounts of single purchases, which show p directly: how much a customer's purchases vary
    /// among themselves. The fitted model is of the same kind; only its doubt is smaller.
    ///
    /// # Errors
    /// [`Error::TooFew`] with fewer than 10 customers or fewer than 10 who bought more than once, [`Error::CannotTell`]
    /// where spend hardly varies within or between customers, [`Error::DidNotConverge`].
    pub fn fit_purchases(&self, amounts: &PurchaseAmounts) -> Result<FittedGammaGamma> {
        let spenders = Spenders::of(amounts.counts(), &amounts.means());
        let shares = Shares::of(amounts);
        if shares.customers() < FEWEST_CUSTOMERS as f64 {
            return Err(Error::TooFew {
                what: "customers with more than one purchase for Gamma-Gamma on single purchases"
                    .into(),
                found: spenders.customers().min(FEWEST_CUSTOMERS - 1),
                needed: FEWEST_CUSTOMERS,
                remedy: "use the observed mean spend".into(),
            });
        }
        let mut fitted = self.climb(ON_PURCHASES, amounts.currency(), &spenders, Some(&shares))?;
        fitted.warn_left_out(amounts.left_out(), "the amount is zero");
        Ok(fitted)
    }

    fn climb(
        &self,
        model: &'static str,
        currency: Currency,
        spenders: &Spenders,
        shares: Option<&Shares>,
    ) -> Result<FittedGammaGamma> {
        require_spenders(model, spenders)?;
        let mean = spenders.mean();
        let start = |p: f64, q: f64| vec![p, q, mean * (q - 1.0) / p];
        let mut starts = vec![start(4.0, 3.0), start(1.0, 2.0), start(20.0, 10.0)];
        if let Some(earlier) = self.start {
            starts.insert(0, earlier.to_vec());
        }
        let end = climb(&starts, &bounds(mean), |point| {
            let parameters = [point[0].exp(), point[1].exp(), point[2].exp()];
            let mut sums = spenders.derivatives(parameters);
            if let Some(shares) = shares {
                let [value, slope, bend] = shares.derivatives(parameters[0]);
                sums.value += value;
                sums.gradient[0] += slope;
                sums.hessian.set(0, 0, sums.hessian.get(0, 0) + bend);
            }
            in_logarithms(&parameters, &sums)
        })
        .ok_or_else(no_start)?;
        refuse_edge(&end.point, &end.at_bound)?;
        let mut report = report(
            sample_of(model, spenders),
            &["p", "q", "v"],
            &end,
            &[0, 1, 2],
        )?;
        let q = end.point[1].exp();
        if q <= 1.0 {
            report.warn(FitWarning::NoPopulationMean);
        }
        Ok(FittedGammaGamma {
            p: end.point[0].exp(),
            q,
            v: end.point[2].exp(),
            currency,
            report: Some(report),
        })
    }
}

/// A Gamma–Gamma model with known parameters.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct FittedGammaGamma {
    p: f64,
    q: f64,
    v: f64,
    currency: Currency,
    report: Option<FitReport>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    p: f64,
    q: f64,
    v: f64,
    currency: Currency,
    report: Option<FitReport>,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for FittedGammaGamma {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let model = Self::from_parameters(parts.p, parts.q, parts.v, parts.currency)?;
        Ok(Self {
            report: FitReport::about(
                parts.report,
                &[NAME, ON_PURCHASES],
                &[parts.p, parts.q, parts.v],
            )?,
            ..model
        })
    }
}

#[cfg(feature = "serde")]
impl From<FittedGammaGamma> for Parts {
    fn from(model: FittedGammaGamma) -> Self {
        Self {
            p: model.p,
            q: model.q,
            v: model.v,
            currency: model.currency,
            report: model.report,
        }
    }
}

impl FittedGammaGamma {
    /// A model with given parameters; `v` in major units of `currency`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless all three are positive and finite.
    pub fn from_parameters(p: f64, q: f64, v: f64, currency: Currency) -> Result<Self> {
        require_positive([("p", p), ("q", q), ("v", v)])?;
        Ok(Self::known(p, q, v, currency))
    }

    /// With parameters that are known to be sound.
    pub(in crate::value) fn known(p: f64, q: f64, v: f64, currency: Currency) -> Self {
        Self {
            p,
            q,
            v,
            currency,
            report: None,
        }
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

    /// Rate of the distribution of ν over the customers, in major units.
    #[must_use]
    pub fn v(&self) -> f64 {
        self.v
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

    /// Logarithm of the density of a customer's mean repeat spend.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless there are repeat purchases of positive mean; [`Error::MixedCurrencies`].
    pub fn log_likelihood(&self, history: &PurchaseHistory) -> Result<f64> {
        let (count, mean) = self.observed(history)?;
        Error::unless(count > 0.0, "repeat purchases", count, "be at least 1")?;
        Error::unless(mean > 0.0, "mean repeat spend", mean, "be positive")?;
        let shape = self.p * count;
        let amount = count.ln() + mean.ln();
        Ok(self.ln_density_of_share(shape, count * mean, amount) - mean.ln())
    }

    /// Logarithm of the density of one customer's single purchases: how many, what they cost together in major units of the
    /// model's currency, and the sum of the natural logarithms of the single amounts.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless there is a purchase, `total` is positive and `sum_of_logarithms` not above that of equal
    /// amounts.
    pub fn log_likelihood_of_purchases(
        &self,
        count: u32,
        total: f64,
        sum_of_logarithms: f64,
    ) -> Result<f64> {
        Error::unless(count > 0, "purchases", f64::from(count), "be at least 1")?;
        Error::unless(
            total > 0.0 && total.is_finite(),
            "total spend",
            total,
            "be positive",
        )?;
        Error::unless(
            sums_are_sound(count, total, sum_of_logarithms),
            "sum of logarithms of amounts",
            sum_of_logarithms,
            "not exceed that of equal amounts",
        )?;
        let n = f64::from(count);
        let shape = self.p * n;
        Ok(
            self.ln_density_of_share(shape, total, total.ln()) + ln_gamma(shape)
                - n * ln_gamma(self.p)
                - sum_of_logarithms
                + self.p * (sum_of_logarithms - n * total.ln()),
        )
    }

    /// Mean spend per purchase of a customer about whom nothing is known: p v / (q − 1).
    ///
    /// # Errors
    /// [`Error::CannotTell`] unless q lies above 1.
    pub fn population_mean(&self) -> Result<ExpectedMoney> {
        self.mean_given(0.0, 0.0)
    }

    /// ln of w^shape (1 − w)^q / B(shape, q) with w = amount / (v + amount); the density of ln amount.
    fn ln_density_of_share(&self, shape: f64, amount: f64, ln_amount: f64) -> f64 {
        let (over_v, over_amount) = (amount / self.v, self.v / amount);
        // A quotient may be too large for a number.
        let beyond = ln_amount - self.v.ln();
        let ln_one_plus = |quotient: f64, ln: f64| {
            if quotient.is_finite() {
                quotient.ln_1p()
            } else {
                ln
            }
        };
        let shares = [1.0 / (1.0 + over_amount), 1.0 / (1.0 + over_v)];
        let logarithms = [
            -ln_one_plus(over_amount, -beyond),
            -ln_one_plus(over_v, beyond),
        ];
        ln_beta_factor(shape, self.q, shares, logarithms)
    }

    fn warn_left_out(&mut self, rows: usize, reason: &str) {
        if let (Some(report), true) = (&mut self.report, rows > 0) {
            report.warn(FitWarning::LeftOut {
                rows,
                reason: reason.into(),
            });
        }
    }

    pub(in crate::value) fn observed(&self, history: &PurchaseHistory) -> Result<(f64, f64)> {
        if history.repeat_purchases() == 0 {
            return Ok((0.0, 0.0));
        }
        let mean = history.mean_repeat_spend().ok_or(Error::Empty {
            what: "the mean repeat spend of a customer with repeat purchases".into(),
            remedy: "give it with with_mean_repeat_spend".into(),
        })?;
        if mean.currency() != self.currency {
            return Err(Error::MixedCurrencies {
                left: self.currency.to_string(),
                right: mean.currency().to_string(),
            });
        }
        Ok((f64::from(history.repeat_purchases()), mean.amount()))
    }

    fn mean_given(&self, count: f64, mean: f64) -> Result<ExpectedMoney> {
        // Added in this order, p x + (q − 1) keeps the digits of a q just above 1.
        let degrees = self.p * count + (self.q - 1.0);
        if degrees > 0.0 {
            ExpectedMoney::new(self.p * (self.v + count * mean) / degrees, self.currency)
        } else {
            Err(undefined("the expected mean spend", "1", degrees + 1.0))
        }
    }
}

impl FittedSpendModel for FittedGammaGamma {
    fn expected_mean_spend(&self, history: &PurchaseHistory) -> Result<ExpectedMoney> {
        let (count, mean) = self.observed(history)?;
        self.mean_given(count, mean)
    }
}
