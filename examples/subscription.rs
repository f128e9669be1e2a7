//! Who will still be subscribed? Two published cohorts, two models: who has seen four renewals, forecasts the rest.
//!
//! `cargo run --example subscription` prints parameters with standard errors beside the published values and forecasts
//! beside what happened, and writes the page `target/tillit/subscription.html`.
//!
//! The cohorts "Regular" and "High End" are those of Fader and Hardie (2007), "How to project customer retention": per
//! cent of 1,000 customers left after each yearly renewal.

use std::error::Error;
use std::fs;
use std::path::Path;

use tillit::Result;
use tillit::measure::{DiscountRate, Estimate, Probability, Proportion, Span, TimeUnit};
use tillit::report::{
    Axis, Bar, BarChart, Cell, Column, FittedLine, IntervalChart, IntervalPoint, KeyFigure,
    Picture, Report, Section, Table, Tone, Unit,
};
use tillit::value::{
    BetaDiscreteWeibull, ContractModel, FittedContractModel, Horizon, ShiftedBetaGeometric, Tenures,
};

const CUSTOMERS: u32 = 1000;
/// Renewals that the models may see before they forecast.
const SEEN: u32 = 4;
/// The forecasts are scored up to this renewal, as in the literature.
const SCORED: u32 = 10;

struct Cohort {
    name: &'static str,
    /// Customers left after 0, 1, 2, … renewals.
    survivors: &'static [u64],
    /// Renewals on which the published parameters rest.
    published_renewals: u32,
    /// α and β of the sBG.
    published: [f64; 2],
}

const COHORTS: [Cohort; 2] = [
    Cohort {
        name: "Regular",
        survivors: &[1000, 631, 468, 382, 326, 289, 262, 241],
        published_renewals: 7,
        published: [0.704, 1.182],
    },
    Cohort {
        name: "High End",
        survivors: &[
            1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394,
        ],
        published_renewals: 7,
        published: [0.668, 3.806],
    },
];

/// α, β (and c) of the two models after four renewals of "High End", as packages of the field give them.
const HIGH_END_ON_FOUR: [&[f64]; 2] = [&[1.281, 7.791], &[0.259, 1.723, 1.584]];

impl Cohort {
    fn share(&self, renewals: u32) -> Option<f64> {
        let left = self.survivors.get(renewals as usize)?;
        Some(*left as f64 / f64::from(CUSTOMERS))
    }

    fn last(&self) -> u32 {
        (1..).take(self.survivors.len() - 1).last().unwrap_or(0)
    }

    fn fit(&self, renewals: u32) -> Result<[Box<dyn FittedContractModel>; 2]> {
        let year = Span::new(1.0, TimeUnit::Year)?;
        let seen = Tenures::from_survivors(year, &self.survivors[..=renewals as usize])?;
        Ok([
            Box::new(ShiftedBetaGeometric::default().fit(&seen)?),
            Box::new(BetaDiscreteWeibull::default().fit(&seen)?),
        ])
    }

