//! Do purchases come at random times?

use std::collections::BTreeMap;
use std::fmt;

use crate::error::{Error, Result};
use crate::measure::{Estimate, Interval, Probability, critical_value};
use crate::numeric::{digamma, trigamma};

/// How regularly customers buy: the shape k of the gaps between their purchase days, taken to vary as Γ(k, kλ) around
/// each customer's own mean 1/λ.
///
/// k = 1 are random times, as Pareto/NBD, BG/NBD and their kin assume; above 1 purchases keep a rhythm, below 1 they come
/// in bursts. Days as the unit of time leave no gap below one day, so very frequent buyers look somewhat more regular than
/// they are.
///
/// Three estimators, each with its doubt:
/// - [`Self::shape`]: the k that makes all gaps most likely, given what each customer's gaps sum to. Those sums carry all
///   that the customers' rates have to say (their shares are then Dirichlet), so no rate has to be estimated. This
///   one gives the verdict.
/// - [`Self::of_last_two_gaps`]: Wheat and Morrison (1990): the share M of the last gap in the last two is Beta(k, k), so that
///   k = (1 − 4 var M) / (8 var M).
/// - [`Self::median_of_customers`]: the median of each customer's own most likely k, where there are ten gaps or more, as
///   Platzer's `BTYDplus` does (0.1 to 50).
///
/// ```
/// use tillit::measure::Currency;
/// use tillit::value::{PurchaseTallies, PurchaseTiming};
///
/// let mut tallies = PurchaseTallies::new(Currency::new("EUR")?, 400);
/// for customer in 0..20 {
///     for purchase in 0..10 {
///         // Every four weeks, give or take some days.
///         let late = (7 * customer + 5 * purchase) % 6;
///         tallies.push(u32::try_from(customer).unwrap(), 28 * purchase + late, 1_000)?;
///     }
/// }
/// let regularity = tallies.regularity()?;
/// assert_eq!(regularity.timing(), PurchaseTiming::Regular);
/// assert!(regularity.to_string().contains("keep a rhythm"));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Regularity {
    shape: Estimate,
    of_last_two_gaps: Option<Estimate>,
    median_of_customers: Option<Estimate>,
    timing: PurchaseTiming,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    Regularity {
        shape: Estimate,
        of_last_two_gaps: Option<Estimate>,
        median_of_customers: Option<Estimate>,
        timing: PurchaseTiming,
    }
    if |regularity: &Self| {
        let verdict = regularity.shape.interval().map(PurchaseTiming::of);
        let shape = regularity.shape.value();
        let agrees = shape > 0.0 && verdict == Some(regularity.timing);
        Error::unless(agrees, "shape", shape, "be positive and have the interval that its verdict on timing says")
    }
}

/// The verdict of [`Regularity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum PurchaseTiming {
    /// The 95 % interval of k holds 1.
    Random,
    /// It lies above 1.
    Regular,
    /// It lies below 1.
    Clustered,
}

impl PurchaseTiming {
    fn of(shape: &Interval) -> Self {
        if shape.low() > 1.0 {
            Self::Regular
        } else if shape.high() < 1.0 {
            Self::Clustered
        } else {
            Self::Random
        }
    }
}

/// One customer's gaps between purchase days: two or more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gaps {
    count: u32,
    /// Sum of the logarithms of the shares of each gap in all.
    ln_shares: f64,
    /// Share of the last gap in the last two.
    last_share: f64,
}

impl Gaps {
    pub(super) fn of(count: u32, days: f64, ln_gaps: f64, latest: [i32; 3]) -> Option<Self> {
        let [begin, middle, end] = latest.map(f64::from);
        (count >= 2).then(|| Self {
            count,
            ln_shares: ln_gaps - f64::from(count) * days.ln(),
            last_share: (end - middle) / (end - begin),
        })
    }

    /// The logarithm of the gaps' arithmetic mean less the mean of their logarithms, not negative.
    fn spread(&self) -> f64 {
        let count = f64::from(self.count);
        (-self.ln_shares / count - count.ln()).max(0.0)
    }
}

/// Confidence level of the intervals: convention.
const LEVEL: f64 = 0.95;

impl Regularity {
    pub(super) fn of(gaps: &[Gaps]) -> Result<Self> {
        /// As for the purchase models.
        const FEWEST_CUSTOMERS: usize = 10;
        if gaps.len() < FEWEST_CUSTOMERS {
            return Err(Error::TooFew {
                what: "customers with three purchase days or more, to see how regularly they buy"
                    .into(),
                found: gaps.len(),
                needed: FEWEST_CUSTOMERS,
                remedy: "observe for longer".into(),
            });
        }
        let level = Probability::new(LEVEL)?;
        let z = critical_value::normal(level)?;
        let (shape, error) = most_likely_shape(gaps).ok_or(Error::CannotTell {
            question: "how regularly customers buy".into(),
            reason: "each customer's gaps are all alike, or differ as much as gaps can: look at the days themselves".into(),
        })?;
        let factor = (z * error / shape).exp();
        let interval = Interval::new(
            shape / factor,
            shape * factor,
            level,
            "conditional likelihood, normal in the logarithm",
        )?;
        let timing = PurchaseTiming::of(&interval);
        Ok(Self {
            shape: Estimate::new(shape, gaps.len())
                .with_standard_error(error)
                .with_interval(interval),
            of_last_two_gaps: of_last_two_gaps(gaps),
            median_of_customers: median_of_customers(gaps, level, z)?,
            timing,
        })
    }

