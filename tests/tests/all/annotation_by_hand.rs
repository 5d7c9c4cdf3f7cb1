//! Annotation data: selections worked out by hand from the bytes, what is read for them, the file model.

use mpegg::access::annotation::{AnnotationSelection, GenomicRange, Trace};
use mpegg::decapsulate::{AnnotationUnits, annotation_units};
use mpegg::file::annotation::TileIndex;
use mpegg::file::{Dataset, Field, File};
use mpegg::source::{Bytes, Counting, Source};
use mpegg::{ErrorKind, tables};
use mpegg_tests::inputs::vectors;

/// Where nothing is selected, nothing is written.
const NOTHING: [u8; 0] = [];

fn bytes(name: &str) -> Vec<u8> {
    vectors().into_iter().find(|vector| vector.name == name).expect("the vector").bytes
}

fn only_dataset<S: Source>(file: &File<S>) -> Dataset<'_> {
    file.groups().unwrap()[0].datasets().unwrap()[0].clone()
}

fn extract(bytes: &[u8], selection: &AnnotationSelection) -> mpegg::Result<Vec<u8>> {
    let file = File::new(Bytes(bytes))?;
    let mut out = vec![];
    for unit in annotation_units(&only_dataset(&file), selection)? {
        unit?.write_to(&mut out, &mut vec![])?;
    }
    Ok(out)
}

/// A data unit: its type, its size of less than 256 bytes, its parts.
fn unit(unit_type: u8, parts: &[&[u8]]) -> Vec<u8> {
    let size = 5 + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut unit = vec![unit_type, 0, 0, 0, u8::try_from(size).unwrap()];
    parts.iter().for_each(|part| unit.extend(*part));
    unit
}

fn region(chromosome: &str, start: u64, end: u64) -> GenomicRange {
    GenomicRange { chromosome: chromosome.to_owned(), start, end }
}

/// Rows and columns of 2 x 3 tiles in units that are fields; the rows have further data in units that are tiles.
#[test]
fn genomic_ranges_of_rows_and_columns() {
    let file = bytes("grix-2d-fixed-40");
    let set = unit(3, &[&[0], &file[109..124]]);
    let both =
        AnnotationSelection { regions: vec![region("chr1", 549755813888, 549755813888)], column_regions: vec![region("chr2é", 4, 4)], ..Default::default() };
    // The first row of tiles ends at that position, and the second column of tiles ends at that one: block 1 of each field.
    let wanted = [set.clone(), unit(4, &[&[0x80, 1, 0xf4, 0, 3, 0, 1], &file[612..621]]), unit(4, &[&[7, 0, 3, 0, 1], &file[719..738]])].concat();
    assert_eq!(extract(&file, &both).unwrap(), wanted);
    // The first row of tiles, and of the group of its rows the second tile, from position 51 on.
    let rows = AnnotationSelection { regions: vec![region("chr1", 51, 60), region("chr9", 0, u64::MAX)], ..Default::default() };
    let main = [unit(4, &[&[0x80, 1, 0xf4, 0, 3, 0, 3], &file[588..629]]), unit(4, &[&[7, 0, 3, 0, 3], &file[703..762]])].concat();
    let wanted = [set.clone(), main.clone(), unit(4, &[&file[902..907], &file[907..932]])].concat();
    assert_eq!(extract(&file, &rows).unwrap(), wanted);
    assert_eq!(extract(&file, &AnnotationSelection { groups: Some(vec![0]), ..rows.clone() }).unwrap(), [set.clone(), main].concat());
    let second = unit(4, &[&[7, 0, 3, 0, 3], &file[703..762]]);
    assert_eq!(extract(&file, &AnnotationSelection { groups: Some(vec![0]), fields: vec![Field::Descriptor(7)], ..rows }).unwrap(), [set, second].concat());
    // Nothing matches: no parameter set either.
    for nothing in [region("chr1", 0, 0), region("chr1", 60, 51), region("chr2é", 1, 9), region("", 1, 9)] {
        assert_eq!(extract(&file, &AnnotationSelection { regions: vec![nothing], ..Default::default() }).unwrap(), NOTHING);
    }
}

