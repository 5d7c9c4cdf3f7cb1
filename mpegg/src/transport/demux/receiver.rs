//! Packets understood: the mapping tables are read as they come, and what follows has its place.

use super::super::{Demultiplexer, FILE_HEADER, LISTS, data_type};
use super::loss::OnLoss;
use super::mapping::{Mapping, Place};
use crate::tables::{DatasetMappingTable, DatasetMappingTableList, FileHeader};
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::transport::{Event, Loss, LossKind, Statistics};
use mpegg_runtime::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};

/// A mapping table or a list of them has at most so many bytes: each data type in each stream.
const LARGEST_TABLE: usize = 1 << 20;

/// Finds the boxes of a file in packets as they come.
///
/// Like [`Demultiplexer`], it lends pieces of the bytes that it is given; it knows what they belong to, because it reads the mapping tables
/// itself.
///
/// ```
/// use mpegg::transport::{Arrival, OnLoss, Receiver};
///
/// # fn main() -> mpegg::Result<()> {
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.stream");
/// # let stream = std::fs::read(path)?;
/// let mut receiver = Receiver::new(OnLoss::Fail);
/// for mut bytes in stream.chunks(1000) {
///     while let Some(arrival) = receiver.next(&mut bytes)? {
///         if let Arrival::Piece { sid, key: Some(key), last: true, .. } = arrival {
///             println!("a whole {} of {:?}", key.escape_ascii(), receiver.place(sid, key));
///         }
///     }
/// }
/// receiver.finish()?;
/// # Ok(())
/// # }
/// ```
pub struct Receiver {
    demultiplexer: Demultiplexer,
    mapping: Mapping,
    on_loss: OnLoss,
    /// Mapping tables and lists that are not complete.
    tables: BTreeMap<u16, Open>,
    /// Keys of the other boxes that are not complete, as far as they came.
    keys: BTreeMap<u16, (u8, [u8; 4])>,
    /// Datasets that ended.
    ended: BTreeSet<(u8, Option<u16>)>,
}

#[derive(Default)]
struct Open {
    bytes: Vec<u8>,
    /// Where the first of them stands.
    offset: u64,
}

/// What came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arrival<'b> {
    /// Bytes of a box that is no mapping table.
    Piece {
        /// The stream; the pieces of one box follow one another in it.
        sid: u16,
        /// Where the bytes stand in the input.
        offset: u64,
        /// They are lent of those that were given.
        bytes: &'b [u8],
        /// They begin a box.
        first: bool,
        /// They complete it.
        last: bool,
        /// The key of the box, once all of it came.
        key: Option<[u8; 4]>,
    },
    /// The pieces of the box under way in this stream are worth nothing: something of it is lost.
    Dropped {
        /// The stream.
        sid: u16,
    },
    /// The end packet of a dataset.
    End {
        /// The stream.
        sid: u16,
    },
    /// Mapping tables came; there may be more datasets than before.
    Tables,
    /// Something is lost or wrong, and losses are no errors.
    Loss(Loss),
}

impl Receiver {
    /// Nothing came yet.
    pub fn new(on_loss: OnLoss) -> Self {
        let mut demultiplexer = Demultiplexer::new();
        demultiplexer.announce(LISTS, DatasetMappingTableList::KEY);
        demultiplexer.announce(FILE_HEADER, FileHeader::KEY);
        // A mapping table may come before the list that names its stream.
        demultiplexer.presume(DatasetMappingTable::KEY);
        Receiver { demultiplexer, mapping: Mapping::default(), on_loss, tables: BTreeMap::new(), keys: BTreeMap::new(), ended: BTreeSet::new() }
    }

