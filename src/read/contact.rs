//! `kind = "contact"`: who got in touch, and why.

use crate::error::Result;
use crate::journey::{Contact, Fact, Initiator};

use super::columns::Columns;
use super::moment::TimeCell;
use super::reading::Fault;
use super::row::{Outcome, Row};
use super::section::Section;
use super::wording::Wording;

#[derive(Clone, Debug)]
pub(super) struct ContactRule {
    by: Initiator,
    asked: bool,
    reason: Option<Wording>,
    passed_to: Option<Wording>,
}

impl ContactRule {
    pub(super) fn parse(section: &Section<'_>, columns: &mut Columns) -> Result<Self> {
        let by = match section.needed_text("by")? {
            "customer" => Initiator::Customer,
            "company" => Initiator::Company,
            _ => return Err(section.refuse("by", "must be \"customer\" or \"company\"")),
        };
        Ok(Self {
            by,
            asked: section.flag("asked")?,
            reason: Wording::parse(section, "reason", "reason_column", columns)?,
            passed_to: Wording::parse(section, "passed_to", "passed_to_column", columns)?,
        })
    }

    pub(super) fn read<'r>(
        &'r self,
        at: TimeCell,
        row: &Row<'r>,
        outcome: &mut Outcome<'r>,
    ) -> Result<(), Fault> {
        let text = |wording: &'r Option<Wording>| match wording {
            Some(wording) => wording.read(row),
            None => Ok(None),
        };
        let contact = Contact {
            by: self.by,
            asked: self.asked,
            reason: text(&self.reason)?,
            passed_to: text(&self.passed_to)?,
        };
        outcome.push(at.at, Fact::Contact(contact));
        Ok(())
    }
}
