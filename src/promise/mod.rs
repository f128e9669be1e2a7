//! What were they told? Single promises, how they stand on any day, and the last right moment to act.

mod activities;
mod ages;
mod ledger;
mod over_time;
mod record;
mod right_moment;
mod silence;
mod state;
mod tally;

pub use activities::{Activities, ActivitiesBuilder, LeadTime, Plan, Schedule};
pub use ages::Ages;
pub use ledger::PromiseLedger;
pub use over_time::StatesOverTime;
pub use record::{Closing, HowClosed, LatenessRule, PromiseRecord, Renegotiation};
pub use right_moment::{RightMoment, latest_right_moment};
pub use silence::Silence;
pub use state::{PromiseStage, PromiseState};
pub use tally::PromiseTally;
