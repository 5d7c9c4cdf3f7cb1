//! The containers around a box, and what they supply to the tables inside: structures are found by their keys among the children,
//! wherever these stand, and read when they are first asked for.

use super::file::{Child, children, first_child};
use super::path::Step;
use super::{TOP, listed};
use mpegg_runtime::source::Source;
use mpegg_runtime::table::{Kind as TableKind, Table};
use mpegg_runtime::walk::{Cursor, Quiet, Scope, Value, walk_box};
use mpegg_runtime::{Limits, Result};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// A container (or the whole input, without table) that is being walked.
pub struct Level<'s> {
    /// The bytes.
    pub source: &'s dyn Source,
    /// Its table; `None`: the top level.
    pub table: Option<&'static Table>,
    /// Where its children begin, in bytes.
    pub children: u64,
    /// Where it ends.
    pub end: u64,
    /// The path to it.
    pub path: Vec<Step>,
    /// The container around it.
    pub parent: Option<Rc<Level<'s>>>,
    /// What the input itself supplies where no container does (a stream has no containers around).
    pub outside: Option<Rc<dyn Scope + 's>>,
    /// Numbers by name.
    pub numbers: Vec<(&'static str, i128)>,
    /// Bounds.
    pub limits: Limits,
    known: RefCell<HashMap<(usize, u8), Value>>,
    /// Whether boxes that are decoded on demand shall be; not while a structure is read only to supply others.
    silent: std::cell::Cell<bool>,
}

impl<'s> Level<'s> {
    /// The top level of an input.
    pub fn top(source: &'s dyn Source, limits: &Limits) -> Level<'s> {
        Level {
            source,
            table: None,
            children: 0,
            end: source.len(),
            path: vec![],
            parent: None,
            outside: None,
            numbers: vec![("is_transport_mode", 0)],
            limits: limits.clone(),
            known: RefCell::default(),
            silent: std::cell::Cell::new(false),
        }
    }

    /// A container inside.
    pub fn inside(self: &Rc<Self>, table: &'static Table, children: u64, end: u64, step: Step) -> Level<'s> {
        let mut path = self.path.clone();
        path.push(step);
        Level {
            source: self.source,
            table: Some(table),
            children,
            end,
            path,
            parent: Some(self.clone()),
            outside: self.outside.clone(),
            numbers: self.numbers.clone(),
            limits: self.limits.clone(),
            known: RefCell::default(),
            silent: std::cell::Cell::new(false),
        }
    }

    /// In how many containers a child of this one stands.
    pub fn depth(&self) -> u32 {
        u32::try_from(self.path.len()).unwrap_or(u32::MAX)
    }

    fn lists(&self, wanted: &Table) -> bool {
        let tables = match self.table {
            Some(table) => listed(table).into_iter().map(|(_, table)| table).collect(),
            None if self.outside.is_some() => return false, // of a stream everything comes from outside
            None => TOP.to_vec(),
        };
        tables.iter().any(|table| table.key == wanted.key)
    }

    fn containers(&self) -> Vec<&'static Table> {
        let all = match self.table {
            Some(table) => listed(table).into_iter().map(|(_, table)| table).collect(),
            None => TOP.to_vec(),
        };
        all.into_iter().filter(|table| table.kind == TableKind::Container).collect()
    }

    /// The children of a key, `offs` resolved; a single box that an `offs` addresses hides others (R4).
    fn of_key(&self, key: [u8; 4]) -> Result<Vec<Child>> {
        let mut found = vec![];
        for child in children(self.source, self.table, self.children, self.end) {
            let child = child?;
            if child.head.key == key {
                found.push(child);
            } else if let Some(target) = child.target(self.source, key)? {
                found.push(target);
            }
        }
        Ok(found)
    }

    fn read(self: &Rc<Self>, table: &'static Table, child: &Child) -> Result<Value> {
        let mut cursor = Cursor::range(self.source, child.head.offset.saturating_mul(8), child.head.end().saturating_mul(8));
        let silent = self.silent.replace(true);
        let scope = LevelScope(self.clone());
        let record = walk_box(&mut cursor, table, &scope, &mut Quiet, &self.limits);
        self.silent.set(silent);
        record.map(Value::from)
    }

    /// The first structure of a table among the children, or (through an `offs`) elsewhere.
    fn first(self: &Rc<Self>, table: &'static Table) -> Result<Value> {
        let Some(key) = table.key else { return Ok(Value::Absent) };
        let mut first = None;
        for child in children(self.source, self.table, self.children, self.end) {
            let child = child?;
            if child.head.key == key {
                first = first.or(Some(child));
                break;
            }
            if let Some(target) = child.target(self.source, key)? {
                first = Some(target);
                break;
            }
        }
        first.map_or(Ok(Value::Absent), |child| self.read(table, &child))
    }

    /// All structures of a table among the children and inside child containers.
    fn all(self: &Rc<Self>, table: &'static Table) -> Result<Vec<Value>> {
        let Some(key) = table.key else { return Ok(vec![]) };
        if self.lists(table) {
            return self.of_key(key)?.iter().map(|child| self.read(table, child)).collect();
        }
        let mut found = vec![];
        for inner in self.inner_levels()? {
            found.extend(inner.all(table)?);
        }
        Ok(found)
    }

    /// The child containers as levels.
    fn inner_levels(self: &Rc<Self>) -> Result<Vec<Rc<Level<'s>>>> {
        let mut found = vec![];
        for table in self.containers() {
            let Some(key) = table.key else { continue };
            for child in self.of_key(key)? {
                let step = Step { key, ordinal: 0, repeats: false };
                found.push(Rc::new(self.inside(table, first_child(table, child.head.offset), child.head.end(), step)));
            }
        }
        Ok(found)
    }

