//! Where the facts came from, in numbers.

use std::collections::BTreeMap;

/// What the reader of a table reports: nothing is lost silently.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Source {
    /// What the table holds, in the words of whoever mapped it.
    pub title: String,
    /// Rows in the table.
    pub rows: u64,
    /// Rows whose facts are in the log.
    pub rows_kept: u64,
    /// Rows that could not be read; `rows` is the sum of both.
    pub rows_reported: u64,
    /// Wall-clock times that a change of the clock made ambiguous (the earlier moment was taken).
    pub ambiguous_times: u64,
    /// Wall-clock times that a change of the clock left out (shifted forward).
    pub nonexistent_times: u64,
    /// Empty cells by column.
    pub missing: BTreeMap<String, u64>,
    /// Sums of columns that are only summed, written with their currency.
    pub totals: BTreeMap<String, String>,
}
