//! Where the sequences of a FASTA text stand: found in the text, or taken from its index.

use super::fasta::{Reader, Row, Text, Window, misfit};
use super::lines::{Event, Lines, bits, within};
use memchr::memchr_iter;
use mpegg_runtime::source::{FileSource, Source};
use mpegg_runtime::{Error, Result};
use rayon::prelude::*;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// Bytes that one thread looks through at once.
const CHUNK: u64 = 1 << 22;

/// A sequence of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub name: String,
    /// Bases.
    pub length: u64,
    /// A byte behind the last base of the sequence before, and not behind the line of the name.
    pub start: u64,
    /// The byte of the first base.
    pub offset: u64,
    /// Bases and bytes of each line but the last, where these are all alike.
    pub line: Option<(u64, u64)>,
    /// Whether an index says so, and not the text.
    pub indexed: bool,
}

/// The sequences of a text, in its order. The index tells them, or else the whole text is read.
pub(super) fn sections(text: &Text) -> Result<Vec<Section>> {
    let found = match (text.index()?, text.plain()) {
        (Some(rows), _) => indexed(text.path(), rows)?,
        (None, Some(source)) => {
            let parts = parts(source, text.path())?;
            let found: Result<Vec<Vec<Section>>> = parts.par_iter().map(|(start, end)| scan(part(source, *start, *end), *start, text.path())).collect();
            found?.concat()
        }
        (None, None) => scan(text.reader(0)?, 0, text.path())?,
    };
    if found.is_empty() {
        return Err(within(text.path(), Error::malformed(0, "no sequence; a FASTA text begins with `>`")));
    }
    Ok(found)
}

/// A part of a plain text.
pub(super) fn part(source: &Arc<FileSource>, start: u64, end: u64) -> Reader {
    Box::new(Window::new(source.clone(), start, end))
}

/// The parts of a plain text that hold a sequence each; the first one begins where the text does. Fast: only `>` is looked for.
pub(super) fn parts(source: &FileSource, path: &Path) -> Result<Vec<(u64, u64)>> {
    let end = source.len();
    let chunks: Vec<u64> = (0..end.div_ceil(CHUNK)).map(|chunk| chunk.saturating_mul(CHUNK)).collect();
    let found: Result<Vec<Vec<u64>>> = chunks.par_iter().map_init(Vec::new, |buffer, start| headers(source, *start, end, buffer)).collect();
    let mut starts = found.map_err(|error| within(path, error))?.concat();
    match starts.first_mut() {
        // What stands in front of the first name is for the reader of the lines to judge.
        Some(first) => *first = 0,
        None => starts.push(0),
    }
    let ends = starts.iter().skip(1).copied().chain([end]);
    Ok(starts.iter().copied().zip(ends).collect())
}

/// The lines of a chunk that begin with `>`.
fn headers(source: &FileSource, start: u64, end: u64, buffer: &mut Vec<u8>) -> Result<Vec<u64>> {
    // One byte in front of it tells whether a line begins with the chunk.
    let before = start.min(1);
    let length = end.saturating_sub(start).min(CHUNK).saturating_add(before);
    buffer.resize(usize::try_from(length).map_err(|_| Error::limit(bits(start), "a chunk does not fit the memory"))?, 0);
    source.read_at(start.saturating_sub(before), buffer)?;
    let first_of_line = |at: usize| at.checked_sub(1).is_none_or(|before| matches!(buffer.get(before), Some(b'\n' | b'\r')));
    let places = memchr_iter(b'>', buffer).filter(|at| (*at as u64) >= before && first_of_line(*at));
    Ok(places.map(|at| start.saturating_sub(before).saturating_add(at as u64)).collect())
}

/// Reads a text from the beginning of a line on and notes its sequences.
fn scan(mut text: Reader, at: u64, path: &Path) -> Result<Vec<Section>> {
    let mut found: Vec<(Section, Shape)> = vec![];
    Lines::new(at, false).run(text.as_mut(), path, |at, event| {
        match event {
            Event::Sequence(name, start) => {
                check_bases(found.last().map(|(section, _)| section), path)?;
                let section = Section { name: name.to_owned(), length: 0, start, offset: 0, line: None, indexed: false };
                found.push((section, Shape::default()));
            }
            Event::Bases(bases) => {
                let Some((section, shape)) = found.last_mut() else { return Ok(ControlFlow::Continue(())) };
                if section.length == 0 {
                    section.offset = at;
                }
                section.length = section.length.saturating_add(bases.len() as u64);
                shape.take(at, bases.len() as u64);
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    check_bases(found.last().map(|(section, _)| section), path)?;
    Ok(found.into_iter().map(|(section, shape)| Section { line: shape.line(), ..section }).collect())
}

fn check_bases(section: Option<&Section>, path: &Path) -> Result<()> {
    match section {
        Some(section) if section.length == 0 => Err(no_bases(path, &section.name, section.start)),
        _ => Ok(()),
    }
}

/// The error of a name that no bases follow.
pub(super) fn no_bases(path: &Path, name: &str, header: u64) -> Error {
    within(path, Error::malformed(bits(header), format!("the sequence `{name}` has no bases")))
}

/// The lines of a sequence: whether they are all alike.
#[derive(Default)]
struct Shape {
    /// Where the line began, its bases so far, and the byte behind these.
    open: Option<(u64, u64, u64)>,
    /// Bases and bytes of the first line.
    first: Option<(u64, u64)>,
    irregular: bool,
}

impl Shape {
    fn take(&mut self, at: u64, bases: u64) {
        let end = at.saturating_add(bases);
        self.open = match self.open {
            Some((start, before, behind)) if behind == at => Some((start, before.saturating_add(bases), end)),
            Some((start, before, _)) => {
                let line = (before, at.saturating_sub(start));
                self.irregular |= *self.first.get_or_insert(line) != line;
                Some((at, bases, end))
            }
            None => Some((at, bases, end)),
        };
    }

    fn line(&self) -> Option<(u64, u64)> {
        let (_, last, _) = self.open.filter(|_| !self.irregular)?;
        // One line only: the width does not matter.
        self.first.or(Some((last, last))).filter(|(bases, _)| last <= *bases)
    }
}

/// The sections that an index lists; it is checked in itself, and against the text when that is read.
fn indexed(path: &Path, mut rows: Vec<Row>) -> Result<Vec<Section>> {
    let wrong = |message: String| misfit(path, ".fai", &message);
    rows.sort_by_key(|row| row.offset);
    let mut start = 0;
    let mut found = vec![];
    for row in rows {
        let name = String::from_utf8(row.name).map_err(|_| wrong("a name is not UTF-8".to_owned()))?;
        let end = (|| {
            let last = row.length.checked_sub(1)?;
            let lines = last.checked_div(row.line_bases)?.checked_mul(row.line_width)?;
            row.offset.checked_add(lines)?.checked_add(last.checked_rem(row.line_bases)?)?.checked_add(1)
        })();
        let Some(end) = end.filter(|_| row.offset > start && row.line_bases <= row.line_width) else {
            return Err(wrong(format!("its row of `{name}` cannot be")));
        };
        let line = Some((row.line_bases, row.line_width));
        found.push(Section { name, length: row.length, start, offset: row.offset, line, indexed: true });
        start = end;
    }
    Ok(found)
}
