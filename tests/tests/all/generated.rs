//! Random files: what the command takes out of them is what their model says.

use mpegg_tests::maker::big::{Big, storage};
use mpegg_tests::maker::expect;
use mpegg_tests::maker::model::{Content, Location};
use mpegg_tests::maker::random::{Case, Rng, annotation_file, annotation_query, query, sequencing_file};
use mpegg_tests::maker::write;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use super::command::{Extract, difference, mpegg, told};

/// Cases of sequencing data, a multiple of the 96 that cross all modes; more where MPEGG_CASES says so.
fn sequencing_cases() -> u64 {
    asked().unwrap_or(288)
}

/// Cases of annotation data, a multiple of 32.
fn annotation_cases() -> u64 {
    asked().unwrap_or(128)
}

fn asked() -> Option<u64> {
    std::env::var("MPEGG_CASES").ok()?.parse().ok()
}

/// Every case of a kind: the first of them that fail are told.
pub fn check(cases: std::ops::Range<u64>, mut failure: impl FnMut(u64, &Path) -> Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let (mut wrong, mut failing) = (vec![], 0);
    for case in cases.clone() {
        let found = failure(case, folder.path());
        if !found.is_empty() {
            failing += 1;
            wrong.extend(found.into_iter().take(3).map(|one| format!("case {case}: {one}")));
        }
    }
    wrong.truncate(20);
    assert!(failing == 0, "{failing} of {} cases fail\n{}", cases.count(), wrong.join("\n"));
}

/// Extracts, whole and in part, the datasets of a case of sequencing data.
fn sequencing(case: u64, folder: &Path) -> Vec<String> {
    let mut rng = Rng::new(case ^ 0x5E1EC7);
    let Case { file, .. } = sequencing_file(case);
    let path = folder.join(format!("s{case}.mgg"));
    fs::write(&path, write::file(&file)).unwrap();
    let mut wrong = vec![];
    for group in &file.groups {
        for dataset in &group.datasets {
            let mut queries = vec![expect::Query::default()];
            let more = if dataset.id == 1 { 3 } else { 1 };
            queries.extend((0..more).map(|_| query(&mut rng, group, dataset)));
            for query in queries {
                let reference = dataset
                    .sequencing()
                    .and_then(|content| group.references.iter().find(|reference| !content.sequences.is_empty() && reference.id == content.reference));
                let internal = reference.is_some_and(|reference| matches!(reference.location, Location::Internal { .. }));
                let output = folder.join("units.mgb");
                let extract = Extract {
                    file: &path,
                    dataset: format!("{}:{}", group.id, dataset.id),
                    options: query.arguments(),
                    reference_output: internal.then(|| folder.join("reference.mgb")),
                    output,
                };
                let (units, reference) = match extract.run() {
                    Ok(written) => written,
                    Err(error) => {
                        wrong.push(format!("{}:{} {:?}: {error}", group.id, dataset.id, query.arguments()));
                        continue;
                    }
                };
                let differences = [
                    ("units", &units, expect::dataset_units(&file, group.id, dataset.id, &query)),
                    ("reference", &reference, expect::reference_units(&file, group.id, dataset.id, &query)),
                ];
                for (what, found, wanted) in differences {
                    if let Some(difference) = difference(found, &wanted) {
                        wrong.push(format!("{}:{} {:?}: {what}: {difference}", group.id, dataset.id, query.arguments()));
                    }
                }
            }
        }
    }
    let _ = fs::remove_file(path);
    wrong
}

// Two tests: they run side by side.
#[test]
fn sequencing_even() {
    check(0..sequencing_cases() / 2, sequencing);
}

#[test]
fn sequencing_odd() {
    check(sequencing_cases() / 2..sequencing_cases(), sequencing);
}

#[test]
fn annotation() {
    check(0..annotation_cases(), |case, folder| {
        let mut rng = Rng::new(case ^ 0x5E1EC7);
        let Case { file, .. } = annotation_file(case);
        let path = folder.join(format!("a{case}.mgg"));
        fs::write(&path, write::file(&file)).unwrap();
        let mut wrong = vec![];
        let Content::Annotation(tables) = &file.groups[0].datasets[0].content else { return vec!["no annotation".into()] };
        let mut queries = vec![expect::AnnotationQuery::default()];
        queries.extend((0..4).map(|_| annotation_query(&mut rng, tables)));
        for query in queries {
            let extract =
                Extract { file: &path, dataset: "0:1".into(), options: query.arguments(), output: folder.join("annotation.mgb"), reference_output: None };
            match extract.run() {
                Ok((units, _)) => {
                    let difference = difference(&units, &expect::annotation_units(&file, 0, 1, &query));
                    wrong.extend(difference.map(|difference| format!("{:?}: {difference}", query.arguments())));
                }
                Err(error) => wrong.push(format!("{:?}: {error}", query.arguments())),
            }
        }
        let _ = fs::remove_file(path);
        wrong
    });
}

