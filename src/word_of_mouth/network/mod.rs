//! Word of mouth on a network that the caller knows: who hears of it, what it costs, whom to win back.

mod cascade;
mod chance;
mod control;
mod edge_list;
mod effort;
mod enumeration;
mod graph;
mod lanes;
mod signed;
mod skips;

pub use cascade::Cascade;
pub use edge_list::{EdgeList, Ids, ParallelArcs};
pub use effort::{Effort, Method, Spread};
pub use enumeration::ExactSpread;
pub use graph::{Network, Person};
pub use signed::{Opinion, SignedCascade, SignedSpread};
