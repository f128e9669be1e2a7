//! How much a purchase is worth: Gamma–Gamma.

pub(super) mod gamma_gamma;
pub(super) mod model;
pub(super) mod spenders;

pub use gamma_gamma::{FittedGammaGamma, GammaGamma};
pub use model::{FittedSpendModel, FixedSpend};
