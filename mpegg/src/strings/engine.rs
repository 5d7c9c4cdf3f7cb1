//! What answers questions about the text of a sub-index: the index as it stands in the file, or expanded in memory.

use mpegg_runtime::fm_index::{Expanded, Index};
use mpegg_runtime::{Error, ErrorKind, Result};
use std::ops::Range;

/// An index of a text.
pub(super) trait Engine {
    /// Bytes of the text.
    fn len(&self) -> u32;

    /// Whether a byte occurs.
    fn has(&self, byte: u8) -> Result<bool>;

    /// The first byte of the text, and the last one.
    fn ends(&self) -> (u8, u8);

    /// Whether the text begins with some bytes.
    fn starts_with(&self, needle: &[u8]) -> Result<bool>;

    /// How often some bytes occur.
    fn count(&self, needle: &[u8]) -> Result<u32>;

    /// Where they do, in no order.
    fn locate(&self, needle: &[u8], into: &mut Vec<u32>) -> Result<()>;

    /// Appends a part of the text.
    fn extract(&self, range: Range<u32>, into: &mut Vec<u8>) -> Result<()>;

    /// All of the text, the samples of the index checked against it.
    fn verified(&self) -> Result<Vec<u8>> {
        self.decoded()
    }

    /// All of the text.
    fn decoded(&self) -> Result<Vec<u8>>;

    /// The form in memory; nothing where it is that already.
    fn expand(&self) -> Result<Option<Whole>>;

    /// The text itself, where it is in memory.
    fn whole(&self) -> Option<&[u8]> {
        None
    }
}

/// An index where it stands in the file.
pub(super) struct InPlace<'a> {
    index: Index<'a>,
    /// The bit of the file at which it begins.
    start: u64,
}

impl<'a> InPlace<'a> {
    /// Opens an index that begins at a bit of the file: a small one is checked whole, of a large one what is looked at.
    ///
    /// # Errors
    ///
    /// Those of the index.
    pub fn open(content: &'a [u8], start: u64) -> Result<InPlace<'a>> {
        let opened = if content.len() <= SMALL { Index::parse(content) } else { Index::open(content) };
        Ok(InPlace { index: opened.map_err(|error| moved(error, start))?, start })
    }

    fn in_file<T>(&self, answer: Result<T>) -> Result<T> {
        answer.map_err(|error| moved(error, self.start))
    }
}

/// The check of so many bytes is not noticed.
const SMALL: usize = 1 << 18;

/// An error of an index that begins at a bit of the file.
fn moved(error: Error, start: u64) -> Error {
    error.moved(|bit| start.saturating_add(bit)).in_field("csix", &[])
}

impl Engine for InPlace<'_> {
    fn len(&self) -> u32 {
        self.index.len()
    }

    fn has(&self, byte: u8) -> Result<bool> {
        Ok(self.count(&[byte])? > 0)
    }

    fn ends(&self) -> (u8, u8) {
        (self.index.first(), self.index.last())
    }

    fn starts_with(&self, needle: &[u8]) -> Result<bool> {
        self.in_file(self.index.starts_with(needle))
    }

    fn count(&self, needle: &[u8]) -> Result<u32> {
        self.in_file(self.index.count(needle))
    }

    fn locate(&self, needle: &[u8], into: &mut Vec<u32>) -> Result<()> {
        into.extend(self.in_file(self.index.locate(needle))?);
        Ok(())
    }

    fn extract(&self, range: Range<u32>, into: &mut Vec<u8>) -> Result<()> {
        self.in_file(self.index.extract(range, into))
    }

    fn verified(&self) -> Result<Vec<u8>> {
        self.in_file(verified(&self.index))
    }

    fn decoded(&self) -> Result<Vec<u8>> {
        self.in_file(self.index.text())
    }

    fn expand(&self) -> Result<Option<Whole>> {
        self.in_file(self.index.expand().and_then(|index| Ok(Some(Whole { index, text: self.index.text()? }))))
    }
}

