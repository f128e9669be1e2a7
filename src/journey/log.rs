//! All journeys, checked and sorted once, kept in columns.

use chrono::NaiveDate;

use crate::measure::{Currency, RatingScale, Timestamp, Zone};

use super::names::NONE;
use super::{AsOf, CaseIndex, Dimension, FactKind, Justice, Segmentation};

/// A customer's place in its log: dense, from 0, in order of first appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(transparent)
)]
pub struct CustomerIndex(pub(super) u32);

impl CustomerIndex {
    /// The number, for use as an index into columns by customer.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What all promises with the same wording share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Terms {
    pub(super) name: u32,
    pub(super) maker: u32,
    pub(super) dimension: Dimension,
    pub(super) stake: f64,
}

/// The events, one column a property, sorted by customer, then moment, then order of arrival.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    pub(super) customer: Vec<u32>,
    pub(super) at: Vec<i64>,
    pub(super) kind: Vec<FactKind>,
    pub(super) touchpoint: Vec<u32>,
    pub(super) case: Vec<u32>,
    /// A name within the fact: promise, need, reason. Promises made keep their terms' number here.
    pub(super) name: Vec<u32>,
    /// A second name (to whom responsibility was passed), or a small code: scale, currency, due's form, flags.
    pub(super) detail: Vec<u32>,
    /// The fact's number: rating bits, minor units, due.
    pub(super) value: Vec<i64>,
}

/// All journeys of all customers.
///
/// ```
/// use tillit::journey::{Event, Fact, JourneyLogBuilder};
/// use tillit::measure::{Currency, Money, RatingScale, Timestamp, Zone};
///
/// let euro = Currency::new("EUR")?;
/// let mut builder = JourneyLogBuilder::new(Zone::UTC);
/// let friday = Timestamp::parse("2019-03-01T12:00:00Z")?;
/// builder.push(Event::new("ada", friday, Fact::Purchase(Money::from_minor(12_000, euro))))?;
/// builder.push(Event::new("ada", friday, Fact::Feedback(RatingScale::ZERO_TO_TEN.rate(4.0)?)))?;
/// let log = builder.build();
///
/// assert_eq!((log.customers(), log.events(), log.ties()), (1, 2, 1));
/// assert_eq!(log.whole().journeys().count(), 1);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct JourneyLog {
    pub(super) zone: Zone,
    pub(super) columns: Columns,
    /// First event of each customer, and one past the last event.
    pub(super) starts: Vec<usize>,
    pub(super) customers: Vec<Box<str>>,
    pub(super) cases: Vec<Box<str>>,
    pub(super) customer_of_case: Vec<u32>,
    pub(super) names: Vec<Box<str>>,
    pub(super) terms: Vec<Terms>,
    pub(super) justices: Vec<Justice>,
    pub(super) scales: Vec<RatingScale>,
    pub(super) currencies: Vec<Currency>,
    pub(super) segmentations: Vec<Segmentation>,
    pub(super) ties: usize,
}

impl JourneyLog {
    /// The zone in which this log counts days.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// Number of events.
    #[must_use]
    pub fn events(&self) -> usize {
        self.columns.at.len()
    }

    /// Number of customers.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.customers.len()
    }

    /// Number of cases.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.cases.len()
    }

    /// Neighbouring events of one customer at the same moment: their order is the order in which they were pushed.
    #[must_use]
    pub fn ties(&self) -> usize {
        self.ties
    }

    /// The first and the last moment at which something happened; `None` for an empty log.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.columns.at.iter().min()?;
        let last = self.columns.at.iter().max()?;
        Some((
            Timestamp::from_micros(*first),
            Timestamp::from_micros(*last),
        ))
    }

    /// The caller's key of a customer; empty for a customer of another log.
    #[must_use]
    pub fn customer_key(&self, customer: CustomerIndex) -> &str {
        self.customers
            .get(customer.index())
            .map_or("", AsRef::as_ref)
    }

    /// The caller's key of a case; empty for a case of another log.
    #[must_use]
    pub fn case_key(&self, case: CaseIndex) -> &str {
        self.cases.get(case.index()).map_or("", AsRef::as_ref)
    }

    /// Whose case it is; `None` for a case of another log.
    #[must_use]
    pub fn customer_of(&self, case: CaseIndex) -> Option<CustomerIndex> {
        self.customer_of_case
            .get(case.index())
            .map(|&customer| CustomerIndex(customer))
    }

    /// All customers.
    pub fn customer_indices(&self) -> impl ExactSizeIterator<Item = CustomerIndex> + use<> {
        // Numbers of customers fit u32 by construction.
        #[allow(clippy::cast_possible_truncation)]
        let count = self.customers.len() as u32;
        (0..count).map(CustomerIndex)
    }

    /// All cases.
    pub fn case_indices(&self) -> impl ExactSizeIterator<Item = CaseIndex> + use<> {
        // Numbers of cases fit u32 by construction.
        #[allow(clippy::cast_possible_truncation)]
        let count = self.cases.len() as u32;
        (0..count).map(CaseIndex)
    }

    /// The ways in which cases are grouped.
    #[must_use]
    pub fn segmentations(&self) -> &[Segmentation] {
        &self.segmentations
    }

    /// The segmentation called `name`.
    #[must_use]
    pub fn segmentation(&self, name: &str) -> Option<&Segmentation> {
        self.segmentations
            .iter()
            .find(|segmentation| &*segmentation.name == name)
    }

    /// The log as it stood at `moment`: what happened later is not there yet.
    #[must_use]
    pub fn as_of(&self, moment: Timestamp) -> AsOf<'_> {
        AsOf { log: self, moment }
    }

    /// The log as it stood at the end of `date`, in its own zone.
    #[must_use]
    pub fn as_of_day(&self, date: NaiveDate) -> AsOf<'_> {
        self.as_of(self.zone.end_of(date))
    }

    /// The log as it stood at the end of the last day on which somebody did something; of an empty log the first moment
    /// of all. That a promise is broken or waived does not count: such an end is often known from its deadline only,
    /// which may lie far ahead.
    #[must_use]
    pub fn as_of_last_day(&self) -> AsOf<'_> {
        let ends = [FactKind::PromiseBroken, FactKind::PromiseWaived];
        let deeds = self
            .columns
            .at
            .iter()
            .zip(&self.columns.kind)
            .filter(|(_, kind)| !ends.contains(kind));
        let last = deeds.map(|(&at, _)| at).max().map(Timestamp::from_micros);
        last.map_or(self.as_of(Timestamp::MIN), |last| {
            self.as_of_day(self.zone.date_of(last))
        })
    }

    /// The log with everything in it.
    #[must_use]
    pub fn whole(&self) -> AsOf<'_> {
        self.as_of(Timestamp::MAX)
    }

    pub(super) fn name(&self, number: u32) -> Option<&str> {
        if number == NONE {
            None
        } else {
            self.names.get(number as usize).map(AsRef::as_ref)
        }
    }
}
