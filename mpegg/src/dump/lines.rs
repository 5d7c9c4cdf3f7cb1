//! From the events of a walk to lines: paths, positions in the input, and for streams the order of the packets.

use super::Options;
use super::line::{Line, LineValue};
use crate::walk::{Packet, Step, Visitor, repeats};
use mpegg_runtime::bits::BitString;
use mpegg_runtime::table::Table;
use mpegg_runtime::walk::{BoxHead, FieldEvent, FieldValue, Finding, LoopEvent, StructEvent, Visitor as FieldVisitor};
use mpegg_runtime::{Error, Result};
use std::collections::BTreeMap;

/// Byte strings of more bytes are not shown unless that is asked for.
const SHOWN: u64 = 64;
/// Bytes kept of each field to show them as they stand.
const RAW: u64 = 8;

/// The beginning of a box, for people.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxLine {
    /// Its path.
    pub path: String,
    /// The printed name; empty for an unknown box.
    pub name: &'static str,
    /// Where its Key stands, in bits.
    pub bit: u64,
    /// Bytes in all.
    pub length: u64,
    /// In how many boxes and structures it stands.
    pub depth: usize,
    /// Whether an `offs` addresses it.
    pub through_offs: bool,
    /// The name of its form, where it is not the printed one.
    pub form: Option<&'static str>,
    /// The number of its table.
    pub table: Option<u16>,
}

/// Takes lines.
pub trait LineSink {
    /// A box begins.
    ///
    /// # Errors
    ///
    /// I/O.
    fn begin(&mut self, head: &BoxLine) -> std::io::Result<()> {
        let _ = head;
        Ok(())
    }

    /// A field.
    ///
    /// # Errors
    ///
    /// I/O.
    fn line(&mut self, line: &Line) -> std::io::Result<()>;

    /// Something is wrong here.
    ///
    /// # Errors
    ///
    /// I/O.
    fn error(&mut self, error: &Error) -> std::io::Result<()> {
        let _ = error;
        Ok(())
    }

    /// Something is unusual here.
    ///
    /// # Errors
    ///
    /// I/O.
    fn note(&mut self, path: &str, finding: &Finding) -> std::io::Result<()> {
        let _ = (path, finding);
        Ok(())
    }

