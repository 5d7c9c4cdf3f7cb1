//! Tables as other programs write them: rows with named columns, and perhaps a place in a genome.

mod bed;
mod delimited;
mod features;
mod format;
mod lines;
mod vcf;

pub use format::Format;

use super::wrong;
use crate::tables::annotations::DataTypeId;
use flate2::bufread::MultiGzDecoder;
use mpegg_runtime::Result;
use std::io::{BufRead, BufReader, Cursor, Read};

/// What the values of a column are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Texts.
    Text,
    /// Numbers of a type of Part 6, written as text.
    Number(DataTypeId),
    /// What Part 6 has no form for that is known to this project, in words.
    Unknown(String),
}

/// A column of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name: `ID`, `INFO/GENE`, `gene_name`.
    pub name: String,
    /// What its values are.
    pub kind: Kind,
}

impl Column {
    fn text(name: impl Into<String>) -> Column {
        Column { name: name.into(), kind: Kind::Text }
    }

    fn number(name: impl Into<String>, data_type: DataTypeId) -> Column {
        Column { name: name.into(), kind: Kind::Number(data_type) }
    }
}

/// A row: the bytes of its values, and its place.
#[derive(Debug, Default)]
pub struct Row {
    /// A value for each column; missing ones are empty.
    pub values: Vec<Vec<u8>>,
    /// The name of the sequence; empty without a place.
    pub sequence: Vec<u8>,
    /// The first and the last position, counted from 0.
    pub range: (u64, u64),
    /// The line of the input, or the number of the record, from 1.
    pub number: u64,
}

impl Row {
    /// Empties all values; there are so many columns.
    fn clear(&mut self, columns: usize) {
        self.values.iter_mut().for_each(Vec::clear);
        self.values.resize(columns, vec![]);
        self.sequence.clear();
    }

    fn set(&mut self, column: usize, value: &[u8]) {
        self.add(column, &[], value);
    }

    /// Puts a value behind the others of its column.
    fn add(&mut self, column: usize, between: &[u8], value: &[u8]) {
        if self.values.len() <= column {
            self.values.resize(column.saturating_add(1), vec![]);
        }
        if let Some(own) = self.values.get_mut(column) {
            if !own.is_empty() {
                own.extend_from_slice(between);
            }
            own.extend_from_slice(value);
        }
    }

    /// Its place, where it has one. The last position is never in front of the first.
    fn place(&mut self, sequence: &[u8], first: u64, last: u64) {
        self.sequence.clear();
        self.sequence.extend_from_slice(sequence);
        self.range = (first, last.max(first));
    }
}

/// The rows of an input.
pub trait Rows {
    /// The columns that are known so far: reading a row may add some.
    fn columns(&self) -> &[Column];

    /// Whether [`columns`](Self::columns) are all that a row can have.
    fn is_complete(&self) -> bool {
        true
    }

    /// The next row; false behind the last one.
    ///
    /// # Errors
    ///
    /// I/O; a row that is not one of this format.
    fn next_row(&mut self, row: &mut Row) -> Result<bool>;
}

/// Bytes without compression.
type Plain = Box<dyn BufRead + Send>;

/// Opens an input, which may be compressed by gzip or bgzip. Its first bytes or its name tell its format, where none is given.
///
/// # Errors
///
/// I/O; an unknown format, a header that is not one of the format.
pub fn open(input: Box<dyn Read + Send>, name: &str, format: Option<Format>) -> Result<(Format, Box<dyn Rows>)> {
    let mut plain = uncompressed(input)?;
    let told = Format::of_bytes(plain.fill_buf()?);
    let format = format.or(told).or(Format::of_name(name));
    let format = format.ok_or_else(|| wrong("neither the name nor the first bytes tell the format"))?;
    let rows: Box<dyn Rows> = match format {
        Format::Vcf => Box::new(vcf::Vcf::open(plain)?),
        Format::Gtf => Box::new(features::Features::new(features::Reader::Gtf(noodles_gtf::io::Reader::new(plain)))),
        Format::Gff => Box::new(features::Features::new(features::Reader::Gff(noodles_gff::io::Reader::new(plain)))),
        Format::Bed => Box::new(bed::Bed::open(plain)?),
        Format::Tsv => Box::new(delimited::Delimited::open(plain, b'\t')?),
        Format::Csv => Box::new(delimited::Delimited::open(plain, b',')?),
        Format::Lines => Box::new(lines::Lines::new(plain)),
    };
    Ok((format, rows))
}

fn uncompressed(mut input: Box<dyn Read + Send>) -> Result<Plain> {
    let mut head = vec![];
    input.by_ref().take(2).read_to_end(&mut head)?;
    let gzip = head == [0x1f, 0x8b];
    let whole = BufReader::with_capacity(1 << 16, Cursor::new(head).chain(input));
    if gzip { Ok(Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(whole)))) } else { Ok(Box::new(whole)) }
}

/// `.` is how these formats write that there is no value.
fn present(value: &[u8]) -> &[u8] {
    if value == b"." { b"" } else { value }
}

/// The next row of a reader; the number of its line on errors.
fn next_record(reader: &mut csv::Reader<Plain>, record: &mut csv::ByteRecord) -> Result<bool> {
    let line = reader.position().line();
    reader.read_byte_record(record).map_err(|error| match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => wrong(&format!("line {line}: {other:?}")),
    })
}

/// An error of a reader at a row: I/O stays that.
fn of_row(what: &str, number: u64, error: std::io::Error) -> mpegg_runtime::Error {
    match error.kind() {
        std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput | std::io::ErrorKind::UnexpectedEof => wrong(&format!("{what} {number}: {error}")),
        _ => error.into(),
    }
}
