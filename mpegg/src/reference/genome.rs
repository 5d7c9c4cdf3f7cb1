//! A FASTA file as sequences: listed, read in part, and hashed, with bounded memory.

use super::checksum::Hash;
use super::fasta::{Reader, Text, misfit, skip_bytes};
use super::lines::{Event, Lines, bits, unreadable, within};
use super::sections::{Section, no_bases, part, parts, sections};
use crate::tables::ChecksumAlg;
use mpegg_runtime::{Error, ErrorKind, Result};
use rayon::prelude::*;
use std::collections::HashSet;
use std::io::Write;
use std::ops::{ControlFlow, RangeInclusive};
use std::path::Path;
use std::sync::Mutex;

/// Bytes that are rather read than jumped over.
const NEAR: u64 = 1 << 16;

/// An open FASTA file.
pub(super) struct Genome {
    text: Text,
    pub sections: Vec<Section>,
    /// The reader of the last reading: what is compressed as a whole is read on, not again.
    left: Mutex<Option<Left>>,
}

/// A reader that is left for the next reading.
struct Left {
    /// Its next byte.
    at: u64,
    reader: Reader,
    /// The name, where it is just behind one.
    behind: Option<String>,
}

impl Genome {
    /// Opens a file and finds its sequences.
    pub fn open(path: &Path) -> Result<Genome> {
        let text = Text::open(path)?;
        let sections = sections(&text)?;
        unique(sections.iter().map(|section| section.name.as_str()), path, |name| format!("`{name}`"))?;
        Ok(Genome { text, sections, left: Mutex::new(None) })
    }

