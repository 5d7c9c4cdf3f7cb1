//! The schema language for the syntax tables of MPEG-G (ISO/IEC 23092), its compiler, and the tables themselves.
//!
//! The tables stand in `.mgs` files, a line for each printed row; [`standard`] compiles those that this crate carries. The way of a
//! schema: text, [parsed](parse) into a [tree](ast), [resolved](mod@resolve) and [analysed](analysis) into one
//! [intermediate form](ir), from which everything else is emitted.

#![forbid(unsafe_code)]

pub mod analysis;
pub mod ast;
pub mod diagnostic;
pub mod emit;
pub mod explain;
pub mod export;
pub mod format;
pub mod ir;
pub mod parse;
pub mod render;
pub mod resolve;
pub mod tables;

pub use diagnostic::{Diagnostic, Source};
pub use ir::Schema;

/// Compiles files together.
///
/// # Errors
///
/// All diagnostics, in the order in which they were found, when there is one or more.
pub fn compile(sources: &[Source]) -> Result<Schema, Vec<Diagnostic>> {
    let mut diagnostics = vec![];
    let mut files = vec![];
    for (number, source) in sources.iter().enumerate() {
        let (file, found) = parse::parse(number, &source.text);
        files.push(file);
        diagnostics.extend(found);
    }
    finish(&files, diagnostics)
}

/// Compiles files that are parsed already.
///
/// # Errors
///
/// As [`compile`].
pub fn finish(files: &[ast::File], mut diagnostics: Vec<Diagnostic>) -> Result<Schema, Vec<Diagnostic>> {
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let mut schema = resolve::resolve(files, &mut diagnostics);
    if diagnostics.is_empty() {
        analysis::analyze(&mut schema, &mut diagnostics);
    }
    if diagnostics.is_empty() { Ok(schema) } else { Err(once(diagnostics)) }
}

/// Each finding once: passes that look at one place find the same there.
fn once(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = std::collections::HashSet::new();
    let key = |found: &Diagnostic| (found.code, found.span.file, found.span.bytes.start, found.span.bytes.end, found.message.clone());
    found.into_iter().filter(|found| seen.insert(key(found))).collect()
}

/// The tables of ISO/IEC 23092 that this crate carries, compiled.
///
/// # Errors
///
/// None as released: the tests compile the tables.
pub fn standard() -> Result<Schema, Vec<Diagnostic>> {
    compile(&tables::sources())
}
