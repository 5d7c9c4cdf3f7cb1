//! Where the parameters of a table come from that is walked as a box on its own.

use super::Value;
use crate::error::Result;
use crate::table::Table;

/// Supplies what a table depends on. [`Value::Absent`] says that it is not there.
pub trait Scope {
    /// A decoded structure.
    fn one(&self, table: &'static Table) -> Result<Value>;

    /// All structures of this kind in the nearest enclosing container, as a list of records.
    fn many(&self, table: &'static Table) -> Result<Value>;

    /// The same as a list of such lists, one for each child container.
    fn grouped(&self, table: &'static Table) -> Result<Value>;

    /// A plain number, such as `is_transport_mode`.
    fn number(&self, name: &str) -> Option<i128>;

    /// Whether an embedded box whose parameters stand further on shall be decoded where they can be found.
    fn deferred(&self, table: &'static Table) -> bool {
        let _ = table;
        true
    }
}

/// A scope in which nothing is.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoScope;

impl Scope for NoScope {
    fn one(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::Absent)
    }

    fn many(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::Absent)
    }

    fn grouped(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::Absent)
    }

    fn number(&self, _: &str) -> Option<i128> {
        None
    }
}
