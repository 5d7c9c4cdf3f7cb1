//! What a file is put together from: ranges of sources, copied when the file is written.

use crate::tables::BlockHeader;
use mpegg_runtime::bits::{BitReader, BitWriter};
use mpegg_runtime::source::{ReadAhead, Source};
use mpegg_runtime::{Error, ErrorKind, Result};

/// One of the sources of a file, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceId(u16);

/// Bytes of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The source.
    pub source: SourceId,
    /// The first byte.
    pub offset: u64,
    /// How many bytes.
    pub length: u64,
}

/// The payload of a block and its descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The descriptor.
    pub descriptor_id: u8,
    /// The payload.
    pub payload: Payload,
}

/// The sources of a file to be made: inputs, or a [`Spool`](super::Spool).
#[derive(Default)]
pub struct Sources<'s>(Vec<ReadAhead<&'s dyn Source>>);

impl<'s> Sources<'s> {
    /// No source.
    pub fn new() -> Self {
        Sources::default()
    }

    /// Adds a source.
    ///
    /// # Errors
    ///
    /// More than 65536 of them.
    pub fn add(&mut self, source: &'s dyn Source) -> Result<SourceId> {
        let id = u16::try_from(self.0.len()).map_err(|_| Error::without_position(ErrorKind::Limit, "a file is made of at most 65536 sources"))?;
        self.0.push(ReadAhead::new(source));
        Ok(SourceId(id))
    }

    /// The source of a number.
    ///
    /// # Errors
    ///
    /// A number of other sources.
    pub fn get(&self, id: SourceId) -> Result<&dyn Source> {
        let source = self.0.get(usize::from(id.0)).map(|source| source as &dyn Source);
        source.ok_or_else(|| Error::without_position(ErrorKind::CrossReference, "bytes of an unknown source"))
    }

    /// Bytes that are needed in memory.
    ///
    /// # Errors
    ///
    /// I/O; more bytes than the source has.
    pub fn read(&self, payload: &Payload) -> Result<Vec<u8>> {
        let source = self.get(payload.source)?;
        let left = source.len().saturating_sub(payload.offset);
        if payload.length > left {
            return Err(Error::truncated(source.len().saturating_mul(8), (payload.length - left).saturating_mul(8)));
        }
        let mut bytes = vec![0; usize::try_from(payload.length).unwrap_or(usize::MAX)];
        source.read_at(payload.offset, &mut bytes)?;
        Ok(bytes)
    }

    /// The blocks that stand one behind the other, each behind its header (Table 38).
    ///
    /// # Errors
    ///
    /// I/O; a block that ends behind these bytes, bytes behind the last block.
    pub fn blocks(&self, whole: &Payload, num_blocks: u8) -> Result<Vec<Block>> {
        let source = self.get(whole.source)?;
        let (mut blocks, mut at) = (Vec::with_capacity(usize::from(num_blocks)), whole.offset);
        let end = whole.offset.saturating_add(whole.length);
        for number in 0..u64::from(num_blocks) {
            let here = |error: Error| error.in_field("block", &[number]);
            let mut bytes = [0; 5];
            let left = end.saturating_sub(at);
            if left < 5 {
                return Err(here(Error::truncated(at.saturating_mul(8), (5 - left) * 8).with_message("a block that `num_blocks` counts")));
            }
            source.read_at(at, &mut bytes)?;
            let header = BlockHeader::read(&mut BitReader::at(&bytes, at.saturating_mul(8))).map_err(here)?;
            let payload = Payload { source: whole.source, offset: at.saturating_add(5), length: u64::from(header.block_payload_size) };
            if payload.length > left - 5 {
                let error = Error::truncated(payload.offset.saturating_mul(8), (payload.length - (left - 5)).saturating_mul(8));
                return Err(here(error.with_message("the block ends behind its access unit").in_field("block_payload", &[])));
            }
            blocks.push(Block { descriptor_id: header.descriptor_id, payload });
            at = payload.offset.saturating_add(payload.length);
        }
        if at < end {
            let message = format!("{} bytes are left behind the {num_blocks} blocks that `num_blocks` counts", end - at);
            return Err(Error::malformed(at.saturating_mul(8), message));
        }
        Ok(blocks)
    }
}

/// The header in front of the payload of a block (Table 39).
pub(super) fn block_header(descriptor_id: u8, length: u64) -> Result<Vec<u8>> {
    let block_payload_size = u32::try_from(length).unwrap_or(u32::MAX);
    let mut w = BitWriter::new();
    BlockHeader { descriptor_id, block_payload_size, ..BlockHeader::default() }.write(&mut w).map_err(|_| {
        let message = format!("a block of {length} bytes does not fit the 29 bits of block_payload_size");
        Error::without_position(ErrorKind::Limit, message).in_field("block", &[])
    })?;
    Ok(w.into_bytes())
}
