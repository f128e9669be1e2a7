//! What a purchase model needs to know of a customer: how often, until when, watched for how long.

use crate::error::{Error, Result};
use crate::measure::{ExpectedMoney, TimeUnit};

/// One customer's purchases up to the end of observation.
///
/// *Repeat purchases* are purchases after the first; *active for* is the time from the first purchase to the last
/// (zero without repeats); *observed for* the time from the first purchase to the end of observation. The literature
/// calls them x, `t_x` and T (Fader, Hardie and Lee 2005).
///
/// ```
/// use tillit::{measure::TimeUnit, value::PurchaseHistory};
///
/// let customer = PurchaseHistory::new(2, 30.43, 38.86, TimeUnit::Week)?;
/// assert_eq!(customer.repeat_purchases(), 2);
/// // Three purchases in no time at all are a mistake in the data.
/// assert!(PurchaseHistory::new(2, 0.0, 38.86, TimeUnit::Week).is_err());
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct PurchaseHistory {
    pub(in crate::value) repeat_purchases: u32,
    pub(in crate::value) active_for: f64,
    pub(in crate::value) observed_for: f64,
    pub(in crate::value) unit: TimeUnit,
    pub(in crate::value) mean_repeat_spend: Option<ExpectedMoney>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    repeat_purchases: u32,
    active_for: f64,
    observed_for: f64,
    unit: TimeUnit,
    mean_repeat_spend: Option<ExpectedMoney>,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for PurchaseHistory {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let history = Self::new(
            parts.repeat_purchases,
            parts.active_for,
            parts.observed_for,
            parts.unit,
        )?;
        match parts.mean_repeat_spend {
            Some(mean) => history.with_mean_repeat_spend(mean),
            None => Ok(history),
        }
    }
}

#[cfg(feature = "serde")]
impl From<PurchaseHistory> for Parts {
    fn from(history: PurchaseHistory) -> Self {
        Self {
            repeat_purchases: history.repeat_purchases,
            active_for: history.active_for,
            observed_for: history.observed_for,
            unit: history.unit,
            mean_repeat_spend: history.mean_repeat_spend,
        }
    }
}

pub(in crate::value) const OBSERVED_RULE: &str = "be finite and not negative";
pub(in crate::value) const ACTIVE_RULE: &str = "lie above 0 and not beyond observed_for where there are repeat purchases, and be 0 where there are none";
pub(in crate::value) const SPEND_RULE: &str =
    "be finite and not negative, and 0 where there are no repeat purchases";

pub(in crate::value) fn observed_is_sound(observed_for: f64) -> bool {
    observed_for >= 0.0 && observed_for.is_finite()
}

pub(in crate::value) fn active_is_sound(
    repeat_purchases: u32,
    active_for: f64,
    observed_for: f64,
) -> bool {
    if repeat_purchases == 0 {
        active_for == 0.0
    } else {
        active_for > 0.0 && active_for <= observed_for
    }
}

pub(in crate::value) fn spend_is_sound(repeat_purchases: u32, mean: f64) -> bool {
    mean >= 0.0 && mean.is_finite() && (repeat_purchases > 0 || mean == 0.0)
}

impl PurchaseHistory {
    /// `repeat_purchases` after the first, the last of them `active_for` units after it, seen for `observed_for` units.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `observed_for` is finite and not negative, and `active_for` lies above 0 and not
    /// beyond `observed_for` with repeat purchases, and is 0 without.
    pub fn new(
        repeat_purchases: u32,
        active_for: f64,
        observed_for: f64,
        unit: TimeUnit,
    ) -> Result<Self> {
        Error::unless(
            observed_is_sound(observed_for),
            "observed_for",
            observed_for,
            OBSERVED_RULE,
        )?;
        Error::unless(
            active_is_sound(repeat_purchases, active_for, observed_for),
            "active_for",
            active_for,
            ACTIVE_RULE,
        )?;
        Ok(Self {
            repeat_purchases,
            active_for,
            observed_for,
            unit,
            mean_repeat_spend: None,
        })
    }

    /// The same with the mean spend per repeat purchase.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if it is negative, or not zero without repeat purchases.
    pub fn with_mean_repeat_spend(mut self, mean: ExpectedMoney) -> Result<Self> {
        Error::unless(
            spend_is_sound(self.repeat_purchases, mean.amount()),
            "mean repeat spend",
            mean.amount(),
            SPEND_RULE,
        )?;
        self.mean_repeat_spend = Some(mean);
        Ok(self)
    }

    /// Purchases after the first.
    #[must_use]
    pub fn repeat_purchases(&self) -> u32 {
        self.repeat_purchases
    }

    /// Time from the first purchase to the last, in `unit`.
    #[must_use]
    pub fn active_for(&self, unit: TimeUnit) -> f64 {
        convert(self.active_for, self.unit, unit)
    }

    /// Time from the first purchase to the end of observation, in `unit`.
    #[must_use]
    pub fn observed_for(&self, unit: TimeUnit) -> f64 {
        convert(self.observed_for, self.unit, unit)
    }

    /// Mean spend per repeat purchase, where known.
    #[must_use]
    pub fn mean_repeat_spend(&self) -> Option<ExpectedMoney> {
        self.mean_repeat_spend
    }
}

fn convert(count: f64, from: TimeUnit, to: TimeUnit) -> f64 {
    if from == to {
        count
    } else {
        count * from.days() / to.days()
    }
}
