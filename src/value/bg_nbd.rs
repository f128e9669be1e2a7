//! The BG/NBD model: customers buy at their own rate and may leave after any repeat purchase.

use crate::error::{Error, Result};
use crate::measure::{DiscountRate, Probability, Span, TimeUnit};

use super::beta_geometric::BetaGeometric;
use super::fit::{Sample, climb, in_logarithms, report};
use super::patterns::PurchasePatterns;
use super::{
    FitReport, FittedPurchaseModel, Horizon, PurchaseHistories, PurchaseHistory, PurchaseModel,
};

const NAME: &str = "BG/NBD";

/// The BG/NBD purchase model (Fader, Hardie and Lee 2005, "Counting your customers the easy way").
///
/// While a customer stays, purchases come at a rate λ; λ differs between customers as Γ(r, α). After each repeat purchase
/// the customer leaves for good with probability p; p differs as B(a, b). Nobody leaves before the first repeat purchase, so
/// a customer without one counts as alive with certainty; where that is wrong, use a model with a chance to leave at once.
///
/// ```
/// use tillit::measure::{Span, TimeUnit};
/// use tillit::value::{FittedBgNbd, FittedPurchaseModel, PurchaseHistory};
///
/// // The published fit to the CDNOW data, time in weeks.
/// let model = FittedBgNbd::from_parameters(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let customer = PurchaseHistory::new(2, 30.43, 38.86, TimeUnit::Week)?;
/// let ahead = Span::new(39.0, TimeUnit::Week)?;
/// assert_eq!(format!("{:.3}", model.expected_purchases(&customer, ahead)?), "1.226");
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct BgNbd {
    start: Option<[f64; 4]>,
}

impl BgNbd {
    /// Starts the search at the parameters of `earlier`, such as last month's fit. The optimum does not depend on the start.
    #[must_use]
    pub fn starting_at(mut self, earlier: &FittedBgNbd) -> Self {
        let BetaGeometric { r, alpha, a, b, .. } = earlier.law;
        self.start = Some([r, alpha, a, b]);
        self
    }
}

impl PurchaseModel for BgNbd {
    type Fitted = FittedBgNbd;

    /// Maximum likelihood on the distinct histories by trust-region Newton with exact derivatives.
    ///
    /// # Errors
    /// [`Error::Empty`] without customers, [`Error::TooFew`] with fewer than 10 repeat buyers, [`Error::CannotTell`] if
    /// nothing in the data says whether customers leave.
    fn fit(&self, histories: &PurchaseHistories) -> Result<FittedBgNbd> {
        let patterns = PurchasePatterns::of(histories);
        let sample = Sample {
            model: NAME,
            customers: histories.len(),
            repeaters: histories.repeaters(),
            patterns: patterns.len(),
        };
        require_repeaters(sample)?;
        let time_scale = patterns.time_observed() / histories.len() as f64;
        let mean_rate = patterns.repeat_purchases() / patterns.time_observed();
        let start = |r: f64, a: f64, b: f64| vec![r, r / mean_rate, a, b];
        let mut starts = vec![
            start(0.5, 1.0, 3.0),
            start(2.0, 0.5, 0.5),
            start(0.1, 3.0, 30.0),
        ];
        if let Some(earlier) = self.start {
            starts.insert(0, earlier.to_vec());
        }
        let limit = LARGEST_PARAMETER.ln();
        let around = time_scale.ln();
        let bounds = [
            (-limit, limit),
            (around - limit, around + limit),
            (-limit, limit),
            (-limit, limit),
        ];
        let law = |point: &[f64]| BetaGeometric {
            r: point[0].exp(),
            alpha: point[1].exp(),
            a: point[2].exp(),
            b: point[3].exp(),
            chances_at_start: 0,
        };
        let end = climb(&starts, &bounds, |point| {
            let law = law(point);
            in_logarithms(
                &[law.r, law.alpha, law.a, law.b],
                &law.derivatives(&patterns),
            )
        })
        .ok_or(Error::Empty {
            what: "the list of starts".into(),
            remedy: "give one".into(),
        })?;
        Ok(FittedBgNbd {
            law: law(&end.point),
            unit: histories.unit(),
            report: Some(report(sample, &["r", "alpha", "a", "b"], &end)?),
        })
    }
}

/// Parameters are searched between the inverse of this and this (α relative to the mean time observed). Beyond, customers
/// no longer differ in any visible way.
const LARGEST_PARAMETER: f64 = 1e6;

fn require_repeaters(sample: Sample) -> Result<()> {
    /// Ten events per parameter is the customary least; with fewer than ten repeat buyers in all there is nothing to fit.
    const FEWEST_REPEATERS: usize = 10;
    if sample.customers == 0 {
        return Err(Error::Empty {
            what: "the purchase histories".into(),
            remedy: "give at least one customer".into(),
        });
    }
    if sample.repeaters < FEWEST_REPEATERS {
        return Err(Error::TooFew {
            what: format!("customers with a repeat purchase for {}", sample.model).into(),
            found: sample.repeaters,
            needed: FEWEST_REPEATERS,
            remedy: "use the observed contribution per customer".into(),
        });
    }
    Ok(())
}

