//! Whom first? Cases ranked by what winning the customer back is worth, within a budget, with reasons in words.

mod case;
mod disappointment;
pub mod network;
mod ranking;
mod reason;

pub use case::{Stakes, WinBackCase};
pub use disappointment::Disappointment;
pub use ranking::{Budget, Certificate, RankedCase, WinBackRanking};
pub use reason::Reason;
