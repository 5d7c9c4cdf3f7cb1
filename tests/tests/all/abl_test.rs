//! A test of Part 5: its file in a folder, what the command takes out, and what the model says.

use md5::Md5;
use mpegg_tests::maker::expect::{self, Query, Region, fasta};
use mpegg_tests::maker::model::*;
use mpegg_tests::maker::write;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

use super::abl_files::{aligned, reference};
use super::command::{Extract, difference};

/// A test's folder with its file.
pub struct Test {
    pub folder: TempDir,
    pub file: File,
}

impl Test {
    pub fn new(file: File) -> Test {
        let test = Test { folder: tempfile::tempdir().unwrap(), file };
        fs::write(test.path(), write::file(&test.file)).unwrap();
        test
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("input.mgg")
    }

    /// Data units and reference that come out.
    pub fn extract(&self, dataset: u16, query: &Query) -> (Vec<u8>, Vec<u8>) {
        let folder = self.folder.path();
        let extract = Extract {
            file: &self.path(),
            dataset: format!("0:{dataset}"),
            options: query.arguments(),
            output: folder.join("out.mgb"),
            reference_output: Some(folder.join("reference.mgb")),
        };
        extract.run().unwrap_or_else(|error| panic!("{:?}: {error}", query.arguments()))
    }

    /// What comes out is what the model says; the reference is a dataset of the file. Gives the number of bytes of each.
    #[track_caller]
    pub fn both(&self, dataset: u16, query: &Query) -> (usize, usize) {
        let (units, reference) = self.extract(dataset, query);
        assert_eq!(difference(&units, &expect::dataset_units(&self.file, 0, dataset, query)), None, "units of {dataset}, {:?}", query.arguments());
        assert_eq!(difference(&reference, &expect::reference_units(&self.file, 0, dataset, query)), None, "reference of {dataset}, {:?}", query.arguments());
        (units.len(), reference.len())
    }

    /// The same; something comes out, and less than everything.
    #[track_caller]
    pub fn part(&self, dataset: u16, query: &Query) {
        let whole =
            (expect::dataset_units(&self.file, 0, dataset, &Query::default()).len(), expect::reference_units(&self.file, 0, dataset, &Query::default()).len());
        let found = self.both(dataset, query);
        assert!(found.0 > 0 && found.0 < whole.0 && found.1 > 0 && found.1 < whole.1, "{found:?} of {whole:?}");
    }

    /// Units without reference: something, and less than everything.
    #[track_caller]
    pub fn units(&self, dataset: u16, query: &Query) {
        let extract = Extract {
            file: &self.path(),
            dataset: format!("0:{dataset}"),
            options: query.arguments(),
            output: self.folder.path().join("out.mgb"),
            reference_output: None,
        };
        let (units, _) = extract.run().unwrap_or_else(|error| panic!("{:?}: {error}", query.arguments()));
        assert_eq!(difference(&units, &expect::dataset_units(&self.file, 0, dataset, query)), None, "{:?}", query.arguments());
        assert!(!units.is_empty() && units.len() < expect::dataset_units(&self.file, 0, dataset, &Query::default()).len());
    }
}

pub fn regions(regions: &[(u16, u64, u64)]) -> Query {
    Query { regions: regions.iter().map(|(sequence, start, end)| Region { sequence: *sequence, start: *start, end: *end }).collect(), ..Query::default() }
}

pub fn internal(dataset: u16) -> Location {
    Location::Internal { group: 0, dataset }
}

/// What is small enough to be a FASTA file: two sequences, in the file in another order, in lines, with letters of both cases.
pub const SMALL: [(&str, u16, &str); 2] = [("2", 2, "ACGTNNACGTTGCATTACGATCGNTCCGATCGA"), ("1", 1, "GGGTTTAAACCCGATTACAGATTACA")];

/// With a comment, an empty line, and a line that ends in two characters.
pub fn small_fasta() -> Vec<u8> {
    let text = String::from_utf8(fasta(&SMALL.map(|(name, _, bases)| (name, bases.as_bytes())), 10)).unwrap();
    let text = text.replacen("description\n", "description\n;a comment\n", 1).replacen("\n>1", "\n\n>1", 1);
    let mixed = text.replacen("TCGNTCC", "tcgNtcc", 1).replacen("TTACAG\n", "ttacag\r\n", 1);
    assert!(mixed.contains("tcgNtcc") && mixed.contains("ttacag\r\n"));
    mixed.into_bytes()
}

/// The sequences of the reference box, in the order of their IDs.
pub fn small_sequences() -> Vec<ReferenceSequence> {
    let mut sequences = SMALL.map(|(name, id, bases)| ReferenceSequence { name: name.into(), length: bases.len() as u32, id }).to_vec();
    sequences.sort_by_key(|sequence| sequence.id);
    sequences
}

pub fn bases(name: &str) -> &'static [u8] {
    SMALL.iter().find(|(other, ..)| *other == name).map_or(b"", |(.., bases)| bases.as_bytes())
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn checksum(algorithm: u8, bytes: &[u8]) -> Vec<u8> {
    if algorithm == 0 { Md5::digest(bytes).to_vec() } else { Sha256::digest(bytes).to_vec() }
}

pub fn small_reference(id: u8, algorithm: u8, kind: ReferenceKind, uri: &str) -> Reference {
    let sequences = small_sequences();
    let checksums = sequences.iter().map(|sequence| checksum(algorithm, bases(&sequence.name))).collect();
    reference(id, sequences, Location::External { uri: uri.into(), algorithm, kind, checksums })
}

/// A small dataset on those sequences.
pub fn small_dataset(id: u16, storage: Storage, reference: u8) -> Dataset {
    let mut dataset = aligned(id, storage, reference, &[(1, &[0]), (2, &[0])]);
    if let Content::Sequencing(content) = &mut dataset.content {
        for unit in &mut content.units {
            let row = u64::from(unit.id);
            unit.range = (row * 3, row * 3 + 8);
        }
    }
    dataset
}
