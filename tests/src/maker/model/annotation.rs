//! Datasets of type 3: annotation tables.

use super::{Extras, Opaque, Place, StringIndex};

/// An annotation table (Tables 40 and 41).
#[derive(Clone, Debug)]
pub struct AnnotationTable {
    /// AT_ID.
    pub id: u8,
    /// Where `atcn` stands.
    pub place: Place,
    /// AT_type, AT_subtype, AT_subtype_major_version, AT_subtype_minor_version.
    pub kind: [u8; 4],
    /// AT_name.
    pub name: String,
    /// AT_version.
    pub version: u8,
    /// AT_coord_size: 0 to 3.
    pub coord_size: u8,
    /// AT_genomic_pos_sort_mode.
    pub sort_mode: u8,
    /// AT_pos_40_bits_flag.
    pub wide_positions: bool,
    /// parameter_set_ID.
    pub parameter_set: u8,
    /// AG_info_exists.
    pub group_info: bool,
    /// AT_index_exists, and where `atix` stands.
    pub index: Option<Place>,
    /// ATMD_general, ATMD_analytics, ATMD_linkages, ATMD_history, and where `atmd` stands.
    pub metadata: Option<([Option<Vec<u8>>; 4], Place)>,
    /// atcd, atpr.
    pub boxes: Vec<Opaque>,
    /// The groups, the main one first.
    pub groups: Vec<AttributeGroup>,
    /// Placeholders and unknown boxes.
    pub extras: Extras,
}

impl AnnotationTable {
    /// Width of row and column numbers (Table 42).
    pub fn coord_bits(&self) -> u32 {
        8 << self.coord_size
    }

    /// posSize of the genomic range index.
    pub fn position_size(&self) -> u32 {
        if self.wide_positions { 40 } else { 32 }
    }
}

/// An attribute group with its tile configuration.
#[derive(Clone, Debug)]
pub struct AttributeGroup {
    /// AG_class.
    pub class: u8,
    /// AG_group_name.
    pub name: String,
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// attribute_contiguity.
    pub attribute_contiguity: bool,
    /// column_major_tile_order.
    pub column_major: bool,
    /// symmetry_mode.
    pub symmetry_mode: u8,
    /// symmetry_minor_diagonal.
    pub minor_diagonal: bool,
    /// dimension_size: two of them where the group is two_dimensional.
    pub dimensions: Vec<u64>,
    /// default_tile_structure.
    pub tiles: TileStructure,
    /// additional_tile_structure, each with its fields.
    pub additional: Vec<(Vec<Field>, TileStructure)>,
    /// The annotation access units, in file order; those without a block may be missing.
    pub units: Vec<AnnotationUnit>,
    /// Whether the offsets tell of units that do not exist.
    pub missing_units: bool,
    /// Its string indexes, where the table has an index.
    pub strings: Vec<StringIndex>,
    /// Unknown boxes.
    pub extras: Extras,
}

impl AttributeGroup {
    /// two_dimensional.
    pub fn two_dimensional(&self) -> bool {
        self.dimensions.len() == 2
    }

    /// The tile structure of a field.
    pub fn tiles_of(&self, field: Field) -> &TileStructure {
        self.additional.iter().find(|(fields, _)| fields.contains(&field)).map_or(&self.tiles, |(_, tiles)| tiles)
    }

    /// The default tile structure, then the others.
    pub fn all_structures(&self) -> impl Iterator<Item = &TileStructure> {
        std::iter::once(&self.tiles).chain(self.additional.iter().map(|(_, tiles)| tiles))
    }

    /// What the units hold if none is missing, in their order.
    pub fn all_keys(&self) -> Vec<UnitKey> {
        if self.attribute_contiguity {
            return self.fields.iter().map(|field| UnitKey::Field(*field)).collect();
        }
        let tiles = self.tiles.tiles(&self.dimensions, self.column_major);
        match &self.tiles.sizes {
            TileSizes::Fixed(sizes) if self.two_dimensional() => {
                tiles.iter().map(|tile| UnitKey::Tile(tile[0].0 / sizes[0], Some(tile[1].0 / sizes[1]))).collect()
            }
            _ => (0..tiles.len() as u64).map(|number| UnitKey::Tile(number, None)).collect(),
        }
    }
}

