//! Annotation data that is not as it should be: located errors or notes, no panic, little memory.

use mpegg::access::annotation::{AnnotationSelection, GenomicRange};
use mpegg::decapsulate::annotation_units;
use mpegg::file::{Field, File};
use mpegg::source::Bytes;
use mpegg::{Error, ErrorKind};
use mpegg_tests::alloc::{allowed, peak};
use mpegg_tests::annotation::Listed;
use mpegg_tests::inputs::{Vector, vectors};
use mpegg_tests::sinks::located;

fn vector(name: &str) -> Vector {
    vectors().into_iter().find(|vector| vector.name == name).expect("the vector")
}

/// The data units of the only dataset and the notes.
fn extract(bytes: &[u8], selection: &AnnotationSelection) -> Result<(Vec<u8>, Vec<String>), Error> {
    let file = File::new(Bytes(bytes))?;
    let (mut out, mut notes) = (vec![], vec![]);
    for group in file.groups()? {
        for dataset in group.datasets()? {
            let mut units = annotation_units(&dataset, selection)?;
            for unit in &mut units {
                unit?.write_to(&mut out, &mut vec![])?;
            }
            notes.extend(units.notes());
        }
    }
    Ok((out, notes))
}

/// The path of the only table.
const TABLE: &str = "dgcn[0].dtcn[0].atcn[0]";

/// The same file with another number in a field of the table.
fn with(vector: &Vector, path: &str, value: u64) -> Vec<u8> {
    let (bit, bits) = Listed::of(vector).place(&format!("{TABLE}.{path}"));
    let mut bytes = vector.bytes.clone();
    for (number, place) in (0..bits).rev().zip(bit as usize..) {
        let mask = 0x80u8 >> (place % 8);
        bytes[place / 8] = if value >> number & 1 == 1 { bytes[place / 8] | mask } else { bytes[place / 8] & !mask };
    }
    bytes
}

fn rows(start: u64, end: u64) -> AnnotationSelection {
    AnnotationSelection { rows: Some(start..=end), ..Default::default() }
}

fn region(chromosome: &str, start: u64, end: u64) -> AnnotationSelection {
    AnnotationSelection { regions: vec![GenomicRange { chromosome: chromosome.to_owned(), start, end }], ..Default::default() }
}

