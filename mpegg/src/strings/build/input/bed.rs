//! BED: sequences with half-open ranges from 0, and up to nine more columns.

use super::super::wrong;
use super::{Column, Plain, Row, Rows, next_record, present};
use crate::tables::annotations::DataTypeId;
use mpegg_runtime::Result;

/// The columns of the format.
const COLUMNS: [(&str, bool); 12] = [
    ("chrom", true),
    ("chromStart", false),
    ("chromEnd", false),
    ("name", true),
    ("score", true),
    ("strand", true),
    ("thickStart", false),
    ("thickEnd", false),
    ("itemRgb", true),
    ("blockCount", false),
    ("blockSizes", true),
    ("blockStarts", true),
];

pub(super) struct Bed {
    reader: csv::Reader<Plain>,
    record: csv::ByteRecord,
    columns: Vec<Column>,
    /// Whether the record is the first one, which told the columns and is still to be given.
    ahead: bool,
}

impl Bed {
    pub fn open(input: Plain) -> Result<Bed> {
        let reader = csv::ReaderBuilder::new().delimiter(b'\t').has_headers(false).quoting(false).flexible(true).comment(Some(b'#')).from_reader(input);
        let mut bed = Bed { reader, record: csv::ByteRecord::new(), columns: vec![], ahead: false };
        bed.ahead = bed.advance()?;
        let column = |at: usize| match COLUMNS.get(at) {
            Some((name, true)) => Column::text(*name),
            Some((name, false)) => Column::number(*name, DataTypeId::Uint32),
            None => Column::text(format!("column{}", at.saturating_add(1))),
        };
        bed.columns = (0..bed.record.len().max(3)).map(column).collect();
        Ok(bed)
    }

    /// The next line that is a record.
    fn advance(&mut self) -> Result<bool> {
        while next_record(&mut self.reader, &mut self.record)? {
            let first = self.record.get(0).unwrap_or_default();
            if !(self.record.len() == 1 && first.trim_ascii().is_empty() || first.starts_with(b"track") || first.starts_with(b"browser")) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn position(&self, column: usize, name: &str) -> Result<u64> {
        let line = self.record.position().map_or(0, csv::Position::line);
        let text = self.record.get(column).and_then(|field| std::str::from_utf8(field).ok()).unwrap_or_default();
        text.parse().map_err(|_| wrong(&format!("line {line}: {name} is not a number: {text:?}")))
    }
}

impl Rows for Bed {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn next_row(&mut self, row: &mut Row) -> Result<bool> {
        if !std::mem::take(&mut self.ahead) && !self.advance()? {
            return Ok(false);
        }
        row.number = self.record.position().map_or(0, csv::Position::line);
        let (start, end) = (self.position(1, "chromStart")?, self.position(2, "chromEnd")?);
        if end < start || self.record.len() > self.columns.len() {
            let what = if end < start { "chromEnd is before chromStart" } else { "more columns than in the first record" };
            return Err(wrong(&format!("line {}: {what}", row.number)));
        }
        row.clear(self.columns.len());
        self.record.iter().enumerate().for_each(|(column, value)| row.set(column, present(value)));
        row.place(self.record.get(0).unwrap_or_default(), start, end.saturating_sub(1));
        Ok(true)
    }
}
