//! How the fields of a table become fields of Rust structures: a loop with a name becomes a list of structures, one without
//! a list of its only field, and what stands on some paths only becomes optional.

use crate::ir::{Expr, Row, RowKind, Schema, Slot, SlotKind, Table, What, camel_case, snake_case};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// A Rust structure.
pub struct Structure {
    /// Its type name.
    pub name: String,
    /// The loop variables around its fields.
    pub owner: Vec<usize>,
    /// Whether it holds columns: each field a list over all rounds.
    pub columns: bool,
    /// Its fields.
    pub items: Vec<Item>,
}

/// A field of a Rust structure.
pub enum Item {
    /// One slot.
    Value(Value),
    /// The rounds of a named loop.
    Elements {
        /// The loop's variable.
        var: usize,
        /// The loop's name.
        name: String,
        /// What a round is.
        structure: Structure,
    },
}

/// How one slot is stored.
pub struct Value {
    /// The slot.
    pub slot: usize,
    /// Whether it is a list.
    pub list: bool,
    /// Whether it may be absent.
    pub optional: bool,
    /// Whether an `offs` may stand in its place.
    pub or_offs: bool,
    /// Whether it is kept as bits.
    pub deferred: bool,
}

/// The structure of a table.
pub fn of_table(table: &Table) -> Structure {
    let mut structure = Structure { name: table.type_name(), owner: vec![], columns: false, items: vec![] };
    Layout { table }.rows(&table.rows, &mut structure, 0, false);
    structure
}

struct Layout<'t> {
    table: &'t Table,
}

impl Layout<'_> {
    fn rows(&self, rows: &[Row], into: &mut Structure, unnamed: usize, conditional: bool) {
        let always = always(rows);
        for row in rows {
            let conditional = conditional || row.form.is_some();
            match &row.kind {
                RowKind::Field(field) => {
                    let (or_offs, deferred) = match &field.what {
                        What::Table { or_offs, deferred, .. } => (*or_offs, deferred.is_some()),
                        _ => (false, false),
                    };
                    let fixed = matches!(field.what, What::Fixed(..)) && field.subs.is_empty();
                    let derived = self.slot(field.slot).is_some_and(|slot| slot.counts.is_some());
                    if !fixed && !derived {
                        let list = into.columns || unnamed > 0 || !field.subs.iter().all(|sub| matches!(sub, Expr::Slot(var) if into.owner.contains(var)));
                        self.add(Value { slot: field.slot, list, optional: conditional && !list, or_offs, deferred }, into);
                    }
                }
                RowKind::Align { slot } => {
                    let list = into.columns;
                    self.add(Value { slot: *slot, list, optional: conditional && !list, or_offs: false, deferred: false }, into);
                }
                RowKind::Element { slot, .. } => self.add(Value { slot: *slot, list: true, optional: false, or_offs: false, deferred: false }, into),
                RowKind::If { then, otherwise, .. } => {
                    // What both branches have is there in any case.
                    let both: Vec<usize> = self::always(then).into_iter().filter(|slot| self::always(otherwise).contains(slot)).collect();
                    let mark = into.items.len();
                    self.rows(then, into, unnamed, true);
                    self.rows(otherwise, into, unnamed, true);
                    if !conditional {
                        for item in into.items.iter_mut().skip(mark) {
                            if let Item::Value(value) = item
                                && both.contains(&value.slot)
                            {
                                value.optional = false;
                            }
                        }
                    }
                }
                RowKind::For { var, name: Some(name), columns, body, .. } => {
                    let mut owner = into.owner.clone();
                    owner.push(*var);
                    let mut structure =
                        Structure { name: format!("{}{}", into.name, camel_case(&singular(name))), owner, columns: *columns || into.columns, items: vec![] };
                    self.rows(body, &mut structure, 0, false);
                    into.items.push(Item::Elements { var: *var, name: name.clone(), structure });
                }
                RowKind::For { body, .. } => self.rows(body, into, unnamed + 1, conditional),
                _ => {}
            }
        }
        let _ = always;
    }

    fn slot(&self, slot: usize) -> Option<&Slot> {
        self.table.slots.get(slot)
    }

    fn add(&self, value: Value, into: &mut Structure) {
        let known = into.items.iter_mut().find_map(|item| match item {
            Item::Value(known) if known.slot == value.slot => Some(known),
            _ => None,
        });
        match known {
            Some(known) => known.list |= value.list,
            None => into.items.push(Item::Value(value)),
        }
    }
}

