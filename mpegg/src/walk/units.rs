//! Walking a stream of data units (6.3): a type, a size, a payload, one behind the other.

use super::Visitor;
use super::path::Step;
use crate::tables::descriptions;
use mpegg_runtime::source::Source;
use mpegg_runtime::table::Table;
use mpegg_runtime::walk::{Cursor, NoScope, StructEvent, walk_struct};
use mpegg_runtime::{ErrorKind, Limits, Result};

/// The name of a unit in paths.
pub const UNIT: &str = "data_unit";

/// Walks the units to the end, or to the first that cannot be read: where the next one begins is then unknown.
pub fn walk(source: &dyn Source, visitor: &mut dyn Visitor, limits: &Limits) -> Result<()> {
    let table: &'static Table = &descriptions::DATA_UNIT;
    let mut cursor = Cursor::new(source);
    let mut number = 0;
    while cursor.remaining() > 0 && !visitor.stop() {
        visitor.base(&[] as &[Step]);
        let index = [number];
        visitor.enter_struct(&StructEvent { table, outer: table, row: &ROW, name: UNIT, index: &index, bit: cursor.position() });
        let done = walk_struct(&mut cursor, table, &NoScope, visitor.fields(), limits);
        visitor.leave_struct();
        match done {
            Ok(_) => {}
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

/// Units stand in no table; events name a row all the same.
static ROW: mpegg_runtime::table::Row = mpegg_runtime::table::Row::Align { line: 0 };
