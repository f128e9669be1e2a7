//! How much a purchase is worth: Gamma–Gamma, and what to do where it does not hold.

pub(super) mod amounts;
pub(super) mod evidence;
pub(super) mod frequency_likelihood;
pub(super) mod frequency_spend;
pub(super) mod gamma_gamma;
pub(super) mod independence;
pub(super) mod independence_test;
pub(super) mod model;
pub(super) mod posterior;
pub(super) mod shares;
pub(super) mod spenders;

pub use amounts::PurchaseAmounts;
pub use frequency_spend::{FittedFrequencySpend, FrequencySpend};
pub use gamma_gamma::{FittedGammaGamma, GammaGamma};
pub use independence::{SpendIndependence, SpendVerdict};
pub use independence_test::SpendIndependenceTest;
pub use model::{FittedSpendModel, FixedSpend};
