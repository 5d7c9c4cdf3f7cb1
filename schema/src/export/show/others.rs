//! Code tables, functions, numbers, foreign values and Table 10 for the terminal.

use super::{DIM, KEYWORD, Page, words};
use crate::ast::{self, Scope};
use crate::export::atlas::Function;
use crate::export::facts;
use crate::export::pieces::Writer;
use crate::ir::{Enum, Foreign, Level};

impl Page<'_, '_> {
    pub(super) fn codes(&self, number: usize, codes: &Enum) -> String {
        let bits = if codes.bits == 1 { "1 bit".to_owned() } else { format!("{} bits", codes.bits) };
        let place = format!("codes of {bits}, {}", facts::printed_at(&codes.clause, codes.number));
        let mut out = self.title(&codes.name, None, &place, &codes.doc);
        let heads = codes.codes.iter().map(|(first, last, name, doc)| {
            let doc = doc.split_whitespace().collect::<Vec<_>>().join(" ");
            (facts::code_range(*first, *last), name.as_deref().unwrap_or("reserved"), doc)
        });
        let heads: Vec<_> = heads.collect();
        let left = heads.iter().map(|(code, ..)| code.len()).max().unwrap_or(0);
        let right = heads.iter().map(|(_, name, _)| name.chars().count()).max().unwrap_or(0);
        out += &format!("\n{}\n", self.paint(super::BOLD, "Codes"));
        for (code, name, doc) in heads {
            out += format!("  {code:>left$}  {name:<right$}  {doc}").trim_end();
            out.push('\n');
        }
        let users = self.atlas.schema.tables.iter().enumerate().filter_map(|(table, tree)| {
            let fields = facts::codes(tree).into_iter().find(|(codes, _)| *codes == number)?.1;
            Some(format!("{}: {}", self.name_of(table), fields.join(", ")))
        });
        self.section(&mut out, "Fields with these codes", &users.collect::<Vec<_>>());
        out += &format!("\n{}\n", self.paint(super::BOLD, "Rust"));
        for line in crate::export::rust::codes(codes).lines() {
            out += &format!("  {line}\n");
        }
        out
    }

    fn writer(&self) -> Writer<'_, '_> {
        Writer { atlas: self.atlas, table: usize::MAX, printed: false }
    }

    pub(super) fn function(&self, function: &Function) -> String {
        let params: Vec<&str> = function.params.iter().map(|param| param.text.as_str()).collect();
        let place = format!("function, {}", facts::printed_at(function.item.clause.as_deref().unwrap_or(""), function.item.table));
        let mut out = self.title(function.name, None, &place, &function.item.doc);
        let value = words(&self.writer().expr(function.value));
        self.section(&mut out, "Value", &[format!("{}({}) = {value}", function.name, params.join(", "))]);
        out
    }

    pub(super) fn constant(&self, item: &ast::Item, name: &str, value: &ast::Expr) -> String {
        let place = format!("number, {}", facts::printed_at(item.clause.as_deref().unwrap_or(""), item.table));
        let mut out = self.title(name, None, &place, &item.doc);
        self.section(&mut out, "Value", &[words(&self.writer().expr(value))]);
        out
    }

    pub(super) fn foreign(&self, foreign: &Foreign) -> String {
        let Foreign { name, part, table } = foreign;
        let mut out = self.title(&format!("{name}()"), None, &format!("defined by {part}"), self.atlas.foreign_doc(name));
        let opened = table.map(|table| format!("the structure {}", self.name_of(table)));
        self.section(&mut out, "Opened by", &opened.into_iter().collect::<Vec<_>>());
        let users: Vec<String> = self.atlas.foreign_users(name).into_iter().map(|table| self.name_of(table)).collect();
        self.section(&mut out, "Tables that hold it", &users);
        out
    }

    pub(super) fn hierarchy(&self, item: &ast::Item) -> String {
        let place = facts::printed_at(item.clause.as_deref().unwrap_or(""), item.table);
        let mut out = self.title("hierarchy", None, &place, &item.doc);
        out.push('\n');
        self.levels(&self.atlas.schema.hierarchy, 1, &mut out);
        out
    }

    fn levels(&self, levels: &[Level], depth: usize, out: &mut String) {
        for level in levels {
            let table = facts::of_level(self.atlas.schema, level).and_then(|table| self.atlas.table(table));
            let name = table.map_or("", |table| table.name.as_str());
            let scope = match level.scope {
                Scope::Both => "",
                other => facts::scope(other),
            };
            let indent = "  ".repeat(depth);
            let head = format!("{indent}{} {}", level.key, facts::mark(level.mandatory));
            let painted = format!("{indent}{} {}", self.paint(KEYWORD, &level.key), facts::mark(level.mandatory));
            let spaces = " ".repeat(28usize.saturating_sub(head.chars().count()));
            *out += format!("{painted}{spaces}{name:<38}  {}  {}", self.paint(DIM, &format!("{:<9}", level.clause)), scope).trim_end();
            out.push('\n');
            self.levels(&level.children, depth + 1, out);
        }
    }
}
