//! What one case said, was asked and paid.

use std::collections::BTreeMap;

use crate::journey::{CaseIndex, Fact, Journey};
use crate::measure::{Money, Rating, Timestamp};

/// What one case said, was asked and paid.
#[derive(Clone, Debug, Default)]
pub(super) struct Voice {
    /// The last rating.
    pub(super) rating: Option<Rating>,
    /// The last question.
    pub(super) asked: Option<Timestamp>,
    pub(super) paid: Vec<Money>,
}

impl Voice {
    /// Everything that one customer's cases said.
    pub(super) fn by_case(journey: &Journey<'_>) -> BTreeMap<Option<CaseIndex>, Self> {
        let mut cases: BTreeMap<Option<CaseIndex>, Self> = BTreeMap::new();
        for event in journey.events() {
            let fact = event.fact();
            if !matches!(
                fact,
                Fact::Feedback(_) | Fact::FeedbackAsked | Fact::Purchase(_)
            ) {
                continue;
            }
            let voice = cases.entry(event.case()).or_default();
            match fact {
                Fact::Feedback(rating) => voice.rating = Some(rating),
                Fact::Purchase(money) => voice.paid.push(money),
                _ => voice.asked = Some(event.at()),
            }
        }
        cases
    }
}
