//! Customers with set opportunities to buy: BG/BB.

pub(super) mod bg_bb;
pub(super) mod derivatives;
pub(super) mod fit;
pub(super) mod law;

pub use bg_bb::{BgBb, FittedBgBb};
