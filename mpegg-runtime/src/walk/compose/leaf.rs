//! Writing a field that is no structure.

use serde_json::Value as Json;

use super::port::Composer;
use super::wrong;
use crate::bits::{BitString, from_hex};
use crate::error::{Error, Result};
use crate::table::{Field, Row, What};
use crate::walk::Value;
use crate::walk::eval::At;
use crate::walk::frame::Frame;
use crate::walk::json::elements;
use crate::walk::leaf::{kept_bits, kept_characters, size};
use crate::walk::names::counted_row;
use crate::walk::port::{Port, at};

impl Composer<'_, '_> {
    pub(super) fn write_leaf(&mut self, frame: &Frame<'_>, row: &'static Row, field: &'static Field, json: Option<&Json>) -> Result<Value> {
        let here = at(self, frame);
        match &field.what {
            What::Unsigned(width) => {
                let number = match (json, field.counts) {
                    (None, Some(counted)) => self.count(frame, row, counted),
                    _ => self.number(self.needed(json)?)?,
                };
                self.writer.unsigned(number, size(&here, width, "bits")?)?;
                Ok(Value::Int(i128::from(number)))
            }
            What::Fixed { bits, value } => {
                let number = json.map_or(Ok(*value), |json| self.number(json))?;
                self.writer.unsigned(number, u64::from(*bits))?;
                Ok(Value::Int(i128::from(number)))
            }
            What::Ascii(many) => {
                let bytes = self.characters(self.needed(json)?)?;
                if bytes.len() != usize::from(*many) {
                    return Err(wrong(here.position, format!("{} characters, not {many}", bytes.len())));
                }
                self.writer.bytes(&bytes);
                Ok(kept_characters(&bytes))
            }
            What::Text(limit) => {
                let text = self.needed(json)?.as_str().ok_or_else(|| self.expected("a text"))?;
                let allowed = self.limits.text;
                if text.len() as u64 > allowed {
                    return Err(Error::limit(here.position, format!("a text of more than {allowed} bytes")));
                }
                self.writer.text(text, u64::from(*limit))?;
                Ok(Value::from(text))
            }
            What::Bits(width) => {
                let bits = self.bits(self.needed(json)?)?;
                let width = size(&here, width, "bits");
                self.string(bits, width)
            }
            What::Bytes(Some(many)) => {
                let bits = self.bits(self.needed(json)?)?;
                let width = size(&here, many, "bytes").map(|many| many.saturating_mul(8));
                self.string(bits, width)
            }
            What::Bytes(None) => {
                let bits = self.bits(self.needed(json)?)?;
                let whole = bits.bits().saturating_sub(bits.bits() % 8);
                self.string(bits, Ok(whole))
            }
            What::Letters { bits, alphabet } => {
                let string = self.letters(&here, self.needed(json)?, alphabet)?;
                let width = size(&here, bits, "bits");
                self.string(string, width)
            }
            What::Table { .. } => Err(Error::unsupported(here.position, "a structure is no leaf")),
        }
    }

    /// How many elements the JSON has of an array that is counted.
    fn count(&mut self, frame: &Frame<'_>, row: &'static Row, counted: &str) -> u64 {
        let array = counted_row(frame.table, row, counted);
        let member = array.and_then(|row| self.names.member(frame.table, row));
        elements(member.and_then(|member| self.places.parallel(&member)))
    }

    /// Writes a string of bits, of which there should be so many.
    fn string(&mut self, bits: BitString, width: Result<u64>) -> Result<Value> {
        match width {
            Ok(width) if width != bits.bits() => {
                return Err(wrong(self.position(), format!("{} bits where there should be {width}", bits.bits())));
            }
            Ok(_) => {}
            Err(error) => self.unknown(error)?,
        }
        self.writer.bit_string(&bits);
        Ok(kept_bits(&bits))
    }

    fn needed<'v>(&self, json: Option<&'v Json>) -> Result<&'v Json> {
        json.ok_or_else(|| wrong(self.position(), "the member is missing"))
    }

    fn expected(&self, what: &str) -> Error {
        wrong(self.position(), format!("{what} is expected"))
    }

    /// A number, or its decimal digits.
    pub(super) fn number(&self, json: &Json) -> Result<u64> {
        let number = match json {
            Json::Number(number) => number.as_u64(),
            Json::String(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => digits.parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| self.expected("a number from 0 to 2^64 - 1"))
    }

    /// A number of less than 8 bits.
    pub(super) fn small(&self, json: &Json) -> Result<u8> {
        u8::try_from(self.number(json)?).map_err(|_| self.expected("a number of less than 8 bits"))
    }

    /// Hexadecimal digits, perhaps in an object of their own.
    pub(super) fn bits(&self, json: &Json) -> Result<BitString> {
        let digits = json.get("hex").unwrap_or(json).as_str();
        digits.and_then(BitString::from_hex).ok_or_else(|| self.expected("a string of hexadecimal digits"))
    }

    pub(super) fn characters(&self, json: &Json) -> Result<Vec<u8>> {
        let bytes = match json {
            Json::String(text) if text.is_ascii() => Some(text.as_bytes().to_vec()),
            _ => json.get("hex").and_then(Json::as_str).and_then(from_hex),
        };
        bytes.ok_or_else(|| self.expected("a text of ASCII characters"))
    }

    fn letters(&self, here: &At<'_>, json: &Json, alphabet: &'static crate::table::Expr) -> Result<BitString> {
        let Some(letters) = json.as_str() else {
            return self.bits(json);
        };
        let id = here.number(alphabet)?;
        let bits = u64::try_from(id).ok().and_then(|id| BitString::from_letters(letters, id));
        bits.ok_or_else(|| wrong(self.position(), format!("`{letters}` is not in the letters of alphabet {id}")))
    }
}
