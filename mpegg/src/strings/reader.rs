//! Strings of a text, one behind the other.

use super::STRING_END;
use super::engine::Engine;
use mpegg_runtime::{Error, ErrorKind, Result};

/// Bytes that are decoded at once at first, and when strings are read one behind the other.
const FIRST: u32 = 64;
const LARGEST: u32 = 1 << 16;

/// Reads strings of a text. What has been decoded last is kept.
pub(super) struct Reader<'t> {
    engine: &'t dyn Engine,
    /// The first byte behind the last string.
    end: u32,
    /// Decoded bytes, where the text is not in memory.
    bytes: Vec<u8>,
    /// Where they stand.
    start: u32,
    /// How many are decoded next.
    size: u32,
}

impl<'t> Reader<'t> {
    /// Of a text whose strings end in front of `end`.
    pub fn new(engine: &'t dyn Engine, end: u32) -> Self {
        Reader { engine, end, bytes: vec![], start: 0, size: FIRST }
    }

    /// The bytes from a position to the end of their string, without its terminator.
    ///
    /// # Errors
    ///
    /// Those of the engine; a string without terminator.
    pub fn string(&mut self, at: u32) -> Result<&[u8]> {
        if let Some(text) = self.engine.whole() {
            let rest = text.get(at as usize..self.end as usize).unwrap_or_default();
            return rest_of_string(rest).and_then(|length| rest.get(..length)).ok_or_else(|| unterminated(at));
        }
        let mut searched = 0;
        let length = loop {
            let there = self.view(at, searched)?.get(searched..).unwrap_or_default();
            if let Some(length) = rest_of_string(there) {
                break searched.saturating_add(length);
            }
            if there.is_empty() {
                return Err(unterminated(at));
            }
            searched = searched.saturating_add(there.len());
        };
        let skipped = at.saturating_sub(self.start) as usize;
        Ok(self.bytes.get(skipped..skipped.saturating_add(length)).unwrap_or_default())
    }

    /// Decoded bytes from a position on, more than `beyond` of them unless the text ends.
    fn view(&mut self, at: u32, beyond: usize) -> Result<&[u8]> {
        let known = at.checked_sub(self.start).map(|skipped| skipped as usize).filter(|skipped| *skipped <= self.bytes.len());
        let skipped = match known {
            Some(skipped) => skipped,
            None => {
                self.bytes.clear();
                (self.start, self.size) = (at, FIRST);
                0
            }
        };
        if self.bytes.len().saturating_sub(skipped) <= beyond {
            self.bytes.drain(..skipped);
            self.start = at;
            let from = self.start.saturating_add(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)).min(self.end);
            let to = from.saturating_add(self.size).min(self.end);
            self.engine.extract(from..to, &mut self.bytes)?;
            self.size = self.size.saturating_mul(2).min(LARGEST);
            return Ok(&self.bytes);
        }
        Ok(self.bytes.get(skipped..).unwrap_or_default())
    }
}

fn rest_of_string(bytes: &[u8]) -> Option<usize> {
    memchr::memchr(STRING_END, bytes)
}

/// The error of a string that does not end.
pub(super) fn unterminated(at: u32) -> Error {
    Error::without_position(ErrorKind::Malformed, format!("the string at {at} of the text has no terminator"))
}
