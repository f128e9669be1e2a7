//! What was seen of customers: histories, their distinct patterns, days and opportunities of purchase.

pub(super) mod calendar;
pub(super) mod futures;
pub(super) mod histories;
pub(super) mod history;
pub(super) mod holdout;
pub(super) mod opportunities;
pub(super) mod patterns;
pub(super) mod purchase_days;
mod split;

pub use calendar::PurchaseCalendar;
pub use histories::PurchaseHistories;
pub use history::PurchaseHistory;
pub use holdout::Holdout;
pub use opportunities::PurchaseOpportunities;
pub use purchase_days::{PurchaseDays, PurchaseSummary};
