//! How fast data units are taken out of files, as ratios to reading and writing the same bytes in the same run, and what a query on an index of
//! ten million rows costs.
//!
//! `cargo bench -p mpegg-tests --bench extraction`. Figures are medians of several rounds; no test depends on them.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use mpegg::access::{Region, Selection, Sequence};
use mpegg::file::File;
use mpegg::source::{Counting, FileSource, ReadAhead};
use mpegg_tests::maker::big::{Big, storage};
use mpegg_tests::timing::median;
use std::fs;
use std::hint::black_box;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::time::Instant;

fn big(storage_name: &str, rows: u32, blocks: u8, size: u32) -> Big {
    let storage = storage(storage_name).expect("a storage mode");
    Big { storage, sequences: 1, rows, classes: 1, every: 1, blocks, size, wide_offsets: false, sparse: false }
}

fn make(path: &Path, big: &Big) -> u64 {
    let mut out = BufWriter::with_capacity(1 << 20, fs::File::create(path).unwrap());
    let size = big.write(&mut out).unwrap();
    out.flush().unwrap();
    out.get_ref().set_len(size).unwrap();
    size
}

/// What `cat` does: large reads, each written at once.
fn cat(path: &Path) {
    let (mut from, mut to) = (fs::File::open(path).unwrap(), nowhere());
    let mut buffer = vec![0; 128 << 10];
    loop {
        match from.read(&mut buffer).unwrap() {
            0 => break,
            read => to.write_all(&buffer[..read]).unwrap(),
        }
    }
}

fn nowhere() -> fs::File {
    fs::OpenOptions::new().write(true).open("/dev/null").unwrap()
}

fn extract(path: &Path) {
    let file = File::new(ReadAhead::new(FileSource::open(path).unwrap())).unwrap();
    let (mut out, mut buffer) = (BufWriter::with_capacity(1 << 18, nowhere()), vec![]);
    for unit in file.dataset(1).unwrap().select(&Selection::all()).unwrap().units().unwrap() {
        unit.unwrap().write_to(&mut out, &mut buffer).unwrap();
    }
}

fn whole_datasets(folder: &Path) {
    for (storage, rows, size) in
        [("auc", 2500, 20_000), ("auc", 50_000, 1000), ("auc-mit", 2500, 20_000), ("dsc-ordered", 2500, 20_000), ("dsc-unordered", 2500, 20_000)]
    {
        let path = folder.join("whole.mgg");
        let bytes = make(&path, &big(storage, rows, 8, size)) as f64;
        let (ours, limit) = (median(5, || extract(&path)), median(5, || cat(&path)));
        let rate = |seconds: f64| bytes / seconds / 1e9;
        println!("{storage}, units of 8 blocks of {size} bytes: {:.2} GB/s, cat {:.2} GB/s, ratio {:.2}", rate(ours), rate(limit), limit / ours);
        fs::remove_file(&path).unwrap();
    }
}

fn queries(folder: &Path) {
    let path = folder.join("index.mgg");
    let rows = 10_000_000;
    make(&path, &Big { sparse: true, ..big("auc-mit", rows, 1, 1) });
    let file = File::new(Counting::new(FileSource::open(&path).unwrap())).unwrap();
    let dataset = file.dataset(1).unwrap();
    let query = |start: u64| {
        let region = Region { sequence: Sequence::Id(0), start, end: start + 1000 };
        let selection = Selection { regions: vec![region], ..Selection::default() };
        black_box(dataset.select(&selection).unwrap().units().unwrap().count())
    };
    let start = Instant::now();
    query(0);
    let first = start.elapsed().as_secs_f64();
    let before = file.inner().bytes();
    let mut at = 12_345_u64;
    let mut found = 0;
    let each = median(1001, || {
        at = (at * 48_271) % 3_999_000_000;
        found += query(at);
    });
    let read = (file.inner().bytes() - before) / 1001;
    println!(
        "a region of an index of {rows} rows: {:.3} ms ({:.0} ms for the first), {read} bytes read, {:.1} units",
        each * 1e3,
        first * 1e3,
        found as f64 / 1001.0
    );
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    whole_datasets(folder.path());
    queries(folder.path());
}
