//! Events in, in any order; a checked and sorted log out.

use std::collections::HashMap;

use chrono::Datelike;

use crate::error::{Error, Result};
use crate::measure::{Currency, Money, Rating, RatingScale, Zone};

use super::log::{Columns, Terms};
use super::names::{Interner, NONE};
use super::{
    Contact, Dimension, Due, Event, Fact, Initiator, JourneyLog, Justice, Promise, Segmentation,
};

/// The way into a [`JourneyLog`]: push events in any order, then build.
#[derive(Debug)]
pub struct JourneyLogBuilder {
    zone: Zone,
    columns: Columns,
    customers: Interner,
    cases: Interner,
    customer_of_case: Vec<u32>,
    names: Interner,
    terms: Vec<Terms>,
    number_of_terms: HashMap<(u32, u32, Dimension, u64), u32>,
    justices: Vec<Justice>,
    scales: Vec<RatingScale>,
    currencies: Vec<Currency>,
    segmentations: Vec<(Box<str>, Interner, Vec<u32>)>,
}

/// A fact as it lies in the columns: name, detail, value.
type Packed = (u32, u32, i64);

pub(super) const DUE_NEVER: u32 = 0;
pub(super) const DUE_MOMENT: u32 = 1;
pub(super) const DUE_DAY: u32 = 2;
pub(super) const BY_COMPANY: i64 = 1;
pub(super) const WAS_ASKED: i64 = 2;

impl JourneyLogBuilder {
    /// An empty log whose days begin and end as in `zone`.
    #[must_use]
    pub fn new(zone: Zone) -> Self {
        Self {
            zone,
            columns: Columns::default(),
            customers: Interner::default(),
            cases: Interner::default(),
            customer_of_case: Vec::new(),
            names: Interner::default(),
            terms: Vec::new(),
            number_of_terms: HashMap::new(),
            justices: Vec::new(),
            scales: Vec::new(),
            currencies: Vec::new(),
            segmentations: Vec::new(),
        }
    }

    /// Takes an event. Events at the same moment keep the order in which they come.
    ///
    /// # Errors
    /// [`Error::BadEvent`] if the customer's key is empty, if the case belongs to another customer, if a promise's
    /// stake is not finite and above 0, if a refund is negative, or if there are more than 2³² − 1 of anything.
    /// The log is then unchanged, names excepted.
    pub fn push(&mut self, event: Event<'_>) -> Result<()> {
        let row = self.columns.at.len() as u64;
        let refuse = |reason: &str| {
            Err(Error::BadEvent {
                row,
                customer: event.customer.to_owned(),
                reason: reason.to_owned(),
            })
        };
        if event.customer.is_empty() {
            return refuse("the customer's key is empty");
        }
        match event.fact {
            Fact::PromiseMade(promise) if !(promise.stake > 0.0 && promise.stake.is_finite()) => {
                return refuse("a promise's stake must be finite and above 0");
            }
            Fact::Refund(money) if money.minor() < 0 => {
                return refuse("a refund must not be negative: it is the amount that went back");
            }
            _ => {}
        }
        let Some((customer, case)) = self.place(event.customer, event.case) else {
            return refuse(
                "the case belongs to another customer, or there are more than 2^32 - 1 customers or cases",
            );
        };
        let touchpoint = match event.touchpoint {
            None => Some(NONE),
            Some(name) => self.names.number_of(name),
        };
        let (Some(touchpoint), Some((name, detail, value))) = (touchpoint, self.pack(&event.fact))
        else {
            return Err(Error::Overflow {
                what: "the number of different names".into(),
            });
        };
        let columns = &mut self.columns;
        columns.customer.push(customer);
        columns.at.push(event.at.micros());
        columns.kind.push(event.fact.kind());
        columns.touchpoint.push(touchpoint);
        columns.case.push(case);
        columns.name.push(name);
        columns.detail.push(detail);
        columns.value.push(value);
        Ok(())
    }

