//! The rows of a table, in order: what each refers to, and which names have a value where.

use super::calls::Work;
use super::declare;
use super::symbols::{Symbols, unknown};
use crate::ast::{self, ExprKind, Name, RowKind, Span};
use crate::diagnostic::Diagnostic;
use crate::ir::{self, Expr, Range, Row, Schema, SlotKind, Until, What};

/// Whether a slot has a value at some point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defined {
    /// On no path.
    No,
    /// On some paths.
    Maybe,
    /// On every path.
    Yes,
}

/// What a `let` without a range may hold; checked when it is computed.
const ANY: Range = Range { low: -(1 << 66), high: 1 << 66 };

/// A table while its rows are resolved.
pub struct Tables<'a, 'd> {
    /// The shared names.
    pub symbols: &'a Symbols<'a>,
    /// All tables, with slots.
    pub schema: &'d mut Schema,
    /// The table at hand.
    pub number: usize,
    /// Its part.
    pub part: usize,
    /// State of each slot.
    pub defined: Vec<Defined>,
    /// Loop variables around this row, outermost first, and whether the loop is named.
    pub loops: Vec<(usize, bool)>,
    /// Parameters that some expression uses.
    pub used: Vec<bool>,
    /// Whether the expression at hand is only a rule.
    pub rule: bool,
    /// Where findings go.
    pub diagnostics: &'d mut Vec<Diagnostic>,
    /// Slots in the order of their declaration; the next one to be met.
    pub next: usize,
    lines: Vec<Span>,
    /// How large the expression at hand has become, functions included.
    pub work: Work,
}

/// Resolves the rows of table `number`.
pub fn resolve_table(symbols: &Symbols, schema: &mut Schema, number: usize, diagnostics: &mut Vec<Diagnostic>) {
    let Some(decl) = symbols.tables.get(number) else { return };
    let (slots, params) = schema.tables.get(number).map_or((0, 0), |table| (table.slots.len(), table.params.len()));
    let mut tables = Tables {
        symbols,
        schema,
        number,
        part: decl.part,
        defined: vec![Defined::No; slots],
        loops: vec![],
        used: vec![false; params],
        rule: false,
        diagnostics,
        next: 0,
        lines: vec![],
        work: Work::default(),
    };
    let rows = tables.rows(&decl.table.rows);
    let (defined, used, lines) = (tables.defined, tables.used, tables.lines);
    for (param, used) in decl.table.params.iter().zip(used) {
        if !used && !matches!(param.kind, ast::ParamKind::Number(..)) {
            let message = format!("nothing uses the parameter `{}`", param.name.text);
            diagnostics.push(Diagnostic::new("MG028", &param.name.span, message, "unused"));
        }
    }
    if let Some(table) = schema.tables.get_mut(number) {
        table.rows = rows;
        table.lines = lines;
        for (slot, defined) in table.slots.iter_mut().zip(defined) {
            slot.always = defined == Defined::Yes;
        }
    }
}

impl Tables<'_, '_> {
    fn rows(&mut self, rows: &[ast::Row]) -> Vec<Row> {
        rows.iter().map(|row| self.row(row)).collect()
    }

    fn row(&mut self, row: &ast::Row) -> Row {
        let line = self.lines.len();
        self.lines.push(row.span.clone());
        let form = row.form.as_ref().and_then(|name| self.form(name));
        let before = row.form.is_some().then(|| self.defined.clone());
        let kind = match &row.kind {
            RowKind::Field(field) => self.field(field),
            RowKind::If { cond, then, otherwise } => {
                let cond = self.number(cond);
                let before = self.defined.clone();
                let then = self.rows(then);
                let after_then = std::mem::replace(&mut self.defined, before);
                let otherwise = self.rows(otherwise);
                self.merge(&after_then);
                ir::RowKind::If { cond, then, otherwise }
            }
            RowKind::For { .. } => self.for_loop(row),
            RowKind::Align { .. } => {
                let slot = self.declared();
                self.define(slot);
                ir::RowKind::Align { slot }
            }
            RowKind::Let { name, range, value } => self.let_row(name, range.as_ref(), value),
            RowKind::Assign { name, subs, value } => self.assign(name, subs, value),
            RowKind::Mention(name) => {
                match self.param(&name.text) {
                    Some(param) => self.used.get_mut(param).into_iter().for_each(|used| *used = true),
                    None => self.diagnostics.push(unknown("MG011", "parameter", &name.text, &name.span)),
                }
                ir::RowKind::Remark
            }
            RowKind::Remark(_) => ir::RowKind::Remark,
            RowKind::Require(cond) => ir::RowKind::Require(self.number(cond)),
            RowKind::Where(rule) => {
                self.rule = true;
                let cond = self.number(&rule.cond);
                self.rule = false;
                ir::RowKind::Where(ir::Rule {
                    cond,
                    clause: rule.clause.clone(),
                    name: rule.name.text.clone(),
                    doc: rule.doc.trim().to_owned(),
                    warning: rule.warning,
                })
            }
        };
        if let Some(before) = before {
            // The other forms do not have this row.
            self.merge(&before);
        }
        Row { line, form, kind, span: row.span.clone() }
    }

