//! Fields: their types, subscripts, arguments and codes.

use super::expr::Ty;
use super::rows::{Defined, Tables};
use super::symbols::unknown;
use crate::ast::{self, ExprKind, Name, TableKind, Type};
use crate::diagnostic::Diagnostic;
use crate::ir::{self, Expr, SlotKind, What};

/// The greatest limit of a text, in bytes.
const LONGEST: u32 = 16384;

impl Tables<'_, '_> {
    pub fn field(&mut self, field: &ast::Field) -> ir::RowKind {
        let name = &field.name;
        let foreign = self.symbols.foreign.iter().find(|known| known.name == name.text).filter(|_| field.foreign);
        if field.foreign && foreign.is_none() {
            let message = format!("no `foreign` item declares `{}`", name.text);
            self.diagnostics.push(Diagnostic::new("MG040", &name.span, message, "not declared"));
        }
        let subs = self.subscripts(field);
        let container = self.symbols.kind(self.number) == TableKind::Container;
        if let Type::Table(target, args) = &field.what
            && container
            && args.is_empty()
            && let Some(table) = self.symbols.by_key.get(&target.text).copied()
        {
            let slot = self.declared_field(name);
            self.define(slot);
            return ir::RowKind::Child { slot, table, many: field.many, optional: field.optional };
        }
        let what = self.what(field);
        let codes = self.codes(field);
        let slot = self.declared_field(name);
        if self.defined.get(slot) == Some(&Defined::Yes) && subs.is_empty() {
            let message = format!("`{}` stands twice on this path", name.text);
            self.diagnostics.push(Diagnostic::new("MG013", &name.span, message, "defined before"));
        }
        self.define(slot);
        let counts = field.value.as_ref().and_then(|value| self.counted(value));
        if let Some(slot) = self.slot_mut(slot) {
            slot.codes = slot.codes.or(codes);
            slot.counts = slot.counts.or(counts);
        }
        ir::RowKind::Field(ir::Field { slot, subs, what, opened: foreign.and_then(|foreign| foreign.table) })
    }

    fn subscripts(&mut self, field: &ast::Field) -> Vec<Expr> {
        let mut subs = vec![];
        for sub in &field.subs {
            let resolved = self.number(sub);
            let known = match &resolved {
                Expr::Int(_) => true,
                Expr::Slot(slot) => self.loops.iter().any(|(var, _)| var == slot),
                _ => self.loops.is_empty(), // `label[h]` in a container needs no loop at hand
            };
            if !known {
                let message = "a subscript is a variable of a loop around the row, or a number";
                self.diagnostics.push(Diagnostic::new("MG017", &sub.span, message, "neither of them"));
            }
            subs.push(resolved);
        }
        if field.meaning.as_ref().is_some_and(|(name, _)| name.text == "bytes") {
            subs.pop();
        }
        subs
    }

    fn what(&mut self, field: &ast::Field) -> What {
        let meaning = field.meaning.as_ref().map(|(name, args)| (name.text.as_str(), args));
        match &field.what {
            Type::Unsigned(width) => {
                let width = self.number(width);
                match meaning {
                    Some(("letters", args)) => {
                        let alphabet = args.first().map_or(Expr::Int(0), |alphabet| self.number(alphabet));
                        What::Letters(width, alphabet)
                    }
                    Some(("checksum" | "bits", _)) => What::Bits(width),
                    Some(("bytes", _)) => What::Bytes(Some(Expr::Int(1))),
                    _ => What::Unsigned(width),
                }
            }
            Type::Fixed(width) => self.fixed(width, field.value.as_ref()),
            Type::Ascii(bytes) => What::Ascii(self.constant(bytes).map_or(1, |bytes| bytes.clamp(1, 255) as u16)),
            Type::Text(_) => What::Text(field.limit.as_ref().map_or(LONGEST, |limit| self.limit(limit))),
            Type::Bytes(size, _) => What::Bytes(size.as_ref().map(|size| self.number(size))),
            Type::Table(name, args) => {
                let Some(table) = self.symbols.table(self.part, &name.text) else { return What::Bytes(None) };
                let args = self.arguments(table, name, args);
                let deferred = field.deferred.as_ref().map(|cond| self.number(cond));
                What::Table { table, args, or_offs: field.or_offs, deferred }
            }
        }
    }

