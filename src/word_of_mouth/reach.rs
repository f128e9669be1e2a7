//! How many persons one customer tells: the law of the number of direct hearers.

use crate::error::{Error, Result};

/// Most direct hearers that a law may have: more persons than live on earth.
const MOST: f64 = 1e10;
/// Widest range of a law whose terms are summed one by one.
const WIDEST: u32 = 1_000_000;

/// The law of the number of persons whom one customer tells.
///
/// The closed form needs its mean alone; the exact law of what is lost needs all of it, and refuses
/// [`Reach::mean_of`], which states nothing but the mean.
///
/// ```
/// use tillit::word_of_mouth::Reach;
///
/// let dissatisfied = Reach::uniform(9, 15)?;
/// assert_eq!(dissatisfied.mean(), 12.0);
/// assert_eq!(dissatisfied.variance(), Some(4.0));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Law", into = "Law")
)]
pub struct Reach {
    law: Law,
    mean: f64,
}

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub(super) enum Law {
    Uniform { fewest: u32, most: u32 },
    Finite(Vec<f64>),
    Poisson(f64),
    MeanOf(f64),
}

impl Reach {
    /// Tells nobody.
    pub const NOBODY: Self = Self {
        law: Law::Uniform { fewest: 0, most: 0 },
        mean: 0.0,
    };
    /// 9 to 15 persons, each number equally likely: the dissatisfied.
    ///
    /// A convention: TARP's studies for the U.S. Office of Consumer Affairs and Coca-Cola (1979–1986) as trade
    /// literature repeats them. Anderson (Journal of Service Research 1(1), 1998) finds the dissatisfied to talk more,
    /// but the usual claims about how much more to be exaggerated: read it as an upper end.
    pub const DISSATISFIED: Self = Self {
        law: Law::Uniform {
            fewest: 9,
            most: 15,
        },
        mean: 12.0,
    };
    /// 4 to 6 persons, each number equally likely: those whose problem was solved, and promoters.
    ///
    /// A convention of the same source and with the same caution as [`Reach::DISSATISFIED`].
    pub const RECOVERED: Self = Self {
        law: Law::Uniform { fewest: 4, most: 6 },
        mean: 5.0,
    };

    /// Each whole number from `fewest` to `most`, equally likely.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if `most` is below `fewest`, or more than a million above.
    pub fn uniform(fewest: u32, most: u32) -> Result<Self> {
        Self::checked(Law::Uniform { fewest, most })
    }

    /// Exactly `persons`.
    #[must_use]
    pub fn exactly(persons: u32) -> Self {
        Self {
            law: Law::Uniform {
                fewest: persons,
                most: persons,
            },
            mean: f64::from(persons),
        }
    }

    /// Any finite law: `probabilities[n]` is the probability of telling `n` persons.
    ///
    /// # Errors
    /// [`Error::Empty`] without probabilities; [`Error::BadColumnValue`] for one outside 0 to 1;
    /// [`Error::OutOfRange`] unless they add up to 1 (within 1e-9; they are then scaled to add up).
    pub fn law(probabilities: Vec<f64>) -> Result<Self> {
        Self::checked(Law::Finite(probabilities))
    }

    /// The law observed in a survey: how many persons each respondent says to have told.
    ///
    /// # Errors
    /// [`Error::Empty`] without answers; [`Error::BadColumnValue`] for an answer above 1 000 000.
    pub fn observed(told: &[u32]) -> Result<Self> {
        let most = told.iter().copied().max().ok_or_else(|| Error::Empty {
            what: "the survey of persons told".into(),
            remedy: "give at least one answer".into(),
        })?;
        if let Some(row) = told.iter().position(|&n| n > WIDEST) {
            return Err(Error::BadColumnValue {
                column: "persons told".into(),
                row,
                found: f64::from(told[row]),
                allowed: "be at most 1000000".into(),
            });
        }
        let mut counts = vec![0_u64; most as usize + 1];
        for &n in told {
            counts[n as usize] += 1;
        }
        let answers = told.len() as f64;
        Self::law(counts.iter().map(|&c| c as f64 / answers).collect())
    }

