//! What the schema as a whole says about a table: where it stands, who uses it, what it depends on.

use super::atlas::flat;
use crate::ast::{Mandatory, Scope, TableKind};
use crate::ir::{Level, ParamKind, RowKind, Schema, Table, What};

/// A line of Table 10, with the keys above it.
pub(super) struct Place<'s> {
    /// The keys from the outermost one to this.
    pub path: Vec<&'s str>,
    /// The line.
    pub level: &'s Level,
}

/// The lines of Table 10 with this key.
pub(super) fn places<'s>(schema: &'s Schema, table: &Table) -> Vec<Place<'s>> {
    let mut found = vec![];
    if table.part != 0 {
        return found;
    }
    search(&schema.hierarchy, table.key.as_deref().unwrap_or(&table.name), &mut vec![], &mut found);
    found
}

fn search<'s>(levels: &'s [Level], wanted: &str, path: &mut Vec<&'s str>, found: &mut Vec<Place<'s>>) {
    for level in levels {
        path.push(&level.key);
        if level.key == wanted {
            found.push(Place { path: path.clone(), level });
        }
        search(&level.children, wanted, path, found);
        path.pop();
    }
}

/// The table that a line of Table 10 names.
pub(super) fn of_level(schema: &Schema, level: &Level) -> Option<usize> {
    let by_key = schema.tables.iter().position(|table| table.key.as_deref() == Some(&level.key));
    by_key.or_else(|| schema.tables.iter().position(|table| table.part == 0 && table.name == level.key))
}

/// The Scope column in words.
pub(super) fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Both => "file and transport",
        Scope::File => "file only",
        Scope::Transport => "transport only",
    }
}

/// The Mandatory column in words.
pub(super) fn mandatory(mandatory: Mandatory) -> &'static str {
    match mandatory {
        Mandatory::No => "optional",
        Mandatory::Sequencing => "mandatory for sequencing data",
        Mandatory::Annotation => "mandatory for annotation data",
        Mandatory::Both => "mandatory",
    }
}

/// The Mandatory column as printed.
pub(super) fn mark(mandatory: Mandatory) -> &'static str {
    match mandatory {
        Mandatory::No => "",
        Mandatory::Sequencing => "+",
        Mandatory::Annotation => "#",
        Mandatory::Both => "*",
    }
}

/// A row that holds a table.
pub(super) struct Holder {
    /// The table with the row.
    pub table: usize,
    /// The name in the row.
    pub name: String,
    /// How it stands there.
    pub how: &'static str,
}

/// The rows that hold a table: as a child, embedded, or in the bytes of a foreign value.
pub(super) fn holders(schema: &Schema, wanted: usize) -> Vec<Holder> {
    let mut found = vec![];
    for (number, table) in schema.tables.iter().enumerate() {
        for row in flat(&table.rows) {
            let (slot, how) = match &row.kind {
                RowKind::Child { slot, table, many, optional } if *table == wanted => {
                    let how = match (many, optional) {
                        (true, true) => "any number, may be absent",
                        (true, false) => "any number",
                        (false, true) => "may be absent",
                        (false, false) => "a child",
                    };
                    (*slot, how)
                }
                RowKind::Field(field) => match &field.what {
                    What::Table { table, or_offs, deferred, .. } if *table == wanted => {
                        let how = match (or_offs, deferred.is_some()) {
                            (true, _) => "embedded, or an offset in its place",
                            (_, true) => "embedded, read on demand",
                            _ => "embedded",
                        };
                        (field.slot, how)
                    }
                    _ if field.opened == Some(wanted) => (field.slot, "bytes, opened where they fit"),
                    _ => continue,
                },
                _ => continue,
            };
            let name = table.slots.get(slot).map_or(String::new(), |slot| slot.name.clone());
            let again = |known: &Holder| known.table == number && known.name == name;
            if !found.iter().any(again) {
                found.push(Holder { table: number, name, how });
            }
        }
    }
    found
}

