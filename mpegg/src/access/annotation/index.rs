//! What is in the index of an annotation table (6.5.2.4), found without reading the data of its string indexes.

use crate::file::{AnnotationTable, BoxRef, Field};
use crate::tables::{AnnotationTableHeader, GenomicRangeIndex, descriptions};
use crate::walk::{Inside, Level, Step, Targets, first_child};
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::source::Source;
use mpegg_runtime::table::Table;
use mpegg_runtime::walk::{BoxHead, Cursor, FieldEvent, FieldValue, Visitor, walk_box};
use mpegg_runtime::{Error, Limits, Result};
use std::rc::Rc;

/// The index of a table.
pub(super) struct TableIndex<'s> {
    source: &'s dyn Source,
    limits: Limits,
    groups: Vec<GroupIndex>,
}

/// The index of an attribute group.
#[derive(Debug, Default, PartialEq, Eq)]
struct GroupIndex {
    ag_class: u64,
    /// Where its genomic range indexes stand: the default one, then the additional ones.
    ranges: Vec<Place>,
    /// The fields of its string indexes.
    strings: Vec<Field>,
    /// Value indexes that stand elsewhere, in bytes.
    elsewhere: Vec<u64>,
}

/// A box at any bit of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its first bit.
    pub bit: u64,
    /// Bytes.
    length: u64,
    /// How many of its key stand before it.
    ordinal: u64,
}

impl Place {
    /// The same error with this place where it has none, and the path of this box in its table in front.
    pub fn inside(&self, error: Error) -> Error {
        error.at(self.bit).in_field("grix", &[self.ordinal]).in_field("atix", &[])
    }
}

impl<'s> TableIndex<'s> {
    /// Of a table that has an index at `node`.
    ///
    /// # Errors
    ///
    /// I/O; an index that cannot be read.
    pub fn of(table: &AnnotationTable<'s>, node: &BoxRef<'s>) -> Result<TableIndex<'s>> {
        let (source, limits) = (node.source(), *node.limits());
        let level = level_of(table, source, &limits);
        let mut seen = Seen::default();
        walk(node, &descriptions::ANNOTATION_TABLE_INDEX, &level, &mut seen).map_err(|error| table.inside(error))?;
        let mut found = TableIndex { source, limits, groups: seen.groups };
        for group in &mut found.groups {
            let numbered = Targets::with_numbers(&level, vec![("AG_class", i128::from(group.ag_class))]);
            for offset in &group.elsewhere {
                let mut seen = Seen { groups: vec![GroupIndex::default()], ..Seen::default() };
                let node = node.elsewhere(*offset).map_err(|error| table.inside(error.in_field("atix", &[])))?;
                walk(&node, &descriptions::ATTRIBUTE_VALUE_INDEX, &numbered, &mut seen).map_err(|error| table.inside(error.in_field("atix", &[])))?;
                group.strings.extend(seen.groups.into_iter().flat_map(|group| group.strings));
            }
        }
        Ok(found)
    }

    /// The fields of the group of a class that are in string indexes.
    pub fn strings(&self, ag_class: u8) -> &[Field] {
        self.group(ag_class).map_or(&[], |group| &group.strings)
    }

    /// Where the genomic range index of a tile structure stands: 0 is the default structure, the additional ones follow.
    pub fn place(&self, ag_class: u8, structure: usize) -> Option<Place> {
        self.group(ag_class)?.ranges.get(structure).copied()
    }

    /// The genomic range index at a place.
    ///
    /// # Errors
    ///
    /// I/O; one that cannot be read.
    pub fn ranges(&self, place: Place, table: &AnnotationTableHeader, variable_size_tiles: bool) -> Result<GenomicRangeIndex> {
        let first = place.bit / 8;
        let bytes = place.bit.saturating_add(place.length.saturating_mul(8)).div_ceil(8).saturating_sub(first);
        if bytes > self.limits.allocation {
            return Err(Error::limit(
                place.bit,
                format!("a box of {} bytes is more than the {} that may be read at once", place.length, self.limits.allocation),
            ));
        }
        let mut buffer = vec![0; usize::try_from(bytes).map_err(|_| Error::limit(place.bit, "more bytes than fit the memory"))?];
        self.source.read_at(first, &mut buffer)?;
        let mut reader = BitReader::at(&buffer, first.saturating_mul(8));
        reader.skip(place.bit % 8)?;
        let read = GenomicRangeIndex::read_box(&mut reader, table, i128::from(variable_size_tiles));
        read.map_err(|error| place.inside(error))
    }

    fn group(&self, ag_class: u8) -> Option<&GroupIndex> {
        self.groups.iter().find(|group| group.ag_class == u64::from(ag_class))
    }
}

