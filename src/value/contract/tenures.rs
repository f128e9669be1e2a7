//! How long customers under contract stayed, as far as that is known.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::measure::{Merge, Span};

/// How often one customer renewed, and whether that was the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Tenure {
    /// Renewed this often and then left; 0 is a customer who never renewed.
    Ended(u32),
    /// Renewed this often and is still there; the next decision has not been seen.
    Running(u32),
}

impl Tenure {
    /// Renewals so far.
    #[must_use]
    pub fn renewals(self) -> u32 {
        match self {
            Self::Ended(renewals) | Self::Running(renewals) => renewals,
        }
    }
}

/// The tenures of many customers, alike ones counted once: all that a contract model needs to know of its data.
///
/// From a cohort table or from single customers, piece by piece; cohorts of different age go into the same tally. Counts
/// merge exactly.
///
/// ```
/// use tillit::measure::{Merge, Span, TimeUnit};
/// use tillit::value::{Tenure, Tenures};
///
/// let year = Span::new(1.0, TimeUnit::Year)?;
/// // 1,000 began, 869 renewed once, 743 twice.
/// let mut tenures = Tenures::from_survivors(year, &[1000, 869, 743])?;
/// let mut newer = Tenures::new(year)?;
/// newer.record(Tenure::Running(1))?;
/// newer.record(Tenure::Ended(0))?;
/// tenures.merge(&newer)?;
/// assert_eq!((tenures.customers(), tenures.ended()), (1002, 258));
/// assert!(Tenures::from_survivors(year, &[743, 869]).is_err());
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct Tenures {
    period: Span,
    customers: u64,
    by_renewals: BTreeMap<u32, Count>,
}

/// Customers who renewed equally often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::value) struct Count {
    pub(in crate::value) ended: u64,
    pub(in crate::value) running: u64,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    period: Span,
    tenures: Vec<(Tenure, u64)>,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for Tenures {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let mut tenures = Self::new(parts.period)?;
        for (tenure, customers) in parts.tenures {
            tenures.record_many(tenure, customers)?;
        }
        Ok(tenures)
    }
}

#[cfg(feature = "serde")]
impl From<Tenures> for Parts {
    fn from(tenures: Tenures) -> Self {
        let both = |(&renewals, count): (&u32, &Count)| {
            [
                (Tenure::Ended(renewals), count.ended),
                (Tenure::Running(renewals), count.running),
            ]
        };
        Self {
            period: tenures.period,
            tenures: tenures
                .by_renewals
                .iter()
                .flat_map(both)
                .filter(|&(_, customers)| customers > 0)
                .collect(),
        }
    }
}

impl Tenures {
    /// Nobody yet; every customer decides once per `period`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the period is longer than 0.
    pub fn new(period: Span) -> Result<Self> {
        require_period(period)?;
        Ok(Self {
            period,
            customers: 0,
            by_renewals: BTreeMap::new(),
        })
    }

    /// One cohort: how many customers began, and how many were left after the first renewal, the second, …
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the period is longer than 0, [`Error::Empty`] without numbers, and
    /// [`Error::BadColumnValue`] where survivors grow in number.
    pub fn from_survivors(period: Span, survivors: &[u64]) -> Result<Self> {
        let mut tenures = Self::new(period)?;
        let mut renewals = 0;
        for (row, pair) in survivors.windows(2).enumerate() {
            let Some(lost) = pair[0].checked_sub(pair[1]) else {
                return Err(Error::BadColumnValue {
                    column: "survivors".into(),
                    row: row + 1,
                    found: pair[1] as f64,
                    allowed: "not exceed the row before: survivors cannot grow in number".into(),
                });
            };
            tenures.record_many(Tenure::Ended(renewals), lost)?;
            renewals += 1;
        }
        let Some(&left) = survivors.last() else {
            return Err(Error::Empty {
                what: "the list of survivors".into(),
                remedy: "give how many began, then how many renewed once, twice, …".into(),
            });
        };
        tenures.record_many(Tenure::Running(renewals), left)?;
        Ok(tenures)
    }

    /// Single customers: how often each renewed and whether that was the end.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the period is longer than 0, [`Error::UnequalLengths`].
    pub fn from_columns(period: Span, renewals: &[u32], ended: &[bool]) -> Result<Self> {
        if renewals.len() != ended.len() {
            return Err(Error::UnequalLengths {
                left: "renewals",
                left_len: renewals.len(),
                right: "ended",
                right_len: ended.len(),
            });
        }
        let mut tenures = Self::new(period)?;
        for (&renewals, &ended) in renewals.iter().zip(ended) {
            tenures.record(if ended {
                Tenure::Ended(renewals)
            } else {
                Tenure::Running(renewals)
            })?;
        }
        Ok(tenures)
    }

    /// Counts one customer.
    ///
    /// # Errors
    /// [`Error::Overflow`] beyond 2^64 customers; the tally is then unchanged.
    pub fn record(&mut self, tenure: Tenure) -> Result<()> {
        self.record_many(tenure, 1)
    }

    /// Counts `customers` who are alike.
    ///
    /// # Errors
    /// [`Error::Overflow`] beyond 2^64 customers; the tally is then unchanged.
    pub fn record_many(&mut self, tenure: Tenure, customers: u64) -> Result<()> {
        self.customers = self
            .customers
            .checked_add(customers)
            .ok_or(Error::Overflow {
                what: "the number of customers".into(),
            })?;
        if customers > 0 {
            let count = self.by_renewals.entry(tenure.renewals()).or_default();
            // No part exceeds the sum that was just checked.
            match tenure {
                Tenure::Ended(_) => count.ended += customers,
                Tenure::Running(_) => count.running += customers,
            }
        }
        Ok(())
    }

