//! `kind = "feedback"` and `kind = "expectation"`: ratings.

use crate::error::Result;
use crate::journey::Fact;
use crate::measure::{Rating, RatingScale};

use super::columns::{Columns, Slot, TimeSlot};
use super::moment::TimeCell;
use super::reading::Fault;
use super::row::{Outcome, Row};
use super::section::Section;

/// A rating in a cell.
#[derive(Clone, Debug)]
struct Answer {
    column: Slot,
    scale: RatingScale,
    /// Codes that mean "no answer".
    blank: Vec<f64>,
}

impl Answer {
    fn parse(section: &Section<'_>, columns: &mut Columns) -> Result<Self> {
        let column = section.needed_text("rating")?;
        let column = columns.slot(column, || section.path("rating"));
        let scale = match section.numbers("scale")?.as_deref() {
            None => return Err(section.refuse("scale", "is missing: write scale = [1, 5]")),
            Some(&[lowest, highest]) => RatingScale::new(lowest, highest).ok(),
            Some(_) => None,
        };
        let scale = scale.ok_or_else(|| {
            section.refuse(
                "scale",
                "must be the lowest and the highest rating, such as [1, 5]",
            )
        })?;
        Ok(Self {
            column,
            scale,
            blank: section.numbers("blank")?.unwrap_or_default(),
        })
    }

    fn read(&self, row: &Row<'_>) -> Result<Option<Rating>, Fault> {
        let Some(cell) = row.cell(self.column)? else {
            return Ok(None);
        };
        let mut buffer = String::new();
        let number: f64 = row
            .mapping
            .format
            .plain_number(cell, &mut buffer)
            .parse()
            .map_err(|_| row.fault(self.column, cell, "not a number"))?;
        if self.blank.contains(&number) {
            return Ok(None);
        }
        self.scale
            .rate(number)
            .map(Some)
            .map_err(|_| row.fault(self.column, cell, format!("not on {}", self.scale)))
    }
}

/// The customer was asked, and perhaps answered.
#[derive(Clone, Debug)]
pub(super) struct FeedbackRule {
    asked: Option<TimeSlot>,
    answer: Answer,
}

impl FeedbackRule {
    pub(super) fn parse(section: &Section<'_>, columns: &mut Columns) -> Result<Self> {
        Ok(Self {
            asked: columns.time(section, "asked")?,
            answer: Answer::parse(section, columns)?,
        })
    }

    pub(super) fn scale(&self) -> RatingScale {
        self.answer.scale
    }

    pub(super) fn read<'r>(
        &'r self,
        at: Option<TimeCell>,
        row: &Row<'r>,
        outcome: &mut Outcome<'r>,
    ) -> Result<(), Fault> {
        if let Some(asked) = self.asked.and_then(|slot| row.time(slot)) {
            outcome.push(asked.at, Fact::FeedbackAsked);
        }
        let rating = self.answer.read(row)?;
        if let (Some(at), Some(rating)) = (at, rating) {
            outcome.push(at.at, Fact::Feedback(rating));
        }
        Ok(())
    }
}

/// What the customer expected.
#[derive(Clone, Debug)]
pub(super) struct ExpectationRule {
    answer: Answer,
}

impl ExpectationRule {
    pub(super) fn parse(section: &Section<'_>, columns: &mut Columns) -> Result<Self> {
        Ok(Self {
            answer: Answer::parse(section, columns)?,
        })
    }

    pub(super) fn read<'r>(
        &'r self,
        at: TimeCell,
        row: &Row<'r>,
        outcome: &mut Outcome<'r>,
    ) -> Result<(), Fault> {
        if let Some(rating) = self.answer.read(row)? {
            outcome.push(at.at, Fact::ExpectationStated(rating));
        }
        Ok(())
    }
}
