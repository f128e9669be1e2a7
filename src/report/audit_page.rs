//! An audit as a page.

use crate::audit::{
    Audit, BucketFinding, MoneyFinding, PartyFinding, PromiseFinding, ReturnFinding, ScoreContrast,
    ScoreFinding, SegmentFinding, SegmentStakes, SlopeFinding, TalkFinding, TrustFinding,
    WinBackFinding, WorthFinding,
};
use crate::error::Result;
use crate::measure::{Currency, Estimate};
use crate::promise::PromiseStage;

use super::{
    AreaChart, Axis, Bar, BarChart, Cell, Column, FittedLine, IntervalChart, IntervalPoint,
    KeyFigure, Picture, RankedCase, RankedCases, Report, Section, Series, Table, Tone, Unit, day,
    grouped,
};

impl Report {
    /// The page of an audit: at a glance, then question by question, each number with its doubt, pictures with the
    /// numbers behind them, and at the end what could not be told and what was assumed.
    ///
    /// # Errors
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) if an amount is too large for a picture (beyond 10¹⁴).
    pub fn of_audit(audit: &Audit) -> Result<Self> {
        let title = audit
            .source
            .as_ref()
            .map(|source| source.title.as_str())
            .filter(|title| !title.is_empty());
        let mut report = Self::new(title.unwrap_or("Customer audit"))
            .with_subtitle(
                "What were they told, where do we fall short, and whom do we win back first?",
            )
            .with_as_of(format!("As of {} ({})", day(audit.as_of), audit.zone))
            .with_headline(headline(audit));
        for figure in glance(audit) {
            report = report.with_key_figure(figure);
        }
        report = report.with_section(happened(audit)?);
        for (place, promise) in audit.promises.iter().enumerate() {
            report = report.with_section(told(promise)?);
            report = report.with_section(fall_short(promise, place == 0)?);
        }
        if let Some(trust) = &audit.trust {
            report = report.with_section(believe(trust)?);
        }
        if let Some(score) = &audit.score {
            report = report.with_section(said(score)?);
        }
        if audit.rfm.is_some() || audit.worth.is_some() {
            report = report.with_section(worth(audit)?);
        }
        if let Some(talk) = &audit.word_of_mouth {
            report = report.with_section(detractors(talk)?);
        }
        if let Some(win_back) = &audit.win_back {
            report = report.with_section(first(win_back)?);
        }
        report = report.with_section(limits(audit)?);
        Ok(report.with_colophon(
            "Customers and cases appear under pseudonyms. Intervals are at the nominal 95 % level unless said otherwise.",
        ))
    }
}

fn percent(share: f64, decimals: u8) -> String {
    Unit::percent(decimals).write(share)
}

fn count(number: u64) -> String {
    grouped(number as f64, 0)
}

/// "1 customer was", "2 customers were".
fn customers(number: u64, one: &str, many: &str) -> String {
    if number == 1 {
        format!("1 customer {one}")
    } else {
        format!("{} customers {many}", count(number))
    }
}

fn money(amount: f64, currency: Currency) -> String {
    Unit::money(currency).write(amount)
}

fn headline(audit: &Audit) -> String {
    let kept = audit.promises.first().and_then(|promise| {
        let late = promise.late_share_calendar.as_ref()?.value();
        let contrast = promise.score_on_time_vs_late_calendar.as_ref();
        let scores = contrast.map_or_else(String::new, |contrast| {
            format!(
                ", and the score falls from {:.2} in time to {:.2} late",
                contrast.mean_on_time.value(),
                contrast.mean_late.value()
            )
        });
        let overdue = match promise.states.get(PromiseStage::BrokenStillOpen.label()) {
            None | Some(0) => String::new(),
            Some(&open) => format!(" Overdue and still open: {}.", count(open)),
        };
        Some(format!(
            "Of “{}”, {} of what was carried out came late{scores}.{overdue}",
            promise.promise,
            percent(late, 2)
        ))
    });
    let first = audit.win_back.as_ref().map(|win_back| {
        format!(
            " {} let down lately and not content since; {} worth an attempt to win back now.",
            customers(win_back.disappointed, "was", "were"),
            if win_back.chosen == 1 {
                "one is".to_owned()
            } else {
                format!("{} are", count(win_back.chosen))
            }
        )
    });
    match (kept, first) {
        (None, None) => format!(
            "{} customers, {} facts; what they were told{} is not in this table.",
            count(audit.counts.customers),
            count(audit.counts.facts),
            if audit.score.is_none() {
                " and how they felt"
            } else {
                ""
            }
        ),
        (kept, first) => kept.unwrap_or_default() + first.as_deref().unwrap_or_default(),
    }
}

