//! Where numbers and days fall along an edge of a picture, and which of them are named.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::error::{Error, Result};

use super::format::{Unit, month};

/// Largest magnitude a picture draws; beyond it differences between neighbouring numbers drown.
pub(super) const LARGEST: f64 = 1e15;

/// Checks that a number can be drawn.
pub(super) fn drawable(what: &'static str, value: f64) -> Result<()> {
    Error::unless(
        value.abs() <= LARGEST,
        what,
        value,
        "be a number within −1e15 to 1e15",
    )
}

/// What an axis measures: a label in words and the unit; the range follows the data unless it is given.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    label: String,
    unit: Unit,
    range: Option<(f64, f64)>,
}

impl Axis {
    /// An axis whose range follows the data.
    #[must_use]
    pub fn new(label: impl Into<String>, unit: Unit) -> Self {
        Self {
            label: label.into(),
            unit,
            range: None,
        }
    }

    /// The same, reaching at least from `low` to `high`: the ends of a rating scale, say.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless both are finite (within ±1e15) and `low < high`.
    pub fn with_range(mut self, low: f64, high: f64) -> Result<Self> {
        drawable("lower end of the axis", low)?;
        drawable("upper end of the axis", high)?;
        Error::unless(
            low < high,
            "upper end of the axis",
            high,
            "lie above the lower end",
        )?;
        self.range = Some((low, high));
        Ok(self)
    }

    /// The label.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The unit.
    #[must_use]
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The label with its unit, as it stands beside the axis.
    pub(super) fn heading(&self) -> String {
        match self.unit.suffix() {
            // "Days after the promised day (days)" would say it twice.
            Some(unit) if !self.label.to_lowercase().contains(&unit.to_lowercase()) => {
                format!("{} ({unit})", self.label)
            }
            _ => self.label.clone(),
        }
    }

    /// Ticks for these values and the stated range.
    pub(super) fn ticks(&self, values: impl Iterator<Item = f64>, wanted: f64) -> Ticks {
        let start = self.range.unwrap_or((f64::INFINITY, f64::NEG_INFINITY));
        let (low, high) = values.fold(start, |(low, high), value| {
            (low.min(value), high.max(value))
        });
        Ticks::nice(low, high, wanted, self.unit.shown_per_unit())
    }
}

/// Round numbers that enclose a range.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ticks {
    values: Vec<f64>,
    step: f64,
}

impl Ticks {
    /// About `wanted` round numbers from at or below `low` to at or above `high`; a range without width is widened.
    /// `shown` is what the reader sees per unit, so that percent are round as percent.
    pub(super) fn nice(low: f64, high: f64, wanted: f64, shown: f64) -> Self {
        let (mut low, mut high) = if low <= high {
            (low * shown, high * shown)
        } else {
            (0.0, shown)
        };
        let magnitude = low.abs().max(high.abs());
        if high - low <= 1e-9 * magnitude.max(1e-3) {
            let room = (magnitude * 0.1).max(0.5);
            low -= room;
            high += room;
        }
        let raw = (high - low) / wanted.max(1.0);
        let power = 10.0_f64.powf(raw.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0]
            .into_iter()
            .find(|nice| nice * power >= raw * 0.999)
            .unwrap_or(10.0)
            * power;
        let (first, last) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
        let mut values = Vec::new();
        let mut place = first;
        while place <= last {
            values.push(place * step / shown);
            place += 1.0;
        }
        Self {
            values,
            step: step / shown,
        }
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    pub(super) fn step(&self) -> f64 {
        self.step
    }

    pub(super) fn low(&self) -> f64 {
        self.values.first().copied().unwrap_or(0.0)
    }

    pub(super) fn high(&self) -> f64 {
        self.values.last().copied().unwrap_or(1.0)
    }

    /// These ticks laid from pixel `start` to pixel `end`.
    pub(super) fn scale(&self, start: f64, end: f64) -> Scale {
        Scale {
            low: self.low(),
            high: self.high(),
            start,
            end,
        }
    }
}

/// From numbers to pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) start: f64,
    pub(super) end: f64,
}

impl Scale {
    /// The pixel of `value`; what lies outside is brought to the nearer end.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.start + share * (self.end - self.start)
    }
}

/// A named day on an axis of days: what stands on the first and the second line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DayTick {
    pub(super) date: NaiveDate,
    pub(super) label: String,
    pub(super) year: String,
}

/// Days counted from a fixed day, as axes count them.
pub(super) fn day_number(date: NaiveDate) -> f64 {
    f64::from(date.num_days_from_ce())
}

