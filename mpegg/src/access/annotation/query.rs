//! The annotation access units that a selection touches, in the order of the file.

use super::blocks::{Chosen, by_offsets, one_by_one};
use super::demand::Demand;
use super::index::{Place, TableIndex};
use super::offsets::Offsets;
use super::tiles::Tiles;
use super::{AnnotationSelection, Trace};
use crate::file::annotation::TileIndex;
use crate::file::{AnnotationAccessUnit, AnnotationTable, AttributeGroup, BoxRef, Field};
use crate::tables::{AttributeGroupTileConfiguration, AttributeGroupTileConfigurationAddTileStructure as Additional, GenomicRangeIndex};
use mpegg_runtime::{Error, ErrorKind, Result};
use std::cell::{Cell, OnceCell};
use std::rc::Rc;

/// A unit that is wanted, and which of its blocks are.
#[derive(Clone)]
pub struct SelectedUnit<'s> {
    /// The unit.
    pub unit: AnnotationAccessUnit<'s>,
    /// Its blocks.
    pub blocks: SelectedBlocks,
}

/// The blocks of a unit that are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectedBlocks {
    /// All of them, even where there are none.
    All,
    /// Some of them.
    Some {
        /// How many.
        count: u64,
        /// Where they stand: first byte and number of bytes; neighbours are one range.
        ranges: Vec<(u64, u64)>,
    },
}

/// The wanted units of a table, found as the iterator goes on. It ends with the first error.
pub type SelectedUnits<'s> = Box<dyn Iterator<Item = Result<SelectedUnit<'s>>> + 's>;

/// The units of a table that a selection touches, in the order of the file. Whether the table itself is selected is not asked.
///
/// # Errors
///
/// I/O, and tables that cannot be read; unsupported: genomic ranges where the table is not sorted by position or has no index.
/// Each item can be such an error too, and one of tiles, index or blocks that do not fit each other.
pub fn units_of_table<'s>(table: &AnnotationTable<'s>, selection: &Rc<AnnotationSelection>, trace: &Rc<Trace>) -> Result<SelectedUnits<'s>> {
    let query = Rc::new(Query::new(table.clone(), selection.clone(), trace.clone())?);
    let mut groups = vec![];
    for group in table.groups()? {
        if selection.has_group(group.class()?) {
            query.note_strings(group.class()?);
            groups.push(group);
        }
    }
    let units = groups.into_iter().flat_map(move |group| match units_of_group(&query, group) {
        Ok(units) => units,
        Err(error) => Box::new(std::iter::once(Err(error))),
    });
    let mut failed = false;
    Ok(Box::new(units.take_while(move |unit| !std::mem::replace(&mut failed, unit.is_err()))))
}

fn units_of_group<'s>(query: &Rc<Query<'s>>, group: AttributeGroup<'s>) -> Result<SelectedUnits<'s>> {
    let units = group.units()?;
    let query = GroupQuery::new(query.clone(), group)?;
    Ok(Box::new(units.filter_map(move |unit| unit.and_then(|unit| query.unit(unit)).transpose())))
}

/// A selection on one table.
struct Query<'s> {
    table: AnnotationTable<'s>,
    selection: Rc<AnnotationSelection>,
    trace: Rc<Trace>,
    demand: Demand,
    index: Option<(BoxRef<'s>, TableIndex<'s>)>,
}

impl<'s> Query<'s> {
    fn new(table: AnnotationTable<'s>, selection: Rc<AnnotationSelection>, trace: Rc<Trace>) -> Result<Self> {
        let node = table.header_node()?;
        trace.search("athd", (node.offset(), node.length()), || format!("what {} is, and its parameter set", table.path()));
        let demand = Demand::of_table(&selection, &table)?;
        let mut index = None;
        if let Some(node) = table.index_node()? {
            let why = if demand.has_regions() { "which tiles have which positions" } else { "which fields are in string indexes" };
            trace.search("atix", (node.offset(), node.length()), || format!("{why} in {}; string indexes themselves are left out", table.path()));
            match TableIndex::of(&table, &node) {
                Ok(read) => index = Some((node, read)),
                Err(error) if demand.has_regions() => return Err(error),
                // Without positions the index is not needed to find anything.
                Err(error) => trace.note(format!("which fields of table {} are in string indexes is not known: {error}", table.header()?.at_id)),
            }
        }
        Ok(Query { table, selection, trace, demand, index })
    }

