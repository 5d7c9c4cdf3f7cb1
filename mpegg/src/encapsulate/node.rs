//! The boxes of a file to be made: in memory, in a source, or a dataset whose access units are stored anew.

use super::copy::Copier;
use super::{Dataset, Payload, Sources};
use crate::decapsulate::Chunks;
use mpegg_runtime::Result;

/// Bytes of Key and Length.
pub(super) const HEAD: u64 = 12;
/// Bytes of an `offs`.
const OFFS: u64 = 16;

/// A box of a file to be made.
pub enum Node {
    /// A whole box in memory.
    Bytes(Vec<u8>),
    /// A whole box of a source.
    Copy(Payload),
    /// A whole box of a source that has an `offs` inside, at any bit, in the place of boxes that stand elsewhere.
    Patched {
        /// The box.
        payload: Payload,
        /// For each of them the bit of its Offset, counted from the first bit of the box, in ascending order; and the box that it
        /// addresses.
        offsets: Vec<(u64, Node)>,
    },
    /// A container.
    Container {
        /// Its key.
        key: [u8; 4],
        /// The bytes in front of its children.
        fields: Vec<u8>,
        /// The boxes in it.
        children: Vec<Node>,
    },
    /// A dataset of sequencing data.
    Dataset(Box<Dataset>),
    /// An `offs` that addresses nothing yet (6.5.4).
    Placeholder([u8; 4]),
    /// An `offs`, and the box that it addresses, which stands behind the dataset groups.
    Elsewhere {
        /// The key of the box.
        key: [u8; 4],
        /// The box.
        node: Box<Node>,
    },
}

impl Node {
    /// A container.
    pub fn container(key: [u8; 4], fields: Vec<u8>, children: Vec<Node>) -> Node {
        Node::Container { key, fields, children }
    }

    /// Finds out what is not known before all access units are there.
    fn seal(&mut self) -> Result<()> {
        match self {
            Node::Bytes(_) | Node::Copy(_) | Node::Placeholder(_) => Ok(()),
            Node::Patched { offsets, .. } => offsets.iter_mut().try_for_each(|(_, node)| node.seal()),
            Node::Container { children, .. } => children.iter_mut().try_for_each(|child| child.seal()),
            Node::Dataset(dataset) => {
                dataset.boxes_mut().try_for_each(|child| child.seal())?;
                dataset.seal()
            }
            Node::Elsewhere { node, .. } => node.seal(),
        }
    }

    /// Bytes in its place, without those of boxes that stand elsewhere.
    pub(super) fn length(&self) -> u64 {
        match self {
            Node::Bytes(bytes) => bytes.len() as u64,
            Node::Copy(payload) | Node::Patched { payload, .. } => payload.length,
            Node::Container { fields, children, .. } => lengths(children).saturating_add(HEAD).saturating_add(fields.len() as u64),
            Node::Dataset(dataset) => dataset.length(),
            Node::Placeholder(_) | Node::Elsewhere { .. } => OFFS,
        }
    }

    /// The boxes that stand elsewhere, in the order of their `offs`.
    fn moved<'n>(&'n self, found: &mut Vec<&'n Node>) {
        match self {
            Node::Bytes(_) | Node::Copy(_) | Node::Placeholder(_) => {}
            Node::Patched { offsets, .. } => found.extend(offsets.iter().map(|(_, node)| node)),
            Node::Container { children, .. } => children.iter().for_each(|child| child.moved(found)),
            Node::Dataset(dataset) => dataset.boxes().for_each(|child| child.moved(found)),
            Node::Elsewhere { node, .. } => found.push(node),
        }
    }

    /// Writes it; `targets` tells where the boxes stand that stand elsewhere, in the order of [`moved`](Self::moved).
    pub(super) fn write(&self, out: &mut Copier<'_, '_, '_>, targets: &mut dyn Iterator<Item = u64>) -> Result<()> {
        match self {
            Node::Bytes(bytes) => out.bytes(bytes),
            Node::Copy(payload) => out.payload(payload),
            Node::Patched { payload, offsets } => patched(out, payload, offsets.iter().map(|(bit, _)| *bit), targets),
            Node::Container { key, fields, children } => {
                head(out, *key, self.length())?;
                out.bytes(fields)?;
                children.iter().try_for_each(|child| child.write(out, targets))
            }
            Node::Dataset(dataset) => dataset.write(out, targets),
            Node::Placeholder(key) => offs(out, *key, u64::MAX),
            Node::Elsewhere { key, .. } => offs(out, *key, targets.next().unwrap_or(u64::MAX)),
        }
    }
}

/// Writes a file: its boxes of the top level, and behind them the boxes that stand elsewhere than they belong.
///
/// # Errors
///
/// I/O; access units that the chosen storage cannot hold.
pub fn write(nodes: &mut [Node], sources: &Sources<'_>, out: Chunks<'_>) -> Result<u64> {
    nodes.iter_mut().try_for_each(|node| node.seal())?;
    let mut moved = vec![];
    nodes.iter().for_each(|node| node.moved(&mut moved));
    // What stands elsewhere may itself contain an `offs`.
    let mut number = 0;
    while let Some(node) = moved.get(number).copied() {
        node.moved(&mut moved);
        number += 1;
    }
    let (mut places, mut at) = (vec![], lengths(nodes));
    for node in &moved {
        places.push(at);
        at = at.saturating_add(node.length());
    }
    let mut targets = places.into_iter();
    let mut copier = Copier::new(out, sources);
    for node in nodes.iter().chain(moved) {
        node.write(&mut copier, &mut targets)?;
    }
    copier.finish()
}

pub(super) fn lengths(nodes: &[Node]) -> u64 {
    nodes.iter().fold(0, |sum: u64, node| sum.saturating_add(node.length()))
}

/// Key and Length.
pub(super) fn head(out: &mut Copier<'_, '_, '_>, key: [u8; 4], length: u64) -> Result<()> {
    out.bytes(&key)?;
    out.bytes(&length.to_be_bytes())
}

fn offs(out: &mut Copier<'_, '_, '_>, key: [u8; 4], offset: u64) -> Result<()> {
    out.bytes(b"offs")?;
    out.bytes(&key)?;
    out.bytes(&offset.to_be_bytes())
}

/// A box with other Offsets at some bits. Between two of them stand Key and SubKey, so that they share no byte.
fn patched(out: &mut Copier<'_, '_, '_>, payload: &Payload, bits: impl Iterator<Item = u64>, targets: &mut dyn Iterator<Item = u64>) -> Result<()> {
    let part = |from: u64, to: u64| Payload { offset: payload.offset.saturating_add(from), length: to.saturating_sub(from), ..*payload };
    let mut done = 0;
    for bit in bits {
        let (first, end) = (bit / 8, bit.saturating_add(64).div_ceil(8));
        out.payload(&part(done, first))?;
        let stored = out.sources().read(&part(first, end))?;
        let shift = (8 - bit % 8) % 8;
        let mask = u128::from(u64::MAX) << shift;
        let number = u128::from(targets.next().unwrap_or(u64::MAX)) << shift;
        let stored_bits = stored.iter().fold(0u128, |sum, byte| sum << 8 | u128::from(*byte));
        let made = (stored_bits & !mask | number).to_be_bytes();
        out.bytes(made.get(made.len().saturating_sub(stored.len())..).unwrap_or_default())?;
        done = end;
    }
    out.payload(&part(done, payload.length))
}
