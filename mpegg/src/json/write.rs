//! From an input to JSON.

use crate::tables::descriptions;
use crate::walk::{Kind, Packets, Step, Visitor, walk};
use mpegg_runtime::source::Source;
use mpegg_runtime::table::{Kind as TableKind, Table};
use mpegg_runtime::walk::{BoxHead, Cursor, FieldEvent, Finding, JsonBuilder, LoopEvent, NoScope, StructEvent, Visitor as FieldVisitor, walk_struct};
use mpegg_runtime::{Error, Limits, Result};
use serde_json::Value as Json;
use std::io::{self, Write};

/// Writes an input as JSON. Memory is bounded by the greatest box without children.
///
/// # Errors
///
/// I/O; what is malformed: such an input cannot be made again from its fields.
pub fn to_json(source: &dyn Source, kind: Kind, limits: &Limits, out: &mut dyn Write) -> Result<()> {
    match kind {
        Kind::File => {
            put(out, "{\"kind\":\"file\",\"boxes\":[")?;
            let mut writer = FileWriter { out, limits: *limits, stack: vec![], base: None, numbers: vec![], errors: vec![], failed: None, any: vec![false] };
            walk(source, kind, &mut writer, limits)?;
            let (errors, failed) = (writer.errors, writer.failed);
            if let Some(failed) = failed {
                return Err(Error::io(failed));
            }
            if let Some(error) = errors.into_iter().next() {
                return Err(error);
            }
        }
        Kind::Stream => packets(source, limits, out)?,
        Kind::Units => units(source, limits, out)?,
    }
    put(out, "\n]}\n")
}

fn put(out: &mut dyn Write, text: &str) -> Result<()> {
    out.write_all(text.as_bytes()).map_err(Error::io)
}

/// A structure of a table at a bit, as JSON; and how many bits it has.
fn structure(source: &dyn Source, table: &'static Table, from: u64, to: u64, limits: &Limits) -> Result<(Json, u64)> {
    let mut builder = JsonBuilder::new(limits.allocation);
    let mut cursor = Cursor::range(source, from, to);
    walk_struct(&mut cursor, table, &NoScope, &mut builder, limits)?;
    Ok((builder.finish()?, cursor.position() - from))
}

fn packets(source: &dyn Source, limits: &Limits, out: &mut dyn Write) -> Result<()> {
    put(out, "{\"kind\":\"stream\",\"packets\":[")?;
    for (number, packet) in Packets::new(source).enumerate() {
        let packet = packet.map_err(|error| error.in_field("packet", &[number as u64]))?;
        let (from, to) = (packet.offset.saturating_mul(8), packet.end().saturating_mul(8));
        let (packet, _) = structure(source, &descriptions::PACKET, from, to, limits)?;
        put(out, if number > 0 { ",\n" } else { "\n" })?;
        put(out, &packet.to_string())?;
    }
    Ok(())
}

fn units(source: &dyn Source, limits: &Limits, out: &mut dyn Write) -> Result<()> {
    put(out, "{\"kind\":\"units\",\"units\":[")?;
    let (mut at, end) = (0, source.len().saturating_mul(8));
    let mut number = 0u64;
    while at < end {
        let (unit, bits) = structure(source, &descriptions::DATA_UNIT, at, end, limits).map_err(|error| error.in_field("data_unit", &[number]))?;
        put(out, if number > 0 { ",\n" } else { "\n" })?;
        put(out, &unit.to_string())?;
        at = at.saturating_add(bits.max(8));
        number += 1;
    }
    Ok(())
}

/// A box that is being written.
enum Open {
    /// A container: its own fields.
    Container(Box<JsonBuilder>),
    /// A box whose Value goes into one object; boxes embedded in it are parts of that.
    Leaf(Box<JsonBuilder>, BoxHead, u32),
}

struct FileWriter<'o> {
    out: &'o mut dyn Write,
    limits: Limits,
    stack: Vec<Open>,
    base: Option<String>,
    /// What the place of a box that stands elsewhere supplies.
    numbers: Vec<(&'static str, i128)>,
    errors: Vec<Error>,
    failed: Option<io::Error>,
    /// For each open list of boxes: whether something stands in it.
    any: Vec<bool>,
}

