//! Parts of a file with holes: an `offs` learns its Offset when the box that it addresses has got its place behind the last group.

use std::collections::VecDeque;

/// Bytes, and the Offset fields in them that address other pieces.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    bytes: Vec<u8>,
    /// With the bits at which they stand.
    holes: Vec<(usize, Piece)>,
}

impl From<Vec<u8>> for Piece {
    fn from(bytes: Vec<u8>) -> Piece {
        Piece { bytes, holes: vec![] }
    }
}

impl Piece {
    /// A box with this Value.
    pub fn boxed(key: &[u8; 4], value: impl Into<Piece>) -> Piece {
        let value = value.into();
        let mut head = key.to_vec();
        head.extend((value.bytes.len() as u64 + 12).to_be_bytes());
        let mut whole = Piece::from(head);
        whole.push(value);
        whole
    }

    /// An `offs` that addresses the box.
    pub fn offs(subkey: &[u8; 4], target: Piece) -> Piece {
        Piece { bytes: offs(subkey, 0), holes: vec![(64, target)] }
    }

    /// An `offs` that addresses nothing.
    pub fn placeholder(subkey: &[u8; 4]) -> Piece {
        offs(subkey, u64::MAX).into()
    }

    /// These bytes, in which the Offset at a bit, zero so far, addresses a box.
    pub fn with_offset(mut self, bit: usize, target: Piece) -> Piece {
        self.holes.push((bit, target));
        self
    }

    /// Adds a piece at the end.
    pub fn push(&mut self, piece: Piece) {
        let base = 8 * self.bytes.len();
        self.bytes.extend(piece.bytes);
        self.holes.extend(piece.holes.into_iter().map(|(at, target)| (base + at, target)));
    }

    /// Size in bytes, without what is addressed.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Key of a box.
    pub fn key(&self) -> &[u8] {
        &self.bytes[..4]
    }

    /// SubKey of an `offs`.
    pub fn subkey(&self) -> &[u8] {
        &self.bytes[4..8]
    }

    /// The file: this piece, then what its `offs` address, then what theirs do.
    pub fn finish(mut self) -> Vec<u8> {
        let mut open: VecDeque<(usize, Piece)> = self.holes.drain(..).collect();
        let mut bytes = self.bytes;
        while let Some((at, target)) = open.pop_front() {
            let base = bytes.len();
            for bit in 0..64 {
                bytes[(at + bit) / 8] |= ((base as u64 >> (63 - bit) & 1) as u8) << (7 - (at + bit) % 8);
            }
            bytes.extend(target.bytes);
            open.extend(target.holes.into_iter().map(|(at, target)| (8 * base + at, target)));
        }
        bytes
    }
}

fn offs(subkey: &[u8; 4], offset: u64) -> Vec<u8> {
    [b"offs", subkey, &offset.to_be_bytes()[..]].concat()
}
