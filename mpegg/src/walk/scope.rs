//! What the containers around a box supply to its table: structures are found by their keys among the children, wherever these
//! stand, and read when they are first asked for. The same for a file that is read and for JSON that is written.

use super::{TOP, listed};
use mpegg_runtime::Result;
use mpegg_runtime::table::{Kind as TableKind, Table};
use mpegg_runtime::walk::{Scope, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// A container, or the top level of an input.
pub trait Container: Sized {
    /// A child box.
    type Child;

    /// Its table; `None`: the top level.
    fn table(&self) -> Option<&'static Table>;

    /// The container around it.
    fn parent(&self) -> Option<&Rc<Self>>;

    /// The children of a key in logical order, `offs` resolved; only the first where that is enough.
    fn of_key(self: &Rc<Self>, key: [u8; 4], only_first: bool) -> Result<Vec<Self::Child>>;

    /// The values of a child.
    fn read(self: &Rc<Self>, table: &'static Table, child: &Self::Child) -> Result<Value>;

    /// A child that is a container.
    fn inside(self: &Rc<Self>, table: &'static Table, child: &Self::Child) -> Rc<Self>;

    /// What has been asked for before.
    fn known(&self) -> &Known;

    /// What supplies structures where no container does.
    fn outside(&self) -> Option<&dyn Scope> {
        None
    }

    /// A number by name.
    fn number(&self, name: &str) -> Option<i128>;

    /// Whether boxes that are decoded on demand shall be.
    fn decodes_deferred(&self) -> bool;
}

/// Values by table (its address) and kind of parameter.
#[derive(Default)]
pub struct Known(RefCell<HashMap<(usize, u8), Value>>);

impl Known {
    fn get_or(&self, table: &'static Table, kind: u8, compute: impl FnOnce() -> Result<Value>) -> Result<Value> {
        let key = (std::ptr::from_ref(table).addr(), kind);
        if let Some(known) = self.0.borrow().get(&key) {
            return Ok(known.clone());
        }
        let value = compute()?;
        self.0.borrow_mut().insert(key, value.clone());
        Ok(value)
    }
}

/// The tables of the children that a container lists. Of a reassembled box everything comes from outside.
fn children_of<C: Container>(container: &C) -> Vec<&'static Table> {
    match container.table() {
        Some(table) => listed(table).into_iter().map(|(_, table)| table).collect(),
        None if container.outside().is_some() => vec![],
        None => TOP.to_vec(),
    }
}

/// Whether a structure of this table can stand among these children, or inside child containers of so many levels.
fn reaches(children: &[&'static Table], wanted: &Table, levels: u32) -> bool {
    children.iter().any(|table| table.key == wanted.key)
        || levels > 0
            && children.iter().filter(|table| table.kind == TableKind::Container).any(|table| {
                let inner: Vec<&Table> = listed(table).into_iter().map(|(_, table)| table).collect();
                reaches(&inner, wanted, levels - 1)
            })
}

/// A container as the scope of the boxes in it.
pub struct Inside<C>(pub Rc<C>);

impl<C: Container> Inside<C> {
    fn nearest(&self, wanted: &Table, levels: u32) -> Option<Rc<C>> {
        let mut here = Some(self.0.clone());
        while let Some(container) = here {
            if reaches(&children_of(container.as_ref()), wanted, levels) {
                return Some(container);
            }
            here = container.parent().cloned();
        }
        None
    }
}

fn first<C: Container>(container: &Rc<C>, table: &'static Table) -> Result<Value> {
    let Some(key) = table.key else { return Ok(Value::Absent) };
    container.of_key(key, true)?.first().map_or(Ok(Value::Absent), |child| container.read(table, child))
}

/// All structures of a table among the children and inside child containers.
fn all<C: Container>(container: &Rc<C>, table: &'static Table) -> Result<Vec<Value>> {
    let Some(key) = table.key else { return Ok(vec![]) };
    if children_of(container.as_ref()).iter().any(|child| child.key == table.key) {
        return container.of_key(key, false)?.iter().map(|child| container.read(table, child)).collect();
    }
    let mut found = vec![];
    for inner in inner(container)? {
        found.extend(all(&inner, table)?);
    }
    Ok(found)
}

fn inner<C: Container>(container: &Rc<C>) -> Result<Vec<Rc<C>>> {
    let mut found = vec![];
    for table in children_of(container.as_ref()).into_iter().filter(|table| table.kind == TableKind::Container) {
        let Some(key) = table.key else { continue };
        // A key that is listed twice (agcn) is one kind of child.
        if found.iter().any(|(seen, _)| *seen == key) {
            continue;
        }
        found.extend(container.of_key(key, false)?.iter().map(|child| (key, container.inside(table, child))));
    }
    Ok(found.into_iter().map(|(_, inner)| inner).collect())
}

impl<C: Container> Scope for Inside<C> {
    fn one(&self, table: &'static Table) -> Result<Value> {
        match self.nearest(table, 0) {
            Some(container) => container.known().get_or(table, 0, || first(&container, table)),
            None => self.0.outside().map_or(Ok(Value::Absent), |outside| outside.one(table)),
        }
    }

    fn many(&self, table: &'static Table) -> Result<Value> {
        match self.nearest(table, 1) {
            Some(container) => container.known().get_or(table, 1, || all(&container, table).map(Value::from)),
            None => self.0.outside().map_or(Ok(Value::Absent), |outside| outside.many(table)),
        }
    }

    fn grouped(&self, table: &'static Table) -> Result<Value> {
        match self.nearest(table, 2) {
            Some(container) => container.known().get_or(table, 2, || {
                let groups: Result<Vec<Value>> = inner(&container)?.iter().map(|inner| all(inner, table).map(Value::from)).collect();
                groups.map(Value::from)
            }),
            None => Ok(Value::Absent),
        }
    }

    fn number(&self, name: &str) -> Option<i128> {
        self.0.number(name)
    }

    fn deferred(&self, _: &'static Table) -> bool {
        self.0.decodes_deferred()
    }
}
