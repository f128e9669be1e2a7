//! Whom to win back on a known network, where one hearer listens to several detractors.

mod detractor;
mod plan;
mod question;
mod within;

pub use detractor::NetworkDetractor;
pub use plan::{ConversionPlan, OtherPlan, PlanStep, SilencePlan};
pub use question::NetworkWinBack;
pub use within::BudgetedPlan;
