//! Values with their intervals over numbers or categories, with fitted lines drawn on top.

use crate::error::{Error, Result};
use crate::measure::Estimate;

use super::axis::{Axis, Scale, Ticks, drawable};
use super::format::Unit;
use super::frame::Frame;
use super::lettering::{width_of, wrap};
use super::picture::Draw;
use super::svg::{Anchor, LINE, SIZE, Sheet};
use super::table::{Cell, Column, Table};

/// One value with its interval.
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalPoint {
    label: String,
    position: f64,
    value: f64,
    interval: Option<(f64, f64)>,
    observations: usize,
}

impl IntervalPoint {
    /// A point at `position` along the lower axis (categories: at its place in the list, whatever the position
    /// says), resting on `observations`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless both numbers are finite (within ±1e15).
    pub fn new(
        label: impl Into<String>,
        position: f64,
        value: f64,
        observations: usize,
    ) -> Result<Self> {
        drawable("position of a point", position)?;
        drawable("value of a point", value)?;
        Ok(Self {
            label: label.into(),
            position,
            value,
            interval: None,
            observations,
        })
    }

    /// The point of an estimate; an interval that is unbounded is left out.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless position and value are finite (within ±1e15).
    pub fn of(label: impl Into<String>, position: f64, estimate: &Estimate) -> Result<Self> {
        let point = Self::new(label, position, estimate.value(), estimate.observations())?;
        match estimate.interval() {
            Some(bounds) if bounds.low().is_finite() && bounds.high().is_finite() => {
                point.with_interval(bounds.low(), bounds.high())
            }
            _ => Ok(point),
        }
    }

    /// The same with its interval drawn as a whisker.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless both are finite (within ±1e15) and `low <= high`.
    pub fn with_interval(mut self, low: f64, high: f64) -> Result<Self> {
        drawable("lower limit of a point", low)?;
        drawable("upper limit of a point", high)?;
        Error::unless(
            low <= high,
            "upper limit of a point",
            high,
            "not lie below the lower limit",
        )?;
        self.interval = Some((low, high));
        Ok(self)
    }
}

/// A straight line over part of the lower axis.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedLine {
    label: String,
    from: f64,
    to: f64,
    intercept: f64,
    slope: f64,
}

impl FittedLine {
    /// `intercept + slope · x` for `from <= x <= to`; the label stands in the legend, so say the slope in it.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless all are finite, the ends of the line are (within ±1e15), and `from <= to`.
    pub fn new(
        label: impl Into<String>,
        from: f64,
        to: f64,
        intercept: f64,
        slope: f64,
    ) -> Result<Self> {
        drawable("start of a fitted line", from)?;
        drawable("end of a fitted line", to)?;
        Error::unless(
            from <= to,
            "end of a fitted line",
            to,
            "not lie before its start",
        )?;
        drawable("height of a fitted line", intercept + slope * from)?;
        drawable("height of a fitted line", intercept + slope * to)?;
        Ok(Self {
            label: label.into(),
            from,
            to,
            intercept,
            slope,
        })
    }

    fn height(&self, x: f64) -> f64 {
        self.intercept + self.slope * x
    }

    /// The part of the line whose heights lie within the scale.
    fn within(&self, scale: &Scale) -> Option<(f64, f64)> {
        let (mut from, mut to) = (self.from, self.to);
        if self.slope == 0.0 {
            return (scale.low..=scale.high)
                .contains(&self.intercept)
                .then_some((from, to));
        }
        let at = |height: f64| (height - self.intercept) / self.slope;
        let (one, two) = (at(scale.low), at(scale.high));
        from = from.max(one.min(two));
        to = to.min(one.max(two));
        (from <= to).then_some((from, to))
    }
}

/// Values with interval whiskers: score by promise gap, reliability by month. The area of a dot grows with the
/// observations behind it.
///
/// ```
/// use tillit::report::{Axis, IntervalChart, IntervalPoint, Unit};
///
/// let chart = IntervalChart::over_numbers(
///     Axis::new("Days after the promised day", Unit::days(0)),
///     Axis::new("Mean score", Unit::plain(2)).with_range(1.0, 5.0)?,
///     vec![
///         IntervalPoint::new("4 days early", -4.0, 4.2, 4844)?.with_interval(4.17, 4.25)?,
///         IntervalPoint::new("4 days late", 4.0, 2.5, 382)?.with_interval(2.3, 2.6)?,
///     ],
/// )?
/// .with_divide(0.0, "earlier than promised", "later than promised")?;
/// # let _ = chart;
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalChart {
    x: Axis,
    y: Axis,
    points: Vec<IntervalPoint>,
    categorical: bool,
    connected: bool,
    divide: Option<(f64, String, String)>,
    lines: Vec<FittedLine>,
}

