//! How a model's forecast held up: period by period, and customer by customer in a holdout.

mod accuracy;
mod course;

pub use accuracy::{FrequencyGroup, HoldoutAccuracy};
pub use course::{TrackedPeriod, Tracking};
