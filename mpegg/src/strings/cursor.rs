//! Which record of which unit a position of a text belongs to (7.2.14).

use super::index::UnitStart;
use super::reader::{Reader, unterminated};
use super::text::Text;
use super::{STRING_END, is_record_index, record_index};
use mpegg_runtime::Result;

/// A string of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    /// The number of its unit in the sub-index.
    pub unit: usize,
    /// Its record in the unit.
    pub record: u64,
    /// Which string of the record it is.
    pub string_index: usize,
    /// Where its bytes begin, behind a record index.
    pub start: u32,
    /// Where its terminator stands.
    pub end: u32,
}

/// Goes through a text from string to string and counts them.
pub(super) struct Cursor<'t> {
    text: &'t Text<'t>,
    reader: Reader<'t>,
    unit: usize,
    /// The first byte behind the unit.
    unit_end: u32,
    /// Where the next string begins, with its record index.
    at: u32,
    record: u64,
    string_index: usize,
}

impl<'t> Cursor<'t> {
    /// At the first string of a unit.
    ///
    /// # Errors
    ///
    /// Those of the engine.
    pub fn new(text: &'t Text<'t>, unit: usize) -> Result<Self> {
        let mut cursor = Cursor { reader: text.reader(), text, unit, unit_end: 0, at: 0, record: 0, string_index: 0 };
        cursor.go_to(unit)?;
        Ok(cursor)
    }

    fn go_to(&mut self, unit: usize) -> Result<()> {
        (self.unit, self.record, self.string_index) = (unit, 0, 0);
        (self.at, self.unit_end) = (self.text.start_of(unit)?, self.text.start_of(unit.saturating_add(1))?);
        Ok(())
    }

    /// The next string of the unit.
    ///
    /// # Errors
    ///
    /// Those of the engine; a string without terminator.
    pub fn next(&mut self) -> Result<Option<At>> {
        if self.at >= self.unit_end {
            return Ok(None);
        }
        let bytes = self.reader.string(self.at)?;
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let index = if self.text.has_record_indexes() { bytes.iter().take_while(|byte| is_record_index(**byte)).count() } else { 0 };
        if let Some(index) = bytes.get(..index).filter(|index| !index.is_empty() && self.string_index == 0) {
            self.record = record_index(index);
        }
        let end = self.at.saturating_add(length);
        if end >= self.unit_end {
            return Err(unterminated(self.at));
        }
        let start = self.at.saturating_add(u32::try_from(index).unwrap_or(0));
        let found = At { unit: self.unit, record: self.record, string_index: self.string_index, start, end };
        self.at = end.saturating_add(1);
        self.string_index = self.string_index.saturating_add(1);
        if self.string_index >= self.text.strings_of_record() {
            self.string_index = 0;
            self.record = self.record.saturating_add(1);
        }
        Ok(Some(found))
    }

    /// The string that has a byte, or ends with it. Positions that are asked for ascend. Costs the reading of the strings between, from the
    /// beginning of the unit on; where records have record indexes, of those of the record.
    ///
    /// # Errors
    ///
    /// Those of the engine; a byte that belongs to no unit; a string without terminator.
    pub fn find(&mut self, position: u32) -> Result<At> {
        if position < self.at || position >= self.unit_end {
            self.go_to(self.text.unit_of(position)?)?;
        }
        self.leap(position)?;
        while let Some(found) = self.next()? {
            if found.end >= position {
                return Ok(found);
            }
        }
        Err(unterminated(position))
    }

    /// Goes to the record of a position, where it begins with a record index.
    fn leap(&mut self, position: u32) -> Result<()> {
        if !self.text.has_record_indexes() {
            return Ok(());
        }
        let mut size = NEAR;
        loop {
            let from = position.saturating_sub(size).max(self.at);
            let mut bytes = vec![];
            self.text.extract(from..position, &mut bytes)?;
            // Strings that begin here, from the last one on; of one at the very front it is known only at the beginning of the unit.
            let begins = memchr::memrchr_iter(STRING_END, &bytes).map(|end| end.saturating_add(1)).chain((from == self.at).then_some(0));
            let mut met = 0usize;
            for begin in begins.take(self.text.strings_of_record()) {
                if bytes.get(begin).copied().is_some_and(is_record_index) {
                    self.at = from.saturating_add(u32::try_from(begin).unwrap_or(0));
                    self.string_index = 0;
                    return Ok(());
                }
                met = met.saturating_add(1);
            }
            if met >= self.text.strings_of_record() || from == self.at {
                return Ok(());
            }
            size = size.saturating_mul(2);
        }
    }

    /// The bytes of a string.
    ///
    /// # Errors
    ///
    /// Those of the engine.
    pub fn bytes(&mut self, found: &At) -> Result<&[u8]> {
        self.reader.string(found.start)
    }
}

/// Bytes that are looked at first in front of a position.
const NEAR: u32 = 32;

/// The number of the unit with a byte, by the starts of all: the last one that begins in front of it or there.
pub(super) fn unit_of(units: &[UnitStart], position: u32) -> Option<usize> {
    units.partition_point(|unit| unit.start <= position).checked_sub(1)
}
