//! Regions in the terms of a reference.

use super::Entry;
use crate::access::{ReferencePart, Region, Sequence};
use mpegg_runtime::{Error, ErrorKind, Result};

impl Entry<'_> {
    /// The part of the reference that a region names, written as [`Region`] says. A sequence whose name looks like a region is preferred
    /// to that.
    ///
    /// # Errors
    ///
    /// Malformed: no region. Cross-reference: a sequence that the reference does not list.
    pub fn part(&self, region: &str) -> Result<ReferencePart> {
        if let Some(sequence) = self.named(region) {
            return Ok(ReferencePart { sequence, start: 0, end: u64::MAX });
        }
        let Region { sequence, start, end } = region.parse()?;
        let known = match sequence {
            Sequence::Name(name) => self.named(&name),
            Sequence::Id(id) => (0..self.table.sequences.len()).any(|number| self.sequence_id(number) == id).then_some(id),
        };
        let missing = || Error::without_position(ErrorKind::CrossReference, format!("`{region}`: the reference lists no such sequence"));
        Ok(ReferencePart { sequence: known.ok_or_else(missing)?, start, end })
    }

    fn named(&self, name: &str) -> Option<u16> {
        let number = self.table.sequences.iter().position(|sequence| sequence.sequence_name == name)?;
        Some(self.sequence_id(number))
    }
}
