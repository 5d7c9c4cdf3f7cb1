//! Where findings stand that name a box and a field below it: a second walk, only where there are any, meets each field again.

use super::finding::{Draft, Place};
use crate::walk::{Kind, Step, Tracker, Visitor, walk};
use mpegg_runtime::source::Source;
use mpegg_runtime::table::Field;
use mpegg_runtime::walk::{BoxHead, FieldEvent, Finding, StructEvent, Visitor as FieldVisitor};
use mpegg_runtime::{Limits, Result};
use std::collections::HashMap;

/// Gives each draft its bit and its whole path.
///
/// # Errors
///
/// I/O, and a limit that ends the walk.
pub(super) fn locate(source: &dyn Source, kind: Kind, limits: &Limits, drafts: &mut [Draft]) -> Result<()> {
    let mut wanted: HashMap<u64, Vec<usize>> = HashMap::new();
    for (number, draft) in drafts.iter().enumerate() {
        if let Place::InBox { at, .. } = draft.place {
            wanted.entry(at).or_default().push(number);
        }
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let mut locator = Locator { place: Tracker::default(), wanted, drafts, open: vec![] };
    walk(source, kind, &mut locator, limits)
}

/// A box with findings in it: its path, and the findings by the path below it.
struct Open {
    prefix: String,
    below: HashMap<String, Vec<usize>>,
}

struct Locator<'d> {
    place: Tracker,
    wanted: HashMap<u64, Vec<usize>>,
    drafts: &'d mut [Draft],
    /// For each box and structure that is open, what is looked for in it.
    open: Vec<Option<Open>>,
}

impl Locator<'_> {
    fn enter(&mut self, bit: u64) {
        let at = self.place.absolute(bit);
        // Boxes that start inside bytes are named by the box around them; packets are structures.
        let numbers = if at.is_multiple_of(8) { self.wanted.remove(&(at / 8)) } else { None };
        let prefix = self.place.prefix();
        self.meet(&prefix, at);
        let Some(numbers) = numbers else {
            self.open.push(None);
            return;
        };
        let mut below: HashMap<String, Vec<usize>> = HashMap::new();
        for number in numbers {
            let Some(place) = self.drafts.get_mut(number).map(|draft| &mut draft.place) else { continue };
            let Place::InBox { below: path, .. } = place else { continue };
            // Should the field not be met, its box is known.
            let whole = if path.is_empty() { prefix.clone() } else { format!("{prefix}.{path}") };
            if !path.is_empty() {
                below.entry(path.clone()).or_default().push(number);
            }
            *place = Place::Known { bit: Some(at), path: whole };
        }
        self.open.push(Some(Open { prefix, below }));
    }

    fn meet(&mut self, path: &str, bit: u64) {
        for open in self.open.iter_mut().flatten() {
            let below = path.strip_prefix(open.prefix.as_str()).and_then(|rest| rest.strip_prefix('.'));
            for number in below.and_then(|below| open.below.remove(below)).unwrap_or_default() {
                if let Some(draft) = self.drafts.get_mut(number) {
                    draft.place = Place::Known { bit: Some(bit), path: path.to_owned() };
                }
            }
        }
    }

    fn is_looking(&self) -> bool {
        self.open.iter().flatten().any(|open| !open.below.is_empty())
    }
}

impl FieldVisitor for Locator<'_> {
    fn enter_box(&mut self, head: &BoxHead) {
        self.place.enter_box(head);
        self.enter(head.bit);
    }

    fn leave_box(&mut self, _: &BoxHead) {
        self.open.pop();
        self.place.leave();
    }

    fn enter_struct(&mut self, event: &StructEvent<'_>) {
        self.place.enter_struct(event);
        self.enter(event.bit);
    }

    fn leave_struct(&mut self) {
        self.open.pop();
        self.place.leave();
    }

    fn field(&mut self, event: &FieldEvent<'_>) {
        if self.is_looking() {
            let path = self.place.path(event.name, event.index);
            self.meet(&path, self.place.absolute(event.bit));
        }
    }

    fn finding(&mut self, _: Finding) {}

    fn opens(&self, _: &'static Field, _: &[u64]) -> bool {
        true
    }
}

impl Visitor for Locator<'_> {
    fn base(&mut self, path: &[Step], _: &[(&'static str, i128)]) {
        self.place.base(path);
    }

    fn fragments(&mut self, fragments: Option<&[(u64, u64)]>) {
        self.place.fragments(fragments);
    }

    fn fields(&mut self) -> &mut dyn FieldVisitor {
        self
    }
}
