//! Numbers in words.

use tillit::report::Unit;

pub(crate) fn whole(count: usize) -> String {
    Unit::count().write(count as f64)
}

pub(crate) fn percent(share: f64) -> String {
    Unit::percent(0).write(share)
}

pub(crate) fn how_good(certificate: f64) -> String {
    if certificate > 1.0 - 1e-9 {
        "is proven best".into()
    } else {
        format!("reaches at least {} of the best", percent_down(certificate))
    }
}

/// A promise is never rounded up, the last digits of a sum apart.
pub(crate) fn percent_down(share: f64) -> String {
    Unit::percent(1).write(((share + 1e-9) * 1000.0).floor() / 1000.0)
}
