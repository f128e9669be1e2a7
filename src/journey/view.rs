//! The log as it stood at some moment, and one customer's journey in it.

use std::ops::Range;

use chrono::NaiveDate;

use crate::measure::{Money, Rating, Timestamp, Zone};

use super::builder::{BY_COMPANY, DUE_DAY, DUE_MOMENT, WAS_ASKED};
use super::names::NONE;
use super::{
    CaseIndex, Contact, CustomerIndex, Due, Fact, FactKind, Initiator, JourneyLog, Promise,
};

/// A [`JourneyLog`] as it stood at a moment: events after it are not there yet. Borrows the log and costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct AsOf<'log> {
    pub(super) log: &'log JourneyLog,
    pub(super) moment: Timestamp,
}

impl<'log> AsOf<'log> {
    /// The log.
    #[must_use]
    pub fn log(self) -> &'log JourneyLog {
        self.log
    }

    /// The moment.
    #[must_use]
    pub fn moment(self) -> Timestamp {
        self.moment
    }

    /// The day of the moment, in the log's zone.
    #[must_use]
    pub fn date(self) -> NaiveDate {
        self.log.zone.date_of(self.moment)
    }

    /// The zone in which days are counted.
    #[must_use]
    pub fn zone(self) -> Zone {
        self.log.zone
    }

    /// The journeys of all customers of whom something is known by then, in order of [`CustomerIndex`].
    pub fn journeys(self) -> impl Iterator<Item = Journey<'log>> {
        self.log
            .customer_indices()
            .map(move |customer| self.journey(customer))
            .filter(|journey| !journey.is_empty())
    }

    /// One customer's journey up to the moment; empty for a customer of another log.
    #[must_use]
    pub fn journey(self, customer: CustomerIndex) -> Journey<'log> {
        let starts = &self.log.starts;
        let range = match (
            starts.get(customer.index()),
            starts.get(customer.index() + 1),
        ) {
            (Some(&first), Some(&end)) => {
                let known = self.log.columns.at[first..end]
                    .partition_point(|&at| at <= self.moment.micros());
                first..first + known
            }
            _ => 0..0,
        };
        Journey {
            log: self.log,
            customer,
            range,
        }
    }
}

/// One customer's events in order.
#[derive(Clone, Debug)]
pub struct Journey<'log> {
    log: &'log JourneyLog,
    customer: CustomerIndex,
    range: Range<usize>,
}

impl<'log> Journey<'log> {
    /// Whose journey.
    #[must_use]
    pub fn customer(&self) -> CustomerIndex {
        self.customer
    }

    /// The caller's key of the customer.
    #[must_use]
    pub fn customer_key(&self) -> &'log str {
        self.log.customer_key(self.customer)
    }

    /// Number of events.
    #[must_use]
    pub fn len(&self) -> usize {
        self.range.len()
    }

    /// Whether nothing has happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// The events, in order of moment, then arrival.
    #[must_use]
    pub fn events(
        &self,
    ) -> impl DoubleEndedIterator<Item = LoggedEvent<'log>> + ExactSizeIterator + use<'log> {
        let log = self.log;
        self.range.clone().map(move |row| LoggedEvent { log, row })
    }
}

/// One event in a log.
#[derive(Clone, Copy, Debug)]
pub struct LoggedEvent<'log> {
    log: &'log JourneyLog,
    row: usize,
}

impl<'log> LoggedEvent<'log> {
    /// When it happened.
    #[must_use]
    pub fn at(self) -> Timestamp {
        Timestamp::from_micros(self.log.columns.at[self.row])
    }

    /// The day on which it happened, in the log's zone.
    #[must_use]
    pub fn date(self) -> NaiveDate {
        self.log.zone.date_of(self.at())
    }

    /// Whose event.
    #[must_use]
    pub fn customer(self) -> CustomerIndex {
        CustomerIndex(self.log.columns.customer[self.row])
    }

