//! What a selection of annotation data must give, worked out from the fields that a vector lists, and from nothing of the toolkit.

use crate::inputs::Vector;
use mpegg::access::annotation::{AnnotationSelection, GenomicRange};
use mpegg::file::Field;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

/// The fields of a file: first bit, number of bits and value, by path.
pub struct Listed<'v> {
    bytes: &'v [u8],
    fields: BTreeMap<&'v str, (u64, u64, &'v Value)>,
}

/// A number; wide ones are texts.
pub fn number_of(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// What is asked of rows or columns.
#[derive(Clone, Default)]
struct Asked {
    range: Option<RangeInclusive<u64>>,
    regions: Vec<GenomicRange>,
}

/// Rows or columns of a tile.
type Range = (u64, u64);

/// A group and the boxes that it depends on.
struct Group<'p> {
    table: &'p str,
    path: String,
    configuration: String,
    class: u64,
    main_columns: bool,
}

impl<'v> Listed<'v> {
    /// The lines of a vector.
    pub fn of(vector: &'v Vector) -> Listed<'v> {
        let lines = vector.json["lines"].as_array().map_or(&[][..], Vec::as_slice);
        let field = |line: &'v Value| (line[0].as_str().expect("a path"), (line[3].as_u64().expect("a bit"), line[4].as_u64().expect("bits"), &line[5]));
        Listed { bytes: &vector.bytes, fields: lines.iter().map(field).collect() }
    }

    /// A number; `None` where there is no such field.
    pub fn get(&self, path: &str) -> Option<u64> {
        self.fields.get(path).and_then(|(_, _, value)| number_of(value))
    }

    /// A number that is there.
    pub fn number(&self, path: &str) -> u64 {
        self.get(path).unwrap_or_else(|| panic!("no number {path}"))
    }

    /// Where a field stands: first bit and number of bits.
    pub fn place(&self, path: &str) -> (u64, u64) {
        self.fields.get(path).map(|(bit, bits, _)| (*bit, *bits)).unwrap_or_else(|| panic!("no field {path}"))
    }

    fn has_box(&self, path: &str) -> bool {
        self.fields.contains_key(format!("{path}.Key").as_str())
    }

    /// The paths of the boxes or array elements `stem[0]`, `stem[1]`, ... as long as they are there.
    pub fn boxes(&self, stem: &str) -> Vec<String> {
        (0..).map(|number| format!("{stem}[{number}]")).take_while(|path| self.has_box(path)).collect()
    }

    /// The datasets of annotation data.
    pub fn datasets(&self) -> Vec<String> {
        let all = self.boxes("dgcn").into_iter().flat_map(|group| self.boxes(&format!("{group}.dtcn")));
        all.filter(|path| self.get(&format!("{path}.dthd.dataset_type")) == Some(3)).collect()
    }

    /// The annotation tables of a dataset, in logical order.
    pub fn tables(&self, dataset: &str) -> Vec<String> {
        self.boxes(&format!("{dataset}.atcn"))
    }

    /// The Value of a box: its bytes.
    fn value(&self, path: &str) -> Vec<u8> {
        let start = self.place(&format!("{path}.Key")).0 as usize / 8;
        let length = self.number(&format!("{path}.Length")) as usize;
        self.bytes[start + 12..start + length].to_vec()
    }

    /// The bytes of everything below a path.
    fn below(&self, path: &str) -> &[u8] {
        let prefix = format!("{path}.");
        let places = || self.fields.range(prefix.as_str()..).take_while(|(path, _)| path.starts_with(&prefix)).map(|(_, (bit, bits, _))| (*bit, *bits));
        let start = places().map(|(bit, _)| bit).min().expect("a field") as usize / 8;
        let end = places().map(|(bit, bits)| bit + bits).max().expect("a field") as usize / 8;
        &self.bytes[start..end]
    }

    /// The data units of a selection.
    pub fn units(&self, dataset: &str, selection: &AnnotationSelection) -> Vec<u8> {
        let (mut sets, mut units) = (BTreeSet::new(), vec![]);
        for table in self.tables(dataset) {
            let at_id = self.number(&format!("{table}.athd.AT_ID"));
            if selection.tables.as_ref().is_some_and(|tables| tables.iter().all(|id| u64::from(*id) != at_id)) {
                continue;
            }
            let before = units.len();
            self.table(&table, selection, &mut units);
            if units.len() > before {
                sets.insert(self.number(&format!("{table}.athd.parameter_set_ID")));
            }
        }
        let mut out = vec![];
        for set in self.boxes(&format!("{dataset}.pars")) {
            if sets.remove(&self.number(&format!("{set}.parameter_set_ID"))) {
                let value = self.value(&set);
                // dataset_group_ID, dataset_ID, parameter_set_ID, parent_parameter_set_ID, then the parameters.
                let parameters = &value[5..];
                out.extend((3u64 << 32 | (5 + 1 + parameters.len() as u64)).to_be_bytes()[3..].iter());
                out.push(value[3]);
                out.extend(parameters);
            }
        }
        out.extend(units);
        out
    }

    fn table(&self, table: &str, selection: &AnnotationSelection, out: &mut Vec<u8>) {
        let groups = self.boxes(&format!("{table}.agcn"));
        let main = groups.iter().find(|group| self.number(&format!("{group}.aghd.AG_class")) == 0);
        let main_columns = main.is_none_or(|main| self.number(&format!("{main}.aghd.two_dimensional")) == 1);
        for path in groups {
            let class = self.number(&format!("{path}.aghd.AG_class"));
            if selection.groups.as_ref().is_some_and(|groups| groups.iter().all(|wanted| u64::from(*wanted) != class)) {
                continue;
            }
            let of_class = |path: &String| self.number(&format!("{path}.AG_class")) == class;
            let configuration = self.boxes(&format!("{table}.agtc")).into_iter().find(of_class).expect("a configuration");
            let group = Group { table, path, configuration, class, main_columns };
            for unit in self.boxes(&format!("{}.aauc", group.path)) {
                self.unit(&group, &unit, selection, out);
            }
        }
    }

    /// What a selection asks of the rows and columns of a group.
    fn asked(&self, group: &Group<'_>, selection: &AnnotationSelection) -> (Asked, Asked) {
        let only_columns = self.number(&format!("{}.athd.AT_genomic_pos_sort_mode", group.table)) == 2;
        let mut rows = Asked { range: selection.rows.clone(), regions: selection.regions.clone() };
        let mut columns = Asked { range: selection.columns.clone(), regions: selection.column_regions.clone() };
        if only_columns && group.main_columns {
            columns.regions.append(&mut rows.regions);
        }
        match group.class {
            0 => (rows, columns),
            1 | 3 => (rows, Asked::default()),
            2 | 4 => (columns, Asked::default()),
            _ => (Asked::default(), Asked::default()),
        }
    }

    fn unit(&self, group: &Group<'_>, unit: &str, selection: &AnnotationSelection, out: &mut Vec<u8>) {
        let header = |name: &str| self.get(&format!("{unit}.aauh.{name}"));
        let own_field = header("is_attribute").map(|_| match header("attribute_ID") {
            Some(id) => Field::Attribute(id as u16),
            None => Field::Descriptor(header("descriptor_ID").expect("a descriptor") as u8),
        });
        let (rows, columns) = self.asked(group, selection);
        let free = rows.range.is_none() && rows.regions.is_empty() && columns.range.is_none() && columns.regions.is_empty();
        let count = header("n_AAU_blocks").expect("a count");
        let block = |number: u64| format!("{unit}.AAU_block[{number}]");
        let field_of = |number: u64| {
            own_field.unwrap_or_else(|| {
                let id = |name: &str| self.get(&format!("{}.aau_block_header.{name}", block(number)));
                id("attribute_ID").map_or_else(|| Field::Descriptor(id("descriptor_ID").expect("a descriptor") as u8), |id| Field::Attribute(id as u16))
            })
        };
        let wanted_field = |field: Field| selection.fields.is_empty() || selection.fields.contains(&field);
        let tile_of = |number: u64| match header("tile_index_1") {
            Some(first) => self.tile(group, 0, first, header("tile_index_2")),
            None => {
                let structure = self.structure(group, own_field.expect("a field"));
                let length = header("n_tiles_per_row").or(header("n_tiles_per_col"));
                match length {
                    None => self.tile(group, structure, number, None),
                    Some(length) if header("n_tiles_per_row").is_some() => self.tile(group, structure, number / length, Some(number % length)),
                    Some(length) => self.tile(group, structure, number % length, Some(number / length)),
                }
            }
        };
        let touches = |number: u64| free || tile_of(number).touches(&rows, &columns);
        let blocks: Vec<u64> = (0..count).filter(|number| wanted_field(field_of(*number)) && touches(if own_field.is_some() { *number } else { 0 })).collect();
        if blocks.is_empty() && *selection != AnnotationSelection::default() {
            return;
        }
        let mut value = self.value(&format!("{unit}.aauh"));
        let base = self.place(&format!("{unit}.aauh.Key")).0 + 96;
        let (bit, bits) = self.place(&format!("{unit}.aauh.n_AAU_blocks"));
        for (number, place) in (0..bits).rev().zip(bit - base..) {
            let mask = 0x80u8 >> (place % 8);
            value[place as usize / 8] &= !mask;
            if (blocks.len() as u64) >> number & 1 == 1 {
                value[place as usize / 8] |= mask;
            }
        }
        let payload: Vec<u8> = blocks.iter().flat_map(|number| self.below(&block(*number))).copied().collect();
        out.extend((4u64 << 32 | (5 + value.len() + payload.len()) as u64).to_be_bytes()[3..].iter());
        out.extend(value);
        out.extend(payload);
    }

    /// The number of the tile structure of a field.
    fn structure(&self, group: &Group<'_>, field: Field) -> usize {
        let (name, id) = match field {
            Field::Attribute(id) => ("attribute_ID", u64::from(id)),
            Field::Descriptor(id) => ("descriptor_ID", u64::from(id)),
        };
        let listed = |structure: usize| {
            let element = |number: usize| self.get(&format!("{}.{name}[{structure}][{number}]", group.configuration));
            (0..).map_while(element).any(|listed| listed == id)
        };
        let additional = self.boxes(&format!("{}.adts", group.configuration)).len() - 1;
        (0..additional).find(|structure| listed(*structure)).map_or(0, |structure| structure + 1)
    }

    /// A tile by its number, or by its row and column.
    fn tile(&self, group: &Group<'_>, structure: usize, first: u64, second: Option<u64>) -> Tile {
        let adts = format!("{}.adts[{structure}]", group.configuration);
        let dimensions = 1 + self.number(&format!("{}.aghd.two_dimensional", group.path));
        let variable = self.number(&format!("{adts}.variable_size_tiles")) == 1;
        let range = |dimension: u64| -> Range {
            let size = self.number(&format!("{}.aghd.dimension_size[{dimension}]", group.path));
            if variable {
                let end = |name: &str| self.number(&format!("{adts}.{name}[{first}][{dimension}]"));
                (end("start_index"), end("end_index").min(size - 1))
            } else {
                let tile = if dimension == 0 { first } else { second.expect("a column") };
                let tile_size = u128::from(self.number(&format!("{adts}.tile_size[{dimension}]")));
                let start = u128::from(tile) * tile_size;
                (start as u64, (start + tile_size).min(u128::from(size)) as u64 - 1)
            }
        };
        let entry = |dimension: u64| if variable || dimension == 0 { first } else { second.expect("a column") };
        let places = (0..dimensions).map(|dimension| self.positions(group, structure, entry(dimension), dimension)).collect();
        Tile { ranges: (0..dimensions).map(range).collect(), places }
    }

    /// First and last position of an entry of a genomic range index, by the names of chromosomes, and those between.
    fn positions(&self, group: &Group<'_>, structure: usize, entry: u64, dimension: u64) -> Option<Positions> {
        let groups: Vec<u64> = (0..).map_while(|number| self.get(&format!("{}.atix.AG_class[{number}]", group.table))).collect();
        let structures = |class: &u64| {
            let of_class = |path: &String| self.number(&format!("{path}.AG_class")) == *class;
            let configuration = self.boxes(&format!("{}.agtc", group.table)).into_iter().find(of_class).expect("a configuration");
            self.boxes(&format!("{configuration}.adts")).len()
        };
        let before: usize = groups.iter().take_while(|class| **class != group.class).map(structures).sum();
        let grix = format!("{}.atix.grix[{}]", group.table, before + structure);
        if !self.has_box(&grix) {
            return None;
        }
        let dimension = if self.number(&format!("{grix}.index_2d")) == 1 { dimension } else { 0 };
        let value = |name: &str| self.get(&format!("{grix}.{name}[{entry}][{dimension}]"));
        let (start, end) = (value("start_chr_idx")?, value("end_chr_idx")?);
        let name = |number: u64| self.fields[format!("{grix}.chr_ID[{dimension}][{number}]").as_str()].2.as_str().expect("a name").to_owned();
        Some(Positions { names: (start..=end).map(name).collect(), first: value("start_pos")?, last: value("end_pos")? })
    }
}

struct Tile {
    ranges: Vec<Range>,
    places: Vec<Option<Positions>>,
}

/// Chromosomes that follow each other, from a position on the first to one on the last.
struct Positions {
    names: Vec<String>,
    first: u64,
    last: u64,
}

impl Positions {
    fn touch(&self, region: &GenomicRange) -> bool {
        region.start <= region.end
            && (0..self.names.len()).any(|number| {
                let from = if number == 0 { self.first } else { 0 };
                let to = if number + 1 == self.names.len() { self.last } else { u64::MAX };
                self.names[number] == region.chromosome && from <= region.end && to >= region.start
            })
    }
}

impl Tile {
    fn touches(&self, rows: &Asked, columns: &Asked) -> bool {
        [rows, columns].into_iter().enumerate().all(|(dimension, asked)| {
            let by_range = asked.range.as_ref().is_none_or(|range| {
                let (start, end) = self.ranges[dimension];
                range.start() <= range.end() && *range.start() <= end && *range.end() >= start
            });
            by_range && (asked.regions.is_empty() || asked.regions.iter().any(|region| self.places[dimension].as_ref().expect("positions").touch(region)))
        })
    }
}
