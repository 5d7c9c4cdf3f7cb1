//! Expressions: names to slots, parameters and numbers, and what kind of value each is.

use super::calls::{Bound, Work, measure};
use super::constants;
use super::rows::{Defined, Tables};
use super::symbols::unknown;
use crate::ast::{self, ExprKind, Name, Span};
use crate::diagnostic::Diagnostic;
use crate::ir::{Expr, ParamKind, SlotKind};

/// What an expression yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ty {
    /// A number.
    Number,
    /// A text; it is compared only.
    Text,
    /// A decoded structure, by its table.
    Record(usize),
    /// A list.
    List(Box<Ty>),
    /// A byte or bit string.
    Bytes,
    /// Reported already.
    Unknown,
}

impl Ty {
    /// A list of these.
    pub fn list(self) -> Ty {
        Ty::List(Box::new(self))
    }
}

impl Tables<'_, '_> {
    /// An expression that must be a number.
    pub fn number(&mut self, expr: &ast::Expr) -> Expr {
        let (value, ty) = self.expr(expr);
        match ty {
            Ty::Number | Ty::Unknown => {}
            Ty::Text => self.diagnostics.push(Diagnostic::new("MG029", &expr.span, "a text can only be compared", "a number is wanted here")),
            _ => self.diagnostics.push(Diagnostic::new("MG030", &expr.span, "this is not a number", "a number is wanted here")),
        }
        value
    }

    /// An expression that must be known now; `None` where it is not, which is reported.
    pub fn constant(&mut self, expr: &ast::Expr) -> Option<i128> {
        constants::value(self.symbols, self.part, expr, self.diagnostics)
    }

    /// Any expression, with what it yields.
    pub fn expr(&mut self, expr: &ast::Expr) -> (Expr, Ty) {
        self.work = Work { place: expr.span.clone(), ..Work::default() };
        self.with(expr, &Bound::default())
    }

    /// An expression inside a function whose parameters stand for `bound`.
    pub fn with(&mut self, expr: &ast::Expr, bound: &Bound) -> (Expr, Ty) {
        if self.work.stopped || self.too_large(1) {
            return (Expr::Int(0), Ty::Unknown);
        }
        self.work.depth += 1;
        let result = self.node(expr, bound);
        self.work.depth -= 1;
        result
    }

    fn node(&mut self, expr: &ast::Expr, bound: &Bound) -> (Expr, Ty) {
        match &expr.kind {
            ExprKind::Int(value) => (Expr::Int(*value), Ty::Number),
            ExprKind::Text(text) => (Expr::Text(text.clone()), Ty::Text),
            ExprKind::Name(name) => self.name(name, &expr.span, bound, false),
            ExprKind::Member(base, field) => self.member(base, field, bound, false),
            ExprKind::Index(list, index) => self.index(list, index, bound, false),
            ExprKind::Call(function, args) => self.call(function, args, bound),
            ExprKind::Not(a) => (Expr::Not(Box::new(self.numeric(a, bound))), Ty::Number),
            ExprKind::Negate(a) => match self.numeric(a, bound) {
                Expr::Int(value) => (Expr::Int(value.saturating_neg()), Ty::Number),
                value => (Expr::Negate(Box::new(value)), Ty::Number),
            },
            ExprKind::Binary(op, a, b) => self.binary(op, a, b, bound),
            ExprKind::Choose(c, a, b) => {
                let c = self.numeric(c, bound);
                let (a, ty) = self.with(a, bound);
                let (b, other) = self.with(b, bound);
                self.same(&ty, &other, &expr.span);
                (Expr::Choose(Box::new(c), Box::new(a), Box::new(b)), ty)
            }
            ExprKind::Default(a, b) => {
                let (a, ty) = self.possibly_absent(a, bound);
                let (b, other) = self.with(b, bound);
                self.same(&ty, &other, &expr.span);
                (Expr::Default(Box::new(a), Box::new(b)), ty)
            }
        }
    }