/// A BG/NBD model with known parameters.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct FittedBgNbd {
    law: BetaGeometric,
    unit: TimeUnit,
    report: Option<FitReport>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
    unit: TimeUnit,
    report: Option<FitReport>,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for FittedBgNbd {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let model = Self::from_parameters(parts.r, parts.alpha, parts.a, parts.b, parts.unit)?;
        Ok(Self {
            report: parts.report,
            ..model
        })
    }
}

#[cfg(feature = "serde")]
impl From<FittedBgNbd> for Parts {
    fn from(model: FittedBgNbd) -> Self {
        Self {
            r: model.r(),
            alpha: model.alpha(),
            a: model.a(),
            b: model.b(),
            unit: model.unit,
            report: model.report,
        }
    }
}

impl FittedBgNbd {
    /// A model with given parameters: λ ~ Γ(`r`, `alpha`) per `unit`, p ~ B(`a`, `b`).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless all four are positive and finite.
    pub fn from_parameters(r: f64, alpha: f64, a: f64, b: f64, unit: TimeUnit) -> Result<Self> {
        for (name, value) in [("r", r), ("alpha", alpha), ("a", a), ("b", b)] {
            Error::unless(
                value > 0.0 && value.is_finite(),
                name,
                value,
                "be positive and finite",
            )?;
        }
        Ok(Self {
            law: BetaGeometric {
                r,
                alpha,
                a,
                b,
                chances_at_start: 0,
            },
            unit,
            report: None,
        })
    }

    /// Shape of the distribution of purchase rates.
    #[must_use]
    pub fn r(&self) -> f64 {
        self.law.r
    }

    /// Rate of the distribution of purchase rates, in [`FittedPurchaseModel::unit`]: the mean purchase rate is r / α.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.law.alpha
    }

    /// First parameter of the distribution of the probability to leave: its mean is a / (a + b).
    #[must_use]
    pub fn a(&self) -> f64 {
        self.law.a
    }

    /// Second parameter of the distribution of the probability to leave.
    #[must_use]
    pub fn b(&self) -> f64 {
        self.law.b
    }
}

impl FittedPurchaseModel for FittedBgNbd {
    fn name(&self) -> &'static str {
        NAME
    }

    fn unit(&self) -> TimeUnit {
        self.unit
    }

    fn report(&self) -> Option<&FitReport> {
        self.report.as_ref()
    }

    fn log_likelihood(&self, history: &PurchaseHistory) -> Result<f64> {
        Ok(self.law.log_likelihood(
            history.repeat_purchases(),
            history.active_for(self.unit),
            history.observed_for(self.unit),
        ))
    }

    fn ln_probability_alive(&self, history: &PurchaseHistory) -> Result<f64> {
        Ok(self.law.ln_probability_alive(
            history.repeat_purchases(),
            history.active_for(self.unit),
            history.observed_for(self.unit),
        ))
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
        let staying = self
            .law
            .staying(history.repeat_purchases(), history.observed_for(self.unit));
        Ok(staying.expected_purchases(from.in_units(self.unit), until.in_units(self.unit)))
    }

    fn probability_of_purchases(
        &self,
        history: &PurchaseHistory,
        count: u32,
        within: Span,
    ) -> Result<Probability> {
        let staying = self
            .law
            .staying(history.repeat_purchases(), history.observed_for(self.unit));
        let ln_alive = self.ln_probability_alive(history)?;
        let gone = if count == 0 { -ln_alive.exp_m1() } else { 0.0 };
        let if_alive = staying.probability_of_purchases(count, within.in_units(self.unit));
        Probability::new((gone + ln_alive.exp() * if_alive).min(1.0))
    }

    fn expected_purchases_of_new_customer(&self, within: Span) -> Result<f64> {
        let staying = self.law.staying(0, 0.0);
        let if_started = staying.expected_purchases(0.0, within.in_units(self.unit));
        Ok(self.law.probability_of_starting() * if_started)
    }

    fn probability_of_purchases_of_new_customer(
        &self,
        count: u32,
        within: Span,
    ) -> Result<Probability> {
        let staying = self.law.staying(0, 0.0);
        let started = self.law.probability_of_starting();
        let not_started = if count == 0 { 1.0 - started } else { 0.0 };
        let if_started = staying.probability_of_purchases(count, within.in_units(self.unit));
        Probability::new((not_started + started * if_started).min(1.0))
    }

    fn discounted_purchases_if_alive(
        &self,
        history: &PurchaseHistory,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64> {
        let staying = self
            .law
            .staying(history.repeat_purchases(), history.observed_for(self.unit));
        let until = match horizon {
            Horizon::Within(span) => Some(span.in_units(self.unit)),
            Horizon::Unlimited => None,
        };
        staying.discounted_purchases(rate.continuous_per(self.unit), until)
    }
}
