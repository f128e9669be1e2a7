//! How a table writes its cells.

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, TimeZone, Utc};
use toml::Table;

use crate::error::Result;

use super::moment::{self, Written};
use super::section::Section;

const KEYS: &[&str] = &[
    "delimiter",
    "quote",
    "missing",
    "time",
    "decimal",
    "thousands",
];

/// `[format]` of a mapping; by default a comma-separated table as most programs write it.
#[derive(Clone, Debug)]
pub(super) struct Format {
    /// `None`: found out from the header.
    pub(super) delimiter: Option<u8>,
    pub(super) quote: u8,
    /// Texts that mean "no value" besides the empty one.
    missing: Vec<String>,
    times: Vec<Vec<Item<'static>>>,
    decimal: u8,
    thousands: Option<u8>,
}

impl Default for Format {
    fn default() -> Self {
        Self {
            delimiter: None,
            quote: b'"',
            missing: Vec::new(),
            times: Vec::new(),
            decimal: b'.',
            thousands: None,
        }
    }
}

impl Format {
    pub(super) fn parse(table: &Table) -> Result<Self> {
        let section = Section::new("format", table, KEYS)?;
        let default = Self::default();
        let decimal = character(&section, "decimal")?.unwrap_or(default.decimal);
        let thousands = character(&section, "thousands")?;
        if thousands == Some(decimal) {
            return Err(section.refuse("thousands", "must differ from the decimal sign"));
        }
        let times = section
            .texts("time")?
            .iter()
            .map(|pattern| {
                compiled(pattern).ok_or_else(|| {
                    section.refuse(
                        "time",
                        format!(
                            "holds {pattern:?}, which does not name a whole date or moment: \
                             write patterns such as \"%d.%m.%Y %H:%M\""
                        ),
                    )
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            delimiter: character(&section, "delimiter")?,
            quote: character(&section, "quote")?.unwrap_or(default.quote),
            missing: section.texts("missing")?,
            times,
            decimal,
            thousands,
        })
    }

    pub(super) fn is_missing(&self, cell: &str) -> bool {
        cell.is_empty() || self.missing.iter().any(|text| text == cell)
    }

    /// The number with a decimal point and without separators, built in `buffer` if the table writes it otherwise.
    pub(super) fn plain_number<'b>(&self, cell: &'b str, buffer: &'b mut String) -> &'b str {
        if self.decimal == b'.' && self.thousands.is_none() {
            return cell;
        }
        buffer.clear();
        for letter in cell.chars() {
            match u8::try_from(letter) {
                Ok(sign) if sign == self.decimal => buffer.push('.'),
                Ok(sign) if Some(sign) == self.thousands => {}
                // A point that is neither sign of this table must not become one.
                Ok(b'.') => buffer.push('?'),
                _ => buffer.push(letter),
            }
        }
        buffer
    }

    /// What a time cell says: the ISO forms first, then the mapping's patterns in their order.
    pub(super) fn time(&self, cell: &str) -> Result<Written, &'static str> {
        let iso = moment::iso(cell);
        if iso.is_ok() {
            return iso;
        }
        let by_pattern = self
            .times
            .iter()
            .find_map(|pattern| moment::by_pattern(cell, pattern));
        by_pattern.map_or(iso, Ok)
    }
}

fn character(section: &Section<'_>, key: &str) -> Result<Option<u8>> {
    section
        .text(key)?
        .map(|text| match text.as_bytes() {
            [single] if single.is_ascii() && !matches!(single, b'\n' | b'\r') => Ok(*single),
            _ => Err(section.refuse(key, "must be a single ASCII character")),
        })
        .transpose()
}

/// The pattern, if what it writes can be read back as a date or moment.
fn compiled(pattern: &str) -> Option<Vec<Item<'static>>> {
    let items = StrftimeItems::new(pattern).parse_to_owned().ok()?;
    let sample: DateTime<Utc> = Utc.with_ymd_and_hms(2001, 2, 3, 4, 5, 6).single()?;
    let written = sample.format_with_items(items.iter()).to_string();
    moment::by_pattern(&written, &items).map(|_| items)
}
