//! Purchases at regular opportunities: how many were there, how many were used, and which last.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::measure::{Merge, Span, TimeUnit};

use crate::value::{PurchaseHistories, PurchaseHistory};

/// Beyond this (daily for 270 years) something else was counted than opportunities.
const MOST_OPPORTUNITIES: u32 = 100_000;

/// One customer's record: the literature's x, `t_x` and n. Ordered in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::value) struct UseRecord {
    pub(in crate::value) x: u32,
    pub(in crate::value) t_x: u32,
    pub(in crate::value) n: u32,
}

impl UseRecord {
    fn new(purchases: u32, last: u32, opportunities: u32) -> Result<Self> {
        Error::unless(
            opportunities <= MOST_OPPORTUNITIES,
            "number of opportunities",
            f64::from(opportunities),
            "not exceed 100,000: count the times at which a purchase could happen",
        )?;
        Error::unless(
            last <= opportunities && (last == 0) == (purchases == 0),
            "last opportunity used",
            f64::from(last),
            "lie within 1 to the number of opportunities where there are purchases, and be 0 where there are none",
        )?;
        Error::unless(
            purchases <= last,
            "number of purchases",
            f64::from(purchases),
            "not exceed the last opportunity used: there is at most one purchase per opportunity",
        )?;
        Ok(Self {
            x: purchases,
            t_x: last,
            n: opportunities,
        })
    }

    /// The record that a history makes with one opportunity at the end of each `period`.
    pub(in crate::value) fn of(history: &PurchaseHistory, period: Span) -> Result<Self> {
        Self::new(
            history.repeat_purchases(),
            whole_periods("active_for", history.active_for(TimeUnit::Day), period)?,
            whole_periods("observed_for", history.observed_for(TimeUnit::Day), period)?,
        )
    }
}

/// A time in days as a whole number of periods.
fn whole_periods(what: &'static str, days: f64, period: Span) -> Result<u32> {
    /// What conversions between units may leave.
    const ROUNDING: f64 = 1e-6;
    let periods = days / period.days();
    let whole = periods.round();
    Error::unless(
        (periods - whole).abs() <= ROUNDING && whole <= f64::from(u32::MAX),
        what,
        periods,
        "be a whole number of periods: this model knows one opportunity to buy per period",
    )?;
    // Whole, not negative and within range, as just checked.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = whole as u32;
    Ok(whole)
}

/// The use that many customers made of their opportunities to buy (one per year, per cruise season, per campaign), alike
/// ones counted once: what a model of discrete opportunities needs to know. Customers may have had different numbers of
/// opportunities. Counts merge exactly.
///
/// ```
/// use tillit::value::PurchaseOpportunities;
///
/// let mut donors = PurchaseOpportunities::new();
/// // 3,464 gave in none of the six years after their first gift, 1,203 in every one.
/// donors.record_many(0, 0, 6, 3464)?;
/// donors.record_many(6, 6, 6, 1203)?;
/// assert_eq!((donors.customers(), donors.repeaters()), (4667, 1203));
/// // Four purchases by the third opportunity are a mistake in the data.
/// assert!(donors.record(4, 3, 6).is_err());
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Vec<(UseRecord, u64)>", into = "Vec<(UseRecord, u64)>")
)]
pub struct PurchaseOpportunities {
    customers: u64,
    by_use: BTreeMap<UseRecord, u64>,
}

#[cfg(feature = "serde")]
impl TryFrom<Vec<(UseRecord, u64)>> for PurchaseOpportunities {
    type Error = Error;

    fn try_from(rows: Vec<(UseRecord, u64)>) -> Result<Self> {
        let mut tally = Self::new();
        for (record, customers) in rows {
            tally.record_many(record.x, record.t_x, record.n, customers)?;
        }
        Ok(tally)
    }
}

#[cfg(feature = "serde")]
impl From<PurchaseOpportunities> for Vec<(UseRecord, u64)> {
    fn from(tally: PurchaseOpportunities) -> Self {
        tally.by_use.into_iter().collect()
    }
}

impl PurchaseOpportunities {
    /// Nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Histories with one opportunity at the end of each `period` after the first purchase.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if a time is no whole number of periods, or there are more purchases than opportunities.
    pub fn from_histories(histories: &PurchaseHistories, period: Span) -> Result<Self> {
        let mut tally = Self::new();
        for history in histories.iter() {
            tally.add(UseRecord::of(&history, period)?, 1)?;
        }
        Ok(tally)
    }

