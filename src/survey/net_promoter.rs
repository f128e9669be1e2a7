//! Intervals of the net promoter score: a difference of two shares of the same answers.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::error::Result;
use crate::measure::{Estimate, Interval, Probability, critical_value};

use super::SentimentTally;
use super::sentiment_tally::no_answers;

/// How the interval of a net promoter score is made.
///
/// Exact coverage of nominal 95 % over six settings of the trinomial, mean and minimum:
///
/// | answers | Wald | adjusted Wald (3,T) | score |
/// | --- | --- | --- | --- |
/// | 10 | .833 / .650 | .939 / .930 | .962 / .956 |
/// | 20 | .917 / .876 | .951 / .945 | .955 / .950 |
/// | 30 | .915 / .825 | .950 / .947 | .954 / .947 |
///
/// Over all settings in steps of .05 in which every class occurs, the recommended interval covers at least 93.8 % from
/// 10 answers on. Where one class cannot occur at all it drops to 90 % at worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum NetPromoterMethod {
    /// [`Score`](Self::Score) below 20 answers, [`AdjustedWald`](Self::AdjustedWald) from there on: the default.
    #[default]
    Recommended,
    /// Score interval of a difference of paired shares, solved iteratively (Tango 1998).
    Score,
    /// (3,T): Wald after adding 3/4 detractor, 3/2 passive, 3/4 promoter (Rocks 2016).
    AdjustedWald,
    /// (2,T): Wald after adding 1/2 detractor, 1 passive, 1/2 promoter (Rocks 2016).
    AdjustedWaldTwo,
    /// Wald after adding 4/3 of each (Rocks 2016).
    AdjustedWaldUniform,
    /// Score ± z standard errors. Far too narrow for few answers, and of no width at all when all answers fall into one
    /// class; here for comparison with others' figures.
    Wald,
}

/// From how many answers on the adjusted Wald interval is recommended (coverage above; convention).
const ENOUGH_FOR_WALD: u64 = 20;

/// The difference of two net promoter scores with its test.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NetPromoterDifference {
    estimate: Estimate,
    z: Option<f64>,
    p_value: Option<f64>,
}

impl NetPromoterDifference {
    /// First score minus second, with standard error and interval, from −2 to 2.
    #[must_use]
    pub fn estimate(&self) -> &Estimate {
        &self.estimate
    }

    /// The difference in standard errors; `None` if the standard error is 0.
    #[must_use]
    pub fn z(&self) -> Option<f64> {
        self.z
    }

    /// Two-sided probability of a difference at least as large if there were none; `None` if the standard error is 0.
    #[must_use]
    pub fn p_value(&self) -> Option<f64> {
        self.p_value
    }
}

pub(super) fn interval(
    tally: SentimentTally,
    method: NetPromoterMethod,
    level: Probability,
) -> Result<Interval> {
    let z = critical_value::normal(level)?;
    if tally.answered() == 0 {
        return Err(no_answers());
    }
    let counts = [
        tally.detractors() as f64,
        tally.passives() as f64,
        tally.promoters() as f64,
    ];
    let method = match method {
        NetPromoterMethod::Recommended if tally.answered() < ENOUGH_FOR_WALD => {
            NetPromoterMethod::Score
        }
        NetPromoterMethod::Recommended => NetPromoterMethod::AdjustedWald,
        named => named,
    };
    let third = 4.0 / 3.0;
    let ((low, high), name) = match method {
        NetPromoterMethod::Wald => (wald(counts, [0.0; 3], z), "Wald"),
        NetPromoterMethod::AdjustedWaldTwo => {
            (wald(counts, [0.5, 1.0, 0.5], z), "adjusted Wald (2,T)")
        }
        NetPromoterMethod::AdjustedWaldUniform => {
            (wald(counts, [third; 3], z), "adjusted Wald (4 in thirds)")
        }
        NetPromoterMethod::Score => (score(counts, z), "score (Tango)"),
        NetPromoterMethod::AdjustedWald | NetPromoterMethod::Recommended => {
            (wald(counts, [0.75, 1.5, 0.75], z), "adjusted Wald (3,T)")
        }
    };
    Interval::new(low.clamp(-1.0, 1.0), high.clamp(-1.0, 1.0), level, name)
}

/// Wald interval of counts to which pseudo-observations were added.
fn wald(counts: [f64; 3], added: [f64; 3], z: f64) -> (f64, f64) {
    let [detractors, passives, promoters] = [0, 1, 2].map(|class| counts[class] + added[class]);
    let n = detractors + passives + promoters;
    let score = (promoters - detractors) / n;
    let variance = ((promoters + detractors) / n - score * score).max(0.0);
    let half = z * (variance / n).sqrt();
    (score - half, score + half)
}

/// Score limits: the differences t at which (P − D − n t) / √(n (2 q + t − t²)) is z and −z, where q is the most likely
/// share of detractors given t (Tango 1998, equations 5 and 6).
fn score([detractors, passives, promoters]: [f64; 3], z: f64) -> (f64, f64) {
    let n = detractors + passives + promoters;
    let observed = (promoters - detractors) / n;
    // Positive where t lies too low to be believed.
    let shortfall = |t: f64| {
        let a = 2.0 * n;
        let b = -promoters - detractors + (2.0 * n - promoters + detractors) * t;
        let c = -detractors * t * (1.0 - t);
        let root = (b * b - 4.0 * a * c).max(0.0).sqrt();
        // The form of the root that does not cancel.
        let q = if b > 0.0 {
            -2.0 * c / (b + root)
        } else {
            (root - b) / (2.0 * a)
        };
        let spread = (n * (2.0 * q + t - t * t)).max(0.0).sqrt();
        (promoters - detractors - n * t, z * spread)
    };
    let lower = bisect(-1.0, observed, |t| {
        let (distance, allowed) = shortfall(t);
        distance > allowed
    });
    let upper = bisect(observed, 1.0, |t| {
        let (distance, allowed) = shortfall(t);
        -distance <= allowed
    });
    (lower, upper)
}

/// The place between `low` and `high` where `holds` stops holding.
fn bisect(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Brings an interval of length 2 below the spacing of numbers around 1.
const HALVINGS: usize = 56;

pub(super) fn difference(
    left: SentimentTally,
    right: SentimentTally,
    level: Probability,
) -> Result<NetPromoterDifference> {
    let critical = critical_value::normal(level)?;
    let (Some(first), Some(second), Some(first_error), Some(second_error)) = (
        left.score(),
        right.score(),
        left.standard_error(),
        right.standard_error(),
    ) else {
        return Err(no_answers());
    };
    let difference = first - second;
    let error = first_error.hypot(second_error);
    let half = critical * error;
    let z = (error > 0.0).then(|| difference / error);
    let observations =
        usize::try_from(left.answered().saturating_add(right.answered())).unwrap_or(usize::MAX);
    let interval = Interval::new(
        (difference - half).max(-2.0),
        (difference + half).min(2.0),
        level,
        "Wald, two samples",
    )?;
    Ok(NetPromoterDifference {
        estimate: Estimate::new(difference, observations)
            .with_standard_error(error)
            .with_interval(interval),
        z,
        p_value: z.map(|z| 2.0 * Normal::standard().cdf(-z.abs())),
    })
}
