//! Lengths of time as a clock on the wall shows them.

use chrono::NaiveDateTime;

/// A sum of lengths of time as a clock on the wall shows them, exact in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub(super) struct WallClockTime {
    micros: i128,
    count: u64,
}

impl WallClockTime {
    pub(super) fn record(&mut self, from: NaiveDateTime, to: NaiveDateTime) {
        if let Some(micros) = (to - from).num_microseconds() {
            self.micros += i128::from(micros);
            self.count += 1;
        }
    }

    pub(super) fn mean_days(self) -> Option<f64> {
        (self.count > 0).then(|| self.micros as f64 / self.count as f64 / 86_400e6)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            micros: self.micros.saturating_add(other.micros),
            count: self.count.saturating_add(other.count),
        }
    }
}
