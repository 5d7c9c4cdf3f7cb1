//! The static description of a syntax table, generated from the schema and read by the [walker](crate::walk).
//!
//! A description says, row by row in the printed order, what stands in the bits and on what it depends. Nothing here
//! knows a table of the standard; everything is data.

/// A syntax table: a box, a container of boxes, or a structure without Key and Length.
#[derive(Debug)]
pub struct Table {
    /// The name that the standard prints, for example `dataset_header`.
    pub name: &'static str,
    /// The four characters of the box key; `None` for a structure.
    pub key: Option<[u8; 4]>,
    /// Box, container or structure.
    pub kind: Kind,
    /// The clause that prints the table, for example `6.4.3.2`.
    pub clause: &'static str,
    /// The number of the table, where it has one.
    pub number: Option<u16>,
    /// What the structure is for, in a sentence or two.
    pub doc: &'static str,
    /// What the table depends on, in the order of the declaration.
    pub params: &'static [Param],
    /// Names of the forms in which the table occurs, the printed one first; empty where there is one only.
    pub forms: &'static [&'static str],
    /// A slot for each field, `let` and loop variable; expressions refer to slots by number.
    pub slots: &'static [Slot],
    /// The rows.
    pub rows: &'static [Row],
}

/// What sort of structure a table describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Key and Length in front; the rows are the Value, in this order.
    Box,
    /// A box whose children are found by their keys; fields may precede them, blocks may follow.
    Container,
    /// No Key, no Length.
    Struct,
}

/// One thing that a table depends on.
#[derive(Debug)]
pub struct Param {
    /// Its name in the schema.
    pub name: &'static str,
    /// A number, or one or many structures.
    pub kind: ParamKind,
}

/// What a parameter stands for.
#[derive(Debug)]
pub enum ParamKind {
    /// A plain number, from the least to the greatest.
    Number(i128, i128),
    /// A decoded structure.
    One(&'static Table),
    /// All structures of this kind in the nearest enclosing container.
    Many(&'static Table),
    /// The same as a list for each child container.
    Grouped(&'static Table),
}

/// A place for a value while a table is walked.
#[derive(Debug)]
pub struct Slot {
    /// The name in the table or of the `let`.
    pub name: &'static str,
    /// Whether an expression, here or in another table, uses the value; others are not kept.
    pub kept: bool,
}

/// A row of a table.
#[derive(Debug)]
pub enum Row {
    /// Something that stands in the bits.
    Field(Field),
    /// `if (cond) { .. } else { .. }`.
    If {
        /// Printed row number inside the table, from 0.
        line: u16,
        /// The condition.
        cond: Expr,
        /// Rows where it holds.
        then: &'static [Row],
        /// Rows where it does not.
        otherwise: &'static [Row],
    },
    /// `for (var = from; var < until; var++) { .. }`.
    For {
        /// Printed row number inside the table, from 0.
        line: u16,
        /// The slot of the loop variable.
        var: u16,
        /// First value.
        from: Expr,
        /// How long it runs.
        until: Until,
        /// What an element is called where the body has several fields; `None`: the body's field is the array itself.
        name: Option<&'static str>,
        /// The fewest bits that one round takes.
        min_bits: u64,
        /// The rows of a round.
        body: &'static [Row],
    },
    /// `while (!byte_aligned()) nesting_zero_bit f(1)`.
    Align {
        /// Printed row number inside the table, from 0.
        line: u16,
    },
    /// A value without bits: `let name = value`, or a later assignment to it.
    Let {
        /// Printed row number inside the table, from 0.
        line: u16,
        /// Where the value goes.
        slot: u16,
        /// The value.
        value: Expr,
        /// Least value allowed; a smaller one is malformed input.
        min: i128,
        /// Greatest value allowed.
        max: i128,
        /// Whether it depends on the Length of the box or the bits left in it, and so is not known while writing.
        on_length: bool,
    },
    /// `name[subs] = value`: an element without bits of an array of fields.
    Element {
        /// Printed row number inside the table, from 0.
        line: u16,
        /// The array.
        slot: u16,
        /// Its subscripts.
        subs: &'static [Expr],
        /// The value.
        value: Expr,
    },
    /// What must hold, or the input is malformed.
    Require {
        /// Printed row number inside the table, from 0.
        line: u16,
        /// The condition.
        cond: Expr,
        /// Its text in the schema.
        text: &'static str,
    },
    /// A rule of the standard, for the validator.
    Where(Rule),
    /// A child of a container.
    Child {
        /// Printed row number inside the table, from 0.
        line: u16,
        /// The printed name, for example `DG_metadata`.
        name: &'static str,
        /// The table of the child.
        table: &'static Table,
        /// Whether it may occur any number of times.
        many: bool,
        /// Whether it may be absent.
        optional: bool,
    },
    /// A row that exists in one form of the table only.
    Form {
        /// The number of the form.
        form: u8,
        /// The row.
        row: &'static Row,
    },
}

/// A rule of the standard. Its name is unique in its table and stays when rows come and go.
#[derive(Debug)]
pub struct Rule {
    /// Printed row number inside the table, from 0.
    pub line: u16,
    /// Its name.
    pub name: &'static str,
    /// The condition.
    pub cond: Expr,
    /// Its text in the schema.
    pub text: &'static str,
    /// The clause that it comes from.
    pub clause: &'static str,
    /// What it means, in a sentence.
    pub doc: &'static str,
    /// Whether readers can pass over it: a warning, not an error.
    pub warning: bool,
}

/// How long a loop runs.
#[derive(Debug)]
pub enum Until {
    /// While the variable is smaller than this.
    Below(Expr),
    /// While this holds; it looks at the bits left, so that the count is not known in advance.
    While(Expr),
}

/// A row that stands in the bits.
#[derive(Debug)]
pub struct Field {
    /// Printed row number inside the table, from 0.
    pub line: u16,
    /// The printed name.
    pub name: &'static str,
    /// The subscripts as printed.
    pub subs: &'static [Expr],
    /// Where the value goes.
    pub slot: u16,
    /// What stands there.
    pub what: What,
    /// The code table of the values, where they have one.
    pub codes: Option<&'static Codes>,
    /// For a count that is not stored by writers: the name, in the same structure, of the array that it counts.
    pub counts: Option<&'static str>,
    /// For bytes that another part of the standard defines: the structure that they are, where they fit it.
    pub opened: Option<&'static Table>,
}

/// What stands in the bits of a field.
#[derive(Debug)]
pub enum What {
    /// `u(n)` of at most 64 bits.
    Unsigned(Expr),
    /// `u(n)` of any length, shown as hexadecimal digits.
    Bits(Expr),
    /// A signature of so many bits in the letters of an alphabet.
    Letters {
        /// Bits in all.
        bits: Expr,
        /// The alphabet_ID (Table 27).
        alphabet: Expr,
    },
    /// `f(n)`: a fixed pattern.
    Fixed {
        /// Bits.
        bits: u8,
        /// The pattern.
        value: u64,
    },
    /// `c(n)`.
    Ascii(u16),
    /// `st(v)`: zero-terminated UTF-8 of at most so many bytes.
    Text(u32),
    /// So many bytes, or (`None`) all that are left in the box.
    Bytes(Option<Expr>),
    /// An embedded structure or box that starts at exactly this bit.
    Table {
        /// Its table.
        table: &'static Table,
        /// Its arguments, in the order of its parameters.
        args: &'static [Expr],
        /// Whether an `offs` may stand in its place.
        or_offs: bool,
        /// Decoded only where this holds and its parameters can be found further on; else kept as bits.
        deferred: Option<Expr>,
    },
}

/// A line of Table 10: a box, and the boxes that stand in it.
#[derive(Debug)]
pub struct Level {
    /// The key, or the name of a structure without one.
    pub key: &'static str,
    /// The clause.
    pub clause: &'static str,
    /// In which scope it exists.
    pub scope: Scope,
    /// For which data it is mandatory.
    pub mandatory: Mandatory,
    /// The lines one level deeper.
    pub children: &'static [Level],
}

/// The Scope column of Table 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// File and transport.
    Both,
    /// Files only.
    File,
    /// Streams only.
    Transport,
}

/// The Mandatory column of Table 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mandatory {
    /// For none.
    No,
    /// `+`: sequencing data.
    Sequencing,
    /// `#`: annotation data.
    Annotation,
    /// `*`: both.
    Both,
}

/// A code table.
#[derive(Debug)]
pub struct Codes {
    /// Its name.
    pub name: &'static str,
    /// The number of its table, where it has one.
    pub number: Option<u16>,
    /// The clause.
    pub clause: &'static str,
    /// First code, last code, symbol (`None`: reserved).
    pub codes: &'static [(u64, u64, Option<&'static str>)],
}

