//! Why a customer is on the list, in words.

use std::fmt;

use chrono::NaiveDate;

use crate::measure::{Probability, Rating};

/// One reason for winning a customer back now.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Reason {
    /// A promise is overdue and still open.
    Overdue {
        /// Its name.
        promise: String,
        /// Days since it fell due.
        days: i64,
    },
    /// A promise was kept, but late.
    KeptLate {
        /// Its name.
        promise: String,
        /// Days between due and done.
        days: i64,
    },
    /// It is certain that a promise will not be kept.
    Broken {
        /// Its name.
        promise: String,
    },
    /// A promise can still be kept if somebody acts by a day.
    ActBy {
        /// Its name.
        promise: String,
        /// The last day on which acting helps.
        day: NaiveDate,
    },
    /// The customer gave a bad rating.
    RatedLow {
        /// What was ticked.
        #[cfg_attr(feature = "serde", serde(serialize_with = "as_value"))]
        rating: Rating,
    },
    /// The customer had to ask for what was owed.
    HadToAsk {
        /// How often.
        times: usize,
    },
    /// The customer's value puts him among the most valuable ones.
    Valuable {
        /// Share of customers who are worth more.
        above: Probability,
    },
}

#[cfg(feature = "serde")]
fn as_value<S: serde::Serializer>(rating: &Rating, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(rating.value())
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overdue { promise, days } => {
                write!(f, "{promise} overdue by {} and still open", in_days(*days))
            }
            Self::KeptLate { promise, days: 0 } => write!(f, "{promise} late within its day"),
            Self::KeptLate { promise, days } => write!(f, "{promise} {} late", in_days(*days)),
            Self::Broken { promise } => write!(f, "{promise} will not happen"),
            Self::ActBy { promise, day } => {
                write!(f, "{promise} can still be kept if someone acts by {day}")
            }
            Self::RatedLow { rating } => {
                write!(
                    f,
                    "rated {} of {}",
                    rating.value(),
                    rating.scale().highest()
                )
            }
            Self::HadToAsk { times: 1 } => f.write_str("had to ask once"),
            Self::HadToAsk { times } => write!(f, "had to ask {times} times"),
            Self::Valuable { above } => {
                write!(
                    f,
                    "among the {:.0} % most valuable customers",
                    (100.0 * above.value()).max(1.0).ceil()
                )
            }
        }
    }
}

fn in_days(days: i64) -> String {
    if days == 1 {
        "1 day".to_owned()
    } else {
        format!("{days} days")
    }
}
