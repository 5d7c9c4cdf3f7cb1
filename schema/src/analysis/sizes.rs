//! The smallest size of every table and of every round of a loop, so that a count can be refused before memory is reserved
//! for it; the exact size where nothing varies.

use crate::ir::{Expr, Range, Row, RowKind, Schema, Table, Until, What};

/// Bits of Key and Length.
const HEAD: u64 = 96;

/// Computes the sizes; embedded tables are acyclic by now, so a few rounds reach the fixed point.
pub fn compute(schema: &mut Schema) {
    let depth = schema.tables.len().min(64);
    for _ in 0..=depth {
        let sizes: Vec<Size> = schema.tables.iter().map(|table| size(&table.rows, &ranges(table), schema)).collect();
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
}

fn ranges(table: &Table) -> Vec<Range> {
    table.slots.iter().map(|slot| slot.range).collect()
}

/// The fewest bits of these rows, given what is known of the slots.
pub fn least(rows: &[Row], slots: &[Range], schema: &Schema) -> u64 {
    size(rows, slots, schema).least
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

fn size(rows: &[Row], slots: &[Range], schema: &Schema) -> Size {
    rows.iter().map(|row| row_size(row, slots, schema)).fold(Size::exactly(0), Size::and)
}

fn row_size(row: &Row, slots: &[Range], schema: &Schema) -> Size {
    let size = match &row.kind {
        RowKind::Field(field) => what_size(&field.what, slots, schema),
        RowKind::If { then, otherwise, .. } => {
            let (a, b) = (size(then, slots, schema), size(otherwise, slots, schema));
            let exact = a.exact.filter(|bits| b.exact == Some(*bits));
            Size { least: a.least.min(b.least), exact }
        }
        // Children that may be absent take nothing for certain.
        RowKind::Child { many: false, optional: false, .. } => Size::at_least(HEAD),
        RowKind::Child { .. } => Size::at_least(0),
        RowKind::Align { .. } => Size::at_least(0),
        RowKind::For { from, until: Until::Below(until), body, .. } => {
            let rounds = low(until, slots, schema) - low(from, slots, schema);
            let rounds = if matches!(from, Expr::Int(_)) { u64::try_from(rounds).unwrap_or(0) } else { 0 };
            Size::at_least(size(body, slots, schema).least.saturating_mul(rounds))
        }
        RowKind::For { .. } => Size::at_least(0),
        _ => Size::exactly(0),
    };
    if row.form.is_some() { Size::at_least(0) } else { size }
}

fn what_size(what: &What, slots: &[Range], schema: &Schema) -> Size {
    match what {
        What::Unsigned(Expr::Int(bits)) | What::Bits(Expr::Int(bits)) => Size::exactly(u64::try_from(*bits).unwrap_or(0)),
        What::Unsigned(width) => Size::at_least(least_width(width, slots, schema)),
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

/// The least value of a width.
fn least_width(width: &Expr, slots: &[Range], schema: &Schema) -> u64 {
    u64::try_from(low(width, slots, schema)).unwrap_or(0).min(64)
}

/// A lower bound of a number, by the plainest reasoning: 0 where it is not one of these.
fn low(expr: &Expr, slots: &[Range], schema: &Schema) -> i128 {
    let range = |range: Range| if range.low > range.high { 0 } else { range.low };
    match expr {
        Expr::Int(value) => *value,
        Expr::Choose(_, a, b) | Expr::Default(a, b) => low(a, slots, schema).min(low(b, slots, schema)),
        Expr::Binary("+", a, b) => low(a, slots, schema).saturating_add(low(b, slots, schema)),
        Expr::Slot(slot) => slots.get(*slot).copied().map_or(0, range),
        Expr::Member(_, table, slot) => schema.tables.get(*table).and_then(|table| table.slots.get(*slot)).map_or(0, |slot| range(slot.range)),
        _ => 0,
    }
}
