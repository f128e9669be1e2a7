//! What customers did after the histories end, kept back to judge a forecast.

use crate::error::{Error, Result};
use crate::measure::{Currency, Money, Span};

/// What each customer did in the span after the histories end, row by row of the histories.
///
/// Made with them in one pass by [`PurchaseDays::split`](crate::value::PurchaseDays::split) or
/// [`PurchaseTallies::split`](crate::value::PurchaseTallies::split), or from columns.
///
/// ```
/// use tillit::{measure::{Span, TimeUnit}, value::Holdout};
///
/// let holdout = Holdout::new(Span::new(39.0, TimeUnit::Week)?, vec![1, 0, 3])?;
/// assert_eq!(holdout.total(), 4);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Columns", into = "Columns")
)]
pub struct Holdout {
    span: Span,
    purchases: Vec<u32>,
    spend: Option<(Currency, Vec<i64>)>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Columns {
    span: Span,
    purchases: Vec<u32>,
    spend: Option<(Currency, Vec<i64>)>,
}

#[cfg(feature = "serde")]
impl TryFrom<Columns> for Holdout {
    type Error = Error;

    fn try_from(columns: Columns) -> Result<Self> {
        let holdout = Self::new(columns.span, columns.purchases)?;
        match columns.spend {
            Some((currency, minor)) => holdout.with_spend(currency, minor),
            None => Ok(holdout),
        }
    }
}

#[cfg(feature = "serde")]
impl From<Holdout> for Columns {
    fn from(holdout: Holdout) -> Self {
        Self {
            span: holdout.span,
            purchases: holdout.purchases,
            spend: holdout.spend,
        }
    }
}

impl Holdout {
    /// Purchases of each customer within `span` after the histories end; days with several count once, as in the
    /// histories.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the span is empty.
    pub fn new(span: Span, purchases: Vec<u32>) -> Result<Self> {
        Error::unless(
            span.days() > 0.0,
            "length of the holdout",
            span.days(),
            "be longer than 0 days",
        )?;
        Ok(Self {
            span,
            purchases,
            spend: None,
        })
    }

    /// The same with what each customer spent, in minor units.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`].
    pub fn with_spend(mut self, currency: Currency, minor: Vec<i64>) -> Result<Self> {
        if minor.len() != self.purchases.len() {
            return Err(Error::UnequalLengths {
                left: "purchases",
                left_len: self.purchases.len(),
                right: "spend",
                right_len: minor.len(),
            });
        }
        self.spend = Some((currency, minor));
        Ok(self)
    }

    /// How long customers were watched.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// Purchases per row.
    #[must_use]
    pub fn purchases(&self) -> &[u32] {
        &self.purchases
    }

    /// Purchases of all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.purchases.iter().copied().map(u64::from).sum()
    }

    /// Spend per row, where known.
    #[must_use]
    pub fn spend(&self) -> Option<impl Iterator<Item = Money> + '_> {
        let (currency, minor) = self.spend.as_ref()?;
        Some(
            minor
                .iter()
                .map(|&minor| Money::from_minor(minor, *currency)),
        )
    }
}
