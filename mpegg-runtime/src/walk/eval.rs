//! The value of an expression.

mod arith;
mod lists;

use std::borrow::Cow;
use std::cmp::Ordering;

use super::Value;
use super::frame::Frame;
use crate::ErrorKind;
use crate::error::{Error, Result};
use crate::table::{Binary, Expr, Unary};

/// The message where an expression needs a Length that is not known yet.
const UNKNOWN: &str = "the Length of the box is not known yet";

/// Whether an expression failed only because the Length of the box is not known yet.
pub(crate) fn is_unknown(error: &Error) -> bool {
    error.kind() == ErrorKind::Unsupported && error.message() == UNKNOWN
}

/// A place in a table, where expressions are evaluated.
#[derive(Clone, Copy)]
pub(crate) struct At<'f> {
    pub frame: &'f Frame<'f>,
    /// The next bit, for errors.
    pub position: u64,
    /// The bits left in the box, where they are known.
    pub remaining: Option<u64>,
}

impl<'f> At<'f> {
    /// The number that an expression gives.
    pub(crate) fn number(&self, expr: &'static Expr) -> Result<i128> {
        match expr {
            Expr::Int(number) => Ok(*number),
            Expr::Slot(slot) => match self.frame.slots.get(usize::from(*slot)) {
                Some(Value::Int(number)) => Ok(*number),
                other => Err(self.no_number(expr, other.unwrap_or(&Value::Absent))),
            },
            Expr::Unary(Unary::Not, a) => Ok(i128::from(!self.truth(a)?)),
            Expr::Unary(Unary::Negate, a) => self.checked(self.number(a)?.checked_neg()),
            Expr::Binary(operator, a, b) => self.binary(*operator, a, b),
            Expr::CeilDiv(a, b) => {
                let (a, b) = (self.number(a)?, self.number(b)?);
                self.not_zero(b)?;
                self.checked(arith::ceil_div(a, b))
            }
            Expr::CeilLog2(a) => Ok(arith::ceil_log2(self.number(a)?)),
            Expr::Min(a, b) => Ok(self.number(a)?.min(self.number(b)?)),
            Expr::Max(a, b) => Ok(self.number(a)?.max(self.number(b)?)),
            Expr::Find(a, b) => self.find(a, b),
            Expr::Count(a) => self.count(a),
            Expr::Length => self.known(self.frame.length),
            Expr::Remaining => self.known(self.remaining),
            Expr::Text(_) => Err(self.malformed("a text where a number is expected")),
            Expr::Param(_) | Expr::Member(..) | Expr::Index(..) | Expr::Choose(..) | Expr::Default(..) => match self.value(expr)?.as_ref() {
                Value::Int(number) => Ok(*number),
                other => Err(self.no_number(expr, other)),
            },
        }
    }

    /// Whether a condition holds.
    pub(crate) fn truth(&self, expr: &'static Expr) -> Result<bool> {
        Ok(self.number(expr)? != 0)
    }

