//! Walking a stream of data units (6.3): a type, a size, a payload, one behind the other.

use super::Visitor;
use crate::tables::{DataUnitType, annotations, coding, descriptions};
use mpegg_runtime::source::Source;
use mpegg_runtime::table::Table;
use mpegg_runtime::walk::{Cursor, FieldEvent, FieldValue, NoScope, Scope, StructEvent, Value, Visitor as FieldVisitor, read_guessing, walk_struct};
use mpegg_runtime::{ErrorKind, Limits, Result};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The name of a unit in paths.
pub const UNIT: &str = "data_unit";

/// Walks the units to the end, or to the first that cannot be read: where the next one begins is then unknown.
pub fn walk(source: &dyn Source, visitor: &mut dyn Visitor, limits: &Limits) -> Result<()> {
    let table: &'static Table = &descriptions::DATA_UNIT;
    let mut cursor = Cursor::new(source);
    let sets = ParameterSets::default();
    let mut number = 0;
    while cursor.remaining() > 0 && !visitor.stop() {
        visitor.base(&[], &[]);
        let index = [number];
        let start = cursor.position();
        visitor.enter_struct(&StructEvent { table, outer: table, row: &ROW, name: UNIT, index: &index, bit: start });
        let done = walk_struct(&mut cursor, table, &sets, visitor.fields(), limits);
        visitor.leave_struct();
        match done {
            Ok(_) => sets.take(source, start, cursor.position(), limits),
            Err(_) if visitor.stop() => return Ok(()),
            Err(error) if error.kind() == ErrorKind::Io => return Err(error),
            Err(error) => {
                visitor.error(error.in_field(UNIT, &index));
                break;
            }
        }
        number += 1;
    }
    Ok(())
}

/// The parameter sets of a stream so far, of Part 2 and of Part 6, by parameter_set_ID (of several with one ID the last): access units depend
/// on them.
#[derive(Default)]
struct ParameterSets {
    reads: RefCell<BTreeMap<i128, Value>>,
    annotations: RefCell<BTreeMap<i128, Value>>,
}

/// Where the payload of a data unit of type 1 or 3 stands, and what it is.
#[derive(Default)]
struct Payload(Option<(&'static Table, u64, u64)>);

impl FieldVisitor for Payload {
    fn field(&mut self, event: &FieldEvent<'_>) {
        let sets = [&coding::descriptions::PARAMETER_SET, &annotations::descriptions::ANNOTATION_PARAMETER_SET];
        if let Some(table) = sets.into_iter().find(|table| table.name == event.name) {
            self.0 = Some((table, event.bit, event.bit.saturating_add(event.bits)));
        }
    }
}

impl ParameterSets {
    /// Keeps the parameter set that the unit between two bits is, if it is one.
    fn take(&self, source: &dyn Source, start: u64, end: u64, limits: &Limits) {
        let mut payload = Payload::default();
        let unit = walk_struct(&mut Cursor::range(source, start, end), &descriptions::DATA_UNIT, &NoScope, &mut payload, limits);
        let (Ok(_), Some((table, start, end))) = (unit, payload.0) else { return };
        let set = read_guessing(&|| Cursor::range(source, start, end), table, &NoScope, limits);
        if let Ok((set, _)) = set
            && let Some(id) = set.number("parameter_set_ID")
            && let Some(sets) = self.of(table)
        {
            sets.borrow_mut().insert(id, Value::from(set));
        }
    }

    fn of(&self, table: &'static Table) -> Option<&RefCell<BTreeMap<i128, Value>>> {
        let is = |other: &'static Table| std::ptr::eq(table, other);
        if is(&coding::descriptions::PARAMETER_SET) {
            Some(&self.reads)
        } else {
            is(&annotations::descriptions::ANNOTATION_PARAMETER_SET).then_some(&self.annotations)
        }
    }
}

impl Scope for ParameterSets {
    fn one(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::Absent)
    }

    fn many(&self, table: &'static Table) -> Result<Value> {
        Ok(self.of(table).map_or(Value::Absent, |sets| Value::from(sets.borrow().values().cloned().collect::<Vec<_>>())))
    }

    fn grouped(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::Absent)
    }

    fn number(&self, _: &str) -> Option<i128> {
        None
    }
}

/// A data unit: its type and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its first byte.
    pub offset: u64,
    /// data_unit_size: bytes in all.
    pub length: u64,
    /// Its type.
    pub unit_type: DataUnitType,
}

/// The units of a stream in order, without their payloads.
pub struct Units<'s> {
    source: &'s dyn Source,
    at: u64,
}

impl<'s> Units<'s> {
    /// From the first byte.
    pub fn new(source: &'s dyn Source) -> Self {
        Units { source, at: 0 }
    }
}

/// Takes type and size of a unit from its fields.
#[derive(Default)]
struct Sizes {
    unit_type: u64,
    size: Option<u64>,
}

impl FieldVisitor for Sizes {
    fn field(&mut self, event: &FieldEvent<'_>) {
        match (event.name, &event.value) {
            ("data_unit_type", FieldValue::Int(code)) => self.unit_type = *code,
            ("data_unit_size", FieldValue::Int(size)) => self.size = Some(*size),
            _ => {}
        }
    }
}

impl Iterator for Units<'_> {
    type Item = Result<Unit>;

    fn next(&mut self) -> Option<Self::Item> {
        let end = self.source.len();
        if self.at >= end {
            return None;
        }
        let offset = self.at;
        let mut sizes = Sizes::default();
        let mut cursor = Cursor::range(self.source, offset.saturating_mul(8), end.saturating_mul(8));
        let done = walk_struct(&mut cursor, &descriptions::DATA_UNIT, &NoScope, &mut sizes, &Limits::default());
        if let Err(error) = done {
            self.at = end;
            return Some(Err(error));
        }
        let length = sizes.size.unwrap_or(end.saturating_sub(offset));
        self.at = offset.saturating_add(length);
        Some(Ok(Unit { offset, length, unit_type: DataUnitType::from_code(sizes.unit_type) }))
    }
}

/// Units stand in no table; events name a row all the same.
static ROW: mpegg_runtime::table::Row = mpegg_runtime::table::Row::Align { line: 0 };
