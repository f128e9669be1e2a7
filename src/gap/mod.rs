//! Where do we fall short? Experience against expectation, and what was done against what was promised.

mod asymmetry;
mod breakdown;
mod bucket;
mod contrast;
mod expectation;
mod gap_distribution;
mod gap_scores;
mod outcome;
mod paid;
mod promise_gap;
mod return_rate;
mod servqual;
mod table;
mod voice;
mod wall_clock_time;

pub use asymmetry::{GapAssociation, GapAsymmetry, GapSlope};
pub use breakdown::{GapBreakdown, GapRow, WorstBy};
pub use bucket::{GapBucket, GapLimits};
pub use contrast::LateContrast;
pub use expectation::{DifferenceReliability, ExpectationGap};
pub use gap_distribution::GapDistribution;
pub use promise_gap::PromiseGap;
pub use return_rate::{ReturnContrast, ReturnRate};
pub use servqual::{ServiceDimension, ServiceQuality};
pub use table::{ExpectationRow, ExpectationTable};
