//! The columns that a mapping asks for, each with the place in the mapping that asks.

use std::collections::HashMap;

use csv::ByteRecord;

use crate::error::{Error, Result};

use super::section::Section;

/// A column that the mapping reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(usize);

/// A column that the mapping reads as a time; parsed once per row, however many facts use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeSlot(usize);

impl TimeSlot {
    pub(super) fn index(self) -> usize {
        self.0
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// Column, and the first key that names it.
    wanted: Vec<(Box<str>, String)>,
    times: Vec<Slot>,
}

impl Columns {
    pub(super) fn slot(&mut self, column: &str, key: impl FnOnce() -> String) -> Slot {
        let known = self.wanted.iter().position(|(name, _)| **name == *column);
        Slot(known.unwrap_or_else(|| {
            self.wanted.push((column.into(), key()));
            self.wanted.len() - 1
        }))
    }

    pub(super) fn time_slot(&mut self, column: &str, key: impl FnOnce() -> String) -> TimeSlot {
        let slot = self.slot(column, key);
        let known = self.times.iter().position(|&time| time == slot);
        TimeSlot(known.unwrap_or_else(|| {
            self.times.push(slot);
            self.times.len() - 1
        }))
    }

    /// The column that `key` names, if the key is there.
    pub(super) fn cell(&mut self, section: &Section<'_>, key: &str) -> Result<Option<Slot>> {
        let column = section.text(key)?;
        Ok(column.map(|column| self.slot(column, || section.path(key))))
    }

    /// The time column that `key` names, if the key is there.
    pub(super) fn time(&mut self, section: &Section<'_>, key: &str) -> Result<Option<TimeSlot>> {
        let column = section.text(key)?;
        Ok(column.map(|column| self.time_slot(column, || section.path(key))))
    }

    pub(super) fn needed_time(&mut self, section: &Section<'_>, key: &str) -> Result<TimeSlot> {
        let column = section.needed_text(key)?;
        Ok(self.time_slot(column, || section.path(key)))
    }

    pub(super) fn name(&self, slot: Slot) -> &str {
        &self.wanted[slot.0].0
    }

    pub(super) fn times(&self) -> &[Slot] {
        &self.times
    }

    pub(super) fn column_of(&self, time: TimeSlot) -> Slot {
        self.times[time.0]
    }

    /// How many of the wanted columns a header has.
    pub(super) fn found_in(&self, header: &ByteRecord) -> usize {
        let places = places(header);
        self.wanted
            .iter()
            .filter(|(name, _)| places.contains_key(name.as_bytes()))
            .count()
    }

    /// Where each slot's column stands in the table.
    pub(super) fn resolve(&self, header: &ByteRecord) -> Result<Fields> {
        let places = places(header);
        if let Some((name, place)) = header
            .iter()
            .map(<[u8]>::trim_ascii)
            .zip(0..)
            .find(|(name, place)| !name.is_empty() && places.get(name) != Some(place))
        {
            return Err(Error::Contradiction {
                what: "the table's header".into(),
                reason: format!(
                    "column {:?} stands there twice, as number {} and as number {}",
                    String::from_utf8_lossy(name),
                    places.get(name).map_or(0, |first| first + 1),
                    place + 1
                ),
            });
        }
        self.wanted
            .iter()
            .map(|(name, key)| {
                places
                    .get(name.as_bytes())
                    .copied()
                    .ok_or_else(|| Error::UnknownColumn {
                        key: key.clone(),
                        column: name.to_string(),
                        available: listed(header),
                    })
            })
            .collect::<Result<_>>()
            .map(Fields)
    }
}

/// Where the wanted columns stand in one table.
#[derive(Debug)]
pub(super) struct Fields(Vec<usize>);

impl Fields {
    pub(super) fn place_of(&self, slot: Slot) -> usize {
        self.0[slot.0]
    }
}

/// Where each column stands first.
fn places(header: &ByteRecord) -> HashMap<&[u8], usize> {
    let mut places = HashMap::with_capacity(header.len());
    for (name, place) in header.iter().map(<[u8]>::trim_ascii).zip(0..) {
        places.entry(name).or_insert(place);
    }
    places
}

/// The header in a message: the first forty columns are enough to see what kind of table it is.
fn listed(header: &ByteRecord) -> String {
    const SHOWN: usize = 40;
    let names = header
        .iter()
        .take(SHOWN)
        .map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned())
        .collect::<Vec<_>>()
        .join(", ");
    if header.len() > SHOWN {
        format!("{names} and {} more", header.len() - SHOWN)
    } else {
        names
    }
}
