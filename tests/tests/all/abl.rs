//! The procedures of Part 5, Table 3, through the command, on files like those of the tests.

use mpegg_tests::maker::expect::{self, Query, raw_reference, raw_unit};
use mpegg_tests::maker::model::*;
use mpegg_tests::maker::write;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

use super::abl_files::*;
use super::abl_test::*;
use super::command::{difference, mpegg, told};

/// The dataset 2 of two, and its reference from FASTA, both whole.
#[track_caller]
fn whole_with_fasta(storage: Storage) {
    let references = vec![reference(0, chromosomes(), internal(3)), small_reference(1, 1, ReferenceKind::Fasta, "small.fa")];
    let datasets = vec![aligned(1, storage, 0, &[(1, &[5000])]), small_dataset(2, storage, 1), compressed(3, AUC, &[1])];
    let test = Test::new(file(references, datasets, vec![]));
    fs::write(test.folder.path().join("small.fa"), small_fasta()).unwrap();
    let (units, reference) = test.extract(2, &Query::default());
    assert_eq!(difference(&units, &expect::dataset_units(&test.file, 0, 2, &Query::default())), None);
    // In the order of the source.
    let sequences: Vec<(u16, u64, &[u8])> = SMALL.iter().map(|(_, id, bases)| (*id, 0, bases.as_bytes())).collect();
    assert_eq!(difference(&reference, &raw_unit(&raw_reference(&sequences))), None);
}

/// Datasets 1 and 3: the second is the reference of the first.
fn with_compressed(storage: Storage, sequences: &[(u16, &[u64])]) -> Test {
    let ids: Vec<u16> = sequences.iter().map(|(id, _)| *id).collect();
    let data = aligned(1, storage, 0, sequences);
    let storage = if storage == NO_INDEX { NO_INDEX } else { AUC };
    Test::new(file(vec![reference(0, chromosomes(), internal(3))], vec![data, compressed(3, storage, &ids)], vec![]))
}

#[track_caller]
fn one_region(storage: Storage, start: u64, end: u64) {
    with_compressed(storage, &[(1, &[1_000_000, start, end, 100_000_000]), (2, &[start])]).part(1, &regions(&[(1, start, end)]));
}

#[track_caller]
fn several_regions(storage: Storage, regions: &[(u16, u64, u64)]) {
    let positions: Vec<(u16, Vec<u64>)> = regions.iter().map(|(sequence, start, end)| (*sequence, vec![*start, *end, end + 2_000_000])).collect();
    let sequences: Vec<(u16, &[u64])> = positions.iter().map(|(sequence, positions)| (*sequence, &positions[..])).collect();
    let mut sequences = sequences;
    sequences.insert(1, (2, &[10_000_000, 20_000_000]));
    with_compressed(storage, &sequences).part(1, &self::regions(regions));
}

/// Three datasets, one of them a reference; labels of several datasets, regions and classes; `only` is the dataset that NGF is asked of.
#[track_caller]
fn labels(storage: Storage, only: u16) {
    let (first, second) = if only == 2 { (1, 2) } else { (2, 3) };
    let holder = if only == 2 { 3 } else { 1 };
    let positions: &[(u16, &[u64])] = &[(1, &[6_161_847, 6_240_194, 32_716_840, 32_751_766, 115_828_539, 115_880_857]), (2, &[100_000, 200_000, 150_000])];
    let labels = vec![
        label("CHD5", &[(first, &[(1, &[1, 3], 6_161_847, 6_240_194)]), (second, &[(1, &[], 6_161_847, 6_240_194), (2, &[4], 100_000, 200_000)])]),
        label("LCK", &[(first, &[(1, &[], 32_716_840, 32_751_766)]), (second, &[(1, &[4], 32_716_840, 32_751_766)])]),
        label("NGF", &[(second, &[(1, &[1, 3, 4], 115_828_539, 115_880_857), (2, &[1, 2], 150_000, 150_000)])]),
        label("all", &[(first, &[])]),
    ];
    let mut datasets = vec![aligned(first, storage, 0, positions), aligned(second, storage, 0, positions), compressed(holder, storage, &[1, 2, 3])];
    datasets.sort_by_key(|dataset| dataset.id);
    let test = Test::new(file(vec![reference(0, chromosomes(), internal(holder))], datasets, labels));
    let asked = |labels: &[&str]| Query { labels: labels.iter().map(|label| (*label).to_owned()).collect(), ..Query::default() };
    for dataset in [first, second] {
        test.part(dataset, &asked(&["CHD5"]));
        test.part(dataset, &asked(&["LCK"]));
    }
    test.part(only, &asked(&["NGF"]));
    test.part(only, &asked(&["NGF", "CHD5"]));
    // A label that does not name the dataset selects nothing of it.
    assert_eq!(test.both(first, &asked(&["NGF"])), (0, 0));
    // A label without regions is the whole dataset, but a selection: in file order.
    assert!(test.both(first, &asked(&["all"])).0 > 0);
}

