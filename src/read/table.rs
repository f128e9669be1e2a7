//! Rows out of bytes: gzip or plain, with or without a byte order mark, whatever the delimiter.

use std::cell::Cell;
use std::io::{self, BufReader, Cursor, Read};
use std::rc::Rc;

use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};
use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, Result};

use super::columns::Columns;
use super::format::Format;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
/// As much is looked at to find the delimiter.
const HEAD: u64 = 64 * 1024;
/// A quote left open makes the rest of the file one field; stop before that fills the memory. A convention.
const LONGEST_ROW: u64 = 16 * 1024 * 1024;
const DELIMITERS: [u8; 4] = *b",;\t|";

/// A table whose header has been read.
pub(super) struct TableRows<'s> {
    name: String,
    csv: Reader<Guarded<'s>>,
    bytes_read: Rc<Cell<u64>>,
    quote: u8,
    pub(super) delimiter: u8,
    pub(super) compressed: bool,
    pub(super) header: ByteRecord,
}

impl<'s> TableRows<'s> {
    pub(super) fn open(
        source: impl Read + 's,
        name: &str,
        format: &Format,
        columns: &Columns,
    ) -> Result<Self> {
        let unreadable = |source: io::Error| Error::Read {
            what: name.to_owned(),
            line: Some(1),
            source: in_words(source).into(),
        };
        let bytes_read = Rc::new(Cell::new(0));
        let mut source = BufReader::with_capacity(
            1 << 16,
            Counted {
                source,
                count: Rc::clone(&bytes_read),
            },
        );
        let magic = first_bytes(&mut source, 2).map_err(unreadable)?;
        let compressed = magic == GZIP;
        let source = Cursor::new(magic).chain(source);
        let mut text: Box<dyn Read + 's> = if compressed {
            Box::new(MultiGzDecoder::new(BufReader::with_capacity(
                1 << 16,
                source,
            )))
        } else {
            Box::new(source)
        };
        let mut head = first_bytes(&mut text, HEAD).map_err(unreadable)?;
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
            return Err(unreadable(io::Error::other(
                "it is written in UTF-16; save it as UTF-8",
            )));
        }
        if head.starts_with(&BYTE_ORDER_MARK) {
            head.drain(..BYTE_ORDER_MARK.len());
        }
        let delimiter = format
            .delimiter
            .unwrap_or_else(|| delimiter_of(&head, format.quote, columns));
        let guarded = Guarded {
            source: Box::new(Cursor::new(head).chain(text)),
            in_row: 0,
            delivered: 0,
            tail: [0; 3],
        };
        let csv = reading(delimiter, format.quote).from_reader(guarded);
        let mut table = Self {
            name: name.to_owned(),
            csv,
            bytes_read,
            quote: format.quote,
            delimiter,
            compressed,
            header: ByteRecord::new(),
        };
        let mut header = ByteRecord::new();
        if table.next(&mut header)?.is_none() {
            return Err(Error::Empty {
                what: name.to_owned().into(),
                remedy: "give a table with a header row and at least one row below it".into(),
            });
        }
        table.header = header;
        Ok(table)
    }

    /// Bytes taken from the source so far, as it lies there.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read.get()
    }

    /// The next row that is not blank, and the line on which it begins.
    pub(super) fn next(&mut self, record: &mut ByteRecord) -> Result<Option<u64>> {
        loop {
            let line_before = self.csv.position().line();
            let more = self.csv.read_byte_record(record);
            let more = more.map_err(|error| self.unreadable(error))?;
            if !more {
                return Ok(None);
            }
            let ended = self.ended_with_the_file();
            self.csv.get_mut().in_row = 0;
            if record.len() == 1 && record.as_slice().trim_ascii().is_empty() {
                continue;
            }
            // The reader knows the line after the row; blank lines may lie before it, line breaks inside its quotes.
            let breaks = line_breaks(record.as_slice());
            let ends_before = self.csv.position().line();
            let line = ends_before.saturating_sub(breaks + u64::from(!ended));
            return Ok(Some(line.max(line_before)));
        }
    }

    /// Whether the row just read runs into the end of the file inside a quote: its last field holds a line break but
    /// nothing closes it.
    pub(super) fn has_open_quote(&self, record: &ByteRecord) -> bool {
        let guarded = self.csv.get_ref();
        let last = record.iter().next_back().unwrap_or_default();
        self.csv.position().byte() == guarded.delivered
            && last.contains(&b'\n')
            && guarded
                .tail
                .iter()
                .rev()
                .find(|byte| !matches!(byte, b'\n' | b'\r' | b' '))
                != Some(&self.quote)
    }

    /// Whether the row just read ended with the file instead of a line break.
    fn ended_with_the_file(&self) -> bool {
        let guarded = self.csv.get_ref();
        self.csv.position().byte() == guarded.delivered && guarded.tail[2] != b'\n'
    }

    fn unreadable(&self, error: csv::Error) -> Error {
        let line = self.csv.position().line();
        let source = match error.into_kind() {
            csv::ErrorKind::Io(error) => in_words(error).into(),
            other => format!("{other:?}").into(),
        };
        Error::Read {
            what: self.name.clone(),
            line: Some(line),
            source,
        }
    }
}

/// Says plainly what a decoder means by an end that it did not expect.
fn in_words(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        io::Error::new(error.kind(), "the file ends in the middle: it is cut off")
    } else {
        error
    }
}

/// Only line feeds end a row, so that lines are counted as an editor counts them; the carriage return before one is
/// a blank at the end of the last cell, and cells are read without such blanks.
fn reading(delimiter: u8, quote: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder
        .delimiter(delimiter)
        .quote(quote)
        .has_headers(false)
        .flexible(true)
        .terminator(Terminator::Any(b'\n'))
        .buffer_capacity(1 << 16);
    builder
}

/// The delimiter with which the header has most of the mapping's columns, then the one with most columns at all.
fn delimiter_of(head: &[u8], quote: u8, columns: &Columns) -> u8 {
    let mut best = (DELIMITERS[0], 0, 0);
    for delimiter in DELIMITERS {
        let mut reader = reading(delimiter, quote).from_reader(head);
        let mut header = ByteRecord::new();
        while reader.read_byte_record(&mut header).unwrap_or(false)
            && header.as_slice().trim_ascii().is_empty()
        {}
        let found = (columns.found_in(&header), header.len());
        if found > (best.1, best.2) {
            best = (delimiter, found.0, found.1);
        }
    }
    best.0
}

#[allow(clippy::naive_bytecount)] // Rows are short: a crate to count bytes would bring nothing.
fn line_breaks(text: &[u8]) -> u64 {
    text.iter().filter(|&&byte| byte == b'\n').count() as u64
}

fn first_bytes(source: &mut impl Read, count: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.by_ref().take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Counts what is taken from the source.
struct Counted<R> {
    source: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

/// Refuses endless rows and remembers how the text ended.
struct Guarded<'s> {
    source: Box<dyn Read + 's>,
    in_row: u64,
    delivered: u64,
    tail: [u8; 3],
}

impl Read for Guarded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.in_row > LONGEST_ROW {
            return Err(io::Error::other(
                "the row is longer than 16 MiB: a quote may be left open",
            ));
        }
        let read = self.source.read(buffer)?;
        self.in_row += read as u64;
        self.delivered += read as u64;
        for &byte in buffer[..read].iter().rev().take(3).rev() {
            self.tail = [self.tail[1], self.tail[2], byte];
        }
        Ok(read)
    }
}
