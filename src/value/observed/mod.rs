//! What was seen of customers: histories, their distinct patterns, days, tallies and opportunities of purchase, regularity.

pub(super) mod calendar;
pub(super) mod distinct;
pub(super) mod futures;
pub(super) mod histories;
pub(super) mod history;
pub(super) mod holdout;
pub(super) mod opportunities;
pub(super) mod patterns;
pub(super) mod purchase_days;
pub(super) mod purchase_tallies;
mod purchase_tally;
pub(super) mod regularity;
pub(super) mod repeat_spend;
mod settled_days;
mod split;
#[cfg(feature = "serde")]
mod stored_summary;

pub use calendar::PurchaseCalendar;
pub use histories::PurchaseHistories;
pub use history::PurchaseHistory;
pub use holdout::Holdout;
pub use opportunities::PurchaseOpportunities;
pub use purchase_days::{PurchaseDays, PurchaseSummary};
pub use purchase_tallies::PurchaseTallies;
pub use regularity::{PurchaseTiming, Regularity};
pub use repeat_spend::RepeatSpend;
