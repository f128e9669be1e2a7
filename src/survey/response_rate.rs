//! How many were asked, and how many of them answered.

use crate::error::{Error, Result};
use crate::measure::{Merge, Proportion};

/// Cases by whether they were asked and whether they answered.
///
/// A score speaks for those who answered; without this beside it nobody can say how many stayed silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ResponseRate {
    asked_answered: u64,
    asked_silent: u64,
    unasked_answered: u64,
    unasked_silent: u64,
}

impl ResponseRate {
    /// One more case.
    pub fn record(&mut self, asked: bool, answered: bool) {
        *match (asked, answered) {
            (true, true) => &mut self.asked_answered,
            (true, false) => &mut self.asked_silent,
            (false, true) => &mut self.unasked_answered,
            (false, false) => &mut self.unasked_silent,
        } += 1;
    }

    /// Number of cases.
    #[must_use]
    pub fn cases(self) -> u64 {
        self.asked()
            .saturating_add(self.unasked_answered)
            .saturating_add(self.unasked_silent)
    }

    /// Cases that were asked.
    #[must_use]
    pub fn asked(self) -> u64 {
        self.asked_answered.saturating_add(self.asked_silent)
    }

    /// Cases that answered, asked or not.
    #[must_use]
    pub fn answered(self) -> u64 {
        self.asked_answered.saturating_add(self.unasked_answered)
    }

    /// Cases that answered without a question on record.
    #[must_use]
    pub fn answered_unasked(self) -> u64 {
        self.unasked_answered
    }

    /// Cases that nobody asked and that said nothing.
    #[must_use]
    pub fn without_question(self) -> u64 {
        self.unasked_silent
    }

    /// Of the asked, how many answered.
    #[must_use]
    pub fn of_asked(self) -> Proportion {
        Proportion::of(self.asked_answered, self.asked_silent)
    }

    /// Of all cases, how many answered.
    #[must_use]
    pub fn of_cases(self) -> Proportion {
        Proportion::of(
            self.answered(),
            self.asked_silent.saturating_add(self.unasked_silent),
        )
    }
}

impl Merge for ResponseRate {
    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.cases().checked_add(other.cases()).is_none() {
            return Err(Error::Overflow {
                what: "a count of cases".into(),
            });
        }
        self.asked_answered += other.asked_answered;
        self.asked_silent += other.asked_silent;
        self.unasked_answered += other.unasked_answered;
        self.unasked_silent += other.unasked_silent;
        Ok(())
    }
}
