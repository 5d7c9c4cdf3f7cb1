//! The command as a user runs it: every command of the README, and how it ends on bad input.

#![allow(clippy::expect_used)]

use std::path::Path;
use std::process::{Command, Output};

fn mpegg(args: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    Command::new(env!("CARGO_BIN_EXE_mpegg")).args(args).current_dir(root).output().expect("the command runs")
}

#[test]
fn the_readme() {
    std::env::set_current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).expect("the root is there");
    std::fs::create_dir_all("target").expect("a folder for outputs");
    let ignore = trycmd::schema::Bin::Ignore;
    let command = trycmd::schema::Bin::Path(env!("CARGO_BIN_EXE_mpegg").into());
    // cargo and bash would run these tests again; the first command is run below.
    trycmd::TestCases::new().register_bin("mpegg", command).register_bin("cargo", ignore.clone()).register_bin("bash", ignore).case("README.md");
    let dumped = mpegg(&["dump", "samples/sample.mgg"]);
    assert!(dumped.status.success());
    assert!(dumped.stdout.len() > 10_000, "every field is a line");
    assert_eq!(std::fs::read("target/sample.mgg").expect("from-json wrote it"), std::fs::read("samples/sample.mgg").expect("the sample"));
}

fn code(args: &[&str]) -> Option<i32> {
    mpegg(args).status.code()
}

#[test]
fn exit_codes() {
    let folder = std::env::temp_dir().join(format!("mpegg-exit-codes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).expect("a file");
        path.to_string_lossy().into_owned()
    };
    let sample = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/sample.mgg")).expect("the sample");
    assert_eq!(code(&["info", "samples/sample.mgg"]), Some(0));
    assert_eq!(code(&["info", "no such file"]), Some(2));
    assert_eq!(code(&["dump", "samples/sample.mgg", "--depth", "many"]), Some(2));
    assert_eq!(code(&["schema", "check", &file("wrong.mgs", b"box a \"abcd\" { x u(65) }")]), Some(3));
    let cut = file("cut.mgg", &sample[..sample.len() / 2]);
    let dumped = mpegg(&["dump", &cut]);
    assert_eq!(dumped.status.code(), Some(4));
    let message = String::from_utf8_lossy(&dumped.stderr).into_owned();
    assert!(message.contains("truncated") && message.contains("at bit"), "{message}");
    assert!(String::from_utf8_lossy(&dumped.stdout).contains("dataset_ID"), "what was decoded before is shown");
    assert_eq!(code(&["dump", &file("empty.mgg", b"")]), Some(4));
    assert_eq!(code(&["schema", "fmt", "--check", &file("spaces.mgs", b"const   A = 1\n")]), Some(1));
    std::fs::remove_dir_all(folder).expect("the folder goes");
}

#[test]
fn an_output_is_complete_or_absent() {
    let folder = std::env::temp_dir().join(format!("mpegg-output-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let out = folder.join("out.json").to_string_lossy().into_owned();
    let sample = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/sample.mgg")).expect("the sample");
    let cut = folder.join("cut.mgg");
    std::fs::write(&cut, &sample[..1000]).expect("a file");
    assert_eq!(code(&["to-json", &cut.to_string_lossy(), "-o", &out]), Some(4));
    assert_eq!(std::fs::read_dir(&folder).expect("the folder").count(), 1, "nothing is left behind");
    assert_eq!(code(&["to-json", "samples/sample.mgg", "-o", &out]), Some(0));
    assert!(Path::new(&out).exists());
    std::fs::remove_dir_all(folder).expect("the folder goes");
}
