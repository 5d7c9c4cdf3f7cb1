//! A reference as the raw reference that every kind is converted to (6.4.2.3.6, R19), whole or in part.

use super::genome::Genome;
use super::raw::{HEAD, RawFile};
use super::sections::Section;
use super::{Entry, Listed, Location, Resolver, mpegg};
use crate::access::ReferencePart;
use crate::tables::DataUnitType;
use mpegg_runtime::bits::BitWriter;
use mpegg_runtime::{Error, ErrorKind, Result};
use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::RangeInclusive;

/// A line of a FASTA file that is written.
const LINE: usize = 60;

/// A sequence of a raw reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Its name, as the source has it; of a RAW_REF file that of the reference box.
    pub name: String,
    /// The ID that the raw reference gives it.
    pub sequence_id: u16,
    /// Bases.
    pub length: u64,
    /// Its number in the reference box. Nothing: only the source has it, which counts its sequences (first edition).
    pub listed: Option<usize>,
    /// Its number in the source.
    stored: usize,
}

impl Sequence {
    /// The sequence of a FASTA file with this number in it.
    fn of_section(entry: &Entry<'_>, listed: Option<usize>, section: &Section, stored: usize) -> Result<Option<Sequence>> {
        let id = match listed {
            _ if entry.first_edition() => u16::try_from(stored).map_err(|_| too_many()).map(Some)?,
            Some(number) => Some(entry.sequence_id(number)),
            None => None,
        };
        Ok(id.map(|sequence_id| Sequence { name: section.name.clone(), sequence_id, length: section.length, listed, stored }))
    }
}

fn too_many() -> Error {
    Error::without_position(ErrorKind::Limit, "a raw reference has at most 65535 sequences")
}

/// An open reference: its sequences in the order of the source, those of which it says an ID.
///
/// The ID is that of the sequence of the same name in the reference box; other sequences of the source are left out. In the first
/// edition the source counts: all its sequences have the IDs 0, 1, 2 and so on. In a RAW_REF file the IDs are stored; each one is listed.
pub struct RawReference {
    sequences: Vec<Sequence>,
    /// The number of the sequence that datasets give this ID.
    by_id: HashMap<u16, usize>,
    bases: Bases,
}

enum Bases {
    Fasta(Genome),
    Raw(RawFile),
}

impl RawReference {
    /// Opens a reference and finds its sequences: by the index beside it, or else by reading it once.
    ///
    /// # Errors
    ///
    /// Unsupported: a dataset, or a URI of another scheme than `file`. I/O. Cross-reference: a sequence that the source lacks or that has another
    /// length. What is wrong with the source; the message names the file, the position is that in it (when it is unpacked).
    pub fn open(entry: &Entry<'_>, resolver: &Resolver) -> Result<RawReference> {
        let listed = Listed::of(entry);
        let (sequences, bases) = match entry.location() {
            Location::Fasta { uri } => {
                let genome = Genome::open(&entry.resolve(resolver, uri)?)?;
                let sequences = genome.sections.iter().enumerate();
                let sequences = sequences.map(|(stored, section)| Sequence::of_section(entry, listed.by_name(&section.name), section, stored).transpose());
                (sequences.flatten().collect::<Result<Vec<_>>>()?, Bases::Fasta(genome))
            }
            Location::Raw { uri } => {
                let raw = RawFile::open(&entry.resolve(resolver, uri)?)?;
                let sequences = raw.entries.iter().enumerate().map(|(stored, sequence)| {
                    let id = sequence.sequence_id;
                    let Some(number) = listed.by_id(id) else { return Err(raw.unlisted(sequence)) };
                    let name = entry.table.sequences.get(number).map_or(String::new(), |sequence| sequence.sequence_name.clone());
                    Ok(Sequence { name, sequence_id: id, length: sequence.length, listed: Some(number), stored })
                });
                (sequences.collect::<Result<Vec<_>>>()?, Bases::Raw(raw))
            }
            _ => return Err(mpegg::undecoded(entry, resolver)),
        };
        if sequences.len() > usize::from(u16::MAX) {
            return Err(too_many());
        }
        let by_number: HashMap<usize, usize> = sequences.iter().enumerate().filter_map(|(at, sequence)| Some((sequence.listed?, at))).collect();
        let mut by_id = HashMap::new();
        for number in 0..entry.table.sequences.len() {
            let found = by_number.get(&number).copied();
            entry.check_sequence(number, found.and_then(|at| sequences.get(at)).map(|sequence| sequence.length))?;
            if let Some(at) = found {
                by_id.entry(entry.sequence_id(number)).or_insert(at);
            }
        }
        Ok(RawReference { sequences, by_id, bases })
    }

