//! The NBD model: customers buy at their own rate and never leave. The baseline for every model in which they do.

use crate::error::{Error, Result};
use crate::measure::TimeUnit;
use crate::numeric::{Derivatives, RisingFactorial, SymmetricMatrix, ln_gamma_ratio, ln_ways};

use super::evidence::{forecasts_of, require_known, require_repeaters};
use super::fit::{Sample, climb, in_logarithms, report};
use super::law::{Known, KnownLaw, PurchaseLaw, StayingCustomer, require_positive};
use super::observed::patterns::PurchasePatterns;
use super::{PurchaseHistories, PurchaseModel};

/// The NBD purchase model (Ehrenberg 1959, "The pattern of consumer purchases").
///
/// Purchases come at a rate λ that differs between customers as Γ(r, α), for ever. It is the yardstick: what a model with
/// leaving customers gains over it in likelihood is the evidence that customers leave.
///
/// ```
/// use tillit::measure::{Span, TimeUnit};
/// use tillit::value::{FittedNbd, FittedPurchaseModel, PurchaseHistory};
///
/// let model = FittedNbd::from_parameters(0.5, 10.0, TimeUnit::Week)?;
/// let customer = PurchaseHistory::new(4, 30.0, 50.0, TimeUnit::Week)?;
/// assert_eq!(model.probability_alive(&customer)?.value(), 1.0);
/// let ahead = Span::new(20.0, TimeUnit::Week)?;
/// assert!((model.expected_purchases(&customer, ahead)? - 4.5 / 60.0 * 20.0).abs() < 1e-15);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Nbd {
    start: Option<NbdLaw>,
}

impl Nbd {
    /// Starts the search at the parameters of `earlier`. The optimum does not depend on the start.
    #[must_use]
    pub fn starting_at(mut self, earlier: &FittedNbd) -> Self {
        self.start = Some(earlier.known.law);
        self
    }
}

impl PurchaseModel for Nbd {
    type Fitted = FittedNbd;

    /// Maximum likelihood on the distinct histories by trust-region Newton with exact derivatives.
    ///
    /// # Errors
    /// [`Error::Empty`] without customers, [`Error::TooFew`] with fewer than 10 repeat buyers, [`Error::CannotTell`] if a
    /// parameter's standard error exceeds its value and what a new customer buys is not known within a factor of two either.
    fn fit(&self, histories: &PurchaseHistories) -> Result<FittedNbd> {
        let patterns = PurchasePatterns::of(histories);
        let sample = Sample {
            model: FittedNbd::NAME,
            customers: histories.len(),
            repeaters: histories.repeaters(),
            patterns: patterns.len(),
        };
        require_repeaters(sample)?;
        let time_scale = patterns.time_observed() / histories.len() as f64;
        let mean_rate = patterns.repeat_purchases() / patterns.time_observed();
        let mut starts: Vec<Vec<f64>> = [0.5, 2.0, 0.1].map(|r| vec![r, r / mean_rate]).into();
        if let Some(NbdLaw { r, alpha }) = self.start {
            starts.insert(0, vec![r, alpha]);
        }
        let limit = LARGEST_PARAMETER.ln();
        let around = time_scale.ln();
        let bounds = [(-limit, limit), (around - limit, around + limit)];
        let law = |point: &[f64]| NbdLaw {
            r: point[0].exp(),
            alpha: point[1].exp(),
        };
        let end = climb(&starts, &bounds, |point| {
            let law = law(point);
            in_logarithms(&[law.r, law.alpha], &law.derivatives(&patterns))
        })
        .ok_or(Error::Empty {
            what: "the list of starts".into(),
            remedy: "give one".into(),
        })?;
        let equal_rates = end.at_bound.contains(&true);
        let identified: &[usize] = if equal_rates { &[] } else { &[0, 1] };
        let mut report = report(sample, &["r", "alpha"], &end, identified)?;
        let law = law(&end.point);
        let forecasts = forecasts_of(&law, time_scale);
        require_known(sample, &mut report, &end, 2, &forecasts)?;
        report.warn_of_equal_rates(equal_rates);
        Ok(FittedNbd {
            known: Known {
                law,
                unit: histories.unit(),
                report: Some(report),
            },
        })
    }
}

/// Parameters are searched between the inverse of this and this (α relative to the mean time observed). Beyond, customers
/// no longer differ in any visible way.
const LARGEST_PARAMETER: f64 = 1e6;

/// Purchase rates λ ~ Γ(r, α).
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub(super) struct NbdLaw {
    r: f64,
    alpha: f64,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    NbdLaw { r: f64, alpha: f64 }
    if |law: &Self| require_positive([("r", law.r), ("alpha", law.alpha)])
}

impl PurchaseLaw for NbdLaw {
    type Staying = NbdCustomer;

    fn logarithms(&self) -> Vec<f64> {
        [self.r, self.alpha].map(f64::ln).to_vec()
    }

