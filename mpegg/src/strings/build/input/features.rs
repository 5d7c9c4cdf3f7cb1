//! GTF and GFF3: eight columns, and attributes, each of which is a column too.

use super::{Column, Plain, Row, Rows, of_row, present};
use crate::tables::annotations::DataTypeId;
use mpegg_runtime::Result;
use noodles_gff::feature::Record;
use noodles_gff::record::attributes::field::Value as GffValue;
use std::collections::HashMap;

/// The columns in front of the attributes.
const COLUMNS: [&str; 8] = ["seqid", "source", "type", "start", "end", "score", "strand", "phase"];

pub(super) enum Reader {
    Gtf(noodles_gtf::io::Reader<Plain>),
    Gff(noodles_gff::io::Reader<Plain>),
}

pub(super) struct Features {
    reader: Reader,
    columns: Vec<Column>,
    attributes: HashMap<Vec<u8>, usize>,
    line: u64,
}

impl Features {
    pub fn new(reader: Reader) -> Features {
        let column = |name: &str| match name {
            "start" | "end" => Column::number(name, DataTypeId::Uint32),
            "score" => Column::number(name, DataTypeId::Float32),
            _ => Column::text(name),
        };
        Features { reader, columns: COLUMNS.iter().map(|name| column(name)).collect(), attributes: HashMap::new(), line: 0 }
    }

    /// Reads up to the next record; false at the end.
    fn advance(&mut self, row: &mut Row) -> std::io::Result<bool> {
        loop {
            self.line = self.line.saturating_add(1);
            row.number = self.line;
            let columns = &mut self.columns;
            let mut column = |key: &[u8]| match self.attributes.get(key) {
                Some(column) => *column,
                None => {
                    let column = columns.len();
                    columns.push(Column::text(attribute_name(key)));
                    self.attributes.insert(key.to_vec(), column);
                    column
                }
            };
            match &mut self.reader {
                Reader::Gtf(reader) => {
                    let mut line = noodles_gtf::Line::default();
                    if reader.read_line(&mut line)? == 0 {
                        return Ok(false);
                    }
                    if line.as_ref().trim_ascii().is_empty() {
                        continue;
                    }
                    let Some(record) = line.as_record().transpose()? else { continue };
                    common(row, line.as_ref(), &record)?;
                    for attribute in record.attributes()?.iter() {
                        let (key, value) = attribute?;
                        let column = column(key);
                        value.iter().for_each(|part| row.add(column, b",", part));
                    }
                }
                Reader::Gff(reader) => {
                    let mut line = noodles_gff::Line::default();
                    // The sequences in a GFF3 file stand behind its features.
                    if reader.read_line(&mut line)? == 0 || line.as_directive().is_some_and(|directive| directive.key() == "FASTA") {
                        return Ok(false);
                    }
                    let Some(record) = line.as_record().transpose()? else { continue };
                    common(row, line.as_ref(), &record)?;
                    for attribute in record.attributes().iter() {
                        let (key, value) = attribute?;
                        let column = column(&key);
                        match &value {
                            GffValue::String(text) => row.add(column, b",", text),
                            GffValue::Array(parts) => parts.iter().for_each(|part| row.add(column, b",", &part)),
                        }
                    }
                }
            }
            return Ok(true);
        }
    }
}

/// The name of the column of an attribute: its key, but where one of the other columns has that name.
fn attribute_name(key: &[u8]) -> String {
    let key = String::from_utf8_lossy(key);
    if COLUMNS.contains(&key.as_ref()) { format!("attributes/{key}") } else { key.into_owned() }
}

/// The columns that GTF and GFF3 have in common, and the place.
fn common(row: &mut Row, line: &[u8], record: &dyn Record) -> std::io::Result<()> {
    row.clear(COLUMNS.len());
    let fields = line.split(|byte| *byte == b'\t').take(COLUMNS.len());
    fields.enumerate().for_each(|(column, field)| row.set(column, present(field)));
    let (start, end) = (record.feature_start()?.get(), record.feature_end()?.get());
    row.place(record.reference_sequence_name(), start.saturating_sub(1) as u64, end.saturating_sub(1) as u64);
    Ok(())
}

impl Rows for Features {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn is_complete(&self) -> bool {
        false
    }

    fn next_row(&mut self, row: &mut Row) -> Result<bool> {
        self.advance(row).map_err(|error| of_row("line", self.line, error))
    }
}