/// Two datasets and a reference each: one of them by region, the other by region and class.
#[track_caller]
fn two_references(storage: Storage) {
    let (one, other) = (&[10_000_000, 20_000_000, 90_000_000][..], &[20_000_000, 30_000_020, 90_000_000][..]);
    let references = vec![reference(0, chromosomes(), internal(3)), reference(1, chromosomes(), internal(4))];
    let datasets = vec![
        aligned(1, storage, 0, &[(1, one), (3, other)]),
        aligned(2, storage, 1, &[(1, one), (3, other)]),
        compressed(3, storage, &[1, 3]),
        compressed(4, storage, &[3, 1]),
    ];
    let test = Test::new(file(references, datasets, vec![]));
    test.part(1, &regions(&[(1, 10_000_000, 20_000_000)]));
    test.part(2, &Query { classes: Some(vec![3]), ..regions(&[(3, 20_000_000, 30_000_020)]) });
}

#[test]
fn abl_001_dataset_and_fasta_reference() {
    whole_with_fasta(AUC);
    whole_with_fasta(AUC_CC);
}

#[test]
fn abl_002_dataset_and_compressed_reference() {
    let datasets = vec![aligned(1, AUC, 0, &[(1, &[5000])]), aligned(2, AUC, 0, &[(1, &[1_000_000]), (3, &[20_000_000])]), compressed(3, AUC_CC, &[1, 3])];
    let test = Test::new(file(vec![reference(0, chromosomes(), internal(3))], datasets, vec![]));
    let (units, reference) = test.both(2, &Query::default());
    assert!(units > 0 && reference > 0);
}

/// Checksums that are computed from FASTA, those that the file tells, and a wrong base.
#[track_caller]
fn checksums(algorithm: u8) {
    let test = Test::new(file(
        vec![small_reference(0, algorithm, ReferenceKind::Fasta, "small.fa")],
        vec![small_dataset(1, AUC, 0), small_dataset(2, AUC, 0)],
        vec![],
    ));
    let source = test.folder.path().join("small.fa");
    fs::write(&source, small_fasta()).unwrap();
    let ask = |what: &str| mpegg(["reference".as_ref(), test.path().as_os_str(), "--reference".as_ref(), "0:0".as_ref(), what.as_ref()]);
    let computed = ask("--checksums");
    assert_eq!(computed.status.code(), Some(0), "{}", told(&computed));
    let text = String::from_utf8(computed.stdout).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    let mut wanted: Vec<String> = SMALL.iter().map(|(name, _, bases)| format!("{}  {name}", hex(&checksum(algorithm, bases.as_bytes())))).collect();
    wanted.sort_unstable();
    assert_eq!(lines, wanted);
    assert_eq!(ask("--verify").status.code(), Some(0), "{}", told(&ask("--verify")));
    // The last base of the sequence 1.
    let mut text = small_fasta();
    let last = text.iter().rposition(|byte| byte.is_ascii_alphabetic()).unwrap();
    text[last] = b'T';
    fs::write(&source, text).unwrap();
    let wrong = ask("--verify");
    assert_eq!(wrong.status.code(), Some(1), "{}", told(&wrong));
}

#[test]
fn abl_003_md5_of_a_fasta_reference() {
    checksums(0);
}

#[test]
fn abl_004_sha256_of_a_fasta_reference() {
    checksums(1);
}

fn get(file: &Path, field: &str) -> Vec<u8> {
    let output = mpegg(["get".as_ref(), file.as_os_str(), field.as_ref()]);
    assert_eq!(output.status.code(), Some(0), "{field}: {}", told(&output));
    output.stdout
}

