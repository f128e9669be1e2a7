//! One table of a mapping file: every key known, every value of the right kind.

use chrono::NaiveDate;
use toml::{Table, Value};

use crate::error::{Error, Result};

/// A TOML table with its place in the mapping, for messages that say where.
#[derive(Debug)]
pub(super) struct Section<'a> {
    place: String,
    table: &'a Table,
}

impl<'a> Section<'a> {
    /// The table at `place`; refused if it has a key that is not among `known`.
    pub(super) fn new(place: &str, table: &'a Table, known: &[&str]) -> Result<Self> {
        match table.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(Self {
                place: place.to_owned(),
                table,
            }),
            Some(unknown) => Err(Error::Mapping {
                key: if place.is_empty() { "top level" } else { place }.to_owned(),
                reason: format!("has no key {unknown:?}: {}", instead_of(unknown, known)),
            }),
        }
    }

    pub(super) fn path(&self, key: &str) -> String {
        if self.place.is_empty() {
            key.to_owned()
        } else {
            format!("{}: {key}", self.place)
        }
    }

    pub(super) fn refuse(&self, key: &str, reason: impl Into<String>) -> Error {
        Error::Mapping {
            key: self.path(key),
            reason: reason.into(),
        }
    }

    pub(super) fn value(&self, key: &str) -> Option<&'a Value> {
        self.table.get(key)
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(self.refuse(key, "must be a text with something in it")),
        }
    }

    pub(super) fn needed_text(&self, key: &str) -> Result<&'a str> {
        self.text(key)?
            .ok_or_else(|| self.refuse(key, "is missing"))
    }

    /// One text or a list of texts; an empty text is a text here.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<String>> {
        let refused = || self.refuse(key, "must be a text or a list of texts");
        match self.table.get(key) {
            None => Ok(Vec::new()),
            Some(value) => as_texts(value).ok_or_else(refused),
        }
    }

    pub(super) fn flag(&self, key: &str) -> Result<bool> {
        match self.table.get(key) {
            None => Ok(false),
            Some(Value::Boolean(flag)) => Ok(*flag),
            Some(_) => Err(self.refuse(key, "must be true or false")),
        }
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<f64>> {
        self.table
            .get(key)
            .map(|value| as_number(value).ok_or_else(|| self.refuse(key, "must be a number")))
            .transpose()
    }

    pub(super) fn numbers(&self, key: &str) -> Result<Option<Vec<f64>>> {
        let refused = || self.refuse(key, "must be a list of numbers");
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::Array(values)) => values
                .iter()
                .map(as_number)
                .collect::<Option<Vec<f64>>>()
                .map(Some)
                .ok_or_else(refused),
            Some(_) => Err(refused()),
        }
    }

    /// A whole number from `least` to `most`.
    pub(super) fn whole(&self, key: &str, least: u32, most: u32) -> Result<Option<u32>> {
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        value
            .as_integer()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (least..=most).contains(number))
            .map(Some)
            .ok_or_else(|| {
                self.refuse(
                    key,
                    format!("must be a whole number from {least} to {most}"),
                )
            })
    }

    /// A date, written as TOML's own date or as a text.
    pub(super) fn date(&self, key: &str) -> Result<Option<NaiveDate>> {
        let written = match self.table.get(key) {
            None => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Datetime(date)) => date.to_string(),
            Some(_) => String::new(),
        };
        NaiveDate::parse_from_str(&written, "%Y-%m-%d")
            .map(Some)
            .map_err(|_| self.refuse(key, "must be a date such as 2018-08-31"))
    }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        // Ratings and stakes lie far below 2^53.
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

/// One scalar or a list of scalars, as the table would write them.
pub(super) fn as_texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(values) => values.iter().map(as_text).collect(),
        single => as_text(single).map(|text| vec![text]),
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// What to write instead of `wrong`: the nearest of `known`, or all of them.
pub(super) fn instead_of(wrong: &str, known: &[&str]) -> String {
    // A third of the letters wrong is still a slip; more is another word.
    let tolerated = (wrong.chars().count() / 3).max(1);
    let nearest = known
        .iter()
        .map(|word| (edits(wrong, word), word))
        .min_by_key(|&(edits, _)| edits)
        .filter(|&(edits, _)| edits <= tolerated);
    match nearest {
        Some((_, word)) => format!("did you mean {word:?}?"),
        None => format!("known are {}", known.join(", ")),
    }
}

/// Letters to insert, delete or replace to turn one word into the other.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::{edits, instead_of};

    #[test]
    fn edits_are_counted_both_ways() {
        for (left, right, count) in [
            ("", "", 0),
            ("rating", "ratign", 2),
            ("due", "", 3),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(edits(left, right), count);
            assert_eq!(edits(right, left), count);
        }
    }

    #[test]
    fn a_slip_gets_the_nearest_word_and_another_word_gets_them_all() {
        assert_eq!(
            instead_of("custommer", &["case", "customer"]),
            "did you mean \"customer\"?"
        );
        assert_eq!(
            instead_of("colour", &["case", "customer"]),
            "known are case, customer"
        );
    }
}