    /// Writes bases of a sequence in upper case; positions are 0-based and inclusive, and there.
    pub fn read(&self, section: &Section, range: RangeInclusive<u64>, out: &mut dyn Write) -> Result<()> {
        let (first, last) = range.into_inner();
        let (mut lines, mut reader, mut skip) = self.seek(section, first)?;
        let mut left = last.saturating_sub(first).saturating_add(1);
        let whole = last.saturating_add(1) == section.length;
        let mut behind = None;
        let mut upper = vec![];
        lines.run(reader.as_mut(), self.text.path(), |_, event| {
            let bases = match event {
                Event::Bases(bases) => bases,
                Event::Sequence(name, _) => {
                    behind = Some(name.to_owned());
                    return Ok(ControlFlow::Break(()));
                }
            };
            let skipped = usize::try_from(skip).unwrap_or(usize::MAX).min(bases.len());
            skip = skip.saturating_sub(skipped as u64);
            let bases = bases.get(skipped..).unwrap_or_default();
            if left == 0 && !bases.is_empty() {
                return Err(self.misfit(section));
            }
            let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(bases.len());
            left = left.saturating_sub(wanted as u64);
            upper.clear();
            upper.extend_from_slice(bases.get(..wanted).unwrap_or_default());
            upper.make_ascii_uppercase();
            out.write_all(&upper)?;
            // At the end of a sequence its length is checked: no bases follow.
            Ok(if left > 0 || whole { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        if left > 0 {
            return Err(self.misfit(section));
        }
        if let Ok(mut left) = self.left.lock() {
            *left = Some(Left { at: lines.position(), reader, behind });
        }
        Ok(())
    }

    /// A reader near a base in front of it, and how many bases are to be left out.
    fn seek(&self, section: &Section, base: u64) -> Result<(Lines, Reader, u64)> {
        let place = section.line.and_then(|(bases, width)| {
            let line = base.checked_div(bases)?;
            Some((section.offset.checked_add(line.checked_mul(width)?)?, base.checked_rem(bases)?))
        });
        let Some((line, into)) = place.filter(|_| base >= NEAR) else {
            let (lines, reader) = self.header(section)?;
            return Ok((lines, reader, base));
        };
        if section.indexed {
            self.header(section)?;
        }
        let reader = self.line(section, line)?;
        if into < NEAR {
            return Ok((Lines::new(line, true), reader, into));
        }
        let at = line.saturating_add(into);
        Ok((Lines::new(at, true), self.text.reader(at)?, 0))
    }

    /// A reader behind the line of the name, which is what was found there before, or what the index says.
    fn header(&self, section: &Section) -> Result<(Lines, Reader)> {
        if let Some(Left { at, reader, .. }) = self.take_left(|left| left.behind.as_ref() == Some(&section.name)) {
            return Ok((Lines::new(at, true), reader));
        }
        let mut lines = Lines::new(section.start, false);
        let mut reader = self.reader(section.start)?;
        let mut fits = false;
        lines
            .run(reader.as_mut(), self.text.path(), |_, event| {
                fits = matches!(event, Event::Sequence(name, _) if name == section.name);
                Ok(ControlFlow::Break(()))
            })
            .map_err(|error| if section.indexed && error.kind() == ErrorKind::Malformed { self.misfit(section) } else { error })?;
        let behind = lines.position();
        // CRLF counts as an empty line more.
        if !fits || section.indexed && !(behind..=behind.saturating_add(1)).contains(&section.offset) {
            return Err(self.misfit(section));
        }
        Ok((lines, reader))
    }

    /// A reader of a sequence at the beginning of one of its lines.
    fn line(&self, section: &Section, start: u64) -> Result<Reader> {
        let mut reader = self.reader(start.saturating_sub(1))?;
        let before = reader.fill_buf().map_err(|error| unreadable(self.text.path(), start, error))?.first().copied();
        if !matches!(before, Some(b'\n' | b'\r')) {
            return Err(self.misfit(section));
        }
        reader.consume(1);
        Ok(reader)
    }

    fn misfit(&self, section: &Section) -> Error {
        if section.indexed {
            return misfit(self.text.path(), ".fai", &format!("`{}` is not where or what it says", section.name));
        }
        within(self.text.path(), Error::malformed(bits(section.offset), "the text has changed since it was opened"))
    }

    fn reader(&self, offset: u64) -> Result<Reader> {
        let near = |left: &Left| left.at <= offset && (!self.text.can_seek() || offset.saturating_sub(left.at) < NEAR);
        let Some(Left { at, mut reader, .. }) = self.take_left(near) else { return self.text.reader(offset) };
        skip_bytes(&mut reader, offset.saturating_sub(at)).map_err(|error| unreadable(self.text.path(), offset, error))?;
        Ok(reader)
    }

    fn take_left(&self, fits: impl Fn(&Left) -> bool) -> Option<Left> {
        self.left.lock().ok()?.take_if(|left| fits(left))
    }
}

/// What was computed of a sequence.
pub(super) struct Hashed {
    /// Its number in the reference box.
    pub listed: usize,
    pub length: u64,
    pub digest: Vec<u8>,
}

/// The number in the reference box of a sequence that is wanted.
pub(super) type Wanted<'w> = &'w (dyn Fn(&str) -> Option<usize> + Sync);

/// Hashes the sequences of a file that are wanted. A plain text is read by several threads, a sequence each; one that is compressed is
/// read once, unpacked by other threads. `progress` hears the bases done.
pub(super) fn hash(path: &Path, alg: ChecksumAlg, wanted: Wanted<'_>, progress: &(dyn Fn(u64) + Sync)) -> Result<Vec<Hashed>> {
    let text = Text::open(path)?;
    let found: Vec<Hashed> = match text.plain() {
        Some(source) => {
            // Long ones first, so that the threads end together.
            let mut parts = parts(source, path)?;
            parts.sort_by_key(|(start, end)| std::cmp::Reverse(end.saturating_sub(*start)));
            let parts = parts.par_iter().with_max_len(1);
            let hashed = parts.map(|(start, end)| hash_lines(part(source, *start, *end), *start, path, alg, wanted, progress));
            hashed.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect()
        }
        None => hash_lines(text.reader(0)?, 0, path, alg, wanted, progress)?,
    };
    unique(found.iter().map(|hashed| hashed.listed), path, |listed| format!("number {listed} of the reference box"))?;
    Ok(found)
}

fn hash_lines(mut text: Reader, at: u64, path: &Path, alg: ChecksumAlg, wanted: Wanted<'_>, progress: &dyn Fn(u64)) -> Result<Vec<Hashed>> {
    let mut found = vec![];
    let mut open: Option<Open> = None;
    Lines::new(at, false).run(text.as_mut(), path, |_, event| {
        match event {
            Event::Sequence(name, header) => {
                found.extend(open.take().map(|open| open.close(path, progress)).transpose()?.flatten());
                let listed = wanted(name);
                open = Some(Open { name: name.to_owned(), header, bases: false, hash: listed.map(|listed| (listed, Hash::new(alg))) });
            }
            Event::Bases(bases) => {
                if let Some(open) = &mut open {
                    open.bases = true;
                    if let Some((_, hash)) = &mut open.hash {
                        hash.text(bases, progress);
                    }
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    found.extend(open.map(|open| open.close(path, progress)).transpose()?.flatten());
    Ok(found)
}

/// A sequence that is being read.
struct Open {
    name: String,
    header: u64,
    /// Whether it has any.
    bases: bool,
    hash: Option<(usize, Hash)>,
}

impl Open {
    fn close(self, path: &Path, progress: &dyn Fn(u64)) -> Result<Option<Hashed>> {
        if !self.bases {
            return Err(no_bases(path, &self.name, self.header));
        }
        let Some((listed, hash)) = self.hash else { return Ok(None) };
        let (length, digest) = hash.finish(progress);
        Ok(Some(Hashed { listed, length, digest }))
    }
}

fn unique<T: Copy + Eq + std::hash::Hash>(names: impl Iterator<Item = T>, path: &Path, shown: impl Fn(T) -> String) -> Result<()> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(within(path, Error::malformed(0, format!("the sequence {} occurs more than once", shown(name)))));
        }
    }
    Ok(())
}
