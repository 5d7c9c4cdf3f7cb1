//! A file out of the boxes that came.

use super::collect::{Collect, Stored};
use super::loss::OnLoss;
use super::{DemuxOptions, MOST_NOTES};
use crate::decapsulate::Chunks;
use crate::encapsulate::{Node, Payload, SourceId, Sources, write};
use crate::tables::FileHeader;
use crate::walk::Head;
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::source::Source;
use mpegg_runtime::{Error, ErrorKind, Limits, Result};

/// What the parts of a file are made from.
pub(super) struct Build<'c> {
    pub collect: &'c Collect,
    pub options: &'c DemuxOptions,
    pub sources: Sources<'c>,
    pub file: FileHeader,
    pub limits: &'c Limits,
    /// What was put aside, read ahead.
    pub spool: &'c dyn Source,
    /// The bit at which the stream ended.
    pub end: u64,
    source: SourceId,
    notes: Vec<String>,
}

impl<'c> Build<'c> {
    pub fn new(collect: &'c Collect, spool: &'c dyn Source, options: &'c DemuxOptions, limits: &'c Limits, end: u64, header: Stored) -> Result<Self> {
        let mut sources = Sources::new();
        let source = sources.add(&collect.spool)?;
        let mut build = Build { collect, options, sources, file: FileHeader::default(), limits, spool, end, source, notes: vec![] };
        build.file = build.decode(header, FileHeader::KEY, FileHeader::read_box)?;
        Ok(build)
    }

    pub fn into_notes(self) -> Vec<String> {
        self.notes
    }

    pub fn note(&mut self, note: String) {
        if self.notes.len() < MOST_NOTES {
            self.notes.push(note);
        }
    }

    /// Writes the file: its header, and the groups in the order in which they were listed.
    pub fn file(&mut self, datasets: &[(u8, Vec<u16>)], header: Stored, out: Chunks<'_>) -> Result<u64> {
        let mut nodes = vec![self.copy(header)];
        for (group, datasets) in datasets {
            nodes.extend(self.group(*group, datasets)?);
        }
        // What the writer finds out is about everything that came.
        write(&mut nodes, &self.sources, out).map_err(|error| if error.kind() == ErrorKind::Io { error } else { error.moved(|_| 0).at(0) })
    }

    /// What is wrong with a part of the stream is an error, or a reason to leave the part out.
    pub fn attempt<T>(&mut self, what: &str, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if self.options.on_loss == OnLoss::Fail || error.kind() == ErrorKind::Io => Err(error),
            Err(error) => {
                self.note(format!("{what} is left out: {error}"));
                Ok(None)
            }
        }
    }

    /// A box as it came.
    pub fn copy(&self, stored: Stored) -> Node {
        Node::Copy(self.payload(stored.offset, stored.length))
    }

    /// Bytes that are put aside.
    pub fn payload(&self, offset: u64, length: u64) -> Payload {
        Payload { source: self.source, offset, length }
    }

    /// The bytes of a box that came.
    pub fn bytes(&self, stored: Stored) -> Result<Vec<u8>> {
        if stored.length > self.limits.allocation {
            let message = format!("a box of {} bytes is more than the {} that may be read at once", stored.length, self.limits.allocation);
            return Err(Error::limit(stored.at.saturating_mul(8), message));
        }
        self.sources.read(&self.payload(stored.offset, stored.length))
    }

    /// Decodes a box that came.
    pub fn decode<T>(&self, stored: Stored, key: [u8; 4], read: impl FnOnce(&mut BitReader<'_>) -> Result<T>) -> Result<T> {
        let bytes = self.bytes(stored)?;
        read(&mut BitReader::at(&bytes, stored.at.saturating_mul(8))).map_err(|error| error.in_field(&key.escape_ascii().to_string(), &[]))
    }

    /// The head of a box that came.
    pub fn head(&self, stored: Stored, key: [u8; 4]) -> Head {
        Head { key, offset: stored.offset, length: stored.length }
    }
}

impl Stored {
    /// Says of an error in a copy of this box where it is in the stream.
    pub fn located(&self, error: Error) -> Error {
        if error.kind() == ErrorKind::Io {
            return error;
        }
        let (start, at) = (self.offset.saturating_mul(8), self.at.saturating_mul(8));
        let within = |position: u64| position.checked_sub(start).filter(|bits| *bits <= self.length.saturating_mul(8)).unwrap_or(0);
        error.moved(|position| at.saturating_add(within(position))).at(at)
    }
}
