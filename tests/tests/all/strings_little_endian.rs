//! Indexes in the byte order of little-endian machines, as existing software writes them: seen, told, checked, kept.

use mpegg_tests::maker::model::{Content, File};
use mpegg_tests::maker::random::strings_file;
use mpegg_tests::maker::write;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

use super::command::{mpegg, told};

/// The indexes of a file in one byte order; how many are not compressed as a whole.
fn set(made: &mut File, little_endian: bool) -> usize {
    let Content::Annotation(tables) = &mut made.groups[0].datasets[0].content else { panic!("not annotation data") };
    let indexes = tables.iter_mut().flat_map(|table| &mut table.groups).flat_map(|group| &mut group.strings);
    let parts = indexes.filter(|index| index.compressed.is_none()).flat_map(|index| &mut index.parts);
    parts.map(|part| part.form.little_endian = little_endian).count()
}

/// A conformant file in both orders, and how many indexes it has.
fn files() -> (TempDir, [PathBuf; 2], usize) {
    let mut made = (0..).map(strings_file).find(|made| made.conformant).unwrap().file;
    let folder = tempfile::tempdir().unwrap();
    let paths = [folder.path().join("standard.mgg"), folder.path().join("reversed.mgg")];
    let mut parts = 0;
    for (path, little_endian) in paths.iter().zip([false, true]) {
        parts = set(&mut made, little_endian);
        fs::write(path, write::file(&made)).unwrap();
    }
    assert!(parts > 0);
    (folder, paths, parts)
}

fn run(command: &str, options: &[&str], path: &Path) -> (Option<i32>, String) {
    let arguments = std::iter::once(command).chain(options.iter().copied()).map(PathBuf::from).chain([path.to_owned()]);
    let output = mpegg(arguments);
    assert!(output.stderr.is_empty(), "{}", told(&output));
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn fields(path: &Path) -> Vec<Value> {
    let (code, dump) = run("dump", &["--format", "jsonl"], path);
    assert_eq!(code, Some(0));
    dump.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Whether a line of a dump is this field of an index in the other order.
fn is_reversed(line: &Value, name: &str) -> bool {
    line["path"].as_str().unwrap().contains(".little_endian.") && line["name"] == name
}

#[test]
fn shown() {
    let (_folder, [standard, reversed], parts) = files();
    let lines = fields(&reversed);
    let of = |name: &str| lines.iter().filter(|line| is_reversed(line, name)).count();
    assert_eq!((of("Key"), of("n"), of("alpha"), of("index")), (parts, 4 * parts, 4 * parts, parts));
    // Every bit is in a line, as of the other file.
    let bits: u64 = lines.iter().map(|line| line["bits"].as_u64().unwrap()).sum();
    assert_eq!(bits, fs::metadata(&reversed).unwrap().len() * 8);
    let told = ", in C-native (little-endian) byte order";
    assert!(run("info", &[], &reversed).1.contains(told));
    assert!(!run("info", &[], &standard).1.contains(told));
}

#[test]
fn validated() {
    let (_folder, [standard, reversed], parts) = files();
    assert_eq!(run("validate", &["--level", "error"], &standard).0, Some(0));
    let (code, findings) = run("validate", &[], &reversed);
    assert_eq!(code, Some(1));
    assert_eq!(findings.matches("[little_endian_string_index.byte_order]").count(), parts, "{findings}");
    assert!(!findings.contains("box.form"), "{findings}");
}

#[test]
fn checked_whole() {
    let (_folder, [_, reversed], _) = files();
    let mut bytes = fs::read(&reversed).unwrap();
    // The 32 bits behind alpha are sampling_rate_sa, which is not 0.
    let index = fields(&reversed).iter().find(|line| is_reversed(line, "index")).unwrap()["bit"].as_u64().unwrap() as usize;
    (index..index + 32).for_each(|bit| bytes[bit / 8] &= !(0x80 >> (bit % 8)));
    fs::write(&reversed, bytes).unwrap();
    assert!(run("validate", &[], &reversed).1.contains("error[csix.text]"));
}

#[test]
fn kept() {
    let (folder, [_, reversed], _) = files();
    let (json, again) = (folder.path().join("file.json"), folder.path().join("again.mgg"));
    run("to-json", &["-o", json.to_str().unwrap()], &reversed);
    run("from-json", &["-o", again.to_str().unwrap()], &json);
    assert_eq!(fs::read(&reversed).unwrap(), fs::read(&again).unwrap());
}
