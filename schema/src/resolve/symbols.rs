//! The names that all files share.

use super::constants;
use super::parts::{FIRST, Names, Parts};
use crate::ast::{self, ItemKind, Span, TableKind};
use crate::diagnostic::Diagnostic;
use crate::ir;
use std::collections::{HashMap, HashSet};

/// A table as the text declares it.
pub struct TableDecl<'a> {
    /// The number of its part.
    pub part: usize,
    /// The item around it: documentation, clause and number.
    pub item: &'a ast::Item,
    /// The table.
    pub table: &'a ast::Table,
}

/// A function as the text declares it: its parameters and its value.
pub type Function<'a> = (&'a [ast::Name], &'a ast::Expr);

/// All names of a compilation.
pub struct Symbols<'a> {
    /// The tables in order.
    pub tables: Vec<TableDecl<'a>>,
    /// The parts, and all items with the numbers of theirs.
    pub parts: &'a Parts<'a>,
    /// Table number by name.
    pub by_name: Names<usize>,
    /// Table number by key.
    pub by_key: HashMap<String, usize>,
    /// The code tables.
    pub enums: Vec<ir::Enum>,
    /// Value of each code name; `None` where two enums of a part disagree.
    pub codes: Names<Option<u64>>,
    /// Functions by name.
    pub functions: Names<Function<'a>>,
    /// Named numbers, as they are written.
    pub constants: Names<&'a ast::Expr>,
    /// Their values; `None` where that has been reported.
    pub values: Names<Option<i128>>,
    /// Values that other parts define.
    pub foreign: Vec<ir::Foreign>,
    /// Table 10.
    pub hierarchy: Vec<&'a ast::Level>,
}

impl<'a> Symbols<'a> {
    /// Gathers the names of all items.
    pub fn collect(parts: &'a Parts<'a>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut symbols = Symbols {
            tables: vec![],
            parts,
            by_name: Names::default(),
            by_key: HashMap::new(),
            enums: vec![],
            codes: Names::default(),
            functions: Names::default(),
            constants: Names::default(),
            values: Names::default(),
            foreign: vec![],
            hierarchy: vec![],
        };
        let mut seen: HashSet<(usize, &str)> = HashSet::new();
        for (part, item) in &parts.items {
            let name = match &item.kind {
                ItemKind::Table(table) => Some(&table.name),
                ItemKind::Enum(_) => None, // enums and fields share names in the standard
                ItemKind::Fn { name, .. } | ItemKind::Const { name, .. } => Some(name),
                // a foreign value may be named like a container here
                ItemKind::Foreign { .. } | ItemKind::Part { .. } | ItemKind::Hierarchy(_) => None,
            };
            if let Some(name) = name
                && !seen.insert((*part, &name.text))
            {
                diagnostics.push(Diagnostic::new("MG010", &name.span, format!("`{}` is declared twice", name.text), "declared before"));
            }
            symbols.add(*part, item, diagnostics);
        }
        symbols.values = constants::all(&symbols, diagnostics);
        for (part, item) in &parts.items {
            if let ItemKind::Enum(codes) = &item.kind {
                symbols.add_enum(*part, item, codes, diagnostics);
            }
        }
        symbols.open_foreign();
        symbols
    }

    fn add(&mut self, part: usize, item: &'a ast::Item, diagnostics: &mut Vec<Diagnostic>) {
        match &item.kind {
            ItemKind::Table(table) => self.add_table(part, item, table, diagnostics),
            ItemKind::Enum(codes) => self.add_codes(part, codes),
            ItemKind::Fn { name, params, value } => {
                self.functions.insert(part, &name.text, (params, value));
            }
            ItemKind::Const { name, value } => {
                self.constants.insert(part, &name.text, value);
            }
            ItemKind::Foreign { name, part } => self.foreign.push(ir::Foreign { name: name.text.clone(), part: part.clone(), table: None }),
            ItemKind::Part { .. } => {}
            ItemKind::Hierarchy(levels) => self.hierarchy.extend(levels),
        }
    }

    /// A foreign value is the structure of its name, in the part that defines it, where there is one.
    fn open_foreign(&mut self) {
        for foreign in &mut self.foreign {
            let part = self.parts.parts.iter().position(|part| !part.name.is_empty() && part.title == foreign.part);
            let defines = |decl: &TableDecl| Some(decl.part) == part && decl.table.kind == TableKind::Struct && decl.table.name.text == foreign.name;
            foreign.table = self.tables.iter().position(defines);
        }
    }

