//! Columns between commas or tabs, with their names in the first line.

use super::super::wrong;
use super::{Column, Plain, Row, Rows, next_record};
use mpegg_runtime::Result;

pub(super) struct Delimited {
    reader: csv::Reader<Plain>,
    record: csv::ByteRecord,
    columns: Vec<Column>,
}

impl Delimited {
    pub fn open(input: Plain, delimiter: u8) -> Result<Delimited> {
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(input);
        let mut names = csv::ByteRecord::new();
        if !next_record(&mut reader, &mut names)? {
            return Err(wrong("there is no first line with the names of the columns"));
        }
        let name = |name: &[u8]| String::from_utf8_lossy(name).trim_start_matches('\u{feff}').trim_start_matches('#').to_owned();
        let columns = names.iter().map(|own| Column::text(name(own))).collect();
        Ok(Delimited { reader, record: csv::ByteRecord::new(), columns })
    }
}

impl Rows for Delimited {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn next_row(&mut self, row: &mut Row) -> Result<bool> {
        if !next_record(&mut self.reader, &mut self.record)? {
            return Ok(false);
        }
        row.clear(self.columns.len());
        row.number = self.record.position().map_or(0, csv::Position::line);
        self.record.iter().enumerate().for_each(|(column, value)| row.set(column, value));
        Ok(true)
    }
}
