//! Several courses over one lower axis, and where on it something changes.

use chrono::NaiveDate;

use crate::error::{Error, Result};

use super::axis::{Axis, Scale, day_number, drawable};
use super::format::day;
use super::frame::Frame;
use super::lettering::{width_of, wrap};
use super::picture::Draw;
use super::svg::{Anchor, LINE, Paint, SIZE, Sheet};
use super::table::{Cell, Column, Table};

/// One course: its name and its value at each place of the lower axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    name: String,
    values: Vec<f64>,
    is_reference: bool,
}

impl Course {
    /// A course with one value per place.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless every value is finite (within ±1e15).
    pub fn new(name: impl Into<String>, values: Vec<f64>) -> Result<Self> {
        for &value in &values {
            drawable("value of a course", value)?;
        }
        Ok(Self {
            name: name.into(),
            values,
            is_reference: false,
        })
    }

    /// The same as what the others are measured by (what really happened): drawn in the colour of the text.
    #[must_use]
    pub fn as_reference(mut self) -> Self {
        self.is_reference = true;
        self
    }
}

/// What the places of the lower axis are.
#[derive(Clone, Debug, PartialEq)]
enum Places {
    Days(Vec<NaiveDate>),
    Categories(String, Vec<String>),
}

impl Places {
    fn len(&self) -> usize {
        match self {
            Self::Days(days) => days.len(),
            Self::Categories(_, names) => names.len(),
        }
    }
}

/// Lines over days or classes: forecasts against what happened. Each line carries its name at its end, or in a legend
/// where there is no room; lines differ in their strokes as well as in colour.
///
/// ```
/// use chrono::NaiveDate;
/// use tillit::report::{Axis, Course, CourseChart, Unit};
///
/// let days = (1..=4).filter_map(|month| NaiveDate::from_ymd_opt(1997, 3 * month, 1)).collect();
/// let chart = CourseChart::over_days(
///     Axis::new("Repeat purchases", Unit::count()).with_range(0.0, 1.0)?,
///     days,
///     vec![
///         Course::new("actual", vec![0.0, 310.0, 650.0, 880.0])?.as_reference(),
///         Course::new("expected", vec![0.0, 305.0, 630.0, 900.0])?,
///     ],
/// )?
/// .with_boundary(1, "known to the model", "forecast");
/// # let _ = chart;
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CourseChart {
    axis: Axis,
    places: Places,
    courses: Vec<Course>,
    boundary: Option<(usize, String, String)>,
}

impl CourseChart {
    /// Courses over days.
    ///
    /// # Errors
    /// [`Error::Empty`] without days or courses, [`Error::UnequalLengths`] if a course has not one value per day,
    /// [`Error::Contradiction`] unless the days increase.
    pub fn over_days(axis: Axis, days: Vec<NaiveDate>, courses: Vec<Course>) -> Result<Self> {
        let mut pairs = days.iter().zip(days.iter().skip(1));
        if let Some((date, next)) = pairs.find(|(date, next)| date >= next) {
            return Err(Error::Contradiction {
                what: "a course chart's list of days".into(),
                reason: format!("{date} is followed by {next}; give increasing days"),
            });
        }
        Self::new(axis, Places::Days(days), courses)
    }

    /// Courses over classes side by side; `heading` says what the `names` are.
    ///
    /// # Errors
    /// [`Error::Empty`] without classes or courses, [`Error::UnequalLengths`] if a course has not one value per class.
    pub fn over_categories(
        heading: impl Into<String>,
        names: Vec<String>,
        axis: Axis,
        courses: Vec<Course>,
    ) -> Result<Self> {
        Self::new(axis, Places::Categories(heading.into(), names), courses)
    }

    fn new(axis: Axis, places: Places, courses: Vec<Course>) -> Result<Self> {
        if places.len() == 0 || courses.is_empty() {
            return Err(Error::Empty {
                what: "a course chart".into(),
                remedy: "give at least one place and one course, or a picture without data".into(),
            });
        }
        if let Some(course) = courses
            .iter()
            .find(|course| course.values.len() != places.len())
        {
            return Err(Error::UnequalLengths {
                left: "the chart's list of places",
                left_len: places.len(),
                right: "one of its courses",
                right_len: course.values.len(),
            });
        }
        Ok(Self {
            axis,
            places,
            courses,
            boundary: None,
        })
    }

