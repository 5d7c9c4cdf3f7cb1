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