#[test]
fn abl_005_checksum_of_a_compressed_reference() {
    // What another file holds: its checksums are those of the bases, which only a decoder of Part 2 knows; the file tells them.
    let sums = [vec![0xa5; 32], (0..32).collect::<Vec<u8>>()];
    let kind = ReferenceKind::Mpegg { group: 0, dataset: 3 };
    let location = Location::External { uri: "reference.mgg".into(), algorithm: 1, kind, checksums: sums.to_vec() };
    let test = Test::new(file(vec![reference(0, small_sequences(), location)], vec![small_dataset(1, AUC, 0)], vec![]));
    for (number, sum) in sums.iter().enumerate() {
        assert_eq!(get(&test.path(), &format!("dgcn[0].rfgn[0].ref_seq_checksum[{number}]")), *sum);
    }
    // The first edition has one checksum: of the Value of the dataset.
    let mut other = file(vec![], vec![compressed(3, AUC, &[1])], vec![]);
    other.minor_version = *b"1900";
    let bytes = write::file(&other);
    let at = bytes.windows(4).position(|four| four == b"dtcn").unwrap();
    let sum = Sha256::digest(&bytes[at + 12..]).to_vec();
    let location = Location::External { uri: "reference.mgg".into(), algorithm: 1, kind, checksums: vec![sum.clone()] };
    let mut sequences = small_sequences();
    sequences.iter_mut().for_each(|sequence| sequence.id -= 1);
    let mut model = file(vec![reference(0, sequences, location)], vec![aligned(1, AUC, 0, &[(1, &[5000])])], vec![]);
    model.minor_version = *b"1900";
    let test = Test::new(model);
    fs::write(test.folder.path().join("reference.mgg"), &bytes).unwrap();
    assert_eq!(get(&test.path(), "dgcn[0].rfgn[0].ref_checksum"), sum);
    let computed = mpegg(["reference".as_ref(), test.path().as_os_str(), "--reference".as_ref(), "0:0".as_ref(), "--checksums".as_ref()]);
    assert!(String::from_utf8_lossy(&computed.stdout).contains(&hex(&sum)), "{}", told(&computed));
}

#[test]
fn abl_006_one_region() {
    one_region(AUC, 10_000_000, 20_000_000);
    one_region(AUC_CC, 10_000_000, 20_000_000);
}

const SEVERAL: [(u16, u64, u64); 3] = [(1, 10_000_000, 20_000_000), (3, 20_000_000, 30_000_020), (17, 0, 500_000)];

#[test]
fn abl_007_regions_on_several_sequences() {
    several_regions(AUC, &SEVERAL);
}

#[test]
fn abl_008_regions_that_are_partly_covered() {
    // On sequence 1 the region ends behind the sequence; on 20 it lies behind.
    let test = with_compressed(AUC, &[(1, &[100_000, 240_000_000]), (3, &[1_000_000, 10_000_120, 50_000_000]), (20, &[1_000_000])]);
    test.part(1, &regions(&[(1, 240_000_000, 250_000_000), (3, 0, 10_000_120), (20, 140_000_000, 200_000_000)]));
}

#[test]
fn abl_009_regions_without_data() {
    let test = with_compressed(AUC, &[(1, &[100_000]), (18, &[1_000_000, 50_000_000]), (21, &[3_000_000])]);
    assert_eq!(test.both(1, &regions(&[(18, 100_000_000, 200_000_000), (21, 120_000_000, 130_000_020)])), (0, 0));
    // Nor of a sequence that the dataset does not have.
    assert_eq!(test.both(1, &regions(&[(5, 0, 1_000_000)])), (0, 0));
}

fn signatures(signatures: &[&str]) -> Query {
    Query { signatures: signatures.iter().map(|text| (*text).to_owned()).collect(), ..Query::default() }
}

#[test]
fn abl_010_one_signature() {
    let data = signed(0, 0, Signatures::Constant(8), &[&["AAAAAAAA"], &["AAAAAAAC"], &["TTTTAAAA"]]);
    Test::new(file(vec![], vec![data], vec![])).units(0, &signatures(&["AAAAAAAA"]));
}

#[test]
fn abl_011_two_signatures() {
    let data =
        signed(0, 0, Signatures::Variable, &[&["AAAAAAA"], &["AAAAAAAA"], &["AAAAAAAA", "TTTTAAAA"], &["AAAAAAAC", "TTTTAAAC"], &["TTTTAAAA"], &["TTTTAAAC"]]);
    let test = Test::new(file(vec![], vec![data], vec![]));
    test.units(0, &signatures(&["AAAAAAAA", "TTTTAAAA"]));
    test.units(0, &signatures(&["TTTTAAAA"]));
}

#[test]
fn abl_012_signature_of_the_other_alphabet() {
    // Y is compared as the letter that it is.
    let data = signed(0, 1, Signatures::Constant(8), &[&["CCCCCCCC"], &["TTTTTTTT"], &["YYYYYYYY"], &["YYYYYYY-"], &["NNNNNNNN"]]);
    Test::new(file(vec![], vec![data], vec![])).units(0, &signatures(&["YYYYYYYY"]));
}

#[test]
fn abl_013_labels() {
    labels(AUC, 2);
}

