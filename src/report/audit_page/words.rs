//! Numbers as words of a sentence.

use crate::measure::Currency;
use crate::report::{Unit, grouped};

pub(super) fn percent(share: f64, decimals: u8) -> String {
    Unit::percent(decimals).write(share)
}

pub(super) fn count(number: u64) -> String {
    grouped(number as f64, 0)
}

/// "1 customer was", "2 customers were".
pub(super) fn customers(number: u64, one: &str, many: &str) -> String {
    if number == 1 {
        format!("1 customer {one}")
    } else {
        format!("{} customers {many}", count(number))
    }
}

pub(super) fn money(amount: f64, currency: Currency) -> String {
    Unit::money(currency).write(amount)
}
