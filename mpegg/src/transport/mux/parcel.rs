//! A box to be sent.

use mpegg_runtime::bits::BOX_HEAD;
use mpegg_runtime::source::Source;
use mpegg_runtime::{Error, Result};
use std::ops::Range;

/// A box and the stream that carries it. Its headers are in memory; payloads are ranges of the file until they are sent.
#[derive(Clone)]
pub(super) struct Parcel<'s> {
    pub sid: u16,
    source: &'s dyn Source,
    bytes: Vec<u8>,
    parts: Vec<Part>,
    length: u64,
}

#[derive(Clone)]
enum Part {
    /// Bytes in memory.
    Bytes(Range<usize>),
    /// First byte and length in the file.
    Source(u64, u64),
}

/// How far a parcel was sent.
#[derive(Clone, Copy, Default)]
pub(super) struct Sent {
    part: usize,
    bytes: u64,
}

impl<'s> Parcel<'s> {
    /// A box of a key, without Value yet.
    pub fn new(sid: u16, key: [u8; 4], source: &'s dyn Source) -> Self {
        let mut parcel = Parcel::whole(sid, source);
        parcel.push(&key);
        parcel.push(&[0; 8]);
        parcel
    }

    /// Whole boxes are pushed.
    pub fn whole(sid: u16, source: &'s dyn Source) -> Self {
        Parcel { sid, source, bytes: vec![], parts: vec![], length: 0 }
    }

    /// A whole box in memory.
    pub fn of_bytes(sid: u16, source: &'s dyn Source, bytes: &[u8]) -> Self {
        let mut parcel = Parcel::whole(sid, source);
        parcel.push(bytes);
        parcel
    }

    /// A whole box of the file.
    pub fn of_range(sid: u16, source: &'s dyn Source, (offset, length): (u64, u64)) -> Self {
        let mut parcel = Parcel::whole(sid, source);
        parcel.push_range(offset, length);
        parcel
    }

    /// Puts bytes behind what is there.
    pub fn push(&mut self, bytes: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.length = self.length.saturating_add(bytes.len() as u64);
        match self.parts.last_mut() {
            Some(Part::Bytes(range)) if range.end == start => range.end = self.bytes.len(),
            _ => self.parts.push(Part::Bytes(start..self.bytes.len())),
        }
    }

    /// Puts a range of the file behind what is there.
    pub fn push_range(&mut self, offset: u64, length: u64) {
        if length > 0 {
            self.length = self.length.saturating_add(length);
            self.parts.push(Part::Source(offset, length));
        }
    }

    /// Fills in the Length of a box that was begun without it.
    pub fn closed(mut self) -> Self {
        if let Some(place) = self.bytes.get_mut(4..BOX_HEAD as usize) {
            place.copy_from_slice(&self.length.to_be_bytes());
        }
        self
    }

    /// The file that ranges are of.
    pub fn source(&self) -> &'s dyn Source {
        self.source
    }

    /// Bytes of the box.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Appends the next bytes to a packet.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn read(&self, sent: &mut Sent, mut count: usize, packet: &mut Vec<u8>) -> Result<()> {
        while count > 0 {
            let Some(part) = self.parts.get(sent.part) else {
                return Err(Error::truncated(0, 8));
            };
            let length = match part {
                Part::Bytes(range) => range.len() as u64,
                Part::Source(_, length) => *length,
            };
            let here = usize::try_from(length.saturating_sub(sent.bytes)).unwrap_or(usize::MAX).min(count);
            match part {
                Part::Bytes(range) => {
                    let start = range.start.saturating_add(usize::try_from(sent.bytes).unwrap_or(usize::MAX));
                    packet.extend_from_slice(self.bytes.get(start..start.saturating_add(here)).unwrap_or_default());
                }
                Part::Source(offset, _) => self.read_source(offset.saturating_add(sent.bytes), here, packet)?,
            }
            count = count.saturating_sub(here);
            sent.bytes = sent.bytes.saturating_add(here as u64);
            if sent.bytes >= length {
                *sent = Sent { part: sent.part.saturating_add(1), bytes: 0 };
            }
        }
        Ok(())
    }

    fn read_source(&self, offset: u64, count: usize, packet: &mut Vec<u8>) -> Result<()> {
        if let Some(bytes) = self.source.slice(offset, count as u64) {
            packet.extend_from_slice(bytes);
            return Ok(());
        }
        let had = packet.len();
        packet.resize(had.saturating_add(count), 0);
        self.source.read_at(offset, packet.get_mut(had..).unwrap_or_default())
    }
}
