//! The intermediate form: the tables with every name resolved, every width known to be sound, and the smallest size of
//! each loop body computed. All emitters and exporters read this and nothing else.

mod expr;
mod names;

pub use expr::Expr;
pub use names::{camel_case, snake_case};

use crate::ast::{Mandatory, Scope, Span, TableKind};

/// A compiled schema.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// The tables, in the order of the files; other parts refer to them by number.
    pub tables: Vec<Table>,
    /// The code tables.
    pub enums: Vec<Enum>,
    /// Values that other parts of the standard define.
    pub foreign: Vec<Foreign>,
    /// The parts; the first one, without a name, is that of the files that name none.
    pub parts: Vec<Part>,
    /// Table 10.
    pub hierarchy: Vec<Level>,
}

impl Schema {
    /// The table of this name or key; of several parts that have it, that of the first.
    pub fn table(&self, name: &str) -> Option<&Table> {
        let named = self.tables.iter().filter(|table| table.name == name || table.key.as_deref() == Some(name));
        named.min_by_key(|table| table.part)
    }

    /// The name of a part; empty for the first one.
    pub fn part_name(&self, part: usize) -> &str {
        self.parts.get(part).map_or("", |part| part.name.as_str())
    }
}

/// A part of the standard.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Its name, which is that of its module in Rust; empty for the first one.
    pub name: String,
    /// What the standard calls it.
    pub title: String,
    /// What it is about.
    pub doc: String,
}

/// A value that another part of the standard defines.
#[derive(Clone, Debug)]
pub struct Foreign {
    /// Its name.
    pub name: String,
    /// The part that defines it.
    pub part: String,
    /// The structure of that part, where the schema has it.
    pub table: Option<usize>,
}

/// A line of Table 10.
#[derive(Clone, Debug)]
pub struct Level {
    /// The key.
    pub key: String,
    /// The clause.
    pub clause: String,
    /// In which scope it exists.
    pub scope: Scope,
    /// For which data it is mandatory.
    pub mandatory: Mandatory,
    /// The lines one level deeper.
    pub children: Vec<Level>,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// The printed name.
    pub name: String,
    /// The number of its part.
    pub part: usize,
    /// The key, for boxes and containers.
    pub key: Option<String>,
    /// Box, container, structure or process.
    pub kind: TableKind,
    /// Where the standard prints it: the clause, or for a table of a named part of which the clause is not known, the title of the part.
    pub clause: String,
    /// Its number, where it has one.
    pub number: Option<u16>,
    /// What it is for.
    pub doc: String,
    /// Where it is declared.
    pub span: Span,
    /// What it depends on.
    pub params: Vec<Param>,
    /// Its forms, the printed one first.
    pub forms: Vec<String>,
    /// Its fields, `let`s and loop variables.
    pub slots: Vec<Slot>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// The source of each printed row, by line number.
    pub lines: Vec<Span>,
    /// The fewest bits of its Value (or of the structure).
    pub min_bits: u64,
    /// Its exact size in bits, where that depends on nothing.
    pub fixed_bits: Option<u64>,
}

impl Table {
    /// The name of its Rust type.
    pub fn type_name(&self) -> String {
        camel_case(&self.name)
    }
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// What it stands for.
    pub kind: ParamKind,
}

/// What a parameter stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// A number in a range.
    Number(i128, i128),
    /// A structure.
    One(usize),
    /// A list of structures.
    Many(usize),
    /// A list of lists.
    Grouped(usize),
}

/// A value of a table.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: SlotKind,
    /// Number of subscripts.
    pub dims: usize,
    /// Whether an expression uses it, rules included.
    pub kept: bool,
    /// Whether the bits depend on it: an expression other than a rule uses it.
    pub steers: bool,
    /// The named loops around it, outermost first (slots of their variables); a field belongs to the innermost.
    pub owner: Vec<usize>,
    /// Its number among the fields of this name in its structure, where there are several; else 0.
    pub ordinal: usize,
    /// Whether every path through the table gives it a value.
    pub always: bool,
    /// For a count that is derived: the slot that it counts.
    pub counts: Option<usize>,
    /// The codes of its values.
    pub codes: Option<usize>,
    /// For a `let`, the row's value if it is assigned only once.
    pub value: Option<Expr>,
    /// Least and greatest value.
    pub range: Range,
    /// Where it is declared.
    pub span: Span,
}

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// A number that stands in the bits.
    Number,
    /// A number that no bits carry.
    Let,
    /// A loop variable.
    Variable,
    /// A text.
    Text,
    /// `c(n)`.
    Ascii(u16),
    /// A byte string.
    Bytes,
    /// A bit string.
    Bits,
    /// An embedded structure or box, or a child of a container.
    Table(usize),
}

/// The least and the greatest value of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Least.
    pub low: i128,
    /// Greatest.
    pub high: i128,
}

