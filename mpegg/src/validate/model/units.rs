//! Access units, read one by one: the header, and the heads of the blocks; payloads are passed over.

use super::{Found, Node};
use crate::tables::{AccessUnitHeader, BlockHeader, DatasetHeader, DatasetParameterSet, FileHeader, descriptions};
use mpegg_runtime::Result;
use mpegg_runtime::bits::BitReader;

/// An access unit.
pub struct Unit<'s> {
    /// The box.
    pub node: Node<'s>,
    /// Its header.
    pub header: Option<Found<AccessUnitHeader>>,
    /// Where its blocks begin, in the source of the box.
    behind: u64,
}

/// A block of an access unit.
pub struct Block {
    /// Its header.
    pub header: BlockHeader,
    /// Its number in the unit.
    pub number: u64,
}

impl<'s> Unit<'s> {
    /// Reads an `aucn`.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn read(node: Node<'s>, file: &FileHeader, dataset: &DatasetHeader, sets: &[DatasetParameterSet]) -> Result<Unit<'s>> {
        let mut header = None;
        let mut behind = node.head.offset.saturating_add(12);
        for child in node.boxes(&descriptions::ACCESS_UNIT) {
            behind = child.end();
            if child.key() == AccessUnitHeader::KEY && header.is_none() {
                header = child.decode(|r| AccessUnitHeader::read_box(r, file, dataset, sets))?;
            }
        }
        Ok(Unit { node, header, behind })
    }

    /// The byte of the input at which findings about the header are placed.
    pub fn at(&self) -> u64 {
        self.header.as_ref().map_or(self.node.at, |header| header.at)
    }

    /// The heads of its blocks, as many as the header counts and the box has room for.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn blocks(&self) -> Result<Vec<Block>> {
        let many = self.header.as_ref().map_or(0, |header| header.value.num_blocks);
        let (mut at, end) = (self.behind, self.node.end());
        let mut found = vec![];
        for number in 0..u64::from(many) {
            let mut bytes = [0; 5];
            if end.saturating_sub(at) < bytes.len() as u64 {
                break;
            }
            self.node.source.read_at(at, &mut bytes)?;
            let Ok(header) = BlockHeader::read(&mut BitReader::at(&bytes, at.saturating_mul(8))) else { break };
            at = at.saturating_add(bytes.len() as u64).saturating_add(u64::from(header.block_payload_size));
            found.push(Block { header, number });
        }
        Ok(found)
    }
}
