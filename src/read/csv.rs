//! Separated values, read row by row.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::io::Read;
use std::path::Path;

use csv::ByteRecord;

use crate::error::{Error, Result};
use crate::journey::{Event, JourneyLogBuilder};
use crate::measure::{Money, Zone};

use super::columns::Fields;
use super::moment::{Doubts, TimeCell};
use super::reading::{BadRow, Fault};
use super::row::{Outcome, Refusal, Row};
use super::table::TableRows;
use super::{Mapping, Reading};

/// How far a reader has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes taken from the source so far, compressed if it is compressed; at the end the source's size.
    pub bytes_read: u64,
    /// Rows read so far, bad ones included.
    pub rows: u64,
}

/// How to read, besides what the mapping says about the table.
///
/// | option | default | meaning |
/// |---|---|---|
/// | `name` | `the table`, for a file its path | what messages call the source |
/// | `progress` | nobody is told | called every so many rows, and once at the end |
#[derive(Default)]
#[non_exhaustive]
pub struct ReadOptions<'o> {
    name: Option<String>,
    progress: Option<Listener<'o>>,
}

struct Listener<'o> {
    every: u64,
    tell: &'o mut dyn FnMut(Progress),
}

impl<'o> ReadOptions<'o> {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls the source `name` in messages.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    /// Calls `tell` after every `rows` rows (0 counts as 1) and once at the end.
    #[must_use]
    pub fn with_progress(self, rows: u64, tell: &'o mut dyn FnMut(Progress)) -> Self {
        Self {
            progress: Some(Listener {
                every: rows.max(1),
                tell,
            }),
            ..self
        }
    }

    fn tell(&mut self, rows: u64, bytes_read: u64, at_the_end: bool) {
        if let Some(listener) = &mut self.progress
            && (at_the_end || rows.is_multiple_of(listener.every))
        {
            (listener.tell)(Progress { bytes_read, rows });
        }
    }
}

impl fmt::Debug for ReadOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadOptions")
            .field("name", &self.name)
            .field("progress", &self.progress.as_ref().map(|it| it.every))
            .finish()
    }
}

/// Reads a file as [`read_csv`] does; unless the options say otherwise messages call it by its path.
///
/// # Errors
/// [`Error::Read`] if the file cannot be opened, else as [`read_csv`].
pub fn read_csv_file(
    path: impl AsRef<Path>,
    mapping: &Mapping,
    mut options: ReadOptions<'_>,
) -> Result<Reading> {
    let path = path.as_ref();
    let name = options
        .name
        .get_or_insert_with(|| path.display().to_string());
    let file = File::open(path).map_err(|source| Error::Read {
        what: name.clone(),
        line: None,
        source: source.into(),
    })?;
    read_csv(file, mapping, options)
}

