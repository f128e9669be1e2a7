//! The exact law of what talk costs: probabilities of how many hearers are lost, and of how much money.

mod branching;
mod count_law;
mod generating_function;
mod loss_law;
mod lost_law;
mod portfolio_law;
mod shape;
mod simulation;
mod told;

pub(super) use branching::one_teller;
pub use loss_law::LossLaw;
pub use lost_law::LostLaw;
pub use portfolio_law::PortfolioLaw;
pub use shape::LawMethod;
pub use simulation::Simulation;
