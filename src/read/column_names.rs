//! What a table's columns are called, before anyone has said what they mean.

use std::fs::File;
use std::path::Path;

use crate::error::{Error, Result};

use super::columns::Columns;
use super::format::Format;
use super::table::TableRows;

/// The names in the header row of a file, in its order and without blanks around them, as [`read_csv_file`](super::read_csv_file)
/// finds them: plain or gzip, whatever the delimiter. For programs that find out by themselves which column is which.
///
/// # Errors
/// [`Error::Read`] if the file cannot be opened or read, is UTF-16 or its gzip is broken; [`Error::Empty`] without a header.
pub fn csv_column_names(path: impl AsRef<Path>) -> Result<Vec<String>> {
    let path = path.as_ref();
    let name = path.display().to_string();
    let file = File::open(path).map_err(|source| Error::Read {
        what: name.clone(),
        line: None,
        source: source.into(),
    })?;
    let table = TableRows::open(file, &name, &Format::default(), &Columns::default())?;
    let names = table.header.iter();
    Ok(names
        .map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned())
        .collect())
}
