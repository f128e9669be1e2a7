//! What kind of number is in doubt, and so where its limits may lie.

use crate::error::{Error, Result};

/// What kind of number is in doubt. It decides on which scale the doubt counts as symmetric, so that no limit is
/// impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Quantity {
    /// Within 0 to 1, such as P(alive): limits are made on the scale of log-odds.
    Share,
    /// As [`Self::Share`], but given as its natural logarithm, which keeps the digits of shares near 0 and 1; the interval
    /// is that of the share itself.
    LnShare,
    /// Not negative, such as expected purchases or a parameter: limits are made on the scale of logarithms.
    Positive,
    /// Any number, such as a difference of two answers: limits lie symmetric around the value.
    Any,
}

impl Quantity {
    /// The number on the scale on which its doubt counts as symmetric.
    pub(in crate::value) fn to_scale(self, found: f64) -> Result<f64> {
        let (inside, allowed, scaled) = match self {
            Self::Share => (
                (0.0..=1.0).contains(&found),
                "lie within 0 to 1",
                found.ln() - (-found).ln_1p(),
            ),
            Self::LnShare => (
                found <= 0.0,
                "not lie above 0",
                found - (-found.exp_m1()).ln(),
            ),
            Self::Positive => (
                found >= 0.0 && found.is_finite(),
                "be finite and not negative",
                found.ln(),
            ),
            Self::Any => (found.is_finite(), "be finite", found),
        };
        Error::unless(inside, "quantity in doubt", found, allowed)?;
        Ok(scaled)
    }

    pub(in crate::value) fn back_from_scale(self, scaled: f64) -> f64 {
        match self {
            Self::Share | Self::LnShare => 1.0 / (1.0 + (-scaled).exp()),
            Self::Positive => scaled.exp(),
            Self::Any => scaled,
        }
    }

    /// The number itself, from the number as it was given.
    pub(in crate::value) fn value(self, found: f64) -> f64 {
        match self {
            Self::LnShare => found.exp(),
            Self::Share | Self::Positive | Self::Any => found,
        }
    }

    /// The derivative of the number in its place on the scale.
    pub(in crate::value) fn stretch(self, value: f64) -> f64 {
        match self {
            Self::Share | Self::LnShare => value * (1.0 - value),
            Self::Positive => value,
            Self::Any => 1.0,
        }
    }

    /// Lower and upper limit, `reach` on the scale to each side. Where the answer lies at the edge of the scale and its
    /// neighbours do not, or the reach has no end, nothing is known but the range.
    pub(in crate::value) fn limits(self, scaled: f64, reach: f64) -> (f64, f64) {
        let (low, high) = if reach == 0.0 {
            (scaled, scaled)
        } else if scaled.is_finite() && reach.is_finite() {
            (scaled - reach, scaled + reach)
        } else {
            (f64::NEG_INFINITY, f64::INFINITY)
        };
        (self.back_from_scale(low), self.back_from_scale(high))
    }

    pub(in crate::value) fn method(self) -> &'static str {
        match self {
            Self::Share | Self::LnShare => "delta method on the log-odds, parameters only",
            Self::Positive => "delta method on the logarithm, parameters only",
            Self::Any => "delta method, parameters only",
        }
    }
}
