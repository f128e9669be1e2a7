//! Purchase days that no refund can reach any more, as sums.

use crate::error::{Error, Result};

use crate::value::observed::purchase_days::StandingDays;
#[cfg(feature = "serde")]
use crate::value::observed::repeat_spend::{amounts_are_sound, largest_logarithms};

/// What stays of one customer's settled purchase days: counts, days and exact sums. All zero while there are none.
///
/// Logarithms are summed as whole numbers of 2⁻⁴⁰, so that sums do not depend on where the data were cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct SettledDays {
    days: u32,
    first: i32,
    second: i32,
    /// The latest three days, the last one last.
    latest: [i32; 3],
    first_minor: i64,
    /// Of the days after the first: the sum of the amounts, of their squares, of the logarithms of those above zero,
    /// and the number of those of zero.
    repeat_minor: i64,
    squares: u128,
    ln_minor: i64,
    free: u32,
    /// Sum of the logarithms of the days between successive purchase days.
    ln_gaps: i64,
}

/// What one unit of a sum of logarithms is divided into.
const LOGARITHM_PARTS: f64 = (1_u64 << 40) as f64;

impl SettledDays {
    pub(super) fn days(&self) -> u32 {
        self.days
    }

    #[cfg(feature = "serde")]
    pub(super) fn last(&self) -> Option<i32> {
        (self.days > 0).then_some(self.latest[2])
    }

    /// Takes the next purchase day.
    pub(super) fn settle(&mut self, day: i32, minor: i64) -> Result<()> {
        if self.days == 0 {
            self.first = day;
            self.first_minor = minor;
        } else {
            self.repeat(day, minor)?;
        }
        self.latest = [self.latest[1], self.latest[2], day];
        self.days = self.days.checked_add(1).ok_or_else(overflow)?;
        Ok(())
    }

    /// Takes all days of a later stretch.
    pub(super) fn append(&mut self, later: &Self) -> Result<()> {
        if later.days == 0 {
            return Ok(());
        }
        if self.days == 0 {
            *self = *later;
            return Ok(());
        }
        self.repeat(later.first, later.first_minor)?;
        self.add(
            later.repeat_minor,
            later.squares,
            later.ln_minor,
            later.ln_gaps,
        )?;
        self.free = self.free.checked_add(later.free).ok_or_else(overflow)?;
        self.latest = match later.days {
            1 => [self.latest[1], self.latest[2], later.latest[2]],
            2 => [self.latest[2], later.latest[1], later.latest[2]],
            _ => later.latest,
        };
        self.days = self.days.checked_add(later.days).ok_or_else(overflow)?;
        Ok(())
    }

    /// Adds to the sums what a day after the first brings.
    fn repeat(&mut self, day: i32, minor: i64) -> Result<()> {
        if self.days == 1 {
            self.second = day;
        }
        let gap = f64::from(day) - f64::from(self.latest[2]);
        let ln_minor = if minor > 0 { ln(minor as f64) } else { 0 };
        let magnitude = u128::from(minor.unsigned_abs());
        self.add(minor, magnitude * magnitude, ln_minor, ln(gap))?;
        self.free += u32::from(minor == 0);
        Ok(())
    }

    fn add(&mut self, minor: i64, squares: u128, ln_minor: i64, ln_gaps: i64) -> Result<()> {
        let sum = |left: i64, right: i64| left.checked_add(right).ok_or_else(overflow);
        self.repeat_minor = sum(self.repeat_minor, minor)?;
        self.ln_minor = sum(self.ln_minor, ln_minor)?;
        self.ln_gaps = sum(self.ln_gaps, ln_gaps)?;
        self.squares = self.squares.checked_add(squares).ok_or_else(overflow)?;
        Ok(())
    }

    /// The same in the form from which rows are written; `None` without days.
    pub(super) fn standing(&self) -> Option<StandingDays> {
        let repeats = self.days.checked_sub(1)?;
        Some(StandingDays {
            first: self.first,
            second: (repeats > 0).then_some(self.second),
            last: self.latest[2],
            repeats,
            first_minor: self.first_minor,
            repeat_minor: self.repeat_minor,
        })
    }

    /// The amounts of all days.
    pub(super) fn total(&self) -> Result<i64> {
        self.first_minor
            .checked_add(self.repeat_minor)
            .ok_or_else(overflow)
    }

    /// Amounts of the days after the first, in minor units: how many above zero, their sum, sum of squares and sum of
    /// logarithms.
    pub(super) fn repeat_spend(&self) -> (u32, i64, u128, f64) {
        (
            self.days.saturating_sub(1).saturating_sub(self.free),
            self.repeat_minor,
            self.squares,
            self.ln_minor as f64 / LOGARITHM_PARTS,
        )
    }

    /// Sum of the logarithms of the gaps.
    pub(super) fn ln_gaps(&self) -> f64 {
        self.ln_gaps as f64 / LOGARITHM_PARTS
    }

    /// The latest three days; `None` with fewer.
    pub(super) fn latest(&self) -> Option<[i32; 3]> {
        (self.days > 2).then_some(self.latest)
    }

    /// Whether any purchase days at all could have led here. Where a sum could only be checked up to rounding, a little
    /// slack is left.
    #[cfg(feature = "serde")]
    pub(super) fn is_sound(&self) -> bool {
        let [_, before, last] = self.latest;
        if self.days <= 1 {
            let lone = Self {
                days: self.days,
                first: self.first,
                first_minor: self.first_minor,
                latest: [0, 0, self.first],
                ..Self::default()
            };
            return self.first_minor >= 0
                && if self.days == 0 {
                    *self == Self::default()
                } else {
                    *self == lone
                };
        }
        let gaps = f64::from(self.days - 1);
        let (paid, repeat_minor, squares, ln_minor) = self.repeat_spend();
        let span = f64::from(last) - f64::from(self.first);
        let days_agree = match self.days {
            2 => self.latest == [0, self.first, self.second],
            3 => self.latest[..2] == [self.first, self.second],
            _ => self.second <= self.latest[0] && self.latest[0] < before,
        };
        self.first < self.second
            && before < last
            && days_agree
            && span >= gaps
            && self.first_minor >= 0
            && self.free < self.days
            && amounts_are_sound(paid, repeat_minor, squares, ln_minor)
            && (0.0..=largest_logarithms(gaps, span)).contains(&self.ln_gaps())
    }
}

/// The logarithm of a number from 1 to 2⁶³ in whole parts.
fn ln(value: f64) -> i64 {
    // At most 44 × 2⁴⁰.
    #[allow(clippy::cast_possible_truncation)]
    let parts = (value.ln() * LOGARITHM_PARTS).round() as i64;
    parts
}

fn overflow() -> Error {
    Error::Overflow {
        what: "a sum over a customer's purchase days".into(),
    }
}