/// 2 x 3 tiles of 50000 rows and 11 columns, of 100000 rows and 30 columns, in units that are tiles.
#[test]
fn rows_and_columns_of_units_that_are_tiles() {
    let file = bytes("ann-32bit-tile-2d-column");
    let set = unit(3, &[&[0], &file[92 + 17..128]]);
    let of = |rows, columns| extract(&file, &AnnotationSelection { rows: Some(rows), columns: Some(columns), ..Default::default() }).unwrap();
    assert_eq!(of(50000..=50000, 21..=21), [set.clone(), unit(4, &[&file[499..531]])].concat());
    let corner = [set.clone(), unit(4, &[&file[555..588]]), unit(4, &[&file[612..645]])].concat();
    assert_eq!(of(49999..=50000, 22..=1000), corner);
    // The first unit has a protection, which is no part of the data unit.
    assert_eq!(of(0..=0, 0..=10), [set, unit(4, &[&file[335..346], &file[358..380]])].concat());
    assert_eq!(of(100000..=u64::MAX, 0..=29), NOTHING);
    assert_eq!(of(0..=u64::MAX, 30..=40), NOTHING);
    #[expect(clippy::reversed_empty_ranges, reason = "a range of nothing")]
    let nothing = of(1..=0, 0..=29);
    assert_eq!(nothing, NOTHING);
}

/// Column after column, with coordinates of more than 53 bits; a block without payload and byte offset comes before the wanted one.
#[test]
fn wide_coordinates() {
    let file = bytes("ann-64bit-attr-2d-column");
    let last = AnnotationSelection { rows: Some(576460752303423488..=u64::MAX), ..Default::default() };
    let two = 2u64.to_be_bytes();
    let one = 1u64.to_be_bytes();
    let set_length = u64::from_be_bytes(file[96..104].try_into().unwrap()) as usize;
    let set = unit(3, &[&[0], &file[92 + 17..92 + set_length]]);
    let wanted = [set, unit(4, &[&[0x80, 1, 0xf4], &two, &one, &file[356..366]]), unit(4, &[&[7], &two, &one, &file[411..426]])].concat();
    assert_eq!(extract(&file, &last).unwrap(), wanted);
}

#[test]
fn what_cannot_be_selected_is_refused() {
    let regions = AnnotationSelection { regions: vec![region("1", 1, 2)], ..Default::default() };
    let columns = AnnotationSelection { columns: Some(0..=1), ..Default::default() };
    let column_regions = AnnotationSelection { column_regions: vec![region("1", 1, 2)], ..Default::default() };
    for (name, selection, why) in [
        (
            "ann-8bit-attr-1d",
            &regions,
            "annotation table 1 cannot be selected from like this: it is not sorted by genomic position (AT_genomic_pos_sort_mode 0)",
        ),
        ("ann-8bit-attr-1d", &columns, "annotation table 1 cannot be selected from like this: its main data has no columns"),
        ("grix-1d-fixed", &column_regions, "annotation table 1 cannot be selected from like this: its main data has no columns"),
    ] {
        let error = extract(&bytes(name), selection).unwrap_err();
        assert_eq!((error.kind(), error.message().as_str(), error.path().as_str()), (ErrorKind::Unsupported, why, "dgcn[0].dtcn[0].atcn[0].athd"));
        assert!(error.position().is_some());
        // Of another table nothing is asked.
        assert_eq!(extract(&bytes(name), &AnnotationSelection { tables: Some(vec![9]), ..selection.clone() }).unwrap(), NOTHING);
    }
    let sample = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgg")).unwrap();
    let error = extract(&sample, &AnnotationSelection::default()).unwrap_err();
    assert_eq!((error.kind(), error.message().as_str()), (ErrorKind::Unsupported, "annotation data is asked of a dataset of type 1"));
}

