//! A table as the standard prints it: names with subscripts, types, choices and loops with braces. What only the schema says
//! (values that no bits carry, requirements, rules) is left out and listed apart.

use super::atlas::{Atlas, block_end, flat};
use super::pieces::{Link, Text, Writer};
use crate::ast::{self, Field, RowKind, Type};
use crate::ir::{self, Table};
use std::collections::BTreeMap;

/// What a printed line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The name of the table, or its last brace.
    Frame,
    /// Something that stands in the bits.
    Field,
    /// A choice, a loop or a brace.
    Control,
    /// A row without bits.
    Other,
}

/// A printed line.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// What it is.
    pub role: Role,
    /// How deep it stands.
    pub depth: usize,
    /// Name and subscripts, or the text of a choice or loop.
    pub name: Text,
    /// The type; empty where there is none.
    pub kind: Text,
    /// What is particular about the row, in our words.
    pub note: String,
    /// The number of the row in the table.
    pub row: Option<usize>,
    /// The slot of the field.
    pub slot: Option<usize>,
    /// The slot of the variable, for loops.
    pub var: Option<usize>,
    /// Where it stands in the file, as a byte.
    pub at: usize,
}

/// A row that only the schema has.
pub(super) struct Helper {
    /// What it says.
    pub kind: HelperKind,
    /// The text.
    pub text: Text,
}

/// What such a row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HelperKind {
    /// A value that no bits carry, with its name.
    Let(String),
    /// What must hold to go on.
    Require,
    /// A rule, with its name and its clause.
    Where(String, String),
}

/// The printed lines of a table.
pub(super) fn lines(atlas: &Atlas, number: usize) -> Vec<Line> {
    let Some(table) = atlas.table(number) else { return vec![] };
    let mut rows: BTreeMap<usize, &ir::Row> = BTreeMap::new();
    for row in flat(&table.rows) {
        rows.entry(row.line).or_insert(row);
    }
    let writer = Writer { atlas, table: number, printed: true };
    let mut printer = Printer { atlas, table, writer, rows, lines: vec![] };
    let (first, declaration) = atlas.declaration(&table.span);
    let start = start_of_line(atlas.text(table.span.file), first);
    let tree = atlas.rows(table);
    if tree.is_empty() && declaration.is_empty() {
        return vec![];
    }
    printer.push(Role::Frame, 0, Text::plain(format!("{} {{", table.name)), start);
    printer.rows(tree, 1);
    let end = block_end(atlas.text(table.span.file), start).unwrap_or(table.span.bytes.end);
    printer.push(Role::Frame, 0, Text::plain("}"), end);
    printer.lines
}

/// The rows of a table that only the schema has.
pub(super) fn helpers(atlas: &Atlas, number: usize) -> Vec<Helper> {
    let mut found = vec![];
    if let Some(table) = atlas.table(number) {
        collect(&Writer { atlas, table: number, printed: false }, atlas.rows(table), &mut found);
    }
    found
}

fn collect(writer: &Writer, rows: &[ast::Row], found: &mut Vec<Helper>) {
    for row in rows {
        let (kind, text) = match &row.kind {
            RowKind::Let { name, range, value } => {
                let mut text = Text::plain(format!("{} = ", name.text));
                text.append(writer.expr(value));
                if let Some((from, to)) = range {
                    text.push(format!(", {} to {}", writer.expr(from).text(), writer.expr(to).text()));
                }
                (HelperKind::Let(name.text.clone()), text)
            }
            RowKind::Require(cond) => (HelperKind::Require, writer.expr(cond)),
            RowKind::Where(rule) => (HelperKind::Where(rule.name.text.clone(), rule.clause.clone()), writer.expr(&rule.cond)),
            RowKind::If { then, otherwise, .. } => {
                collect(writer, then, found);
                collect(writer, otherwise, found);
                continue;
            }
            RowKind::For { body, .. } => {
                collect(writer, body, found);
                continue;
            }
            _ => continue,
        };
        found.push(Helper { kind, text });
    }
}

fn start_of_line(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum()
}

struct Printer<'a, 's> {
    atlas: &'a Atlas<'s>,
    table: &'a Table,
    writer: Writer<'a, 's>,
    rows: BTreeMap<usize, &'a ir::Row>,
    lines: Vec<Line>,
}

