//! Do they still believe us, and what do they say?

use crate::audit::{PartyFinding, ScoreFinding, TrustFinding};
use crate::error::Result;
use crate::report::{Cell, Column, KeyFigure, Section, Table, Unit};

use super::words::{count, percent};

pub(super) fn believe(trust: &TrustFinding) -> Result<Section> {
    let table = |caption: String, heading: &str, rows: &[PartyFinding]| {
        Table::new(
            caption,
            vec![
                Column::text(heading),
                Column::number("Promises"),
                Column::number("Kept next time"),
                Column::text("Band"),
            ],
            rows.iter()
                .map(|party| {
                    vec![
                        Cell::from(party.name.as_str()),
                        Cell::count(party.reliability.observations()),
                        Cell::Number(party.reliability.value(), Unit::percent(1)),
                        Cell::from(Unit::percent(1).write_doubt(&party.reliability)),
                    ]
                })
                .collect(),
        )
    };
    let mut section = Section::new("Do they still believe us?")
        .with_key_figure(
            KeyFigure::of("The next promise is kept", &trust.all, Unit::percent(1))
                .with_help("from all promises so far, recent ones weighing more; a late one counts in part, an overdue one against us"),
        )
        .with_paragraph(
            "Reliability is a posterior probability with its band: a party with few promises stays near the others until \
             it has shown more.",
        );
    if trust.makers.len() > 1 {
        let caption = match trust.makers_not_shown {
            0 => "Those who promise, the least reliable first".to_owned(),
            more => format!(
                "Those who promise, the least reliable first ({} more, or with few promises, not shown)",
                count(more)
            ),
        };
        section = section.with_table(table(caption, "Promised by", &trust.makers)?);
    }
    for (name, groups) in &trust.by_segment {
        section = section.with_table(
            table(
                format!(
                    "By {name}, the least reliable first; groups with few promises are left out"
                ),
                name,
                groups,
            )?
            .folded(),
        );
    }
    Ok(section)
}

pub(super) fn said(score: &ScoreFinding) -> Result<Section> {
    let nps = &score.nps_like;
    let mut section = Section::new("What do they say?")
        .with_key_figure(
            KeyFigure::of("Mean score", &score.mean, Unit::plain(2))
                .with_help(score.scale.to_string()),
        )
        .with_key_figure(
            KeyFigure::new(
                "Answered",
                score
                    .response_share_of_asked
                    .map_or_else(|| "not known".to_owned(), |share| percent(share, 1)),
            )
            .with_help(format!(
                "{} of {} asked{}",
                count(score.n),
                count(score.asked),
                score
                    .response_share_of_cases
                    .map_or_else(String::new, |share| format!(
                        ", which is {} of all cases",
                        percent(share, 1)
                    ))
            )),
        );
    if let Some(points) = nps.nps_like {
        let mut figure = KeyFigure::new("Promoters − detractors", Unit::plain(1).write(points))
            .with_help("in points from −100 to 100; a convention on this scale, not a recommendation question");
        if let Some(interval) = &nps.interval {
            figure = figure.with_doubt(
                Unit::plain(1).write_interval(100.0 * interval.low(), 100.0 * interval.high()),
            );
        }
        section = section.with_key_figure(figure);
    }
    let mut ratings: Vec<(f64, u64)> = score
        .counts
        .iter()
        .filter_map(|(rating, &count)| Some((rating.parse().ok()?, count)))
        .collect();
    ratings.sort_by(|left, right| right.0.total_cmp(&left.0));
    let rows = ratings
        .into_iter()
        .map(|(rating, count)| {
            vec![
                Cell::from(rating.to_string()),
                Cell::Number(count as f64, Unit::count()),
                Cell::Number(count as f64 / score.n as f64, Unit::percent(1)),
            ]
        })
        .collect();
    Ok(section.with_table(Table::new(
        "Answers",
        vec![
            Column::text("Score"),
            Column::number("Answers"),
            Column::number("Share"),
        ],
        rows,
    )?))
}
