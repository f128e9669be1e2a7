//! A share counted from cases, with its doubt.

use crate::error::{Error, Result};

use super::critical_value::{beta_quantile, normal};
use super::{Estimate, Interval, Merge, Probability};

/// So many successes in so many trials.
///
/// ```
/// use tillit::measure::{Probability, Proportion};
///
/// let satisfied = Proportion::new(42, 60)?;
/// let estimate = satisfied.estimate(Probability::new(0.95)?)?;
/// assert_eq!(format!("{estimate}"), "0.700 [0.575, 0.801]");
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "(u64, u64)", into = "(u64, u64)")
)]
pub struct Proportion {
    successes: u64,
    trials: u64,
}

/// How the interval of a [`Proportion`] is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum ProportionMethod {
    /// Score interval (Wilson 1927): the default.
    #[default]
    Wilson,
    /// Equal-tailed quantiles of the beta posterior under Jeffreys' prior (Brown, Cai & `DasGupta` 2001), without their
    /// change at the ends: with no failures the upper limit stays a little below 1.
    Jeffreys,
    /// Wilson's centre with Wald's width (Agresti & Coull 1998), clipped to 0..1.
    AgrestiCoull,
    /// "Exact" limits from the binomial tails (Clopper & Pearson 1934): never too narrow, often too wide.
    ClopperPearson,
}

impl ProportionMethod {
    fn name(self) -> &'static str {
        match self {
            Self::Wilson => "Wilson score",
            Self::Jeffreys => "Jeffreys",
            Self::AgrestiCoull => "Agresti-Coull",
            Self::ClopperPearson => "Clopper-Pearson",
        }
    }
}

impl Proportion {
    /// `successes` out of `trials`; no trials at all are allowed and give no value.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if there are more successes than trials.
    pub fn new(successes: u64, trials: u64) -> Result<Self> {
        Error::unless(
            successes <= trials,
            "number of successes",
            successes as f64,
            "not exceed the number of trials",
        )?;
        Ok(Self { successes, trials })
    }

    /// From successes and failures.
    pub(crate) fn of(successes: u64, failures: u64) -> Self {
        Self {
            successes,
            trials: successes.saturating_add(failures),
        }
    }

    /// One more trial.
    pub fn record(&mut self, success: bool) {
        self.record_times(success, 1);
    }

    /// `times` more trials with the same outcome.
    pub fn record_times(&mut self, success: bool, times: u64) {
        self.trials = self.trials.saturating_add(times);
        if success {
            self.successes = self.successes.saturating_add(times);
        }
    }

    /// Successes.
    #[must_use]
    pub fn successes(self) -> u64 {
        self.successes
    }

    /// Trials.
    #[must_use]
    pub fn trials(self) -> u64 {
        self.trials
    }

