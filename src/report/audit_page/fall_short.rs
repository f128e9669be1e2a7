//! Where do we fall short: a promise against its day.

use crate::audit::{PromiseFinding, ReturnFinding, ScoreContrast, SegmentFinding};
use crate::error::Result;
use crate::measure::Estimate;
use crate::report::{Cell, Column, KeyFigure, Section, Table, Tone, Unit, day};

use super::score_by_gap::score_by_gap;
use super::words::count;

pub(super) fn fall_short(promise: &PromiseFinding, pictures: bool) -> Result<Section> {
    let mut section = Section::new(format!(
        "Where do we fall short? “{}” against its day",
        promise.promise
    ));
    if let (Some(late), Some(bare)) = (&promise.late_share_calendar, &promise.late_share_timestamp)
    {
        section = section.with_key_figure(
            KeyFigure::of("Late", late, Unit::percent(2))
                .with_tone(Tone::Bad)
                .with_help(format!(
                    "{} of {} carried out; where only a day was promised, it lasts to its end",
                    count(promise.late_calendar),
                    count(promise.fulfilled)
                )),
        );
        if promise.late_timestamp != promise.late_calendar {
            section = section.with_key_figure(
                KeyFigure::of("Late, compared with midnight", bare, Unit::percent(2)).with_help(
                    format!(
                        "counts the {} carried out on the promised day as late: not used here",
                        count(promise.on_the_promised_day)
                    ),
                ),
            );
        }
    }
    if let Some(gap) = &promise.gap_days {
        let unit = Unit::days(1);
        section = section.with_paragraph(format!(
            "The gap is the day it was carried out minus the promised day: {} on average, half of them between {} and {} \
             (negative is early). When late, it was late by {} on average, {} in the middle.",
            unit.write(gap.mean),
            unit.write(gap.q25),
            unit.write(gap.q75),
            promise.mean_gap_when_late.map_or_else(String::new, |days| unit.write(days)),
            promise.median_gap_when_late.map_or_else(String::new, |days| unit.write(days)),
        ));
    }
    if let Some(contrast) = &promise.score_on_time_vs_late_calendar {
        section = contrasted(section, contrast)?;
    }
    let scored = promise
        .score_by_gap_bucket
        .iter()
        .any(|bucket| bucket.n > 0);
    if pictures && scored {
        section = section.with_picture(score_by_gap(promise)?);
    }
    if scored {
        section = section.with_table(slopes(promise)?);
    }
    for (name, rows) in &promise.by_segment {
        if rows.len() > 1 {
            section = section.with_table(
                segment_table(format!("By {name}, the latest first"), name, rows)?.folded(),
            );
        }
    }
    if promise.by_month.len() > 1 {
        section = section.with_table(
            segment_table("By month of promise".to_owned(), "Month", &promise.by_month)?.folded(),
        );
    }
    if let Some(returns) = &promise.return_after_first {
        section = section
            .with_table(return_table(returns)?)
            .with_note(format!("Caution: {}.", returns.caution));
    }
    Ok(section)
}

/// What customers said in time and late.
fn contrasted(section: Section, contrast: &ScoreContrast) -> Result<Section> {
    let row = |name: &str, n: u64, mean: &Estimate, nps: &crate::audit::NetPromoterFinding| {
        vec![
            Cell::from(name),
            Cell::Number(n as f64, Unit::count()),
            Cell::Number(mean.value(), Unit::plain(2)),
            Cell::from(Unit::plain(2).write_doubt(mean)),
            Cell::optional(nps.nps_like, Unit::plain(1)),
        ]
    };
    let section = section.with_table(Table::new(
        "What customers said",
        vec![
            Column::text("Carried out"),
            Column::number("Scores"),
            Column::number("Mean"),
            Column::text("Interval"),
            Column::number("Promoters − detractors"),
        ],
        vec![
            row(
                "in time",
                contrast.n_on_time,
                &contrast.mean_on_time,
                &contrast.nps_like_on_time,
            ),
            row(
                "late",
                contrast.n_late,
                &contrast.mean_late,
                &contrast.nps_like_late,
            ),
        ],
    )?);
    Ok(section.with_paragraph(format!(
            "In time and late differ by {} points ({}). What goes together need not be cause and effect.",
            Unit::plain(2).write(contrast.difference.value()),
            Unit::plain(2).write_doubt(&contrast.difference)
        )))
}