    /// Time from one decision to the next.
    #[must_use]
    pub fn period(&self) -> Span {
        self.period
    }

    /// Customers counted.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Those who have left.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.by_renewals.values().map(|count| count.ended).sum()
    }

    /// Those known to have renewed at least `renewals` times.
    #[must_use]
    pub fn renewed(&self, renewals: u32) -> u64 {
        self.by_renewals
            .range(renewals..)
            .map(|(_, count)| count.ended + count.running)
            .sum()
    }

    /// Share of those asked to renew after `renewals` renewals who did: the observed retention rate. `None` if nobody
    /// was seen to decide then.
    #[must_use]
    pub fn observed_retention(&self, renewals: u32) -> Option<f64> {
        let stayed = renewals.checked_add(1).map_or(0, |next| self.renewed(next));
        let left = self
            .by_renewals
            .get(&renewals)
            .map_or(0, |count| count.ended);
        (stayed + left > 0).then(|| stayed as f64 / (stayed + left) as f64)
    }

    /// How many different decisions (the first, the second, …) were seen.
    pub(in crate::value) fn decisions_seen(&self) -> usize {
        let last = self.by_renewals.iter().next_back();
        last.map_or(0, |(&renewals, count)| {
            renewals as usize + usize::from(count.ended > 0)
        })
    }

    pub(in crate::value) fn by_renewals(&self) -> &BTreeMap<u32, Count> {
        &self.by_renewals
    }
}

/// A period of no length would make every sum over periods meaningless.
pub(in crate::value) fn require_period(period: Span) -> Result<()> {
    Error::unless(
        period.days() > 0.0,
        "period",
        period.days(),
        "be longer than 0",
    )
}

impl Merge for Tenures {
    /// # Errors
    /// [`Error::Contradiction`] if the periods differ, [`Error::Overflow`] beyond 2^64 customers.
    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.period != other.period {
            return Err(Error::Contradiction {
                what: "the length of a period".into(),
                reason: format!(
                    "one tally counts periods of {} days and the other of {}",
                    self.period.days(),
                    other.period.days()
                ),
            });
        }
        self.customers = self
            .customers
            .checked_add(other.customers)
            .ok_or(Error::Overflow {
                what: "the number of customers".into(),
            })?;
        for (&renewals, count) in &other.by_renewals {
            let into = self.by_renewals.entry(renewals).or_default();
            into.ended += count.ended;
            into.running += count.running;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Tenure, Tenures};
    use crate::Error;
    use crate::measure::{Merge, Span};

    fn month() -> Span {
        Span::from_days(30.0).unwrap()
    }

    #[test]
    fn a_cohort_table_and_its_customers_one_by_one_are_the_same() {
        let table = Tenures::from_survivors(month(), &[5, 3, 3, 1]).unwrap();
        let single =
            Tenures::from_columns(month(), &[2, 0, 3, 0, 2], &[true, true, false, true, true])
                .unwrap();
        assert_eq!(table, single);
        assert_eq!(table.observed_retention(0), Some(0.6));
        assert_eq!(table.observed_retention(1), Some(1.0));
        assert_eq!(table.observed_retention(3), None);
    }

    #[test]
    fn pieces_merge_to_the_whole_and_refusals_leave_no_trace() {
        let tenures = [
            Tenure::Ended(0),
            Tenure::Running(7),
            Tenure::Ended(3),
            Tenure::Ended(0),
        ];
        let mut whole = Tenures::new(month()).unwrap();
        let mut left = Tenures::new(month()).unwrap();
        let mut right = Tenures::new(month()).unwrap();
        for (index, &tenure) in tenures.iter().enumerate() {
            whole.record(tenure).unwrap();
            if index % 2 == 0 {
                &mut left
            } else {
                &mut right
            }
            .record(tenure)
            .unwrap();
        }
        left.merge(&right).unwrap();
        assert_eq!(left, whole);
        let weekly = Tenures::new(Span::from_days(7.0).unwrap()).unwrap();
        assert!(matches!(
            left.merge(&weekly),
            Err(Error::Contradiction { .. })
        ));
        let mut full = Tenures::new(month()).unwrap();
        full.record_many(Tenure::Ended(1), u64::MAX).unwrap();
        assert!(matches!(left.merge(&full), Err(Error::Overflow { .. })));
        assert!(matches!(
            full.record(Tenure::Ended(2)),
            Err(Error::Overflow { .. })
        ));
        assert_eq!(left, whole);
        assert_eq!(full.customers(), u64::MAX);
    }

    #[test]
    fn impossible_tables_are_refused() {
        assert!(Tenures::from_survivors(month(), &[]).is_err());
        assert!(matches!(
            Tenures::from_survivors(month(), &[10, 8, 9]),
            Err(Error::BadColumnValue { row: 2, .. })
        ));
        assert!(Tenures::new(Span::from_days(0.0).unwrap()).is_err());
        assert!(Tenures::from_columns(month(), &[1, 2], &[true]).is_err());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_stored_tally_comes_back_and_a_broken_one_does_not() {
        let table = Tenures::from_survivors(month(), &[5, 3, 3, 1]).unwrap();
        let text = serde_json::to_string(&table).unwrap();
        assert_eq!(serde_json::from_str::<Tenures>(&text).unwrap(), table);
        let broken = text.replace("30.0", "0.0");
        assert!(serde_json::from_str::<Tenures>(&broken).is_err());
    }
}
