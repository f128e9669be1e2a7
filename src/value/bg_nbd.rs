//! The BG/NBD model: customers buy at their own rate and may leave after any repeat purchase.

use crate::error::{Error, Result};
use crate::measure::{DiscountRate, Probability, Span, TimeUnit};
use crate::numeric::Maximum;

use super::beta_geometric::BetaGeometric;
use super::fit::{FitWarning, Sample, climb, in_logarithms, report};
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
    /// [`Error::Empty`] without customers. [`Error::TooFew`] with fewer than 10 repeat buyers, or if fewer than 20 purchases
    /// followed a repeat purchase: only those show customers who had the chance to leave and stayed, and two parameters
    /// rest on them (ten events per parameter: Peduzzi et al. 1996). [`Error::CannotTell`] if a parameter's standard error
    /// exceeds its value, so that not even its order of magnitude is known.
    fn fit(&self, histories: &PurchaseHistories) -> Result<FittedBgNbd> {
        let patterns = PurchasePatterns::of(histories);
        let sample = Sample {
            model: NAME,
            customers: histories.len(),
            repeaters: histories.repeaters(),
            patterns: patterns.len(),
        };
        require_evidence(sample, &patterns)?;
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
            report: Some(judge(sample, &end)?),
        })
    }
}

/// Parameters are searched between the inverse of this and this (α relative to the mean time observed). Beyond, customers
/// no longer differ in any visible way.
const LARGEST_PARAMETER: f64 = 1e6;

fn require_evidence(sample: Sample, patterns: &PurchasePatterns) -> Result<()> {
    /// Convention; with fewer there is no spread of rates to see.
    const FEWEST_REPEATERS: usize = 10;
    /// Ten events for each of the two parameters of leaving (Peduzzi et al. 1996).
    const FEWEST_STAYS: usize = 20;
    const REMEDY: &str = "use the observed contribution per customer";
    if sample.customers == 0 {
        return Err(Error::Empty {
            what: "the purchase histories".into(),
            remedy: "give at least one customer".into(),
        });
    }
    if sample.repeaters < FEWEST_REPEATERS {
        return Err(Error::TooFew {
            what: format!("{} needs customers with a repeat purchase", sample.model).into(),
            found: sample.repeaters,
            needed: FEWEST_REPEATERS,
            remedy: REMEDY.into(),
        });
    }
    let stays = patterns.purchases_after_a_repeat();
    if stays < FEWEST_STAYS {
        return Err(Error::TooFew {
            what: format!(
                "{} needs purchases after a repeat purchase, which show that customers stay ({} of {} customers \
                 have a repeat at all)",
                sample.model, sample.repeaters, sample.customers
            )
            .into(),
            found: stays,
            needed: FEWEST_STAYS,
            remedy: REMEDY.into(),
        });
    }
    Ok(())
}

