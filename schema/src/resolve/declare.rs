//! The first look at each table: its parameters and a slot for each field, `let` and loop variable, so that tables can refer
//! to each other's fields whatever their order.

use super::constants;
use super::symbols::{Symbols, TableDecl, unknown};
use crate::ast::{self, RowKind, Span, Type};
use crate::diagnostic::Diagnostic;
use crate::ir::{self, Range, Slot, SlotKind};

/// All tables with parameters and slots, rows still empty.
pub fn tables(symbols: &Symbols, diagnostics: &mut Vec<Diagnostic>) -> Vec<ir::Table> {
    symbols.tables.iter().map(|decl| table(symbols, decl, diagnostics)).collect()
}

fn table(symbols: &Symbols, decl: &TableDecl, diagnostics: &mut Vec<Diagnostic>) -> ir::Table {
    let TableDecl { part, item, table: decl } = *decl;
    let params = decl.params.iter().map(|param| parameter(symbols, part, param, diagnostics)).collect();
    let mut declare = Declare { symbols, part, slots: vec![], owner: vec![], diagnostics };
    declare.rows(&decl.rows);
    let mut slots = declare.slots;
    number_repeated(&mut slots);
    ir::Table {
        name: decl.name.text.clone(),
        part,
        key: decl.key.as_ref().map(|key| key.text.clone()),
        kind: decl.kind,
        clause: symbols.clause(part, item),
        number: item.table,
        doc: item.doc.clone(),
        span: item.span.clone(),
        params,
        forms: decl.forms.iter().map(|form| form.text.clone()).collect(),
        slots,
        rows: vec![],
        lines: vec![],
        min_bits: 0,
        fixed_bits: None,
    }
}

fn parameter(symbols: &Symbols, part: usize, param: &ast::Param, diagnostics: &mut Vec<Diagnostic>) -> ir::Param {
    let mut find = |name: &ast::Name| {
        symbols.table(part, &name.text).unwrap_or_else(|| {
            diagnostics.push(unknown("MG012", "table", &name.text, &name.span));
            0
        })
    };
    let kind = match &param.kind {
        ast::ParamKind::One(name) => ir::ParamKind::One(find(name)),
        ast::ParamKind::Many(name) => ir::ParamKind::Many(find(name)),
        ast::ParamKind::Grouped(name) => ir::ParamKind::Grouped(find(name)),
        ast::ParamKind::Number(from, to) => {
            let range = range(symbols, part, from, to, diagnostics).unwrap_or(Range::new(0, 0));
            ir::ParamKind::Number(range.low, range.high)
        }
    };
    ir::Param { name: param.name.text.clone(), kind }
}

/// A range as it is declared; what is wrong with it is reported.
pub fn range(symbols: &Symbols, part: usize, from: &ast::Expr, to: &ast::Expr, diagnostics: &mut Vec<Diagnostic>) -> Option<Range> {
    let low = constants::value(symbols, part, from, diagnostics);
    let high = constants::value(symbols, part, to, diagnostics);
    let (low, high) = (low?, high?);
    if low > high {
        let span = Span { file: from.span.file, bytes: from.span.bytes.start..to.span.bytes.end };
        diagnostics.push(Diagnostic::new("MG041", &span, "this range is empty", format!("{low} is more than {high}")));
        return None;
    }
    Some(Range::new(low, high))
}

/// Fields of one name in one structure are told apart by numbers from 1; only reserved ones may repeat.
fn number_repeated(slots: &mut [Slot]) {
    for number in 0..slots.len() {
        let Some((name, owner)) = slots.get(number).map(|slot| (slot.name.clone(), slot.owner.clone())) else { continue };
        let same: Vec<usize> = (0..slots.len()).filter(|&other| slots[other].name == name && slots[other].owner == owner).collect();
        if same.len() > 1 {
            for (ordinal, other) in same.into_iter().enumerate() {
                slots[other].ordinal = ordinal + 1;
            }
        }
    }
}

