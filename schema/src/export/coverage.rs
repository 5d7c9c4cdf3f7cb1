//! What of the tables a set of inputs exercises: rows that take bits, and both sides of each choice.

use super::atlas::Atlas;
use crate::Source;
use crate::ast::TableKind;
use crate::ir::{Expr, Row, RowKind, Schema, Table, What};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Rows that were met, collected over any number of walks.
///
/// [`hit`](Coverage::hit) takes a row for each field and alignment, and for each row that embeds a structure or a box.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// The numbers of rows by name and clause of their table: parts have tables of the same name.
    hits: BTreeMap<(String, String), BTreeSet<usize>>,
}

/// What was met and what not.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageReport {
    /// Rows that were met.
    pub hit: usize,
    /// Rows that take bits.
    pub rows: usize,
    /// Sides of choices that were taken.
    pub branches_hit: usize,
    /// Sides of choices with rows that take bits.
    pub branches: usize,
    /// The tables with such rows, in the order of the schema.
    pub tables: Vec<TableCoverage>,
}

/// The rows of one table.
#[derive(Clone, Debug, Serialize)]
pub struct TableCoverage {
    /// The printed name.
    pub table: String,
    /// The key, for boxes and containers.
    pub key: Option<String>,
    /// The number, where it has one.
    pub number: Option<u16>,
    /// Rows that were met.
    pub hit: usize,
    /// Rows that take bits.
    pub rows: usize,
    /// Sides of choices that were taken.
    pub branches_hit: usize,
    /// Sides of choices with rows that take bits.
    pub branches: usize,
    /// Rows that no input has exercised.
    pub missing: Vec<MissingRow>,
    /// Sides that no input has taken.
    pub missing_branches: Vec<MissingBranch>,
}

/// A row that no input has exercised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingRow {
    /// The file of the schema.
    pub file: String,
    /// The line in it, counted from 1.
    pub line: usize,
    /// The source text.
    pub text: String,
}

/// A side of a choice that no input has taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingBranch {
    /// The file of the schema.
    pub file: String,
    /// The line of the choice, counted from 1.
    pub line: usize,
    /// The source text of the choice.
    pub text: String,
    /// `then` or `else`.
    pub branch: &'static str,
}

impl Coverage {
    /// Nothing met yet.
    pub fn new() -> Coverage {
        Coverage::default()
    }

    /// A row of a table was met: the printed name of the table, where it is printed, and the number of the row in it.
    pub fn hit(&mut self, table: &str, clause: &str, line: usize) {
        self.hits.entry((table.to_owned(), clause.to_owned())).or_default().insert(line);
    }

    /// Adds what another collection has met.
    pub fn merge(&mut self, other: &Coverage) {
        for (table, lines) in &other.hits {
            self.hits.entry(table.clone()).or_default().extend(lines);
        }
    }

    /// Compares with the schema; `sources` are the texts that it was compiled from.
    pub fn report(&self, schema: &Schema, sources: &[Source]) -> CoverageReport {
        let atlas = Atlas { schema, sources, items: vec![] };
        let none = BTreeSet::new();
        let tables = schema.tables.iter().filter(|table| table.kind != TableKind::Process);
        let hits = |table: &Table| self.hits.get(&(table.name.clone(), table.clause.clone())).unwrap_or(&none);
        let tables: Vec<TableCoverage> = tables.map(|table| count(&atlas, table, hits(table))).filter(|table| table.rows > 0).collect();
        let sum = |of: fn(&TableCoverage) -> usize| tables.iter().map(of).sum();
        CoverageReport {
            hit: sum(|table| table.hit),
            rows: sum(|table| table.rows),
            branches_hit: sum(|table| table.branches_hit),
            branches: sum(|table| table.branches),
            tables,
        }
    }
}

