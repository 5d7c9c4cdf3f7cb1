//! Expressions as Rust: numbers are `i128`, conditions `bool`, structures references.

mod records;

use super::layout::{self, loop_name};
use super::lets::in_context;
use crate::ir::{Expr, Row, RowKind, Schema, Slot, SlotKind, Table, snake_case};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

/// Where an expression stands: in a reader, where fields are locals, or in a writer, where they are in the structure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Locals.
    Read,
    /// `self`.
    Write,
    /// A method of the type: `self`, and nothing can fail.
    Method,
}

/// The surroundings of an expression.
#[derive(Clone)]
pub struct Cx<'s> {
    /// All tables.
    pub schema: &'s Schema,
    /// The table at hand.
    pub table: &'s Table,
    /// Reader or writer.
    pub mode: Mode,
    /// The loops around, outermost first: variable, and whether the loop is named.
    pub loops: Vec<(usize, bool)>,
    /// The slots that have a value on every path of the scope at hand and those around it.
    pub given: Vec<usize>,
}

/// A number that may be absent.
enum Value {
    Plain(TokenStream),
    Optional(TokenStream),
}

impl<'s> Cx<'s> {
    /// The local that holds the number of a slot.
    pub fn number_local(&self, slot: usize) -> Ident {
        format_ident!("v{slot}_{}", self.slot(slot).map_or(String::new(), |slot| snake_case(&slot.name)))
    }

    /// The local that holds the value of a slot as it is stored.
    pub fn field_local(&self, slot: usize) -> Ident {
        format_ident!("f{slot}_{}", self.slot(slot).map_or(String::new(), |slot| snake_case(&slot.name)))
    }

    /// The local that holds the rounds of a named loop.
    pub fn elements_local(&self, var: usize) -> Ident {
        let name = loop_name(&self.table.rows, var).unwrap_or_default();
        format_ident!("l{var}_{}", snake_case(&name))
    }

    /// The structure, while writing, that holds the fields at this depth of named loops.
    pub fn source(&self, depth: usize) -> Ident {
        if depth == 0 { format_ident!("self") } else { format_ident!("e{depth}") }
    }

