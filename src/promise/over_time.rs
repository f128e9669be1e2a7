//! How promises stood day after day, in one sweep.

use std::num::NonZeroU32;

use chrono::{Days, NaiveDate};

use crate::error::{Error, Result};

use super::{HowClosed, PromiseLedger, PromiseStage, PromiseTally};

/// A tally for each of several days; each sums to all promises of the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StatesOverTime {
    tallies: Vec<(NaiveDate, PromiseTally)>,
}

impl StatesOverTime {
    /// The days in order, each with the tally at its end.
    #[must_use]
    pub fn tallies(&self) -> &[(NaiveDate, PromiseTally)] {
        &self.tallies
    }
}

impl PromiseLedger {
    /// The tally at the end of every `step`th day, from the day of the first promise to the last day of which anything
    /// is known: the day of the ledger's moment or of the last fact, whichever is earlier. That last day is always
    /// there, even if the last step is shorter. Empty without promises.
    ///
    /// # Errors
    /// As [`states_between`](Self::states_between), whose limits these days keep.
    pub fn states_over_time(&self, step: NonZeroU32) -> Result<StatesOverTime> {
        let first = self.records().iter().map(super::PromiseRecord::made).min();
        let (Some(first), Some(last)) = (first, self.last_fact()) else {
            return Ok(StatesOverTime::default());
        };
        self.states_between(self.zone().date_of(first), self.zone().date_of(last), step)
    }

    /// The tally at the end of `from`, of every `step`th day after it, and of `to`. One sweep over the promises, then
    /// one over the days.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if `to` lies after the ledger's day, [`Error::Contradiction`] if it lies before `from`.
    pub fn states_between(
        &self,
        from: NaiveDate,
        to: NaiveDate,
        step: NonZeroU32,
    ) -> Result<StatesOverTime> {
        let until = self.end_of(to)?;
        let Ok(length) = u64::try_from((to - from).num_days()) else {
            return Err(Error::Contradiction {
                what: "the range of days".into(),
                reason: format!("it ends on {to}, before it begins on {from}"),
            });
        };
        let step = u64::from(step.get());
        let samples = length.div_ceil(step) + 1;
        // Net change of each stage up to each sampled day.
        let mut changes = vec![[0_i64; PromiseStage::ALL.len()]; usize_of(samples)];
        let mut pass = |at, left: PromiseStage, entered: PromiseStage| {
            if at > until {
                return;
            }
            let days_in = (self.zone().date_of(at) - from).num_days().max(0);
            let place = usize_of(days_in.unsigned_abs().div_ceil(step));
            let change = &mut changes[place];
            change[left as usize] -= 1;
            change[entered as usize] += 1;
        };
        for record in self.records() {
            pass(
                record.made(),
                PromiseStage::NotStarted,
                PromiseStage::Pending,
            );
            let closing = record.closing();
            let overdue = record
                .overdue_from()
                .filter(|&at| closing.is_none_or(|closing| closing.at >= at));
            let mut stage = PromiseStage::Pending;
            if let Some(at) = overdue {
                pass(at, stage, PromiseStage::BrokenStillOpen);
                stage = PromiseStage::BrokenStillOpen;
            }
            if let Some(closing) = closing {
                let end = match closing.how {
                    HowClosed::Waived => PromiseStage::Waived,
                    HowClosed::Broken { .. } => PromiseStage::Broken,
                    HowClosed::Fulfilled if overdue.is_some() => PromiseStage::Late,
                    HowClosed::Fulfilled => PromiseStage::Kept,
                };
                pass(closing.at, stage, end);
            }
        }
        let mut counts = [0_i64; PromiseStage::ALL.len()];
        counts[PromiseStage::NotStarted as usize] =
            i64::try_from(self.records().len()).unwrap_or(i64::MAX);
        let tallies = changes
            .iter()
            .zip(0_u64..)
            .map(|(change, sample)| {
                let mut tally = PromiseTally::default();
                for stage in PromiseStage::ALL {
                    counts[stage as usize] += change[stage as usize];
                    *tally.slot(stage) = counts[stage as usize].unsigned_abs();
                }
                let days_in = (sample * step).min(length);
                let day = from.checked_add_days(Days::new(days_in)).unwrap_or(to);
                (day, tally)
            })
            .collect();
        Ok(StatesOverTime { tallies })
    }
}

/// Numbers of days between two dates fit everywhere.
fn usize_of(days: u64) -> usize {
    usize::try_from(days).unwrap_or(usize::MAX)
}
