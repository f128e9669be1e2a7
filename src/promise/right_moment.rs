//! The last day on which acting still keeps a promise.

use std::fmt;

use chrono::{Days, NaiveDate};

use crate::error::{Error, Result};

use super::{Activities, LeadTime};

/// The last day on which an act still is in time for a fixed date, and the chain that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RightMoment {
    act: String,
    day: NaiveDate,
    anchor: String,
    anchor_day: NaiveDate,
    chain: Vec<(String, LeadTime)>,
}

/// The last day on which `act` may begin so that `anchor` can begin on `anchor_day`: a backward pass along the longest
/// chain from one to the other, in calendar days.
///
/// ```
/// use chrono::NaiveDate;
/// use tillit::promise::{Activities, LeadTime, latest_right_moment};
///
/// let charging = Activities::builder()
///     .activity("voucher", LeadTime::NONE, &[])
///     .activity("wall-box", LeadTime::weeks(14), &["voucher"])
///     .activity("delivery of the car", LeadTime::NONE, &["wall-box"])
///     .build()?;
/// let day = |month, day| NaiveDate::from_ymd_opt(2021, month, day).unwrap_or_default();
/// let moment = latest_right_moment(&charging, "voucher", "delivery of the car", day(6, 1))?;
///
/// assert_eq!(moment.day(), day(2, 23));
/// assert_eq!(moment.slack_days(day(5, 11)), -77);
/// assert_eq!(
///     moment.to_string(),
///     "voucher by 2021-02-23, because wall-box takes 14 weeks and delivery of the car is on 2021-06-01"
/// );
/// # Ok::<(), tillit::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidText`] for an unknown name, [`Error::CannotTell`] if `anchor` does not wait for `act`,
/// [`Error::Overflow`] beyond the calendar.
pub fn latest_right_moment(
    activities: &Activities,
    act: &str,
    anchor: &str,
    anchor_day: NaiveDate,
) -> Result<RightMoment> {
    let chain = activities.longest_chain(act, anchor)?;
    let length = chain
        .iter()
        .map(|(_, takes)| takes.days().unsigned_abs())
        .sum();
    let day = anchor_day
        .checked_sub_days(Days::new(length))
        .ok_or(Error::Overflow {
            what: "the latest right moment".into(),
        })?;
    Ok(RightMoment {
        act: act.into(),
        day,
        anchor: anchor.into(),
        anchor_day,
        chain: chain
            .into_iter()
            .map(|(name, takes)| (name.to_owned(), takes))
            .collect(),
    })
}

impl RightMoment {
    /// The last right day.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        self.day
    }

    /// The day on which everything must be ready.
    #[must_use]
    pub fn anchor_day(&self) -> NaiveDate {
        self.anchor_day
    }

    /// The activities that bind, from the act on, with what each takes.
    #[must_use]
    pub fn chain(&self) -> &[(String, LeadTime)] {
        &self.chain
    }

    /// Days to spare for one who acts on `actual`; negative if that is too late.
    #[must_use]
    pub fn slack_days(&self, actual: NaiveDate) -> i64 {
        (self.day - actual).num_days()
    }

    /// The day on which everything is ready if the act begins on `actual`; `None` beyond the calendar.
    #[must_use]
    pub fn ready_on(&self, actual: NaiveDate) -> Option<NaiveDate> {
        let length = (self.anchor_day - self.day).num_days();
        actual.checked_add_days(Days::new(length.unsigned_abs()))
    }

    /// Days after the fixed date during which what was needed is missing, if the act begins on `actual`.
    #[must_use]
    pub fn days_without(&self, actual: NaiveDate) -> i64 {
        (-self.slack_days(actual)).max(0)
    }
}

impl fmt::Display for RightMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}, because ", self.act, self.day)?;
        for (name, takes) in self.chain.iter().filter(|(_, takes)| takes.days() > 0) {
            write!(f, "{name} takes {takes} and ")?;
        }
        write!(f, "{} is on {}", self.anchor, self.anchor_day)
    }
}
