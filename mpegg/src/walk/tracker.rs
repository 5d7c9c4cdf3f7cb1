//! Where the walk is: the path of what it tells, and the place in the input of what stands in a reassembled box.

use super::{Step, repeats, table_of};
use mpegg_runtime::table::Table;
use mpegg_runtime::walk::{BoxHead, StructEvent};

/// Follows the events of a walk; a visitor hands on to it what it hears.
#[derive(Default)]
pub struct Tracker {
    base: Vec<String>,
    stack: Vec<(String, Option<&'static Table>)>,
    parent: Option<&'static Table>,
    stream_ordinal: Option<u64>,
    fragments: Option<Vec<(u64, u64)>>,
}

/// A part of some bits of the walked bytes that lies in one packet.
pub struct Part {
    /// The number of the packet among those of the box.
    pub number: usize,
    /// The first byte of its payload.
    pub payload: u64,
    /// The first bit in the input.
    pub bit: u64,
    /// How many bits there are.
    pub bits: u64,
    /// Whether the bits begin here.
    pub first: bool,
}

impl Tracker {
    /// As [`Visitor::base`](super::Visitor::base).
    pub fn base(&mut self, path: &[Step]) {
        self.stream_ordinal = None;
        self.base.clear();
        match path {
            [Step { key: [0, 0, 0, 0], ordinal, .. }] => self.stream_ordinal = Some(*ordinal),
            _ => {
                self.base = path.iter().map(ToString::to_string).collect();
                self.parent = path.last().and_then(|step| table_of(step.key));
            }
        }
    }

    /// A box begins.
    pub fn enter_box(&mut self, head: &BoxHead) {
        let mut entry = Step { key: head.key, ordinal: head.ordinal, repeats: true };
        if self.base.is_empty() && self.stack.is_empty() {
            match self.stream_ordinal {
                Some(ordinal) => entry.ordinal = ordinal,
                None => entry.repeats = repeats(None, head.key),
            }
        } else {
            let parent = if self.stack.is_empty() { self.parent } else { self.stack.last().and_then(|(_, table)| *table) };
            entry.repeats = repeats(parent, head.key);
        }
        self.stack.push((entry.to_string(), head.table));
    }

    /// A structure begins.
    pub fn enter_struct(&mut self, event: &StructEvent<'_>) {
        self.stack.push((segment(event.name, event.index), Some(event.table)));
    }

    /// The box or structure entered last ends.
    pub fn leave(&mut self) {
        self.stack.pop();
    }

    /// The path of the box or structure that the walk is in.
    pub fn prefix(&self) -> String {
        let steps = self.base.iter().chain(self.stack.iter().map(|(step, _)| step));
        steps.map(String::as_str).collect::<Vec<_>>().join(".")
    }

    /// The path of a field in it.
    pub fn path(&self, name: &str, index: &[u64]) -> String {
        let (prefix, own) = (self.prefix(), segment(name, index));
        if prefix.is_empty() { own } else { format!("{prefix}.{own}") }
    }

    /// In how many boxes and structures the walk is.
    pub fn depth(&self) -> usize {
        self.base.len().saturating_add(self.stack.len())
    }

    /// As [`Visitor::fragments`](super::Visitor::fragments).
    pub fn fragments(&mut self, fragments: Option<&[(u64, u64)]>) {
        self.fragments = fragments.map(<[_]>::to_vec);
    }

    /// Whether the walk is in a box that has been put together from packets.
    pub fn is_in_pieces(&self) -> bool {
        self.fragments.is_some()
    }

    /// Where a bit of the walked bytes stands in the input.
    pub fn absolute(&self, bit: u64) -> u64 {
        let Some(fragments) = &self.fragments else { return bit };
        let (mut before, mut behind) = (0u64, bit);
        for (at, length) in fragments {
            let end = before.saturating_add(*length);
            if bit < end.saturating_mul(8) {
                return at.saturating_mul(8).saturating_add(bit.saturating_sub(before.saturating_mul(8)));
            }
            // What stands behind the box stands behind its last packet.
            behind = at.saturating_add(*length).saturating_mul(8);
            before = end;
        }
        behind
    }

    /// The parts of some bits of the walked bytes, packet by packet.
    pub fn parts(&self, bit: u64, bits: u64) -> Vec<Part> {
        let Some(fragments) = &self.fragments else {
            return vec![Part { number: 0, payload: 0, bit, bits, first: true }];
        };
        let (mut parts, mut before) = (vec![], 0u64);
        for (number, (at, length)) in fragments.iter().enumerate() {
            let (from, to) = (before.saturating_mul(8), before.saturating_add(*length).saturating_mul(8));
            before = before.saturating_add(*length);
            let (start, end) = (bit.max(from), bit.saturating_add(bits).min(to));
            if start < end || bits == 0 && bit >= from && bit < to {
                let absolute = at.saturating_mul(8).saturating_add(start.saturating_sub(from));
                parts.push(Part { number, payload: *at, bit: absolute, bits: end.saturating_sub(start), first: start == bit });
            }
        }
        parts
    }
}

/// A segment of a path: the name and its subscripts.
fn segment(name: &str, index: &[u64]) -> String {
    index.iter().fold(name.to_owned(), |path, number| format!("{path}[{number}]"))
}
