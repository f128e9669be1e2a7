//! From single purchases to histories.

use crate::error::{Error, Result};
use crate::measure::{Currency, Merge, Money, TimeUnit};

use crate::value::PurchaseHistories;
#[cfg(feature = "serde")]
use crate::value::observed::stored_summary::StoredSummary;

/// Purchases and refunds of many customers, collected in any order and any number of pieces.
///
/// The rules by which [`Self::summarise`] makes histories of them:
/// - Purchases of one customer on one calendar day count as one.
/// - A refund (negative amount) reduces the customer's latest purchase day on or before its own day. A purchase day that
///   refunds bring to zero or below is void, as if it had not been; what a refund exceeds it by reduces the purchase day
///   before, and what is left after the first is reported as unmatched.
/// - A purchase of zero value is a purchase.
/// - Purchases and refunds after the end of observation are ignored and counted.
///
/// The state is the list of all bookings (16 bytes each), not a few sums: only so do pieces in which one customer's days
/// interleave merge exactly.
///
/// ```
/// use tillit::measure::{Currency, TimeUnit};
/// use tillit::value::PurchaseDays;
///
/// let mut days = PurchaseDays::new(Currency::new("EUR")?);
/// days.push(0, 17_000, 4_990);
/// days.push(0, 17_014, 2_500);
/// days.push(0, 17_014, 1_000);
/// days.push(0, 17_020, -500);
/// days.push(1, 17_003, 9_900);
/// let summary = days.summarise(17_028, TimeUnit::Week)?;
/// let first = summary.histories().get(0).unwrap();
/// assert_eq!((first.repeat_purchases(), first.active_for(TimeUnit::Week)), (1, 2.0));
/// assert_eq!(first.mean_repeat_spend().unwrap().to_string(), "30.00 EUR");
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PurchaseDays {
    pub(super) currency: Currency,
    pub(super) bookings: Vec<Booking>,
}

/// Ordered by customer, day, amount: the order in which the summary walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Booking {
    pub(super) customer: u32,
    pub(super) day: i32,
    minor: i64,
}

impl PurchaseDays {
    /// Nothing yet; all amounts will be minor units of `currency`.
    #[must_use]
    pub fn new(currency: Currency) -> Self {
        Self {
            currency,
            bookings: Vec::new(),
        }
    }

    /// Adds what `customer` paid on calendar day number `day` (any fixed count, such as days since 1970), in minor units;
    /// negative is a refund.
    pub fn push(&mut self, customer: u32, day: i32, minor: i64) {
        self.bookings.push(Booking {
            customer,
            day,
            minor,
        });
    }

    /// Bookings so far.
    #[must_use]
    pub fn bookings(&self) -> usize {
        self.bookings.len()
    }

    /// Histories as seen at the end of day `observation_end`, times in `unit`; rows ascend by customer index, and customers
    /// without a purchase that stands are absent.
    ///
    /// # Errors
    /// [`Error::Overflow`] if an amount summed over a customer leaves 64 bits.
    pub fn summarise(&self, observation_end: i32, unit: TimeUnit) -> Result<PurchaseSummary> {
        let mut bookings: Vec<Booking> = self
            .bookings
            .iter()
            .copied()
            .filter(|booking| booking.day <= observation_end)
            .collect();
        let after_end = self.bookings.len() - bookings.len();
        bookings.sort_unstable();
        let mut rows = Rows::default();
        let mut standing: Vec<PurchaseDay> = Vec::new();
        for of_customer in bookings.chunk_by(|left, right| left.customer == right.customer) {
            standing.clear();
            for of_day in of_customer.chunk_by(|left, right| left.day == right.day) {
                rows.book_day(of_day, &mut standing)?;
            }
            rows.close(of_customer[0].customer, &standing, observation_end, unit)?;
        }
        self.summary(rows, after_end, unit)
    }

    pub(super) fn summary(
        &self,
        rows: Rows,
        after_end: usize,
        unit: TimeUnit,
    ) -> Result<PurchaseSummary> {
        let per_major = self.currency.minor_per_major() as f64;
        let means = rows
            .repeat_minor
            .iter()
            .zip(&rows.repeat_purchases)
            .map(|(&minor, &count)| minor as f64 / (f64::from(count.max(1)) * per_major))
            .collect();
        let histories = PurchaseHistories::from_columns(
            unit,
            rows.repeat_purchases,
            rows.active_for,
            rows.observed_for,
        )?
        .with_mean_repeat_spend(self.currency, means)?
        .with_customers(rows.customers)?;
        Ok(PurchaseSummary {
            histories,
            currency: self.currency,
            total_minor: rows.total_minor,
            time_to_second: rows.time_to_second,
            bookings_after_end: after_end,
            void_days: rows.void_days,
            unmatched_refunds: Money::from_minor(rows.unmatched_minor, self.currency),
        })
    }
}

