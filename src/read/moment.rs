//! Reading a time cell.

use chrono::format::{Item, Parsed, parse};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use crate::measure::{LocalTime, Timestamp, Zone};

/// What a time cell says, before a zone is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Written {
    /// A moment with its offset.
    Moment(Timestamp),
    /// A wall clock's reading.
    Local(NaiveDateTime),
    /// A day.
    Day(NaiveDate),
}

/// A time cell in its zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TimeCell {
    /// The moment; the start of the day if only a day was written.
    pub(super) at: Timestamp,
    /// The day, if only a day was written.
    pub(super) day: Option<NaiveDate>,
}

/// How many readings a zone's clock showed twice or never.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Doubts {
    pub(super) ambiguous: u64,
    pub(super) nonexistent: u64,
}

impl Written {
    /// The moment in `zone`; `None` if a zone is needed and there is none.
    pub(super) fn in_zone(self, zone: Option<Zone>, doubts: &mut Doubts) -> Option<TimeCell> {
        Some(match self {
            Self::Moment(at) => TimeCell { at, day: None },
            Self::Day(date) => TimeCell {
                at: zone?.start_of(date),
                day: Some(date),
            },
            Self::Local(reading) => {
                let local = zone?.local(reading);
                match local {
                    LocalTime::Unique(_) => {}
                    LocalTime::Ambiguous(_) => doubts.ambiguous += 1,
                    LocalTime::Nonexistent(_) => doubts.nonexistent += 1,
                }
                TimeCell {
                    at: local.timestamp(),
                    day: None,
                }
            }
        })
    }
}

const OTHER_SHAPE: &str = "not understood as a time: expected YYYY-MM-DD, YYYY-MM-DD HH:MM[:SS[.fraction]] with or without an offset, \
     or one of the mapping's time patterns";
const NO_SUCH_TIME: &str = "no such date or time of day";

/// Reads the ISO forms by hand: this is the reader's busiest spot.
///
/// A space or `T` stands between date and time, the fraction has one to nine digits of which six are kept, the offset is
/// `Z`, ` UTC`, `+hh`, `+hhmm` or `+hh:mm`.
pub(super) fn iso(cell: &str) -> Result<Written, &'static str> {
    let mut rest = Rest(cell.as_bytes());
    let (year, month, day) = rest.date().ok_or(OTHER_SHAPE)?;
    // Four digits always fit.
    let year = i32::try_from(year).map_err(|_| OTHER_SHAPE)?;
    let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(NO_SUCH_TIME);
    if rest.is_empty() {
        return date.map(Written::Day);
    }
    let (hour, minute, second, micro) = rest.time_of_day().ok_or(OTHER_SHAPE)?;
    let offset = if rest.is_empty() {
        None
    } else {
        Some(rest.offset().ok_or(OTHER_SHAPE)?)
    };
    let reading = date?
        .and_hms_micro_opt(hour, minute, second, micro)
        .ok_or(NO_SUCH_TIME)?;
    let Some((sign, hours, minutes)) = offset else {
        return Ok(Written::Local(reading));
    };
    if hours > 23 || minutes > 59 {
        return Err(NO_SUCH_TIME);
    }
    let east = TimeDelta::minutes(sign * i64::from(hours * 60 + minutes));
    let utc = reading.checked_sub_signed(east).ok_or(NO_SUCH_TIME)?;
    Ok(Written::Moment(utc.and_utc().into()))
}

/// What is still unread of a cell.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number in exactly `count` digits.
    fn number(&mut self, count: usize) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let mut number = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            number = number * 10 + u32::from(digit - b'0');
        }
        self.0 = rest;
        Some(number)
    }

    /// Whether the next byte is one of `signs`; it is then read.
    fn one_of(&mut self, signs: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        if !signs.contains(&first) {
            return None;
        }
        self.0 = rest;
        Some(first)
    }

    fn date(&mut self) -> Option<(u32, u32, u32)> {
        let year = self.number(4)?;
        self.one_of(b"-")?;
        let month = self.number(2)?;
        self.one_of(b"-")?;
        Some((year, month, self.number(2)?))
    }

    /// Hour, minute, second, microsecond.
    fn time_of_day(&mut self) -> Option<(u32, u32, u32, u32)> {
        self.one_of(b" Tt")?;
        let hour = self.number(2)?;
        self.one_of(b":")?;
        let minute = self.number(2)?;
        if self.one_of(b":").is_none() {
            return Some((hour, minute, 0, 0));
        }
        let second = self.number(2)?;
        if self.one_of(b".,").is_none() {
            return Some((hour, minute, second, 0));
        }
        let digits = self
            .0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if !(1..=9).contains(&digits) {
            return None;
        }
        let kept = digits.min(6);
        let micro = self.number(kept)? * 10_u32.pow(u32::try_from(6 - kept).ok()?);
        self.number(digits - kept)?;
        Some((hour, minute, second, micro))
    }

    /// Sign, hours, minutes; everything must be read then.
    fn offset(&mut self) -> Option<(i64, u32, u32)> {
        if matches!(self.0, b"Z" | b"z" | b" UTC") {
            return Some((1, 0, 0));
        }
        let sign = if self.one_of(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.number(2)?;
        if self.is_empty() {
            return Some((sign, hours, 0));
        }
        self.one_of(b":");
        let minutes = self.number(2)?;
        self.is_empty().then_some((sign, hours, minutes))
    }
}

