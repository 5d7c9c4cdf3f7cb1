//! The blocks of a unit that are wanted, found one behind the other or by byte offsets.

use super::offsets::{BlockOffsets, unsound};
use crate::file::AnnotationAccessUnit;
use crate::file::annotation::{AnnotationBlock, AnnotationBlocks};
use mpegg_runtime::{Error, ErrorKind, Result};

/// Blocks: how many, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    pub count: u64,
    /// First byte and number of bytes; neighbours are one range.
    pub ranges: Vec<(u64, u64)>,
    /// Whether one of them has its data in a string index.
    pub indexed: bool,
}

impl Chosen {
    fn push(&mut self, block: &AnnotationBlock) {
        self.count = self.count.saturating_add(1);
        self.indexed |= block.indexed;
        let length = block.end().saturating_sub(block.offset);
        match self.ranges.last_mut() {
            Some((start, before)) if start.saturating_add(*before) == block.offset => *before = before.saturating_add(length),
            _ => self.ranges.push((block.offset, length)),
        }
    }
}

/// Goes through all blocks of a unit.
///
/// # Errors
///
/// As [`AnnotationAccessUnit::blocks`], and those of `wanted`.
pub(super) fn one_by_one(unit: &AnnotationAccessUnit<'_>, wanted: impl Fn(&AnnotationBlock) -> Result<bool>) -> Result<Chosen> {
    let mut chosen = Chosen::default();
    for block in unit.blocks()? {
        let block = block?;
        if wanted(&block)? {
            chosen.push(&block);
        }
    }
    Ok(chosen)
}

/// Goes to the blocks that are wanted. The inner error says that the byte offsets do not fit the blocks.
///
/// # Errors
///
/// I/O, and those of `wanted`.
pub(super) fn by_offsets(unit: &AnnotationAccessUnit<'_>, offsets: &BlockOffsets<'_>, wanted: impl Fn(u64) -> Result<bool>) -> Result<Result<Chosen>> {
    let mut chosen = Chosen::default();
    let mut walk = Walk { unit, offsets, blocks: None, next: 0 };
    for number in 0..offsets.offsets.len() {
        if !wanted(number as u64)? {
            continue;
        }
        match walk.block(number) {
            Ok(block) => chosen.push(&block),
            Err(error) if error.kind() == ErrorKind::Io => return Err(error),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(chosen))
}

/// Goes through a unit in leaps.
struct Walk<'a, 's> {
    unit: &'a AnnotationAccessUnit<'s>,
    offsets: &'a BlockOffsets<'a>,
    blocks: Option<AnnotationBlocks<'s>>,
    /// The block that `blocks` gives next.
    next: usize,
}

impl Walk<'_, '_> {
    fn offset(&self, number: usize) -> u64 {
        self.offsets.offsets.get(number).copied().unwrap_or(0)
    }

    /// The block of a number; numbers ascend. A block without an offset is reached from the last one before it that has one.
    fn block(&mut self, number: usize) -> Result<AnnotationBlock> {
        let known = if self.blocks.is_some() { self.next } else { 0 };
        let from = (known..=number).rev().find(|number| self.offset(*number) != 0).unwrap_or(known);
        if self.blocks.is_none() || from > known {
            let (start, _) = self.unit.block_bytes()?;
            let at = match self.offset(from) {
                0 => start,
                offset => self.unit.node().offset().saturating_add(offset),
            };
            self.blocks = Some(self.unit.blocks_from(from as u64, at)?);
            self.next = from;
        }
        loop {
            let Some(block) = self.blocks.as_mut().and_then(Iterator::next) else {
                return self.wrong(number, "there is no such block".to_owned());
            };
            let block = match block {
                Err(error) if error.kind() != ErrorKind::Io => return self.wrong(self.next, format!("no block stands there: {}", error.message())),
                block => block?,
            };
            self.check(self.next, &block)?;
            self.next = self.next.saturating_add(1);
            if self.next > number {
                return Ok(block);
            }
        }
    }

    /// A block stands where its offset says, or has no payload; and it ends where the next one begins that has an offset.
    fn check(&self, number: usize, block: &AnnotationBlock) -> Result<()> {
        let base = self.unit.node().offset();
        let offset = self.offset(number);
        if offset == 0 {
            return if block.payload.1 == 0 { Ok(()) } else { self.wrong(number, "offset 0, but the block has a payload".to_owned()) };
        }
        if base.saturating_add(offset) != block.offset {
            return self.wrong(number, format!("offset {offset}, but the block stands at {}", block.offset.saturating_sub(base)));
        }
        let rest = self.offsets.offsets.get(number.saturating_add(1)..).unwrap_or_default();
        let empty = rest.iter().take_while(|offset| **offset == 0).count();
        let (start, length) = self.unit.block_bytes()?;
        let next = rest.get(empty).map_or(start.saturating_add(length), |offset| base.saturating_add(*offset));
        let head = block.payload.0.saturating_sub(block.offset);
        let expected = block.end().saturating_add(head.saturating_mul(empty as u64));
        if next != expected {
            let message = format!("the next block in use would begin at {}, its offset is {}", expected.saturating_sub(base), next.saturating_sub(base));
            return self.wrong(number, message);
        }
        Ok(())
    }

    fn wrong<T>(&self, number: usize, message: String) -> Result<T> {
        let error: Error = unsound(self.unit.group(), "AAU_block_offset", &[self.offsets.entry as u64, number as u64], message)?;
        Err(error)
    }
}