impl Merge for PurchaseDays {
    /// Exact, however the pieces were cut.
    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.currency != other.currency {
            return Err(Error::MixedCurrencies {
                left: self.currency.to_string(),
                right: other.currency.to_string(),
            });
        }
        self.bookings.extend_from_slice(&other.bookings);
        Ok(())
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct PurchaseDay {
    pub(super) day: i32,
    pub(super) minor: i64,
}

/// The columns under construction.
#[derive(Debug, Default)]
pub(super) struct Rows {
    customers: Vec<u32>,
    repeat_purchases: Vec<u32>,
    active_for: Vec<f64>,
    observed_for: Vec<f64>,
    repeat_minor: Vec<i64>,
    total_minor: Vec<i64>,
    time_to_second: Vec<f64>,
    void_days: usize,
    unmatched_minor: i64,
}

/// The purchase days of one customer that stand, in sums.
pub(super) struct StandingDays {
    pub(super) first: i32,
    pub(super) second: Option<i32>,
    pub(super) last: i32,
    pub(super) repeats: u32,
    pub(super) first_minor: i64,
    pub(super) repeat_minor: i64,
}

impl Rows {
    /// Books one customer's one day on top of the purchase days that stand so far.
    pub(super) fn book_day(
        &mut self,
        bookings: &[Booking],
        standing: &mut Vec<PurchaseDay>,
    ) -> Result<()> {
        let refunds = bookings.partition_point(|booking| booking.minor < 0);
        let (refunds, purchases) = bookings.split_at(refunds);
        if let Some(first) = purchases.first() {
            let minor = exact_sum(purchases.iter().map(|booking| booking.minor))?;
            standing.push(PurchaseDay {
                day: first.day,
                minor,
            });
        }
        let mut owed = exact_sum(refunds.iter().map(|booking| booking.minor))?;
        while owed < 0 {
            let Some(latest) = standing.last_mut() else {
                self.unmatched_minor = exact_sum([self.unmatched_minor, owed])?;
                break;
            };
            owed = exact_sum([latest.minor, owed])?;
            if owed > 0 {
                latest.minor = owed;
            } else {
                standing.pop();
                self.void_days += 1;
            }
        }
        Ok(())
    }

    /// Writes the row of a customer whose days are all booked.
    pub(super) fn close(
        &mut self,
        customer: u32,
        standing: &[PurchaseDay],
        observation_end: i32,
        unit: TimeUnit,
    ) -> Result<()> {
        let [first, repeats @ ..] = standing else {
            return Ok(());
        };
        let days = StandingDays {
            first: first.day,
            second: repeats.first().map(|second| second.day),
            last: repeats.last().unwrap_or(first).day,
            repeats: u32::try_from(repeats.len()).unwrap_or(u32::MAX),
            first_minor: first.minor,
            repeat_minor: exact_sum(repeats.iter().map(|day| day.minor))?,
        };
        self.write(customer, &days, observation_end, unit)
    }

    pub(super) fn write(
        &mut self,
        customer: u32,
        days: &StandingDays,
        observation_end: i32,
        unit: TimeUnit,
    ) -> Result<()> {
        let span = |until: i32| (f64::from(until) - f64::from(days.first)) / unit.days();
        self.customers.push(customer);
        self.repeat_purchases.push(days.repeats);
        self.active_for.push(span(days.last));
        self.observed_for.push(span(observation_end));
        self.time_to_second.extend(days.second.map(span));
        self.total_minor
            .push(exact_sum([days.first_minor, days.repeat_minor])?);
        self.repeat_minor.push(days.repeat_minor);
        Ok(())
    }

    /// Counts what one customer's refunds did.
    pub(super) fn set_aside(&mut self, void_days: usize, unmatched_minor: i64) -> Result<()> {
        self.void_days += void_days;
        self.unmatched_minor = exact_sum([self.unmatched_minor, unmatched_minor])?;
        Ok(())
    }
}

pub(super) fn exact_sum(minors: impl IntoIterator<Item = i64>) -> Result<i64> {
    minors
        .into_iter()
        .try_fold(0_i64, i64::checked_add)
        .ok_or(Error::Overflow {
            what: "a customer's sum of money".into(),
        })
}

/// The histories made of [`PurchaseDays`], with what was set aside on the way.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "StoredSummary"))]
pub struct PurchaseSummary {
    pub(super) histories: PurchaseHistories,
    pub(super) currency: Currency,
    pub(super) total_minor: Vec<i64>,
    pub(super) time_to_second: Vec<f64>,
    pub(super) bookings_after_end: usize,
    pub(super) void_days: usize,
    pub(super) unmatched_refunds: Money,
}

impl PurchaseSummary {
    /// One row per customer with a purchase that stands.
    #[must_use]
    pub fn histories(&self) -> &PurchaseHistories {
        &self.histories
    }

