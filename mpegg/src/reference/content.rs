//! What a reference box says of the sequences of a source: for boxes that are made.

use super::genome::{self, Genome};
use super::raw::RawFile;
use super::{Hash, Resolver};
use crate::tables::{ChecksumAlg, FileHeader, Reference, ReferenceType};
use mpegg_runtime::{Error, ErrorKind, Result};
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;

/// A sequence of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Its name; a raw reference has none.
    pub name: Option<String>,
    /// Its ID; a FASTA text has none.
    pub sequence_id: Option<u16>,
    /// Bases.
    pub length: u64,
    /// Its checksum (6.4.2.3.7).
    pub checksum: Vec<u8>,
}

/// The sequences of a FASTA file, in its order, with their checksums.
///
/// # Errors
///
/// I/O; what is wrong with the text; the message names the file.
pub fn fasta_contents(path: &Path, alg: ChecksumAlg) -> Result<Vec<Content>> {
    let genome = Genome::open(path)?;
    let numbers: HashMap<&str, usize> = genome.sections.iter().enumerate().map(|(number, section)| (section.name.as_str(), number)).collect();
    let hashed = genome::hash(path, alg, &|name| numbers.get(name).copied(), &|_| ())?;
    let digests: HashMap<usize, Vec<u8>> = hashed.into_iter().map(|hashed| (hashed.listed, hashed.digest)).collect();
    let sections = genome.sections.iter().enumerate();
    let contents = sections.map(|(number, section)| Content {
        name: Some(section.name.clone()),
        sequence_id: None,
        length: section.length,
        checksum: digests.get(&number).cloned().unwrap_or_default(),
    });
    Ok(contents.collect())
}

/// The sequences of a file with a raw reference (RAW_REF), in its order, with their checksums.
///
/// # Errors
///
/// As [`fasta_contents`].
pub fn raw_contents(path: &Path, alg: ChecksumAlg) -> Result<Vec<Content>> {
    let raw = RawFile::open(path)?;
    let mut contents = vec![];
    for entry in &raw.entries {
        let mut hash = Bases(Hash::new(alg));
        if entry.length > 0 {
            raw.read(entry, 0..=entry.length - 1, &mut hash)?;
        }
        let (length, checksum) = hash.0.finish(&|_| ());
        contents.push(Content { name: None, sequence_id: Some(entry.sequence_id), length, checksum });
    }
    Ok(contents)
}

/// Hashes what is written.
struct Bases(Hash);

impl Write for Bases {
    fn write(&mut self, bases: &[u8]) -> io::Result<usize> {
        self.0.bytes(bases, &|_| ());
        Ok(bases.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The lengths of the sequences that a reference box lists, from its source.
///
/// # Errors
///
/// A source that is not found, is a dataset, or lacks a sequence.
pub(crate) fn lengths(table: &Reference, file: &FileHeader, resolver: &Resolver) -> Result<Vec<u32>> {
    let unknown = |message: &'static str| Error::without_position(ErrorKind::Unsupported, message);
    let Some(uri) = table.ref_uri.as_deref() else { return Err(unknown("it is a dataset")) };
    let path = resolver.find(uri)?;
    let (mut by_name, mut by_id) = (HashMap::new(), HashMap::new());
    match table.reference_type.unwrap_or_default() {
        ReferenceType::FastaRef => by_name.extend(Genome::open(&path)?.sections.into_iter().map(|section| (section.name, section.length))),
        ReferenceType::RawRef => by_id.extend(RawFile::open(&path)?.entries.iter().map(|entry| (entry.sequence_id, entry.length))),
        _ => return Err(unknown("it is coded")),
    }
    let first_edition = file.minor_version == *"1900";
    let lengths = (0..).zip(&table.sequences).map(|(number, sequence)| {
        let id = sequence.sequence_id.filter(|_| !first_edition).unwrap_or(number);
        let length = by_name.get(&sequence.sequence_name).or(by_id.get(&id)).copied();
        let length =
            length.ok_or_else(|| Error::without_position(ErrorKind::CrossReference, format!("the source has no sequence `{}`", sequence.sequence_name)))?;
        u32::try_from(length)
            .map_err(|_| Error::without_position(ErrorKind::Limit, format!("`{}` has {length} bases, more than 32 bits say", sequence.sequence_name)))
    });
    lengths.collect()
}
