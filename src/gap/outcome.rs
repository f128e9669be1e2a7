//! Cases of one gap and lateness, with what they said.

use crate::error::Result;
use crate::measure::{Merge, Rating, RatingScale};
use crate::promise::LatenessRule;
use crate::survey::RatingTally;

/// Cases of one gap and lateness.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub(super) struct Outcome {
    pub(super) days: i64,
    pub(super) late: bool,
    pub(super) late_by_start_of_day: bool,
    pub(super) ratings: Ratings,
}

impl Outcome {
    pub(super) fn key(&self) -> (i64, bool, bool) {
        (self.days, self.late, self.late_by_start_of_day)
    }

    pub(super) fn is_late(&self, rule: LatenessRule) -> bool {
        match rule {
            LatenessRule::EndOfDay => self.late,
            LatenessRule::StartOfDay => self.late_by_start_of_day,
        }
    }
}

/// Cases with and without a rating.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub(super) struct Ratings {
    pub(super) unrated: u64,
    pub(super) rated: RatingTally,
}

impl Ratings {
    pub(super) fn none(scale: RatingScale) -> Self {
        Self {
            unrated: 0,
            rated: RatingTally::new(scale),
        }
    }

    pub(super) fn cases(&self) -> u64 {
        self.unrated.saturating_add(self.rated.answered())
    }

    pub(super) fn record(&mut self, rating: Option<Rating>) -> Result<()> {
        match rating {
            Some(rating) => self.rated.record(rating)?,
            None => self.unrated += 1,
        }
        Ok(())
    }
}

impl Merge for Ratings {
    fn merge(&mut self, other: &Self) -> Result<()> {
        self.rated.merge(&other.rated)?;
        self.unrated = self.unrated.saturating_add(other.unrated);
        Ok(())
    }
}