    /// Fields in string indexes have no data in the units (7.1.1, R32).
    fn note_strings(&self, ag_class: u8) {
        let Some((_, index)) = &self.index else { return };
        for field in index.strings(ag_class).iter().filter(|field| self.selection.has_field(**field)) {
            self.trace.note(format!("{field} of group {ag_class} of {} is in a string index: its strings are not in the data units", self.table.path()));
        }
    }
}

/// A selection on one attribute group.
struct GroupQuery<'s> {
    query: Rc<Query<'s>>,
    group: AttributeGroup<'s>,
    demand: Demand,
    /// The tiles of each structure: the default one, then the additional ones.
    tiles: Vec<OnceCell<Tiles>>,
    offsets: OnceCell<Option<Offsets>>,
    /// Whether byte offsets have turned out not to fit the boxes.
    distrusted: Cell<bool>,
}

impl<'s> GroupQuery<'s> {
    fn new(query: Rc<Query<'s>>, group: AttributeGroup<'s>) -> Result<Self> {
        let demand = query.demand.of_group(&group)?;
        let (trace, header) = (&query.trace, group.header()?);
        let node = group.header_node()?;
        trace.search("aghd", (node.offset(), node.length()), || format!("the size of the data of {}, and whether its units are fields or tiles", group.path()));
        let mut structures = 0;
        if header.attribute_contiguity || !demand.is_free() {
            let (number, configuration) = group.configuration()?;
            structures = configuration.add_tile_structures.len().saturating_add(1);
            let node = group.table().configuration_nodes()?.into_iter().nth(usize::try_from(number).unwrap_or(0));
            let place = node.map_or((0, 0), |node| (node.offset(), node.length()));
            trace.search("agtc", place, || format!("the tile structures of {}, and the byte offsets of its blocks", group.path()));
        }
        let tiles = (0..structures).map(|_| OnceCell::new()).collect();
        Ok(GroupQuery { query, group, demand, tiles, offsets: OnceCell::new(), distrusted: Cell::new(false) })
    }

