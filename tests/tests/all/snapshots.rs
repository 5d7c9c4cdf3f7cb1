//! What people see of the samples.

use mpegg::dump::{Options, Text, dump};
use mpegg::source::Bytes;
use mpegg::walk::Kind;
use mpegg_tests::inputs::{here, vectors};
use std::fs;

/// The dump of an input as text, the first few lines of it.
fn shown(bytes: &[u8], lines: usize) -> String {
    let mut text = vec![];
    let kind = Kind::of(&Bytes(bytes)).unwrap();
    dump(&Bytes(bytes), kind, &Options::default(), &Default::default(), &mut Text::new(&mut text)).unwrap();
    String::from_utf8(text).unwrap().lines().take(lines).map(|line| line.to_owned() + "\n").collect()
}

fn same(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

fn sample(name: &str, lines: usize) -> String {
    shown(&fs::read(here("../samples").join(name)).unwrap(), lines)
}

#[test]
fn a_file() {
    same("sample.mgg", &sample("sample.mgg", 120));
}

#[test]
fn data_units() {
    same("sample.mgb", &sample("sample.mgb", usize::MAX));
}

#[test]
fn a_stream() {
    same("sample.stream", &sample("sample.stream", 80));
}

#[test]
fn broken_files() {
    for name in ["error-child-behind-container", "error-offs-cycle"] {
        let vector = vectors().into_iter().find(|vector| vector.name == name).unwrap();
        same(name, &shown(&vector.bytes, usize::MAX));
    }
}

#[test]
fn part_2() {
    for (name, lines) in [("part2-kept-as-bytes", 60), ("part2-everything", 200), ("part2-references", usize::MAX)] {
        let vector = vectors().into_iter().find(|vector| vector.name == name).unwrap();
        let text = shown(&vector.bytes, usize::MAX);
        // Of the references the end: access units and raw references.
        let from = if lines == usize::MAX { text.lines().count().saturating_sub(60) } else { 0 };
        let part: String = text.lines().skip(from).take(lines).map(|line| line.to_owned() + "\n").collect();
        same(name, &part);
    }
}
