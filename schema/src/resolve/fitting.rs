//! Rows that say nothing or two things: parts that do not belong to the type, the place or the kind of table.

use super::symbols::Symbols;
use crate::ast::{Expr, ExprKind, Field, Item, ItemKind, Level, Name, Row, RowKind, Span, Table, TableKind, Type};
use crate::diagnostic::Diagnostic;
use std::collections::HashSet;

/// Looks at each item by itself.
pub fn check(symbols: &Symbols, items: &[(usize, &Item)], diagnostics: &mut Vec<Diagnostic>) {
    let mut foreign = HashSet::new();
    for (part, item) in items {
        match &item.kind {
            ItemKind::Table(table) => Fitting { symbols, part: *part, kind: table.kind, loops: vec![], diagnostics }.table(table),
            ItemKind::Foreign { name, .. } if !foreign.insert(&name.text) => {
                let message = format!("the foreign value `{}` is declared twice", name.text);
                diagnostics.push(Diagnostic::new("MG010", &name.span, message, "declared before"));
            }
            ItemKind::Fn { params, .. } => twice(params.iter(), "parameter", diagnostics),
            ItemKind::Hierarchy(levels) => siblings(levels, diagnostics),
            _ => {}
        }
    }
}

/// Reports a name that stands twice in a list.
fn twice<'a>(names: impl Iterator<Item = &'a Name>, what: &str, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(&name.text) {
            diagnostics.push(Diagnostic::new("MG013", &name.span, format!("two {what}s are called `{}`", name.text), "the second one"));
        }
    }
}

/// A key stands once below its parent.
fn siblings(levels: &[Level], diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = HashSet::new();
    for level in levels {
        if !seen.insert(&level.key.text) {
            let message = format!("the key \"{}\" stands twice at one place of the hierarchy", level.key.text);
            diagnostics.push(Diagnostic::new("MG039", &level.key.span, message, "the second one"));
        }
        siblings(&level.children, diagnostics);
    }
}

/// The names of all rules of a table.
fn named_rules<'a>(rows: &'a [Row], found: &mut Vec<&'a Name>) {
    for row in rows {
        match &row.kind {
            RowKind::Where(rule) => found.push(&rule.name),
            RowKind::If { then, otherwise, .. } => {
                named_rules(then, found);
                named_rules(otherwise, found);
            }
            RowKind::For { body, .. } => named_rules(body, found),
            _ => {}
        }
    }
}

/// A loop around a row.
struct Around<'a> {
    var: &'a Name,
    /// Whether its rounds are structures of their own, so that fields need no subscript to be told apart.
    structures: bool,
}

