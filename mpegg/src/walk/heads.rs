//! Key and Length of boxes where they stand, and what an `offs` addresses.

use mpegg_runtime::source::Source;
use mpegg_runtime::{Error, ErrorKind, Result};

/// Bytes of Key and Length.
pub(super) const HEAD: u64 = 12;
/// Bytes of an `offs`.
const OFFS: u64 = 16;

/// Key and Length of a box, read from the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The key.
    pub key: [u8; 4],
    /// Where Key stands, in bytes.
    pub offset: u64,
    /// Bytes in all; 16 for an `offs`.
    pub length: u64,
}

impl Head {
    /// The first byte behind the box.
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }
}

/// A child of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Child {
    /// Its head.
    pub head: Head,
    /// Whether an `offs` addresses it.
    pub through_offs: bool,
}

impl Child {
    /// SubKey and Offset of an `offs`; nothing for other boxes and for a placeholder.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn offs(&self, source: &dyn Source) -> Result<Option<([u8; 4], u64)>> {
        if self.head.key != *b"offs" {
            return Ok(None);
        }
        let (sub_key, offset) = read_offs(source, self.head.offset)?;
        Ok((offset != u64::MAX).then_some((sub_key, offset)))
    }

    /// SubKey of an `offs`.
    ///
    /// # Errors
    ///
    /// I/O.
    pub(crate) fn sub_key(&self, source: &dyn Source) -> Result<[u8; 4]> {
        read_offs(source, self.head.offset).map(|(sub_key, _)| sub_key)
    }

    /// The box of this key that this `offs` addresses.
    ///
    /// # Errors
    ///
    /// I/O; a box there that is cut or has another key.
    pub fn target(&self, source: &dyn Source, key: [u8; 4]) -> Result<Option<Child>> {
        let Some((_, offset)) = self.offs(source)?.filter(|(sub_key, _)| *sub_key == key) else { return Ok(None) };
        let here = self.head.offset.saturating_add(8).saturating_mul(8);
        let head = read_head(source, offset, source.len()).map_err(|error| match error.kind() {
            ErrorKind::Io => error,
            // The fault is of the offs, not of the place where nothing stands.
            _ => Error::malformed(here, format!("Offset {offset}: {}", error.message())).in_field("Offset", &[]).in_field("offs", &[]),
        })?;
        if head.key != key {
            return Ok(None);
        }
        Ok(Some(Child { head, through_offs: true }))
    }
}

/// SubKey and Offset of the `offs` at a byte.
pub(super) fn read_offs(source: &dyn Source, at: u64) -> Result<([u8; 4], u64)> {
    let mut bytes = [0; 16];
    source.read_at(at, &mut bytes)?;
    let [_, _, _, _, a, b, c, d, offset @ ..] = bytes;
    Ok(([a, b, c, d], u64::from_be_bytes(offset)))
}

/// Key and Length of the box at a byte, checked against the end of what is around it.
///
/// # Errors
///
/// Fewer than 12 bytes, a Length under 12, a box that ends behind `end`: located at the box (R2).
pub fn read_head(source: &dyn Source, offset: u64, end: u64) -> Result<Head> {
    head_at(source, offset, end).map_err(|(key, error)| match key {
        Some(key) => error.in_field(&key.escape_ascii().to_string(), &[]),
        None => error,
    })
}

/// An error of a head, with the key if that could be read: who counts siblings adds it to the path.
pub(super) type HeadError = (Option<[u8; 4]>, Error);

fn head_at(source: &dyn Source, offset: u64, end: u64) -> std::result::Result<Head, HeadError> {
    let left = end.saturating_sub(offset);
    if left < HEAD {
        let error = Error::truncated(offset.saturating_mul(8), (HEAD - left) * 8);
        return Err((None, error.with_message("fewer than 12 bytes are left where a box should begin")));
    }
    let mut bytes = [0; 12];
    source.read_at(offset, &mut bytes).map_err(|error| (None, error))?;
    let [a, b, c, d, length @ ..] = bytes;
    let key = [a, b, c, d];
    let length = if key == *b"offs" { OFFS } else { u64::from_be_bytes(length) };
    check_length(offset, length, end, end >= source.len()).map_err(|error| (Some(key), error.in_field("Length", &[])))?;
    Ok(Head { key, offset, length })
}

/// The same, but a box that ends behind what contains it is cut there; the error is for afterwards.
pub(super) fn read_cut(source: &dyn Source, offset: u64, end: u64) -> std::result::Result<(Head, Option<Error>), HeadError> {
    let (key, error) = match head_at(source, offset, end) {
        Ok(head) => return Ok((head, None)),
        Err(error) => error,
    };
    let left = end.saturating_sub(offset);
    match key {
        Some(key) if left >= HEAD && stored_length(source, offset).is_ok_and(|length| length >= HEAD) => Ok((Head { key, offset, length: left }, Some(error))),
        key => Err((key, error)),
    }
}

/// No input is so long: a Length beyond it is not cut off but wrong.
const ABSURD: u64 = 1 << 56;

fn check_length(offset: u64, length: u64, end: u64, at_the_end: bool) -> Result<()> {
    let at = offset.saturating_add(4).saturating_mul(8);
    if length < HEAD {
        return Err(Error::malformed(at, format!("Length {length} is less than the 12 bytes of Key and Length")));
    }
    let left = end.saturating_sub(offset);
    if length > left {
        let missing = length - left;
        // Only what ends with the input is truncated; what ends inside it is wrong.
        let error = if at_the_end && length < ABSURD { Error::truncated(at, missing.saturating_mul(8)) } else { Error::malformed(at, "") };
        return Err(error.with_message(format!("the box ends {missing} bytes behind what contains it")));
    }
    Ok(())
}

/// The Length as it stands, which a box that is cut does not have.
pub(super) fn stored_length(source: &dyn Source, offset: u64) -> Result<u64> {
    let mut bytes = [0; 8];
    source.read_at(offset.saturating_add(4), &mut bytes)?;
    Ok(u64::from_be_bytes(bytes))
}
