//! Methods for values that no bits carry.

use super::expr::{Cx, Mode};
use super::types::is_number;
use super::{ident, signature};
use crate::ir::{Expr, Schema, Slot, SlotKind, Table};
use proc_macro2::TokenStream;
use quote::quote;

/// A method for each `let` that depends on nothing but fields, and for each that reading needs and that depends on the context too.
pub fn let_methods(schema: &Schema, table: &Table) -> TokenStream {
    let cx = Cx { schema, table, mode: Mode::Method, loops: vec![], given: vec![] };
    let lets = table.slots.iter().zip(0..).filter(|(slot, _)| slot.kind == SlotKind::Let && slot.owner.is_empty());
    let methods = lets.filter_map(|(slot, number)| {
        let value = slot.value.as_ref()?;
        let name = ident(&slot.name);
        if in_context(table, number) {
            if !slot.steers || !computable(table, value) {
                return None;
            }
            let (value, signature) = (cx.number(value), signature(schema, table));
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
pub fn in_context(table: &Table, slot: usize) -> bool {
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
