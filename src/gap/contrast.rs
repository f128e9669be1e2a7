//! What those say who were served in time, and those who were not.

use crate::error::{Error, Result};
use crate::measure::{Estimate, Interval, Probability, SentimentRule, critical_value};
use crate::survey::{RatingTally, SentimentTally};

/// Scores in time against scores late: two groups, their difference, and how large it is.
///
/// Means of ratings take steps of the scale as equal. The difference is between groups that nobody formed at random.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LateContrast {
    on_time: RatingTally,
    late: RatingTally,
    on_time_sentiment: SentimentTally,
    late_sentiment: SentimentTally,
    difference: Estimate,
    welch_t: Option<f64>,
    degrees_of_freedom: Option<f64>,
    cohen_d: Option<f64>,
}

impl LateContrast {
    pub(super) fn of(
        on_time: RatingTally,
        late: RatingTally,
        rule: SentimentRule,
        level: Probability,
    ) -> Result<Self> {
        let (first, second) = (on_time.moments(), late.moments());
        let (Some(first_mean), Some(second_mean), Some(first_variance), Some(second_variance)) = (
            first.mean(),
            second.mean(),
            first.variance(),
            second.variance(),
        ) else {
            return Err(Error::TooFew {
                what: "ratings on the smaller side of a contrast".into(),
                found: usize::try_from(first.count().min(second.count())).unwrap_or(usize::MAX),
                needed: 2,
                remedy: "look at the counts instead".into(),
            });
        };
        let (n, m) = (first.count() as f64, second.count() as f64);
        let (first_part, second_part) = (first_variance / n, second_variance / m);
        let variance = first_part + second_part;
        let error = variance.sqrt();
        let difference = first_mean - second_mean;
        let varies = variance > 0.0;
        // Welch 1947, with Satterthwaite's degrees of freedom.
        let degrees = varies.then(|| {
            variance * variance
                / (first_part * first_part / (n - 1.0) + second_part * second_part / (m - 1.0))
        });
        let pooled = ((n - 1.0) * first_variance + (m - 1.0) * second_variance) / (n + m - 2.0);
        let observations =
            usize::try_from(first.count().saturating_add(second.count())).unwrap_or(usize::MAX);
        let mut estimate = Estimate::new(difference, observations).with_standard_error(error);
        let half = match degrees {
            Some(degrees) => error * critical_value::student_t(level, degrees)?,
            None => 0.0,
        };
        if varies {
            estimate = estimate.with_interval(Interval::new(
                difference - half,
                difference + half,
                level,
                "Welch",
            )?);
        }
        Ok(Self {
            on_time_sentiment: on_time.sentiment(rule)?,
            late_sentiment: late.sentiment(rule)?,
            on_time,
            late,
            difference: estimate,
            welch_t: varies.then(|| difference / error),
            degrees_of_freedom: degrees,
            cohen_d: varies.then(|| difference / pooled.sqrt()),
        })
    }

    /// Ratings in time.
    #[must_use]
    pub fn on_time(&self) -> &RatingTally {
        &self.on_time
    }

    /// Ratings late.
    #[must_use]
    pub fn late(&self) -> &RatingTally {
        &self.late
    }

    /// Sentiment in time. Unless the question was the recommendation question, its score only resembles a net promoter
    /// score.
    #[must_use]
    pub fn on_time_sentiment(&self) -> SentimentTally {
        self.on_time_sentiment
    }

    /// Sentiment late.
    #[must_use]
    pub fn late_sentiment(&self) -> SentimentTally {
        self.late_sentiment
    }

    /// Mean in time minus mean late, in steps of the scale, with Welch's standard error and interval.
    #[must_use]
    pub fn difference(&self) -> &Estimate {
        &self.difference
    }

    /// Welch's t; `None` if neither side varies.
    #[must_use]
    pub fn welch_t(&self) -> Option<f64> {
        self.welch_t
    }

    /// Degrees of freedom of Welch's t; `None` if neither side varies.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> Option<f64> {
        self.degrees_of_freedom
    }

    /// Difference in pooled standard deviations (Cohen's d); `None` if neither side varies.
    #[must_use]
    pub fn cohen_d(&self) -> Option<f64> {
        self.cohen_d
    }
}
