//! The containers around a box of an input that is walked.

use super::children::{children, first_child};
use super::heads::Child;
use super::path::{Step, repeats};
use super::scope::{Container, Inside, Known};
use super::{TOP, has_tail};
use mpegg_runtime::source::Source;
use mpegg_runtime::table::Table;
use mpegg_runtime::walk::{Cursor, Quiet, Scope, Value, walk_box};
use mpegg_runtime::{Limits, Result};
use std::cell::Cell;
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
    known: Known,
    /// Whether a structure is read only to supply others.
    silent: Cell<bool>,
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
            limits: *limits,
            known: Known::default(),
            silent: Cell::new(false),
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
            limits: self.limits,
            known: Known::default(),
            silent: Cell::new(false),
        }
    }

    /// In how many containers a child of this one stands.
    pub fn depth(&self) -> u32 {
        u32::try_from(self.path.len()).unwrap_or(u32::MAX)
    }
}

impl<'s> Container for Level<'s> {
    type Child = Child;

    fn table(&self) -> Option<&'static Table> {
        self.table
    }

    fn parent(&self) -> Option<&Rc<Self>> {
        self.parent.as_ref()
    }

    fn of_key(self: &Rc<Self>, key: [u8; 4], only_first: bool) -> Result<Vec<Child>> {
        // Of the structures that others depend on, the header of a group can stand elsewhere: then that instance is the valid one (R4).
        let may_be_elsewhere = key == *b"dghd";
        // Nor is there a second one where the table lists one: who asks for it does not read the heads of all access units behind it.
        let listed_once = self.table.is_some_and(|table| !repeats(Some(table), key));
        let only_first = (only_first || listed_once) && !may_be_elsewhere;
        // Where blocks follow, no box can stand elsewhere.
        let blocks_follow = self.table.is_some_and(has_tail);
        let mut found = vec![];
        for child in children(self.source, self.table, self.children, self.end) {
            let child = child?;
            if child.head.key == key {
                found.push(child);
            } else if !blocks_follow && let Some(target) = child.target(self.source, key)? {
                found.push(target);
            }
            if only_first && !found.is_empty() || self.table.is_none() && TOP.iter().all(|table| table.key != Some(key)) {
                break;
            }
        }
        if may_be_elsewhere {
            found.sort_by_key(|child| !child.through_offs);
        }
        Ok(found)
    }

    fn read(self: &Rc<Self>, table: &'static Table, child: &Child) -> Result<Value> {
        let mut cursor = Cursor::range(self.source, child.head.offset.saturating_mul(8), child.head.end().saturating_mul(8));
        let silent = self.silent.replace(true);
        let record = walk_box(&mut cursor, table, &Inside(self.clone()), &mut Quiet, &self.limits);
        self.silent.set(silent);
        record.map(Value::from)
    }

    fn inside(self: &Rc<Self>, table: &'static Table, child: &Child) -> Rc<Self> {
        let step = Step { key: child.head.key, ordinal: 0, repeats: false };
        Rc::new(Level::inside(self, table, first_child(table, child.head.offset), child.head.end(), step))
    }

    fn known(&self) -> &Known {
        &self.known
    }

    fn outside(&self) -> Option<&dyn Scope> {
        self.outside.as_deref().map(|outside| outside as &dyn Scope)
    }

    fn number(&self, name: &str) -> Option<i128> {
        self.numbers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    fn decodes_deferred(&self) -> bool {
        !self.silent.get()
    }
}
