//! What `mpegg strings` prints and how it ends.

use mpegg_tests::inputs::vectors;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;
use tempfile::TempDir;

use super::command::mpegg;

/// Three tiles of ten names each; the attribute 500 of the only table.
fn names() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("names.mgg");
    let vector = vectors().into_iter().find(|vector| vector.name == "avix-names").unwrap();
    fs::write(&path, vector.bytes).unwrap();
    (folder, path)
}

/// The exit code and what stands on stdout; on an error what stands on stderr.
#[track_caller]
fn says(arguments: &[&str], code: i32, text: &str) {
    let (_folder, path) = names();
    let all = [&["strings", arguments[0], path.to_str().unwrap()], &arguments[1..]].concat();
    let output = mpegg(&all);
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    if code == 0 {
        assert_eq!(out, text);
    } else {
        assert!(err.contains(text), "{err}");
    }
}

#[test]
fn search() {
    says(&["search", "rs1172", "rs516"], 0, "0:1\t1\t0\tattribute:500\t0\t.\t0\t0\trs117240\n0:1\t1\t0\tattribute:500\t0\t.\t1\t0\trs516532\n");
    let json = "{\"dataset\":\"0:1\",\"table\":1,\"group\":0,\"field\":\"attribute:500\",\"tile\":[0],\"unit\":null,\"record\":3,\"string_index\":0,\"string\":\"rs459803\"}\n";
    says(&["search", "RS4", "-i", "--prefix", "--limit", "1", "--format", "jsonl"], 0, json);
    says(&["search", "rs4", "--prefix", "--limit", "1", "--record"], 0, "0:1\t1\t0\tattribute:500\t0\t.\t3\t0\trs459803\n");
    says(&["search", "RS4"], 0, "");
    says(&["search", "rs4", "--field", "attribute:9"], 0, "");
    says(&["search", "rs", "7", "--count"], 0, "rs\t30\n7\t14\n");
}

#[test]
fn what_is_not_there_is_a_question_of_usage() {
    says(&["search", "x", "--dataset", "9"], 2, "no dataset 9");
    says(&["search", "x", "--column", "nope"], 2, "no table has a field of the name \"nope\"");
    says(&["decode", "--tile", "7"], 2, "has the tile 7");
    says(&["decode", "--unit", "0"], 2, "has the access unit 0");
    says(&["decode", "--payload", "1"], 2, "has a sub-index 1");
    says(&["search"], 2, "PATTERN");
    says(&["search", "a", "--prefix", "--exact"], 2, "cannot be used with");
    says(&["search", "a", "--region", "chr1:1-2"], 6, "not sorted by genomic position");
}

#[test]
fn decode() {
    says(&["decode", "--tile", "1", "--records", "0-1"], 0, "[\"rs56249\"]\n[\"rs463154\"]\n");
    says(&["decode", "--records", "10-11", "--format", "tsv"], 0, "rs56249\nrs463154\n");
}

#[test]
fn verify() {
    says(&["verify"], 0, "dataset 0:1, atcn[0].atix.avix[0].msix.ssix[0]: fine, 267 bytes of text in 3 tiles\n");
}

#[test]
fn patterns_from_a_file() {
    let (_folder, path) = names();
    let mut command = mpegg_tests::command::command();
    command.args(["strings".as_ref(), "search".as_ref(), path.as_os_str(), "-f".as_ref(), "-".as_ref(), "--count".as_ref()]);
    let mut running = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    running.stdin.take().unwrap().write_all(b"rs1\n\nrs2\r\n").unwrap();
    assert_eq!(running.wait_with_output().unwrap().stdout, b"rs1\t3\nrs2\t4\n");
}
