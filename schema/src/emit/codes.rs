//! Code tables as open enums: an unknown code survives.

use crate::ir::{Enum, camel_case};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// The Rust enum of a code table.
pub fn enumeration(codes: &Enum) -> TokenStream {
    let name = format_ident!("{}", codes.type_name());
    let named: Vec<(u64, Ident, &str, String)> = codes
        .codes
        .iter()
        .filter_map(|(code, _, symbol, doc)| {
            let symbol = symbol.as_deref()?;
            let doc = if doc.is_empty() { format!("Code {code}, `{symbol}`.") } else { format!("Code {code}, `{symbol}`: {doc}") };
            Some((*code, format_ident!("{}", camel_case(symbol)), symbol, doc))
        })
        .collect();
    let (numbers, variants, symbols, docs) = (
        named.iter().map(|row| row.0).collect::<Vec<_>>(),
        named.iter().map(|row| &row.1).collect::<Vec<_>>(),
        named.iter().map(|row| row.2).collect::<Vec<_>>(),
        named.iter().map(|row| &row.3).collect::<Vec<_>>(),
    );
    let place = place(&codes.clause, codes.number);
    let about = if codes.doc.is_empty() { format!("The codes of `{}`.", codes.name) } else { codes.doc.clone() };
    quote! {
        #[doc = #about]
        #[doc = ""]
        #[doc = #place]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ::serde::Serialize, ::serde::Deserialize)]
        pub enum #name {
            #(#[doc = #docs] #variants,)*
            /// A code that the table reserves or does not list.
            Unknown(u64),
        }

        impl #name {
            /// The meaning of a code.
            pub const fn from_code(code: u64) -> Self {
                match code {
                    #(#numbers => Self::#variants,)*
                    _ => Self::Unknown(code),
                }
            }

            /// The code.
            pub const fn code(self) -> u64 {
                match self {
                    #(Self::#variants => #numbers,)*
                    Self::Unknown(code) => code,
                }
            }

            /// The name that the standard prints, if it has one.
            pub const fn symbol(self) -> Option<&'static str> {
                match self {
                    #(Self::#variants => Some(#symbols),)*
                    Self::Unknown(_) => None,
                }
            }
        }

        impl Default for #name {
            fn default() -> Self {
                Self::from_code(0)
            }
        }
    }
}

/// `Clause 6.4.3.2, Table 26.`
pub fn place(clause: &str, number: Option<u16>) -> String {
    let mut place = crate::export::printed_at(clause, number);
    if let Some(first) = place.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    place + "."
}
