//! The index of an annotation table: its groups, and the indexes of values (6.5.2.4).

use super::genomic_ranges::{self, InPlace};
use super::strings;
use super::units::structure_of;
use crate::tables::{AnnotationTableIndex, AttributeGroupTileConfiguration, AttributeValueIndex, StringIndex};
use crate::validate::finding::Findings;
use crate::validate::model::{FieldId, Node, Parts};
use crate::validate::rule::{Rule, rules};
use crate::walk::read_head;
use mpegg_runtime::Result;
use mpegg_runtime::typed::OrOffset;
use std::collections::{HashMap, HashSet};

rules! {
    /// The index has each attribute group of the table once.
    CLASS: Error "atix.AG_class" "6.5.2.4.3"
    /// A descriptor that is indexed is one of the group.
    DESCRIPTOR: Error "avix.index_descriptor_ID" "6.5.2.4.5.3"
    /// An attribute that is indexed is one of the group.
    ATTRIBUTE: Error "avix.index_attribute_ID" "6.5.2.4.5.3"
    /// An index lists a field once.
    TWICE: Error "avix.field_unique" "6.5.2.4.5.3"
    /// An index is about a field.
    NOTHING: Note "avix.no_fields" "6.5.2.4.5.3"
    /// The fields of a string index have the same tile structure.
    STRUCTURE: Error "avix.tile_structure" "7.1.1"
    /// A part of a string index belongs to a field of the index.
    PART: Error "mshd.field" "7.1.3.1"
    /// A tile of a string index is one of the tile structure, and is listed once.
    TILE: Error "ssix.tile_index_1" "7.1.4.3"
    /// An access unit of a string index is one of the group, by its number or by its field, and is listed once.
    UNIT: Error "ssix.au_id" "7.1.4.3"
    /// The text of a tile or an access unit begins in the text of the index, and not before that of the one in front of it.
    OFFSET: Error "ssix.offset" "7.1.4.3"
    /// A tile or an access unit is in one part of a string index.
    PART_TWICE: Error "ssix.unit_unique" "7.1.2"
}

/// The fields whose data is in a string index: the class of the group, and the field.
#[derive(Default)]
pub(super) struct Indexed(HashSet<(u64, FieldId)>);

impl Indexed {
    /// Whether a field is one of them.
    pub fn contains(&self, class: u64, field: FieldId) -> bool {
        self.0.contains(&(class, field))
    }
}

/// Checks the index of a table. Returns the fields with a string index, unless it cannot be known.
///
/// # Errors
///
/// I/O.
pub(super) fn check(node: &Node, parts: &Parts, findings: &mut Findings) -> Result<Option<Indexed>> {
    let Some(found) = node.decode(|r| AnnotationTableIndex::read_box(r, &parts.header.value, &parts.configurations, &parts.headers))? else {
        return Ok(None);
    };
    let (mut seen, mut indexed, mut known) = (HashSet::new(), Indexed::default(), true);
    let (mut ranges, mut values) = (0, 0);
    for (i, of_group) in (0u64..).zip(&found.value.groups) {
        let class = of_group.ag_class.code();
        if !seen.insert(class) {
            findings.field(&CLASS, found.at, "AG_class", &[i], format!("the class {class} stands before"));
        }
        let Some(number) = parts.group_of(class) else {
            findings.field(&CLASS, found.at, "AG_class", &[i], format!("the table has no group of the class {class}"));
            continue;
        };
        let configuration = parts.configuration_of(class).and_then(|number| parts.configurations.get(number));
        let (Some(group), Some(part), Some(configuration)) = (parts.headers.get(number), parts.groups.get(number), configuration) else { continue };
        let additional = configuration.add_tile_structures.iter().map(|additional| &additional.additional_tile_structure);
        let structures = std::iter::once(&configuration.default_tile_structure).chain(additional);
        let all = of_group.default_genomic_range_index.iter().chain(&of_group.additional_genomic_range_index);
        for (index, structure) in all.zip(structures) {
            genomic_ranges::check(&InPlace { at: found.at, number: ranges, index, group, part, structure }, parts, findings);
            ranges += 1;
        }
        for value in &of_group.attribute_value_index {
            let mut of = OfIndex { parts, configuration, class, at: found.at, prefix: format!("avix[{values}]."), findings: &mut *findings };
            values += 1;
            match value {
                OrOffset::Here(index) => of.check(index, &mut indexed),
                OrOffset::Elsewhere { offset: u64::MAX, .. } => {}
                OrOffset::Elsewhere { offset, .. } => match elsewhere(node, *offset, parts, class)? {
                    Some((at, index)) => {
                        (of.at, of.prefix) = (at, String::new());
                        of.check(&index, &mut indexed);
                    }
                    None => known = false,
                },
            }
        }
    }
    Ok(known.then_some(indexed))
}

