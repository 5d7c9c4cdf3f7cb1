//! A dataset, and what is in it.

use super::{Found, Node, Origin, Unit};
use crate::tables::{AnnotationTableHeader, AttributeGroupHeader, DatasetHeader, DatasetParameterSet, DescriptorStreamHeader, FileHeader, descriptions};
use mpegg_runtime::Result;

/// A dataset.
#[derive(Default)]
pub struct Dataset<'s> {
    /// The container; a stream has none.
    pub node: Option<Node<'s>>,
    /// Its header.
    pub header: Option<Found<DatasetHeader>>,
    /// Its parameter sets, and where each stands.
    pub sets: Vec<DatasetParameterSet>,
    pub sets_at: Vec<u64>,
    /// Its master index table.
    pub table: Option<Node<'s>>,
    /// The access units of a stream: its SID, first byte and length of each piece. Those of a file are found when they are asked for.
    pub arrived: Vec<(u16, Vec<(u64, u64)>)>,
    /// Of a stream: its bytes.
    pub origin: Option<Origin<'s>>,
    /// Its descriptor streams.
    pub streams: Vec<DescriptorStream>,
    /// Its annotation tables.
    pub tables: Vec<AnnotationTable<'s>>,
}

/// A descriptor stream.
pub struct DescriptorStream {
    /// The byte of its Key.
    pub at: u64,
    /// Its header.
    pub header: Option<Found<DescriptorStreamHeader>>,
    /// The first byte of its payload, and the first behind it.
    pub payload: (u64, u64),
}

/// An annotation table.
#[derive(Default)]
pub struct AnnotationTable<'s> {
    /// Its header.
    pub header: Option<Found<AnnotationTableHeader>>,
    /// Its tile configurations.
    pub configurations: Vec<Node<'s>>,
    /// Its index.
    pub index: Option<Node<'s>>,
    /// Its attribute groups.
    pub groups: Vec<AttributeGroup<'s>>,
}

/// An attribute group.
pub struct AttributeGroup<'s> {
    /// Where it begins in its source.
    pub offset: u64,
    /// The byte at which it begins; of a stream, at which its header does.
    pub at: u64,
    /// Its header.
    pub header: Option<Found<AttributeGroupHeader>>,
    /// Its access units.
    pub units: Vec<Node<'s>>,
}

impl AnnotationTable<'_> {
    /// AT_ID, where the header can be read.
    pub fn id(&self) -> Option<u8> {
        Some(self.header.as_ref()?.value.at_id)
    }
}

impl AttributeGroup<'_> {
    /// AG_class, where the header can be read.
    pub fn class(&self) -> Option<u8> {
        u8::try_from(self.header.as_ref()?.value.ag_class.code()).ok()
    }
}

impl<'s> Dataset<'s> {
    /// dataset_ID, where the header can be read.
    pub fn id(&self) -> Option<u16> {
        Some(self.header.as_ref()?.value.dataset_id)
    }

    /// The parameter sets with the bytes of their Keys.
    pub fn sets(&self) -> impl Iterator<Item = (u64, &DatasetParameterSet)> {
        self.sets_at.iter().copied().zip(&self.sets)
    }

    /// The access units in the order of storage or arrival, read one by one; nothing of a dataset whose header cannot be read.
    pub fn units<'u>(&'u self, file: &'u FileHeader) -> Box<dyn Iterator<Item = Result<Unit<'s>>> + 'u> {
        let Some(header) = &self.header else { return Box::new(std::iter::empty()) };
        let in_file = self.node.iter().flat_map(|node| node.boxes(&descriptions::DATASET)).filter(|node| node.key() == *b"aucn");
        let arrived = self.origin.iter().flat_map(|origin| {
            let node = move |pieces: &Vec<(u64, u64)>| Node::in_pieces(origin, pieces, *b"aucn");
            self.arrived.iter().map(move |(_, pieces)| node(pieces))
        });
        let all = in_file.map(Ok).chain(arrived);
        Box::new(all.map(|node| Unit::read(node?, file, &header.value, &self.sets)))
    }
}