/// Decides whether the end of the search is an answer, the limit of one, or none.
fn judge(sample: Sample, end: &Maximum) -> Result<FitReport> {
    /// Below this mean probability to leave not one of a thousand purchases is a last one.
    const NOBODY: f64 = 1e-3;
    /// Below this share of repeat buyers the fit describes a small minority.
    const FEW_REPEATERS: f64 = 0.05;
    /// A standard error of the logarithm above 1: the 95 % interval spans a factor of 50.
    const UNKNOWN: f64 = 1.0;
    const NAMES: [&str; 4] = ["r", "alpha", "a", "b"];
    let leaving = 1.0 / (1.0 + (end.point[3] - end.point[2]).exp());
    let nobody_leaves = leaving < NOBODY;
    let equal_rates = end.at_bound[0] || end.at_bound[1];
    let identified: &[usize] = match (equal_rates, nobody_leaves) {
        (false, false) => &[0, 1, 2, 3],
        (false, true) => &[0, 1],
        (true, false) => &[2, 3],
        (true, true) => &[],
    };
    if !nobody_leaves && (end.at_bound[2] || end.at_bound[3]) {
        return Err(Error::CannotTell {
            question: "how the probability to leave differs between customers".into(),
            reason: format!(
                "the likelihood keeps growing towards the edge (a = {:.3e}, b = {:.3e}): use the observed contribution \
                 per customer",
                end.point[2].exp(),
                end.point[3].exp()
            )
            .into(),
        });
    }
    let mut report = report(sample, &NAMES, end, identified)?;
    for parameter in report.parameters() {
        let relative = parameter
            .standard_error()
            .map(|error| error / parameter.value());
        if let Some(relative) = relative.filter(|&relative| relative > UNKNOWN) {
            return Err(Error::CannotTell {
                question: "who will buy again".into(),
                reason: format!(
                    "{} = {:.3} has a standard error of {:.0} % of its value, so these {} repeat buyers among {} customers \
                     do not fix the model: use the observed contribution per customer",
                    parameter.name(),
                    parameter.value(),
                    100.0 * relative,
                    sample.repeaters,
                    sample.customers
                )
                .into(),
            });
        }
    }
    if equal_rates {
        report.warn(FitWarning::EqualRates);
    }
    if nobody_leaves {
        report.warn(FitWarning::NobodyLeaves);
    }
    let once = 1.0 - sample.repeaters as f64 / sample.customers as f64;
    if once > 1.0 - FEW_REPEATERS {
        report.warn(FitWarning::MostlyBoughtOnce { share: once });
    }
    Ok(report)
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

#[cfg(test)]
mod tests {
    use super::BgNbd;
    use crate::Error;
    use crate::measure::{Span, TimeUnit};
    use crate::value::{FitWarning, FittedPurchaseModel, PurchaseHistories, PurchaseModel};

    fn histories(rows: &[(usize, u32, f64, f64)]) -> PurchaseHistories {
        let (mut x, mut t_x, mut t) = (Vec::new(), Vec::new(), Vec::new());
        for &(customers, count, active_for, observed_for) in rows {
            x.extend(vec![count; customers]);
            t_x.extend(vec![active_for; customers]);
            t.extend(vec![observed_for; customers]);
        }
        PurchaseHistories::from_columns(TimeUnit::Day, x, t_x, t).unwrap()
    }

    #[test]
    fn a_shop_to_which_almost_nobody_returns_is_refused_with_the_reason() {
        let shop = histories(&[
            (20_000, 0, 0.0, 150.0),
            (6_565, 0, 0.0, 400.0),
            (200, 1, 70.0, 300.0),
            (46, 1, 200.0, 310.0),
            (11, 2, 120.0, 350.0),
            (1, 3, 200.0, 400.0),
            (1, 4, 220.0, 410.0),
        ]);
        let refused = BgNbd::default().fit(&shop).unwrap_err();
        assert!(
            matches!(refused, Error::TooFew { found: 16, .. }),
            "{refused}"
        );
        assert!(refused.to_string().contains("259 of 26824"), "{refused}");
    }

    #[test]
    fn regular_customers_of_one_kind_have_equal_rates_and_never_leave() {
        let regulars = histories(&[
            (100, 3, 90.0, 100.0),
            (100, 4, 95.0, 100.0),
            (100, 5, 99.0, 100.0),
        ]);
        let fitted = BgNbd::default().fit(&regulars).unwrap();
        let warnings = fitted.report().unwrap().warnings();
        assert!(warnings.contains(&FitWarning::EqualRates), "{warnings:?}");
        assert!(warnings.contains(&FitWarning::NobodyLeaves), "{warnings:?}");
        let ahead = Span::from_days(100.0).unwrap();
        let expected = fitted
            .expected_purchases(&regulars.get(0).unwrap(), ahead)
            .unwrap();
        assert!((expected - 4.0).abs() < 0.01, "{expected}");
    }

    #[test]
    fn nobody_and_one_timers_only_are_refused() {
        assert!(matches!(
            BgNbd::default().fit(&histories(&[])),
            Err(Error::Empty { .. })
        ));
        let one_timers = histories(&[(1000, 0, 0.0, 50.0)]);
        assert!(matches!(
            BgNbd::default().fit(&one_timers),
            Err(Error::TooFew { found: 0, .. })
        ));
    }

    #[test]
    fn the_order_of_customers_leaves_no_trace_in_the_fit() {
        let rows = [
            (60, 0, 0.0, 90.0),
            (30, 2, 31.0, 80.0),
            (20, 9, 60.0, 70.0),
            (25, 1, 4.0, 60.0),
            (9, 5, 20.0, 90.0),
        ];
        let mut backwards = rows;
        backwards.reverse();
        let fit = |rows: &[(usize, u32, f64, f64)]| BgNbd::default().fit(&histories(rows)).unwrap();
        assert_eq!(fit(&rows), fit(&backwards));
    }
}
