//! What happened when, to one customer.

use chrono::NaiveDate;

use crate::error::{Error, Result};

use super::axis::day_number;
use super::format::{Unit, day};
use super::frame::Frame;
use super::lettering::width_of;
use super::picture::Draw;
use super::rows::{Lane, RowText, Rows};
use super::svg::{Anchor, Paint, SIZE, Sheet};
use super::table::{Cell, Column, Table};
use super::tone::Tone;

/// An event on one day, or a state from one day to another.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineEntry {
    name: String,
    from: NaiveDate,
    to: Option<NaiveDate>,
    state: String,
    tone: Tone,
}

impl TimelineEntry {
    /// An event on one day.
    #[must_use]
    pub fn event(name: impl Into<String>, on: NaiveDate) -> Self {
        Self {
            name: name.into(),
            from: on,
            to: None,
            state: String::new(),
            tone: Tone::Neutral,
        }
    }

    /// A state that lasts from one day to another: a promise from its making to its keeping.
    ///
    /// # Errors
    /// [`Error::Contradiction`] if it ends before it begins.
    pub fn span(name: impl Into<String>, from: NaiveDate, to: NaiveDate) -> Result<Self> {
        let name = name.into();
        if to < from {
            return Err(Error::Contradiction {
                what: format!("the timeline entry {name:?}").into(),
                reason: format!("it ends on {to}, before it begins on {from}"),
            });
        }
        Ok(Self {
            to: Some(to),
            ..Self::event(name, from)
        })
    }

    /// The same with its state in words and as good or bad news.
    #[must_use]
    pub fn with_state(mut self, state: impl Into<String>, tone: Tone) -> Self {
        self.state = state.into();
        self.tone = tone;
        self
    }

    fn last(&self) -> NaiveDate {
        self.to.unwrap_or(self.from)
    }

    fn when(&self) -> String {
        match self.to {
            Some(to) => format!("{} to {}", day(self.from), day(to)),
            None => day(self.from),
        }
    }
}

/// Events and states along a day axis, one row each, in the order given.
///
/// ```
/// use chrono::NaiveDate;
/// use tillit::report::{Timeline, TimelineEntry, Tone};
///
/// let day = |month, day| NaiveDate::from_ymd_opt(2019, month, day).unwrap();
/// let story = Timeline::new(vec![
///     TimelineEntry::event("Complaint about rust", day(1, 7)),
///     TimelineEntry::span("Answer promised in 4 to 6 weeks", day(1, 7), day(5, 6))?
///         .with_state("77 days late", Tone::Bad),
/// ])?
/// .with_mark(day(2, 18), "answer due");
/// # let _ = story;
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    entries: Vec<TimelineEntry>,
    marks: Vec<(NaiveDate, String)>,
}

impl Timeline {
    /// Entries, one row each.
    ///
    /// # Errors
    /// [`Error::Empty`] without entries.
    pub fn new(entries: Vec<TimelineEntry>) -> Result<Self> {
        if entries.is_empty() {
            return Err(Error::Empty {
                what: "a timeline".into(),
                remedy: "give at least one entry, or a picture without data".into(),
            });
        }
        Ok(Self {
            entries,
            marks: Vec::new(),
        })
    }

    /// The same with an upright line on a day, with its name above: a deadline, the as-of day.
    #[must_use]
    pub fn with_mark(mut self, on: NaiveDate, name: impl Into<String>) -> Self {
        self.marks.push((on, name.into()));
        self
    }
}

/// A sign whose shape says the tone as well as its colour does.
fn sign(sheet: &mut Sheet, x: f64, lane: &Lane, tone: Tone, hint: &str) {
    let (y, r) = (lane.middle, 7.0);
    let paint = Paint::class(tone.class());
    match tone {
        Tone::Neutral => sheet.dot((x, y), r - 1.0, "neutral", hint),
        Tone::Good => sheet.bar((x - 6.0, y - 6.0), (x + 6.0, y + 6.0), &paint, hint),
        Tone::Caution => sheet.shape(&[(x, y - r), (x + r, y + r), (x - r, y + r)], &paint, hint),
        Tone::Bad => sheet.shape(
            &[(x, y - 8.0), (x + 8.0, y), (x, y + 8.0), (x - 8.0, y)],
            &paint,
            hint,
        ),
    }
}

impl Draw for Timeline {
    fn draw(&self, sheet: &mut Sheet) {
        let marked = self.marks.iter().map(|mark| mark.0);
        let starts = self.entries.iter().map(|entry| entry.from);
        let ends = self.entries.iter().map(TimelineEntry::last);
        let days = || starts.clone().chain(ends.clone()).chain(marked.clone());
        let (Some(first), Some(last)) = (days().min(), days().max()) else {
            return;
        };
        let texts: Vec<_> = self
            .entries
            .iter()
            .map(|entry| RowText {
                name: entry.name.clone(),
                note: if entry.state.is_empty() {
                    entry.when()
                } else {
                    format!("{} · {}", entry.when(), entry.state)
                },
                value: String::new(),
            })
            .collect();
        let top = 20.0 * self.marks.len() as f64 + 4.0;
        let rows = Rows::lay(sheet, &texts, top);
        let frame = Frame {
            left: rows.left + 6.0,
            right: rows.right,
            top,
            bottom: rows.bottom,
        };
        let scale = frame.name_days(sheet, first, last);
        for lane in &rows.lanes {
            sheet.line((rows.left, lane.middle), (rows.right, lane.middle), "grid");
        }
        // From left to right, each line beginning at its own name, so that few lines cross a name.
        let mut marks: Vec<_> = self.marks.iter().collect();
        marks.sort_by_key(|mark| mark.0);
        let mut line = 14.0;
        for (on, name) in marks {
            let x = scale.at(day_number(*on));
            rows.rule_at(sheet, x, "divide");
            sheet.line((x, line + 4.0), (x, top), "divide");
            let words = format!("{name}, {}", day(*on));
            let half = width_of(&words, SIZE) / 2.0;
            let x = x.min(sheet.width() - half).max(half);
            sheet.text((x, line), Anchor::Middle, "label halo", &words);
            line += 20.0;
        }
        for (entry, lane) in self.entries.iter().zip(&rows.lanes) {
            let hint = format!("{}: {} {}", entry.name, entry.when(), entry.state);
            let (from, to) = (
                scale.at(day_number(entry.from)),
                scale.at(day_number(entry.last())),
            );
            if entry.to.is_some() {
                let paint = Paint::Class(format!("{} soft", entry.tone.class()));
                sheet.bar(
                    (from, lane.middle - 5.0),
                    (to, lane.middle + 5.0),
                    &paint,
                    &hint,
                );
            }
            sign(sheet, to, lane, entry.tone, &hint);
        }
    }

    fn table(&self, caption: String) -> Table {
        let mut columns = ["What", "From", "To"].map(Column::text).to_vec();
        columns.push(Column::number("Length"));
        columns.push(Column::text("State"));
        let marks = self
            .marks
            .iter()
            .map(|(on, name)| TimelineEntry::event(name, *on));
        let rows = self
            .entries
            .iter()
            .cloned()
            .chain(marks)
            .map(|entry| {
                let length = entry.to.map(|to| day_number(to) - day_number(entry.from));
                vec![
                    Cell::Text(entry.name),
                    Cell::Text(day(entry.from)),
                    entry.to.map_or(Cell::Missing, |to| Cell::Text(day(to))),
                    Cell::optional(length, Unit::days(0)),
                    Cell::Text(entry.state),
                ]
            })
            .collect();
        Table::of(caption, columns, rows)
    }
}
