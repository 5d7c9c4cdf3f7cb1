//! Boxes that are put into a file while it is rewritten.

use crate::file::BoxRef;
use mpegg_runtime::{Error, ErrorKind, Result};

/// Where a container stands: keys, and the number among those of the key.
pub(crate) type Path = Vec<([u8; 4], u64)>;

/// Whether a box is the one that is replaced.
pub(crate) type Replaces<'s> = Box<dyn Fn(&BoxRef<'s>) -> Result<bool> + 's>;

/// A box for a container.
pub(crate) struct Edit<'s> {
    /// The container.
    pub path: Path,
    /// The key of the box.
    pub key: [u8; 4],
    /// The box.
    pub bytes: Vec<u8>,
    /// Whether it takes the place of this box of its key.
    pub replaces: Replaces<'s>,
}

impl Edit<'_> {
    /// The error of a box whose container is not there.
    pub fn without_place(&self) -> Error {
        let steps: Vec<String> = self.path.iter().map(|(key, number)| format!("{}[{number}]", key.escape_ascii())).collect();
        Error::without_position(ErrorKind::CrossReference, format!("the file has no {}", steps.join(".")))
    }
}
