//! Files of annotation data.

use super::super::model::{
    AnnotationBlock, AnnotationTable, AnnotationUnit, AttributeGroup, Content, Coordinate, Dataset, Field, File, GenomicRange, GenomicRangeIndex, Group, Key,
    ParameterSet, Tile, TileSizes, TileStructure, UnitKey,
};
use super::{Case, Rng};

/// The bit of a case that gives the main group two dimensions.
const MAIN_2D: u64 = 2;

/// The file of a case: group 0, dataset 1.
pub fn annotation_file(case: u64) -> Case {
    let mut rng = Rng::new(case ^ 0xA770);
    let unknown = rng.chance(10);
    let tables: Vec<AnnotationTable> = (0..rng.between(1, 2)).map(|number| table(&mut rng, case + number * 5, [1, 77][number as usize], unknown)).collect();
    // Table 10 wants access units.
    let conformant = !unknown && tables.iter().flat_map(|table| &table.groups).all(|group| !group.units.is_empty());
    let mut parameter_sets: Vec<ParameterSet> = [0, 3, 9].map(|id| ParameterSet { id, parent: 0, form: None, payload: rng.bytes(1, 30) }).into();
    parameter_sets.retain(|set| tables.iter().any(|table| table.parameter_set == set.id) || rng.chance(50));
    rng.shuffle(&mut parameter_sets);
    let keys: [&Key; 3] = [b"dtmd", b"dtcd", b"dtpr"];
    let dataset = Dataset {
        id: 1,
        version: *b"2500",
        wide_offsets: case & 1 == 1,
        place: rng.place(),
        boxes: rng.opaques(&keys),
        parameter_sets,
        content: Content::Annotation(tables),
        extras: rng.extras(&[b"dtmd", b"dtpr", b"atcn"], unknown),
    };
    let group = Group { datasets: vec![dataset], boxes: rng.opaques(&[b"dgmd"]), ..Group::default() };
    Case { file: File { minor_version: *b"2500", brands: vec![], groups: vec![group], extras: Default::default() }, conformant }
}

fn table(rng: &mut Rng, case: u64, id: u8, unknown: bool) -> AnnotationTable {
    // Only what has columns is sorted by them.
    let sort_mode = (case / 8 % 4) as u8 & if case & MAIN_2D == 0 { 1 } else { 3 };
    let mut classes = rng.some(&[1, 2, 3, 4, 5, 6, 7], 0);
    classes.truncate(3);
    rng.shuffle(&mut classes);
    classes.insert(0, 0);
    let keys: [&Key; 2] = [b"atcd", b"atpr"];
    let metadata = rng.chance(40).then(|| ([(); 4].map(|()| rng.chance(50).then(|| rng.bytes(0, 20))), rng.place()));
    let mut table = AnnotationTable {
        id,
        place: rng.place(),
        // Of each type a subtype that belongs to it.
        kind: *rng.pick(&[&[1, 1, 4, 3], &[2, 2, 0, 0], &[3, 9, 0, 0], &[4, 10, 0, 0], &[5, 4, 15, 15], &[5, 0, 0, 0]]),
        name: "a table ☃".into(),
        version: rng.any() as u8,
        coord_size: rng.between(0, 3) as u8,
        sort_mode,
        wide_positions: rng.chance(50),
        parameter_set: rng.pick(&[0, 3, 9]),
        group_info: rng.chance(75),
        index: (sort_mode > 0 || rng.chance(30)).then(|| rng.place()),
        metadata,
        boxes: rng.opaques(&keys),
        groups: vec![],
        extras: rng.extras(&[b"atmd", b"atcd", b"atpr", b"atix"], unknown),
    };
    for class in classes {
        // The main group crosses contiguity, dimensions and sizes of tiles.
        let modes = if class == 0 { case } else { rng.any() };
        let mut made = group(rng, &table, modes, class);
        made.extras = rng.extras(&[], unknown);
        // The header of a group comes first.
        made.extras.unknown.iter_mut().for_each(|unknown| unknown.0 = unknown.0.max(1));
        table.groups.push(made);
    }
    table
}

