//! What is a customer worth? Purchase histories, purchase models, spend models, lifetime value.

mod beta_bernoulli;
mod beta_geometric;
mod contract;
mod contribution;
mod covariates;
mod evidence;
mod fit;
mod fit_warning;
mod gompertz;
mod horizon;
mod law;
mod lifetime_value;
mod model;
mod nbd;
mod observed;
mod parametric;
mod pareto;
#[cfg(all(test, feature = "parallel"))]
mod same_bits;
mod spend;
#[cfg(feature = "serde")]
mod stored_report;
mod tracking;
mod uncertainty;

pub use beta_bernoulli::{BgBb, FittedBgBb};
pub use beta_geometric::{BgNbd, FittedBgNbd, FittedMbgNbd, MbgNbd};
pub use contract::{
    BetaDiscreteWeibull, ContractModel, FittedBetaDiscreteWeibull, FittedContractModel,
    FittedShiftedBetaGeometric, ShiftedBetaGeometric, Tenure, Tenures,
};
pub use contribution::Contributions;
pub use covariates::{
    Coefficient, CovariateModel, CovariateTarget, Covariates, DrivenProcess, FittedCovariateModel,
    LikelihoodRatioTest, Penalty,
};
pub use fit::{FitReport, FittedParameter};
pub use fit_warning::FitWarning;
pub use gompertz::{FittedGGompertzNbd, GGompertzNbd};
pub use horizon::Horizon;
pub use lifetime_value::{LifetimeValues, Valuation};
pub use model::{FittedPurchaseModel, PurchaseModel};
pub use nbd::{FittedNbd, Nbd};
pub use observed::{
    Holdout, PurchaseCalendar, PurchaseDays, PurchaseHistories, PurchaseHistory,
    PurchaseOpportunities, PurchaseSummary, PurchaseTallies, PurchaseTiming, Regularity,
    RepeatSpend,
};
pub use parametric::ParametricModel;
pub use pareto::{FittedParetoNbd, ParetoNbd};
pub use spend::{
    FittedFrequencySpend, FittedGammaGamma, FittedSpendModel, FixedSpend, FrequencySpend,
    GammaGamma, PurchaseAmounts, SpendIndependence, SpendIndependenceTest, SpendVerdict,
};
pub use tracking::{FrequencyGroup, HoldoutAccuracy, TrackedPeriod, Tracking};
pub use uncertainty::{
    Bootstrap, BootstrapSample, IndependentFits, LifetimeValueIntervals, ParameterInterval,
    ParameterIntervals, Prediction, PredictiveInterval, ProfileInterval, ProfileLimit,
    ProfiledModel, Quantity, RefittedModel, Resampled, Sensitivity, SimulatedModel, SimulatedSpend,
};
