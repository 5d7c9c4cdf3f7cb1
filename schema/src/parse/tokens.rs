//! Tokens: a flat list, with their places.

use std::ops::Range;

/// The greatest nesting of brackets, blocks and operators.
pub const NESTING: usize = 64;

/// A bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bracket {
    /// `(` and `)`.
    Round,
    /// `[` and `]`.
    Square,
    /// `{` and `}`.
    Curly,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name or a word of the language.
    Word(String),
    /// A number.
    Int(u64),
    /// A text, without its quotes.
    Text(String),
    /// An operator or another sign.
    Sign(&'static str),
    /// An opening bracket.
    Open(Bracket),
    /// A closing bracket.
    Close(Bracket),
    /// A line of documentation.
    Doc(String),
    /// A token that the language does not have; it has been reported.
    Bad,
    /// The end of the text.
    End,
}

/// What the parser found a token to be, for the formatter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mark {
    /// Nothing.
    #[default]
    None,
    /// The first of an item, a row or a closing brace: it starts a line.
    Line,
    /// The first of the type of a field.
    Type,
}

/// A token and where it stands.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub bytes: Range<usize>,
    /// Whether it is the first of its line.
    pub first: bool,
    /// How many brackets are open around it.
    pub depth: usize,
    /// What the parser found it to be.
    pub mark: Mark,
}

impl Token {
    /// The end of a text of `at` bytes.
    pub fn end(at: usize) -> Token {
        Token { kind: Kind::End, bytes: at..at, first: true, depth: 0, mark: Mark::None }
    }
}
