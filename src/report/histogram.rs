//! How often values fall where.

use crate::error::{Error, Result};

use super::axis::{Axis, drawable};
use super::format::Unit;
use super::frame::Frame;
use super::lettering::width_of;
use super::picture::Draw;
use super::svg::{Anchor, LINE, Paint, SIZE, Sheet};
use super::table::{Cell, Column, Table};

/// Counts between edges, with named marks (a median, a promise). The area of a bar, not its height, shows the
/// count, so that wide and narrow classes compare; with classes of one width the two are the same.
///
/// ```
/// use tillit::report::{Axis, Histogram, Unit};
///
/// let chart = Histogram::new(
///     Axis::new("Days to delivery", Unit::days(0)),
///     "Orders",
///     vec![0.0, 5.0, 10.0, 15.0],
///     vec![120, 340, 80],
/// )?
/// .with_mark(7.5, "median")?;
/// # let _ = chart;
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    axis: Axis,
    counted: String,
    edges: Vec<f64>,
    counts: Vec<usize>,
    marks: Vec<(f64, String)>,
}

impl Histogram {
    /// `counts[i]` of what is `counted` lie between `edges[i]` and `edges[i + 1]`.
    ///
    /// # Errors
    /// [`Error::Empty`] without classes, [`Error::UnequalLengths`] unless there is one more edge than counts,
    /// [`Error::OutOfRange`] unless the edges are finite (within ±1e15) and increase.
    pub fn new(
        axis: Axis,
        counted: impl Into<String>,
        edges: Vec<f64>,
        counts: Vec<usize>,
    ) -> Result<Self> {
        if counts.is_empty() {
            return Err(Error::Empty {
                what: "a histogram".into(),
                remedy: "give at least one class, or a picture without data".into(),
            });
        }
        if edges.len() != counts.len() + 1 {
            return Err(Error::UnequalLengths {
                left: "the histogram's list of edges, less one,",
                left_len: edges.len().saturating_sub(1),
                right: "its list of counts",
                right_len: counts.len(),
            });
        }
        for &edge in &edges {
            drawable("edge of a histogram", edge)?;
        }
        for pair in edges.windows(2) {
            Error::unless(
                pair[0] < pair[1],
                "edge of a histogram",
                pair[1],
                "lie above the edge before it",
            )?;
        }
        Ok(Self {
            axis,
            counted: counted.into(),
            edges,
            counts,
            marks: Vec::new(),
        })
    }

    /// The same with an upright line at `position` and its name.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the position is finite (within ±1e15).
    pub fn with_mark(mut self, position: f64, name: impl Into<String>) -> Result<Self> {
        drawable("mark in a histogram", position)?;
        self.marks.push((position, name.into()));
        Ok(self)
    }

    fn classes(&self) -> impl Iterator<Item = (f64, f64, usize)> {
        self.edges
            .windows(2)
            .zip(&self.counts)
            .map(|(pair, &count)| (pair[0], pair[1], count))
    }

    fn narrowest(&self) -> f64 {
        self.classes()
            .map(|(from, to, _)| to - from)
            .fold(f64::INFINITY, f64::min)
    }

    fn has_one_width(&self) -> bool {
        let narrowest = self.narrowest();
        self.classes()
            .all(|(from, to, _)| (to - from - narrowest).abs() <= 1e-9 * narrowest)
    }
}

impl Draw for Histogram {
    fn draw(&self, sheet: &mut Sheet) {
        let narrowest = self.narrowest();
        let height_of = |from: f64, to: f64, count: usize| count as f64 * (narrowest / (to - from));
        let heights = self
            .classes()
            .map(|(from, to, count)| height_of(from, to, count));
        let heading = if self.has_one_width() {
            self.counted.clone()
        } else {
            format!("{} per {}", self.counted, self.axis.unit().write(narrowest))
        };
        let upright = Axis::new(heading, Unit::count());
        let y_ticks = upright.ticks(heights.chain([0.0]), 4.0);
        let y_labels = upright.unit().tick_labels(&y_ticks);
        let room = LINE * self.marks.len() as f64;
        let height = if sheet.is_narrow() { 190.0 } else { 230.0 };
        let heading = upright.heading();
        let (frame, y) = Frame::ruled(sheet, 14.0, room, height, &heading, &y_ticks, &y_labels);
        let marks = self.marks.iter().map(|mark| mark.0);
        let wanted = if sheet.is_narrow() { 4.0 } else { 8.0 };
        let x_ticks = self
            .axis
            .ticks(self.edges.iter().copied().chain(marks), wanted);
        let x_labels = self.axis.unit().tick_labels(&x_ticks);
        let x = frame.name_numbers(sheet, &self.axis.heading(), &x_ticks, &x_labels);
        let unit = self.axis.unit();
        for (from, to, count) in self.classes() {
            let hint = format!(
                "{}: {}",
                unit.write_interval(from, to),
                Unit::count().write(count as f64)
            );
            sheet.bar(
                (x.at(from), y.at(0.0)),
                (x.at(to), y.at(height_of(from, to, count))),
                &Paint::class("fill edged"),
                &hint,
            );
        }
        // From left to right, each line beginning at its own name, so that no line crosses a name.
        let mut marks: Vec<_> = self.marks.iter().collect();
        marks.sort_by(|one, two| one.0.total_cmp(&two.0));
        let mut top = frame.top - room;
        for (position, name) in marks {
            let at = x.at(*position);
            sheet.line((at, top), (at, frame.bottom), "divide");
            let words = format!("{name} {}", unit.write(*position));
            let (anchor, at) = if at + 8.0 + width_of(&words, SIZE) <= sheet.width() {
                (Anchor::Start, at + 8.0)
            } else {
                (Anchor::End, at - 8.0)
            };
            sheet.text((at, top + 12.0), anchor, "label halo", &words);
            top += LINE;
        }
    }

    fn table(&self, caption: String) -> Table {
        let columns = vec![
            Column::number("From"),
            Column::number("To"),
            Column::number(self.counted.clone()),
        ];
        let unit = self.axis.unit();
        let rows = self
            .classes()
            .map(|(from, to, count)| {
                vec![
                    Cell::Number(from, unit),
                    Cell::Number(to, unit),
                    Cell::count(count),
                ]
            })
            .collect();
        let table = Table::of(caption, columns, rows);
        let total = vec![
            Cell::Missing,
            Cell::Missing,
            Cell::count(self.counts.iter().sum()),
        ];
        table.clone().with_total(total).unwrap_or(table)
    }
}
