//! Opening inputs.

use super::args::Input;
use super::status::Failure;
use crate::walk::Kind;
use mpegg_runtime::source::{Bytes, FileSource, Source};
use std::io::Read;
use std::path::Path;

/// An open input: its bytes, and what it is.
pub struct Opened {
    /// The bytes.
    pub source: Box<dyn Source>,
    /// What it is.
    pub kind: Kind,
}

/// Opens an input; stdin is read to its end.
pub fn open(input: &Input) -> Result<Opened, Failure> {
    let source = source(&input.path)?;
    let kind = match input.kind {
        Some(kind) => kind.into(),
        None => Kind::of(&source).map_err(|error| Failure::input(&input.path, error))?,
    };
    Ok(Opened { source, kind })
}

/// The bytes of a file or of stdin.
pub fn source(path: &Path) -> Result<Box<dyn Source>, Failure> {
    if path == Path::new("-") {
        return spooled().map_err(|error| Failure::file(path, &error));
    }
    let file = FileSource::open(path).map_err(|error| Failure::input(path, error))?;
    Ok(Box::new(file))
}

/// Stdin up to this size is kept in memory.
const IN_MEMORY: usize = 16 << 20;

/// The bytes of stdin at random access: what is too large for memory goes to a file without a name.
fn spooled() -> std::io::Result<Box<dyn Source>> {
    let mut spool = tempfile::spooled_tempfile(IN_MEMORY);
    std::io::copy(&mut std::io::stdin().lock(), &mut spool)?;
    Ok(match spool.into_inner() {
        tempfile::SpooledData::InMemory(bytes) => Box::new(Bytes(bytes.into_inner())),
        tempfile::SpooledData::OnDisk(file) => Box::new(FileSource::new(file).map_err(std::io::Error::other)?),
    })
}

/// All of stdin.
pub fn stdin() -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![];
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| Failure::file(Path::new("-"), &error))?;
    Ok(bytes)
}

/// All bytes of a file or of stdin.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    if path == Path::new("-") { stdin() } else { std::fs::read(path).map_err(|error| Failure::file(path, &error)) }
}

/// The text of a file or of stdin.
pub fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes(path)?).map_err(|error| Failure::file(path, &std::io::Error::new(std::io::ErrorKind::InvalidData, error.to_string())))
}
