//! The syntax tree: what the text says, with a span on every node and no meaning yet.

use std::ops::Range;

/// Where a node stands: a file of the compilation and a range of bytes in it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Span {
    /// Number of the file in the order given to the compiler.
    pub file: usize,
    /// Bytes from the start of the file, end exclusive.
    pub bytes: Range<usize>,
}

/// A name and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// One file.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// Its items in order.
    pub items: Vec<Item>,
}

/// An item with its documentation and where the standard prints it.
#[derive(Clone, Debug)]
pub struct Item {
    /// The lines of `///` documentation, joined by line ends.
    pub doc: String,
    /// `clause = "..."`.
    pub clause: Option<String>,
    /// `table = N`.
    pub table: Option<u16>,
    /// What it declares.
    pub kind: ItemKind,
    /// The whole item.
    pub span: Span,
}

/// What an item declares.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// A box, container, structure or process.
    Table(Table),
    /// A code table.
    Enum(Enum),
    /// A function of numbers.
    Fn {
        /// Its name.
        name: Name,
        /// Its parameters.
        params: Vec<Name>,
        /// Its value.
        value: Expr,
    },
    /// A named number.
    Const {
        /// Its name.
        name: Name,
        /// Its value.
        value: Expr,
    },
    /// A value that another part of the standard defines.
    Foreign {
        /// Its name.
        name: Name,
        /// The part that defines it.
        part: String,
    },
    /// Another part of the standard, to which the items behind it in the file belong.
    Part {
        /// Its name, which is that of its module in Rust.
        name: Name,
        /// What the standard calls it.
        title: Name,
    },
    /// Table 10.
    Hierarchy(Vec<Level>),
}

/// A line of Table 10.
#[derive(Clone, Debug)]
pub struct Level {
    /// The key.
    pub key: Name,
    /// The clause.
    pub clause: String,
    /// In which scope it exists.
    pub scope: Scope,
    /// For which data it is mandatory.
    pub mandatory: Mandatory,
    /// The lines one level deeper.
    pub children: Vec<Level>,
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

/// The word that introduces a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// `box`.
    Box,
    /// `container`.
    Container,
    /// `struct`.
    Struct,
    /// `process`.
    Process,
}

/// A box, container, structure or process.
#[derive(Clone, Debug)]
pub struct Table {
    /// Which of them.
    pub kind: TableKind,
    /// Its name.
    pub name: Name,
    /// Its key, for boxes and containers.
    pub key: Option<Name>,
    /// What it depends on.
    pub params: Vec<Param>,
    /// Its forms, the printed one first.
    pub forms: Vec<Name>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// What it stands for.
    pub kind: ParamKind,
}

/// What a parameter stands for.
#[derive(Clone, Debug)]
pub enum ParamKind {
    /// `from..=to`.
    Number(Expr, Expr),
    /// `NAME`.
    One(Name),
    /// `NAME[]`.
    Many(Name),
    /// `NAME[][]`.
    Grouped(Name),
}

/// A code table.
#[derive(Clone, Debug)]
pub struct Enum {
    /// Its name.
    pub name: Name,
    /// The bits of a code.
    pub bits: Expr,
    /// Its codes in order.
    pub codes: Vec<Code>,
}

/// A row of a code table.
#[derive(Clone, Debug)]
pub struct Code {
    /// The first code.
    pub from: u64,
    /// The last code; `None`: all that follow.
    pub to: Option<u64>,
    /// Its name; `None`: reserved.
    pub name: Option<Name>,
    /// What it means, in our own words; may be empty.
    pub doc: String,
    /// The whole row.
    pub span: Span,
}

/// A row.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it says.
    pub kind: RowKind,
    /// `#[form(name)]`.
    pub form: Option<Name>,
    /// `#[columns]`: the compiler stores the fields of this loop as columns.
    pub columns: bool,
    /// The whole row; for blocks the line that opens it.
    pub span: Span,
}

