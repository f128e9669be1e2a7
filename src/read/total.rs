//! Columns of money that are only summed.

use toml::Table;

use crate::error::{Error, Result};
use crate::measure::{Currency, Money};

use super::amount::in_words;
use super::columns::{Columns, Slot};
use super::reading::Fault;
use super::row::Row;
use super::section::Section;

/// One sum: `freight = "freight_value"`. An empty cell adds nothing.
#[derive(Clone, Debug)]
pub(super) struct TotalRule {
    pub(super) name: Box<str>,
    column: Slot,
    pub(super) currency: Currency,
}

impl TotalRule {
    pub(super) fn parse_all(
        table: &Table,
        columns: &mut Columns,
        currency: Option<Currency>,
    ) -> Result<Vec<Self>> {
        let names: Vec<&str> = table.keys().map(String::as_str).collect();
        let section = Section::new("totals", table, &names)?;
        let currency = currency.ok_or_else(|| Error::Mapping {
            key: "currency".into(),
            reason: "is missing, but [totals] sums money: say which, such as currency = \"EUR\""
                .into(),
        })?;
        names
            .iter()
            .map(|&name| {
                let column = section.needed_text(name)?;
                Ok(Self {
                    name: name.into(),
                    column: columns.slot(column, || section.path(name)),
                    currency,
                })
            })
            .collect()
    }

    pub(super) fn read(&self, row: &Row<'_>) -> Result<Money, Fault> {
        let Some(cell) = row.cell(self.column)? else {
            return Ok(Money::from_minor(0, self.currency));
        };
        let mut buffer = String::new();
        Money::parse(
            row.mapping.format.plain_number(cell, &mut buffer),
            self.currency,
        )
        .map_err(|error| row.fault(self.column, cell, in_words(&error, self.currency)))
    }
}