    /// The case it belongs to.
    #[must_use]
    pub fn case(self) -> Option<CaseIndex> {
        let case = self.log.columns.case[self.row];
        (case != NONE).then_some(CaseIndex(case))
    }

    /// The touchpoint.
    #[must_use]
    pub fn touchpoint(self) -> Option<&'log str> {
        self.log.name(self.log.columns.touchpoint[self.row])
    }

    /// The kind of fact, cheaper than the fact.
    #[must_use]
    pub fn kind(self) -> FactKind {
        self.log.columns.kind[self.row]
    }

    /// What happened.
    #[must_use]
    pub fn fact(self) -> Fact<'log> {
        match self.kind() {
            FactKind::Visit => Fact::Visit,
            FactKind::FeedbackAsked => Fact::FeedbackAsked,
            FactKind::Recommendation => Fact::Recommendation,
            FactKind::CaseClosed => Fact::CaseClosed,
            FactKind::ExpectationStated => {
                self.rating().map_or(Fact::Visit, Fact::ExpectationStated)
            }
            FactKind::Feedback => self.rating().map_or(Fact::Visit, Fact::Feedback),
            FactKind::PromiseMade => Fact::PromiseMade(self.promise()),
            FactKind::PromiseRenegotiated => Fact::PromiseRenegotiated {
                promise: self.named(),
                due: self.due(),
            },
            FactKind::PromiseFulfilled => Fact::PromiseFulfilled {
                promise: self.named(),
            },
            FactKind::PromiseBroken => Fact::PromiseBroken {
                promise: self.named(),
                deception: self.log.columns.value[self.row] != 0,
            },
            FactKind::PromiseWaived => Fact::PromiseWaived {
                promise: self.named(),
            },
            FactKind::Contact => Fact::Contact(self.contact()),
            FactKind::NeedKnown => Fact::NeedKnown(self.named()),
            FactKind::NeedAsked => Fact::NeedAsked(self.named()),
            FactKind::Recovery => Fact::Recovery {
                promise: self.named(),
                justice: self.log.justices[self.detail()],
            },
            FactKind::Purchase => Fact::Purchase(self.money()),
            FactKind::Refund => Fact::Refund(self.money()),
        }
    }

    fn detail(self) -> usize {
        self.log.columns.detail[self.row] as usize
    }

    fn named(self) -> &'log str {
        self.log
            .name(self.log.columns.name[self.row])
            .unwrap_or_default()
    }

    /// The rating passed the same scale's check on its way in.
    fn rating(self) -> Option<Rating> {
        self.log.scales[self.detail()]
            .rate(f64::from_bits(
                self.log.columns.value[self.row].cast_unsigned(),
            ))
            .ok()
    }

    fn money(self) -> Money {
        Money::from_minor(
            self.log.columns.value[self.row],
            self.log.currencies[self.detail()],
        )
    }

    fn due(self) -> Option<Due> {
        let value = self.log.columns.value[self.row];
        match self.log.columns.detail[self.row] {
            DUE_MOMENT => Some(Due::Moment(Timestamp::from_micros(value))),
            DUE_DAY => i32::try_from(value)
                .ok()
                .and_then(NaiveDate::from_num_days_from_ce_opt)
                .map(Due::Day),
            _ => None,
        }
    }

    fn promise(self) -> Promise<'log> {
        let terms = self.log.terms[self.log.columns.name[self.row] as usize];
        Promise {
            name: self.log.name(terms.name).unwrap_or_default(),
            maker: self.log.name(terms.maker).unwrap_or_default(),
            due: self.due(),
            dimension: terms.dimension,
            stake: terms.stake,
        }
    }

    fn contact(self) -> Contact<'log> {
        let flags = self.log.columns.value[self.row];
        Contact {
            by: if flags & BY_COMPANY == 0 {
                Initiator::Customer
            } else {
                Initiator::Company
            },
            asked: flags & WAS_ASKED != 0,
            reason: self.log.name(self.log.columns.name[self.row]),
            passed_to: self.log.name(self.log.columns.detail[self.row]),
        }
    }
}
