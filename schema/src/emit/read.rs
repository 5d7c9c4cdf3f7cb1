//! The reader of a table: row by row, in the printed order.

mod fields;
mod loops;

use super::expr::{Cx, Mode};
use super::layout::{self, Item, Structure};
use super::{arguments, ident, signature, steering};
use crate::ir::{Expr, Field, Range, Row, RowKind, Schema, SlotKind, Table, What};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

/// The method `read`, and `read_form` where the table has forms.
pub fn reader(schema: &Schema, table: &Table, structure: &Structure) -> TokenStream {
    let (signature, arguments) = (signature(schema, table), arguments(schema, table));
    let cx = Cx { schema, table, mode: Mode::Read, loops: vec![], given: layout::given(&table.rows) };
    let body = Reader { cx, schema, table }.scope(&table.rows, structure, true);
    let docs = [
        "Reads the structure (of a box: the Value) at this bit.",
        "",
        "# Errors",
        "",
        "Truncated or malformed input, with the bit, the field and the table; a structure given as context that lacks what this one refers to.",
    ];
    let in_table = quote!(.map_err(|error| error.in_table(Self::TABLE.name, Self::TABLE.clause, Self::TABLE.number)));
    // Small structures of one size are read in loops of other crates.
    let inline = table.fixed_bits.map(|_| quote!(#[inline]));
    if table.forms.is_empty() {
        return quote! {
            #(#[doc = #docs])*
            #inline
            pub fn read(r: &mut ::mpegg_runtime::bits::BitReader<'_>, #(#signature),*) -> ::mpegg_runtime::Result<Self> {
                Self::read_form(0, r, #(#arguments),*)#in_table.map(|(read, _)| read)
            }

            #inline
            fn read_form(form: u8, r: &mut ::mpegg_runtime::bits::BitReader<'_>, #(#signature),*) -> ::mpegg_runtime::Result<(Self, bool)> {
                #body
            }
        };
    }
    let forms = table.forms.len() as u8;
    quote! {
        #(#[doc = #docs])*
        ///
        /// The forms of the table are tried in order; the first that fits to the last bit is taken.
        pub fn read(r: &mut ::mpegg_runtime::bits::BitReader<'_>, #(#signature),*) -> ::mpegg_runtime::Result<Self> {
            ::mpegg_runtime::typed::first_form(#forms, r, |form, r| Self::read_form(form, r, #(#arguments),*))#in_table
        }

        fn read_form(form: u8, r: &mut ::mpegg_runtime::bits::BitReader<'_>, #(#signature),*) -> ::mpegg_runtime::Result<(Self, bool)> {
            #body
        }
    }
}

struct Reader<'s> {
    cx: Cx<'s>,
    schema: &'s Schema,
    table: &'s Table,
}

impl<'s> Reader<'s> {
    fn inside(&self, var: usize, named: bool, body: &[Row]) -> Reader<'s> {
        let mut cx = self.cx.clone();
        cx.loops.push((var, named));
        cx.given.extend(layout::given(body));
        Reader { cx, schema: self.schema, table: self.table }
    }

    /// A scope of fields: the table itself or a round of a named loop. Yields the structure.
    fn scope(&self, rows: &[Row], structure: &Structure, outermost: bool) -> TokenStream {
        let lists = if structure.columns { quote!() } else { self.lists(structure) };
        let choices = self.choices(rows);
        let statements = self.rows(rows, false);
        let built = self.build(structure);
        if outermost {
            let length = self.uses_length().then(|| quote!(let length = 12i128 + i128::from(r.remaining() / 8);));
            let start = start_of(self.table, quote!(r));
            quote! {
                let start = #start;
                #length
                let mut clean = true;
                #lists
                #choices
                #statements
                Ok((#built, clean))
            }
        } else {
            quote!(#lists #choices #statements)
        }
    }

    fn uses_length(&self) -> bool {
        fn any(rows: &[Row]) -> bool {
            rows.iter().any(|row| {
                let own = crate::analysis::row_expressions(row).into_iter().any(|expr| expr.any(&|expr| *expr == Expr::Length));
                let inner = match &row.kind {
                    RowKind::If { then, otherwise, .. } => any(then) || any(otherwise),
                    RowKind::For { body, .. } => any(body),
                    _ => false,
                };
                own || inner
            })
        }
        any(&self.table.rows)
    }

    /// Declares the lists of a structure.
    fn lists(&self, structure: &Structure) -> TokenStream {
        let declared = structure.items.iter().map(|item| match item {
            Item::Value(value) if value.list => {
                let local = self.cx.field_local(value.slot);
                let wide = structure.columns && self.table.slots.get(value.slot).is_some_and(layout::is_wide);
                if wide { quote!(let mut #local = ::mpegg_runtime::columns::Numbers::default();) } else { quote!(let mut #local = Vec::new();) }
            }
            Item::Elements { structure, .. } if structure.columns => self.lists(structure),
            Item::Elements { var, .. } => {
                let local = self.cx.elements_local(*var);
                quote!(let mut #local = Vec::new();)
            }
            Item::Value(_) => quote!(),
        });
        quote!(#(#declared)*)
    }

    /// Declares what is assigned inside of choices.
    fn choices(&self, rows: &[Row]) -> TokenStream {
        let mut slots = vec![];
        chosen(rows, false, &mut slots);
        slots.dedup();
        let mut seen = vec![];
        let declared = slots.into_iter().filter(|slot| {
            let new = !seen.contains(slot);
            seen.push(*slot);
            new
        });
        let declared = declared.map(|slot| {
            let Some(entry) = self.table.slots.get(slot) else { return quote!() };
            let (number, field) = (self.cx.number_local(slot), self.cx.field_local(slot));
            let list = self.is_list(slot);
            let given = self.cx.given.contains(&slot);
            let steered = (entry.steers && super::types::is_number(entry))
                .then(|| if given { quote!(let #number: i128;) } else { quote!(let mut #number: Option<i128> = None;) });
            let stored = (entry.kind != SlotKind::Let && !list && entry.counts.is_none())
                .then(|| if given { quote!(let #field;) } else { quote!(let mut #field = None;) });
            quote!(#steered #stored)
        });
        quote!(#(#declared)*)
    }

    fn is_list(&self, slot: usize) -> bool {
        list_slots(&layout::of_table(self.table)).contains(&slot)
    }

    /// The structure from its locals.
    fn build(&self, structure: &Structure) -> TokenStream {
        let name = format_ident!("{}", structure.name);
        let fields = structure.items.iter().map(|item| match item {
            Item::Value(value) => {
                let (field, local) = (self.table.slots.get(value.slot).map(layout::field_name), self.cx.field_local(value.slot));
                quote!(#field: #local)
            }
            Item::Elements { var, name, structure } => {
                let field = ident(name);
                if structure.columns {
                    let built = self.build(structure);
                    quote!(#field: #built)
                } else {
                    let local = self.cx.elements_local(*var);
                    quote!(#field: #local)
                }
            }
        });
        let form = (!self.table.forms.is_empty() && structure.owner.is_empty()).then(|| quote!(form,));
        quote!(#name { #form #(#fields),* })
    }

    fn rows(&self, rows: &[Row], in_choice: bool) -> TokenStream {
        let mut out = quote!();
        let mut rest = rows;
        while let Some((row, behind)) = rest.split_first() {
            let run = self.run_length(rest);
            if run >= 2 {
                out.extend(self.run(&rest[..run], in_choice));
                rest = &rest[run..];
                continue;
            }
            let tokens = self.row(row, in_choice || row.form.is_some());
            out.extend(match row.form {
                Some(form) => {
                    let form = form as u8;
                    quote!(if form == #form { #tokens })
                }
                None => tokens,
            });
            rest = behind;
        }
        out
    }

    /// How many rows from here are fields of literal width: they are read after one length check.
    fn run_length(&self, rows: &[Row]) -> usize {
        let mut bits = 0;
        rows.iter()
            .take_while(|row| {
                let literal = match &row.kind {
                    RowKind::Field(field) if row.form.is_none() => literal_bits(&field.what),
                    _ => None,
                };
                bits += literal.unwrap_or(0);
                literal.is_some() && bits <= 512
            })
            .count()
    }

    fn run(&self, rows: &[Row], in_choice: bool) -> TokenStream {
        let fields: Vec<(&Field, usize)> = rows
            .iter()
            .filter_map(|row| match &row.kind {
                RowKind::Field(field) => literal_bits(&field.what).map(|bits| (field, bits)),
                _ => None,
            })
            .collect();
        let total: usize = fields.iter().map(|(_, bits)| bits).sum();
        let bytes = total.div_ceil(8);
        let list: Vec<TokenStream> = fields
            .iter()
            .map(|(field, bits)| {
                let (name, bits) = (self.table.slots.get(field.slot).map_or("", |slot| slot.name.as_str()), *bits as u64);
                quote!((#name, #bits))
            })
            .collect();
        let (mut names, mut raws, mut stores, mut offset) = (vec![], vec![], vec![], 0);
        for (number, (field, bits)) in fields.into_iter().enumerate() {
            let name = format_ident!("raw{number}");
            raws.push(match field.what {
                What::Ascii(length) => {
                    let length = usize::from(length);
                    quote!(::mpegg_runtime::typed::ascii::<#length, #offset, #bytes>(run))
                }
                _ => quote!(::mpegg_runtime::bits::field::<#offset, #bits, #bytes>(run)),
            });
            stores.push(self.store(field, quote!(#name), in_choice));
            names.push(name);
            offset += bits;
        }
        // Where the run starts at a whole byte the fields are taken from the input itself.
        quote! {
            let extract = |run: &[u8; #bytes]| (#(#raws,)*);
            let (#(#names,)*) = match r.aligned_run::<#total, #bytes>() {
                Some(run) => extract(run),
                None => match r.run::<#total, #bytes>() {
                    Ok(run) => extract(&run),
                    Err(_) => return Err(::mpegg_runtime::typed::missing_in_run(r, &[#(#list),*])),
                },
            };
            #(#stores)*
        }
    }

    fn row(&self, row: &Row, in_choice: bool) -> TokenStream {
        match &row.kind {
            RowKind::Field(field) => self.field(field, in_choice),
            RowKind::If { cond, then, otherwise } => {
                let (cond, then, otherwise) = (self.cx.condition(cond), self.rows(then, true), self.rows(otherwise, true));
                quote!(if #cond { #then } else { #otherwise })
            }
            RowKind::For { .. } => self.for_loop(row),
            RowKind::Align { slot } => {
                let local = self.cx.field_local(*slot);
                let value = quote!({
                    let pad = r.pad(start)?;
                    clean &= pad == 0;
                    pad
                });
                match (self.is_list(*slot), in_choice && !self.cx.given.contains(slot), in_choice) {
                    (true, ..) => quote!(#local.push(#value);),
                    (_, true, _) => quote!(#local = Some(#value);),
                    (_, _, true) => quote!(#local = #value;),
                    _ => quote!(let #local = #value;),
                }
            }
            RowKind::Let { slot, value, check, again, .. } => self.let_row(*slot, value, *check, *again, in_choice),
            RowKind::Element { slot, value, .. } => {
                let (local, value) = (self.cx.field_local(*slot), self.cx.number(value));
                let stored = self.table.slots.get(*slot).map(|slot| stored(self.schema, slot, quote!((#value) as u64)));
                quote!(#local.push(#stored);)
            }
            RowKind::Require(cond) => {
                let text = format!("`{}` does not hold", crate::export::expression(self.schema, self.table, cond));
                let cond = self.cx.condition(cond);
                quote!(if !(#cond) { return Err(::mpegg_runtime::Error::malformed(r.position(), #text)); })
            }
            RowKind::Where(..) | RowKind::Child { .. } | RowKind::Remark => quote!(),
        }
    }

    fn let_row(&self, slot: usize, value: &Expr, check: Range, again: bool, in_choice: bool) -> TokenStream {
        let Some(entry) = self.table.slots.get(slot).filter(|entry| entry.steers) else { return quote!() };
        let (local, value) = (self.cx.number_local(slot), self.cx.number(value));
        let name = &entry.name;
        let value = if check.low > -(1 << 66) {
            let (low, high) = (Literal::i128_suffixed(check.low), Literal::i128_suffixed(check.high));
            quote!(::mpegg_runtime::typed::within(#value, #low, #high, #name, r.position())?)
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
}

/// The arguments of an embedded table on which its bits depend.
pub fn embedded_arguments(schema: &Schema, inner: &Table, args: &[Expr], cx: &Cx) -> Vec<TokenStream> {
    steering(schema, inner)
        .into_iter()
        .filter_map(|(number, param)| {
            let arg = args.get(number)?;
            Some(match param.kind {
                crate::ir::ParamKind::Number(..) => cx.number(arg),
                _ => {
                    let record = cx.record(arg);
                    if matches!(arg, Expr::Param(_)) { record } else { quote!(&#record) }
                }
            })
        })
        .collect()
}

/// From where alignment counts in a table: a structure may stand anywhere in a box.
pub fn start_of(table: &Table, port: TokenStream) -> TokenStream {
    if table.kind == crate::ast::TableKind::Struct { quote!(#port.origin()) } else { quote!(#port.position()) }
}

/// A number as it is stored.
pub fn stored(schema: &Schema, slot: &crate::ir::Slot, raw: TokenStream) -> TokenStream {
    if let Some(codes) = slot.codes.and_then(|codes| schema.enums.get(codes)) {
        let name = format_ident!("{}", codes.type_name());
        return quote!(#name::from_code(#raw));
    }
    if layout::is_flag(slot) {
        return quote!((#raw != 0));
    }
    let ty = layout::number_type(slot);
    quote!((#raw as #ty))
}

fn literal_bits(what: &What) -> Option<usize> {
    match what {
        What::Unsigned(Expr::Int(bits)) => usize::try_from(*bits).ok().filter(|bits| *bits > 0),
        What::Ascii(bytes) if *bytes <= 8 => Some(usize::from(*bytes) * 8),
        _ => None,
    }
}

/// The slots that are assigned inside of choices of this scope, not in loops inside it.
fn chosen(rows: &[Row], in_choice: bool, found: &mut Vec<usize>) {
    for row in rows {
        let in_choice = in_choice || row.form.is_some();
        match &row.kind {
            RowKind::Field(field) if in_choice => found.push(field.slot),
            RowKind::Align { slot } if in_choice => found.push(*slot),
            RowKind::Let { slot, again: false, .. } if in_choice => found.push(*slot),
            RowKind::If { then, otherwise, .. } => {
                chosen(then, true, found);
                chosen(otherwise, true, found);
            }
            _ => {}
        }
    }
}

/// The slots that are stored as lists.
pub fn list_slots(structure: &Structure) -> Vec<usize> {
    structure
        .items
        .iter()
        .flat_map(|item| match item {
            Item::Value(value) if value.list => vec![value.slot],
            Item::Value(_) => vec![],
            Item::Elements { structure, .. } => list_slots(structure),
        })
        .collect()
}

/// The structure of the rounds of a loop.
pub fn find_structure(structure: &Structure, wanted: usize) -> Option<Structure> {
    structure.items.iter().find_map(|item| match item {
        Item::Elements { var, structure, .. } if *var == wanted => Some(copy(structure)),
        Item::Elements { structure, .. } => find_structure(structure, wanted),
        Item::Value(_) => None,
    })
}

fn copy(structure: &Structure) -> Structure {
    let items = structure
        .items
        .iter()
        .map(|item| match item {
            Item::Value(value) => Item::Value(layout::Value { ..*value }),
            Item::Elements { var, name, structure } => Item::Elements { var: *var, name: name.clone(), structure: copy(structure) },
        })
        .collect();
    Structure { name: structure.name.clone(), owner: structure.owner.clone(), columns: structure.columns, items }
}