impl Codes {
    /// The symbol of a code; `reserved` for one inside a reserved range, `None` for one outside of the table.
    pub fn symbol(&self, code: u64) -> Option<&'static str> {
        let row = self.codes.iter().find(|row| row.0 <= code && code <= row.1)?;
        Some(row.2.unwrap_or("reserved"))
    }
}

/// An expression over the fields read so far, the parameters and the box.
#[derive(Debug)]
pub enum Expr {
    /// A number.
    Int(i128),
    /// A text, compared only.
    Text(&'static str),
    /// A field, `let` or loop variable of this table.
    Slot(u16),
    /// A parameter.
    Param(u8),
    /// A field or `let` (by slot number) of a structure, or of each structure of a list.
    Member(&'static Expr, u16),
    /// An element of a list.
    Index(&'static Expr, &'static Expr),
    /// `!a` and `-a`.
    Unary(Unary, &'static Expr),
    /// `a op b`.
    Binary(Binary, &'static Expr, &'static Expr),
    /// `c ? a : b`.
    Choose(&'static Expr, &'static Expr, &'static Expr),
    /// `a ?? b`.
    Default(&'static Expr, &'static Expr),
    /// The smallest integer not under a / b.
    CeilDiv(&'static Expr, &'static Expr),
    /// The smallest e with 2^e >= a; 0 for a <= 1.
    CeilLog2(&'static Expr),
    /// The smaller.
    Min(&'static Expr, &'static Expr),
    /// The greater.
    Max(&'static Expr, &'static Expr),
    /// Index of the first element (or of the first row that contains an element) equal to the second operand, else -1.
    Find(&'static Expr, &'static Expr),
    /// The number of elements.
    Count(&'static Expr),
    /// The Length of the box.
    Length,
    /// The bits left in the box.
    Remaining,
}

/// An operator with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Unary {
    Not,
    Negate,
}

/// An operator with two operands, as in the C language; `And` and `Or` are the logical ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    ShiftLeft,
    ShiftRight,
    BitAnd,
    BitOr,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    And,
    Or,
}
