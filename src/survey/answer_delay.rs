//! How long they took to answer.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::journey::{AsOf, CaseIndex, FactKind};
use crate::measure::{Merge, Moments, Timestamp};
use crate::numeric::quantile;

/// Days from the question to the answer, by the clock on the wall, for each case that was asked and answered after.
///
/// Within a case and touchpoint the last answer counts, and the last question before it. Every delay is kept, so that
/// pieces merge into the exact quantiles of the whole.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AnswerDelay {
    /// Days in ascending order, each with how often.
    days: Vec<(f64, u64)>,
}

impl AnswerDelay {
    /// Of everything in the view.
    #[must_use]
    pub fn of(view: AsOf<'_>) -> Self {
        let zone = view.zone();
        let mut days = Vec::new();
        for journey in view.journeys() {
            let mut cases: BTreeMap<(Option<CaseIndex>, Option<&str>), Asked> = BTreeMap::new();
            for event in journey.events() {
                let key = (event.case(), event.touchpoint());
                match event.kind() {
                    FactKind::FeedbackAsked => cases.entry(key).or_default().at = Some(event.at()),
                    FactKind::Feedback => {
                        let asked = cases.entry(key).or_default();
                        asked.answered = asked.at.map(|at| (at, event.at()));
                    }
                    _ => {}
                }
            }
            for (asked, answered) in cases.into_values().filter_map(|asked| asked.answered) {
                let delay = zone.wall_clock(answered) - zone.wall_clock(asked);
                if let Some(micros) = delay.num_microseconds() {
                    days.push((micros as f64 / 86_400e6, 1));
                }
            }
        }
        Self {
            days: counted(days),
        }
    }

    /// The quantile at `share` (clamped to 0 to 1), in days, interpolated between neighbours (type 7 of Hyndman & Fan
    /// 1996); `None` without answers.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        quantile(&self.days, share)
    }

    /// The median, in days; `None` without answers.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }

    /// Count, mean and spread, in days.
    #[must_use]
    pub fn moments(&self) -> Moments {
        let mut moments = Moments::default();
        for &(days, times) in &self.days {
            moments.record_times(days, times);
        }
        moments
    }
}

/// The last question of a case, and the question and the moment of its last answer.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    at: Option<Timestamp>,
    answered: Option<(Timestamp, Timestamp)>,
}

fn counted(mut days: Vec<(f64, u64)>) -> Vec<(f64, u64)> {
    days.sort_by(|(left, _), (right, _)| left.total_cmp(right));
    days.dedup_by(|next, kept| {
        let same = next.0.total_cmp(&kept.0).is_eq();
        if same {
            kept.1 += next.1;
        }
        same
    });
    days
}

impl Merge for AnswerDelay {
    /// Pieces must hold different cases.
    fn merge(&mut self, other: &Self) -> Result<()> {
        let mut days = std::mem::take(&mut self.days);
        days.extend_from_slice(&other.days);
        self.days = counted(days);
        Ok(())
    }
}