    fn let_row(&mut self, name: &Name, range: Option<&(ast::Expr, ast::Expr)>, value: &ast::Expr) -> ir::RowKind {
        let on_length = self.on_length(value);
        let value = self.number(value);
        let first = self.next;
        let slot = self.declared_field(name);
        if self.defined.get(slot) == Some(&Defined::Yes) {
            let message = format!("`{}` stands twice on this path", name.text);
            self.diagnostics.push(Diagnostic::new("MG013", &name.span, message, "defined before"));
        }
        let check = range.and_then(|(from, to)| declare::range(self.symbols, self.part, from, to, self.diagnostics)).unwrap_or(ANY);
        self.define(slot);
        let once = range.is_none() && self.next > first;
        if let Some(slot) = self.slot_mut(slot) {
            slot.value = once.then(|| value.clone());
            if range.is_some() {
                slot.range = check;
            }
        }
        ir::RowKind::Let { slot, value, check, on_length, again: false }
    }

    fn form(&mut self, name: &Name) -> Option<usize> {
        let form = self.schema.tables.get(self.number)?.forms.iter().position(|form| *form == name.text);
        if form.is_none() {
            self.diagnostics.push(unknown("MG018", "form", &name.text, &name.span));
        }
        form
    }

    fn for_loop(&mut self, row: &ast::Row) -> ir::RowKind {
        let RowKind::For { var, from, cond, name, body } = &row.kind else { return ir::RowKind::Remark };
        let from = self.number(from);
        let slot = self.declared();
        self.define(slot);
        let until = match &cond.kind {
            ExprKind::Binary(op @ ("<" | "<="), left, right)
                if matches!(&left.kind, ExprKind::Name(left) if *left == var.text) && !self.mentions(right, "remaining") =>
            {
                let bound = self.number(right);
                Until::Below(if *op == "<" { bound } else { Expr::Binary("+", Box::new(bound), Box::new(Expr::Int(1))) })
            }
            _ => Until::While(self.number(cond)),
        };
        if let Some(bytes) = self.byte_loop(slot, &from, &until, body) {
            return bytes;
        }
        if name.is_none() && !row.columns {
            self.one_field(body, var);
        }
        let before = self.defined.clone();
        self.loops.push((slot, name.is_some()));
        let body = self.rows(body);
        self.loops.pop();
        // Arrays may be empty but are there; single values of a round are not known behind the loop.
        let dims: Vec<usize> = self.schema.tables.get(self.number).map_or(vec![], |table| table.slots.iter().map(|slot| slot.dims).collect());
        for ((state, before), dims) in self.defined.iter_mut().zip(before).zip(dims) {
            if before != Defined::Yes && dims == 0 && *state == Defined::Yes {
                *state = Defined::Maybe;
            }
        }
        ir::RowKind::For { var: slot, from, until, name: name.as_ref().map(|name| name.text.clone()), columns: row.columns, min_bits: 0, body }
    }

    /// A loop over `name[i] u(8) as bytes` is one byte string.
    fn byte_loop(&mut self, var: usize, from: &Expr, until: &Until, body: &[ast::Row]) -> Option<ir::RowKind> {
        let ([ast::Row { kind: RowKind::Field(field), .. }], Until::Below(until)) = (body, until) else { return None };
        field.meaning.as_ref().filter(|(name, _)| name.text == "bytes")?;
        self.loops.push((var, false));
        let row = self.field(field);
        self.loops.pop();
        let ir::RowKind::Field(mut field) = row else { return None };
        let size = match from {
            Expr::Int(0) => until.clone(),
            _ => Expr::Binary("-", Box::new(until.clone()), Box::new(from.clone())),
        };
        field.what = What::Bytes(Some(size));
        Some(ir::RowKind::Field(field))
    }

    /// A loop without a name is an array of its only field; further fields must be arrays that stand outside of the loop too.
    fn one_field(&mut self, body: &[ast::Row], var: &Name) {
        let mut names: Vec<&str> = vec![];
        collect_fields(body, &mut names);
        names.dedup();
        let first = self.next;
        let outside =
            |name: &str| self.schema.tables.get(self.number).is_some_and(|table| table.slots.iter().take(first).any(|slot| slot.name == name && slot.dims > 0));
        let inside = names.iter().filter(|name| !outside(name)).count();
        if inside > 1 {
            let message = "the rounds of this loop have several fields";
            let help = "name what a round is: `for (...) sequences {`";
            self.diagnostics.push(Diagnostic::new("MG027", &var.span, message, "no name for an element").help(help));
        }
    }

