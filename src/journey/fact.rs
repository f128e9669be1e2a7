//! What can happen between a customer and a company.

use crate::measure::{Money, Probability, Rating};

use super::{Due, Promise};

/// One thing that happened.
///
/// Analyses read the kinds they know and pass over the rest, so new kinds can come without touching them.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fact<'a> {
    /// The customer was at the touchpoint.
    Visit,
    /// The customer said beforehand what to expect.
    ExpectationStated(Rating),
    /// The customer was asked for feedback.
    FeedbackAsked,
    /// The customer gave a rating.
    Feedback(Rating),
    /// The company made a promise.
    PromiseMade(Promise<'a>),
    /// A promise got a new day before the old one had passed.
    PromiseRenegotiated {
        /// Its name within the case.
        promise: &'a str,
        /// The new day.
        due: Option<Due>,
    },
    /// A promise was carried out, in time or late.
    PromiseFulfilled {
        /// Its name within the case.
        promise: &'a str,
    },
    /// It became certain that a promise would not be kept.
    PromiseBroken {
        /// Its name within the case.
        promise: &'a str,
        /// Whether the customer was deceived.
        deception: bool,
    },
    /// The reason for a promise fell away, without blame.
    PromiseWaived {
        /// Its name within the case.
        promise: &'a str,
    },
    /// Somebody got in touch.
    Contact(Contact<'a>),
    /// Something that customers of this kind need became known to the company.
    NeedKnown(&'a str),
    /// The company asked about a need.
    NeedAsked(&'a str),
    /// The company made up for a broken promise.
    Recovery {
        /// The promise that was broken.
        promise: &'a str,
        /// How just the customer found it.
        justice: Justice,
    },
    /// The customer paid.
    Purchase(Money),
    /// The customer got money back: an amount of 0 or more. At the same moment and of the same amount as a purchase of the
    /// same case it means that the purchase was cancelled at once.
    Refund(Money),
    /// The customer recommended the company.
    Recommendation,
    /// Nothing is open any more.
    CaseClosed,
}

/// The kind of a [`Fact`], without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum FactKind {
    /// [`Fact::Visit`]
    Visit,
    /// [`Fact::ExpectationStated`]
    ExpectationStated,
    /// [`Fact::FeedbackAsked`]
    FeedbackAsked,
    /// [`Fact::Feedback`]
    Feedback,
    /// [`Fact::PromiseMade`]
    PromiseMade,
    /// [`Fact::PromiseRenegotiated`]
    PromiseRenegotiated,
    /// [`Fact::PromiseFulfilled`]
    PromiseFulfilled,
    /// [`Fact::PromiseBroken`]
    PromiseBroken,
    /// [`Fact::PromiseWaived`]
    PromiseWaived,
    /// [`Fact::Contact`]
    Contact,
    /// [`Fact::NeedKnown`]
    NeedKnown,
    /// [`Fact::NeedAsked`]
    NeedAsked,
    /// [`Fact::Recovery`]
    Recovery,
    /// [`Fact::Purchase`]
    Purchase,
    /// [`Fact::Refund`]
    Refund,
    /// [`Fact::Recommendation`]
    Recommendation,
    /// [`Fact::CaseClosed`]
    CaseClosed,
}

impl Fact<'_> {
    /// The kind of this fact.
    #[must_use]
    pub fn kind(&self) -> FactKind {
        match self {
            Self::Visit => FactKind::Visit,
            Self::ExpectationStated(_) => FactKind::ExpectationStated,
            Self::FeedbackAsked => FactKind::FeedbackAsked,
            Self::Feedback(_) => FactKind::Feedback,
            Self::PromiseMade(_) => FactKind::PromiseMade,
            Self::PromiseRenegotiated { .. } => FactKind::PromiseRenegotiated,
            Self::PromiseFulfilled { .. } => FactKind::PromiseFulfilled,
            Self::PromiseBroken { .. } => FactKind::PromiseBroken,
            Self::PromiseWaived { .. } => FactKind::PromiseWaived,
            Self::Contact(_) => FactKind::Contact,
            Self::NeedKnown(_) => FactKind::NeedKnown,
            Self::NeedAsked(_) => FactKind::NeedAsked,
            Self::Recovery { .. } => FactKind::Recovery,
            Self::Purchase(_) => FactKind::Purchase,
            Self::Refund(_) => FactKind::Refund,
            Self::Recommendation => FactKind::Recommendation,
            Self::CaseClosed => FactKind::CaseClosed,
        }
    }
}

/// Who took the first step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Initiator {
    /// The customer.
    Customer,
    /// The company, or a partner in its name.
    Company,
}

/// One contact: a letter, a call, a message, a word at the counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contact<'a> {
    /// Who got in touch.
    pub by: Initiator,
    /// Whether it answers, or asks for, something that was owed: a customer who asks for what the company owed is
    /// chasing; a company that writes without being asked is not.
    pub asked: bool,
    /// The reason given, in the company's words, if any.
    pub reason: Option<&'a str>,
    /// To whom responsibility was passed, if to anyone.
    pub passed_to: Option<&'a str>,
}

impl<'a> Contact<'a> {
    /// The company got in touch unasked.
    #[must_use]
    pub fn unasked() -> Self {
        Self {
            by: Initiator::Company,
            asked: false,
            reason: None,
            passed_to: None,
        }
    }

    /// The company answered because it was asked.
    #[must_use]
    pub fn answer() -> Self {
        Self {
            by: Initiator::Company,
            asked: true,
            reason: None,
            passed_to: None,
        }
    }

    /// The customer had to ask for what the company owed.
    #[must_use]
    pub fn chasing() -> Self {
        Self {
            by: Initiator::Customer,
            asked: true,
            reason: None,
            passed_to: None,
        }
    }

    /// The same with the reason that was given.
    #[must_use]
    pub fn because(self, reason: &'a str) -> Self {
        Self {
            reason: Some(reason),
            ..self
        }
    }

    /// The same with the party to whom responsibility was passed.
    #[must_use]
    pub fn passing_to(self, party: &'a str) -> Self {
        Self {
            passed_to: Some(party),
            ..self
        }
    }
}

/// How just a customer found a recovery, in the three kinds of justice (Tax, Brown & Chandrashekaran 1998), 0 to 1 each.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Justice {
    /// Was the outcome fair?
    pub distributive: Probability,
    /// Was the way there fair?
    pub procedural: Probability,
    /// Were they treated with respect?
    pub interactional: Probability,
}

impl Justice {
    /// The mean of the three.
    #[must_use]
    pub fn mean(self) -> f64 {
        (self.distributive.value() + self.procedural.value() + self.interactional.value()) / 3.0
    }
}