fn group(rng: &mut Rng, table: &AnnotationTable, modes: u64, class: u8) -> AttributeGroup {
    let attribute_contiguity = modes & 1 == 1;
    let mut dimensions = vec![rng.between(1, 12)];
    if modes & MAIN_2D != 0 {
        dimensions.push(rng.between(1, 12));
    }
    let mut fields: Vec<Field> = rng.some(&[10, 300, 65535, 31].map(Field::Attribute), 1);
    fields.extend(rng.some(&[1, 8, 30, 126].map(Field::Descriptor), 0));
    rng.shuffle(&mut fields);
    let symmetric = dimensions.len() == 2 && class == 0 && rng.chance(20);
    if symmetric {
        dimensions[1] = dimensions[0];
    }
    if let (Some(main), 1..=4) = (table.groups.first(), class) {
        // Rows stand beside the rows or the columns of the main group.
        dimensions[0] = if class % 2 == 1 { main.dimensions[0] } else { main.dimensions[main.dimensions.len() - 1] };
    }
    let mut group = AttributeGroup {
        class,
        name: format!("group {class}"),
        fields,
        attribute_contiguity,
        column_major: dimensions.len() == 2 && rng.chance(50),
        symmetry_mode: if symmetric { rng.between(1, 2) as u8 } else { 0 },
        minor_diagonal: false,
        dimensions,
        tiles: TileStructure { sizes: TileSizes::Fixed(vec![]), ranges: None },
        additional: vec![],
        units: vec![],
        missing_units: rng.chance(50),
        strings: vec![],
        extras: Default::default(),
    };
    let variable = modes >> 2 & 1 == 1;
    group.tiles = structure(rng, table, &group, variable);
    if attribute_contiguity && group.fields.len() > 1 && rng.chance(50) {
        for _ in 0..rng.between(1, 2) {
            let free = group.fields.iter().filter(|field| group.additional.iter().all(|(fields, _)| !fields.contains(field))).copied().collect::<Vec<_>>();
            if free.is_empty() {
                break;
            }
            let fields = rng.some(&free, 1);
            let variable = rng.chance(50);
            let tiles = structure(rng, table, &group, variable);
            group.additional.push((attributes_first(fields), tiles));
        }
    }
    group.units = units(rng, &group);
    group
}

/// The order in which a tile configuration names fields.
fn attributes_first(mut fields: Vec<Field>) -> Vec<Field> {
    fields.sort_by_key(|field| matches!(field, Field::Descriptor(_)));
    fields
}

fn structure(rng: &mut Rng, table: &AnnotationTable, group: &AttributeGroup, variable: bool) -> TileStructure {
    let dimensions = &group.dimensions;
    let sizes = if variable {
        // Cuts of each dimension, crossed.
        let spans: Vec<Vec<(u64, u64)>> = dimensions.iter().map(|size| cuts(rng, *size)).collect();
        let columns = spans.get(1).map_or(vec![None], |columns| columns.iter().copied().map(Some).collect());
        let tile = |row: &(u64, u64), column: &Option<(u64, u64)>| -> Tile { std::iter::once(*row).chain(*column).collect() };
        TileSizes::Variable(spans[0].iter().flat_map(|row| columns.iter().map(move |column| tile(row, column))).collect())
    } else {
        TileSizes::Fixed(dimensions.iter().map(|size| rng.between(1, *size)).collect())
    };
    let mut structure = TileStructure { sizes, ranges: None };
    if table.sort_mode > 0 {
        structure.ranges = Some(range_index(rng, table, group, &structure));
    }
    structure
}

fn cuts(rng: &mut Rng, size: u64) -> Vec<(u64, u64)> {
    let (mut spans, mut start) = (vec![], 0);
    while start < size {
        let end = rng.between(start, size - 1);
        spans.push((start, end));
        start = end + 1;
    }
    spans
}