    fn at_logarithms(&self, logarithms: &[f64]) -> Self {
        Self {
            r: logarithms[0].exp(),
            alpha: logarithms[1].exp(),
        }
    }

    fn log_likelihood(&self, x: u32, _t_x: f64, t: f64) -> f64 {
        let count = f64::from(x);
        ln_gamma_ratio(self.r, count)
            - self.r * (t / self.alpha).ln_1p()
            - count * (self.alpha + t).ln()
    }

    fn ln_probability_alive(&self, _x: u32, _t_x: f64, _t: f64) -> f64 {
        0.0
    }

    fn staying(&self, x: u32, t: f64) -> NbdCustomer {
        NbdCustomer {
            shape: self.r + f64::from(x),
            rate: self.alpha + t,
        }
    }
}

impl NbdLaw {
    pub(super) fn derivatives(&self, patterns: &PurchasePatterns) -> Derivatives {
        let Self { r, alpha } = *self;
        let (mut value, mut by_r, mut by_alpha) = (0.0, 0.0, 0.0);
        let (mut rr, mut ra, mut aa) = (0.0, 0.0, 0.0);
        let mut of_r = RisingFactorial::new(r);
        for &(x, customers) in &patterns.counts {
            of_r.advance_to(x);
            value += customers * of_r.ln();
            by_r += customers * of_r.first();
            rr += customers * of_r.second();
        }
        for index in 0..patterns.len() {
            let (count, t) = (f64::from(patterns.x[index]), patterns.t(index));
            let customers = patterns.customers[index];
            let inverse = 1.0 / (alpha + t);
            let growth = (t / alpha).ln_1p();
            let share = t / alpha * inverse;
            value -= customers * (r * growth + count * (alpha + t).ln());
            by_r -= customers * growth;
            by_alpha += customers * (r * share - count * inverse);
            ra += customers * share;
            aa += customers * ((r + count) * inverse * inverse - r / (alpha * alpha));
        }
        Derivatives {
            value,
            gradient: vec![by_r, by_alpha],
            hessian: SymmetricMatrix::from_upper(2, &[rr, ra, aa]),
        }
    }
}

/// A customer of whom is believed λ ~ Γ(shape, rate).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct NbdCustomer {
    pub(super) shape: f64,
    pub(super) rate: f64,
}

impl StayingCustomer for NbdCustomer {
    fn expected_purchases(&self, from: f64, until: f64) -> f64 {
        self.shape / self.rate * (until - from)
    }

    fn probability_of_staying(&self, _t: f64) -> Option<f64> {
        Some(1.0)
    }

    fn probability_of_purchases(&self, n: u32, t: f64) -> f64 {
        let none = -self.shape * (t / self.rate).ln_1p();
        if n == 0 {
            return none.exp();
        }
        let count = f64::from(n);
        let ways = ln_ways(self.shape, count);
        (ways + none - count * (self.rate / t).ln_1p()).exp()
    }

    fn discounted_purchases(&self, delta: f64, horizon: Option<f64>) -> Result<f64> {
        let per_time = self.shape / self.rate;
        match horizon {
            Some(until) if delta == 0.0 => Ok(per_time * until),
            Some(until) => Ok(per_time * -(-delta * until).exp_m1() / delta),
            None if delta > 0.0 => Ok(per_time / delta),
            None => Err(Error::CannotTell {
                question:
                    "how many purchases are still to come without discounting and without a horizon"
                        .into(),
                reason: "in this model nobody ever leaves: give a discount rate or a horizon"
                    .into(),
            }),
        }
    }
}

/// An NBD model with known parameters.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct FittedNbd {
    known: Known<NbdLaw>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    r: f64,
    alpha: f64,
    unit: TimeUnit,
    report: Option<super::FitReport>,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for FittedNbd {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let mut model = Self::from_parameters(parts.r, parts.alpha, parts.unit)?;
        model.known.report =
            super::FitReport::about(parts.report, &[Self::NAME], &[parts.r, parts.alpha])?;
        Ok(model)
    }
}

#[cfg(feature = "serde")]
impl From<FittedNbd> for Parts {
    fn from(model: FittedNbd) -> Self {
        Self {
            r: model.r(),
            alpha: model.alpha(),
            unit: model.known.unit,
            report: model.known.report,
        }
    }
}

impl KnownLaw for FittedNbd {
    type Law = NbdLaw;

    const NAME: &'static str = "NBD";

    fn known(&self) -> &Known<NbdLaw> {
        &self.known
    }

    fn from_known(known: Known<NbdLaw>) -> Self {
        Self { known }
    }
}

impl FittedNbd {
    /// A model with given parameters: λ ~ Γ(`r`, `alpha`) per `unit`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless both are positive and finite.
    pub fn from_parameters(r: f64, alpha: f64, unit: TimeUnit) -> Result<Self> {
        require_positive([("r", r), ("alpha", alpha)])?;
        Ok(Self {
            known: Known {
                law: NbdLaw { r, alpha },
                unit,
                report: None,
            },
        })
    }

