//! A schema beside its text: items as the files have them, places as lines.

use crate::Source;
use crate::ast::{self, ItemKind, Span};
use crate::ir::{Enum, Row, RowKind, Schema, Table};

/// A schema with the trees of its sources.
pub(super) struct Atlas<'s> {
    /// The schema.
    pub schema: &'s Schema,
    /// The texts that it was compiled from.
    pub sources: &'s [Source],
    pub(super) items: Vec<ast::Item>,
}

/// A function of numbers, as declared.
pub(super) struct Function<'a> {
    /// The item.
    pub item: &'a ast::Item,
    /// Its name.
    pub name: &'a str,
    /// Its parameters.
    pub params: &'a [ast::Name],
    /// Its value.
    pub value: &'a ast::Expr,
}

impl<'s> Atlas<'s> {
    /// Parses the sources once more: the intermediate form has forgotten how expressions are written.
    pub fn new(schema: &'s Schema, sources: &'s [Source]) -> Atlas<'s> {
        let items = sources.iter().enumerate().flat_map(|(file, source)| crate::parse::parse(file, &source.text).0.items).collect();
        Atlas { schema, sources, items }
    }

    /// A table by its number.
    pub fn table(&self, number: usize) -> Option<&'s Table> {
        self.schema.tables.get(number)
    }

    /// The rows of a table as the file writes them.
    pub fn rows(&self, table: &Table) -> &[ast::Row] {
        let found = self.items.iter().find_map(|item| match &item.kind {
            ItemKind::Table(tree) if tree.name.text == table.name && item.span == table.span => Some(tree.rows.as_slice()),
            _ => None,
        });
        found.unwrap_or_default()
    }

    /// The functions.
    pub fn functions(&self) -> impl Iterator<Item = Function<'_>> {
        self.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Fn { name, params, value } => Some(Function { item, name: &name.text, params, value }),
            _ => None,
        })
    }

    /// The named numbers.
    pub fn constants(&self) -> impl Iterator<Item = (&ast::Item, &str, &ast::Expr)> {
        self.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Const { name, value } => Some((item, name.text.as_str(), value)),
            _ => None,
        })
    }

    /// The item that declares Table 10.
    pub fn hierarchy(&self) -> Option<&ast::Item> {
        self.items.iter().find(|item| matches!(item.kind, ItemKind::Hierarchy(_)))
    }

    /// The whole declaration of a code table.
    pub fn codes_span<'a>(&'a self, codes: &'a Enum) -> &'a Span {
        let found = self.items.iter().find(|item| matches!(&item.kind, ItemKind::Enum(tree) if tree.name.span == codes.span));
        found.map_or(&codes.span, |item| &item.span)
    }

    /// The documentation of a value that another part defines.
    pub fn foreign_doc(&self, wanted: &str) -> &str {
        let found = self.items.iter().find(|item| matches!(&item.kind, ItemKind::Foreign { name, .. } if name.text == wanted));
        found.map_or("", |item| item.doc.as_str())
    }

    /// The tables that hold a value that another part defines.
    pub fn foreign_users(&self, wanted: &str) -> Vec<usize> {
        let holds = |(number, table): (usize, &Table)| holds_foreign(self.rows(table), wanted).then_some(number);
        self.schema.tables.iter().enumerate().filter_map(holds).collect()
    }

    /// The text of a file.
    pub fn text(&self, file: usize) -> &'s str {
        self.sources.get(file).map_or("", |source| source.text.as_str())
    }

    /// `FILE` of a span.
    pub fn file_name(&self, span: &Span) -> &'s str {
        self.sources.get(span.file).map_or("", |source| source.name.as_str())
    }

    /// The line of a byte in a file, counted from 1.
    pub fn line(&self, file: usize, at: usize) -> usize {
        let before = self.text(file).as_bytes().get(..at).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// A line of a file, counted from 1.
    pub fn line_text(&self, file: usize, line: usize) -> &'s str {
        line.checked_sub(1).and_then(|line| self.text(file).lines().nth(line)).unwrap_or("")
    }

    /// The lines of an item without documentation and attributes in front: number of the first, and the lines.
    pub fn declaration(&self, span: &Span) -> (usize, Vec<&'s str>) {
        let first = self.line(span.file, span.bytes.start);
        let last = self.line(span.file, span.bytes.end.max(span.bytes.start));
        let lines: Vec<&str> = self.text(span.file).lines().skip(first - 1).take(last + 1 - first).collect();
        let front = lines.iter().take_while(|line| line.trim_start().starts_with("///") || line.trim_start().starts_with("#[")).count();
        (first + front, lines.into_iter().skip(front).map(str::trim_end).collect())
    }

    /// The number of the code table that has this code name, as a table sees it.
    pub fn code(&self, from: usize, name: &str) -> Option<usize> {
        let has = |codes: &Enum| codes.codes.iter().any(|(_, _, code, _)| code.as_deref() == Some(name));
        let of = |part: usize| self.schema.enums.iter().position(|codes| codes.part == part && has(codes));
        of(self.part(from)).or_else(|| of(0))
    }

    /// The number of the table of a key, or of a name as a table sees it.
    pub fn named(&self, from: usize, name: &str) -> Option<usize> {
        let tables = &self.schema.tables;
        let of = |part: usize| tables.iter().position(|table| table.part == part && table.name == name);
        tables.iter().position(|table| table.key.as_deref() == Some(name)).or_else(|| of(self.part(from))).or_else(|| of(0))
    }

    fn part(&self, table: usize) -> usize {
        self.table(table).map_or(0, |table| table.part)
    }
}

fn holds_foreign(rows: &[ast::Row], wanted: &str) -> bool {
    rows.iter().any(|row| match &row.kind {
        ast::RowKind::Field(field) => field.foreign && field.name.text == wanted,
        ast::RowKind::If { then, otherwise, .. } => holds_foreign(then, wanted) || holds_foreign(otherwise, wanted),
        ast::RowKind::For { body, .. } => holds_foreign(body, wanted),
        _ => false,
    })
}

/// Every row of the intermediate form, those inside others too, in order.
pub(super) fn flat(rows: &[Row]) -> Vec<&Row> {
    let mut all = vec![];
    for row in rows {
        all.push(row);
        match &row.kind {
            RowKind::If { then, otherwise, .. } => {
                all.extend(flat(then));
                all.extend(flat(otherwise));
            }
            RowKind::For { body, .. } => all.extend(flat(body)),
            _ => {}
        }
    }
    all
}

/// Where the block that begins behind a byte ends: the place of its closing brace.
pub(super) fn block_end(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut round, mut curly) = (from, 0usize, 0usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at += 1 + bytes.get(at + 1..)?.iter().position(|byte| *byte == b'"')?,
            b'/' if bytes.get(at + 1) == Some(&b'/') => at += bytes.get(at..)?.iter().position(|byte| *byte == b'\n')?,
            b'(' => round += 1,
            b')' => round = round.saturating_sub(1),
            b'{' if round == 0 => curly += 1,
            b'}' if round == 0 && curly <= 1 => return Some(at),
            b'}' if round == 0 => curly -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}