fn count(atlas: &Atlas, table: &Table, hits: &BTreeSet<usize>) -> TableCoverage {
    let mut count = Count {
        atlas,
        table,
        hits,
        out: TableCoverage {
            table: table.name.clone(),
            key: table.key.clone(),
            number: table.number,
            hit: 0,
            rows: 0,
            branches_hit: 0,
            branches: 0,
            missing: vec![],
            missing_branches: vec![],
        },
    };
    count.rows(&table.rows);
    count.out
}

struct Count<'a, 's> {
    atlas: &'a Atlas<'s>,
    table: &'a Table,
    hits: &'a BTreeSet<usize>,
    out: TableCoverage,
}

/// The rows that take bits, those inside others too.
fn with_bits(rows: &[Row]) -> Vec<&Row> {
    super::atlas::flat(rows).into_iter().filter(|row| takes_bits(row)).collect()
}

fn takes_bits(row: &Row) -> bool {
    match &row.kind {
        RowKind::Field(field) => !matches!(field.what, What::Unsigned(Expr::Int(0))),
        RowKind::Align { .. } => true,
        _ => false,
    }
}

impl Count<'_, '_> {
    fn rows(&mut self, rows: &[Row]) {
        for row in rows {
            if takes_bits(row) {
                self.out.rows += 1;
                if self.hits.contains(&row.line) {
                    self.out.hit += 1;
                } else {
                    let (line, text) = self.place(row);
                    self.out.missing.push(MissingRow { file: self.file(row), line, text });
                }
            }
            match &row.kind {
                RowKind::If { then, otherwise, .. } => {
                    self.branch(row, then, "then");
                    self.branch(row, otherwise, "else");
                    self.rows(then);
                    self.rows(otherwise);
                }
                RowKind::For { body, .. } => self.rows(body),
                _ => {}
            }
        }
    }

    fn branch(&mut self, row: &Row, rows: &[Row], branch: &'static str) {
        let rows = with_bits(rows);
        if rows.is_empty() {
            return;
        }
        self.out.branches += 1;
        if rows.iter().any(|row| self.hits.contains(&row.line)) {
            self.out.branches_hit += 1;
        } else {
            let (line, text) = self.place(row);
            self.out.missing_branches.push(MissingBranch { file: self.file(row), line, text, branch });
        }
    }

    fn file(&self, row: &Row) -> String {
        self.atlas.file_name(&row.span).to_owned()
    }

    /// The line of a row and its text; for a loop over bytes those of its field.
    fn place(&self, row: &Row) -> (usize, String) {
        let text = |at: usize| {
            let line = self.atlas.line(row.span.file, at);
            (line, self.atlas.line_text(row.span.file, line).trim().to_owned())
        };
        let outer = text(row.span.bytes.start);
        match &row.kind {
            RowKind::Field(field) if outer.1.starts_with("for ") => match self.table.slots.get(field.slot) {
                Some(slot) if slot.span.bytes.start > row.span.bytes.start => text(slot.span.bytes.start),
                _ => outer,
            },
            _ => outer,
        }
    }
}

impl fmt::Display for CoverageReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for table in &self.tables {
            let key = table.key.as_ref().map(|key| format!(" {key}")).unwrap_or_default();
            let number = table.number.map(|number| format!(" (Table {number})")).unwrap_or_default();
            let branches = if table.branches > 0 { format!(", {}/{} branches", table.branches_hit, table.branches) } else { String::new() };
            writeln!(f, "{}{key}{number}: {}/{} rows{branches}", table.table, table.hit, table.rows)?;
            for row in &table.missing {
                writeln!(f, "    {}:{}: {}", row.file, row.line, row.text)?;
            }
            // Where nothing was met, that goes without saying.
            for branch in table.missing_branches.iter().filter(|_| table.hit > 0) {
                writeln!(f, "    {}:{}: {} [{} never taken]", branch.file, branch.line, branch.text, branch.branch)?;
            }
        }
        writeln!(f, "all tables: {}/{} rows, {}/{} branches", self.hit, self.rows, self.branches_hit, self.branches)
    }
}
