//! Genomic regions as people write them.

use mpegg_runtime::{Error, ErrorKind, Result};
use std::fmt;
use std::str::FromStr;

/// A region of a sequence: `NAME`, `NAME:START-END` (1-based, inclusive, commas allowed, as in samtools) or `@ID:START-END` (sequence_ID,
/// 0-based, inclusive, as in the standard). `NAME:START-` goes to the end, `NAME:START` is one base.
///
/// ```
/// use mpegg::access::{Region, Sequence};
///
/// let region: Region = "chr3:20,000,001-30,000,000".parse()?;
/// assert_eq!(region, Region { sequence: Sequence::Name("chr3".to_owned()), start: 20_000_000, end: 29_999_999 });
/// assert_eq!("@2:0-99".parse::<Region>()?, Region { sequence: Sequence::Id(2), start: 0, end: 99 });
/// # Ok::<(), mpegg::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// On which sequence.
    pub sequence: Sequence,
    /// The first base, 0-based.
    pub start: u64,
    /// The last base, 0-based, inclusive.
    pub end: u64,
}

/// A sequence of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sequence {
    /// Its sequence_name.
    Name(String),
    /// Its sequence_ID.
    Id(u16),
}

/// The last position that 40 bits can say.
pub(crate) const LAST: u64 = (1 << 40) - 1;

impl FromStr for Region {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parse(text).map_err(|message| Error::without_position(ErrorKind::Malformed, message))
    }
}

fn parse(text: &str) -> std::result::Result<Region, String> {
    let (sequence, range) = split(text);
    let (sequence, first) = match sequence.strip_prefix('@') {
        Some(id) => (Sequence::Id(id.parse().map_err(|_| format!("`{text}`: `{id}` is no sequence_ID"))?), 0),
        None => (Sequence::Name(sequence.to_owned()), 1),
    };
    if matches!(&sequence, Sequence::Name(name) if name.is_empty()) {
        return Err(format!("`{text}`: a region begins with the name of a sequence"));
    }
    let Some(range) = range else { return Ok(Region { sequence, start: 0, end: LAST }) };
    let number = |digits: &str| -> std::result::Result<u64, String> {
        let value: u64 = digits.replace(',', "").parse().map_err(|_| format!("`{text}`: `{digits}` is no position"))?;
        value.checked_sub(first).filter(|value| *value <= LAST).ok_or_else(|| format!("`{text}`: positions are from {first} to {}", LAST + first))
    };
    let (start, end) = match range.split_once('-') {
        None => (number(range)?, number(range)?),
        Some((start, "")) => (number(start)?, LAST),
        Some((start, end)) => (number(start)?, number(end)?),
    };
    if start > end {
        return Err(format!("`{text}`: the region ends before it starts"));
    }
    Ok(Region { sequence, start, end })
}

/// The sequence and the positions; a colon that no positions follow belongs to the name (`HLA-A*01:01`).
fn split(text: &str) -> (&str, Option<&str>) {
    let positions = |range: &str| range.starts_with(|c: char| c.is_ascii_digit()) && range.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '-');
    match text.rsplit_once(':') {
        Some((sequence, range)) if positions(range) || text.starts_with('@') => (sequence, Some(range)),
        _ => (text, None),
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sequence {
            Sequence::Name(name) if (self.start, self.end) == (0, LAST) => write!(f, "{name}"),
            Sequence::Name(name) => write!(f, "{name}:{}-{}", self.start.saturating_add(1), self.end.saturating_add(1)),
            Sequence::Id(id) => write!(f, "@{id}:{}-{}", self.start, self.end),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn region(text: &str) -> Region {
        text.parse().unwrap()
    }

    #[test]
    fn as_samtools_writes_them() {
        let named = |name: &str, start, end| Region { sequence: Sequence::Name(name.to_owned()), start, end };
        assert_eq!(region("chr1"), named("chr1", 0, LAST));
        assert_eq!(region("chr1:10"), named("chr1", 9, 9));
        assert_eq!(region("chr1:1,000-"), named("chr1", 999, LAST));
        assert_eq!(region("HLA-A*01:01:01:01"), named("HLA-A*01:01:01", 0, 0));
        assert_eq!(region("HLA-DRB1*15:01:01:05N"), named("HLA-DRB1*15:01:01:05N", 0, LAST));
        assert_eq!(region("@7"), Region { sequence: Sequence::Id(7), start: 0, end: LAST });
    }

    #[test]
    fn what_is_none() {
        for text in ["", ":1-2", "chr1:0-5", "chr1:9-5", "@x:1-2", "@1:a-b", "@65536:0-1", "chr1:1-2000000000000"] {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
    }

    #[test]
    fn printed_as_read() {
        for text in ["chr3:20000001-30000000", "@2:0-99", "chrX"] {
            assert_eq!(region(text).to_string(), text);
        }
    }
}
