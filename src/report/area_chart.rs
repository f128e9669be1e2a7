//! Parts of a whole over time, stacked.

use chrono::NaiveDate;

use crate::error::{Error, Result};

use super::axis::{Axis, day_number, drawable};
use super::format::{Unit, day};
use super::frame::Frame;
use super::picture::Draw;
use super::svg::Sheet;
use super::table::{Cell, Column, Table};
use super::tone::Tone;

/// One part: its name and its amount on each day of the chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    name: String,
    values: Vec<f64>,
    tone: Option<Tone>,
}

impl Series {
    /// A part with one amount per day.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless every amount is finite (at most 1e15) and not negative: stacked areas cannot
    /// show less than nothing.
    pub fn new(name: impl Into<String>, values: Vec<f64>) -> Result<Self> {
        for &value in &values {
            drawable("amount of a stacked area", value)?;
            Error::unless(
                value >= 0.0,
                "amount of a stacked area",
                value,
                "be 0 or more",
            )?;
        }
        Ok(Self {
            name: name.into(),
            values,
            tone: None,
        })
    }

    /// A part of whole things.
    #[must_use]
    pub fn of_counts(name: impl Into<String>, counts: &[usize]) -> Self {
        Self {
            name: name.into(),
            values: counts.iter().map(|&count| count as f64).collect(),
            tone: None,
        }
    }

    fn class(&self, place: usize) -> String {
        match self.tone {
            Some(tone) => tone.class().into(),
            None => format!("part{}", place % 6),
        }
    }

    /// The same in the colour of good or bad news.
    #[must_use]
    pub fn with_tone(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }
}

/// Stacked areas over days: promise states over time. The first part lies at the bottom; together they are the
/// whole, day by day. Every day given becomes a row of the table, so give as many as a reader wants to see (month
/// ends, say).
///
/// ```
/// use chrono::NaiveDate;
/// use tillit::report::{AreaChart, Axis, Series, Tone, Unit};
///
/// let days = (1..=3).filter_map(|month| NaiveDate::from_ymd_opt(2018, month, 1)).collect();
/// let chart = AreaChart::new(
///     Axis::new("Promises", Unit::count()),
///     days,
///     vec![
///         Series::of_counts("kept", &[10, 30, 55]).with_tone(Tone::Good),
///         Series::of_counts("broken and still open", &[0, 2, 5]).with_tone(Tone::Bad),
///     ],
/// )?;
/// assert_eq!(chart.totals(), [10.0, 32.0, 60.0]);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AreaChart {
    axis: Axis,
    days: Vec<NaiveDate>,
    series: Vec<Series>,
}

impl AreaChart {
    /// Parts over days.
    ///
    /// # Errors
    /// [`Error::Empty`] without days or parts, [`Error::UnequalLengths`] if a part has not one amount per day,
    /// [`Error::Contradiction`] unless the days increase, [`Error::OutOfRange`] if a total exceeds 1e15.
    pub fn new(axis: Axis, days: Vec<NaiveDate>, series: Vec<Series>) -> Result<Self> {
        if days.is_empty() || series.is_empty() {
            return Err(Error::Empty {
                what: "an area chart".into(),
                remedy: "give at least one day and one part, or a picture without data".into(),
            });
        }
        if let Some(part) = series.iter().find(|part| part.values.len() != days.len()) {
            return Err(Error::UnequalLengths {
                left: "the chart's list of days",
                left_len: days.len(),
                right: "one of its parts",
                right_len: part.values.len(),
            });
        }
        let mut pairs = days.iter().zip(days.iter().skip(1));
        if let Some((day, next)) = pairs.find(|(day, next)| day >= next) {
            return Err(Error::Contradiction {
                what: "an area chart's list of days".into(),
                reason: format!("{day} is followed by {next}; give increasing days"),
            });
        }
        let chart = Self { axis, days, series };
        for total in chart.totals() {
            drawable("total of stacked areas", total)?;
        }
        Ok(chart)
    }

    /// The whole, day by day: the sum of the parts.
    #[must_use]
    pub fn totals(&self) -> Vec<f64> {
        self.edges().pop().unwrap_or_default()
    }

