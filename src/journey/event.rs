//! One dated fact about one customer.

use crate::measure::Timestamp;

use super::Fact;

/// A fact with its customer, moment, touchpoint and case, as it is pushed into a log.
///
/// ```
/// use tillit::journey::{Event, Fact};
/// use tillit::measure::{RatingScale, Timestamp};
///
/// let rating = RatingScale::ONE_TO_FIVE.rate(2.0)?;
/// let event = Event::new("ada", Timestamp::parse("2019-03-01T12:00:00Z")?, Fact::Feedback(rating))
///     .at_touchpoint("delivery")
///     .in_case("order 7");
/// assert_eq!(event.case, Some("order 7"));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event<'a> {
    /// The caller's key of the customer.
    pub customer: &'a str,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub fact: Fact<'a>,
    /// Where in the journey; `None` if that does not matter.
    pub touchpoint: Option<&'a str>,
    /// Which order, ticket or contract it belongs to; `None` if it belongs to none.
    pub case: Option<&'a str>,
}

impl<'a> Event<'a> {
    /// A fact about a customer, at no touchpoint and in no case.
    #[must_use]
    pub fn new(customer: &'a str, at: Timestamp, fact: Fact<'a>) -> Self {
        Self {
            customer,
            at,
            fact,
            touchpoint: None,
            case: None,
        }
    }

    /// The same at a touchpoint.
    #[must_use]
    pub fn at_touchpoint(self, touchpoint: &'a str) -> Self {
        Self {
            touchpoint: Some(touchpoint),
            ..self
        }
    }

    /// The same in a case.
    #[must_use]
    pub fn in_case(self, case: &'a str) -> Self {
        Self {
            case: Some(case),
            ..self
        }
    }
}