fn glance(audit: &Audit) -> Vec<KeyFigure> {
    let mut figures = vec![
        KeyFigure::new("Customers", count(audit.counts.customers)).with_help(format!(
            "{} cases, {} facts",
            count(audit.counts.cases),
            count(audit.counts.facts)
        )),
    ];
    if let Some(promise) = audit.promises.first()
        && let Some(late) = &promise.late_share_calendar
    {
        figures.push(
            KeyFigure::of(
                format!("“{}” late", promise.promise),
                late,
                Unit::percent(2),
            )
            .with_tone(Tone::Bad)
            .with_help("of those carried out"),
        );
    }
    if let Some(score) = &audit.score {
        figures.push(
            KeyFigure::of("Mean score", &score.mean, Unit::plain(2)).with_help(format!(
                "{} answers on {}",
                count(score.n),
                score.scale
            )),
        );
    }
    if let Some(paid) = &audit.money {
        figures.push(
            KeyFigure::new("Paid", money(paid.paid_total, paid.currency)).with_help(format!(
                "{} after refunds",
                money(paid.paid_total_net_of_refunds, paid.currency)
            )),
        );
    }
    if let Some(talk) = &audit.word_of_mouth {
        figures.push(
            KeyFigure::new(
                "Detractors cost",
                money(
                    talk.detractors_own_loss + talk.detractors_word_of_mouth,
                    talk.currency,
                ),
            )
            .with_tone(Tone::Bad)
            .with_help(format!(
                "{} detractors, under the assumptions stated",
                count(talk.detractors)
            )),
        );
    }
    if let Some(win_back) = &audit.win_back {
        figures.push(
            KeyFigure::new(
                "Win-back gains",
                money(win_back.certificate.chosen, win_back.currency),
            )
            .with_tone(Tone::Good)
            .with_help(format!(
                "{} attempts, costs taken off",
                count(win_back.chosen)
            )),
        );
    }
    figures
}

fn happened(audit: &Audit) -> Result<Section> {
    let mut section = Section::new("What happened?");
    let counts = &audit.counts;
    let mut rows = vec![
        vec![
            Cell::from("Customers"),
            Cell::Number(counts.customers as f64, Unit::count()),
        ],
        vec![
            Cell::from("Cases"),
            Cell::Number(counts.cases as f64, Unit::count()),
        ],
        vec![
            Cell::from("Facts"),
            Cell::Number(counts.facts as f64, Unit::count()),
        ],
        vec![
            Cell::from("Facts of one customer at the same moment as the one before"),
            Cell::Number(counts.ties as f64, Unit::count()),
        ],
    ];
    if let Some(source) = &audit.source {
        rows.insert(
            0,
            vec![
                Cell::from("Rows in the table"),
                Cell::Number(source.rows as f64, Unit::count()),
            ],
        );
        rows.insert(
            1,
            vec![
                Cell::from("Rows kept"),
                Cell::Number(source.rows_kept as f64, Unit::count()),
            ],
        );
        rows.insert(
            2,
            vec![
                Cell::from("Rows reported as bad"),
                Cell::Number(source.rows_reported as f64, Unit::count()),
            ],
        );
    }
    section = section.with_table(Table::new(
        "How much there is",
        vec![Column::text("What"), Column::number("Number")],
        rows,
    )?);
    if let Some(paid) = &audit.money {
        section = section.with_table(paid_table(paid, audit)?);
    }
    for (name, groups) in &counts.segments {
        let mut largest: Vec<(&String, &u64)> = groups.cases.iter().collect();
        largest.sort_by_key(|&(label, count)| (std::cmp::Reverse(*count), label));
        let rows = largest
            .into_iter()
            .map(|(label, &count)| {
                vec![
                    Cell::from(label.as_str()),
                    Cell::Number(count as f64, Unit::count()),
                ]
            })
            .collect();
        let mut table = Table::new(
            format!("Cases by {name}: {} groups", count(groups.groups)),
            vec![Column::text(name.as_str()), Column::number("Cases")],
            rows,
        )?;
        let rest = groups.other + groups.none;
        if rest > 0 {
            table = table.with_other(vec![
                Cell::from("other or none"),
                Cell::Number(rest as f64, Unit::count()),
            ])?;
        }
        section = section.with_table(table.folded());
    }
    Ok(section)
}

