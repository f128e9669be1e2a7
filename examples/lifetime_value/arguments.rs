//! What was asked for on the command line.

use chrono::NaiveDate;

pub(crate) const HELP: &str = "\
What is each customer worth? Fits three purchase models to the first part of a table of purchases, holds their forecasts
against the rest, and values every customer as of the last day.

Usage: lifetime_value [TABLE] [options]

  TABLE             CSV file with a header row, plain or gzip, one purchase a row; without it the CDNOW sample
  --customer NAME   column with the customer's key        (default: found by its name)
  --date NAME       column with the day of the purchase   (default: found by its name)
  --amount NAME     column with the amount, below 0 for a refund (default: found by its name)
  --currency CODE   three letters (default: EUR; the sample is in USD)
  --until DATE      last day that the models may see before they forecast, YYYY-MM-DD (default: half of the time)
  --margin SHARE    what is left of a unit of revenue after the costs of the goods, 0 to 1 (default: 0.30, a stated guess)
  --rate RATE       effective discount rate a year (default: 0.15, a stated guess)
  --html FILE       where to write the page (default: target/tillit/lifetime_value.html)
  --help            show this
";

pub(crate) struct Arguments {
    pub(crate) table: Option<String>,
    pub(crate) customer: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) amount: Option<String>,
    pub(crate) currency: String,
    pub(crate) until: Option<NaiveDate>,
    pub(crate) margin: f64,
    pub(crate) rate: f64,
    pub(crate) html: String,
}

impl Arguments {
    /// `None` if help was asked for.
    pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut found = Self {
            table: None,
            customer: None,
            date: None,
            amount: None,
            currency: String::new(),
            until: None,
            margin: 0.30,
            rate: 0.15,
            html: "target/tillit/lifetime_value.html".into(),
        };
        let mut words = words;
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .ok_or(format!("{word} needs a value after it; see --help"))
            };
            match word.as_str() {
                "--help" | "-h" => return Ok(None),
                "--customer" => found.customer = Some(value()?),
                "--date" => found.date = Some(value()?),
                "--amount" => found.amount = Some(value()?),
                "--currency" => found.currency = value()?,
                "--until" => {
                    let text = value()?;
                    let date = text
                        .parse()
                        .map_err(|_| format!("--until {text}: not a date such as 1997-09-30"))?;
                    found.until = Some(date);
                }
                "--margin" => found.margin = number(&word, &value()?, 1.0)?,
                "--rate" => found.rate = number(&word, &value()?, 100.0)?,
                "--html" => found.html = value()?,
                option if option.starts_with('-') => {
                    return Err(format!("{option} is not an option; see --help"));
                }
                _ if found.table.is_none() => found.table = Some(word),
                extra => return Err(format!("{extra}: one table at a time; see --help")),
            }
        }
        if found.currency.is_empty() {
            found.currency = if found.table.is_some() { "EUR" } else { "USD" }.into();
        }
        Ok(Some(found))
    }
}

fn number(option: &str, text: &str, most: f64) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|number| *number > 0.0 && *number <= most)
        .ok_or(format!(
            "{option} {text}: must be a number above 0, at most {most}"
        ))
}
