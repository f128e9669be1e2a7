//! From a table of purchases to bookings by customer and day.

use std::error::Error as Failure;
use std::path::Path;

use chrono::{Datelike, NaiveDate};
use tillit::journey::{Fact, JourneyLog};
use tillit::measure::Currency;
use tillit::read::{Mapping, ReadOptions, Reading, csv_column_names, read_csv_file};
use tillit::value::PurchaseDays;

use crate::arguments::Arguments;

/// The sample of purchases that the papers of the field use.
const SAMPLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/reference/cdnow_sample_transactions.csv"
);

/// Purchases of many customers, and the days that bound them.
pub(crate) struct Purchases {
    pub(crate) name: String,
    pub(crate) is_sample: bool,
    pub(crate) currency: Currency,
    pub(crate) days: PurchaseDays,
    /// Last day of which something is known.
    pub(crate) last: NaiveDate,
    /// Last day that the models may see before they forecast.
    pub(crate) calibration_end: NaiveDate,
    keys: Vec<String>,
}

/// Names under which a column is looked for, best first, in small letters without spaces and signs.
const CUSTOMER: &[&str] = &[
    "customer",
    "customerid",
    "customerkey",
    "customerno",
    "client",
    "clientid",
    "userid",
    "user",
    "memberid",
    "cust",
    "custid",
    "accountid",
    "email",
    "id",
];
const DATE: &[&str] = &[
    "date",
    "day",
    "purchasedate",
    "purchasedat",
    "orderdate",
    "orderedat",
    "invoicedate",
    "invoicedat",
    "transactiondate",
    "createdat",
    "timestamp",
    "time",
];
const AMOUNT: &[&str] = &[
    "amount",
    "value",
    "total",
    "paid",
    "paidvalue",
    "price",
    "spend",
    "sales",
    "revenue",
    "dollars",
    "euros",
    "transactionamount",
    "orderamount",
    "ordervalue",
    "ordertotal",
];

impl Purchases {
    pub(crate) fn read(arguments: &Arguments) -> Result<Self, Box<dyn Failure>> {
        let reading = match &arguments.table {
            Some(table) => {
                let columns = Columns::find(table, arguments)?;
                read_csv_file(
                    table,
                    &columns.mapping(&arguments.currency)?,
                    ReadOptions::new(),
                )?
            }
            None if Path::new(SAMPLE).exists() => {
                let columns = Columns {
                    customer: "sample_id".into(),
                    date: "date".into(),
                    amount: "dollars".into(),
                };
                let options = ReadOptions::new().with_name("the CDNOW sample");
                read_csv_file(SAMPLE, &columns.mapping(&arguments.currency)?, options)?
            }
            None => {
                return Err("the CDNOW sample lies in the repository and not in the published package: name a CSV table of your own with one purchase a row (customer, date, amount), as --help says".into());
            }
        };
        report_bad_rows(&reading);
        let log = reading.log();
        let (Some(first), Some(last)) = (
            log.span().map(|span| log.zone().date_of(span.0)),
            log.span().map(|span| log.zone().date_of(span.1)),
        ) else {
            return Err("no row of the table says that something was bought".into());
        };
        let middle = first + (last - first) / 2;
        let calibration_end = arguments.until.unwrap_or(middle);
        if calibration_end < first || calibration_end >= last {
            return Err(format!(
                "the models may see until {calibration_end}, but the table goes from {first} to {last}: choose a day between with --until"
            )
            .into());
        }
        Ok(Self {
            name: arguments
                .table
                .as_deref()
                .map_or("CDNOW, 1/10 sample".into(), file_name),
            is_sample: arguments.table.is_none(),
            currency: Currency::new(&arguments.currency)?,
            days: days(log, Currency::new(&arguments.currency)?),
            last,
            calibration_end,
            keys: log
                .customer_indices()
                .map(|customer| log.customer_key(customer).to_owned())
                .collect(),
        })
    }

    /// The key of a customer by number.
    pub(crate) fn key(&self, customer: u32) -> &str {
        self.keys.get(customer as usize).map_or("", String::as_str)
    }
}

fn file_name(path: &str) -> String {
    Path::new(path)
        .file_name()
        .map_or_else(|| path.into(), |name| name.to_string_lossy().into_owned())
}

fn days(log: &JourneyLog, currency: Currency) -> PurchaseDays {
    let mut days = PurchaseDays::new(currency);
    for (customer, journey) in (0..).zip(log.whole().journeys()) {
        for event in journey.events() {
            let day = event.date().num_days_from_ce();
            match event.fact() {
                Fact::Purchase(paid) => days.push(customer, day, paid.minor()),
                Fact::Refund(back) => days.push(customer, day, -back.minor()),
                _ => {}
            }
        }
    }
    days
}

fn report_bad_rows(reading: &Reading) {
    for bad in reading.bad_rows().iter().take(5) {
        eprintln!("bad row: {bad}");
    }
    if reading.bad_rows().len() > 5 {
        eprintln!("… and {} more bad rows", reading.bad_rows().len() - 5);
    }
}

struct Columns {
    customer: String,
    date: String,
    amount: String,
}

impl Columns {
    fn mapping(&self, currency: &str) -> tillit::Result<Mapping> {
        // TOML's basic strings and Rust's debug form quote alike.
        Mapping::from_toml(&format!(
            "zone = \"UTC\"\ncurrency = {currency:?}\ncustomer = {:?}\n\
             [[fact]]\nkind = \"purchase\"\nat = {:?}\namount = {:?}\nrequired = true\n",
            self.customer, self.date, self.amount
        ))
    }

    /// Columns as they were named, the others by what they are usually called.
    fn find(table: &str, arguments: &Arguments) -> Result<Self, Box<dyn Failure>> {
        let header = if arguments.customer.is_some()
            && arguments.date.is_some()
            && arguments.amount.is_some()
        {
            Vec::new()
        } else {
            csv_column_names(table)?
        };
        let find = |given: &Option<String>, names: &[&str], option: &str| {
            if let Some(name) = given {
                return Ok(name.clone());
            }
            names
                .iter()
                .find_map(|name| header.iter().find(|column| bare(column) == *name))
                .cloned()
                .ok_or_else(|| {
                    format!(
                        "{}: no column is called like a {option}; say which it is with --{option} NAME (there are: {})",
                        file_name(table),
                        header.join(", ")
                    )
                })
        };
        Ok(Self {
            customer: find(&arguments.customer, CUSTOMER, "customer")?,
            date: find(&arguments.date, DATE, "date")?,
            amount: find(&arguments.amount, AMOUNT, "amount")?,
        })
    }
}

/// A column's name in small letters without spaces and signs.
fn bare(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
