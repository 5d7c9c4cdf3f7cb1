//! Small tables written by hand, for every kind of row and field.

mod alone;
mod columns;
mod expressions;
mod fields;
mod flow;
mod foreign;
mod inside;
mod robust;

use serde_json::Value as Json;

use super::*;
use crate::bits::BitWriter;
use crate::error::Result;
use crate::limits::Limits;
use crate::source::Bytes;
use crate::table::{Expr, Field, Kind, Row, Slot, Table, What};

/// Writes down what it hears, and checks that the bits follow each other.
#[derive(Default)]
pub(super) struct Recorder {
    lines: Vec<String>,
    findings: Vec<FindingKind>,
    rules: Vec<(&'static str, Option<bool>, Option<&'static str>)>,
    open: Vec<&'static str>,
    next: Option<u64>,
    /// Whether it opens what another part defines.
    opens: bool,
}

impl Visitor for Recorder {
    fn enter_box(&mut self, head: &BoxHead) {
        self.lines.push(format!("{} #{} {{", head.key.escape_ascii(), head.ordinal));
        self.open.push("box");
    }

    fn leave_box(&mut self, _: &BoxHead) {
        assert_eq!(self.open.pop(), Some("box"));
        self.lines.push("}".to_owned());
    }

    fn enter_struct(&mut self, event: &StructEvent<'_>) {
        self.lines.push(format!("{}{:?} {{", event.name, event.index));
        self.open.push("struct");
    }

    fn leave_struct(&mut self) {
        assert_eq!(self.open.pop(), Some("struct"));
        self.lines.push("}".to_owned());
    }

    fn enter_loop(&mut self, _: &LoopEvent) {
        self.open.push("loop");
    }

    fn leave_loop(&mut self) {
        assert_eq!(self.open.pop(), Some("loop"));
    }

    fn enter_element(&mut self, _: u64) {
        self.open.push("element");
    }

    fn leave_element(&mut self) {
        assert_eq!(self.open.pop(), Some("element"));
    }

    fn field(&mut self, event: &FieldEvent<'_>) {
        assert!(self.next.is_none_or(|next| next == event.bit), "bits are left out before {event:?}");
        self.next = Some(event.bit + event.bits);
        let value = match &event.value {
            FieldValue::Int(number) => number.to_string(),
            FieldValue::Text(text) => format!("{text:?}"),
            FieldValue::Letters(letters) => letters.clone(),
            FieldValue::Bytes(handle) => handle.read(1 << 20).unwrap().unwrap().hex(),
        };
        let index: String = event.index.iter().map(|i| format!("[{i}]")).collect();
        if event.name != "Key" && event.name != "Length" {
            self.lines.push(format!("{}{index} {} {value}", event.name, event.bits));
        }
    }

    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding.kind);
    }

    fn rule(&mut self, event: &RuleEvent) {
        self.rules.push((event.rule.text, event.holds, event.field));
    }

    fn wants_rules(&self) -> bool {
        true
    }

    fn opens(&self, _: &'static Field, _: &[u64]) -> bool {
        self.opens
    }
}

/// Reads a box, and checks that every bit was told of if it could be read.
pub(super) fn read(table: &'static Table, bytes: &[u8], scope: &dyn Scope) -> (Result<Record>, Recorder) {
    read_by(Recorder::default(), table, bytes, scope, &Limits::default())
}

/// The same with another recorder and other limits.
pub(super) fn read_by(mut recorder: Recorder, table: &'static Table, bytes: &[u8], scope: &dyn Scope, limits: &Limits) -> (Result<Record>, Recorder) {
    let source = Bytes(bytes);
    let mut cursor = Cursor::new(&source);
    let result = walk_box(&mut cursor, table, scope, &mut recorder, limits);
    assert!(recorder.open.is_empty());
    if result.is_ok() {
        assert_eq!(recorder.next, Some(cursor.position()));
    }
    (result, recorder)
}

/// The JSON of a box; composing it again must give the same bits and values.
pub(super) fn there_and_back(table: &'static Table, bytes: &[u8], scope: &dyn Scope) -> Json {
    let source = Bytes(bytes);
    let mut builder = JsonBuilder::default();
    let limits = Limits::default();
    let record = walk_box(&mut Cursor::new(&source), table, scope, &mut builder, &limits).unwrap();
    let json = builder.finish().unwrap();
    let text = serde_json::to_string(&json).unwrap();
    let json: Json = serde_json::from_str(&text).unwrap();
    let mut writer = BitWriter::new();
    let composed = compose_box(table, &json, scope, &limits, &mut writer).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(writer.into_bytes(), bytes, "{text}");
    assert_eq!(composed, record, "{text}");
    json
}

/// The bits of a box: Key, Length and a Value of numbers and their widths, padded with zeros.
pub(super) fn boxed(key: [u8; 4], value: &[(u64, u64)]) -> Vec<u8> {
    let mut writer = BitWriter::new();
    let mark = writer.begin_box(key);
    for (number, width) in value {
        writer.unsigned(*number, *width).unwrap();
    }
    writer.end_box(mark).unwrap();
    writer.into_bytes()
}

pub(super) const fn kept(name: &'static str) -> Slot {
    Slot { name, kept: true }
}

pub(super) const fn field(line: u16, name: &'static str, slot: u16, what: What) -> Row {
    Row::Field(Field { line, name, subs: &[], slot, what, codes: None, counts: None, opened: None })
}

pub(super) const fn element(line: u16, name: &'static str, subs: &'static [Expr], slot: u16, what: What) -> Row {
    Row::Field(Field { line, name, subs, slot, what, codes: None, counts: None, opened: None })
}

pub(super) const fn count(line: u16, name: &'static str, slot: u16, bits: i128, counts: &'static str) -> Row {
    let what = What::Unsigned(Expr::Int(bits));
    Row::Field(Field { line, name, subs: &[], slot, what, codes: None, counts: Some(counts), opened: None })
}

pub(super) const fn u(bits: i128) -> What {
    What::Unsigned(Expr::Int(bits))
}

pub(super) const fn table(key: Option<[u8; 4]>, name: &'static str, slots: &'static [Slot], rows: &'static [Row]) -> Table {
    let kind = if key.is_some() { Kind::Box } else { Kind::Struct };
    Table { name, key, kind, clause: "1.2", number: Some(7), doc: "", params: &[], forms: &[], slots, rows }
}