#[test]
fn a_plan_says_what_is_read_and_why() {
    let file = bytes("grix-2d-fixed-40");
    let file = File::new(Bytes(&file)).unwrap();
    let selection =
        AnnotationSelection { regions: vec![region("chr1", 51, 60)], fields: vec![Field::Descriptor(7)], groups: Some(vec![0]), ..Default::default() };
    let mut units = AnnotationUnits::new(&only_dataset(&file), &selection, Trace::of_steps()).unwrap();
    assert_eq!(units.by_ref().count(), 2);
    let steps: Vec<String> = units.steps().iter().map(|step| format!("{} {}+{} {}: {}", step.key, step.offset, step.length, step.result, step.why)).collect();
    let wanted = [
        "athd 136+53 false: what atcn[0] is, and its parameter set",
        "atix 354+173 false: which tiles have which positions in atcn[0]; string indexes themselves are left out",
        "aghd 539+18 false: the size of the data of atcn[0].agcn[0], and whether its units are fields or tiles",
        "agtc 189+104 false: the tile structures of atcn[0].agcn[0], and the byte offsets of its blocks",
        "aauh 569+19 false: which field or tile atcn[0].agcn[0].aauc[0] is",
        "aauh 686+17 false: which field or tile atcn[0].agcn[0].aauc[1] is",
        "aauc 703+59 true: blocks of atcn[0].agcn[0].aauc[1]",
        "pars 92+32 true: a parameter set that tables need",
    ];
    assert_eq!(steps, wanted);
    assert!(units.notes().is_empty());
}

#[test]
fn the_file_model_shows_tables_groups_units_and_blocks() {
    let file = bytes("ann-missing-unit-64");
    let file = File::new(Bytes(&file)).unwrap();
    let table = only_dataset(&file).tables().unwrap().remove(0);
    assert_eq!((table.path().as_str(), table.header().unwrap().at_name.as_str()), ("atcn[0]", "table 1"));
    assert!(table.index().unwrap().is_none() && table.metadata().unwrap().is_none() && table.cdl().unwrap().is_none() && table.protection().unwrap().is_none());
    let groups = table.groups().unwrap();
    assert_eq!(groups.iter().map(|group| group.class().unwrap()).collect::<Vec<_>>(), [0, 2]);
    let units: Vec<_> = groups[0].units().unwrap().map(|unit| unit.unwrap()).collect();
    // The second of four units does not exist.
    let tiles: Vec<TileIndex> = units.iter().map(|unit| unit.tile().unwrap().unwrap()).collect();
    assert_eq!(tiles, [0, 2, 3].map(|first| TileIndex { first, second: None }));
    let headers = units.iter().map(|unit| unit.header().unwrap().clone()).collect();
    let offsets = groups[0].byte_offsets(headers).unwrap().unwrap();
    assert_eq!(offsets.aaus.iter().map(|unit| unit.aau_offset).collect::<Vec<_>>(), [27, 0, 82, 124]);
    assert_eq!(groups[0].byte_offsets_bit().unwrap(), 218 * 8 + 4);
    let blocks: Vec<_> = units[2].blocks().unwrap().map(|block| block.unwrap()).collect();
    assert_eq!(
        blocks.iter().map(|block| (block.number, block.field, block.offset, block.payload)).collect::<Vec<_>>(),
        [(0, Field::Attribute(500), 555, (562, 0)), (1, Field::Descriptor(7), 562, (567, 17)),]
    );
    assert!(blocks.iter().all(|block| block.tile == tiles[2] && !block.indexed && !block.encrypted));
    // Units that are fields: the blocks are tiles.
    let unit = groups[1].units().unwrap().next().unwrap().unwrap();
    assert_eq!((unit.field().unwrap(), unit.tile().unwrap(), unit.path().as_str()), (Some(Field::Attribute(500)), None, "atcn[0].agcn[1].aauc[0]"));
    assert_eq!(unit.blocks().unwrap().next().unwrap().unwrap().tile, TileIndex { first: 0, second: None });

    let file = bytes("ann-8bit-attr-1d");
    let file = File::new(Bytes(&file)).unwrap();
    let group = only_dataset(&file).tables().unwrap()[0].groups().unwrap().remove(0);
    let protections: Vec<_> =
        group.units().unwrap().map(|unit| unit.unwrap().protection().unwrap().map(|protection| protection.aau_protection_value)).collect();
    assert_eq!(protections[0].as_deref(), Some(&b"secret"[..]));
}

