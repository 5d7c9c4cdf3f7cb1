//! A stream: its packets in a row make boxes.

use super::Header;
use super::loss::{Loss, LossKind, Statistics};
use super::sequence::{Order, Sequence};
use crate::bits::BOX_HEAD;

/// Packets out of order without one in order among them that end a box: too many to be taken for strays.
const STRAYS: u8 = 2;

/// What is known of a stream.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    /// The keys of the boxes that it may carry, or is presumed to carry where nobody announced it.
    keys: Vec<[u8; 4]>,
    announced: bool,
    sequence: Sequence,
    state: State,
    /// Packets out of order since the last one in order.
    strays: u8,
    pub statistics: Statistics,
}

/// What the next packet of a stream is.
#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// The beginning of a box.
    #[default]
    Start,
    /// A part of this one.
    Inside(Open),
    /// Perhaps the beginning of a box, perhaps a part of one of which something is lost.
    Lost,
}

/// A box under way.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    /// Key and Length, as far as they are there.
    head: [u8; BOX_HEAD as usize],
    received: u64,
    /// Whether it is sure that a box begins where this one does.
    sure: bool,
}

/// What to do with bytes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They are a piece of a box: its first one, its last one.
    Take { first: bool, last: bool },
    /// They are of no use, and those of the box that were taken are not either.
    Drop,
    /// They are of no use, nor is the rest of the packet.
    Skip,
    /// The same, because of this.
    Lose { kind: LossKind, dropped: bool },
}

/// Where some bytes stand in their packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// They are the first ones behind the header.
    pub first: bool,
    /// They are the last ones.
    pub last: bool,
    /// The packet says that it is the last one of its box.
    pub marker: bool,
}

impl Stream {
    /// A stream that nobody announced, and the keys of boxes that may turn up in it nevertheless.
    pub fn presumed(keys: &[[u8; 4]]) -> Stream {
        Stream { keys: keys.to_vec(), ..Stream::default() }
    }

    /// Announces boxes of a key.
    pub fn announce(&mut self, key: [u8; 4]) {
        if !self.announced {
            self.keys.clear();
            self.announced = true;
        }
        if !self.keys.contains(&key) {
            self.keys.push(key);
        }
    }

    /// Takes the header of a packet, which carries something or is empty: what is wrong with it, and whether it is of use.
    pub fn packet(&mut self, header: &Header, empty: bool) -> (Option<(LossKind, bool)>, bool) {
        self.statistics.packets = self.statistics.packets.saturating_add(1);
        self.statistics.bytes = self.statistics.bytes.saturating_add(u64::from(header.size));
        if self.keys.is_empty() || (empty && !self.announced) {
            return (Some((LossKind::Unknown, false)), false);
        }
        let missing = match self.sequence.take(header.sequence_number) {
            Order::Next => {
                self.strays = 0;
                return (None, true);
            }
            Order::Gap(missing) => missing,
            order => {
                self.strays = self.strays.saturating_add(1);
                let dropped = self.strays >= STRAYS && self.lose();
                let kind = if order == Order::Duplicate { LossKind::Duplicate } else { LossKind::Late };
                return (Some((kind, dropped)), false);
            }
        };
        self.strays = 0;
        let dropped = self.lose();
        (Some((LossKind::Gap { missing }, dropped)), true)
    }

    /// Gives up the box under way; whether there was one.
    fn lose(&mut self) -> bool {
        let state = std::mem::replace(&mut self.state, State::Lost);
        matches!(state, State::Inside(_))
    }

    /// The end of the stream, or of what is known of it: a box under way will not be completed.
    pub fn close(&mut self) -> Option<LossKind> {
        let state = std::mem::take(&mut self.state);
        matches!(state, State::Inside(_)).then_some(LossKind::MissingMarker)
    }

    /// Takes some bytes of a packet of which the header says that they are of use.
    pub fn payload(&mut self, bytes: &[u8], place: Place) -> Verdict {
        let (mut open, begins) = match self.state {
            State::Inside(open) => (open, false),
            State::Start => (Open { sure: true, ..Open::default() }, true),
            State::Lost => (Open::default(), true),
        };
        if begins && !place.first {
            return Verdict::Skip;
        }
        open.take(bytes);
        let length = open.length();
        let fits = open.key_fits(&self.keys) && length.is_none_or(|length| length >= BOX_HEAD && open.received <= length);
        let whole = length == Some(open.received);
        if fits && (!place.last || place.marker == whole) {
            self.state = if whole && place.last { State::Start } else { State::Inside(open) };
            let last = whole && place.last;
            self.statistics.boxes = self.statistics.boxes.saturating_add(u64::from(last));
            return Verdict::Take { first: begins, last };
        }
        // Behind a packet with a marker, or behind all bytes of a box, a box begins.
        let ends = place.marker || (fits && whole);
        self.state = if ends { State::Start } else { State::Lost };
        let kind = match () {
            () if fits && whole => LossKind::MissingMarker,
            () if self.announced => LossKind::NoBox,
            () => LossKind::Unknown,
        };
        match (open.sure || !self.announced, begins) {
            (true, _) => Verdict::Lose { kind, dropped: self.announced || !begins },
            (false, false) => Verdict::Drop,
            (false, true) => Verdict::Skip,
        }
    }

    /// The packet under way is cut: what it carried is lost, and the box that it belongs to. Whether there was one.
    pub fn cut(&mut self) -> bool {
        self.lose()
    }

    /// Counts a loss.
    pub fn count(&mut self, loss: &Loss) {
        self.statistics.count(loss);
    }
}

impl Open {
    fn take(&mut self, bytes: &[u8]) {
        let have = usize::try_from(self.received).unwrap_or(usize::MAX);
        for (place, byte) in self.head.iter_mut().skip(have).zip(bytes) {
            *place = *byte;
        }
        self.received = self.received.saturating_add(bytes.len() as u64);
    }

    /// Whether the key, as far as it is there, is one of these.
    fn key_fits(&self, keys: &[[u8; 4]]) -> bool {
        let have = usize::try_from(self.received.min(4)).unwrap_or(4);
        keys.iter().any(|key| self.head.iter().zip(key).take(have).all(|(found, wanted)| found == wanted))
    }

    /// Length, where it is there.
    fn length(&self) -> Option<u64> {
        let length = self.head.last_chunk::<8>().filter(|_| self.received >= BOX_HEAD)?;
        Some(u64::from_be_bytes(*length))
    }
}
