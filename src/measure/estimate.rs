//! A number with its doubt.

use std::borrow::Cow;
use std::fmt;

use crate::error::{Error, Result};

use super::Probability;

/// An interval with its nominal level and the name of the method that made it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct Interval {
    low: f64,
    high: f64,
    level: Probability,
    method: Cow<'static, str>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    #[serde(with = "super::stored::without_lower_end")]
    low: f64,
    #[serde(with = "super::stored::without_upper_end")]
    high: f64,
    level: Probability,
    method: String,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for Interval {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        Self::new(parts.low, parts.high, parts.level, parts.method)
    }
}

#[cfg(feature = "serde")]
impl From<Interval> for Parts {
    fn from(interval: Interval) -> Self {
        Self {
            low: interval.low,
            high: interval.high,
            level: interval.level,
            method: interval.method.into_owned(),
        }
    }
}

impl Interval {
    /// From `low` to `high` at the nominal `level`, by `method`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `low <= high`; the interval may reach to infinity on either side, but must not lie there.
    pub fn new(
        low: f64,
        high: f64,
        level: Probability,
        method: impl Into<Cow<'static, str>>,
    ) -> Result<Self> {
        Error::unless(
            low < f64::INFINITY,
            "lower limit",
            low,
            "be a number below infinity",
        )?;
        Error::unless(
            high >= low && high > f64::NEG_INFINITY,
            "upper limit",
            high,
            "not lie below the lower limit",
        )?;
        Ok(Self {
            low,
            high,
            level,
            method: method.into(),
        })
    }

    /// Lower limit.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.low
    }

    /// Upper limit.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.high
    }

    /// Nominal level, for example 0.95.
    #[must_use]
    pub fn level(&self) -> Probability {
        self.level
    }

    /// How it was made.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Whether `value` lies inside, the limits included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// An estimated number: its value, how many observations it rests on, and its doubt as far as that is known.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Estimate {
    value: f64,
    observations: usize,
    standard_error: Option<f64>,
    interval: Option<Interval>,
}

#[cfg(feature = "serde")]
super::stored::loads_checked! {
    Estimate { value: f64, observations: usize, standard_error: Option<f64>, interval: Option<Interval> }
    if |estimate: &Self| {
        let Self { value, standard_error, .. } = *estimate;
        Error::unless(value.is_finite(), "estimated value", value, "be finite")?;
        super::stored::require_standard_error(standard_error)
    }
}

impl Estimate {
    /// A value from `observations` observations, its doubt still unknown.
    #[must_use]
    pub fn new(value: f64, observations: usize) -> Self {
        Self {
            value,
            observations,
            standard_error: None,
            interval: None,
        }
    }

    /// The same with a standard error, in the value's unit. One that is infinite or no number counts as unknown.
    #[must_use]
    pub fn with_standard_error(mut self, standard_error: f64) -> Self {
        self.standard_error = Some(standard_error).filter(|error| error.is_finite());
        self
    }

    /// The same with an interval.
    #[must_use]
    pub fn with_interval(mut self, interval: Interval) -> Self {
        self.interval = Some(interval);
        self
    }

    /// The estimate itself.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Observations behind it.
    #[must_use]
    pub fn observations(&self) -> usize {
        self.observations
    }

    /// Standard error, where one is known.
    #[must_use]
    pub fn standard_error(&self) -> Option<f64> {
        self.standard_error
    }

    /// Interval, where one is known.
    #[must_use]
    pub fn interval(&self) -> Option<&Interval> {
        self.interval.as_ref()
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(3);
        write!(f, "{:.digits$}", self.value)?;
        match (&self.interval, self.standard_error) {
            (Some(interval), _) => write!(
                f,
                " [{:.digits$}, {:.digits$}]",
                interval.low, interval.high
            ),
            (None, Some(error)) => write!(f, " ± {error:.digits$}"),
            (None, None) => Ok(()),
        }
    }
}
