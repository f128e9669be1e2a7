//! Repeat purchases as they came and as a model expects them, period by period.

use crate::error::{Error, Result};
use crate::measure::Span;
use crate::numeric::fill_column;

use crate::value::{FittedPurchaseModel, PurchaseCalendar};

/// Repeat purchases of one period.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TrackedPeriod {
    last_day: i32,
    days: u32,
    actual: u64,
    expected: f64,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    TrackedPeriod { last_day: i32, days: u32, actual: u64, expected: f64 }
    if |period: &Self| {
        Error::unless(period.days > 0, "days of a period", 0.0, "be at least 1")?;
        Error::unless(period.expected.is_finite(), "expected purchases", period.expected, "be finite")
    }
}

impl TrackedPeriod {
    /// Day number of its last day.
    #[must_use]
    pub fn last_day(&self) -> i32 {
        self.last_day
    }

    /// Its length: the first and the last period may be shorter than the others.
    #[must_use]
    pub fn days(&self) -> u32 {
        self.days
    }

    /// Repeat purchases that came.
    #[must_use]
    pub fn actual(&self) -> u64 {
        self.actual
    }

    /// Repeat purchases that the model expects of customers of whom it knows the day of the first purchase only.
    #[must_use]
    pub fn expected(&self) -> f64 {
        self.expected
    }
}

/// Actual against expected repeat purchases over calibration and holdout: what the field calls the tracking plot.
///
/// Expected until day t = Σ over the customers who began by then of `E[X(t − first day)]`, the expectation for a new
/// customer (Fader, Hardie and Lee 2005, figures 2 and 3). It follows the whole cohort and knows no one's history, so it
/// tests the model's shape over time; [`HoldoutAccuracy`](crate::value::HoldoutAccuracy) tests what is said of each
/// customer.
///
/// ```
/// use tillit::measure::{Currency, Span, TimeUnit};
/// use tillit::value::{FittedBgNbd, PurchaseDays, Tracking};
///
/// let mut days = PurchaseDays::new(Currency::new("EUR")?);
/// for (customer, day) in [(0, 0), (0, 9), (0, 30), (1, 2), (1, 12), (2, 5)] {
///     days.push(customer, day, 1_000);
/// }
/// let (_, _, calendar) = days.split(13, 41, TimeUnit::Week)?;
/// let model = FittedBgNbd::from_parameters(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let tracking = Tracking::of(&calendar, &model, Span::new(1.0, TimeUnit::Week)?)?;
/// assert_eq!((tracking.calibration().len(), tracking.holdout().len()), (2, 4));
/// assert_eq!(tracking.cumulative_actual(), [0, 2, 2, 2, 3, 3]);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Tracking {
    model: String,
    periods: Vec<TrackedPeriod>,
    calibration_periods: usize,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    Tracking { model: String, periods: Vec<TrackedPeriod>, calibration_periods: usize }
    if |tracking: &Self| {
        let calibration = tracking.calibration_periods as f64;
        let within = tracking.calibration_periods <= tracking.periods.len();
        Error::unless(within, "calibration periods", calibration, "be at most all periods")?;
        for pair in tracking.periods.windows(2) {
            let follows = i64::from(pair[0].last_day) + i64::from(pair[1].days) == i64::from(pair[1].last_day);
            let last_day = f64::from(pair[1].last_day);
            Error::unless(follows, "last day of a period", last_day, "lie the period's days after the one before")?;
        }
        Ok(())
    }
}

