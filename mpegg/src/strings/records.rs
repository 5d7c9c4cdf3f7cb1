//! The strings of a unit in their order (7.2.12).

use super::cursor::Cursor;
use super::hits::Hit;
use super::text::Text;
use mpegg_runtime::Result;

/// The strings of a unit, record by record. Nothing is allocated for a string.
pub struct Strings<'a> {
    text: &'a Text<'a>,
    cursor: Cursor<'a>,
}

impl<'a> Strings<'a> {
    pub(super) fn new(text: &'a Text<'a>, unit: usize) -> Result<Self> {
        Ok(Strings { text, cursor: Cursor::new(text, unit).map_err(|error| text.inside(error))? })
    }

    /// The next string.
    ///
    /// # Errors
    ///
    /// Those of the index; a string without terminator.
    pub fn next_string(&mut self) -> Result<Option<Hit<'_>>> {
        let text = self.text;
        let Some(found) = self.cursor.next().map_err(|error| text.inside(error))? else { return Ok(None) };
        let string = self.cursor.bytes(&found).map_err(|error| text.inside(error))?;
        Ok(Some(Hit { unit: text.unit(found.unit), record: found.record, string_index: found.string_index, start: found.start, string }))
    }
}
