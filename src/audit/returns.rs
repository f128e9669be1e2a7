//! Who came back after the first time.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::error::Result;
use crate::gap::ReturnRate;
use crate::journey::AsOf;
use crate::measure::{Estimate, SentimentRule};
use crate::promise::PromiseLedger;

use super::AuditOptions;
use super::doubt::estimate_of;

/// Who came back after the first time, by how it went.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ReturnFinding {
    /// First cases made on or before this day count.
    pub made_by: NaiveDate,
    /// Purchases up to this day count.
    pub observed_until: NaiveDate,
    /// After being served in time.
    pub on_time: Option<Estimate>,
    /// How many of them came back.
    pub on_time_repeat: u64,
    /// After being served late.
    pub late: Option<Estimate>,
    /// How many of them came back.
    pub late_repeat: u64,
    /// By score of the first case: customers, and how many of them came back.
    pub by_score: BTreeMap<String, [u64; 2]>,
    /// Fisher's exact probability, two-sided.
    pub fisher_exact_two_sided_p: Option<f64>,
    /// What must be said beside it.
    pub caution: &'static str,
}

impl ReturnFinding {
    pub(super) fn of(
        view: AsOf<'_>,
        ledger: &PromiseLedger,
        promise: &str,
        rule: SentimentRule,
        (observed_until, options): (NaiveDate, &AuditOptions),
    ) -> Result<Option<Self>> {
        let rate = ReturnRate::of(
            view,
            ledger,
            promise,
            rule.scale(),
            observed_until,
            options.follow_up_days,
        )?;
        let (on_time, late) = (rate.on_time(), rate.late());
        if on_time.trials() + late.trials() == 0 {
            return Ok(None);
        }
        let contrast = match (on_time.trials(), late.trials()) {
            (0, _) | (_, 0) => None,
            _ => Some(rate.contrast(options.level)?),
        };
        Ok(Some(Self {
            made_by: rate.observed_until() - chrono::Days::new(u64::from(rate.follow_up_days())),
            observed_until: rate.observed_until(),
            on_time: estimate_of(on_time, options.level)?,
            on_time_repeat: on_time.successes(),
            late: estimate_of(late, options.level)?,
            late_repeat: late.successes(),
            by_score: rate
                .by_score()
                .iter()
                .map(|(score, share)| (score.to_string(), [share.trials(), share.successes()]))
                .collect(),
            fisher_exact_two_sided_p: contrast.map(|contrast| contrast.p_value()),
            caution: ReturnRate::CAUTION,
        }))
    }
}
