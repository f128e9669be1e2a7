//! What one party thinks of another, with room for not knowing.

use crate::error::{Error, Result};

use super::{Evidence, Prior};

/// A binomial opinion of subjective logic (Jøsang 2016): belief, disbelief and uncertainty sum to 1; the base rate says
/// how the uncertain part is to be taken.
///
/// ```
/// use tillit::trust::{Evidence, Opinion, Prior};
///
/// let opinion = Opinion::new(0.7, 0.1, 0.2, 0.5)?;
/// assert!((opinion.projected() - 0.8).abs() < 1e-15);
/// assert!(Opinion::new(0.7, 0.1, 0.1, 0.5).is_err());
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "[f64; 4]", into = "[f64; 4]")
)]
pub struct Opinion {
    belief: f64,
    disbelief: f64,
    uncertainty: f64,
    base_rate: f64,
}

impl Opinion {
    /// From its four parts, each within 0 to 1.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a part outside 0 to 1, or if belief, disbelief and uncertainty do not sum to 1 within
    /// 1e-9.
    pub fn new(belief: f64, disbelief: f64, uncertainty: f64, base_rate: f64) -> Result<Self> {
        for (what, part) in [
            ("belief", belief),
            ("disbelief", disbelief),
            ("uncertainty", uncertainty),
            ("base rate", base_rate),
        ] {
            Error::unless((0.0..=1.0).contains(&part), what, part, "lie within 0 to 1")?;
        }
        let sum = belief + disbelief + uncertainty;
        Error::unless(
            (sum - 1.0).abs() <= 1e-9,
            "the sum of belief, disbelief and uncertainty",
            sum,
            "be 1",
        )?;
        Ok(Self {
            belief,
            disbelief,
            uncertainty,
            base_rate,
        })
    }

    /// From evidence: r / (r + s + W), s / (r + s + W) and W / (r + s + W) (Jøsang & Ismail 2002).
    #[must_use]
    pub fn from_evidence(evidence: Evidence, prior: Prior) -> Self {
        let weight = prior.weight().value();
        let total = evidence.positive() + evidence.negative() + weight;
        Self {
            belief: evidence.positive() / total,
            disbelief: evidence.negative() / total,
            uncertainty: weight / total,
            base_rate: prior.base_rate().value(),
        }
    }

    /// The evidence that leads to this opinion from a prior of `prior_weight`.
    ///
    /// # Errors
    /// [`Error::CannotTell`] for an opinion without uncertainty: no finite evidence leads there.
    pub fn evidence(self, prior_weight: super::Weight) -> Result<Evidence> {
        if self.uncertainty <= 0.0 {
            return Err(Error::CannotTell {
                question: "the evidence behind an opinion".into(),
                reason: "it leaves no uncertainty, which no finite evidence does".into(),
            });
        }
        let scale = prior_weight.value() / self.uncertainty;
        Evidence::new(scale * self.belief, scale * self.disbelief)
    }

    /// The share of belief.
    #[must_use]
    pub fn belief(self) -> f64 {
        self.belief
    }

    /// The share of disbelief.
    #[must_use]
    pub fn disbelief(self) -> f64 {
        self.disbelief
    }

    /// The share of not knowing.
    #[must_use]
    pub fn uncertainty(self) -> f64 {
        self.uncertainty
    }

    /// How the uncertain part is taken.
    #[must_use]
    pub fn base_rate(self) -> f64 {
        self.base_rate
    }

    /// The one number: belief plus base rate times uncertainty.
    #[must_use]
    pub fn projected(self) -> f64 {
        self.belief + self.base_rate * self.uncertainty
    }

    /// The opinion that both of two independent things hold (Jøsang 2016, binomial multiplication). Symmetric to the
    /// bit.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let base_rate = self.base_rate * other.base_rate;
        // Shares of the mixed terms; with both base rates 1 their limit along the diagonal.
        let (left, right) = if base_rate < 1.0 {
            (
                (1.0 - self.base_rate) / (1.0 - base_rate),
                (1.0 - other.base_rate) / (1.0 - base_rate),
            )
        } else {
            (0.5, 0.5)
        };
        let own = self.belief * other.uncertainty;
        let others = other.belief * self.uncertainty;
        Self {
            belief: self.belief * other.belief
                + (left * other.base_rate * own + right * self.base_rate * others),
            disbelief: self.disbelief + other.disbelief - self.disbelief * other.disbelief,
            uncertainty: self.uncertainty * other.uncertainty + (right * own + left * others),
            base_rate,
        }
    }
}

impl TryFrom<[f64; 4]> for Opinion {
    type Error = Error;

    fn try_from([belief, disbelief, uncertainty, base_rate]: [f64; 4]) -> Result<Self> {
        Self::new(belief, disbelief, uncertainty, base_rate)
    }
}

impl From<Opinion> for [f64; 4] {
    fn from(opinion: Opinion) -> Self {
        [
            opinion.belief,
            opinion.disbelief,
            opinion.uncertainty,
            opinion.base_rate,
        ]
    }
}
