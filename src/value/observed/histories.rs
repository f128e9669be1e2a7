//! The purchase histories of many customers, in columns.

use crate::error::{Error, Result};
use crate::measure::{Currency, ExpectedMoney, TimeUnit};

use crate::value::PurchaseHistory;
use crate::value::observed::history::{
    ACTIVE_RULE, OBSERVED_RULE, SPEND_RULE, active_is_sound, observed_is_sound, spend_is_sound,
};

/// The histories of many customers in columns of one unit of time and, if spend is known, one currency.
///
/// Someone who has a table of recency, frequency and monetary value starts here; someone who has single purchases starts
/// with [`PurchaseDays`](crate::value::PurchaseDays).
///
/// ```
/// use tillit::{measure::TimeUnit, value::PurchaseHistories};
///
/// let histories = PurchaseHistories::from_columns(
///     TimeUnit::Week,
///     vec![2, 1, 0],
///     vec![30.43, 1.71, 0.0],
///     vec![38.86, 38.86, 38.86],
/// )?;
/// assert_eq!((histories.len(), histories.repeaters()), (3, 2));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Columns", into = "Columns")
)]
pub struct PurchaseHistories {
    unit: TimeUnit,
    customers: Option<Vec<u32>>,
    repeat_purchases: Vec<u32>,
    active_for: Vec<f64>,
    observed_for: Vec<f64>,
    spend: Option<(Currency, Vec<f64>)>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Columns {
    unit: TimeUnit,
    customers: Option<Vec<u32>>,
    repeat_purchases: Vec<u32>,
    active_for: Vec<f64>,
    observed_for: Vec<f64>,
    spend: Option<(Currency, Vec<f64>)>,
}

#[cfg(feature = "serde")]
impl TryFrom<Columns> for PurchaseHistories {
    type Error = Error;

    fn try_from(columns: Columns) -> Result<Self> {
        let mut histories = Self::from_columns(
            columns.unit,
            columns.repeat_purchases,
            columns.active_for,
            columns.observed_for,
        )?;
        if let Some((currency, means)) = columns.spend {
            histories = histories.with_mean_repeat_spend(currency, means)?;
        }
        match columns.customers {
            Some(customers) => histories.with_customers(customers),
            None => Ok(histories),
        }
    }
}

#[cfg(feature = "serde")]
impl From<PurchaseHistories> for Columns {
    fn from(histories: PurchaseHistories) -> Self {
        Self {
            unit: histories.unit,
            customers: histories.customers,
            repeat_purchases: histories.repeat_purchases,
            active_for: histories.active_for,
            observed_for: histories.observed_for,
            spend: histories.spend,
        }
    }
}

impl PurchaseHistories {
    /// One row per customer; times counted in `unit`.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`], or [`Error::BadColumnValue`] naming the first row that breaks a rule of
    /// [`PurchaseHistory::new`].
    pub fn from_columns(
        unit: TimeUnit,
        repeat_purchases: Vec<u32>,
        active_for: Vec<f64>,
        observed_for: Vec<f64>,
    ) -> Result<Self> {
        let rows = repeat_purchases.len();
        same_length(rows, "active_for", active_for.len())?;
        same_length(rows, "observed_for", observed_for.len())?;
        for (row, &count) in repeat_purchases.iter().enumerate() {
            if !observed_is_sound(observed_for[row]) {
                return Err(bad_value(
                    "observed_for",
                    row,
                    observed_for[row],
                    OBSERVED_RULE,
                ));
            }
            if !active_is_sound(count, active_for[row], observed_for[row]) {
                return Err(bad_value("active_for", row, active_for[row], ACTIVE_RULE));
            }
        }
        Ok(Self {
            unit,
            customers: None,
            repeat_purchases,
            active_for,
            observed_for,
            spend: None,
        })
    }

    /// Counted patterns: each row stands for `customers` alike, in rows of their own afterwards. A fit counts alike
    /// histories once again, so it costs no more than on the patterns.
    ///
    /// ```
    /// use tillit::{measure::TimeUnit, value::PurchaseHistories};
    ///
    /// let histories =
    ///     PurchaseHistories::from_patterns(TimeUnit::Week, &[0, 3], &[0.0, 30.0], &[39.0, 39.0], &[1411, 12])?;
    /// assert_eq!((histories.len(), histories.repeaters()), (1423, 12));
    /// # Ok::<(), tillit::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Self::from_columns`], rows being those of the patterns; [`Error::Overflow`] for more than 2³² customers.
    pub fn from_patterns(
        unit: TimeUnit,
        repeat_purchases: &[u32],
        active_for: &[f64],
        observed_for: &[f64],
        customers: &[u32],
    ) -> Result<Self> {
        same_length(repeat_purchases.len(), "customers", customers.len())?;
        let patterns = Self::from_columns(
            unit,
            repeat_purchases.to_vec(),
            active_for.to_vec(),
            observed_for.to_vec(),
        )?;
        let all: u64 = customers.iter().map(|&alike| u64::from(alike)).sum();
        if all > u64::from(u32::MAX) {
            return Err(Error::Overflow {
                what: "the number of customers behind the patterns".into(),
            });
        }
        Ok(Self {
            unit,
            customers: None,
            repeat_purchases: expanded(&patterns.repeat_purchases, customers),
            active_for: expanded(&patterns.active_for, customers),
            observed_for: expanded(&patterns.observed_for, customers),
            spend: None,
        })
    }

