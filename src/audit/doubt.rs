//! Shares and means with their doubt, where there is anything to count.

use crate::error::Result;
use crate::measure::{Estimate, Moments, Probability, Proportion};

pub(super) fn estimate_of(proportion: Proportion, level: Probability) -> Result<Option<Estimate>> {
    if proportion.trials() == 0 {
        Ok(None)
    } else {
        proportion.estimate(level).map(Some)
    }
}

pub(super) fn mean_of(moments: Moments, level: Probability) -> Result<Option<Estimate>> {
    if moments.count() == 0 {
        Ok(None)
    } else {
        moments.estimate(level).map(Some)
    }
}
