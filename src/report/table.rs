//! A table of numbers.

use crate::error::{Error, Result};

use super::format::Unit;

/// One cell: a text, a number that is written in its unit, or nothing.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Cell {
    /// Words, or a number already written.
    Text(String),
    /// A number with its unit.
    Number(f64, Unit),
    /// Not known; shown as a dash.
    Missing,
}

impl Cell {
    /// A count.
    #[must_use]
    pub fn count(count: usize) -> Self {
        Self::Number(count as f64, Unit::count())
    }

    /// A number if there is one.
    #[must_use]
    pub fn optional(value: Option<f64>, unit: Unit) -> Self {
        value.map_or(Self::Missing, |value| Self::Number(value, unit))
    }

    /// The cell as it is read.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(value, unit) => unit.write(*value),
            Self::Missing => "–".into(),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Self::count(count)
    }
}

/// A column: its heading, and whether it holds words or numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    heading: String,
    numeric: bool,
}

impl Column {
    /// Words, set from the left.
    #[must_use]
    pub fn text(heading: impl Into<String>) -> Self {
        Self {
            heading: heading.into(),
            numeric: false,
        }
    }

    /// Numbers, set from the right with digits of one width.
    #[must_use]
    pub fn number(heading: impl Into<String>) -> Self {
        Self {
            heading: heading.into(),
            numeric: true,
        }
    }

    /// The heading.
    #[must_use]
    pub fn heading(&self) -> &str {
        &self.heading
    }

    /// Whether the column is set from the right.
    #[must_use]
    pub fn is_numeric(&self) -> bool {
        self.numeric
    }
}

/// A table with a caption; where it is cut, an "other" row keeps its sum, and a total row may close it.
///
/// ```
/// use tillit::report::{Cell, Column, Table, Unit};
///
/// let table = Table::new(
///     "Orders by region",
///     vec![Column::text("Region"), Column::number("Orders"), Column::number("Late")],
///     vec![
///         vec!["North".into(), 1_200.into(), Cell::Number(0.044, Unit::percent(1))],
///         vec!["South".into(), 345.into(), Cell::Number(0.120, Unit::percent(1))],
///     ],
/// )?
/// .with_other(vec!["6 other regions".into(), 55.into(), Cell::Missing])?;
/// assert!(table.to_markdown().contains("| North | 1,200 | 4.4% |"));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    caption: String,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    other: Option<Vec<Cell>>,
    total: Option<Vec<Cell>>,
    folded: bool,
}

impl Table {
    /// A table; a table without rows is allowed and says so.
    ///
    /// # Errors
    /// [`Error::Empty`] without columns, [`Error::UnequalLengths`] if a row has more or fewer cells than columns.
    pub fn new(
        caption: impl Into<String>,
        columns: Vec<Column>,
        rows: Vec<Vec<Cell>>,
    ) -> Result<Self> {
        if columns.is_empty() {
            return Err(Error::Empty {
                what: "a table's list of columns".into(),
                remedy: "give at least one".into(),
            });
        }
        let table = Self::of(caption.into(), columns, Vec::new());
        for row in &rows {
            table.check(row)?;
        }
        Ok(Self { rows, ..table })
    }

    /// A table whose rows are known to be as long as its columns.
    pub(super) fn of(caption: String, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Self {
        Self {
            caption,
            columns,
            rows,
            other: None,
            total: None,
            folded: false,
        }
    }

    fn check(&self, row: &[Cell]) -> Result<()> {
        if row.len() == self.columns.len() {
            Ok(())
        } else {
            Err(Error::UnequalLengths {
                left: "a table's list of columns",
                left_len: self.columns.len(),
                right: "one of its rows",
                right_len: row.len(),
            })
        }
    }

    /// The same with a last row that holds what the cut left out.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`] if it has more or fewer cells than columns.
    pub fn with_other(mut self, row: Vec<Cell>) -> Result<Self> {
        self.check(&row)?;
        self.other = Some(row);
        Ok(self)
    }

    /// The same closed by a row of totals.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`] if it has more or fewer cells than columns.
    pub fn with_total(mut self, row: Vec<Cell>) -> Result<Self> {
        self.check(&row)?;
        self.total = Some(row);
        Ok(self)
    }

    /// The same folded away under its caption until the reader opens it: long lists of cases behind a number.
    #[must_use]
    pub fn folded(mut self) -> Self {
        self.folded = true;
        self
    }

    /// The caption.
    #[must_use]
    pub fn caption(&self) -> &str {
        &self.caption
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The rows without "other" and total.
    #[must_use]
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// The row of what the cut left out.
    #[must_use]
    pub fn other(&self) -> Option<&[Cell]> {
        self.other.as_deref()
    }

    /// The row of totals.
    #[must_use]
    pub fn total(&self) -> Option<&[Cell]> {
        self.total.as_deref()
    }

    /// Whether it is folded away under its caption.
    #[must_use]
    pub fn is_folded(&self) -> bool {
        self.folded
    }
}