/// Reads a cell by one of the mapping's own patterns.
pub(super) fn by_pattern(cell: &str, pattern: &[Item<'_>]) -> Option<Written> {
    let mut parsed = Parsed::new();
    parse(&mut parsed, cell, pattern.iter()).ok()?;
    if parsed.timestamp().is_some() {
        let utc = parsed.to_naive_datetime_with_offset(0).ok()?;
        return Some(Written::Moment(utc.and_utc().into()));
    }
    if parsed.offset().is_some() {
        let moment = parsed.to_datetime().ok()?;
        return Some(Written::Moment(moment.to_utc().into()));
    }
    if parsed.hour_mod_12().is_some() || parsed.minute().is_some() {
        return parsed
            .to_naive_datetime_with_offset(0)
            .ok()
            .map(Written::Local);
    }
    parsed.to_naive_date().ok().map(Written::Day)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{NO_SUCH_TIME, OTHER_SHAPE, Written, iso};
    use crate::measure::Timestamp;

    fn local(micro: u32) -> Written {
        let date = NaiveDate::from_ymd_opt(2024, 4, 3).unwrap();
        Written::Local(date.and_hms_micro_opt(8, 5, 7, micro).unwrap())
    }

    #[test]
    fn readings_keep_six_digits_of_a_fraction() {
        for (text, micro) in [
            ("2024-04-03 08:05:07", 0),
            ("2024-04-03T08:05:07.5", 500_000),
            ("2024-04-03t08:05:07,25", 250_000),
            ("2024-04-03T08:05:07.123456789", 123_456),
        ] {
            assert_eq!(iso(text), Ok(local(micro)), "{text}");
        }
    }

    #[test]
    fn offsets_are_converted() {
        let noon = Timestamp::parse("2024-04-03T12:00:00Z").unwrap();
        for text in [
            "2024-04-03T12:00Z",
            "2024-04-03 12:00:00z",
            "2024-04-03 12:00:00 UTC",
            "2024-04-03T14:00:00+02:00",
            "2024-04-03T14:00+0200",
            "2024-04-03T14:00+02",
            "2024-04-03T06:30:00.000-05:30",
        ] {
            assert_eq!(iso(text), Ok(Written::Moment(noon)), "{text}");
        }
    }

    #[test]
    fn the_first_and_the_last_year_are_days_like_others() {
        for (text, year) in [("0000-01-01", 0), ("9999-01-01", 9999)] {
            let day = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            assert_eq!(iso(text), Ok(Written::Day(day)));
        }
        assert!(matches!(
            iso("0000-01-01T00:00:00+23:59"),
            Ok(Written::Moment(_))
        ));
        assert!(matches!(
            iso("9999-12-31T23:59:59-23:59"),
            Ok(Written::Moment(_))
        ));
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        for text in [
            "2024-02-30",
            "2024-13-01",
            "2024-04-03 24:00",
            "2024-04-03 08:60",
            "2024-04-03 08:05:60",
            "2024-04-03T08:05+24:00",
            "2024-02-30T00:00:00Z",
        ] {
            assert_eq!(iso(text), Err(NO_SUCH_TIME), "{text}");
        }
        for text in [
            "",
            "2024",
            "2024-4-3",
            "03.04.2024",
            "2024-04-03 ",
            "2024-04-03T8:05",
            "2024-04-03 08:05:07.",
            "2024-04-03 08:05:07.1234567890",
            "2024-04-03T08:05:07+1",
            "2024-04-03T08:05:07+01:0",
            "2024-04-03x",
            "1711958400",
            "٢٠٢٤-٠٤-٠٣",
            "2024-04-03T08:05:07Zulu",
        ] {
            assert_eq!(iso(text), Err(OTHER_SHAPE), "{text}");
        }
    }
}
