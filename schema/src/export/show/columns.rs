//! The three columns: what the standard prints, what the schema says, what Rust has.

use super::{BOLD, DIM, KEYWORD, Page, wrap};
use crate::export::printed::{self, Line, Role};
use crate::export::rust::{self, Origin};
use crate::ir::Table;

/// A row of the three columns.
#[derive(Default)]
struct Row {
    printed: String,
    control: bool,
    schema: String,
    rust: String,
}

/// Space between two columns.
const GAP: usize = 3;

/// The columns, side by side or below each other.
pub(super) fn columns(page: &Page, number: usize, table: &Table) -> String {
    let lines = printed::lines(page.atlas, number);
    let rows = aligned(page, table, &lines);
    let widest = |of: &dyn Fn(&Row) -> &String| rows.iter().map(|row| of(row).chars().count()).max().unwrap_or(0);
    let (left, middle, right) = (widest(&|row| &row.printed).max(6), widest(&|row| &row.schema).max(6), widest(&|row| &row.rust));
    let gaps = if right > 0 { 2 * GAP } else { GAP };
    // Long lines of the schema may be broken, the others not.
    let room = page.width.saturating_sub(left + right + gaps);
    if room < middle.min(44) {
        return stacked(page, &rows, right > 0);
    }
    let middle = middle.min(room);
    let separator = format!(" {} ", page.paint(DIM, "│"));
    let mut out = String::new();
    let heads = Row { printed: "Syntax".to_owned(), control: false, schema: "Schema".to_owned(), rust: "Rust".to_owned() };
    let mut line = |printed: &str, style: &str, schema: &str, schema_style: &str, rust: &str, rust_style: &str| {
        let mut text = pad(printed, left, &|text| page.paint(style, text));
        text += &separator;
        text += &pad(schema, middle, &|text| page.paint(schema_style, text));
        if right > 0 {
            text += &separator;
            text += &page.paint(rust_style, rust);
        }
        out += text.trim_end();
        out.push('\n');
    };
    line(&heads.printed, BOLD, &heads.schema, BOLD, &heads.rust, BOLD);
    for row in &rows {
        let style = if row.control { KEYWORD } else { "0" };
        for (number, schema) in broken(&row.schema, middle).iter().enumerate() {
            match number {
                0 => line(&row.printed, style, schema, "0", &row.rust, "0"),
                _ => line("", "0", schema, "0", "", "0"),
            }
        }
    }
    out
}

fn broken(text: &str, width: usize) -> Vec<String> {
    if text.chars().count() <= width { vec![text.to_owned()] } else { wrap(text, width, 4) }
}

fn pad(text: &str, width: usize, paint: &dyn Fn(&str) -> String) -> String {
    let spaces = width.saturating_sub(text.chars().count());
    paint(text) + &" ".repeat(spaces)
}

fn stacked(page: &Page, rows: &[Row], rust: bool) -> String {
    let mut out = String::new();
    let mut part = |name: &str, of: &dyn Fn(&Row) -> &String| {
        out += &format!("{}\n", page.paint(BOLD, name));
        for text in rows.iter().map(of).filter(|text| !text.is_empty()) {
            out += &format!("  {text}\n");
        }
    };
    part("Syntax", &|row| &row.printed);
    part("\nSchema", &|row| &row.schema);
    if rust {
        part("\nRust", &|row| &row.rust);
    }
    out
}

/// A row for each line of the schema, and for printed lines that share one.
fn aligned(page: &Page, table: &Table, lines: &[Line]) -> Vec<Row> {
    let (first, source) = page.atlas.declaration(&table.span);
    let column = lines.iter().filter(|line| !line.kind.0.is_empty()).map(|line| 2 * line.depth + line.name.text().chars().count()).max().unwrap_or(0);
    let mut rust = RustColumn::new(page, table);
    let mut waiting = lines.iter().peekable();
    let mut rows: Vec<Row> = vec![];
    for (number, text) in source.iter().enumerate() {
        let mut row = Row { schema: (*text).to_owned(), ..Row::default() };
        let mut filled = false;
        while let Some(line) = waiting.next_if(|line| page.atlas.line(table.span.file, line.at) <= first + number) {
            if filled {
                rows.push(std::mem::take(&mut row));
            }
            row.printed = text_of(line, column);
            row.control = line.role == Role::Control;
            row.rust = rust.beside(line);
            filled = true;
        }
        rows.push(row);
    }
    let last = rows.pop();
    rows.extend(rust.rest());
    if let Some(mut last) = last {
        last.rust = rust.end();
        rows.push(last);
    }
    rows
}

/// A printed line, types in a column.
fn text_of(line: &Line, column: usize) -> String {
    let mut text = "  ".repeat(line.depth) + &line.name.text();
    if !line.kind.0.is_empty() {
        let spaces = (column + 2).saturating_sub(text.chars().count());
        text += &" ".repeat(spaces);
        text += &line.kind.text();
    }
    if line.note.is_empty() { text } else { format!("{text}  ({})", line.note) }
}

/// The fields of the Rust type that have found no place yet.
struct RustColumn {
    name: Option<String>,
    fields: Vec<Option<(Origin, String)>>,
}

impl RustColumn {
    fn new(page: &Page, table: &Table) -> RustColumn {
        let fields = rust::fields(page.atlas.schema, table);
        let name = fields.as_ref().map(|_| table.type_name());
        let text = |field: rust::RustField| Some((field.origin, format!("{}{}: {}", "  ".repeat(field.depth + 1), field.name, field.ty)));
        RustColumn { name, fields: fields.unwrap_or_default().into_iter().map(text).collect() }
    }

    /// What stands beside a printed line.
    fn beside(&mut self, line: &Line) -> String {
        let wanted = match (line.role, line.slot, line.var) {
            (Role::Frame, ..) if line.name.text() != "}" => return self.name.as_ref().map_or(String::new(), |name| format!("struct {name} {{")),
            (_, Some(slot), _) => Origin::Slot(slot),
            (_, _, Some(var)) => Origin::Loop(var),
            _ => return String::new(),
        };
        let found = self.fields.iter_mut().find(|field| field.as_ref().is_some_and(|(origin, _)| *origin == wanted));
        found.and_then(Option::take).map_or(String::new(), |(_, text)| text)
    }

    /// Fields without a row of the table.
    fn rest(&mut self) -> Vec<Row> {
        self.fields.iter_mut().filter_map(Option::take).map(|(_, rust)| Row { rust, ..Row::default() }).collect()
    }

    fn end(&self) -> String {
        self.name.as_ref().map_or(String::new(), |_| "}".to_owned())
    }
}