/// The slots of single values that every path through these rows gives.
fn always(rows: &[Row]) -> Vec<usize> {
    let mut found = vec![];
    for row in rows.iter().filter(|row| row.form.is_none()) {
        match &row.kind {
            RowKind::Field(field) => found.push(field.slot),
            RowKind::Align { slot } | RowKind::Let { slot, .. } => found.push(*slot),
            RowKind::If { then, otherwise, .. } => {
                let other = always(otherwise);
                found.extend(always(then).into_iter().filter(|slot| other.contains(slot)));
            }
            _ => {}
        }
    }
    found
}

/// The slots of single values that these rows give on every path.
pub fn given(rows: &[Row]) -> Vec<usize> {
    always(rows)
}

/// `classes` as `class`.
fn singular(name: &str) -> String {
    match name {
        _ if name.ends_with("ices") => format!("{}ex", name.trim_end_matches("ices")),
        _ if name.ends_with("ies") => format!("{}y", name.trim_end_matches("ies")),
        _ if name.ends_with("sses") => name.trim_end_matches("es").to_owned(),
        _ => name.strip_suffix('s').unwrap_or(name).to_owned(),
    }
}

/// The Rust name of a slot's field.
pub fn field_name(slot: &Slot) -> Ident {
    match slot.ordinal {
        0 => format_ident!("{}", snake_case(&slot.name)),
        ordinal => format_ident!("{}_{ordinal}", snake_case(&slot.name)),
    }
}

/// The Rust type of a slot's single value.
pub fn value_type(schema: &Schema, slot: &Slot, value: &Value) -> TokenStream {
    if value.deferred {
        return quote!(::mpegg_runtime::typed::Deferred);
    }
    match slot.kind {
        SlotKind::Number | SlotKind::Let | SlotKind::Variable => match slot.codes.and_then(|codes| schema.enums.get(codes)) {
            Some(codes) => {
                let name = format_ident!("{}", codes.type_name());
                quote!(#name)
            }
            None => number_type(slot),
        },
        SlotKind::Text => quote!(String),
        SlotKind::Ascii(bytes) => {
            let bytes = usize::from(bytes);
            quote!(::mpegg_runtime::bits::Ascii<#bytes>)
        }
        SlotKind::Bytes => quote!(Vec<u8>),
        SlotKind::Bits => quote!(::mpegg_runtime::bits::BitString),
        SlotKind::Table(table) => {
            let name = format_ident!("{}", schema.tables.get(table).map_or(String::new(), Table::type_name));
            if value.or_offs { quote!(::mpegg_runtime::typed::OrOffset<#name>) } else { quote!(#name) }
        }
    }
}

/// The smallest Rust type of a number; one bit is a flag.
pub fn number_type(slot: &Slot) -> TokenStream {
    match slot.range.high {
        _ if is_flag(slot) => quote!(bool),
        ..0x100 => quote!(u8),
        0x100..0x1_0000 => quote!(u16),
        0x1_0000..0x1_0000_0000 => quote!(u32),
        _ => quote!(u64),
    }
}

/// Whether a column of this slot is kept in the type for numbers that mostly are small.
pub fn is_wide(slot: &Slot) -> bool {
    slot.codes.is_none() && matches!(slot.kind, SlotKind::Number) && slot.range.high > 0xFFFF_FFFF
}

/// Whether a slot is stored as a flag.
pub fn is_flag(slot: &Slot) -> bool {
    slot.codes.is_none() && slot.range.high <= 1 && !slot.name.starts_with("reserved")
}

/// The name that an array has in the structure of the count: its own, or that of the loop around its fields.
pub fn json_name(table: &Table, count: usize, counted: usize) -> Option<String> {
    let (count, counted) = (table.slots.get(count)?, table.slots.get(counted)?);
    match counted.owner.get(count.owner.len()) {
        None => Some(counted.name.clone()),
        Some(var) => loop_name(&table.rows, *var),
    }
}

/// The name of the loop with this variable.
pub fn loop_name(rows: &[Row], wanted: usize) -> Option<String> {
    rows.iter().find_map(|row| match &row.kind {
        RowKind::For { var, name, body, .. } => {
            if *var == wanted {
                name.clone()
            } else {
                loop_name(body, wanted)
            }
        }
        RowKind::If { then, otherwise, .. } => loop_name(then, wanted).or_else(|| loop_name(otherwise, wanted)),
        _ => None,
    })
}