/// The tables that take a table as a parameter.
pub(super) fn dependants(schema: &Schema, wanted: usize) -> Vec<usize> {
    let takes = |table: &Table| table.params.iter().any(|param| of_param(param.kind) == Some(wanted));
    schema.tables.iter().enumerate().filter(|(_, table)| takes(table)).map(|(number, _)| number).collect()
}

/// The table that a parameter stands for.
pub(super) fn of_param(kind: ParamKind) -> Option<usize> {
    match kind {
        ParamKind::Number(..) => None,
        ParamKind::One(table) | ParamKind::Many(table) | ParamKind::Grouped(table) => Some(table),
    }
}

/// What a parameter stands for, in words around the name of its table.
pub(super) fn param_words(kind: ParamKind) -> (String, &'static str) {
    match kind {
        ParamKind::Number(from, to) => (format!("a number from {from} to {to}"), ""),
        ParamKind::One(_) => ("the ".to_owned(), ""),
        ParamKind::Many(_) => ("all ".to_owned(), " of the nearest container around"),
        ParamKind::Grouped(_) => ("all ".to_owned(), " of each child container: a list of lists"),
    }
}

/// The parameters that the bits depend on, by number; the others serve rules only.
pub(super) fn steering(schema: &Schema, table: &Table) -> Vec<usize> {
    crate::emit::steering(schema, table).into_iter().map(|(number, _)| number).collect()
}

/// The code tables that a table uses, each once, with the fields.
pub(super) fn codes(table: &Table) -> Vec<(usize, Vec<&str>)> {
    let mut found: Vec<(usize, Vec<&str>)> = vec![];
    for slot in &table.slots {
        let Some(codes) = slot.codes else { continue };
        match found.iter_mut().find(|(known, _)| *known == codes) {
            Some((_, names)) if names.contains(&slot.name.as_str()) => {}
            Some((_, names)) => names.push(&slot.name),
            None => found.push((codes, vec![&slot.name])),
        }
    }
    found
}

/// The word for a table.
pub(super) fn kind(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Box => "box",
        TableKind::Container => "container",
        TableKind::Struct => "structure",
        TableKind::Process => "process",
    }
}

/// The sizes in words.
pub(super) fn sizes(table: &Table) -> Vec<String> {
    if table.kind == TableKind::Process {
        return vec!["A computation: it has no bits.".to_owned()];
    }
    let what = if table.key.is_some() { "Value" } else { "structure" };
    let mut out = vec![match table.fixed_bits {
        Some(bits) => format!("The {what} always has {}.", bits_words(bits)),
        None => format!("The {what} has at least {}.", bits_words(table.min_bits)),
    }];
    if table.key.is_some() {
        out.push("Key and Length in front take 12 bytes more.".to_owned());
    }
    out
}

/// `72 bits (9 bytes)`.
fn bits_words(bits: u64) -> String {
    match (bits, bits % 8) {
        (0, _) => "0 bits".to_owned(),
        (1, _) => "1 bit".to_owned(),
        (8, _) => "8 bits (1 byte)".to_owned(),
        (_, 0) => format!("{bits} bits ({} bytes)", bits / 8),
        _ => format!("{bits} bits"),
    }
}

/// `clause 6.4.3.2, Table 26`; or the title of a part.
pub(crate) fn printed_at(clause: &str, number: Option<u16>) -> String {
    let clause = match clause {
        "" => String::new(),
        title if title.contains(' ') => title.to_owned(),
        clause => format!("clause {clause}"),
    };
    match number {
        None => clause,
        Some(number) if clause.is_empty() => format!("Table {number}"),
        Some(number) => format!("{clause}, Table {number}"),
    }
}

/// `1`, or `3 to 15`.
pub(super) fn code_range(first: u64, last: u64) -> String {
    if first == last { first.to_string() } else { format!("{first} to {last}") }
}

/// Clauses in the order of the document.
pub(super) fn clause_order(clause: &str) -> Vec<u32> {
    clause.split('.').map(|part| part.parse().unwrap_or(u32::MAX)).collect()
}
