//! How far an answer may lie from the truth: the doubt of the parameters, and the chance of single customers.

mod bootstrap;
#[cfg(test)]
mod column_laws;
mod coordinates;
#[cfg(test)]
mod coverage;
mod directions;
mod distinct;
mod futures;
mod independent_fits;
mod parameter_interval;
mod parameter_intervals;
#[cfg(test)]
mod prediction_coverage;
#[cfg(test)]
mod prediction_laws;
mod predictive_interval;
pub(super) mod profile;
mod profile_interval;
#[cfg(test)]
mod profile_laws;
mod profile_limit;
mod quantity;
mod resampled;
mod sensitivity;
#[cfg(test)]
pub(super) mod simulated;
mod surfaces;

pub use bootstrap::{Bootstrap, BootstrapSample};
pub use futures::{SimulatedModel, SimulatedSpend};
pub use independent_fits::IndependentFits;
pub use parameter_interval::ParameterInterval;
pub use parameter_intervals::{LifetimeValueIntervals, ParameterIntervals};
pub use predictive_interval::{Prediction, PredictiveInterval};
pub use profile_interval::{ProfileInterval, ProfiledModel};
pub use profile_limit::ProfileLimit;
pub use quantity::Quantity;
pub use resampled::{RefittedModel, Resampled};
pub use sensitivity::Sensitivity;
