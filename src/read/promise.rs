//! `kind = "promise"`: what was promised in a row, by when, and what came of it.

use chrono::Days;

use crate::error::Result;
use crate::journey::{Dimension, Due, Fact, Promise};
use crate::measure::{Timestamp, Zone};

use super::columns::{Columns, TimeSlot};
use super::condition::Condition;
use super::moment::TimeCell;
use super::reading::Fault;
use super::row::{Outcome, Row};
use super::section::Section;
use super::wording::Wording;

/// A promise and its end. What happened beats what a status says: a fulfilment in the row makes `broken` and `waived`
/// idle, and `broken` makes `waived` idle.
#[derive(Clone, Debug)]
pub(super) struct PromiseRule {
    name: Box<str>,
    maker: Option<Wording>,
    made: TimeSlot,
    due: Term,
    dimension: Dimension,
    stake: f64,
    renegotiated: Option<(TimeSlot, TimeSlot)>,
    fulfilled: Option<TimeSlot>,
    broken: Ending,
    deception: bool,
    waived: Ending,
}

/// By when.
#[derive(Clone, Copy, Debug)]
enum Term {
    Never,
    Column(TimeSlot),
    /// Calendar days after the day on which the promise was made.
    Days(u32),
}

/// How a row says that a promise ended otherwise: by values, by a moment, or by both.
#[derive(Clone, Debug)]
struct Ending {
    condition: Option<Condition>,
    at: Option<TimeSlot>,
}

impl PromiseRule {
    pub(super) fn parse(section: &Section<'_>, columns: &mut Columns) -> Result<Self> {
        let name = section.needed_text("name")?;
        let due = match (
            columns.time(section, "due")?,
            section.whole("due_days", 0, 100_000)?,
        ) {
            (Some(_), Some(_)) => {
                return Err(section.refuse("due", "stands beside due_days: keep one of the two"));
            }
            (Some(slot), None) => Term::Column(slot),
            (None, Some(days)) => Term::Days(days),
            (None, None) => Term::Never,
        };
        let dimension = match section.text("dimension")? {
            None | Some("ability") => Dimension::Ability,
            Some("benevolence") => Dimension::Benevolence,
            Some("integrity") => Dimension::Integrity,
            Some(_) => {
                return Err(section.refuse(
                    "dimension",
                    "must be \"ability\", \"benevolence\" or \"integrity\"",
                ));
            }
        };
        let stake = section.number("stake")?.unwrap_or(1.0);
        if !(stake > 0.0 && stake.is_finite()) {
            return Err(section.refuse("stake", "must be finite and above 0"));
        }
        let renegotiated = match (
            columns.time(section, "renegotiated_at")?,
            columns.time(section, "renegotiated_due")?,
        ) {
            (Some(at), Some(due)) => Some((at, due)),
            (None, None) => None,
            _ => {
                return Err(section.refuse(
                    "renegotiated_at",
                    "needs renegotiated_due beside it, and the other way round",
                ));
            }
        };
        Ok(Self {
            name: name.into(),
            maker: Wording::parse(section, "maker", "maker_column", columns)?,
            made: columns.needed_time(section, "made")?,
            due,
            dimension,
            stake,
            renegotiated,
            fulfilled: columns.time(section, "fulfilled")?,
            broken: Ending::parse(section, "broken", "broken_at", columns)?,
            deception: section.flag("deception")?,
            waived: Ending::parse(section, "waived", "waived_at", columns)?,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn made(&self) -> TimeSlot {
        self.made
    }

    pub(super) fn read<'r>(
        &'r self,
        made: TimeCell,
        row: &Row<'r>,
        outcome: &mut Outcome<'r>,
    ) -> Result<(), Fault> {
        let zone = row.mapping.zone().unwrap_or(Zone::UTC);
        let promise = &*self.name;
        let maker = match &self.maker {
            Some(maker) => maker.read(row)?.unwrap_or_default(),
            None => "",
        };
        let mut due = self.due(made, zone, row)?;
        outcome.push(
            made.at,
            Fact::PromiseMade(Promise {
                name: promise,
                maker,
                due,
                dimension: self.dimension,
                stake: self.stake,
            }),
        );
        let renegotiation = self
            .renegotiated
            .and_then(|(at, due)| Some((row.time(at)?, row.time(due)?)));
        if let Some((at, new)) = renegotiation {
            due = Some(due_of(new));
            outcome.push(at.at, Fact::PromiseRenegotiated { promise, due });
        }
        // Without a moment of its own an ending falls on the last moment that would have kept the promise.
        let by_then = due.map_or(made.at, |due| due.last_moment(zone).max(made.at));
        if let Some(fulfilled) = self.fulfilled.and_then(|slot| row.time(slot)) {
            outcome.push(fulfilled.at, Fact::PromiseFulfilled { promise });
        } else if let Some(at) = self.broken.read(row, by_then)? {
            let deception = self.deception;
            outcome.push(at, Fact::PromiseBroken { promise, deception });
        } else if let Some(at) = self.waived.read(row, by_then)? {
            outcome.push(at, Fact::PromiseWaived { promise });
        }
        Ok(())
    }

    fn due(&self, made: TimeCell, zone: Zone, row: &Row<'_>) -> Result<Option<Due>, Fault> {
        match self.due {
            Term::Never => Ok(None),
            Term::Column(slot) => Ok(row.time(slot).map(due_of)),
            Term::Days(days) => {
                let from = made.day.unwrap_or_else(|| zone.date_of(made.at));
                from.checked_add_days(Days::new(u64::from(days)))
                    .map(|day| Some(Due::Day(day)))
                    .ok_or_else(|| {
                        let slot = row.mapping.columns.column_of(self.made);
                        row.fault(slot, &from.to_string(), "too late for a day after it")
                    })
            }
        }
    }
}

impl Ending {
    fn parse(
        section: &Section<'_>,
        condition: &str,
        at: &str,
        columns: &mut Columns,
    ) -> Result<Self> {
        Ok(Self {
            condition: Condition::parse(section, condition, columns)?,
            at: columns.time(section, at)?,
        })
    }

    /// When the promise ended so, if it did: where the values say so but no moment stands beside them, at `by_then`.
    fn read(&self, row: &Row<'_>, by_then: Timestamp) -> Result<Option<Timestamp>, Fault> {
        let at = self.at.and_then(|slot| row.time(slot)).map(|time| time.at);
        match &self.condition {
            None => Ok(at),
            Some(condition) if condition.holds(row)? => Ok(Some(at.unwrap_or(by_then))),
            Some(_) => Ok(None),
        }
    }
}

fn due_of(time: TimeCell) -> Due {
    time.day.map_or(Due::Moment(time.at), Due::Day)
}
