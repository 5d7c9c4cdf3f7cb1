//! Loops as Rust that reads them.

use super::super::expr::subscripts;
use super::super::layout;
use super::{Reader, find_structure, list_slots};
use crate::ir::{Expr, Field, Row, RowKind, Until, What};
use proc_macro2::TokenStream;
use quote::quote;

impl Reader<'_> {
    pub(super) fn for_loop(&self, row: &Row) -> TokenStream {
        let RowKind::For { var, from, until, name, columns, min_bits, body } = &row.kind else { return quote!() };
        if *columns && let Some(plain) = self.plain_columns(row) {
            return plain;
        }
        let inner = self.inside(*var, name.is_some(), body);
        let variable = self.cx.number_local(*var);
        let from = self.cx.number(from);
        let structure = find_structure(&layout::of_table(self.table), *var);
        let mut reserve = quote!();
        let round = match (&structure, columns) {
            (Some(structure), false) => {
                let statements = inner.scope(body, structure, false);
                let (built, elements) = (inner.build(structure), self.cx.elements_local(*var));
                quote!(#statements #elements.push(#built);)
            }
            _ => {
                // Columns take a value a round each; so does the only field of a loop without a name.
                let lists = structure
                    .iter()
                    .flat_map(list_slots)
                    .filter(|slot| subscripts(&self.table.rows, *slot).iter().any(|subs| subs.last() == Some(&Expr::Slot(*var))));
                let lists = lists.map(|slot| self.cx.field_local(slot));
                if *min_bits >= 16 {
                    reserve = quote!(#(if rounds > 64 { #lists.reserve(rounds); })*);
                }
                let (choices, statements) = (inner.choices(body), inner.rows(body, false));
                quote!(#choices #statements)
            }
        };
        match until {
            Until::Below(until) => {
                let until = self.cx.number(until);
                let label = name.clone().unwrap_or_default();
                quote! {
                    let from: i128 = #from;
                    let until: i128 = #until;
                    let rounds = r.count(i128::max(until - from, 0), #min_bits).map_err(|error| error.in_field(#label, &[]))?;
                    #reserve
                    for round in 0..rounds {
                        let #variable: i128 = from + round as i128;
                        #round
                    }
                }
            }
            Until::While(cond) => {
                let cond = inner.cx.condition(cond);
                quote! {
                    let mut #variable: i128 = #from;
                    while #cond {
                        #round
                        #variable += 1;
                    }
                }
            }
        }
    }

    /// A loop whose rounds all have the same widths is read a column at a time.
    pub(super) fn plain_columns(&self, row: &Row) -> Option<TokenStream> {
        let RowKind::For { var, from, until: Until::Below(until), name, min_bits, body, .. } = &row.kind else { return None };
        let columns = self.column_list(body, *var, None)?;
        let (from, until) = (self.cx.number(from), self.cx.number(until));
        let label = name.clone().unwrap_or_default();
        let index = self.cx.loops.iter().map(|(var, _)| {
            let var = self.cx.number_local(*var);
            quote!(#var as u64)
        });
        Some(quote! {
            let from: i128 = #from;
            let until: i128 = #until;
            let rounds = r.count(i128::max(until - from, 0), #min_bits).map_err(|error| error.in_field(#label, &[]))?;
            let mut columns = Vec::new();
            #columns
            ::mpegg_runtime::columns::read_columns(r, rounds, &[#(#index),*], &mut columns)?;
        })
    }

    /// Statements that list the columns; nothing where the rounds may differ.
    pub(super) fn column_list(&self, rows: &[Row], var: usize, count: Option<&TokenStream>) -> Option<TokenStream> {
        let mut out = quote!();
        for row in rows {
            let varies = |expr: &Expr| {
                expr.any(&|expr| match expr {
                    Expr::Slot(slot) => *slot == var || !self.cx.loops.iter().any(|(open, _)| open == slot),
                    Expr::Remaining => true,
                    _ => false,
                })
            };
            match &row.kind {
                RowKind::Field(Field { slot, what: What::Unsigned(width), .. }) if row.form.is_none() && !varies(width) => {
                    let entry = self.table.slots.get(*slot).filter(|entry| !entry.steers && entry.codes.is_none() && !layout::is_flag(entry))?;
                    let kind = match entry.range.high {
                        ..0x100 => quote!(U8),
                        0x100..0x1_0000 => quote!(U16),
                        0x1_0000..0x1_0000_0000 => quote!(U32),
                        _ => quote!(U64),
                    };
                    let (name, local, width) = (&entry.name, self.cx.field_local(*slot), self.cx.number(width));
                    let count = count.cloned().unwrap_or_else(|| quote!(1));
                    out.extend(quote! {
                        let out = ::mpegg_runtime::columns::Out::#kind(&mut #local);
                        columns.push(::mpegg_runtime::columns::Column::new(#name, #width, #count, out));
                    });
                }
                RowKind::If { cond, then, otherwise } if !varies(cond) && count.is_none() => {
                    let (cond, then, otherwise) = (self.cx.condition(cond), self.column_list(then, var, None)?, self.column_list(otherwise, var, None)?);
                    out.extend(quote!(if #cond { #then } else { #otherwise }));
                }
                RowKind::For { from, until: Until::Below(until), name: None, body, .. }
                    if !varies(from) && !varies(until) && count.is_none() && body.len() == 1 =>
                {
                    let (from, until) = (self.cx.number(from), self.cx.number(until));
                    out.extend(self.column_list(body, var, Some(&quote!((#until - #from))))?);
                }
                RowKind::Where(..) | RowKind::Remark => {}
                _ => return None,
            }
        }
        Some(out)
    }
}