    /// `f(n) = value`.
    fn fixed(&mut self, width: &ast::Expr, value: Option<&ast::Expr>) -> What {
        let bits = self.constant(width).unwrap_or(64);
        let Some(bits) = u32::try_from(bits).ok().filter(|bits| (1..=64).contains(bits)) else {
            self.diagnostics.push(Diagnostic::new("MG041", &width.span, "f(n) takes a number from 1 to 64", "not such a number"));
            return What::Fixed(1, 0);
        };
        let given = value.map_or(Some(0), |value| self.constant(value));
        let fits = given.and_then(|value| u64::try_from(value).ok()).filter(|value| i128::from(*value) < 1 << bits);
        if let (None, Some(given), Some(value)) = (fits, given, value) {
            let label = format!("{given} is not one of 0 to {}", (1i128 << bits) - 1);
            self.diagnostics.push(Diagnostic::new("MG044", &value.span, format!("this value does not fit {bits} bits"), label));
        }
        What::Fixed(bits, fits.unwrap_or(0))
    }

    /// `st(v) <= limit`.
    fn limit(&mut self, limit: &ast::Expr) -> u32 {
        let Some(value) = self.constant(limit) else { return LONGEST };
        match u32::try_from(value) {
            Ok(value @ 1..=LONGEST) => value,
            _ => {
                let message = format!("the limit of a text is a number from 1 to {LONGEST}");
                self.diagnostics.push(Diagnostic::new("MG041", &limit.span, message, "not such a number"));
                LONGEST
            }
        }
    }

    fn arguments(&mut self, table: usize, name: &Name, args: &[ast::Expr]) -> Vec<Expr> {
        let params: Vec<ir::ParamKind> = self.schema.tables.get(table).map_or(vec![], |table| table.params.iter().map(|param| param.kind).collect());
        if params.len() != args.len() {
            let message = format!("`{}` takes {} arguments, here are {}", name.text, params.len(), args.len());
            self.diagnostics.push(Diagnostic::new("MG015", &name.span, message, "wrong number of arguments"));
        }
        let mut resolved = vec![];
        for (arg, kind) in args.iter().zip(params) {
            let (value, ty) = self.expr(arg);
            let fits = match kind {
                ir::ParamKind::Number(..) => ty == Ty::Number,
                ir::ParamKind::One(table) => ty == Ty::Record(table),
                ir::ParamKind::Many(table) => ty == Ty::Record(table).list(),
                ir::ParamKind::Grouped(table) => ty == Ty::Record(table).list().list(),
            };
            if !fits {
                self.diagnostics.push(Diagnostic::new("MG030", &arg.span, "this argument is of another kind than the parameter", "another kind"));
            }
            resolved.push(value);
        }
        resolved
    }

    fn codes(&mut self, field: &ast::Field) -> Option<usize> {
        let (name, _) = field.meaning.as_ref()?;
        if matches!(name.text.as_str(), "bytes" | "checksum" | "letters" | "bits") {
            return None;
        }
        let found = self.symbols.enumeration(self.part, &name.text);
        if found.is_none() {
            self.diagnostics.push(unknown("MG016", "code table", &name.text, &name.span));
        }
        found
    }

    /// The array of `= count(array)`, which stands further on.
    fn counted(&mut self, value: &ast::Expr) -> Option<usize> {
        let ExprKind::Call(function, args) = &value.kind else { return None };
        let mut array = args.first()?;
        while let ExprKind::Index(inner, _) = &array.kind {
            array = inner;
        }
        let found = match &array.kind {
            ExprKind::Name(name) if function.text == "count" => {
                let counted = |slot: &ir::Slot| slot.name == *name && (slot.dims > 0 || slot.kind == SlotKind::Bytes);
                let slots = &self.schema.tables.get(self.number)?.slots;
                slots.iter().enumerate().position(|(number, slot)| number >= self.next && counted(slot))
            }
            _ => None,
        };
        if found.is_none() {
            self.diagnostics.push(Diagnostic::new("MG033", &array.span, "this is not an array of this table", "not an array"));
        }
        found
    }
}
