//! A number for each pair of classes, shaded.

use crate::error::{Error, Result};

use super::axis::drawable;
use super::format::Unit;
use super::lettering::{width_of, wrap};
use super::picture::Draw;
use super::svg::{Anchor, LINE, Paint, SIZE, Sheet};
use super::table::{Cell, Column, Table};

/// Numbers by row and column: recency by frequency. Each cell is shaded in five steps and carries its number where
/// it fits.
///
/// ```
/// use tillit::report::{HeatMap, Unit};
///
/// let map = HeatMap::new(
///     "Days since the last purchase",
///     vec!["0 to 30".into(), "31 to 90".into()],
///     "Purchases",
///     vec!["1".into(), "2".into(), "3 and more".into()],
///     Unit::count(),
///     vec![vec![Some(120.0), Some(14.0), Some(3.0)], vec![Some(80.0), Some(9.0), None]],
/// )?;
/// # let _ = map;
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    row_heading: String,
    rows: Vec<String>,
    column_heading: String,
    columns: Vec<String>,
    unit: Unit,
    cells: Vec<Vec<Option<f64>>>,
}

impl HeatMap {
    /// One list of cells per row, one cell per column; `None` where nothing is known.
    ///
    /// # Errors
    /// [`Error::Empty`] without rows or columns, [`Error::UnequalLengths`] if the cells do not match them,
    /// [`Error::OutOfRange`] unless every number is finite (within ±1e15).
    pub fn new(
        row_heading: impl Into<String>,
        rows: Vec<String>,
        column_heading: impl Into<String>,
        columns: Vec<String>,
        unit: Unit,
        cells: Vec<Vec<Option<f64>>>,
    ) -> Result<Self> {
        if rows.is_empty() || columns.is_empty() {
            return Err(Error::Empty {
                what: "a heat map".into(),
                remedy: "give at least one row and one column, or a picture without data".into(),
            });
        }
        let unequal = |left, left_len, right_len| Error::UnequalLengths {
            left,
            left_len,
            right: "the heat map's cells",
            right_len,
        };
        if cells.len() != rows.len() {
            return Err(unequal(
                "the heat map's list of rows",
                rows.len(),
                cells.len(),
            ));
        }
        for row in &cells {
            if row.len() != columns.len() {
                return Err(unequal(
                    "the heat map's list of columns",
                    columns.len(),
                    row.len(),
                ));
            }
            for value in row.iter().flatten() {
                drawable("cell of a heat map", *value)?;
            }
        }
        Ok(Self {
            row_heading: row_heading.into(),
            rows,
            column_heading: column_heading.into(),
            columns,
            unit,
            cells,
        })
    }

    fn range(&self) -> (f64, f64) {
        self.cells
            .iter()
            .flatten()
            .flatten()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| {
                (low.min(value), high.max(value))
            })
    }
}

/// Five shades from the lowest to the highest number.
fn shade(value: f64, (low, high): (f64, f64)) -> &'static str {
    let share = if high > low {
        (value - low) / (high - low)
    } else {
        0.5
    };
    match share {
        share if share < 0.2 => "heat0",
        share if share < 0.4 => "heat1",
        share if share < 0.6 => "heat2",
        share if share < 0.8 => "heat3",
        _ => "heat4",
    }
}

impl Draw for HeatMap {
    fn draw(&self, sheet: &mut Sheet) {
        let range = self.range();
        let widest = self
            .rows
            .iter()
            .map(|row| width_of(row, SIZE))
            .fold(0.0, f64::max);
        let gutter = widest.min(sheet.width() * 0.3).max(30.0);
        let left = gutter + 10.0;
        let cell = (sheet.width() - left) / self.columns.len() as f64;
        let headings = [
            format!("↓ {}", self.row_heading),
            format!("→ {}", self.column_heading),
        ];
        let mut y = 14.0;
        for heading in headings {
            let lines = wrap(&heading, sheet.width(), SIZE);
            sheet.lines((0.0, y), Anchor::Start, "heading", &lines);
            y += LINE * lines.len() as f64;
        }
        y += 4.0;
        let mut every = 1;
        while cell * f64::from(every) < 34.0 && every < 1000 {
            every += 1;
        }
        let room = (cell * f64::from(every) - 4.0).min(sheet.width() - left);
        let step = usize::try_from(every).unwrap_or(1);
        let mut deepest = 1;
        for (place, name) in self.columns.iter().enumerate().step_by(step) {
            let middle = left + cell * (place as f64 + 0.5);
            let x = middle.min(sheet.width() - room / 2.0);
            let lines = wrap(name, room, SIZE);
            sheet.lines((x, y), Anchor::Middle, "tick", &lines);
            deepest = deepest.max(lines.len());
        }
        y += LINE * (deepest - 1) as f64 + 8.0;
        for (name, cells) in self.rows.iter().zip(&self.cells) {
            let lines = wrap(name, gutter, SIZE);
            let height = (LINE * lines.len() as f64 + 10.0).max(36.0);
            let first = y + (height - LINE * lines.len() as f64) / 2.0 + 13.0;
            sheet.lines((gutter, first), Anchor::End, "label", &lines);
            let mut x = left;
            for (value, column) in cells.iter().zip(&self.columns) {
                let class = value.map_or("void", |value| shade(value, range));
                let written = value.map_or("–".into(), |value| self.unit.write(value));
                let hint = format!("{name}, {column}: {written}");
                // The gap between cells shrinks with the cells, so that no cell vanishes.
                let gap = (cell * 0.05).min(1.0);
                let paint = Paint::Class(format!("cell {class}"));
                sheet.bar(
                    (x + gap, y + 1.0),
                    (x + cell - gap, y + height - 1.0),
                    &paint,
                    &hint,
                );
                let short = value.map_or("–".into(), |value| self.unit.short(value));
                if width_of(&short, SIZE) < cell - 4.0 {
                    let at = (x + cell / 2.0, y + height / 2.0 + 4.5);
                    sheet.text(at, Anchor::Middle, &format!("in-{class}"), &short);
                }
                x += cell;
            }
            y += height;
        }
        sheet.set_height(y + 6.0);
    }

    fn table(&self, caption: String) -> Table {
        let mut columns = vec![Column::text(format!(
            "{} / {}",
            self.row_heading, self.column_heading
        ))];
        columns.extend(self.columns.iter().map(|name| Column::number(name.clone())));
        let rows = self
            .rows
            .iter()
            .zip(&self.cells)
            .map(|(name, cells)| {
                let mut row = vec![Cell::Text(name.clone())];
                row.extend(cells.iter().map(|&value| Cell::optional(value, self.unit)));
                row
            })
            .collect();
        Table::of(caption, columns, rows)
    }
}