impl IntervalChart {
    /// Points at their positions along a numeric axis.
    ///
    /// # Errors
    /// [`Error::Empty`] without points.
    pub fn over_numbers(x: Axis, y: Axis, points: Vec<IntervalPoint>) -> Result<Self> {
        Self::new(x, y, points, false)
    }

    /// Points side by side in the order given, each named by its label.
    ///
    /// # Errors
    /// [`Error::Empty`] without points.
    pub fn over_categories(
        heading: impl Into<String>,
        y: Axis,
        points: Vec<IntervalPoint>,
    ) -> Result<Self> {
        let mut points = points;
        let mut place = 0.0;
        for point in &mut points {
            point.position = place;
            place += 1.0;
        }
        Self::new(Axis::new(heading, Unit::count()), y, points, true)
    }

    fn new(x: Axis, y: Axis, points: Vec<IntervalPoint>, categorical: bool) -> Result<Self> {
        if points.is_empty() {
            return Err(Error::Empty {
                what: "an interval chart".into(),
                remedy: "give at least one point, or a picture without data".into(),
            });
        }
        Ok(Self {
            x,
            y,
            points,
            categorical,
            connected: false,
            divide: None,
            lines: Vec::new(),
        })
    }

    /// The same with a line from each point to the next: a course over time.
    #[must_use]
    pub fn connected(mut self) -> Self {
        self.connected = true;
        self
    }

    /// The same with an upright line at `position` (the promised day, at zero) and words for both sides of it.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the position is finite (within ±1e15).
    pub fn with_divide(
        mut self,
        position: f64,
        before: impl Into<String>,
        after: impl Into<String>,
    ) -> Result<Self> {
        drawable("position of a dividing line", position)?;
        self.divide = Some((position, before.into(), after.into()));
        Ok(self)
    }

    /// The same with a fitted line on top.
    #[must_use]
    pub fn with_line(mut self, line: FittedLine) -> Self {
        self.lines.push(line);
        self
    }

    fn legend(&self, sheet: &mut Sheet) -> f64 {
        let mut y = 14.0;
        for (place, line) in self.lines.iter().enumerate() {
            sheet.line((0.0, y - 4.0), (30.0, y - 4.0), fit_class(place));
            let words = wrap(&line.label, sheet.width() - 40.0, SIZE);
            sheet.lines((38.0, y), Anchor::Start, "label", &words);
            y += LINE * words.len() as f64 + 2.0;
        }
        if self.lines.is_empty() { y } else { y + 8.0 }
    }

    /// Words for both sides of the dividing line, wrapped to the room that its place leaves.
    fn side_words(&self, ticks: &Ticks, left: f64, right: f64) -> [Vec<String>; 2] {
        let Some((at, before, after)) = &self.divide else {
            return [Vec::new(), Vec::new()];
        };
        let scale = if self.categorical {
            Scale {
                low: -0.5,
                high: self.points.len() as f64 - 0.5,
                start: left,
                end: right,
            }
        } else {
            ticks.scale(left, right)
        };
        let x = scale.at(*at);
        [(before, x - left), (after, right - x)].map(|(words, room)| {
            if words.is_empty() || room < 60.0 {
                Vec::new()
            } else {
                wrap(words, room - 10.0, SIZE)
            }
        })
    }

    fn draw_points(&self, sheet: &mut Sheet, x_scale: &Scale, y_scale: &Scale) {
        let place = |point: &IntervalPoint| (x_scale.at(point.position), y_scale.at(point.value));
        if self.connected {
            let corners: Vec<_> = self.points.iter().map(place).collect();
            sheet.stroke(&corners, "course");
        }
        let most = self.points.iter().map(|point| point.observations).max();
        let most = most.unwrap_or(1).max(1) as f64;
        for point in &self.points {
            let (x, y) = place(point);
            if let Some((low, high)) = point.interval {
                let (low, high) = (y_scale.at(low), y_scale.at(high));
                sheet.line((x, low), (x, high), "whisker");
                for y in [low, high] {
                    sheet.line((x - 4.0, y), (x + 4.0, y), "whisker");
                }
            }
            let radius = (10.0 * (point.observations as f64 / most).sqrt()).max(4.5);
            sheet.dot((x, y), radius, "dot", &self.hint(point));
        }
    }

