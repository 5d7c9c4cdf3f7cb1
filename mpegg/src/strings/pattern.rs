//! What is searched for, and where it stands in a text.

use super::engine::Engine;
use super::{STRING_END, TEXT_END, is_record_index};
use mpegg_runtime::Result;

/// Where in a string a pattern stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Anywhere.
    #[default]
    Substring,
    /// At its beginning.
    Prefix,
    /// At its end.
    Suffix,
    /// It is the string.
    Exact,
}

/// What is searched for in strings: bytes, usually UTF-8. An empty pattern matches every string, as [`Mode::Exact`] the empty ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    /// The bytes. No string has the bytes 0 and 1.
    pub bytes: Vec<u8>,
    /// Where it stands.
    pub mode: Mode,
    /// Whether `a` to `z` and `A` to `Z` are the same; other letters never are.
    pub ignore_case: bool,
}

impl Pattern {
    /// One that stands anywhere, upper and lower case told apart.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Pattern {
        Pattern { bytes: bytes.into(), ..Pattern::default() }
    }

    /// Whether a string matches.
    pub fn matches(&self, string: &[u8]) -> bool {
        let same = |part: &[u8]| if self.ignore_case { part.eq_ignore_ascii_case(&self.bytes) } else { part == self.bytes };
        let length = self.bytes.len();
        match self.mode {
            Mode::Substring => length == 0 || string.windows(length).any(same),
            Mode::Prefix => string.get(..length).is_some_and(same),
            Mode::Suffix => string.len().checked_sub(length).and_then(|start| string.get(start..)).is_some_and(same),
            Mode::Exact => same(string),
        }
    }

    /// Whether each occurrence is one of its own string, which begins with no byte that a record index could have.
    pub(super) fn is_anchored(&self) -> bool {
        self.mode != Mode::Substring && !self.bytes.first().copied().is_some_and(is_record_index)
    }

    /// Whether no string can match.
    fn is_impossible(&self) -> bool {
        self.bytes.iter().any(|byte| matches!(*byte, TEXT_END | STRING_END))
    }

    /// The pattern with what stands around it in the text; none of it: the ends of strings, of which each has one.
    fn classes(&self) -> Vec<Class> {
        let class = |byte: &u8| if self.ignore_case && byte.is_ascii_alphabetic() { Class::Letter(*byte) } else { Class::Byte(*byte) };
        let mut classes: Vec<Class> = self.bytes.iter().map(class).collect();
        if matches!(self.mode, Mode::Suffix | Mode::Exact) || classes.is_empty() {
            classes.push(Class::Byte(STRING_END));
        }
        classes
    }

    /// Whether the match shall stand at the beginning of a string. (Every string begins with nothing.)
    fn begins_string(&self) -> bool {
        self.mode == Mode::Exact || self.mode == Mode::Prefix && !self.bytes.is_empty()
    }

    /// The concrete byte strings that match and occur, each with the number of bytes in front of the match; and whether the text itself begins
    /// with a match, behind so many bytes. Costs a count for each letter of which both cases have to be tried, and for each byte of record indexes.
    pub(super) fn needles(&self, engine: &dyn Engine, record_indexes: bool) -> Result<Needles> {
        let mut needles = Needles::default();
        if self.is_impossible() {
            return Ok(needles);
        }
        let classes = self.classes();
        if !self.begins_string() {
            needles.add(engine, &classes, 0)?;
            return Ok(needles);
        }
        for bytes in 0..=if record_indexes { LONGEST_RECORD_INDEX } else { 0 } {
            let mut behind = vec![Class::RecordIndex; bytes];
            behind.extend(&classes);
            let occurring = spelled(engine, &behind)?;
            // Nothing stands behind more of them if nothing stands behind fewer.
            if bytes > 0 && occurring.is_empty() {
                break;
            }
            for needle in &occurring {
                if engine.starts_with(needle)? {
                    needles.at_start = Some(u32::try_from(bytes).unwrap_or(0));
                }
            }
            behind.insert(0, Class::Byte(STRING_END));
            needles.add(engine, &behind, bytes.saturating_add(1))?;
        }
        Ok(needles)
    }
}

/// Bytes of a record index at most (7.2.1.2).
const LONGEST_RECORD_INDEX: usize = 6;

/// A byte of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// This one.
    Byte(u8),
    /// This letter of any case.
    Letter(u8),
    /// A byte of a record index.
    RecordIndex,
}

impl Class {
    /// Its bytes.
    fn bytes(self) -> Vec<u8> {
        match self {
            Class::Byte(byte) => vec![byte],
            Class::Letter(byte) => vec![byte.to_ascii_lowercase(), byte.to_ascii_uppercase()],
            Class::RecordIndex => (0x80..=0xBF).collect(),
        }
    }
}

/// The byte strings with these classes that occur, found from the last byte to the first.
fn spelled(engine: &dyn Engine, classes: &[Class]) -> Result<Vec<Vec<u8>>> {
    // Bytes in reverse order.
    let mut found: Vec<Vec<u8>> = vec![vec![]];
    for class in classes.iter().rev() {
        let bytes = class.bytes();
        let mut longer = vec![];
        for (behind, byte) in found.iter().flat_map(|behind| bytes.iter().map(move |byte| (behind, *byte))) {
            let reversed: Vec<u8> = behind.iter().copied().chain([byte]).collect();
            let occurs = bytes.len() == 1 || engine.has(byte)? && engine.count(&reversed.iter().rev().copied().collect::<Vec<u8>>())? > 0;
            if occurs {
                longer.push(reversed);
            }
        }
        found = longer;
    }
    found.iter_mut().for_each(|bytes| bytes.reverse());
    Ok(found)
}

/// What to look up for a pattern.
#[derive(Debug, Default)]
pub(super) struct Needles {
    found: Vec<(Vec<u8>, u32)>,
    at_start: Option<u32>,
}

impl Needles {
    fn add(&mut self, engine: &dyn Engine, classes: &[Class], before: usize) -> Result<()> {
        let before = u32::try_from(before).unwrap_or(u32::MAX);
        self.found.extend(spelled(engine, classes)?.into_iter().map(|needle| (needle, before)));
        Ok(())
    }

    /// How often they occur.
    ///
    /// # Errors
    ///
    /// Those of the engine.
    pub fn count(&self, engine: &dyn Engine) -> Result<u64> {
        let found: u64 =
            self.found.iter().try_fold(0, |sum, (needle, _)| Ok::<u64, mpegg_runtime::Error>(u64::from(engine.count(needle)?).saturating_add(sum)))?;
        Ok(found.saturating_add(u64::from(self.at_start.is_some())))
    }

    /// Where the matches begin, in no order.
    ///
    /// # Errors
    ///
    /// Those of the engine.
    pub fn locate(&self, engine: &dyn Engine, into: &mut Vec<u32>) -> Result<()> {
        for (needle, before) in &self.found {
            let first = into.len();
            engine.locate(needle, into)?;
            into.iter_mut().skip(first).for_each(|position| *position = position.saturating_add(*before));
        }
        into.extend(self.at_start);
        Ok(())
    }
}