    /// Takes bytes from the front of those that are given until something came; nothing once they are used up.
    ///
    /// # Errors
    ///
    /// A loss, where losses are errors; a header of a packet that cannot be; a mapping table that cannot be read or contradicts another.
    pub fn next<'b>(&mut self, bytes: &mut &'b [u8]) -> Result<Option<Arrival<'b>>> {
        while let Some(event) = self.demultiplexer.next(bytes)? {
            let arrival = match event {
                Event::Piece { sid, offset, bytes, first, last } => self.piece(sid, offset, bytes, (first, last))?,
                Event::Dropped { sid } => self.dropped(sid),
                Event::End { sid, .. } => {
                    self.ended.extend(self.mapping.owner(sid));
                    Some(Arrival::End { sid })
                }
                // What a later edition sends is no loss.
                Event::Loss(Loss { kind: LossKind::Unknown, sid: Some(sid), .. }) if self.mapping.is_reserved(sid) => None,
                Event::Loss(loss) => self.loss(loss)?,
                _ => None,
            };
            if arrival.is_some() {
                return Ok(arrival);
            }
        }
        Ok(None)
    }

    /// The bytes that come next are those of another datagram, in which a packet begins.
    ///
    /// # Errors
    ///
    /// The last packet is not complete, and losses are errors.
    pub fn end_of_datagram(&mut self) -> Result<Option<Loss>> {
        self.demultiplexer.end_of_datagram().map(|loss| self.tell(loss)).transpose()
    }

    /// The input has ended. Gives what is missing, one by one: the boxes under way in these streams are lost.
    ///
    /// # Errors
    ///
    /// Something is missing, and losses are errors.
    pub fn finish(&mut self) -> Result<Option<Loss>> {
        self.demultiplexer.finish().map(|loss| self.tell(loss)).transpose()
    }

    /// To what a box of a key belongs that came in a stream; nothing for the file header, and where no table says it.
    pub fn place(&self, sid: u16, key: [u8; 4]) -> Option<Place> {
        self.mapping.place(sid, key)
    }

    /// The dataset groups and their datasets, as the mapping tables have told so far.
    pub fn datasets(&self) -> impl Iterator<Item = (u8, Vec<u16>)> + '_ {
        self.mapping.datasets()
    }

    /// Whether the end packets of all datasets that are known came.
    pub fn is_complete(&self) -> bool {
        let mut known = self.mapping.datasets().flat_map(|(group, datasets)| datasets.into_iter().map(move |dataset| (group, Some(dataset)))).peekable();
        known.peek().is_some() && known.all(|dataset| self.ended.contains(&dataset))
    }

    /// What came in each stream.
    pub fn statistics(&self) -> impl ExactSizeIterator<Item = (u16, &Statistics)> {
        self.demultiplexer.statistics()
    }

    /// What a stream carries, as far as it is known.
    pub fn places(&self, sid: u16) -> impl Iterator<Item = Place> + '_ {
        self.mapping.places().filter(move |(other, _)| *other == sid).map(|(_, place)| place)
    }

    /// Whether a list names the stream as one of mapping tables.
    pub fn carries_tables(&self, sid: u16) -> bool {
        self.mapping.has_table(sid)
    }

    /// Bytes that came so far.
    pub fn position(&self) -> u64 {
        self.demultiplexer.position()
    }

    fn piece<'b>(&mut self, sid: u16, offset: u64, bytes: &'b [u8], (first, last): (bool, bool)) -> Result<Option<Arrival<'b>>> {
        let (had, mut key) = if first { (0, [0; 4]) } else { self.keys.get(&sid).copied().unwrap_or((4, [0; 4])) };
        if had < 4 {
            for (place, byte) in key.iter_mut().skip(usize::from(had)).zip(bytes) {
                *place = *byte;
            }
            let have = had.saturating_add(u8::try_from(bytes.len()).unwrap_or(4)).min(4);
            self.keys.insert(sid, (have, key));
        }
        // A stream of which nothing is known yet has boxes only where they may be mapping tables.
        let carries_tables = sid == LISTS || self.mapping.has_table(sid) || (sid != FILE_HEADER && self.mapping.owner(sid).is_none());
        if carries_tables {
            return self.table(sid, offset, bytes, (first, last), key);
        }
        // Every box is longer than its key.
        Ok(Some(Arrival::Piece { sid, offset, bytes, first, last, key: last.then_some(key) }))
    }

    /// A piece of a mapping table, or of a list of them.
    fn table<'b>(&mut self, sid: u16, offset: u64, bytes: &[u8], (first, last): (bool, bool), key: [u8; 4]) -> Result<Option<Arrival<'b>>> {
        let open = self.tables.entry(sid).or_default();
        if first {
            *open = Open { bytes: vec![], offset };
        }
        let position = open.offset.saturating_mul(8);
        if open.bytes.len().saturating_add(bytes.len()) > LARGEST_TABLE {
            return Err(Error::limit(position, format!("a mapping table of more than {LARGEST_TABLE} bytes")));
        }
        open.bytes.extend_from_slice(bytes);
        if !last {
            return Ok(None);
        }
        let open = self.tables.remove(&sid).unwrap_or_default();
        let mut reader = BitReader::at(&open.bytes, position);
        let name = key.escape_ascii().to_string();
        if key == DatasetMappingTableList::KEY {
            let list = DatasetMappingTableList::read_box(&mut reader).map_err(|error| error.in_field(&name, &[]))?;
            for sid in self.mapping.list(&list, position)? {
                self.demultiplexer.announce(sid, DatasetMappingTable::KEY);
            }
        } else {
            let table = DatasetMappingTable::read_box(&mut reader).map_err(|error| error.in_field(&name, &[]))?;
            self.mapping.table(sid, table, position)?;
        }
        for (sid, place) in self.mapping.places() {
            if let Some(key) = data_type::key(place.data_type) {
                self.demultiplexer.announce(sid, key);
            }
        }
        Ok(Some(Arrival::Tables))
    }

    /// A box is given up. Mapping tables were not told of.
    fn dropped<'b>(&mut self, sid: u16) -> Option<Arrival<'b>> {
        if self.tables.remove(&sid).is_some() { None } else { Some(Arrival::Dropped { sid }) }
    }

    fn loss<'b>(&mut self, loss: Loss) -> Result<Option<Arrival<'b>>> {
        self.tell(loss).map(|loss| Some(Arrival::Loss(loss)))
    }

    fn tell(&mut self, loss: Loss) -> Result<Loss> {
        if let Some(sid) = loss.sid.filter(|_| loss.dropped) {
            self.tables.remove(&sid);
        }
        match self.on_loss {
            OnLoss::Fail => Err(super::loss::error(&loss)),
            OnLoss::Drop => Ok(loss),
        }
    }

    /// A whole box of a stream of which the tables say no longer what it carries.
    pub(super) fn unplaced(&self, sid: u16, offset: u64) -> Result<()> {
        let loss = Loss { sid: Some(sid), offset, kind: LossKind::Unknown, dropped: true };
        match self.on_loss {
            OnLoss::Fail => Err(super::loss::error(&loss)),
            OnLoss::Drop => Ok(()),
        }
    }
}