    /// A slot of this table.
    pub fn slot(&self, slot: usize) -> Option<&'s Slot> {
        self.table.slots.get(slot)
    }

    /// The bit at which an error is reported.
    pub fn position(&self) -> TokenStream {
        match self.mode {
            Mode::Read => quote!(r.position()),
            Mode::Write => quote!(w.position()),
            Mode::Method => quote!(0),
        }
    }

    /// An expression as a condition.
    pub fn condition(&self, expr: &Expr) -> TokenStream {
        match expr {
            Expr::Not(a) => {
                let a = self.condition(a);
                quote!((!#a))
            }
            Expr::Binary(op @ ("&&" | "||"), a, b) => {
                let (a, b) = (self.condition(a), self.condition(b));
                if *op == "&&" { quote!((#a && #b)) } else { quote!((#a || #b)) }
            }
            Expr::Binary(op @ ("==" | "!="), a, b) if is_text(a) || is_text(b) => {
                let (text, other) = if is_text(a) { (a, b) } else { (b, a) };
                let Expr::Text(text) = text.as_ref() else { return quote!(false) };
                let equal = self.text_equals(other, text);
                if *op == "==" { equal } else { quote!((!#equal)) }
            }
            Expr::Binary(op @ ("==" | "!=" | "<" | "<=" | ">" | ">="), a, b) => {
                let (a, b, op) = (self.number(a), self.number(b), sign(op));
                quote!((#a #op #b))
            }
            _ => {
                let value = self.number(expr);
                quote!((#value != 0))
            }
        }
    }

    fn text_equals(&self, expr: &Expr, text: &str) -> TokenStream {
        let (slot, value) = match expr {
            Expr::Slot(number) => (self.slot(*number), self.own(*number)),
            Expr::Member(base, table, number) => {
                let slot = self.schema.tables.get(*table).and_then(|table| table.slots.get(*number));
                let (base, field) = (self.record(base), slot.map(layout::field_name));
                (slot, quote!(#base.#field))
            }
            _ => (None, quote!("")),
        };
        match slot.map(|slot| slot.kind) {
            Some(SlotKind::Ascii(_)) => {
                let bytes = Literal::byte_string(text.as_bytes());
                quote!((#value.0.as_slice() == #bytes.as_slice()))
            }
            _ => quote!((#value.as_str() == #text)),
        }
    }

    /// The stored value of a slot of this table.
    fn own(&self, slot: usize) -> TokenStream {
        match (self.mode, self.slot(slot)) {
            (Mode::Read, _) | (_, None) => {
                let local = self.field_local(slot);
                quote!(#local)
            }
            (_, Some(declared)) => {
                let (source, field) = (self.source(declared.owner.len()), layout::field_name(declared));
                quote!(#source.#field)
            }
        }
    }

    /// An expression as a number.
    pub fn number(&self, expr: &Expr) -> TokenStream {
        match expr {
            Expr::Int(value) => {
                let value = Literal::i128_suffixed(*value);
                quote!(#value)
            }
            Expr::Text(_) => quote!(0i128),
            Expr::Param(param) => {
                let name = self.table.params.get(*param).map(|param| super::ident(&param.name));
                quote!(#name)
            }
            Expr::Slot(_) | Expr::Member(..) | Expr::Index(..) => match self.value(expr) {
                Value::Plain(value) => value,
                Value::Optional(value) => quote!(#value.unwrap_or_default()),
            },
            Expr::Not(_) => {
                let value = self.condition(expr);
                quote!(i128::from(#value))
            }
            Expr::Negate(a) => {
                let a = self.number(a);
                quote!((-#a))
            }
            Expr::Binary(op, a, b) => match *op {
                "&&" | "||" | "==" | "!=" | "<" | "<=" | ">" | ">=" => {
                    let value = self.condition(expr);
                    quote!(i128::from(#value))
                }
                _ => {
                    let (a, b, op) = (self.number(a), self.number(b), sign(op));
                    quote!((#a #op #b))
                }
            },
            Expr::Choose(c, a, b) => {
                let (c, a, b) = (self.condition(c), self.number(a), self.number(b));
                quote!((if #c { #a } else { #b }))
            }
            Expr::Default(a, b) => {
                let b = self.number(b);
                match self.value(a) {
                    Value::Plain(value) => value,
                    Value::Optional(value) => quote!((match #value { Some(value) => value, None => #b })),
                }
            }
            Expr::CeilDiv(a, b) => {
                let (a, b) = (self.number(a), self.number(b));
                quote!(::mpegg_runtime::typed::ceil_div(#a, #b))
            }
            Expr::CeilLog2(a) => {
                let a = self.number(a);
                quote!(::mpegg_runtime::typed::ceil_log2(#a))
            }
            Expr::Min(a, b) => {
                let (a, b) = (self.number(a), self.number(b));
                quote!(i128::min(#a, #b))
            }
            Expr::Max(a, b) => {
                let (a, b) = (self.number(a), self.number(b));
                quote!(i128::max(#a, #b))
            }
            Expr::Find(list, wanted) => self.find(list, wanted),
            Expr::Count(list) => {
                let (list, _) = self.list(list);
                quote!((#list.len() as i128))
            }
            Expr::Length => quote!(length),
            Expr::Remaining => quote!(i128::from(r.remaining())),
        }
    }

    fn value(&self, expr: &Expr) -> Value {
        let (base, indices) = unindex(expr);
        match base {
            Expr::Slot(slot) => {
                let Some(declared) = self.slot(*slot) else { return Value::Plain(quote!(0i128)) };
                if indices.is_empty() || self.is_current(*slot, &indices) {
                    let local = self.number_local(*slot);
                    let plain = self.mode != Mode::Method && (declared.kind == SlotKind::Variable || self.given.contains(slot));
                    return match (self.mode, plain) {
                        (Mode::Method, _) if in_context(self.table, *slot) => {
                            let (method, arguments) = (super::ident(&declared.name), super::arguments(self.schema, self.table));
                            Value::Plain(quote!(self.#method(#(#arguments),*)?))
                        }
                        (Mode::Method, _) => self.element(quote!(self), 0, self.table, *slot, &indices),
                        (_, true) => Value::Plain(quote!(#local)),
                        (_, false) => Value::Optional(quote!(#local)),
                    };
                }
                self.completed(*slot, &indices)
            }
            Expr::Member(record, table, slot) => {
                let Some(table) = self.schema.tables.get(*table) else { return Value::Plain(quote!(0i128)) };
                let record = self.record(record);
                self.element(record, 0, table, *slot, &indices)
            }
            _ => Value::Plain(self.number(expr)),
        }
    }

    /// Whether these subscripts are those of the round at hand.
    fn is_current(&self, slot: usize, indices: &[&Expr]) -> bool {
        let open = |expr: &&Expr| matches!(expr, Expr::Slot(var) if self.loops.iter().any(|(open, _)| open == var));
        indices.iter().all(open) && subscripts(&self.table.rows, slot).iter().any(|subs| subs.iter().eq(indices.iter().copied()))
    }

    /// An element of an array of this table that was read (or is written) before.
    fn completed(&self, slot: usize, indices: &[&Expr]) -> Value {
        let Some(declared) = self.slot(slot) else { return Value::Plain(quote!(0i128)) };
        if self.mode == Mode::Read {
            if let Some(var) = declared.owner.first() {
                let elements = self.elements_local(*var);
                return self.of_elements(quote!(#elements), 0, self.table, slot, indices);
            }
            let list = self.field_local(slot);
            return self.of_list(quote!(#list), declared, indices.last().copied());
        }
        self.element(quote!(self), 0, self.table, slot, indices)
    }

    /// Field `slot` of a structure of `table`, at the depth of named loops that `record` stands for.
    fn element(&self, record: TokenStream, depth: usize, table: &Table, slot: usize, indices: &[&Expr]) -> Value {
        let Some(declared) = table.slots.get(slot) else { return Value::Plain(quote!(0i128)) };
        if declared.kind == SlotKind::Let {
            let method = super::ident(&declared.name);
            return Value::Plain(quote!(#record.#method()));
        }
        if let Some(counted) = declared.counts
            && declared.owner.len() == depth
        {
            let name = count_field(table, slot, counted);
            return Value::Plain(quote!((::mpegg_runtime::typed::Counted::count(&#record.#name) as i128)));
        }
        match declared.owner.get(depth) {
            Some(var) => {
                let name = super::ident(&loop_name(&table.rows, *var).unwrap_or_default());
                self.of_elements(quote!(#record.#name), depth, table, slot, indices)
            }
            None => {
                let field = layout::field_name(declared);
                let list = self.is_list(table, slot);
                if list {
                    return self.of_list(quote!(#record.#field), declared, indices.last().copied());
                }
                let number = to_number(declared, quote!(value));
                if is_optional(table, slot) {
                    Value::Optional(quote!(#record.#field.map(|value| #number)))
                } else {
                    Value::Plain(to_number(declared, quote!(#record.#field)))
                }
            }
        }
    }

    fn of_elements(&self, elements: TokenStream, depth: usize, table: &Table, slot: usize, indices: &[&Expr]) -> Value {
        let Some(declared) = table.slots.get(slot) else { return Value::Plain(quote!(0i128)) };
        let var = declared.owner.get(depth).copied().unwrap_or_default();
        let subs = subscripts(&table.rows, slot).into_iter().next().unwrap_or_default();
        let place = subs.iter().position(|sub| *sub == Expr::Slot(var)).unwrap_or(depth);
        let index = indices.get(place).map_or(quote!(0i128), |index| self.number(index));
        let (name, position) = (&declared.name, self.position());
        let element = quote!(::mpegg_runtime::typed::element(&#elements, #index, #name, #position)?);
        self.element(element, depth + 1, table, slot, indices)
    }

    fn of_list(&self, list: TokenStream, declared: &Slot, index: Option<&Expr>) -> Value {
        let index = index.map_or(quote!(0i128), |index| self.number(index));
        let (name, position) = (&declared.name, self.position());
        Value::Plain(to_number(declared, quote!((*::mpegg_runtime::typed::element(&#list, #index, #name, #position)?))))
    }

    fn is_list(&self, table: &Table, slot: usize) -> bool {
        table.slots.get(slot).is_some_and(|slot| slot.dims > slot.owner.len())
    }
}

/// `a[i][j]` as `a` and its subscripts.
fn unindex(expr: &Expr) -> (&Expr, Vec<&Expr>) {
    let mut indices = vec![];
    let mut base = expr;
    while let Expr::Index(list, index) = base {
        indices.insert(0, index.as_ref());
        base = list;
    }
    (base, indices)
}

fn is_text(expr: &Expr) -> bool {
    matches!(expr, Expr::Text(_))
}

fn sign(op: &str) -> TokenStream {
    op.parse().unwrap_or_default()
}

/// A stored value as `i128`.
pub fn to_number(slot: &Slot, value: TokenStream) -> TokenStream {
    if slot.codes.is_some() { quote!(i128::from(#value.code())) } else { quote!(i128::from(#value)) }
}

/// The subscripts with which a slot occurs.
pub fn subscripts(rows: &[Row], wanted: usize) -> Vec<Vec<Expr>> {
    let mut found = vec![];
    for row in rows {
        match &row.kind {
            RowKind::Field(field) if field.slot == wanted => found.push(field.subs.clone()),
            RowKind::If { then, otherwise, .. } => {
                found.extend(subscripts(then, wanted));
                found.extend(subscripts(otherwise, wanted));
            }
            RowKind::For { body, .. } => found.extend(subscripts(body, wanted)),
            _ => {}
        }
    }
    found
}

/// The Rust field that a derived count counts.
pub fn count_field(table: &Table, count: usize, counted: usize) -> Ident {
    let depth = table.slots.get(count).map_or(0, |slot| slot.owner.len());
    match table.slots.get(counted) {
        Some(slot) => match slot.owner.get(depth) {
            Some(var) => super::ident(&loop_name(&table.rows, *var).unwrap_or_default()),
            None => layout::field_name(slot),
        },
        None => format_ident!("missing"),
    }
}

fn is_optional(table: &Table, slot: usize) -> bool {
    optional_in(&layout::of_table(table), slot)
}

fn is_optional_in_loop(table: &Table, slot: usize) -> bool {
    is_optional(table, slot)
}

fn optional_in(structure: &layout::Structure, slot: usize) -> bool {
    structure.items.iter().any(|item| match item {
        layout::Item::Value(value) => value.slot == slot && value.optional,
        layout::Item::Elements { structure, .. } => optional_in(structure, slot),
    })
}
