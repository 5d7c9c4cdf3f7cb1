//! A file with a raw reference as Part 2 has it (R19), without the head of a data unit: the number of sequences, and for each one its ID, its first
//! and last position, and its bases as ASCII characters.

use super::checksum::Hash;
use super::genome::Hashed;
use super::lines::{bits, unreadable, within};
use crate::tables::ChecksumAlg;
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::source::{FileSource, Source};
use mpegg_runtime::{Error, Result};
use rayon::prelude::*;
use std::collections::HashSet;
use std::io::Write;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// Bytes read at once.
const PIECE: u64 = 1 << 18;
/// Bytes in front of the bases of a sequence: sequence_ID u(16), seq_start u(40), seq_end u(40).
pub(super) const HEAD: u64 = 12;

/// An open file.
pub(super) struct RawFile {
    path: PathBuf,
    source: FileSource,
    pub entries: Vec<RawEntry>,
}

/// A sequence of it.
pub(super) struct RawEntry {
    pub sequence_id: u16,
    /// Bases.
    pub length: u64,
    /// The byte of its head.
    pub head: u64,
}

impl RawEntry {
    fn bases(&self) -> u64 {
        self.head.saturating_add(HEAD)
    }
}

impl RawFile {
    /// Opens a file and reads the heads of its sequences.
    pub fn open(path: &Path) -> Result<RawFile> {
        let source = std::fs::File::open(path).map_err(|error| unreadable(path, 0, error))?;
        let source = FileSource::new(source).map_err(|error| within(path, error))?;
        let entries = entries(&source).map_err(|error| within(path, error))?;
        Ok(RawFile { path: path.to_owned(), source, entries })
    }

    /// The error of a sequence that the reference box does not list.
    pub fn unlisted(&self, entry: &RawEntry) -> Error {
        let message = format!("sequence_ID {} is not in the reference box", entry.sequence_id);
        within(&self.path, Error::cross_reference(bits(entry.head), message).in_field("sequence_ID", &[]))
    }

    /// Writes bases as they stand; positions are 0-based and inclusive, and there.
    pub fn read(&self, entry: &RawEntry, range: RangeInclusive<u64>, out: &mut dyn Write) -> Result<()> {
        self.pieces(entry, range, |piece| Ok(out.write_all(piece)?))
    }

    /// Hashes the sequences that the reference box lists, by several threads.
    pub fn hash(&self, alg: ChecksumAlg, wanted: &(dyn Fn(u16) -> Option<usize> + Sync), progress: &(dyn Fn(u64) + Sync)) -> Result<Vec<Hashed>> {
        let hashed = self.entries.par_iter().with_max_len(1).filter_map(|entry| Some((entry, wanted(entry.sequence_id)?)));
        let hashed = hashed.map(|(entry, listed)| {
            let mut hash = Hash::new(alg);
            self.pieces(entry, 0..=entry.length.saturating_sub(1), |piece| {
                hash.bytes(piece, progress);
                Ok(())
            })?;
            let (length, digest) = hash.finish(progress);
            Ok(Hashed { listed, length, digest })
        });
        hashed.collect()
    }

    fn pieces(&self, entry: &RawEntry, range: RangeInclusive<u64>, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let (first, last) = range.into_inner();
        let mut at = entry.bases().saturating_add(first);
        let end = entry.bases().saturating_add(last).saturating_add(1);
        let mut piece = vec![];
        while at < end {
            piece.resize(usize::try_from(end.saturating_sub(at).min(PIECE)).unwrap_or(0), 0);
            self.source.read_at(at, &mut piece).map_err(|error| within(&self.path, error))?;
            take(&piece)?;
            at = at.saturating_add(piece.len() as u64);
        }
        Ok(())
    }
}

fn entries(source: &FileSource) -> Result<Vec<RawEntry>> {
    let end = source.len();
    let [high, low] = read(source, 0).map_err(|error| error.in_field("seq_count", &[]))?;
    let count = u16::from_be_bytes([high, low]);
    if count == 0 && end > 2 {
        let unit = read(source, 0).is_ok_and(|[_, size @ ..]: [u8; 9]| u64::from_be_bytes(size) == end);
        let hint = if unit { "a data unit; a RAW_REF file holds its payload alone, without type and size" } else { "no sequences, but more bytes" };
        return Err(Error::malformed(0, hint).in_field("seq_count", &[]));
    }
    let mut found: Vec<RawEntry> = vec![];
    let mut seen = HashSet::new();
    let mut at = 2;
    for number in 0..u64::from(count) {
        let entry = entry(source, at).map_err(|error| error.in_field("sequence", &[number]))?;
        if !seen.insert(entry.sequence_id) {
            return Err(Error::malformed(bits(at), format!("sequence_ID {} occurs twice", entry.sequence_id)).in_field("sequence_ID", &[number]));
        }
        at = entry.bases().saturating_add(entry.length);
        found.push(entry);
    }
    if at != end {
        return Err(Error::malformed(bits(at), format!("{} bytes behind the last sequence", end.saturating_sub(at))));
    }
    Ok(found)
}

fn entry(source: &FileSource, head: u64) -> Result<RawEntry> {
    let bytes: [u8; HEAD as usize] = read(source, head)?;
    let mut reader = BitReader::at(&bytes, bits(head));
    let sequence_id = reader.read::<16>()? as u16;
    let place = reader.position();
    let (start, end) = (reader.read::<40>()?, reader.read::<40>()?);
    if start != 0 {
        return Err(Error::malformed(place, format!("seq_start {start}: a reference begins at 0")).in_field("seq_start", &[]));
    }
    let length = end.saturating_add(1);
    let left = source.len().saturating_sub(head).saturating_sub(HEAD);
    if length > left {
        let message = format!("a sequence of {length} bases");
        let error = Error::truncated(bits(head.saturating_add(7)), bits(length.saturating_sub(left))).with_message(message);
        return Err(error.in_field("seq_end", &[]));
    }
    Ok(RawEntry { sequence_id, length, head })
}

fn read<const N: usize>(source: &FileSource, at: u64) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    source.read_at(at, &mut bytes)?;
    Ok(bytes)
}