struct Declare<'a, 'd> {
    symbols: &'a Symbols<'a>,
    part: usize,
    slots: Vec<Slot>,
    owner: Vec<usize>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Declare<'_, '_> {
    fn rows(&mut self, rows: &[ast::Row]) {
        for row in rows {
            self.row(row);
        }
    }

    fn row(&mut self, row: &ast::Row) {
        match &row.kind {
            RowKind::Field(field) => self.field(field),
            RowKind::If { then, otherwise, .. } => {
                self.rows(then);
                self.rows(otherwise);
            }
            RowKind::For { var, name, body, .. } => {
                let number = self.add(&var.text, SlotKind::Variable, 0, &var.span);
                if name.is_some() {
                    self.owner.push(number);
                    self.rows(body);
                    self.owner.pop();
                } else {
                    self.rows(body);
                }
            }
            RowKind::Align { name } => {
                self.add(&name.text, SlotKind::Number, 0, &name.span);
            }
            RowKind::Let { name, .. } => {
                // The same `let` in the other branch of a choice.
                let same = |slot: &Slot| slot.name == name.text && slot.owner == self.owner && slot.kind == SlotKind::Let;
                if !self.slots.iter().any(same) {
                    self.add(&name.text, SlotKind::Let, 0, &name.span);
                }
            }
            RowKind::Assign { name, subs, .. } if subs.is_empty() && self.find(&name.text).is_none() => {
                self.add(&name.text, SlotKind::Let, 0, &name.span);
            }
            RowKind::Assign { .. } | RowKind::Mention(_) | RowKind::Remark(_) | RowKind::Require(_) | RowKind::Where(..) => {}
        }
    }

    fn field(&mut self, field: &ast::Field) {
        let kind = match &field.what {
            Type::Unsigned(_) if field.meaning.as_ref().is_some_and(|(name, _)| name.text == "bytes") => SlotKind::Bytes,
            Type::Unsigned(_) if is_bit_string(field) => SlotKind::Bits,
            Type::Unsigned(_) | Type::Fixed(_) => SlotKind::Number,
            Type::Ascii(bytes) => SlotKind::Ascii(match constants::value(self.symbols, self.part, bytes, self.diagnostics) {
                Some(bytes @ 1..=255) => bytes as u16,
                None => 1,
                Some(_) => {
                    self.diagnostics.push(Diagnostic::new("MG041", &bytes.span, "c(n) takes a number from 1 to 255", "not such a number"));
                    1
                }
            }),
            Type::Text(_) => SlotKind::Text,
            Type::Bytes(..) => SlotKind::Bytes,
            Type::Table(name, _) => match self.symbols.table(self.part, &name.text) {
                Some(table) => SlotKind::Table(table),
                None => {
                    self.diagnostics.push(unknown("MG012", "type, key or structure", &name.text, &name.span));
                    SlotKind::Number
                }
            },
        };
        // The last subscript of a byte string counts its bytes.
        let dims = if kind == SlotKind::Bytes && !field.subs.is_empty() { field.subs.len() - 1 } else { field.subs.len() };
        let dims = if field.many { 1 } else { dims };
        let repeatable = matches!(field.name.text.as_str(), "reserved" | "reserved_flag");
        match self.slots.iter().position(|slot| slot.name == field.name.text && slot.owner == self.owner) {
            Some(number) if !repeatable => self.merge(number, kind, dims, &field.name),
            _ => {
                self.add(&field.name.text, kind, dims, &field.name.span);
            }
        }
    }

    /// The same name again: the other branch of a choice, or an element of the same array.
    fn merge(&mut self, number: usize, kind: SlotKind, dims: usize, name: &ast::Name) {
        if self.slots.get(number).is_some_and(|slot| slot.kind != kind || slot.dims != dims) {
            let message = format!("`{}` stands here with another type or another number of subscripts", name.text);
            self.diagnostics.push(Diagnostic::new("MG013", &name.span, message, "differs from the first one"));
        }
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.slots.iter().position(|slot| slot.name == name && self.owner.starts_with(&slot.owner))
    }

    fn add(&mut self, name: &str, kind: SlotKind, dims: usize, span: &Span) -> usize {
        self.slots.push(Slot {
            name: name.to_owned(),
            kind,
            dims,
            kept: false,
            steers: false,
            owner: self.owner.clone(),
            ordinal: 0,
            always: false,
            counts: None,
            codes: None,
            value: None,
            range: Range::NONE,
            span: span.clone(),
        });
        self.slots.len() - 1
    }
}

/// `as checksum`, `as letters(..)` and `as bits` mark a string of bits that is not a number.
fn is_bit_string(field: &ast::Field) -> bool {
    field.meaning.as_ref().is_some_and(|(name, _)| matches!(name.text.as_str(), "checksum" | "letters" | "bits"))
}
