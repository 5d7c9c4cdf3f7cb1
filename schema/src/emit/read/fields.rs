//! Fields as Rust that reads them.

use super::super::types;
use super::{Reader, embedded_arguments, stored};
use crate::ir::{Expr, Field, What};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

impl Reader<'_> {
    pub(super) fn field(&self, field: &Field, in_choice: bool) -> TokenStream {
        let Some(slot) = self.table.slots.get(field.slot) else { return quote!() };
        let path = self.path(field);
        let raw = match &field.what {
            What::Unsigned(Expr::Int(bits)) => {
                let bits = u32::try_from(*bits).unwrap_or(0);
                quote!(r.read::<#bits>()#path?)
            }
            What::Unsigned(width) => {
                let width = self.cx.number(width);
                quote!(r.unsigned((#width) as u64)#path?)
            }
            What::Bits(width) | What::Letters(width, _) => {
                let width = self.cx.number(width);
                quote!(r.bit_string((#width) as u64)#path?)
            }
            What::Fixed(bits, _) => quote!(r.read::<#bits>()#path?),
            What::Ascii(bytes) => {
                let bytes = usize::from(*bytes);
                quote!(r.ascii::<#bytes>()#path?)
            }
            What::Text(limit) => {
                let limit = u64::from(*limit);
                quote!(r.text(#limit)#path?)
            }
            What::Bytes(None) => quote!(r.bytes(r.remaining() / 8)#path?),
            What::Bytes(Some(size)) => {
                let size = self.byte_size(field, size);
                let name = &slot.name;
                quote!(::mpegg_runtime::typed::size(#size, #name, r.position()).and_then(|size| r.bytes(size))#path?)
            }
            What::Table { table, args, or_offs, deferred } => {
                let Some(inner) = self.schema.tables.get(*table) else { return quote!() };
                let ty = format_ident!("{}", inner.type_name());
                let args = embedded_arguments(self.schema, inner, args, &self.cx);
                match (deferred, or_offs, inner.key.is_some()) {
                    (Some(_), ..) => quote!(::mpegg_runtime::typed::Deferred::read(r, #ty::KEY)#path?),
                    (_, true, _) => quote!(::mpegg_runtime::typed::OrOffset::read(r, |r| #ty::read_box(r, #(#args),*))#path?),
                    (_, _, true) => quote!(#ty::read_box(r, #(#args),*)#path?),
                    _ => quote!(#ty::read(r, #(#args),*)#path?),
                }
            }
        };
        let at = matches!(field.what, What::Fixed(..)).then(|| quote!(let at = r.position();));
        let stored = self.store(field, raw, in_choice);
        quote!(#at #stored)
    }

    /// A byte string that replaces its loop of bytes has the loop's count; see `Rows::field`.
    pub(super) fn byte_size(&self, _field: &Field, size: &Expr) -> TokenStream {
        self.cx.number(size)
    }

    /// Puts a value that was read where it belongs.
    pub(super) fn store(&self, field: &Field, raw: TokenStream, in_choice: bool) -> TokenStream {
        let Some(slot) = self.table.slots.get(field.slot) else { return quote!() };
        let (number, local) = (self.cx.number_local(field.slot), self.cx.field_local(field.slot));
        let given = self.cx.given.contains(&field.slot);
        let is_number = types::is_number(slot);
        let set = |target: &proc_macro2::Ident, value: TokenStream, ty: Option<TokenStream>| match (in_choice && !given, in_choice) {
            (true, _) => quote!(#target = Some(#value);),
            (_, true) => quote!(#target = #value;),
            _ => {
                let ty = ty.map(|ty| quote!(: #ty));
                quote!(let #target #ty = #value;)
            }
        };
        let fixed = match field.what {
            What::Fixed(_, value) => quote!(clean &= raw == #value;),
            _ => quote!(),
        };
        let steered = (slot.steers && is_number).then(|| set(&number, quote!(i128::from(raw)), Some(quote!(i128))));
        let value = if is_number { stored(self.schema, slot, quote!(raw)) } else { quote!(raw) };
        let scalar_pattern = matches!(field.what, What::Fixed(..)) && field.subs.is_empty();
        let kept = if slot.counts.is_some() || scalar_pattern {
            quote!()
        } else if self.is_list(field.slot) {
            quote!(#local.push(#value);)
        } else {
            set(&local, value, None)
        };
        quote!(let raw = #raw; #fixed #steered #kept)
    }

    /// Adds field and subscripts to an error.
    pub(super) fn path(&self, field: &Field) -> TokenStream {
        let name = self.table.slots.get(field.slot).map_or("", |slot| slot.name.as_str());
        let subs = field.subs.iter().map(|sub| {
            let sub = self.cx.number(sub);
            quote!((#sub) as u64)
        });
        quote!(.map_err(|error| error.in_field(#name, &[#(#subs),*])))
    }
}
