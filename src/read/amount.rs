//! Money in a cell.

use crate::error::{Error, Result};
use crate::measure::{Currency, Money};

use super::columns::{Columns, Slot};
use super::reading::Fault;
use super::row::Row;
use super::section::Section;

pub(super) const KEYS: [&str; 3] = ["amount", "quantity", "missing_amount"];

/// An amount, or a price and how many times it was paid.
#[derive(Clone, Debug)]
pub(super) struct Amount {
    column: Slot,
    quantity: Option<Slot>,
    missing: Option<Money>,
    currency: Currency,
}

impl Amount {
    pub(super) fn parse(
        section: &Section<'_>,
        columns: &mut Columns,
        currency: Option<Currency>,
    ) -> Result<Self> {
        let column = section.needed_text("amount")?;
        let column = columns.slot(column, || section.path("amount"));
        let currency = currency.ok_or_else(|| Error::Mapping {
            key: "currency".into(),
            reason: format!(
                "is missing, but {} reads money: say which, such as currency = \"EUR\"",
                section.path("amount")
            ),
        })?;
        let missing = section
            .text("missing_amount")?
            .map(|text| {
                Money::parse(text, currency).map_err(|_| {
                    section.refuse("missing_amount", "must be an amount such as \"0\"")
                })
            })
            .transpose()?;
        Ok(Self {
            column,
            quantity: columns.cell(section, "quantity")?,
            missing,
            currency,
        })
    }

    pub(super) fn read(&self, row: &Row<'_>) -> Result<Money, Fault> {
        let Some(cell) = row.cell(self.column)? else {
            return self
                .missing
                .ok_or_else(|| row.fault(self.column, "", "no amount"));
        };
        let mut buffer = String::new();
        let number = row.mapping.format.plain_number(cell, &mut buffer);
        let money = Money::parse(number, self.currency)
            .map_err(|error| row.fault(self.column, cell, in_words(&error, self.currency)))?;
        let Some(slot) = self.quantity else {
            return Ok(money);
        };
        let cell = row.key(slot)?;
        let mut buffer = String::new();
        let quantity: i64 = row
            .mapping
            .format
            .plain_number(cell, &mut buffer)
            .parse()
            .map_err(|_| row.fault(slot, cell, "not a whole number of pieces"))?;
        money
            .minor()
            .checked_mul(quantity)
            .map(|minor| Money::from_minor(minor, self.currency))
            .ok_or_else(|| row.fault(slot, cell, "price times quantity is too large"))
    }
}

pub(super) fn in_words(error: &Error, currency: Currency) -> String {
    match error {
        Error::Overflow { .. } => "an amount too large to book".into(),
        _ => format!(
            "not an amount of {currency} with at most {} decimals",
            currency.minor_digits()
        ),
    }
}