    fn assign(&mut self, name: &Name, subs: &[ast::Expr], value: &ast::Expr) -> ir::RowKind {
        let on_length = self.on_length(value);
        let value = self.number(value);
        let subs: Vec<Expr> = subs.iter().map(|sub| self.number(sub)).collect();
        let Some(slot) = self.find(&name.text) else {
            let slot = self.declared();
            self.define(slot);
            self.slot_mut(slot).into_iter().for_each(|slot| slot.value = Some(value.clone()));
            return ir::RowKind::Let { slot, value, check: ANY, on_length, again: false };
        };
        let (kind, dims, range, fixed) =
            self.slot_mut(slot).map_or((SlotKind::Let, 0, Range::new(0, 0), true), |slot| (slot.kind, slot.dims, slot.range, slot.value.is_some()));
        match kind {
            SlotKind::Let if subs.is_empty() && !fixed && range.low <= range.high => ir::RowKind::Let { slot, value, check: range, on_length, again: true },
            SlotKind::Number if dims > 0 && dims == subs.len() => ir::RowKind::Element { slot, subs, value },
            _ => {
                let help = "declare a range: `let name: 0..=9 = ...`";
                let message = format!("`{}` cannot be assigned", name.text);
                self.diagnostics.push(Diagnostic::new("MG031", &name.span, message, "not a `let` with a range, not an array").help(help));
                ir::RowKind::Remark
            }
        }
    }

    /// The next slot in the order of declaration, skipping none: both passes meet rows in the same order.
    fn declared(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    pub fn declared_field(&mut self, name: &Name) -> usize {
        let owner = self.owner();
        let slots = self.schema.tables.get(self.number).map_or(&[][..], |table| &table.slots);
        let new = slots.get(self.next).is_some_and(|slot| slot.span == name.span);
        if new {
            return self.declared();
        }
        slots.iter().position(|slot| slot.name == name.text && slot.owner == owner).unwrap_or_default()
    }

    /// The variables of the named loops around this row.
    pub fn owner(&self) -> Vec<usize> {
        self.loops.iter().filter(|(_, named)| *named).map(|(var, _)| *var).collect()
    }

    pub fn define(&mut self, slot: usize) {
        self.defined.get_mut(slot).into_iter().for_each(|state| *state = Defined::Yes);
    }

    fn merge(&mut self, other: &[Defined]) {
        for (state, other) in self.defined.iter_mut().zip(other) {
            if *state != *other {
                *state = Defined::Maybe;
            }
        }
    }

    pub fn slot_mut(&mut self, slot: usize) -> Option<&mut ir::Slot> {
        self.schema.tables.get_mut(self.number)?.slots.get_mut(slot)
    }

    /// The parameter of this name.
    pub fn param(&self, name: &str) -> Option<usize> {
        self.schema.tables.get(self.number)?.params.iter().position(|param| param.name == name)
    }

    /// The slot of this name that was defined last, in this structure or one around it.
    pub fn find(&self, name: &str) -> Option<usize> {
        let owner = self.owner();
        let table = self.schema.tables.get(self.number)?;
        let visible = |slot: &ir::Slot| slot.name == name && owner.starts_with(&slot.owner);
        let candidates = || table.slots.iter().enumerate().filter(|(_, slot)| visible(slot));
        let defined = candidates().rfind(|(number, _)| self.defined.get(*number) != Some(&Defined::No));
        // A loop's fields that are already complete can be named from outside by their subscripts.
        let complete =
            || table.slots.iter().enumerate().filter(|(number, slot)| slot.name == name && slot.dims > 0 && self.defined.get(*number) != Some(&Defined::No));
        defined.or_else(|| complete().next_back()).map(|(number, _)| number)
    }

    fn on_length(&self, value: &ast::Expr) -> bool {
        if self.mentions(value, "Length") || self.mentions(value, "remaining") {
            return true;
        }
        let table = self.schema.tables.get(self.number);
        table.is_some_and(|table| {
            table.slots.iter().any(|slot| {
                slot.value.as_ref().is_some_and(|value| value.any(&|expr| matches!(expr, Expr::Length | Expr::Remaining))) && self.mentions(value, &slot.name)
            })
        })
    }

    fn mentions(&self, expr: &ast::Expr, wanted: &str) -> bool {
        match &expr.kind {
            ExprKind::Name(name) => name == wanted,
            ExprKind::Call(name, args) => name.text == wanted || args.iter().any(|arg| self.mentions(arg, wanted)),
            ExprKind::Member(a, _) | ExprKind::Not(a) | ExprKind::Negate(a) => self.mentions(a, wanted),
            ExprKind::Index(a, b) | ExprKind::Binary(_, a, b) | ExprKind::Default(a, b) => self.mentions(a, wanted) || self.mentions(b, wanted),
            ExprKind::Choose(a, b, c) => [a, b, c].into_iter().any(|part| self.mentions(part, wanted)),
            ExprKind::Int(_) | ExprKind::Text(_) => false,
        }
    }
}

fn collect_fields<'r>(rows: &'r [ast::Row], names: &mut Vec<&'r str>) {
    for row in rows {
        match &row.kind {
            RowKind::Field(field) => names.push(&field.name.text),
            RowKind::If { then, otherwise, .. } => {
                collect_fields(then, names);
                collect_fields(otherwise, names);
            }
            RowKind::For { name, body, .. } => match name {
                Some(name) => names.push(&name.text),
                None => collect_fields(body, names),
            },
            _ => {}
        }
    }
}
