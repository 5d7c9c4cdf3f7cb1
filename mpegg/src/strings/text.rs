//! The text of a sub-index, open for queries.

use super::cursor::unit_of;
use super::engine::{Decoded, Engine, InPlace};
use super::hits::Hits;
use super::index::{Located, StringIndex, SubIndex, Unit};
use super::pattern::Pattern;
use super::reader::Reader;
use super::records::Strings;
use super::region::Wanted;
use super::{STRING_END, TEXT_END, is_record_index};
use mpegg_runtime::{Error, ErrorKind, Result};
use std::ops::Range;

/// How queries are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// As it is likely to be faster.
    #[default]
    Auto,
    /// On the compressed index as it stands in the file: for a few queries, almost without memory.
    InPlace,
    /// On a form in memory that is made once: for many queries, and to decode everything. Takes some bytes for each byte of the text.
    Expanded,
}

/// The text of a sub-index. Positions are bytes of it.
///
/// `n` is the length of the text, `m` that of a pattern, `k` the number of matches, `s` the rate of samples (about the number of steps that lead from
/// a row of the index to a position), `u` the length of the text of a unit. A step in place looks at a bitmap for each symbol that is more frequent
/// than the one met: some microseconds; expanded it is some tens of nanoseconds.
pub struct Text<'a> {
    /// The index in which it stands.
    index: &'a dyn Located,
    part: &'a SubIndex,
    engine: Box<dyn Engine + 'a>,
    strings_of_record: usize,
    /// The first byte behind the last string.
    end: u32,
    record_indexes: bool,
}

