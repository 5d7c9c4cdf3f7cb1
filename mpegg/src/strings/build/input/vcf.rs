//! VCF, and BCF, whose records are taken as lines of VCF.

use super::super::wrong;
use super::{Column, Kind, Plain, Row, Rows, of_row, present};
use crate::tables::annotations::DataTypeId;
use mpegg_runtime::Result;
use noodles_vcf::header::record::value::map::info::{Number, Type};
use noodles_vcf::{Header, Record};
use std::collections::HashMap;
use std::io::BufRead;

/// The columns in front of INFO.
const COLUMNS: [&str; 7] = ["CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER"];

enum Reader {
    Text(noodles_vcf::io::Reader<Plain>),
    Binary { reader: noodles_bcf::io::Reader<Plain>, record: Box<noodles_bcf::Record>, line: Vec<u8> },
}

pub(super) struct Vcf {
    reader: Reader,
    header: Header,
    record: Record,
    columns: Vec<Column>,
    /// The columns of INFO.
    info: HashMap<String, usize>,
    rows: u64,
}

impl Vcf {
    pub fn open(mut input: Plain) -> Result<Vcf> {
        let (reader, header) = if input.fill_buf()?.starts_with(b"BCF") {
            let mut reader = noodles_bcf::io::Reader::from(input);
            let header = reader.read_header();
            (Reader::Binary { reader, record: Box::default(), line: vec![] }, header)
        } else {
            let mut reader = noodles_vcf::io::Reader::new(input);
            let header = reader.read_header();
            (Reader::Text(reader), header)
        };
        let header = header.map_err(|error| wrong(&format!("the header: {error}")))?;
        let own = COLUMNS.iter().map(|name| match *name {
            "POS" => Column::number(*name, DataTypeId::Uint32),
            "QUAL" => Column::number(*name, DataTypeId::Float32),
            _ => Column::text(*name),
        });
        let info = header.infos().iter().map(|(key, info)| {
            let name = format!("INFO/{key}");
            match (info.ty(), info.number()) {
                (Type::Integer, Number::Count(1)) => Column::number(name, DataTypeId::Int32),
                (Type::Float, Number::Count(1)) => Column::number(name, DataTypeId::Float32),
                (Type::Flag, _) => Column::number(name, DataTypeId::Bool),
                // Lists of numbers have no fixed length: they stay the text that they are.
                _ => Column::text(name),
            }
        });
        let mut columns: Vec<Column> = own.chain(info).collect();
        let info = header.infos().keys().zip(COLUMNS.len()..).map(|(key, column)| (key.to_string(), column)).collect();
        let samples = header.sample_names().len();
        if samples > 0 {
            columns.push(Column { name: "FORMAT".to_owned(), kind: Kind::Unknown(format!("genotypes and other data of {samples} samples")) });
        }
        Ok(Vcf { reader, header, record: Record::default(), columns, info, rows: 0 })
    }

    fn advance(&mut self) -> std::io::Result<bool> {
        match &mut self.reader {
            Reader::Text(reader) => Ok(reader.read_record(&mut self.record)? > 0),
            Reader::Binary { reader, record, line } => {
                if reader.read_record(record)? == 0 {
                    return Ok(false);
                }
                line.clear();
                noodles_vcf::variant::io::Write::write_variant_record(&mut noodles_vcf::io::Writer::new(&mut *line), &self.header, record.as_ref())?;
                Ok(noodles_vcf::io::Reader::new(line.as_slice()).read_record(&mut self.record)? > 0)
            }
        }
    }

    /// Puts the values of a record into a row.
    fn take(&mut self, row: &mut Row) -> std::io::Result<()> {
        let record = &self.record;
        row.clear(self.columns.len());
        let mut set = |column: usize, text: &str| row.set(column, present(text.as_bytes()));
        set(0, record.reference_sequence_name());
        set(2, record.ids().as_ref());
        set(3, record.reference_bases());
        set(4, record.alternate_bases().as_ref());
        set(6, record.filters().as_ref());
        let mut end = None;
        for field in record.info().as_ref().split(';').filter(|field| !field.is_empty() && *field != ".") {
            let (key, value) = field.split_once('=').unwrap_or((field, "1"));
            let column = match self.info.get(key) {
                Some(column) => *column,
                // The header does not say what it is.
                None => {
                    self.info.insert(key.to_owned(), self.columns.len());
                    self.columns.push(Column::text(format!("INFO/{key}")));
                    self.columns.len().saturating_sub(1)
                }
            };
            set(column, value);
            if key == "END" {
                end = value.parse::<u64>().ok();
            }
        }
        if let Some(quality) = record.quality_score() {
            row.set(5, quality?.to_string().as_bytes());
        }
        let position = record.variant_start().transpose()?.map_or(0, |position| position.get() as u64);
        row.set(1, position.to_string().as_bytes());
        let first = position.saturating_sub(1);
        let last = first.saturating_add(record.reference_bases().len() as u64).saturating_sub(1);
        let last = end.map_or(last, |end| end.saturating_sub(1).max(last));
        row.place(record.reference_sequence_name().as_bytes(), first, last);
        Ok(())
    }
}

impl Rows for Vcf {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn is_complete(&self) -> bool {
        false
    }

    fn next_row(&mut self, row: &mut Row) -> Result<bool> {
        self.rows = self.rows.saturating_add(1);
        row.number = self.rows;
        let read = self.advance().and_then(|more| if more { self.take(row).map(|()| true) } else { Ok(false) });
        read.map_err(|error| of_row("record", self.rows, error))
    }
}
