//! What is a customer worth? Purchase histories, purchase models, spend models, lifetime value.

mod beta_bernoulli;
mod beta_geometric;
mod contract;
mod contribution;
mod evidence;
mod fit;
mod horizon;
mod law;
mod lifetime_value;
mod model;
mod nbd;
mod observed;
mod parametric;
mod pareto;
mod spend;

pub use beta_bernoulli::{BgBb, FittedBgBb};
pub use beta_geometric::{BgNbd, FittedBgNbd, FittedMbgNbd, MbgNbd};
pub use contract::{
    BetaDiscreteWeibull, ContractModel, FittedBetaDiscreteWeibull, FittedContractModel,
    FittedShiftedBetaGeometric, ShiftedBetaGeometric, Tenure, Tenures,
};
pub use contribution::Contributions;
pub use fit::{FitReport, FitWarning, FittedParameter};
pub use horizon::Horizon;
pub use lifetime_value::{LifetimeValues, Valuation};
pub use model::{FittedPurchaseModel, PurchaseModel};
pub use nbd::{FittedNbd, Nbd};
pub use observed::{
    PurchaseDays, PurchaseHistories, PurchaseHistory, PurchaseOpportunities, PurchaseSummary,
};
pub use parametric::ParametricModel;
pub use pareto::{FittedParetoNbd, ParetoNbd};
pub use spend::{
    FittedFrequencySpend, FittedGammaGamma, FittedSpendModel, FixedSpend, FrequencySpend,
    GammaGamma, PurchaseAmounts, SpendIndependence, SpendIndependenceTest, SpendVerdict,
};
