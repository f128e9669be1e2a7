//! What spending must show for a model of it to be fitted, where the search for one may go, and what is refused.

use crate::error::{Error, Result};

use crate::value::fit::Sample;
use crate::value::spend::spenders::Spenders;

/// With fewer, no spend model is fitted; as for the purchase models.
pub(in crate::value) const FEWEST_CUSTOMERS: usize = 10;

/// p, q and v (relative to the mean spend) are searched between the inverse of this and this.
const LARGEST_PARAMETER: f64 = 1e6;

/// The logarithms of p, q and v between which is searched.
pub(in crate::value) fn bounds(mean: f64) -> [(f64, f64); 3] {
    let limit = LARGEST_PARAMETER.ln();
    let around = mean.ln();
    [
        (-limit, limit),
        (-limit, limit),
        (around - limit, around + limit),
    ]
}

pub(in crate::value) fn require_spenders(model: &'static str, spenders: &Spenders) -> Result<()> {
    if spenders.customers() >= FEWEST_CUSTOMERS {
        return Ok(());
    }
    Err(Error::TooFew {
        what: format!("customers with repeat purchases of positive value for {model}").into(),
        found: spenders.customers(),
        needed: FEWEST_CUSTOMERS,
        remedy: "use the observed mean spend".into(),
    })
}

pub(in crate::value) fn sample_of(model: &'static str, spenders: &Spenders) -> Sample {
    Sample {
        model,
        customers: spenders.customers(),
        repeaters: spenders.customers(),
        patterns: spenders.distinct(),
    }
}

pub(in crate::value) fn no_start() -> Error {
    Error::Empty {
        what: "the list of starts".into(),
        remedy: "give one".into(),
    }
}

/// Refuses an end on a bound by the name of the limit; `logarithms` are those of p, q, v and what follows them.
pub(in crate::value) fn refuse_edge(logarithms: &[f64], at_bound: &[bool]) -> Result<()> {
    if !at_bound.contains(&true) {
        return Ok(());
    }
    let large = |index: usize| at_bound[index] && logarithms[index] > 0.0;
    let limit = if large(0) {
        ", p → ∞: a customer's purchases cost alike"
    } else if large(1) {
        ", q, v → ∞: customers spend alike"
    } else {
        ""
    };
    Err(Error::CannotTell {
        question: "how spend differs between customers".into(),
        reason: format!(
            "the likelihood keeps growing towards the edge of the parameters{limit}; spend hardly varies within or between \
             customers: use the observed mean spend"
        )
        .into(),
    })
}

pub(in crate::value) fn undefined(question: &'static str, limit: &str, found: f64) -> Error {
    Error::CannotTell {
        question: question.into(),
        reason: format!(
            "it exists only for p x + q above {limit}, found {found}: use the observed mean spend"
        )
        .into(),
    }
}
