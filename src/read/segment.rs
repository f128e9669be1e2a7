//! Which group a row's case belongs to.

use std::borrow::Cow;

use chrono::Datelike;
use toml::{Table, Value};

use crate::error::Result;
use crate::measure::Zone;

use super::columns::{Columns, Slot, TimeSlot};
use super::reading::Fault;
use super::row::Row;
use super::section::Section;

/// One segmentation: `region = "state"`, `month = { month_of = "ordered_at" }` or `year = { year_of = "ordered_at" }`.
#[derive(Clone, Debug)]
pub(super) struct SegmentRule {
    name: Box<str>,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Column(Slot),
    Month(TimeSlot),
    Year(TimeSlot),
}

impl SegmentRule {
    pub(super) fn parse_all(table: &Table, columns: &mut Columns) -> Result<Vec<Self>> {
        let names: Vec<&str> = table.keys().map(String::as_str).collect();
        let segments = Section::new("segments", table, &names)?;
        table
            .iter()
            .map(|(name, value)| {
                let source = if let Value::Table(derived) = value {
                    let section =
                        Section::new(&segments.path(name), derived, &["month_of", "year_of"])?;
                    match (
                        columns.time(&section, "month_of")?,
                        columns.time(&section, "year_of")?,
                    ) {
                        (Some(time), None) => Source::Month(time),
                        (None, Some(time)) => Source::Year(time),
                        _ => {
                            return Err(segments.refuse(
                                name,
                                "must be a column, { month_of = column } or { year_of = column }",
                            ));
                        }
                    }
                } else {
                    let column = segments.needed_text(name)?;
                    Source::Column(columns.slot(column, || segments.path(name)))
                };
                Ok(Self {
                    name: name.as_str().into(),
                    source,
                })
            })
            .collect()
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The group's label; `None` if the cell is missing.
    pub(super) fn label<'r>(&self, row: &Row<'r>) -> Result<Option<Cow<'r, str>>, Fault> {
        let zone = row.mapping.zone().unwrap_or(Zone::UTC);
        let date = |slot| {
            row.time(slot)
                .map(|time| time.day.unwrap_or_else(|| zone.date_of(time.at)))
        };
        Ok(match self.source {
            Source::Column(slot) => row.cell(slot)?.map(Cow::Borrowed),
            Source::Month(slot) => {
                date(slot).map(|date| format!("{:04}-{:02}", date.year(), date.month()).into())
            }
            Source::Year(slot) => date(slot).map(|date| format!("{:04}", date.year()).into()),
        })
    }
}
