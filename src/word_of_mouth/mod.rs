//! What do detractors cost? Who tells how many, how many of those turn away or come, and what that is worth.

mod audience;
mod break_even;
mod chunk;
mod coefficients;
mod column;
mod impact;
mod kernel;
mod lane;
mod law;
pub mod network;
mod portfolio;
mod product;
mod reach;
mod segment_total;
#[cfg(test)]
mod speed;
mod sway;
mod talk;
mod teller;

pub use audience::{Audience, Precision};
pub use break_even::BreakEven;
pub use impact::{ClassImpact, CustomerImpact, DetractorImpact};
pub use law::{LawMethod, LossLaw, LostLaw, PortfolioLaw, Simulation};
pub use portfolio::{Portfolio, TellerGroup};
pub use reach::Reach;
pub use sway::Sway;
pub use talk::{Generations, RetellerReach, Talk};
pub use teller::Teller;
