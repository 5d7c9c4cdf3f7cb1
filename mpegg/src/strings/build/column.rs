//! The values of a column, put aside while the input is read.

use super::wrong;
use crate::encapsulate::Spool;
use crate::strings::{STRING_END, TEXT_END};
use crate::tables::annotations::{DataTypeId, TypedData, TypedValue};
use mpegg_runtime::source::Source;
use mpegg_runtime::{Error, Result};
use std::path::Path;

/// A column of the table.
pub(super) struct Stored {
    /// The number of the column in the input.
    pub source: usize,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub content: Content,
}

/// What a column holds.
pub(super) enum Content {
    /// Strings, each with its terminator; where the strings of each tile end.
    Text { spool: Spool, ends: Vec<u64>, length: u64 },
    /// Numbers of so many bytes, of the same number of rows in each tile but the last.
    Number { data_type: DataTypeId, spool: Spool },
}

/// The bytes that a number takes while it is put aside.
const NUMBER: usize = 8;

impl Stored {
    pub fn text(source: usize, name: String, folder: &Path) -> Stored {
        Stored { source, name, content: Content::Text { spool: Spool::in_folder(folder), ends: vec![], length: 0 } }
    }

    pub fn number(source: usize, name: String, data_type: DataTypeId, folder: &Path) -> Stored {
        Stored { source, name, content: Content::Number { data_type, spool: Spool::in_folder(folder) } }
    }

    /// Takes a value of a row.
    pub fn push(&mut self, value: &[u8], row: u64) -> Result<()> {
        let name = &self.name;
        match &mut self.content {
            Content::Text { spool, length, .. } => {
                if let Some(at) = value.iter().position(|byte| *byte == STRING_END || *byte == TEXT_END) {
                    let byte = value.get(at).copied().unwrap_or_default();
                    return Err(wrong(&format!("row {row}, {name}: byte {at} of the string is {byte}, which ends strings in the index (7.2.1.2)")));
                }
                if let Err(error) = std::str::from_utf8(value) {
                    return Err(wrong(&format!("row {row}, {name}: byte {} of the string is not UTF-8 (7.2.1.2)", error.valid_up_to())));
                }
                spool.push(value)?;
                spool.push(&[STRING_END])?;
                *length = length.saturating_add(value.len() as u64).saturating_add(1);
            }
            Content::Number { data_type, spool } => {
                let bits = number(value, *data_type).ok_or_else(|| {
                    let text = String::from_utf8_lossy(value);
                    wrong(&format!("row {row}, {name}: {text:?} is no {}; choose other columns with --columns", data_type.symbol().unwrap_or("number")))
                })?;
                spool.push(&bits.to_be_bytes())?;
            }
        }
        Ok(())
    }

    /// Takes so many rows without a value.
    pub fn skip(&mut self, rows: u64, row: u64) -> Result<()> {
        (0..rows).try_for_each(|_| self.push(b"", row))
    }

    /// A tile is complete.
    pub fn end_tile(&mut self) {
        if let Content::Text { ends, length, .. } = &mut self.content {
            ends.push(*length);
        }
    }

    /// The payload of the block of a tile of numbers: an array of one dimension, not compressed.
    pub fn payload(&self, first: u64, rows: u64) -> Result<Option<Vec<u8>>> {
        let Content::Number { data_type, spool } = &self.content else { return Ok(None) };
        let count = usize::try_from(rows).map_err(|_| Error::limit(0, "a tile of so many rows"))?;
        let mut bytes = vec![0; count.saturating_mul(NUMBER)];
        spool.read_at(first.saturating_mul(NUMBER as u64), &mut bytes)?;
        let value = |bytes: &[u8]| TypedValue { text: None, value: Some(u64::from_be_bytes(bytes.try_into().unwrap_or_default())) };
        let values = bytes.chunks_exact(NUMBER).map(value).collect();
        let dims = vec![u32::try_from(rows).unwrap_or(u32::MAX)];
        let data = TypedData { data_type_id: *data_type, array_dims: dims, value: values, ..TypedData::default() };
        data.to_bytes().map(Some)
    }
}

/// The bits of a number; those of the missing value where there is none.
fn number(text: &[u8], data_type: DataTypeId) -> Option<u64> {
    if text.is_empty() {
        return Some(missing(data_type));
    }
    let text = std::str::from_utf8(text).ok()?;
    Some(match data_type {
        DataTypeId::Bool => u64::from(text.parse::<u8>().ok().filter(|flag| *flag <= 1)?),
        DataTypeId::Int32 => u64::from(text.parse::<i32>().ok()?.cast_unsigned()),
        DataTypeId::Uint32 => u64::from(text.parse::<u32>().ok()?),
        DataTypeId::Float32 => u64::from(text.parse::<f32>().ok()?.to_bits()),
        _ => return None,
    })
}

/// What stands for a missing number, by its type.
fn missing(data_type: DataTypeId) -> u64 {
    match data_type {
        DataTypeId::Int32 => 0x8000_0000,
        DataTypeId::Uint32 => 0xFFFF_FFFF,
        DataTypeId::Float32 => 0x7F80_0001,
        _ => 0,
    }
}
