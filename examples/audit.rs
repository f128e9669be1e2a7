//! The whole chain on a table of orders: a one-screen summary, and a report with pictures.
//!
//! `cargo run --release --example audit` runs on a small built-in sample; `-- --help` says the rest.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use std::{env, fs};

use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressStyle};
use tillit::audit::Audit;
use tillit::read::{Mapping, Progress, ReadOptions, Reading, read_csv, read_csv_file};
use tillit::report::Report;

const SAMPLE: &str = include_str!("data/sample-orders.csv");
const SAMPLE_MAPPING: &str = include_str!("data/sample-orders.toml");

const HELP: &str = "\
Audits a table of orders: what customers were promised, where it fell short, what they are worth, what the
disappointed cost, and whom to win back first.

Usage: audit [TABLE --map MAPPING] [options]

  TABLE             CSV file with a header row, plain or gzip; without it a small built-in sample is audited
  --map MAPPING     TOML file that says what each column means (see examples/data/olist.toml)
  --as-of DATE      look at the table as it stood at the end of this day, YYYY-MM-DD (default: its last day)
  --html FILE       where to write the page (default: target/tillit/audit.html)
  --markdown FILE   also write the same tables as Markdown
  --json FILE       also write the same numbers as JSON
  --help            show this
";

struct Arguments {
    table: Option<PathBuf>,
    mapping: Option<PathBuf>,
    as_of: Option<NaiveDate>,
    html: PathBuf,
    markdown: Option<PathBuf>,
    json: Option<PathBuf>,
}

fn arguments() -> Result<Option<Arguments>, String> {
    let mut arguments = Arguments {
        table: None,
        mapping: None,
        as_of: None,
        html: PathBuf::from("target/tillit/audit.html"),
        markdown: None,
        json: None,
    };
    let mut given = env::args().skip(1);
    while let Some(word) = given.next() {
        let mut value = |what: &str| {
            given
                .next()
                .ok_or(format!("{word} needs {what} after it; see --help"))
        };
        match word.as_str() {
            "--help" | "-h" => return Ok(None),
            "--map" => arguments.mapping = Some(value("a mapping file")?.into()),
            "--html" => arguments.html = value("a file name")?.into(),
            "--markdown" => arguments.markdown = Some(value("a file name")?.into()),
            "--json" => arguments.json = Some(value("a file name")?.into()),
            "--as-of" => {
                let text = value("a date")?;
                let date = text
                    .parse()
                    .map_err(|_| format!("--as-of {text}: not a date such as 2018-08-31"))?;
                arguments.as_of = Some(date);
            }
            option if option.starts_with('-') => {
                return Err(format!("{option} is not an option; see --help"));
            }
            table if arguments.table.is_none() => arguments.table = Some(table.into()),
            extra => {
                return Err(format!(
                    "{extra}: only one table can be audited at a time; see --help"
                ));
            }
        }
    }
    match (&arguments.table, &arguments.mapping) {
        (Some(table), None) => Err(format!(
            "{}: say what its columns mean with --map MAPPING; see --help",
            table.display()
        )),
        (None, Some(_)) => Err("--map needs a table to go with it; see --help".to_owned()),
        _ => Ok(Some(arguments)),
    }
}

fn read(table: &Path, mapping: &Mapping) -> tillit::Result<Reading> {
    let bytes = fs::metadata(table).map_or(0, |found| found.len());
    let style = ProgressStyle::with_template("reading {bar:40} {percent} % {msg}");
    let bar =
        ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut advance = |progress: Progress| {
        bar.set_position(progress.bytes_read);
        bar.set_message(format!("{} rows", progress.rows));
    };
    let reading = read_csv_file(
        table,
        mapping,
        ReadOptions::new().with_progress(2_000, &mut advance),
    );
    bar.finish_and_clear();
    reading
}

/// Prints a line. Who reads it may stop early (`audit | head`): the files are written all the same.
fn say(line: &str) {
    writeln!(io::stdout(), "{line}").ok();
}

fn write(file: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    let failed = |error: io::Error| format!("{} cannot be written: {error}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(file, text).map_err(failed)?;
    say(&format!("wrote {}", file.display()));
    Ok(())
}

/// Highest resident memory of this process, where the system tells.
fn peak_memory() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kib: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?
        .split_whitespace()
        .next()?
        .parse()
        .ok()?;
    Some(format!("{:.0} MiB at most", kib / 1024.0))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let (mapping, reading) =
        if let (Some(table), Some(mapping)) = (&arguments.table, &arguments.mapping) {
            let mapping = Mapping::from_file(mapping)?;
            let reading = read(table, &mapping)?;
            (mapping, reading)
        } else {
            let mapping = Mapping::from_toml(SAMPLE_MAPPING)?;
            let options = ReadOptions::new().with_name("the sample");
            let reading = read_csv(SAMPLE.as_bytes(), &mapping, options)?;
            (mapping, reading)
        };
    for bad in reading.bad_rows().iter().take(10) {
        eprintln!("bad row: {bad}");
    }
    if reading.bad_rows().len() > 10 {
        eprintln!("… and {} more bad rows", reading.bad_rows().len() - 10);
    }

    let log = reading.log();
    let view = arguments
        .as_of
        .map_or(log.as_of_last_day(), |day| log.as_of_day(day));
    let audit = Audit::of(view, &mapping.audit_options())?.with_source(reading.source(&mapping));
    let report = Report::of_audit(&audit)?;

    say(&report.to_summary());
    write(&arguments.html, &report.to_html())?;
    if let Some(file) = &arguments.markdown {
        write(file, &report.to_markdown())?;
    }
    if let Some(file) = &arguments.json {
        write(file, &serde_json::to_string_pretty(&audit)?)?;
    }
    let memory = peak_memory().map_or_else(String::new, |peak| format!(", {peak}"));
    say(&format!(
        "in {:.2} s{memory}",
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}

fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            say(HELP.trim_end());
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("audit: {message}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("audit: {error}");
            ExitCode::FAILURE
        }
    }
}
