//! Horizontal bars with whiskers and value labels.

use crate::error::{Error, Result};
use crate::measure::Estimate;

use super::axis::{Axis, drawable};
use super::frame::Frame;
use super::picture::Draw;
use super::rows::{RowText, Rows};
use super::svg::{Paint, Sheet};
use super::table::{Cell, Column, Table};
use super::tone::Tone;

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    name: String,
    value: f64,
    interval: Option<(f64, f64)>,
    note: String,
    tone: Tone,
}

impl Bar {
    /// A bar from zero to `value`, which may be negative.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless it is finite (within ±1e15).
    pub fn new(name: impl Into<String>, value: f64) -> Result<Self> {
        drawable("value of a bar", value)?;
        Ok(Self {
            name: name.into(),
            value,
            interval: None,
            note: String::new(),
            tone: Tone::Neutral,
        })
    }

    /// The bar of an estimate; an interval that is unbounded is left out.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the value is finite (within ±1e15).
    pub fn of(name: impl Into<String>, estimate: &Estimate) -> Result<Self> {
        let bar = Self::new(name, estimate.value())?;
        match estimate.interval() {
            Some(bounds) if bounds.low().is_finite() && bounds.high().is_finite() => {
                bar.with_interval(bounds.low(), bounds.high())
            }
            _ => Ok(bar),
        }
    }

    /// The same with its interval drawn as a whisker.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless both are finite (within ±1e15) and `low <= high`.
    pub fn with_interval(mut self, low: f64, high: f64) -> Result<Self> {
        drawable("lower limit of a bar", low)?;
        drawable("upper limit of a bar", high)?;
        Error::unless(
            low <= high,
            "upper limit of a bar",
            high,
            "not lie below the lower limit",
        )?;
        self.interval = Some((low, high));
        Ok(self)
    }

    /// The same with a second, quieter line under its name: `2,486 orders`.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// The same in the colour of good or bad news.
    #[must_use]
    pub fn with_tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
}

/// Horizontal bars in the order given: value at stake by segment. Names wrap and are never cut; values stand in
/// their own column at the right.
///
/// ```
/// use tillit::report::{Axis, Bar, BarChart, Unit};
///
/// let chart = BarChart::new(
///     "Segment",
///     Axis::new("Share delivered late", Unit::percent(1)),
///     vec![Bar::new("North", 0.044)?.with_interval(0.040, 0.048)?, Bar::new("South", 0.12)?],
/// )?;
/// # let _ = chart;
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BarChart {
    names: String,
    axis: Axis,
    bars: Vec<Bar>,
}

impl BarChart {
    /// Bars; `names` says what the names are (segments, regions).
    ///
    /// # Errors
    /// [`Error::Empty`] without bars.
    pub fn new(names: impl Into<String>, axis: Axis, bars: Vec<Bar>) -> Result<Self> {
        if bars.is_empty() {
            return Err(Error::Empty {
                what: "a bar chart".into(),
                remedy: "give at least one bar, or a picture without data".into(),
            });
        }
        Ok(Self {
            names: names.into(),
            axis,
            bars,
        })
    }
}

impl Draw for BarChart {
    fn draw(&self, sheet: &mut Sheet) {
        let unit = self.axis.unit();
        let ends = self.bars.iter().flat_map(|bar| {
            let (low, high) = bar.interval.unwrap_or((bar.value, bar.value));
            [low, bar.value, high]
        });
        let wanted = if sheet.is_narrow() { 3.0 } else { 5.0 };
        let ticks = self.axis.ticks(ends.chain([0.0]), wanted);
        let texts: Vec<_> = self
            .bars
            .iter()
            .map(|bar| RowText {
                name: bar.name.clone(),
                note: bar.note.clone(),
                value: unit.write(bar.value),
            })
            .collect();
        let rows = Rows::lay(sheet, &texts, 4.0);
        let frame = Frame {
            left: rows.left,
            right: rows.right,
            top: 4.0,
            bottom: rows.bottom,
        };
        let labels = unit.tick_labels(&ticks);
        let scale = frame.name_numbers(sheet, &self.axis.heading(), &ticks, &labels);
        rows.rule(sheet, &ticks, &scale);
        let zero = scale.at(0.0);
        for (bar, lane) in self.bars.iter().zip(&rows.lanes) {
            let (top, bottom) = (lane.middle - 8.0, lane.middle + 8.0);
            let doubt = bar.interval.map_or(String::new(), |(low, high)| {
                format!(", interval {}", unit.write_interval(low, high))
            });
            let hint = format!("{}: {}{doubt}", bar.name, unit.write(bar.value));
            let paint = match bar.tone {
                Tone::Neutral => Paint::class("fill"),
                tone => Paint::class(tone.class()),
            };
            sheet.bar((zero, top), (scale.at(bar.value), bottom), &paint, &hint);
            if let Some((low, high)) = bar.interval {
                let (low, high) = (scale.at(low), scale.at(high));
                sheet.line((low, lane.middle), (high, lane.middle), "whisker");
                for x in [low, high] {
                    sheet.line((x, lane.middle - 4.0), (x, lane.middle + 4.0), "whisker");
                }
            }
        }
    }

    fn table(&self, caption: String) -> Table {
        let unit = self.axis.unit();
        let with_notes = self.bars.iter().any(|bar| !bar.note.is_empty());
        let mut columns = vec![Column::text(self.names.clone())];
        columns.extend([self.axis.label(), "Lower limit", "Upper limit"].map(Column::number));
        if with_notes {
            columns.push(Column::text("Note"));
        }
        let rows = self
            .bars
            .iter()
            .map(|bar| {
                let mut row = vec![
                    Cell::Text(bar.name.clone()),
                    Cell::Number(bar.value, unit),
                    Cell::optional(bar.interval.map(|bounds| bounds.0), unit),
                    Cell::optional(bar.interval.map(|bounds| bounds.1), unit),
                ];
                if with_notes {
                    row.push(Cell::Text(bar.note.clone()));
                }
                row
            })
            .collect();
        Table::of(caption, columns, rows)
    }
}
