//! The static description of each table, which the walker of the runtime reads.

use super::{description_name, ident};
use crate::ast::{Mandatory, Scope, TableKind};
use crate::ir::{Enum, Expr, Field, Level, ParamKind, Range, Row, RowKind, Rule, Schema, Table, Until, What};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

/// Module `descriptions`: a static for each table, for each code table, and a list of all.
pub fn all(schema: &Schema, part: usize) -> TokenStream {
    let tables: Vec<&Table> = schema.tables.iter().filter(|table| table.part == part && table.kind != TableKind::Process).collect();
    let names: Vec<Ident> = tables.iter().map(|table| description_name(table)).collect();
    let bodies = tables.iter().map(|table| Describe { schema, table }.table());
    let docs = tables.iter().map(|table| format!("`{}`.", table.name));
    let enums = || schema.enums.iter().filter(|codes| codes.part == part);
    let code_names = enums().map(codes_name);
    let code_bodies = enums().map(codes);
    let code_docs = enums().map(|codes| format!("`{}`.", codes.name));
    let hierarchy = (part == 0).then(|| {
        let levels = levels(&schema.hierarchy);
        quote! {
            /// Which box stands in which (Table 10).
            pub static HIERARCHY: &[Level] = #levels;
        }
    });
    quote! {
        /// The static description of each table, for the walker.
        pub mod descriptions {
            #[allow(unused_imports)]
            use ::mpegg_runtime::table::{Binary, Codes, Expr, Field, Kind, Level, Mandatory, Param, ParamKind, Row, Rule, Scope, Slot, Table, Unary, Until, What};

            #(#[doc = #docs] pub static #names: Table = #bodies;)*
            #(#[doc = #code_docs] pub static #code_names: Codes = #code_bodies;)*

            /// All tables, in the order of the schema.
            pub static ALL: &[&Table] = &[#(&#names),*];

            #hierarchy
        }
    }
}

fn levels(all: &[Level]) -> TokenStream {
    let all = all.iter().map(|level| {
        let Level { key, clause, .. } = level;
        let scope = match level.scope {
            Scope::Both => quote!(Scope::Both),
            Scope::File => quote!(Scope::File),
            Scope::Transport => quote!(Scope::Transport),
        };
        let mandatory = match level.mandatory {
            Mandatory::No => quote!(Mandatory::No),
            Mandatory::Sequencing => quote!(Mandatory::Sequencing),
            Mandatory::Annotation => quote!(Mandatory::Annotation),
            Mandatory::Both => quote!(Mandatory::Both),
        };
        let children = levels(&level.children);
        quote!(Level { key: #key, clause: #clause, scope: #scope, mandatory: #mandatory, children: #children })
    });
    quote!(&[#(#all),*])
}

fn codes_name(codes: &Enum) -> Ident {
    format_ident!("CODES_{}", crate::ir::snake_case(&codes.name).to_uppercase())
}

fn codes(codes: &Enum) -> TokenStream {
    let (name, clause, number) = (&codes.name, &codes.clause, option(codes.number));
    let rows = codes.codes.iter().map(|(first, last, symbol, _)| {
        let symbol = match symbol {
            Some(symbol) => quote!(Some(#symbol)),
            None => quote!(None),
        };
        quote!((#first, #last, #symbol))
    });
    quote!(Codes { name: #name, number: #number, clause: #clause, codes: &[#(#rows),*] })
}

fn option(number: Option<u16>) -> TokenStream {
    match number {
        Some(number) => quote!(Some(#number)),
        None => quote!(None),
    }
}

struct Describe<'s> {
    schema: &'s Schema,
    table: &'s Table,
}

impl Describe<'_> {
    fn table(&self) -> TokenStream {
        let Table { name, clause, doc, forms, .. } = self.table;
        let number = option(self.table.number);
        let key = match &self.table.key {
            Some(key) => {
                let bytes = Literal::byte_string(key.as_bytes());
                quote!(Some(*#bytes))
            }
            None => quote!(None),
        };
        let kind = match self.table.kind {
            TableKind::Box => quote!(Kind::Box),
            TableKind::Container => quote!(Kind::Container),
            TableKind::Struct | TableKind::Process => quote!(Kind::Struct),
        };
        let params = self.table.params.iter().map(|param| {
            let name = &param.name;
            let kind = match param.kind {
                ParamKind::Number(least, greatest) => {
                    let (least, greatest) = (Literal::i128_suffixed(least), Literal::i128_suffixed(greatest));
                    quote!(ParamKind::Number(#least, #greatest))
                }
                ParamKind::One(table) => self.with_table(quote!(ParamKind::One), table),
                ParamKind::Many(table) => self.with_table(quote!(ParamKind::Many), table),
                ParamKind::Grouped(table) => self.with_table(quote!(ParamKind::Grouped), table),
            };
            quote!(Param { name: #name, kind: #kind })
        });
        let slots = self.table.slots.iter().map(|slot| {
            let (name, kept) = (&slot.name, slot.kept);
            quote!(Slot { name: #name, kept: #kept })
        });
        let rows = self.rows(&self.table.rows);
        quote! {
            Table {
                name: #name, key: #key, kind: #kind, clause: #clause, number: #number, doc: #doc,
                params: &[#(#params),*], forms: &[#(#forms),*], slots: &[#(#slots),*], rows: #rows,
            }
        }
    }

    fn with_table(&self, wrap: TokenStream, number: usize) -> TokenStream {
        let name = self.table_name(number);
        quote!(#wrap(&#name))
    }

    fn table_name(&self, number: usize) -> TokenStream {
        let Some(table) = self.schema.tables.get(number) else { return quote!(NONE) };
        self.of_part(table.part, &description_name(table))
    }

    /// A static of a part, from module `descriptions` of this table's part.
    fn of_part(&self, part: usize, name: &Ident) -> TokenStream {
        if part == self.table.part {
            return quote!(#name);
        }
        let up = if self.table.part == 0 { quote!(super) } else { quote!(super::super) };
        let module = (part != 0).then(|| ident(self.schema.part_name(part))).map(|module| quote!(#module::));
        quote!(#up::#module descriptions::#name)
    }

    fn rows(&self, rows: &[Row]) -> TokenStream {
        let rows = rows.iter().filter(|row| !matches!(row.kind, RowKind::Remark)).map(|row| self.row(row));
        quote!(&[#(#rows),*])
    }

    fn row(&self, row: &Row) -> TokenStream {
        let line = row.line as u16;
        let text = |expr: &Expr| crate::export::expression(self.schema, self.table, expr);
        let plain = match &row.kind {
            RowKind::Field(field) => self.field(field, line),
            RowKind::If { cond, then, otherwise } => {
                let (cond, then, otherwise) = (self.expr(cond), self.rows(then), self.rows(otherwise));
                quote!(Row::If { line: #line, cond: #cond, then: #then, otherwise: #otherwise })
            }
            RowKind::For { var, from, until, name, min_bits, body, .. } => {
                let (var, from, body) = (*var as u16, self.expr(from), self.rows(body));
                let until = match until {
                    Until::Below(bound) => {
                        let bound = self.expr(bound);
                        quote!(Until::Below(#bound))
                    }
                    Until::While(cond) => {
                        let cond = self.expr(cond);
                        quote!(Until::While(#cond))
                    }
                };
                let name = match name {
                    Some(name) => quote!(Some(#name)),
                    None => quote!(None),
                };
                quote!(Row::For { line: #line, var: #var, from: #from, until: #until, name: #name, min_bits: #min_bits, body: #body })
            }
            RowKind::Align { .. } => quote!(Row::Align { line: #line }),
            RowKind::Let { slot, value, check: Range { low, high }, on_length, .. } => {
                let (slot, value) = (*slot as u16, self.expr(value));
                let (low, high) = (Literal::i128_suffixed(*low), Literal::i128_suffixed(*high));
                quote!(Row::Let { line: #line, slot: #slot, value: #value, min: #low, max: #high, on_length: #on_length })
            }
            RowKind::Element { slot, subs, value } => {
                let (slot, subs, value) = (*slot as u16, subs.iter().map(|sub| self.expr(sub)), self.expr(value));
                quote!(Row::Element { line: #line, slot: #slot, subs: &[#(#subs),*], value: #value })
            }
            RowKind::Require(cond) => {
                let (text, cond) = (text(cond), self.expr(cond));
                quote!(Row::Require { line: #line, cond: #cond, text: #text })
            }
            RowKind::Where(rule) => {
                let (text, cond) = (text(&rule.cond), self.expr(&rule.cond));
                let Rule { name, clause, doc, warning, .. } = rule;
                quote!(Row::Where(Rule { line: #line, name: #name, cond: #cond, text: #text, clause: #clause, doc: #doc, warning: #warning }))
            }
            RowKind::Child { slot, table, many, optional } => {
                let name = self.table.slots.get(*slot).map_or("", |slot| slot.name.as_str());
                let table = self.table_name(*table);
                quote!(Row::Child { line: #line, name: #name, table: &#table, many: #many, optional: #optional })
            }
            RowKind::Remark => quote!(),
        };
        match row.form {
            Some(form) => {
                let form = form as u8;
                quote!(Row::Form { form: #form, row: &#plain })
            }
            None => plain,
        }
    }

    fn field(&self, field: &Field, line: u16) -> TokenStream {
        let Some(slot) = self.table.slots.get(field.slot) else { return quote!() };
        let (name, number) = (&slot.name, field.slot as u16);
        let subs = field.subs.iter().map(|sub| self.expr(sub));
        let what = self.what(&field.what);
        let codes = match slot.codes.and_then(|codes| self.schema.enums.get(codes)) {
            Some(codes) => {
                let name = self.of_part(codes.part, &codes_name(codes));
                quote!(Some(&#name))
            }
            None => quote!(None),
        };
        let counts = match slot.counts.and_then(|counted| super::layout::json_name(self.table, field.slot, counted)) {
            Some(name) => quote!(Some(#name)),
            None => quote!(None),
        };
        let opened = match field.opened {
            Some(table) => {
                let table = self.table_name(table);
                quote!(Some(&#table))
            }
            None => quote!(None),
        };
        quote!(Row::Field(Field {
            line: #line, name: #name, subs: &[#(#subs),*], slot: #number, what: #what, codes: #codes, counts: #counts, opened: #opened,
        }))
    }

    fn what(&self, what: &What) -> TokenStream {
        match what {
            What::Unsigned(width) => self.wrap(quote!(What::Unsigned), width),
            What::Bits(width) => self.wrap(quote!(What::Bits), width),
            What::Letters(bits, alphabet) => {
                let (bits, alphabet) = (self.expr(bits), self.expr(alphabet));
                quote!(What::Letters { bits: #bits, alphabet: #alphabet })
            }
            What::Fixed(bits, value) => {
                let bits = *bits as u8;
                quote!(What::Fixed { bits: #bits, value: #value })
            }
            What::Ascii(bytes) => quote!(What::Ascii(#bytes)),
            What::Text(limit) => quote!(What::Text(#limit)),
            What::Bytes(None) => quote!(What::Bytes(None)),
            What::Bytes(Some(size)) => {
                let size = self.expr(size);
                quote!(What::Bytes(Some(#size)))
            }
            What::Table { table, args, or_offs, deferred } => {
                let table = self.table_name(*table);
                let args = args.iter().map(|arg| self.expr(arg));
                let deferred = match deferred {
                    Some(cond) => {
                        let cond = self.expr(cond);
                        quote!(Some(#cond))
                    }
                    None => quote!(None),
                };
                quote!(What::Table { table: &#table, args: &[#(#args),*], or_offs: #or_offs, deferred: #deferred })
            }
        }
    }

    fn wrap(&self, wrap: TokenStream, expr: &Expr) -> TokenStream {
        let expr = self.expr(expr);
        quote!(#wrap(#expr))
    }

    fn expr(&self, expr: &Expr) -> TokenStream {
        let e = |expr: &Expr| {
            let inner = self.expr(expr);
            quote!(&#inner)
        };
        let two = |name: &str, a: &Expr, b: &Expr| {
            let (name, a, b) = (format_ident!("{name}"), e(a), e(b));
            quote!(Expr::#name(#a, #b))
        };
        match expr {
            Expr::Int(value) => {
                let value = Literal::i128_suffixed(*value);
                quote!(Expr::Int(#value))
            }
            Expr::Text(text) => quote!(Expr::Text(#text)),
            Expr::Slot(slot) => {
                let slot = *slot as u16;
                quote!(Expr::Slot(#slot))
            }
            Expr::Param(param) => {
                let param = *param as u8;
                quote!(Expr::Param(#param))
            }
            Expr::Member(base, _, slot) => {
                let (base, slot) = (e(base), *slot as u16);
                quote!(Expr::Member(#base, #slot))
            }
            Expr::Index(a, b) => two("Index", a, b),
            Expr::Not(a) => {
                let a = e(a);
                quote!(Expr::Unary(Unary::Not, #a))
            }
            Expr::Negate(a) => {
                let a = e(a);
                quote!(Expr::Unary(Unary::Negate, #a))
            }
            Expr::Binary(op, a, b) => {
                let (op, a, b) = (format_ident!("{}", binary(op)), e(a), e(b));
                quote!(Expr::Binary(Binary::#op, #a, #b))
            }
            Expr::Choose(c, a, b) => {
                let (c, a, b) = (e(c), e(a), e(b));
                quote!(Expr::Choose(#c, #a, #b))
            }
            Expr::Default(a, b) => two("Default", a, b),
            Expr::CeilDiv(a, b) => two("CeilDiv", a, b),
            Expr::CeilLog2(a) => {
                let a = e(a);
                quote!(Expr::CeilLog2(#a))
            }
            Expr::Min(a, b) => two("Min", a, b),
            Expr::Max(a, b) => two("Max", a, b),
            Expr::Find(a, b) => two("Find", a, b),
            Expr::Count(a) => {
                let a = e(a);
                quote!(Expr::Count(#a))
            }
            Expr::Length => quote!(Expr::Length),
            Expr::Remaining => quote!(Expr::Remaining),
        }
    }
}

fn binary(op: &str) -> &'static str {
    match op {
        "+" => "Add",
        "-" => "Subtract",
        "*" => "Multiply",
        "/" => "Divide",
        "%" => "Remainder",
        "<<" => "ShiftLeft",
        ">>" => "ShiftRight",
        "&" => "BitAnd",
        "|" => "BitOr",
        "<" => "Less",
        "<=" => "LessOrEqual",
        ">" => "Greater",
        ">=" => "GreaterOrEqual",
        "==" => "Equal",
        "!=" => "NotEqual",
        "&&" => "And",
        _ => "Or",
    }
}
