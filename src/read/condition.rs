//! When a fact holds: columns, and the values that they may have.

use toml::Value;

use crate::error::Result;

use super::columns::{Columns, Slot};
use super::reading::Fault;
use super::row::Row;
use super::section::{Section, as_texts};

/// All columns hold one of their values; or, of several such tables, at least one does. An empty text among the values
/// stands for a missing cell.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    alternatives: Vec<Vec<(Slot, Vec<String>)>>,
}

impl Condition {
    pub(super) fn parse(
        section: &Section<'_>,
        key: &str,
        columns: &mut Columns,
    ) -> Result<Option<Self>> {
        let refused = || {
            section.refuse(
                key,
                "must be columns with their values, such as { status = [\"canceled\"] }, or a list of these",
            )
        };
        let alternatives = match section.value(key) {
            None => return Ok(None),
            Some(Value::Array(alternatives)) => alternatives.as_slice(),
            Some(single) => std::slice::from_ref(single),
        };
        if alternatives.is_empty() {
            return Err(refused());
        }
        let mut alternative = |value: &Value| {
            let table = value.as_table().filter(|table| !table.is_empty());
            table
                .ok_or_else(refused)?
                .iter()
                .map(|(column, values)| {
                    let mut values = as_texts(values)
                        .filter(|values| !values.is_empty())
                        .ok_or_else(refused)?;
                    // Sorted once, searched in every row.
                    values.sort_unstable();
                    Ok((columns.slot(column, || section.path(key)), values))
                })
                .collect::<Result<Vec<_>>>()
        };
        let alternatives = alternatives
            .iter()
            .map(&mut alternative)
            .collect::<Result<_>>()?;
        Ok(Some(Self { alternatives }))
    }

    pub(super) fn holds(&self, row: &Row<'_>) -> Result<bool, Fault> {
        for columns in &self.alternatives {
            if all_hold(columns, row)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn all_hold(columns: &[(Slot, Vec<String>)], row: &Row<'_>) -> Result<bool, Fault> {
    for (slot, values) in columns {
        let cell = row.cell(*slot)?.unwrap_or_default();
        if values
            .binary_search_by(|value| value.as_str().cmp(cell))
            .is_err()
        {
            return Ok(false);
        }
    }
    Ok(true)
}