fn paid_table(paid: &MoneyFinding, audit: &Audit) -> Result<Table> {
    let unit = Unit::money(paid.currency);
    let mut rows = vec![
        vec![Cell::from("Paid"), Cell::Number(paid.paid_total, unit)],
        vec![
            Cell::from("Paid back"),
            Cell::Number(paid.refunded_total, unit),
        ],
        vec![
            Cell::from("Paid after refunds"),
            Cell::Number(paid.paid_total_net_of_refunds, unit),
        ],
        vec![
            Cell::from("Mean paid in a case"),
            Cell::Number(paid.paid_mean, unit),
        ],
        vec![
            Cell::from("Median paid in a case"),
            Cell::Number(paid.paid_median, unit),
        ],
        vec![
            Cell::from("Paid per customer"),
            Cell::Number(paid.revenue_per_customer_mean, unit),
        ],
        vec![
            Cell::from(format!(
                "After refunds, per customer ({})",
                unit.write_doubt(&paid.net_revenue_per_customer)
            )),
            Cell::Number(paid.net_revenue_per_customer.value(), unit),
        ],
    ];
    for (name, total) in audit.source.iter().flat_map(|source| &source.totals) {
        rows.push(vec![
            Cell::from(format!("Sum of {name}, all rows of the table")),
            Cell::from(total.as_str()),
        ]);
    }
    Table::new(
        "What was paid",
        vec![Column::text("What"), Column::number("Amount")],
        rows,
    )
}

fn told(promise: &PromiseFinding) -> Result<Section> {
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

fn fall_short(promise: &PromiseFinding, pictures: bool) -> Result<Section> {
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

fn score_by_gap(promise: &PromiseFinding) -> Result<Picture> {
    let title = format!("Score by gap between “{}” and its day", promise.promise);
    let points = promise
        .score_by_gap_bucket
        .iter()
        .filter_map(|bucket| Some((bucket, bucket.mean.as_ref()?)))
        .map(|(bucket, mean)| IntervalPoint::of(bucket_label(&bucket.bucket), middle(bucket), mean))
        .collect::<Result<Vec<_>>>()?;
    if points.is_empty() {
        return Ok(Picture::without_data(
            title,
            "No case was both carried out and scored.",
        ));
    }
    let mut chart = IntervalChart::over_numbers(
        Axis::new("Days after the promised day", Unit::days(1)),
        Axis::new("Mean score", Unit::plain(2)),
        points,
    )?
    .with_divide(0.0, "← earlier than promised", "later than promised →")?;
    let slope = &promise.asymmetry;
    let line = |name: &str, fit: &SlopeFinding, from: f64, to: f64| {
        FittedLine::new(
            format!(
                "{name}: {} per day",
                Unit::plain(3).write(fit.slope_per_day.value())
            ),
            from,
            to,
            fit.intercept,
            fit.slope_per_day.value(),
        )
    };
    if let Some(early) = &slope.early_or_on_day {
        chart = chart.with_line(line("early", early, -25.0, 0.0)?);
    }
    if let Some(late) = &slope.late_near {
        chart = chart.with_line(line("late", late, 1.0, f64::from(slope.near_days))?);
    }
    Ok(Picture::new(
        title,
        "Mean score with its interval for each bucket of the gap in days, and the two fitted slopes: one while early, one \
         for the first days late.",
        chart,
    ))
}

/// "-21..-15" as "−21 to −15 days", "<=-22" as "up to −22 days".
fn bucket_label(bucket: &str) -> String {
    let words = bucket
        .replace("..", " to ")
        .replace("<=", "up to ")
        .replace(">=", "from ")
        .replace('-', "−");
    let unit = if bucket == "1" { "day" } else { "days" };
    format!("{words} {unit}")
}

/// Where a bucket is drawn: its middle, and a few days beyond the last limit for the open ones.
fn middle(bucket: &BucketFinding) -> f64 {
    const BEYOND: f64 = 4.0;
    let label = bucket.bucket.as_str();
    let number = |text: &str| text.parse::<f64>().unwrap_or_default();
    if let Some(limit) = label.strip_prefix("<=") {
        number(limit) - BEYOND
    } else if let Some(limit) = label.strip_prefix(">=") {
        number(limit) + BEYOND
    } else if let Some((first, last)) = label.split_once("..") {
        f64::midpoint(number(first), number(last))
    } else {
        number(label)
    }
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

fn believe(trust: &TrustFinding) -> Result<Section> {
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
                .with_help("from all promises so far, later ones weighing more, overdue ones counting against us"),
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

fn said(score: &ScoreFinding) -> Result<Section> {
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

fn worth(audit: &Audit) -> Result<Section> {
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

fn detractors(talk: &TalkFinding) -> Result<Section> {
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

fn first(win_back: &WinBackFinding) -> Result<Section> {
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

fn limits(audit: &Audit) -> Result<Section> {
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