/// Reads a table with a header row, plain or gzip, into a log.
///
/// Cells are read without blanks around them. A row is kept whole or reported whole: one cell that the mapping uses and
/// that cannot be read keeps all of its facts out of the log. Columns that the mapping does not use are not looked at,
/// except that a row needs as many fields as the header. Blank lines are no rows. The memory needed is that of the log
/// plus 16 bytes per row (to notice repeated rows); the table itself is never held.
///
/// ```
/// use tillit::read::{Mapping, ReadOptions, read_csv};
///
/// let mapping = Mapping::from_toml(r#"
///     zone = "+01:00"
///     customer = "who"
///     case = "order"
///     [[fact]]
///     kind = "promise"
///     name = "delivery"
///     made = "ordered"
///     due = "promised"
///     fulfilled = "delivered"
/// "#)?;
/// let table = "\
/// order;who;ordered;promised;delivered
/// 1;ada;2019-03-01 09:30;2019-03-08;2019-03-08 17:00
/// 2;bob;2019-03-02 10:00;2019-02-30;
/// ";
/// let reading = read_csv(table.as_bytes(), &mapping, ReadOptions::new())?;
/// assert_eq!((reading.rows_in(), reading.rows_kept()), (2, 1));
/// assert_eq!(reading.log().events(), 2);
/// assert_eq!(
///     reading.bad_rows()[0].to_string(),
///     "line 3, promised \"2019-02-30\": no such date or time of day"
/// );
/// # Ok::<(), tillit::Error>(())
/// ```
///
/// # Errors
/// [`Error::Read`] with the line if the source fails, its gzip is broken or cut off, it is UTF-16, or a row is longer than
/// 16 MiB; [`Error::Empty`] without a header or without a row below it; [`Error::Contradiction`] if a column stands in
/// the header twice; [`Error::UnknownColumn`] if the mapping names a column that is not there, before any row is read;
/// [`Error::Mapping`] if the mapping has no zone and a time without an offset turns up; [`Error::TooFew`] if not a
/// single row can be read, with the first reasons; [`Error::Overflow`] beyond 2³² − 1 names.
pub fn read_csv(
    source: impl Read,
    mapping: &Mapping,
    mut options: ReadOptions<'_>,
) -> Result<Reading> {
    let name = options.name.take().unwrap_or_else(|| "the table".into());
    let mut table = TableRows::open(source, &name, &mapping.format, &mapping.columns)?;
    let fields = mapping.columns.resolve(&table.header)?;
    let mut intake = Intake::new(mapping, &table.header, fields);
    let mut record = ByteRecord::new();
    let mut times = Vec::new();
    let mut spare = Vec::new();
    while let Some(line) = table.next(&mut record)? {
        intake.rows += 1;
        let open_quote = table.has_open_quote(&record);
        spare = match intake.take(&record, open_quote, &mut times, spare) {
            Ok(events) => events,
            Err(Refusal::Row(fault)) => {
                intake.bad_rows.push(fault.on_line(line));
                Vec::new()
            }
            Err(Refusal::Stop(error)) => return Err(error),
        };
        options.tell(intake.rows, table.bytes_read(), false);
    }
    options.tell(intake.rows, table.bytes_read(), true);
    if intake.rows == 0 {
        return Err(Error::Empty {
            what: format!("{name} below its header").into(),
            remedy: "give at least one row".into(),
        });
    }
    if intake.bad_rows.len() as u64 == intake.rows {
        return Err(nothing_readable(&name, &intake.bad_rows));
    }
    Ok(Reading {
        log: intake.builder.build(),
        rows_in: intake.rows,
        rows_without_facts: intake.rows_without_facts,
        repeated_rows: intake.repeated_rows,
        bad_rows: intake.bad_rows,
        ambiguous_times: intake.doubts.ambiguous,
        nonexistent_times: intake.doubts.nonexistent,
        bytes_read: table.bytes_read(),
        delimiter: char::from(table.delimiter),
        compressed: table.compressed,
        missing: intake.header.into_iter().zip(intake.missing).collect(),
        totals: mapping
            .totals
            .iter()
            .map(|total| total.name.clone())
            .zip(intake.totals)
            .collect(),
    })
}

fn nothing_readable(name: &str, bad_rows: &[BadRow]) -> Error {
    let first: Vec<String> = bad_rows.iter().take(3).map(ToString::to_string).collect();
    Error::TooFew {
        what: format!("readable rows in {name}").into(),
        found: 0,
        needed: 1,
        remedy: format!(
            "all {} rows are bad, the first of them: {}",
            bad_rows.len(),
            first.join("; ")
        )
        .into(),
    }
}

/// Where rows become events.
struct Intake<'m> {
    mapping: &'m Mapping,
    fields: Fields,
    header: Vec<String>,
    builder: JourneyLogBuilder,
    /// Fingerprints of kept rows. Two different rows among a thousand million share one with probability 10⁻²¹.
    seen: HashSet<u128>,
    rows: u64,
    rows_without_facts: u64,
    repeated_rows: u64,
    bad_rows: Vec<BadRow>,
    doubts: Doubts,
    /// Empty cells by column.
    missing: Vec<u64>,
    totals: Vec<Money>,
}

