//! Strings that match.

use super::cursor::Cursor;
use super::index::Unit;
use super::region::Wanted;
use super::text::Text;
use mpegg_runtime::Result;

/// A string that matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit<'h> {
    /// Its tile or access unit.
    pub unit: Unit,
    /// Its record in the unit, 0-based.
    pub record: u64,
    /// Which string of the record it is, 0-based.
    pub string_index: usize,
    /// Where it begins in the text of its sub-index.
    pub start: u32,
    /// Its bytes: UTF-8, where the index is right.
    pub string: &'h [u8],
}

/// The strings that match, in ascending order of their positions, each once. Nothing is allocated for a hit.
pub struct Hits<'a> {
    text: &'a Text<'a>,
    /// Where patterns stand, ascending.
    positions: Vec<u32>,
    next: usize,
    cursor: Cursor<'a>,
    /// What is wanted of each unit.
    units: Option<Vec<Wanted>>,
}

impl<'a> Hits<'a> {
    pub(super) fn new(text: &'a Text<'a>, positions: Vec<u32>) -> Result<Self> {
        let cursor = Cursor::new(text, 0).map_err(|error| text.inside(error))?;
        Ok(Hits { text, positions, next: 0, cursor, units: None })
    }

    /// The same of some units or records only: what is wanted of each unit, by its number in the sub-index.
    pub(super) fn wanted(mut self, units: Vec<Wanted>) -> Self {
        self.units = Some(units);
        self
    }

    /// The next string.
    ///
    /// # Errors
    ///
    /// Those of the index; a string without terminator.
    pub fn next_hit(&mut self) -> Result<Option<Hit<'_>>> {
        let text = self.text;
        let Some(found) = self.find().map_err(|error| text.inside(error))? else { return Ok(None) };
        let string = self.cursor.bytes(&found).map_err(|error| text.inside(error))?;
        let unit = text.unit(found.unit);
        Ok(Some(Hit { unit, record: found.record, string_index: found.string_index, start: found.start, string }))
    }

    fn find(&mut self) -> Result<Option<super::cursor::At>> {
        while let Some(position) = self.positions.get(self.next).copied() {
            let unit = if self.units.is_some() { self.text.unit_of(position)? } else { 0 };
            if self.wanted_of(unit).is_some_and(|wanted| *wanted == Wanted::Nothing) {
                self.next = self.next.saturating_add(1);
                continue;
            }
            let found = self.cursor.find(position)?;
            // What stands in a record index is in no string; what else stands in this one is the same result.
            let is_hit = self.skip(found.start, found.end);
            if is_hit && self.wanted_of(found.unit).is_none_or(|wanted| wanted.has(found.record)) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// What is wanted of a unit; nothing where that was not said of any.
    fn wanted_of(&self, unit: usize) -> Option<&Wanted> {
        self.units.as_ref().map(|units| units.get(unit).unwrap_or(&Wanted::Nothing))
    }

    /// Goes behind the positions of a string. Whether one of them is in it.
    fn skip(&mut self, start: u32, end: u32) -> bool {
        let rest = self.positions.get(self.next..).unwrap_or_default();
        let many = rest.iter().take_while(|position| **position <= end).count();
        let is_hit = rest.iter().take(many).any(|position| *position >= start);
        // A position that the cursor has answered is never asked again.
        self.next = self.next.saturating_add(many.max(1));
        is_hit
    }

    /// How many strings are left, without finding out their records.
    pub(super) fn count_strings(&mut self) -> Result<u64> {
        let text = self.text;
        let mut reader = text.reader();
        let mut count = 0u64;
        while let Some(position) = self.positions.get(self.next).copied() {
            let rest = reader.string(position).map_err(|error| text.inside(error))?;
            let end = position.saturating_add(u32::try_from(rest.len()).unwrap_or(u32::MAX));
            count = count.saturating_add(u64::from(self.skip(position, end)));
        }
        Ok(count)
    }
}
