//! From evidence for and against to a probability with its band.

use statrs::function::beta::inv_beta_reg;

use crate::error::{Error, Result};
use crate::measure::{Estimate, Interval, Merge, Probability};
use crate::numeric::incomplete_beta;

use super::{Opinion, Weight};

/// What is known before any evidence.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "(Weight, Probability)", into = "(Weight, Probability)")
)]
pub struct Prior {
    weight: Weight,
    base_rate: Probability,
}

impl Prior {
    /// As if `weight` promises had been seen, of which a share of `base_rate` was kept.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `weight` is above 0.
    pub fn new(weight: Weight, base_rate: Probability) -> Result<Self> {
        Error::unless(
            weight.value() > 0.0,
            "prior weight",
            weight.value(),
            "be above 0",
        )?;
        Ok(Self { weight, base_rate })
    }

    /// How many promises the prior is worth.
    #[must_use]
    pub fn weight(self) -> Weight {
        self.weight
    }

    /// The share kept before anything is known.
    #[must_use]
    pub fn base_rate(self) -> Probability {
        self.base_rate
    }

    /// The same with another base rate.
    #[must_use]
    pub fn with_base_rate(self, base_rate: Probability) -> Self {
        Self { base_rate, ..self }
    }
}

impl TryFrom<(Weight, Probability)> for Prior {
    type Error = Error;

    fn try_from((weight, base_rate): (Weight, Probability)) -> Result<Self> {
        Self::new(weight, base_rate)
    }
}

impl From<Prior> for (Weight, Probability) {
    fn from(prior: Prior) -> Self {
        (prior.weight, prior.base_rate)
    }
}

/// Weight 2, base rate 1/2: the uniform prior (Jøsang & Ismail 2002).
impl Default for Prior {
    fn default() -> Self {
        Self {
            weight: Weight::TWO,
            base_rate: Probability::HALF,
        }
    }
}

/// Amounts of evidence for and against, each 0 or more.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "[f64; 2]", into = "[f64; 2]")
)]
pub struct Evidence {
    positive: f64,
    negative: f64,
}

impl Evidence {
    /// `positive` for, `negative` against.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless both are finite and not negative.
    pub fn new(positive: f64, negative: f64) -> Result<Self> {
        for (what, amount) in [
            ("positive evidence", positive),
            ("negative evidence", negative),
        ] {
            Error::unless(
                amount >= 0.0 && amount.is_finite(),
                what,
                amount,
                "be finite and not negative",
            )?;
        }
        Ok(Self { positive, negative })
    }

    /// Evidence from the accounts of this room, which only ever add what is finite and not negative.
    pub(super) fn sound(positive: f64, negative: f64) -> Self {
        Self { positive, negative }
    }

    /// The amount for.
    #[must_use]
    pub fn positive(self) -> f64 {
        self.positive
    }

    /// The amount against.
    #[must_use]
    pub fn negative(self) -> f64 {
        self.negative
    }

    /// What is left after a share of `kept` survives: one step of forgetting (Jøsang & Ismail 2002).
    #[must_use]
    pub fn forgetting(self, kept: Probability) -> Self {
        Self {
            positive: kept.value() * self.positive,
            negative: kept.value() * self.negative,
        }
    }

    /// The posterior from `prior`.
    #[must_use]
    pub fn from_prior(self, prior: Prior) -> Posterior {
        Posterior {
            evidence: self,
            prior,
        }
    }
}

impl Merge for Evidence {
    fn merge(&mut self, other: &Self) -> Result<()> {
        *self = Self::new(
            self.positive + other.positive,
            self.negative + other.negative,
        )?;
        Ok(())
    }
}

impl TryFrom<[f64; 2]> for Evidence {
    type Error = Error;

    fn try_from([positive, negative]: [f64; 2]) -> Result<Self> {
        Self::new(positive, negative)
    }
}

impl From<Evidence> for [f64; 2] {
    fn from(evidence: Evidence) -> Self {
        [evidence.positive, evidence.negative]
    }
}

/// A Beta(W a + r, W (1 − a) + s) distribution, with r evidence for, s against, prior weight W and base rate a.
///
/// ```
/// use tillit::measure::Probability;
/// use tillit::trust::{Evidence, Prior};
///
/// let posterior = Evidence::new(7.0, 1.0)?.from_prior(Prior::default());
/// assert!((posterior.expected() - 0.8).abs() < 1e-15);
/// let band = posterior.band(Probability::new(0.9)?)?;
/// assert!((band.low() - 0.570_864_453).abs() < 1e-9);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Posterior {
    evidence: Evidence,
    prior: Prior,
}

impl Posterior {
    /// The evidence.
    #[must_use]
    pub fn evidence(self) -> Evidence {
        self.evidence
    }

    /// The prior.
    #[must_use]
    pub fn prior(self) -> Prior {
        self.prior
    }

    /// The mean, from 0 to 1.
    #[must_use]
    pub fn expected(self) -> f64 {
        let (kept, broken) = self.shapes();
        kept / (kept + broken)
    }

    /// Evidence for minus evidence against, over all evidence and the prior's weight, from −1 to 1 (Jøsang & Ismail
    /// 2002).
    #[must_use]
    pub fn rating(self) -> f64 {
        let Evidence { positive, negative } = self.evidence;
        (positive - negative) / (positive + negative + self.prior.weight.value())
    }

    /// The same as an opinion.
    #[must_use]
    pub fn opinion(self) -> Opinion {
        Opinion::from_evidence(self.evidence, self.prior)
    }

    /// The two shapes of the Beta distribution.
    #[must_use]
    pub fn shapes(self) -> (f64, f64) {
        let weight = self.prior.weight.value();
        let base_rate = self.prior.base_rate;
        (
            weight * base_rate.value() + self.evidence.positive,
            weight * base_rate.complement().value() + self.evidence.negative,
        )
    }

    /// The equal-tailed interval that holds a share of `level`.
    ///
    /// # Errors
    /// None in practice: the limits of any posterior are in order.
    pub fn band(self, level: Probability) -> Result<Interval> {
        let tail = level.complement().value() / 2.0;
        let (kept, broken) = self.shapes();
        let low = beta_quantile(kept, broken, tail);
        let high = beta_quantile(kept, broken, 1.0 - tail).max(low);
        Interval::new(low, high, level, "equal-tailed beta posterior")
    }

    /// The mean with its band, resting on `observations` promises.
    ///
    /// # Errors
    /// As [`band`](Self::band).
    pub fn estimate(self, level: Probability, observations: usize) -> Result<Estimate> {
        let (kept, broken) = self.shapes();
        let total = kept + broken;
        let variance = kept * broken / (total * total * (total + 1.0));
        Ok(Estimate::new(self.expected(), observations)
            .with_standard_error(variance.sqrt())
            .with_interval(self.band(level)?))
    }
}

/// The quantile of Beta(`a`, `b`). A shape of 0 puts all mass on one end.
fn beta_quantile(a: f64, b: f64, share: f64) -> f64 {
    if a <= 0.0 || share <= 0.0 {
        return 0.0;
    }
    if b <= 0.0 || share >= 1.0 {
        return 1.0;
    }
    let quick = inv_beta_reg(a, b, share);
    if (0.0..=1.0).contains(&quick) && (incomplete_beta(a, b, quick) - share).abs() < 1e-12 {
        return quick;
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    // Halving settles every bit of a number between 0 and 1 that matters here.
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if incomplete_beta(a, b, middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}