/// A file of each kind, with its path.
fn one_of_each(case: u64, folder: &Path) -> Vec<(Case, std::path::PathBuf)> {
    let cases = [(sequencing_file(case), "s"), (annotation_file(case), "a")];
    cases
        .into_iter()
        .map(|(one, kind)| {
            let path = folder.join(format!("{kind}{case}.mgg"));
            fs::write(&path, write::file(&one.file)).unwrap();
            (one, path)
        })
        .collect()
}

#[test]
fn every_field_is_read_and_comes_back() {
    check(0..32, |case, folder| {
        let mut wrong = vec![];
        for (_, path) in one_of_each(case * 7, folder) {
            let dump = mpegg(["dump".as_ref(), path.as_os_str()]);
            let json = path.with_extension("json");
            let to = mpegg(["to-json".as_ref(), path.as_os_str(), "-o".as_ref(), json.as_os_str()]);
            let from = mpegg(["from-json".as_ref(), json.as_os_str()]);
            for output in [&dump, &to, &from] {
                if output.status.code() != Some(0) || !output.stderr.is_empty() {
                    wrong.push(format!("{}: {}", path.display(), String::from_utf8_lossy(&output.stderr)));
                }
            }
            wrong.extend(difference(&from.stdout, &fs::read(&path).unwrap()).map(|difference| format!("{}: {difference}", path.display())));
        }
        wrong
    });
}

#[test]
fn the_validator_finds_nothing_in_what_is_right() {
    check(0..annotation_cases(), |case, folder| {
        let mut wrong = vec![];
        for (_, path) in one_of_each(case, folder).into_iter().filter(|(one, _)| one.conformant) {
            let output = mpegg(["validate".as_ref(), path.as_os_str()]);
            if output.status.code() != Some(0) {
                wrong.push(format!("{}: {}", path.file_name().unwrap().display(), told(&output)));
            }
            let _ = fs::remove_file(path);
        }
        wrong
    });
}

#[test]
fn the_validator_finds_unknown_boxes() {
    let mut files = 0;
    check(0..annotation_cases(), |case, folder| {
        let mut wrong = vec![];
        for (_, path) in one_of_each(case, folder).into_iter().filter(|(one, _)| one.file.has_unknown_boxes()) {
            files += 1;
            let output = mpegg(["validate".as_ref(), path.as_os_str()]);
            if output.status.code() != Some(1) {
                wrong.push(format!("{}: {}", path.file_name().unwrap().display(), told(&output)));
            }
        }
        wrong
    });
    assert!(files > 10, "{files} files are too few");
}

/// The files of measurements are what a model of the same says.
#[test]
fn large_files_are_written_alike() {
    for name in ["auc", "auc-mit", "dsc-ordered", "dsc-unordered"] {
        for (every, sparse) in [(1, false), (3, true)] {
            let big = Big { storage: storage(name).unwrap(), sequences: 2, rows: 7, classes: 3, every, blocks: 2, size: 50, wide_offsets: sparse, sparse };
            let mut written = Cursor::new(vec![]);
            let size = big.write(&mut written).unwrap();
            let mut written = written.into_inner();
            written.resize(size as usize, 0);
            assert_eq!(difference(&written, &write::file(&big.model())), None, "{name}");
        }
    }
}

/// Most queries select a part; some everything, some nothing: otherwise the cases say little.
#[test]
fn queries_are_worth_asking() {
    let (mut nothing, mut part, mut everything) = (0, 0, 0);
    let mut count = |found: usize, whole: usize| match found {
        0 => nothing += 1,
        found if found < whole => part += 1,
        _ => everything += 1,
    };
    for case in 0..96 {
        let mut rng = Rng::new(case);
        let file = sequencing_file(case).file;
        let group = file.groups.iter().find(|group| group.dataset(1).is_some_and(|dataset| dataset.sequencing().is_some())).unwrap();
        let whole = expect::dataset_units(&file, group.id, 1, &expect::Query::default()).len();
        for _ in 0..4 {
            let asked = query(&mut rng, group, group.dataset(1).unwrap());
            count(expect::dataset_units(&file, group.id, 1, &asked).len(), whole);
        }
        let file = annotation_file(case).file;
        let Content::Annotation(tables) = &file.groups[0].datasets[0].content else { panic!() };
        let whole = expect::annotation_units(&file, 0, 1, &expect::AnnotationQuery::default()).len();
        for _ in 0..4 {
            count(expect::annotation_units(&file, 0, 1, &annotation_query(&mut rng, tables)).len(), whole);
        }
    }
    assert!(part > 400 && nothing > 40 && everything > 10, "nothing {nothing}, a part {part}, everything {everything}");
}
