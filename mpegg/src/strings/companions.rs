//! The strings of a record in all string indexes of its attribute group.

use super::index::{StringIndex, Unit};
use super::text::Text;
use crate::file::Field;
use mpegg_runtime::Result;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

/// The contents of some string indexes, read when they are needed.
pub struct Contents<'i, 's>(Vec<Content<'i, 's>>);

struct Content<'i, 's> {
    index: &'i StringIndex<'s>,
    /// Of each sub-index.
    bytes: Vec<OnceCell<Cow<'s, [u8]>>>,
}

impl<'i, 's> Contents<'i, 's> {
    /// Of string indexes whose records are the same: those of an attribute group.
    pub fn new(indexes: impl IntoIterator<Item = &'i StringIndex<'s>>) -> Self {
        Contents(indexes.into_iter().map(|index| Content { index, bytes: index.sub_indexes().iter().map(|_| OnceCell::new()).collect() }).collect())
    }

    /// Finds records in them.
    pub fn records(&self) -> Records<'_, 's> {
        Records(self.0.iter().map(|content| Open { content, texts: content.bytes.iter().map(|_| None).collect(), last: None }).collect())
    }
}

/// The records of some string indexes, by unit and number. The units asked for last are kept decoded.
pub struct Records<'c, 's>(Vec<Open<'c, 's>>);

struct Open<'c, 's> {
    content: &'c Content<'c, 's>,
    /// Of each sub-index: its text, and how many bytes of it have been decoded.
    texts: Vec<Option<(Text<'c>, u64)>>,
    last: Option<Decoded>,
}

/// The strings of a unit.
struct Decoded {
    unit: Unit,
    bytes: Vec<u8>,
    /// Of each string its record, its number in the record and its bytes; ascending.
    strings: Vec<(u64, usize, Range<usize>)>,
}

impl Records<'_, '_> {
    /// The strings of a record but for that of one field. A unit is decoded when it is first asked for: O(its text).
    ///
    /// # Errors
    ///
    /// Those of the indexes.
    pub fn others(&mut self, unit: Unit, record: u64, except: Field) -> Result<Vec<(Field, Vec<u8>)>> {
        let mut found = vec![];
        for open in &mut self.0 {
            let fields = open.content.index.fields();
            if fields.iter().all(|field| *field == except) {
                continue;
            }
            let Some(decoded) = open.decoded(unit)? else { continue };
            let first = decoded.strings.partition_point(|string| string.0 < record);
            let own = decoded.strings.iter().skip(first).take_while(|string| string.0 == record);
            let strings = own.filter_map(|(_, number, range)| Some((*fields.get(*number)?, decoded.bytes.get(range.clone())?.to_vec())));
            found.extend(strings.filter(|(field, _)| *field != except));
        }
        Ok(found)
    }
}

/// A text is decoded whole when so many parts of it have been decoded in place.
const PARTS: u64 = 16;

impl Open<'_, '_> {
    fn decoded(&mut self, unit: Unit) -> Result<Option<&Decoded>> {
        if self.last.as_ref().is_none_or(|last| last.unit != unit) {
            self.last = self.decode(unit)?;
        }
        Ok(self.last.as_ref())
    }

    fn decode(&mut self, unit: Unit) -> Result<Option<Decoded>> {
        let content = self.content;
        let parts = content.index.sub_indexes();
        let place = |part: usize| parts.get(part).and_then(|part| part.units.iter().position(|known| known.unit == unit));
        let Some((part, number)) = (0..parts.len()).find_map(|part| Some((part, place(part)?))) else { return Ok(None) };
        let (Some(part), Some(cell), Some(open)) = (parts.get(part), content.bytes.get(part), self.texts.get_mut(part)) else { return Ok(None) };
        if cell.get().is_none() {
            let bytes = content.index.content(part)?;
            let _ = cell.set(bytes);
        }
        let (text, steps) = match (open.take(), cell.get()) {
            (Some((text, steps)), _) if steps > u64::from(text.len()) / PARTS => (text.decode()?, 0),
            (Some(known), _) => known,
            (None, bytes) => (Text::open(content.index, part, bytes.map_or(&[][..], |bytes| bytes))?, 0),
        };
        let mut decoded = Decoded { unit, bytes: vec![], strings: vec![] };
        let mut strings = text.strings(number)?;
        while let Some(string) = strings.next_string()? {
            let start = decoded.bytes.len();
            decoded.bytes.extend_from_slice(string.string);
            decoded.strings.push((string.record, string.string_index, start..decoded.bytes.len()));
        }
        drop(strings);
        // Record indexes may stand in any order.
        decoded.strings.sort_by_key(|string| (string.0, string.1));
        let steps = steps.saturating_add(decoded.bytes.len() as u64);
        *open = Some((text, steps));
        Ok(Some(decoded))
    }
}