    /// The same with an upright line at the place with this number (counted from 0), words for both sides of it, and
    /// the later side shaded. A number beyond the last place draws none.
    #[must_use]
    pub fn with_boundary(
        mut self,
        place: usize,
        before: impl Into<String>,
        after: impl Into<String>,
    ) -> Self {
        self.boundary =
            Some((place, before.into(), after.into())).filter(|_| place < self.places.len());
        self
    }

    /// Stroke classes of a course: the reference in ink, the others by their number among themselves.
    fn class(&self, place: usize) -> String {
        let others_before = |course: &&Course| !course.is_reference;
        if self.courses[place].is_reference {
            "real".into()
        } else {
            let number = self.courses[..place].iter().filter(others_before).count();
            format!("t{}", number % 6)
        }
    }

    /// A line of the legend per course; returns the baseline below.
    fn legend(&self, sheet: &mut Sheet) -> f64 {
        let mut y = 14.0;
        for (place, course) in self.courses.iter().enumerate() {
            let class = format!("trace {}", self.class(place));
            sheet.line((0.0, y - 4.5), (30.0, y - 4.5), &class);
            let words = wrap(&course.name, sheet.width() - 40.0, SIZE);
            sheet.lines((38.0, y), Anchor::Start, "label", &words);
            y += LINE * words.len() as f64 + 2.0;
        }
        y + 8.0
    }

    /// Names at the ends of the lines, moved apart where the lines end close to each other.
    fn name_ends(&self, sheet: &mut Sheet, frame: &Frame, y: &Scale, end: f64) {
        let mut ends: Vec<(f64, usize)> = self
            .courses
            .iter()
            .enumerate()
            .filter_map(|(place, course)| Some((y.at(*course.values.last()?), place)))
            .collect();
        ends.sort_by(|one, two| one.0.total_cmp(&two.0));
        let mut lowest = frame.bottom - LINE * (ends.len() - 1) as f64;
        let mut next = frame.top - LINE;
        for (height, place) in ends {
            let at = height.max(next).min(lowest);
            (next, lowest) = (at + LINE, lowest + LINE);
            let class = self.class(place);
            let corners = [(end, height), (end + 10.0, at), (end + 22.0, at)];
            sheet.stroke(&corners, &format!("lead {class}"));
            sheet.text(
                (end + 26.0, at + 4.5),
                Anchor::Start,
                "label",
                &self.courses[place].name,
            );
        }
    }

    fn mark_boundary(
        &self,
        sheet: &mut Sheet,
        frame: &Frame,
        at: f64,
        room: f64,
        words: &[Vec<String>; 2],
    ) {
        let paint = Paint::class("later");
        let hint = self.boundary.as_ref().map_or("", |boundary| &boundary.2);
        sheet.bar((at, frame.top), (frame.right, frame.bottom), &paint, hint);
        let first = frame.top - room + LINE - 6.0;
        sheet.line((at, frame.top - room), (at, frame.bottom), "divide");
        sheet.lines((at - 8.0, first), Anchor::End, "muted", &words[0]);
        sheet.lines((at + 8.0, first), Anchor::Start, "muted", &words[1]);
    }

    /// Where place number `place` will lie between `left` and `right`.
    fn position(&self, place: usize, left: f64, right: f64) -> f64 {
        let scale = |low, high| Scale {
            low,
            high,
            start: left,
            end: right,
        };
        match &self.places {
            Places::Days(days) => match (days.first(), days.get(place), days.last()) {
                (Some(&first), Some(&date), Some(&last)) if first < last => {
                    scale(day_number(first), day_number(last)).at(day_number(date))
                }
                _ => 0.5 * (left + right),
            },
            Places::Categories(_, names) => scale(-0.5, names.len() as f64 - 0.5).at(place as f64),
        }
    }
}