    /// All lines have been given.
    ///
    /// # Errors
    ///
    /// I/O.
    fn end(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
enum Out {
    Box(BoxLine),
    Line(Line),
    Note(String, Finding),
}

/// A visitor that makes lines.
pub struct Lines<'a> {
    options: Options,
    sink: &'a mut dyn LineSink,
    base: Vec<String>,
    stack: Vec<(String, Option<&'static Table>)>,
    parent: Option<&'static Table>,
    stream_ordinal: Option<u64>,
    fragments: Option<Vec<(u64, u64)>>,
    /// Lines of later packets, by the byte at which these begin.
    pending: BTreeMap<u64, Vec<Out>>,
    printed: u64,
    errors: Vec<Error>,
    failed: Option<std::io::Error>,
}

impl<'a> Lines<'a> {
    /// A visitor that gives its lines to `sink`.
    pub fn new(options: Options, sink: &'a mut dyn LineSink) -> Self {
        Lines {
            options,
            sink,
            base: vec![],
            stack: vec![],
            parent: None,
            stream_ordinal: None,
            fragments: None,
            pending: BTreeMap::new(),
            printed: 0,
            errors: vec![],
            failed: None,
        }
    }

    /// Ends the output.
    ///
    /// # Errors
    ///
    /// The first error of the sink.
    pub fn finish(mut self) -> Result<Vec<Error>> {
        let ended = self.sink.end();
        match self.failed.take().map_or(ended, Err) {
            Ok(()) => Ok(self.errors),
            Err(error) => Err(Error::io(error)),
        }
    }

    fn prefix(&self) -> String {
        let steps = self.base.iter().chain(self.stack.iter().map(|(step, _)| step));
        steps.map(String::as_str).collect::<Vec<_>>().join(".")
    }

    fn depth(&self) -> usize {
        self.base.len() + self.stack.len()
    }

    fn wanted(&self, path: &str, depth: usize) -> bool {
        self.options.select.as_ref().is_none_or(|select| select.covers(path)) && self.options.depth.is_none_or(|most| depth <= most)
    }

    fn give(&mut self, out: Out) {
        if self.failed.is_some() || self.done() {
            return;
        }
        let result = match &out {
            Out::Box(head) => self.sink.begin(head),
            Out::Line(line) => {
                self.printed += 1;
                self.sink.line(line)
            }
            Out::Note(path, finding) => self.sink.note(path, finding),
        };
        if let Err(error) = result {
            self.failed = Some(error);
        }
    }

    fn done(&self) -> bool {
        self.options.limit.is_some_and(|limit| self.printed >= limit)
    }

    /// Gives what stands at a bit of the walked bytes: at once, or when its packet comes.
    fn place(&mut self, bit: u64, bits: u64, make: impl Fn(u64, u64, bool) -> Out) {
        let Some(fragments) = &self.fragments else {
            let out = make(bit, bits, true);
            self.give(out);
            return;
        };
        let (mut parts, mut before) = (vec![], 0u64);
        for (number, (at, length)) in fragments.iter().enumerate() {
            let (from, to) = (before.saturating_mul(8), before.saturating_add(*length).saturating_mul(8));
            before = before.saturating_add(*length);
            let (start, end) = (bit.max(from), bit.saturating_add(bits).min(to));
            let first = bit >= from && bit < to;
            if start < end || bits == 0 && first {
                let absolute = at.saturating_mul(8).saturating_add(start - from);
                parts.push((number, *at, absolute, end.saturating_sub(start), start == bit));
            }
        }
        for (number, at, absolute, bits, first) in parts {
            let out = make(absolute, bits, first);
            if number == 0 {
                self.give(out);
            } else {
                self.pending.entry(at).or_default().push(out);
            }
        }
    }

    fn absolute(&self, bit: u64) -> u64 {
        let Some(fragments) = &self.fragments else { return bit };
        let mut before = 0u64;
        for (at, length) in fragments {
            let end = before.saturating_add(*length);
            if bit < end.saturating_mul(8) {
                return at.saturating_mul(8).saturating_add(bit - before.saturating_mul(8));
            }
            before = end;
        }
        bit
    }
}

fn step(name: &str, index: &[u64]) -> String {
    index.iter().fold(name.to_owned(), |path, number| format!("{path}[{number}]"))
}

impl FieldVisitor for Lines<'_> {
    fn enter_box(&mut self, head: &BoxHead) {
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
        let depth = self.depth();
        self.stack.push((entry.to_string(), head.table));
        let path = self.prefix();
        if self.wanted(&path, depth) {
            let form = head.table.filter(|_| head.form > 0).and_then(|table| table.forms.get(usize::from(head.form)).copied());
            let table = head.table.and_then(|table| table.number);
            let line = BoxLine { path, name: head.name, bit: head.bit, length: head.length, depth, through_offs: head.through_offs, form, table };
            self.place(head.bit, 1, |bit, _, _| Out::Box(BoxLine { bit, ..line.clone() }));
        }
    }

    fn leave_box(&mut self, _: &BoxHead) {
        self.stack.pop();
    }

    fn enter_struct(&mut self, event: &StructEvent<'_>) {
        self.stack.push((step(event.name, event.index), Some(event.table)));
    }

    fn leave_struct(&mut self) {
        self.stack.pop();
    }

    fn enter_loop(&mut self, _: &LoopEvent) {}

    fn field(&mut self, event: &FieldEvent<'_>) {
        if self.failed.is_some() || self.done() {
            return;
        }
        let prefix = self.prefix();
        let own = step(event.name, event.index);
        let path = if prefix.is_empty() { own } else { format!("{prefix}.{own}") };
        let depth = self.depth();
        if !self.wanted(&path, depth.saturating_sub(1)) {
            return;
        }
        let limit = if self.options.payloads { u64::MAX } else { SHOWN };
        let mut raw = vec![];
        let value = match &event.value {
            FieldValue::Int(number) => LineValue::Number(*number),
            FieldValue::Text(text) => LineValue::Text((*text).to_owned()),
            FieldValue::Letters(letters) => LineValue::Text(letters.clone()),
            FieldValue::Bytes(handle) => match handle.read(limit) {
                Ok(Some(bits)) => {
                    raw = bits.bytes().iter().copied().take(RAW as usize).collect();
                    LineValue::Hex(hex(&bits))
                }
                Ok(None) => LineValue::Long,
                Err(error) => {
                    self.errors.push(error);
                    LineValue::Long
                }
            },
        };
        let symbol = event.symbol();
        let table = event.table.and_then(|table| table.number);
        let line = Line { path, name: event.name.to_owned(), index: event.index.to_vec(), bit: event.bit, bits: event.bits, value, symbol, table, depth, raw };
        self.place(event.bit, event.bits, |bit, bits, first| {
            // A field that goes on in the next packet says its value once.
            let value = if first { line.value.clone() } else { LineValue::Long };
            Out::Line(Line { bit, bits, value, ..line.clone() })
        });
    }

    fn finding(&mut self, finding: Finding) {
        let path = step(&format!("{}.{}", self.prefix(), finding.field), &finding.index);
        let bit = finding.bit;
        self.place(bit, 1, |bit, _, _| Out::Note(path.clone(), Finding { bit, ..finding.clone() }));
    }

    fn stop(&self) -> bool {
        self.failed.is_some() || self.done()
    }
}

fn hex(bits: &BitString) -> String {
    bits.hex().split(':').next().unwrap_or_default().to_owned()
}

impl Visitor for Lines<'_> {
    fn base(&mut self, path: &[Step], _: &[(&'static str, i128)]) {
        self.stream_ordinal = None;
        self.base.clear();
        match path {
            [Step { key: [0, 0, 0, 0], ordinal, .. }] => self.stream_ordinal = Some(*ordinal),
            _ => {
                self.base = path.iter().map(ToString::to_string).collect();
                self.parent = path.last().and_then(|step| crate::walk::table_of(step.key));
            }
        }
    }

    fn error(&mut self, error: Error) {
        let error = match error.position() {
            Some(bit) => {
                let absolute = self.absolute(bit);
                error.at(absolute)
            }
            None => error,
        };
        if let Err(failed) = self.sink.error(&error) {
            self.failed = Some(failed);
        }
        self.errors.push(error);
    }

    fn payload(&mut self, packet: &Packet) {
        for out in self.pending.remove(&packet.payload().0).unwrap_or_default() {
            self.give(out);
        }
    }

    fn fragments(&mut self, fragments: Option<&[(u64, u64)]>) {
        self.fragments = fragments.map(<[_]>::to_vec);
    }

    fn fields(&mut self) -> &mut dyn FieldVisitor {
        self
    }
}