    fn hint(&self, point: &IntervalPoint) -> String {
        let unit = self.y.unit();
        let doubt = point.interval.map_or(String::new(), |(low, high)| {
            format!(", interval {}", unit.write_interval(low, high))
        });
        format!(
            "{}: {}{doubt}, from {}",
            point.label,
            unit.write(point.value),
            Unit::count().write(point.observations as f64)
        )
    }
}

/// Fitted lines are told apart by their strokes: drawn through, dotted, drawn through again.
fn fit_class(place: usize) -> &'static str {
    if place.is_multiple_of(2) {
        "fit one"
    } else {
        "fit two"
    }
}

impl Draw for IntervalChart {
    fn draw(&self, sheet: &mut Sheet) {
        let narrow = sheet.is_narrow();
        let heights = self.points.iter().flat_map(|point| {
            let (low, high) = point.interval.unwrap_or((point.value, point.value));
            [low, point.value, high]
        });
        let ends = self
            .lines
            .iter()
            .flat_map(|line| [line.height(line.from), line.height(line.to)]);
        let y_ticks = self.y.ticks(heights.chain(ends), 5.0);
        let y_labels = self.y.unit().tick_labels(&y_ticks);
        let positions = self.points.iter().map(|point| point.position);
        let divide = self.divide.iter().map(|divide| divide.0);
        let ends = self.lines.iter().flat_map(|line| [line.from, line.to]);
        let wanted = if narrow { 4.0 } else { 8.0 };
        let x_ticks = self.x.ticks(positions.chain(divide).chain(ends), wanted);
        let x_labels = self.x.unit().tick_labels(&x_ticks);

        let top = self.legend(sheet);
        // The words beside the dividing line need its place before the frame is ruled.
        let left = y_labels
            .iter()
            .map(|label| width_of(label, SIZE))
            .fold(0.0, f64::max)
            + 10.0;
        let right = sheet.width() - 14.0;
        let words = self.side_words(&x_ticks, left, right);
        let lines = words[0].len().max(words[1].len()) as f64;
        let room = if lines > 0.0 { lines * LINE + 8.0 } else { 0.0 };
        let height = if narrow { 240.0 } else { 300.0 };
        let heading = self.y.heading();
        let (frame, y_scale) =
            Frame::ruled(sheet, top, room, height, &heading, &y_ticks, &y_labels);
        let x_scale = if self.categorical {
            let labels: Vec<&str> = self
                .points
                .iter()
                .map(|point| point.label.as_str())
                .collect();
            frame.name_categories(sheet, &self.x.heading(), &labels)
        } else {
            frame.name_numbers(sheet, &self.x.heading(), &x_ticks, &x_labels)
        };
        if let Some((at, ..)) = &self.divide {
            let (x, first) = (x_scale.at(*at), frame.top - room + LINE - 6.0);
            sheet.line((x, frame.top - room), (x, frame.bottom), "divide");
            sheet.lines((x - 8.0, first), Anchor::End, "muted", &words[0]);
            sheet.lines((x + 8.0, first), Anchor::Start, "muted", &words[1]);
        }
        self.draw_points(sheet, &x_scale, &y_scale);
        for (place, line) in self.lines.iter().enumerate() {
            if let Some((from, to)) = line.within(&y_scale) {
                let end = |x: f64| (x_scale.at(x), y_scale.at(line.height(x)));
                sheet.line(end(from), end(to), fit_class(place));
            }
        }
    }

    fn table(&self, caption: String) -> Table {
        let (x, y) = (self.x.unit(), self.y.unit());
        let numeric = !self.categorical;
        let mut columns = vec![Column::text(if numeric { "Group" } else { self.x.label() })];
        if numeric {
            columns.push(Column::number(self.x.label()));
        }
        columns.extend(
            [self.y.label(), "Lower limit", "Upper limit", "Observations"].map(Column::number),
        );
        let rows = self
            .points
            .iter()
            .map(|point| {
                let mut row = vec![Cell::Text(point.label.clone())];
                if numeric {
                    row.push(Cell::Number(point.position, x));
                }
                row.push(Cell::Number(point.value, y));
                row.push(Cell::optional(point.interval.map(|bounds| bounds.0), y));
                row.push(Cell::optional(point.interval.map(|bounds| bounds.1), y));
                row.push(Cell::count(point.observations));
                row
            })
            .collect();
        Table::of(caption, columns, rows)
    }
}