impl Draw for CourseChart {
    fn draw(&self, sheet: &mut Sheet) {
        let narrow = sheet.is_narrow();
        let widest = self
            .courses
            .iter()
            .map(|course| width_of(&course.name, SIZE))
            .fold(0.0, f64::max);
        let named_at_ends = !narrow && widest <= 0.24 * sheet.width();
        let top = if named_at_ends {
            sheet.reserve_right(widest + 14.0);
            14.0
        } else {
            self.legend(sheet)
        };
        let values = self
            .courses
            .iter()
            .flat_map(|course| course.values.iter().copied());
        let ticks = self.axis.ticks(values, 5.0);
        let labels = self.axis.unit().tick_labels(&ticks);
        let left = labels
            .iter()
            .map(|label| width_of(label, SIZE))
            .fold(0.0, f64::max)
            + 10.0;
        let right = Frame::right_of(sheet);
        // The words beside the boundary need its place before the frame is ruled.
        let boundary = self.boundary.as_ref().map(|(place, before, after)| {
            let at = self.position(*place, left, right);
            let words = [(before, at - left), (after, right - at)].map(|(words, room)| {
                if words.is_empty() || room < 60.0 {
                    Vec::new()
                } else {
                    wrap(words, room - 10.0, SIZE)
                }
            });
            (at, words)
        });
        let lines = boundary
            .as_ref()
            .map_or(0, |(_, words)| words[0].len().max(words[1].len()));
        let room = if lines > 0 {
            lines as f64 * LINE + 8.0
        } else {
            0.0
        };
        let height = if narrow { 230.0 } else { 290.0 };
        let heading = self.axis.heading();
        let (frame, y) = Frame::ruled(sheet, top, room, height, &heading, &ticks, &labels);
        if let Some((at, words)) = &boundary {
            self.mark_boundary(sheet, &frame, *at, room, words);
        }
        match &self.places {
            Places::Days(days) => {
                if let (Some(&first), Some(&last)) = (days.first(), days.last()) {
                    frame.name_days(sheet, first, last);
                }
            }
            Places::Categories(heading, names) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                frame.name_categories(sheet, heading, &names);
            }
        }
        let by_category = matches!(self.places, Places::Categories(..));
        for (number, course) in self.courses.iter().enumerate() {
            let class = self.class(number);
            let corners: Vec<(f64, f64)> = course
                .values
                .iter()
                .enumerate()
                .map(|(place, &value)| (self.position(place, frame.left, frame.right), y.at(value)))
                .collect();
            sheet.stroke(&corners, &format!("trace {class}"));
            if by_category || corners.len() == 1 {
                for (corner, value) in corners.iter().zip(&course.values) {
                    let hint = format!("{}: {}", course.name, self.axis.unit().write(*value));
                    sheet.dot(*corner, 4.0, &format!("knot {class}"), &hint);
                }
            }
        }
        if named_at_ends {
            let last = self.position(self.places.len() - 1, frame.left, frame.right);
            self.name_ends(
                sheet,
                &frame,
                &y,
                last + if by_category { 6.0 } else { 1.0 },
            );
        }
    }

    fn table(&self, caption: String) -> Table {
        let (first, names): (_, Vec<String>) = match &self.places {
            Places::Days(days) => ("Day", days.iter().map(|&date| day(date)).collect()),
            Places::Categories(heading, names) => (heading.as_str(), names.clone()),
        };
        let mut columns = vec![Column::text(first)];
        columns.extend(
            self.courses
                .iter()
                .map(|course| Column::number(course.name.clone())),
        );
        let unit = self.axis.unit();
        let rows = names
            .into_iter()
            .enumerate()
            .map(|(row, name)| {
                let values = self
                    .courses
                    .iter()
                    .map(|course| course.values.get(row).copied());
                let mut cells = vec![Cell::Text(name)];
                cells.extend(values.map(|value| Cell::optional(value, unit)));
                cells
            })
            .collect();
        Table::of(caption, columns, rows)
    }
}
