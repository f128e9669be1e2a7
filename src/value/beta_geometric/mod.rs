//! Customers who may leave after a purchase: BG/NBD and MBG/NBD.

mod at_least;
pub(super) mod bg_nbd;
pub(super) mod fit;
pub(super) mod law;
pub(super) mod mbg_nbd;
pub(super) mod staying;

pub use bg_nbd::{BgNbd, FittedBgNbd};
pub use mbg_nbd::{FittedMbgNbd, MbgNbd};
