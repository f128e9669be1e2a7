//! What came out of a table.

use std::borrow::Cow;
use std::fmt;

use crate::audit::Source;
use crate::journey::JourneyLog;
use crate::measure::Money;

use super::Mapping;

/// A log, and an account of every row that went into it or did not.
///
/// `rows_in = rows_kept + bad_rows`, always.
#[derive(Debug)]
pub struct Reading {
    pub(super) log: JourneyLog,
    pub(super) rows_in: u64,
    pub(super) rows_without_facts: u64,
    pub(super) repeated_rows: u64,
    pub(super) bad_rows: Vec<BadRow>,
    pub(super) ambiguous_times: u64,
    pub(super) nonexistent_times: u64,
    pub(super) bytes_read: u64,
    pub(super) delimiter: char,
    pub(super) compressed: bool,
    /// Empty cells of each column, over the rows kept.
    pub(super) missing: Vec<(String, u64)>,
    pub(super) totals: Vec<(Box<str>, Money)>,
}

impl Reading {
    /// What happened.
    #[must_use]
    pub fn log(&self) -> &JourneyLog {
        &self.log
    }

    /// What happened, the account let go.
    #[must_use]
    pub fn into_log(self) -> JourneyLog {
        self.log
    }

    /// Rows below the header, blank lines not counted.
    #[must_use]
    pub fn rows_in(&self) -> u64 {
        self.rows_in
    }

    /// Rows whose facts are all in the log.
    #[must_use]
    pub fn rows_kept(&self) -> u64 {
        self.rows_in - self.bad_rows.len() as u64
    }

    /// Rows of which no fact is in the log, each with its reason, in the table's order.
    #[must_use]
    pub fn bad_rows(&self) -> &[BadRow] {
        &self.bad_rows
    }

    /// Every column with its empty cells in the rows kept, in the header's order.
    #[must_use]
    pub fn missing(&self) -> impl ExactSizeIterator<Item = (&str, u64)> {
        self.missing
            .iter()
            .map(|(column, empty)| (column.as_str(), *empty))
    }

    /// The sums that the mapping's `[totals]` ask for, over the rows kept.
    #[must_use]
    pub fn totals(&self) -> impl ExactSizeIterator<Item = (&str, Money)> {
        self.totals.iter().map(|(name, sum)| (&**name, *sum))
    }

    /// The account of this reading in the form that an [`Audit`](crate::audit::Audit) takes along.
    #[must_use]
    pub fn source(&self, mapping: &Mapping) -> Source {
        Source {
            title: mapping.title().to_owned(),
            rows: self.rows_in(),
            rows_kept: self.rows_kept(),
            rows_reported: self.bad_rows.len() as u64,
            ambiguous_times: self.ambiguous_times,
            nonexistent_times: self.nonexistent_times,
            missing: self
                .missing()
                .map(|(column, empty)| (column.to_owned(), empty))
                .collect(),
            totals: self
                .totals()
                .map(|(name, sum)| (name.to_owned(), sum.to_string()))
                .collect(),
        }
    }

    /// Rows that were kept although nothing happened in them: all their times are empty or no fact applies.
    #[must_use]
    pub fn rows_without_facts(&self) -> u64 {
        self.rows_without_facts
    }

    /// Rows that repeat an earlier kept row in every cell. Where the mapping names a case they are reported among the
    /// bad rows, so that nothing counts twice; where every row is its own case they are kept. The mapping's
    /// `repeated_rows = "keep"` or `"report"` says otherwise.
    #[must_use]
    pub fn repeated_rows(&self) -> u64 {
        self.repeated_rows
    }

    /// Time cells of kept rows that the zone's clock showed twice (the clock was put back); the earlier moment counts.
    #[must_use]
    pub fn ambiguous_times(&self) -> u64 {
        self.ambiguous_times
    }

    /// Time cells of kept rows that the zone's clock never showed (the clock was put forward); they are moved forward.
    #[must_use]
    pub fn nonexistent_times(&self) -> u64 {
        self.nonexistent_times
    }

    /// Bytes taken from the source, compressed if it was compressed.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// The sign between fields, given or found out.
    #[must_use]
    pub fn delimiter(&self) -> char {
        self.delimiter
    }

    /// Whether the source was gzip.
    #[must_use]
    pub fn is_compressed(&self) -> bool {
        self.compressed
    }
}

/// A row of which nothing entered the log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BadRow {
    line: u64,
    column: Box<str>,
    value: Box<str>,
    reason: Cow<'static, str>,
}

impl BadRow {
    /// Line of the file on which the row begins, counted from 1, the header's line included.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The column that cannot be read; empty if it is the row as a whole.
    #[must_use]
    pub fn column(&self) -> &str {
        &self.column
    }

    /// What stands there, cut after 100 characters.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Why it cannot be read.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if !self.column.is_empty() {
            write!(f, ", {}", self.column)?;
        }
        if !self.value.is_empty() {
            write!(f, " {:?}", self.value)?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// What is wrong with a row, before its line is known.
#[derive(Debug)]
pub(super) struct Fault {
    column: Box<str>,
    value: Box<str>,
    reason: Cow<'static, str>,
}

impl Fault {
    pub(super) fn new(column: &str, value: &str, reason: impl Into<Cow<'static, str>>) -> Self {
        const SHOWN: usize = 100;
        let value = match value.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &value[..end]).into(),
            None => value.into(),
        };
        Self {
            column: column.into(),
            value,
            reason: reason.into(),
        }
    }

    pub(super) fn on_line(self, line: u64) -> BadRow {
        BadRow {
            line,
            column: self.column,
            value: self.value,
            reason: self.reason,
        }
    }
}
