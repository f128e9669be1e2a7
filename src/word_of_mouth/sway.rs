//! What hearing does to a hearer: lost, won, or saved the cost of being acquired.

use crate::error::{Error, Result};
use crate::measure::Probability;

/// What one hearer's hearing does, as probabilities. No default: literature gives none that can be trusted, so whoever
/// asks must say it, or derive it with [`Sway::from_shift`].
///
/// ```
/// use tillit::{measure::Probability, word_of_mouth::Sway};
///
/// // Hearers who buy with probability 0.40 and 0.11 less after hearing ill:
/// let ill = Sway::from_shift(Probability::new(0.40)?, -0.11)?;
/// assert_eq!(ill.lost().value(), 0.11);
/// // Who hardly buys anyway cannot be lost more often than he buys:
/// let rare = Sway::from_shift(Probability::new(0.05)?, -0.11)?;
/// assert_eq!(rare.lost().value(), 0.05);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Shares", into = "Shares")
)]
pub struct Sway {
    lost: Probability,
    won: Probability,
    would_have_come: Probability,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Shares {
    lost: Probability,
    won: Probability,
    would_have_come: Probability,
}

#[cfg(feature = "serde")]
impl TryFrom<Shares> for Sway {
    type Error = Error;

    fn try_from(shares: Shares) -> Result<Self> {
        Self::new(shares.lost, shares.won, shares.would_have_come)
    }
}

#[cfg(feature = "serde")]
impl From<Sway> for Shares {
    fn from(sway: Sway) -> Self {
        Self {
            lost: sway.lost,
            won: sway.won,
            would_have_come: sway.would_have_come,
        }
    }
}

impl Sway {
    /// Hearing changes nothing.
    pub const NONE: Self = Self {
        lost: Probability::ZERO,
        won: Probability::ZERO,
        would_have_come: Probability::ZERO,
    };

    /// All three shares of hearers: lost, won (Kumar's type one: would not have come), and referred who would have
    /// come anyway (type two: only their acquisition cost is saved). Kumar, Petersen and Leone, Harvard Business
    /// Review, October 2007.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the three add up to more than 1.
    pub fn new(lost: Probability, won: Probability, would_have_come: Probability) -> Result<Self> {
        let sum = lost.value() + won.value() + would_have_come.value();
        Error::unless(
            sum <= 1.0 + 1e-12,
            "sum of the shares of hearers lost, won and coming anyway",
            sum,
            "be at most 1",
        )?;
        Ok(Self {
            lost,
            won,
            would_have_come,
        })
    }

    /// Each hearer is lost with this probability.
    #[must_use]
    pub fn losing(lost: Probability) -> Self {
        Self { lost, ..Self::NONE }
    }

    /// Each hearer is won with this probability.
    #[must_use]
    pub fn winning(won: Probability) -> Self {
        Self { won, ..Self::NONE }
    }

    /// From a shift in the probability of buying, given what it was before hearing (East, Hammond and Lomax,
    /// International Journal of Research in Marketing 25, 2008): a shift down loses hearers, at most as many as would
    /// have bought; a shift up wins hearers, at most as many as would not have.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the shift lies within −1 to 1.
    pub fn from_shift(before: Probability, shift: f64) -> Result<Self> {
        Error::unless(
            (-1.0..=1.0).contains(&shift),
            "shift in purchase probability",
            shift,
            "lie within -1 to 1",
        )?;
        Ok(if shift < 0.0 {
            Self::losing(Probability::new((-shift).min(before.value()))?)
        } else {
            Self::winning(Probability::new(shift.min(before.complement().value()))?)
        })
    }

    /// Share of hearers lost.
    #[must_use]
    pub fn lost(self) -> Probability {
        self.lost
    }

    /// Share of hearers won who would not have come.
    #[must_use]
    pub fn won(self) -> Probability {
        self.won
    }

    /// Share of hearers referred who would have come anyway.
    #[must_use]
    pub fn would_have_come(self) -> Probability {
        self.would_have_come
    }

    /// Expected cost of one hearer, gains negative.
    pub(super) fn cost_per_hearer(self, hearer_value: f64, acquisition_cost: f64) -> f64 {
        (self.lost.value() - self.won.value()) * hearer_value
            - self.would_have_come.value() * acquisition_cost
    }
}
