//! Expressions as Rust: numbers are `i128`, conditions `bool`, structures references.

use super::layout::{self, loop_name};
use super::types::is_number;
use crate::ir::{Expr, ParamKind, Row, RowKind, Schema, Slot, SlotKind, Table, snake_case};
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

    /// An expression as a structure.
    pub fn record(&self, expr: &Expr) -> TokenStream {
        let (base, indices) = unindex(expr);
        let position = self.position();
        match base {
            Expr::Param(param) => {
                let Some(param) = self.table.params.get(*param) else { return quote!(()) };
                let (name, text) = (super::ident(&param.name), &param.name);
                let indexed = |list: TokenStream, index: &Expr| {
                    let index = self.number(index);
                    quote!(::mpegg_runtime::typed::element(&#list, #index, #text, #position)?)
                };
                indices.iter().fold(quote!(#name), |list, index| indexed(list, index))
            }
            Expr::Slot(slot) if indices.is_empty() || self.is_current(*slot, &indices) => {
                let own = self.own(*slot);
                if indices.is_empty() || self.mode != Mode::Write || !self.is_list(self.table, *slot) {
                    quote!(#own)
                } else {
                    let index = indices.last().map(|index| self.number(index));
                    quote!(::mpegg_runtime::typed::element(&#own, #index, "", #position)?)
                }
            }
            Expr::Slot(slot) => self.record_element(self.table, *slot, &indices, None),
            Expr::Member(record, table, slot) => {
                let Some(table) = self.schema.tables.get(*table) else { return quote!(()) };
                let record = self.record(record);
                self.record_element(table, *slot, &indices, Some(record))
            }
            _ => quote!(()),
        }
    }

    fn record_element(&self, table: &Table, slot: usize, indices: &[&Expr], record: Option<TokenStream>) -> TokenStream {
        let Some(declared) = table.slots.get(slot) else { return quote!(()) };
        let (name, position, field) = (&declared.name, self.position(), layout::field_name(declared));
        let index = indices.last().map(|index| self.number(index));
        match (declared.owner.first(), record) {
            (Some(var), record) => {
                let elements = match record {
                    Some(record) => {
                        let name = super::ident(&loop_name(&table.rows, *var).unwrap_or_default());
                        quote!(#record.#name)
                    }
                    None if self.mode == Mode::Read => {
                        let local = self.elements_local(*var);
                        quote!(#local)
                    }
                    None => {
                        let name = super::ident(&loop_name(&table.rows, *var).unwrap_or_default());
                        quote!(self.#name)
                    }
                };
                quote!(::mpegg_runtime::typed::element(&#elements, #index, #name, #position)?.#field)
            }
            (None, Some(record)) if indices.is_empty() => quote!(#record.#field),
            (None, record) => {
                let list = record.map_or_else(|| self.own(slot), |record| quote!(#record.#field));
                quote!((*::mpegg_runtime::typed::element(&#list, #index, #name, #position)?))
            }
        }
    }

    /// A list: what can be iterated, and how an item of it becomes a number.
    fn list(&self, expr: &Expr) -> (TokenStream, Items) {
        match expr {
            Expr::Slot(slot) => {
                let Some(declared) = self.slot(*slot) else { return (quote!([0i128; 0]), Items::Numbers(quote!(*item))) };
                match declared.owner.first() {
                    Some(var) if self.mode == Mode::Read => {
                        let local = self.elements_local(*var);
                        self.items(quote!(#local), self.table, *slot)
                    }
                    _ => {
                        let record = quote!(self);
                        if self.mode == Mode::Read {
                            let local = self.field_local(*slot);
                            let number = to_number(declared, quote!((*item)));
                            return (quote!(#local), Items::Numbers(quote!(Some(#number))));
                        }
                        self.member_list(record, self.table, *slot)
                    }
                }
            }
            Expr::Member(base, table, slot) => {
                let Some(inner) = self.schema.tables.get(*table) else { return (quote!([0i128; 0]), Items::Numbers(quote!(*item))) };
                if self.is_record_list(base) {
                    let list = self.record(base);
                    let Some(declared) = inner.slots.get(*slot) else { return (list, Items::Numbers(quote!(None))) };
                    let field = layout::field_name(declared);
                    let number = to_number(declared, quote!(value));
                    let item =
                        if is_optional(inner, *slot) { quote!(item.#field.map(|value| #number)) } else { quote!(Some({ let value = item.#field; #number })) };
                    return (list, Items::Numbers(item));
                }
                let record = self.record(base);
                self.member_list(record, inner, *slot)
            }
            _ => (quote!([0i128; 0]), Items::Numbers(quote!(None))),
        }
    }

    fn member_list(&self, record: TokenStream, table: &Table, slot: usize) -> (TokenStream, Items) {
        let Some(declared) = table.slots.get(slot) else { return (record, Items::Numbers(quote!(None))) };
        match declared.owner.first() {
            Some(var) => {
                let name = super::ident(&loop_name(&table.rows, *var).unwrap_or_default());
                self.items(quote!(#record.#name), table, slot)
            }
            None => {
                let field = layout::field_name(declared);
                let number = to_number(declared, quote!((*item)));
                (quote!(#record.#field), Items::Numbers(quote!(Some(#number))))
            }
        }
    }

    /// The rounds of a named loop as a list of one of its fields.
    fn items(&self, elements: TokenStream, table: &Table, slot: usize) -> (TokenStream, Items) {
        let Some(declared) = table.slots.get(slot) else { return (elements, Items::Numbers(quote!(None))) };
        let field = layout::field_name(declared);
        if self.is_list(table, slot) {
            let number = to_number(declared, quote!((*value)));
            return (elements, Items::Rows(quote!(item.#field.iter().any(|value| #number == wanted))));
        }
        let number = to_number(declared, quote!(value));
        let item = if is_optional_in_loop(table, slot) { quote!(item.#field.map(|value| #number)) } else { quote!(Some({ let value = item.#field; #number })) };
        (elements, Items::Numbers(item))
    }

    fn is_record_list(&self, expr: &Expr) -> bool {
        let (base, indices) = unindex(expr);
        match base {
            Expr::Param(param) => match self.table.params.get(*param).map(|param| param.kind) {
                Some(ParamKind::Many(_)) => indices.is_empty(),
                Some(ParamKind::Grouped(_)) => indices.len() == 1,
                _ => false,
            },
            Expr::Member(_, table, slot) => {
                indices.is_empty()
                    && self.schema.tables.get(*table).and_then(|table| table.slots.get(*slot)).is_some_and(|slot| slot.owner.is_empty() && slot.dims == 1)
            }
            _ => false,
        }
    }

    fn find(&self, list: &Expr, wanted: &Expr) -> TokenStream {
        let wanted = self.number(wanted);
        let (list, items) = self.list(list);
        let test = match items {
            Items::Numbers(item) => quote!(#item == Some(wanted)),
            Items::Rows(test) => test,
        };
        quote!({
            let wanted: i128 = #wanted;
            ::mpegg_runtime::typed::position(#list.iter().position(|item| #test))
        })
    }
}

enum Items {
    /// An expression over `item`: `Option<i128>`.
    Numbers(TokenStream),
    /// An expression over `item` and `wanted`: whether the row contains the value.
    Rows(TokenStream),
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

/// A method for each `let` that depends on nothing but fields, and for each that reading needs and that depends on the context too.
pub fn let_methods(schema: &Schema, table: &Table) -> TokenStream {
    let cx = Cx { schema, table, mode: Mode::Method, loops: vec![], given: vec![] };
    let lets = table.slots.iter().zip(0..).filter(|(slot, _)| slot.kind == SlotKind::Let && slot.owner.is_empty());
    let methods = lets.filter_map(|(slot, number)| {
        let value = slot.value.as_ref()?;
        let name = super::ident(&slot.name);
        if in_context(table, number) {
            if !slot.steers || !computable(table, value) {
                return None;
            }
            let (value, signature) = (cx.number(value), super::signature(schema, table));
            let doc = format!("`{}`: a value that no bits carry, from this structure and what it depends on.", slot.name);
            return Some(quote! {
                #[doc = #doc]
                ///
                /// # Errors
                ///
                /// A structure given as context that lacks what this one refers to.
                pub fn #name(&self, #(#signature),*) -> ::mpegg_runtime::Result<i128> {
                    Ok(#value)
                }
            });
        }
        let of_let = |expr: &Expr| matches!(expr, Expr::Slot(number) if table.slots.get(*number).is_some_and(|other| other.kind == SlotKind::Let && other.value.is_none()));
        if value.any(&of_let) || !pure(table, value) {
            return None;
        }
        let value = cx.number(value);
        let doc = format!("`{}`: a value that no bits carry.", slot.name);
        Some(quote! {
            #[doc = #doc]
            pub fn #name(&self) -> i128 {
                #value
            }
        })
    });
    quote!(#(#methods)*)
}

/// Whether an expression uses what a structure alone does not say.
fn foreign(expr: &Expr) -> bool {
    expr.any(&|expr| matches!(expr, Expr::Param(_) | Expr::Length | Expr::Remaining | Expr::Index(..) | Expr::Find(..)))
}

/// Whether a `let` depends on the context, by itself or through others.
fn in_context(table: &Table, slot: usize) -> bool {
    let Some(Slot { kind: SlotKind::Let, value: Some(value), .. }) = table.slots.get(slot) else { return false };
    foreign(value) || value.any(&|expr| matches!(expr, Expr::Slot(other) if *other < slot && in_context(table, *other)))
}

/// Whether the context and the structure are enough: no bits left, no rounds of loops.
fn computable(table: &Table, value: &Expr) -> bool {
    !value.any(&|expr| match expr {
        Expr::Length | Expr::Remaining => true,
        Expr::Slot(number) => !table.slots.get(*number).is_some_and(|slot| {
            let known = slot.kind != SlotKind::Let || slot.steers && slot.value.as_ref().is_some_and(|value| computable(table, value));
            known && is_number(slot) && slot.owner.is_empty() && slot.dims == 0
        }),
        _ => false,
    })
}

/// Whether an expression uses only numbers that the structure itself holds.
fn pure(table: &Table, expr: &Expr) -> bool {
    let own = |expr: &Expr| match expr {
        Expr::Slot(number) => table.slots.get(*number).is_some_and(|slot| {
            let fine = slot.kind != SlotKind::Let || slot.value.as_ref().is_some_and(|value| !foreign(value) && pure(table, value));
            is_number(slot) && slot.owner.is_empty() && slot.dims == 0 && fine
        }),
        Expr::Member(..) => false,
        _ => true,
    };
    !expr.any(&|expr| !own(expr))
}
