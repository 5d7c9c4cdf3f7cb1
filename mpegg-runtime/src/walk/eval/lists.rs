//! Elements, members, counts and searches.

use std::borrow::Cow;

use super::At;
use crate::error::{Error, Result};
use crate::table::{Expr, ParamKind, Row, Table, What};
use crate::walk::Value;

impl<'f> At<'f> {
    /// A member of a structure, or of each structure of a list.
    pub(super) fn member(&self, base: Cow<'f, Value>, slot: u16) -> Result<Cow<'f, Value>> {
        let absent = || Cow::Owned(Value::Absent);
        match base {
            Cow::Borrowed(Value::Record(record)) => Ok(record.slots.get(usize::from(slot)).map_or_else(absent, Cow::Borrowed)),
            other => self.member_of(&other, slot).map(Cow::Owned),
        }
    }

    fn member_of(&self, base: &Value, slot: u16) -> Result<Value> {
        match base {
            Value::Absent => Ok(Value::Absent),
            Value::Record(record) => Ok(record.slots.get(usize::from(slot)).cloned().unwrap_or_default()),
            Value::List(list) => {
                let members: Result<Vec<Value>> = list.iter().map(|element| self.member_of(element, slot)).collect();
                members.map(Value::from)
            }
            Value::Int(_) | Value::Text(_) => Err(self.malformed("a member of something that is no structure")),
        }
    }

    /// An element of a list.
    pub(super) fn element(&self, list: &'static Expr, index: &'static Expr, lenient: bool) -> Result<Cow<'f, Value>> {
        if let Expr::Member(base, slot) = list {
            // the member of the element is the element of the members
            let base = self.value_or_nothing(base, lenient)?;
            if let Value::List(_) = base.as_ref() {
                let element = self.pick(base, list, index, lenient)?;
                return self.member(element, *slot);
            }
            let members = self.member(base, *slot)?;
            return self.pick(members, list, index, lenient);
        }
        let base = self.value_or_nothing(list, lenient)?;
        self.pick(base, list, index, lenient)
    }

    fn pick(&self, from: Cow<'f, Value>, list: &'static Expr, index: &'static Expr, lenient: bool) -> Result<Cow<'f, Value>> {
        if !matches!(from.as_ref(), Value::List(_) | Value::Absent) {
            let message = format!("{} is not an array", self.describe(list));
            return Err(Error::malformed(self.position, message));
        }
        let number = self.number(index)?;
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        let found = match &from {
            Cow::Borrowed(Value::List(elements)) => elements.get(at).map(Cow::Borrowed),
            other => other.elements().get(at).cloned().map(Cow::Owned),
        };
        match found {
            Some(element) => Ok(element),
            None if lenient => Ok(Cow::Owned(Value::Absent)),
            None => {
                let (name, many) = (self.describe(list), from.elements().len());
                let message = format!("{name}[{number}] is behind the end of {name} ({many} elements)");
                Err(Error::cross_reference(self.position, message))
            }
        }
    }

    /// The number of elements of a list, or of bytes of a byte string.
    pub(super) fn count(&self, list: &'static Expr) -> Result<i128> {
        let base = match list {
            Expr::Member(base, _) => self.value_or_nothing(base, true)?,
            _ => Cow::Owned(Value::Absent),
        };
        if let Value::List(elements) = base.as_ref() {
            return Ok(elements.len() as i128);
        }
        match self.value_or_nothing(list, true)?.as_ref() {
            Value::Absent => Ok(0),
            Value::List(elements) => Ok(elements.len() as i128),
            Value::Text(digits) => Ok((digits.len() / 2) as i128),
            Value::Int(_) | Value::Record(_) => Err(Error::malformed(self.position, format!("{} is not an array", self.describe(list)))),
        }
    }

    /// The index of the first element equal to a value, or of the first row that contains it, else -1.
    pub(super) fn find(&self, list: &'static Expr, wanted: &'static Expr) -> Result<i128> {
        let wanted = self.value(wanted)?;
        if wanted.is_absent() {
            return Ok(-1);
        }
        let position = match list {
            Expr::Member(base, slot) => {
                let base = self.value_or_nothing(base, true)?;
                match base.as_ref() {
                    Value::List(elements) => elements.iter().position(|element| match element {
                        Value::Record(record) => record.slots.get(usize::from(*slot)).is_some_and(|value| holds(value, &wanted)),
                        rows => self.member_of(rows, *slot).is_ok_and(|row| holds(&row, &wanted)),
                    }),
                    other => position(&self.member_of(other, *slot)?, &wanted),
                }
            }
            _ => position(self.value_or_nothing(list, true)?.as_ref(), &wanted),
        };
        Ok(position.map_or(-1, |position| position as i128))
    }
}

fn position(list: &Value, wanted: &Value) -> Option<usize> {
    list.elements().iter().position(|element| holds(element, wanted))
}

/// Whether an element is equal to a value, or contains it.
fn holds(element: &Value, wanted: &Value) -> bool {
    match element {
        Value::List(elements) => elements.iter().any(|element| holds(element, wanted)),
        _ => element == wanted,
    }
}

/// Whether an expression is a value of this table, and not of another one.
pub(super) fn is_own(expr: &Expr) -> bool {
    match expr {
        Expr::Param(_) | Expr::Member(..) => false,
        Expr::Index(list, _) => is_own(list),
        Expr::Choose(_, a, b) | Expr::Default(a, b) => is_own(a) && is_own(b),
        _ => true,
    }
}

/// The table of the structures that an expression stands for, to name their members.
pub(super) fn table_of(table: &'static Table, expr: &Expr) -> Option<&'static Table> {
    match expr {
        Expr::Param(number) => match table.params.get(usize::from(*number))?.kind {
            ParamKind::Number(..) => None,
            ParamKind::One(table) | ParamKind::Many(table) | ParamKind::Grouped(table) => Some(table),
        },
        Expr::Slot(slot) => embedded(table.rows, *slot),
        Expr::Index(list, _) => table_of(table, list),
        Expr::Member(base, slot) => embedded(table_of(table, base)?.rows, *slot),
        Expr::Choose(_, a, b) | Expr::Default(a, b) => table_of(table, a).or_else(|| table_of(table, b)),
        _ => None,
    }
}

fn embedded(rows: &'static [Row], slot: u16) -> Option<&'static Table> {
    rows.iter().find_map(|row| match row {
        Row::Field(field) if field.slot == slot => match field.what {
            What::Table { table, .. } => Some(table),
            _ => None,
        },
        Row::If { then, otherwise, .. } => embedded(then, slot).or_else(|| embedded(otherwise, slot)),
        Row::For { body, .. } => embedded(body, slot),
        Row::Form { row, .. } => embedded(std::slice::from_ref(*row), slot),
        _ => None,
    })
}
