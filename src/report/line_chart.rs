//! Courses of numbers compared over one lower axis, with bands of doubt and a limit that none can pass.

use crate::error::{Error, Result};

use super::axis::{Axis, Scale, drawable};
use super::frame::Frame;
use super::lettering::{width_of, wrap};
use super::picture::Draw;
use super::svg::{Anchor, LINE, Paint, SIZE, Sheet};
use super::table::{Cell, Column, Table};

/// What a line stands for, which decides how strongly it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// What the picture is about.
    Main,
    /// What it is compared with.
    Other,
    /// What cannot be passed.
    Limit,
}

/// A course of numbers: corners joined by straight strokes.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    label: String,
    corners: Vec<(f64, f64)>,
    band: Vec<(f64, f64)>,
    role: Role,
}

impl Line {
    /// A line through corners (lower axis, upright axis) that do not go back along the lower axis; the label stands in the legend.
    ///
    /// # Errors
    /// [`Error::Empty`] without corners; [`Error::OutOfRange`] unless all numbers are finite (within ±1e15) and positions
    /// never fall.
    pub fn new(label: impl Into<String>, corners: Vec<(f64, f64)>) -> Result<Self> {
        let mut before = f64::NEG_INFINITY;
        for &(position, value) in &corners {
            drawable("position on a line", position)?;
            drawable("value on a line", value)?;
            Error::unless(
                position >= before,
                "position on a line",
                position,
                "not lie before the one it follows",
            )?;
            before = position;
        }
        if corners.is_empty() {
            return Err(Error::Empty {
                what: "a line".into(),
                remedy: "give at least one corner".into(),
            });
        }
        Ok(Self {
            label: label.into(),
            corners,
            band: Vec::new(),
            role: Role::Other,
        })
    }

    /// The same with a band of doubt: a lower and an upper limit for each corner.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`]; [`Error::OutOfRange`] unless both are finite (within ±1e15) and `low <= high`.
    pub fn with_band(mut self, band: Vec<(f64, f64)>) -> Result<Self> {
        if band.len() != self.corners.len() {
            return Err(Error::UnequalLengths {
                left: "the line",
                left_len: self.corners.len(),
                right: "its band",
                right_len: band.len(),
            });
        }
        for &(low, high) in &band {
            drawable("lower limit of a band", low)?;
            drawable("upper limit of a band", high)?;
            Error::unless(
                low <= high,
                "upper limit of a band",
                high,
                "not lie below the lower limit",
            )?;
        }
        self.band = band;
        Ok(self)
    }

    /// The line that the picture is about, drawn strongest.
    #[must_use]
    pub fn main(mut self) -> Self {
        self.role = Role::Main;
        self
    }

    /// A limit that the others cannot pass, drawn faint; what lies between it and the main line is what remains open.
    #[must_use]
    pub fn limit(mut self) -> Self {
        self.role = Role::Limit;
        self
    }
}

/// Several lines over one lower axis: value saved against customers won back, by this rule and by that.
///
/// Lines differ in stroke as well as in colour.
///
/// ```
/// use tillit::report::{Axis, Line, LineChart, Unit};
///
/// let chart = LineChart::new(
///     Axis::new("Customers won back", Unit::count()),
///     Axis::new("Value saved", Unit::percent(0)),
///     vec![
///         Line::new("our order", vec![(0.0, 0.0), (1.0, 0.7), (2.0, 1.0)])?
///             .with_band(vec![(0.0, 0.0), (0.68, 0.72), (1.0, 1.0)])?
///             .main(),
///         Line::new("at random", vec![(0.0, 0.0), (1.0, 0.4), (2.0, 1.0)])?,
///     ],
/// )?
/// .with_mark(1.0, "what the budget allows")?;
/// # let _ = chart;
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LineChart {
    x: Axis,
    y: Axis,
    lines: Vec<Line>,
    marks: Vec<(f64, String)>,
}

impl LineChart {
    /// These lines, the legend in their order.
    ///
    /// # Errors
    /// [`Error::Empty`] without lines.
    pub fn new(x: Axis, y: Axis, lines: Vec<Line>) -> Result<Self> {
        if lines.is_empty() {
            return Err(Error::Empty {
                what: "a line chart".into(),
                remedy: "give at least one line, or a picture without data".into(),
            });
        }
        Ok(Self {
            x,
            y,
            lines,
            marks: Vec::new(),
        })
    }

    /// The same with an upright line at `position` and words beside it.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the position is finite (within ±1e15).
    pub fn with_mark(mut self, position: f64, words: impl Into<String>) -> Result<Self> {
        drawable("position of a mark", position)?;
        self.marks.push((position, words.into()));
        Ok(self)
    }

    /// How each line is drawn: compared ones take the strokes in turn.
    fn strokes(&self) -> Vec<String> {
        let mut others = 0;
        let stroke = |line: &Line| match line.role {
            Role::Main => "line main".to_owned(),
            Role::Limit => "line limit".to_owned(),
            Role::Other => {
                others += 1;
                format!("line other{}", (others - 1) % 4)
            }
        };
        self.lines.iter().map(stroke).collect()
    }