    /// The sequences, in the order of the source.
    pub fn sequences(&self) -> &[Sequence] {
        &self.sequences
    }

    /// Writes the bases of a sequence, given its number in [`sequences`](Self::sequences); positions are 0-based and inclusive. Those
    /// of a FASTA file are in upper case.
    ///
    /// # Errors
    ///
    /// Positions that the sequence does not have; I/O; what is wrong with the source.
    pub fn read(&self, number: usize, range: RangeInclusive<u64>, out: &mut dyn Write) -> Result<()> {
        let wrong = |message: String| Err(Error::without_position(ErrorKind::CrossReference, message));
        let Some(sequence) = self.sequences.get(number) else { return wrong(format!("there is no sequence of number {number}")) };
        if range.is_empty() || *range.end() >= sequence.length {
            let (start, end) = range.into_inner();
            return wrong(format!("`{}` has {} bases, from 0; there are no {start} to {end}", sequence.name, sequence.length));
        }
        match &self.bases {
            Bases::Fasta(genome) => match genome.sections.get(sequence.stored) {
                Some(section) => genome.read(section, range, out),
                None => Ok(()),
            },
            Bases::Raw(raw) => match raw.entries.get(sequence.stored) {
                Some(entry) => raw.read(entry, range, out),
                None => Ok(()),
            },
        }
    }

    /// Whether a part is there; it may end behind the sequence, but not begin there.
    ///
    /// # Errors
    ///
    /// Why it is not.
    pub fn check_part(&self, part: &ReferencePart) -> Result<()> {
        self.range(part).map(drop)
    }

    /// Writes the data unit (type 0): of the whole reference, or of the parts that are needed. Of each sequence that these touch one
    /// range is written, from the first base needed to the last; the order is that of the source. No parts: no unit.
    ///
    /// # Errors
    ///
    /// A part of no sequence, or behind the end of one; I/O; what is wrong with the source.
    pub fn write_unit(&self, parts: Option<&[ReferencePart]>, out: &mut dyn Write) -> Result<()> {
        let ranges = self.ranges(parts)?;
        if ranges.is_empty() && parts.is_some() {
            return Ok(());
        }
        let lengths = ranges.iter().map(|(_, range)| HEAD.saturating_add(length(range)));
        let size = lengths.fold(2 + 9, u64::saturating_add);
        let mut head = BitWriter::new();
        head.unsigned(DataUnitType::RawReference.code(), 8)?;
        head.unsigned(size, 64)?;
        out.write_all(&head.into_bytes())?;
        self.write(&ranges, out)
    }

    /// Writes the raw reference as such, as [`write_unit`](Self::write_unit) does but without the head of a data unit.
    ///
    /// # Errors
    ///
    /// As [`write_unit`](Self::write_unit).
    pub fn write_raw(&self, parts: Option<&[ReferencePart]>, out: &mut dyn Write) -> Result<()> {
        let ranges = self.ranges(parts)?;
        if ranges.is_empty() && parts.is_some() {
            return Ok(());
        }
        self.write(&ranges, out)
    }

