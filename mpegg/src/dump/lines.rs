//! From the events of a walk to lines: paths, positions in the input, and for streams the order of the packets.

use super::Options;
use super::line::{Line, LineValue};
use crate::walk::{Packet, Step, Tracker, Visitor};
use mpegg_runtime::bits::BitString;
use mpegg_runtime::table::Field;
use mpegg_runtime::walk::{BoxHead, FieldEvent, FieldValue, Finding, StructEvent, Visitor as FieldVisitor};
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

/// The beginning of a structure without Key and Length, for people.
#[derive(Clone, Debug, PartialEq)]
pub struct StructLine {
    /// Its path.
    pub path: String,
    /// The name of its table; empty where the path says it.
    pub name: &'static str,
    /// Where it begins, in bits.
    pub bit: u64,
    /// In how many boxes and structures it stands.
    pub depth: usize,
    /// The number of its table.
    pub table: Option<u16>,
    /// The clause that prints its table, or the title of the part that does.
    pub clause: &'static str,
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

    /// A structure begins.
    ///
    /// # Errors
    ///
    /// I/O.
    fn begin_struct(&mut self, head: &StructLine) -> std::io::Result<()> {
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
    Struct(StructLine),
    Line(Line),
    Note(String, Finding),
}

/// A visitor that makes lines.
pub struct Lines<'a> {
    options: Options,
    sink: &'a mut dyn LineSink,
    place: Tracker,
    /// Where the structure that was entered last begins.
    begun: Option<u64>,
    /// Lines of later packets, by the byte at which these begin.
    pending: BTreeMap<u64, Vec<Out>>,
    printed: u64,
    errors: Vec<Error>,
    failed: Option<std::io::Error>,
}

impl<'a> Lines<'a> {
    /// A visitor that gives its lines to `sink`.
    pub fn new(options: Options, sink: &'a mut dyn LineSink) -> Self {
        Lines { options, sink, place: Tracker::default(), begun: None, pending: BTreeMap::new(), printed: 0, errors: vec![], failed: None }
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

    fn wanted(&self, path: &str, depth: usize) -> bool {
        self.options.select.as_ref().is_none_or(|select| select.covers(path)) && self.options.depth.is_none_or(|most| depth <= most)
    }

    fn give(&mut self, out: Out) {
        if self.failed.is_some() || self.done() {
            return;
        }
        let result = match &out {
            Out::Box(head) => self.sink.begin(head),
            Out::Struct(head) => self.sink.begin_struct(head),
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
        for part in self.place.parts(bit, bits) {
            let out = make(part.bit, part.bits, part.first);
            if part.number == 0 {
                self.give(out);
            } else {
                self.pending.entry(part.payload).or_default().push(out);
            }
        }
    }
}

impl FieldVisitor for Lines<'_> {
    fn enter_box(&mut self, head: &BoxHead) {
        let depth = self.place.depth();
        self.place.enter_box(head);
        let path = self.place.prefix();
        if self.wanted(&path, depth) {
            let form = head.table.filter(|_| head.form > 0).and_then(|table| table.forms.get(usize::from(head.form)).copied());
            let table = head.table.and_then(|table| table.number);
            let line = BoxLine { path, name: head.name, bit: head.bit, length: head.length, depth, through_offs: head.through_offs, form, table };
            self.place(head.bit, 1, |bit, _, _| Out::Box(BoxLine { bit, ..line.clone() }));
        }
    }

    fn leave_box(&mut self, _: &BoxHead) {
        self.place.leave();
    }

    fn enter_struct(&mut self, event: &StructEvent<'_>) {
        let depth = self.place.depth();
        self.place.enter_struct(event);
        // The header with which a structure begins needs no line of its own.
        let begins = self.begun.replace(event.bit) == Some(event.bit);
        let path = self.place.prefix();
        if !begins && self.wanted(&path, depth) {
            let table = event.table;
            let name = if table.name == event.name { "" } else { table.name };
            let line = StructLine { path, name, bit: event.bit, depth, table: table.number, clause: table.clause };
            self.place(event.bit, 1, |bit, _, _| Out::Struct(StructLine { bit, ..line.clone() }));
        }
    }

    fn leave_struct(&mut self) {
        self.place.leave();
    }

    fn field(&mut self, event: &FieldEvent<'_>) {
        if self.failed.is_some() || self.done() {
            return;
        }
        let path = self.place.path(event.name, event.index);
        let depth = self.place.depth();
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
        let path = self.place.path(finding.field, &finding.index);
        if self.options.select.as_ref().is_some_and(|select| !select.covers(&path)) {
            return;
        }
        let bit = finding.bit;
        self.place(bit, 1, |bit, _, _| Out::Note(path.clone(), Finding { bit, ..finding.clone() }));
    }

    fn opens(&self, field: &'static Field, index: &[u64]) -> bool {
        !self.options.raw.as_ref().is_some_and(|raw| raw.is(&self.place.path(field.name, index)))
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
        self.place.base(path);
    }

    fn error(&mut self, error: Error) {
        let error = match error.position() {
            Some(bit) => {
                let absolute = self.place.absolute(bit);
                error.moved_to(absolute)
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
        self.place.fragments(fragments);
    }

    fn fields(&mut self) -> &mut dyn FieldVisitor {
        self
    }
}
