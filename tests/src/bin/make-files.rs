//! Makes files for measurements and for looking at.
//!
//! `make-files big OUT --storage auc|auc-mit|dsc-ordered|dsc-unordered --rows N [--sequences Q] [--classes C] [--every K] [--blocks B] [--size S]
//! [--sparse]` writes a dataset of N rows for each of Q sequences and C classes; every K-th row has a unit of B blocks of S bytes, the others are
//! empty. Sparse payloads are holes. `make-files sequencing|annotation OUT --case N` writes a random file of the tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use mpegg_tests::maker::big::{Big, storage};
use mpegg_tests::maker::random::{annotation_file, sequencing_file};
use mpegg_tests::maker::write;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::ExitCode;

const USAGE: &str = "usage: make-files big OUT --storage auc|auc-mit|dsc-ordered|dsc-unordered --rows N [--sequences Q] [--classes 1..3] [--every K] \
[--blocks B] [--size S] [--sparse]
       make-files sequencing|annotation OUT --case N";

fn main() -> ExitCode {
    match run() {
        Ok(size) => {
            println!("{size} bytes");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<u64, String> {
    let mut arguments = std::env::args().skip(1);
    let (Some(kind), Some(out)) = (arguments.next(), arguments.next()) else { return Err("what, and where?".into()) };
    let mut options = HashMap::new();
    while let Some(name) = arguments.next() {
        let value = if name == "--sparse" { String::new() } else { arguments.next().ok_or(format!("{name} needs a value"))? };
        options.insert(name, value);
    }
    let number = |name: &str, otherwise: u64| match options.get(name) {
        Some(text) => text.parse::<u64>().map_err(|error| format!("{name}: {error}")),
        None => Ok(otherwise),
    };
    let told = |error: std::io::Error| format!("{out}: {error}");
    let bytes = match kind.as_str() {
        "sequencing" => write::file(&sequencing_file(number("--case", 0)?).file),
        "annotation" => write::file(&annotation_file(number("--case", 0)?).file),
        "big" => {
            let big = Big {
                storage: options.get("--storage").and_then(|name| storage(name)).ok_or("--storage?")?,
                sequences: number("--sequences", 1)? as u16,
                rows: number("--rows", 1000)?.max(1) as u32,
                classes: number("--classes", 1)?.clamp(1, 3) as usize,
                every: number("--every", 1)?.max(1) as u32,
                blocks: number("--blocks", 4)?.clamp(1, 31) as u8,
                size: number("--size", 10_000)? as u32,
                wide_offsets: false,
                sparse: options.contains_key("--sparse"),
            };
            // 32 bits of offset are kept where they are enough.
            let big = Big { wide_offsets: big.size_in_bytes() >= u64::from(u32::MAX), ..big };
            let mut file = BufWriter::with_capacity(1 << 20, File::create(&out).map_err(told)?);
            let size = big.write(&mut file).map_err(told)?;
            file.flush().map_err(told)?;
            file.get_ref().set_len(size).map_err(told)?;
            return Ok(size);
        }
        _ => return Err(format!("{kind}?")),
    };
    std::fs::write(&out, &bytes).map_err(told)?;
    Ok(bytes.len() as u64)
}
