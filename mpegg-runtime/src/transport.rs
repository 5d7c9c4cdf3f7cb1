//! Packets: boxes cut into them, and put together again. Nothing here reads or writes a file or a network, and nothing allocates for a
//! packet: a [`Packetizer`] says where to cut, a [`Demultiplexer`] lends the pieces of the bytes that it is given.
//!
//! How the header of a packet looks is printed in a table, which this crate does not know: a [`HeaderCode`] reads and writes it.

mod demultiplexer;
mod loss;
mod packetizer;
mod sequence;
mod stream;

#[cfg(test)]
mod tests;

pub use demultiplexer::{Demultiplexer, Event};
pub use loss::{Loss, LossKind, Statistics};
pub use packetizer::{Cut, Packet, Packetizer};

use crate::error::Result;

/// What the header of a packet says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The stream.
    pub sid: u16,
    /// Whether it is the last packet of its box.
    pub marker: bool,
    /// Its number in the stream, modulo 256.
    pub sequence_number: u8,
    /// Bytes of the packet, those of the header too.
    pub size: u16,
}

/// How a header is written as bytes.
pub trait HeaderCode {
    /// Bytes of a header, at most [`LONGEST_HEADER`]. A packet of so many bytes is an end packet.
    const BYTES: usize;
    /// The largest packet, in bytes.
    const LARGEST: u16;
    /// How many streams can be told apart; they are numbered from 0.
    const STREAMS: u16;

    /// Reads a header; the bytes are [`BYTES`](Self::BYTES), the first stands at this bit.
    ///
    /// # Errors
    ///
    /// A header that cannot be.
    fn read(bytes: &[u8], position: u64) -> Result<Header>;

    /// Appends a header.
    ///
    /// # Errors
    ///
    /// A number that does not fit its field.
    fn write(header: &Header, out: &mut Vec<u8>) -> Result<()>;
}

/// Bytes of the longest header that a [`HeaderCode`] may have.
pub const LONGEST_HEADER: usize = 16;
