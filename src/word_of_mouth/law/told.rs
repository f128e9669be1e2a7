//! The law of how many persons one customer of a given connectedness tells, ready to compute with.

use crate::error::{Error, Result};
use crate::numeric::random::RandomStream;
use crate::numeric::{Complex, Cumulants, power_series};

use super::super::reach::{Law, Reach};

/// Largest connectedness for which a law is computed.
const MOST_CONNECTED: f64 = 1e6;

/// A reach whose law is known, for a customer of some connectedness.
///
/// Who is connected 2.3 times as well as ordinary people tells as many as two of them together and a third one who
/// tells each of his hearers with probability 0.3 only: the mean is 2.3 times the ordinary one, and the law is a law of
/// whole persons. A Poisson law stays one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    law: Known<'a>,
    /// Ordinary customers he counts for.
    whole: u64,
    /// What is left, below 1.
    part: f64,
}

#[derive(Clone, Copy, Debug)]
enum Known<'a> {
    Uniform { fewest: u32, most: u32 },
    Finite(&'a [f64]),
    Poisson(f64),
}

impl<'a> Told<'a> {
    pub(super) fn new(reach: &'a Reach, connectedness: f64, whose: &'static str) -> Result<Self> {
        Error::unless(
            connectedness <= MOST_CONNECTED,
            "connectedness",
            connectedness,
            "be at most 1000000 for an exact law",
        )?;
        let law = match reach.as_law() {
            Law::Uniform { fewest, most } => Known::Uniform {
                fewest: *fewest,
                most: *most,
            },
            Law::Finite(probabilities) => Known::Finite(probabilities),
            Law::Poisson(mean) => {
                return Ok(Self {
                    law: Known::Poisson(mean * connectedness),
                    whole: 1,
                    part: 0.0,
                });
            }
            Law::MeanOf(0.0) => Known::Uniform { fewest: 0, most: 0 },
            Law::MeanOf(mean) => {
                return Err(Error::CannotTell {
                    question: "how many hearers are lost, beyond the mean".into(),
                    reason: format!(
                        "of the reach of {whose} only the mean of {mean} is stated: give its law, for instance \
                         Reach::uniform, Reach::poisson or Reach::observed"
                    )
                    .into(),
                });
            }
        };
        let whole = connectedness.floor();
        Ok(Self {
            law,
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number from 0 to a million"
            )]
            whole: whole as u64,
            part: connectedness - whole,
        })
    }

    /// A(1 + u) − 1, A being the generating function of the number told.
    pub(super) fn deviation(&self, u: Complex) -> Complex {
        let mut result = Complex::ZERO;
        if self.whole > 0 {
            result = self.law.deviation(u).compounded_times(self.whole);
        }
        if self.part > 0.0 {
            result = result.compounded(self.law.deviation(u.scaled(self.part)));
        }
        result
    }

    /// A(inner) as a power series of as many coefficients as `inner` has.
    pub(super) fn series(&self, inner: &[f64]) -> Vec<f64> {
        let mut result = if self.whole == 0 {
            power_series::constant(inner.len(), 1.0)
        } else {
            power_series::power(&self.law.series(inner), self.whole)
        };
        if self.part > 0.0 {
            let mut thinned: Vec<f64> = inner.iter().map(|c| self.part * c).collect();
            if let Some(first) = thinned.first_mut() {
                *first += 1.0 - self.part;
            }
            result = power_series::product(&result, &self.law.series(&thinned));
        }
        result
    }

    pub(super) fn cumulants(&self) -> Cumulants {
        let one = self.law.cumulants();
        let heard = Cumulants::of_outcomes(&[(1.0, self.part)]);
        one.times(self.whole as f64).plus(one.compound(heard))
    }

    /// Most persons that can be told; `None` without such a limit.
    pub(super) fn most(&self) -> Option<f64> {
        let one = match self.law {
            Known::Uniform { most, .. } => f64::from(most),
            Known::Finite(p) => p.iter().rposition(|&p| p > 0.0).unwrap_or(0) as f64,
            Known::Poisson(0.0) => 0.0,
            Known::Poisson(_) => return None,
        };
        Some(one * (self.whole as f64 + self.part.ceil()))
    }

    /// Multiplications that one evaluation takes, about.
    pub(super) fn work(&self) -> f64 {
        let one = match self.law {
            Known::Uniform { fewest, most } => {
                f64::from(most - fewest) + f64::from(fewest).ln_1p() + 1.0
            }
            Known::Finite(p) => p.len() as f64,
            Known::Poisson(_) => 8.0,
        };
        one * (1.0 + self.part.ceil()) + (self.whole as f64).ln_1p()
    }

    /// A number of persons told.
    pub(super) fn draw(&self, random: &mut RandomStream) -> u64 {
        let mut told: u64 = (0..self.whole).map(|_| self.law.draw(random)).sum();
        if self.part > 0.0 {
            for _ in 0..self.law.draw(random) {
                told += u64::from(random.chance(self.part));
            }
        }
        told
    }
}

impl Known<'_> {
    fn deviation(self, u: Complex) -> Complex {
        match self {
            Self::Uniform { fewest, most } => {
                let mut each = u.compounded_times(u64::from(fewest));
                let mut sum = each;
                for _ in fewest..most {
                    each = each.compounded(u);
                    sum = sum + each;
                }
                sum.scaled(1.0 / (f64::from(most - fewest) + 1.0))
            }
            Self::Finite(probabilities) => {
                let (mut each, mut sum) = (Complex::ZERO, Complex::ZERO);
                for &p in probabilities {
                    sum = sum + each.scaled(p);
                    each = each.compounded(u);
                }
                sum
            }
            Self::Poisson(mean) => u.scaled(mean).exp_m1(),
        }
    }

    fn series(self, inner: &[f64]) -> Vec<f64> {
        match self {
            Self::Uniform { fewest, most } => {
                let width = (most - fewest) as usize + 1;
                power_series::composition(width, |_| 1.0 / width as f64, inner, u64::from(fewest))
            }
            Self::Finite(probabilities) => {
                let fewest = probabilities.iter().take_while(|&&p| p == 0.0).count();
                let width = probabilities.len() - fewest;
                power_series::composition(
                    width,
                    |n| probabilities[fewest + n],
                    inner,
                    fewest as u64,
                )
            }
            Self::Poisson(mean) => power_series::compound_poisson(mean, inner),
        }
    }

    fn cumulants(self) -> Cumulants {
        match self {
            Self::Uniform { fewest, most } => {
                let width = f64::from(most - fewest) + 1.0;
                let mean = f64::midpoint(f64::from(fewest), f64::from(most));
                Cumulants::new(mean, (width * width - 1.0) / 12.0, 0.0)
            }
            Self::Finite(probabilities) => {
                let outcomes: Vec<(f64, f64)> = probabilities
                    .iter()
                    .enumerate()
                    .map(|(n, &p)| (n as f64, p))
                    .collect();
                Cumulants::of_outcomes(&outcomes)
            }
            Self::Poisson(mean) => Cumulants::new(mean, mean, mean),
        }
    }

    fn draw(self, random: &mut RandomStream) -> u64 {
        match self {
            Self::Uniform { fewest, most } => {
                u64::from(fewest) + random.below(u64::from(most - fewest) + 1)
            }
            Self::Finite(probabilities) => {
                let mut left = random.uniform();
                let found = probabilities.iter().position(|p| {
                    left -= p;
                    left < 0.0
                });
                found.unwrap_or(probabilities.len() - 1) as u64
            }
            Self::Poisson(mean) => random.poisson(mean),
        }
    }
}
