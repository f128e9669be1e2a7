//! What the columns of a table mean.

use std::path::Path;

use chrono::NaiveDate;
use toml::{Table, Value};

use crate::audit::{Assumptions, AuditOptions};
use crate::error::{Error, Result};
use crate::gap::ReturnRate;
use crate::measure::{Currency, RatingScale, Zone};

use super::columns::{Columns, Slot};
use super::format::Format;
use super::rule::FactRule;
use super::section::Section;
use super::segment::SegmentRule;
use super::total::TotalRule;

const KEYS: &[&str] = &[
    "title",
    "zone",
    "currency",
    "customer",
    "case",
    "observed_until",
    "follow_up_days",
    "repeated_rows",
    "format",
    "segments",
    "totals",
    "assumptions",
    "fact",
];

/// How one wide row of a table becomes facts: read from TOML, so that a table of another shape needs no code.
///
/// | key | default | meaning |
/// |---|---|---|
/// | `customer` | needed | column with the customer's key |
/// | `case` | every row is its own case, `row 1` and so on | column with the order, ticket or contract |
/// | `title` | none | what the table is, for a report |
/// | `zone` | none; needed once a time without offset is read | where the table's clock hangs: `UTC`, `+01:00`, `Europe/Stockholm` |
/// | `currency` | none; needed once a fact reads money | three letters |
/// | `observed_until` | none | last day on which purchases count for value and return |
/// | `follow_up_days` | 184 (convention) | how long a customer is watched for coming back |
/// | `repeated_rows` | `"report"` with `case`, else `"keep"` | what becomes of a row that repeats an earlier one in every cell |
/// | `[format]` | a table as most programs write it | `delimiter` (found out), `quote` (`"`), `missing` (texts for "no value"), `time` (patterns tried after ISO forms; `%s` is Unix time), `decimal` (`.`), `thousands` (none) |
/// | `[segments]` | none | `region = "state"`, `month = { month_of = "ordered_at" }`, `year = { year_of = … }` |
/// | `[totals]` | none | columns of money that are only summed: `freight = "freight_value"` |
/// | `[assumptions]` | none | what no table can tell: [`Assumptions`](crate::audit::Assumptions) |
/// | `[[fact]]` | at least one | what a row says happened |
///
/// Every fact has a `kind` and may have `touchpoint` or `touchpoint_column`, `when` and `unless`
/// (`{ status = ["canceled"] }`: all columns hold one
/// of their values, `""` being a missing cell; in a list of such tables one must hold) and `required = true` (an empty time makes the
/// row bad; otherwise it means that the fact did not happen).
///
/// | kind | keys |
/// |---|---|
/// | `visit`, `recommendation`, `case_closed` | `at` |
/// | `purchase` | `at`, `amount`, `quantity` (the amount is then a price), `missing_amount`, `cancelled`; an amount below 0 is a refund, a cancelled purchase is refunded at once |
/// | `refund` | `at`, `amount` (its sign does not matter), `quantity`, `missing_amount` |
/// | `feedback` | `at`, `rating`, `scale`, `blank` (codes for "no answer"), `asked` |
/// | `expectation` | `at`, `rating`, `scale`, `blank` |
/// | `promise` | `name`, `made`, `due` or `due_days`, `fulfilled`, `broken`, `broken_at`, `deception`, `waived`, `waived_at`, `renegotiated_at` with `renegotiated_due`, `maker` or `maker_column`, `dimension`, `stake` |
/// | `contact` | `at`, `by`, `asked`, `reason` or `reason_column`, `passed_to` or `passed_to_column` |
/// | `need_known`, `need_asked` | `at`, `need` or `need_column` |
///
/// A deadline that is only a date lasts to the end of that day; any other time that is only a date is the start of it.
///
/// ```
/// use tillit::read::Mapping;
///
/// let mapping = Mapping::from_toml(r#"
///     zone = "+01:00"
///     currency = "EUR"
///     customer = "who"
///     [[fact]]
///     kind = "purchase"
///     at = "when"
///     amount = "paid"
/// "#)?;
/// assert_eq!(mapping.customer(), "who");
///
/// let misspelt = Mapping::from_toml("custommer = \"who\"").unwrap_err();
/// assert_eq!(
///     misspelt.to_string(),
///     "the mapping's top level has no key \"custommer\": did you mean \"customer\"?"
/// );
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Mapping {
    title: String,
    zone: Option<Zone>,
    currency: Option<Currency>,
    observed_until: Option<NaiveDate>,
    follow_up_days: u32,
    pub(super) customer: Slot,
    pub(super) case: Option<Slot>,
    pub(super) keeps_repeated_rows: bool,
    pub(super) format: Format,
    pub(super) columns: Columns,
    pub(super) segments: Vec<SegmentRule>,
    pub(super) totals: Vec<TotalRule>,
    assumptions: Option<Assumptions>,
    pub(super) facts: Vec<FactRule>,
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// [`Error::Mapping`] naming the place and what would have been right; [`Error::MissingFeature`] for a named zone in
    /// a build without `time-zones`.
    pub fn from_toml(text: &str) -> Result<Self> {
        let table: Table = text.parse().map_err(|error| not_toml(text, &error))?;
        let section = Section::new("", &table, KEYS)?;
        let mut columns = Columns::default();
        let zone = section.text("zone")?.map(Zone::named).transpose();
        let zone = zone.map_err(|error| match error {
            Error::InvalidText {
                found, expected, ..
            } => section.refuse("zone", format!("is {found:?}, but must be {expected}")),
            other => other,
        })?;
        let currency = section
            .text("currency")?
            .map(|code| {
                Currency::new(code).map_err(|_| {
                    let reason =
                        format!("is {code:?}, but must be three capital letters such as EUR");
                    section.refuse("currency", reason)
                })
            })
            .transpose()?;
        let customer = section.needed_text("customer")?;
        let customer = columns.slot(customer, || "customer".into());
        let case = columns.cell(&section, "case")?;
        let keeps_repeated_rows = match section.text("repeated_rows")? {
            None => case.is_none(),
            Some("keep") => true,
            Some("report") => false,
            Some(_) => {
                return Err(section.refuse("repeated_rows", "must be \"keep\" or \"report\""));
            }
        };
        let format = match section.value("format") {
            None => Format::default(),
            Some(Value::Table(table)) => Format::parse(table)?,
            Some(_) => return Err(section.refuse("format", "must be a table [format]")),
        };
        let segments = match section.value("segments") {
            None => Vec::new(),
            Some(Value::Table(table)) => SegmentRule::parse_all(table, &mut columns)?,
            Some(_) => return Err(section.refuse("segments", "must be a table [segments]")),
        };
        let totals = match section.value("totals") {
            None => Vec::new(),
            Some(Value::Table(table)) => TotalRule::parse_all(table, &mut columns, currency)?,
            Some(_) => return Err(section.refuse("totals", "must be a table [totals]")),
        };
        let assumptions = section
            .value("assumptions")
            .map(|stated| {
                stated
                    .clone()
                    .try_into::<Assumptions>()
                    .map_err(|error| Error::Mapping {
                        key: "[assumptions]".into(),
                        reason: format!(
                            "cannot be taken: {}",
                            error.to_string().trim().replace('\n', " ")
                        ),
                    })
            })
            .transpose()?;
        let facts = facts(&section, &mut columns, currency)?;
        Ok(Self {
            title: section.text("title")?.unwrap_or_default().to_owned(),
            zone,
            currency,
            observed_until: section.date("observed_until")?,
            follow_up_days: section
                .whole("follow_up_days", 1, 36_500)?
                .unwrap_or(ReturnRate::DEFAULT_FOLLOW_UP_DAYS),
            customer,
            case,
            keeps_repeated_rows,
            format,
            columns,
            segments,
            totals,
            assumptions,
            facts,
        })
    }

    /// Reads a mapping from a file.
    ///
    /// # Errors
    /// [`Error::Read`] if the file cannot be read, else as [`from_toml`](Self::from_toml).
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
            what: path.display().to_string(),
            line: None,
            source: source.into(),
        })?;
        Self::from_toml(&text)
    }

    /// What the table is; empty if the mapping does not say.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Where the table's clock hangs.
    #[must_use]
    pub fn zone(&self) -> Option<Zone> {
        self.zone
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// Last day on which purchases count for value and return.
    #[must_use]
    pub fn observed_until(&self) -> Option<NaiveDate> {
        self.observed_until
    }

    /// For how many days after the first experience a customer is watched for coming back.
    #[must_use]
    pub fn follow_up_days(&self) -> u32 {
        self.follow_up_days
    }

    /// What is taken as given about money, leaving and talk.
    #[must_use]
    pub fn assumptions(&self) -> Option<&Assumptions> {
        self.assumptions.as_ref()
    }

    /// The options of an [`Audit`](crate::audit::Audit) of this table.
    #[must_use]
    pub fn audit_options(&self) -> AuditOptions {
        AuditOptions {
            observed_until: self.observed_until,
            follow_up_days: self.follow_up_days,
            assumptions: self.assumptions.clone(),
            ..AuditOptions::default()
        }
    }

    /// The column with the customer's key.
    #[must_use]
    pub fn customer(&self) -> &str {
        self.columns.name(self.customer)
    }

    /// The column with the case's key; `None` if every row is its own case.
    #[must_use]
    pub fn case(&self) -> Option<&str> {
        self.case.map(|slot| self.columns.name(slot))
    }

    /// Names of the segmentations, in alphabetical order, as they appear in the log.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = &str> {
        self.segments.iter().map(SegmentRule::name)
    }

    /// Names of the promises, in the mapping's order.
    pub fn promises(&self) -> impl Iterator<Item = &str> {
        self.facts.iter().filter_map(FactRule::promise)
    }

    /// Scales of the feedback, in the mapping's order.
    pub fn feedback_scales(&self) -> impl Iterator<Item = RatingScale> {
        self.facts.iter().filter_map(FactRule::feedback_scale)
    }

    /// Whether any fact reads money.
    #[must_use]
    pub fn reads_money(&self) -> bool {
        self.facts.iter().any(FactRule::reads_money)
    }
}

