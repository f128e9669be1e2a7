//! The whole chain in one call: what happened, what was promised, where we fall short, do they still believe us, what are
//! they worth, what will the disappointed cost, and whom to win back first.

mod assumptions;
mod belief;
mod chain;
mod counts;
mod doubt;
mod effects;
mod losses;
mod money;
mod options;
mod promises;
mod purchases;
mod returns;
mod scores;
mod segments;
mod source;
mod stakes;
mod worth;

pub use assumptions::{Assumptions, Required};
pub use belief::{PartyFinding, TrustFinding};
pub use chain::Audit;
pub use counts::{Counts, SegmentCounts};
pub use effects::{AsymmetryFinding, BucketFinding, GapDays, ScoreContrast, SlopeFinding};
pub use losses::TalkFinding;
pub use money::MoneyFinding;
pub use options::AuditOptions;
pub use promises::{PromiseFinding, StatesOnDay};
pub use purchases::PurchaseFinding;
pub use returns::ReturnFinding;
pub use scores::{NetPromoterFinding, ScoreFinding};
pub use segments::SegmentFinding;
pub use source::Source;
pub use stakes::{CaseFinding, SegmentStakes, WinBackFinding};
pub use worth::{ModelFinding, WorthFinding};
