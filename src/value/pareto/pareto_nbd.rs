//! The Pareto/NBD model: customers buy at their own rate and may leave at any moment.

use crate::error::{Error, Result};
use crate::measure::TimeUnit;
use crate::numeric::Maximum;

use crate::value::evidence::{
    Limits, extremes_of_leaving, forecasts_of, require_repeaters, require_stays,
};
use crate::value::fit::{Sample, climb, in_logarithms};
use crate::value::law::{Known, KnownLaw, require_positive};
use crate::value::observed::patterns::PurchasePatterns;
use crate::value::pareto::law::{ParetoLaw, SharedSilences};
use crate::value::{FitReport, PurchaseHistories, PurchaseModel};

/// The Pareto/NBD purchase model (Schmittlein, Morrison and Colombo 1987, "Counting your customers: who are they and what
/// will they do next?").
///
/// While a customer stays, purchases come at a rate λ; λ differs between customers as Γ(r, α). Customers leave for good at
/// a rate μ, whether they buy or not; μ differs as Γ(s, β). Silence is evidence of having left even for someone who
/// bought but once.
///
/// ```
/// use tillit::measure::{Span, TimeUnit};
/// use tillit::value::{FittedParetoNbd, FittedPurchaseModel, PurchaseHistory};
///
/// // The example of the BTYD manual, its parameters rounded to four digits; time in weeks.
/// let model = FittedParetoNbd::from_parameters(0.5534, 10.5802, 0.6061, 11.6562, TimeUnit::Week)?;
/// let customer = PurchaseHistory::new(26, 30.86, 31.0, TimeUnit::Week)?;
/// assert_eq!(format!("{:.4}", model.probability_alive(&customer)?.value()), "0.9979");
/// let year = Span::new(52.0, TimeUnit::Week)?;
/// assert!((model.expected_purchases(&customer, year)? - 25.46).abs() < 0.01);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ParetoNbd {
    start: Option<ParetoLaw>,
}

impl ParetoNbd {
    /// Starts the search at the parameters of `earlier`, such as last month's fit. The optimum does not depend on the start.
    #[must_use]
    pub fn starting_at(mut self, earlier: &FittedParetoNbd) -> Self {
        self.start = Some(earlier.known.law);
        self
    }
}

impl PurchaseModel for ParetoNbd {
    type Fitted = FittedParetoNbd;

    /// Maximum likelihood on the distinct histories by trust-region Newton with exact derivatives.
    ///
    /// # Errors
    /// [`Error::Empty`] without customers. [`Error::TooFew`] with fewer than 10 repeat buyers or fewer than 20 repeat
    /// purchases: only those show customers who stayed, and two parameters rest on them (ten events per parameter: Peduzzi
    /// et al. 1996). [`Error::CannotTell`] if a parameter's standard error exceeds its value and what a new customer buys is
    /// not known within a factor of two either, or if customers leave at once or never. Where only single parameters are
    /// unknown, on a ridge, the report warns ([`FitWarning::KnownOnlyTogether`](crate::value::FitWarning::KnownOnlyTogether)).
    fn fit(&self, histories: &PurchaseHistories) -> Result<FittedParetoNbd> {
        let patterns = PurchasePatterns::of(histories);
        let sample = Sample {
            model: FittedParetoNbd::NAME,
            customers: histories.len(),
            repeaters: histories.repeaters(),
            patterns: patterns.len(),
        };
        require_repeaters(sample)?;
        require_stays(sample, patterns.purchases_after(0), "first")?;
        let time_scale = patterns.time_observed() / histories.len() as f64;
        let mean_rate = patterns.repeat_purchases() / patterns.time_observed();
        let start = |r: f64, s: f64, times: f64| vec![r, r / mean_rate, s, times * time_scale];
        let mut starts = vec![
            start(0.5, 0.5, 0.5),
            start(2.0, 2.0, 5.0),
            start(0.1, 0.2, 0.1),
        ];
        if let Some(ParetoLaw { r, alpha, s, beta }) = self.start {
            starts.insert(0, vec![r, alpha, s, beta]);
        }
        let limit = LARGEST_PARAMETER.ln();
        let around = time_scale.ln();
        let bounds = [
            (-limit, limit),
            (around - limit, around + limit),
            (-limit, limit),
            (around - limit, around + limit),
        ];
        let law = |point: &[f64]| ParetoLaw {
            r: point[0].exp(),
            alpha: point[1].exp(),
            s: point[2].exp(),
            beta: point[3].exp(),
        };
        let shared = SharedSilences::of(&patterns);
        let end = climb(&starts, &bounds, |point| {
            let law = law(point);
            in_logarithms(
                &[law.r, law.alpha, law.s, law.beta],
                &law.derivatives(&patterns, &shared),
            )
        })
        .ok_or(Error::Empty {
            what: "the list of starts".into(),
            remedy: "give one".into(),
        })?;
        let law = law(&end.point);
        Ok(FittedParetoNbd {
            known: Known {
                law,
                unit: histories.unit(),
                report: Some(judge(sample, law, time_scale, &end)?),
            },
        })
    }
}

