//! What were they told: the states of a promise.

use crate::audit::PromiseFinding;
use crate::error::Result;
use crate::promise::PromiseStage;
use crate::report::{AreaChart, Axis, Cell, Column, Picture, Section, Series, Table, Tone, Unit};

use super::words::count;

pub(super) fn told(promise: &PromiseFinding) -> Result<Section> {
    let mut section = Section::new(format!(
        "What were they told? The promise “{}”",
        promise.promise
    ));
    section = section.with_paragraph(format!(
        "It was made {} times and carried out {} times. Every promise is counted on every day, those still open too: a \
         report on closed cases alone would hide the overdue ones.",
        count(promise.made),
        count(promise.fulfilled)
    ));
    let rows = promise
        .states
        .iter()
        .filter(|&(_, &count)| count > 0)
        .map(|(&state, &count)| vec![Cell::from(state), Cell::Number(count as f64, Unit::count())])
        .collect();
    section = section.with_table(
        Table::new(
            "States on the day of the report",
            vec![Column::text("State"), Column::number("Promises")],
            rows,
        )?
        .with_total(vec![
            Cell::from("all"),
            Cell::Number(promise.states.values().sum::<u64>() as f64, Unit::count()),
        ])?,
    );
    section = section.with_picture(open_states(promise)?);
    if let Some([median, longest]) = promise.overdue_days {
        section = section.with_note(format!(
            "Of the promises that are overdue and still open, half have been so for more than {}; the longest for {}.",
            Unit::days(0).write(median),
            Unit::days(0).write(longest)
        ));
    }
    Ok(section)
}

/// States over time. In a cumulative picture all is covered by what was kept long ago, so each month shows what was
/// decided in it and what stood open at its end.
fn open_states(promise: &PromiseFinding) -> Result<Picture> {
    let title = format!(
        "“{}”: kept, late, open and overdue by month",
        promise.promise
    );
    let days: Vec<_> = promise.states_over_time.iter().map(|on| on.day).collect();
    if days.len() < 2 {
        return Ok(Picture::without_data(
            title,
            "The log does not reach beyond one month.",
        ));
    }
    let cumulative = |state: &str| {
        promise
            .states_over_time
            .iter()
            .map(|on| on.states.get(state).copied().unwrap_or(0))
            .collect::<Vec<_>>()
    };
    let closed_in = |state: &str| {
        let mut before = 0;
        cumulative(state)
            .into_iter()
            .map(|all: u64| all.saturating_sub(std::mem::replace(&mut before, all)) as f64)
            .collect::<Vec<_>>()
    };
    let open_at_end = |state: &str| {
        cumulative(state)
            .into_iter()
            .map(|count| count as f64)
            .collect::<Vec<_>>()
    };
    let (kept, late, broken, waived, overdue, pending) = STATE_LABELS;
    let parts = [
        ("kept in the month", closed_in(kept), Some(Tone::Good)),
        (
            "kept late in the month",
            closed_in(late),
            Some(Tone::Caution),
        ),
        ("broken in the month", closed_in(broken), Some(Tone::Bad)),
        ("waived in the month", closed_in(waived), None),
        (
            "overdue and open at its end",
            open_at_end(overdue),
            Some(Tone::Bad),
        ),
        ("not yet due at its end", open_at_end(pending), None),
    ];
    let mut shown = Vec::new();
    for (name, values, tone) in parts {
        if values.iter().any(|&value| value > 0.0) {
            let series = Series::new(name, values)?;
            shown.push(match tone {
                Some(tone) => series.with_tone(tone),
                None => series,
            });
        }
    }
    let chart = AreaChart::new(Axis::new("Promises", Unit::count()), days, shown)?;
    Ok(Picture::new(
        title,
        "Stacked by month: promises kept, kept late, broken or waived within the month, and those overdue or not yet due \
         when it ended. Each month stands at its last day; the last one reaches only to the day of the report.",
        chart,
    ))
}

/// The labels under which the audit counts states.
const STATE_LABELS: (&str, &str, &str, &str, &str, &str) = (
    PromiseStage::Kept.label(),
    PromiseStage::Late.label(),
    PromiseStage::Broken.label(),
    PromiseStage::Waived.label(),
    PromiseStage::BrokenStillOpen.label(),
    PromiseStage::Pending.label(),
);
