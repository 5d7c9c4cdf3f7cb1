//! What a walk tells, in the order of the bits.

use std::borrow::Cow;

use super::{Value, read_bits};
use crate::bits::{BitString, alphabet};
use crate::error::Result;
use crate::source::Source;
use crate::table::{Codes, Field, Kind, Row, Rule, Table};

/// Listens to a walk. Every `enter` has its `leave`, after an error too.
pub trait Visitor {
    /// A box begins; Key and Length follow as fields.
    fn enter_box(&mut self, head: &BoxHead) {
        let _ = head;
    }

    /// The box entered last ends.
    fn leave_box(&mut self, head: &BoxHead) {
        let _ = head;
    }

    /// A structure without Key and Length begins.
    fn enter_struct(&mut self, event: &StructEvent<'_>) {
        let _ = event;
    }

    /// The structure entered last ends.
    fn leave_struct(&mut self) {}

    /// A loop begins.
    fn enter_loop(&mut self, event: &LoopEvent) {
        let _ = event;
    }

    /// A round of the loop begins, with this value of its variable.
    fn enter_element(&mut self, i: u64) {
        let _ = i;
    }

    /// The round ends.
    fn leave_element(&mut self) {}

    /// The loop entered last ends.
    fn leave_loop(&mut self) {}

    /// Bits of the input.
    fn field(&mut self, event: &FieldEvent<'_>) {
        let _ = event;
    }

    /// Something that readers accept and validators report.
    fn finding(&mut self, finding: Finding) {
        let _ = finding;
    }

    /// A rule of the standard; only where [`Visitor::wants_rules`].
    fn rule(&mut self, event: &RuleEvent) {
        let _ = event;
    }

    /// Whether rules shall be evaluated; they may ask the scope for more than reading needs.
    fn wants_rules(&self) -> bool {
        false
    }

    /// Whether these bytes, which another part of the standard defines, shall be told as the structure that they are, where they fit
    /// it; else they are one field.
    fn opens(&self, field: &'static Field, index: &[u64]) -> bool {
        let _ = (field, index);
        false
    }

    /// Whether the Value of this box shall be left out: it is told as one field `Value`, and its bits are not read. Of a container, the fields
    /// behind its children.
    fn skips(&self, head: &BoxHead) -> bool {
        let _ = head;
        false
    }

    /// Whether the walk shall end early, with an error.
    fn stop(&self) -> bool {
        false
    }
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Visitor for Quiet {}

/// The beginning of a box.
#[derive(Clone, Debug)]
pub struct BoxHead {
    /// The four characters of Key.
    pub key: [u8; 4],
    /// The printed name: of the row that embeds it, or of its table; empty for an unknown box.
    pub name: &'static str,
    /// Its table, where it is known.
    pub table: Option<&'static Table>,
    /// The table and the row that embed it, where one does.
    pub row: Option<(&'static Table, &'static Row)>,
    /// The subscripts of that row.
    pub index: Vec<u64>,
    /// The absolute position of the first bit of Key.
    pub bit: u64,
    /// Bytes in all; for `offs` the 16 bytes that it takes.
    pub length: u64,
    /// How many siblings of the same key stand before it.
    pub ordinal: u64,
    /// Whether an `offs` addresses it.
    pub through_offs: bool,
    /// The form that is read, as an index of [`Table::forms`].
    pub form: u8,
    /// Whether the Value is walked by its table; else it is one field `Value`.
    pub decoded: bool,
}

/// The beginning of an embedded structure.
#[derive(Clone, Debug)]
pub struct StructEvent<'e> {
    /// The table of the structure.
    pub table: &'static Table,
    /// The table that embeds it.
    pub outer: &'static Table,
    /// The row that embeds it.
    pub row: &'static Row,
    /// The printed name of the row.
    pub name: &'static str,
    /// The evaluated subscripts of the row.
    pub index: &'e [u64],
    /// The absolute position of its first bit.
    pub bit: u64,
}

/// The beginning of a loop.
#[derive(Clone, Copy, Debug)]
pub struct LoopEvent {
    /// The table.
    pub table: &'static Table,
    /// The row of the loop.
    pub row: &'static Row,
    /// What an element is called where the body has several fields; else the field is the array itself.
    pub name: Option<&'static str>,
    /// The absolute position of the next bit.
    pub bit: u64,
}

