//! The tree of boxes against Table 10 and the tables of the containers: which box stands in which, in what order, how often.

use super::finding::{Draft, Findings, Place};
use super::rule::{Rule, rules};
use crate::tables::descriptions;
use crate::walk::{listed, repeats, table_of};
use mpegg_runtime::table::{Kind as TableKind, Level, Mandatory, Row, Scope, Table};
use mpegg_runtime::walk::{BoxHead, ChildRow};
use std::collections::HashMap;

rules! {
    /// A box has a key that the standard defines. Others are skipped by readers and kept when a file is rewritten.
    UNKNOWN: Warning "box.unknown" "6.1.1"
    /// A box stands where Table 10 and the table of its container have it, under the conditions that they print. At the top level of a file
    /// stand the file header, dataset groups, and boxes that an `offs` addresses.
    UNEXPECTED: Error "box.unexpected" "6.1.1"
    /// A box that exists in the transport format only does not stand in a file.
    SCOPE: Error "box.scope" "6.1.1"
    /// The boxes in a container follow each other in the order of its table; an `offs` stands in the place of the box that it addresses. The
    /// file header comes before everything else.
    ORDER: Error "box.order" "6.1.2"
    /// A box that may occur once occurs once. Further ones may stand in a file where an `offs` says which of them counts.
    TWICE: Error "box.twice" "6.1.1"
    /// A mandatory box is there, and so is one that a flag announces.
    MISSING: Error "box.missing" "6.1.1"
}

/// A container that the walk is in.
struct Open {
    table: Option<&'static Table>,
    /// The children that it may have here; `None` until they are known.
    rows: Option<Vec<ChildRow>>,
    prefix: String,
    end: u64,
    /// Of each key: how many instances stand here, and how many `offs` address one.
    seen: HashMap<[u8; 4], (u64, u64)>,
    /// The children in order: the number of their row and where they begin.
    order: Vec<(usize, u64)>,
    last: usize,
}

/// An `offs` that is being read.
struct Offs {
    bit: u64,
    path: String,
    sub_key: [u8; 4],
}

/// Follows the walk of a file, or of a box of a stream.
#[derive(Default)]
pub(super) struct Structure {
    open: Vec<Option<Open>>,
    offs: Option<Offs>,
    top: Top,
}

/// The top level of a file.
#[derive(Default)]
struct Top {
    boxes: u64,
    headers: u64,
    groups: u64,
}

/// The line of Table 10 for a key.
pub(super) fn level(key: [u8; 4]) -> Option<&'static Level> {
    fn find(levels: &'static [Level], key: &[u8]) -> Option<&'static Level> {
        levels.iter().find_map(|level| if level.key.as_bytes() == key { Some(level) } else { find(level.children, key) })
    }
    find(descriptions::HIERARCHY, &key)
}

fn name(key: [u8; 4]) -> String {
    key.escape_ascii().to_string()
}

impl Structure {
    /// A box begins at this bit of the input: its path, and whether it stands at the top level of a file.
    pub fn enter(&mut self, head: &BoxHead, bit: u64, path: &str, at_the_top: bool, findings: &mut Findings) {
        if at_the_top {
            self.top(head, path, findings);
        } else if head.key == *b"offs" {
            // It is placed when its SubKey is known.
            self.offs = Some(Offs { bit, path: path.to_owned(), sub_key: *b"    " });
        } else if head.row.is_none()
            && !head.through_offs
            && let Some(Some(open)) = self.open.last_mut()
        {
            open.place(head.key, false, bit, path, findings);
        }
        let container = head.table.filter(|table| table.kind == TableKind::Container);
        self.open.push(container.map(|table| Open {
            table: Some(table),
            rows: None,
            prefix: path.to_owned(),
            end: bit.saturating_add(head.length.saturating_mul(8)),
            seen: HashMap::new(),
            order: vec![],
            last: 0,
        }));
    }

    /// The children that the container entered last may have.
    pub fn rows(&mut self, rows: &[ChildRow]) {
        if let Some(Some(open)) = self.open.last_mut() {
            open.rows = Some(rows.to_vec());
        }
    }

    /// SubKey of an `offs`.
    pub fn sub_key(&mut self, text: &str) {
        if let (Some(offs), Ok(key)) = (&mut self.offs, <[u8; 4]>::try_from(text.as_bytes())) {
            offs.sub_key = key;
        }
    }

    /// Offset of an `offs`: with it the `offs` is known.
    pub fn offset(&mut self, offset: u64, findings: &mut Findings) {
        let Some(offs) = self.offs.take().filter(|_| offset != u64::MAX) else { return };
        // The container is the one around the offs itself.
        let around = self.open.len().checked_sub(2).and_then(|at| self.open.get_mut(at));
        if let Some(Some(open)) = around {
            open.place(offs.sub_key, true, offs.bit, &offs.path, findings);
        }
    }

    /// The box entered last ends.
    pub fn leave(&mut self, findings: &mut Findings) {
        self.offs = None;
        if let Some(Some(open)) = self.open.pop() {
            open.missing(findings);
        }
    }

    fn top(&mut self, head: &BoxHead, path: &str, findings: &mut Findings) {
        let before = self.top.boxes;
        self.top.boxes = before.saturating_add(1);
        match &head.key {
            b"flhd" => {
                self.top.headers = self.top.headers.saturating_add(1);
                if self.top.headers > 1 {
                    add(findings, &TWICE, None, head.bit, path, "a second file header".to_owned());
                } else if before > 0 {
                    add(findings, &ORDER, None, head.bit, path, format!("the file header stands behind {before} other boxes"));
                }
            }
            b"dgcn" => self.top.groups = self.top.groups.saturating_add(1),
            _ if head.through_offs => {}
            key => {
                let (rule, message) = misplaced(*key, None);
                add(findings, rule, None, head.bit, path, message);
            }
        }
    }

