//! From the syntax tree to the intermediate form: every name is resolved, and it is proved that a name has a value on every
//! path to its use.

mod calls;
mod constants;
mod declare;
mod expr;
mod fields;
mod fitting;
mod names;
mod parts;
mod rows;
mod symbols;

pub use symbols::Symbols;

use crate::ast;
use crate::diagnostic::Diagnostic;
use crate::ir;
use parts::Parts;

/// Resolves all files together.
pub fn resolve(files: &[ast::File], diagnostics: &mut Vec<Diagnostic>) -> ir::Schema {
    let parts = Parts::of(files, diagnostics);
    let symbols = Symbols::collect(&parts, diagnostics);
    names::check(&parts, diagnostics);
    fitting::check(&symbols, &parts.items, diagnostics);
    let mut schema = ir::Schema {
        tables: declare::tables(&symbols, diagnostics),
        enums: symbols.enums.clone(),
        foreign: symbols.foreign.clone(),
        parts: parts.parts.clone(),
        hierarchy: symbols.hierarchy.iter().copied().map(level).collect(),
    };
    for number in 0..symbols.tables.len() {
        rows::resolve_table(&symbols, &mut schema, number, diagnostics);
    }
    schema
}

fn level(level: &ast::Level) -> ir::Level {
    ir::Level {
        key: level.key.text.clone(),
        clause: level.clause.clone(),
        scope: level.scope,
        mandatory: level.mandatory,
        children: level.children.iter().map(self::level).collect(),
    }
}