impl<'m> Intake<'m> {
    fn new(mapping: &'m Mapping, header: &ByteRecord, fields: Fields) -> Self {
        Self {
            mapping,
            fields,
            header: header
                .iter()
                .map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned())
                .collect(),
            builder: JourneyLogBuilder::new(mapping.zone().unwrap_or(Zone::UTC)),
            seen: HashSet::new(),
            rows: 0,
            rows_without_facts: 0,
            repeated_rows: 0,
            bad_rows: Vec::new(),
            doubts: Doubts::default(),
            missing: vec![0; header.len()],
            totals: mapping
                .totals
                .iter()
                .map(|total| Money::from_minor(0, total.currency))
                .collect(),
        }
    }

    /// Takes a row: all of its facts or none. Gives back the events' memory for the next row.
    fn take<'s>(
        &mut self,
        record: &ByteRecord,
        open_quote: bool,
        times: &mut Vec<Option<TimeCell>>,
        spare: Vec<Event<'_>>,
    ) -> Result<Vec<Event<'s>>, Refusal> {
        self.check_shape(record, open_quote)?;
        let mut doubts = Doubts::default();
        let row = Row {
            record,
            fields: &self.fields,
            mapping: self.mapping,
            times: &[],
        };
        row.read_times(times, &mut doubts)?;
        let row = Row { times, ..row };
        let own_case;
        let case = if let Some(slot) = self.mapping.case {
            row.key(slot)?
        } else {
            own_case = format!("row {}", self.rows);
            &own_case
        };
        let mut outcome = Outcome {
            customer: row.key(self.mapping.customer)?,
            case,
            touchpoint: None,
            events: emptied(spare),
        };
        for fact in &self.mapping.facts {
            fact.read(&row, &mut outcome)?;
        }
        let mut labels = Vec::with_capacity(self.mapping.segments.len());
        for segment in &self.mapping.segments {
            if let Some(label) = segment.label(&row)? {
                labels.push((segment.name(), label));
            }
        }
        let mut totals = Vec::with_capacity(self.totals.len());
        for (rule, sum) in self.mapping.totals.iter().zip(&self.totals) {
            totals.push(sum.plus(rule.read(&row)?).map_err(Refusal::Stop)?);
        }
        let fingerprint = fingerprint(record);
        let repeated = self.seen.contains(&fingerprint);
        if repeated {
            self.repeated_rows += 1;
            if !self.mapping.keeps_repeated_rows {
                let reason = "repeats an earlier row in every cell";
                return Err(Fault::new("", "", reason).into());
            }
        }
        for event in &outcome.events {
            self.builder.push(*event).map_err(|error| match error {
                // The first event decides it for all: they share customer and case.
                Error::BadEvent { .. } => Refusal::Row(self.case_of_another(case)),
                other => Refusal::Stop(other),
            })?;
        }
        if outcome.events.is_empty() {
            self.rows_without_facts += 1;
        } else {
            for (segmentation, label) in &labels {
                self.builder
                    .segment(outcome.customer, case, segmentation, label)
                    .map_err(Refusal::Stop)?;
            }
        }
        if !repeated {
            self.seen.insert(fingerprint);
        }
        self.totals = totals;
        for (empty, cell) in self.missing.iter_mut().zip(record) {
            let is_missing = std::str::from_utf8(cell.trim_ascii())
                .is_ok_and(|text| self.mapping.format.is_missing(text));
            *empty += u64::from(is_missing);
        }
        self.doubts.ambiguous += doubts.ambiguous;
        self.doubts.nonexistent += doubts.nonexistent;
        Ok(emptied(outcome.events))
    }

    fn check_shape(&self, record: &ByteRecord, open_quote: bool) -> Result<(), Fault> {
        if open_quote {
            let column = self.header.get(record.len() - 1).map_or("", String::as_str);
            let start = record.iter().next_back().unwrap_or_default();
            let start = String::from_utf8_lossy(&start[..start.len().min(400)]);
            let reason = "a quote is left open, so the rest of the file lies in this cell";
            return Err(Fault::new(column, &start, reason));
        }
        if record.len() == self.header.len() {
            return Ok(());
        }
        let column = self.header.get(record.len()).map_or("", String::as_str);
        Err(Fault::new(
            column,
            "",
            format!(
                "the row has {} fields, but the header has {}",
                record.len(),
                self.header.len()
            ),
        ))
    }

    fn case_of_another(&self, case: &str) -> Fault {
        let slot = self.mapping.case.unwrap_or(self.mapping.customer);
        let column = self.mapping.columns.name(slot);
        Fault::new(
            column,
            case,
            "the case belongs to another customer in an earlier row",
        )
    }
}

/// The vector without its events, its memory kept for the next row.
#[allow(clippy::unnecessary_filter_map)] // `filter` would keep the old events' lifetime.
fn emptied<'s>(mut events: Vec<Event<'_>>) -> Vec<Event<'s>> {
    events.clear();
    events.into_iter().filter_map(|_| None).collect()
}

/// 128 bits that two rows share only if their cells are the same.
fn fingerprint(record: &ByteRecord) -> u128 {
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(seed);
        for cell in record {
            let cell = cell.trim_ascii();
            hasher.write_usize(cell.len());
            hasher.write(cell);
        }
        u128::from(hasher.finish())
    };
    half(1) << 64 | half(2)
}
