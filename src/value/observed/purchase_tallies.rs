//! From single purchases to histories in one pass and constant size per customer.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::measure::{Currency, Merge, Span, TimeUnit};

use crate::value::observed::purchase_days::Rows;
use crate::value::observed::purchase_tally::PurchaseTally;
use crate::value::observed::regularity::Gaps;
use crate::value::observed::repeat_spend::RepeatSpend;
use crate::value::observed::settled_days::SettledDays;
use crate::value::{Holdout, PurchaseDays, PurchaseSummary, Regularity};

/// Purchases and refunds of many customers, tallied as they come, in constant size per customer.
///
/// The rules, the histories and every other number are those of [`PurchaseDays`], bit for bit; so is a model fitted to
/// them. In return for the constant size it asks for order where it cannot do without:
/// - Customers come in any order, but the days of one customer never go back (several bookings of one day are fine).
/// - Pieces merge if they hold different customers, or if for each customer they share the days of one end before those of
///   the other begin. Neighbouring pieces merge first: a piece that belongs into a hole between two others that were
///   merged already comes too late.
/// - The latest 3 purchase days of a customer stay open to refunds. Several refunds that together reach further back, with
///   purchases between them or without, are more than a tally can follow.
///
/// What breaks these rules is [`Error::NeedsAllDays`] with the customer, never a different number, and leaves the tallies
/// as they were. [`PurchaseDays`] has no such rules and takes 16 bytes per booking; tallies take 192 bytes per customer
/// (and 192 more for one who has bookings in a holdout), besides the index of the map, so they are the smaller state from
/// about 15 bookings per customer on, and at any time where bookings never end, as in a stream.
///
/// ```
/// use tillit::measure::{Currency, Merge, TimeUnit};
/// use tillit::value::PurchaseTallies;
///
/// let euro = Currency::new("EUR")?;
/// let mut winter = PurchaseTallies::new(euro, 17_120);
/// winter.push(0, 17_000, 4_990)?;
/// winter.push(0, 17_014, 2_500)?;
/// let mut spring = PurchaseTallies::new(euro, 17_120);
/// spring.push(0, 17_100, -2_500)?;
/// spring.push(0, 17_105, 3_000)?;
///
/// winter.merge(&spring)?;
/// let summary = winter.summarise(TimeUnit::Week)?;
/// let history = summary.histories().get(0).unwrap();
/// assert_eq!((history.repeat_purchases(), history.active_for(TimeUnit::Week)), (1, 15.0));
/// assert_eq!(summary.void_days(), 1);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct PurchaseTallies {
    currency: Currency,
    /// The last day of the histories.
    history_end: i32,
    /// The last day of the holdout, if there is one.
    holdout_end: Option<i32>,
    customers: BTreeMap<u32, PurchaseTally>,
    /// Bookings of the holdout, by customer.
    later: BTreeMap<u32, PurchaseTally>,
    bookings_after_end: usize,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    currency: Currency,
    history_end: i32,
    holdout_end: Option<i32>,
    customers: Vec<(u32, PurchaseTally)>,
    later: Vec<(u32, PurchaseTally)>,
    bookings_after_end: usize,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for PurchaseTallies {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let Parts {
            currency,
            history_end,
            holdout_end,
            customers,
            later,
            bookings_after_end,
        } = parts;
        let checked = |tallies: Vec<(u32, PurchaseTally)>, from: i64, until: i32| {
            let ascending = tallies.windows(2).all(|pair| pair[0].0 < pair[1].0);
            let broken = tallies
                .iter()
                .find(|(_, tally)| !(tally.is_sound() && tally.lies_within(from, until)));
            match broken {
                None if ascending => Ok(BTreeMap::from_iter(tallies)),
                None => Err(contradiction("its customers do not ascend".into())),
                Some((customer, _)) => Err(contradiction(format!(
                    "no bookings could have led to the tally of customer {customer}"
                ))),
            }
        };
        let empty = match holdout_end {
            Some(holdout_end) => Self::split(currency, history_end, holdout_end)?,
            None if later.is_empty() => Self::new(currency, history_end),
            None => {
                return Err(contradiction(
                    "bookings of a holdout without its end".into(),
                ));
            }
        };
        let begins = i64::from(history_end) + 1;
        Ok(Self {
            customers: checked(customers, i64::MIN, history_end)?,
            later: checked(later, begins, holdout_end.unwrap_or(history_end))?,
            bookings_after_end,
            ..empty
        })
    }
}

