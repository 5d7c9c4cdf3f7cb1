//! A table for the terminal: printed syntax, schema and Rust type side by side, and what else is known about it.

mod columns;
mod others;

use super::atlas::Atlas;
use super::facts;
use super::pieces::Text;
use super::printed::{self, HelperKind};
use crate::Source;
use crate::ir::{Enum, Schema, Table};

/// Shows everything with this name, ready to print: a key, the name of a table (or of its Rust type), code table, function, number or
/// foreign value, or the number of a table. `None` where nothing has the name.
///
/// `width` is that of the terminal in characters; the three columns stand below each other where they do not fit.
pub fn show(schema: &Schema, sources: &[Source], name: &str, width: usize, colour: bool) -> Option<String> {
    let atlas = Atlas::new(schema, sources);
    let name = name.trim();
    let page = Page { atlas: &atlas, width: width.max(40), colour };
    let number = name.parse::<u16>().ok();
    let wanted = |own: &str, printed: Option<u16>| own == name || (number.is_some() && printed == number);
    let mut parts = vec![];
    for (at, table) in schema.tables.iter().enumerate() {
        if wanted(&table.name, table.number) || table.key.as_deref() == Some(name) || table.type_name() == name {
            parts.push(page.table(at, table));
        }
    }
    let codes = schema.enums.iter().enumerate().filter(|(_, codes)| wanted(&codes.name, codes.number) || codes.type_name() == name);
    parts.extend(codes.map(|(at, codes)| page.codes(at, codes)));
    parts.extend(atlas.functions().filter(|function| wanted(function.name, function.item.table)).map(|function| page.function(&function)));
    let constants = atlas.constants().filter(|(item, own, _)| wanted(own, item.table));
    parts.extend(constants.map(|(item, name, value)| page.constant(item, name, value)));
    parts.extend(schema.foreign.iter().filter(|foreign| foreign.name == name).map(|foreign| page.foreign(foreign)));
    let hierarchy = atlas.hierarchy().filter(|item| wanted("hierarchy", item.table));
    parts.extend(hierarchy.map(|item| page.hierarchy(item)));
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// What a page is made with.
struct Page<'a, 's> {
    atlas: &'a Atlas<'s>,
    width: usize,
    colour: bool,
}

const BOLD: &str = "1";
const DIM: &str = "2";
const KEYWORD: &str = "36";

impl Page<'_, '_> {
    fn paint(&self, style: &str, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Name, key and where it is printed; then the documentation.
    fn title(&self, name: &str, key: Option<&str>, place: &str, doc: &str) -> String {
        let mut out = self.paint(BOLD, name);
        if let Some(key) = key {
            out += &format!("  {}", self.paint(KEYWORD, key));
        }
        if !place.is_empty() {
            out += &format!("  {}", self.paint(DIM, place));
        }
        out.push('\n');
        for paragraph in doc.split("\n\n").filter(|text| !text.trim().is_empty()) {
            let words = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
            for line in wrap(&words, self.width.min(120), 0) {
                out += &format!("{line}\n");
            }
        }
        out
    }

    fn section(&self, out: &mut String, name: &str, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        *out += &format!("\n{}\n", self.paint(BOLD, name));
        for line in lines {
            for line in wrap(line, self.width.saturating_sub(2).min(140), 4) {
                *out += &format!("  {line}\n");
            }
        }
    }

    fn name_of(&self, number: usize) -> String {
        match self.atlas.table(number) {
            Some(Table { name, key: Some(key), .. }) => format!("{name} ({key})"),
            Some(Table { name, .. }) => name.clone(),
            None => String::new(),
        }
    }

    fn table(&self, number: usize, table: &Table) -> String {
        let schema = self.atlas.schema;
        let place = format!("{}, {}", facts::kind(table.kind), facts::printed_at(&table.clause, table.number));
        let mut out = self.title(&table.name, table.key.as_deref(), &place, &table.doc);
        out.push('\n');
        out += &columns::columns(self, number, table);
        let helpers = printed::helpers(self.atlas, number);
        let of = |wanted: &dyn Fn(&HelperKind) -> Option<String>| -> Vec<String> {
            helpers.iter().filter_map(|helper| wanted(&helper.kind).map(|behind| format!("{}{behind}", helper.text.text()))).collect()
        };
        let steering = facts::steering(schema, table);
        let params = table.params.iter().enumerate().map(|(at, param)| {
            let (before, behind) = facts::param_words(param.kind);
            let inner = facts::of_param(param.kind).map(|table| self.name_of(table)).unwrap_or_default();
            let only = if steering.contains(&at) { "" } else { "; for rules only" };
            format!("{}: {before}{inner}{behind}{only}", param.name)
        });
        let params: Vec<String> = params.collect();
        self.section(&mut out, "Parameters", &params);
        self.section(&mut out, "Forms", &table.forms);
        self.section(&mut out, "Values that no bits carry", &of(&|kind| matches!(kind, HelperKind::Let(_)).then(String::new)));
        self.section(&mut out, "Needed to read on", &of(&|kind| (*kind == HelperKind::Require).then(String::new)));
        let rule = |kind: &HelperKind| match kind {
            HelperKind::Where(name, clause) => Some(format!("  ({name}, {clause})")),
            _ => None,
        };
        self.section(&mut out, "Rules", &of(&rule));
        self.section(&mut out, "Size", &facts::sizes(table));
        let codes = facts::codes(table).into_iter().filter_map(|(codes, fields)| Some((schema.enums.get(codes)?, fields)));
        let codes: Vec<String> = codes.map(|(codes, fields)| format!("{} of {}: {}", codes.name, fields.join(", "), code_list(codes))).collect();
        self.section(&mut out, "Codes", &codes);
        self.section(&mut out, "Where it stands", &self.stands(number, table));
        let users: Vec<String> = facts::dependants(schema, number).into_iter().map(|table| self.name_of(table)).collect();
        let users = if users.is_empty() { vec![] } else { vec![users.join(", ")] };
        self.section(&mut out, "Tables that depend on it", &users);
        out
    }

    fn stands(&self, number: usize, table: &Table) -> Vec<String> {
        let mut lines: Vec<String> = vec![];
        for place in facts::places(self.atlas.schema, table) {
            let (scope, mandatory) = (facts::scope(place.level.scope), facts::mandatory(place.level.mandatory));
            lines.push(format!("{} (Table 10: {scope}, {mandatory})", place.path.join(" > ")));
        }
        for holder in facts::holders(self.atlas.schema, number) {
            lines.push(format!("in {} as {}: {}", self.name_of(holder.table), holder.name, holder.how));
        }
        lines
    }
}

/// `0 non_aligned, 1 aligned, 4 to 15 reserved`.
fn code_list(codes: &Enum) -> String {
    let one =
        |(first, last, name, _): &(u64, u64, Option<String>, String)| format!("{} {}", facts::code_range(*first, *last), name.as_deref().unwrap_or("reserved"));
    codes.codes.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A line in lines of at most so many characters, the further ones indented.
fn wrap(text: &str, width: usize, indent: usize) -> Vec<String> {
    let width = width.max(indent + 10);
    let first = text.chars().take_while(|c| *c == ' ').count();
    let mut lines = vec![];
    let (mut line, mut long, mut empty) = (" ".repeat(first), first, true);
    for word in text.split_whitespace() {
        let size = word.chars().count();
        if !empty && long + 1 + size > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(first + indent)));
            (long, empty) = (first + indent, true);
        }
        if !empty {
            line.push(' ');
            long += 1;
        }
        line.push_str(word);
        (long, empty) = (long + size, false);
    }
    lines.push(line);
    lines
}

/// Words without links.
fn words(text: &Text) -> String {
    text.text()
}
