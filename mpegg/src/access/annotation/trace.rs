//! What a selection reads and why, and what a user should know about it.

use crate::access::Step;
use std::cell::RefCell;

/// Listens to a selection of annotation data.
#[derive(Debug, Default)]
pub struct Trace {
    steps: Option<RefCell<Vec<Step>>>,
    notes: RefCell<Vec<String>>,
}

impl Trace {
    /// One that keeps every range that is read; else only notes are kept.
    pub fn of_steps() -> Trace {
        Trace { steps: Some(RefCell::default()), ..Trace::default() }
    }

    /// What has been read so far.
    pub fn steps(&self) -> Vec<Step> {
        self.steps.as_ref().map_or(vec![], |steps| steps.borrow().clone())
    }

    /// What a user should know, so far: a sentence each.
    pub fn notes(&self) -> Vec<String> {
        self.notes.borrow().clone()
    }

    /// Bytes of a box that are read to find something.
    pub(crate) fn search(&self, key: &str, (offset, length): (u64, u64), why: impl FnOnce() -> String) {
        self.tell(false, key, (offset, length), why);
    }

    /// Bytes of a box that are part of the result.
    pub(crate) fn result(&self, key: &str, (offset, length): (u64, u64), why: impl FnOnce() -> String) {
        self.tell(true, key, (offset, length), why);
    }

    fn tell(&self, result: bool, key: &str, (offset, length): (u64, u64), why: impl FnOnce() -> String) {
        if let Some(steps) = &self.steps {
            steps.borrow_mut().push(Step { key: key.to_owned(), offset, length, result, why: why() });
        }
    }

    pub(super) fn note(&self, note: String) {
        let mut notes = self.notes.borrow_mut();
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
}