    fn write(&self, ranges: &[(usize, RangeInclusive<u64>)], out: &mut dyn Write) -> Result<()> {
        let mut head = BitWriter::new();
        head.unsigned(ranges.len() as u64, 16)?;
        out.write_all(&head.into_bytes())?;
        for (number, range) in ranges {
            let id = self.sequences.get(*number).map_or(0, |sequence| sequence.sequence_id);
            let mut head = BitWriter::new();
            head.unsigned(u64::from(id), 16)?;
            head.unsigned(*range.start(), 40)?;
            head.unsigned(*range.end(), 40)?;
            out.write_all(&head.into_bytes())?;
            self.read(*number, range.clone(), out)?;
        }
        Ok(())
    }

    /// Writes FASTA in lines of 60 bases: the whole reference in the order of the source, or the parts in the order given, those of a part
    /// of a sequence named `NAME:START-END`, 1-based and inclusive.
    ///
    /// # Errors
    ///
    /// As [`write_unit`](Self::write_unit).
    pub fn write_fasta(&self, parts: Option<&[ReferencePart]>, out: &mut dyn Write) -> Result<()> {
        let ranges = match parts {
            Some(parts) => parts.iter().map(|part| self.range(part)).collect::<Result<_>>()?,
            None => self.ranges(None)?,
        };
        for (number, range) in ranges {
            let Some(sequence) = self.sequences.get(number) else { continue };
            if length(&range) == sequence.length {
                writeln!(out, ">{}", sequence.name)?;
            } else {
                writeln!(out, ">{}:{}-{}", sequence.name, range.start().saturating_add(1), range.end().saturating_add(1))?;
            }
            let mut lines = Folded { out, column: 0 };
            self.read(number, range, &mut lines)?;
            writeln!(out)?;
        }
        Ok(())
    }

    /// The range of each sequence that is touched, in the order of the source.
    fn ranges(&self, parts: Option<&[ReferencePart]>) -> Result<Vec<(usize, RangeInclusive<u64>)>> {
        let Some(parts) = parts else {
            let whole = self.sequences.iter().enumerate().map(|(number, sequence)| (number, 0..=sequence.length.saturating_sub(1)));
            return Ok(whole.collect());
        };
        let mut hulls: Vec<Option<RangeInclusive<u64>>> = vec![None; self.sequences.len()];
        for part in parts {
            let (number, range) = self.range(part)?;
            if let Some(hull) = hulls.get_mut(number) {
                let known = hull.take().unwrap_or_else(|| range.clone());
                *hull = Some(*known.start().min(range.start())..=*known.end().max(range.end()));
            }
        }
        Ok(hulls.into_iter().enumerate().filter_map(|(number, hull)| Some((number, hull?))).collect())
    }

    /// The sequence of a part, and what there is of the part.
    fn range(&self, part: &ReferencePart) -> Result<(usize, RangeInclusive<u64>)> {
        let wrong = |message: String| Err(Error::without_position(ErrorKind::CrossReference, message));
        let number = self.by_id.get(&part.sequence).copied().unwrap_or(usize::MAX);
        let Some(sequence) = self.sequences.get(number) else { return wrong(format!("the reference has no sequence with the ID {}", part.sequence)) };
        let end = part.end.min(sequence.length.saturating_sub(1));
        if part.start > end {
            return wrong(format!("`{}` has {} bases, from 0; there are no {} to {}", sequence.name, sequence.length, part.start, part.end));
        }
        Ok((number, part.start..=end))
    }
}

fn length(range: &RangeInclusive<u64>) -> u64 {
    range.end().saturating_sub(*range.start()).saturating_add(1)
}

/// Breaks what is written into lines.
struct Folded<'o> {
    out: &'o mut dyn Write,
    column: usize,
}

impl Write for Folded<'_> {
    fn write(&mut self, bases: &[u8]) -> io::Result<usize> {
        if self.column == LINE {
            self.out.write_all(b"\n")?;
            self.column = 0;
        }
        let used = bases.len().min(LINE.saturating_sub(self.column));
        self.out.write_all(bases.get(..used).unwrap_or_default())?;
        self.column = self.column.saturating_add(used);
        Ok(used)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
