//! `kind = "need_known"` and `kind = "need_asked"`: what the customer needs, and whether anybody asked.

use crate::error::Result;
use crate::journey::Fact;

use super::columns::Columns;
use super::moment::TimeCell;
use super::reading::Fault;
use super::row::{Outcome, Row};
use super::section::Section;
use super::wording::Wording;

#[derive(Clone, Debug)]
pub(super) struct NeedRule {
    need: Wording,
    asked: bool,
}

impl NeedRule {
    pub(super) fn parse(section: &Section<'_>, columns: &mut Columns, asked: bool) -> Result<Self> {
        let need = Wording::parse(section, "need", "need_column", columns)?
            .ok_or_else(|| section.refuse("need", "is missing: write need or need_column"))?;
        Ok(Self { need, asked })
    }

    pub(super) fn read<'r>(
        &'r self,
        at: TimeCell,
        row: &Row<'r>,
        outcome: &mut Outcome<'r>,
    ) -> Result<(), Fault> {
        if let Some(need) = self.need.read(row)? {
            let fact = if self.asked {
                Fact::NeedAsked(need)
            } else {
                Fact::NeedKnown(need)
            };
            outcome.push(at.at, fact);
        }
        Ok(())
    }
}