impl Tracking {
    /// Follows `model` through the calendar in periods that are counted from the end of the calibration both ways, so
    /// that one always ends there.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the period is a whole number of days above 0 and there are at most 100,000 periods;
    /// else the model's own.
    pub fn of(
        calendar: &PurchaseCalendar,
        model: &dyn FittedPurchaseModel,
        period: Span,
    ) -> Result<Self> {
        let last_days = last_days(calendar, whole_days(period)?)?;
        let beginners = calendar.beginners();
        let begun_by =
            |day: i32| &beginners[..beginners.partition_point(|&(beginning, _)| beginning <= day)];
        // E[X(t)] once for each distinct t.
        let mut since: Vec<u32> = last_days
            .iter()
            .flat_map(|&day| {
                begun_by(day)
                    .iter()
                    .map(move |&(beginning, _)| day.abs_diff(beginning))
            })
            .collect();
        since.sort_unstable();
        since.dedup();
        let of_new = fill_column(since.len(), |place| {
            model.expected_purchases_of_new_customer(Span::from_days(f64::from(since[place]))?)
        })?;
        let expected_until = |day: i32| -> f64 {
            begun_by(day)
                .iter()
                .map(|&(beginning, customers)| {
                    let place = since.partition_point(|&days| days < day.abs_diff(beginning));
                    f64::from(customers) * of_new[place]
                })
                .sum()
        };
        let mut periods = Vec::with_capacity(last_days.len());
        let (mut before, mut expected_before) = (calendar.first_day().saturating_sub(1), 0.0);
        for last_day in last_days {
            let expected = expected_until(last_day);
            periods.push(TrackedPeriod {
                last_day,
                days: last_day.abs_diff(before),
                actual: calendar.repeats_within(before.saturating_add(1), last_day),
                expected: expected - expected_before,
            });
            (before, expected_before) = (last_day, expected);
        }
        Ok(Self {
            model: model.name().to_owned(),
            calibration_periods: periods
                .partition_point(|period| period.last_day <= calendar.calibration_end()),
            periods,
        })
    }

    /// The model's name.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// All periods in the order of time.
    #[must_use]
    pub fn periods(&self) -> &[TrackedPeriod] {
        &self.periods
    }

    /// Those of the calibration.
    #[must_use]
    pub fn calibration(&self) -> &[TrackedPeriod] {
        self.periods
            .get(..self.calibration_periods)
            .unwrap_or_default()
    }

    /// Those of the holdout.
    #[must_use]
    pub fn holdout(&self) -> &[TrackedPeriod] {
        self.periods
            .get(self.calibration_periods..)
            .unwrap_or_default()
    }

    /// Repeat purchases that came from the beginning to the end of each period.
    #[must_use]
    pub fn cumulative_actual(&self) -> Vec<u64> {
        let mut sum = 0;
        let add = |period: &TrackedPeriod| {
            sum += period.actual;
            sum
        };
        self.periods.iter().map(add).collect()
    }

    /// Repeat purchases that the model expects from the beginning to the end of each period.
    #[must_use]
    pub fn cumulative_expected(&self) -> Vec<f64> {
        let mut sum = 0.0;
        let add = |period: &TrackedPeriod| {
            sum += period.expected;
            sum
        };
        self.periods.iter().map(add).collect()
    }

    /// Largest distance between the two cumulative courses from the end of the calibration on, over the actual total
    /// at its place: how far the forecast of the whole strays. `None` without an actual purchase.
    #[must_use]
    pub fn largest_cumulative_error(&self) -> Option<f64> {
        self.cumulative_actual()
            .into_iter()
            .zip(self.cumulative_expected())
            .skip(self.calibration_periods.saturating_sub(1))
            .filter(|&(actual, _)| actual > 0)
            .map(|(actual, expected)| (expected / actual as f64 - 1.0).abs())
            .max_by(f64::total_cmp)
    }
}

fn whole_days(period: Span) -> Result<u32> {
    let days = period.days();
    Error::unless(
        days >= 1.0 && days <= f64::from(u32::MAX) && days.fract() == 0.0,
        "tracking period in days",
        days,
        "be a whole number of days above 0",
    )?;
    // Whole and within range, as was just checked.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let days = days as u32;
    Ok(days)
}

/// Last days of the periods: the end of the calibration and whole periods before and after it, and the holdout's end.
fn last_days(calendar: &PurchaseCalendar, period: u32) -> Result<Vec<i32>> {
    /// Convention; a mistaken year must not fill the memory.
    const MOST_PERIODS: i64 = 100_000;
    let (first, middle, last) = (
        i64::from(calendar.first_day()),
        i64::from(calendar.calibration_end()),
        i64::from(calendar.holdout_end()),
    );
    let step = i64::from(period);
    let (before, after) = ((middle - first) / step, (last - middle) / step);
    let periods = before + after + 2;
    Error::unless(
        periods <= MOST_PERIODS,
        "number of tracked periods",
        periods as f64,
        "be at most 100,000: check the dates or choose longer periods",
    )?;
    let mut ends: Vec<i32> = (-before..=after)
        .filter_map(|place| i32::try_from(middle + place * step).ok())
        .collect();
    if ends.last() != Some(&calendar.holdout_end()) {
        ends.push(calendar.holdout_end());
    }
    Ok(ends)
}