    /// Shape of the distribution of purchase rates.
    #[must_use]
    pub fn r(&self) -> f64 {
        self.known.law.r
    }

    /// Rate of the distribution of purchase rates, in the model's unit of time: the mean purchase rate is r / α.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.known.law.alpha
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Nbd, NbdCustomer, NbdLaw};
    use crate::measure::TimeUnit;
    use crate::numeric::{gauss_legendre_adaptive, ln_gamma};
    use crate::value::law::{PurchaseLaw, StayingCustomer};
    use crate::value::observed::patterns::PurchasePatterns;
    use crate::value::{FittedPurchaseModel, PurchaseHistories, PurchaseModel};

    fn histories() -> PurchaseHistories {
        let counts: Vec<u32> = (0..300).map(|row| row * row % 17 * (row % 3)).collect();
        let active_for = counts.iter().map(|&x| if x > 0 { 5.0 } else { 0.0 });
        let active_for: Vec<f64> = active_for.collect();
        let observed_for = (0..300).map(|row| 20.0 + f64::from(row % 7)).collect();
        PurchaseHistories::from_columns(TimeUnit::Week, counts, active_for, observed_for).unwrap()
    }

    proptest! {
        #[test]
        fn answers_are_averages_over_the_rates(
            ln_r in -1.0..2.0_f64, ln_alpha in 0.0..3.0_f64, x in 0_u32..9, t in 0.5..40.0_f64,
        ) {
            let law = NbdLaw { r: ln_r.exp(), alpha: ln_alpha.exp() };
            // E over λ ~ Γ(r, α), with λ = y⁸ so that the density has no pole at 0.
            let average = |f: &dyn Fn(f64) -> f64| {
                gauss_legendre_adaptive((60.0 / law.alpha * (1.0 + law.r)).powf(0.125), |y| {
                    let rate = y.powi(8);
                    let ln_density = law.r * law.alpha.ln() + (law.r - 1.0) * rate.ln()
                        - law.alpha * rate - ln_gamma(law.r);
                    8.0 * y.powi(7) * ln_density.exp() * f(rate)
                })
            };
            let count = f64::from(x);
            let likelihood = average(&|rate| (count * rate.ln() - rate * t).exp());
            let found = law.log_likelihood(x, 0.0, t).exp();
            prop_assert!((found / likelihood - 1.0).abs() < 1e-8, "{found} {likelihood}");
            let weighted = average(&|rate| rate * (count * rate.ln() - rate * t).exp());
            let staying = law.staying(x, t);
            let mean_rate = staying.expected_purchases(2.0, 3.0);
            prop_assert!((mean_rate / (weighted / likelihood) - 1.0).abs() < 1e-8);
            let until = staying.discounted_purchases(0.1, Some(7.0)).unwrap();
            prop_assert!((until / (mean_rate * (1.0 - (-0.7_f64).exp()) / 0.1) - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn the_fit_stands_still_and_its_derivatives_are_those_of_the_likelihood() {
        let histories = histories();
        let patterns = PurchasePatterns::of(&histories);
        let fitted = Nbd::default().fit(&histories).unwrap();
        let law = NbdLaw {
            r: fitted.r(),
            alpha: fitted.alpha(),
        };
        let there = law.derivatives(&patterns);
        assert!(there.gradient.iter().all(|slope| slope.abs() < 1e-8));
        let sum: f64 = histories
            .iter()
            .map(|history| fitted.log_likelihood(&history).unwrap())
            .sum();
        assert!((sum / fitted.report().unwrap().log_likelihood() - 1.0).abs() < 1e-13);
        let near = NbdLaw {
            r: law.r * 1.3,
            ..law
        };
        let value = |r: f64, alpha: f64| NbdLaw { r, alpha }.derivatives(&patterns);
        let h = 1e-4;
        let slope =
            (value(near.r + h, near.alpha).value - value(near.r - h, near.alpha).value) / (2.0 * h);
        let exact = near.derivatives(&patterns);
        assert!((slope / exact.gradient[0] - 1.0).abs() < 1e-6);
        for (column, step) in [(0, (h, 0.0)), (1, (0.0, h))] {
            let up = value(near.r + step.0, near.alpha + step.1);
            let down = value(near.r - step.0, near.alpha - step.1);
            for row in 0..2 {
                let bend = (up.gradient[row] - down.gradient[row]) / (2.0 * h);
                assert!((bend / exact.hessian.get(row, column) - 1.0).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn the_probabilities_of_all_numbers_of_purchases_add_up() {
        let customer = NbdCustomer {
            shape: 2.5,
            rate: 30.0,
        };
        let total: f64 = (0..300)
            .map(|n| customer.probability_of_purchases(n, 12.0))
            .sum();
        assert!((total - 1.0).abs() < 1e-13);
    }
}