/// The text of an index, its samples checked against it.
fn verified(index: &Index<'_>) -> Result<Vec<u8>> {
    let expanded = index.expand()?;
    let text = index.text()?;
    let (length, rates) = (index.len(), index.options());
    let wrong = |message: String| Err(Error::without_position(ErrorKind::Malformed, message));
    let mut position = vec![];
    for row in (0..length).step_by(rates.sampling_rate_sa as usize) {
        position.clear();
        expanded.locate_rows(row..row.saturating_add(1), &mut position)?;
        let sample = index.position(row)?;
        if position != [sample] {
            return wrong(format!("the sample of row {row} says that it is at {sample} of the text, it is at {position:?}"));
        }
    }
    let mut decoded = vec![];
    for from_end in (0..length).step_by(rates.sampling_rate_lf as usize) {
        let end = length.saturating_sub(from_end);
        let start = end.saturating_sub(CHECKED);
        decoded.clear();
        index.extract(start..end, &mut decoded)?;
        if text.get(start as usize..end as usize) != Some(decoded.as_slice()) {
            return wrong(format!("the sample of the row of position {end} leads to other text"));
        }
    }
    index.check_counters()?;
    Ok(text)
}

/// Bytes of text that are decoded from each sample to check it.
const CHECKED: u32 = 8;

/// An index with the text itself: for decoding.
pub(super) struct Decoded<'a> {
    index: Box<dyn Engine + 'a>,
    text: Vec<u8>,
}

impl<'a> Decoded<'a> {
    /// Decodes the text.
    ///
    /// # Errors
    ///
    /// Those of the index.
    pub fn new(index: Box<dyn Engine + 'a>) -> Result<Decoded<'a>> {
        let text = index.decoded()?;
        Ok(Decoded { index, text })
    }
}

impl Engine for Decoded<'_> {
    fn len(&self) -> u32 {
        self.index.len()
    }

    fn has(&self, byte: u8) -> Result<bool> {
        self.index.has(byte)
    }

    fn ends(&self) -> (u8, u8) {
        ends(&self.text)
    }

    fn starts_with(&self, needle: &[u8]) -> Result<bool> {
        Ok(self.text.starts_with(needle))
    }

    fn count(&self, needle: &[u8]) -> Result<u32> {
        self.index.count(needle)
    }

    fn locate(&self, needle: &[u8], into: &mut Vec<u32>) -> Result<()> {
        self.index.locate(needle, into)
    }

    fn extract(&self, range: Range<u32>, into: &mut Vec<u8>) -> Result<()> {
        extract(&self.text, range, into)
    }

    fn decoded(&self) -> Result<Vec<u8>> {
        Ok(self.text.clone())
    }

    fn expand(&self) -> Result<Option<Whole>> {
        self.index.expand()
    }

    fn whole(&self) -> Option<&[u8]> {
        Some(&self.text)
    }
}

/// An expanded index, and the text itself.
pub(super) struct Whole {
    index: Expanded,
    text: Vec<u8>,
}

impl Engine for Whole {
    fn len(&self) -> u32 {
        self.index.len()
    }

    fn has(&self, byte: u8) -> Result<bool> {
        Ok(self.index.count(&[byte]) > 0)
    }

    fn ends(&self) -> (u8, u8) {
        ends(&self.text)
    }

    fn starts_with(&self, needle: &[u8]) -> Result<bool> {
        Ok(self.text.starts_with(needle))
    }

    fn count(&self, needle: &[u8]) -> Result<u32> {
        Ok(self.index.count(needle))
    }

    fn locate(&self, needle: &[u8], into: &mut Vec<u32>) -> Result<()> {
        self.index.locate_rows(self.index.search(needle), into)
    }

    fn extract(&self, range: Range<u32>, into: &mut Vec<u8>) -> Result<()> {
        extract(&self.text, range, into)
    }

    fn decoded(&self) -> Result<Vec<u8>> {
        Ok(self.text.clone())
    }

    fn expand(&self) -> Result<Option<Whole>> {
        Ok(None)
    }

    fn whole(&self) -> Option<&[u8]> {
        Some(&self.text)
    }
}

fn ends(text: &[u8]) -> (u8, u8) {
    (text.first().copied().unwrap_or(0), text.last().copied().unwrap_or(0))
}

fn extract(text: &[u8], range: Range<u32>, into: &mut Vec<u8>) -> Result<()> {
    let beyond =
        || Error::without_position(ErrorKind::CrossReference, format!("bytes {} to {} (excluded) of a text of {}", range.start, range.end, text.len()));
    into.extend_from_slice(text.get(range.start as usize..range.end as usize).ok_or_else(beyond)?);
    Ok(())
}