    /// Mean absolute error of the forecast shares, from the first unseen renewal to the last scored one.
    fn error(&self, model: &dyn FittedContractModel) -> Result<f64> {
        let scored = SEEN + 1..=SCORED.min(self.last());
        let mut sum = 0.0;
        let mut count = 0.0;
        for renewals in scored {
            if let Some(actual) = self.share(renewals) {
                sum += (model.survival(renewals)?.value() - actual).abs();
                count += 1.0;
            }
        }
        Ok(sum / count)
    }
}

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let mut page = Report::new("Who will still be subscribed?")
        .with_subtitle("The cohorts “Regular” and “High End” of Fader and Hardie (2007), 1,000 customers each, yearly renewals")
        .with_headline(
            "Four renewals foretell six more to within one point, if the model lets a customer’s own chance to leave \
             change with time.",
        );
    for cohort in &COHORTS {
        println!("{}\n{}", cohort.name, "=".repeat(cohort.name.len()));
        let parameters = parameters(cohort)?;
        println!("{}", parameters.to_markdown());
        let models = cohort.fit(SEEN)?;
        let forecast = forecast(cohort, &models)?;
        println!("{}", forecast.to_markdown());
        let mut section = Section::new(format!("The cohort “{}”", cohort.name));
        for model in &models {
            let error = cohort.error(model.as_ref())?;
            println!(
                "{}: mean absolute error of the forecast up to renewal {}: {:.1} points",
                model.name(),
                SCORED.min(cohort.last()),
                100.0 * error
            );
            let figure = KeyFigure::new(
                format!("Forecast {} off by", model.name()),
                format!("{:.1} points", 100.0 * error),
            )
            .with_doubt(format!(
                "mean of renewals {} to {}",
                SEEN + 1,
                SCORED.min(cohort.last())
            ))
            .with_help(format!("With {}.", in_words(model.as_ref())))
            .with_tone(if error < 0.02 { Tone::Good } else { Tone::Bad });
            section = section.with_key_figure(figure);
        }
        for model in &models {
            section = section.with_picture(misses(cohort, model.as_ref())?);
        }
        section = section
            .with_picture(retention(cohort)?)
            .with_table(forecast)
            .with_table(parameters)
            .with_note(
                "Intervals hold the doubt about the parameters (delta method). Whether the model is the right one they cannot \
                 say: compare the two.",
            );
        page = page.with_section(section);
        println!();
    }
    page = page.with_section(worth()?).with_colophon(
        "sBG: shifted-beta-geometric (Fader and Hardie 2007). BdW: beta-discrete-Weibull (Fader, Hardie, Liu, Davin and \
         Steenburgh 2018). Fitted by maximum likelihood; standard errors from the observed information.",
    );
    let path = Path::new("target/tillit/subscription.html");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, page.to_html())?;
    println!("The page with pictures: {}", path.display());
    Ok(())
}

/// Fitted parameters with standard errors beside the published ones.
fn parameters(cohort: &Cohort) -> Result<Table> {
    let mut rows = Vec::new();
    for renewals in [cohort.published_renewals, SEEN] {
        for (place, model) in cohort.fit(renewals)?.iter().enumerate() {
            let published: &[f64] = match (renewals == SEEN, place) {
                (false, 0) => &cohort.published,
                (true, _) if cohort.name == "High End" => HIGH_END_ON_FOUR[place],
                _ => &[],
            };
            let fitted = model.report().map_or(&[][..], |report| report.parameters());
            for (index, parameter) in fitted.iter().enumerate() {
                rows.push(vec![
                    Cell::Text(format!("{} on {renewals} renewals", model.name())),
                    parameter.name().into(),
                    Cell::Number(parameter.value(), Unit::plain(3)),
                    Cell::optional(parameter.standard_error(), Unit::plain(3)),
                    Cell::optional(published.get(index).copied(), Unit::plain(3)),
                ]);
            }
        }
    }
    Table::new(
        format!("Parameters, {}", cohort.name),
        vec![
            Column::text("Model"),
            Column::text("Parameter"),
            Column::number("Fitted"),
            Column::number("Standard error"),
            Column::number("Published"),
        ],
        rows,
    )
}

fn forecast(cohort: &Cohort, models: &[Box<dyn FittedContractModel>; 2]) -> Result<Table> {
    let unit = Unit::percent(1);
    let mut rows = Vec::new();
    for renewals in SEEN + 1..=cohort.last() {
        let mut row = vec![
            Cell::Text(renewals.to_string()),
            Cell::optional(cohort.share(renewals), unit),
        ];
        for model in models {
            let estimate = left(model.as_ref(), renewals)?;
            row.push(Cell::Number(estimate.value(), unit));
            row.push(interval(&estimate, unit));
        }
        rows.push(row);
    }
    let [sbg, bdw] = models;
    Table::new(
        format!(
            "Share still subscribed, {}: forecast after {SEEN} renewals and what happened",
            cohort.name
        ),
        vec![
            Column::text("Renewals"),
            Column::number("Actual"),
            Column::number(sbg.name()),
            Column::number("95% interval"),
            Column::number(bdw.name()),
            Column::number("95% interval"),
        ],
        rows,
    )
}

fn interval(estimate: &Estimate, unit: Unit) -> Cell {
    estimate.interval().map_or(Cell::Missing, |interval| {
        Cell::Text(unit.write_interval(interval.low(), interval.high()))
    })
}

fn left(model: &dyn FittedContractModel, renewals: u32) -> Result<Estimate> {
    model.survival_estimate(0, renewals, Probability::new(0.95)?)
}

