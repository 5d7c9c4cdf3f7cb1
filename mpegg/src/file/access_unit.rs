//! An access unit: its header, and its blocks as ranges of the file.

use super::{BoxRef, Front};
use crate::tables::{AccessUnitHeader, BlockHeader, FileHeader, descriptions};
use crate::walk::{listed, read_head};
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::source::Ahead;
use mpegg_runtime::{Error, Result};
use std::sync::OnceLock;

/// Bytes that are read of an access unit at first: its header and the first block's are mostly among them.
const AHEAD: u64 = 256;
/// Bytes of Key and Length.
const HEAD: u64 = 12;

/// An access unit whose header was read (6.4.4).
#[derive(Clone)]
pub struct AccessUnit<'s> {
    /// The box.
    pub node: BoxRef<'s>,
    /// The header (Table 34).
    pub header: AccessUnitHeader,
    /// The Value of the header's box as it stands.
    pub header_value: Vec<u8>,
    /// The byte in the file at which that Value begins.
    pub header_at: u64,
    /// The byte in the file at which the blocks begin: behind the last of the other boxes.
    pub blocks_at: u64,
}

/// A block of an access unit (Table 38).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its descriptor.
    pub descriptor_id: u8,
    /// The byte in the file at which its header begins.
    pub header_at: u64,
    /// The byte at which its payload begins.
    pub payload_at: u64,
    /// Bytes of its payload.
    pub payload_length: u64,
}

impl<'s> AccessUnit<'s> {
    /// Reads the header of the access unit in this box.
    ///
    /// # Errors
    ///
    /// I/O; a unit without header, or with one that cannot be read.
    pub fn open(node: BoxRef<'s>, file: &FileHeader, front: &Front<'_>) -> Result<Self> {
        Self::read(node, file, front).map_err(|error| error.in_field("aucn", &[]))
    }

    fn read(node: BoxRef<'s>, file: &FileHeader, front: &Front<'_>) -> Result<Self> {
        let ahead = Ahead::new(node.source, node.offset(), AHEAD.min(node.length()))?;
        let (mut header, mut blocks_at) = (None, node.offset().saturating_add(HEAD));
        while let Ok(head) = read_head(&ahead, blocks_at, node.end()) {
            if !keys().contains(&head.key) {
                break;
            }
            let child = BoxRef { source: &ahead, head, through_offs: false, limits: node.limits };
            if child.key() == AccessUnitHeader::KEY && header.is_none() {
                let value = child.bytes()?.get(HEAD as usize..).unwrap_or_default().to_vec();
                let read = child.decode(|r| AccessUnitHeader::read_box(r, file, &front.header, &front.parameter_sets))?;
                header = Some((read, value, blocks_at.saturating_add(HEAD)));
            }
            blocks_at = child.end();
        }
        match header {
            Some((header, header_value, header_at)) => Ok(AccessUnit { node, header, header_value, header_at, blocks_at }),
            None => {
                // Where the first box cannot be entered, that is what is wrong.
                read_head(&ahead, node.offset().saturating_add(HEAD), node.end())?;
                Err(Error::malformed(node.offset().saturating_mul(8), "an access unit without `auhd`"))
            }
        }
    }

    /// Its blocks, as many as the header counts; in descriptor stream contiguity there are none here.
    ///
    /// # Errors
    ///
    /// I/O; a block that ends behind the unit, bytes behind the last block.
    pub fn blocks(&self) -> Result<Vec<Block>> {
        let mut blocks = vec![];
        self.each_block(&mut |block| blocks.push(block))?;
        Ok(blocks)
    }

    /// Gives each of them to a function.
    ///
    /// # Errors
    ///
    /// As [`blocks`](Self::blocks).
    pub fn each_block(&self, give: &mut dyn FnMut(Block)) -> Result<()> {
        self.find_blocks(give).map_err(|error| error.in_table("access_unit", "6.4.4", Some(33)).in_field("aucn", &[]))
    }

    fn find_blocks(&self, give: &mut dyn FnMut(Block)) -> Result<()> {
        let mut at = self.blocks_at;
        let end = self.node.end();
        for number in 0..u64::from(self.header.num_blocks) {
            let here = |error: Error| error.in_field("block", &[number]);
            let left = end.saturating_sub(at);
            let mut bytes = [0; 5];
            let bytes = bytes.get_mut(..usize::try_from(left.min(5)).unwrap_or(5)).unwrap_or_default();
            self.node.source.read_at(at, bytes)?;
            let header = BlockHeader::read(&mut BitReader::at(bytes, at.saturating_mul(8))).map_err(here)?;
            let (payload_at, payload_length) = (at.saturating_add(5), u64::from(header.block_payload_size));
            let missing = payload_length.saturating_sub(left.saturating_sub(5));
            if missing > 0 {
                let error = Error::truncated(payload_at.saturating_mul(8), missing.saturating_mul(8)).with_message("the block ends behind its access unit");
                return Err(here(error.in_field("block_payload", &[])));
            }
            give(Block { descriptor_id: header.descriptor_id, header_at: at, payload_at, payload_length });
            at = payload_at.saturating_add(payload_length);
        }
        if at < end {
            let message = format!("{} bytes are left behind the {} blocks that `num_blocks` counts", end - at, self.header.num_blocks);
            return Err(Error::malformed(at.saturating_mul(8), message));
        }
        Ok(())
    }
}

/// The keys of the boxes that stand in an access unit; what follows them are blocks.
fn keys() -> &'static [[u8; 4]] {
    static KEYS: OnceLock<Vec<[u8; 4]>> = OnceLock::new();
    KEYS.get_or_init(|| listed(&descriptions::ACCESS_UNIT).into_iter().filter_map(|(_, table)| table.key).collect())
}
