//! Customers who were let down, each with the reasons.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::journey::{AsOf, CaseIndex, CustomerIndex, Fact, Initiator, Journey};
use crate::measure::{Rating, Sentiment, SentimentRule, Span, Timestamp};
use crate::promise::{PromiseLedger, PromiseState};

use super::Reason;

/// A customer who was let down and has not been told since that it was put right.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Disappointment {
    /// Whom.
    pub customer: CustomerIndex,
    /// The case in which it happened last.
    pub case: Option<CaseIndex>,
    /// What the customer last said; `None` if nothing was said since, praise from before it being no answer to it.
    pub sentiment: Option<Sentiment>,
    /// When it happened last.
    pub at: Timestamp,
    /// What happened.
    pub reasons: Vec<Reason>,
}

/// What a journey says about disappointment: the last rating, how often the customer chased, the last recovery.
#[derive(Default)]
struct Signs {
    rating: Option<(Timestamp, Option<CaseIndex>, Rating, Sentiment)>,
    chasing: usize,
    recovered: Option<Timestamp>,
}

impl Disappointment {
    /// Everybody who, as of `view`, holds a promise that is overdue or broken, was served late, or spoke as a
    /// detractor, within the last `within`; who said afterwards that all is well, or has received a recovery, is left
    /// out. In order of customers.
    ///
    /// `ledger` must come from the same view, as of a definite day; without a `rule` ratings are not read, with one only
    /// those on its scale.
    ///
    /// # Errors
    /// [`Error::CannotTell`](crate::Error::CannotTell) if the ledger knows less than the view.
    pub fn find(
        view: AsOf<'_>,
        ledger: &PromiseLedger,
        rule: Option<SentimentRule>,
        within: Span,
    ) -> Result<Vec<Self>> {
        let now = view.moment();
        let since = now.before(within);
        let mut found: BTreeMap<CustomerIndex, Self> = BTreeMap::new();
        for (record, state) in ledger.states_at(now)? {
            let promise = || ledger.name_of(record).to_owned();
            let closed = record.closing().map_or(now, |closing| closing.at);
            let (at, reason) = match state {
                // Open long ago or since yesterday: it counts from the day on which it fell due.
                PromiseState::BrokenStillOpen { overdue_days } if record.keeps_until() >= since => {
                    (
                        now,
                        Reason::Overdue {
                            promise: promise(),
                            days: overdue_days,
                        },
                    )
                }
                PromiseState::Late { days_late } if closed >= since => (
                    closed,
                    Reason::KeptLate {
                        promise: promise(),
                        days: days_late,
                    },
                ),
                PromiseState::Broken if closed >= since => {
                    (closed, Reason::Broken { promise: promise() })
                }
                _ => continue,
            };
            Self::note(&mut found, record.customer(), record.case(), at, reason);
        }
        for journey in view.journeys() {
            let customer = journey.customer();
            let signs = Signs::read(&journey, rule)?;
            if let Some((at, case, rating, Sentiment::Detractor)) = signs.rating
                && at >= since
            {
                Self::note(&mut found, customer, case, at, Reason::RatedLow { rating });
            }
            let Some(disappointment) = found.get_mut(&customer) else {
                continue;
            };
            disappointment.sentiment = signs
                .rating
                .filter(|&(at, .., sentiment)| {
                    sentiment == Sentiment::Detractor || at > disappointment.at
                })
                .map(|(.., sentiment)| sentiment);
            if signs.chasing > 0 {
                disappointment.reasons.push(Reason::HadToAsk {
                    times: signs.chasing,
                });
            }
            let content = signs
                .rating
                .filter(|(.., sentiment)| *sentiment != Sentiment::Detractor);
            if content.map(|(at, ..)| at).max(signs.recovered) > Some(disappointment.at) {
                found.remove(&customer);
            }
        }
        Ok(found.into_values().collect())
    }

    /// Adds a reason; the latest one decides on the moment and the case.
    fn note(
        found: &mut BTreeMap<CustomerIndex, Self>,
        customer: CustomerIndex,
        case: Option<CaseIndex>,
        at: Timestamp,
        reason: Reason,
    ) {
        let disappointment = found.entry(customer).or_insert(Self {
            customer,
            case,
            sentiment: None,
            at,
            reasons: Vec::new(),
        });
        if at > disappointment.at {
            disappointment.at = at;
            disappointment.case = case;
        }
        disappointment.reasons.push(reason);
    }
}

impl Signs {
    fn read(journey: &Journey<'_>, rule: Option<SentimentRule>) -> Result<Self> {
        let mut signs = Self::default();
        for event in journey.events() {
            match event.fact() {
                Fact::Feedback(rating) => {
                    if let Some(rule) = rule.filter(|rule| rule.scale() == rating.scale()) {
                        signs.rating = Some((event.at(), event.case(), rating, rule.of(rating)?));
                    }
                }
                Fact::Contact(contact) if contact.by == Initiator::Customer && contact.asked => {
                    signs.chasing += 1;
                }
                Fact::Recovery { .. } => signs.recovered = Some(event.at()),
                _ => {}
            }
        }
        Ok(signs)
    }
}
