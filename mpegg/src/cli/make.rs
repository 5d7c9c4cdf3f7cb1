//! What commands that make files have in common.

use super::output::Output;
use super::status::Failure;
use mpegg_runtime::bits::Ascii;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// An output that knows whether it was the one that failed.
pub struct Made {
    output: Output,
    path: PathBuf,
    failed: Option<io::Error>,
}

impl Made {
    /// A file, or stdout for `-`.
    pub fn open(path: &Path) -> Result<Made, Failure> {
        Ok(Made { output: Output::open(Some(path))?, path: path.to_owned(), failed: None })
    }

    /// Completes the output where all was written. An error of the input is told with its name.
    pub fn finish(self, written: mpegg_runtime::Result<()>, input: &Path) -> Result<(), Failure> {
        if let Some(error) = self.failed {
            return Err(Failure::file(&self.path, &error));
        }
        written.map_err(|error| Failure::input(input, error))?;
        self.output.finish()
    }
}

impl Write for Made {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.output.write(buffer);
        if let Err(error) = &written
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.failed = Some(io::Error::new(error.kind(), error.to_string()));
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// Four characters.
pub fn characters(text: &str) -> Result<Ascii<4>, String> {
    Ascii::from_text(text).ok_or_else(|| "four ASCII characters".to_owned())
}

/// Whether offsets have 64 bits.
pub fn offsets(text: &str) -> Result<bool, String> {
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
pub fn addressed(text: &str) -> Result<[u8; 4], String> {
    let key = <[u8; 4]>::try_from(text.as_bytes()).ok().filter(|key| ADDRESSED.contains(&key));
    key.ok_or_else(|| {
        let names: Vec<String> = ADDRESSED.iter().map(|key| key.escape_ascii().to_string()).collect();
        format!("an offs can address {}", names.join(", "))
    })
}
