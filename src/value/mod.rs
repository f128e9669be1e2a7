//! What is a customer worth? Purchase histories, purchase models, spend models, lifetime value.

mod beta_geometric;
mod beta_geometric_fit;
mod beta_staying;
mod bg_nbd;
mod contribution;
mod evidence;
mod fit;
mod futures;
mod gamma_gamma;
mod history;
mod horizon;
mod lifetime_value;
mod mbg_nbd;
mod model;
mod nbd;
mod pareto_law;
mod pareto_nbd;
mod pareto_silence;
mod pareto_staying;
mod patterns;
mod purchase_days;
mod purchase_law;
mod spend;

pub use bg_nbd::{BgNbd, FittedBgNbd};
pub use contribution::Contributions;
pub use fit::{FitReport, FitWarning, FittedParameter};
pub use gamma_gamma::{FittedGammaGamma, GammaGamma};
pub use history::{PurchaseHistories, PurchaseHistory};
pub use horizon::Horizon;
pub use lifetime_value::{LifetimeValues, Valuation};
pub use mbg_nbd::{FittedMbgNbd, MbgNbd};
pub use model::{FittedPurchaseModel, PurchaseModel};
pub use nbd::{FittedNbd, Nbd};
pub use pareto_nbd::{FittedParetoNbd, ParetoNbd};
pub use purchase_days::{PurchaseDays, PurchaseSummary};
pub use spend::{FittedSpendModel, FixedSpend};