/// Month starts (or years, Mondays, days, as the range asks for) within `first` to `last`, at most `most` of them.
pub(super) fn day_ticks(first: NaiveDate, last: NaiveDate, most: usize) -> Vec<DayTick> {
    let most = most.max(2);
    for days in [1, 2] {
        let ticks = walk(first, last, most, |date| {
            date.checked_add_days(Days::new(days))
        });
        if let Some(ticks) = ticks {
            return named(&ticks, true);
        }
    }
    let to_monday = u64::from((7 - first.weekday().num_days_from_monday()) % 7);
    let monday = first.checked_add_days(Days::new(to_monday));
    let weeks = monday.and_then(|monday| {
        walk(monday, last, most, |date| {
            date.checked_add_days(Days::new(7))
        })
    });
    if let Some(ticks) = weeks.filter(|ticks| ticks.len() > 1) {
        return named(&ticks, true);
    }
    for months in [1, 2, 3, 6, 12, 24, 60, 120, 600, 1200, 6000, 60_000] {
        let step = i64::from(months);
        let since_year_0 = i64::from(first.year()) * 12 + i64::from(first.month0());
        let on_first_day = i64::from(first.day() > 1);
        let from_start = (since_year_0 + on_first_day + step - 1).div_euclid(step) * step;
        let ahead = u32::try_from(from_start - since_year_0).unwrap_or(0);
        let start = first
            .with_day(1)
            .and_then(|date| date.checked_add_months(Months::new(ahead)));
        let ticks = start.and_then(|start| {
            walk(start, last, most, |date| {
                date.checked_add_months(Months::new(months))
            })
        });
        if let Some(ticks) = ticks {
            return if ticks.is_empty() {
                named(&[first, last], true)
            } else {
                named(&ticks, false)
            };
        }
    }
    named(&[first], true)
}

/// The days from `first` to `last`; `None` if there are more than `most`.
fn walk(
    first: NaiveDate,
    last: NaiveDate,
    most: usize,
    next: impl Fn(NaiveDate) -> Option<NaiveDate>,
) -> Option<Vec<NaiveDate>> {
    let mut days = Vec::new();
    let mut date = first;
    while date <= last {
        if days.len() == most {
            return None;
        }
        days.push(date);
        match next(date) {
            Some(following) => date = following,
            None => break,
        }
    }
    Some(days)
}

fn named(dates: &[NaiveDate], with_day: bool) -> Vec<DayTick> {
    let mut year_before = None;
    dates
        .iter()
        .map(|&date| {
            let label = if with_day {
                format!("{} {}", date.day(), month(date))
            } else {
                month(date).to_owned()
            };
            let new_year = year_before.replace(date.year()) != Some(date.year());
            let year = if new_year {
                date.year().to_string()
            } else {
                String::new()
            };
            DayTick { date, label, year }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Ticks, day_ticks};
    use chrono::NaiveDate;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn ticks_are_round_and_enclose_the_range() {
        assert_eq!(
            Ticks::nice(1.2, 4.9, 4.0, 1.0).values(),
            [1.0, 2.0, 3.0, 4.0, 5.0]
        );
        assert_eq!(
            Ticks::nice(-31.0, 18.0, 6.0, 1.0).values(),
            [-40.0, -30.0, -20.0, -10.0, 0.0, 10.0, 20.0]
        );
        for (low, high) in [
            (3.0, 3.0),
            (0.0, 0.0),
            (-1e15, 1e15),
            (1e-300, 2e-300),
            (7e14, 7e14),
        ] {
            let ticks = Ticks::nice(low, high, 5.0, 1.0);
            assert!(ticks.low() <= low && ticks.high() >= high, "{ticks:?}");
            assert!((2..=12).contains(&ticks.values().len()), "{ticks:?}");
        }
    }

    #[test]
    fn long_ranges_are_named_at_month_starts() {
        let ticks = day_ticks(day(2016, 9, 4), day(2018, 10, 3), 10);
        assert!(ticks.len() > 4 && ticks.len() <= 10);
        assert!(
            ticks
                .iter()
                .all(|tick| tick.date.format("%d").to_string() == "01")
        );
        assert_eq!(
            (ticks[0].label.as_str(), ticks[0].year.as_str()),
            ("Oct", "2016")
        );
        assert_eq!(ticks.iter().filter(|tick| !tick.year.is_empty()).count(), 3);
    }

    #[test]
    fn short_ranges_are_named_by_day() {
        let ticks = day_ticks(day(2025, 12, 30), day(2026, 1, 2), 10);
        assert_eq!(ticks.len(), 4);
        assert_eq!(ticks[0].label, "30 Dec");
        assert_eq!(ticks[2].year, "2026");
        assert_eq!(day_ticks(day(2025, 5, 5), day(2025, 5, 5), 8).len(), 1);
    }

    #[test]
    fn the_whole_calendar_can_be_an_axis() {
        let ticks = day_ticks(NaiveDate::MIN, NaiveDate::MAX, 8);
        assert!(!ticks.is_empty() && ticks.len() <= 8);
    }
}
