//! How hard to try, and what came of it.

use crate::error::{Error, Result};
use crate::measure::Estimate;
#[cfg(feature = "serde")]
use crate::measure::stored::require_standard_error;

/// How worlds are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Method {
    /// One world at a time, jumping from success to success; only where all arcs have one probability.
    Skips,
    /// Hundreds of worlds at once, one bit each.
    Lanes,
}

/// More worlds than this would not fit in memory, block by block.
const MOST_WORLDS: u64 = 1 << 30;

/// How long to simulate.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Until {
    Worlds(u64),
    RelativeStandardError(f64),
}

/// How hard to try: a number of worlds or a relative standard error, and the seed of the random numbers.
///
/// | option | default | meaning | range | source |
/// | --- | --- | --- | --- | --- |
/// | at most | 2²⁴ worlds | where a wanted standard error is given up | 1 to 2³⁰ | convention |
/// | method | by graph | [`Method`] | | measured on co-author and trust networks |
/// | control | on | innovations weighed by what a success is worth are subtracted | | Glasserman 2003, section 4.1 |
///
/// Worlds come in blocks of 64 ([`Method::Skips`]) or 256 ([`Method::Lanes`]); the number asked for is rounded up, to at least
/// 1024 or 2048, so that the standard error itself, taken from groups of 64 worlds where there are lanes, is known to about an eighth.
/// No worlds at all are refused by whoever is asked to draw them: they would be a slip of the caller's, not a wish for the fewest.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Effort {
    seed: u64,
    until: Until,
    at_most: u64,
    method: Option<Method>,
    control: bool,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    Effort { seed: u64, until: Until, at_most: u64, method: Option<Method>, control: bool }
    if |effort: &Self| match effort.until {
        Until::RelativeStandardError(share) => require_share(share),
        Until::Worlds(_) => Ok(()),
    }
}

fn require_share(share: f64) -> Result<()> {
    Error::unless(
        share > 0.0 && share <= 1.0,
        "relative standard error",
        share,
        "lie above 0 and at most at 1",
    )
}

impl Effort {
    /// This many worlds, from 1; more than the table's "at most" only where that is raised too.
    #[must_use]
    pub fn worlds(seed: u64, worlds: u64) -> Self {
        Self {
            seed,
            until: Until::Worlds(worlds),
            at_most: 1 << 24,
            method: None,
            control: true,
        }
    }

    /// Until the standard error falls to `share` of the value.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `share` lies between 0 (excluded) and 1.
    pub fn relative_standard_error(seed: u64, share: f64) -> Result<Self> {
        require_share(share)?;
        Ok(Self {
            until: Until::RelativeStandardError(share),
            ..Self::worlds(seed, 0)
        })
    }

    /// Never more than this many worlds, from 1; rounded up as above.
    #[must_use]
    pub fn with_at_most(mut self, worlds: u64) -> Self {
        self.at_most = worlds;
        self
    }

    /// With this method instead of the one chosen by graph.
    #[must_use]
    pub fn with_method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Plain averages, without the control; for checking, and where the worlds' own spread is asked for.
    #[must_use]
    pub fn without_control(mut self) -> Self {
        self.control = false;
        self
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Refuses an effort of no worlds, and one whose sums would not fit in memory.
    pub(super) fn check(&self) -> Result<()> {
        let none = matches!(self.until, Until::Worlds(0)) || self.at_most == 0;
        if none {
            return Err(Error::TooFew {
                what: "worlds of the effort".into(),
                found: 0,
                needed: 1,
                remedy: "the number asked for is rounded up to whole blocks".into(),
            });
        }
        if self.at_most > MOST_WORLDS {
            return Err(Error::OutOfRange {
                what: "most worlds of the effort".into(),
                found: self.at_most as f64,
                allowed: "be at most 1073741824".into(),
            });
        }
        Ok(())
    }

    pub(super) fn method(&self) -> Option<Method> {
        self.method
    }

    pub(super) fn control(&self) -> bool {
        self.control
    }

    /// Worlds to begin with.
    pub(super) fn first(&self) -> u64 {
        match self.until {
            Until::Worlds(worlds) => worlds,
            Until::RelativeStandardError(_) => 0,
        }
        .min(self.at_most)
    }

    /// Worlds wanted in all after `worlds` gave this value and error; no more than `worlds` where it is enough.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Saturates, and is limited next.
    pub(super) fn wanted(&self, worlds: u64, value: f64, error: f64) -> u64 {
        match self.until {
            Until::Worlds(wanted) => wanted,
            Until::RelativeStandardError(share) => {
                let ratio = error / (share * value.abs());
                if ratio <= 1.0 || error == 0.0 {
                    return worlds;
                }
                // A tenth more than the estimate says, so that one further round mostly suffices.
                (worlds as f64 * ratio * ratio * 1.1).ceil() as u64
            }
        }
        .min(self.at_most)
    }
}

/// An expected value over worlds, with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Spread {
    /// Expected value: persons reached, or the sum of their values; those who tell first are included.
    pub value: f64,
    /// Its standard error, in the same unit.
    pub standard_error: f64,
    /// Worlds simulated.
    pub worlds: u64,
    /// How.
    pub method: Method,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    Spread { value: f64, standard_error: f64, worlds: u64, method: Method }
    if |spread: &Self| {
        Error::unless(spread.value.is_finite(), "expected spread", spread.value, "be finite")?;
        require_standard_error(spread.standard_error)
    }
}

impl Spread {
    /// The same as an [`Estimate`].
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        let worlds = usize::try_from(self.worlds).unwrap_or(usize::MAX);
        Estimate::new(self.value, worlds).with_standard_error(self.standard_error)
    }
}
