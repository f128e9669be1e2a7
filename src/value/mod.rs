//! What is a customer worth? Purchase histories, purchase models, spend models, lifetime value.

mod beta_discrete_weibull;
mod beta_geometric;
mod beta_weibull;
mod bg_nbd;
mod contract;
mod contract_fit;
mod contribution;
mod fit;
mod gamma_gamma;
mod history;
mod horizon;
mod lifetime_value;
mod model;
mod patterns;
mod purchase_days;
mod shifted_beta_geometric;
mod spend;
mod tenures;

pub use beta_discrete_weibull::{BetaDiscreteWeibull, FittedBetaDiscreteWeibull};
pub use bg_nbd::{BgNbd, FittedBgNbd};
pub use contract::{ContractModel, FittedContractModel};
pub use contribution::Contributions;
pub use fit::{FitReport, FitWarning, FittedParameter};
pub use gamma_gamma::{FittedGammaGamma, GammaGamma};
pub use history::{PurchaseHistories, PurchaseHistory};
pub use horizon::Horizon;
pub use lifetime_value::{LifetimeValues, Valuation};
pub use model::{FittedPurchaseModel, PurchaseModel};
pub use purchase_days::{PurchaseDays, PurchaseSummary};
pub use shifted_beta_geometric::{FittedShiftedBetaGeometric, ShiftedBetaGeometric};
pub use spend::{FittedSpendModel, FixedSpend};
pub use tenures::{Tenure, Tenures};