    /// Upper edges: for each part the sum of it and all below it, day by day; the floor comes first.
    fn edges(&self) -> Vec<Vec<f64>> {
        let mut edges = vec![vec![0.0; self.days.len()]];
        let mut edge = vec![0.0; self.days.len()];
        for part in &self.series {
            for (height, value) in edge.iter_mut().zip(&part.values) {
                *height += value;
            }
            edges.push(edge.clone());
        }
        edges
    }
}

impl Draw for AreaChart {
    fn draw(&self, sheet: &mut Sheet) {
        let edges = self.edges();
        let totals = edges.last().cloned().unwrap_or_default();
        let mut paints = Vec::new();
        for (place, part) in self.series.iter().enumerate() {
            let class = part.class(place);
            paints.push(sheet.paint(place, &class));
        }
        let legend: Vec<_> = paints
            .iter()
            .zip(&self.series)
            .map(|(paint, part)| (paint.clone(), part.name.clone()))
            .rev()
            .collect();
        let top = sheet.legend(0.0, 14.0, &legend) + 30.0;
        let ticks = self.axis.ticks(totals.iter().copied().chain([0.0]), 5.0);
        let labels = self.axis.unit().tick_labels(&ticks);
        let height = if sheet.is_narrow() { 220.0 } else { 280.0 };
        let (frame, y) = Frame::ruled(
            sheet,
            top,
            0.0,
            height,
            &self.axis.heading(),
            &ticks,
            &labels,
        );
        let (Some(&first), Some(&last)) = (self.days.first(), self.days.last()) else {
            return;
        };
        let x = frame.name_days(sheet, first, last);
        for (((lower, upper), part), paint) in edges
            .iter()
            .zip(edges.iter().skip(1))
            .zip(&self.series)
            .zip(&paints)
        {
            let along = |edge: &[f64]| -> Vec<(f64, f64)> {
                let height = |value: f64| y.at(value);
                // One day alone has no width: it is drawn as wide as the chart.
                if let [only] = edge {
                    return vec![(frame.left, height(*only)), (frame.right, height(*only))];
                }
                let days = self.days.iter().map(|&date| x.at(day_number(date)));
                days.zip(edge.iter().map(|&value| height(value))).collect()
            };
            let mut corners = along(upper);
            corners.extend(along(lower).into_iter().rev());
            let end = part.values.last().copied().unwrap_or_default();
            let hint = format!(
                "{}: {} on {}",
                part.name,
                self.axis.unit().write(end),
                day(last)
            );
            sheet.shape(&corners, paint, &hint);
        }
    }

    fn table(&self, caption: String) -> Table {
        let mut columns = vec![Column::text("Day")];
        columns.extend(
            self.series
                .iter()
                .map(|part| Column::number(part.name.clone())),
        );
        columns.push(Column::number("Total"));
        let unit: Unit = self.axis.unit();
        let totals = self.totals();
        let rows = self
            .days
            .iter()
            .enumerate()
            .map(|(row, &date)| {
                let parts = self.series.iter().map(|part| part.values.get(row));
                let mut cells = vec![Cell::Text(day(date))];
                cells.extend(
                    parts
                        .chain([totals.get(row)])
                        .map(|value| Cell::optional(value.copied(), unit)),
                );
                cells
            })
            .collect();
        Table::of(caption, columns, rows)
    }
}

#[cfg(test)]
mod tests {
    use super::{AreaChart, Axis, Series};
    use crate::report::Unit;
    use chrono::NaiveDate;

    #[test]
    fn upper_edges_add_up_to_the_whole() {
        let days = (1..=3).filter_map(|day| NaiveDate::from_ymd_opt(2024, 1, day));
        let chart = AreaChart::new(
            Axis::new("Promises", Unit::count()),
            days.collect(),
            vec![
                Series::of_counts("kept", &[1, 5, 9]),
                Series::of_counts("open", &[4, 2, 0]),
            ],
        )
        .unwrap();
        assert_eq!(
            chart.edges(),
            [[0.0; 3], [1.0, 5.0, 9.0], [5.0, 7.0, 9.0]].map(|edge| edge.to_vec())
        );
    }
}