impl Range {
    /// A range.
    pub const fn new(low: i128, high: i128) -> Range {
        Range { low, high }
    }

    /// No value at all: of a slot that no path has reached.
    pub const NONE: Range = Range { low: 1, high: 0 };

    /// The values of both.
    pub fn or(self, other: Range) -> Range {
        match (self.low > self.high, other.low > other.high) {
            (true, _) => other,
            (_, true) => self,
            _ => Range { low: self.low.min(other.low), high: self.high.max(other.high) },
        }
    }

    /// All values of so many bits.
    pub fn bits(bits: u32) -> Range {
        Range { low: 0, high: (1i128 << bits.min(100)) - 1 }
    }
}

/// A row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number among the printed rows of the table.
    pub line: usize,
    /// The form that has it; `None`: all.
    pub form: Option<usize>,
    /// What it says.
    pub kind: RowKind,
    /// Where it stands.
    pub span: Span,
}

/// A rule of the standard, which the validator evaluates.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What holds.
    pub cond: Expr,
    /// The clause that says so.
    pub clause: String,
    /// Its name in the table.
    pub name: String,
    /// What it means, in a sentence.
    pub doc: String,
    /// Whether readers can pass over it.
    pub warning: bool,
}

/// What a row says.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant)]
pub enum RowKind {
    /// Something that stands in the bits.
    Field(Field),
    /// A choice.
    If {
        /// The condition.
        cond: Expr,
        /// Rows where it holds.
        then: Vec<Row>,
        /// Rows where it does not.
        otherwise: Vec<Row>,
    },
    /// A loop.
    For {
        /// The slot of its variable.
        var: usize,
        /// First value.
        from: Expr,
        /// How long it runs.
        until: Until,
        /// What an element is called.
        name: Option<String>,
        /// Whether its fields are stored as columns.
        columns: bool,
        /// The fewest bits of a round.
        min_bits: u64,
        /// The rows of a round.
        body: Vec<Row>,
    },
    /// Alignment.
    Align {
        /// The slot of the bits.
        slot: usize,
    },
    /// A value without bits.
    Let {
        /// The slot.
        slot: usize,
        /// The value.
        value: Expr,
        /// The range that is checked at run time.
        check: Range,
        /// Whether it depends on Length or on the bits left.
        on_length: bool,
        /// Whether it assigns to a `let` that stands before.
        again: bool,
    },
    /// An array element without bits.
    Element {
        /// The array.
        slot: usize,
        /// The subscripts.
        subs: Vec<Expr>,
        /// The value.
        value: Expr,
    },
    /// What must hold to go on.
    Require(Expr),
    /// A rule for the validator.
    Where(Rule),
    /// A child of a container.
    Child {
        /// The slot that stands for it.
        slot: usize,
        /// Its table.
        table: usize,
        /// Any number of times.
        many: bool,
        /// May be absent.
        optional: bool,
    },
    /// A printed row without effect.
    Remark,
}

/// How long a loop runs.
#[derive(Clone, Debug)]
pub enum Until {
    /// While the variable is below this.
    Below(Expr),
    /// While this holds.
    While(Expr),
}

/// A row that stands in the bits.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its slot.
    pub slot: usize,
    /// Its subscripts.
    pub subs: Vec<Expr>,
    /// What stands there.
    pub what: What,
    /// For a value that another part defines: the structure of that part, where the schema has it.
    pub opened: Option<usize>,
}

/// What stands in the bits.
#[derive(Clone, Debug)]
pub enum What {
    /// A number of 0 to 64 bits.
    Unsigned(Expr),
    /// A bit string.
    Bits(Expr),
    /// A signature: bits and alphabet.
    Letters(Expr, Expr),
    /// A fixed pattern: bits and value.
    Fixed(u32, u64),
    /// `c(n)`.
    Ascii(u16),
    /// `st(v)` with its limit.
    Text(u32),
    /// So many bytes, or all that are left.
    Bytes(Option<Expr>),
    /// An embedded structure or box.
    Table {
        /// Its table.
        table: usize,
        /// Its arguments.
        args: Vec<Expr>,
        /// An `offs` may stand in its place.
        or_offs: bool,
        /// Decoded on demand where this holds.
        deferred: Option<Expr>,
    },
}

/// A code table.
#[derive(Clone, Debug)]
pub struct Enum {
    /// Its name.
    pub name: String,
    /// The number of its part.
    pub part: usize,
    /// Where the standard prints it.
    pub clause: String,
    /// Its number, where it has one.
    pub number: Option<u16>,
    /// What it is for.
    pub doc: String,
    /// Bits of a code.
    pub bits: u32,
    /// First code, last code, name (none: reserved), documentation.
    pub codes: Vec<(u64, u64, Option<String>, String)>,
    /// Where it is declared.
    pub span: Span,
}

impl Enum {
    /// The name of its Rust type.
    pub fn type_name(&self) -> String {
        camel_case(&self.name)
    }
}
