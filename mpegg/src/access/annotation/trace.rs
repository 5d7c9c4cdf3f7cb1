//! What a selection reads and why, and what a user should know about it.

use std::cell::RefCell;

/// Bytes that are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The box, as a path in the dataset: `atcn[0].agcn[1].aauc[5]`.
    pub path: String,
    /// The first byte in the file.
    pub offset: u64,
    /// The number of bytes.
    pub length: u64,
    /// Why.
    pub reason: String,
}

/// Listens to a selection.
#[derive(Debug, Default)]
pub struct Trace {
    reads: Option<RefCell<Vec<Read>>>,
    notes: RefCell<Vec<String>>,
}

impl Trace {
    /// One that keeps every read; else only notes are kept.
    pub fn of_reads() -> Trace {
        Trace { reads: Some(RefCell::default()), ..Trace::default() }
    }

    /// What has been read so far.
    pub fn reads(&self) -> Vec<Read> {
        self.reads.as_ref().map_or(vec![], |reads| reads.borrow().clone())
    }

    /// What a user should know, so far: a sentence each.
    pub fn notes(&self) -> Vec<String> {
        self.notes.borrow().clone()
    }

    /// Tells of bytes that are read: the box, first byte and number of bytes, why.
    pub(crate) fn read(&self, path: impl FnOnce() -> String, (offset, length): (u64, u64), reason: impl Into<String>) {
        if let Some(reads) = &self.reads {
            reads.borrow_mut().push(Read { path: path(), offset, length, reason: reason.into() });
        }
    }

    pub(super) fn note(&self, note: String) {
        let mut notes = self.notes.borrow_mut();
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
}
