//! Numbers that cannot be wrong: each type checks its range when made, so nothing further down has to.

pub(crate) mod critical_value;
mod discount;
mod estimate;
mod merge;
mod moments;
mod money;
mod probability;
mod proportion;
mod rating;
mod sentiment;
#[cfg(feature = "serde")]
pub(crate) mod stored;
mod time;
mod zone;

pub use discount::DiscountRate;
pub use estimate::{Estimate, Interval};
pub use merge::Merge;
pub use moments::Moments;
pub use money::{Currency, ExpectedMoney, Money};
pub use probability::Probability;
pub use proportion::{Proportion, ProportionMethod};
pub use rating::{Rating, RatingScale};
pub use sentiment::{Sentiment, SentimentRule};
pub use time::{Span, TimeUnit, Timestamp};
pub use zone::{LocalTime, Zone};
