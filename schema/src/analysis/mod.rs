//! What must be proved before any code is emitted. Each pass is one sentence; read them as a table of contents.

mod absence;
pub use absence::row_expressions;
pub use values::ceil_log2;
mod hierarchy;
mod narrowing;
mod order;
mod ranges;
mod recursion;
mod sizes;
mod values;

use crate::diagnostic::Diagnostic;
use crate::ir::Schema;

/// Runs all passes over a resolved schema.
pub fn analyze(schema: &mut Schema, diagnostics: &mut Vec<Diagnostic>) {
    // Structures embed each other without cycles.
    recursion::check(schema, diagnostics);
    if !diagnostics.is_empty() {
        return;
    }
    // The least and the greatest value of every field and expression.
    let floor = ranges::infer(schema);
    // The smallest size of every table and loop body; exact sizes where nothing varies.
    sizes::compute(schema);
    // Widths of 0 to 64, no division by zero, no shift too far, no overflow, no endless loop.
    ranges::check(schema, &floor, diagnostics);
    // Fields of other tables that exist on some paths only are used with `??`.
    absence::check(schema, diagnostics);
    // What runs to the end of a box stands last in it; containers list fields, children, blocks.
    order::check(schema, diagnostics);
    // Table 10 and the containers agree.
    hierarchy::check(schema, diagnostics);
}
