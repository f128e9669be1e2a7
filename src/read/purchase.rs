//! `kind = "purchase"` and `kind = "refund"`: money there and back.

use crate::error::Result;
use crate::journey::Fact;
use crate::measure::{Currency, Money};

use super::amount::Amount;
use super::columns::Columns;
use super::condition::Condition;
use super::moment::TimeCell;
use super::reading::Fault;
use super::row::{Outcome, Row};
use super::section::Section;

/// A purchase; an amount below 0 is a refund.
#[derive(Clone, Debug)]
pub(super) struct PurchaseRule {
    amount: Amount,
    /// Such a purchase is followed at once by a refund of the same amount.
    cancelled: Option<Condition>,
}

impl PurchaseRule {
    pub(super) fn parse(
        section: &Section<'_>,
        columns: &mut Columns,
        currency: Option<Currency>,
    ) -> Result<Self> {
        Ok(Self {
            amount: Amount::parse(section, columns, currency)?,
            cancelled: Condition::parse(section, "cancelled", columns)?,
        })
    }

    pub(super) fn read<'r>(
        &'r self,
        at: TimeCell,
        row: &Row<'r>,
        outcome: &mut Outcome<'r>,
    ) -> Result<(), Fault> {
        let paid = self.amount.read(row)?;
        if paid.minor() < 0 {
            outcome.push(at.at, Fact::Refund(magnitude(paid)));
            return Ok(());
        }
        outcome.push(at.at, Fact::Purchase(paid));
        let cancelled = match &self.cancelled {
            Some(condition) => condition.holds(row)?,
            None => false,
        };
        // Also of an amount of nothing: that the order was cancelled is a fact.
        if cancelled {
            outcome.push(at.at, Fact::Refund(paid));
        }
        Ok(())
    }
}

/// Money back, written with or without a minus; nothing back is no refund.
#[derive(Clone, Debug)]
pub(super) struct RefundRule {
    amount: Amount,
}

impl RefundRule {
    pub(super) fn parse(
        section: &Section<'_>,
        columns: &mut Columns,
        currency: Option<Currency>,
    ) -> Result<Self> {
        Ok(Self {
            amount: Amount::parse(section, columns, currency)?,
        })
    }

    pub(super) fn read<'r>(
        &'r self,
        at: TimeCell,
        row: &Row<'r>,
        outcome: &mut Outcome<'r>,
    ) -> Result<(), Fault> {
        let back = magnitude(self.amount.read(row)?);
        if back.minor() > 0 {
            outcome.push(at.at, Fact::Refund(back));
        }
        Ok(())
    }
}

/// The amount without its sign.
fn magnitude(money: Money) -> Money {
    Money::from_minor(money.minor().saturating_abs(), money.currency())
}
