//! The proc macros of the MPEG-G toolkit. They hand tokens to the schema compiler and give tokens back.

use proc_macro::TokenStream;
use quote::quote;

/// The tables of ISO/IEC 23092: types with readers and writers, code tables, and module `descriptions`; those of parts other than Part 1
/// are modules inside.
///
/// Expand it once in a module of its own; the crate needs `mpegg-runtime` and `serde`.
#[proc_macro]
pub fn standard_tables(_: TokenStream) -> TokenStream {
    let sources = mpegg_schema::tables::sources();
    expand(mpegg_schema::compile(&sources), &sources)
}

/// Tables written in place, in the schema language.
#[proc_macro]
pub fn tables(tokens: TokenStream) -> TokenStream {
    let (file, diagnostics) = mpegg_schema::parse::parse_tokens(tokens.into());
    expand(mpegg_schema::finish(&[file], diagnostics), &[])
}

fn expand(schema: Result<mpegg_schema::Schema, Vec<mpegg_schema::Diagnostic>>, sources: &[mpegg_schema::Source]) -> TokenStream {
    match schema {
        Ok(schema) => mpegg_schema::emit::rust(&schema, sources).into(),
        Err(diagnostics) => {
            let messages = diagnostics.iter().map(|found| format!("{}: {}", found.code, found.message));
            quote!(#(compile_error!(#messages);)*).into()
        }
    }
}