#[test]
fn what_does_not_fit_is_an_error_at_its_place() {
    let everything = AnnotationSelection::default();
    let cases = [
        ("ann-8bit-attr-1d", "agtc[0].adts[0].tile_size[0]", 0, rows(0, 0), "dgcn[0].dtcn[0].atcn[0].agtc[0]", "tiles of no row or column (tile_size 0)"),
        ("ann-8bit-tile-1d", "agtc[0].adts[0].tile_size[0]", 0, rows(0, 0), "dgcn[0].dtcn[0].atcn[0].agtc[0]", "tiles of no row or column (tile_size 0)"),
        (
            "ann-8bit-tile-1d",
            "agcn[0].aauc[1].aauh.tile_index_1",
            255,
            rows(0, 0),
            "dgcn[0].dtcn[0].atcn[0].agcn[0].aauc[1].aauh",
            "tile 255 lies behind the data: there are 3 tiles",
        ),
        (
            "ann-16bit-tile-1d-variable",
            "agcn[0].aauc[0].aauh.tile_index_1",
            7,
            rows(0, 0),
            "dgcn[0].dtcn[0].atcn[0].agcn[0].aauc[0].aauh",
            "the tile structure has 2 tiles, there is no tile 7",
        ),
        (
            "ann-16bit-attr-2d-row",
            "agcn[0].aauc[1].aauh.n_tiles_per_row",
            0,
            rows(0, 0),
            "dgcn[0].dtcn[0].atcn[0].agcn[0].aauc[1].aauh",
            "rows or columns of no tile",
        ),
        (
            "ann-16bit-attr-2d-row",
            "agcn[0].aauc[1].aauh.n_tiles_per_row",
            1,
            rows(0, 0),
            "dgcn[0].dtcn[0].atcn[0].agcn[0].aauc[1].aauh",
            "tile 2 lies behind the data: there are 2 tiles",
        ),
        (
            "ann-16bit-attr-1d-variable",
            "agtc[0].adts[0].start_index[1][0]",
            401,
            rows(0, 0),
            "dgcn[0].dtcn[0].atcn[0].agtc[0]",
            "tile 1 ends at 400 before it starts at 401",
        ),
        (
            "ann-8bit-attr-1d",
            "agcn[0].aauc[1].aauh.n_AAU_blocks",
            3,
            everything.clone(),
            "dgcn[0].dtcn[0].atcn[0].agcn[0].aauc[1]",
            "5 bytes are left behind the last block",
        ),
        (
            "ann-16bit-attr-2d-row",
            "agcn[0].aauc[0].aauh.n_AAU_blocks",
            65535,
            everything.clone(),
            "dgcn[0].dtcn[0].atcn[0].agcn[0].aauc[0].AAU_block[4].aau_block_header.reserved",
            "1 more bit needed",
        ),
        (
            "ann-64bit-attr-2d-column",
            "agcn[0].aauc[0].aauh.n_AAU_blocks",
            u64::MAX,
            everything.clone(),
            "dgcn[0].dtcn[0].atcn[0].agcn[0].aauc[0].AAU_block[2].aau_block_header.reserved",
            "1 more bit needed",
        ),
        (
            "ann-8bit-attr-1d",
            "agcn[0].aauc[1].AAU_block[1].aau_block_header.block_payload_size",
            1 << 28,
            everything.clone(),
            "dgcn[0].dtcn[0].atcn[0].agcn[0].aauc[1].AAU_block[1].aau_block_header.block_payload_size",
            "the payload ends 268435427 bytes behind the access unit",
        ),
        (
            "ann-8bit-attr-1d",
            "athd.parameter_set_ID",
            77,
            everything.clone(),
            "dgcn[0].dtcn[0].atcn[0].athd.parameter_set_ID",
            "the dataset has no parameter set 77",
        ),
        ("ann-missing-unit-64", "agtc[1].AG_class", 0, everything, "dgcn[0].dtcn[0].atcn[0].agcn[1]", "no tile configuration has the AG_class 2"),
        (
            "grix-1d-fixed",
            "atix.grix[0].start_pos[0][0]",
            1000,
            region("1", 0, 0),
            "dgcn[0].dtcn[0].atcn[0].atix.grix[0]",
            "the genomic range of entry 0 ends before it starts",
        ),
        (
            "grix-1d-fixed",
            "atix.grix[0].end_chr_idx[2][0]",
            2,
            region("1", 0, 0),
            "dgcn[0].dtcn[0].atcn[0].atix.grix[0]",
            "entry 2 is on chromosome 2, there are 2",
        ),
        ("grix-1d-fixed", "atix.AG_class[0]", 1, region("1", 0, 0), "dgcn[0].dtcn[0].atcn[0].atix", "`c >= 0` does not hold"),
    ];
    for (name, field, value, selection, path, message) in cases {
        let vector = vector(name);
        let bytes = with(&vector, field, value);
        let (result, taken) = peak(|| extract(&bytes, &selection));
        let error = result.expect_err(field);
        assert!(error.path().starts_with(path) && error.message().contains(message), "{name}, {field} {value}: {error}");
        located(&error, bytes.len()).unwrap();
        assert!(taken < allowed(bytes.len()), "{name}, {field} {value}: {taken} bytes of memory");
    }
}

/// Offsets are checked against the boxes, and where they do not fit the boxes count.
#[test]
fn byte_offsets_that_do_not_fit_are_noted() {
    for (name, selection) in [
        ("ann-16bit-attr-2d-row", rows(20, 20)),
        ("ann-16bit-attr-1d-variable", rows(0, 100)),
        ("ann-64bit-attr-2d-column", rows(0, 5)),
        ("grix-1d-fixed", region("X", 5, 30)),
    ] {
        let vector = vector(name);
        let (wanted, notes) = extract(&vector.bytes, &selection).unwrap();
        assert!(!wanted.is_empty() && notes.is_empty());
        let listed = Listed::of(&vector);
        let units = (0..).take_while(|unit| listed.get(&format!("{TABLE}.agtc[0].adbo.AAU_offset[{unit}]")).is_some());
        let mut noted = 0;
        for unit in units {
            let blocks = (0..).map(|block| format!("agtc[0].adbo.AAU_block_offset[{unit}][{block}]"));
            let fields = blocks.take_while(|field| listed.get(&format!("{TABLE}.{field}")).is_some());
            for field in fields.chain([format!("agtc[0].adbo.AAU_offset[{unit}]")]) {
                for value in [0, 1, 35, 40, u64::from(u32::MAX)] {
                    let (found, notes) = extract(&with(&vector, &field, value), &selection).unwrap_or_else(|error| panic!("{name}, {field} {value}: {error}"));
                    assert!(found == wanted, "{name}, {field} {value}");
                    assert!(notes.iter().all(|note| note.contains("do not fit") && note.contains("dgcn[0].dtcn[0].atcn[0].agtc[0].adbo")), "{notes:?}");
                    noted += notes.len();
                }
            }
        }
        assert!(noted > 5, "{name}: {noted}");
    }
}