    /// A Poisson law with this mean.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the mean is finite, at least 0 and at most 1e10.
    pub fn poisson(mean: f64) -> Result<Self> {
        Self::checked(Law::Poisson(mean))
    }

    /// A mean without a law.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the mean is finite, at least 0 and at most 1e10.
    pub fn mean_of(mean: f64) -> Result<Self> {
        Self::checked(Law::MeanOf(mean))
    }

    /// Mean number of persons told.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Variance of the number of persons told; `None` if only the mean was stated.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        match &self.law {
            Law::Uniform { fewest, most } => {
                let width = f64::from(most - fewest) + 1.0;
                Some((width * width - 1.0) / 12.0)
            }
            Law::Finite(p) => Some(
                p.iter()
                    .enumerate()
                    .map(|(n, p)| p * (n as f64 - self.mean).powi(2))
                    .sum(),
            ),
            Law::Poisson(mean) => Some(*mean),
            Law::MeanOf(_) => None,
        }
    }

    pub(super) fn as_law(&self) -> &Law {
        &self.law
    }

    fn checked(mut law: Law) -> Result<Self> {
        let mean = match &mut law {
            Law::Uniform { fewest, most } => {
                Error::unless(
                    fewest <= most,
                    "largest number of persons told",
                    f64::from(*most),
                    "not be below the smallest",
                )?;
                Error::unless(
                    *most - *fewest <= WIDEST,
                    "width of the range of persons told",
                    f64::from(*most - *fewest),
                    "be at most 1000000",
                )?;
                f64::midpoint(f64::from(*fewest), f64::from(*most))
            }
            Law::Finite(p) => {
                if p.is_empty() {
                    return Err(Error::Empty {
                        what: "the law of persons told".into(),
                        remedy: "give the probability of 0, 1, 2 … persons".into(),
                    });
                }
                if let Some(row) = p.iter().position(|p| !(0.0..=1.0).contains(p)) {
                    return Err(Error::BadColumnValue {
                        column: "law of persons told".into(),
                        row,
                        found: p[row],
                        allowed: "lie within 0 to 1".into(),
                    });
                }
                let sum: f64 = p.iter().sum();
                Error::unless(
                    (sum - 1.0).abs() <= 1e-9,
                    "sum of the law of persons told",
                    sum,
                    "be 1",
                )?;
                for p in p.iter_mut() {
                    *p /= sum;
                }
                p.iter().enumerate().map(|(n, p)| n as f64 * p).sum()
            }
            Law::Poisson(mean) | Law::MeanOf(mean) => {
                Error::unless(
                    (0.0..=MOST).contains(mean),
                    "mean number of persons told",
                    *mean,
                    "lie within 0 to 1e10",
                )?;
                *mean
            }
        };
        Ok(Self { law, mean })
    }
}

impl TryFrom<Law> for Reach {
    type Error = Error;

    fn try_from(law: Law) -> Result<Self> {
        Self::checked(law)
    }
}

impl From<Reach> for Law {
    fn from(reach: Reach) -> Self {
        reach.law
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "small binary fractions are exact")]
mod tests {
    use super::Reach;

    #[test]
    fn moments_agree_with_the_law_written_out() {
        let written = Reach::law(vec![0.0, 0.0, 0.0, 0.0, 0.25, 0.5, 0.25]).unwrap();
        assert_eq!(written.mean(), 5.0);
        assert_eq!(written.variance(), Some(0.5));
        assert_eq!(Reach::observed(&[4, 6, 5, 5]).unwrap(), written);
        assert_eq!(Reach::DISSATISFIED, Reach::uniform(9, 15).unwrap());
        assert_eq!(Reach::mean_of(3.0).unwrap().variance(), None);
    }

    #[test]
    fn what_is_no_law_is_refused() {
        assert!(Reach::uniform(5, 4).is_err());
        assert!(Reach::law(vec![]).is_err());
        assert!(Reach::law(vec![0.5, 0.4]).is_err());
        assert!(Reach::law(vec![0.5, f64::NAN]).is_err());
        assert!(Reach::poisson(-1.0).is_err());
        assert!(Reach::mean_of(f64::INFINITY).is_err());
        assert!(Reach::observed(&[]).is_err());
    }
}