    /// The file ends behind so many bits.
    pub fn finish(&self, bits: u64, findings: &mut Findings) {
        if findings.is_unreadable() {
            return;
        }
        if self.top.headers == 0 {
            add(findings, &MISSING, None, 0, "flhd", "the file has no file header".to_owned());
        }
        if self.top.groups == 0 {
            add(findings, &MISSING, None, bits, "dgcn", "the file has no dataset group".to_owned());
        }
    }
}

fn add(findings: &mut Findings, rule: &'static Rule, clause: Option<&'static str>, bit: u64, path: &str, message: String) {
    findings.add(Draft { rule, clause, place: Place::Known { bit: Some(bit), path: path.to_owned() }, message });
}

/// What is wrong with a box that stands where its key is not listed.
fn misplaced(key: [u8; 4], container: Option<&Table>) -> (&'static Rule, String) {
    let place = container.map_or_else(|| "at the top level of a file".to_owned(), |table| format!("in `{}`", table.key.map_or_else(String::new, name)));
    let key_name = name(key);
    match level(key) {
        Some(level) if level.scope == Scope::Transport => (&SCOPE, format!("`{key_name}` exists in streams only; here it stands {place}")),
        Some(_) => (&UNEXPECTED, format!("`{key_name}` does not stand {place}")),
        None if key == *b"offs" || table_of(key).is_some() => (&UNEXPECTED, format!("`{key_name}` does not stand {place}")),
        None => (&UNKNOWN, format!("`{key_name}` is no key of the standard")),
    }
}

/// The children of a container that stand in it whatever its header says.
fn unconditional(table: &'static Table) -> Vec<ChildRow> {
    let rows = table.rows.iter().filter_map(|row| match row {
        Row::Child { line, name, table, many, optional } => Some(ChildRow { line: *line, name, table, many: *many, optional: *optional }),
        _ => None,
    });
    rows.collect()
}

impl Open {
    fn clause(&self) -> Option<&'static str> {
        self.table.map(|table| table.clause)
    }

    /// The rows that children are compared with: those of this place, or all of the table where conditions could not be evaluated.
    fn number_of(&self, key: [u8; 4]) -> Option<usize> {
        match &self.rows {
            Some(rows) => rows.iter().position(|row| row.table.key == Some(key)),
            None => listed(self.table?).iter().position(|(_, table)| table.key == Some(key)),
        }
    }

    fn place(&mut self, key: [u8; 4], through_offs: bool, bit: u64, path: &str, findings: &mut Findings) {
        let Some(number) = self.number_of(key) else {
            let announced = self.table.is_some_and(|table| listed(table).iter().any(|(_, table)| table.key == Some(key)));
            let (rule, message) = match announced {
                true => (&UNEXPECTED, format!("`{}` stands in a container whose header does not announce it", name(key))),
                false => misplaced(key, self.table),
            };
            add(findings, rule, self.clause(), bit, path, message);
            return;
        };
        let seen = self.seen.entry(key).or_default();
        let here = if through_offs { &mut seen.1 } else { &mut seen.0 };
        *here = here.saturating_add(1);
        let again = *here > 1 && (through_offs || seen.1 == 0);
        if again && !repeats(self.table, key) {
            let message = if through_offs { format!("a second `offs` for `{}`", name(key)) } else { format!("a second `{}`", name(key)) };
            add(findings, &TWICE, self.clause(), bit, path, message);
        }
        if number < self.last {
            let behind = self.name_of(self.last);
            add(findings, &ORDER, None, bit, path, format!("`{}` stands behind `{behind}`", name(key)));
        }
        self.last = self.last.max(number);
        // Only the first of a run matters for where a missing box should stand.
        if self.order.last().is_none_or(|(last, _)| *last != number) {
            self.order.push((number, bit));
        }
    }

    fn name_of(&self, number: usize) -> String {
        let key = match &self.rows {
            Some(rows) => rows.get(number).and_then(|row| row.table.key),
            None => self.table.and_then(|table| listed(table).get(number).and_then(|(_, table)| table.key)),
        };
        key.map_or_else(String::new, name)
    }

    /// What should be there and is not, where it should stand.
    fn missing(&self, findings: &mut Findings) {
        // What could not be read may hold what is missing.
        if findings.is_unreadable() {
            return;
        }
        let Some(table) = self.table else { return };
        let rows = self.rows.clone().unwrap_or_else(|| unconditional(table));
        for row in &rows {
            let Some(key) = row.table.key else { continue };
            let Some(number) = self.number_of(key) else { continue };
            // Of a loop there may be none, unless Table 10 wants one.
            let counted = !row.many && repeats(self.table, key) && level(key).is_some_and(|level| level.mandatory == Mandatory::No);
            if row.optional || counted || self.seen.contains_key(&key) {
                continue;
            }
            let bit = self.order.iter().find(|(other, _)| *other > number).map_or(self.end, |(_, bit)| *bit);
            let path = format!("{}.{}", self.prefix, name(key));
            add(findings, &MISSING, self.clause(), bit, &path, format!("`{}` is missing", name(key)));
        }
    }
}
