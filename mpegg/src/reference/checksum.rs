//! The checksums of a reference (6.4.2.3.7): computed from where it is, and compared with those that are stored.

use super::{Entry, Listed, Location, Resolver, genome, mpegg, raw};
use crate::tables::ChecksumAlg;
use mpegg_runtime::Result;
use mpegg_runtime::source::Source;
use sha2::digest::DynDigest;
use std::collections::HashMap;
use std::fmt;

/// Bases hashed at once: they fit a cache.
const PIECE: usize = 1 << 16;

/// A checksum that is being computed of bases.
pub(super) struct Hash {
    digest: Box<dyn DynDigest + Send>,
    piece: Vec<u8>,
    length: u64,
}

impl Hash {
    pub fn new(alg: ChecksumAlg) -> Hash {
        let digest: Box<dyn DynDigest + Send> = match alg {
            ChecksumAlg::Md5 => Box::new(md5::Md5::default()),
            // Others cannot be read from a reference box (R10).
            _ => Box::new(sha2::Sha256::default()),
        };
        Hash { digest, piece: vec![], length: 0 }
    }

    /// Takes bases in any case; they are hashed in upper case.
    pub fn text(&mut self, bases: &[u8], progress: &dyn Fn(u64)) {
        self.piece.extend_from_slice(bases);
        if self.piece.len() >= PIECE {
            self.flush(progress);
        }
    }

    /// Takes bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8], progress: &dyn Fn(u64)) {
        self.digest.update(bytes);
        self.length = self.length.saturating_add(bytes.len() as u64);
        progress(bytes.len() as u64);
    }

    fn flush(&mut self, progress: &dyn Fn(u64)) {
        let mut piece = std::mem::take(&mut self.piece);
        piece.make_ascii_uppercase();
        self.bytes(&piece, progress);
        piece.clear();
        self.piece = piece;
    }

    /// How many bytes there were, and the checksum.
    pub fn finish(mut self, progress: &dyn Fn(u64)) -> (u64, Vec<u8>) {
        self.flush(progress);
        (self.length, self.digest.finalize().into_vec())
    }
}

/// A checksum that was computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// The sequence; of a reference that is hashed as a whole its own name.
    pub name: String,
    /// The bytes of the checksum.
    pub digest: Vec<u8>,
}

impl Checksum {
    /// Lower-case hexadecimal digits.
    pub fn hex(&self) -> String {
        hex(&self.digest)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What differs between a reference and what its box says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The source lacks a sequence that the box lists.
    Missing {
        /// sequence_name.
        name: String,
    },
    /// A sequence has another number of bases than `sequence_length`.
    Length {
        /// sequence_name.
        name: String,
        /// sequence_length.
        stored: u64,
        /// Bases of the source.
        found: u64,
    },
    /// A checksum differs.
    Checksum {
        /// sequence_name, or the name of the reference where that is hashed as a whole.
        name: String,
        /// The checksum of the box, in hexadecimal digits.
        stored: String,
        /// That of the source.
        found: String,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Missing { name } => write!(f, "{name}: the source has no such sequence"),
            Difference::Length { name, stored, found } => write!(f, "{name}: {found} bases, expected {stored}"),
            Difference::Checksum { name, stored, found } => write!(f, "{name}: checksum {found}, expected {stored}"),
        }
    }
}

/// The checksum of each sequence that the reference box lists, in its order, computed from the source by its algorithm. In the first
/// edition a coded reference has one checksum for all: of the Value of its dataset. `progress` is told how many bytes more are done.
///
/// # Errors
///
/// Those of the source; a sequence that it lacks or of another length; a coded reference, of which the bases need Part 2.
pub fn checksums(entry: &Entry<'_>, resolver: &Resolver, progress: &(dyn Fn(u64) + Sync)) -> Result<Vec<Checksum>> {
    let checked = compute(entry, resolver, progress)?.into_iter().enumerate().map(|(number, computed)| match computed.found {
        Found::Whole(digest) => Ok(Some(Checksum { name: computed.name, digest })),
        Found::Sequence(length, digest) => {
            entry.check_sequence(number, Some(length))?;
            Ok(Some(Checksum { name: computed.name, digest }))
        }
        Found::Nothing => entry.check_sequence(number, None).map(|()| None),
    });
    checked.filter_map(Result::transpose).collect()
}

