//! What the audit is asked.

use chrono::NaiveDate;

use crate::gap::{GapLimits, ReturnRate};
use crate::measure::{Probability, SentimentRule};

use super::Assumptions;

/// What the audit looks at and how. Everything has a default.
///
/// | name | default | meaning | source |
/// | --- | --- | --- | --- |
/// | `observed_until` | the day of the view | last day whose purchases count for value and return | – |
/// | `follow_up_days` | 184 | for how many whole days a customer is watched for coming back | *convention*: half a year |
/// | `sentiment` | the customary rule of the scale | which ratings are detractors, passives, promoters | [`SentimentRule::standard`] |
/// | `level` | 0.95 | nominal level of all intervals | *convention* |
/// | `near_days` | 10 | the first days late, for which the slope of the score is given apart | *convention* |
/// | `buckets` | [`GapLimits::default`] | limits of the gap buckets | *convention* |
/// | `disappointed_within_days` | 183 | how far back a disappointment is worth acting on | *convention* |
/// | `rows` | 20 | rows of segments and cases shown; the rest is summed in an "other" row | *convention* |
/// | `least_rows_per_segment` | 20 | segments with fewer promises carried out are summed in the "other" row | *convention* |
/// | `assumptions` | none | without them there is no word of mouth and no win-back | – |
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuditOptions {
    /// Last day whose purchases count for value and return.
    pub observed_until: Option<NaiveDate>,
    /// How long a customer is watched for coming back, in days.
    pub follow_up_days: u32,
    /// Which ratings are detractors, passives, promoters.
    pub sentiment: Option<SentimentRule>,
    /// Nominal level of all intervals.
    pub level: Probability,
    /// The first days late, for which the slope of the score is given apart.
    pub near_days: u32,
    /// Limits of the gap buckets.
    pub buckets: GapLimits,
    /// How far back a disappointment is worth acting on, in days.
    pub disappointed_within_days: u32,
    /// Rows of segments and cases shown.
    pub rows: usize,
    /// Fewest promises carried out for a segment to be shown.
    pub least_rows_per_segment: u64,
    /// What no table can tell.
    pub assumptions: Option<Assumptions>,
}

impl Default for AuditOptions {
    fn default() -> Self {
        Self {
            observed_until: None,
            follow_up_days: ReturnRate::DEFAULT_FOLLOW_UP_DAYS,
            sentiment: None,
            // A literal within 0 to 1 cannot be refused.
            level: Probability::new(0.95).unwrap_or(Probability::ONE),
            near_days: 10,
            buckets: GapLimits::default(),
            disappointed_within_days: 183,
            rows: 20,
            least_rows_per_segment: 20,
            assumptions: None,
        }
    }
}
