//! Customers whose readiness to leave grows or fades with time: GGompertz/NBD.

pub(super) mod derivatives;
pub(super) mod fit;
pub(super) mod gompertz_nbd;
pub(super) mod law;
pub(super) mod leaving;
pub(super) mod staying;

pub use gompertz_nbd::{FittedGGompertzNbd, GGompertzNbd};