/// Compares a reference with the lengths and checksums that its box stores; gives everything that differs.
///
/// # Errors
///
/// Those of the source; a coded reference, of which the bases need Part 2.
pub fn verify(entry: &Entry<'_>, resolver: &Resolver, progress: &(dyn Fn(u64) + Sync)) -> Result<Vec<Difference>> {
    let mut differences = vec![];
    for computed in compute(entry, resolver, progress)? {
        let name = computed.name;
        let digest = match computed.found {
            Found::Nothing => {
                differences.push(Difference::Missing { name });
                continue;
            }
            Found::Sequence(length, digest) => {
                if let Some(stored) = computed.stored_length.filter(|stored| *stored != length) {
                    differences.push(Difference::Length { name: name.clone(), stored, found: length });
                }
                digest
            }
            Found::Whole(digest) => digest,
        };
        if computed.stored != digest {
            differences.push(Difference::Checksum { name, stored: hex(&computed.stored), found: hex(&digest) });
        }
    }
    Ok(differences)
}

/// What the box says of a sequence, and what the source has.
struct Computed {
    name: String,
    stored_length: Option<u64>,
    stored: Vec<u8>,
    found: Found,
}

#[derive(Clone)]
enum Found {
    Nothing,
    /// Bases and checksum of a sequence.
    Sequence(u64, Vec<u8>),
    /// The checksum of a reference that has one only.
    Whole(Vec<u8>),
}

fn compute(entry: &Entry<'_>, resolver: &Resolver, progress: &(dyn Fn(u64) + Sync)) -> Result<Vec<Computed>> {
    let table = &entry.table;
    let alg = table.checksum_alg.unwrap_or_default();
    let listed = Listed::of(entry);
    let hashed = match entry.location() {
        Location::Fasta { uri } => genome::hash(&entry.resolve(resolver, uri)?, alg, &|name| listed.by_name(name), progress)?,
        Location::Raw { uri } => raw::RawFile::open(&entry.resolve(resolver, uri)?)?.hash(alg, &|id| listed.by_id(id), progress)?,
        Location::Mpegg { uri, group, dataset } if entry.first_edition() => {
            let path = entry.resolve(resolver, uri)?;
            let digest = mpegg::hash(entry, &path, group, dataset, |source, start, end| hash_range(source, start, end, alg, progress))?;
            let stored = table.ref_checksum.as_ref().map_or(vec![], |stored| stored.bytes().to_vec());
            return Ok(vec![Computed { name: table.reference_name.clone(), stored_length: None, stored, found: Found::Whole(digest) }]);
        }
        _ => return Err(mpegg::undecoded(entry, resolver)),
    };
    let found: HashMap<usize, Found> = hashed.into_iter().map(|hashed| (hashed.listed, Found::Sequence(hashed.length, hashed.digest))).collect();
    let sequences = table.sequences.iter().enumerate();
    let computed = sequences.map(|(number, sequence)| Computed {
        name: sequence.sequence_name.clone(),
        stored_length: sequence.sequence_length.map(u64::from),
        stored: table.ref_seq_checksum.get(number).map_or(vec![], |stored| stored.bytes().to_vec()),
        found: found.get(&number).cloned().unwrap_or(Found::Nothing),
    });
    Ok(computed.collect())
}

fn hash_range(source: &dyn Source, start: u64, end: u64, alg: ChecksumAlg, progress: &dyn Fn(u64)) -> Result<Vec<u8>> {
    let mut hash = Hash::new(alg);
    let mut piece = vec![];
    let mut at = start;
    while at < end {
        piece.resize(usize::try_from(end.saturating_sub(at).min(1 << 18)).unwrap_or(0), 0);
        source.read_at(at, &mut piece)?;
        hash.bytes(&piece, progress);
        at = at.saturating_add(piece.len() as u64);
    }
    Ok(hash.finish(progress).1)
}
