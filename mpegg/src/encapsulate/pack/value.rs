//! What plans say in words: bytes, keys, checksums, classes.

use super::plan::{BoxPlan, ClassPlan, ValuePlan};
use crate::encapsulate::opaque::{Owner, opaque_box};
use crate::tables::{DataClass, FileHeader};
use mpegg_runtime::bits::{Ascii, BitString};
use mpegg_runtime::{Error, ErrorKind, Result};
use std::path::Path;

/// A plan that cannot be.
pub(super) fn wrong(message: impl Into<String>) -> Error {
    Error::without_position(ErrorKind::Malformed, format!("plan: {}", message.into()))
}

/// The bytes of a value; the path of a file starts from a folder.
pub(super) fn bytes(value: &ValuePlan, folder: &Path) -> Result<Vec<u8>> {
    match value {
        ValuePlan::Text(text) => Ok(text.clone().into_bytes()),
        ValuePlan::Hex(digits) => Ok(hex(digits)?.bytes().to_vec()),
        ValuePlan::File(path) => {
            let path = folder.join(path);
            std::fs::read(&path).map_err(|error| Error::io(std::io::Error::new(error.kind(), format!("{}: {error}", path.display()))))
        }
    }
}

/// Hexadecimal digits of whole bytes.
pub(super) fn hex(digits: &str) -> Result<BitString> {
    BitString::from_hex(digits).filter(|bits| bits.bits().is_multiple_of(8)).ok_or_else(|| wrong(format!("`{digits}` are not the hexadecimal digits of bytes")))
}

/// Four characters.
pub(super) fn characters(text: &str) -> Result<Ascii<4>> {
    Ascii::from_text(text).ok_or_else(|| wrong(format!("`{text}` is not four ASCII characters")))
}

/// The key of a box, one of some.
pub(super) fn key(text: &str, allowed: &[&[u8; 4]], whose: &str) -> Result<[u8; 4]> {
    let found = allowed.iter().find(|key| key.as_slice() == text.as_bytes());
    found.map(|key| **key).ok_or_else(|| wrong(format!("{whose} has no box `{text}` whose contents are bytes")))
}

/// A box around a value.
pub(super) fn of_box(plan: &BoxPlan, allowed: &[&[u8; 4]], whose: &str, owner: Owner, file: &FileHeader, folder: &Path) -> Result<([u8; 4], Vec<u8>)> {
    let key = key(&plan.key, allowed, whose)?;
    let owner = Owner { reference: plan.reference_id.unwrap_or(owner.reference), ..owner };
    Ok((key, opaque_box(key, bytes(&plan.value, folder)?, owner, file)?))
}

/// A class.
pub(super) fn class(plan: ClassPlan) -> DataClass {
    DataClass::from_code(plan.code())
}
