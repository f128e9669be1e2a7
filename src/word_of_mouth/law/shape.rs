//! The shape of a law: exact probabilities, or mean, variance and skewness where there are too many cases.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

use crate::error::{Error, Result};
use crate::measure::Probability;
use crate::numeric::Cumulants;

use super::count_law::CountLaw;

/// How a law was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum LawMethod {
    /// Exactly, from the generating function; what rounding and cutting may do is stated with the law.
    GeneratingFunction,
    /// From mean, variance and skewness: quantiles by Cornish and Fisher (1937), probabilities by Edgeworth, one
    /// correction to the normal law each. Good for many tellers, none of whom dominates.
    CornishFisher,
}

/// A number that is `shift + unit × count`, or only its cumulants.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub(super) struct Shape {
    pub(super) cumulants: Cumulants,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Exact {
        counts: CountLaw,
        unit: f64,
        shift: f64,
    },
    Smooth {
        error: f64,
    },
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    mean: f64,
    variance: f64,
    third_central_moment: f64,
    #[serde(flatten)]
    kind: KindParts,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
enum KindParts {
    GeneratingFunction {
        unit: f64,
        shift: f64,
        lowest: i64,
        probabilities: Vec<f64>,
        outside: f64,
        rounding: f64,
    },
    CornishFisher {
        error: f64,
    },
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for Shape {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let cumulants = Cumulants::new(parts.mean, parts.variance, parts.third_central_moment);
        within(cumulants.mean.abs(), "mean of a law", f64::MAX)?;
        within(cumulants.variance, "variance of a law", f64::MAX)?;
        within(
            cumulants.third.abs(),
            "third moment of a law (size)",
            f64::MAX,
        )?;
        Ok(match parts.kind {
            KindParts::CornishFisher { error } => {
                within(error, "error of a law", 1.0)?;
                Self {
                    cumulants,
                    kind: Kind::Smooth { error },
                }
            }
            KindParts::GeneratingFunction {
                unit,
                shift,
                lowest,
                probabilities,
                outside,
                rounding,
            } => {
                within(unit, "unit of a law", f64::MAX)?;
                within(shift.abs(), "shift of a law (size)", f64::MAX)?;
                within(
                    lowest.unsigned_abs() as f64,
                    "lowest count of a law (size)",
                    9e15,
                )?;
                within(outside, "probability outside of a law", 1.0)?;
                within(rounding, "rounding of a law", 1.0)?;
                for &probability in &probabilities {
                    within(probability, "probability of a law", 1.0)?;
                }
                let counts = CountLaw::new(lowest, probabilities, outside, rounding);
                let shape = Self::exact(cumulants, counts, unit, shift);
                shape.adds_up()?;
                shape
            }
        })
    }
}

#[cfg(feature = "serde")]
fn within(value: f64, what: &'static str, most: f64) -> Result<()> {
    let allowed = if most > 1.0 {
        "be finite and at least 0"
    } else {
        "lie within 0 to 1"
    };
    Error::unless((0.0..=most).contains(&value), what, value, allowed)
}

#[cfg(feature = "serde")]
impl From<Shape> for Parts {
    fn from(shape: Shape) -> Self {
        Self {
            mean: shape.cumulants.mean,
            variance: shape.cumulants.variance,
            third_central_moment: shape.cumulants.third,
            kind: match shape.kind {
                Kind::Smooth { error } => KindParts::CornishFisher { error },
                Kind::Exact {
                    counts,
                    unit,
                    shift,
                } => KindParts::GeneratingFunction {
                    unit,
                    shift,
                    lowest: counts.lowest(),
                    outside: counts.outside,
                    rounding: counts.rounding,
                    probabilities: counts.probabilities().to_vec(),
                },
            },
        }
    }
}

impl Shape {
    /// Refuses probabilities that do not add up to 1, or not to the mean, by more than they may err.
    #[cfg(feature = "serde")]
    fn adds_up(&self) -> Result<()> {
        let Kind::Exact {
            counts,
            unit,
            shift,
        } = &self.kind
        else {
            return Ok(());
        };
        let error = self.error_bound();
        let (mut sum, mut mean, mut sizes) = (0.0, 0.0, 0.0);
        for (count, p) in counts.each() {
            let amount = shift + unit * count as f64;
            sum += p;
            mean += amount * p;
            sizes += (amount - self.cumulants.mean).abs();
        }
        let length = counts.probabilities().len() as f64;
        Error::unless(
            (sum - 1.0).abs() <= 1e-9 + error * length,
            "sum of the probabilities of a law",
            sum,
            "be 1",
        )?;
        let scale = self.cumulants.mean.abs() + self.cumulants.variance.sqrt();
        Error::unless(
            (mean - self.cumulants.mean).abs() <= 1e-9 * scale + error * sizes,
            "mean of the probabilities of a law",
            mean,
            "be the stated mean",
        )
    }

    /// `unit` is at least 0.
    pub(super) fn exact(cumulants: Cumulants, counts: CountLaw, unit: f64, shift: f64) -> Self {
        Self {
            cumulants,
            kind: Kind::Exact {
                counts,
                unit,
                shift,
            },
        }
    }

    /// `thirds` bounds the sum over independent parts of the third absolute central moment; infinite if unknown.
    pub(super) fn smooth(cumulants: Cumulants, thirds: f64) -> Self {
        // Berry and Esseen's bound for the normal law, with Shevtsova's constant for unequal parts (2010).
        let bound = 0.5600 * thirds / cumulants.variance.powf(1.5);
        Self {
            cumulants,
            kind: Kind::Smooth {
                error: if bound < 1.0 { bound } else { 1.0 },
            },
        }
    }

