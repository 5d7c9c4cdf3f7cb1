//! From the intermediate form to Rust: types with readers and writers, code tables, and static descriptions.
//!
//! Generated code names everything of the runtime by `::mpegg_runtime`, and the types of other tables by their bare names, so that it
//! belongs into one module. A named part of the standard is a module inside, which sees its own names first, as its tables do.

mod codes;
mod describe;
mod expr;
pub(crate) mod layout;
mod lets;
mod read;
mod types;
mod write;

use crate::Source;
use crate::ast::TableKind;
use crate::ir::{Expr, Param, ParamKind, Row, RowKind, Schema, Table, What, snake_case};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// Everything for a schema; `sources` are shown in the documentation of the types.
pub fn rust(schema: &Schema, sources: &[Source]) -> TokenStream {
    let modules = schema.parts.iter().enumerate().skip(1).map(|(number, part)| {
        let (name, items) = (ident(&part.name), items(schema, sources, number));
        let mut docs: Vec<String> = part.doc.lines().map(|line| line.trim().to_owned()).collect();
        docs.extend([String::new(), format!("The types of {}.", part.title)]);
        quote! {
            #(#[doc = #docs])*
            pub mod #name {
                #[allow(unused_imports)]
                use super::*;
                #items
            }
        }
    });
    let first = items(schema, sources, 0);
    quote!(#first #(#modules)*)
}

/// Everything of a part.
fn items(schema: &Schema, sources: &[Source], part: usize) -> TokenStream {
    let codes = schema.enums.iter().filter(|codes| codes.part == part).map(codes::enumeration);
    let types = schema.tables.iter().filter(|table| table.part == part && has_type(table)).map(|table| types::table(schema, table, sources));
    let descriptions = describe::all(schema, part);
    quote! {
        #(#codes)*
        #(#types)*
        #descriptions
    }
}

/// Containers are walked and never decoded as a whole; processes have no bits.
pub(crate) fn has_type(table: &Table) -> bool {
    matches!(table.kind, TableKind::Box | TableKind::Struct)
}

fn ident(name: &str) -> Ident {
    format_ident!("{}", snake_case(name))
}

/// The parameters on which the bits depend, with their Rust types.
pub(crate) fn steering<'s>(schema: &Schema, table: &'s Table) -> Vec<(usize, &'s Param)> {
    table.params.iter().enumerate().filter(|(number, _)| steers(schema, &table.rows, *number)).collect()
}

fn steers(schema: &Schema, rows: &[Row], param: usize) -> bool {
    rows.iter().any(|row| {
        if matches!(row.kind, RowKind::Where(..)) {
            return false;
        }
        let uses = |expr: &Expr| expr.any(&|expr| matches!(expr, Expr::Param(number) if *number == param));
        let (args, inner): (Vec<&Expr>, Vec<&Row>) = match &row.kind {
            RowKind::Field(field) => match &field.what {
                // An argument counts if the embedded table's bits depend on it.
                What::Table { table, args, .. } => {
                    let wanted = schema.tables.get(*table).map_or(vec![], |inner| steering(schema, inner));
                    (wanted.iter().filter_map(|(number, _)| args.get(*number)).collect(), vec![])
                }
                _ => (crate::analysis::row_expressions(row), vec![]),
            },
            RowKind::If { then, otherwise, .. } => (crate::analysis::row_expressions(row), then.iter().chain(otherwise).collect()),
            RowKind::For { body, .. } => (crate::analysis::row_expressions(row), body.iter().collect()),
            _ => (crate::analysis::row_expressions(row), vec![]),
        };
        args.into_iter().any(uses) || inner.into_iter().any(|row| steers(schema, std::slice::from_ref(row), param))
    })
}

/// `dataset: &DatasetHeader, sets: &[DatasetParameterSet]`.
fn signature(schema: &Schema, table: &Table) -> Vec<TokenStream> {
    let of = |number: usize| format_ident!("{}", schema.tables.get(number).map_or(String::new(), Table::type_name));
    let declared = |(_, param): (usize, &Param)| {
        let name = ident(&param.name);
        match param.kind {
            ParamKind::Number(..) => quote!(#name: i128),
            ParamKind::One(table) => {
                let ty = of(table);
                quote!(#name: &#ty)
            }
            ParamKind::Many(table) => {
                let ty = of(table);
                quote!(#name: &[#ty])
            }
            ParamKind::Grouped(table) => {
                let ty = of(table);
                quote!(#name: &[Vec<#ty>])
            }
        }
    };
    steering(schema, table).into_iter().map(declared).collect()
}

/// The names of the parameters, to hand them on.
fn arguments(schema: &Schema, table: &Table) -> Vec<Ident> {
    steering(schema, table).into_iter().map(|(_, param)| ident(&param.name)).collect()
}

fn description_name(table: &Table) -> Ident {
    format_ident!("{}", snake_case(&table.name).to_uppercase())
}