/// Two tables, the second behind an `offs` with all that may stand behind one; their value indexes stand behind `offs` inside bytes.
#[test]
fn boxes_behind_offs_are_found() {
    let mut bytes = bytes("avix-offs");
    let notes = |bytes: &[u8]| {
        let file = File::new(Bytes(bytes)).unwrap();
        let mut units = annotation_units(&only_dataset(&file), &AnnotationSelection::default()).unwrap();
        assert!(units.by_ref().all(|unit| unit.is_ok()));
        units.notes()
    };
    let file = File::new(Bytes(&bytes)).unwrap();
    let dataset = only_dataset(&file);
    let tables = dataset.tables().unwrap();
    assert_eq!(tables.iter().map(|table| (table.node().offset(), table.node().through_offs())).collect::<Vec<_>>(), [(126, false), (465, true)]);
    let table = &tables[1];
    assert!(table.metadata().unwrap().is_some() && table.cdl().unwrap().is_some() && table.protection().unwrap().is_some());
    assert!(table.index_node().unwrap().unwrap().through_offs());
    assert!(notes(&bytes).is_empty());
    // The first of them is a B-tree. As a string index, compressed by algorithm 1:
    bytes[455..457].copy_from_slice(&[0x80, 0x82]);
    assert_eq!(notes(&bytes), ["attribute 500 of group 0 of atcn[0] is in a string index: its strings are not in the data units"]);
    // Where it cannot be read, the data units can be all the same.
    bytes[439] = b'x';
    let wanted = "which fields of table 1 are in string indexes is not known: malformed: the box `xvix` where `avix` is expected";
    assert!(notes(&bytes)[0].starts_with(wanted), "{:?}", notes(&bytes));
}

/// A file with two fields of `tiles` tiles of one row, and blocks of 100 bytes; the byte offset of one block of the second field may be wrong.
fn large(tiles: u64, wrong: Option<u64>) -> Vec<u8> {
    use tables::*;
    fn container(key: &[u8; 4], parts: &[Vec<u8>]) -> Vec<u8> {
        let value = parts.concat();
        [key.as_slice(), &(value.len() as u64 + 12).to_be_bytes(), &value].concat()
    }
    let field = |field_id| AnnotationTableHeaderGroupField { is_attribute: true, field_id };
    let table = AnnotationTableHeader {
        at_coord_size: AtCoordSize::Bits32,
        ag_info_exists: true,
        groups: vec![AnnotationTableHeaderGroup { fields: vec![field(1), field(2)], ..Default::default() }],
        ..Default::default()
    };
    let dataset = DatasetHeader {
        dataset_type: DatasetType::Annotation,
        block_header_flag: true,
        mit_flag: Some(false),
        cc_mode_flag: Some(false),
        ..Default::default()
    };
    let group = AttributeGroupHeader { attribute_contiguity: true, reserved_2: Some(0), dimension_size: vec![tiles], ..Default::default() };
    let unit =
        |id| AnnotationAccessUnitHeader { is_attribute: Some(true), reserved_2: Some(0), attribute_id: Some(id), n_aau_blocks: tiles, ..Default::default() };
    let units = vec![vec![unit(1), unit(2)]];
    let head = AauBlockHeader { block_payload_size: 100, ..Default::default() };
    let mut writer = mpegg::bits::BitWriter::new();
    head.write(&mut writer, 1).unwrap();
    let block = [writer.into_bytes(), vec![7; 100]].concat();
    // Key, Length and header of the group, then of the unit, stand before.
    let structure = AttributeDataTileStructure { n_tiles: tiles, tile_size: vec![1], ..Default::default() };
    let mut configuration = AttributeGroupTileConfiguration { default_tile_structure: structure, ..Default::default() };
    let unit_boxes: Vec<Vec<u8>> = units[0]
        .iter()
        .map(|unit| {
            let head = unit.to_box(0, &table, &group, std::slice::from_ref(&configuration)).unwrap();
            container(b"aauc", &[head, block.repeat(tiles as usize)])
        })
        .collect();
    let group_box = group.to_box(0, &table).unwrap();
    let first = 12 + group_box.len() as u64;
    let aaus = (0..2).map(|unit| AttributeDataByteOffsetAau {
        aau_offset: first + unit * unit_boxes[0].len() as u64,
        aau_block_offset: (0..tiles).map(|tile| unit_boxes[0].len() as u64 - (tiles - tile) * 104 + u64::from(unit == 1 && wrong == Some(tile))).collect(),
    });
    let order = [1, 2].map(|attr_desc_id| AttributeDataByteOffsetOrder { is_attribute: true, attr_desc_id });
    let offsets = AttributeDataByteOffset { order: order.to_vec(), aaus: aaus.collect(), nesting_zero_bit: 0 };
    let offsets = offsets.to_box(&dataset, &table, 0, 0, &units).unwrap();
    configuration.attribute_data_byte_offset = Some(mpegg::typed::Deferred(mpegg::bits::BitString::new(offsets.len() as u64 * 8, offsets)));
    let groups = std::slice::from_ref(&group);
    let table_box = container(
        b"atcn",
        &[
            table.to_box(0).unwrap(),
            configuration.to_box(0, &dataset, &table, groups, &units).unwrap(),
            container(b"agcn", &[vec![group_box], unit_boxes].concat()),
        ],
    );
    let file = FileHeader { minor_version: mpegg::bits::Ascii(*b"2500"), ..Default::default() };
    let set = DatasetParameterSet { annotation_encoding_parameters: Some(vec![1]), ..Default::default() };
    let dataset_box = container(b"dtcn", &[dataset.to_box().unwrap(), set.to_box(&file, &dataset).unwrap(), table_box]);
    let group = container(b"dgcn", &[DatasetGroupHeader::default().to_box().unwrap(), dataset_box]);
    [file.to_box().unwrap(), group].concat()
}

