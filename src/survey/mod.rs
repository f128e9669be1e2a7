//! What do they say? Scores with intervals, and how many were asked.

mod answer_delay;
mod net_promoter;
mod rating_tally;
mod response_rate;
mod sentiment_tally;
mod summary;

pub use answer_delay::AnswerDelay;
pub use net_promoter::{NetPromoterDifference, NetPromoterMethod};
pub use rating_tally::RatingTally;
pub use response_rate::ResponseRate;
pub use sentiment_tally::SentimentTally;
pub use summary::FeedbackSummary;
