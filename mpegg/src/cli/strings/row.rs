//! A string that matches, printed.

use crate::cli::status::Failure;
use crate::file::Field;
use crate::strings::{Hit, Unit};
use clap::ValueEnum;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::borrow::Cow;
use std::io::{self, Write};

/// How to print strings.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Columns with tabs between them; tabs, line breaks and backslashes inside of strings are \t, \n, \r and \\
    Tsv,
    /// An object a line
    Jsonl,
}

/// A string that matches.
pub struct Row<'r> {
    /// `G:D`.
    pub dataset: &'r str,
    /// AT_ID.
    pub table: u8,
    /// AG_class.
    pub group: u8,
    /// The field of the string.
    pub field: Field,
    /// The string.
    pub hit: Hit<'r>,
    /// The other strings of its record, where they are wanted.
    pub others: Option<Vec<(Field, Vec<u8>)>>,
}

/// A field as it is asked for: `attribute:500`.
pub fn name(field: Field) -> String {
    match field {
        Field::Attribute(id) => format!("attribute:{id}"),
        Field::Descriptor(id) => format!("descriptor:{id}"),
    }
}

/// A string as text; bytes that are no UTF-8 become U+FFFD.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

impl Row<'_> {
    fn tile(&self) -> Option<Vec<u64>> {
        match self.hit.unit {
            Unit::Tile(tile) => Some(std::iter::once(tile.first).chain(tile.second).collect()),
            Unit::AccessUnit(_) => None,
        }
    }

    fn unit(&self) -> Option<u32> {
        match self.hit.unit {
            Unit::Tile(_) => None,
            Unit::AccessUnit(id) => Some(id),
        }
    }
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("dataset", self.dataset)?;
        map.serialize_entry("table", &self.table)?;
        map.serialize_entry("group", &self.group)?;
        map.serialize_entry("field", &name(self.field))?;
        map.serialize_entry("tile", &self.tile())?;
        map.serialize_entry("unit", &self.unit())?;
        map.serialize_entry("record", &self.hit.record)?;
        map.serialize_entry("string_index", &self.hit.string_index)?;
        map.serialize_entry("string", &text(self.hit.string))?;
        if let Some(others) = &self.others {
            let others: Vec<_> = others.iter().map(|(field, string)| [Cow::Owned(name(*field)), text(string)]).collect();
            map.serialize_entry("others", &others)?;
        }
        map.end()
    }
}

/// Prints strings that match.
pub struct Rows<'o> {
    out: &'o mut dyn Write,
    format: Format,
    left: u64,
}

impl<'o> Rows<'o> {
    /// So many of them at most.
    pub fn new(out: &'o mut dyn Write, format: Format, limit: Option<u64>) -> Self {
        Rows { out, format, left: limit.unwrap_or(u64::MAX) }
    }

    /// Whether there were as many as are wanted.
    pub fn is_full(&self) -> bool {
        self.left == 0
    }

    /// Prints one.
    pub fn print(&mut self, row: &Row<'_>) -> Result<(), Failure> {
        self.left = self.left.saturating_sub(1);
        let printed = match self.format {
            Format::Jsonl => serde_json::to_writer(&mut self.out, row).map_err(io::Error::from).and_then(|()| writeln!(self.out)),
            Format::Tsv => self.columns(row),
        };
        printed.map_err(Failure::output)
    }

    fn columns(&mut self, row: &Row<'_>) -> io::Result<()> {
        let tile = row.tile().map_or(".".to_owned(), |tile| tile.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
        let unit = row.unit().map_or(".".to_owned(), |unit| unit.to_string());
        let (dataset, table, group, field) = (row.dataset, row.table, row.group, name(row.field));
        write!(self.out, "{dataset}\t{table}\t{group}\t{field}\t{tile}\t{unit}\t{}\t{}\t", row.hit.record, row.hit.string_index)?;
        escaped(self.out, row.hit.string)?;
        for (field, string) in row.others.iter().flatten() {
            write!(self.out, "\t{}=", name(*field))?;
            escaped(self.out, string)?;
        }
        writeln!(self.out)
    }
}

/// Writes a string so that it is one column of one line.
pub fn escaped(out: &mut dyn Write, string: &[u8]) -> io::Result<()> {
    let special = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b'\\');
    let mut rest = string;
    while let Some(at) = rest.iter().position(special) {
        let (plain, behind) = rest.split_at(at);
        out.write_all(plain)?;
        let Some((byte, behind)) = behind.split_first() else { break };
        out.write_all(match byte {
            b'\t' => b"\\t",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            _ => b"\\\\",
        })?;
        rest = behind;
    }
    out.write_all(rest)
}
