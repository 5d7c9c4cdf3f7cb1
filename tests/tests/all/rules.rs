//! Single rules of extraction that no mode of the random files reaches: what cannot be told, what cannot be written, where references are.

use mpegg_tests::maker::expect::{self, Query, fasta, raw_reference, raw_unit};
use mpegg_tests::maker::model::*;
use mpegg_tests::maker::write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

use super::abl_files::*;
use super::command::{difference, mpegg, told};

/// A folder with files.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, bytes)| fs::write(folder.path().join(name), bytes).unwrap());
    folder
}

/// Runs `extract` on `input.mgg` of the folder.
fn extract(folder: &Path, options: &[&str]) -> Output {
    let (input, output) = (folder.join("input.mgg"), folder.join("out.mgb"));
    let mut arguments: Vec<PathBuf> = vec!["extract".into(), input, "-o".into(), output];
    arguments.extend(options.iter().map(PathBuf::from));
    mpegg(arguments)
}

#[track_caller]
fn extracted(folder: &Path, options: &[&str]) -> Vec<u8> {
    let output = extract(folder, options);
    assert_eq!(output.status.code(), Some(0), "{options:?}: {}", told(&output));
    fs::read(folder.join("out.mgb")).unwrap()
}

/// The command fails as an input does that cannot be used, and says where.
#[track_caller]
fn refused(output: &Output, codes: &[i32]) {
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code().is_some_and(|code| codes.contains(&code)), "{}", told(output));
    assert!(message.contains("(byte "), "no place: {message}");
}

/// Two units of class P with the descriptors 0, 3 and 9 in DSC mode, blocks not ordered; the blocks that each has.
fn two_units(first: &[u8], second: &[u8]) -> (File, Vec<u8>) {
    let mut dataset = aligned(1, DSC_UNORDERED, 0, &[(1, &[1_000_000])]);
    let Content::Sequencing(content) = &mut dataset.content else { panic!() };
    content.classes = vec![Class { id: 1, descriptors: vec![0, 3, 9] }];
    content.sequences[0].blocks = 2;
    let unit = |id: u32, descriptors: &[u8]| Unit {
        id,
        class: 1,
        sequence: Some(0),
        range: (1000 * u64::from(id), 1500 * u64::from(id) + 10),
        blocks: descriptors.iter().map(|descriptor| Block { descriptor: *descriptor, payload: vec![id as u8 + 1; 5 + usize::from(*descriptor)] }).collect(),
        ..Unit::default()
    };
    content.units = vec![unit(0, first), unit(1, second)];
    let units = |descriptor: u8| {
        let holds = |number: &usize| content.units[*number].blocks.iter().any(|block| block.descriptor == descriptor);
        [1, 0].into_iter().filter(holds).collect()
    };
    content.streams = [0, 3, 9].map(|descriptor| Stream { class: 1, descriptor, protection: None, units: units(descriptor) }).into();
    let model = file(vec![reference(0, chromosomes(), Location::Internal { group: 0, dataset: 3 })], vec![dataset, compressed(3, AUC, &[1])], vec![]);
    let bytes = write::file(&model);
    (model, bytes)
}

/// Gives the block of a row the offset that the other row has.
fn same_offset(bytes: &mut [u8], row: usize, descriptor: usize) {
    let table = bytes.windows(4).position(|four| four == b"mitb").unwrap() + 12;
    let place = |row: usize| table + row * 24 + 12 + descriptor * 4;
    let other: [u8; 4] = bytes[place(1 - row)..place(1 - row) + 4].try_into().unwrap();
    bytes[place(row)..place(row) + 4].copy_from_slice(&other);
}

#[test]
fn equal_offsets_are_told_apart_by_num_blocks() {
    // The first unit has one block; of 3 and 9 it says where the other's are.
    let (model, mut bytes) = two_units(&[0], &[0, 3, 9]);
    same_offset(&mut bytes, 0, 1);
    same_offset(&mut bytes, 0, 2);
    let folder = folder(&[("input.mgg", &bytes)]);
    assert_eq!(difference(&extracted(folder.path(), &["--dataset", "1"]), &expect::dataset_units(&model, 0, 1, &Query::default())), None);
}

#[test]
fn equal_offsets_that_nothing_tells_apart_are_refused() {
    // Each has one of 3 and 9, and names both.
    let (_, mut bytes) = two_units(&[0, 3], &[0, 9]);
    same_offset(&mut bytes, 0, 2);
    same_offset(&mut bytes, 1, 1);
    let folder = folder(&[("input.mgg", &bytes)]);
    refused(&extract(folder.path(), &["--dataset", "1"]), &[4, 6]);
}

#[test]
fn signatures_of_a_reference_with_index_cannot_be_rebuilt() {
    let mut holder = compressed(3, AUC, &[1]);
    if let Content::Sequencing(content) = &mut holder.content {
        content.form.signatures = Signatures::Variable;
    }
    let folder = folder(&[("input.mgg", &write::file(&file(vec![], vec![holder], vec![])))]);
    refused(&extract(folder.path(), &["--dataset", "3"]), &[6]);
}

