//! Every name becomes a name in Rust: of a type, a variant, a field or a variable, and two of them stay two.

use super::parts::Parts;
use crate::ast::{ItemKind, Name, Row, RowKind};
use crate::diagnostic::Diagnostic;
use crate::ir::{camel_case, snake_case};
use std::collections::HashMap;

/// Reports names that Rust does not have, and names that would be one name there.
pub fn check(parts: &Parts, diagnostics: &mut Vec<Diagnostic>) {
    let mut types: HashMap<usize, HashMap<String, &str>> = HashMap::new();
    let mut modules = HashMap::from([("descriptions".to_owned(), ("module descriptions", false))]);
    let mut names = Names { diagnostics };
    for (part, item) in &parts.items {
        let types = types.entry(*part).or_default();
        match &item.kind {
            ItemKind::Table(table) => {
                names.type_name(&table.name, types);
                table.params.iter().map(|param| &param.name).chain(&table.forms).for_each(|name| names.plain(name));
                names.rows(&table.rows, &mut HashMap::new());
            }
            ItemKind::Enum(codes) => {
                names.type_name(&codes.name, types);
                let mut variants = HashMap::new();
                for code in codes.codes.iter().filter_map(|code| code.name.as_ref()) {
                    names.code(code, &mut variants);
                }
            }
            ItemKind::Fn { name, params, .. } => params.iter().chain([name]).for_each(|name| names.plain(name)),
            ItemKind::Const { name, .. } | ItemKind::Foreign { name, .. } => names.plain(name),
            ItemKind::Part { name, .. } => names.field(name, false, &mut modules),
            ItemKind::Hierarchy(_) => {}
        }
    }
}

/// Whether a name is made of ASCII letters, digits and `_`, the first one a letter.
fn plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
}

struct Names<'d> {
    diagnostics: &'d mut Vec<Diagnostic>,
}

/// Names in Rust, each with the printed name that it came from and whether that is a loop.
type Scope<'a> = HashMap<String, (&'a str, bool)>;

impl Names<'_> {
    fn plain(&mut self, name: &Name) {
        if !plain(&name.text) {
            let message = format!("`{}` cannot be a name in Rust", name.text);
            self.diagnostics.push(Diagnostic::new("MG042", &name.span, message, "a name starts with a letter"));
        }
    }

    /// `Self` is a keyword that stays one whatever is done to its letters.
    fn camel(&mut self, name: &Name) -> Option<String> {
        self.plain(name);
        let camel = camel_case(&name.text);
        if camel == "Self" {
            let message = format!("`{}` cannot be a name in Rust", name.text);
            self.diagnostics.push(Diagnostic::new("MG042", &name.span, message, "`Self` there"));
        }
        plain(&name.text).then_some(camel)
    }

    /// The same name twice among tables is MG010; here two names become one.
    fn type_name<'a>(&mut self, name: &'a Name, types: &mut HashMap<String, &'a str>) {
        let Some(camel) = self.camel(name) else { return };
        match types.get(&camel) {
            Some(other) if *other != name.text => self.one(name, other, &camel),
            Some(_) => {}
            None => drop(types.insert(camel, &name.text)),
        }
    }

    fn code<'a>(&mut self, name: &'a Name, variants: &mut HashMap<String, &'a str>) {
        let Some(camel) = self.camel(name) else { return };
        match variants.insert(camel.clone(), &name.text) {
            Some(other) if other == name.text => {
                self.diagnostics.push(Diagnostic::new("MG010", &name.span, format!("the code `{}` is declared twice", name.text), "declared before"));
            }
            Some(other) => self.one(name, other, &camel),
            None => {}
        }
    }

    fn one(&mut self, name: &Name, other: &str, rust: &str) {
        let message = format!("`{}` and `{other}` are one name in Rust: `{rust}`", name.text);
        self.diagnostics.push(Diagnostic::new("MG042", &name.span, message, "the second one"));
    }

    fn field<'a>(&mut self, name: &'a Name, is_loop: bool, scope: &mut Scope<'a>) {
        self.plain(name);
        let snake = snake_case(&name.text);
        match scope.get(&snake) {
            Some((other, other_loop)) if *other != name.text || *other_loop != is_loop => self.one(name, other, &snake),
            Some(_) => {}
            None => drop(scope.insert(snake, (&name.text, is_loop))),
        }
    }

    /// Names of one structure; a named loop is a field that holds structures of its own.
    fn rows<'a>(&mut self, rows: &'a [Row], scope: &mut Scope<'a>) {
        for row in rows {
            match &row.kind {
                RowKind::Field(field) => self.field(&field.name, false, scope),
                RowKind::Align { name } | RowKind::Let { name, .. } | RowKind::Assign { name, .. } => self.field(name, false, scope),
                RowKind::If { then, otherwise, .. } => {
                    self.rows(then, scope);
                    self.rows(otherwise, scope);
                }
                RowKind::For { var, name, body, .. } => {
                    self.plain(var);
                    match name {
                        Some(name) => {
                            self.field(name, true, scope);
                            self.rows(body, &mut HashMap::new());
                        }
                        None => self.rows(body, scope),
                    }
                }
                RowKind::Mention(_) | RowKind::Remark(_) | RowKind::Require(_) | RowKind::Where(..) => {}
            }
        }
    }
}