impl FileWriter<'_> {
    fn text(&mut self, text: &str) {
        if self.failed.is_none()
            && let Err(error) = self.out.write_all(text.as_bytes())
        {
            self.failed = Some(error);
        }
    }

    /// Begins a box: a comma where one is needed, its key, and where it belongs if that is elsewhere.
    fn begin(&mut self, head: &BoxHead) {
        let first = self.any.last_mut().is_some_and(|any| !std::mem::replace(any, true));
        self.text(if first { "\n" } else { ",\n" });
        let key = Json::from(head.key.escape_ascii().to_string());
        self.text(&format!("{{\"box\":{key}"));
        if let Some(of) = self.base.clone().filter(|_| self.stack.is_empty()) {
            self.text(&format!(",\"of\":{},\"ordinal\":{}", Json::from(of), head.ordinal));
            for (name, number) in self.numbers.clone() {
                self.text(&format!(",{}:{number}", Json::from(name)));
            }
        }
    }

    fn fields(&mut self, builder: JsonBuilder) {
        match builder.finish() {
            Ok(Json::Object(fields)) if fields.is_empty() => {}
            Ok(fields) => self.text(&format!(",\"fields\":{fields}")),
            Err(error) => self.errors.push(error),
        }
    }

    fn builder(&mut self) -> Option<&mut JsonBuilder> {
        match self.stack.last_mut()? {
            Open::Container(builder) | Open::Leaf(builder, ..) => Some(builder),
        }
    }
}

impl FieldVisitor for FileWriter<'_> {
    fn enter_box(&mut self, head: &BoxHead) {
        if let Some(Open::Leaf(builder, _, depth)) = self.stack.last_mut() {
            *depth += 1;
            builder.enter_box(head);
            return;
        }
        self.begin(head);
        let mut builder = Box::new(JsonBuilder::new(self.limits.allocation));
        if head.decoded && head.table.is_some_and(|table| table.kind == TableKind::Container) {
            self.stack.push(Open::Container(builder));
            self.text(",\"boxes\":[");
            self.any.push(false);
        } else {
            builder.enter_box(head);
            self.stack.push(Open::Leaf(builder, head.clone(), 0));
        }
    }

    fn leave_box(&mut self, head: &BoxHead) {
        match self.stack.pop() {
            Some(Open::Leaf(mut builder, outer, depth)) => {
                builder.leave_box(head);
                if depth > 0 {
                    self.stack.push(Open::Leaf(builder, outer, depth - 1));
                    return;
                }
                self.fields(*builder);
                self.text("}");
            }
            Some(Open::Container(builder)) => {
                self.any.pop();
                self.text("]");
                self.fields(*builder);
                self.text("}");
            }
            None => {}
        }
    }

    fn enter_struct(&mut self, event: &StructEvent<'_>) {
        self.builder().into_iter().for_each(|builder| builder.enter_struct(event));
    }

    fn leave_struct(&mut self) {
        self.builder().into_iter().for_each(FieldVisitor::leave_struct);
    }

    fn enter_loop(&mut self, event: &LoopEvent) {
        self.builder().into_iter().for_each(|builder| builder.enter_loop(event));
    }

    fn enter_element(&mut self, i: u64) {
        self.builder().into_iter().for_each(|builder| builder.enter_element(i));
    }

    fn leave_element(&mut self) {
        self.builder().into_iter().for_each(FieldVisitor::leave_element);
    }

    fn leave_loop(&mut self) {
        self.builder().into_iter().for_each(FieldVisitor::leave_loop);
    }

    fn field(&mut self, event: &FieldEvent<'_>) {
        match self.stack.last_mut() {
            // Key and Length of a container follow from what is in it.
            Some(Open::Container(_)) if event.row.is_none() && matches!(event.name, "Key" | "Length") => {}
            Some(Open::Container(builder) | Open::Leaf(builder, ..)) => builder.field(event),
            None => {}
        }
    }

    fn finding(&mut self, finding: Finding) {
        self.builder().into_iter().for_each(|builder| builder.finding(finding.clone()));
    }

    fn stop(&self) -> bool {
        self.failed.is_some() || !self.errors.is_empty()
    }
}

impl Visitor for FileWriter<'_> {
    fn base(&mut self, path: &[Step], numbers: &[(&'static str, i128)]) {
        self.numbers = numbers.to_vec();
        let steps: Vec<String> = path.iter().map(ToString::to_string).collect();
        self.base = (!steps.is_empty()).then(|| steps.join("."));
    }

    fn error(&mut self, error: Error) {
        self.errors.push(error);
    }

    fn fields(&mut self) -> &mut dyn FieldVisitor {
        self
    }
}
