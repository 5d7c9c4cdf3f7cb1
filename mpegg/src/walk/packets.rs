//! The packets of a transport stream: their headers, and which of them carry one box together.

use crate::tables::PacketHeader;
use mpegg_runtime::Result;
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::source::Source;
use std::collections::HashMap;

/// Bytes of a packet header (Table 70).
pub const HEADER: u64 = 5;

/// A packet: its header and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Packet {
    /// Its first byte.
    pub offset: u64,
    /// Its header.
    pub header: PacketHeader,
}

impl Packet {
    /// The payload: first byte and length.
    pub fn payload(&self) -> (u64, u64) {
        (self.offset.saturating_add(HEADER), u64::from(self.header.packet_size).saturating_sub(HEADER))
    }

    /// The first byte behind it.
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(u64::from(self.header.packet_size))
    }
}

/// The packets of a stream in order. Ends at the end of the stream or at a packet that cannot be: the error says why.
pub struct Packets<'s> {
    source: &'s dyn Source,
    at: u64,
    ended: bool,
}

impl<'s> Packets<'s> {
    /// From the first byte.
    pub fn new(source: &'s dyn Source) -> Self {
        Packets { source, at: 0, ended: false }
    }

    /// The packet that starts at a byte.
    ///
    /// # Errors
    ///
    /// A header that is cut; a packet_size under 5 or behind the end.
    pub fn read(source: &dyn Source, offset: u64) -> Result<Packet> {
        let left = source.len().saturating_sub(offset);
        let mut bytes = [0; 5];
        let part = bytes.get_mut(..usize::try_from(left.min(HEADER)).unwrap_or(0)).unwrap_or_default();
        source.read_at(offset, part)?;
        let bit = offset.saturating_mul(8);
        let header = PacketHeader::read(&mut BitReader::at(part, bit)).map_err(|error| error.in_field("packet_header", &[]))?;
        let size = u64::from(header.packet_size);
        let size_bit = bit.saturating_add(25);
        let located = |error: mpegg_runtime::Error| {
            error.in_field("packet_size", &[]).in_field("packet_header", &[]).in_table("packet_header", PacketHeader::TABLE.clause, PacketHeader::TABLE.number)
        };
        if size < HEADER {
            let message = format!("packet_size {size} is less than the {HEADER} bytes of the header");
            return Err(located(mpegg_runtime::Error::malformed(size_bit, message)));
        }
        if size > left {
            return Err(located(mpegg_runtime::Error::truncated(size_bit, (size - left) * 8)));
        }
        Ok(Packet { offset, header })
    }
}

impl Iterator for Packets<'_> {
    type Item = Result<Packet>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended || self.at >= self.source.len() {
            return None;
        }
        let packet = Packets::read(self.source, self.at);
        match &packet {
            Ok(packet) => self.at = packet.end(),
            Err(_) => self.ended = true,
        }
        Some(packet)
    }
}

/// Whether the bytes are a chain of packets, judged by the first few and the beginning of a box in one of them.
pub fn fits(source: &dyn Source) -> Result<bool> {
    let mut known = false;
    for packet in Packets::new(source).take(16) {
        let Ok(packet) = packet else { return Ok(false) };
        let (at, length) = packet.payload();
        if length >= 4 {
            let mut key = [0; 4];
            source.read_at(at, &mut key)?;
            known |= super::table_of(key).is_some();
        }
    }
    Ok(known)
}

/// The packets of one box: put together in the order of arrival, per stream.
#[derive(Clone, Debug, Default)]
pub struct Gather {
    open: HashMap<u16, Gathered>,
}

/// What has arrived of a box.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    /// First byte and length of each piece.
    pub pieces: Vec<(u64, u64)>,
    /// The sequence number of the last packet.
    pub last: u8,
    /// Whether a packet between two of them is missing.
    pub gap: bool,
}

impl Gather {
    /// Takes a packet; returns the pieces of the box that it completes.
    pub fn take(&mut self, packet: &Packet) -> Option<Gathered> {
        let sid = packet.header.sid;
        let sequence = packet.header.sequence_number;
        let (at, length) = packet.payload();
        if length == 0 {
            return None;
        }
        let open = self.open.entry(sid).or_default();
        if !open.pieces.is_empty() && sequence != open.last.wrapping_add(1) {
            open.gap = true;
        }
        open.last = sequence;
        open.pieces.push((at, length));
        if packet.header.marker_bit { self.open.remove(&sid) } else { None }
    }
}
