//! How many detractors, passives and promoters answered.

use std::fmt;

use crate::error::{Error, Result};
use crate::measure::{Estimate, Interval, Merge, Probability, Sentiment};

use super::net_promoter::{self, NetPromoterDifference, NetPromoterMethod};

/// Counts of detractors, passives and promoters, and the net promoter score that follows from them.
///
/// The score is the share of promoters minus the share of detractors, from −1 to 1; [`points`](Self::points) and
/// `Display` give it times 100 (Reichheld 2003).
///
/// ```
/// use tillit::measure::Probability;
/// use tillit::survey::SentimentTally;
///
/// let answers = SentimentTally::new(2, 11, 18);
/// assert_eq!(answers.to_string(), "+51.6 points (18 promoters, 11 passives, 2 detractors)");
/// let score = answers.estimate(Probability::new(0.95)?)?;
/// assert_eq!(format!("{score}"), "0.516 [0.255, 0.686]");
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SentimentTally {
    detractors: u64,
    passives: u64,
    promoters: u64,
}

impl SentimentTally {
    /// From counts.
    #[must_use]
    pub fn new(detractors: u64, passives: u64, promoters: u64) -> Self {
        Self {
            detractors,
            passives,
            promoters,
        }
    }

    /// One more answer.
    pub fn record(&mut self, sentiment: Sentiment) {
        self.record_times(sentiment, 1);
    }

    pub(super) fn record_times(&mut self, sentiment: Sentiment, times: u64) {
        let count = match sentiment {
            Sentiment::Detractor => &mut self.detractors,
            Sentiment::Passive => &mut self.passives,
            Sentiment::Promoter => &mut self.promoters,
        };
        *count = count.saturating_add(times);
    }

    /// Detractors.
    #[must_use]
    pub fn detractors(self) -> u64 {
        self.detractors
    }

    /// Passives.
    #[must_use]
    pub fn passives(self) -> u64 {
        self.passives
    }

    /// Promoters.
    #[must_use]
    pub fn promoters(self) -> u64 {
        self.promoters
    }

    /// All answers.
    #[must_use]
    pub fn answered(self) -> u64 {
        self.detractors
            .saturating_add(self.passives)
            .saturating_add(self.promoters)
    }

    /// The net promoter score, from −1 to 1; `None` without answers.
    #[must_use]
    pub fn score(self) -> Option<f64> {
        let answered = self.answered();
        (answered > 0).then(|| (self.promoters as f64 - self.detractors as f64) / answered as f64)
    }

    /// The score in points, from −100 to 100, for printing; `None` without answers.
    #[must_use]
    pub fn points(self) -> Option<f64> {
        self.score().map(|score| 100.0 * score)
    }

    /// Variance of a single answer coded −1, 0, 1, from 0 to 1; `None` without answers.
    #[must_use]
    pub fn variance(self) -> Option<f64> {
        let score = self.score()?;
        let opinionated = self.promoters as f64 + self.detractors as f64;
        Some((opinionated / self.answered() as f64 - score * score).max(0.0))
    }

    /// Standard error of the score; `None` without answers.
    #[must_use]
    pub fn standard_error(self) -> Option<f64> {
        self.variance()
            .map(|variance| (variance / self.answered() as f64).sqrt())
    }

    /// The score's interval at `level` by `method`, within −1 to 1.
    ///
    /// # Errors
    /// [`Error::Empty`] without answers, [`Error::OutOfRange`] unless `level` lies strictly between 0 and 1.
    pub fn interval(self, method: NetPromoterMethod, level: Probability) -> Result<Interval> {
        net_promoter::interval(self, method, level)
    }

    /// The score with its standard error and the recommended interval: the score interval below 20 answers, adjusted
    /// Wald (3,T) from there on.
    ///
    /// # Errors
    /// As [`interval`](Self::interval).
    pub fn estimate(self, level: Probability) -> Result<Estimate> {
        let interval = self.interval(NetPromoterMethod::Recommended, level)?;
        let (Some(score), Some(error)) = (self.score(), self.standard_error()) else {
            return Err(no_answers());
        };
        let observations = usize::try_from(self.answered()).unwrap_or(usize::MAX);
        Ok(Estimate::new(score, observations)
            .with_standard_error(error)
            .with_interval(interval))
    }

    /// This score minus `other`'s, two independent groups, with sign.
    ///
    /// # Errors
    /// [`Error::Empty`] if either has no answers, [`Error::OutOfRange`] unless `level` lies strictly between 0 and 1.
    pub fn difference(self, other: Self, level: Probability) -> Result<NetPromoterDifference> {
        net_promoter::difference(self, other, level)
    }
}

pub(super) fn no_answers() -> Error {
    Error::Empty {
        what: "a net promoter score".into(),
        remedy: "without answers there is no score".into(),
    }
}

impl Merge for SentimentTally {
    fn merge(&mut self, other: &Self) -> Result<()> {
        let sum = |left: u64, right: u64| {
            left.checked_add(right).ok_or(Error::Overflow {
                what: "a count of answers".into(),
            })
        };
        *self = Self {
            detractors: sum(self.detractors, other.detractors)?,
            passives: sum(self.passives, other.passives)?,
            promoters: sum(self.promoters, other.promoters)?,
        };
        Ok(())
    }
}

impl fmt::Display for SentimentTally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.points() {
            Some(points) => write!(
                f,
                "{points:+.1} points ({} promoters, {} passives, {} detractors)",
                self.promoters, self.passives, self.detractors
            ),
            None => f.write_str("no answers"),
        }
    }
}