/// Of parameter sets: the largest that fits into a data unit, and one byte more.
#[test]
fn parameter_sets_have_22_bits_of_size() {
    for (size, fits) in [((1 << 22) - 1 - 7, true), ((1 << 22) - 7, false)] {
        let mut dataset = signed(1, 0, Signatures::Absent, &[&[]]);
        dataset.parameter_sets.iter_mut().for_each(|set| set.payload = vec![7; size]);
        let model = file(vec![], vec![dataset], vec![]);
        let folder = folder(&[("input.mgg", &write::file(&model))]);
        if fits {
            assert_eq!(difference(&extracted(folder.path(), &["--dataset", "1"]), &expect::dataset_units(&model, 0, 1, &Query::default())), None);
        } else {
            refused(&extract(folder.path(), &["--dataset", "1"]), &[4, 5, 6]);
        }
    }
}

/// A signature in the table with a letter that the alphabet of its unit lacks: it cannot be written into the unit's header.
#[test]
fn letters_that_an_alphabet_lacks_are_refused() {
    let mut dataset = signed(1, 1, Signatures::Variable, &[&["ACGT"]]);
    let Content::Sequencing(content) = &mut dataset.content else { panic!() };
    content.parameters_update = true;
    let form = |alphabet| Form { alphabet, ..content.form };
    let (own, other) = (form(0), form(1));
    let used = content.units[0].parameter_set;
    dataset.parameter_sets.iter_mut().for_each(|set| set.form = Some(if set.id == used { own } else { other }));
    let model = file(vec![], vec![dataset], vec![]);
    let mut bytes = write::file(&model);
    let directory = folder(&[("input.mgg", &bytes)]);
    assert_eq!(difference(&extracted(directory.path(), &["--dataset", "1"]), &expect::dataset_units(&model, 0, 1, &Query::default())), None);
    // Behind the offset, num_signatures and the length stand the letters: 00000 00001 00010 00011; the first becomes R, 00100.
    let row = bytes.windows(4).position(|four| four == b"mitb").unwrap() + 12;
    assert_eq!(bytes[row + 4..row + 7], [0, 1, 4]);
    bytes[row + 7] |= 0b0010_0000;
    fs::write(directory.path().join("input.mgg"), &bytes).unwrap();
    refused(&extract(directory.path(), &["--dataset", "1"]), &[4, 6]);
}

#[test]
fn regions_in_either_form() {
    let dataset = aligned(1, AUC, 0, &[(1, &[1_000_000, 5_000_000]), (23, &[2_000_000])]);
    let model = file(vec![reference(0, chromosomes(), Location::Internal { group: 0, dataset: 3 })], vec![dataset, compressed(3, AUC, &[1])], vec![]);
    let folder = folder(&[("input.mgg", &write::file(&model))]);
    let by_id = extracted(folder.path(), &["--dataset", "0:1", "--region", "@23:1999999-2000000"]);
    assert!(!by_id.is_empty());
    assert_eq!(by_id, extracted(folder.path(), &["--dataset", "0:1", "--region", "X:2,000,000-2,000,001"]));
    assert_eq!(by_id, extracted(folder.path(), &["--dataset", "1", "--region", "X:2000000-2000001"]));
    // The name alone is the whole sequence.
    let all = extracted(folder.path(), &["--dataset", "0:1", "--region", "@23:0-4294967295"]);
    assert_eq!(all, extracted(folder.path(), &["--dataset", "0:1", "--region", "X"]));
    assert!(all.len() > by_id.len());
}

/// The small genome of these tests.
const GENOME: [(&str, u16, &[u8]); 2] = [("1", 1, b"ACGTACGTACGTACGTNNNNACGT"), ("2", 2, b"GGGGCCCCAAAATTTT")];

fn sequences() -> Vec<ReferenceSequence> {
    GENOME.map(|(name, id, bases)| ReferenceSequence { name: name.into(), length: bases.len() as u32, id }).to_vec()
}

/// Dataset 1 on an external reference of that kind and place.
fn external(kind: ReferenceKind, uri: &str, first_edition: bool) -> (File, Vec<u8>) {
    let mut sequences = sequences();
    if first_edition {
        sequences.iter_mut().for_each(|sequence| sequence.id -= 1);
    }
    let checksums = vec![vec![0; 32]; if first_edition && matches!(kind, ReferenceKind::Mpegg { .. }) { 1 } else { 2 }];
    let location = Location::External { uri: uri.into(), algorithm: 1, kind, checksums };
    let mut dataset = aligned(1, AUC, 0, &[(1, &[0])]);
    let Content::Sequencing(content) = &mut dataset.content else { panic!() };
    content.sequences[0].id = sequences[0].id;
    content.units.iter_mut().for_each(|unit| unit.range = (u64::from(unit.id), u64::from(unit.id) + 4));
    let mut model = file(vec![reference(0, sequences, location)], vec![dataset], vec![]);
    if first_edition {
        model.minor_version = *b"1900";
    }
    let bytes = write::file(&model);
    (model, bytes)
}

