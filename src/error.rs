//! The one error: what went wrong, where, what was found and what would have been allowed.
//!
//! Every variant holds plain data only, so this file knows no other room and lies on the ground floor.

use std::borrow::Cow;

use thiserror::Error as ThisError;

/// Result of everything in this crate that can be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong, in one enum.
///
/// Messages are one sentence: the value found, what is allowed, and where it helps the remedy.
///
/// ```
/// use tillit::{Error, measure::Probability};
///
/// let refused = Probability::new(1.2).unwrap_err();
/// assert!(matches!(refused, Error::OutOfRange { .. }));
/// assert_eq!(refused.to_string(), "probability is 1.2, but must lie within 0 to 1");
/// ```
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// A number lies outside its range; NaN lies outside every range.
    #[error("{what} is {found}, but must {allowed}")]
    OutOfRange {
        /// Name of the quantity.
        what: Cow<'static, str>,
        /// The number that was given.
        found: f64,
        /// The rule, worded to follow "must".
        allowed: Cow<'static, str>,
    },

    /// A number inside a column lies outside its range.
    #[error("{column} holds {found} in row {row} (counted from 0), but must {allowed}")]
    BadColumnValue {
        /// Name of the column.
        column: Cow<'static, str>,
        /// Row of the first offending value, counted from 0.
        row: usize,
        /// The value found.
        found: f64,
        /// The rule, worded to follow "must".
        allowed: Cow<'static, str>,
    },

    /// A text could not be understood.
    #[error("{what} {found:?} is not understood: expected {expected}")]
    InvalidText {
        /// Name of the quantity.
        what: Cow<'static, str>,
        /// The text that was given.
        found: String,
        /// What would have been understood.
        expected: Cow<'static, str>,
    },

    /// Columns that belong together differ in length.
    #[error(
        "{left} has {left_len} rows but {right} has {right_len}: give one value per row in both"
    )]
    UnequalLengths {
        /// Name of the first column.
        left: &'static str,
        /// Its length.
        left_len: usize,
        /// Name of the second column.
        right: &'static str,
        /// Its length.
        right_len: usize,
    },

    /// Two amounts in different currencies were to be combined.
    #[error("{left} and {right} cannot be combined: convert one of them first")]
    MixedCurrencies {
        /// Currency code on the left.
        left: String,
        /// Currency code on the right.
        right: String,
    },

    /// Two ratings on different scales were to be combined without bringing them to a common scale.
    #[error(
        "ratings on {left} and on {right} cannot be combined: bring both to the common 0 to 1 scale first"
    )]
    MixedScales {
        /// The first scale.
        left: String,
        /// The second scale.
        right: String,
    },

    /// A sum or product leaves the range of its type.
    #[error("{what} does not fit its type: split the data or use larger units")]
    Overflow {
        /// What was being computed.
        what: Cow<'static, str>,
    },

    /// Nothing was given where something is needed.
    #[error("{what} is empty: {remedy}")]
    Empty {
        /// What is empty.
        what: Cow<'static, str>,
        /// What to do about it.
        remedy: Cow<'static, str>,
    },

    /// Less was given than a calculation needs.
    #[error("{what}: found {found}, need at least {needed}; {remedy}")]
    TooFew {
        /// What there is too little of.
        what: Cow<'static, str>,
        /// How many were found.
        found: usize,
        /// How many are needed.
        needed: usize,
        /// What to do instead.
        remedy: Cow<'static, str>,
    },

    /// The data cannot carry the answer, however hard one computes.
    #[error("cannot tell {question}: {reason}")]
    CannotTell {
        /// The question that was asked.
        question: Cow<'static, str>,
        /// Why these data do not answer it, and what to use instead.
        reason: Cow<'static, str>,
    },

    /// A search for the best parameters ended without finding them.
    #[error(
        "{model} did not converge within {iterations} iterations (best log-likelihood {best_log_likelihood}): \
         check the time unit and the columns"
    )]
    DidNotConverge {
        /// The model.
        model: &'static str,
        /// Iterations spent.
        iterations: usize,
        /// Log-likelihood of the best point seen.
        best_log_likelihood: f64,
    },

    /// Two statements exclude each other.
    #[error("{what} contradicts itself: {reason}")]
    Contradiction {
        /// What is contradictory.
        what: Cow<'static, str>,
        /// The contradiction in words.
        reason: String,
    },

    /// Word of mouth grows without bound.
    #[error(
        "each teller{} brings about {growth} further tellers, so word of mouth without a last generation is \
         unbounded: state a market and ask for the portfolio, or a number of generations",
        row.map(|r| format!(" like row {r} (counted from 0)")).unwrap_or_default()
    )]
    NeedsMarket {
        /// Growth per generation, 1 or more.
        growth: f64,
        /// Row of the first such customer, counted from 0; `None` if it is no column's fault.
        row: Option<usize>,
    },

    /// A market that holds fewer persons than the customers who talk in it.
    #[error(
        "the market has {market} persons, fewer than the {customers} customers who talk in it: a market counts \
         everybody who may hear, customers included"
    )]
    MarketTooSmall {
        /// Persons in the market.
        market: u64,
        /// Customers of all groups.
        customers: u64,
    },

    /// A state of constant size per customer cannot follow one customer's days.
    #[error(
        "customer {customer}: {reason}; collect these purchases with PurchaseDays, which keeps them all"
    )]
    NeedsAllDays {
        /// The customer's index.
        customer: u32,
        /// What the state cannot follow.
        reason: Cow<'static, str>,
    },

    /// An event does not fit the log it is pushed into.
    #[error("event {row} of customer {customer:?}: {reason}")]
    BadEvent {
        /// The event's row, as the caller counts it.
        row: u64,
        /// The customer's key.
        customer: String,
        /// What does not fit.
        reason: String,
    },

    /// A mapping file asks for a column that the table does not have.
    #[error("the mapping's {key} names column {column:?}, but the table has: {available}")]
    UnknownColumn {
        /// Where in the mapping.
        key: String,
        /// The column that is missing.
        column: String,
        /// The columns there are.
        available: String,
    },

    /// A mapping file is not a mapping.
    #[error("the mapping's {key} {reason}")]
    Mapping {
        /// Where in the mapping.
        key: String,
        /// What is wrong and what is expected.
        reason: String,
    },

    /// A table could not be read at all.
    #[error("{what} cannot be read{}: {source}", line.map(|l| format!(" at line {l}")).unwrap_or_default())]
    Read {
        /// What was being read.
        what: String,
        /// Line, counted from 1, where it is known.
        line: Option<u64>,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// Something needs a feature that this build does not have.
    #[error("{what} needs the feature `{feature}` of tillit, which this build was made without")]
    MissingFeature {
        /// What was asked for.
        what: String,
        /// The feature to enable.
        feature: &'static str,
    },
}

impl Error {
    /// `Ok` if `inside` holds, else [`Error::OutOfRange`]. Ask "is it inside?" so that NaN fails.
    pub(crate) fn unless(
        inside: bool,
        what: &'static str,
        found: f64,
        allowed: &'static str,
    ) -> Result<()> {
        if inside {
            Ok(())
        } else {
            Err(Self::OutOfRange {
                what: what.into(),
                found,
                allowed: allowed.into(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn errors_can_travel_between_threads() {
        fn travels<T: Send + Sync + 'static>() {}
        travels::<Error>();
    }
}
