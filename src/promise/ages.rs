//! How long overdue promises have been overdue, and how late the late ones came.

use crate::error::{Error, Result};
use crate::measure::{Probability, Span, Timestamp};

use super::{PromiseLedger, PromiseState};

/// Lengths of elapsed time, sorted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ages {
    sorted: Vec<Span>,
}

impl Ages {
    fn of(mut lengths: Vec<Span>) -> Self {
        lengths.sort_by(|left, right| left.days().total_cmp(&right.days()));
        Self { sorted: lengths }
    }

    /// The lengths, shortest first.
    #[must_use]
    pub fn sorted(&self) -> &[Span] {
        &self.sorted
    }

    /// The length below which a share of `share` lies, interpolated linearly between neighbours (Hyndman & Fan 1996,
    /// type 7).
    ///
    /// # Errors
    /// [`Error::Empty`] if there is none.
    pub fn quantile(&self, share: Probability) -> Result<Span> {
        let last = self.sorted.len().checked_sub(1).ok_or_else(nothing)?;
        let place = share.value() * last as f64;
        // Within 0 to `last`, because the share lies within 0 to 1.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let below = (place.floor() as usize).min(last);
        let low = self.sorted[below].days();
        let high = self.sorted[(below + 1).min(last)].days();
        Span::from_days(low + (place - below as f64) * (high - low))
    }

    /// The mean length.
    ///
    /// # Errors
    /// [`Error::Empty`] if there is none.
    pub fn mean(&self) -> Result<Span> {
        if self.sorted.is_empty() {
            return Err(nothing());
        }
        let sum: f64 = self.sorted.iter().map(|age| age.days()).sum();
        Span::from_days(sum / self.sorted.len() as f64)
    }
}

fn nothing() -> Error {
    Error::Empty {
        what: "the list of ages".into(),
        remedy: "there is no such promise on that day, so there is no age to speak of".into(),
    }
}

impl PromiseLedger {
    /// For how long the promises that were overdue and open at `moment` had been overdue by then: elapsed time since
    /// the last moment that would have kept them.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if `moment` lies after the ledger's.
    pub fn overdue_ages_at(&self, moment: Timestamp) -> Result<Ages> {
        let mut ages = Vec::new();
        for (record, state) in self.states_at(moment)? {
            if let (PromiseState::BrokenStillOpen { .. }, Some(due)) =
                (state, record.due_at(moment))
            {
                ages.push(elapsed(due.last_moment(self.zone()), moment)?);
            }
        }
        Ok(Ages::of(ages))
    }

    /// By how much the promises that had been carried out late by `moment` were late: elapsed time from the last moment
    /// that would have kept them.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if `moment` lies after the ledger's.
    pub fn lateness_at(&self, moment: Timestamp) -> Result<Ages> {
        let mut ages = Vec::new();
        for (record, state) in self.states_at(moment)? {
            if let (PromiseState::Late { .. }, Some(fulfilled)) = (state, record.fulfilled()) {
                ages.push(elapsed(record.keeps_until(), fulfilled)?);
            }
        }
        Ok(Ages::of(ages))
    }
}

fn elapsed(from: Timestamp, to: Timestamp) -> Result<Span> {
    Span::from_days(to.days_since(from))
}