struct Fitting<'a, 'd> {
    symbols: &'d Symbols<'a>,
    part: usize,
    kind: TableKind,
    loops: Vec<Around<'d>>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'d> Fitting<'_, 'd> {
    fn report(&mut self, code: &'static str, span: &Span, message: impl Into<String>, label: &str) {
        self.diagnostics.push(Diagnostic::new(code, span, message, label));
    }

    fn table(&mut self, table: &'d Table) {
        twice(table.params.iter().map(|param| &param.name), "parameter", self.diagnostics);
        twice(table.forms.iter(), "form", self.diagnostics);
        if let Some(form) = table.forms.first().filter(|_| table.kind != TableKind::Box) {
            self.report("MG046", &form.span, "only a box has forms", "there is no Length to tell which one fits");
        }
        let mut rules = vec![];
        named_rules(&table.rows, &mut rules);
        twice(rules.into_iter(), "rule", self.diagnostics);
        self.rows(&table.rows, false);
    }

    /// Rows; `bytes`: of a loop that may be a byte string.
    fn rows(&mut self, rows: &'d [Row], bytes: bool) {
        for row in rows {
            if row.columns && !matches!(row.kind, RowKind::For { name: Some(_), .. }) {
                self.report("MG005", &row.span, "only a loop with a name is stored in columns", "not such a loop");
            }
            match &row.kind {
                RowKind::Field(field) => {
                    self.no_bits(&row.span);
                    self.field(field, bytes);
                }
                RowKind::Align { .. } => self.no_bits(&row.span),
                RowKind::If { then, otherwise, .. } => {
                    self.rows(then, false);
                    self.rows(otherwise, false);
                }
                RowKind::For { var, cond, name, body, .. } => self.for_loop(var, cond, name.is_some(), body),
                RowKind::Where(rule) if rule.doc.trim().is_empty() => {
                    let message = format!("the rule `{}` does not say what it is about", rule.name.text);
                    let found = Diagnostic::new("MG048", &rule.name.span, message, "no explanation");
                    self.diagnostics.push(found.help("write `/// ...` in front of it"));
                }
                _ => {}
            }
        }
    }

    fn no_bits(&mut self, span: &Span) {
        if self.kind == TableKind::Process {
            self.report("MG046", span, "a process computes and reads no bits", "a row with bits");
        }
    }

    fn for_loop(&mut self, var: &'d Name, cond: &Expr, structures: bool, body: &'d [Row]) {
        if self.loops.iter().any(|around| around.var.text == var.text) {
            self.report("MG013", &var.span, format!("a loop around this one has the variable `{}` too", var.text), "the second one");
        }
        let counted = matches!(&cond.kind, ExprKind::Binary("<" | "<=", left, _) if names(left, &var.text));
        self.loops.push(Around { var, structures });
        self.rows(body, counted && !structures && body.len() == 1);
        self.loops.pop();
    }

    fn field(&mut self, field: &Field, bytes: bool) {
        self.meaning(field, bytes);
        self.value(field);
        self.subscripts(field);
        if field.foreign && !matches!(field.what, Type::Bytes(..)) {
            self.report("MG046", &field.name.span, "a foreign value is so many bytes", "`()` belongs to `bytes(..)`");
        }
        match &field.what {
            Type::Table(target, args) => self.embedded(field, target, args),
            _ if field.many => self.report("MG046", &field.name.span, "only a child of a container occurs any number of times", "`[]` without an index"),
            _ => {}
        }
    }

    fn meaning(&mut self, field: &Field, bytes: bool) {
        let Some((name, args)) = &field.meaning else { return };
        let Type::Unsigned(width) = &field.what else {
            return self.report("MG045", &name.span, "only `u(n)` has a meaning behind `as`", "not behind this type");
        };
        let wanted = usize::from(name.text == "letters");
        if args.len() != wanted {
            let wanted = if wanted == 1 { "an alphabet" } else { "no argument" };
            let message = format!("`as {}` takes {wanted}, here are {} arguments", name.text, args.len());
            self.report("MG015", &name.span, message, "wrong number of arguments");
        }
        if name.text != "bytes" {
            return;
        }
        if !bytes {
            self.report("MG045", &name.span, "`as bytes` stands alone in a loop without a name that counts up to a number", "no such loop around it");
        } else if !matches!(width.kind, ExprKind::Int(8)) {
            self.report("MG045", &width.span, "a byte has 8 bits", "not 8");
        } else if !field.subs.last().zip(self.loops.last()).is_some_and(|(sub, around)| names(sub, &around.var.text)) {
            self.report("MG045", &field.name.span, "the last subscript of a byte string is the variable of its loop", "not the variable");
        }
    }

    /// What stands behind `=`: the value of a pattern, or what a count counts.
    fn value(&mut self, field: &Field) {
        let Some(value) = &field.value else { return };
        let counts = matches!(&value.kind, ExprKind::Call(function, _) if function.text == "count");
        match &field.what {
            Type::Fixed(_) => {}
            Type::Unsigned(_) if counts && field.meaning.is_none() => {}
            Type::Unsigned(_) => {
                self.report("MG044", &value.span, "`u(n) =` is followed by `count(array)`; a fixed pattern is `f(n)`", "not a count of an array")
            }
            _ => self.report("MG044", &value.span, "only `f(n)` and `u(n)` are followed by `=`", "not behind this type"),
        }
    }

    /// A loop without a name is a list: a row that does not name its variable would stand at one place in every round.
    fn subscripts(&mut self, field: &Field) {
        // Subscripts that are neither numbers nor names are reported elsewhere.
        if !field.subs.iter().all(|sub| matches!(sub.kind, ExprKind::Int(_) | ExprKind::Name(_))) {
            return;
        }
        let missing = |around: &&Around| !around.structures && !field.subs.iter().any(|sub| names(sub, &around.var.text));
        if let Some(around) = self.loops.iter().find(missing) {
            let message = format!("`{}` stands in the loop over `{}` without this subscript", field.name.text, around.var.text);
            let help = format!("add the subscript `[{}]`, or name what a round is", around.var.text);
            self.diagnostics.push(Diagnostic::new("MG047", &field.name.span, message, "the same in every round").help(help));
        }
    }

    fn embedded(&mut self, field: &Field, target: &Name, args: &[Expr]) {
        let Some(table) = self.symbols.table(self.part, &target.text) else { return };
        let kind = self.symbols.kind(table);
        let keyed = self.symbols.by_key.contains_key(&target.text);
        let child = self.kind == TableKind::Container && args.is_empty() && keyed;
        if kind == TableKind::Process {
            self.report("MG046", &target.span, "a process has no bits that could stand here", "a process");
        }
        if kind == TableKind::Container && !child {
            self.report("MG046", &target.span, "a container stands in a container only", "a container");
        }
        if !child && (field.many || field.optional) {
            let sign = if field.many { "[]" } else { "?" };
            self.report("MG046", &field.name.span, format!("`{sign}` belongs to the children of containers"), "not a child of a container");
        }
        if (field.or_offs || field.deferred.is_some()) && (child || kind != TableKind::Box) {
            let part = if field.or_offs { "or offs" } else { "deferred" };
            self.report("MG046", &field.name.span, format!("`{part}` belongs to a box that stands at this bit"), "not such a box");
        }
    }
}

fn names(expr: &Expr, name: &str) -> bool {
    matches!(&expr.kind, ExprKind::Name(found) if found == name)
}