fn genome_fasta() -> Vec<u8> {
    fasta(&GENOME.map(|(name, _, bases)| (name, bases)), 7)
}

fn genome_raw(first: u16) -> Vec<u8> {
    raw_reference(&GENOME.map(|(_, id, bases)| (id - 1 + first, 0, bases)))
}

#[test]
fn raw_and_fasta_references_whole() {
    let fasta = genome_fasta();
    for first_edition in [false, true] {
        // Sequences of the first edition are counted.
        let raw = genome_raw(u16::from(!first_edition));
        for (kind, name, source) in [(ReferenceKind::Fasta, "genome.fa", &fasta), (ReferenceKind::Raw, "genome.raw", &raw)] {
            let (_, bytes) = external(kind, name, first_edition);
            let folder = folder(&[("input.mgg", &bytes), (name, source)]);
            let output = folder.path().join("reference.mgb");
            extracted(folder.path(), &["--dataset", "1", "--reference-output", output.to_str().unwrap()]);
            assert_eq!(difference(&fs::read(&output).unwrap(), &raw_unit(&raw)), None, "{name} {first_edition}");
            for (format, wanted) in [("unit", raw_unit(&raw)), ("raw", raw.clone())] {
                let input = folder.path().join("input.mgg");
                let asked = [
                    "reference".as_ref(),
                    input.as_os_str(),
                    "--reference".as_ref(),
                    "0:0".as_ref(),
                    "-o".as_ref(),
                    output.as_os_str(),
                    "--format".as_ref(),
                    format.as_ref(),
                ];
                let written = mpegg(asked);
                assert_eq!(written.status.code(), Some(0), "{name} {format}: {}", told(&written));
                assert_eq!(difference(&fs::read(&output).unwrap(), &wanted), None, "{name} {format} {first_edition}");
            }
        }
    }
}

#[test]
fn where_an_external_reference_is() {
    let here = folder(&[("genome.fa", &genome_fasta())]);
    let absolute = format!("file://{}", here.path().join("genome.fa").display());
    // Beside the file, by an absolute URI, and where an option says.
    let option = here.path().join("genome.fa").display().to_string();
    let directory = here.path().display().to_string();
    for (uri, options) in [
        (absolute.as_str(), vec![]),
        ("other.fa", vec!["--fasta", &option]),
        ("some/where/genome.fa", vec!["--fasta", &directory]),
        ("https://example.org/genome.fa", vec!["--fasta", &option]),
    ] {
        let folder = folder(&[("input.mgg", &external(ReferenceKind::Fasta, uri, false).1)]);
        let output = folder.path().join("reference.mgb").display().to_string();
        let mut all = vec!["--dataset", "1", "--reference-output", &output];
        all.extend(options);
        extracted(folder.path(), &all);
        assert_eq!(difference(&fs::read(&output).unwrap(), &raw_unit(&genome_raw(1))), None, "{uri}");
    }
    // Nothing is fetched; what is asked without the reference needs none.
    let folder = folder(&[("input.mgg", &external(ReferenceKind::Fasta, "https://example.org/genome.fa", false).1)]);
    let output = folder.path().join("reference.mgb").display().to_string();
    let asked = extract(folder.path(), &["--dataset", "1", "--reference-output", &output]);
    assert_ne!(asked.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&asked.stderr).contains("https"), "{}", told(&asked));
    extracted(folder.path(), &["--dataset", "1"]);
}

/// A reference dataset of another file: its data units, whole or the part that is needed.
#[test]
fn reference_datasets_of_other_files() {
    let other = file(vec![], vec![compressed(3, AUC, &[1, 3])], vec![]);
    let location =
        Location::External { uri: "other.mgg".into(), algorithm: 1, kind: ReferenceKind::Mpegg { group: 0, dataset: 3 }, checksums: vec![vec![0; 32]; 24] };
    let dataset = aligned(1, AUC, 0, &[(1, &[1_000_000, 100_000_000])]);
    let model = file(vec![reference(0, chromosomes(), location)], vec![dataset], vec![]);
    let folder = folder(&[("input.mgg", &write::file(&model)), ("other.mgg", &write::file(&other))]);
    let output = folder.path().join("reference.mgb").display().to_string();
    let holder = &other.groups[0].datasets[0];
    extracted(folder.path(), &["--dataset", "1", "--reference-output", &output]);
    assert_eq!(difference(&fs::read(&output).unwrap(), &expect::part_units(holder, &None)), None);
    extracted(folder.path(), &["--dataset", "1", "--region", "@1:100000000-100000000", "--reference-output", &output]);
    let part = vec![expect::Region { sequence: 1, start: 99_999_400, end: 100_000_900 }];
    assert_eq!(difference(&fs::read(&output).unwrap(), &expect::part_units(holder, &Some(part))), None);
}