fn slopes(promise: &PromiseFinding) -> Result<Table> {
    let slope = &promise.asymmetry;
    let near = format!("late by 1 to {} days", slope.near_days);
    let sides = [
        ("early or on the day", &slope.early_or_on_day),
        (near.as_str(), &slope.late_near),
        ("late, however much", &slope.late_all),
    ];
    let rows = sides
        .into_iter()
        .filter_map(|(name, fit)| Some((name, fit.as_ref()?)))
        .map(|(name, fit)| {
            vec![
                Cell::from(name),
                Cell::Number(fit.n as f64, Unit::count()),
                Cell::Number(fit.slope_per_day.value(), Unit::plain(4)),
                Cell::optional(fit.slope_per_day.standard_error(), Unit::plain(4)),
                Cell::Number(fit.intercept, Unit::plain(3)),
            ]
        })
        .collect();
    Table::new(
        "What one more day does to the score",
        vec![
            Column::text("While"),
            Column::number("Scores"),
            Column::number("Points per day"),
            Column::number("Standard error"),
            Column::number("At gap 0"),
        ],
        rows,
    )
}

fn segment_table(caption: String, heading: &str, rows: &[SegmentFinding]) -> Result<Table> {
    let cells = |row: &SegmentFinding| {
        let label = match (&row.label, row.groups) {
            (Some(label), 1) => label.clone(),
            (Some(label), groups) => format!("{label} ({} groups)", count(groups)),
            (None, _) => "none".to_owned(),
        };
        vec![
            Cell::from(label),
            Cell::Number(row.fulfilled as f64, Unit::count()),
            Cell::optional(
                row.late_share.as_ref().map(Estimate::value),
                Unit::percent(1),
            ),
            Cell::optional(row.mean_gap, Unit::days(1)),
            Cell::Number(row.scores as f64, Unit::count()),
            Cell::optional(row.mean_score.as_ref().map(Estimate::value), Unit::plain(2)),
        ]
    };
    // A group may be called so as well: the rest is always the last row.
    let (rest, groups) = match rows.split_last() {
        Some((last, groups)) if last.label.as_deref() == Some("other") => (Some(last), groups),
        _ => (None, rows),
    };
    let mut table = Table::new(
        caption,
        vec![
            Column::text(heading),
            Column::number("Carried out"),
            Column::number("Late"),
            Column::number("Mean gap"),
            Column::number("Scores"),
            Column::number("Mean score"),
        ],
        groups.iter().map(cells).collect(),
    )?;
    if let Some(row) = rest {
        table = table.with_other(cells(row))?;
    }
    Ok(table)
}

fn return_table(returns: &ReturnFinding) -> Result<Table> {
    let row = |name: &str, share: &Option<Estimate>, came_back: u64| {
        vec![
            Cell::from(name),
            Cell::optional(
                share.as_ref().map(|share| share.observations() as f64),
                Unit::count(),
            ),
            Cell::Number(came_back as f64, Unit::count()),
            Cell::optional(share.as_ref().map(Estimate::value), Unit::percent(2)),
            share.as_ref().map_or(Cell::Missing, |share| {
                Cell::from(Unit::percent(2).write_doubt(share))
            }),
        ]
    };
    Table::new(
        format!(
            "Who came back by {}, of those whose first case was promised by {}{}",
            day(returns.observed_until),
            day(returns.made_by),
            returns
                .fisher_exact_two_sided_p
                .map_or_else(String::new, |p| format!(" (Fisher's exact p = {p:.4})"))
        ),
        vec![
            Column::text("First time"),
            Column::number("Customers"),
            Column::number("Came back"),
            Column::number("Share"),
            Column::text("Interval"),
        ],
        vec![
            row("in time", &returns.on_time, returns.on_time_repeat),
            row("late", &returns.late, returns.late_repeat),
        ],
    )
}
