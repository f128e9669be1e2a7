//! How many customers began, and how many purchases were repeated, on which day.

use crate::error::{Error, Result};
use crate::measure::Span;

/// First and repeat purchases by calendar day, of the customers who began in the calibration: what a forecast is
/// tracked against.
///
/// Day numbers are those of [`PurchaseDays::push`](crate::value::PurchaseDays::push); made by
/// [`PurchaseDays::split`](crate::value::PurchaseDays::split).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Days", into = "Days")
)]
pub struct PurchaseCalendar {
    calibration_end: i32,
    holdout_end: i32,
    beginners: Vec<(i32, u32)>,
    repeats: Vec<(i32, u32)>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Days {
    calibration_end: i32,
    holdout_end: i32,
    beginners: Vec<(i32, u32)>,
    repeats: Vec<(i32, u32)>,
}

#[cfg(feature = "serde")]
impl TryFrom<Days> for PurchaseCalendar {
    type Error = Error;

    fn try_from(days: Days) -> Result<Self> {
        Self {
            calibration_end: days.calibration_end,
            holdout_end: days.holdout_end,
            beginners: days.beginners,
            repeats: days.repeats,
        }
        .checked()
    }
}

#[cfg(feature = "serde")]
impl From<PurchaseCalendar> for Days {
    fn from(calendar: PurchaseCalendar) -> Self {
        Self {
            calibration_end: calendar.calibration_end,
            holdout_end: calendar.holdout_end,
            beginners: calendar.beginners,
            repeats: calendar.repeats,
        }
    }
}

impl PurchaseCalendar {
    /// Counts the days of first purchases and of repeat purchases, both in any order.
    pub(in crate::value) fn of(
        calibration_end: i32,
        holdout_end: i32,
        first_days: &[i32],
        repeat_days: Vec<i32>,
    ) -> Result<Self> {
        Self {
            calibration_end,
            holdout_end,
            beginners: counted(first_days.to_vec()),
            repeats: counted(repeat_days),
        }
        .checked()
    }

    fn checked(self) -> Result<Self> {
        Error::unless(
            self.holdout_end > self.calibration_end,
            "last day of the holdout",
            f64::from(self.holdout_end),
            "lie after the last day of the calibration",
        )?;
        let (Some(&(first, _)), Some(&(last_beginning, _))) =
            (self.beginners.first(), self.beginners.last())
        else {
            return Err(Error::Empty {
                what: "the calibration".into(),
                remedy: "end it after the first purchase".into(),
            });
        };
        let ascending = |days: &[(i32, u32)]| days.is_sorted_by(|left, right| left.0 < right.0);
        let within = self
            .repeats
            .iter()
            .all(|&(day, _)| day > first && day <= self.holdout_end);
        if ascending(&self.beginners)
            && ascending(&self.repeats)
            && within
            && last_beginning <= self.calibration_end
        {
            Ok(self)
        } else {
            Err(Error::Contradiction {
                what: "a purchase calendar".into(),
                reason: "its days must ascend, repeat purchases lie after the first purchase and within the holdout's \
                         end, and first purchases within the calibration"
                    .into(),
            })
        }
    }

    /// Day of the earliest first purchase.
    #[must_use]
    pub fn first_day(&self) -> i32 {
        self.beginners
            .first()
            .map_or(self.calibration_end, |&(day, _)| day)
    }

    /// Last day of the calibration.
    #[must_use]
    pub fn calibration_end(&self) -> i32 {
        self.calibration_end
    }

    /// Last day of the holdout.
    #[must_use]
    pub fn holdout_end(&self) -> i32 {
        self.holdout_end
    }

    /// Length of the holdout.
    pub(in crate::value) fn holdout(&self) -> Result<Span> {
        Span::from_days(f64::from(self.holdout_end.abs_diff(self.calibration_end)))
    }

    /// Days on which customers bought for the first time, ascending, with their number.
    #[must_use]
    pub fn beginners(&self) -> &[(i32, u32)] {
        &self.beginners
    }

    /// Days with repeat purchases, ascending, with their number.
    #[must_use]
    pub fn repeats(&self) -> &[(i32, u32)] {
        &self.repeats
    }

    /// Repeat purchases in the calibration.
    #[must_use]
    pub fn calibration_repeats(&self) -> u64 {
        self.repeats_within(i32::MIN, self.calibration_end)
    }

    /// Repeat purchases in the holdout.
    #[must_use]
    pub fn holdout_repeats(&self) -> u64 {
        self.repeats_within(self.calibration_end.saturating_add(1), self.holdout_end)
    }

    /// Repeat purchases from one day to another, both included.
    pub(in crate::value) fn repeats_within(&self, from: i32, until: i32) -> u64 {
        let begin = self.repeats.partition_point(|&(day, _)| day < from);
        let end = self.repeats.partition_point(|&(day, _)| day <= until);
        self.repeats
            .get(begin..end)
            .unwrap_or_default()
            .iter()
            .map(|&(_, count)| u64::from(count))
            .sum()
    }
}

/// Each distinct day, ascending, with how often it occurs.
fn counted(mut days: Vec<i32>) -> Vec<(i32, u32)> {
    days.sort_unstable();
    days.chunk_by(|left, right| left == right)
        .map(|alike| (alike[0], u32::try_from(alike.len()).unwrap_or(u32::MAX)))
        .collect()
}