    /// The share, from 0 to 1; `None` without trials.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        (self.trials > 0).then(|| self.successes as f64 / self.trials as f64)
    }

    /// The interval at `level` by `method`, within 0 to 1.
    ///
    /// # Errors
    /// [`Error::Empty`] without trials, [`Error::OutOfRange`] unless `level` lies strictly between 0 and 1.
    pub fn interval(self, method: ProportionMethod, level: Probability) -> Result<Interval> {
        let z = normal(level)?;
        let Some(share) = self.value() else {
            return Err(Error::Empty {
                what: "a proportion".into(),
                remedy: "a share of no trials has no value".into(),
            });
        };
        let n = self.trials as f64;
        let hits = self.successes as f64;
        let misses = (self.trials - self.successes) as f64;
        let tail = 0.5 * (1.0 - level.value());
        let (low, high) = match method {
            ProportionMethod::Wilson => {
                let widened = 1.0 + z * z / n;
                let centre = (share + z * z / (2.0 * n)) / widened;
                let half = z / widened * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
                (centre - half, centre + half)
            }
            ProportionMethod::AgrestiCoull => {
                let trials = n + z * z;
                let centre = (hits + 0.5 * z * z) / trials;
                let half = z * (centre * (1.0 - centre) / trials).sqrt();
                (centre - half, centre + half)
            }
            ProportionMethod::Jeffreys => (
                beta_quantile(hits + 0.5, misses + 0.5, tail),
                beta_quantile(hits + 0.5, misses + 0.5, 1.0 - tail),
            ),
            ProportionMethod::ClopperPearson => (
                if self.successes == 0 {
                    0.0
                } else {
                    beta_quantile(hits, misses + 1.0, tail)
                },
                if self.successes == self.trials {
                    1.0
                } else {
                    beta_quantile(hits + 1.0, misses, 1.0 - tail)
                },
            ),
        };
        // Rounding must not carry a limit past the end that the counts allow, nor past the share itself.
        let (low, high) = match method {
            ProportionMethod::Wilson => (
                if self.successes == 0 { 0.0 } else { low },
                if misses == 0.0 { 1.0 } else { high },
            ),
            _ => (low, high),
        };
        Interval::new(
            low.clamp(0.0, 1.0),
            high.clamp(0.0, 1.0),
            level,
            method.name(),
        )
    }

    /// The share with its Wilson interval.
    ///
    /// # Errors
    /// As [`interval`](Self::interval).
    pub fn estimate(self, level: Probability) -> Result<Estimate> {
        let interval = self.interval(ProportionMethod::Wilson, level)?;
        let share = self.successes as f64 / self.trials as f64;
        let observations = usize::try_from(self.trials).unwrap_or(usize::MAX);
        Ok(Estimate::new(share, observations).with_interval(interval))
    }
}

impl Merge for Proportion {
    fn merge(&mut self, other: &Self) -> Result<()> {
        let overflow = || Error::Overflow {
            what: "the number of trials".into(),
        };
        let trials = self.trials.checked_add(other.trials).ok_or_else(overflow)?;
        // Successes never exceed trials, so this sum fits as well.
        self.successes += other.successes;
        self.trials = trials;
        Ok(())
    }
}

impl TryFrom<(u64, u64)> for Proportion {
    type Error = Error;

    fn try_from((successes, trials): (u64, u64)) -> Result<Self> {
        Self::new(successes, trials)
    }
}

impl From<Proportion> for (u64, u64) {
    fn from(proportion: Proportion) -> Self {
        (proportion.successes, proportion.trials)
    }
}

#[cfg(test)]
mod tests {
    use super::{Merge, Probability, Proportion, ProportionMethod};

    #[test]
    fn no_trials_have_no_share() {
        let level = Probability::new(0.95).unwrap();
        let nothing = Proportion::new(0, 0).unwrap();
        assert_eq!(nothing.value(), None);
        assert!(nothing.estimate(level).is_err());
        assert!(Proportion::new(2, 1).is_err());
    }

    #[test]
    fn every_interval_but_the_bayesian_holds_the_share_itself() {
        let level = Probability::new(0.9).unwrap();
        for trials in 1..40 {
            for successes in 0..=trials {
                let proportion = Proportion::new(successes, trials).unwrap();
                for method in [
                    ProportionMethod::Wilson,
                    ProportionMethod::AgrestiCoull,
                    ProportionMethod::ClopperPearson,
                ] {
                    let interval = proportion.interval(method, level).unwrap();
                    assert!(
                        interval.contains(proportion.value().unwrap()),
                        "{method:?} of {successes} in {trials}: {interval:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn pieces_merge_into_the_whole() {
        let mut left = Proportion::new(3, 10).unwrap();
        left.merge(&Proportion::new(4, 5).unwrap()).unwrap();
        assert_eq!(left, Proportion::new(7, 15).unwrap());
        assert!(left.merge(&Proportion::new(0, u64::MAX).unwrap()).is_err());
        assert_eq!(left, Proportion::new(7, 15).unwrap());
    }
}
