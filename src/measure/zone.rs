//! Where a day begins and ends.

use std::fmt;

use chrono::{FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
#[cfg(feature = "time-zones")]
use chrono::{MappedLocalTime, Offset, TimeZone, Utc};

use crate::error::{Error, Result};

use super::Timestamp;

/// A time zone: UTC, a fixed offset, or (feature `time-zones`) a named zone of the IANA database.
///
/// ```
/// # #[cfg(feature = "time-zones")] {
/// use tillit::measure::{Timestamp, Zone};
///
/// let zone = Zone::named("America/Sao_Paulo")?;
/// let late_evening = Timestamp::parse("2018-03-01T02:30:00Z")?;
/// assert_eq!(zone.date_of(late_evening).to_string(), "2018-02-28");
/// # }
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "String", into = "String")
)]
pub struct Zone(Rule);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Seconds east of Greenwich.
    Fixed(i32),
    #[cfg(feature = "time-zones")]
    Named(chrono_tz::Tz),
}

/// What a wall-clock reading means in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalTime {
    /// Exactly one moment.
    Unique(Timestamp),
    /// The clock was put back and showed this twice; the earlier moment.
    Ambiguous(Timestamp),
    /// The clock was put forward over this reading; the moment as far after the jump as the reading lies inside it.
    Nonexistent(Timestamp),
}

impl LocalTime {
    /// The moment, however it was found.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        match self {
            Self::Unique(moment) | Self::Ambiguous(moment) | Self::Nonexistent(moment) => moment,
        }
    }
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Rule::Fixed(0));

    /// A fixed offset in minutes east of Greenwich.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] beyond a day.
    pub fn fixed(minutes_east: i32) -> Result<Self> {
        Error::unless(
            minutes_east.abs() < 1440,
            "offset",
            f64::from(minutes_east),
            "lie within a day (in minutes)",
        )?;
        Ok(Self(Rule::Fixed(minutes_east * 60)))
    }

    /// The zone called `name`: `UTC`, an offset such as `+02:00`, or an IANA name such as `Europe/Stockholm`.
    ///
    /// # Errors
    /// [`Error::InvalidText`] for an unknown name, [`Error::MissingFeature`] for an IANA name without `time-zones`.
    pub fn named(name: &str) -> Result<Self> {
        if name == "UTC" {
            return Ok(Self::UTC);
        }
        if name.starts_with(['+', '-']) {
            return name
                .parse::<FixedOffset>()
                .map(|offset| Self(Rule::Fixed(offset.local_minus_utc())))
                .map_err(|_| Error::InvalidText {
                    what: "zone".into(),
                    found: name.into(),
                    expected: "an offset such as +02:00".into(),
                });
        }
        Self::from_database(name)
    }

    #[cfg(feature = "time-zones")]
    fn from_database(name: &str) -> Result<Self> {
        name.parse::<chrono_tz::Tz>()
            .map(|zone| Self(Rule::Named(zone)))
            .map_err(|_| Error::InvalidText {
                what: "zone".into(),
                found: name.into(),
                expected: "UTC, an offset such as +02:00, or an IANA name such as Europe/Stockholm"
                    .into(),
            })
    }

    #[cfg(not(feature = "time-zones"))]
    fn from_database(name: &str) -> Result<Self> {
        Err(Error::MissingFeature {
            what: format!("the zone {name:?}"),
            feature: "time-zones",
        })
    }

    /// The calendar day on which `moment` falls here. Moments beyond the years that can be written fall on the first
    /// or last day that can.
    #[must_use]
    pub fn date_of(self, moment: Timestamp) -> NaiveDate {
        self.wall_clock(moment).date()
    }

    /// The wall clock's reading at `moment`.
    #[must_use]
    pub fn wall_clock(self, moment: Timestamp) -> NaiveDateTime {
        let end_of_time = if moment.micros() < 0 {
            NaiveDateTime::MIN
        } else {
            NaiveDateTime::MAX
        };
        let Some(utc) = moment.to_utc() else {
            return end_of_time;
        };
        let offset = match self.0 {
            Rule::Fixed(seconds) => i64::from(seconds),
            #[cfg(feature = "time-zones")]
            Rule::Named(zone) => i64::from(
                zone.offset_from_utc_datetime(&utc.naive_utc())
                    .fix()
                    .local_minus_utc(),
            ),
        };
        utc.naive_utc()
            .checked_add_signed(TimeDelta::seconds(offset))
            .unwrap_or(end_of_time)
    }

    /// The moment at which a wall clock here shows `reading`.
    #[must_use]
    pub fn local(self, reading: NaiveDateTime) -> LocalTime {
        match self.0 {
            Rule::Fixed(seconds) => LocalTime::Unique(Timestamp::from_micros(
                reading
                    .and_utc()
                    .timestamp_micros()
                    .saturating_sub(i64::from(seconds) * 1_000_000),
            )),
            #[cfg(feature = "time-zones")]
            Rule::Named(zone) => match zone.from_local_datetime(&reading) {
                MappedLocalTime::Single(moment) => {
                    LocalTime::Unique(moment.with_timezone(&Utc).into())
                }
                MappedLocalTime::Ambiguous(earlier, _) => {
                    LocalTime::Ambiguous(earlier.with_timezone(&Utc).into())
                }
                MappedLocalTime::None => LocalTime::Nonexistent(after_the_jump(zone, reading)),
            },
        }
    }

    /// The first moment of `date` here.
    #[must_use]
    pub fn start_of(self, date: NaiveDate) -> Timestamp {
        self.local(date.and_time(NaiveTime::MIN)).timestamp()
    }

    /// The last microsecond of `date` here.
    #[must_use]
    pub fn end_of(self, date: NaiveDate) -> Timestamp {
        match date.succ_opt() {
            Some(next) => Timestamp::from_micros(self.start_of(next).micros().saturating_sub(1)),
            None => Timestamp::MAX,
        }
    }
}

