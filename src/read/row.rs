//! One row, seen through the mapping.

use std::borrow::Cow;

use csv::ByteRecord;

use crate::error::Error;
use crate::journey::{Event, Fact};
use crate::measure::Timestamp;

use super::Mapping;
use super::columns::{Fields, Slot, TimeSlot};
use super::moment::{Doubts, TimeCell};
use super::reading::Fault;

/// Why a row does not enter the log.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The row is bad.
    Row(Fault),
    /// The mapping cannot read this table at all.
    Stop(Error),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Row(fault)
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'r> {
    pub(super) record: &'r ByteRecord,
    pub(super) fields: &'r Fields,
    pub(super) mapping: &'r Mapping,
    pub(super) times: &'r [Option<TimeCell>],
}

impl<'r> Row<'r> {
    /// The cell without blanks around it; `None` if it holds no value.
    pub(super) fn cell(&self, slot: Slot) -> Result<Option<&'r str>, Fault> {
        let bytes = self
            .record
            .get(self.fields.place_of(slot))
            .unwrap_or_default()
            .trim_ascii();
        match std::str::from_utf8(bytes) {
            Ok(text) if self.mapping.format.is_missing(text) => Ok(None),
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(self.fault(slot, &String::from_utf8_lossy(bytes), "not UTF-8")),
        }
    }

    /// The cell of a column without which the row means nothing.
    pub(super) fn key(&self, slot: Slot) -> Result<&'r str, Fault> {
        self.cell(slot)?
            .ok_or_else(|| self.fault(slot, "", "empty, but every row needs it"))
    }

    pub(super) fn time(&self, slot: TimeSlot) -> Option<TimeCell> {
        self.times.get(slot.index()).copied().flatten()
    }

    pub(super) fn fault(
        &self,
        slot: Slot,
        value: &str,
        reason: impl Into<Cow<'static, str>>,
    ) -> Fault {
        Fault::new(self.mapping.columns.name(slot), value, reason)
    }

    /// Reads all time cells that the mapping uses.
    pub(super) fn read_times(
        &self,
        times: &mut Vec<Option<TimeCell>>,
        doubts: &mut Doubts,
    ) -> Result<(), Refusal> {
        times.clear();
        for &slot in self.mapping.columns.times() {
            let Some(cell) = self.cell(slot)? else {
                times.push(None);
                continue;
            };
            let written = self
                .mapping
                .format
                .time(cell)
                .map_err(|reason| self.fault(slot, cell, reason))?;
            let Some(time) = written.in_zone(self.mapping.zone(), doubts) else {
                return Err(Refusal::Stop(Error::Mapping {
                    key: "zone".into(),
                    reason: format!(
                        "is missing, but column {:?} holds {cell:?}, a time without an offset: \
                         say where its clock hangs, such as zone = \"Europe/Stockholm\"",
                        self.mapping.columns.name(slot)
                    ),
                }));
            };
            times.push(Some(time));
        }
        Ok(())
    }
}

/// What a row says happened, before any of it enters the log.
#[derive(Debug)]
pub(super) struct Outcome<'r> {
    pub(super) customer: &'r str,
    pub(super) case: &'r str,
    pub(super) touchpoint: Option<&'r str>,
    pub(super) events: Vec<Event<'r>>,
}

impl<'r> Outcome<'r> {
    pub(super) fn push(&mut self, at: Timestamp, fact: Fact<'r>) {
        self.events.push(Event {
            customer: self.customer,
            at,
            fact,
            touchpoint: self.touchpoint,
            case: Some(self.case),
        });
    }
}
