//! One field of an input.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use std::fmt;

/// Numbers up to here are JSON numbers; greater ones are strings of digits, because many readers of JSON round them.
const EXACT: u64 = 1 << 53;

/// A field: where it stands, what it is called, what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Boxes and structures from the top, then the field with its subscripts: `dgcn[0].dtcn[1].dthd.clid[2]`.
    pub path: String,
    /// The printed name.
    pub name: String,
    /// The subscripts as printed.
    pub index: Vec<u64>,
    /// The absolute position of the first bit.
    pub bit: u64,
    /// How many bits there are.
    pub bits: u64,
    /// What they say.
    pub value: LineValue,
    /// The symbol of the value in its code table.
    pub symbol: Option<&'static str>,
    /// The number of the table.
    pub table: Option<u16>,
    /// In how many boxes and structures the field stands.
    pub depth: usize,
    /// The first bytes that hold the bits, and the number of the first bit in them, to show them.
    pub raw: Vec<u8>,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum LineValue {
    /// A number.
    Number(u64),
    /// A text, characters, or the letters of a signature.
    Text(String),
    /// Hexadecimal digits of a byte string or a hash.
    Hex(String),
    /// A byte string too long to be shown.
    Long,
}

impl Serialize for LineValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            LineValue::Number(number) if *number < EXACT => serializer.serialize_u64(*number),
            LineValue::Number(number) => serializer.collect_str(number),
            LineValue::Text(text) | LineValue::Hex(text) => serializer.serialize_str(text),
            LineValue::Long => serializer.serialize_none(),
        }
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(8))?;
        map.serialize_entry("path", &self.path)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("index", &self.index)?;
        map.serialize_entry("bit", &self.bit)?;
        map.serialize_entry("bits", &self.bits)?;
        map.serialize_entry("value", &self.value)?;
        map.serialize_entry("symbol", &self.symbol)?;
        map.serialize_entry("table", &self.table)?;
        map.end()
    }
}

impl fmt::Display for LineValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LineValue::Number(number) => write!(f, "{number}"),
            LineValue::Text(text) => write!(f, "{text:?}"),
            LineValue::Hex(hex) => f.write_str(hex),
            LineValue::Long => f.write_str("..."),
        }
    }
}