/// A reading inside the jump keeps the offset from before it, so 02:30 in a jump from 02:00 to 03:00 becomes 03:30.
#[cfg(feature = "time-zones")]
fn after_the_jump(zone: chrono_tz::Tz, reading: NaiveDateTime) -> Timestamp {
    // No zone's clock jumps by more than a day.
    let before = reading
        .checked_sub_signed(TimeDelta::days(1))
        .unwrap_or(reading);
    let offset = match zone.offset_from_local_datetime(&before) {
        MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(offset, _) => {
            offset.fix().local_minus_utc()
        }
        MappedLocalTime::None => 0,
    };
    Timestamp::from_micros(
        reading
            .and_utc()
            .timestamp_micros()
            .saturating_sub(i64::from(offset) * 1_000_000),
    )
}

impl TryFrom<String> for Zone {
    type Error = Error;

    fn try_from(name: String) -> Result<Self> {
        Self::named(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.to_string()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Rule::Fixed(0) => f.write_str("UTC"),
            Rule::Fixed(seconds) => {
                let sign = if seconds < 0 { '-' } else { '+' };
                write!(
                    f,
                    "{sign}{:02}:{:02}",
                    seconds.abs() / 3600,
                    seconds.abs() / 60 % 60
                )
            }
            #[cfg(feature = "time-zones")]
            Rule::Named(zone) => f.write_str(zone.name()),
        }
    }
}

#[cfg(all(test, feature = "time-zones"))]
mod tests {
    use chrono::NaiveDate;

    use super::{LocalTime, Timestamp, Zone};

    #[test]
    fn summer_time_makes_readings_ambiguous_or_nonexistent() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let reading = |y, m, d, h, min| {
            NaiveDate::from_ymd_opt(y, m, d)
                .unwrap()
                .and_hms_opt(h, min, 0)
                .unwrap()
        };
        let at = |text| Timestamp::parse(text).unwrap();
        assert_eq!(
            zone.local(reading(2019, 3, 31, 2, 30)),
            LocalTime::Nonexistent(at("2019-03-31T03:30:00+02:00"))
        );
        assert_eq!(
            zone.local(reading(2019, 10, 27, 2, 30)),
            LocalTime::Ambiguous(at("2019-10-27T02:30:00+02:00"))
        );
        assert_eq!(
            zone.local(reading(2019, 7, 1, 9, 0)),
            LocalTime::Unique(at("2019-07-01T07:00:00Z"))
        );
    }

    #[test]
    fn a_day_without_midnight_starts_after_the_jump() {
        let zone = Zone::named("America/Sao_Paulo").unwrap();
        let date = NaiveDate::from_ymd_opt(2017, 10, 15).unwrap();
        assert_eq!(
            zone.start_of(date),
            Timestamp::parse("2017-10-15T01:00:00-02:00").unwrap()
        );
        assert_eq!(zone.date_of(zone.start_of(date)), date);
        assert_eq!(zone.date_of(zone.end_of(date)), date);
    }

    #[test]
    fn the_ends_of_time_have_a_date() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        assert!(zone.date_of(Timestamp::MAX) > zone.date_of(Timestamp::MIN));
    }
}
