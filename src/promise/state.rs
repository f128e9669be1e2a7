//! How one promise stands at a moment, from what was known then.

use chrono::NaiveDate;

use crate::measure::{Timestamp, Zone};

use super::{Closing, HowClosed, PromiseRecord};

/// How a promise stands. Days are calendar days of the ledger's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum PromiseState {
    /// Not made yet.
    NotStarted,
    /// Open, and the deadline has not passed.
    Pending {
        /// Days to the deadline; `None` if no day was named.
        days_left: Option<i64>,
    },
    /// Carried out in time.
    Kept {
        /// Days before the deadline; `None` if no day was named.
        days_early: Option<i64>,
    },
    /// Carried out after the deadline; 0 days if on the same day but too late.
    Late {
        /// Days after the deadline.
        days_late: i64,
    },
    /// The deadline has passed and nothing has happened.
    BrokenStillOpen {
        /// Days since the deadline.
        overdue_days: i64,
    },
    /// It is certain that it will not be carried out.
    Broken,
    /// Its reason fell away, without blame.
    Waived,
}

/// A [`PromiseState`] without its days, for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum PromiseStage {
    /// [`PromiseState::NotStarted`]
    NotStarted,
    /// [`PromiseState::Pending`]
    Pending,
    /// [`PromiseState::Kept`]
    Kept,
    /// [`PromiseState::Late`]
    Late,
    /// [`PromiseState::BrokenStillOpen`]
    BrokenStillOpen,
    /// [`PromiseState::Broken`]
    Broken,
    /// [`PromiseState::Waived`]
    Waived,
}

impl PromiseStage {
    /// All stages, in the order in which a promise can pass through them.
    pub const ALL: [Self; 7] = [
        Self::NotStarted,
        Self::Pending,
        Self::Kept,
        Self::Late,
        Self::BrokenStillOpen,
        Self::Broken,
        Self::Waived,
    ];

    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotStarted => "not started",
            Self::Pending => "pending",
            Self::Kept => "kept",
            Self::Late => "late",
            Self::BrokenStillOpen => "overdue and open",
            Self::Broken => "broken",
            Self::Waived => "waived",
        }
    }
}

impl PromiseState {
    /// The state without its days.
    #[must_use]
    pub fn stage(self) -> PromiseStage {
        match self {
            Self::NotStarted => PromiseStage::NotStarted,
            Self::Pending { .. } => PromiseStage::Pending,
            Self::Kept { .. } => PromiseStage::Kept,
            Self::Late { .. } => PromiseStage::Late,
            Self::BrokenStillOpen { .. } => PromiseStage::BrokenStillOpen,
            Self::Broken => PromiseStage::Broken,
            Self::Waived => PromiseStage::Waived,
        }
    }

    /// Whether something can still happen.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending { .. } | Self::BrokenStillOpen { .. })
    }
}

impl std::fmt::Display for PromiseState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Pending {
                days_left: Some(days),
            } => write!(f, "pending, {} left", in_days(days)),
            Self::Kept {
                days_early: Some(days),
            } if days > 0 => write!(f, "kept, {} early", in_days(days)),
            Self::Late { days_late } => write!(f, "kept {} late", in_days(days_late)),
            Self::BrokenStillOpen { overdue_days } => {
                write!(
                    f,
                    "broken and still open, {} overdue",
                    in_days(overdue_days)
                )
            }
            state => f.write_str(state.stage().label()),
        }
    }
}

fn in_days(days: i64) -> String {
    let plural = if days == 1 { "" } else { "s" };
    format!("{days} day{plural}")
}

impl PromiseRecord {
    /// How this promise stood at `moment`, from what was known then: what was carried out tomorrow is pending today,
    /// and a deadline moved tomorrow still stands today. At the deadline itself it is still pending.
    ///
    /// The record knows what happened up to the moment of its ledger; a later `moment` is answered as if nothing more
    /// had happened. [`PromiseLedger::state_at`](super::PromiseLedger::state_at) refuses it.
    #[must_use]
    pub fn state_at(&self, moment: Timestamp, zone: Zone) -> PromiseState {
        if moment < self.made() {
            return PromiseState::NotStarted;
        }
        let due = self.due_at(moment);
        let days_to_due = |from: Timestamp| due.map(|due| days(zone.date_of(from), due.date(zone)));
        match self.closing() {
            Some(Closing { how, at }) if at <= moment => match how {
                HowClosed::Waived => PromiseState::Waived,
                HowClosed::Broken { .. } => PromiseState::Broken,
                HowClosed::Fulfilled if at > self.keeps_until() => PromiseState::Late {
                    days_late: days_to_due(at).map_or(0, |days| -days),
                },
                HowClosed::Fulfilled => PromiseState::Kept {
                    days_early: days_to_due(at),
                },
            },
            _ => {
                let passed = due.is_some_and(|due| moment > due.last_moment(zone));
                if passed {
                    PromiseState::BrokenStillOpen {
                        overdue_days: days_to_due(moment).map_or(0, |days| -days),
                    }
                } else {
                    PromiseState::Pending {
                        days_left: days_to_due(moment),
                    }
                }
            }
        }
    }
}

/// Calendar days from one day to another.
fn days(from: NaiveDate, to: NaiveDate) -> i64 {
    (to - from).num_days()
}
