//! The smallest size of every table and of every round of a loop, so that a count can be refused before memory is reserved
//! for it; the exact size where nothing varies.

use crate::ir::{Expr, Row, RowKind, Schema, What};

/// Bits of Key and Length.
const HEAD: u64 = 96;

/// Computes the sizes; embedded tables are acyclic by now, so a few rounds reach the fixed point.
pub fn compute(schema: &mut Schema) {
    let depth = schema.tables.len().min(64);
    for _ in 0..=depth {
        let sizes: Vec<Size> = schema.tables.iter().map(|table| size(&table.rows, schema)).collect();
        let mut changed = false;
        for (table, size) in schema.tables.iter_mut().zip(sizes) {
            changed |= table.min_bits != size.least || table.fixed_bits != size.exact;
            table.min_bits = size.least;
            table.fixed_bits = size.exact;
        }
        if !changed {
            break;
        }
    }
    let mut tables = std::mem::take(&mut schema.tables);
    schema.tables = tables.clone();
    for table in &mut tables {
        mark(&mut table.rows, schema);
    }
    schema.tables = tables;
}

#[derive(Clone, Copy)]
struct Size {
    least: u64,
    exact: Option<u64>,
}

impl Size {
    fn exactly(bits: u64) -> Size {
        Size { least: bits, exact: Some(bits) }
    }

    fn at_least(bits: u64) -> Size {
        Size { least: bits, exact: None }
    }

    fn and(self, other: Size) -> Size {
        let exact = self.exact.zip(other.exact).map(|(a, b)| a.saturating_add(b));
        Size { least: self.least.saturating_add(other.least), exact }
    }
}

fn size(rows: &[Row], schema: &Schema) -> Size {
    rows.iter().map(|row| row_size(row, schema)).fold(Size::exactly(0), Size::and)
}

fn row_size(row: &Row, schema: &Schema) -> Size {
    let size = match &row.kind {
        RowKind::Field(field) => what_size(&field.what, schema),
        RowKind::If { then, otherwise, .. } => {
            let (a, b) = (size(then, schema), size(otherwise, schema));
            let exact = a.exact.filter(|bits| b.exact == Some(*bits));
            Size { least: a.least.min(b.least), exact }
        }
        RowKind::For { .. } | RowKind::Align { .. } | RowKind::Child { .. } => Size::at_least(0),
        _ => Size::exactly(0),
    };
    if row.form.is_some() { Size::at_least(0) } else { size }
}

fn what_size(what: &What, schema: &Schema) -> Size {
    match what {
        What::Unsigned(Expr::Int(bits)) | What::Bits(Expr::Int(bits)) => Size::exactly(u64::try_from(*bits).unwrap_or(0)),
        What::Unsigned(width) => Size::at_least(least_width(width)),
        What::Bits(_) | What::Letters(..) => Size::at_least(0),
        What::Fixed(bits, _) => Size::exactly(u64::from(*bits)),
        What::Ascii(bytes) => Size::exactly(u64::from(*bytes) * 8),
        What::Text(_) => Size::at_least(8),
        What::Bytes(Some(Expr::Int(bytes))) => Size::exactly(u64::try_from(*bytes).unwrap_or(0).saturating_mul(8)),
        What::Bytes(_) => Size::at_least(0),
        What::Table { table, or_offs, .. } => match schema.tables.get(*table) {
            Some(_) if *or_offs => Size::at_least(HEAD),
            Some(table) if table.key.is_some() => Size::at_least(HEAD.saturating_add(table.min_bits)),
            Some(table) => Size { least: table.min_bits, exact: table.fixed_bits },
            None => Size::at_least(0),
        },
    }
}

/// A width by an expression: positions and offsets come as a choice of two or as a `let` of at least 8 bits elsewhere.
fn least_width(width: &Expr) -> u64 {
    match width {
        Expr::Int(bits) => u64::try_from(*bits).unwrap_or(0),
        Expr::Choose(_, a, b) => least_width(a).min(least_width(b)),
        _ => 0,
    }
}

fn mark(rows: &mut [Row], schema: &Schema) {
    for row in rows {
        match &mut row.kind {
            RowKind::If { then, otherwise, .. } => {
                mark(then, schema);
                mark(otherwise, schema);
            }
            RowKind::For { min_bits, body, columns, .. } => {
                let _ = columns;
                *min_bits = size(body, schema).least;
                mark(body, schema);
            }
            _ => {}
        }
    }
}