    /// What is wanted of a unit.
    fn unit(&self, unit: AnnotationAccessUnit<'s>) -> Result<Option<SelectedUnit<'s>>> {
        let node = unit.header_node()?;
        let field = unit.field()?;
        self.query.trace.search("aauh", (node.offset(), node.length()), || format!("which field or tile {} is", unit.path()));
        let blocks = match field {
            Some(field) if self.query.selection.has_field(field) => self.blocks_of_field(&unit, field)?,
            Some(_) => None,
            None => self.blocks_of_tile(&unit)?,
        };
        Ok(blocks.map(|blocks| {
            self.trace_unit(&unit, &blocks);
            SelectedUnit { unit, blocks }
        }))
    }

    /// A unit that is a tile with its fields.
    fn blocks_of_tile(&self, unit: &AnnotationAccessUnit<'s>) -> Result<Option<SelectedBlocks>> {
        if let Some(tile) = unit.tile()?.filter(|_| !self.demand.is_free()) {
            let wanted = self.tiles(0)?.has_tile(tile).map_err(|error| in_header(unit, error))?;
            if !wanted {
                return Ok(None);
            }
        }
        let selection = &self.query.selection;
        let chosen = one_by_one(unit, |block| Ok(selection.has_field(block.field)))?;
        self.selected(unit, chosen)
    }

    /// A unit that is a field with its tiles.
    fn blocks_of_field(&self, unit: &AnnotationAccessUnit<'s>, field: Field) -> Result<Option<SelectedBlocks>> {
        if self.demand.is_free() {
            return self.selected(unit, one_by_one(unit, |_| Ok(true))?);
        }
        let tiles = self.tiles(structure_of(self.group.configuration()?.1, field))?;
        let header = unit.header()?;
        let wanted = |number| tiles.has_block(header, number).map_err(|error| in_header(unit, error));
        let chosen = match self.by_offsets(unit, wanted)? {
            Some(chosen) => chosen,
            None => one_by_one(unit, |block| wanted(block.number))?,
        };
        self.selected(unit, chosen)
    }

    /// A unit of which no block is left is nothing, unless everything is wanted.
    fn selected(&self, unit: &AnnotationAccessUnit<'s>, chosen: Chosen) -> Result<Option<SelectedBlocks>> {
        if chosen.indexed {
            let note = "has blocks with data in a string index: their strings are not in the data units";
            self.query.trace.note(format!("group {} of {} {note}", self.group.class()?, self.group.table().path()));
        }
        if chosen.count == 0 && !self.query.selection.is_everything() {
            return Ok(None);
        }
        let all = chosen.count == unit.header()?.n_aau_blocks;
        Ok(Some(if all { SelectedBlocks::All } else { SelectedBlocks::Some { count: chosen.count, ranges: chosen.ranges } }))
    }

    /// The tiles of a structure that are wanted.
    fn tiles(&self, structure: usize) -> Result<&Tiles> {
        let missing = || self.in_configuration(Error::without_position(ErrorKind::CrossReference, format!("there is no tile structure {structure}")));
        let Some(cell) = self.tiles.get(structure) else { return Err(missing()) };
        if let Some(known) = cell.get() {
            return Ok(known);
        }
        let configuration = self.group.configuration()?.1;
        let additional = structure.checked_sub(1).and_then(|number| configuration.add_tile_structures.get(number));
        let tiles = additional.map_or(&configuration.default_tile_structure, |additional| &additional.additional_tile_structure);
        let index = self.ranges(structure, tiles.variable_size_tiles)?;
        let made = Tiles::new(self.group.header()?, tiles, &self.demand, index.as_ref().map(|(_, index)| index), self.only_columns()?);
        let made = made.map_err(|error| match &index {
            // What does not fit is the index, or the structure where no index was needed.
            Some((place, _)) => self.group.table().inside(place.inside(error)),
            None => self.in_configuration(error),
        })?;
        Ok(cell.get_or_init(|| made))
    }

    /// An error of the tile configuration.
    fn in_configuration(&self, error: Error) -> Error {
        let found = self.group.configuration().and_then(|(number, _)| Ok((number, self.group.table().configuration_nodes()?)));
        let Ok((number, nodes)) = found else { return self.group.inside(error.at(self.group.node().offset().saturating_mul(8))) };
        let node = usize::try_from(number).ok().and_then(|number| nodes.get(number)).unwrap_or(self.group.node());
        self.group.table().inside(error.at(node.offset().saturating_mul(8)).in_field("agtc", &[number]))
    }

    /// The genomic range index of a structure and where it stands, where positions are asked for.
    fn ranges(&self, structure: usize, variable_size_tiles: bool) -> Result<Option<(Place, GenomicRangeIndex)>> {
        let Some((node, index)) = self.query.index.as_ref().filter(|_| self.demand.has_regions()) else { return Ok(None) };
        let (class, table) = (self.group.class()?, self.group.table());
        let Some(place) = index.place(class, structure) else {
            let message = format!("the index has no genomic ranges of tile structure {structure} of the group of class {class}");
            return Err(table.inside(Error::cross_reference(node.offset().saturating_mul(8), message).in_field("atix", &[])));
        };
        let read = index.ranges(place, table.header()?, variable_size_tiles).map_err(|error| table.inside(error))?;
        Ok(Some((place, read)))
    }

    /// Whether the columns alone are sorted (Table 43).
    fn only_columns(&self) -> Result<bool> {
        Ok(self.group.table().header()?.at_genomic_pos_sort_mode.code() == 2)
    }

    /// The blocks that byte offsets lead to; nothing where there are none, or where they do not fit the boxes.
    fn by_offsets(&self, unit: &AnnotationAccessUnit<'s>, wanted: impl Fn(u64) -> Result<bool>) -> Result<Option<Chosen>> {
        if self.distrusted.get() {
            return Ok(None);
        }
        let read = match self.offsets() {
            Ok(None) => return Ok(None),
            Ok(Some(offsets)) => offsets.blocks(unit),
            Err(error) => Err(error),
        };
        let found = match read {
            Ok(offsets) => by_offsets(unit, &offsets, wanted)?,
            Err(error) => Err(error),
        };
        match found {
            Ok(chosen) => Ok(Some(chosen)),
            Err(error) if error.kind() == ErrorKind::Io => Err(error),
            Err(error) => {
                self.distrusted.set(true);
                self.query.trace.note(format!("the byte offsets of {} do not fit it, its blocks are found one by one: {error}", self.group.path()));
                Ok(None)
            }
        }
    }

    /// The byte offsets of the group, where its table lists its fields.
    fn offsets(&self) -> Result<Option<&Offsets>> {
        if self.offsets.get().is_none() {
            let read = Offsets::of(&self.group)?;
            return Ok(self.offsets.get_or_init(|| read).as_ref());
        }
        Ok(self.offsets.get().and_then(Option::as_ref))
    }

    fn trace_unit(&self, unit: &AnnotationAccessUnit<'s>, blocks: &SelectedBlocks) {
        let trace = &self.query.trace;
        let all = unit.block_bytes().unwrap_or_default();
        let (ranges, what) = match blocks {
            SelectedBlocks::All => (std::slice::from_ref(&all), "all blocks"),
            SelectedBlocks::Some { ranges, .. } => (ranges.as_slice(), "blocks"),
        };
        ranges.iter().for_each(|range| trace.result("aauc", *range, || format!("{what} of {}", unit.path())));
    }
}

/// Which tiles of a field a selection touches, asked tile by tile.
pub(crate) struct TouchedTiles<'s> {
    query: GroupQuery<'s>,
    structure: usize,
}