/// Whether the standard prints one of these rows.
fn prints(rows: &[ast::Row]) -> bool {
    rows.iter().any(|row| match &row.kind {
        RowKind::Let { .. } | RowKind::Require(_) | RowKind::Where(..) => false,
        RowKind::If { then, otherwise, .. } => prints(then) || prints(otherwise),
        RowKind::For { body, .. } => prints(body),
        _ => true,
    })
}

impl Printer<'_, '_> {
    fn push(&mut self, role: Role, depth: usize, name: Text, at: usize) -> Option<&mut Line> {
        self.lines.push(Line { role, depth, name, kind: Text::default(), note: String::new(), row: None, slot: None, var: None, at });
        self.lines.last_mut()
    }

    fn end(&self, from: usize) -> usize {
        block_end(self.atlas.text(self.table.span.file), from).unwrap_or(from)
    }

    fn number(&self, row: &ast::Row) -> Option<usize> {
        self.table.lines.iter().position(|span| *span == row.span)
    }

    fn rows(&mut self, rows: &[ast::Row], depth: usize) {
        // Remarks may hold braces of their own.
        let mut more = 0usize;
        for row in rows {
            if let RowKind::Remark(text) = &row.kind {
                more -= usize::from(text.starts_with('}') && more > 0);
                let number = self.number(row);
                if let Some(line) = self.push(Role::Other, depth + more, Text::plain(text.clone()), row.span.bytes.start) {
                    line.row = number;
                }
                more += usize::from(text.ends_with('{'));
            } else {
                self.row(row, depth + more);
            }
        }
    }

    fn row(&mut self, row: &ast::Row, depth: usize) {
        let at = row.span.bytes.start;
        let number = self.number(row);
        let form = row.form.as_ref().map(|form| format!("form {} only", form.text));
        let before = self.lines.len();
        match &row.kind {
            RowKind::Field(field) => self.field(field, number, at, depth),
            RowKind::If { cond, then, otherwise } if prints(then) || prints(otherwise) => {
                self.choice(number, at, "", (cond, then, otherwise), at, depth);
            }
            RowKind::For { var, from, cond, body, .. } if prints(body) => {
                let mut text = Text::plain(format!("for ({} = ", var.text));
                text.append(self.writer.expr(from));
                text.push("; ");
                text.append(self.writer.expr(cond));
                text.push(format!("; {}++) {{", var.text));
                let known = number.and_then(|number| self.rows.get(&number)).map(|row| &row.kind);
                let (var, bytes) = match known {
                    Some(ir::RowKind::For { var, .. }) => (Some(*var), false),
                    known => (None, matches!(known, Some(ir::RowKind::Field(_)))),
                };
                if let Some(line) = self.push(Role::Control, depth, text, at) {
                    line.row = number;
                    line.var = var;
                }
                match body.as_slice() {
                    // A loop over bytes is one field.
                    [ast::Row { kind: RowKind::Field(field), span, .. }] if bytes => self.field(field, number, span.bytes.start, depth + 1),
                    _ => self.rows(body, depth + 1),
                }
                let end = self.end(at);
                self.push(Role::Control, depth, Text::plain("}"), end);
            }
            RowKind::Align { name } => {
                let slot = number.and_then(|number| self.rows.get(&number)).and_then(|row| match row.kind {
                    ir::RowKind::Align { slot } => Some(slot),
                    _ => None,
                });
                let end = self.end(at);
                self.push(Role::Control, depth, Text::plain("while (!byte_aligned()) {"), at);
                if let Some(line) = self.push(Role::Field, depth + 1, Text::plain(&name.text), name.span.bytes.start) {
                    line.kind = Text::plain("f(1)");
                    line.row = number;
                    line.slot = slot;
                }
                self.push(Role::Control, depth, Text::plain("}"), end);
            }
            RowKind::Assign { name, subs, value } => {
                let mut text = self.subscripted(&name.text, subs);
                text.push(" = ");
                text.append(self.writer.expr(value));
                let slot = number.and_then(|number| self.rows.get(&number)).and_then(|row| match row.kind {
                    ir::RowKind::Let { slot, again: false, .. } => Some(slot),
                    _ => None,
                });
                if let Some(line) = self.push(Role::Other, depth, text, at) {
                    line.row = number;
                    line.slot = slot;
                }
            }
            RowKind::Mention(name) => {
                let mut text = Text::default();
                text.link(&name.text, self.writer.name(&name.text));
                if let Some(line) = self.push(Role::Other, depth, text, at) {
                    line.row = number;
                }
            }
            _ => {}
        }
        if let (Some(form), Some(line)) = (form, self.lines.get_mut(before)) {
            line.note = form;
        }
    }

