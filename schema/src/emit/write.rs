//! The writer of a table: the same rows as the reader, from the structure.

use super::expr::{Cx, Mode, count_field, to_number};
use super::layout::{self, Structure};
use super::read::{embedded_arguments, find_structure, start_of};
use super::{arguments, signature};
use crate::ir::{Expr, Field, Range, Row, RowKind, Schema, SlotKind, Table, Until, What, snake_case};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

/// The methods `write` and `bits`.
pub fn writer(schema: &Schema, table: &Table, structure: &Structure) -> TokenStream {
    let (signature, arguments) = (signature(schema, table), arguments(schema, table));
    let cx = Cx { schema, table, mode: Mode::Write, loops: vec![], given: layout::given(&table.rows) };
    let writer = Writer { cx, schema, table, column: false };
    let choices = writer.choices(&table.rows);
    let body = writer.rows(&table.rows, false);
    let form = (!table.forms.is_empty() && structure.owner.is_empty()).then(|| quote!(let form = self.form;));
    let start = start_of(table, quote!(w));
    quote! {
        /// Writes the structure (of a box: the Value) at this bit. Counts are those of the lists.
        ///
        /// # Errors
        ///
        /// A value that does not fit its bits, a field that is absent although its condition holds, a list of another length than
        /// a field says; with the field and the table.
        pub fn write(&self, w: &mut ::mpegg_runtime::bits::BitWriter, #(#signature),*) -> ::mpegg_runtime::Result<()> {
            self.write_rows(w, #(#arguments),*).map_err(|error| error.in_table(Self::TABLE.name, Self::TABLE.clause, Self::TABLE.number))
        }

        /// The size of the structure (of a box: the Value) in bits.
        ///
        /// # Errors
        ///
        /// As [`write`](Self::write).
        pub fn bits(&self, #(#signature),*) -> ::mpegg_runtime::Result<u64> {
            let mut w = ::mpegg_runtime::bits::BitWriter::new();
            self.write(&mut w, #(#arguments),*)?;
            Ok(w.position())
        }

        fn write_rows(&self, w: &mut ::mpegg_runtime::bits::BitWriter, #(#signature),*) -> ::mpegg_runtime::Result<()> {
            let start = #start;
            #form
            #choices
            #body
            Ok(())
        }
    }
}

struct Writer<'s> {
    cx: Cx<'s>,
    schema: &'s Schema,
    table: &'s Table,
    column: bool,
}

impl<'s> Writer<'s> {
    fn inside(&self, var: usize, named: bool, body: &[Row], column: bool) -> Writer<'s> {
        let mut cx = self.cx.clone();
        cx.loops.push((var, named));
        cx.given.extend(layout::given(body));
        Writer { cx, schema: self.schema, table: self.table, column }
    }

    /// Declares the numbers that choices give.
    fn choices(&self, rows: &[Row]) -> TokenStream {
        let mut slots: Vec<usize> = vec![];
        chosen_numbers(rows, false, &mut slots);
        slots.sort_unstable();
        slots.dedup();
        let declared = slots.into_iter().map(|slot| {
            let Some(entry) = self.table.slots.get(slot).filter(|entry| entry.steers && super::types::is_number(entry)) else { return quote!() };
            let _ = entry;
            let number = self.cx.number_local(slot);
            if self.cx.given.contains(&slot) { quote!(let #number: i128;) } else { quote!(let mut #number: Option<i128> = None;) }
        });
        quote!(#(#declared)*)
    }

    fn rows(&self, rows: &[Row], in_choice: bool) -> TokenStream {
        let rows = rows.iter().map(|row| {
            let tokens = self.row(row, in_choice);
            match row.form {
                Some(form) => {
                    let form = form as u8;
                    quote!(if form == #form { #tokens })
                }
                None => tokens,
            }
        });
        quote!(#(#rows)*)
    }

    fn row(&self, row: &Row, in_choice: bool) -> TokenStream {
        match &row.kind {
            RowKind::Field(field) => self.field(field, in_choice || row.form.is_some()),
            RowKind::If { cond, then, otherwise } => {
                let (cond, then, otherwise) = (self.cx.condition(cond), self.rows(then, true), self.rows(otherwise, true));
                quote!(if #cond { #then } else { #otherwise })
            }
            RowKind::For { .. } => self.for_loop(row),
            RowKind::Align { slot } => {
                let value = self.stored(*slot, None);
                quote!(w.pad(start, #value)?;)
            }
            RowKind::Let { slot, value, check, on_length, again } => self.let_row(*slot, value, *check, *on_length, *again, in_choice),
            RowKind::Element { slot, subs, value } => {
                let (index, value) = (subs.last().map(|sub| self.cx.number(sub)), self.cx.number(value));
                let Some(entry) = self.table.slots.get(*slot) else { return quote!() };
                let (list, name) = (self.field_of(*slot), &entry.name);
                let found = to_number(entry, quote!((*::mpegg_runtime::typed::element(&#list, #index, #name, w.position())?)));
                quote!(::mpegg_runtime::typed::implied(#found, #value, #name, w.position())?;)
            }
            RowKind::Require(cond) => {
                let text = format!("`{}` does not hold", crate::export::expression(self.schema, self.table, cond));
                let on_length = cond.any(&|expr| matches!(expr, Expr::Length | Expr::Remaining));
                let cond = self.cx.condition(cond);
                if on_length { quote!() } else { quote!(if !(#cond) { return Err(::mpegg_runtime::Error::malformed(w.position(), #text)); }) }
            }
            RowKind::Where(..) | RowKind::Child { .. } | RowKind::Remark => quote!(),
        }
    }

    fn let_row(&self, slot: usize, value: &Expr, check: Range, on_length: bool, again: bool, in_choice: bool) -> TokenStream {
        let Some(entry) = self.table.slots.get(slot).filter(|entry| entry.steers) else { return quote!() };
        let (local, name) = (self.cx.number_local(slot), &entry.name);
        let value = if on_length { quote!(0i128) } else { self.cx.number(value) };
        let value = if check.low > -(1 << 66) {
            let (low, high) = (Literal::i128_suffixed(check.low), Literal::i128_suffixed(check.high));
            quote!(::mpegg_runtime::typed::within(#value, #low, #high, #name, w.position())?)
        } else {
            value
        };
        let given = self.cx.given.contains(&slot);
        match (again, in_choice && !given, in_choice) {
            (true, ..) => quote!(#local = #value;),
            (_, true, _) => quote!(#local = Some(#value);),
            (_, _, true) => quote!(#local = #value;),
            _ => quote!(let mut #local: i128 = #value;),
        }
    }

    fn for_loop(&self, row: &Row) -> TokenStream {
        let RowKind::For { var, from, until, name, columns, body, .. } = &row.kind else { return quote!() };
        let variable = self.cx.number_local(*var);
        let from = self.cx.number(from);
        let open = match until {
            Until::While(_) => true,
            Until::Below(until) => until.any(&|expr| match expr {
                Expr::Length | Expr::Remaining => true,
                Expr::Slot(slot) => on_length(&self.table.rows, *slot),
                _ => false,
            }),
        };
        let until = match until {
            Until::Below(until) if !open => Some(self.cx.number(until)),
            _ => None,
        };
        let structure = name.as_ref().and_then(|_| find_structure(&layout::of_table(self.table), *var)).filter(|_| !columns);
        match (structure, name) {
            (Some(structure), Some(name)) => {
                let inner = self.inside(*var, true, body, false);
                let (list, element) = (self.elements_of(&structure, name), self.cx.source(structure.owner.len()));
                let (choices, statements) = (inner.choices(body), inner.rows(body, false));
                let check = until.map(|until| quote!(::mpegg_runtime::typed::same_count(#list.len(), i128::max(#until - from, 0), #name, w.position())?;));
                quote! {
                    let from: i128 = #from;
                    #check
                    let mut #variable: i128 = from;
                    for #element in &#list {
                        #choices
                        #statements
                        #variable += 1;
                    }
                }
            }
            _ => self.plain_loop(row, &variable, from, until),
        }
    }

    /// A loop whose fields are lists: of its only field, or columns.
    fn plain_loop(&self, row: &Row, variable: &Ident, from: TokenStream, until: Option<TokenStream>) -> TokenStream {
        let RowKind::For { var, columns, body, name, .. } = &row.kind else { return quote!() };
        let column = self.column || *columns;
        let inner = self.inside(*var, name.is_some(), body, column);
        let (choices, statements) = (inner.choices(body), inner.rows(body, false));
        let compact = if *columns { quote!() } else { self.compact(body) };
        let iterators = columns.then(|| {
            let structure = find_structure(&layout::of_table(self.table), *var);
            let source = self.source_for(structure.as_ref().map_or(0, |structure| structure.owner.len().saturating_sub(1)));
            let field = name.as_ref().map(|name| super::ident(name));
            let slots = structure.as_ref().map(super::read::list_slots).unwrap_or_default();
            let declared = slots.into_iter().map(|slot| {
                let (local, column) = (self.column_local(slot), self.table.slots.get(slot).map(layout::field_name));
                quote!(let mut #local = #source.#field.#column.iter();)
            });
            quote!(#(#declared)*)
        });
        let until = until.unwrap_or_else(|| {
            // The bits decide while reading; while writing, the list does.
            let slot = first_list(self.table, body);
            let list = slot.map(|slot| self.field_of(slot));
            quote!((#from + #list.len() as i128))
        });
        quote! {
            let until: i128 = #until;
            #iterators
            #compact
            let mut #variable: i128 = #from;
            while #variable < until {
                #choices
                #statements
                #variable += 1;
            }
        }
    }

    /// Lists that have elements for some rounds only are written one element behind the other.
    fn compact(&self, body: &[Row]) -> TokenStream {
        let declared = compact_slots(body).into_iter().map(|slot| {
            let (local, list) = (self.column_local(slot), self.field_of(slot));
            quote!(let mut #local = #list.iter();)
        });
        quote!(#(#declared)*)
    }

    fn column_local(&self, slot: usize) -> Ident {
        format_ident!("c{slot}_{}", self.table.slots.get(slot).map_or(String::new(), |slot| snake_case(&slot.name)))
    }

    fn source_for(&self, depth: usize) -> Ident {
        self.cx.source(depth)
    }

    fn elements_of(&self, structure: &Structure, name: &str) -> TokenStream {
        let source = self.source_for(structure.owner.len().saturating_sub(1));
        let field = super::ident(name);
        quote!(#source.#field)
    }

    /// The field of a slot in the structure that holds it.
    fn field_of(&self, slot: usize) -> TokenStream {
        let Some(entry) = self.table.slots.get(slot) else { return quote!() };
        let (source, field) = (self.source_for(entry.owner.len()), layout::field_name(entry));
        quote!(#source.#field)
    }

    /// A reference to the stored value of a slot, or an error where it is absent; for numbers the number itself.
    fn stored(&self, slot: usize, field: Option<&Field>) -> TokenStream {
        let Some(entry) = self.table.slots.get(slot) else { return quote!(0) };
        let (place, name) = (self.field_of(slot), &entry.name);
        let structure = layout::of_table(self.table);
        let list = super::read::list_slots(&structure).contains(&slot);
        if self.column && list {
            let column = self.column_local(slot);
            let next = quote!(::mpegg_runtime::typed::next(&mut #column, #name, w.position())?);
            return if layout::is_wide(entry) { next } else { quote!((*#next)) };
        }
        let subs: &[Expr] = field.map_or(&[], |field| &field.subs);
        if list && all_compact(&self.table.rows).contains(&slot) {
            let column = self.column_local(slot);
            let next = quote!(::mpegg_runtime::typed::next(&mut #column, #name, w.position())?);
            return if super::types::is_number(entry) { quote!((*#next)) } else { next };
        }
        if list {
            let index = subs.last().map_or(quote!(0i128), |sub| self.cx.number(sub));
            let element = quote!(::mpegg_runtime::typed::element(&#place, #index, #name, w.position())?);
            return if super::types::is_number(entry) { quote!((*#element)) } else { element };
        }
        if entry.name == "nesting_zero_bit" {
            return if optional(&structure, slot) { quote!(#place.unwrap_or_default()) } else { place };
        }
        match (optional(&structure, slot), super::types::is_number(entry)) {
            (true, true) => quote!(::mpegg_runtime::typed::present(#place, #name, w.position())?),
            (true, false) => quote!(::mpegg_runtime::typed::present(#place.as_ref(), #name, w.position())?),
            (false, true) => place,
            (false, false) => quote!((&#place)),
        }
    }

    fn field(&self, field: &Field, in_choice: bool) -> TokenStream {
        let Some(slot) = self.table.slots.get(field.slot) else { return quote!() };
        let path = self.path(field);
        let value = if let Some(counted) = slot.counts {
            let (source, name) = (self.source_for(slot.owner.len()), count_field(self.table, field.slot, counted));
            quote!((::mpegg_runtime::typed::Counted::count(&#source.#name) as i128))
        } else if super::types::is_number(slot) && !(matches!(field.what, What::Fixed(..)) && field.subs.is_empty()) {
            to_number(slot, self.stored(field.slot, Some(field)))
        } else {
            self.stored(field.slot, Some(field))
        };
        let tokens = match &field.what {
            What::Fixed(bits, value) if field.subs.is_empty() => quote!(w.write::<#bits>(#value)#path?;),
            What::Unsigned(Expr::Int(bits)) => {
                let bits = u32::try_from(*bits).unwrap_or(0);
                quote!(w.write::<#bits>(::mpegg_runtime::typed::unsigned(value))#path?;)
            }
            What::Fixed(bits, _) => quote!(w.write::<#bits>(::mpegg_runtime::typed::unsigned(value))#path?;),
            What::Unsigned(width) => {
                let width = self.cx.number(width);
                quote!(w.unsigned(::mpegg_runtime::typed::unsigned(value), (#width) as u64)#path?;)
            }
            What::Bits(width) | What::Letters(width, _) => {
                let width = self.cx.number(width);
                let name = &slot.name;
                quote!(::mpegg_runtime::typed::same_count(value.bits() as usize, #width, #name, w.position())#path?; w.bit_string(value);)
            }
            What::Ascii(_) => quote!(w.ascii(value);),
            What::Text(limit) => {
                let limit = u64::from(*limit);
                quote!(w.text(value, #limit)#path?;)
            }
            What::Bytes(None) => quote!(w.bytes(value);),
            What::Bytes(Some(size)) => {
                let (size, name) = (self.cx.number(size), &slot.name);
                quote!(::mpegg_runtime::typed::same_count(value.len(), #size, #name, w.position())#path?; w.bytes(value);)
            }
            What::Table { table, args, or_offs, deferred } => {
                let Some(inner) = self.schema.tables.get(*table) else { return quote!() };
                let args = embedded_arguments(self.schema, inner, args, &self.cx);
                match (deferred, or_offs, inner.key.is_some()) {
                    (Some(_), ..) => quote!(value.write(w);),
                    (_, true, _) => quote!(value.write(w, |value, w| value.write_box(w, #(#args),*).map(|_| ()))#path?;),
                    (_, _, true) => quote!(value.write_box(w, #(#args),*)#path?;),
                    _ => quote!(value.write(w, #(#args),*)#path?;),
                }
            }
        };
        let steered = (slot.steers && super::types::is_number(slot)).then(|| {
            let number = self.cx.number_local(field.slot);
            let given = self.cx.given.contains(&field.slot);
            match (in_choice && !given, in_choice) {
                (true, _) => quote!(#number = Some(value);),
                (_, true) => quote!(#number = value;),
                _ => quote!(let #number: i128 = value;),
            }
        });
        let scalar_pattern = matches!(field.what, What::Fixed(..)) && field.subs.is_empty();
        if scalar_pattern { tokens } else { quote!(let value = #value; #tokens #steered) }
    }

    fn path(&self, field: &Field) -> TokenStream {
        let name = self.table.slots.get(field.slot).map_or("", |slot| slot.name.as_str());
        let subs = field.subs.iter().map(|sub| {
            let sub = self.cx.number(sub);
            quote!((#sub) as u64)
        });
        quote!(.map_err(|error| error.in_field(#name, &[#(#subs),*])))
    }
}

fn chosen_numbers(rows: &[Row], in_choice: bool, found: &mut Vec<usize>) {
    for row in rows {
        let in_choice = in_choice || row.form.is_some();
        match &row.kind {
            RowKind::Field(field) if in_choice => found.push(field.slot),
            RowKind::Let { slot, again: false, .. } if in_choice => found.push(*slot),
            RowKind::If { then, otherwise, .. } => {
                chosen_numbers(then, true, found);
                chosen_numbers(otherwise, true, found);
            }
            _ => {}
        }
    }
}

/// The fields of a loop without a name that some of its rounds lack.
fn compact_slots(body: &[Row]) -> Vec<usize> {
    fn fields(rows: &[Row], found: &mut Vec<usize>, elements: &mut Vec<usize>) {
        for row in rows {
            match &row.kind {
                RowKind::Field(field) => found.push(field.slot),
                RowKind::Element { slot, .. } => elements.push(*slot),
                RowKind::If { then, otherwise, .. } => {
                    fields(then, found, elements);
                    fields(otherwise, found, elements);
                }
                _ => {}
            }
        }
    }
    let (mut found, mut elements) = (vec![], vec![]);
    fields(body, &mut found, &mut elements);
    let given = layout::given(body);
    found.retain(|slot| !given.contains(slot) && !elements.contains(slot));
    found.dedup();
    found
}

/// The same for all such loops of a table.
fn all_compact(rows: &[Row]) -> Vec<usize> {
    rows.iter()
        .flat_map(|row| match &row.kind {
            RowKind::For { name: None, columns: false, body, .. } => compact_slots(body),
            RowKind::For { body, .. } => all_compact(body),
            RowKind::If { then, otherwise, .. } => [all_compact(then), all_compact(otherwise)].concat(),
            _ => vec![],
        })
        .collect()
}

/// Whether a `let` depends on the Length of the box.
fn on_length(rows: &[Row], wanted: usize) -> bool {
    rows.iter().any(|row| match &row.kind {
        RowKind::Let { slot, on_length, .. } => *slot == wanted && *on_length,
        RowKind::If { then, otherwise, .. } => on_length(then, wanted) || on_length(otherwise, wanted),
        RowKind::For { body, .. } => on_length(body, wanted),
        _ => false,
    })
}

fn first_list(table: &Table, rows: &[Row]) -> Option<usize> {
    rows.iter().find_map(|row| match &row.kind {
        RowKind::Field(field) if table.slots.get(field.slot).is_some_and(|slot| slot.counts.is_none() && slot.kind != SlotKind::Let) => Some(field.slot),
        RowKind::If { then, otherwise, .. } => first_list(table, then).or_else(|| first_list(table, otherwise)),
        _ => None,
    })
}

fn optional(structure: &Structure, slot: usize) -> bool {
    structure.items.iter().any(|item| match item {
        layout::Item::Value(value) => value.slot == slot && value.optional,
        layout::Item::Elements { structure, .. } => optional(structure, slot),
    })
}
