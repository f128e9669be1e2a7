//! A text that is the same for all rows, or stands in a column.

use crate::error::Result;

use super::columns::{Columns, Slot};
use super::reading::Fault;
use super::row::Row;
use super::section::Section;

#[derive(Clone, Debug)]
pub(super) enum Wording {
    Fixed(Box<str>),
    Column(Slot),
}

impl Wording {
    /// What `key` or `column_key` says; both at once are refused.
    pub(super) fn parse(
        section: &Section<'_>,
        key: &str,
        column_key: &str,
        columns: &mut Columns,
    ) -> Result<Option<Self>> {
        match (section.text(key)?, columns.cell(section, column_key)?) {
            (Some(_), Some(_)) => Err(section.refuse(
                key,
                format!("stands beside {column_key}: keep one of the two"),
            )),
            (Some(text), None) => Ok(Some(Self::Fixed(text.into()))),
            (None, column) => Ok(column.map(Self::Column)),
        }
    }

    /// The text in this row; `None` if its cell is missing.
    pub(super) fn read<'r>(&'r self, row: &Row<'r>) -> Result<Option<&'r str>, Fault> {
        match self {
            Self::Fixed(text) => Ok(Some(text)),
            Self::Column(slot) => row.cell(*slot),
        }
    }
}
