//! What commands that make files have in common.

use super::output::Output;
use super::status::{Failure, Status};
use crate::decapsulate::Chunks;
use mpegg_runtime::bits::Ascii;
use mpegg_runtime::{ErrorKind, Result};
use std::path::Path;

/// Writes a file that is complete or absent. An error without a position in the input is one of the output.
pub fn write(output: &Path, input: &Path, write: impl FnOnce(Chunks<'_>) -> Result<u64>) -> std::result::Result<(), Failure> {
    let mut out = Output::open(Some(output))?;
    let written = match out.file()? {
        Some(file) => write(Chunks::to_file(file)),
        None => write(Chunks::new(&mut out)),
    };
    written.map_err(|error| match (error.kind(), error.position()) {
        (ErrorKind::Io, None) => Failure::Other(format!("{}: {}", output.display(), error.message()), Status::Usage),
        _ => Failure::input(input, error),
    })?;
    out.finish()
}

/// Four characters.
pub fn characters(text: &str) -> std::result::Result<Ascii<4>, String> {
    Ascii::from_text(text).ok_or_else(|| "four ASCII characters".to_owned())
}

/// Whether offsets have 64 bits.
pub fn offsets(text: &str) -> std::result::Result<bool, String> {
    match text {
        "32" => Ok(false),
        "64" => Ok(true),
        _ => Err("32 or 64".to_owned()),
    }
}

/// The keys of boxes that an `offs` can address (6.5.4.1.1), but for those inside an index.
const ADDRESSED: [&[u8; 4]; 18] = [
    b"dghd", b"rfgn", b"rfmd", b"labl", b"lbll", b"dgmd", b"dgcd", b"dgpr", b"dtcn", b"dtmd", b"dtmt", b"dtcd", b"dtpr", b"atcn", b"atmd", b"atcd", b"atpr",
    b"atix",
];

/// The key of a box that an `offs` can address.
pub fn addressed(text: &str) -> std::result::Result<[u8; 4], String> {
    let key = <[u8; 4]>::try_from(text.as_bytes()).ok().filter(|key| ADDRESSED.contains(&key));
    key.ok_or_else(|| {
        let names: Vec<String> = ADDRESSED.iter().map(|key| key.escape_ascii().to_string()).collect();
        format!("an offs can address {}", names.join(", "))
    })
}
