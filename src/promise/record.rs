//! One promise and what became of it.

use crate::journey::{CaseIndex, CustomerIndex, Dimension, Due, LoggedEvent, Promise};
use crate::measure::{Timestamp, Zone};

/// How a promise was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum HowClosed {
    /// Carried out, in time or late, by whomever.
    Fulfilled,
    /// It became certain that it would not be carried out.
    Broken {
        /// Whether the customer was deceived.
        deception: bool,
    },
    /// Its reason fell away, without blame.
    Waived,
}

/// The end of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Closing {
    /// How.
    pub how: HowClosed,
    /// When.
    pub at: Timestamp,
}

/// A new deadline for an open promise, agreed before the old one had passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Renegotiation {
    /// When the new deadline was agreed.
    pub at: Timestamp,
    /// The new deadline; `None` if from now on no day is named.
    pub due: Option<Due>,
}

/// When a fulfilment counts as late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum LatenessRule {
    /// A deadline given as a day lasts to the end of that day.
    #[default]
    EndOfDay,
    /// A deadline given as a day ends when that day begins: the common mistake of comparing with a date that was read
    /// as midnight. Kept so that the difference can be shown.
    StartOfDay,
}

/// One promise to one customer and what became of it, as far as the ledger's view knows.
#[derive(Clone, Debug, PartialEq)]
pub struct PromiseRecord {
    customer: CustomerIndex,
    case: Option<CaseIndex>,
    name: u32,
    maker: u32,
    dimension: Dimension,
    stake: f64,
    made: Timestamp,
    first_due: Option<Due>,
    renegotiations: Vec<Renegotiation>,
    closing: Option<Closing>,
    /// Last moment that keeps the promise under the deadline in force; the end of time without a deadline.
    keeps_until: Timestamp,
}

impl PromiseRecord {
    pub(super) fn new(
        event: LoggedEvent<'_>,
        promise: &Promise<'_>,
        name: u32,
        maker: u32,
        zone: Zone,
    ) -> Self {
        Self {
            customer: event.customer(),
            case: event.case(),
            name,
            maker,
            dimension: promise.dimension,
            stake: promise.stake,
            made: event.at(),
            first_due: promise.due,
            renegotiations: Vec::new(),
            closing: None,
            keeps_until: keeps_until(promise.due, zone),
        }
    }

    /// To whom it was made.
    #[must_use]
    pub fn customer(&self) -> CustomerIndex {
        self.customer
    }

    /// The case in which it was made.
    #[must_use]
    pub fn case(&self) -> Option<CaseIndex> {
        self.case
    }

    /// Place of its name in [`PromiseLedger::names`](super::PromiseLedger::names).
    #[must_use]
    pub fn name_index(&self) -> usize {
        self.name as usize
    }

    /// Place of its maker in [`PromiseLedger::makers`](super::PromiseLedger::makers).
    #[must_use]
    pub fn maker_index(&self) -> usize {
        self.maker as usize
    }

    /// Which side of trust it speaks to.
    #[must_use]
    pub fn dimension(&self) -> Dimension {
        self.dimension
    }

    /// How much hangs on it, relative to an ordinary promise.
    #[must_use]
    pub fn stake(&self) -> f64 {
        self.stake
    }

    /// When it was made.
    #[must_use]
    pub fn made(&self) -> Timestamp {
        self.made
    }

    /// The deadline in force; `None` if no day is named.
    #[must_use]
    pub fn due(&self) -> Option<Due> {
        self.renegotiations
            .last()
            .map_or(self.first_due, |renegotiation| renegotiation.due)
    }

    /// The deadline in force at `moment`.
    #[must_use]
    pub fn due_at(&self, moment: Timestamp) -> Option<Due> {
        self.renegotiations
            .iter()
            .rev()
            .find(|renegotiation| renegotiation.at <= moment)
            .map_or(self.first_due, |renegotiation| renegotiation.due)
    }

    /// The deadline that was named first.
    #[must_use]
    pub fn first_due(&self) -> Option<Due> {
        self.first_due
    }

    /// The new deadlines, in order.
    #[must_use]
    pub fn renegotiations(&self) -> &[Renegotiation] {
        &self.renegotiations
    }

    /// How and when it ended; `None` while it is open.
    #[must_use]
    pub fn closing(&self) -> Option<Closing> {
        self.closing
    }

    /// When it was carried out; `None` if it was not.
    #[must_use]
    pub fn fulfilled(&self) -> Option<Timestamp> {
        match self.closing {
            Some(Closing {
                how: HowClosed::Fulfilled,
                at,
            }) => Some(at),
            _ => None,
        }
    }

    /// Promise-versus-delivery gap: calendar day of fulfilment minus day of the deadline, in days of `zone`. Negative
    /// is early, positive late; `None` without a fulfilment or without a deadline.
    #[must_use]
    pub fn gap_days(&self, zone: Zone) -> Option<i64> {
        let fulfilled = self.fulfilled()?;
        let due = self.due()?;
        Some((zone.date_of(fulfilled) - due.date(zone)).num_days())
    }

    /// How many times as long as promised it took, in calendar days of `zone` from making to fulfilment and to the first
    /// deadline; `None` without a fulfilment or a first deadline, or if it was due on the day it was made.
    #[must_use]
    pub fn times_as_long(&self, zone: Zone) -> Option<f64> {
        let made = zone.date_of(self.made);
        let promised = (self.first_due?.date(zone) - made).num_days();
        let taken = (zone.date_of(self.fulfilled()?) - made).num_days();
        (promised > 0).then(|| taken as f64 / promised as f64)
    }

    /// Whether it was carried out late; `None` without a fulfilment or without a deadline. Carried out exactly at the
    /// deadline is in time.
    #[must_use]
    pub fn is_late(&self, rule: LatenessRule, zone: Zone) -> Option<bool> {
        let fulfilled = self.fulfilled()?;
        let deadline = match (self.due()?, rule) {
            (Due::Day(date), LatenessRule::StartOfDay) => zone.start_of(date),
            _ => self.keeps_until,
        };
        Some(fulfilled > deadline)
    }

    /// The last moment that keeps it under the deadline in force; the end of time without a deadline.
    #[must_use]
    pub fn keeps_until(&self) -> Timestamp {
        self.keeps_until
    }

    /// From when it has been overdue, or would have been had it not been closed; `None` without a deadline.
    pub(super) fn overdue_from(&self) -> Option<Timestamp> {
        let after = self.keeps_until.micros().checked_add(1)?;
        let agreed = self.renegotiations.last().map_or(self.made, |last| last.at);
        Some(Timestamp::from_micros(after).max(agreed))
    }

    pub(super) fn close(&mut self, how: HowClosed, at: Timestamp) {
        self.closing = Some(Closing { how, at });
    }

    /// Moves the deadline; `false` and no effect once it has passed.
    pub(super) fn renegotiate(&mut self, at: Timestamp, due: Option<Due>, zone: Zone) -> bool {
        let in_time = at <= self.keeps_until;
        if in_time {
            self.renegotiations.push(Renegotiation { at, due });
            self.keeps_until = keeps_until(due, zone);
        }
        in_time
    }
}

fn keeps_until(due: Option<Due>, zone: Zone) -> Timestamp {
    due.map_or(Timestamp::MAX, |due| due.last_moment(zone))
}