    /// The same with the mean spend per repeat purchase in major units, 0 for customers without repeats.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`], or [`Error::BadColumnValue`] for a value that is negative, not finite, or not 0
    /// without repeat purchases.
    pub fn with_mean_repeat_spend(mut self, currency: Currency, means: Vec<f64>) -> Result<Self> {
        same_length(self.len(), "mean_repeat_spend", means.len())?;
        for (row, (&mean, &count)) in means.iter().zip(&self.repeat_purchases).enumerate() {
            if !spend_is_sound(count, mean) {
                return Err(bad_value("mean_repeat_spend", row, mean, SPEND_RULE));
            }
        }
        self.spend = Some((currency, means));
        Ok(self)
    }

    /// The same with each row's customer index, where rows and customers are not numbered alike.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`].
    pub fn with_customers(mut self, customers: Vec<u32>) -> Result<Self> {
        same_length(self.len(), "customers", customers.len())?;
        self.customers = Some(customers);
        Ok(self)
    }

    /// Number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.repeat_purchases.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.repeat_purchases.is_empty()
    }

    /// Customers with at least one repeat purchase.
    #[must_use]
    pub fn repeaters(&self) -> usize {
        self.repeat_purchases
            .iter()
            .filter(|&&count| count > 0)
            .count()
    }

    /// Unit of the time columns.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// Purchases after the first, per row.
    #[must_use]
    pub fn repeat_purchases(&self) -> &[u32] {
        &self.repeat_purchases
    }

    /// Time from the first purchase to the last, per row, in [`Self::unit`].
    #[must_use]
    pub fn active_for(&self) -> &[f64] {
        &self.active_for
    }

    /// Time from the first purchase to the end of observation, per row, in [`Self::unit`].
    #[must_use]
    pub fn observed_for(&self) -> &[f64] {
        &self.observed_for
    }

    /// Currency and mean spend per repeat purchase in major units, per row, where known.
    #[must_use]
    pub fn mean_repeat_spend(&self) -> Option<(Currency, &[f64])> {
        self.spend
            .as_ref()
            .map(|(currency, means)| (*currency, means.as_slice()))
    }

    /// The customer index of `row`: the row itself unless [`Self::with_customers`] said otherwise. `None` beyond the end.
    #[must_use]
    pub fn customer(&self, row: usize) -> Option<u32> {
        match &self.customers {
            Some(customers) => customers.get(row).copied(),
            None if row < self.len() => u32::try_from(row).ok(),
            None => None,
        }
    }

    /// The history in `row`; `None` beyond the end.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<PurchaseHistory> {
        Some(PurchaseHistory {
            repeat_purchases: *self.repeat_purchases.get(row)?,
            active_for: self.active_for[row],
            observed_for: self.observed_for[row],
            unit: self.unit,
            mean_repeat_spend: match &self.spend {
                Some((currency, means)) => ExpectedMoney::new(means[row], *currency).ok(),
                None => None,
            },
        })
    }

    /// All histories, row by row.
    pub fn iter(&self) -> impl Iterator<Item = PurchaseHistory> + '_ {
        (0..self.len()).filter_map(|row| self.get(row))
    }
}

/// Each value as often as there are customers behind it.
fn expanded<T: Copy>(column: &[T], customers: &[u32]) -> Vec<T> {
    column
        .iter()
        .zip(customers)
        .flat_map(|(&value, &alike)| std::iter::repeat_n(value, alike as usize))
        .collect()
}

fn same_length(rows: usize, column: &'static str, len: usize) -> Result<()> {
    if rows == len {
        Ok(())
    } else {
        Err(Error::UnequalLengths {
            left: "repeat_purchases",
            left_len: rows,
            right: column,
            right_len: len,
        })
    }
}

fn bad_value(column: &'static str, row: usize, found: f64, allowed: &'static str) -> Error {
    Error::BadColumnValue {
        column: column.into(),
        row,
        found,
        allowed: allowed.into(),
    }
}