    fn choice(&mut self, number: Option<usize>, from: usize, lead: &str, (cond, then, otherwise): Choice, at: usize, depth: usize) {
        let mut text = Text::plain(format!("{lead}if ("));
        text.append(self.writer.expr(cond));
        text.push(") {");
        if let Some(line) = self.push(Role::Control, depth, text, at) {
            line.row = number;
        }
        self.rows(then, depth + 1);
        let close = self.end(from);
        if !prints(otherwise) {
            self.push(Role::Control, depth, Text::plain("}"), close);
            return;
        }
        if let [ast::Row { kind: RowKind::If { cond, then, otherwise }, span, .. }] = otherwise {
            let between = self.atlas.text(span.file).get(close..span.bytes.start).unwrap_or("");
            if between.split_whitespace().eq(["}", "else"]) {
                let inner = self.table.lines.iter().position(|known| known == span);
                return self.choice(inner, span.bytes.start, "} else ", (cond, then, otherwise), close, depth);
            }
        }
        self.push(Role::Control, depth, Text::plain("} else {"), close);
        self.rows(otherwise, depth + 1);
        let end = self.end(close + 1);
        self.push(Role::Control, depth, Text::plain("}"), end);
    }

    fn subscripted(&self, name: &str, subs: &[ast::Expr]) -> Text {
        let mut text = Text::plain(name);
        for sub in subs {
            text.push("[");
            text.append(self.writer.expr(sub));
            text.push("]");
        }
        text
    }

    fn field(&mut self, field: &Field, number: Option<usize>, at: usize, depth: usize) {
        let mut name = if field.foreign { Text::default() } else { self.subscripted(&field.name.text, &field.subs) };
        if field.foreign {
            name.link(&field.name.text, Link::Foreign(field.name.text.clone()));
            name.push("()");
        }
        name.push(if field.many { "[]" } else { "" });
        let slot = number.and_then(|number| self.rows.get(&number)).and_then(|row| match &row.kind {
            ir::RowKind::Field(field) => Some(field.slot),
            ir::RowKind::Child { slot, .. } => Some(*slot),
            _ => None,
        });
        let kind = self.kind(field);
        let fixed = field.value.as_ref().filter(|_| matches!(field.what, Type::Fixed(_)));
        let notes = [
            fixed.map(|value| format!("= {}", self.writer.expr(value).text())),
            field.optional.then(|| "optional".to_owned()),
            field.or_offs.then(|| "or an offset in its place".to_owned()),
            field.deferred.is_some().then(|| "read on demand".to_owned()),
        ];
        if let Some(line) = self.push(Role::Field, depth, name, at) {
            line.kind = kind;
            line.row = number;
            line.slot = slot;
            line.note = notes.into_iter().flatten().collect::<Vec<_>>().join(", ");
        }
    }

    fn kind(&self, field: &Field) -> Text {
        let wrap = |open: &str, inner: Text| {
            let mut text = Text::plain(open);
            text.append(inner);
            text.push(")");
            text
        };
        match &field.what {
            Type::Unsigned(width) => wrap("u(", self.writer.expr(width)),
            Type::Fixed(width) => wrap("f(", self.writer.expr(width)),
            Type::Ascii(bytes) => wrap("c(", self.writer.expr(bytes)),
            Type::Text(_) => Text::plain("st(v)"),
            Type::Bytes(None, _) => Text::plain("bytes(..)"),
            Type::Bytes(Some(size), _) => wrap("bytes(", self.writer.expr(size)),
            Type::Table(target, args) => {
                let found = self.atlas.named(self.writer.table, &target.text);
                let mut text = Text::default();
                text.link(&target.text, found.map_or(Link::None, Link::Table));
                // What a box depends on is not printed, what a structure is given is.
                if !args.is_empty() && found.and_then(|found| self.atlas.table(found)).is_some_and(|table| table.key.is_none()) {
                    text.push("(");
                    for (number, arg) in args.iter().enumerate() {
                        text.push(if number > 0 { ", " } else { "" });
                        text.append(self.writer.expr(arg));
                    }
                    text.push(")");
                }
                text
            }
        }
    }
}

type Choice<'a> = (&'a ast::Expr, &'a [ast::Row], &'a [ast::Row]);