#[cfg(feature = "serde")]
impl From<PurchaseTallies> for Parts {
    fn from(tallies: PurchaseTallies) -> Self {
        Self {
            currency: tallies.currency,
            history_end: tallies.history_end,
            holdout_end: tallies.holdout_end,
            customers: tallies.customers.into_iter().collect(),
            later: tallies.later.into_iter().collect(),
            bookings_after_end: tallies.bookings_after_end,
        }
    }
}

fn contradiction(reason: String) -> Error {
    Error::Contradiction {
        what: "a state of purchase tallies".into(),
        reason,
    }
}

impl PurchaseTallies {
    /// Nothing yet; amounts will be minor units of `currency`, and bookings after day `observation_end` are ignored and
    /// counted.
    #[must_use]
    pub fn new(currency: Currency, observation_end: i32) -> Self {
        Self {
            currency,
            history_end: observation_end,
            holdout_end: None,
            customers: BTreeMap::new(),
            later: BTreeMap::new(),
            bookings_after_end: 0,
        }
    }

    /// Nothing yet; the histories will end with day `calibration_end`, and what happens from the next day to `holdout_end`
    /// is tallied apart, for [`Self::holdout`].
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `holdout_end` is later than `calibration_end`.
    pub fn split(currency: Currency, calibration_end: i32, holdout_end: i32) -> Result<Self> {
        Error::unless(
            holdout_end > calibration_end,
            "end of the holdout",
            f64::from(holdout_end),
            "be later than the end of the calibration",
        )?;
        Ok(Self {
            holdout_end: Some(holdout_end),
            ..Self::new(currency, calibration_end)
        })
    }

    /// Adds what `customer` paid on calendar day number `day` (any fixed count, such as days since 1970), in minor units;
    /// negative is a refund.
    ///
    /// # Errors
    /// [`Error::NeedsAllDays`] if the day lies before the customer's latest, or if the refunds of that latest day, complete
    /// now, undo more days than are kept open; [`Error::Overflow`] if a sum over the customer leaves its type. The tallies
    /// are then unchanged.
    pub fn push(&mut self, customer: u32, day: i32, minor: i64) -> Result<()> {
        let in_history = day <= self.history_end;
        let tallies = if in_history {
            Some(&mut self.customers)
        } else {
            self.holdout_end
                .filter(|&end| day <= end)
                .map(|_| &mut self.later)
        };
        if let Some(tallies) = tallies {
            let mut tally = tallies
                .get(&customer)
                .copied()
                .unwrap_or_else(|| PurchaseTally::new(day));
            tally.book(customer, day, minor)?;
            tallies.insert(customer, tally);
        }
        self.bookings_after_end = self
            .bookings_after_end
            .saturating_add(usize::from(!in_history));
        Ok(())
    }