/// An attribute or a descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// attribute_ID.
    Attribute(u16),
    /// descriptor_ID.
    Descriptor(u8),
}

/// A tile structure (Table 48) and its genomic ranges.
#[derive(Clone, Debug)]
pub struct TileStructure {
    /// The tiles.
    pub sizes: TileSizes,
    /// The genomic ranges, where the table is sorted by position.
    pub ranges: Option<GenomicRangeIndex>,
}

/// How large tiles are.
#[derive(Clone, Debug)]
pub enum TileSizes {
    /// tile_size of each dimension.
    Fixed(Vec<u64>),
    /// start_index and end_index of each dimension, tile by tile.
    Variable(Vec<Tile>),
}

/// First and last row, and first and last column where there are two dimensions.
pub type Tile = Vec<(u64, u64)>;

impl TileStructure {
    /// The number of tiles in a dimension of a group of that size; tiles have fixed sizes.
    pub fn count(&self, dimensions: &[u64], dimension: usize) -> u64 {
        match &self.sizes {
            TileSizes::Fixed(sizes) => dimensions[dimension].div_ceil(sizes[dimension]),
            TileSizes::Variable(tiles) => tiles.len() as u64,
        }
    }

    /// All tiles, in their order.
    pub fn tiles(&self, dimensions: &[u64], column_major: bool) -> Vec<Tile> {
        let sizes = match &self.sizes {
            TileSizes::Variable(tiles) => return tiles.clone(),
            TileSizes::Fixed(sizes) => sizes,
        };
        let span = |dimension: usize, number: u64| {
            let start = number * sizes[dimension];
            (start, (start + sizes[dimension]).min(dimensions[dimension]) - 1)
        };
        let rows = self.count(dimensions, 0);
        if dimensions.len() == 1 {
            return (0..rows).map(|row| vec![span(0, row)]).collect();
        }
        let columns = self.count(dimensions, 1);
        (0..rows * columns)
            .map(|number| if column_major { (number % rows, number / rows) } else { (number / columns, number % columns) })
            .map(|(row, column)| vec![span(0, row), span(1, column)])
            .collect()
    }
}

/// A genomic range index (Table 60); the second dimension is there where index_2d is 1.
#[derive(Clone, Debug)]
pub struct GenomicRangeIndex {
    /// chr_ID of each dimension.
    pub chromosomes: Vec<Vec<String>>,
    /// Fixed sizes: of each dimension, the range of each row or column of tiles. Variable sizes: of each tile, the range in each dimension.
    pub ranges: Vec<Vec<GenomicRange>>,
}

/// A chromosome's number and a position.
pub type Coordinate = (u16, u64);

/// First and last coordinate.
pub type GenomicRange = (Coordinate, Coordinate);

/// An annotation access unit (Tables 52 and 53).
#[derive(Clone, Debug)]
pub struct AnnotationUnit {
    /// What it holds.
    pub key: UnitKey,
    /// AAU_protection_value.
    pub protection: Option<Vec<u8>>,
    /// Its blocks. By attribute: one for each tile, in their order.
    pub blocks: Vec<AnnotationBlock>,
}

/// What an annotation access unit holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitKey {
    /// A field, tile by tile: attribute_contiguity 1.
    Field(Field),
    /// A tile, field by field: tile_index_1, and tile_index_2 where it exists.
    Tile(u64, Option<u64>),
}

/// A block (Tables 55 and 56).
#[derive(Clone, Debug)]
pub struct AnnotationBlock {
    /// Its field; on no wire where units are by attribute.
    pub field: Field,
    /// indexed.
    pub indexed: bool,
    /// encrypted.
    pub encrypted: bool,
    /// block_payload.
    pub payload: Vec<u8>,
}