/// The containers around the index: what its table depends on is found there.
pub(crate) fn level_of<'s>(table: &AnnotationTable<'s>, source: &'s dyn Source, limits: &Limits) -> Rc<Level<'s>> {
    let top = Rc::new(Level::top(source, limits));
    let inside = |outer: &Rc<Level<'s>>, node: &BoxRef<'s>, table: &'static Table| {
        let step = Step { key: node.key(), ordinal: 0, repeats: false };
        Rc::new(outer.inside(table, first_child(table, node.offset()), node.offset().saturating_add(node.length()), step))
    };
    let dataset = inside(&top, table.dataset().node(), &descriptions::DATASET);
    inside(&dataset, table.node(), &descriptions::ANNOTATION_TABLE)
}

/// Walks the index, or a value index that stands elsewhere.
///
/// # Errors
///
/// I/O; a box that cannot be read.
pub(crate) fn walk<'s>(node: &BoxRef<'s>, table: &'static Table, level: &Rc<Level<'s>>, seen: &mut dyn Visitor) -> Result<()> {
    let end = node.offset().saturating_add(node.length());
    let mut cursor = Cursor::range(node.source(), node.offset().saturating_mul(8), end.saturating_mul(8));
    let key = node.key().escape_ascii().to_string();
    walk_box(&mut cursor, table, &Inside(level.clone()), seen, node.limits()).map(drop).map_err(|error| error.in_field(&key, &[]))
}

/// Gathers what an index tells.
#[derive(Default)]
struct Seen {
    groups: Vec<GroupIndex>,
    /// The fields of the value index around, and whether it is a string index.
    fields: Vec<Field>,
    strings: bool,
}

/// index_type of string indexes, without and with tiles (6.5.2.4.5.3).
const STRING_INDEXES: [u64; 2] = [0, 2];

impl Visitor for Seen {
    fn skips(&self, head: &BoxHead) -> bool {
        matches!(&head.key, b"grix" | b"msix")
    }

    fn enter_box(&mut self, head: &BoxHead) {
        if let (b"grix", Some(group)) = (&head.key, self.groups.last_mut()) {
            group.ranges.push(Place { bit: head.bit, length: head.length, ordinal: head.ordinal });
        }
    }

    fn leave_box(&mut self, head: &BoxHead) {
        if let (b"avix", Some(group)) = (&head.key, self.groups.last_mut()) {
            let fields = std::mem::take(&mut self.fields);
            group.strings.extend(fields.into_iter().filter(|_| self.strings));
        }
    }

    fn field(&mut self, event: &FieldEvent<'_>) {
        let FieldValue::Int(value) = event.value else { return };
        match event.name {
            "AG_class" => self.groups.push(GroupIndex { ag_class: value, ..GroupIndex::default() }),
            "index_descriptor_ID" => self.fields.extend(u8::try_from(value).map(Field::Descriptor)),
            "index_attribute_ID" => self.fields.extend(u16::try_from(value).map(Field::Attribute)),
            "index_type" => self.strings = STRING_INDEXES.contains(&value),
            "Offset" if value != u64::MAX => self.groups.last_mut().map_or((), |group| group.elsewhere.push(value)),
            _ => {}
        }
    }
}