    /// The most likely k, with standard error and 95 % interval.
    #[must_use]
    pub fn shape(&self) -> &Estimate {
        &self.shape
    }

    /// Wheat and Morrison's estimator with its standard error; `None` if the last two gaps stand in the same proportion for
    /// everyone.
    #[must_use]
    pub fn of_last_two_gaps(&self) -> Option<&Estimate> {
        self.of_last_two_gaps.as_ref()
    }

    /// The median of the customers' own k with its 95 % interval; `None` below 10 customers with ten gaps.
    #[must_use]
    pub fn median_of_customers(&self) -> Option<&Estimate> {
        self.median_of_customers.as_ref()
    }

    /// The verdict.
    #[must_use]
    pub fn timing(&self) -> PurchaseTiming {
        self.timing
    }
}

impl fmt::Display for Regularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = self.shape.value();
        match self.timing {
            PurchaseTiming::Random => write!(
                f,
                "purchases come at random times as far as can be seen (k = {shape:.2}, random is 1)"
            ),
            PurchaseTiming::Regular => write!(
                f,
                "purchases keep a rhythm (k = {shape:.2}, random is 1): a missed one says more than models of random times \
                 can hear, so these overstate who is still there"
            ),
            PurchaseTiming::Clustered => write!(
                f,
                "purchases come in bursts (k = {shape:.2}, random is 1): a pause says less than models of random times \
                 take it for, so these understate who is still there"
            ),
        }
    }
}

/// The root of a falling function of a shape, if there is one between 10⁻³ and 10⁶.
fn root(falling: impl Fn(f64) -> f64) -> Option<f64> {
    let (mut low, mut high) = (1e-3_f64.ln(), 1e6_f64.ln());
    if !(falling(low.exp()) > 0.0 && falling(high.exp()) < 0.0) {
        return None;
    }
    // Each step halves the 21 between the logarithms; 64 leave less than one rounding.
    for _ in 0..64 {
        let middle = 0.5 * (low + high);
        if falling(middle.exp()) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some((0.5 * (low + high)).exp())
}

/// The k of the highest Dirichlet likelihood ln Γ(nk) − n ln Γ(k) + (k − 1) Σ ln share, summed over customers, which is
/// concave in k; with its standard error.
fn most_likely_shape(gaps: &[Gaps]) -> Option<(f64, f64)> {
    let mut counts: BTreeMap<u32, f64> = BTreeMap::new();
    for of_customer in gaps {
        *counts.entry(of_customer.count).or_default() += 1.0;
    }
    let ln_shares: f64 = gaps.iter().map(|of_customer| of_customer.ln_shares).sum();
    let over_counts = |part: &dyn Fn(f64) -> f64| -> f64 {
        counts
            .iter()
            .map(|(&count, customers)| customers * part(f64::from(count)))
            .sum()
    };
    let shape =
        root(|k| ln_shares + over_counts(&|count| count * (digamma(count * k) - digamma(k))))?;
    let information =
        over_counts(&|count| count * (trigamma(shape) - count * trigamma(count * shape)));
    Some((shape, information.sqrt().recip()))
}

/// The standard error follows from that of a variance, which the fourth moment gives.
fn of_last_two_gaps(gaps: &[Gaps]) -> Option<Estimate> {
    let customers = gaps.len() as f64;
    let shares = || gaps.iter().map(|of_customer| of_customer.last_share);
    let mean = shares().sum::<f64>() / customers;
    let moment = |power: i32| {
        shares()
            .map(|share| (share - mean).powi(power))
            .sum::<f64>()
    };
    let variance = moment(2) / (customers - 1.0);
    let of_variance = (moment(4) / customers - variance * variance).max(0.0) / customers;
    (variance > 0.0).then(|| {
        Estimate::new((1.0 - 4.0 * variance) / (8.0 * variance), gaps.len())
            .with_standard_error(of_variance.sqrt() / (8.0 * variance * variance))
    })
}

/// The interval lies between two of the sorted values (David and Nagaraja 2003, section 7.1).
fn median_of_customers(gaps: &[Gaps], level: Probability, z: f64) -> Result<Option<Estimate>> {
    const FEWEST_GAPS: u32 = 10;
    const FEWEST_CUSTOMERS: usize = 10;
    let mut shapes: Vec<f64> = gaps
        .iter()
        .filter(|of_customer| of_customer.count >= FEWEST_GAPS)
        .map(|of_customer| {
            let spread = of_customer.spread();
            root(|k| k.ln() - digamma(k) - spread)
                .map_or(if spread > 1.0 { 0.1 } else { 50.0 }, |shape| {
                    shape.clamp(0.1, 50.0)
                })
        })
        .collect();
    if shapes.len() < FEWEST_CUSTOMERS {
        return Ok(None);
    }
    shapes.sort_by(f64::total_cmp);
    let customers = shapes.len();
    let median = 0.5 * (shapes[(customers - 1) / 2] + shapes[customers / 2]);
    let half = 0.5 * z * (customers as f64).sqrt();
    // Below half the number of customers.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let low = (0.5 * customers as f64 - half).floor().max(0.0) as usize;
    let interval = Interval::new(
        shapes[low],
        shapes[customers - 1 - low],
        level,
        "between order statistics",
    )?;
    Ok(Some(
        Estimate::new(median, customers).with_interval(interval),
    ))
}
