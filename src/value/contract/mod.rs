//! Customers under contract, who renew or cancel: sBG and beta-discrete-Weibull.

pub(super) mod beta_discrete_weibull;
pub(super) mod beta_weibull;
pub(super) mod fit;
pub(super) mod model;
pub(super) mod shifted_beta_geometric;
pub(super) mod tenures;

pub use beta_discrete_weibull::{BetaDiscreteWeibull, FittedBetaDiscreteWeibull};
pub use model::{ContractModel, FittedContractModel};
pub use shifted_beta_geometric::{FittedShiftedBetaGeometric, ShiftedBetaGeometric};
pub use tenures::{Tenure, Tenures};
