//! Do they still believe us? Evidence from promises, read as reliability or as felt trust, and trust between two.

mod account;
mod felt;
mod mutual;
mod opinion;
mod posterior;
mod reliability;
mod rules;

pub use account::{EvidenceAccount, Reading};
pub use felt::FeltTrust;
pub use mutual::{MutualTrust, asymmetry, mutual};
pub use opinion::Opinion;
pub use posterior::{Evidence, Posterior, Prior};
pub use reliability::{
    BaseRate, KeepingEvidence, Reliabilities, Reliability, ReliabilityRules, base_rate_of,
};
pub use rules::{EvidenceRules, HalfLife, Weight};
