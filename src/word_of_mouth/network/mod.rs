//! Word of mouth on a network that the caller knows: who hears of it, what it costs, whom to win back.

mod budget;
mod cascade;
mod chance;
mod control;
mod convert;
mod edge_list;
mod effort;
mod enumeration;
mod family;
mod graph;
mod lanes;
mod reach;
mod reverse;
mod search;
mod signed;
mod silence;
mod skips;

pub use budget::Budget;
pub use cascade::Cascade;
pub use convert::Conversion;
pub use edge_list::{EdgeList, Ids, ParallelArcs};
pub use effort::{Effort, Method, Spread};
pub use enumeration::ExactSpread;
pub use graph::{Network, Person};
pub use search::Search;
pub use signed::{Opinion, SignedCascade, SignedSpread};
pub use silence::Silence;
