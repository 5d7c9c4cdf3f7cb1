//! Packets to a file.

mod annotation;
mod build;
mod collect;
mod groups;
mod loss;
mod mapping;
mod receiver;
mod sequencing;

pub use loss::OnLoss;
pub use mapping::Place;
pub use receiver::{Arrival, Receiver};

use super::FILE_HEADER;
use crate::decapsulate::Chunks;
use crate::encapsulate::Spool;
use build::Build;
use collect::Collect;
use mpegg_runtime::source::ReadAhead;
use mpegg_runtime::transport::{Loss, Statistics};
use mpegg_runtime::{Error, ErrorKind, Limits, Result};
use std::io::Write;

/// How a stream becomes a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DemuxOptions {
    /// Whether blocks are stored in descriptor streams, one behind the other, or in their access units (6.4.3.2.5).
    pub descriptor_streams: bool,
    /// Whether there is a master index table. Usually there is, but for signatures of a reference, which a table cannot hold; with
    /// descriptor streams there always is.
    pub index: Option<bool>,
    /// What to do where something is lost.
    pub on_loss: OnLoss,
}

/// Makes a file of packets as they come.
///
/// Boxes are put aside as they are complete: a few in memory, more in a file without a name. What a file has in front of them is known
/// when all came, so that the file is written at the end, from front to back.
///
/// ```
/// use mpegg::transport::{Demux, DemuxOptions};
///
/// # fn main() -> mpegg::Result<()> {
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.stream");
/// # let stream = std::fs::read(path)?;
/// let mut demux = Demux::new(&DemuxOptions::default());
/// for bytes in stream.chunks(1500) {
///     demux.push(bytes)?;
/// }
/// let mut file = vec![];
/// demux.finish(&mut file)?;
/// assert!(mpegg::file::File::new(mpegg::source::Bytes(&file))?.groups()?.len() == 1);
/// # Ok(())
/// # }
/// ```
pub struct Demux {
    receiver: Receiver,
    collect: Collect,
    options: DemuxOptions,
    notes: Vec<String>,
}

impl Demux {
    /// Nothing came yet.
    pub fn new(options: &DemuxOptions) -> Self {
        Demux { receiver: Receiver::new(options.on_loss), collect: Collect::default(), options: *options, notes: vec![] }
    }

    /// Boxes are put aside here, not where temporary files usually are.
    #[must_use]
    pub fn with_spool(mut self, spool: Spool) -> Self {
        self.collect.spool = spool;
        self
    }

    /// Takes what came, cut anywhere.
    ///
    /// # Errors
    ///
    /// As [`Receiver::next`]; I/O where boxes are put aside.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<()> {
        while let Some(arrival) = self.receiver.next(&mut bytes)? {
            match arrival {
                Arrival::Piece { sid, offset, bytes, first, last, key } => {
                    let Some(stored) = self.collect.piece(sid, offset, bytes, first, last)? else { continue };
                    let key = key.unwrap_or_default();
                    match self.receiver.place(sid, key) {
                        _ if sid == FILE_HEADER => self.collect.file_header = Some(stored),
                        Some(place) => self.collect.keep(place, key, stored),
                        None => self.receiver.unplaced(sid, stored.at)?,
                    }
                }
                Arrival::Dropped { sid } => self.collect.discard(sid),
                Arrival::Loss(loss) => {
                    if let Some(sid) = loss.sid.filter(|_| loss.dropped) {
                        self.collect.discard(sid);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The same for a datagram: packets begin with it and end with it.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push). Where losses are no errors, a header that cannot be ends the datagram only.
    pub fn push_datagram(&mut self, bytes: &[u8]) -> Result<()> {
        match self.push(bytes) {
            Err(error) if error.kind() == ErrorKind::Io || self.options.on_loss == OnLoss::Fail => return Err(error),
            Err(error) => self.note(format!("a datagram that is no packet: {error}")),
            Ok(()) => {}
        }
        match self.receiver.end_of_datagram()? {
            Some(Loss { sid: Some(sid), dropped: true, .. }) => self.collect.discard(sid),
            // No stream counts it.
            Some(Loss { sid: None, .. }) => self.note("a datagram is too short: the header of a packet is cut".to_owned()),
            _ => {}
        }
        Ok(())
    }

    /// Whether the end packets of all datasets that are known came.
    pub fn is_complete(&self) -> bool {
        self.receiver.is_complete()
    }

    /// What came, and what did not, in each stream.
    pub fn statistics(&self) -> impl ExactSizeIterator<Item = (u16, &Statistics)> {
        self.receiver.statistics()
    }

    /// The receiver, which knows what each stream carries.
    pub fn receiver(&self) -> &Receiver {
        &self.receiver
    }

    /// What a user should know, in words, so far: what was left out, and why.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    fn note(&mut self, note: String) {
        if self.notes.len() < MOST_NOTES && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// All came: writes the file. Gives its bytes.
    ///
    /// # Errors
    ///
    /// A packet or a box that is not complete, where losses are errors; no file header, no list of mapping tables; boxes that cannot be
    /// read; access units that the storage cannot hold; I/O.
    pub fn finish(&mut self, out: &mut dyn Write) -> Result<u64> {
        while let Some(loss) = self.receiver.finish()? {
            if let Some(sid) = loss.sid {
                self.collect.discard(sid);
            }
        }
        let end = self.receiver.position().saturating_mul(8);
        let header = self.collect.file_header.ok_or_else(|| Error::truncated(end, 22 * 8).with_message("the stream has no file header (stream 1)"))?;
        let datasets: Vec<(u8, Vec<u16>)> = self.receiver.datasets().collect();
        if datasets.is_empty() {
            return Err(Error::truncated(end, 13 * 8).with_message("the stream has no list of mapping tables (stream 0)"));
        }
        let (spool, limits) = (ReadAhead::new(&self.collect.spool), Limits::default());
        let mut build = Build::new(&self.collect, &spool, &self.options, &limits, end, header)?;
        let written = build.file(&datasets, header, Chunks::new(out));
        let notes = build.into_notes();
        notes.into_iter().for_each(|note| self.note(note));
        written
    }
}

/// So many notes are kept.
const MOST_NOTES: usize = 1000;