#[test]
fn abl_014_dataset_without_index() {
    let (units, reference) = with_compressed(NO_INDEX, &[(1, &[1_000_000]), (3, &[20_000_000])]).both(1, &Query::default());
    assert!(units > 0 && reference > 0);
}

#[test]
fn abl_015_region_without_index() {
    one_region(NO_INDEX, 5_000_000, 10_000_000);
}

#[test]
fn abl_016_two_references() {
    two_references(AUC);
}

#[test]
fn abl_017_dsc_ordered_dataset_and_fasta_reference() {
    whole_with_fasta(DSC_ORDERED);
}

#[test]
fn abl_018_dsc_unordered_dataset_and_fasta_reference() {
    whole_with_fasta(DSC_UNORDERED);
}

#[test]
fn abl_019_dsc_ordered_one_region() {
    one_region(DSC_ORDERED, 5_000_000, 10_000_000);
}

#[test]
fn abl_020_dsc_ordered_regions_on_several_sequences() {
    several_regions(DSC_ORDERED, &[SEVERAL[0], SEVERAL[1], (17, 0, 1_500_000)]);
}

#[test]
fn abl_021_dsc_ordered_labels() {
    labels(DSC_ORDERED, 3);
}

#[test]
fn abl_022_dsc_unordered_one_region() {
    one_region(DSC_UNORDERED, 5_000_000, 10_000_000);
}

#[test]
fn abl_023_dsc_unordered_regions_and_the_last_block() {
    several_regions(DSC_UNORDERED, &SEVERAL);
    // The unit whose block is the last of a stream, alone.
    let test = with_compressed(DSC_UNORDERED, &[(1, &[10_000_000, 20_000_000])]);
    let content = test.file.groups[0].datasets[0].sequencing().unwrap();
    for stream in &content.streams {
        let Some(unit) = stream.units.last().map(|number| &content.units[*number]) else { continue };
        let query = Query { classes: Some(vec![unit.class]), units: Some(vec![unit.id]), ..regions(&[(1, unit.range.0, unit.range.1)]) };
        test.part(1, &query);
    }
}

#[test]
fn abl_024_dsc_unordered_labels() {
    labels(DSC_UNORDERED, 3);
}

#[test]
fn abl_025_dsc_ordered_two_references() {
    two_references(DSC_ORDERED);
}

#[test]
fn abl_026_metadata_by_offsets() {
    let places = [Place::Here, Place::Away, Place::StaleFirst, Place::StaleLast];
    for place in places {
        let mut model = file(vec![reference(0, chromosomes(), internal(3))], vec![aligned(1, AUC, 0, &[(1, &[5000])]), compressed(3, AUC, &[1])], vec![]);
        let opaque = |key: &Key, value: &[u8]| Opaque { key: *key, value: value.to_vec(), place };
        let group = &mut model.groups[0];
        group.boxes = vec![opaque(b"dgmd", b"of the group"), opaque(b"dgcd", b"clinical"), opaque(b"dgpr", b"protected")];
        group.reference_metadata = vec![(0, Opaque { place: if place == Place::Here { place } else { Place::Away }, ..opaque(b"rfmd", b"of the reference") })];
        group.datasets[0].boxes = vec![opaque(b"dtmd", b"of the dataset"), opaque(b"dtmt", b"metrics"), opaque(b"dtcd", b""), opaque(b"dtpr", b"\0\xff")];
        group.extras.placeholders = vec![*b"labl", *b"rfmd"];
        let test = Test::new(model);
        let fields: [(&str, &[u8]); 8] = [
            ("dgmd.DG_metadata_value", b"of the group"),
            ("dgcd.DG_CDL_value", b"clinical"),
            ("dgpr.DG_protection_value", b"protected"),
            ("rfmd[0].reference_metadata_value", b"of the reference"),
            ("dtcn[0].dtmd.DT_metadata_value", b"of the dataset"),
            ("dtcn[0].dtmt.DT_metrics_value", b"metrics"),
            ("dtcn[0].dtcd.DT_CDL_value", b""),
            ("dtcn[0].dtpr.DT_protection_value", b"\0\xff"),
        ];
        for (field, wanted) in fields {
            let output = test.folder.path().join("value");
            let asked = mpegg(["get".as_ref(), test.path().as_os_str(), format!("dgcn[0].{field}").as_ref(), "-o".as_ref(), output.as_os_str()]);
            assert_eq!(asked.status.code(), Some(0), "{place:?} {field}: {}", told(&asked));
            assert_eq!(fs::read(&output).unwrap(), wanted, "{place:?} {field}");
        }
        test.both(1, &Query::default());
    }
}
