//! What a stored summary of purchases must keep to when it comes back.

use crate::error::{Error, Result};
use crate::measure::{Currency, Money};

use crate::value::{PurchaseHistories, PurchaseSummary};

/// A summary before it is checked.
#[derive(serde::Deserialize)]
pub(super) struct StoredSummary {
    histories: PurchaseHistories,
    currency: Currency,
    total_minor: Vec<i64>,
    time_to_second: Vec<f64>,
    bookings_after_end: usize,
    void_days: usize,
    unmatched_refunds: Money,
}

impl TryFrom<StoredSummary> for PurchaseSummary {
    type Error = Error;

    fn try_from(stored: StoredSummary) -> Result<Self> {
        let histories = &stored.histories;
        for (what, expected, found) in [
            (
                "the total spends",
                histories.len(),
                stored.total_minor.len(),
            ),
            (
                "the times to the second purchase",
                histories.repeaters(),
                stored.time_to_second.len(),
            ),
        ] {
            if expected != found {
                return Err(Error::UnequalLengths {
                    left: "the histories that need them",
                    left_len: expected,
                    right: what,
                    right_len: found,
                });
            }
        }
        let active = histories
            .active_for()
            .iter()
            .filter(|&&active| active > 0.0);
        for (row, (&second, &active)) in stored.time_to_second.iter().zip(active).enumerate() {
            if !(second > 0.0 && second <= active) {
                return Err(Error::BadColumnValue {
                    column: "time_to_second".into(),
                    row,
                    found: second,
                    allowed: "be positive and not beyond the last purchase".into(),
                });
            }
        }
        let other = histories.mean_repeat_spend().map(|(currency, _)| currency);
        for other in other
            .into_iter()
            .chain([stored.unmatched_refunds.currency()])
        {
            if other != stored.currency {
                return Err(Error::MixedCurrencies {
                    left: stored.currency.to_string(),
                    right: other.to_string(),
                });
            }
        }
        let unmatched = stored.unmatched_refunds.minor() as f64;
        Error::unless(
            unmatched <= 0.0,
            "unmatched refunds",
            unmatched,
            "be 0 or below",
        )?;
        Ok(Self {
            histories: stored.histories,
            currency: stored.currency,
            total_minor: stored.total_minor,
            time_to_second: stored.time_to_second,
            bookings_after_end: stored.bookings_after_end,
            void_days: stored.void_days,
            unmatched_refunds: stored.unmatched_refunds,
        })
    }
}