    /// Counts one customer who bought at `purchases` of `opportunities` after the first purchase, at number `last` (from
    /// 1; 0 without purchases) for the last time.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `purchases <= last <= opportunities <= 100,000` and `last` is 0 just where `purchases`
    /// is; [`Error::Overflow`] beyond 2^64 customers.
    pub fn record(&mut self, purchases: u32, last: u32, opportunities: u32) -> Result<()> {
        self.record_many(purchases, last, opportunities, 1)
    }

    /// Counts `customers` who are alike.
    ///
    /// # Errors
    /// As [`Self::record`]; the tally is then unchanged.
    pub fn record_many(
        &mut self,
        purchases: u32,
        last: u32,
        opportunities: u32,
        customers: u64,
    ) -> Result<()> {
        self.add(UseRecord::new(purchases, last, opportunities)?, customers)
    }

    fn add(&mut self, record: UseRecord, customers: u64) -> Result<()> {
        self.customers = more_customers(self.customers, customers)?;
        if customers > 0 {
            *self.by_use.entry(record).or_default() += customers;
        }
        Ok(())
    }

    /// Customers counted.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Those who used at least one opportunity.
    #[must_use]
    pub fn repeaters(&self) -> u64 {
        self.by_use
            .iter()
            .filter(|(record, _)| record.x > 0)
            .map(|(_, &customers)| customers)
            .sum()
    }

    pub(in crate::value) fn by_use(&self) -> &BTreeMap<UseRecord, u64> {
        &self.by_use
    }
}

fn more_customers(have: u64, more: u64) -> Result<u64> {
    have.checked_add(more).ok_or(Error::Overflow {
        what: "the number of customers".into(),
    })
}

impl Merge for PurchaseOpportunities {
    /// # Errors
    /// [`Error::Overflow`] beyond 2^64 customers.
    fn merge(&mut self, other: &Self) -> Result<()> {
        self.customers = more_customers(self.customers, other.customers)?;
        for (&record, customers) in &other.by_use {
            *self.by_use.entry(record).or_default() += customers;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::PurchaseOpportunities;
    use crate::Error;
    use crate::measure::{Merge, Span, TimeUnit};
    use crate::value::PurchaseHistories;

    #[test]
    fn histories_in_any_unit_become_whole_opportunities() {
        let histories = PurchaseHistories::from_columns(
            TimeUnit::Year,
            vec![0, 2, 2],
            vec![0.0, 0.5, 0.5],
            vec![1.5, 1.25, 1.25],
        )
        .unwrap();
        let quarter = Span::new(3.0, TimeUnit::Month).unwrap();
        let tally = PurchaseOpportunities::from_histories(&histories, quarter).unwrap();
        let mut expected = PurchaseOpportunities::new();
        expected.record_many(2, 2, 5, 2).unwrap();
        expected.record(0, 0, 6).unwrap();
        assert_eq!(tally, expected);
        let year = Span::new(1.0, TimeUnit::Year).unwrap();
        let refused = PurchaseOpportunities::from_histories(&histories, year).unwrap_err();
        assert!(refused.to_string().contains("whole number"), "{refused}");
    }

    #[test]
    fn impossible_records_are_refused_and_pieces_merge() {
        let mut left = PurchaseOpportunities::new();
        for (x, last, n) in [(1, 0, 6), (0, 1, 6), (4, 3, 6), (3, 7, 6), (0, 0, 100_001)] {
            assert!(matches!(
                left.record(x, last, n),
                Err(Error::OutOfRange { .. })
            ));
        }
        assert_eq!(left.customers(), 0);
        left.record_many(1, 3, 6, 40).unwrap();
        let mut right = PurchaseOpportunities::new();
        right.record_many(1, 3, 6, 2).unwrap();
        right.record(0, 0, 4).unwrap();
        left.merge(&right).unwrap();
        assert_eq!((left.customers(), left.repeaters()), (43, 42));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_stored_tally_comes_back_and_a_broken_one_does_not() {
        let mut tally = PurchaseOpportunities::new();
        tally.record_many(1, 3, 6, 40).unwrap();
        let text = serde_json::to_string(&tally).unwrap();
        assert_eq!(
            serde_json::from_str::<PurchaseOpportunities>(&text).unwrap(),
            tally
        );
        let broken = text.replace("\"x\":1", "\"x\":5");
        assert!(serde_json::from_str::<PurchaseOpportunities>(&broken).is_err());
    }
}
