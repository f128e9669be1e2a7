//! What a customer spends per purchase.

use crate::error::Result;
use crate::measure::ExpectedMoney;

use crate::value::PurchaseHistory;

/// A rule for a customer's mean spend per purchase.
pub trait FittedSpendModel: Sync {
    /// The expected mean spend per purchase of this customer.
    ///
    /// # Errors
    /// [`Error::CannotTell`](crate::Error::CannotTell) where the expectation does not exist.
    fn expected_mean_spend(&self, history: &PurchaseHistory) -> Result<ExpectedMoney>;
}

/// The same spend for everyone: the way out where spend cannot be modelled.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FixedSpend(pub ExpectedMoney);

impl FittedSpendModel for FixedSpend {
    fn expected_mean_spend(&self, _: &PurchaseHistory) -> Result<ExpectedMoney> {
        Ok(self.0)
    }
}