    /// Strokes with their names; returns where the chart may begin.
    fn legend(&self, sheet: &mut Sheet, strokes: &[String]) -> f64 {
        let (mut x, mut y) = (0.0, 14.0);
        for (line, stroke) in self.lines.iter().zip(strokes) {
            let words = wrap(&line.label, sheet.width() - 40.0, SIZE);
            let needed = 38.0 + width_of(&words[0], SIZE) + 18.0;
            if x > 0.0 && x + needed > sheet.width() {
                x = 0.0;
                y += LINE + 3.0;
            }
            sheet.line((x, y - 4.0), (x + 30.0, y - 4.0), stroke);
            sheet.lines((x + 38.0, y), Anchor::Start, "label", &words);
            y += LINE * (words.len() - 1) as f64;
            x += needed;
        }
        y + LINE + 10.0
    }

    fn draw_marks(&self, sheet: &mut Sheet, frame: &Frame, room: f64, x: &Scale) {
        // From left to right, each beginning at its own words, so that no line crosses words.
        let mut marks: Vec<_> = self.marks.iter().collect();
        marks.sort_by(|one, two| one.0.total_cmp(&two.0));
        let mut top = frame.top - room;
        for (position, words) in marks {
            let at = x.at(*position);
            sheet.line((at, top), (at, frame.bottom), "divide");
            let (anchor, at) = if at + 8.0 + width_of(words, SIZE) <= sheet.width() {
                (Anchor::Start, at + 8.0)
            } else {
                (Anchor::End, at - 8.0)
            };
            sheet.text((at, top + 12.0), anchor, "label halo", words);
            top += LINE;
        }
    }
}

impl Draw for LineChart {
    fn draw(&self, sheet: &mut Sheet) {
        let narrow = sheet.is_narrow();
        let corners = || self.lines.iter().flat_map(|line| &line.corners);
        let bands = self.lines.iter().flat_map(|line| &line.band);
        let heights = bands
            .flat_map(|&(low, high)| [low, high])
            .chain(corners().map(|corner| corner.1));
        let y_ticks = self.y.ticks(heights, 5.0);
        let y_labels = self.y.unit().tick_labels(&y_ticks);
        let marks = self.marks.iter().map(|mark| mark.0);
        let wanted = if narrow { 4.0 } else { 8.0 };
        let x_ticks = self
            .x
            .ticks(corners().map(|corner| corner.0).chain(marks), wanted);
        let x_labels = self.x.unit().tick_labels(&x_ticks);
        let strokes = self.strokes();
        let top = self.legend(sheet, &strokes);
        let room = LINE * self.marks.len() as f64;
        let height = if narrow { 250.0 } else { 340.0 };
        let heading = self.y.heading();
        let (frame, y) = Frame::ruled(sheet, top, room, height, &heading, &y_ticks, &y_labels);
        let x = frame.name_numbers(sheet, &self.x.heading(), &x_ticks, &x_labels);
        let place = |position: f64, value: f64| (x.at(position), y.at(value));
        for line in &self.lines {
            let along = || line.corners.iter().zip(&line.band);
            let mut edge: Vec<_> = along().map(|(c, band)| place(c.0, band.1)).collect();
            edge.extend(along().rev().map(|(c, band)| place(c.0, band.0)));
            if !edge.is_empty() {
                sheet.shape(
                    &edge,
                    &Paint::class("band"),
                    &format!("{}: doubt", line.label),
                );
            }
        }
        self.draw_marks(sheet, &frame, room, &x);
        // The main line last, so that it lies on top.
        for main in [false, true] {
            for (line, stroke) in self.lines.iter().zip(&strokes) {
                if (line.role == Role::Main) == main {
                    let corners: Vec<_> = line.corners.iter().map(|c| place(c.0, c.1)).collect();
                    sheet.stroke(&corners, stroke);
                }
            }
        }
    }

    fn table(&self, caption: String) -> Table {
        let mut positions: Vec<f64> = Vec::new();
        for line in &self.lines {
            positions.extend(line.corners.iter().map(|corner| corner.0));
        }
        positions.sort_by(f64::total_cmp);
        positions.dedup_by(|one, other| one.total_cmp(other).is_eq());
        let mut columns = vec![Column::number(self.x.label())];
        for line in &self.lines {
            columns.push(Column::number(line.label.clone()));
            if !line.band.is_empty() {
                columns.push(Column::number("Lower limit"));
                columns.push(Column::number("Upper limit"));
            }
        }
        let unit = self.y.unit();
        let rows = positions.iter().map(|&position| {
            let mut row = vec![Cell::Number(position, self.x.unit())];
            for line in &self.lines {
                let at = line
                    .corners
                    .iter()
                    .position(|corner| corner.0.total_cmp(&position).is_eq());
                let band = at.and_then(|at| line.band.get(at));
                row.push(Cell::optional(at.map(|at| line.corners[at].1), unit));
                if !line.band.is_empty() {
                    row.push(Cell::optional(band.map(|band| band.0), unit));
                    row.push(Cell::optional(band.map(|band| band.1), unit));
                }
            }
            row
        });
        let rows = rows.collect();
        Table::of(caption, columns, rows)
    }
}
