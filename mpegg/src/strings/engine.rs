//! What answers questions about the text of a sub-index: the index as it stands in the file, or expanded in memory.

use mpegg_runtime::Result;
use mpegg_runtime::fm_index::Index;
use std::ops::Range;

/// An index of a text.
pub(super) trait Engine {
    /// Bytes of the text.
    fn len(&self) -> u32;

    /// Whether a byte occurs.
    fn has(&self, byte: u8) -> bool;

    /// How often some bytes occur.
    fn count(&self, needle: &[u8]) -> u32;

    /// Where they do, in no order.
    fn locate(&self, needle: &[u8], into: &mut Vec<u32>) -> Result<()>;

    /// Appends a part of the text.
    fn extract(&self, range: Range<u32>, into: &mut Vec<u8>) -> Result<()>;

    /// All of the text, the samples of the index checked against it.
    fn verified(&self) -> Result<Vec<u8>>;

    /// The text itself, where it is in memory.
    fn whole(&self) -> Option<&[u8]> {
        None
    }
}

impl Engine for Index<'_> {
    fn len(&self) -> u32 {
        Index::len(self)
    }

    fn has(&self, byte: u8) -> bool {
        Index::count(self, &[byte]) > 0
    }

    fn count(&self, needle: &[u8]) -> u32 {
        Index::count(self, needle)
    }

    fn locate(&self, needle: &[u8], into: &mut Vec<u32>) -> Result<()> {
        into.extend(Index::locate(self, needle)?);
        Ok(())
    }

    fn extract(&self, range: Range<u32>, into: &mut Vec<u8>) -> Result<()> {
        Index::extract(self, range, into)
    }

    fn verified(&self) -> Result<Vec<u8>> {
        let mut text = vec![];
        Index::extract(self, 0..Index::len(self), &mut text)?;
        Ok(text)
    }
}

/// An expanded index, and the text itself.
pub(super) struct Whole<'a> {
    index: Box<dyn Engine + 'a>,
    text: Vec<u8>,
}

impl<'a> Whole<'a> {
    /// Decodes the text.
    ///
    /// # Errors
    ///
    /// Memory.
    pub fn new(index: Box<dyn Engine + 'a>) -> Result<Whole<'a>> {
        let mut text = vec![];
        index.extract(0..index.len(), &mut text)?;
        Ok(Whole { index, text })
    }
}

impl Engine for Whole<'_> {
    fn len(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    fn has(&self, byte: u8) -> bool {
        self.index.has(byte)
    }

    fn count(&self, needle: &[u8]) -> u32 {
        self.index.count(needle)
    }

    fn locate(&self, needle: &[u8], into: &mut Vec<u32>) -> Result<()> {
        self.index.locate(needle, into)
    }

    fn extract(&self, range: Range<u32>, into: &mut Vec<u8>) -> Result<()> {
        into.extend_from_slice(self.text.get(range.start as usize..range.end as usize).unwrap_or_default());
        Ok(())
    }

    fn verified(&self) -> Result<Vec<u8>> {
        Ok(self.text.clone())
    }

    fn whole(&self) -> Option<&[u8]> {
        Some(&self.text)
    }
}
