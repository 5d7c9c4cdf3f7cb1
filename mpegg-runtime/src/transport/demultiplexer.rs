//! Packets put together to boxes.

use super::loss::{Loss, LossKind, Statistics};
use super::stream::{Place, Stream, Verdict};
use super::{Header, HeaderCode, LONGEST_HEADER};
use crate::error::Result;
use std::marker::PhantomData;

/// Finds the boxes in packets.
///
/// It is given the bytes of the packets as they come, cut anywhere, and lends what it finds in them: pieces of boxes, ends of streams,
/// losses. Streams have to be announced with the keys of the boxes that they carry, so that after a loss the beginning of the next box is
/// found again. Memory is taken for streams, never for packets.
///
/// ```
/// # use mpegg_runtime::transport::{Demultiplexer, Event, Header, HeaderCode};
/// # struct Code;
/// # impl HeaderCode for Code {
/// #     const BYTES: usize = 5;
/// #     const LARGEST: u16 = 32767;
/// #     const STREAMS: u16 = 8192;
/// #     fn read(bytes: &[u8], _: u64) -> mpegg_runtime::Result<Header> {
/// #         Ok(Header { sid: u16::from(bytes[1]) >> 3, marker: true, sequence_number: 0, size: u16::from(bytes[4]) })
/// #     }
/// #     fn write(_: &Header, _: &mut Vec<u8>) -> mpegg_runtime::Result<()> {
/// #         Ok(())
/// #     }
/// # }
/// # fn main() -> mpegg_runtime::Result<()> {
/// let mut demultiplexer = Demultiplexer::<Code>::new();
/// demultiplexer.announce(1, *b"flhd");
/// let mut bytes: &[u8] = b"\0\x08\x80\0\x11flhd\0\0\0\0\0\0\0\x0c";
/// while let Some(event) = demultiplexer.next(&mut bytes)? {
///     let Event::Piece { bytes, last, .. } = event else { continue };
///     assert_eq!((bytes.len(), last), (12, true));
/// }
/// assert!(demultiplexer.finish().is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Demultiplexer<C> {
    /// Bytes taken so far.
    position: u64,
    /// The header of a packet, as far as it is there.
    head: [u8; LONGEST_HEADER],
    have: usize,
    packet: Option<Packet>,
    /// The place of each stream among the streams, plus one.
    places: Vec<u16>,
    streams: Vec<(u16, Stream)>,
    presumed: Vec<[u8; 4]>,
    /// Streams that were asked at the end.
    closed: usize,
    code: PhantomData<C>,
}

/// The packet under way.
#[derive(Clone, Copy, Debug)]
struct Packet {
    sid: u16,
    /// Where its stream is.
    place: usize,
    /// Where its header begins.
    offset: u64,
    /// Bytes that it still carries.
    left: u16,
    /// The next bytes are the first ones behind the header.
    first: bool,
    marker: bool,
    /// What it carries is of use.
    take: bool,
    /// It carries nothing: the end of a stream.
    end: bool,
}

/// What is found in packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'b> {
    /// Bytes of a box. The pieces of one box follow one another, among those of other streams.
    Piece {
        /// The stream.
        sid: u16,
        /// Where the bytes stand in the input.
        offset: u64,
        /// They are lent of those that were given.
        bytes: &'b [u8],
        /// They begin a box.
        first: bool,
        /// They complete it.
        last: bool,
    },
    /// The end packet of a stream.
    End {
        /// The stream.
        sid: u16,
        /// Where the packet stands in the input.
        offset: u64,
    },
    /// What was lent of the box under way in this stream was none of it: bytes behind a loss, taken for the beginning of a box.
    Dropped {
        /// The stream.
        sid: u16,
    },
    /// Something is wrong with the packets.
    Loss(Loss),
}

impl<C: HeaderCode> Default for Demultiplexer<C> {
    fn default() -> Self {
        Demultiplexer::new()
    }
}

impl<C: HeaderCode> Demultiplexer<C> {
    /// Nothing announced, nothing come.
    pub fn new() -> Self {
        Demultiplexer {
            position: 0,
            head: [0; LONGEST_HEADER],
            have: 0,
            packet: None,
            places: vec![0; usize::from(C::STREAMS)],
            streams: vec![],
            presumed: vec![],
            closed: 0,
            code: PhantomData,
        }
    }

    /// Announces that a stream carries boxes of a key, beside those that were announced before. A number that no stream has is ignored.
    pub fn announce(&mut self, sid: u16, key: [u8; 4]) {
        if let Some((_, stream)) = self.place(sid).and_then(|place| self.streams.get_mut(place)) {
            stream.announce(key);
        }
    }

    /// Boxes of this key are taken from streams that nobody announced yet: who announces streams may come late.
    pub fn presume(&mut self, key: [u8; 4]) {
        self.presumed.push(key);
    }

    /// Where a stream is; one that is not there yet gets a place.
    fn place(&mut self, sid: u16) -> Option<usize> {
        let place = self.places.get_mut(usize::from(sid))?;
        if *place == 0 {
            self.streams.push((sid, Stream::presumed(&self.presumed)));
            *place = u16::try_from(self.streams.len()).unwrap_or(0);
        }
        usize::from(*place).checked_sub(1)
    }

    /// How many bytes came so far.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// What came in each stream, in the order in which they were announced or met.
    pub fn statistics(&self) -> impl ExactSizeIterator<Item = (u16, &Statistics)> {
        self.streams.iter().map(|(sid, stream)| (*sid, &stream.statistics))
    }