impl<'s> TouchedTiles<'s> {
    /// Of a field of a group; none: one with the default tile structure.
    ///
    /// # Errors
    ///
    /// As [`units_of_table`].
    pub fn new(group: &AttributeGroup<'s>, field: Option<Field>, selection: AnnotationSelection) -> Result<Self> {
        let query = Query::new(group.table().clone(), Rc::new(selection), Rc::default())?;
        let query = GroupQuery::new(Rc::new(query), group.clone())?;
        let structure = match field.filter(|_| !query.demand.is_free()) {
            Some(field) => structure_of(group.configuration()?.1, field),
            None => 0,
        };
        Ok(TouchedTiles { query, structure })
    }

    /// Whether all is wanted, whatever tiles there are.
    pub fn has_all(&self) -> bool {
        self.query.demand.is_free()
    }

    /// Whether it touches a tile.
    ///
    /// # Errors
    ///
    /// A tile that is not in the structure, without position; an index that does not fit the tiles.
    pub fn has(&self, tile: TileIndex) -> Result<bool> {
        if self.has_all() { Ok(true) } else { self.query.tiles(self.structure)?.has_tile(tile) }
    }
}

/// The tile structure of a field: the additional one that lists it, else the default one, which is 0.
pub(crate) fn structure_of(configuration: &AttributeGroupTileConfiguration, field: Field) -> usize {
    let lists = |structure: &Additional| match field {
        Field::Attribute(id) => structure.attribute_id.contains(&id),
        Field::Descriptor(id) => structure.descriptor_id.contains(&id),
    };
    configuration.add_tile_structures.iter().position(lists).map_or(0, |number| number.saturating_add(1))
}

/// The error of a tile that the header of a unit names or implies.
fn in_header(unit: &AnnotationAccessUnit<'_>, error: Error) -> Error {
    let bit = unit.header_node().map_or(unit.node().offset(), |node| node.offset()).saturating_mul(8);
    unit.inside(error.at(bit).in_field("aauh", &[]))
}