    /// With an independent number on top: the same probabilities where it is certain, else by cumulants.
    pub(super) fn and(&self, other: Cumulants, thirds: f64) -> Self {
        let cumulants = self.cumulants.plus(other);
        match &self.kind {
            Kind::Exact {
                counts,
                unit,
                shift,
            } if other.variance == 0.0 => {
                Self::exact(cumulants, counts.clone(), *unit, shift + other.mean)
            }
            _ => Self::smooth(cumulants, thirds),
        }
    }

    pub(super) fn method(&self) -> LawMethod {
        match self.kind {
            Kind::Exact { .. } => LawMethod::GeneratingFunction,
            Kind::Smooth { .. } => LawMethod::CornishFisher,
        }
    }

    pub(super) fn counts(&self) -> Option<&CountLaw> {
        match &self.kind {
            Kind::Exact { counts, .. } => Some(counts),
            Kind::Smooth { .. } => None,
        }
    }

    /// What a count stands for; 0 for the smooth shape.
    pub(super) fn unit_and_shift(&self) -> (f64, f64) {
        match self.kind {
            Kind::Exact { unit, shift, .. } => (unit, shift),
            Kind::Smooth { .. } => (0.0, 0.0),
        }
    }

    /// By how much a probability of a single value (exact) or up to a value (smooth) may err.
    pub(super) fn error_bound(&self) -> f64 {
        match &self.kind {
            Kind::Exact { counts, .. } => counts.outside + counts.rounding,
            Kind::Smooth { error } => {
                // |z² − 1| φ(z) is nowhere more than φ(0).
                let correction =
                    self.cumulants.skewness().abs() / 6.0 * Normal::standard().pdf(0.0);
                (error + correction).min(1.0)
            }
        }
    }

    /// Between what the true quantile lies: the same number twice for the exact shape; else what Berry and Esseen's bound leaves
    /// open, or Cantelli's inequality where that is sharper.
    pub(super) fn quantile_bounds(&self, level: Probability) -> Result<[f64; 2]> {
        let quantile = self.quantile(level)?;
        let Kind::Smooth { error } = &self.kind else {
            return Ok([quantile; 2]);
        };
        let level = inner(level)?;
        let normal = Normal::standard();
        let (below, above) = (level - error, level + error);
        let odds = (level / (1.0 - level)).sqrt();
        let low = if below > 0.0 {
            normal.inverse_cdf(below).max(-1.0 / odds)
        } else {
            -1.0 / odds
        };
        let high = if above < 1.0 {
            normal.inverse_cdf(above).min(odds)
        } else {
            odds
        };
        Ok([self.at(low), self.at(high)])
    }

    pub(super) fn quantile(&self, level: Probability) -> Result<f64> {
        let level = inner(level)?;
        Ok(match &self.kind {
            Kind::Exact {
                counts,
                unit,
                shift,
            } => shift + unit * counts.quantile(level) as f64,
            Kind::Smooth { .. } => {
                let z = Normal::standard().inverse_cdf(level);
                self.at(z + self.cumulants.skewness() * (z * z - 1.0) / 6.0)
            }
        })
    }

    pub(super) fn expected_shortfall(&self, level: Probability) -> Result<f64> {
        let level = inner(level)?;
        Ok(match &self.kind {
            Kind::Exact {
                counts,
                unit,
                shift,
            } => shift + unit * counts.expected_shortfall(level),
            Kind::Smooth { .. } => {
                // The mean of Cornish and Fisher's quantiles beyond the level.
                let normal = Normal::standard();
                let z = normal.inverse_cdf(level);
                let beyond = normal.pdf(z) / (1.0 - level);
                self.at(beyond * (1.0 + self.cumulants.skewness() * z / 6.0))
            }
        })
    }

    /// P(number ≥ `amount`).
    pub(super) fn at_least(&self, amount: f64) -> f64 {
        let Cumulants { mean, variance, .. } = self.cumulants;
        match &self.kind {
            Kind::Exact {
                counts,
                unit,
                shift,
            } => {
                let left = amount - shift;
                if *unit > 0.0 {
                    // An amount that is a whole count but for rounding is that count.
                    let count = left / unit;
                    let near = count.round();
                    let whole = if (count - near).abs() <= 1e-9 * near.abs().max(1.0) {
                        near
                    } else {
                        count.ceil()
                    };
                    #[allow(
                        clippy::cast_possible_truncation,
                        reason = "saturates, as wanted: beyond the range the answer is 0 or 1"
                    )]
                    let whole = whole as i64;
                    counts.at_least(whole)
                } else {
                    f64::from(u8::from(left <= 0.0))
                }
            }
            Kind::Smooth { .. } if variance > 0.0 => {
                let normal = Normal::standard();
                let z = (amount - mean) / variance.sqrt();
                let corrected =
                    normal.sf(z) + self.cumulants.skewness() / 6.0 * (z * z - 1.0) * normal.pdf(z);
                corrected.clamp(0.0, 1.0)
            }
            Kind::Smooth { .. } => f64::from(u8::from(amount <= mean)),
        }
    }

    fn at(&self, deviations: f64) -> f64 {
        self.cumulants.mean + self.cumulants.variance.sqrt() * deviations
    }
}

fn inner(level: Probability) -> Result<f64> {
    let level = level.value();
    Error::unless(
        level > 0.0 && level < 1.0,
        "level of a quantile",
        level,
        "lie strictly between 0 and 1",
    )?;
    Ok(level)
}
