//! Files of annotation data with string indexes.

use super::super::model::{
    AnnotationTable, AttributeGroup, Content, Field, Place, StringIndex, StringPart, StringUnit, StringUnitId, Tile, TileSizes, TileStructure, UnitKey,
};
use super::super::write::TextForm;
use super::{Case, Rng, annotation_file};

/// The file of a case: an annotation file of which each group can have string indexes; the main one has.
pub fn strings_file(case: u64) -> Case {
    let mut rng = Rng::new(case ^ 0x5712_1265);
    let mut made = annotation_file(case);
    if let Content::Annotation(tables) = &mut made.file.groups[0].datasets[0].content {
        for table in tables {
            table.index = table.index.or(Some(rng.place()));
            for number in 0..table.groups.len() {
                add(&mut rng, case, table, number);
            }
        }
    }
    made
}

fn add(rng: &mut Rng, case: u64, table: &mut AnnotationTable, number: usize) {
    let mut free = table.groups[number].fields.clone();
    let many = if number == 0 { rng.between(1, 2) } else { rng.between(0, 1) };
    for _ in 0..many {
        if free.is_empty() {
            break;
        }
        let group = &table.groups[number];
        let first = rng.pick(&free);
        // The fields of an index have the same tile structure.
        let structure = group.tiles_of(first);
        let alike: Vec<Field> = free.iter().filter(|field| std::ptr::eq(group.tiles_of(**field), structure)).copied().collect();
        let mut fields = if rng.chance(40) { vec![first] } else { rng.some(&alike, 1) };
        rng.shuffle(&mut fields);
        fields.sort_by_key(|field| matches!(field, Field::Attribute(_)));
        free.retain(|field| !fields.contains(field));
        let index = index(rng, case, group, fields);
        let group = &mut table.groups[number];
        leave_out(rng, group, &index.fields);
        group.strings.push(index);
    }
}

fn index(rng: &mut Rng, case: u64, group: &AttributeGroup, fields: Vec<Field>) -> StringIndex {
    let by_tile = rng.chance(60);
    let structure = group.tiles_of(fields[0]);
    let tiles = structure.tiles(&group.dimensions, group.column_major);
    let words = *rng.pick(&[&LETTERS[..], &WORDS[..], &FOREIGN[..]].iter().collect::<Vec<_>>());
    let record_indexes = (case / 32).is_multiple_of(3) && rng.chance(70);
    let unit = |rng: &mut Rng, id: StringUnitId, records: u64| {
        let record = |rng: &mut Rng| fields.iter().map(|_| (0..rng.between(0, 2)).map(|_| rng.pick(words)).collect::<String>()).collect();
        let records = (0..records).map(|_| record(rng)).collect();
        StringUnit { id, records, record_indexes, offset_behind: rng.chance(50) }
    };
    let mut units: Vec<StringUnit> = vec![];
    if by_tile {
        for (number, tile) in tiles.iter().enumerate() {
            units.push(unit(rng, tile_id(group, structure, number, tile), cells(tile)));
        }
    } else if group.attribute_contiguity {
        let id = match fields[0] {
            Field::Attribute(id) => id.into(),
            Field::Descriptor(id) => id.into(),
        };
        units.push(unit(rng, StringUnitId::Unit(id), tiles.iter().map(cells).sum()));
    } else {
        let keys = group.all_keys();
        for (number, own) in group.units.iter().enumerate() {
            let tile = keys.iter().position(|key| *key == own.key).map_or(0, |tile| cells(&tiles[tile]));
            units.push(unit(rng, StringUnitId::Unit(number as u32), tile));
        }
    }
    if rng.chance(40) {
        rng.shuffle(&mut units);
    }
    // At least one part, even where there is no unit.
    let mut parts = vec![];
    while !units.is_empty() || parts.is_empty() {
        let rest = units.split_off(rng.between(0, units.len() as u64).max(1).min(units.len() as u64) as usize);
        let rates = (rng.pick(&[1, 2, 7, 32]), rng.pick(&[1, 3, 8, 64]));
        let form = TextForm { rates, superblock: rng.between(1, 9) as u32, block: rng.pick(&[3, 5, 7, 15, 31, 33, 63]), little_endian: case / 16 % 4 == 3 };
        parts.push(StringPart { form, units: std::mem::replace(&mut units, rest) });
        if parts.len() == 255 {
            break;
        }
    }
    StringIndex {
        place: if rng.chance(70) { Place::Here } else { Place::Away },
        fields,
        compressed: rng.chance(5).then(|| rng.between(1, 4) as u8),
        by_tile,
        id: rng.any() as u16,
        first_again: rng.chance(50),
        parts,
    }
}

const LETTERS: [&str; 4] = ["a", "b", "A", "ab"];
const WORDS: [&str; 8] = ["rs", "RS1", "17", "BRCA1", "PASS", "q10;s50", "a\tb", "-"];
const FOREIGN: [&str; 7] = ["é", "日本", "ж𐍈", "e", "\u{7f}", "É", "\\n"];

/// How the index names a tile.
fn tile_id(group: &AttributeGroup, structure: &TileStructure, number: usize, tile: &Tile) -> StringUnitId {
    match &structure.sizes {
        TileSizes::Fixed(sizes) if group.two_dimensional() => StringUnitId::Tile(tile[0].0 / sizes[0], Some(tile[1].0 / sizes[1])),
        _ => StringUnitId::Tile(number as u64, None),
    }
}

fn cells(tile: &Tile) -> u64 {
    tile.iter().map(|(start, end)| end - start + 1).product()
}

/// What is in a string index is not in the units: blocks are missing, or empty and marked.
fn leave_out(rng: &mut Rng, group: &mut AttributeGroup, fields: &[Field]) {
    let marked = rng.chance(50);
    for unit in &mut group.units {
        // A unit that is a field keeps its blocks or has none.
        let whole = matches!(unit.key, UnitKey::Field(_));
        if !marked && whole && unit.blocks.iter().any(|block| fields.contains(&block.field)) {
            unit.blocks.clear();
        }
        unit.blocks.retain(|block| marked || !fields.contains(&block.field));
        for block in unit.blocks.iter_mut().filter(|block| fields.contains(&block.field)) {
            (block.indexed, block.encrypted, block.payload) = (true, false, vec![]);
        }
    }
}