/// Ranges that ascend along each dimension.
fn range_index(rng: &mut Rng, table: &AnnotationTable, group: &AttributeGroup, structure: &TileStructure) -> GenomicRangeIndex {
    let square = matches!(&structure.sizes, TileSizes::Fixed(sizes) if sizes.len() == 2 && sizes[0] == sizes[1]);
    let both = group.two_dimensional() && table.sort_mode == 3 && !(group.symmetry_mode > 0 && square);
    let names = |rng: &mut Rng| rng.some(&["chr1", "2", "X ☃"].map(String::from), 1);
    let chromosomes: Vec<Vec<String>> = (0..1 + usize::from(both)).map(|_| names(rng)).collect();
    let dimension = |of: usize| if table.sort_mode == 2 && group.two_dimensional() { 1 } else { of };
    let ranges = match &structure.sizes {
        TileSizes::Fixed(_) => {
            let count = |of: usize| structure.count(&group.dimensions, dimension(of));
            chromosomes.iter().enumerate().map(|(of, names)| ascending(rng, table, names.len(), count(of) as usize)).collect()
        }
        TileSizes::Variable(tiles) => {
            // Tiles of the same rows have the same range.
            let axes: Vec<Vec<(u64, u64)>> = (0..chromosomes.len())
                .map(|of| {
                    let mut spans: Vec<(u64, u64)> = tiles.iter().map(|tile| tile[dimension(of)]).collect();
                    spans.sort_unstable();
                    spans.dedup();
                    spans
                })
                .collect();
            let along: Vec<Vec<GenomicRange>> = axes.iter().zip(&chromosomes).map(|(spans, names)| ascending(rng, table, names.len(), spans.len())).collect();
            let place = |of: usize, tile: &Tile| axes[of].iter().position(|span| *span == tile[dimension(of)]).unwrap_or(0);
            tiles.iter().map(|tile| (0..along.len()).map(|of| along[of][place(of, tile)]).collect()).collect()
        }
    };
    GenomicRangeIndex { chromosomes, ranges }
}

/// So many ranges, one behind the other.
fn ascending(rng: &mut Rng, table: &AnnotationTable, chromosomes: usize, count: usize) -> Vec<GenomicRange> {
    let furthest = (1 << table.position_size()) - 1;
    let furthest = if rng.chance(30) { furthest } else { 2000 };
    let coordinate = |rng: &mut Rng| -> Coordinate { (rng.between(0, chromosomes as u64 - 1) as u16, rng.between(0, furthest)) };
    let mut coordinates: Vec<Coordinate> = (0..2 * count).map(|_| coordinate(rng)).collect();
    coordinates.sort_unstable();
    coordinates.chunks(2).map(|pair| (pair[0], pair[1])).collect()
}

/// All units, or all but some that have nothing to say.
fn units(rng: &mut Rng, group: &AttributeGroup) -> Vec<AnnotationUnit> {
    let mut units = vec![];
    for key in group.all_keys() {
        let fields: Vec<Field> = match key {
            UnitKey::Field(field) => vec![field; group.tiles_of(field).tiles(&group.dimensions, group.column_major).len()],
            UnitKey::Tile(..) => group.fields.clone(),
        };
        let nothing = rng.chance(8);
        if nothing && rng.chance(50) {
            continue;
        }
        let block = |field: Field| AnnotationBlock { field, indexed: false, encrypted: false, payload: if rng.chance(10) { vec![] } else { rng.bytes(1, 25) } };
        let blocks = if nothing { vec![] } else { fields.into_iter().map(block).collect() };
        units.push(AnnotationUnit { key, protection: None, blocks });
    }
    for unit in &mut units {
        if rng.chance(10) {
            unit.protection = Some(rng.bytes(0, 20));
            unit.blocks.iter_mut().for_each(|block| block.encrypted = rng.chance(50));
        }
    }
    units
}
