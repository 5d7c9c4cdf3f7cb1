//! The bits of a table as boxes: a row is a byte, long fields take one row, choices and loops are frames around their fields.

use super::{Site, breakable, escape};
use crate::export::facts;
use crate::export::printed::{Line, Role};
use crate::ir::{Expr, Row, RowKind, Schema, Slot, Table, What};
use std::collections::BTreeMap;

/// The diagram; nothing where no bits are.
pub(super) fn diagram(site: &Site, table: &Table, lines: &[Line]) -> String {
    let mut by_row: BTreeMap<usize, (&Line, &Line)> = BTreeMap::new();
    for line in lines {
        // The control line comes first, the field of a loop over bytes last.
        if let Some(row) = line.row {
            let first = by_row.get(&row).map_or(line, |(first, _)| first);
            by_row.insert(row, (first, line));
        }
    }
    let mut draw = Draw { site, slots: &table.slots, lines: by_row, out: String::new(), open: false, at: Some(0) };
    if table.key.is_some() {
        draw.fixed("<code>Key</code>", "c(4)", 32, "head");
        draw.fixed("<code>Length</code>", "u(64)", 64, "head");
    }
    draw.rows(&table.rows);
    draw.close();
    let bits = draw.out.contains("class=\"bit");
    if !bits {
        return String::new();
    }
    let heads: String = (0..8).map(|bit| format!("<span>{bit}</span>")).collect();
    format!(
        "<p class=\"legend\">A row is a byte, its most significant bit first; a field of several whole bytes takes one row. \
         Dashed: the width varies. Thick left edge: begins at any bit. Frames: choices and loops.</p>\n\
         <div class=\"bits\">\n<div class=\"ruler\" aria-hidden=\"true\">{heads}</div>\n{}</div>\n",
        draw.out
    )
}

struct Draw<'a, 's> {
    site: &'a Site<'a, 's>,
    slots: &'a [Slot],
    lines: BTreeMap<usize, (&'a Line, &'a Line)>,
    out: String,
    /// Whether a grid is open.
    open: bool,
    /// The bit within its byte at which the next field begins, where that is known.
    at: Option<u64>,
}

impl Draw<'_, '_> {
    fn open(&mut self) {
        if !self.open {
            let class = if self.at.is_none() { "grid loose" } else { "grid" };
            self.out += &format!("<div class=\"{class}\">\n");
            self.open = true;
        }
    }

    fn close(&mut self) {
        if self.open {
            self.out += "</div>\n";
            self.open = false;
        }
    }

    /// A box from a column on, so many columns wide.
    fn cell(&mut self, label: &str, width: &str, (from, columns): (u64, u64), class: &str) {
        self.open();
        let width = if width.is_empty() { String::new() } else { format!(" <span class=\"width\">{width}</span>") };
        self.out += &format!(
            "<div class=\"bit {class}{}\" style=\"grid-column:{} / span {columns}\"><span>{label}</span>{width}</div>\n",
            if columns == 1 { " one" } else { "" },
            from + 1
        );
    }

    /// A field of a known number of bits: the rest of this byte, whole bytes, and the beginning of the next one.
    fn fixed(&mut self, label: &str, width: &str, bits: u64, class: &str) {
        let Some(at) = self.at else {
            // From anywhere in a byte on: one box, not placed.
            self.close();
            self.cell(label, width, (0, bits.clamp(1, 8)), class);
            return self.close();
        };
        let first = if at == 0 && bits >= 8 { 0 } else { bits.min(8 - at) };
        let whole = (bits - first) / 8;
        let last = (bits - first) % 8;
        let pieces = [(first, at, first), (whole * 8, 0, 8), (last, 0, last)];
        let longest = pieces.iter().map(|(bits, ..)| *bits).max().unwrap_or(0);
        let mut told = false;
        let split = pieces.iter().filter(|(bits, ..)| *bits > 0).count() > 1;
        for (piece, from, columns) in pieces.into_iter().filter(|(bits, ..)| *bits > 0) {
            if piece == longest && !told {
                told = true;
                let width = if split { format!("{piece} of {width}") } else { width.to_owned() };
                self.cell(label, &width, (from, columns), class);
            } else {
                self.cell(&format!("<span class=\"more\">… {label}</span>"), &piece.to_string(), (from, columns), class);
            }
        }
        self.at = Some((at + bits) % 8);
    }

