//! How many promises stand how.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::error::{Error, Result};
use crate::journey::Segmentation;
use crate::measure::{Estimate, Interval, Merge, Probability};

use super::{PromiseLedger, PromiseRecord, PromiseStage, PromiseState};

/// Number of promises in each stage.
///
/// ```
/// use tillit::promise::{PromiseStage, PromiseState, PromiseTally};
///
/// let mut tally = PromiseTally::default();
/// tally.add(PromiseState::Kept { days_early: Some(2) });
/// tally.add(PromiseState::BrokenStillOpen { overdue_days: 9 });
/// assert_eq!((tally.count(PromiseStage::Kept), tally.total()), (1, 2));
/// assert_eq!(tally.kept_share()?.value(), 0.5);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PromiseTally {
    not_started: u64,
    pending: u64,
    kept: u64,
    late: u64,
    broken_still_open: u64,
    broken: u64,
    waived: u64,
}

impl PromiseTally {
    /// Counts one promise.
    pub fn add(&mut self, state: PromiseState) {
        *self.slot(state.stage()) += 1;
    }

    /// Promises in `stage`.
    #[must_use]
    pub fn count(&self, stage: PromiseStage) -> u64 {
        match stage {
            PromiseStage::NotStarted => self.not_started,
            PromiseStage::Pending => self.pending,
            PromiseStage::Kept => self.kept,
            PromiseStage::Late => self.late,
            PromiseStage::BrokenStillOpen => self.broken_still_open,
            PromiseStage::Broken => self.broken,
            PromiseStage::Waived => self.waived,
        }
    }

    /// All promises counted, those not started included.
    #[must_use]
    pub fn total(&self) -> u64 {
        PromiseStage::ALL
            .iter()
            .map(|&stage| self.count(stage))
            .sum()
    }

    /// Promises that were made by then.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.total() - self.not_started
    }

    /// Promises on which the deadline or the company has spoken: kept, late, overdue and open, broken. Pending ones
    /// are not decided yet, waived ones never will be.
    #[must_use]
    pub fn decided(&self) -> u64 {
        self.kept + self.late + self.broken_still_open + self.broken
    }

    /// Share of `stage` among the promises made by then, with a 95 % Wilson interval.
    ///
    /// # Errors
    /// [`Error::Empty`] if none was made by then. Ask for promises not started by [`count`](Self::count): they are not
    /// among those made.
    pub fn share(&self, stage: PromiseStage) -> Result<Estimate> {
        let count = if stage == PromiseStage::NotStarted {
            0
        } else {
            self.count(stage)
        };
        share(count, self.made(), "the promises made by then")
    }

    /// Share kept in time among the promises decided by then, with a 95 % Wilson interval. Overdue ones count although
    /// they are open: a share of closed promises alone would hide them.
    ///
    /// # Errors
    /// [`Error::Empty`] if none was decided by then.
    pub fn kept_share(&self) -> Result<Estimate> {
        share(self.kept, self.decided(), "the promises decided by then")
    }

    pub(super) fn slot(&mut self, stage: PromiseStage) -> &mut u64 {
        match stage {
            PromiseStage::NotStarted => &mut self.not_started,
            PromiseStage::Pending => &mut self.pending,
            PromiseStage::Kept => &mut self.kept,
            PromiseStage::Late => &mut self.late,
            PromiseStage::BrokenStillOpen => &mut self.broken_still_open,
            PromiseStage::Broken => &mut self.broken,
            PromiseStage::Waived => &mut self.waived,
        }
    }
}

impl Merge for PromiseTally {
    fn merge(&mut self, other: &Self) -> Result<()> {
        let mut sum = *self;
        for stage in PromiseStage::ALL {
            let slot = sum.slot(stage);
            *slot = slot
                .checked_add(other.count(stage))
                .ok_or(Error::Overflow {
                    what: "the number of promises".into(),
                })?;
        }
        *self = sum;
        Ok(())
    }
}

/// A share with Wilson's interval (Wilson 1927, JASA 22:209–212), which stays within 0 to 1 and never has zero width.
fn share(count: u64, of: u64, what: &'static str) -> Result<Estimate> {
    const Z: f64 = 1.959_963_984_540_054;
    if of == 0 {
        return Err(Error::Empty {
            what: what.into(),
            remedy: "ask for a later day or for more promises".into(),
        });
    }
    let n = of as f64;
    let p = count as f64 / n;
    let centre = p + Z * Z / (2.0 * n);
    let reach = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let shrink = 1.0 + Z * Z / n;
    let low = if count == 0 {
        0.0
    } else {
        (centre - reach) / shrink
    };
    let high = if count == of {
        1.0
    } else {
        (centre + reach) / shrink
    };
    let interval = Interval::new(low, high, Probability::new(0.95)?, "Wilson")?;
    let observations = usize::try_from(of).unwrap_or(usize::MAX);
    Ok(Estimate::new(p, observations).with_interval(interval))
}

impl PromiseLedger {
    /// How all promises stood at the end of `day`.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if `day` lies after the ledger's.
    pub fn tally_on(&self, day: NaiveDate) -> Result<PromiseTally> {
        let mut tally = PromiseTally::default();
        for (_, state) in self.states_on(day)? {
            tally.add(state);
        }
        Ok(tally)
    }

    /// How the promises of each group stood at the end of `day`, grouped by whatever `key` says.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if `day` lies after the ledger's.
    pub fn tally_by<K: Ord>(
        &self,
        day: NaiveDate,
        key: impl Fn(&PromiseRecord) -> K,
    ) -> Result<BTreeMap<K, PromiseTally>> {
        let mut tallies = BTreeMap::new();
        for (record, state) in self.states_on(day)? {
            tallies
                .entry(key(record))
                .or_insert_with(PromiseTally::default)
                .add(state);
        }
        Ok(tallies)
    }

    /// How promises of each name stood at the end of `day`.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if `day` lies after the ledger's.
    pub fn tally_by_name(&self, day: NaiveDate) -> Result<BTreeMap<&str, PromiseTally>> {
        let by_number = self.tally_by(day, PromiseRecord::name_index)?;
        Ok(with_texts(by_number, self.names()))
    }

    /// How promises of each maker stood at the end of `day`; the empty name stands for unknown makers.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if `day` lies after the ledger's.
    pub fn tally_by_maker(&self, day: NaiveDate) -> Result<BTreeMap<&str, PromiseTally>> {
        let by_number = self.tally_by(day, PromiseRecord::maker_index)?;
        Ok(with_texts(by_number, self.makers()))
    }

    /// How the promises of each segment stood at the end of `day`. `None` holds those in no case or in a case without a
    /// segment, so that the tallies sum to all promises.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if `day` lies after the ledger's.
    pub fn tally_by_segment<'log>(
        &self,
        day: NaiveDate,
        segmentation: &'log Segmentation,
    ) -> Result<BTreeMap<Option<&'log str>, PromiseTally>> {
        self.tally_by(day, |record| {
            record.case().and_then(|case| segmentation.label_of(case))
        })
    }
}

fn with_texts(
    by_number: BTreeMap<usize, PromiseTally>,
    texts: &[Box<str>],
) -> BTreeMap<&str, PromiseTally> {
    by_number
        .into_iter()
        .filter_map(|(number, tally)| Some((texts.get(number)?.as_ref(), tally)))
        .collect()
}
