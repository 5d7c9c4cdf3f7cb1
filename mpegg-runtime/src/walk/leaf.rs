//! Reading a field that is no structure.

use super::eval::At;
use super::frame::Frame;
use super::reader::{Reader, Spot};
use super::visitor::{FieldValue, FindingKind};
use super::{Value, read_bits};
use crate::bits::BitString;
use crate::error::{Error, ErrorKind, Result};
use crate::table::{Expr, Field, Row, What};

/// A number of bits or bytes that an expression gives.
pub(crate) fn size(at: &At<'_>, expr: &'static Expr, unit: &str) -> Result<u64> {
    let number = at.number(expr)?;
    u64::try_from(number).map_err(|_| Error::malformed(at.position, format!("a size of {number} {unit}")))
}

/// How a string of bits is kept for expressions.
pub(crate) fn kept_bits(bits: &BitString) -> Value {
    Value::from(bits.hex().as_str())
}

/// How characters are kept for expressions: as they are, or escaped where they are not ASCII.
pub(crate) fn kept_characters(bytes: &[u8]) -> Value {
    Value::from(bytes.escape_ascii().to_string().as_str())
}

impl Reader<'_, '_> {
    pub(super) fn read_leaf(&mut self, frame: &Frame<'_>, row: &'static Row, field: &'static Field, index: &[u64]) -> Result<Value> {
        let here = super::port::at(self, frame);
        let spot = Spot { table: frame.table, row: Some(row), name: field.name, index, bit: here.position };
        match &field.what {
            What::Unsigned(width) => {
                let number = self.cursor.unsigned(size(&here, width, "bits")?)?;
                self.show(&spot, FieldValue::Int(number));
                Ok(Value::Int(i128::from(number)))
            }
            What::Fixed { bits, value } => {
                let number = self.cursor.unsigned(u64::from(*bits))?;
                self.show(&spot, FieldValue::Int(number));
                if number != *value {
                    let message = format!("{} is {number}, not {value}", field.name);
                    self.misfit(&spot, FindingKind::FixedPattern, message);
                }
                Ok(Value::Int(i128::from(number)))
            }
            What::Ascii(characters) => self.read_ascii(&spot, *characters),
            What::Text(limit) => self.read_text(&spot, u64::from(*limit)),
            What::Bits(width) => self.read_string(frame, field, &spot, size(&here, width, "bits")?),
            What::Bytes(many) => {
                let bits = match many {
                    Some(many) => size(&here, many, "bytes")?.saturating_mul(8),
                    None => self.cursor.remaining() / 8 * 8,
                };
                if let Some(table) = field.opened
                    && !self.is_quiet()
                    && bits <= self.cursor.remaining()
                    && self.visitor.opens(field, index)
                    && self.open(frame, &spot, bits, table)?
                {
                    return Ok(Value::Absent);
                }
                self.read_string(frame, field, &spot, bits)
            }
            What::Letters { bits, alphabet } => {
                let bits = size(&here, bits, "bits")?;
                let alphabet = here.number(alphabet)?;
                self.read_letters(frame, field, &spot, bits, alphabet)
            }
            What::Table { .. } => Err(Error::unsupported(spot.bit, "a structure is no leaf")),
        }
    }

    fn read_ascii(&mut self, spot: &Spot<'_>, characters: u16) -> Result<Value> {
        let bytes = self.cursor.characters(characters)?;
        match std::str::from_utf8(&bytes) {
            Ok(text) if text.is_ascii() => self.show(spot, FieldValue::Text(text)),
            _ => {
                let handle = self.handle(spot.bit, u64::from(characters).saturating_mul(8));
                self.show(spot, FieldValue::Bytes(handle));
            }
        }
        Ok(kept_characters(&bytes))
    }

    fn read_text(&mut self, spot: &Spot<'_>, limit: u64) -> Result<Value> {
        let allowed = self.limits.text;
        let Some(text) = self.cursor.text_within(limit.min(allowed))? else {
            let message = format!("a text of more than {} bytes", limit.min(allowed));
            return Err(match allowed < limit {
                true => Error::limit(spot.bit, message),
                false => Error::malformed(spot.bit, message),
            });
        };
        self.show(spot, FieldValue::Text(&text));
        Ok(Value::from(text.as_str()))
    }

    fn read_string(&mut self, frame: &Frame<'_>, field: &'static Field, spot: &Spot<'_>, bits: u64) -> Result<Value> {
        self.cursor.skip(bits)?;
        let handle = self.handle(spot.bit, bits);
        self.show(spot, FieldValue::Bytes(handle));
        if !frame.keeps(field.slot) {
            return Ok(Value::Absent);
        }
        match handle.read(self.limits.allocation)? {
            Some(bits) => Ok(kept_bits(&bits)),
            None => Err(Error::limit(spot.bit, format!("a string of {bits} bits"))),
        }
    }

    fn read_letters(&mut self, frame: &Frame<'_>, field: &'static Field, spot: &Spot<'_>, bits: u64, alphabet: i128) -> Result<Value> {
        if self.is_quiet() && !frame.keeps(field.slot) {
            self.cursor.skip(bits)?;
            return Ok(Value::Absent);
        }
        if bits / 8 > self.limits.allocation {
            return Err(Error::limit(spot.bit, format!("a string of {bits} bits")));
        }
        self.cursor.skip(bits)?;
        let handle = self.handle(spot.bit, bits);
        match handle.letters(u64::try_from(alphabet).unwrap_or(u64::MAX))? {
            Some((string, letters)) => {
                self.show(spot, FieldValue::Letters(letters));
                Ok(kept_bits(&string))
            }
            None => {
                self.show(spot, FieldValue::Bytes(handle));
                Ok(kept_bits(&read_bits(handle.source, handle.bit, handle.bits)?))
            }
        }
    }
}

/// Whether an error says that something refers to what is not there.
pub(super) fn is_missing_reference(error: &Error) -> bool {
    error.kind() == ErrorKind::CrossReference
}