/// Bits of the input, with their meaning.
#[derive(Clone, Debug)]
pub struct FieldEvent<'e> {
    /// The table in which the field stands.
    pub table: Option<&'static Table>,
    /// The row; `None` for Key, Length, Value, padding at the end of a box, gaps and the fields of `offs`.
    pub row: Option<&'static Row>,
    /// The printed name.
    pub name: &'static str,
    /// The evaluated subscripts.
    pub index: &'e [u64],
    /// The absolute position of the first bit.
    pub bit: u64,
    /// How many bits there are.
    pub bits: u64,
    /// What they say.
    pub value: FieldValue<'e>,
    /// The code table of the values.
    pub codes: Option<&'static Codes>,
    /// Whether the field counts the elements of an array, so that writers compute it.
    pub counts: bool,
}

impl FieldEvent<'_> {
    /// The printed row number inside the table.
    pub fn line(&self) -> Option<u16> {
        match self.row? {
            Row::Field(field) => Some(field.line),
            Row::Align { line } => Some(*line),
            _ => None,
        }
    }

    /// The symbol of the value in its code table.
    pub fn symbol(&self) -> Option<&'static str> {
        match self.value {
            FieldValue::Int(code) => self.codes?.symbol(code),
            _ => None,
        }
    }
}

/// The value of a field.
#[derive(Clone, Debug)]
pub enum FieldValue<'e> {
    /// A number.
    Int(u64),
    /// A text, or ASCII characters.
    Text(&'e str),
    /// A string of bits or bytes, to be read on demand; also characters that are not ASCII.
    Bytes(BitsHandle<'e>),
    /// A signature in letters.
    Letters(String),
}

/// Bits that have not been read yet.
#[derive(Clone, Copy)]
pub struct BitsHandle<'e> {
    pub(crate) source: &'e dyn Source,
    /// The absolute position of the first bit.
    pub bit: u64,
    /// How many bits there are.
    pub bits: u64,
}

impl std::fmt::Debug for BitsHandle<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bits at bit {}", self.bits, self.bit)
    }
}

impl<'e> BitsHandle<'e> {
    /// So many bits of a source from an absolute bit on.
    pub fn new(source: &'e dyn Source, bit: u64, bits: u64) -> BitsHandle<'e> {
        BitsHandle { source, bit, bits }
    }
}

impl BitsHandle<'_> {
    /// Reads them; `None` where there are more than `limit` bytes.
    pub fn read(&self, limit: u64) -> Result<Option<BitString>> {
        if self.bits.div_ceil(8) > limit {
            return Ok(None);
        }
        read_bits(self.source, self.bit, self.bits).map(Some)
    }

    /// Reads them as letters of an alphabet; `None` where they are none.
    pub(crate) fn letters(&self, alphabet_id: u64) -> Result<Option<(BitString, String)>> {
        if alphabet(alphabet_id).is_none() {
            return Ok(None);
        }
        let bits = read_bits(self.source, self.bit, self.bits)?;
        Ok(bits.letters(alphabet_id).map(|letters| (bits, letters)))
    }
}

/// Something in the bits that readers accept and validators report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// The absolute bit position.
    pub bit: u64,
    /// The table.
    pub table: Cow<'static, str>,
    /// The clause of the table.
    pub clause: &'static str,
    /// The number of the table.
    pub number: Option<u16>,
    /// The printed name of the field.
    pub field: &'static str,
    /// The evaluated subscripts of the field.
    pub index: Vec<u64>,
    /// A sentence.
    pub message: String,
}

/// What a [`Finding`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingKind {
    /// A fixed pattern differs.
    FixedPattern,
    /// Alignment or padding bits are not zero.
    Padding,
    /// Bits are left behind the last row of a box: an error, but reading can go on behind the box.
    Gap,
    /// The box has another form than the printed one.
    OtherForm,
    /// Bytes that another part of the standard defines do not fit its structure; they are one field. No fault of what is around them.
    Opaque,
}

/// A rule of the standard that has been evaluated.
#[derive(Clone, Debug)]
pub struct RuleEvent {
    /// The table.
    pub table: &'static Table,
    /// The rule.
    pub rule: &'static Rule,
    /// The field that is to blame where it does not hold: the one that the rule is named after, else of those that the condition names the
    /// one that stands last; none where it names none.
    pub field: Option<&'static str>,
    /// The evaluated subscripts of the field.
    pub index: Vec<u64>,
    /// What the field says.
    pub value: Value,
    /// The absolute position of that field, else of the box.
    pub bit: u64,
    /// Whether it holds; `None` where it cannot be evaluated.
    pub holds: Option<bool>,
}

impl BoxHead {
    /// A box that no row embeds.
    pub fn new(key: [u8; 4], table: Option<&'static Table>, bit: u64, length: u64) -> BoxHead {
        BoxHead {
            key,
            name: table.map_or("", |table| table.name),
            table,
            row: None,
            index: Vec::new(),
            bit,
            length,
            ordinal: 0,
            through_offs: false,
            form: 0,
            decoded: table.is_some_and(|table| table.kind != Kind::Struct),
        }
    }
}
