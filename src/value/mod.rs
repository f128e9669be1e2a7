//! What is a customer worth? Purchase histories, purchase models, spend models, lifetime value.

mod beta_geometric;
mod bg_nbd;
mod contribution;
mod fit;
mod gamma_gamma;
mod histories;
mod history;
mod horizon;
mod lifetime_value;
mod model;
mod patterns;
mod purchase_days;
mod spend;
mod spenders;

pub use bg_nbd::{BgNbd, FittedBgNbd};
pub use contribution::Contributions;
pub use fit::{FitReport, FitWarning, FittedParameter};
pub use gamma_gamma::{FittedGammaGamma, GammaGamma};
pub use histories::PurchaseHistories;
pub use history::PurchaseHistory;
pub use horizon::Horizon;
pub use lifetime_value::{LifetimeValues, Valuation};
pub use model::{FittedPurchaseModel, PurchaseModel};
pub use purchase_days::{PurchaseDays, PurchaseSummary};
pub use spend::{FittedSpendModel, FixedSpend};
