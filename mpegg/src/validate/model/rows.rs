//! The rows of a master index table, a window at a time, so that a table of any size takes little memory.

use super::Node;
use crate::tables::{DatasetHeader, MasterIndexTable, MasterIndexTableUAccessUnit};
use mpegg_runtime::Result;
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::columns::Numbers;

/// Bytes that are read at once.
const WINDOW: u64 = 1 << 16;

/// A row of the part with positions.
#[derive(Clone, Copy, Debug)]
pub struct Row<'r> {
    /// The number of the sequence, of the class, and of the row among those of both.
    pub index: [u64; 3],
    /// AU_byte_offset.
    pub offset: u64,
    /// AU_start_position and AU_end_position.
    pub covered: (u64, u64),
    /// ref_sequence_id, ref_start_position and ref_end_position.
    pub reference: Option<(u16, u64, u64)>,
    /// extended_AU_start_position and extended_AU_end_position.
    pub extended: Option<(u64, u64)>,
    /// block_byte_offset of each descriptor.
    pub blocks: &'r [u64],
}

/// A master index table that is read from its first row to its last.
pub struct Rows<'n, 's> {
    node: &'n Node<'s>,
    header: &'n DatasetHeader,
    at: u64,
}

impl<'n, 's> Rows<'n, 's> {
    /// The table of a dataset.
    pub fn new(node: &'n Node<'s>, header: &'n DatasetHeader) -> Self {
        Rows { node, header, at: node.head.offset.saturating_add(12) }
    }

    /// The part with positions, row by row; whether the table has all of it.
    ///
    /// # Errors
    ///
    /// I/O, or an error of `tell`.
    pub fn mapped(&mut self, tell: &mut dyn FnMut(Row<'_>) -> Result<()>) -> Result<bool> {
        for (seq, blocks) in (0u64..).zip(&self.header.seq_blocks) {
            for (ci, class) in (0u64..).zip(&self.header.classes) {
                if class.clid.code() == 6 {
                    continue;
                }
                let mut part = self.part();
                part.seq_id = vec![0];
                part.classes = vec![class.clone()];
                if !self.of_class(&mut part, u64::from(*blocks), [seq, ci], tell)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// The header of a table that is a part of this one.
    fn part(&self) -> DatasetHeader {
        DatasetHeader { seq_id: vec![], seq_blocks: vec![], num_u_access_units: 0, ..self.header.clone() }
    }

    fn of_class(&mut self, part: &mut DatasetHeader, rows: u64, [seq, ci]: [u64; 2], tell: &mut dyn FnMut(Row<'_>) -> Result<()>) -> Result<bool> {
        let (mut done, mut many) = (0u64, 1u64);
        while done < rows {
            let bytes = self.window(WINDOW)?;
            many = many.min(rows.saturating_sub(done));
            part.seq_blocks = vec![u32::try_from(many).unwrap_or(u32::MAX)];
            let mut reader = BitReader::at(&bytes, self.at.saturating_mul(8));
            let Ok(table) = MasterIndexTable::read(&mut reader, part) else { return Ok(false) };
            let taken = reader.position().saturating_sub(self.at.saturating_mul(8)) / 8;
            let Some(columns) = table.sequences.first().and_then(|sequence| sequence.classes.first()).map(|class| &class.access_units) else {
                return Ok(false);
            };
            let descriptors = part.classes.first().map_or(0, |class| class.descriptor_id.len());
            let mut all_blocks = columns.block_byte_offset.iter();
            let mut blocks = vec![];
            for (row, offset) in columns.au_byte_offset.iter().enumerate() {
                let pair = |a: &Numbers, b: &Numbers| Some((a.get(row)?, b.get(row)?));
                let reference = columns.ref_sequence_id.get(row).copied().zip(pair(&columns.ref_start_position, &columns.ref_end_position));
                blocks.clear();
                blocks.extend(all_blocks.by_ref().take(descriptors));
                tell(Row {
                    index: [seq, ci, done.saturating_add(row as u64)],
                    offset,
                    covered: pair(&columns.au_start_position, &columns.au_end_position).unwrap_or_default(),
                    reference: reference.map(|(id, (start, end))| (id, start, end)),
                    extended: pair(&columns.extended_au_start_position, &columns.extended_au_end_position),
                    blocks: &blocks,
                })?;
            }
            self.at = self.at.saturating_add(taken);
            done = done.saturating_add(many);
            // The first round tells how many bytes a row has.
            if many == 1 {
                many = (WINDOW / taken.max(1)).max(1);
            }
        }
        Ok(true)
    }

    /// The part for class U, which follows the other one, row by row; whether the table has all of it.
    ///
    /// # Errors
    ///
    /// I/O, or an error of `tell`.
    pub fn unmapped(&mut self, tell: &mut dyn FnMut(u64, &MasterIndexTableUAccessUnit) -> Result<()>) -> Result<bool> {
        let part = DatasetHeader { num_u_access_units: 1, ..self.part() };
        let (mut number, mut window) = (0, WINDOW);
        while number < u64::from(self.header.num_u_access_units) {
            let bytes = self.window(window)?;
            let (start, mut taken) = (self.at, 0);
            let mut reader = BitReader::at(&bytes, start.saturating_mul(8));
            while number < u64::from(self.header.num_u_access_units)
                && let Ok(table) = MasterIndexTable::read(&mut reader, &part)
                && let Some(unit) = table.u_access_units.first()
            {
                tell(number, unit)?;
                number += 1;
                taken = reader.position().saturating_sub(start.saturating_mul(8)) / 8;
            }
            if taken == 0 {
                // The row is larger than the window, or it is cut.
                if self.at.saturating_add(window) >= self.node.end() {
                    return Ok(false);
                }
                window = window.saturating_mul(2);
            }
            self.at = start.saturating_add(taken);
        }
        Ok(true)
    }

    fn window(&self, size: u64) -> Result<Vec<u8>> {
        let left = self.node.end().saturating_sub(self.at);
        let mut bytes = vec![0; usize::try_from(left.min(size)).unwrap_or(0)];
        self.node.source.read_at(self.at, &mut bytes)?;
        Ok(bytes)
    }
}
