//! Commands that make files, stopped at any moment, on a full disk, or with a reader that goes away.

use mpegg::file::File;
use mpegg::source::Bytes;
use mpegg_tests::command::{command, mpegg};
use mpegg_tests::maker::big::{Big, storage};
use mpegg_tests::maker::random::Rng;
use mpegg_tests::units;
use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// How often each command is stopped.
const TIMES: u64 = 200;

/// A folder with a file of a few megabytes, its data units, and lines for a string index.
struct Work {
    folder: tempfile::TempDir,
}

impl Work {
    fn new() -> Work {
        let work = Work { folder: tempfile::tempdir().unwrap() };
        let big =
            Big { storage: storage("auc").unwrap(), sequences: 2, rows: 50, classes: 3, every: 1, blocks: 4, size: 2000, wide_offsets: false, sparse: false };
        let mut bytes = std::io::Cursor::new(vec![]);
        let size = big.write(&mut bytes).unwrap();
        let mut bytes = bytes.into_inner();
        bytes.resize(size as usize, 0);
        fs::write(work.path("in.mgg"), bytes).unwrap();
        let names: String = (0..30_000).map(|number| format!("rs{}\n", number * 7919 % 1_000_003)).collect();
        fs::write(work.path("in.txt"), names).unwrap();
        let output = mpegg(["extract", "--dataset", "1", "-o"].iter().map(OsString::from).chain([work.path("in.mgb").into(), work.path("in.mgg").into()]));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        work
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command that shall work.
    fn run(&self, line: &str) {
        let output = command().args(self.arguments(line)).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn arguments(&self, line: &str) -> Vec<OsString> {
        let word = |word: &str| if word.contains('.') { self.path(word).into() } else { OsString::from(word) };
        line.split(' ').map(word).collect()
    }

    /// Files that nobody asked for.
    fn left(&self) -> Vec<PathBuf> {
        fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.file_name().unwrap().as_encoded_bytes().starts_with(b"."))
            .collect()
    }
}

const PACK: &str = "pack in.mgb --dataset-type aligned --mode dsc -o out.mgg";
const BUILD: &str = "strings build in.txt -o out.mgg";
const REPACK: &str = "repack in.mgg --mode dsc -o out.mgg";

/// Runs a command again and again and ends it at some moment; then looks.
fn stopped(work: &Work, line: &str, mut prepare: impl FnMut(), mut look: impl FnMut(u64)) {
    let mut rng = Rng::new(line.len() as u64);
    prepare();
    let start = Instant::now();
    work.run(line);
    let whole = start.elapsed().as_micros() as u64;
    for time in 0..TIMES {
        prepare();
        let mut child = command().args(work.arguments(line)).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(rng.between(0, whole)));
        let _ = child.kill();
        child.wait().unwrap();
        look(time);
    }
}

fn output_is_whole_or_absent(line: &str) {
    let work = Work::new();
    let (input, units) = (fs::read(work.path("in.mgg")).unwrap(), fs::read(work.path("in.mgb")).unwrap());
    let out = work.path("out.mgg");
    work.run(line);
    let wanted = fs::read(&out).unwrap();
    stopped(
        &work,
        line,
        || drop(fs::remove_file(&out)),
        |time| {
            if out.exists() {
                assert!(fs::read(&out).unwrap() == wanted, "{line}: a part of the output, at {time}");
            }
            // A process that is killed cannot clear up.
            work.left().into_iter().for_each(|path| fs::remove_file(path).unwrap());
        },
    );
    assert!(fs::read(work.path("in.mgg")).unwrap() == input && fs::read(work.path("in.mgb")).unwrap() == units);
}

#[test]
fn pack_is_stopped() {
    output_is_whole_or_absent(PACK);
}

#[test]
fn strings_build_is_stopped() {
    output_is_whole_or_absent(BUILD);
}

#[test]
fn repack_is_stopped() {
    output_is_whole_or_absent(REPACK);
}