    fn variable(&mut self, label: &str, width: &str, bits: Option<u64>, class: &str) {
        let from = self.at.unwrap_or(0);
        if from > 0 {
            self.cell(label, width, (from, 8 - from), &format!("{class} varies"));
        } else {
            self.cell(label, width, (0, 8), &format!("{class} varies"));
        }
        self.at = match (self.at, bits) {
            (Some(at), Some(bits)) => Some((at + bits) % 8),
            _ => None,
        };
        if self.at.is_none() {
            self.close();
        }
    }

    fn rows(&mut self, rows: &[Row]) {
        for row in rows {
            self.row(row);
        }
    }

    fn line(&self, row: &Row, last: bool) -> (String, String) {
        let found = self.lines.get(&row.line).map(|(first, field)| if last { *field } else { *first });
        let Some(line) = found else { return (String::new(), String::new()) };
        if line.role == Role::Control {
            let text = self.site.text(&line.name);
            return (text.trim_start_matches("} ").trim_end_matches(" {").to_owned(), String::new());
        }
        (format!("<code>{}</code>", breakable(&line.name.text())), self.site.text(&line.kind))
    }

    fn row(&mut self, row: &Row) {
        match &row.kind {
            RowKind::Field(field) => {
                let (label, kind) = self.line(row, true);
                let label = if row.form.is_some() { format!("{label} <span class=\"note\">one form only</span>") } else { label };
                self.field(row.line, &field.what, &label, &kind);
                if row.form.is_some() && self.at != Some(0) {
                    self.at = None;
                    self.close();
                }
            }
            RowKind::Align { .. } => {
                match self.at {
                    Some(0) => {}
                    Some(at) => self.cell("<code>nesting_zero_bit</code>", &(8 - at).to_string(), (at, 8 - at), "align"),
                    None => self.cell("<code>nesting_zero_bit</code>", "0 to 7", (0, 8), "align varies"),
                }
                self.close();
                self.at = Some(0);
            }
            RowKind::If { then, otherwise, .. } => {
                let (cond, _) = self.line(row, false);
                let before = self.at;
                self.frame("choice", &cond, then);
                let after = std::mem::replace(&mut self.at, before);
                match otherwise.as_slice() {
                    [inner] if self.line(inner, false).0.starts_with("else if ") => self.row(inner),
                    _ => self.frame("choice", "else", otherwise),
                }
                if self.at != after {
                    self.at = None;
                }
            }
            RowKind::For { body, .. } => {
                let (head, _) = self.line(row, false);
                // Where a round does not end as it began, no place is known inside.
                if end(self.site.atlas.schema, self.slots, std::slice::from_ref(row), self.at).is_none() {
                    self.close();
                    self.at = None;
                }
                let before = self.at;
                self.frame("loop", &head, body);
                self.at = before;
            }
            RowKind::Child { table, many, optional, .. } => {
                let (label, _) = self.line(row, true);
                let how = match (many, optional) {
                    (true, _) => "any number",
                    (false, true) => "may be absent",
                    (false, false) => "one",
                };
                let label = format!("{label} {}", self.link(row.line, *table));
                self.cell(&label, how, (0, 8), "child varies");
            }
            _ => {}
        }
    }

    fn frame(&mut self, class: &str, head: &str, rows: &[Row]) {
        let bits = |row: &&Row| matches!(row.kind, RowKind::Field(_) | RowKind::Align { .. } | RowKind::Child { .. });
        if !crate::export::atlas::flat(rows).iter().any(bits) {
            return;
        }
        self.close();
        self.out += &format!("<div class=\"group {class}\"><p><code>{head}</code></p>\n");
        self.rows(rows);
        self.close();
        self.out += "</div>\n";
    }

    /// A link to a table, behind the name in a row.
    fn link(&self, row: usize, table: usize) -> String {
        let name = self.lines.get(&row).map(|(_, line)| line.name.text()).unwrap_or_default();
        self.site.named_link(name.trim_end_matches("[]"), table)
    }

