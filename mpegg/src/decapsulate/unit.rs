//! A data unit (6.3): what decapsulation hands to a decoder.

use crate::tables::DataUnitType;
use mpegg_runtime::source::Source;
use mpegg_runtime::{Error, ErrorKind, Result};
use std::io::Write;
use std::ops::Range;

/// Bytes that are copied in one go.
const CHUNK: u64 = 1 << 20;

/// A data unit. Its head and headers are in memory; payloads are ranges of the source until it is written.
pub struct DataUnit<'s> {
    source: &'s dyn Source,
    unit_type: DataUnitType,
    head: Vec<u8>,
    parts: Vec<Part>,
    length: u64,
}

/// A part of a data unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Bytes of the head.
    Bytes(Range<usize>),
    /// Bytes of the source.
    Source {
        /// Where they begin.
        offset: u64,
        /// How many there are.
        length: u64,
    },
}

impl<'s> DataUnit<'s> {
    /// An empty unit of a type, of bytes of a source and others.
    pub fn new(unit_type: DataUnitType, source: &'s dyn Source) -> Self {
        let head = vec![0; if unit_type == DataUnitType::RawReference { 9 } else { 5 }];
        let (parts, length) = (vec![Part::Bytes(0..head.len())], head.len() as u64);
        DataUnit { source, unit_type, head, parts, length }
    }

    /// Puts bytes behind what is there.
    pub fn push_bytes(&mut self, bytes: &[u8]) {
        let start = self.head.len();
        self.head.extend_from_slice(bytes);
        self.length = self.length.saturating_add(bytes.len() as u64);
        match self.parts.last_mut() {
            Some(Part::Bytes(range)) if range.end == start => range.end = self.head.len(),
            _ => self.parts.push(Part::Bytes(start..self.head.len())),
        }
    }

    /// Puts bytes of the source behind what is there.
    pub fn push_range(&mut self, offset: u64, length: u64) {
        if length == 0 {
            return;
        }
        self.length = self.length.saturating_add(length);
        match self.parts.last_mut() {
            Some(Part::Source { offset: start, length: had }) if start.saturating_add(*had) == offset => *had = had.saturating_add(length),
            _ => self.parts.push(Part::Source { offset, length }),
        }
    }

    /// Writes type and size in front (Table 11).
    ///
    /// # Errors
    ///
    /// More bytes than data_unit_size can say: 4 MiB for parameter sets, 512 MiB for access units.
    pub fn finish(mut self) -> Result<Self> {
        let width = match self.unit_type {
            DataUnitType::RawReference => 64,
            DataUnitType::ParameterSet | DataUnitType::AnnotationParameterSet => 22,
            _ => 29,
        };
        if self.length.checked_shr(width).is_some_and(|beyond| beyond > 0) {
            let name = self.unit_type.symbol().unwrap_or("data unit");
            let message = format!("{} bytes of {name} do not fit the {width} bits of data_unit_size", self.length);
            return Err(Error::without_position(ErrorKind::Limit, message).in_table("data_unit", "6.3", Some(11)));
        }
        // The reserved bits between type and size are zero.
        let (code, size) = (self.unit_type.code() as u8, self.length.to_be_bytes());
        let size = if width == 64 { size.as_slice() } else { size.get(4..).unwrap_or_default() };
        for (place, byte) in self.head.iter_mut().zip(std::iter::once(&code).chain(size)) {
            *place = *byte;
        }
        Ok(self)
    }

    /// Its type.
    pub fn unit_type(&self) -> DataUnitType {
        self.unit_type
    }

    /// data_unit_size: bytes in all.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Never: a unit has a head.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// What it is put together from, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The bytes of a part that is in memory.
    pub fn bytes(&self, range: &Range<usize>) -> &[u8] {
        self.head.get(range.clone()).unwrap_or_default()
    }

    /// Writes it. The buffer is for bytes on their way: who writes many units hands on the same one.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn write_to(&self, out: &mut dyn Write, buffer: &mut Vec<u8>) -> Result<()> {
        buffer.clear();
        for part in &self.parts {
            let (mut offset, mut length) = match part {
                Part::Bytes(range) => {
                    buffer.extend_from_slice(self.bytes(range));
                    continue;
                }
                Part::Source { offset, length } => (*offset, *length),
            };
            if let Some(bytes) = self.source.slice(offset, length) {
                out.write_all(buffer)?;
                out.write_all(bytes)?;
                buffer.clear();
                continue;
            }
            while length > 0 {
                let room = CHUNK.saturating_sub(buffer.len() as u64);
                let size = length.min(room);
                let had = buffer.len();
                buffer.resize(had.saturating_add(usize::try_from(size).unwrap_or(0)), 0);
                self.source.read_at(offset, buffer.get_mut(had..).unwrap_or_default())?;
                (offset, length) = (offset.saturating_add(size), length.saturating_sub(size));
                if buffer.len() as u64 >= CHUNK {
                    out.write_all(buffer)?;
                    buffer.clear();
                }
            }
        }
        out.write_all(buffer)?;
        buffer.clear();
        Ok(())
    }

    /// All of its bytes.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn to_vec(&self) -> Result<Vec<u8>> {
        let mut bytes = vec![];
        self.write_to(&mut bytes, &mut vec![])?;
        Ok(bytes)
    }
}

impl std::fmt::Debug for DataUnit<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} of {} bytes in {} parts", self.unit_type, self.length, self.parts.len())
    }
}
