//! What is each customer worth? Three models set side by side, judged by what came, and every customer valued.
//!
//! `cargo run --release --example lifetime_value` works on the CDNOW sample of Fader and Hardie (2001); `-- --help` says how
//! it is run on a table of your own. It prints parameters, errors and the most valuable customers, and writes the page
//! `target/tillit/lifetime_value.html`.

mod arguments;
mod candidate;
mod page;
mod purchases;
mod worth;

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use chrono::Datelike;
use tillit::measure::TimeUnit;
use tillit::report::{Cell, Column, Table, Unit};
use tillit::value::HoldoutAccuracy;

use arguments::{Arguments, HELP};
use candidate::{Candidate, Fitted};
use page::Findings;
use purchases::Purchases;
use worth::Worth;

/// Prints a line. Who reads it may stop early (`lifetime_value | head`): the page is written all the same.
fn say(line: &str) {
    writeln!(io::stdout(), "{line}").ok();
}

fn spend_table(worth: &Worth, with_published: bool) -> tillit::Result<Table> {
    /// Fader and Hardie's note on the Gamma–Gamma model, on 39 weeks of the sample.
    const PUBLISHED: [f64; 3] = [6.25, 3.74, 15.44];
    let mut rows = Vec::new();
    let parameters = worth
        .calibration_spend
        .report()
        .map_or(&[][..], |report| report.parameters());
    for (place, parameter) in parameters.iter().enumerate() {
        let mut row = vec![
            parameter.name().into(),
            Cell::Number(parameter.value(), Unit::plain(3)),
            Cell::optional(parameter.standard_error(), Unit::plain(3)),
        ];
        if with_published {
            row.push(Cell::optional(
                PUBLISHED.get(place).copied(),
                Unit::plain(2),
            ));
        }
        rows.push(row);
    }
    let mut columns = vec![Column::text("Parameter")];
    columns.extend(["Fitted", "Standard error"].map(Column::number));
    if with_published {
        columns.push(Column::number("Published"));
    }
    Table::new("Spend per purchase by Gamma–Gamma", columns, rows)
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let purchases = Purchases::read(arguments)?;
    let (summary, holdout, calendar) = purchases.days.split(
        purchases.calibration_end.num_days_from_ce(),
        purchases.last.num_days_from_ce(),
        TimeUnit::Week,
    )?;
    let histories = summary.histories();
    say(&format!(
        "{}: {} customers, {} of whom came back by {}; forecast until {}\n",
        purchases.name,
        histories.len(),
        histories.repeaters(),
        purchases.calibration_end,
        purchases.last
    ));
    let mut candidates = Vec::new();
    let mut refusals = Vec::new();
    for (name, fitted) in Fitted::all(histories) {
        match fitted.and_then(|fitted| Candidate::of(fitted, histories, &holdout, &calendar)) {
            Ok(candidate) => candidates.push(candidate),
            Err(refusal) => refusals.push(format!("{name} is refused: {refusal}")),
        }
    }
    let naive = HoldoutAccuracy::of_past_rates(histories, &holdout)?;
    // Value is an expectation, and it is squared error that expectations make small.
    let error = |candidate: &Candidate| candidate.accuracy.root_mean_squared_error();
    let Some(chosen) = candidates
        .iter()
        .min_by(|one, two| error(one).total_cmp(&error(two)))
    else {
        // They name the same lack of data, each in its turn.
        return Err(refusals.swap_remove(0).into());
    };
    let worth = Worth::of(
        &purchases,
        &chosen.fitted,
        histories,
        arguments.margin,
        arguments.rate,
    )?;
    let [best_purchases, best_values] = worth.tables()?;
    let tables = [
        candidate::parameters(&candidates, purchases.is_sample)?,
        candidate::likelihoods(&candidates, purchases.is_sample)?,
        candidate::errors(&candidates, &naive)?,
        spend_table(&worth, purchases.is_sample)?,
        best_purchases,
        best_values,
    ];
    for refusal in &refusals {
        say(&format!("{refusal}\n"));
    }
    for table in &tables[..2] {
        say(&format!("{}\n", table.to_markdown()));
    }
    let warnings = warnings(&candidates, &worth);
    for warning in &warnings {
        say(&format!("beware: {warning}"));
    }
    say("");
    for table in &tables[2..4] {
        say(&format!("{}\n", table.to_markdown()));
    }
    say(&format!("{}\n{}\n", worth.independence, worth.way_out()));
    say(&format!(
        "Valued with {}, whose forecasts came nearest, and spend by {}, fitted again to everything until {}: {} in all, \
         {:.0} % of it with the best tenth.\n",
        chosen.name(),
        worth.spend_name(),
        purchases.last,
        worth.unit.write(worth.total()),
        100.0 * worth.tenths()[0]
    ));
    for table in &tables[4..] {
        say(&format!("{}\n", table.to_markdown()));
    }
    let findings = Findings {
        purchases: &purchases,
        candidates: &candidates,
        chosen,
        naive: &naive,
        worth: &worth,
        warnings: &warnings,
    };
    let file = Path::new(&arguments.html);
    let failed = |error: io::Error| format!("{} cannot be written: {error}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(file, findings.report(tables)?.to_html()).map_err(failed)?;
    say(&format!("The page with pictures: {}", file.display()));
    Ok(())
}

/// What the fits ask to beware of, in words.
fn warnings(candidates: &[Candidate], worth: &Worth) -> Vec<String> {
    let of_models = candidates
        .iter()
        .filter_map(|candidate| candidate.fitted.model().report());
    of_models
        .chain(worth.calibration_spend.report())
        .flat_map(|report| {
            let words = |warning| format!("{}: {warning}", report.model());
            report.warnings().iter().map(words)
        })
        .chain(worth.caution())
        .collect()
}

fn main() -> ExitCode {
    let arguments = match Arguments::parse(env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            say(HELP.trim_end());
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("lifetime_value: {message}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lifetime_value: {error}");
            ExitCode::FAILURE
        }
    }
}
