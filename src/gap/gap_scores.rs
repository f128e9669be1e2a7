//! What the ratings say of a promise: scores, and how they go together with early and late.

use crate::error::Result;
use crate::measure::Probability;
use crate::promise::LatenessRule;
use crate::survey::RatingTally;

use super::PromiseGap;
use super::asymmetry::{self, GapAssociation, GapAsymmetry};
use super::bucket::{self, GapBucket, GapLimits};
use super::contrast::LateContrast;
use super::outcome::Ratings;

impl PromiseGap {
    /// Ratings of all cases.
    #[must_use]
    pub fn scores(&self) -> RatingTally {
        self.tally(self.outcomes.iter().map(|outcome| &outcome.ratings).chain([
            &self.without_deadline,
            &self.not_fulfilled,
            &self.waived,
        ]))
    }

    /// Ratings of the cases in which it was carried out.
    #[must_use]
    pub fn scores_fulfilled(&self) -> RatingTally {
        self.tally(self.outcomes.iter().map(|outcome| &outcome.ratings))
    }

    /// Ratings of the cases in which it was carried out late, or in time.
    #[must_use]
    pub fn scores_when(&self, late: bool, rule: LatenessRule) -> RatingTally {
        self.tally(
            self.outcomes
                .iter()
                .filter(|outcome| outcome.is_late(rule) == late)
                .map(|outcome| &outcome.ratings),
        )
    }

    /// Ratings of the cases in which it was not carried out, or not yet.
    #[must_use]
    pub fn scores_not_fulfilled(&self) -> &RatingTally {
        &self.not_fulfilled.rated
    }

    fn tally<'a>(&self, ratings: impl Iterator<Item = &'a Ratings>) -> RatingTally {
        let mut tally = RatingTally::new(self.rule.scale());
        for ratings in ratings {
            for &(value, times) in ratings.rated.distribution() {
                tally.add(value, times);
            }
        }
        tally
    }

    /// Scores in time against scores late.
    ///
    /// # Errors
    /// [`Error::TooFew`](crate::Error::TooFew) unless both sides have at least two ratings, [`Error::OutOfRange`](crate::Error::OutOfRange) unless `level` lies
    /// strictly between 0 and 1.
    pub fn contrast(&self, rule: LatenessRule, level: Probability) -> Result<LateContrast> {
        LateContrast::of(
            self.scores_when(false, rule),
            self.scores_when(true, rule),
            self.rule,
            level,
        )
    }

    /// How gap and score go together over all rated fulfilments; `None` unless both vary.
    #[must_use]
    pub fn association(&self) -> Option<GapAssociation> {
        asymmetry::association(&self.points())
    }

    /// The score's slope per day, split at the promised day; the late side also up to `near_days` days late only
    /// (10 by convention), where most of the effect lies.
    #[must_use]
    pub fn asymmetry(&self, near_days: u32) -> GapAsymmetry {
        asymmetry::split_at_zero(&self.points(), near_days)
    }

    /// The score by how early or late, every rated fulfilment in exactly one bucket.
    ///
    /// # Errors
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) unless `level` lies strictly between 0 and 1.
    pub fn by_bucket(&self, limits: &GapLimits, level: Probability) -> Result<Vec<GapBucket>> {
        bucket::fill(limits, self.rule.scale(), &self.points(), level)
    }

    /// Gap, rating, count.
    fn points(&self) -> Vec<(i64, f64, u64)> {
        self.outcomes
            .iter()
            .flat_map(|outcome| {
                outcome
                    .ratings
                    .rated
                    .distribution()
                    .iter()
                    .map(|&(value, times)| (outcome.days, value, times))
            })
            .collect()
    }
}