    /// What each customer has paid in all, first purchase included and refunds taken off, row by row.
    pub fn total_spend(&self) -> impl Iterator<Item = Money> + '_ {
        self.total_minor
            .iter()
            .map(|&minor| Money::from_minor(minor, self.currency))
    }

    /// Time from the first to the second purchase day that stands, in the unit of the histories, of each customer who has
    /// two, in the order of their rows.
    #[must_use]
    pub fn time_to_second(&self) -> &[f64] {
        &self.time_to_second
    }

    /// Bookings after the end of observation, which were ignored.
    #[must_use]
    pub fn bookings_after_end(&self) -> usize {
        self.bookings_after_end
    }

    /// Purchase days that refunds made void.
    #[must_use]
    pub fn void_days(&self) -> usize {
        self.void_days
    }

    /// Refunds for which no purchase was found (zero or negative).
    #[must_use]
    pub fn unmatched_refunds(&self) -> Money {
        self.unmatched_refunds
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::PurchaseDays;
    use crate::measure::{Currency, Merge, TimeUnit};

    fn euro() -> Currency {
        Currency::new("EUR").unwrap()
    }

    fn of(bookings: &[(u32, i32, i64)]) -> PurchaseDays {
        let mut days = PurchaseDays::new(euro());
        for &(customer, day, minor) in bookings {
            days.push(customer, day, minor);
        }
        days
    }

    #[test]
    fn a_booking_takes_the_bytes_that_the_documentation_states() {
        assert_eq!(size_of::<super::Booking>(), 16);
    }

    #[test]
    fn the_second_day_is_the_second_that_stands() {
        let days = of(&[
            (1, 0, 500),
            (1, 4, 300),
            (1, 6, -300),
            (1, 9, 200),
            (2, 3, 100),
        ]);
        let summary = days.summarise(20, TimeUnit::Day).unwrap();
        assert_eq!(summary.time_to_second(), [9.0]);
    }

    #[test]
    fn a_refund_voids_the_latest_day_and_reaches_back() {
        let days = of(&[
            (7, 0, 1000),
            (7, 5, 300),
            (7, 9, -500),
            (7, 12, 50),
            (7, 12, -20),
        ]);
        let summary = days.summarise(20, TimeUnit::Day).unwrap();
        let row = summary.histories().get(0).unwrap();
        assert_eq!(summary.histories().customer(0), Some(7));
        assert_eq!(
            (row.repeat_purchases(), row.active_for(TimeUnit::Day)),
            (1, 12.0)
        );
        assert_eq!(summary.void_days(), 1);
        let total: Vec<i64> = summary
            .total_spend()
            .map(crate::measure::Money::minor)
            .collect();
        assert_eq!(total, [830]);
    }

    #[test]
    fn a_customer_without_a_standing_purchase_is_absent_and_the_refund_is_reported() {
        let days = of(&[
            (0, 3, 100),
            (0, 4, -150),
            (1, 2, -30),
            (2, 1, 0),
            (3, 30, 10),
        ]);
        let summary = days.summarise(20, TimeUnit::Day).unwrap();
        assert_eq!(summary.histories().len(), 1);
        assert_eq!(summary.histories().customer(0), Some(2));
        assert_eq!(summary.unmatched_refunds().minor(), -80);
        assert_eq!(summary.bookings_after_end(), 1);
    }

    #[test]
    fn different_currencies_do_not_merge() {
        let mut euros = of(&[(0, 0, 1)]);
        let before = euros.clone();
        assert!(
            euros
                .merge(&PurchaseDays::new(Currency::new("SEK").unwrap()))
                .is_err()
        );
        assert_eq!(euros, before);
    }

    proptest! {
        #[test]
        fn pieces_merge_into_the_whole_whatever_the_order(
            bookings in prop::collection::vec((0_u32..6, -40_i32..40, -300_i64..900), 0..60),
            piece in prop::collection::vec(0_usize..3, 60),
        ) {
            let whole = of(&bookings);
            let mut pieces = [of(&[]), of(&[]), of(&[])];
            for (&(customer, day, minor), &index) in bookings.iter().zip(&piece) {
                pieces[index].push(customer, day, minor);
            }
            let [a, b, mut merged] = pieces;
            merged.merge(&b).unwrap();
            merged.merge(&a).unwrap();
            for end in [-10, 15, 100] {
                prop_assert_eq!(
                    merged.summarise(end, TimeUnit::Week).unwrap(),
                    whole.summarise(end, TimeUnit::Week).unwrap()
                );
            }
        }

        #[test]
        fn money_is_conserved(bookings in prop::collection::vec((0_u32..6, -40_i32..40, -300_i64..900), 0..60)) {
            let summary = of(&bookings).summarise(40, TimeUnit::Day).unwrap();
            let total: i64 = summary.total_spend().map(crate::measure::Money::minor).sum();
            let booked: i64 = bookings.iter().map(|booking| booking.2).sum();
            prop_assert_eq!(total + summary.unmatched_refunds().minor(), booked);
        }
    }
}
