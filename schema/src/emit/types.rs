//! The Rust type of a table: structures with documentation, and the methods around reading and writing.

use super::codes::place;
use super::layout::{self, Item, Structure};
use super::{arguments, description_name, lets, read, signature, write};
use crate::Source;
use crate::ir::{Row, RowKind, Schema, Slot, SlotKind, Table, What};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// Type, reader and writer of a table.
pub fn table(schema: &Schema, table: &Table, sources: &[Source]) -> TokenStream {
    let structure = layout::of_table(table);
    let types = structures(schema, table, &structure, Some(sources));
    let name = format_ident!("{}", structure.name);
    let description = description_name(table);
    let (signature, arguments) = (signature(schema, table), arguments(schema, table));
    let reader = read::reader(schema, table, &structure);
    let writer = write::writer(schema, table, &structure);
    let lets = lets::let_methods(schema, table);
    let boxed = table.key.as_ref().map(|key| {
        let key = proc_macro2::Literal::byte_string(key.as_bytes());
        quote! {
            /// The key of the box.
            pub const KEY: [u8; 4] = *#key;

            /// Reads the box at this bit: Key, Length and Value.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read); also another Key, a Length that does not fit, and bits left behind the last field.
            pub fn read_box(r: &mut ::mpegg_runtime::bits::BitReader<'_>, #(#signature),*) -> ::mpegg_runtime::Result<Self> {
                let (mut value, _) = r.enter_box(Self::KEY)?;
                let read = Self::read(&mut value, #(#arguments),*)?;
                ::mpegg_runtime::typed::finish(&mut value).map_err(|error| error.in_table(Self::TABLE.name, Self::TABLE.clause, Self::TABLE.number))?;
                Ok(read)
            }

            /// Writes the box at this bit: Key, Length and Value. Returns its Length in bytes.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write).
            pub fn write_box(&self, w: &mut ::mpegg_runtime::bits::BitWriter, #(#signature),*) -> ::mpegg_runtime::Result<u64> {
                let mark = w.begin_box(Self::KEY);
                self.write(w, #(#arguments),*)?;
                w.end_box(mark)
            }

            /// Decodes a whole box from its bytes.
            ///
            /// # Errors
            ///
            /// As [`read_box`](Self::read_box); bits count from the first byte given.
            pub fn from_box(bytes: &[u8], #(#signature),*) -> ::mpegg_runtime::Result<Self> {
                Self::read_box(&mut ::mpegg_runtime::bits::BitReader::new(bytes), #(#arguments),*)
            }

            /// The bytes of the whole box.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write).
            pub fn to_box(&self, #(#signature),*) -> ::mpegg_runtime::Result<Vec<u8>> {
                let mut w = ::mpegg_runtime::bits::BitWriter::new();
                self.write_box(&mut w, #(#arguments),*)?;
                Ok(w.into_bytes())
            }
        }
    });
    let alone = table.key.is_none().then(|| {
        quote! {
            /// Decodes the structure from bytes that hold nothing else.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read); also bits left behind the last field. Bits count from the first byte given.
            pub fn from_bytes(bytes: &[u8], #(#signature),*) -> ::mpegg_runtime::Result<Self> {
                let mut r = ::mpegg_runtime::bits::BitReader::new(bytes);
                let read = Self::read(&mut r, #(#arguments),*)?;
                ::mpegg_runtime::typed::finish(&mut r).map_err(|error| error.in_table(Self::TABLE.name, Self::TABLE.clause, Self::TABLE.number))?;
                Ok(read)
            }

            /// The bytes of the structure; zero bits fill up the last one.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write).
            pub fn to_bytes(&self, #(#signature),*) -> ::mpegg_runtime::Result<Vec<u8>> {
                let mut w = ::mpegg_runtime::bits::BitWriter::new();
                self.write(&mut w, #(#arguments),*)?;
                Ok(w.into_bytes())
            }
        }
    });
    quote! {
        #types

        #[allow(unused_variables, unused_mut, clippy::all)]
        impl #name {
            /// The description of the table, row by row.
            pub const TABLE: &'static ::mpegg_runtime::table::Table = &descriptions::#description;

            #boxed
            #alone
            #reader
            #writer
            #lets
        }
    }
}

fn structures(schema: &Schema, table: &Table, structure: &Structure, sources: Option<&[Source]>) -> TokenStream {
    let name = format_ident!("{}", structure.name);
    let mut inner = vec![];
    let fields = structure.items.iter().map(|item| match item {
        Item::Value(value) => {
            let Some(slot) = table.slots.get(value.slot) else { return quote!() };
            let field = layout::field_name(slot);
            let ty = layout::value_type(schema, slot, value);
            let ty = match (value.list, value.optional) {
                (true, _) if structure.columns && layout::is_wide(slot) => quote!(::mpegg_runtime::columns::Numbers),
                (true, _) => quote!(Vec<#ty>),
                (false, true) => quote!(Option<#ty>),
                (false, false) => ty,
            };
            let doc = field_doc(schema, table, value.slot, slot);
            // Bits that are nearly always zero need not be written down.
            let quiet = matches!(slot.name.as_str(), "nesting_zero_bit" | "reserved" | "reserved_flag").then(|| quote!(#[serde(default)]));
            quote!(#[doc = #doc] #quiet pub #field: #ty)
        }
        Item::Elements { name, structure, .. } => {
            inner.push(structures(schema, table, structure, None));
            let field = super::ident(name);
            let ty = format_ident!("{}", structure.name);
            if structure.columns {
                let doc = format!("The rounds of the loop over `{name}`, a column for each field.");
                quote!(#[doc = #doc] pub #field: #ty)
            } else {
                let doc = format!("The rounds of the loop over `{name}`.");
                quote!(#[doc = #doc] pub #field: Vec<#ty>)
            }
        }
    });
    let form = (!table.forms.is_empty() && structure.owner.is_empty()).then(|| {
        let forms = table.forms.join("`, `");
        let doc = format!("The form of the table that was found and will be written, by number: `{forms}`.");
        quote!(#[doc = #doc] #[serde(default)] pub form: u8,)
    });
    let fields: Vec<TokenStream> = fields.collect();
    let docs = match sources {
        Some(sources) => table_docs(table, sources),
        None => vec![format!("A round of a loop of `{}`.", table.name)],
    };
    quote! {
        #(#[doc = #docs])*
        #[derive(Clone, Debug, Default, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        pub struct #name {
            #form
            #(#fields,)*
        }
        #(#inner)*
    }
}

/// What it is for, where it is printed, and the rows as the schema has them.
fn table_docs(table: &Table, sources: &[Source]) -> Vec<String> {
    let mut docs: Vec<String> = table.doc.lines().map(|line| line.trim().to_owned()).collect();
    docs.push(String::new());
    docs.push(place(&table.clause, table.number));
    docs.push(String::new());
    docs.push("```text".to_owned());
    let text = sources.get(table.span.file).and_then(|source| source.text.get(table.span.bytes.clone())).unwrap_or_default();
    let rows = text.lines().filter(|line| !line.trim_start().starts_with("///") && !line.trim_start().starts_with("#[clause"));
    docs.extend(rows.map(str::to_owned));
    docs.push("```".to_owned());
    docs
}

fn field_doc(schema: &Schema, table: &Table, number: usize, slot: &Slot) -> String {
    if slot.name == "nesting_zero_bit" {
        return "The value of the alignment bits; zero in what conforms.".to_owned();
    }
    let kind = find_field(&table.rows, number).map(|what| kind(schema, table, what)).unwrap_or_default();
    let codes = slot.codes.and_then(|codes| schema.enums.get(codes)).map(|codes| format!(", codes of [`{}`]", codes.type_name())).unwrap_or_default();
    let kept = if slot.name.starts_with("reserved") { ", kept as found" } else { "" };
    format!("`{}` {kind}{codes}{kept}.", slot.name)
}

fn find_field(rows: &[Row], wanted: usize) -> Option<&What> {
    rows.iter().find_map(|row| match &row.kind {
        RowKind::Field(field) if field.slot == wanted => Some(&field.what),
        RowKind::If { then, otherwise, .. } => find_field(then, wanted).or_else(|| find_field(otherwise, wanted)),
        RowKind::For { body, .. } => find_field(body, wanted),
        _ => None,
    })
}

/// The type as printed.
fn kind(schema: &Schema, table: &Table, what: &What) -> String {
    let text = |expr| crate::export::expression(schema, table, expr);
    match what {
        What::Unsigned(width) => format!("`u({})`", text(width)),
        What::Bits(width) | What::Letters(width, _) => format!("`u({})`, a string of bits", text(width)),
        What::Fixed(bits, value) => format!("`f({bits})` = {value}"),
        What::Ascii(bytes) => format!("`c({bytes})`"),
        What::Text(limit) => format!("`st(v)`, at most {limit} bytes"),
        What::Bytes(None) => "to the end of the box".to_owned(),
        What::Bytes(Some(_)) => "bytes".to_owned(),
        What::Table { table, .. } => schema.tables.get(*table).map_or(String::new(), |table| match table.kind {
            crate::ast::TableKind::Box | crate::ast::TableKind::Struct => format!("[`{}`]", table.type_name()),
            _ => String::new(),
        }),
    }
}

/// Whether a slot holds numbers.
pub fn is_number(slot: &Slot) -> bool {
    matches!(slot.kind, SlotKind::Number | SlotKind::Let | SlotKind::Variable)
}
