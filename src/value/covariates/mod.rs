//! What drives buying, leaving and spending? Covariates in the purchase and spend models.

mod beta_geometric;
mod cells;
mod coefficient;
mod fit;
mod fitted;
mod gamma_gamma;
mod likelihood;
mod likelihood_ratio;
mod model;
mod pareto;
mod penalty;
mod prediction;
mod process;
mod profile;
mod refusal;
mod table;
mod target;

pub use coefficient::Coefficient;
pub use fitted::FittedCovariateModel;
pub use likelihood_ratio::LikelihoodRatioTest;
pub use model::CovariateModel;
pub use penalty::Penalty;
pub use process::DrivenProcess;
pub use table::Covariates;
pub use target::CovariateTarget;
