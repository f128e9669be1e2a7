//! The score by how early or how late.

use crate::error::{Error, Result};
use crate::measure::{Estimate, Probability, Proportion, RatingScale};
use crate::survey::RatingTally;

/// Where one bucket of gaps ends and the next begins: the last day of every bucket but the open last one.
///
/// Default: −22, −15, −8, −1, 0, 2, 5, 10, that is weeks early, the promised day itself, and narrow steps late where the
/// score moves most (convention).
///
/// ```
/// use tillit::gap::GapLimits;
///
/// let labels: Vec<String> = GapLimits::default().labels().collect();
/// assert_eq!(labels, ["<=-22", "-21..-15", "-14..-8", "-7..-1", "0", "1..2", "3..5", "6..10", ">=11"]);
/// assert!(GapLimits::new(vec![3, 3]).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Vec<i64>", into = "Vec<i64>")
)]
pub struct GapLimits(Vec<i64>);

impl Default for GapLimits {
    fn default() -> Self {
        Self(vec![-22, -15, -8, -1, 0, 2, 5, 10])
    }
}

impl GapLimits {
    /// The last day of every bucket, in ascending order; one more bucket takes everything later.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the days ascend and lie within a million days of the promise.
    pub fn new(last_days: Vec<i64>) -> Result<Self> {
        for (place, &day) in last_days.iter().enumerate() {
            Error::unless(
                day.abs() <= 1_000_000 && (place == 0 || last_days[place - 1] < day),
                "last day of a bucket",
                day as f64,
                "be later than the bucket before, within a million days",
            )?;
        }
        Ok(Self(last_days))
    }

    /// What each bucket is called: `<=-22`, `-21..-15`, `0`, `>=11`.
    pub fn labels(&self) -> impl Iterator<Item = String> {
        (0..=self.0.len()).map(|place| {
            match (
                place.checked_sub(1).and_then(|before| self.0.get(before)),
                self.0.get(place),
            ) {
                (None, Some(last)) => format!("<={last}"),
                (Some(before), Some(last)) if before + 1 == *last => format!("{last}"),
                (Some(before), Some(last)) => format!("{}..{last}", before + 1),
                (Some(before), None) => format!(">={}", before + 1),
                (None, None) => "all".to_owned(),
            }
        })
    }
}

impl TryFrom<Vec<i64>> for GapLimits {
    type Error = Error;

    fn try_from(last_days: Vec<i64>) -> Result<Self> {
        Self::new(last_days)
    }
}

impl From<GapLimits> for Vec<i64> {
    fn from(limits: GapLimits) -> Self {
        limits.0
    }
}

/// Scores of the fulfilments of one range of gaps.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GapBucket {
    label: String,
    scores: RatingTally,
    mean: Option<Estimate>,
}

impl GapBucket {
    /// The range of gaps, in days.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The ratings in it.
    #[must_use]
    pub fn scores(&self) -> &RatingTally {
        &self.scores
    }

    /// Their mean with its interval; `None` for an empty bucket.
    #[must_use]
    pub fn mean(&self) -> Option<&Estimate> {
        self.mean.as_ref()
    }

    /// Share of the worst answer of the scale.
    #[must_use]
    pub fn share_worst(&self) -> Proportion {
        self.scores.share_up_to(self.scores.scale().lowest())
    }

    /// Share of the best answer of the scale.
    #[must_use]
    pub fn share_best(&self) -> Proportion {
        self.scores.share_from(self.scores.scale().highest())
    }
}

pub(super) fn fill(
    limits: &GapLimits,
    scale: RatingScale,
    points: &[(i64, f64, u64)],
    level: Probability,
) -> Result<Vec<GapBucket>> {
    let mut tallies = vec![RatingTally::new(scale); limits.0.len() + 1];
    for &(days, score, times) in points {
        tallies[limits.0.partition_point(|&last| last < days)].add(score, times);
    }
    limits
        .labels()
        .zip(tallies)
        .map(|(label, scores)| {
            let mean = match scores.answered() {
                0 => None,
                _ => Some(scores.estimate(level)?),
            };
            Ok(GapBucket {
                label,
                scores,
                mean,
            })
        })
        .collect()
}
