//! What a customer ticked, on the scale that was offered.

use std::fmt;

use crate::error::{Error, Result};

/// A numeric answer scale with its two ends, the higher end being the better one.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "(f64, f64)", into = "(f64, f64)")
)]
pub struct RatingScale {
    lowest: f64,
    highest: f64,
}

impl RatingScale {
    /// 0 to 10: likelihood to recommend.
    pub const ZERO_TO_TEN: Self = Self {
        lowest: 0.0,
        highest: 10.0,
    };
    /// 1 to 5: stars, satisfaction.
    pub const ONE_TO_FIVE: Self = Self {
        lowest: 1.0,
        highest: 5.0,
    };
    /// 1 to 7: SERVQUAL, customer effort.
    pub const ONE_TO_SEVEN: Self = Self {
        lowest: 1.0,
        highest: 7.0,
    };

    /// A scale of one's own, from `lowest` to `highest`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless both ends are finite and `lowest < highest`.
    pub fn new(lowest: f64, highest: f64) -> Result<Self> {
        Error::unless(lowest.is_finite(), "lowest rating", lowest, "be finite")?;
        Error::unless(
            highest.is_finite() && highest > lowest,
            "highest rating",
            highest,
            "be finite and above the lowest",
        )?;
        Ok(Self { lowest, highest })
    }

    /// The worst answer.
    #[must_use]
    pub fn lowest(self) -> f64 {
        self.lowest
    }

    /// The best answer.
    #[must_use]
    pub fn highest(self) -> f64 {
        self.highest
    }

    /// An answer on this scale.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] outside the two ends (codes for "blank" included: they are not answers).
    pub fn rate(self, value: f64) -> Result<Rating> {
        if (self.lowest..=self.highest).contains(&value) {
            Ok(Rating { value, scale: self })
        } else {
            Err(Error::OutOfRange {
                what: "rating".into(),
                found: value,
                allowed: format!("lie within {} to {}", self.lowest, self.highest).into(),
            })
        }
    }
}

impl TryFrom<(f64, f64)> for RatingScale {
    type Error = Error;

    fn try_from((lowest, highest): (f64, f64)) -> Result<Self> {
        Self::new(lowest, highest)
    }
}

impl From<RatingScale> for (f64, f64) {
    fn from(scale: RatingScale) -> Self {
        (scale.lowest, scale.highest)
    }
}

impl fmt::Display for RatingScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a scale from {} to {}", self.lowest, self.highest)
    }
}

/// One answer on a [`RatingScale`].
///
/// Answers on different scales are compared by [`position`](Self::position) only:
///
/// ```
/// use tillit::measure::RatingScale;
///
/// let stars = RatingScale::ONE_TO_FIVE.rate(4.0)?;
/// let likelihood = RatingScale::ZERO_TO_TEN.rate(7.5)?;
/// assert_eq!(stars.position(), likelihood.position());
/// assert!(RatingScale::ZERO_TO_TEN.rate(11.0).is_err());
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rating {
    value: f64,
    scale: RatingScale,
}

impl Rating {
    /// The answer as ticked.
    #[must_use]
    pub fn value(self) -> f64 {
        self.value
    }

    /// The scale it was ticked on.
    #[must_use]
    pub fn scale(self) -> RatingScale {
        self.scale
    }

    /// Place between the scale's ends: 0 is the worst answer, 1 the best.
    #[must_use]
    pub fn position(self) -> f64 {
        (self.value - self.scale.lowest) / (self.scale.highest - self.scale.lowest)
    }
}