    fn add_table(&mut self, part: usize, item: &'a ast::Item, table: &'a ast::Table, diagnostics: &mut Vec<Diagnostic>) {
        if item.clause.is_none() && part == FIRST {
            let help = "write `#[clause = \"...\"]` in front of it";
            let message = format!("`{}` does not say where the standard prints it", table.name.text);
            diagnostics.push(Diagnostic::new("MG037", &table.name.span, message, "no clause").help(help));
        }
        let number = self.tables.len();
        self.by_name.entry(part, &table.name.text).or_insert(number);
        if let Some(key) = &table.key {
            if key.text.len() != 4 || !key.text.bytes().all(|byte| byte.is_ascii_graphic()) {
                let message = format!("\"{}\" is not a key", key.text);
                diagnostics.push(Diagnostic::new("MG038", &key.span, message, "a key has four ASCII characters"));
            }
            if self.by_key.insert(key.text.clone(), number).is_some() {
                let message = format!("the key \"{}\" belongs to two tables", key.text);
                diagnostics.push(Diagnostic::new("MG039", &key.span, message, "used before"));
            }
        }
        self.tables.push(TableDecl { part, item, table });
    }

    /// The names of codes; constants may use them, widths of codes constants.
    fn add_codes(&mut self, part: usize, decl: &ast::Enum) {
        for code in &decl.codes {
            if let Some(name) = &code.name {
                let entry = self.codes.entry(part, &name.text).or_insert(Some(code.from));
                if *entry != Some(code.from) {
                    *entry = None;
                }
            }
        }
    }

    fn add_enum(&mut self, part: usize, item: &ast::Item, decl: &ast::Enum, diagnostics: &mut Vec<Diagnostic>) {
        let bits = match constants::value(self, part, &decl.bits, diagnostics) {
            Some(bits @ 1..=64) => bits as u32,
            Some(_) => {
                diagnostics.push(Diagnostic::new("MG041", &decl.bits.span, "the width of codes is a number from 1 to 64", "not such a number"));
                64
            }
            None => 64,
        };
        let most = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
        let mut codes = vec![];
        let mut next: u128 = 0;
        for code in &decl.codes {
            let last = code.to.unwrap_or(most);
            if u128::from(code.from) < next || last < code.from || last > most {
                let message = format!("codes of `{}` overlap or do not fit {bits} bits", decl.name.text);
                diagnostics.push(Diagnostic::new("MG034", &code.span, message, "codes ascend, each once"));
            }
            next = u128::from(last) + 1;
            codes.push((code.from, last, code.name.as_ref().map(|name| name.text.clone()), code.doc.clone()));
        }
        if self.enums.iter().any(|known| known.part == part && known.name == decl.name.text) {
            diagnostics.push(Diagnostic::new("MG010", &decl.name.span, format!("`{}` is declared twice", decl.name.text), "declared before"));
        }
        self.enums.push(ir::Enum {
            name: decl.name.text.clone(),
            part,
            clause: self.clause(part, item),
            number: item.table,
            doc: item.doc.clone(),
            bits,
            codes,
            span: decl.name.span.clone(),
        });
    }

    /// Where the standard prints an item: its clause or, where that is not known, the title of its part.
    pub fn clause(&self, part: usize, item: &ast::Item) -> String {
        let title = || self.parts.parts.get(part).map_or(String::new(), |part| part.title.clone());
        item.clause.clone().unwrap_or_else(title)
    }

    /// The rows of the table of this name, as a part sees it, for its size.
    pub fn bits_of(&self, part: usize, name: &str) -> Option<&'a [ast::Row]> {
        Some(&self.tables.get(self.table(part, name)?)?.table.rows)
    }

    /// The table of a box key or, for structures, of a name that a part sees.
    pub fn table(&self, part: usize, name: &str) -> Option<usize> {
        self.by_key.get(name).or_else(|| self.by_name.get(part, name)).copied()
    }

    /// The code table of a name that a part sees.
    pub fn enumeration(&self, part: usize, name: &str) -> Option<usize> {
        let of = |part: usize| self.enums.iter().position(|codes| codes.part == part && codes.name == name);
        of(part).or_else(|| of(FIRST))
    }

    /// The part of a table.
    pub fn part_of(&self, table: usize) -> usize {
        self.tables.get(table).map_or(FIRST, |decl| decl.part)
    }

    /// The kind of a table.
    pub fn kind(&self, table: usize) -> TableKind {
        self.tables.get(table).map_or(TableKind::Struct, |decl| decl.table.kind)
    }
}

/// A diagnostic for a name that nothing declares.
pub fn unknown(code: &'static str, what: &str, name: &str, span: &Span) -> Diagnostic {
    Diagnostic::new(code, span, format!("unknown {what} `{name}`"), "not declared")
}
