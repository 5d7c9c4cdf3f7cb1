//! A region as a user writes it.

use super::{Entry, Part};
use mpegg_runtime::{Error, ErrorKind, Result};

/// Reads `NAME:START-END` as in samtools (1-based, inclusive, commas allowed; `NAME:START` and `NAME:START-` go to the end, `NAME` is
/// the whole sequence) or `@ID:START-END` as in the standard (sequence_ID, 0-based, inclusive). A name that contains a colon is
/// preferred to a range.
///
/// # Errors
///
/// Malformed: a text that is neither, a sequence that the reference does not list, a range without bases.
pub fn region(entry: &Entry<'_>, text: &str) -> Result<Part> {
    let wrong = |message: &str| Error::without_position(ErrorKind::Malformed, format!("`{text}` is no region: {message}"));
    if let Some(sequence_id) = named(entry, text) {
        return Ok(Part { sequence_id, start: 0, end: u64::MAX });
    }
    let (name, range) = text.rsplit_once(':').map_or((text, None), |(name, range)| (name, Some(range)));
    let by_id = name.strip_prefix('@').and_then(|id| id.parse::<u16>().ok());
    let known = by_id.filter(|id| (0..entry.table.sequences.len()).any(|number| entry.sequence_id(number) == *id)).or_else(|| named(entry, name));
    let sequence_id = known.ok_or_else(|| wrong("the reference lists no such sequence"))?;
    let Some(range) = range else { return Ok(Part { sequence_id, start: 0, end: u64::MAX }) };
    let (start, end) = range.split_once('-').unwrap_or((range, ""));
    let position = |text: &str| text.replace(',', "").parse::<u64>().map_err(|_| wrong("a range is START-END"));
    let end = if end.is_empty() { None } else { Some(position(end)?) };
    let first = u64::from(by_id.is_none());
    let behind = || wrong("positions of a named sequence begin at 1");
    let start = position(start)?.checked_sub(first).ok_or_else(behind)?;
    let end = end.map_or(Ok(u64::MAX), |end| end.checked_sub(first).ok_or_else(behind))?;
    if start > end {
        return Err(wrong("it ends before it begins"));
    }
    Ok(Part { sequence_id, start, end })
}

fn named(entry: &Entry<'_>, name: &str) -> Option<u16> {
    let number = entry.table.sequences.iter().position(|sequence| sequence.sequence_name == name)?;
    Some(entry.sequence_id(number))
}
