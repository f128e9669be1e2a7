//! What do detractors cost, and whom do we win back first?

use crate::audit::{SegmentStakes, TalkFinding, WinBackFinding};
use crate::error::Result;
use crate::report::{
    Axis, Bar, BarChart, Cell, Column, Picture, RankedCase, RankedCases, Section, Table, Tone, Unit,
};

use super::words::{count, customers, money, percent};

pub(super) fn detractors(talk: &TalkFinding) -> Result<Section> {
    let unit = Unit::money(talk.currency);
    let row = |name: &str, customers: u64, own: f64, word: f64| {
        vec![
            Cell::from(name),
            Cell::Number(customers as f64, Unit::count()),
            Cell::Number(own, unit),
            Cell::Number(word, unit),
        ]
    };
    Ok(Section::new("What do detractors cost?")
        .with_paragraph(format!(
            "Expected values under the assumptions at the end of this page, losses positive and gains negative. One \
             detractor's talk is expected to cost {}; a hearer is counted at {}.",
            money(talk.per_detractor, talk.currency),
            money(talk.hearer_value, talk.currency)
        ))
        .with_table(
            Table::new(
                "Loss by leaving and by talking",
                vec![
                    Column::text("Customers who last spoke as"),
                    Column::number("Number"),
                    Column::number("Own value lost"),
                    Column::number("Word of mouth"),
                ],
                vec![
                    row("detractors", talk.detractors, talk.detractors_own_loss, talk.detractors_word_of_mouth),
                    row("promoters", talk.promoters, 0.0, talk.promoters_word_of_mouth),
                ],
            )?
            .with_total(row(
                "all who have spoken",
                talk.customers,
                talk.detractors_own_loss,
                talk.detractors_word_of_mouth + talk.promoters_word_of_mouth,
            ))?,
        ))
}

pub(super) fn first(win_back: &WinBackFinding) -> Result<Section> {
    let mut section = Section::new("Whom do we win back first?").with_paragraph(format!(
        "{} let down lately and {} not said since that all is well. Attempts worth their cost within the budget: {}; \
         expected gain together {} after costs of {}, which is {} of what the best choice could gain.",
        customers(win_back.disappointed, "was", "were"),
        if win_back.disappointed == 1 { "has" } else { "have" },
        count(win_back.chosen),
        money(win_back.certificate.chosen, win_back.currency),
        money(win_back.spent, win_back.currency),
        percent(win_back.certificate.share(), 1)
    ));
    if let Some(share) = win_back.silent_detractors {
        section = section.with_note(format!(
            "Who was let down and has said nothing counts as a detractor with probability {}, the share among those who \
             were served late and have spoken.",
            percent(share, 1)
        ));
    }
    for (name, rows) in win_back
        .by_segment
        .iter()
        .filter(|(_, rows)| rows.len() > 1)
        .take(1)
    {
        let bar = |label: &str, rows: &[SegmentStakes]| {
            let at_stake = rows.iter().map(|row| row.own_value + row.word_of_mouth);
            let touched = rows.iter().map(|row| row.customers).sum();
            Ok(Bar::new(label, at_stake.sum())?
                .with_note(format!("{} customers", count(touched)))
                .with_tone(Tone::Bad))
        };
        let (largest, others) = rows.split_at(rows.len().min(12));
        let mut bars = largest
            .iter()
            .map(|row| bar(&row.label, std::slice::from_ref(row)))
            .collect::<Result<Vec<_>>>()?;
        if !others.is_empty() {
            bars.push(bar("all others", others)?);
        }
        section = section.with_picture(Picture::new(
            format!("Value at stake by {name}"),
            "Own value and word of mouth that the customers let down lately are expected to take with them if nothing is \
             done.",
            BarChart::new(name.as_str(), Axis::new("Value at stake", Unit::whole_money(win_back.currency)), bars)?,
        ));
    }
    if win_back.first.is_empty() {
        return Ok(section);
    }
    let cases = win_back
        .first
        .iter()
        .map(|case| {
            Ok(RankedCase::new(
                case.customer.as_str(),
                case.own_value,
                case.word_of_mouth,
                case.cost,
            )?
            .with_reason(case.reasons.join("; ")))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(section.with_picture(Picture::new(
        "The first cases",
        "For each case the own value regained and the word of mouth avoided by an attempt, its cost, and the reasons.",
        RankedCases::new(Unit::money(win_back.currency), cases)?,
    )))
}
