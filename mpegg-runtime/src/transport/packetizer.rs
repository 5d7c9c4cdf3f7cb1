//! Boxes cut into packets.

use super::{Header, HeaderCode};
use crate::error::{Error, ErrorKind, Result};
use std::marker::PhantomData;

/// Cuts boxes into packets and counts the packets of each stream.
///
/// Boxes of different streams may be under way at the same time, those of one stream follow one another. What a packet carries is not
/// copied: who has the bytes of a box in memory asks for [`packets`](Self::packets), who has not is told by [`next`](Self::next) how many
/// belong into the next packet.
#[derive(Clone, Debug)]
pub struct Packetizer<C> {
    /// Bytes of a packet that a header leaves for a box.
    room: u16,
    /// The next sequence number of each stream.
    numbers: Vec<u8>,
    code: PhantomData<C>,
}

/// A box under way: its stream, and the bytes of it that no packet has yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    sid: u16,
    left: u64,
}

impl Cut {
    /// Bytes that are not in a packet yet.
    pub fn left(&self) -> u64 {
        self.left
    }
}

/// A packet of a box in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'b> {
    /// What its header says.
    pub header: Header,
    /// What it carries.
    pub payload: &'b [u8],
}

impl<C: HeaderCode> Packetizer<C> {
    /// Packets of at most so many bytes, headers included. Sequence numbers begin with 0.
    ///
    /// # Errors
    ///
    /// A size that leaves no room for a byte behind the header, or that no header can tell.
    pub fn new(packet_size: u16) -> Result<Self> {
        let header = u16::try_from(C::BYTES).unwrap_or(u16::MAX);
        let room = packet_size.checked_sub(header).filter(|room| *room > 0 && packet_size <= C::LARGEST);
        let room = room.ok_or_else(|| {
            let message = format!("packets of {packet_size} bytes: they have {} to {}", C::BYTES.saturating_add(1), C::LARGEST);
            Error::without_position(ErrorKind::Limit, message)
        })?;
        Ok(Packetizer { room, numbers: vec![0; usize::from(C::STREAMS)], code: PhantomData })
    }

    /// Begins a box of so many bytes.
    ///
    /// # Errors
    ///
    /// A stream that is not; a box without bytes, which no packet can carry.
    pub fn begin(&self, sid: u16, length: u64) -> Result<Cut> {
        if sid >= C::STREAMS {
            return Err(Error::without_position(ErrorKind::Limit, format!("stream {sid}: they are numbered below {}", C::STREAMS)));
        }
        if length == 0 {
            return Err(Error::without_position(ErrorKind::Malformed, "a box without bytes"));
        }
        Ok(Cut { sid, left: length })
    }

    /// The header of the next packet of a box, or nothing where all of it is in packets. Behind the header belong the next
    /// [`size`](Header::size) - [`BYTES`](HeaderCode::BYTES) bytes of the box.
    pub fn next(&mut self, cut: &mut Cut) -> Option<Header> {
        if cut.left == 0 {
            return None;
        }
        let payload = u16::try_from(cut.left).map_or(self.room, |left| left.min(self.room));
        cut.left = cut.left.saturating_sub(u64::from(payload));
        Some(self.number(cut.sid, cut.left == 0, payload))
    }

    /// The packets of a box in memory.
    ///
    /// # Errors
    ///
    /// As [`begin`](Self::begin).
    pub fn packets<'a, 'b>(&'a mut self, sid: u16, bytes: &'b [u8]) -> Result<impl Iterator<Item = Packet<'b>> + use<'a, 'b, C>> {
        let mut cut = self.begin(sid, bytes.len() as u64)?;
        let mut left = bytes;
        Ok(std::iter::from_fn(move || {
            let header = self.next(&mut cut)?;
            let (payload, rest) = left.split_at_checked(usize::from(header.size).saturating_sub(C::BYTES))?;
            left = rest;
            Some(Packet { header, payload })
        }))
    }

    /// The end packet of a stream: a header alone.
    pub fn end(&mut self, sid: u16) -> Header {
        self.number(sid, true, 0)
    }

    fn number(&mut self, sid: u16, marker: bool, payload: u16) -> Header {
        let size = payload.saturating_add(u16::try_from(C::BYTES).unwrap_or(u16::MAX));
        let mut header = Header { sid, marker, sequence_number: 0, size };
        if let Some(number) = self.numbers.get_mut(usize::from(sid)) {
            header.sequence_number = *number;
            *number = number.wrapping_add(1);
        }
        header
    }
}
