//! The value indexes of a table, found without reading the texts of string indexes: the walker reads everything in front of them.

use super::index::{SubIndex, Unit, UnitStart};
use crate::access::annotation::index::{level_of, walk};
use crate::file::annotation::TileIndex;
use crate::file::{AnnotationTable, BoxRef, Field};
use crate::tables::descriptions;
use crate::walk::Targets;
use mpegg_runtime::walk::{BoxHead, FieldEvent, FieldValue, Visitor};
use mpegg_runtime::{Error, Result};

/// index_type (6.5.2.4.5.3) of string indexes by access unit.
pub(super) const BY_UNIT: u8 = 0;
/// The same by tile.
pub(super) const BY_TILE: u8 = 2;

/// A value index (Table 62): a string index, or something that stays opaque.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub ag_class: u8,
    /// How many stand before it in the index of the table.
    pub number: u64,
    pub fields: Vec<Field>,
    pub compressed: bool,
    pub index_type: u8,
    /// The first bit of its box, and the bytes of it.
    pub bit: u64,
    pub length: u64,
    /// string_index_id.
    pub id: u16,
    /// The fields of the header, one a sub-index.
    listed: Vec<Field>,
    pub parts: Vec<SubIndex>,
}

impl Found {
    /// Whether it is a string index whose bytes are as they are.
    pub fn is_readable(&self) -> bool {
        !self.compressed && matches!(self.index_type, BY_UNIT | BY_TILE)
    }
}

/// The value indexes of a table that has an index at `node`, in the order of the file.
///
/// # Errors
///
/// I/O; an index that cannot be read; starts of units that do not ascend.
pub(super) fn value_indexes<'s>(table: &AnnotationTable<'s>, node: &BoxRef<'s>) -> Result<Vec<Found>> {
    let level = level_of(table, node.source(), node.limits());
    let mut seen = Seen::default();
    walk(node, &descriptions::ANNOTATION_TABLE_INDEX, &level, &mut seen).map_err(|error| table.inside(error))?;
    let mut found = vec![];
    for (number, (ag_class, place)) in (0..).zip(seen.places) {
        let mut index = match place {
            Place::Here(index) => index,
            Place::Elsewhere(offset) => {
                let inside = |error: Error| table.inside(error.in_field("atix", &[]));
                let numbered = Targets::with_numbers(&level, vec![("AG_class", i128::from(ag_class))]);
                let mut seen = Seen::default();
                let node = node.elsewhere(offset).map_err(inside)?;
                walk(&node, &descriptions::ATTRIBUTE_VALUE_INDEX, &numbered, &mut seen).map_err(inside)?;
                match seen.places.pop() {
                    Some((_, Place::Here(index))) => index,
                    _ => continue,
                }
            }
        };
        (index.ag_class, index.number) = (ag_class, number);
        check(&index).map_err(|error| table.inside(error.in_field("msix", &[]).in_field("avix", &[number]).in_field("atix", &[])))?;
        found.push(index);
    }
    Ok(found)
}

/// The strings of a unit end where those of the next one begin.
fn check(index: &Found) -> Result<()> {
    for part in &index.parts {
        let name = if index.index_type == BY_TILE { "tile_offset" } else { "au_offset" };
        let starts = part.units.iter().zip(part.units.iter().skip(1)).zip(1u64..);
        if let Some(((before, unit), number)) = starts.into_iter().find(|((before, unit), _)| unit.start < before.start) {
            let message = format!("{} begins at {} of the text, in front of the {} of {}", unit.unit, unit.start, before.start, before.unit);
            return Err(Error::malformed(part.bit, message).in_field(name, &[number]).in_field("ssix", &[part.number]));
        }
    }
    Ok(())
}

/// Where a value index stands.
enum Place {
    Here(Found),
    /// At this byte of the file.
    Elsewhere(u64),
}

/// Gathers what an index tells.
#[derive(Default)]
struct Seen {
    ag_class: u8,
    /// With the class of the group.
    places: Vec<(u8, Place)>,
    /// The value index around.
    current: Found,
    in_header: bool,
}

/// A number of a field of the width of its type.
fn fit<T: TryFrom<u64> + Default>(value: u64) -> T {
    T::try_from(value).unwrap_or_default()
}

impl Visitor for Seen {
    fn skips(&self, head: &BoxHead) -> bool {
        matches!(&head.key, b"grix" | b"csix")
    }

    fn enter_box(&mut self, head: &BoxHead) {
        match &head.key {
            b"avix" => self.current = Found { bit: head.bit, length: head.length, ..Found::default() },
            b"mshd" => self.in_header = true,
            b"ssix" => {
                let number = self.current.parts.len();
                let field = self.current.listed.get(number).copied();
                self.current.parts.push(SubIndex { number: number as u64, field, units: vec![], coding_mode: 0, bit: head.bit, length: 0 });
            }
            b"csix" => {
                if let Some(part) = self.current.parts.last_mut() {
                    (part.bit, part.length) = (head.bit, head.length);
                }
            }
            _ => {}
        }
    }

    fn leave_box(&mut self, head: &BoxHead) {
        match &head.key {
            b"avix" => self.places.push((self.ag_class, Place::Here(std::mem::take(&mut self.current)))),
            b"mshd" => self.in_header = false,
            _ => {}
        }
    }

    fn field(&mut self, event: &FieldEvent<'_>) {
        let FieldValue::Int(value) = event.value else { return };
        let index = &mut self.current;
        let fields = if self.in_header { &mut index.listed } else { &mut index.fields };
        match event.name {
            "AG_class" => self.ag_class = fit(value),
            "Offset" if value != u64::MAX => self.places.push((self.ag_class, Place::Elsewhere(value))),
            "index_descriptor_ID" | "descriptor_ID" => fields.push(Field::Descriptor(fit(value))),
            "index_attribute_ID" | "attribute_ID" => fields.push(Field::Attribute(fit(value))),
            "compress" => index.compressed = value == 1,
            "index_type" => index.index_type = fit(value),
            "string_index_id" => index.id = fit(value),
            _ => index.parts.last_mut().map_or((), |part| part.told(event.name, value)),
        }
    }
}

impl SubIndex {
    /// A field of its table.
    fn told(&mut self, name: &str, value: u64) {
        match (name, self.units.last_mut()) {
            ("au_id", _) => self.units.push(UnitStart { unit: Unit::AccessUnit(fit(value)), start: 0 }),
            ("tile_index_1", _) => self.units.push(UnitStart { unit: Unit::Tile(TileIndex { first: value, second: None }), start: 0 }),
            ("tile_index_2", Some(UnitStart { unit: Unit::Tile(tile), .. })) => tile.second = Some(value),
            ("au_offset" | "tile_offset", Some(unit)) => unit.start = fit(value),
            ("coding_mode", _) => self.coding_mode = fit(value),
            _ => {}
        }
    }
}