#[test]
fn tiles_that_overlap_are_both_selected() {
    let vector = vector("ann-16bit-attr-1d-variable");
    let (apart, _) = extract(&vector.bytes, &rows(99, 99)).unwrap();
    let (both, _) = extract(&with(&vector, "agtc[0].adts[0].start_index[1][0]", 50), &rows(99, 99)).unwrap();
    let (wanted, _) = extract(&vector.bytes, &rows(99, 100)).unwrap();
    assert!(both == wanted && both.len() > apart.len());
}

/// A number of tiles that only a variable structure has to list.
#[test]
fn numbers_of_tiles_take_no_memory() {
    let vector = vector("ann-16bit-attr-2d-row");
    let bytes = with(&vector, "agtc[0].adts[0].n_tiles", 65535);
    let (found, taken) = peak(|| extract(&bytes, &rows(0, 0)));
    assert_eq!(found.unwrap(), extract(&vector.bytes, &rows(0, 0)).unwrap());
    assert!(taken < allowed(bytes.len()));
    let bytes = with(&vector, "agtc[0].adts[0].variable_size_tiles", 1);
    let error = extract(&bytes, &rows(0, 0)).unwrap_err();
    located(&error, bytes.len()).unwrap();
}

/// Data units whose size does not fit their field.
#[test]
fn sizes_of_data_units_are_checked() {
    use mpegg::decapsulate::DataUnit;
    use mpegg::tables::DataUnitType;
    let source = Bytes([1u8; 8]);
    for (unit_type, most) in [(DataUnitType::AnnotationParameterSet, (1 << 22) - 1 - 5), (DataUnitType::AnnotationAccessUnit, (1u64 << 29) - 1 - 5)] {
        let made = |length| {
            let mut unit = DataUnit::new(unit_type, &source);
            unit.push_range(0, length);
            unit.finish().map(|unit| unit.len())
        };
        assert_eq!(made(most).unwrap(), most + 5);
        assert_eq!(made(most + 1).unwrap_err().kind(), ErrorKind::Limit);
    }
}

/// Every byte of small files changed in some ways, with one of several selections.
#[test]
fn changed_bytes() {
    let selections = [
        AnnotationSelection::default(),
        rows(1, 30),
        AnnotationSelection { columns: Some(1..=3), fields: vec![Field::Descriptor(7)], ..Default::default() },
        region("chr1", 3, 60),
        AnnotationSelection { column_regions: region("chr1", 3, 60).regions, rows: Some(0..=10), ..Default::default() },
    ];
    let changes: &[u8] = if cfg!(debug_assertions) { &[0xff, 0x01] } else { &[0xff, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80] };
    let mut wrong = vec![];
    for Vector { name, mut bytes, .. } in
        vectors().into_iter().filter(|vector| ["ann-", "grix-", "annotation-"].iter().any(|start| vector.name.starts_with(start)))
    {
        if bytes.len() > 1000 {
            continue;
        }
        for at in 12..bytes.len() {
            for change in changes {
                bytes[at] ^= change;
                for selection in [&selections[0], &selections[1 + at % 4]] {
                    let (result, taken) = peak(|| extract(&bytes, selection).map(|_| ()));
                    let why = result.err().and_then(|error| located(&error, bytes.len()).err());
                    wrong.extend(why.map(|why| format!("{name}, byte {at} ^ {change:#x}: {why}")));
                    if taken > allowed(bytes.len()) {
                        wrong.push(format!("{name}, byte {at} ^ {change:#x}: {taken} bytes of memory"));
                    }
                }
                bytes[at] ^= change;
            }
        }
    }
    assert!(wrong.is_empty(), "{} failures, the first:\n{}", wrong.len(), wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n"));
}
