//! What expressions compute with: the values kept while a table is walked.

use std::fmt;
use std::rc::Rc;

use crate::table::Table;

/// A value of a field, `let`, parameter or loop variable.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// The field does not exist on this path.
    #[default]
    Absent,
    /// A number.
    Int(i128),
    /// A text; strings of bits are kept as hexadecimal digits.
    Text(Rc<str>),
    /// An array.
    List(Rc<Vec<Value>>),
    /// A structure.
    Record(Rc<Record>),
}

impl Value {
    /// The number, if it is one.
    pub fn number(&self) -> Option<i128> {
        match self {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a list; none where it is absent.
    pub fn elements(&self) -> &[Value] {
        match self {
            Value::List(list) => list,
            _ => &[],
        }
    }

    /// The structure, if it is one.
    pub fn record(&self) -> Option<&Rc<Record>> {
        match self {
            Value::Record(record) => Some(record),
            _ => None,
        }
    }

    /// Whether there is nothing.
    pub fn is_absent(&self) -> bool {
        matches!(self, Value::Absent)
    }
}

impl From<Record> for Value {
    fn from(record: Record) -> Value {
        Value::Record(Rc::new(record))
    }
}

impl From<Vec<Value>> for Value {
    fn from(list: Vec<Value>) -> Value {
        Value::List(Rc::new(list))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(Rc::from(text))
    }
}

impl From<i128> for Value {
    fn from(number: i128) -> Value {
        Value::Int(number)
    }
}

/// The values kept of a box or structure, by the slots of its table.
#[derive(Clone)]
pub struct Record {
    /// The table.
    pub table: &'static Table,
    /// The form that was taken, as an index of [`Table::forms`]; 0 where there is one only.
    pub form: u8,
    /// A value for each slot of the table; those that no expression uses are absent.
    pub slots: Vec<Value>,
}

impl Record {
    /// The value of the first slot of this name that is not absent.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let named = self.table.slots.iter().zip(&self.slots);
        named.filter(|(slot, _)| slot.name == name).map(|(_, value)| value).find(|value| !value.is_absent())
    }

    /// The number in the slot of this name.
    pub fn number(&self, name: &str) -> Option<i128> {
        self.get(name)?.number()
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Record) -> bool {
        let names = (self.table.name, self.table.clause) == (other.table.name, other.table.clause);
        names && self.form == other.form && self.slots == other.slots
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct(self.table.name);
        for (slot, value) in self.table.slots.iter().zip(&self.slots) {
            if !value.is_absent() {
                shown.field(slot.name, value);
            }
        }
        shown.finish()
    }
}
