//! What a file says, before a bit of it is written. Names are the standard's; fields that follow from others (counts, flags of
//! presence, offsets) are not here.

mod annotation;
mod group;
mod sequencing;
mod strings;

pub use annotation::{
    AnnotationBlock, AnnotationTable, AnnotationUnit, AttributeGroup, Coordinate, Field, GenomicRange, GenomicRangeIndex, Tile, TileSizes, TileStructure,
    UnitKey,
};
pub use group::{Label, LabelDataset, LabelRegion, Labels, Location, Reference, ReferenceKind, ReferenceSequence};
pub(crate) use sequencing::letter_index;
pub use sequencing::{
    ALPHABETS, Block, Class, EmptyBlocks, Form, ParameterSet, Sequence, Sequencing, Signatures, Storage, Stream, Unit, bits_per_symbol, signature_number,
};
pub use strings::{StringIndex, StringPart, StringUnit, StringUnitId};

/// A key of a box.
pub type Key = [u8; 4];

/// Where a box stands that an `offs` may address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Where the table puts it.
    #[default]
    Here,
    /// Behind the last group; an `offs` is where the table puts it.
    Away,
    /// Away, and another box of the kind, to be ignored, stands in front of the `offs`.
    StaleFirst,
    /// Away, and another box of the kind, to be ignored, stands behind the `offs`.
    StaleLast,
}

/// A box whose Value other parts define.
#[derive(Clone, Debug)]
pub struct Opaque {
    /// Its Key.
    pub key: Key,
    /// What other parts define: the identifiers in front are added.
    pub value: Vec<u8>,
    /// Where it stands.
    pub place: Place,
}

/// What may stand in a container without meaning.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// SubKeys of `offs` that address nothing.
    pub placeholders: Vec<Key>,
    /// Boxes of unknown keys: behind how many others, Key, Value.
    pub unknown: Vec<(usize, Key, Vec<u8>)>,
}

/// A file.
#[derive(Clone, Debug)]
pub struct File {
    /// `1900` selects the layouts of the first edition.
    pub minor_version: Key,
    /// compatible_brand.
    pub brands: Vec<Key>,
    /// The dataset groups.
    pub groups: Vec<Group>,
    /// Unknown boxes at the top level; the first place is behind `flhd`.
    pub extras: Extras,
}

impl File {
    /// Whether `minor_version` is `1900`.
    pub fn first_edition(&self) -> bool {
        self.minor_version == *b"1900"
    }

    /// Whether an unknown box stands anywhere.
    pub fn has_unknown_boxes(&self) -> bool {
        let groups = self.groups.iter().flat_map(|group| std::iter::once(&group.extras).chain(group.labels.iter().map(|labels| &labels.extras)));
        let datasets = self.groups.iter().flat_map(|group| &group.datasets);
        let tables = datasets.clone().filter_map(|dataset| if let Content::Annotation(tables) = &dataset.content { Some(tables) } else { None }).flatten();
        let attributes = tables.clone().flat_map(|table| table.groups.iter().map(|group| &group.extras));
        let containers = groups.chain(datasets.map(|dataset| &dataset.extras)).chain(tables.map(|table| &table.extras)).chain(attributes);
        std::iter::once(&self.extras).chain(containers).any(|extras| !extras.unknown.is_empty())
    }

    /// The group of that dataset_group_ID.
    pub fn group(&self, id: u8) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }
}

/// A dataset group.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// dataset_group_ID.
    pub id: u8,
    /// version_number.
    pub version: u8,
    /// Where `dghd` stands.
    pub place: Place,
    /// The references.
    pub references: Vec<Reference>,
    /// reference_metadata: reference_ID and box.
    pub reference_metadata: Vec<(u8, Opaque)>,
    /// The label list.
    pub labels: Option<Labels>,
    /// dgmd, dgcd, dgpr.
    pub boxes: Vec<Opaque>,
    /// The datasets.
    pub datasets: Vec<Dataset>,
    /// Placeholders and unknown boxes.
    pub extras: Extras,
}

impl Group {
    /// The dataset of that dataset_ID.
    pub fn dataset(&self, id: u16) -> Option<&Dataset> {
        self.datasets.iter().find(|dataset| dataset.id == id)
    }
}

/// A dataset.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// dataset_ID.
    pub id: u16,
    /// version of Part 2 or Part 6.
    pub version: Key,
    /// byte_offset_size_flag: offsets of 64 bits.
    pub wide_offsets: bool,
    /// Where `dtcn` stands.
    pub place: Place,
    /// dtmd, dtmt, dtcd, dtpr.
    pub boxes: Vec<Opaque>,
    /// The parameter sets, in file order.
    pub parameter_sets: Vec<ParameterSet>,
    /// What the dataset holds.
    pub content: Content,
    /// Placeholders and unknown boxes.
    pub extras: Extras,
}

/// What a dataset holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// dataset_type 0, 1 and 2.
    Sequencing(Box<Sequencing>),
    /// dataset_type 3.
    Annotation(Vec<AnnotationTable>),
}

impl Dataset {
    /// What dataset types 0, 1 and 2 hold.
    pub fn sequencing(&self) -> Option<&Sequencing> {
        match &self.content {
            Content::Sequencing(content) => Some(content),
            Content::Annotation(_) => None,
        }
    }

    /// byteOffsetSize.
    pub fn offset_size(&self) -> u32 {
        if self.wide_offsets { 64 } else { 32 }
    }

    /// How the access units of a parameter set are written: its own form, or that of the dataset header.
    pub fn form(&self, parameter_set: u8) -> Option<&Form> {
        let set = self.parameter_sets.iter().find(|set| set.id == parameter_set)?;
        set.form.as_ref().or(self.sequencing().map(|content| &content.form))
    }
}