/// What a row says.
// Nearly all rows are fields, the largest kind: a box around them would save nothing.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug)]
pub enum RowKind {
    /// Something that stands in the bits, or a child of a container.
    Field(Field),
    /// `if (cond) { .. } else { .. }`; `else if` is a nested `if` alone in `otherwise`.
    If {
        /// The condition.
        cond: Expr,
        /// Rows where it holds.
        then: Vec<Row>,
        /// Rows where it does not; empty without `else`.
        otherwise: Vec<Row>,
    },
    /// `for (var = from; cond; var++) name { .. }`.
    For {
        /// The loop variable.
        var: Name,
        /// Its first value.
        from: Expr,
        /// The condition.
        cond: Expr,
        /// What an element is called.
        name: Option<Name>,
        /// The rows of a round.
        body: Vec<Row>,
    },
    /// `while (!byte_aligned()) { nesting_zero_bit f(1) }`.
    Align {
        /// The name of the bit.
        name: Name,
    },
    /// `let name = value`, `let name: from..=to = value`.
    Let {
        /// Its name.
        name: Name,
        /// Its declared range.
        range: Option<(Expr, Expr)>,
        /// Its value.
        value: Expr,
    },
    /// `name[subs] = value`.
    Assign {
        /// The name.
        name: Name,
        /// Its subscripts.
        subs: Vec<Expr>,
        /// The value.
        value: Expr,
    },
    /// A bare name: a printed row that names a parameter.
    Mention(Name),
    /// `remark "text"`.
    Remark(String),
    /// `require cond`.
    Require(Expr),
    /// `where cond : "clause" as name`.
    Where(Rule),
}

/// A rule of the standard.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What holds.
    pub cond: Expr,
    /// The clause that says so.
    pub clause: String,
    /// Its name, one of its own in the table.
    pub name: Name,
    /// What it means, in a sentence.
    pub doc: String,
    /// `#[warning]`: readers can pass over it.
    pub warning: bool,
}

/// A row that stands in the bits.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: Name,
    /// Whether `()` follows the name: a foreign value.
    pub foreign: bool,
    /// Whether `[]` follows the name: a child that may occur any number of times.
    pub many: bool,
    /// Its subscripts.
    pub subs: Vec<Expr>,
    /// Its type.
    pub what: Type,
    /// `as name` or `as name(args)`.
    pub meaning: Option<(Name, Vec<Expr>)>,
    /// `= expr`: a fixed value, or `count(array)`.
    pub value: Option<Expr>,
    /// `<= n`: the limit of a text.
    pub limit: Option<Expr>,
    /// `or offs`.
    pub or_offs: bool,
    /// `deferred if (cond)`.
    pub deferred: Option<Expr>,
    /// `?`.
    pub optional: bool,
}

/// The type of a field.
#[derive(Clone, Debug)]
pub enum Type {
    /// `u(n)`.
    Unsigned(Expr),
    /// `f(n)`.
    Fixed(Expr),
    /// `c(n)`.
    Ascii(Expr),
    /// `st(v)`.
    Text(Span),
    /// `bytes(..)` or `bytes(n)`.
    Bytes(Option<Expr>, Span),
    /// An embedded box by key or a structure by name, or a child by key.
    Table(Name, Vec<Expr>),
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it says.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression says.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A number.
    Int(i128),
    /// A text.
    Text(String),
    /// A name.
    Name(String),
    /// `a.b`.
    Member(Box<Expr>, Name),
    /// `a[i]`.
    Index(Box<Expr>, Box<Expr>),
    /// `f(a, b)`.
    Call(Name, Vec<Expr>),
    /// `!a`.
    Not(Box<Expr>),
    /// `-a`.
    Negate(Box<Expr>),
    /// `a op b`, the operator as written.
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// `c ? a : b`.
    Choose(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `a ?? b`.
    Default(Box<Expr>, Box<Expr>),
}
