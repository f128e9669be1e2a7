//! How often each answer on one scale was given.

use crate::error::{Error, Result};
use crate::measure::{
    Estimate, Merge, Moments, Probability, Proportion, Rating, RatingScale, SentimentRule,
};

use super::SentimentTally;

/// Counts of each answer on one scale. Everything else follows from the counts, so pieces merge exactly.
///
/// Means of ordered answers assume equal steps between them; the distribution does not.
///
/// ```
/// use tillit::measure::{Probability, RatingScale};
/// use tillit::survey::RatingTally;
///
/// let mut stars = RatingTally::new(RatingScale::ONE_TO_FIVE);
/// for value in [5.0, 4.0, 1.0, 5.0] {
///     stars.record(RatingScale::ONE_TO_FIVE.rate(value)?)?;
/// }
/// assert_eq!(stars.distribution(), [(1.0, 1), (4.0, 1), (5.0, 2)]);
/// assert_eq!(stars.mean(), Some(3.75));
/// assert_eq!(stars.top_two().value(), Some(0.75));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Stored", into = "Stored")
)]
pub struct RatingTally {
    scale: RatingScale,
    /// Answers in ascending order, each once, with how often it was given.
    counts: Vec<(f64, u64)>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Stored {
    scale: RatingScale,
    counts: Vec<(f64, u64)>,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for RatingTally {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        let mut tally = Self::new(stored.scale);
        for (value, times) in stored.counts {
            tally.record_times(stored.scale.rate(value)?, times)?;
        }
        Ok(tally)
    }
}

#[cfg(feature = "serde")]
impl From<RatingTally> for Stored {
    fn from(tally: RatingTally) -> Self {
        Self {
            scale: tally.scale,
            counts: tally.counts,
        }
    }
}

impl RatingTally {
    /// No answers yet, on `scale`.
    #[must_use]
    pub fn new(scale: RatingScale) -> Self {
        Self {
            scale,
            counts: Vec::new(),
        }
    }

    /// One more answer.
    ///
    /// # Errors
    /// [`Error::MixedScales`] if it was given on another scale.
    pub fn record(&mut self, rating: Rating) -> Result<()> {
        self.record_times(rating, 1)
    }

    /// The same answer `times` times.
    ///
    /// # Errors
    /// [`Error::MixedScales`] if it was given on another scale, [`Error::Overflow`] if there are too many.
    pub fn record_times(&mut self, rating: Rating, times: u64) -> Result<()> {
        self.same_scale(rating.scale())?;
        if self.answered().checked_add(times).is_none() {
            return Err(too_many());
        }
        if times > 0 {
            self.add(rating.value(), times);
        }
        Ok(())
    }

    /// The scale.
    #[must_use]
    pub fn scale(&self) -> RatingScale {
        self.scale
    }

    /// Each answer that was given, in ascending order, with how often.
    #[must_use]
    pub fn distribution(&self) -> &[(f64, u64)] {
        &self.counts
    }

    /// Number of answers.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.counts.iter().map(|&(_, times)| times).sum()
    }

    /// How often `value` was given.
    #[must_use]
    pub fn count_of(&self, value: f64) -> u64 {
        self.counts
            .binary_search_by(|(known, _)| known.total_cmp(&value))
            .map_or(0, |place| self.counts[place].1)
    }

    /// The mean on the scale; `None` without answers.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.moments().mean()
    }

    /// Standard deviation with divisor n − 1; `None` below two answers.
    #[must_use]
    pub fn standard_deviation(&self) -> Option<f64> {
        self.moments().standard_deviation()
    }

    /// Count, mean and spread.
    #[must_use]
    pub fn moments(&self) -> Moments {
        let mut moments = Moments::default();
        for &(value, times) in &self.counts {
            moments.record_times(value, times);
        }
        moments
    }

    /// The mean with standard error and Student's t interval; of a single answer only the answer. The interval is not
    /// clipped to the scale.
    ///
    /// # Errors
    /// [`Error::Empty`] without answers, [`Error::OutOfRange`] unless `level` lies strictly between 0 and 1.
    pub fn estimate(&self, level: Probability) -> Result<Estimate> {
        self.moments().estimate(level)
    }

    /// Share of answers of `value` or better.
    #[must_use]
    pub fn share_from(&self, value: f64) -> Proportion {
        self.share(|answer| answer >= value)
    }

    /// Share of answers of `value` or worse.
    #[must_use]
    pub fn share_up_to(&self, value: f64) -> Proportion {
        self.share(|answer| answer <= value)
    }

    /// Share of the two best answers of a scale with whole steps: at most one step below the best.
    #[must_use]
    pub fn top_two(&self) -> Proportion {
        self.share_from(self.scale.highest() - 1.0)
    }

    /// Share of the two worst answers of a scale with whole steps: at most one step above the worst.
    #[must_use]
    pub fn bottom_two(&self) -> Proportion {
        self.share_up_to(self.scale.lowest() + 1.0)
    }

    /// The same answers as detractors, passives and promoters.
    ///
    /// # Errors
    /// [`Error::MixedScales`] if `rule` reads another scale.
    pub fn sentiment(&self, rule: SentimentRule) -> Result<SentimentTally> {
        let mut tally = SentimentTally::default();
        for &(value, times) in &self.counts {
            tally.record_times(rule.of(self.scale.rate(value)?)?, times);
        }
        Ok(tally)
    }

    fn share(&self, counts: impl Fn(f64) -> bool) -> Proportion {
        let mut proportion = Proportion::default();
        for &(value, times) in &self.counts {
            proportion.record_times(counts(value), times);
        }
        proportion
    }

    /// Takes an answer that is known to lie on this scale.
    pub(crate) fn add(&mut self, value: f64, times: u64) {
        // Minus zero and zero are the same answer.
        let value = value + 0.0;
        match self
            .counts
            .binary_search_by(|(known, _)| known.total_cmp(&value))
        {
            Ok(place) => self.counts[place].1 += times,
            Err(place) => self.counts.insert(place, (value, times)),
        }
    }

    fn same_scale(&self, scale: RatingScale) -> Result<()> {
        if scale == self.scale {
            return Ok(());
        }
        Err(Error::MixedScales {
            left: self.scale.to_string(),
            right: scale.to_string(),
        })
    }
}

fn too_many() -> Error {
    Error::Overflow {
        what: "a count of answers".into(),
    }
}

impl Merge for RatingTally {
    fn merge(&mut self, other: &Self) -> Result<()> {
        self.same_scale(other.scale)?;
        if self.answered().checked_add(other.answered()).is_none() {
            return Err(too_many());
        }
        for &(value, times) in &other.counts {
            self.add(value, times);
        }
        Ok(())
    }
}