    /// The value of an expression, whatever it is.
    pub(crate) fn value(&self, expr: &'static Expr) -> Result<Cow<'f, Value>> {
        self.value_or_nothing(expr, false)
    }

    /// The same; with `lenient`, an element behind the end of a list is absent.
    fn value_or_nothing(&self, expr: &'static Expr, lenient: bool) -> Result<Cow<'f, Value>> {
        match expr {
            Expr::Slot(slot) => {
                let value = self.frame.slots.get(usize::from(*slot));
                Ok(value.map_or(Cow::Owned(Value::Absent), Cow::Borrowed))
            }
            Expr::Param(number) => self.frame.param(*number, self.position).map(Cow::Borrowed),
            Expr::Text(text) => Ok(Cow::Owned(Value::from(*text))),
            Expr::Member(base, slot) => {
                let base = self.value_or_nothing(base, lenient)?;
                self.member(base, *slot)
            }
            Expr::Index(list, index) => self.element(list, index, lenient),
            Expr::Choose(condition, a, b) => {
                let chosen = if self.truth(condition)? { a } else { b };
                self.value_or_nothing(chosen, lenient)
            }
            Expr::Default(a, b) => {
                let value = self.value_or_nothing(a, true)?;
                if value.is_absent() { self.value_or_nothing(b, lenient) } else { Ok(value) }
            }
            _ => self.number(expr).map(|number| Cow::Owned(Value::Int(number))),
        }
    }

    fn binary(&self, operator: Binary, a: &'static Expr, b: &'static Expr) -> Result<i128> {
        let holds = match operator {
            Binary::And => self.truth(a)? && self.truth(b)?,
            Binary::Or => self.truth(a)? || self.truth(b)?,
            Binary::Less => self.compare(a, b)?.is_lt(),
            Binary::LessOrEqual => self.compare(a, b)?.is_le(),
            Binary::Greater => self.compare(a, b)?.is_gt(),
            Binary::GreaterOrEqual => self.compare(a, b)?.is_ge(),
            Binary::Equal => self.compare(a, b)?.is_eq(),
            Binary::NotEqual => self.compare(a, b)?.is_ne(),
            _ => {
                let (a, b) = (self.number(a)?, self.number(b)?);
                if matches!(operator, Binary::Divide | Binary::Remainder) {
                    self.not_zero(b)?;
                }
                return self.checked(arith::compute(operator, a, b));
            }
        };
        Ok(i128::from(holds))
    }

    /// Compares two numbers or two texts.
    fn compare(&self, a: &'static Expr, b: &'static Expr) -> Result<Ordering> {
        let (left, right) = (self.value(a)?, self.value(b)?);
        match (left.as_ref(), right.as_ref()) {
            (Value::Int(left), Value::Int(right)) => Ok(left.cmp(right)),
            (Value::Text(left), Value::Text(right)) => Ok(left.cmp(right)),
            (Value::Absent, _) => Err(self.no_number(a, &Value::Absent)),
            (_, Value::Absent) => Err(self.no_number(b, &Value::Absent)),
            _ => {
                let message = format!("{} and {} cannot be compared", self.describe(a), self.describe(b));
                Err(Error::malformed(self.position, message))
            }
        }
    }

    /// What an expression is called in a message.
    pub(crate) fn describe(&self, expr: &'static Expr) -> String {
        match expr {
            Expr::Int(number) => number.to_string(),
            Expr::Text(text) => format!("\"{text}\""),
            Expr::Slot(slot) => slot_name(self.frame.table, *slot).to_owned(),
            Expr::Param(number) => {
                let param = self.frame.table.params.get(usize::from(*number));
                param.map_or("a parameter", |param| param.name).to_owned()
            }
            Expr::Member(base, slot) => {
                let inner = lists::table_of(self.frame.table, base);
                let name = inner.map_or("a member", |table| slot_name(table, *slot));
                format!("{}.{name}", self.describe(base))
            }
            Expr::Index(list, index) => match self.number(index) {
                Ok(index) => format!("{}[{index}]", self.describe(list)),
                Err(_) => format!("{}[..]", self.describe(list)),
            },
            Expr::Count(list) => format!("count({})", self.describe(list)),
            Expr::Default(a, _) => self.describe(a),
            Expr::Length => "Length".to_owned(),
            Expr::Remaining => "remaining()".to_owned(),
            Expr::Unary(Unary::Not, a) => format!("!{}", self.describe(a)),
            Expr::Unary(Unary::Negate, a) => format!("-{}", self.describe(a)),
            Expr::Binary(operator, a, b) => {
                format!("{} {} {}", self.describe(a), arith::symbol(*operator), self.describe(b))
            }
            Expr::CeilDiv(a, b) => format!("Ceil({} / {})", self.describe(a), self.describe(b)),
            _ => "an expression".to_owned(),
        }
    }

    /// The error where a number is needed and `found` is there. Nothing from another structure is a missing reference.
    fn no_number(&self, expr: &'static Expr, found: &Value) -> Error {
        let name = self.describe(expr);
        match found {
            Value::Absent if lists::is_own(expr) => Error::malformed(self.position, format!("{name} is absent")),
            Value::Absent => Error::cross_reference(self.position, format!("{name} is absent")),
            _ => Error::malformed(self.position, format!("{name} is not a number")),
        }
    }

    fn known(&self, number: Option<u64>) -> Result<i128> {
        match number {
            Some(number) => Ok(i128::from(number)),
            None => Err(Error::unsupported(self.position, UNKNOWN)),
        }
    }

    fn not_zero(&self, divisor: i128) -> Result<()> {
        if divisor == 0 { Err(self.malformed("a division by zero")) } else { Ok(()) }
    }

    fn checked(&self, number: Option<i128>) -> Result<i128> {
        number.ok_or_else(|| self.malformed("a number too great to compute with"))
    }

    fn malformed(&self, message: &'static str) -> Error {
        Error::malformed(self.position, message)
    }
}

fn slot_name(table: &'static crate::table::Table, slot: u16) -> &'static str {
    table.slots.get(usize::from(slot)).map_or("a value", |slot| slot.name)
}
