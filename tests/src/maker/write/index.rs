//! The master index table (6.5.2.1).

use super::super::bits::Bits;
use super::super::model::{Dataset, EmptyBlocks, Sequencing, Storage, Unit};
use super::header::signatures;

/// Where access units and blocks stand, from the first byte of the Value of `dtcn`.
#[derive(Clone, Default)]
pub struct Offsets {
    /// The Key of each unit's box.
    pub units: Vec<u64>,
    /// Of each stream, in file order: the end of each of its blocks, and in front of them the start of the first.
    pub streams: Vec<Vec<u64>>,
}

/// Table 57.
pub fn master_index_table(dataset: &Dataset, content: &Sequencing, offsets: &Offsets) -> Vec<u8> {
    let mut bits = Bits::default();
    let table = Table { dataset, content, offsets };
    let size = content.form.position_size();
    for (number, sequence) in content.sequences.iter().enumerate() {
        for class in content.classes.iter().filter(|class| class.id != 6) {
            for id in 0..sequence.blocks {
                let found = content.unit_at(Some(number), class.id, id);
                table.unit_offset(&mut bits, found);
                let empty = Unit::default();
                let unit = found.map_or(&empty, |unit| &content.units[unit]);
                bits.u(unit.range.0, size);
                bits.u(unit.range.1, size);
                table.part(&mut bits, unit);
                if content.form.multiple_alignment {
                    bits.u(unit.extended.0, size);
                    bits.u(unit.extended.1, size);
                }
                table.block_offsets(&mut bits, found, Some(number), class.id, id);
            }
        }
    }
    for id in 0..content.u_units {
        let found = content.unit_at(None, 6, id);
        table.unit_offset(&mut bits, found);
        let empty = Unit::default();
        let unit = found.map_or(&empty, |unit| &content.units[unit]);
        table.part(&mut bits, unit);
        if content.dataset_type != 2 {
            signatures(&mut bits, &content.form, &unit.signatures);
        }
        bits.align();
        table.block_offsets(&mut bits, found, None, 6, id);
    }
    bits.finish()
}

struct Table<'a> {
    dataset: &'a Dataset,
    content: &'a Sequencing,
    offsets: &'a Offsets,
}

impl Table<'_> {
    fn all_ones(&self) -> u64 {
        u64::MAX >> (64 - self.dataset.offset_size())
    }

    fn unit_offset(&self, bits: &mut Bits, unit: Option<usize>) {
        let offset = unit.map_or(self.all_ones(), |unit| self.offsets.units.get(unit).copied().unwrap_or(0));
        bits.u(offset, self.dataset.offset_size());
    }

    fn part(&self, bits: &mut Bits, unit: &Unit) {
        if self.content.dataset_type == 2 {
            bits.u(unit.part.0.into(), 16);
            bits.u(unit.part.1, self.content.form.position_size());
            bits.u(unit.part.2, self.content.form.position_size());
        }
    }

    fn block_offsets(&self, bits: &mut Bits, unit: Option<usize>, sequence: Option<usize>, class: u8, id: u32) {
        if !self.content.is_dsc() {
            return;
        }
        let descriptors = self.content.classes.iter().find(|other| other.id == class).map_or(&[][..], |class| &class.descriptors);
        for descriptor in descriptors {
            let stream = self.content.streams.iter().position(|stream| stream.class == class && stream.descriptor == *descriptor);
            let offset = unit.zip(stream).and_then(|(unit, stream)| self.block_offset(unit, stream, sequence, id));
            bits.u(offset.unwrap_or(self.all_ones()), self.dataset.offset_size());
        }
    }

    fn block_offset(&self, unit: usize, stream: usize, sequence: Option<usize>, id: u32) -> Option<u64> {
        let units = &self.content.streams[stream].units;
        let number = match units.iter().position(|other| *other == unit) {
            None if matches!(self.content.storage, Storage::Dsc { empty: EmptyBlocks::Next, .. }) => {
                // What comes behind its row in the table; streams are ordered.
                let row = |unit: &usize| (self.content.units[*unit].sequence, self.content.units[*unit].id);
                units.iter().position(|other| row(other) > (sequence, id)).unwrap_or(units.len())
            }
            found => found?,
        };
        // While sizes are counted, nothing has a place.
        Some(self.offsets.streams.get(stream).map_or(0, |ends| ends[number]))
    }
}