    /// Whether a structure of this table can stand among the children or inside child containers of so many levels.
    fn reaches(table: Option<&'static Table>, wanted: &Table, levels: u32) -> bool {
        let tables: Vec<&Table> = match table {
            Some(table) => listed(table).into_iter().map(|(_, table)| table).collect(),
            None => TOP.to_vec(),
        };
        tables.iter().any(|table| table.key == wanted.key)
            || levels > 0 && tables.iter().any(|table| table.kind == TableKind::Container && Self::reaches(Some(table), wanted, levels - 1))
    }

    fn memo(&self, table: &'static Table, kind: u8, compute: impl FnOnce() -> Result<Value>) -> Result<Value> {
        let key = (std::ptr::from_ref(table).addr(), kind);
        if let Some(known) = self.known.borrow().get(&key) {
            return Ok(known.clone());
        }
        let value = compute()?;
        self.known.borrow_mut().insert(key, value.clone());
        Ok(value)
    }
}

/// A level as the scope of the boxes in it.
pub struct LevelScope<'s>(pub Rc<Level<'s>>);

impl LevelScope<'_> {
    /// The nearest level around that satisfies a test.
    fn nearest(&self, test: impl Fn(&Level) -> bool) -> Option<LevelScope<'_>> {
        let mut level = Some(self.0.clone());
        while let Some(here) = level {
            if test(&here) {
                return Some(LevelScope(here));
            }
            level = here.parent.clone();
        }
        None
    }
}

impl Scope for LevelScope<'_> {
    fn one(&self, table: &'static Table) -> Result<Value> {
        match self.nearest(|level| level.lists(table)) {
            Some(LevelScope(level)) => level.memo(table, 0, || level.first(table)),
            None => self.0.outside.as_ref().map_or(Ok(Value::Absent), |outside| outside.one(table)),
        }
    }

    fn many(&self, table: &'static Table) -> Result<Value> {
        let inside = |level: &Level| level.table.is_some() || level.outside.is_none();
        match self.nearest(|level| inside(level) && Level::reaches(level.table, table, 1)) {
            Some(LevelScope(level)) => level.memo(table, 1, || level.all(table).map(Value::from)),
            None => self.0.outside.as_ref().map_or(Ok(Value::Absent), |outside| outside.many(table)),
        }
    }

    fn grouped(&self, table: &'static Table) -> Result<Value> {
        match self.nearest(|level| Level::reaches(level.table, table, 2)) {
            Some(LevelScope(level)) => level.memo(table, 2, || {
                let groups = level.inner_levels()?.iter().map(|inner| inner.all(table).map(Value::from)).collect::<Result<Vec<_>>>()?;
                Ok(Value::from(groups))
            }),
            None => Ok(Value::Absent),
        }
    }

    fn number(&self, name: &str) -> Option<i128> {
        self.0.numbers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    fn deferred(&self, _: &'static Table) -> bool {
        !self.0.silent.get()
    }
}
