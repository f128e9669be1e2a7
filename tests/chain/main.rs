//! From what happened to whom to win back: the laws of every link between journey and audit.

#[cfg(all(feature = "csv", feature = "time-zones"))]
#[path = "../support/orders.rs"]
mod orders;

mod audit;
mod gap_laws;
mod journeys;
mod orders_gap;
mod promises;
mod simulated_truth;
mod stored_tallies;
mod trust;
mod win_back;
