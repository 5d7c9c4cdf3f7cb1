//! A file as packets.

mod annotation;
mod groups;
mod header;
mod packets;
mod parcel;
mod sids;
mod units;

pub use packets::Packets;
pub(super) use sids::{FILE_HEADER, LISTS};

use super::Packetizer;
use crate::file::{BoxRef, File};
use crate::walk::listed;
use annotation::Annotation;
use groups::MuxGroup;
use mpegg_runtime::Result;
use mpegg_runtime::source::Source;
use mpegg_runtime::table::Table;
use parcel::Parcel;
use sids::Sids;
use units::Sequencing;

/// How a file is cut into packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MuxOptions {
    /// Bytes of the largest packet, its header too: 6 to 32767. The usual value fits a frame of Ethernet.
    pub packet_size: u16,
    /// After so many packets the lists of mapping tables and the tables are sent again; 0 is never.
    pub repeat_tables: u64,
}

impl Default for MuxOptions {
    fn default() -> Self {
        MuxOptions { packet_size: 1400, repeat_tables: 0 }
    }
}

/// A file to be sent: what has to be known of it to make packets.
///
/// Boxes go in the order that the standard recommends (6.1.2): the file header, lists of mapping tables and the tables; the boxes of each
/// group, with header and parameter sets of all its datasets; then dataset by dataset metadata, annotation tables, access units with
/// expanded headers and all their blocks, and an end packet.
///
/// ```
/// use mpegg::file::File;
/// use mpegg::transport::{Mux, MuxOptions};
///
/// # fn main() -> mpegg::Result<()> {
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgg");
/// let file = File::open(path)?;
/// let mux = Mux::new(&file, &MuxOptions::default())?;
/// let (mut packets, mut packet) = (mux.packets()?, vec![]);
/// while packets.next_packet(&mut packet)? {
///     // socket.send(&packet)?;
///     assert!(packet.len() <= 1400);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Mux<'s> {
    options: MuxOptions,
    header: Parcel<'s>,
    groups: Vec<MuxGroup<'s>>,
    notes: Vec<String>,
}

/// A dataset to be sent.
struct MuxDataset<'s> {
    /// dataset_ID.
    id: u16,
    /// The stream on which its end is told.
    end: u16,
    /// Metadata and protection.
    boxes: Vec<Parcel<'s>>,
    content: Content<'s>,
}

enum Content<'s> {
    Sequencing(Box<Sequencing<'s>>),
    Annotation(Annotation<'s>),
}

impl<'s> Mux<'s> {
    /// Looks at the headers of a file, and gives each kind of box a stream.
    ///
    /// # Errors
    ///
    /// Headers that cannot be read; more datasets than there are streams; a packet size that cannot be; a reserved type of dataset.
    pub fn new<S: Source>(file: &'s File<S>, options: &MuxOptions) -> Result<Self> {
        Packetizer::new(options.packet_size)?;
        let boxes = file.boxes()?;
        let first = boxes.first().map_or((0, 0), BoxRef::range);
        let header = Parcel::of_range(FILE_HEADER, file.source(), first);
        let (mut sids, mut notes, mut groups) = (Sids::new(), Notes::default(), vec![]);
        notes.unknown_of(boxes.iter().filter(|node| node.key() != *b"flhd" && node.key() != *b"dgcn" && node.table().is_none()));
        for one in file.groups()? {
            let made = groups::group(&one, &mut sids, &mut notes)?;
            if !made.datasets.is_empty() {
                groups.push(made);
            }
        }
        Ok(Mux { options: *options, header, groups, notes: notes.0 })
    }

    /// What of the file is not sent, in words: streams have no place for it.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The packets, from the first one.
    ///
    /// # Errors
    ///
    /// None that [`new`](Self::new) does not give.
    pub fn packets(&self) -> Result<Packets<'_, 's>> {
        Packets::new(self)
    }

    /// All boxes in their order.
    fn parcels(&self) -> impl Iterator<Item = Result<Outgoing<'_, 's>>> + '_ {
        let front = self.groups.iter().flat_map(|group| &group.front).map(Outgoing::Kept);
        let datasets = self.groups.iter().flat_map(|group| &group.datasets).flat_map(MuxDataset::parcels);
        [Outgoing::Kept(&self.header), Outgoing::Tables].into_iter().chain(front).map(Ok).chain(datasets)
    }
}

/// What is sent next.
enum Outgoing<'a, 's> {
    /// A box that was there from the beginning.
    Kept(&'a Parcel<'s>),
    /// A box that was made just now.
    Made(Parcel<'s>),
    /// The mapping tables.
    Tables,
    /// The end of a dataset, on this stream.
    End(u16),
}

impl<'s> Outgoing<'_, 's> {
    fn parcel(&self) -> Option<&Parcel<'s>> {
        match self {
            Outgoing::Kept(parcel) => Some(parcel),
            Outgoing::Made(parcel) => Some(parcel),
            Outgoing::Tables | Outgoing::End(_) => None,
        }
    }
}

impl<'s> MuxDataset<'s> {
    fn parcels(&self) -> impl Iterator<Item = Result<Outgoing<'_, 's>>> + '_ {
        let (front, boxes): (&[Parcel<'s>], &[Parcel<'s>]) = match &self.content {
            Content::Annotation(tables) => (&tables.front, &tables.boxes),
            Content::Sequencing(_) => (&[], &[]),
        };
        let units: Box<dyn Iterator<Item = Result<Parcel<'s>>> + '_> = match &self.content {
            Content::Annotation(tables) => Box::new(tables.parcels()),
            Content::Sequencing(units) => Box::new(units.parcels()),
        };
        let kept = self.boxes.iter().chain(front).chain(boxes).map(|parcel| Ok(Outgoing::Kept(parcel)));
        kept.chain(units.map(|parcel| parcel.map(Outgoing::Made))).chain(std::iter::once(Ok(Outgoing::End(self.end))))
    }
}

/// What a user should know.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn add(&mut self, note: String) {
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    /// Tells of the boxes that a table does not list.
    fn unknown(&mut self, table: &'static Table, children: &[BoxRef<'_>]) {
        let known = |node: &&BoxRef<'_>| !listed(table).iter().any(|(_, table)| table.key == Some(node.key()));
        self.unknown_of(children.iter().filter(known));
    }

    fn unknown_of<'a, 's: 'a>(&mut self, boxes: impl Iterator<Item = &'a BoxRef<'s>>) {
        for node in boxes {
            self.add(format!("boxes of the unknown key `{}` have no stream, and are left out", node.key().escape_ascii()));
        }
    }
}
