//! What was assumed, and what could not be told.

use crate::audit::Audit;
use crate::error::Result;
use crate::report::{Cell, Column, Section, Table, Unit};

pub(super) fn limits(audit: &Audit) -> Result<Section> {
    let mut section = Section::new("What was assumed, and what could not be told");
    if let Some(given) = &audit.assumptions {
        let share =
            |name: &str, value: f64| vec![Cell::from(name), Cell::Number(value, Unit::percent(1))];
        let mut rows = vec![
            share(
                "Share of revenue that is contribution",
                given.contribution_margin.value(),
            ),
            share("A hearer of a detractor is lost", given.hearer_lost.value()),
            share("A hearer of good word is won", given.hearer_won.value()),
            share("A hearer tells on", given.retelling.value()),
            share(
                "A disappointed customer leaves",
                given.leaves_if_disappointed.value(),
            ),
            share(
                "A recovered customer leaves",
                given.leaves_if_recovered.value(),
            ),
            share("An attempt succeeds", given.attempt_success.value()),
            vec![
                Cell::from("Cost of an attempt"),
                Cell::Number(given.attempt_cost, Unit::plain(2)),
            ],
            vec![
                Cell::from(
                    "Hearers: told by the dissatisfied 9 to 15, by the recovered and the happy 4 to 6 (convention)",
                ),
                Cell::Missing,
            ],
        ];
        if let Some(attempts) = given.attempts {
            rows.push(vec![
                Cell::from("Attempts that can be made"),
                Cell::count(attempts),
            ]);
        }
        if let Some(market) = given.market {
            rows.push(vec![
                Cell::from("Persons who could hear"),
                Cell::Number(market, Unit::count()),
            ]);
        }
        section = section.with_table(Table::new(
            "Assumptions: stated by the user, not measured",
            vec![Column::text("What"), Column::number("Value")],
            rows,
        )?);
    }
    for silence in &audit.silences {
        section = section.with_note(silence.clone());
    }
    if audit.word_of_mouth.is_some() {
        section = section.with_note(
            "No table of orders shows who told whom: word of mouth is a calculation under assumptions, not a measurement.",
        );
    }
    Ok(section)
}