/// Parameters are searched between the inverse of this and this (α and β relative to the mean time observed). Beyond,
/// customers no longer differ in any visible way.
const LARGEST_PARAMETER: f64 = 1e6;

/// The limit in which a search has ended at this `law`, `at_bound` telling of each of its parameters whether it came to rest
/// on a bound; refused where customers are extremes.
pub(in crate::value) fn limits(
    law: &ParetoLaw,
    time_scale: f64,
    at_bound: &[bool],
) -> Result<Limits> {
    /// Below this mean probability to leave within the mean time observed, not one in a thousand has left.
    const NOBODY: f64 = 1e-3;
    let leaving = -(-law.s * (time_scale / law.beta).ln_1p()).exp_m1();
    let nobody_leaves = leaving < NOBODY;
    let churn_at_bound = !nobody_leaves && (at_bound[2] || at_bound[3]);
    // On the bound of large parameters all customers are alike; on that of small ones they are extremes.
    let equal_churn = churn_at_bound && law.s.max(law.beta / time_scale) > 1.0;
    if churn_at_bound && !equal_churn {
        return Err(extremes_of_leaving(
            "how the rate of leaving differs between customers",
            ("s", law.s),
            ("beta", law.beta),
            &format!(
                "s, beta → 0: {:.1} % leave at once and hardly anyone later",
                100.0 * leaving
            ),
            "use the MBG/NBD, in which one may leave right after the first purchase",
        ));
    }
    Ok(Limits {
        equal_rates: at_bound[0] || at_bound[1],
        equal_churn,
        nobody_leaves,
    })
}

/// Decides whether the end of the search is an answer, the limit of one, or none.
fn judge(sample: Sample, law: ParetoLaw, time_scale: f64, end: &Maximum) -> Result<FitReport> {
    const NAMES: [&str; 4] = ["r", "alpha", "s", "beta"];
    let limits = limits(&law, time_scale, &end.at_bound)?;
    limits.report(sample, &NAMES, end, &forecasts_of(&law, time_scale))
}

/// A Pareto/NBD model with known parameters.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct FittedParetoNbd {
    known: Known<ParetoLaw>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    r: f64,
    alpha: f64,
    s: f64,
    beta: f64,
    unit: TimeUnit,
    report: Option<FitReport>,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for FittedParetoNbd {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let mut model =
            Self::from_parameters(parts.r, parts.alpha, parts.s, parts.beta, parts.unit)?;
        model.known.report = FitReport::about(
            parts.report,
            &[Self::NAME],
            &[parts.r, parts.alpha, parts.s, parts.beta],
        )?;
        Ok(model)
    }
}

#[cfg(feature = "serde")]
impl From<FittedParetoNbd> for Parts {
    fn from(model: FittedParetoNbd) -> Self {
        let ParetoLaw { r, alpha, s, beta } = model.known.law;
        Self {
            r,
            alpha,
            s,
            beta,
            unit: model.known.unit,
            report: model.known.report,
        }
    }
}

impl KnownLaw for FittedParetoNbd {
    type Law = ParetoLaw;

    const NAME: &'static str = "Pareto/NBD";

    fn known(&self) -> &Known<ParetoLaw> {
        &self.known
    }

    fn from_known(known: Known<ParetoLaw>) -> Self {
        Self { known }
    }
}

impl FittedParetoNbd {
    /// A model with given parameters: λ ~ Γ(`r`, `alpha`) and μ ~ Γ(`s`, `beta`), both per `unit`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless all four are positive and finite.
    pub fn from_parameters(r: f64, alpha: f64, s: f64, beta: f64, unit: TimeUnit) -> Result<Self> {
        require_positive([("r", r), ("alpha", alpha), ("s", s), ("beta", beta)])?;
        Ok(Self {
            known: Known {
                law: ParetoLaw { r, alpha, s, beta },
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

    /// Shape of the distribution of the rates of leaving.
    #[must_use]
    pub fn s(&self) -> f64 {
        self.known.law.s
    }

    /// Rate of the distribution of the rates of leaving, in the model's unit of time: their mean is s / β.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.known.law.beta
    }
}