impl<'a> Text<'a> {
    /// Opens a sub-index in place. `content` is what [`StringIndex::content`] gives. An index of up to 256 KiB is checked whole; of a larger one
    /// the fields are read, and blocks checked where a query looks at them. [`StringIndex::verify`] checks all.
    ///
    /// # Errors
    ///
    /// An index that contradicts itself, with the place in the file.
    pub fn open(index: &'a StringIndex<'_>, part: &'a SubIndex, content: &'a [u8]) -> Result<Text<'a>> {
        let start = part.content().0;
        let opened = InPlace::open(content, start).map_err(|error| index.inside(part, error))?;
        Text::new(index, part, index.strings_of_record()?, Box::new(opened))
    }

    fn new(index: &'a dyn Located, part: &'a SubIndex, strings_of_record: usize, engine: Box<dyn Engine + 'a>) -> Result<Text<'a>> {
        let mut text = Text { index, part, engine, strings_of_record, end: 0, record_indexes: false };
        (text.end, text.record_indexes) = text.bounds().map_err(|error| text.inside(error))?;
        let last = part.units.last().map_or(0, |unit| unit.start);
        if last > text.end {
            let message = format!("a unit begins at {last} of a text of {} bytes", text.end);
            return Err(text.inside(Error::without_position(ErrorKind::Malformed, message)));
        }
        Ok(text)
    }

    /// The end of the strings, and whether some begin with record indexes.
    fn bounds(&self) -> Result<(u32, bool)> {
        let length = self.engine.len();
        let (first, last) = self.engine.ends();
        let end = if last == TEXT_END { length.saturating_sub(1) } else { length };
        let mut begins = is_record_index(first);
        for byte in 0x80..=0xBF {
            begins = begins || self.engine.has(byte)? && self.engine.count(&[STRING_END, byte])? > 0;
        }
        Ok((end, begins))
    }

    /// The same text in a form in memory. Costs a pass over the whole index, O(n).
    ///
    /// # Errors
    ///
    /// Those of the index; memory.
    pub fn expand(self) -> Result<Text<'a>> {
        self.index.expect_whole(self.part);
        let Some(expanded) = self.engine.expand().map_err(|error| self.inside(error))? else { return Ok(self) };
        Ok(Text { engine: Box::new(expanded), ..self })
    }

    /// The same text decoded into memory: for reading much of it. Costs a pass over the index and n steps, on all processors; n bytes of memory.
    ///
    /// # Errors
    ///
    /// Those of the index.
    pub fn decode(self) -> Result<Text<'a>> {
        if self.engine.whole().is_some() {
            return Ok(self);
        }
        let Text { index, part, engine, .. } = self;
        index.expect_whole(part);
        let decoded = Decoded::new(engine).map_err(|error| index.inside(part, error))?;
        Ok(Text { engine: Box::new(decoded), ..self })
    }

    /// The same text as it suits some patterns, in all units or where something is wanted of them, or as the caller says.
    ///
    /// # Errors
    ///
    /// As [`expand`](Self::expand) and [`suits_expansion`](Self::suits_expansion).
    pub fn suited(self, way: Way, patterns: &[Pattern], wanted: Option<&[Wanted]>) -> Result<Text<'a>> {
        let few_units = wanted.is_some_and(|wanted| !self.units_suit_decoding(&units_with(wanted)));
        let expand = match way {
            Way::Auto => !few_units && self.suits_expansion(patterns)?,
            Way::InPlace => false,
            Way::Expanded => true,
        };
        if expand { self.expand() } else { Ok(self) }
    }

    /// All of the text, the samples of the index checked against it: decoded at once from the samples of rows, and each part of it in place.
    pub(super) fn verified(&self) -> Result<Vec<u8>> {
        self.index.expect_whole(self.part);
        self.engine.verified().map_err(|error| self.inside(error))
    }

    /// The sub-index.
    pub fn sub_index(&self) -> &SubIndex {
        self.part
    }

    /// Bytes of the text, with its terminator.
    pub fn len(&self) -> u32 {
        self.engine.len()
    }

    /// Whether it has no string.
    pub fn is_empty(&self) -> bool {
        self.end == 0
    }

    /// The first byte behind the strings: that of the terminator of the text.
    pub fn end(&self) -> u32 {
        self.end
    }

    /// Whether records begin with record indexes (7.2.1.2).
    pub fn has_record_indexes(&self) -> bool {
        self.record_indexes
    }

    /// How many strings a record has.
    pub fn strings_of_record(&self) -> usize {
        self.strings_of_record
    }

    /// Whether a form in memory is likely to be faster for some patterns. Counts them: O(m) steps for each.
    ///
    /// # Errors
    ///
    /// As [`search`](Self::search).
    pub fn suits_expansion(&self, patterns: &[Pattern]) -> Result<bool> {
        if self.engine.whole().is_some() {
            return Ok(false);
        }
        Ok(self.steps_of(patterns)? > u64::from(self.len()) / EXPANSION)
    }

    /// About how many steps it takes in place to find the strings that match; not counted beyond the length of the text.
    fn steps_of(&self, patterns: &[Pattern]) -> Result<u64> {
        let units = self.part.units.len().max(1) as u64;
        let unit = u64::from(self.len()) / units;
        let mut steps = 0u64;
        for pattern in patterns {
            let matches = self.matches(pattern)?;
            // A match is located, and its unit decoded up to it.
            let of_matches = matches.saturating_mul(STEPS_OF_MATCH).saturating_add(matches.min(units).saturating_mul(unit));
            steps = steps.saturating_add(pattern.bytes.len() as u64).saturating_add(of_matches);
            if steps > self.len().into() {
                break;
            }
        }
        Ok(steps)
    }

    /// Whether decoding all is likely to be faster than decoding some units in place, by their numbers in the sub-index.
    pub fn units_suit_decoding(&self, units: &[usize]) -> bool {
        self.engine.whole().is_none() && self.bytes_of(units) > u64::from(self.len()) / EXPANSION
    }

    /// The text of some units, in bytes.
    fn bytes_of(&self, units: &[usize]) -> u64 {
        let start = |unit: usize| self.part.units.get(unit).map_or(self.end, |unit| unit.start);
        units.iter().map(|unit| u64::from(start(unit.saturating_add(1)).saturating_sub(start(*unit)))).sum()
    }

    /// How often a pattern occurs: in a string perhaps several times. O(m) steps; with `ignore_case` for each combination of letters that occurs.
    ///
    /// # Errors
    ///
    /// Those of the index.
    pub fn matches(&self, pattern: &Pattern) -> Result<u64> {
        let engine = self.engine.as_ref();
        let needles = pattern.needles(engine, self.record_indexes);
        needles.and_then(|needles| needles.count(engine)).map_err(|error| self.inside(error))
    }

    /// How many strings match a pattern. O(m) steps where a string can match only once (prefix, suffix, exact), else O(m + k s) and the decoding of the
    /// rest of each string that matches.
    ///
    /// # Errors
    ///
    /// Those of the index; a string without terminator.
    pub fn count(&self, pattern: &Pattern) -> Result<u64> {
        if pattern.is_anchored() {
            return self.matches(pattern);
        }
        let mut hits = self.search(std::slice::from_ref(pattern))?;
        if !pattern.bytes.first().copied().is_some_and(is_record_index) {
            return hits.count_strings();
        }
        // What stands in a record index is in no string.
        let mut count = 0u64;
        while hits.next_hit()?.is_some() {
            count = count.saturating_add(1);
        }
        Ok(count)
    }

    /// The strings that match one of some patterns, in ascending order of their positions. Costs O(m + k s) at once, and for each unit with matches the
    /// decoding from its beginning to the last of them, O(u); where records have record indexes, of the records of the matches only. Memory: 4 bytes a
    /// match.
    ///
    /// # Errors
    ///
    /// Those of the index.
    pub fn search(&self, patterns: &[Pattern]) -> Result<Hits<'_>> {
        Hits::new(self, self.positions(patterns)?)
    }

    /// The same in some units or records only: what is wanted of each unit, by its number in the sub-index. Where patterns match more often than such
    /// units are long, the units are decoded and looked through instead: O(u) for each of them.
    ///
    /// # Errors
    ///
    /// Those of the index; a string without terminator.
    pub fn search_in(&self, patterns: &[Pattern], wanted: Vec<Wanted>) -> Result<Hits<'_>> {
        let units = units_with(&wanted);
        let positions = if self.bytes_of(&units) < self.steps_of(patterns)? { self.scanned(patterns, &units)? } else { self.positions(patterns)? };
        Ok(Hits::new(self, positions)?.wanted(wanted))
    }

    /// Where the strings of some units begin that match, ascending.
    fn scanned(&self, patterns: &[Pattern], units: &[usize]) -> Result<Vec<u32>> {
        let mut positions = vec![];
        for unit in units {
            let mut strings = self.strings(*unit)?;
            while let Some(string) = strings.next_string()? {
                if patterns.iter().any(|pattern| pattern.matches(string.string)) {
                    positions.push(string.start);
                }
            }
        }
        Ok(positions)
    }

    /// Where the patterns stand, ascending.
    fn positions(&self, patterns: &[Pattern]) -> Result<Vec<u32>> {
        let engine = self.engine.as_ref();
        let mut positions = vec![];
        for pattern in patterns {
            let needles = pattern.needles(engine, self.record_indexes).map_err(|error| self.inside(error))?;
            needles.locate(engine, &mut positions).map_err(|error| self.inside(error))?;
        }
        positions.sort_unstable();
        positions.dedup();
        Ok(positions)
    }

    /// The strings of a unit, by its number in the sub-index, in their order. O(u) in all, decoded as the iterator goes on.
    ///
    /// # Errors
    ///
    /// Those of the index.
    pub fn strings(&self, unit: usize) -> Result<Strings<'_>> {
        Strings::new(self, unit)
    }

    /// Appends a part of the text to some bytes: O(length + the rate of samples) steps.
    ///
    /// # Errors
    ///
    /// Those of the index.
    pub fn extract(&self, range: Range<u32>, into: &mut Vec<u8>) -> Result<()> {
        self.engine.extract(range, into).map_err(|error| self.inside(error))
    }

    /// The same error with the place of the sub-index.
    pub(super) fn inside(&self, error: Error) -> Error {
        self.index.inside(self.part, error)
    }

    pub(super) fn reader(&self) -> Reader<'_> {
        Reader::new(self.engine.as_ref(), self.end)
    }

    /// Where the strings of a unit begin, with the record index of the first (in front of its offset or behind it, R31); the end of all behind the last.
    pub(super) fn start_of(&self, unit: usize) -> Result<u32> {
        let Some(unit) = self.part.units.get(unit) else { return Ok(self.end) };
        let start = unit.start;
        if !self.record_indexes || start == 0 {
            return Ok(start);
        }
        let mut before = vec![];
        self.engine.extract(start.saturating_sub(LONGEST_RECORD_INDEX)..start, &mut before)?;
        let index = before.iter().rev().take_while(|byte| is_record_index(**byte)).count();
        Ok(start.saturating_sub(u32::try_from(index).unwrap_or(0)))
    }

    /// The number of the unit with a byte.
    pub(super) fn unit_of(&self, position: u32) -> Result<usize> {
        let Some(unit) = unit_of(&self.part.units, position) else {
            return Err(Error::without_position(ErrorKind::Malformed, "a text of no tile and no access unit"));
        };
        let next = unit.saturating_add(1);
        let is_next = self.record_indexes && next < self.part.units.len() && self.start_of(next)? <= position;
        Ok(if is_next { next } else { unit })
    }

    /// The unit of a number.
    pub(super) fn unit(&self, number: usize) -> Unit {
        self.part.units.get(number).map_or(Unit::AccessUnit(0), |unit| unit.unit)
    }
}

/// The numbers of the units of which something is wanted.
fn units_with(wanted: &[Wanted]) -> Vec<usize> {
    wanted.iter().enumerate().filter(|(_, wanted)| **wanted != Wanted::Nothing).map(|(unit, _)| unit).collect()
}

/// To expand an index costs as much as so many parts of its text in steps in place.
const EXPANSION: u64 = 16;
/// Steps in place that lead to the position of a match.
const STEPS_OF_MATCH: u64 = 32;
/// Bytes of a record index at most (7.2.1.2).
const LONGEST_RECORD_INDEX: u32 = 6;