    /// Customers with bookings up to the end of the histories.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.customers.len()
    }

    /// What [`PurchaseDays::summarise`] makes of the same bookings.
    ///
    /// # Errors
    /// [`Error::NeedsAllDays`] if a customer's last refund undoes more days than are kept open; [`Error::Overflow`].
    pub fn summarise(&self, unit: TimeUnit) -> Result<PurchaseSummary> {
        let mut rows = Rows::default();
        for (&customer, tally) in &self.customers {
            let (days, unmatched, void_days) = tally.finish(customer)?;
            rows.set_aside(void_days, unmatched)?;
            if let Some(standing) = days.standing() {
                rows.write(customer, &standing, self.history_end, unit)?;
            }
        }
        PurchaseDays::new(self.currency).summary(rows, self.bookings_after_end, unit)
    }

    /// What the customers of the histories did in the holdout, row by row. Refunds that reach back beyond its beginning
    /// are the calibration's loss and appear nowhere; customers who first bought in the holdout are absent.
    ///
    /// # Errors
    /// [`Error::Empty`] if the tallies were not begun with [`Self::split`]; else as [`Self::summarise`].
    pub fn holdout(&self) -> Result<Holdout> {
        let holdout_end = self.holdout_end.ok_or(Error::Empty {
            what: "the holdout".into(),
            remedy: "begin with PurchaseTallies::split".into(),
        })?;
        let span = Span::from_days(f64::from(holdout_end) - f64::from(self.history_end))?;
        let (mut purchases, mut minors) = (Vec::new(), Vec::new());
        for (&customer, tally) in &self.customers {
            if tally.finish(customer)?.0.days() == 0 {
                continue;
            }
            let days = match self.later.get(&customer) {
                Some(later) => later.finish(customer)?.0,
                None => SettledDays::default(),
            };
            purchases.push(days.days());
            minors.push(days.total()?);
        }
        Holdout::new(span, purchases)?.with_spend(self.currency, minors)
    }

    /// Amounts of each customer's purchase days after the first, as sums, in the rows of the histories: what a model of
    /// single amounts needs.
    ///
    /// # Errors
    /// As [`Self::summarise`].
    pub fn repeat_spend(&self) -> Result<Vec<RepeatSpend>> {
        let mut rows = Vec::new();
        for (&customer, tally) in &self.customers {
            let days = tally.finish(customer)?.0;
            if days.days() > 0 {
                rows.push(RepeatSpend::of(self.currency, days.repeat_spend()));
            }
        }
        Ok(rows)
    }

    /// How regularly purchases come, from the gaps between the purchase days of the histories.
    ///
    /// # Errors
    /// [`Error::TooFew`] below 10 customers with three purchase days; [`Error::CannotTell`] if no gap differs from the
    /// customer's others; else as [`Self::summarise`].
    pub fn regularity(&self) -> Result<Regularity> {
        let mut gaps = Vec::new();
        for (&customer, tally) in &self.customers {
            let days = tally.finish(customer)?.0;
            gaps.extend(days.standing().and_then(|standing| {
                Gaps::of(
                    standing.repeats,
                    f64::from(standing.last) - f64::from(standing.first),
                    days.ln_gaps(),
                    days.latest()?,
                )
            }));
        }
        Regularity::of(&gaps)
    }
}

/// The tallies of the customers of `right`, with what `left` knows of them.
fn joined(
    left: &BTreeMap<u32, PurchaseTally>,
    right: &BTreeMap<u32, PurchaseTally>,
) -> Result<Vec<(u32, PurchaseTally)>> {
    right
        .iter()
        .map(|(&customer, tally)| match left.get(&customer) {
            Some(known) => Ok((customer, known.joined(customer, tally)?)),
            None => Ok((customer, *tally)),
        })
        .collect()
}

impl Merge for PurchaseTallies {
    /// Exact for pieces split by customer or by day; else [`Error::NeedsAllDays`].
    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.currency != other.currency {
            return Err(Error::MixedCurrencies {
                left: self.currency.to_string(),
                right: other.currency.to_string(),
            });
        }
        if (self.history_end, self.holdout_end) != (other.history_end, other.holdout_end) {
            return Err(contradiction(
                "the pieces end their histories or holdouts on different days".into(),
            ));
        }
        let customers = joined(&self.customers, &other.customers)?;
        let later = joined(&self.later, &other.later)?;
        self.customers.extend(customers);
        self.later.extend(later);
        self.bookings_after_end = self
            .bookings_after_end
            .saturating_add(other.bookings_after_end);
        Ok(())
    }
}