fn facts(
    section: &Section<'_>,
    columns: &mut Columns,
    currency: Option<Currency>,
) -> Result<Vec<FactRule>> {
    let tables = match section.value("fact") {
        None => &[][..],
        Some(Value::Array(tables)) => tables,
        Some(_) => return Err(section.refuse("fact", "must be written as [[fact]]")),
    };
    let mut facts: Vec<FactRule> = Vec::with_capacity(tables.len());
    for (number, table) in (1..).zip(tables) {
        let Value::Table(table) = table else {
            return Err(section.refuse("fact", "must be written as [[fact]]"));
        };
        let fact = FactRule::parse(number, table, columns, currency)?;
        if let Some(name) = fact.promise() {
            let taken = facts.iter().position(|other| other.promise() == Some(name));
            if let Some(other) = taken {
                return Err(Error::Mapping {
                    key: format!("fact {number} (promise {name:?}): name"),
                    reason: format!("is the name of fact {} already", other + 1),
                });
            }
        }
        facts.push(fact);
    }
    if facts.is_empty() {
        return Err(section.refuse("fact", "is missing: say with [[fact]] what a row tells"));
    }
    Ok(facts)
}

fn not_toml(text: &str, error: &toml::de::Error) -> Error {
    let line = error
        .span()
        .and_then(|span| Some(text.get(..span.start)?.split('\n').count()));
    Error::Mapping {
        key: line.map_or("text".into(), |line| format!("line {line}")),
        reason: format!("is not TOML: {}", error.message().replace('\n', " ")),
    }
}
