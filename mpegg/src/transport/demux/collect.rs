//! Boxes that came, kept until the file can be written.

use super::mapping::Place;
use crate::encapsulate::Spool;
use mpegg_runtime::Result;
use mpegg_runtime::source::Source;
use std::collections::BTreeMap;

/// Bytes of boxes under way that are kept in memory, all streams together.
const IN_MEMORY: usize = 16 << 20;

/// A box that came, all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// Where it is kept.
    pub offset: u64,
    /// Bytes of the box.
    pub length: u64,
    /// Where its first byte stood in the stream.
    pub at: u64,
}

/// What came of a dataset group, or of a dataset.
#[derive(Default)]
pub(super) struct Came {
    /// Boxes that may be needed whole, by their keys, in the order in which they came.
    pub boxes: BTreeMap<[u8; 4], Vec<Stored>>,
    /// Access units, or annotation access units.
    pub units: Vec<Stored>,
}

impl Came {
    /// The last box of a key: it counts where a box may occur once.
    pub fn last(&self, key: [u8; 4]) -> Option<Stored> {
        self.all(key).last().copied()
    }

    /// All boxes of a key.
    pub fn all(&self, key: [u8; 4]) -> &[Stored] {
        self.boxes.get(&key).map_or(&[][..], Vec::as_slice)
    }
}

/// A box under way.
#[derive(Default)]
struct Open {
    bytes: Vec<u8>,
    /// What was put away already.
    away: Vec<(u64, u64)>,
    at: u64,
}

/// The boxes under way, and those that came.
#[derive(Default)]
pub(super) struct Collect {
    pub spool: Spool,
    pub file_header: Option<Stored>,
    pub groups: BTreeMap<u8, Came>,
    pub datasets: BTreeMap<(u8, u16), Came>,
    open: BTreeMap<u16, Open>,
    /// Bytes in memory of all boxes under way, and room that they leave.
    in_memory: usize,
}

impl Collect {
    /// Takes a piece of a box; gives the box once it is whole.
    pub fn piece(&mut self, sid: u16, at: u64, bytes: &[u8], first: bool, last: bool) -> Result<Option<Stored>> {
        if first && last {
            self.discard(sid);
            return self.spool.push(bytes).map(|offset| Some(Stored { offset, length: bytes.len() as u64, at }));
        }
        let open = self.open.entry(sid).or_default();
        if first {
            open.bytes.clear();
            open.away.clear();
            open.at = at;
        }
        let had = open.bytes.capacity();
        open.bytes.extend_from_slice(bytes);
        self.in_memory = self.in_memory.saturating_add(open.bytes.capacity().saturating_sub(had));
        if last {
            return self.complete(sid).map(Some);
        }
        while self.in_memory > IN_MEMORY {
            self.put_away()?;
        }
        Ok(None)
    }

    /// Forgets the box under way in a stream; its memory serves the next one.
    pub fn discard(&mut self, sid: u16) {
        if let Some(open) = self.open.get_mut(&sid) {
            open.bytes.clear();
            open.away.clear();
        }
    }

    fn complete(&mut self, sid: u16) -> Result<Stored> {
        let Some(open) = self.open.get_mut(&sid) else { return Ok(Stored { offset: 0, length: 0, at: 0 }) };
        let mut offset = None;
        let mut length = 0u64;
        // What was put away in pieces is put together.
        let mut buffer = vec![];
        for (from, count) in open.away.drain(..) {
            let (mut from, mut left) = (from, count);
            while left > 0 {
                let here = left.min(1 << 20);
                buffer.resize(usize::try_from(here).unwrap_or(0), 0);
                self.spool.read_at(from, &mut buffer)?;
                let at = self.spool.push(&buffer)?;
                offset.get_or_insert(at);
                (from, left) = (from.saturating_add(here), left.saturating_sub(here));
            }
            length = length.saturating_add(count);
        }
        let at = self.spool.push(&open.bytes)?;
        length = length.saturating_add(open.bytes.len() as u64);
        open.bytes.clear();
        Ok(Stored { offset: *offset.get_or_insert(at), length, at: open.at })
    }

    /// Makes room: empty buffers first, then the longest.
    fn put_away(&mut self) -> Result<()> {
        let longest = self.open.values_mut().max_by_key(|open| (open.bytes.is_empty(), open.bytes.capacity()));
        let Some(open) = longest.filter(|open| open.bytes.capacity() > 0) else {
            self.in_memory = 0;
            return Ok(());
        };
        if !open.bytes.is_empty() {
            let offset = self.spool.push(&open.bytes)?;
            open.away.push((offset, open.bytes.len() as u64));
        }
        self.in_memory = self.in_memory.saturating_sub(open.bytes.capacity());
        open.bytes = vec![];
        Ok(())
    }

    /// Keeps a whole box where it belongs.
    pub fn keep(&mut self, place: Place, key: [u8; 4], stored: Stored) {
        let came = match place.dataset {
            Some(dataset) => self.datasets.entry((place.group, dataset)).or_default(),
            None => self.groups.entry(place.group).or_default(),
        };
        match &key {
            b"aucn" | b"aauc" => came.units.push(stored),
            _ => came.boxes.entry(key).or_default().push(stored),
        }
    }
}
