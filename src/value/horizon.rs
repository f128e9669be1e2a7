//! How far a value looks ahead.

use crate::measure::Span;

/// How far ahead purchases are counted.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Horizon {
    /// For this long after the end of observation.
    Within(Span),
    /// For as long as the customer stays.
    Unlimited,
}