    /// Says to which group a customer's case belongs: `segment("ada", "order 7", "region", "north")`. Said twice, the
    /// last word counts.
    ///
    /// # Errors
    /// [`Error::BadEvent`] if the case belongs to another customer.
    pub fn segment(
        &mut self,
        customer: &str,
        case: &str,
        segmentation: &str,
        label: &str,
    ) -> Result<()> {
        let Some((_, case)) = self.place(customer, Some(case)) else {
            return Err(Error::BadEvent {
                row: self.columns.at.len() as u64,
                customer: customer.to_owned(),
                reason: format!("the case {case:?} belongs to another customer"),
            });
        };
        let place = self
            .segmentations
            .iter()
            .position(|(name, ..)| &**name == segmentation);
        let place = place.unwrap_or_else(|| {
            self.segmentations
                .push((segmentation.into(), Interner::default(), Vec::new()));
            self.segmentations.len() - 1
        });
        let (_, labels, of_case) = &mut self.segmentations[place];
        let label = labels.number_of(label).ok_or(Error::Overflow {
            what: "the number of segments".into(),
        })?;
        let case = case as usize;
        if of_case.len() <= case {
            of_case.resize(case + 1, NONE);
        }
        of_case[case] = label;
        Ok(())
    }

    /// Number of events so far.
    #[must_use]
    pub fn events(&self) -> usize {
        self.columns.at.len()
    }

    /// Sorts everything by customer, moment and order of arrival, and counts ties.
    #[must_use]
    pub fn build(mut self) -> JourneyLog {
        let customers = self.customers.into_texts();
        let mut order: Vec<usize> = (0..self.columns.at.len()).collect();
        // A stable sort: order of arrival decides between equals.
        order.sort_by_key(|&row| (self.columns.customer[row], self.columns.at[row]));
        let columns = Columns {
            customer: gather(&self.columns.customer, &order),
            at: gather(&self.columns.at, &order),
            kind: gather(&self.columns.kind, &order),
            touchpoint: gather(&self.columns.touchpoint, &order),
            case: gather(&self.columns.case, &order),
            name: gather(&self.columns.name, &order),
            detail: gather(&self.columns.detail, &order),
            value: gather(&self.columns.value, &order),
        };
        let mut starts = vec![0; customers.len() + 1];
        for &customer in &columns.customer {
            starts[customer as usize + 1] += 1;
        }
        for customer in 0..customers.len() {
            starts[customer + 1] += starts[customer];
        }
        let ties = (1..columns.at.len())
            .filter(|&row| {
                columns.at[row] == columns.at[row - 1]
                    && columns.customer[row] == columns.customer[row - 1]
            })
            .count();
        let cases = self.cases.into_texts();
        let segmentations = self
            .segmentations
            .drain(..)
            .map(|(name, labels, mut of_case)| {
                of_case.resize(cases.len(), NONE);
                Segmentation {
                    name,
                    labels: labels.into_texts(),
                    of_case,
                }
            })
            .collect();
        JourneyLog {
            zone: self.zone,
            columns,
            starts,
            customers,
            cases,
            customer_of_case: self.customer_of_case,
            names: self.names.into_texts(),
            terms: self.terms,
            justices: self.justices,
            scales: self.scales,
            currencies: self.currencies,
            segmentations,
            ties,
        }
    }

    /// Numbers of a customer and a case; `None` if the case is another customer's or the numbers are used up. A customer
    /// who is refused is not counted among the customers.
    fn place(&mut self, customer: &str, case: Option<&str>) -> Option<(u32, u32)> {
        let Some(case) = case else {
            return Some((self.customers.number_of(customer)?, NONE));
        };
        let Some(case) = self.cases.known(case) else {
            let customer = self.customers.number_of(customer)?;
            let case = self.cases.number_of(case)?;
            self.customer_of_case.push(customer);
            return Some((customer, case));
        };
        let owner = self.customer_of_case.get(case as usize).copied()?;
        (self.customers.known(customer) == Some(owner)).then_some((owner, case))
    }