    pub fn numeric(&mut self, expr: &ast::Expr, bound: &Bound) -> Expr {
        let (value, ty) = self.with(expr, bound);
        if !matches!(ty, Ty::Number | Ty::Unknown) {
            self.diagnostics.push(Diagnostic::new("MG030", &expr.span, "this is not a number", "a number is wanted here"));
        }
        value
    }

    /// The left side of `??`: a name whose absence is allowed for.
    fn possibly_absent(&mut self, expr: &ast::Expr, bound: &Bound) -> (Expr, Ty) {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, &expr.span, bound, true),
            ExprKind::Member(base, field) => self.member(base, field, bound, true),
            ExprKind::Index(list, index) => self.index(list, index, bound, true),
            _ => self.with(expr, bound),
        }
    }

    fn binary(&mut self, op: &'static str, a: &ast::Expr, b: &ast::Expr, bound: &Bound) -> (Expr, Ty) {
        let (left, left_ty) = self.with(a, bound);
        let (right, right_ty) = self.with(b, bound);
        let comparison = matches!(op, "==" | "!=");
        match (&left_ty, &right_ty) {
            (Ty::Number | Ty::Unknown, Ty::Number | Ty::Unknown) => {}
            (Ty::Text, Ty::Text) if comparison => {}
            (Ty::Text, _) | (_, Ty::Text) => {
                self.diagnostics.push(Diagnostic::new("MG029", &a.span, "a text can only be compared, with a text", "not a text on both sides"));
            }
            _ => self.diagnostics.push(Diagnostic::new("MG030", &a.span, "this operator takes numbers", "not a number on both sides")),
        }
        (Expr::Binary(op, Box::new(left), Box::new(right)), Ty::Number)
    }

    fn name(&mut self, name: &str, span: &Span, bound: &Bound, may_be_absent: bool) -> (Expr, Ty) {
        if let Some((_, value)) = bound.values.iter().find(|(bound, _)| *bound == name) {
            if self.too_large(measure(value).0) {
                return (Expr::Int(0), Ty::Unknown);
            }
            return (value.clone(), Ty::Number);
        }
        if name == "Length" {
            return (Expr::Length, Ty::Number);
        }
        if let Some(slot) = self.find(name) {
            return self.slot(slot, span, may_be_absent);
        }
        if let Some(param) = self.param(name) {
            self.used.get_mut(param).into_iter().for_each(|used| *used = true);
            let kind = self.schema.tables.get(self.number).and_then(|table| table.params.get(param)).map(|param| param.kind);
            let ty = match kind {
                Some(ParamKind::One(table)) => Ty::Record(table),
                Some(ParamKind::Many(table)) => Ty::Record(table).list(),
                Some(ParamKind::Grouped(table)) => Ty::Record(table).list().list(),
                _ => Ty::Number,
            };
            return (Expr::Param(param), ty);
        }
        match self.symbols.values.get(self.part, name) {
            Some(Some(value)) => return (Expr::Int(*value), Ty::Number),
            Some(None) => return (Expr::Int(0), Ty::Unknown), // reported where it is declared
            None => {}
        }
        match self.symbols.codes.get(self.part, name) {
            Some(Some(value)) => (Expr::Int(i128::from(*value)), Ty::Number),
            Some(None) => {
                let message = format!("`{name}` stands for different codes in different tables");
                self.diagnostics.push(Diagnostic::new("MG011", span, message, "ambiguous"));
                (Expr::Int(0), Ty::Unknown)
            }
            None => {
                self.diagnostics.push(unknown("MG011", "name", name, span));
                (Expr::Int(0), Ty::Unknown)
            }
        }
    }

    fn slot(&mut self, number: usize, span: &Span, may_be_absent: bool) -> (Expr, Ty) {
        let rule = self.rule;
        let state = self.defined.get(number).copied().unwrap_or(Defined::No);
        let Some(slot) = self.schema.tables.get_mut(self.number).and_then(|table| table.slots.get_mut(number)) else {
            return (Expr::Int(0), Ty::Unknown);
        };
        slot.kept = true;
        slot.steers |= !rule;
        let ty = slot_type(slot.kind, slot.dims);
        let name = slot.name.clone();
        let counted = slot.counts.is_some() && slot.dims == 0;
        if state == Defined::Maybe && slot.dims == 0 && !may_be_absent {
            if counted {
                // An array that is not there has no elements.
                return (Expr::Default(Box::new(Expr::Slot(number)), Box::new(Expr::Int(0))), ty);
            }
            self.absent(&name, span);
        }
        (Expr::Slot(number), ty)
    }

    fn absent(&mut self, name: &str, span: &Span) {
        let message = format!("`{name}` may be absent here");
        let help = format!("say what counts then: `{name} ?? 0`");
        self.diagnostics.push(Diagnostic::new("MG014", span, message, "not on every path").help(help));
    }

    fn member(&mut self, base: &ast::Expr, field: &Name, bound: &Bound, may_be_absent: bool) -> (Expr, Ty) {
        let (base, ty) = self.with(base, bound);
        let (table, lists) = match unlist(&ty) {
            (Ty::Record(table), lists) => (*table, lists),
            (Ty::Unknown, _) => return (Expr::Int(0), Ty::Unknown),
            _ => {
                self.diagnostics.push(Diagnostic::new("MG030", &field.span, "only a structure has fields", "not a field of a structure"));
                return (Expr::Int(0), Ty::Unknown);
            }
        };
        let rule = self.rule;
        let Some(target) = self.schema.tables.get_mut(table) else { return (Expr::Int(0), Ty::Unknown) };
        let Some(number) = target.slots.iter().position(|slot| slot.name == field.text && slot.kind != SlotKind::Variable) else {
            let message = format!("`{}` has no field `{}`", target.name, field.text);
            self.diagnostics.push(Diagnostic::new("MG011", &field.span, message, "no such field"));
            return (Expr::Int(0), Ty::Unknown);
        };
        let Some(slot) = target.slots.get_mut(number) else { return (Expr::Int(0), Ty::Unknown) };
        slot.kept = true;
        slot.steers |= !rule;
        let ty = (0..lists).fold(slot_type(slot.kind, slot.dims), |ty, _| ty.list());
        let member = Expr::Member(Box::new(base), table, number);
        // Whether the field is there on every path is known once all tables are resolved; see analysis::absence.
        if slot.counts.is_some() && slot.dims == 0 && lists == 0 && !may_be_absent {
            return (Expr::Default(Box::new(member), Box::new(Expr::Int(0))), ty);
        }
        (member, ty)
    }

    fn index(&mut self, list: &ast::Expr, index: &ast::Expr, bound: &Bound, may_be_absent: bool) -> (Expr, Ty) {
        let (list_value, ty) = if may_be_absent { self.possibly_absent(list, bound) } else { self.with(list, bound) };
        let index = self.numeric(index, bound);
        let element = match ty {
            Ty::List(element) => *element,
            Ty::Unknown => Ty::Unknown,
            _ => {
                self.diagnostics.push(Diagnostic::new("MG030", &list.span, "only an array has elements", "not an array"));
                Ty::Unknown
            }
        };
        (Expr::Index(Box::new(list_value), Box::new(index)), element)
    }

    fn same(&mut self, a: &Ty, b: &Ty, span: &Span) {
        if a != b && *a != Ty::Unknown && *b != Ty::Unknown {
            self.diagnostics.push(Diagnostic::new("MG030", span, "both values must be of one kind", "two kinds"));
        }
    }
}

fn slot_type(kind: SlotKind, dims: usize) -> Ty {
    let element = match kind {
        SlotKind::Number | SlotKind::Let | SlotKind::Variable => Ty::Number,
        SlotKind::Text | SlotKind::Ascii(_) => Ty::Text,
        SlotKind::Bytes | SlotKind::Bits => Ty::Bytes,
        SlotKind::Table(table) => Ty::Record(table),
    };
    (0..dims).fold(element, |ty, _| ty.list())
}

fn unlist(ty: &Ty) -> (&Ty, usize) {
    match ty {
        Ty::List(inner) => {
            let (ty, lists) = unlist(inner);
            (ty, lists + 1)
        }
        _ => (ty, 0),
    }
}
