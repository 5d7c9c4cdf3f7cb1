//! Structures and lists of them.

use super::super::ident;
use super::super::layout::{self, loop_name};
use super::{Cx, Mode, is_optional, is_optional_in_loop, to_number, unindex};
use crate::ir::{Expr, ParamKind, Table};
use proc_macro2::TokenStream;
use quote::quote;

impl<'s> Cx<'s> {
    /// An expression as a structure.
    pub fn record(&self, expr: &Expr) -> TokenStream {
        let (base, indices) = unindex(expr);
        let position = self.position();
        match base {
            Expr::Param(param) => {
                let Some(param) = self.table.params.get(*param) else { return quote!(()) };
                let (name, text) = (ident(&param.name), &param.name);
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
                        let name = ident(&loop_name(&table.rows, *var).unwrap_or_default());
                        quote!(#record.#name)
                    }
                    None if self.mode == Mode::Read => {
                        let local = self.elements_local(*var);
                        quote!(#local)
                    }
                    None => {
                        let name = ident(&loop_name(&table.rows, *var).unwrap_or_default());
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
    pub(super) fn list(&self, expr: &Expr) -> (TokenStream, Items) {
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
                let name = ident(&loop_name(&table.rows, *var).unwrap_or_default());
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

    pub(super) fn find(&self, list: &Expr, wanted: &Expr) -> TokenStream {
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

pub(super) enum Items {
    /// An expression over `item`: `Option<i128>`.
    Numbers(TokenStream),
    /// An expression over `item` and `wanted`: whether the row contains the value.
    Rows(TokenStream),
}