    fn field(&mut self, row: usize, what: &What, label: &str, kind: &str) {
        match what {
            What::Unsigned(width) | What::Bits(width) | What::Letters(width, _) => match width {
                Expr::Int(bits) => self.fixed(label, kind, u64::try_from(*bits).unwrap_or(0), ""),
                width => self.variable(label, kind, rest(self.site.atlas.schema, self.slots, width), ""),
            },
            What::Fixed(bits, value) => self.fixed(label, &format!("{kind} = {value}"), u64::from(*bits), ""),
            What::Ascii(bytes) => self.fixed(label, kind, 8 * u64::from(*bytes), ""),
            What::Text(limit) => self.variable(label, &format!("{kind}, at most {limit} bytes"), Some(0), ""),
            What::Bytes(None) => self.variable(label, "to the end of the box", Some(0), ""),
            What::Bytes(Some(_)) if kind.starts_with("u(8)") => self.variable(label, "bytes", Some(0), ""),
            What::Bytes(Some(_)) => self.variable(label, kind, Some(0), ""),
            What::Table { table, .. } => {
                let inner = self.site.atlas.table(*table);
                let boxed = inner.is_some_and(|table| table.key.is_some());
                let bits = field_rest(self.site.atlas.schema, self.slots, what);
                let width = match inner {
                    Some(table) if !boxed => table.fixed_bits.map(|bits| format!("{bits} bits")),
                    _ => None,
                };
                let label = format!("{label} {}", self.link(row, *table));
                let width = width.unwrap_or_else(|| escape(inner.map_or("", |table| facts::kind(table.kind))));
                self.variable(&label, &width, bits, "child");
            }
        }
    }
}

/// The bits of a width behind its whole bytes, where they are known.
fn rest(schema: &Schema, slots: &[Slot], width: &Expr) -> Option<u64> {
    let value = |slots: &[Slot], number: usize| rest(schema, slots, slots.get(number)?.value.as_ref()?);
    match width {
        Expr::Int(bits) => u64::try_from(bits.rem_euclid(8)).ok(),
        Expr::Slot(number) => value(slots, *number),
        Expr::Member(_, table, number) => value(&schema.tables.get(*table)?.slots, *number),
        Expr::Choose(_, a, b) => rest(schema, slots, a).filter(|bits| rest(schema, slots, b) == Some(*bits)),
        Expr::Binary("*", a, b) => [a, b].into_iter().find_map(|part| rest(schema, slots, part).filter(|bits| *bits == 0)),
        Expr::Binary("<<", a, _) => rest(schema, slots, a).filter(|bits| *bits == 0),
        _ => None,
    }
}

/// The bits of a field behind its whole bytes, where they are known.
fn field_rest(schema: &Schema, slots: &[Slot], what: &What) -> Option<u64> {
    match what {
        What::Unsigned(width) | What::Bits(width) | What::Letters(width, _) => rest(schema, slots, width),
        What::Fixed(bits, _) => Some(u64::from(*bits) % 8),
        What::Ascii(_) | What::Text(_) | What::Bytes(_) => Some(0),
        What::Table { table, .. } => match schema.tables.get(*table)? {
            table if table.key.is_some() => Some(0),
            table => table.fixed_bits.map(|bits| bits % 8),
        },
    }
}

/// The bit within its byte at which these rows end.
fn end(schema: &Schema, slots: &[Slot], rows: &[Row], at: Option<u64>) -> Option<u64> {
    rows.iter().fold(at, |at, row| {
        let after = match &row.kind {
            RowKind::Field(field) => Some((at? + field_rest(schema, slots, &field.what)?) % 8),
            RowKind::Align { .. } => return Some(0),
            RowKind::If { then, otherwise, .. } => end(schema, slots, then, at).filter(|then| end(schema, slots, otherwise, at) == Some(*then)),
            RowKind::For { body, .. } => at.filter(|at| end(schema, slots, body, Some(*at)) == Some(*at)),
            _ => return at,
        };
        // A row that only one form has moves what follows in that form only.
        after.filter(|after| row.form.is_none() || Some(*after) == at)
    })
}