/// One row of thousands: byte offsets lead to its blocks, and the others are not looked at.
#[test]
fn byte_offsets_lead_to_blocks() {
    const TILES: u64 = 5000;
    let bytes = large(TILES, None);
    let one = AnnotationSelection { rows: Some(4321..=4321), ..Default::default() };
    let run = |bytes: &[u8]| {
        let file = File::new(Counting::new(Bytes(bytes))).unwrap();
        let mut units = annotation_units(&only_dataset(&file), &one).unwrap();
        let found: Vec<Vec<u8>> = units.by_ref().map(|unit| unit.unwrap().to_vec().unwrap()).collect();
        (found, units.notes())
    };
    let counted = Counting::new(Bytes(&bytes));
    let file = File::new(&counted).unwrap();
    let found = annotation_units(&only_dataset(&file), &one).unwrap().map(|unit| unit.unwrap().len()).collect::<Vec<_>>();
    assert_eq!(found, [7, 5 + 7 + 104, 5 + 7 + 104]);
    // The offsets of two fields, and the heads of boxes, which are read ahead; not the head of each block.
    let offsets = 2 * TILES * 4;
    assert!(counted.bytes() < offsets + (256 << 10), "{} bytes read", counted.bytes());
    assert!(counted.reads() < 100, "{} reads", counted.reads());
    // Of the whole the heads of small blocks are read together.
    let counted = Counting::new(Bytes(&bytes));
    let file = File::new(&counted).unwrap();
    assert_eq!(annotation_units(&only_dataset(&file), &AnnotationSelection::default()).unwrap().count(), 3);
    assert!(counted.reads() < 100, "{} reads", counted.reads());
    // One wrong offset: the blocks are found all the same, and a note says where it stands.
    let (found, notes) = run(&bytes);
    assert!(notes.is_empty());
    for wrong in [4320, 4321, 4322] {
        let (again, notes) = run(&large(TILES, Some(wrong)));
        assert_eq!(again, found);
        // The block in front of it is not looked at.
        assert_eq!(notes.len(), usize::from(wrong != 4320), "{notes:?}");
        assert!(notes.iter().all(|note| note.contains("dgcn[0].dtcn[0].atcn[0].agtc[0].adbo.AAU_block_offset[1][4321]")), "{notes:?}");
    }
}
