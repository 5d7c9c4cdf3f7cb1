//! A data unit: what is written of it, without its payload being in memory.

use mpegg_runtime::source::Source;
use mpegg_runtime::{Error, ErrorKind, Result};
use std::io::Write;
use std::ops::Range;

/// data_unit_type (6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataUnitType {
    /// 0: the raw reference.
    RawReference,
    /// 1: a parameter set.
    ParameterSet,
    /// 2: an access unit.
    AccessUnit,
    /// 3: an annotation parameter set.
    AnnotationParameterSet,
    /// 4: an annotation access unit.
    AnnotationAccessUnit,
}

impl DataUnitType {
    /// The number.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Bits of data_unit_size, and the bytes that it ends.
    fn size_field(self) -> (u32, usize) {
        match self {
            DataUnitType::RawReference => (64, 9),
            DataUnitType::ParameterSet | DataUnitType::AnnotationParameterSet => (22, 5),
            DataUnitType::AccessUnit | DataUnitType::AnnotationAccessUnit => (29, 5),
        }
    }
}

/// A piece of a data unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Bytes of the head.
    Bytes(Range<usize>),
    /// Bytes of the source.
    Source {
        /// The first byte.
        offset: u64,
        /// The number of bytes.
        length: u64,
    },
}

/// A data unit (6.3): type, size, and what follows, as bytes or as ranges of a source.
#[derive(Clone)]
pub struct DataUnit<'s> {
    unit_type: DataUnitType,
    head: Vec<u8>,
    parts: Vec<Part>,
    source: &'s dyn Source,
}

/// Bytes copied in one go.
const BUFFER: u64 = 64 * 1024;

impl<'s> DataUnit<'s> {
    /// A data unit of nothing but type and size.
    pub fn new(unit_type: DataUnitType, source: &'s dyn Source) -> Self {
        let (_, bytes) = unit_type.size_field();
        let mut head = vec![0; bytes];
        if let Some(first) = head.first_mut() {
            *first = unit_type.code();
        }
        DataUnit { unit_type, head, parts: vec![Part::Bytes(0..bytes)], source }
    }

    /// Its type.
    pub fn unit_type(&self) -> DataUnitType {
        self.unit_type
    }

    /// The pieces, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Appends bytes.
    pub fn push_bytes(&mut self, bytes: &[u8]) {
        let start = self.head.len();
        self.head.extend_from_slice(bytes);
        match self.parts.last_mut() {
            Some(Part::Bytes(last)) => last.end = self.head.len(),
            _ => self.parts.push(Part::Bytes(start..self.head.len())),
        }
    }

    /// Appends a range of the source.
    pub fn push_range(&mut self, offset: u64, length: u64) {
        match self.parts.last_mut() {
            _ if length == 0 => {}
            Some(Part::Source { offset: first, length: before }) if first.saturating_add(*before) == offset => *before = before.saturating_add(length),
            _ => self.parts.push(Part::Source { offset, length }),
        }
    }

    /// The number of bytes.
    #[expect(clippy::len_without_is_empty, reason = "no data unit is empty")]
    pub fn len(&self) -> u64 {
        let length = |part: &Part| match part {
            Part::Bytes(range) => range.len() as u64,
            Part::Source { length, .. } => *length,
        };
        self.parts.iter().map(length).fold(0, u64::saturating_add)
    }

    /// Fills in data_unit_size.
    ///
    /// # Errors
    ///
    /// A size that the field cannot hold.
    pub fn finish(mut self) -> Result<Self> {
        let (bits, bytes) = self.unit_type.size_field();
        let size = self.len();
        if bits < 64 && size >> bits != 0 {
            let message = format!("a data unit of type {} would have {size} bytes, its size field has {bits} bits", self.unit_type.code());
            return Err(Error::without_position(ErrorKind::Limit, message));
        }
        let digits = size.to_be_bytes();
        let field = self.head.get_mut(1..bytes).unwrap_or_default();
        for (byte, digit) in field.iter_mut().rev().zip(digits.iter().rev()) {
            *byte = *digit;
        }
        Ok(self)
    }

    /// Writes it; a piece at a time is in memory.
    ///
    /// # Errors
    ///
    /// I/O of either side.
    pub fn write_to(&self, out: &mut dyn Write) -> Result<()> {
        let mut buffer = vec![];
        for part in &self.parts {
            match part {
                Part::Bytes(range) => out.write_all(self.head.get(range.clone()).unwrap_or_default())?,
                Part::Source { offset, length } => match self.source.slice(*offset, *length) {
                    Some(bytes) => out.write_all(bytes)?,
                    None => self.copy(*offset, *length, &mut buffer, out)?,
                },
            }
        }
        Ok(())
    }

    fn copy(&self, offset: u64, length: u64, buffer: &mut Vec<u8>, out: &mut dyn Write) -> Result<()> {
        let mut done = 0;
        while done < length {
            let now = (length - done).min(BUFFER);
            buffer.resize(usize::try_from(now).unwrap_or(0), 0);
            self.source.read_at(offset.saturating_add(done), buffer)?;
            out.write_all(buffer)?;
            done += now;
        }
        Ok(())
    }

    /// All of it.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn to_vec(&self) -> Result<Vec<u8>> {
        let mut bytes = vec![];
        self.write_to(&mut bytes)?;
        Ok(bytes)
    }
}
