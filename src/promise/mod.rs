//! What were they told? Single promises, how they stand on any day, and the last right moment to act.

mod ledger;
mod state;

pub use ledger::{Closing, HowClosed, LatenessRule, PromiseLedger, PromiseRecord, Renegotiation};
pub use state::{PromiseStage, PromiseState};
