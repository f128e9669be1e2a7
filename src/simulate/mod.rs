//! A firm with known truth: what is planted here, the estimators must find again.

mod order;
mod shop;
mod truth;

pub use order::{OrderStatus, SimulatedOrder, SimulatedOrders};
pub use shop::Shop;
pub use truth::{Buying, ScoreResponse, Spending};
