//! Descriptor streams: the blocks of a descriptor and a class, one behind the other (Table 63).

use super::Payload;
use super::copy::Copier;
use super::node::{HEAD, head};
use super::units::Units;
use crate::tables::{DataClass, DescriptorStreamHeader};
use mpegg_runtime::Result;

/// A descriptor stream as it stood in another file: reserved bits of its header, and its protection.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// Its header; the number of blocks is counted anew.
    pub header: DescriptorStreamHeader,
    /// The box DS_protection.
    pub protection: Option<Payload>,
}

/// A descriptor stream whose blocks have their places.
pub(super) struct SealedStream {
    header: Vec<u8>,
    protection: Option<Payload>,
    descriptor: u8,
    /// Its blocks, by their numbers among the parts.
    class: usize,
    length: u64,
}

impl SealedStream {
    /// Lays out a stream that begins `at` bytes behind the first byte of the dataset's Value.
    pub fn new(known: Option<&Stream>, place: (DataClass, u8), class: usize, units: &Units, order: &[u32], at: u64, offsets: &mut [u64]) -> Result<Self> {
        let (class_id, descriptor) = place;
        let mut header = known.map_or_else(DescriptorStreamHeader::default, |known| known.header.clone());
        (header.class_id, header.descriptor_id, header.num_blocks) = (class_id, descriptor, 0);
        let protection = known.and_then(|known| known.protection);
        // The header has the same size whatever it counts.
        let front = HEAD.saturating_add(header.to_box()?.len() as u64).saturating_add(protection.map_or(0, |box_| box_.length));
        let mut length = front;
        for (number, part) in blocks(units, order, descriptor) {
            if let Some(place) = offsets.get_mut(number) {
                *place = at.saturating_add(length);
            }
            length = length.saturating_add(part.length);
            header.num_blocks = header.num_blocks.saturating_add(1);
        }
        Ok(SealedStream { header: header.to_box()?, protection, descriptor, class, length })
    }

    /// Which class it is of, by its number in the dataset header.
    pub fn class(&self) -> usize {
        self.class
    }

    /// Bytes of the box.
    pub fn length(&self) -> u64 {
        self.length
    }

    pub fn write(&self, units: &Units, order: &[u32], out: &mut Copier<'_, '_, '_>) -> Result<()> {
        head(out, *b"dscn", self.length)?;
        out.bytes(&self.header)?;
        if let Some(protection) = &self.protection {
            out.payload(protection)?;
        }
        blocks(units, order, self.descriptor).try_for_each(|(_, payload)| out.payload(&payload))
    }
}

/// The blocks of a descriptor in access units of an order, with their numbers among the parts.
fn blocks<'u>(units: &'u Units, order: &'u [u32], descriptor: u8) -> impl Iterator<Item = (usize, Payload)> + 'u {
    order.iter().filter_map(move |number| {
        let part = units.block(units.entries.get(*number as usize)?, descriptor)?;
        Some((part, units.parts.get(part)?.payload()))
    })
}

/// The order of descriptors that access units agree on: where the blocks of one come behind those of another in some unit, they do in
/// the list; else the one that was seen first comes first. Units that contradict each other do not keep their order.
#[derive(Default)]
pub(super) struct Precedence {
    seen: Vec<u8>,
    /// For each descriptor those that come before it.
    before: std::collections::BTreeMap<u8, u128>,
    last: Vec<u8>,
}

impl Precedence {
    /// The blocks of an access unit.
    pub fn add(&mut self, descriptors: impl Iterator<Item = u8>) {
        let unit: Vec<u8> = descriptors.collect();
        if unit == self.last {
            return;
        }
        for descriptor in &unit {
            if !self.seen.contains(descriptor) {
                self.seen.push(*descriptor);
            }
        }
        for pair in unit.windows(2) {
            if let [one, next] = pair {
                *self.before.entry(*next).or_default() |= bit(*one);
            }
        }
        self.last = unit;
    }

    /// The list, and whether every unit keeps its order.
    pub fn order(&self) -> (Vec<u8>, bool) {
        let (mut left, mut order, mut kept) = (self.seen.clone(), vec![], true);
        while !left.is_empty() {
            let waiting = left.iter().fold(0, |set, descriptor| set | bit(*descriptor));
            let free = left.iter().position(|descriptor| self.before.get(descriptor).copied().unwrap_or(0) & waiting == 0);
            kept &= free.is_some();
            order.push(left.remove(free.unwrap_or(0)));
        }
        (order, kept)
    }
}

fn bit(descriptor: u8) -> u128 {
    1u128.checked_shl(descriptor.into()).unwrap_or(0)
}
