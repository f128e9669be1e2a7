//! What is each customer worth?

use crate::audit::{Audit, WorthFinding};
use crate::error::Result;
use crate::report::{Cell, Column, KeyFigure, Section, Table, Unit, day};

use super::words::{count, money, percent};

pub(super) fn worth(audit: &Audit) -> Result<Section> {
    let mut section = Section::new("What is each customer worth?");
    if let Some(rfm) = &audit.rfm {
        section = section.with_paragraph(format!(
            "Up to {}, {} customers bought on {} days; {} of them ({}) came back at least once.",
            day(rfm.observation_end),
            count(rfm.n),
            count(rfm.purchase_days),
            count(rfm.repeaters),
            rfm.share_repeaters
                .map_or_else(String::new, |share| percent(share, 2))
        ));
    }
    let Some(worth) = &audit.worth else {
        return Ok(section);
    };
    section = worth_words(section, worth);
    if let (Some(purchases), Some(spend)) = (&worth.purchases, &worth.spend) {
        let rows = [purchases, spend]
            .into_iter()
            .flat_map(|model| {
                model.parameters.iter().map(|(name, value, error)| {
                    vec![
                        Cell::from(model.model.as_str()),
                        Cell::from(name.as_str()),
                        Cell::Number(*value, Unit::plain(4)),
                        Cell::optional(*error, Unit::plain(4)),
                    ]
                })
            })
            .collect();
        section = section.with_table(Table::new(
            "Fitted models, times in weeks",
            vec![
                Column::text("Model"),
                Column::text("Parameter"),
                Column::number("Value"),
                Column::number("Standard error"),
            ],
            rows,
        )?);
        for warning in purchases.warnings.iter().chain(&spend.warnings) {
            section = section.with_note(warning.clone());
        }
    }
    Ok(section)
}

fn worth_words(section: Section, worth: &WorthFinding) -> Section {
    let what = if worth.margin < 1.0 {
        format!("contribution at a margin of {}", percent(worth.margin, 0))
    } else {
        "revenue".to_owned()
    };
    let mut section = section
        .with_key_figure(
            KeyFigure::new(
                "Expected from all customers",
                money(worth.total, worth.currency),
            )
            .with_help(format!(
                "{what} over {}, discounted at {} a year",
                Unit::days(0).write(worth.horizon_days),
                percent(worth.discount_rate, 0)
            )),
        )
        .with_key_figure(KeyFigure::new(
            "Per customer",
            money(worth.mean, worth.currency),
        ))
        .with_paragraph(format!("How: {}.", worth.method));
    if let Some(alive) = worth.mean_probability_alive {
        section = section.with_key_figure(
            KeyFigure::new("Still a customer", percent(alive, 1)).with_help(
                "on average, by the model, which counts all who bought once as still there",
            ),
        );
    }
    if let Some(reason) = &worth.model_refused {
        section = section.with_note(format!("No purchase model was used: {reason}."));
    }
    section
}
