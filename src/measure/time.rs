//! Moments, lengths of time, and the units they are counted in.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::error::{Error, Result};

/// A moment: whole microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(transparent)
)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest moment that can be written.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest moment that can be written; "as of the latest moment" sees everything.
    pub const MAX: Self = Self(i64::MAX);

    /// From microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Reads an RFC 3339 text such as `2019-01-07T09:00:00+01:00`; the offset is converted, never relabelled.
    ///
    /// # Errors
    /// [`Error::InvalidText`] otherwise.
    pub fn parse(text: &str) -> Result<Self> {
        DateTime::parse_from_rfc3339(text)
            .map(|moment| Self(moment.timestamp_micros()))
            .map_err(|_| Error::InvalidText {
                what: "timestamp".into(),
                found: text.into(),
                expected: "a date and time with an offset such as 2019-01-07T09:00:00+01:00".into(),
            })
    }

    /// Days from `earlier` to here as elapsed time (86,400 s each), negative if `earlier` is later.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / MICROS_PER_DAY
    }

    /// The moment `span` of elapsed time later, at the end of time at the latest.
    #[must_use]
    pub fn after(self, span: Span) -> Self {
        // The cast saturates, which is what the ends of time need.
        #[allow(clippy::cast_possible_truncation)]
        let micros = (span.days() * MICROS_PER_DAY).round() as i64;
        Self(self.0.saturating_add(micros))
    }

    /// The moment `span` of elapsed time earlier.
    #[must_use]
    pub fn before(self, span: Span) -> Self {
        #[allow(clippy::cast_possible_truncation)]
        let micros = (span.days() * MICROS_PER_DAY).round() as i64;
        Self(self.0.saturating_sub(micros))
    }

    /// The same moment in chrono's type; `None` beyond the years that chrono can write.
    #[must_use]
    pub fn to_utc(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.0)
    }
}

const MICROS_PER_DAY: f64 = 86_400e6;

impl From<DateTime<Utc>> for Timestamp {
    fn from(moment: DateTime<Utc>) -> Self {
        Self(moment.timestamp_micros())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_utc() {
            Some(moment) => write!(f, "{}", moment.format("%Y-%m-%dT%H:%M:%S%.fZ")),
            None => write!(f, "{} µs after 1970", self.0),
        }
    }
}

/// A unit in which lengths of time are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum TimeUnit {
    /// 3,600 s.
    Hour,
    /// 86,400 s.
    Day,
    /// Seven days.
    Week,
    /// The mean Gregorian month: 365.2425 / 12 = 30.436875 days.
    Month,
    /// The mean Gregorian year: 365.2425 days.
    Year,
}

impl TimeUnit {
    /// Length in days.
    #[must_use]
    pub const fn days(self) -> f64 {
        match self {
            Self::Hour => 1.0 / 24.0,
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => 30.436_875,
            Self::Year => 365.2425,
        }
    }
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        })
    }
}

/// A length of elapsed time: finite, zero or more.
///
/// ```
/// use tillit::measure::{Span, TimeUnit};
///
/// let lead_time = Span::new(14.0, TimeUnit::Week)?;
/// assert_eq!(lead_time.days(), 98.0);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "f64", into = "f64")
)]
pub struct Span {
    days: f64,
}

impl Span {
    /// `count` units.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `count` is finite and not negative.
    pub fn new(count: f64, unit: TimeUnit) -> Result<Self> {
        let days = count * unit.days();
        Error::unless(
            days >= 0.0 && days.is_finite(),
            "length of time",
            count,
            "be finite and not negative",
        )?;
        Ok(Self { days })
    }

    /// `count` days.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `count` is finite and not negative.
    pub fn from_days(count: f64) -> Result<Self> {
        Self::new(count, TimeUnit::Day)
    }

    /// Length in days.
    #[must_use]
    pub fn days(self) -> f64 {
        self.days
    }

    /// Length in `unit`.
    #[must_use]
    pub fn in_units(self, unit: TimeUnit) -> f64 {
        self.days / unit.days()
    }
}

/// From a number of days, the form in which a span is stored.
impl TryFrom<f64> for Span {
    type Error = Error;

    fn try_from(days: f64) -> Result<Self> {
        Self::from_days(days)
    }
}

impl From<Span> for f64 {
    fn from(span: Span) -> Self {
        span.days
    }
}
