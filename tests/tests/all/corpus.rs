//! The corpus of the fuzzers: every input through every target, and what was found once stays mended.

use mpegg_tests::fuzzing::{Random, Shape, mutate};
use mpegg_tests::inputs::here;
use mpegg_tests::targets::{TARGETS, target};
use std::fs;
use std::path::PathBuf;

fn inputs(folder: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(here("corpus").join(folder)).map_or(vec![], |entries| entries.map(|entry| entry.unwrap().path()).collect());
    paths.sort();
    paths
}

#[test]
fn every_input_through_every_target() {
    let mut wrong = vec![];
    for target in &TARGETS {
        for folder in target.corpus {
            let paths = inputs(folder);
            assert!(!paths.is_empty(), "no inputs in {folder}");
            for path in paths {
                wrong.extend((target.run)(&fs::read(&path).unwrap()).err().map(|why| format!("{} {}: {why}", target.name, path.display())));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// `corpus/found/TARGET-WHAT` are inputs that failed once.
#[test]
fn what_was_found_stays_mended() {
    for path in inputs("found") {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let target = name.split('-').next().and_then(target).unwrap_or_else(|| panic!("{name}: the name begins with a target"));
        (target.run)(&fs::read(&path).unwrap()).unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}

#[test]
fn the_corpus_is_small() {
    let folders = ["file", "stream", "units", "schema", "json", "index", "text", "found"];
    let size: u64 = folders.iter().flat_map(|folder| inputs(folder)).map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(size < 400_000, "{size} bytes");
}

/// A failure can be found again by its seed.
#[test]
fn mutations_follow_from_the_seed() {
    let first = fs::read(here("../samples/sample.mgg")).unwrap();
    let make = |seed| (0..100).map(move |_| seed).scan(Random::new(seed), |random, _| Some(random.next())).collect::<Vec<_>>();
    assert_eq!(make(7), make(7));
    for shape in [Shape::File, Shape::Stream, Shape::Bytes, Shape::Text] {
        let change = |seed| mutate(&mut Random::new(seed), shape, &first, &first);
        assert_eq!(change(3), change(3));
        assert!((0..50).any(|seed| change(seed) != first));
    }
}
