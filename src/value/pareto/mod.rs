//! Customers who may leave at any moment: Pareto/NBD.

pub(super) mod law;
pub(super) mod pareto_nbd;
pub(super) mod silence;
pub(super) mod staying;

pub use pareto_nbd::{FittedParetoNbd, ParetoNbd};
