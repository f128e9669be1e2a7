//! How far an answer may lie from the truth: the doubt of the parameters, and the chance of single customers.

mod coordinates;
mod directions;
mod distinct;
mod independent_fits;
mod parameter_interval;
mod parameter_intervals;
mod quantity;
#[cfg(test)]
mod simulated;

pub use independent_fits::IndependentFits;
pub use parameter_interval::ParameterInterval;
pub use parameter_intervals::{LifetimeValueIntervals, ParameterIntervals};
pub use quantity::Quantity;