/// Forecast less actual share, in points, renewal by renewal.
fn misses(cohort: &Cohort, model: &dyn FittedContractModel) -> Result<Picture> {
    let mut points = Vec::new();
    for renewals in SEEN + 1..=cohort.last() {
        let Some(actual) = cohort.share(renewals) else {
            continue;
        };
        let estimate = left(model, renewals)?;
        let miss = |share: f64| 100.0 * (share - actual);
        let mut point = IntervalPoint::new(
            renewals.to_string(),
            f64::from(renewals),
            miss(estimate.value()),
            CUSTOMERS as usize,
        )?;
        if let Some(interval) = estimate.interval() {
            point = point.with_interval(miss(interval.low()), miss(interval.high()))?;
        }
        points.push(point);
    }
    let last = cohort.last();
    let chart = IntervalChart::over_categories(
        "Renewal",
        Axis::new("Forecast less actual share, points", Unit::plain(0)).with_range(-16.0, 8.0)?,
        points,
    )?
    .with_line(FittedLine::new(
        "what happened",
        0.0,
        f64::from(last - SEEN) - 1.0,
        0.0,
        0.0,
    )?)
    .connected();
    Ok(Picture::new(
        format!("{}: forecast with {}", cohort.name, in_words(model)),
        format!(
            "Forecast after {SEEN} renewals of the share still subscribed, less the share that was; 95% intervals. On \
             average {:.1} points off up to renewal {}.",
            100.0 * cohort.error(model)?,
            SCORED.min(last)
        ),
        chart,
    ))
}

/// What the model assumes.
fn in_words(model: &dyn FittedContractModel) -> String {
    let words = match model.name() {
        "sBG" => "a constant chance to leave",
        _ => "a chance to leave that changes with time",
    };
    format!("{words} ({})", model.name())
}

/// Observed retention rates, renewal by renewal.
fn retention(cohort: &Cohort) -> Result<Picture> {
    let mut points = Vec::new();
    for (renewals, pair) in (1..).zip(cohort.survivors.windows(2)) {
        let rate = Proportion::new(pair[1], pair[0])?.estimate(Probability::new(0.95)?)?;
        points.push(IntervalPoint::of(
            format!("renewal {renewals}"),
            f64::from(renewals),
            &rate,
        )?);
    }
    let chart = IntervalChart::over_numbers(
        Axis::new("Renewal", Unit::count()).with_range(0.0, f64::from(cohort.last()) + 1.0)?,
        Axis::new("Retention rate", Unit::percent(0)),
        points,
    )?
    .with_divide(
        f64::from(SEEN) + 0.5,
        "seen by the models",
        "to be forecast",
    )?
    .connected();
    Ok(Picture::new(
        format!("{}: who stays, stays longer", cohort.name),
        "Observed retention rate of each renewal with its 95% interval (Wilson).",
        chart,
    ))
}

/// What a customer is worth who stands before the next renewal, in payments.
fn worth() -> Result<Section> {
    let rate = DiscountRate::annual(0.1)?;
    let mut bars = Vec::new();
    for cohort in &COHORTS {
        let models = cohort.fit(cohort.published_renewals)?;
        let model = &models[1];
        for (renewals, so_far) in [
            (0, "new"),
            (1, "renewed once"),
            (3, "renewed three times"),
            (6, "renewed six times"),
        ] {
            let payments = model.expected_renewals(renewals, rate, Horizon::Unlimited)?;
            println!(
                "{}, {so_far}: {payments:.2} further payments at 10 % discount",
                cohort.name
            );
            bars.push(Bar::new(
                format!("{}, renewed {renewals} times", cohort.name),
                payments,
            )?);
        }
    }
    let chart = BarChart::new(
        "Customer",
        Axis::new("Further payments, discounted at 10% a year", Unit::plain(1)),
        bars,
    )?;
    Ok(Section::new("What a loyal customer is worth")
        .with_paragraph(
            "A customer who has renewed often is worth more, not because loyalty grows on its own, but because those who were \
             always likely to leave are gone.",
        )
        .with_picture(Picture::new(
            "Expected further payments, just before the next renewal",
            "Discounted expected residual lifetime by the beta-discrete-Weibull model, by number of renewals so far.",
            chart,
        )))
}
