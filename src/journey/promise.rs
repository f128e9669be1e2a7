//! What a customer was told would happen, and by when.

use chrono::NaiveDate;

use crate::measure::{Timestamp, Zone};

/// By when a promise is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Due {
    /// Up to and including this moment.
    Moment(Timestamp),
    /// Up to the end of this day, wherever the log's zone says that is.
    Day(NaiveDate),
}

impl Due {
    /// The last moment that still keeps the promise.
    #[must_use]
    pub fn last_moment(self, zone: Zone) -> Timestamp {
        match self {
            Self::Moment(moment) => moment,
            Self::Day(date) => zone.end_of(date),
        }
    }

    /// The day on which the promise falls due.
    #[must_use]
    pub fn date(self, zone: Zone) -> NaiveDate {
        match self {
            Self::Moment(moment) => zone.date_of(moment),
            Self::Day(date) => date,
        }
    }
}

/// Which side of trust a promise speaks to (Mayer, Davis & Schoorman 1995).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Dimension {
    /// Can they do it?
    #[default]
    Ability,
    /// Do they mean well by me?
    Benevolence,
    /// Do they stand by their word?
    Integrity,
}

/// One promise to one customer, told apart within a case by its name.
///
/// ```
/// use tillit::journey::{Dimension, Due, Promise};
/// use tillit::measure::Timestamp;
///
/// let answer = Promise::named("answer on the warranty")
///     .by("importer")
///     .due(Due::Moment(Timestamp::parse("2019-02-18T23:59:59Z")?))
///     .speaking_to(Dimension::Benevolence);
/// assert_eq!(answer.maker, "importer");
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Promise<'a> {
    /// Name within the case.
    pub name: &'a str,
    /// Who made it; empty if unknown.
    pub maker: &'a str,
    /// By when; `None` while no day was named.
    pub due: Option<Due>,
    /// Which side of trust it speaks to; ability unless said otherwise.
    pub dimension: Dimension,
    /// How much hangs on it, relative to an ordinary promise; 1 unless said otherwise, above 0.
    pub stake: f64,
}

impl<'a> Promise<'a> {
    /// A promise without a day, by nobody in particular, of ordinary weight.
    #[must_use]
    pub fn named(name: &'a str) -> Self {
        Self {
            name,
            maker: "",
            due: None,
            dimension: Dimension::default(),
            stake: 1.0,
        }
    }

    /// Made by `maker`.
    #[must_use]
    pub fn by(self, maker: &'a str) -> Self {
        Self { maker, ..self }
    }

    /// Due by `due`.
    #[must_use]
    pub fn due(self, due: Due) -> Self {
        Self {
            due: Some(due),
            ..self
        }
    }

    /// Speaking to `dimension` of trust.
    #[must_use]
    pub fn speaking_to(self, dimension: Dimension) -> Self {
        Self { dimension, ..self }
    }

    /// Weighing `stake` ordinary promises; checked to be finite and above 0 when pushed into a log.
    #[must_use]
    pub fn weighing(self, stake: f64) -> Self {
        Self { stake, ..self }
    }
}