    /// Takes bytes from the front of those that are given until something is found in them; nothing once they are used up.
    ///
    /// # Errors
    ///
    /// A header that cannot be: where the next packet begins is not known then, and whatever follows can be found only in a
    /// [datagram](Self::end_of_datagram) of its own.
    pub fn next<'b>(&mut self, bytes: &mut &'b [u8]) -> Result<Option<Event<'b>>> {
        loop {
            let Some(packet) = &mut self.packet else {
                let Some(header) = self.header(bytes)? else { return Ok(None) };
                if let Some(loss) = self.begin(&header) {
                    return Ok(Some(Event::Loss(loss)));
                }
                continue;
            };
            if packet.left == 0 {
                let Packet { sid, offset, end, .. } = *packet;
                self.packet = None;
                if end {
                    return Ok(Some(Event::End { sid, offset }));
                }
                continue;
            }
            let take = usize::from(packet.left).min(bytes.len());
            let Some((piece, rest)) = bytes.split_at_checked(take).filter(|_| take > 0) else { return Ok(None) };
            *bytes = rest;
            if let Some(event) = self.piece(piece) {
                return Ok(Some(event));
            }
        }
    }

    /// Takes bytes of a header; the header once it is complete.
    fn header(&mut self, bytes: &mut &[u8]) -> Result<Option<Header>> {
        let (taken, rest) = bytes.split_at(bytes.len().min(C::BYTES.saturating_sub(self.have)));
        *bytes = rest;
        self.position = self.position.saturating_add(taken.len() as u64);
        let bit = self.position.saturating_sub(C::BYTES as u64).saturating_mul(8);
        if taken.len() == C::BYTES {
            return C::read(taken, bit).map(Some);
        }
        for (place, byte) in self.head.iter_mut().skip(self.have).zip(taken) {
            *place = *byte;
        }
        self.have = self.have.saturating_add(taken.len());
        if self.have < C::BYTES {
            return Ok(None);
        }
        self.have = 0;
        C::read(self.head.get(..C::BYTES).unwrap_or_default(), bit).map(Some)
    }

    /// Begins the packet of a header.
    fn begin(&mut self, header: &Header) -> Option<Loss> {
        let Header { sid, marker, .. } = *header;
        let offset = self.position.saturating_sub(C::BYTES as u64);
        let left = header.size.saturating_sub(u16::try_from(C::BYTES).unwrap_or(u16::MAX));
        // A number that no stream has cannot come out of the bits of a header.
        let place = self.place(sid)?;
        let (_, stream) = self.streams.get_mut(place)?;
        let (mut found, take) = stream.packet(header, left == 0);
        let end = take && left == 0;
        if end && found.is_none() {
            found = stream.close().map(|kind| (kind, true));
        }
        self.packet = Some(Packet { sid, place, offset, left, first: true, marker, take, end });
        let (kind, dropped) = found?;
        let loss = Loss { sid: Some(sid), offset, kind, dropped };
        stream.count(&loss);
        Some(loss)
    }

    /// Takes bytes of the packet under way.
    fn piece<'b>(&mut self, bytes: &'b [u8]) -> Option<Event<'b>> {
        let offset = self.position;
        self.position = self.position.saturating_add(bytes.len() as u64);
        let packet = self.packet.as_mut()?;
        packet.left = packet.left.saturating_sub(u16::try_from(bytes.len()).unwrap_or(u16::MAX));
        let (_, stream) = self.streams.get_mut(packet.place)?;
        let place = Place { first: packet.first, last: packet.left == 0, marker: packet.marker };
        packet.first = false;
        let verdict = if packet.take { stream.payload(bytes, place) } else { Verdict::Skip };
        let sid = packet.sid;
        let event = match verdict {
            Verdict::Take { first, last } => return Some(Event::Piece { sid, offset, bytes, first, last }),
            Verdict::Drop => Some(Event::Dropped { sid }),
            Verdict::Skip => None,
            Verdict::Lose { kind, dropped } => {
                let loss = Loss { sid: Some(sid), offset: packet.offset, kind, dropped };
                stream.count(&loss);
                Some(Event::Loss(loss))
            }
        };
        packet.take = false;
        event
    }

    /// The bytes that come next are those of another datagram: a packet that is not complete will not be completed.
    pub fn end_of_datagram(&mut self) -> Option<Loss> {
        if self.have > 0 {
            let missing = u16::try_from(C::BYTES.saturating_sub(self.have)).unwrap_or(u16::MAX);
            let offset = self.position.saturating_sub(self.have as u64);
            self.have = 0;
            return Some(Loss { sid: None, offset, kind: LossKind::Cut { missing }, dropped: false });
        }
        let packet = self.packet.take().filter(|packet| packet.left > 0)?;
        let (_, stream) = self.streams.get_mut(packet.place)?;
        let dropped = packet.take && stream.cut();
        let loss = Loss { sid: Some(packet.sid), offset: packet.offset, kind: LossKind::Cut { missing: packet.left }, dropped };
        stream.count(&loss);
        Some(loss)
    }

    /// The input has ended: one by one what is missing, at last nothing.
    pub fn finish(&mut self) -> Option<Loss> {
        if let Some(loss) = self.end_of_datagram() {
            return Some(loss);
        }
        while let Some((sid, stream)) = self.streams.get_mut(self.closed) {
            self.closed = self.closed.saturating_add(1);
            if let Some(kind) = stream.close() {
                let loss = Loss { sid: Some(*sid), offset: self.position, kind, dropped: true };
                stream.count(&loss);
                return Some(loss);
            }
        }
        None
    }
}
