//! The values of a table that is being walked.

use std::cell::OnceCell;

use super::eval::At;
use super::{Record, Scope, Value};
use crate::error::{Error, Result};
use crate::table::{Expr, ParamKind, Table};

/// The slots of a table while it is walked, and where its parameters come from.
pub(crate) struct Frame<'f> {
    pub table: &'static Table,
    pub slots: Vec<Value>,
    /// The kept fields that were read last: what a failed condition is blamed on.
    seen: Vec<Seen>,
    /// The form that is being walked.
    pub form: u8,
    /// The Length of the box, where it is known.
    pub length: Option<u64>,
    /// Parameters that have been used.
    params: Vec<OnceCell<Value>>,
    args: Args<'f>,
}

/// Where a kept field was read last.
pub(crate) struct Seen {
    pub slot: u16,
    pub index: Vec<u64>,
    pub bit: u64,
}

/// Where parameters come from; none is computed before an expression uses it.
#[derive(Clone, Copy)]
pub(crate) enum Args<'f> {
    /// From the place of a box on its own.
    Scope(&'f dyn Scope),
    /// From the row of another table that embeds this one.
    Row(&'static [Expr], &'f Frame<'f>),
}

impl<'f> Frame<'f> {
    pub(crate) fn new(table: &'static Table, args: Args<'f>, length: Option<u64>, form: u8) -> Frame<'f> {
        Frame { table, slots: vec![Value::Absent; table.slots.len()], seen: Vec::new(), form, length, params: vec![OnceCell::new(); table.params.len()], args }
    }

    /// Computes now those arguments that look at the bits left, which later will be others.
    pub(crate) fn settle(&self, position: u64, remaining: Option<u64>) -> Result<()> {
        let Args::Row(args, outer) = self.args else {
            return Ok(());
        };
        for (arg, cell) in args.iter().zip(&self.params) {
            if looks_ahead(arg) {
                let at = At { frame: outer, position, remaining };
                let _ = cell.set(at.value(arg)?.into_owned());
            }
        }
        Ok(())
    }

    /// A parameter; computed when it is first used.
    pub(crate) fn param(&self, number: u8, position: u64) -> Result<&Value> {
        let none = || Error::unsupported(position, format!("the description has no parameter {number}"));
        let cell = self.params.get(usize::from(number)).ok_or_else(none)?;
        if let Some(value) = cell.get() {
            return Ok(value);
        }
        let value = match self.args {
            Args::Row(args, outer) => {
                let arg = args.get(usize::from(number)).ok_or_else(none)?;
                At { frame: outer, position, remaining: None }.value(arg)?.into_owned()
            }
            Args::Scope(scope) => {
                let param = self.table.params.get(usize::from(number)).ok_or_else(none)?;
                let found = match param.kind {
                    ParamKind::Number(..) => Ok(scope.number(param.name).map_or(Value::Absent, Value::Int)),
                    ParamKind::One(table) => scope.one(table),
                    ParamKind::Many(table) => scope.many(table),
                    ParamKind::Grouped(table) => scope.grouped(table),
                };
                found.map_err(|error| error.at(position))?
            }
        };
        Ok(cell.get_or_init(|| value))
    }

    /// The scope of the box on its own in which all this happens.
    pub(crate) fn scope(&self) -> &'f dyn Scope {
        match self.args {
            Args::Scope(scope) => scope,
            Args::Row(_, outer) => outer.scope(),
        }
    }

    /// Whether an expression uses the slot.
    pub(crate) fn keeps(&self, slot: u16) -> bool {
        self.table.slots.get(usize::from(slot)).is_some_and(|slot| slot.kept)
    }

    /// Puts a value into a slot, or into an element of the array there; `room` is how many elements may be added.
    pub(crate) fn set(&mut self, slot: u16, index: &[u64], value: Value, room: &mut u64) -> Result<()> {
        let Some(place) = self.slots.get_mut(usize::from(slot)) else {
            return Ok(());
        };
        put(place, index, value, room)
    }

    /// Notes where a kept field stands.
    pub(crate) fn note(&mut self, slot: u16, index: &[u64], bit: u64) {
        match self.seen.iter_mut().find(|seen| seen.slot == slot) {
            Some(seen) => {
                seen.bit = bit;
                seen.index.clear();
                seen.index.extend_from_slice(index);
            }
            None => self.seen.push(Seen { slot, index: index.to_vec(), bit }),
        }
    }

    /// The field of this name, if a condition mentions it.
    pub(crate) fn blamed_by_name(&self, cond: &Expr, name: &str) -> Option<&Seen> {
        let named = |slot: u16| self.table.slots.get(usize::from(slot)).is_some_and(|slot| slot.name == name);
        self.seen.iter().find(|seen| named(seen.slot) && mentions(cond, seen.slot))
    }

    /// What a field says that was read.
    pub(crate) fn value_of(&self, seen: &Seen) -> Value {
        let whole = self.slots.get(usize::from(seen.slot));
        let element = seen.index.iter().try_fold(whole, |value, i| Some(value?.elements().get(usize::try_from(*i).ok()?)));
        element.flatten().or(whole).cloned().unwrap_or_default()
    }

    /// The field of a condition that stands last in the bits.
    pub(crate) fn blamed(&self, cond: &Expr) -> Option<&Seen> {
        let mentioned = self.seen.iter().filter(|seen| mentions(cond, seen.slot));
        mentioned.max_by_key(|seen| seen.bit)
    }

    /// The values that are kept.
    pub(crate) fn into_record(self) -> Record {
        Record { table: self.table, form: self.form, slots: self.slots }
    }
}

