//! The names that all files share.

use super::constants;
use crate::ast::{self, ItemKind, Span, TableKind};
use crate::diagnostic::Diagnostic;
use crate::ir;
use std::collections::HashMap;

/// A table as the text declares it.
pub struct TableDecl<'a> {
    /// The item around it: documentation, clause and number.
    pub item: &'a ast::Item,
    /// The table.
    pub table: &'a ast::Table,
}

/// All names of a compilation.
pub struct Symbols<'a> {
    /// The tables in order.
    pub tables: Vec<TableDecl<'a>>,
    /// Table number by name.
    pub by_name: HashMap<String, usize>,
    /// Table number by key.
    pub by_key: HashMap<String, usize>,
    /// The code tables.
    pub enums: Vec<ir::Enum>,
    /// Value of each code name; `None` where two enums disagree.
    pub codes: HashMap<String, Option<u64>>,
    /// Functions by name.
    pub functions: HashMap<String, (&'a [ast::Name], &'a ast::Expr)>,
    /// Named numbers, as they are written.
    pub constants: HashMap<String, &'a ast::Expr>,
    /// Their values; `None` where that has been reported.
    pub values: HashMap<String, Option<i128>>,
    /// Values that other parts define.
    pub foreign: Vec<(String, String)>,
    /// Table 10.
    pub hierarchy: Vec<&'a ast::Level>,
}

impl<'a> Symbols<'a> {
    /// Gathers the names of all files.
    pub fn collect(files: &'a [ast::File], diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut symbols = Symbols {
            tables: vec![],
            by_name: HashMap::new(),
            by_key: HashMap::new(),
            enums: vec![],
            codes: HashMap::new(),
            functions: HashMap::new(),
            constants: HashMap::new(),
            values: HashMap::new(),
            foreign: vec![],
            hierarchy: vec![],
        };
        let mut seen: HashMap<String, ()> = HashMap::new();
        for item in files.iter().flat_map(|file| &file.items) {
            let name = match &item.kind {
                ItemKind::Table(table) => Some(&table.name),
                ItemKind::Enum(_) => None, // enums and fields share names in the standard
                ItemKind::Fn { name, .. } | ItemKind::Const { name, .. } => Some(name),
                ItemKind::Foreign { .. } | ItemKind::Hierarchy(_) => None, // a foreign value may be named like a container here
            };
            if let Some(name) = name
                && seen.insert(name.text.clone(), ()).is_some()
            {
                diagnostics.push(Diagnostic::new("MG010", &name.span, format!("`{}` is declared twice", name.text), "declared before"));
            }
            symbols.add(item, diagnostics);
        }
        symbols.values = constants::all(&symbols, diagnostics);
        for item in files.iter().flat_map(|file| &file.items) {
            if let ItemKind::Enum(codes) = &item.kind {
                symbols.add_enum(item, codes, diagnostics);
            }
        }
        symbols
    }

    fn add(&mut self, item: &'a ast::Item, diagnostics: &mut Vec<Diagnostic>) {
        match &item.kind {
            ItemKind::Table(table) => self.add_table(item, table, diagnostics),
            ItemKind::Enum(codes) => self.add_codes(codes),
            ItemKind::Fn { name, params, value } => {
                self.functions.insert(name.text.clone(), (params, value));
            }
            ItemKind::Const { name, value } => {
                self.constants.insert(name.text.clone(), value);
            }
            ItemKind::Foreign { name, part } => self.foreign.push((name.text.clone(), part.clone())),
            ItemKind::Hierarchy(levels) => self.hierarchy.extend(levels),
        }
    }

    fn add_table(&mut self, item: &'a ast::Item, table: &'a ast::Table, diagnostics: &mut Vec<Diagnostic>) {
        if item.clause.is_none() {
            let help = "write `#[clause = \"...\"]` in front of it";
            let message = format!("`{}` does not say where the standard prints it", table.name.text);
            diagnostics.push(Diagnostic::new("MG037", &table.name.span, message, "no clause").help(help));
        }
        let number = self.tables.len();
        self.by_name.entry(table.name.text.clone()).or_insert(number);
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
        self.tables.push(TableDecl { item, table });
    }

    /// The names of codes; constants may use them, widths of codes constants.
    fn add_codes(&mut self, decl: &ast::Enum) {
        for code in &decl.codes {
            if let Some(name) = &code.name {
                let entry = self.codes.entry(name.text.clone()).or_insert(Some(code.from));
                if *entry != Some(code.from) {
                    *entry = None;
                }
            }
        }
    }

    fn add_enum(&mut self, item: &ast::Item, decl: &ast::Enum, diagnostics: &mut Vec<Diagnostic>) {
        let bits = match constants::value(self, &decl.bits, diagnostics) {
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
        if self.enums.iter().any(|known| known.name == decl.name.text) {
            diagnostics.push(Diagnostic::new("MG010", &decl.name.span, format!("`{}` is declared twice", decl.name.text), "declared before"));
        }
        self.enums.push(ir::Enum {
            name: decl.name.text.clone(),
            clause: item.clause.clone().unwrap_or_default(),
            number: item.table,
            doc: item.doc.clone(),
            bits,
            codes,
            span: decl.name.span.clone(),
        });
    }

    /// The rows of the table of this name, for its size.
    pub fn bits_of(&self, name: &str) -> Option<&'a [ast::Row]> {
        Some(&self.tables.get(self.table(name)?)?.table.rows)
    }

    /// The table of a box key or, for structures, of a name.
    pub fn table(&self, name: &str) -> Option<usize> {
        self.by_key.get(name).or_else(|| self.by_name.get(name)).copied()
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