/// An index that stands at another place of the file.
fn elsewhere(node: &Node, offset: u64, parts: &Parts, class: u64) -> Result<Option<(u64, AttributeValueIndex)>> {
    let Ok(head) = read_head(&node.source, offset, node.source.len()) else { return Ok(None) };
    if head.key != AttributeValueIndex::KEY {
        return Ok(None);
    }
    let target = Node::in_file(&node.source, head, &node.limits, &node.tails);
    let read = |r: &mut mpegg_runtime::bits::BitReader<'_>| {
        AttributeValueIndex::read_box(r, &parts.header.value, &parts.configurations, &parts.headers, i128::from(class))
    };
    Ok(target.decode(read)?.map(|found| (found.at, found.value)))
}

struct OfIndex<'i> {
    parts: &'i Parts,
    configuration: &'i AttributeGroupTileConfiguration,
    class: u64,
    at: u64,
    prefix: String,
    findings: &'i mut Findings,
}

impl OfIndex<'_> {
    fn field(&mut self, rule: &'static Rule, below: &str, message: String) {
        let below = format!("{}{below}", self.prefix);
        self.findings.below(rule, self.at, below, message);
    }

    fn check(&mut self, index: &AttributeValueIndex, indexed: &mut Indexed) {
        let descriptors = index.index_descriptor_id.iter().enumerate().map(|(i, id)| (format!("index_descriptor_ID[{i}]"), (false, u16::from(*id))));
        let attributes = index.index_attribute_id.iter().enumerate().map(|(i, id)| (format!("index_attribute_ID[{i}]"), (true, *id)));
        let listed: Vec<(String, FieldId)> = descriptors.chain(attributes).collect();
        let fields = self.parts.fields(self.class);
        let is_strings = matches!(index.index_type.code(), 0 | 2);
        let mut seen = HashSet::new();
        for (name, field) in &listed {
            if fields.as_ref().is_some_and(|fields| !fields.contains(field)) {
                let rule = if field.0 { &ATTRIBUTE } else { &DESCRIPTOR };
                self.field(rule, name, format!("the group {} has no such field {}", self.class, field.1));
            }
            if !seen.insert(*field) {
                self.field(&TWICE, name, format!("the field {} is listed before", field.1));
            }
            let first = listed.first().map_or(*field, |(_, first)| *first);
            if is_strings && !std::ptr::eq(structure_of(self.configuration, first), structure_of(self.configuration, *field)) {
                self.field(&STRUCTURE, name, format!("the field {} has another tile structure than the first one", field.1));
            }
            if is_strings {
                indexed.0.insert((self.class, *field));
            }
        }
        if listed.is_empty() {
            self.field(&NOTHING, "n_index_attributes", "the index is about no field".to_owned());
        }
        self.strings(index, &seen);
    }

    fn strings(&mut self, index: &AttributeValueIndex, fields: &HashSet<FieldId>) {
        let Some(strings) = &index.master_string_index else { return };
        for (i, part) in strings.master_string_index_header.indices.iter().enumerate() {
            let (name, field) = match (part.attribute_id, part.descriptor_id) {
                (Some(attribute), _) => ("attribute_ID", (true, attribute)),
                (None, descriptor) => ("descriptor_ID", (false, u16::from(descriptor.unwrap_or(0)))),
            };
            if !fields.contains(&field) {
                self.field(&PART, &format!("msix.mshd.{name}[{i}]"), format!("the index does not list the field {}", field.1));
            }
        }
        for (j, part) in strings.string_index.iter().enumerate() {
            self.part(j, part, index, fields);
        }
        self.parts(index, &strings.string_index);
    }

    /// What the parts have in common, and the texts in them.
    fn parts(&mut self, index: &AttributeValueIndex, parts: &[StringIndex]) {
        let mut seen: HashMap<(u64, Option<u64>), usize> = HashMap::new();
        for (j, part) in parts.iter().enumerate() {
            let tiles = part.tiles.iter().map(|tile| ("tile_index_1", (tile.tile_index_1, tile.tile_index_2)));
            let units = part.aus.iter().map(|unit| ("au_id", (u64::from(unit.au_id), None)));
            for (i, (name, unit)) in tiles.enumerate().chain(units.enumerate()) {
                if let Some(before) = seen.insert(unit, j).filter(|before| *before != j) {
                    self.field(&PART_TWICE, &format!("msix.ssix[{j}].{name}[{i}]"), format!("the part {before} has it too"));
                }
            }
            let strings = index.index_descriptor_id.len().saturating_add(index.index_attribute_id.len());
            for (rule, below, message) in strings::problems(part, strings) {
                self.field(rule, &format!("msix.ssix[{j}].{below}"), message);
            }
        }
    }

    fn part(&mut self, j: usize, part: &StringIndex, index: &AttributeValueIndex, fields: &HashSet<FieldId>) {
        let first = index.index_descriptor_id.first().map(|id| (false, u16::from(*id))).or(index.index_attribute_id.first().map(|id| (true, *id)));
        let structure = first.map_or(&self.configuration.default_tile_structure, |field| structure_of(self.configuration, field));
        let group = self.parts.group_of(self.class).and_then(|number| self.parts.headers.get(number));
        let rows = match group.filter(|group| group.two_dimensional).and_then(|group| super::units::uniform(structure, group)) {
            Some([rows, columns]) => Some((rows, columns)),
            None => Some((structure.n_tiles, 1)),
        };
        let mut seen = HashSet::new();
        for (i, tile) in part.tiles.iter().enumerate() {
            let (one, two) = (tile.tile_index_1, tile.tile_index_2.unwrap_or(0));
            if rows.is_some_and(|(rows, columns)| one >= rows || two >= columns) {
                self.field(&TILE, &format!("msix.ssix[{j}].tile_index_1[{i}]"), format!("there is no tile {one}, {two}"));
            } else if !seen.insert((one, two)) {
                self.field(&TILE, &format!("msix.ssix[{j}].tile_index_1[{i}]"), format!("the tile {one}, {two} is listed before"));
            }
        }
        let units = self.parts.group_of(self.class).and_then(|number| self.parts.groups.get(number)).map_or(0, |part| part.units.len());
        let by_field = group.is_some_and(|group| group.attribute_contiguity);
        let mut seen = HashSet::new();
        for (i, unit) in part.aus.iter().enumerate() {
            let known = if by_field { fields.iter().any(|(_, id)| u32::from(*id) == unit.au_id) } else { (unit.au_id as usize) < units };
            if !known {
                self.field(&UNIT, &format!("msix.ssix[{j}].au_id[{i}]"), format!("there is no access unit {}", unit.au_id));
            } else if !seen.insert(unit.au_id) {
                self.field(&UNIT, &format!("msix.ssix[{j}].au_id[{i}]"), format!("the access unit {} is listed before", unit.au_id));
            }
        }
        let text = strings::length_of_text(part);
        let of_units = part.aus.iter().map(|unit| ("au_offset", unit.au_offset));
        let of_tiles = part.tiles.iter().map(|tile| ("tile_offset", tile.tile_offset));
        let mut before = 0;
        let offsets: Vec<_> = if part.tiles.is_empty() { of_units.enumerate().collect() } else { of_tiles.enumerate().collect() };
        for (i, (name, offset)) in offsets {
            let Some(offset) = offset else { continue };
            if offset >= text || offset < before {
                self.field(&OFFSET, &format!("msix.ssix[{j}].{name}[{i}]"), format!("the offset {offset} in a text of {text} bytes, behind {before}"));
            }
            before = offset;
        }
    }
}