#[test]
fn attach_is_stopped() {
    let work = Work::new();
    let (ready, file) = (work.path("ready.mgg"), work.path("file.mgg"));
    work.run("repack in.mgg --placeholder dtmd -o ready.mgg");
    let before = fs::read(&ready).unwrap();
    let units_before = units::of_file(&File::new(Bytes(&before)).unwrap()).unwrap();
    let value = vec![7; 300_000];
    fs::write(work.path("value.bin"), &value).unwrap();
    let (mut attached, mut not) = (0, 0);
    for line in ["attach file.mgg --box dtmd --dataset 1 value.bin", "attach file.mgg --box dtpr --dataset 1 value.bin"] {
        stopped(
            &work,
            line,
            || assert!(fs::copy(&ready, &file).is_ok()),
            |time| {
                let bytes = fs::read(&file).unwrap();
                let made = File::new(Bytes(&bytes)).unwrap();
                let found = units::of_file(&made).unwrap_or_else(|error| panic!("{line}: at {time}: {error}"));
                assert!(found == units_before, "{line}: other units, at {time}");
                let key = if line.contains("dtmd") { *b"dtmd" } else { *b"dtpr" };
                match made.dataset(1).unwrap().node().child(key).unwrap() {
                    None => not += 1,
                    Some(node) => {
                        assert!(node.bytes().unwrap().ends_with(&value), "{line}: a part of the box, at {time}");
                        attached += 1;
                    }
                }
                work.left().into_iter().for_each(|path| fs::remove_file(path).unwrap());
            },
        );
    }
    assert_eq!(attached + not, 2 * TIMES);
}

/// A limit of the size of files is as good as a disk that is full.
#[cfg(unix)]
#[test]
fn the_disk_is_full() {
    let work = Work::new();
    fs::copy(work.path("in.mgg"), work.path("file.mgg")).unwrap();
    work.run("repack in.mgg --placeholder dtmd -o ready.mgg");
    fs::write(work.path("value.bin"), vec![7; 3_000_000]).unwrap();
    let program = command().get_program().to_owned();
    for line in [PACK, REPACK, "attach file.mgg --box dtmd --dataset 1 value.bin", "attach ready.mgg --box dtmd --dataset 1 value.bin"] {
        let names = ["in.mgg", "in.mgb", "file.mgg", "ready.mgg"];
        let before: Vec<Vec<u8>> = names.iter().map(|name| fs::read(work.path(name)).unwrap()).collect();
        // In blocks of 512 bytes: more than the file has, less than it gets.
        let blocks = if line.contains("attach") { before[3].len() / 512 + 100 } else { 1000 };
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let output = std::process::Command::new("sh").arg("-c").arg(script).arg(&program).args(work.arguments(line)).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{line}: {message}");
        assert!(message.contains("File too large"), "{line}: {message}");
        assert!(!work.path("out.mgg").exists() && work.left().is_empty(), "{line}: something is left");
        for (name, before) in names.iter().zip(before) {
            assert!(fs::read(work.path(name)).unwrap() == before, "{line}: {name} is another");
        }
    }
}

/// A disk that is full: the device that always is.
#[test]
fn a_device_that_is_full() {
    if !Path::new("/dev/full").exists() {
        eprintln!("skipped: there is no /dev/full");
        return;
    }
    let work = Work::new();
    for line in ["pack in.mgb --dataset-type aligned -o /dev/full", "repack in.mgg -o /dev/full"] {
        let output = mpegg(line.split(' ').map(|word| if word.contains('.') { work.path(word).into() } else { OsString::from(word) }));
        assert_eq!(output.status.code(), Some(2), "{line}");
    }
}

#[test]
fn a_reader_that_goes_away() {
    let work = Work::new();
    for line in [PACK, REPACK] {
        let arguments = work.arguments(&line.replace("out.mgg", "-"));
        let mut child = command().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut start = [0; 12];
        child.stdout.take().unwrap().read_exact(&mut start).unwrap();
        assert!(start.starts_with(b"flhd"));
        let output = child.wait_with_output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && !message.to_lowercase().contains("pipe"), "{line}: {message}");
    }
}

/// Through pipes it is the same file.
#[test]
fn through_pipes() {
    let work = Work::new();
    for line in [PACK, REPACK] {
        work.run(line);
        let input = fs::File::open(work.path(if line == PACK { "in.mgb" } else { "in.mgg" })).unwrap();
        let piped = line.replace("in.mgb", "-").replace("in.mgg", "-").replace("out.mgg", "-");
        let output = command().args(work.arguments(&piped)).stdin(input).output().unwrap();
        assert!(output.status.success() && output.stdout == fs::read(work.path("out.mgg")).unwrap(), "{line}");
    }
}
