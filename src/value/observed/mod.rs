//! What was seen of customers: histories, their distinct patterns, days and opportunities of purchase.

pub(super) mod futures;
pub(super) mod histories;
pub(super) mod history;
pub(super) mod opportunities;
pub(super) mod patterns;
pub(super) mod purchase_days;

pub use histories::PurchaseHistories;
pub use history::PurchaseHistory;
pub use opportunities::PurchaseOpportunities;
pub use purchase_days::{PurchaseDays, PurchaseSummary};
