//! Sums of money, one for each currency.

use crate::error::Result;
use crate::measure::{Merge, Money};

/// One amount for each currency, in order of currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub(super) struct Paid(Vec<Money>);

impl Paid {
    pub(super) fn amounts(&self) -> &[Money] {
        &self.0
    }

    pub(super) fn add(&mut self, money: Money) -> Result<()> {
        let known = self
            .0
            .iter_mut()
            .find(|sum| sum.currency() == money.currency());
        if let Some(sum) = known {
            *sum = sum.plus(money)?;
        } else {
            let place = self
                .0
                .partition_point(|sum| sum.currency() < money.currency());
            self.0.insert(place, money);
        }
        Ok(())
    }
}

impl Merge for Paid {
    fn merge(&mut self, other: &Self) -> Result<()> {
        let mut merged = self.clone();
        for &money in &other.0 {
            merged.add(money)?;
        }
        *self = merged;
        Ok(())
    }
}