/// Whether an expression uses a slot of its own table.
fn mentions(expr: &Expr, slot: u16) -> bool {
    match expr {
        Expr::Slot(number) => *number == slot,
        Expr::Int(_) | Expr::Text(_) | Expr::Param(_) | Expr::Length | Expr::Remaining => false,
        Expr::Member(a, _) | Expr::Unary(_, a) | Expr::CeilLog2(a) | Expr::Count(a) => mentions(a, slot),
        Expr::Index(a, b) | Expr::Binary(_, a, b) | Expr::Default(a, b) | Expr::CeilDiv(a, b) | Expr::Min(a, b) | Expr::Max(a, b) | Expr::Find(a, b) => {
            mentions(a, slot) || mentions(b, slot)
        }
        Expr::Choose(a, b, c) => mentions(a, slot) || mentions(b, slot) || mentions(c, slot),
    }
}

fn put(place: &mut Value, index: &[u64], value: Value, room: &mut u64) -> Result<()> {
    let Some((first, rest)) = index.split_first() else {
        *place = value;
        return Ok(());
    };
    if !matches!(place, Value::List(_)) {
        *place = Value::from(Vec::new());
    }
    let Value::List(list) = place else {
        return Ok(());
    };
    let list = std::rc::Rc::make_mut(list);
    let needed = first.saturating_add(1);
    let more = needed.saturating_sub(list.len() as u64);
    if more > 0 {
        let left = room.checked_sub(more).ok_or_else(|| Error::without_position(crate::ErrorKind::Limit, format!("an array of {needed} elements")))?;
        *room = left;
        list.resize(needed as usize, Value::Absent);
    }
    match list.get_mut(*first as usize) {
        Some(place) => put(place, rest, value, room),
        None => Ok(()),
    }
}

/// Whether an expression uses the bits left in the box.
fn looks_ahead(expr: &Expr) -> bool {
    match expr {
        Expr::Remaining => true,
        Expr::Int(_) | Expr::Text(_) | Expr::Slot(_) | Expr::Param(_) | Expr::Length => false,
        Expr::Member(a, _) | Expr::Unary(_, a) | Expr::CeilLog2(a) | Expr::Count(a) => looks_ahead(a),
        Expr::Index(a, b) | Expr::Binary(_, a, b) | Expr::Default(a, b) | Expr::CeilDiv(a, b) | Expr::Min(a, b) | Expr::Max(a, b) | Expr::Find(a, b) => {
            looks_ahead(a) || looks_ahead(b)
        }
        Expr::Choose(a, b, c) => looks_ahead(a) || looks_ahead(b) || looks_ahead(c),
    }
}
