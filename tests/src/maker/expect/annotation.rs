//! Which annotation access units, and which of their blocks, a query selects.

use super::super::model::{AnnotationTable, AnnotationUnit, AttributeGroup, Dataset, Field, GenomicRange, Tile, TileSizes, TileStructure, UnitKey};
use super::super::write::{annotation_block_header, annotation_unit_header};
use super::{parameter_sets, unit_of};

/// What is wanted of annotation tables. Each condition narrows the selection; regions and fields add up among themselves.
#[derive(Clone, Debug, Default)]
pub struct AnnotationQuery {
    /// AT_ID.
    pub table: Option<u8>,
    /// AG_class.
    pub group: Option<u8>,
    /// First and last row.
    pub rows: Option<(u64, u64)>,
    /// First and last column.
    pub columns: Option<(u64, u64)>,
    /// Chromosome, first and last position, 0-based: of the rows; of the columns where only they are sorted.
    pub regions: Vec<(String, u64, u64)>,
    /// The same of the columns, where rows are sorted too.
    pub column_regions: Vec<(String, u64, u64)>,
    /// The fields.
    pub fields: Vec<Field>,
}

impl AnnotationQuery {
    /// Whether nothing is asked.
    pub fn is_whole(&self) -> bool {
        self.table.is_none() && self.group.is_none() && self.no_tiles_asked() && self.fields.is_empty()
    }

    fn no_tiles_asked(&self) -> bool {
        self.rows.is_none() && self.columns.is_none() && self.regions.is_empty() && self.column_regions.is_empty()
    }

    /// The options of the command.
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![];
        let mut option = |name: &str, value: String| arguments.extend([name.to_owned(), value]);
        self.table.iter().for_each(|id| option("--table", id.to_string()));
        self.group.iter().for_each(|class| option("--group", class.to_string()));
        self.rows.iter().for_each(|(start, end)| option("--rows", format!("{start}-{end}")));
        self.columns.iter().for_each(|(start, end)| option("--columns", format!("{start}-{end}")));
        // Names count from 1.
        self.regions.iter().for_each(|(name, start, end)| option("--region", format!("{name}:{}-{}", start + 1, end + 1)));
        self.column_regions.iter().for_each(|(name, start, end)| option("--column-region", format!("{name}:{}-{}", start + 1, end + 1)));
        for field in &self.fields {
            match field {
                Field::Attribute(id) => option("--field", format!("attribute:{id}")),
                Field::Descriptor(id) => option("--field", format!("descriptor:{id}")),
            }
        }
        arguments
    }
}

/// The parameter sets that the selected units need, then the units in file order.
pub fn units(dataset: &Dataset, tables: &[AnnotationTable], query: &AnnotationQuery) -> Vec<u8> {
    let (mut sets, mut bytes) = (vec![], vec![]);
    for table in tables.iter().filter(|table| query.table.is_none_or(|id| id == table.id)) {
        let before = bytes.len();
        for group in table.groups.iter().filter(|group| query.group.is_none_or(|class| class == group.class)) {
            group.units.iter().filter_map(|unit| part(table, group, unit, query)).for_each(|body| bytes.extend(unit_of(4, body)));
        }
        if bytes.len() > before {
            sets.push(table.parameter_set);
        }
    }
    let mut whole = parameter_sets(dataset, sets.into_iter(), 3);
    whole.extend(bytes);
    whole
}

/// The header and the blocks of a unit that are selected; n_AAU_blocks counts those. Of a selection no unit without a block is part.
fn part(table: &AnnotationTable, group: &AttributeGroup, unit: &AnnotationUnit, query: &AnnotationQuery) -> Option<Vec<u8>> {
    let blocks: Vec<_> = match unit.key {
        UnitKey::Field(field) => {
            let structure = group.tiles_of(field);
            let tiles = structure.tiles(&group.dimensions, group.column_major);
            let wanted = |number: usize| overlaps(table, group, structure, number, &tiles[number], query);
            unit.blocks.iter().enumerate().filter(|(number, _)| wants(query, field) && wanted(*number)).map(|(_, block)| block).collect()
        }
        UnitKey::Tile(..) => {
            let number = group.all_keys().iter().position(|key| *key == unit.key)?;
            let tiles = group.tiles.tiles(&group.dimensions, group.column_major);
            let wanted = overlaps(table, group, &group.tiles, number, &tiles[number], query);
            unit.blocks.iter().filter(|block| wanted && wants(query, block.field)).collect()
        }
    };
    if blocks.is_empty() && !query.is_whole() {
        return None;
    }
    let mut body = annotation_unit_header(table, group, unit.key, blocks.len());
    for block in blocks {
        body.extend(annotation_block_header(group, block));
        body.extend(&block.payload);
    }
    Some(body)
}

fn wants(query: &AnnotationQuery, field: Field) -> bool {
    query.fields.is_empty() || query.fields.contains(&field)
}

/// Whether a tile of a structure, by its number, has a position in one of some regions.
pub fn tile_in_regions(table: &AnnotationTable, group: &AttributeGroup, structure: &TileStructure, number: usize, regions: &[(String, u64, u64)]) -> bool {
    let tile = &structure.tiles(&group.dimensions, group.column_major)[number];
    overlaps(table, group, structure, number, tile, &AnnotationQuery { regions: regions.to_vec(), ..AnnotationQuery::default() })
}

/// Whether a tile overlaps the rows, the columns and a region of the query.
fn overlaps(table: &AnnotationTable, group: &AttributeGroup, structure: &TileStructure, number: usize, tile: &Tile, query: &AnnotationQuery) -> bool {
    let within = |wanted: Option<(u64, u64)>, dimension: usize| {
        wanted.is_none_or(|(start, end)| tile.get(dimension).is_none_or(|(first, last)| start <= *last && *first <= end))
    };
    let in_a_region = |regions: &[(String, u64, u64)], dimension: usize| {
        regions.is_empty()
            || range_of(group, structure, number, dimension).is_some_and(|(chromosomes, (first, last))| {
                regions.iter().any(|(name, start, end)| {
                    // Coordinates are ordered by chromosome, then by position.
                    let chromosome = chromosomes.iter().position(|other| other == name).map(|number| number as u16);
                    chromosome.is_some_and(|chromosome| (chromosome, *start) <= last && first <= (chromosome, *end))
                })
            })
    };
    let sorted = if table.sort_mode == 2 && group.two_dimensional() { 1 } else { 0 };
    within(query.rows, 0) && within(query.columns, 1) && in_a_region(&query.regions, sorted) && in_a_region(&query.column_regions, 1)
}

/// The genomic range of a tile in a dimension, with the chromosomes that it counts.
fn range_of<'a>(group: &AttributeGroup, structure: &'a TileStructure, number: usize, dimension: usize) -> Option<(&'a [String], GenomicRange)> {
    let index = structure.ranges.as_ref()?;
    // One list of ranges is that of the dimension that is sorted; of symmetric data in squares it is that of both.
    let list = if index.chromosomes.len() == 2 { dimension } else { 0 };
    let range = match &structure.sizes {
        TileSizes::Variable(_) => index.ranges[number][list],
        TileSizes::Fixed(sizes) => {
            let tile = &structure.tiles(&group.dimensions, group.column_major)[number];
            index.ranges[list][(tile.get(dimension)?.0 / sizes[dimension]) as usize]
        }
    };
    Some((&index.chromosomes[list], range))
}