    fn pack(&mut self, fact: &Fact<'_>) -> Option<Packed> {
        Some(match *fact {
            Fact::Visit | Fact::FeedbackAsked | Fact::Recommendation | Fact::CaseClosed => {
                (NONE, NONE, 0)
            }
            Fact::ExpectationStated(rating) | Fact::Feedback(rating) => self.pack_rating(rating),
            Fact::PromiseMade(promise) => self.pack_promise(promise)?,
            Fact::PromiseRenegotiated { promise, due } => {
                let (form, value) = pack_due(due);
                (self.names.number_of(promise)?, form, value)
            }
            Fact::PromiseFulfilled { promise } | Fact::PromiseWaived { promise } => {
                (self.names.number_of(promise)?, NONE, 0)
            }
            Fact::PromiseBroken { promise, deception } => {
                (self.names.number_of(promise)?, NONE, i64::from(deception))
            }
            Fact::Contact(contact) => self.pack_contact(contact)?,
            Fact::NeedKnown(need) | Fact::NeedAsked(need) => (self.names.number_of(need)?, NONE, 0),
            Fact::Recovery { promise, justice } => {
                self.justices.push(justice);
                (
                    self.names.number_of(promise)?,
                    u32::try_from(self.justices.len() - 1).ok()?,
                    0,
                )
            }
            Fact::Purchase(money) | Fact::Refund(money) => self.pack_money(money),
        })
    }

    fn pack_rating(&mut self, rating: Rating) -> Packed {
        (
            NONE,
            number_in(&mut self.scales, rating.scale()),
            rating.value().to_bits().cast_signed(),
        )
    }

    fn pack_money(&mut self, money: Money) -> Packed {
        (
            NONE,
            number_in(&mut self.currencies, money.currency()),
            money.minor(),
        )
    }

    fn pack_promise(&mut self, promise: Promise<'_>) -> Option<Packed> {
        let terms = Terms {
            name: self.names.number_of(promise.name)?,
            maker: self.names.number_of(promise.maker)?,
            dimension: promise.dimension,
            stake: promise.stake,
        };
        let next = u32::try_from(self.terms.len()).ok()?;
        let key = (
            terms.name,
            terms.maker,
            terms.dimension,
            terms.stake.to_bits(),
        );
        let number = *self.number_of_terms.entry(key).or_insert_with(|| {
            self.terms.push(terms);
            next
        });
        let (form, value) = pack_due(promise.due);
        Some((number, form, value))
    }

    fn pack_contact(&mut self, contact: Contact<'_>) -> Option<Packed> {
        let mut number = |text: Option<&str>| match text {
            None => Some(NONE),
            Some(text) => self.names.number_of(text),
        };
        let by = if contact.by == Initiator::Company {
            BY_COMPANY
        } else {
            0
        };
        let asked = if contact.asked { WAS_ASKED } else { 0 };
        Some((
            number(contact.reason)?,
            number(contact.passed_to)?,
            by | asked,
        ))
    }
}

fn gather<T: Copy>(column: &[T], order: &[usize]) -> Vec<T> {
    order.iter().map(|&row| column[row]).collect()
}

/// Place of `item` in a short list, appended if it is new. There are a handful of scales and currencies.
fn number_in<T: PartialEq>(list: &mut Vec<T>, item: T) -> u32 {
    let place = list
        .iter()
        .position(|known| *known == item)
        .unwrap_or_else(|| {
            list.push(item);
            list.len() - 1
        });
    u32::try_from(place).unwrap_or(NONE)
}

fn pack_due(due: Option<Due>) -> (u32, i64) {
    match due {
        None => (DUE_NEVER, 0),
        Some(Due::Moment(moment)) => (DUE_MOMENT, moment.micros()),
        Some(Due::Day(date)) => (DUE_DAY, i64::from(date.num_days_from_ce())),
    }
}

impl Default for JourneyLogBuilder {
    fn default() -> Self {
        Self::new(Zone::UTC)
    }
}
