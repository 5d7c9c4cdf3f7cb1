//! The parser: from text to the syntax tree.
//!
//! It never gives up: a bad row is reported and skipped, then a bad item. Whatever the text holds, it takes time and
//! memory in proportion to its length and a bounded stack.

mod expr;
pub(crate) mod flat;
mod item;
mod row;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod text;
pub(crate) mod tokens;

use crate::ast::{File, Name, Span};
use crate::diagnostic::Diagnostic;
use tokens::{Bracket, Kind, Mark, NESTING, Token};

/// The most diagnostics of one parse.
const MOST: usize = 100;

/// Words that start rows and are no names.
pub(crate) const RESERVED: [&str; 9] = ["if", "else", "for", "while", "let", "remark", "require", "where", "as"];

/// Parses the text of a file. `file` is its number, for the spans.
///
/// What could be read is returned together with what is wrong; without diagnostics the tree is complete. Spans that
/// other users of `proc_macro2` hold on this thread are invalid afterwards, except in a procedural macro.
pub fn parse(file: usize, text: &str) -> (File, Vec<Diagnostic>) {
    let mut out = Vec::new();
    let tokens = flat::from_text(file, text, &mut out);
    let mut parser = Parser::new(file, tokens, out);
    (parser.items(), parser.out)
}

/// Parses the tokens given to a procedural macro. The spans count as those of file 0; where the compiler does not tell
/// bytes they are empty.
pub fn parse_tokens(tokens: proc_macro2::TokenStream) -> (File, Vec<Diagnostic>) {
    let mut out = Vec::new();
    let tokens = flat::from_tokens(tokens, &mut out);
    let mut parser = Parser::new(0, tokens, out);
    (parser.items(), parser.out)
}

/// The tokens of a text as the parser understood them, and what is wrong with it.
pub(crate) fn marked(text: &str) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut out = Vec::new();
    let tokens = flat::from_text(0, text, &mut out);
    let mut parser = Parser::new(0, tokens, out);
    parser.items();
    (parser.tokens, parser.out)
}

/// Adds a diagnostic unless there are enough.
fn push(out: &mut Vec<Diagnostic>, diagnostic: Diagnostic) {
    if out.len() < MOST {
        out.push(diagnostic);
    }
}

/// Something could not be read; it has been reported.
#[derive(Debug)]
struct Failed;

type Parsed<T> = Result<T, Failed>;

/// A position in the tokens and what was wrong so far.
struct Parser {
    file: usize,
    tokens: Vec<Token>,
    at: usize,
    /// Blocks and operators that are open.
    nesting: usize,
    /// How many brackets are open around the rows that are read.
    rows_depth: usize,
    end: Token,
    out: Vec<Diagnostic>,
}

impl Parser {
    fn new(file: usize, tokens: Vec<Token>, out: Vec<Diagnostic>) -> Self {
        let at = tokens.last().map_or(0, |token| token.bytes.end);
        let end = Token::end(at);
        Parser { file, tokens, at: 0, nesting: 0, rows_depth: 0, end, out }
    }

    /// The token `ahead` of the position.
    fn look(&self, ahead: usize) -> &Token {
        self.tokens.get(self.at + ahead).unwrap_or(&self.end)
    }

    fn kind(&self) -> &Kind {
        &self.look(0).kind
    }

    fn step(&mut self) {
        if self.at < self.tokens.len() {
            self.at += 1;
        }
    }

    /// Whether the next token stands on the line of the one before.
    fn same_line(&self) -> bool {
        !self.look(0).first
    }

    /// Notes for the formatter what the next token is.
    fn mark(&mut self, mark: Mark) {
        if let Some(token) = self.tokens.get_mut(self.at) {
            token.mark = mark;
        }
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.kind(), Kind::Sign(found) if *found == sign)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.kind(), Kind::Word(found) if found == word)
    }

    fn is_open(&self, bracket: Bracket) -> bool {
        *self.kind() == Kind::Open(bracket)
    }

    fn is_close(&self, bracket: Bracket) -> bool {
        *self.kind() == Kind::Close(bracket)
    }

    fn eat_sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        if found {
            self.step();
        }
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.step();
        }
        found
    }

    fn eat_close(&mut self, bracket: Bracket) -> bool {
        let found = self.is_close(bracket);
        if found {
            self.step();
        }
        found
    }

    fn sign(&mut self, sign: &'static str) -> Parsed<()> {
        if self.eat_sign(sign) {
            return Ok(());
        }
        self.unexpected(&format!("`{sign}`"))
    }

    fn open(&mut self, bracket: Bracket) -> Parsed<()> {
        if self.is_open(bracket) {
            self.step();
            return Ok(());
        }
        self.unexpected(match bracket {
            Bracket::Round => "`(`",
            Bracket::Square => "`[`",
            Bracket::Curly => "`{`",
        })
    }

    fn close(&mut self, bracket: Bracket) -> Parsed<()> {
        if self.eat_close(bracket) {
            return Ok(());
        }
        self.unexpected(match bracket {
            Bracket::Round => "`)`",
            Bracket::Square => "`]`",
            Bracket::Curly => "`}`",
        })
    }

    /// A name; `what` says which one, for the message.
    fn name(&mut self, what: &str) -> Parsed<Name> {
        match self.kind() {
            Kind::Word(word) if !self.reserved(word) => {
                let name = Name { text: word.clone(), span: self.here() };
                self.step();
                Ok(name)
            }
            _ => self.unexpected(what),
        }
    }

    /// Whether a word here is no name: a word of rows, or one that starts the next item.
    fn reserved(&self, word: &str) -> bool {
        let token = self.look(0);
        let starts_item = token.first && token.depth == 0 && item::ITEMS.contains(&word);
        starts_item || RESERVED.contains(&word)
    }

    /// A text in double quotes; `what` says which one, for the message.
    fn text(&mut self, what: &str) -> Parsed<Name> {
        match self.kind() {
            Kind::Text(text) => {
                let name = Name { text: text.clone(), span: self.here() };
                self.step();
                Ok(name)
            }
            _ => self.unexpected(what),
        }
    }

    /// Elements separated by commas, up to and with the closing bracket.
    fn list<T>(&mut self, bracket: Bracket, mut element: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut list = Vec::new();
        while !self.eat_close(bracket) {
            list.push(element(self)?);
            if !self.eat_sign(",") {
                self.close(bracket)?;
                break;
            }
        }
        Ok(list)
    }

    /// Where the next token stands.
    fn here(&self) -> Span {
        self.span_of(self.look(0).bytes.clone())
    }

    fn span_of(&self, bytes: std::ops::Range<usize>) -> Span {
        Span { file: self.file, bytes }
    }

    /// From the start of token number `start` to the end of the token before the position.
    fn since(&self, start: usize) -> Span {
        let first = self.tokens.get(start).unwrap_or(&self.end).bytes.start;
        let last = self.at.saturating_sub(1).max(start);
        let last = self.tokens.get(last).unwrap_or(&self.end).bytes.end;
        self.span_of(first..last.max(first))
    }

    /// Reports a diagnostic and fails.
    fn fail<T>(&mut self, diagnostic: Diagnostic) -> Parsed<T> {
        push(&mut self.out, diagnostic);
        Err(Failed)
    }

    /// Reports that something else was expected here, and fails.
    fn unexpected<T>(&mut self, expected: &str) -> Parsed<T> {
        let found = match self.kind() {
            Kind::Bad => return Err(Failed),
            Kind::End => {
                let message = format!("the file ends where {expected} is expected");
                let found = Diagnostic::new("MG007", &self.here(), message, "end of the file");
                return self.fail(found);
            }
            Kind::Word(word) => format!("`{word}`"),
            Kind::Int(value) => format!("`{value}`"),
            Kind::Text(_) => "a text".to_owned(),
            Kind::Sign(sign) => format!("`{sign}`"),
            Kind::Open(Bracket::Round) => "`(`".to_owned(),
            Kind::Open(Bracket::Square) => "`[`".to_owned(),
            Kind::Open(Bracket::Curly) => "`{`".to_owned(),
            Kind::Close(Bracket::Round) => "`)`".to_owned(),
            Kind::Close(Bracket::Square) => "`]`".to_owned(),
            Kind::Close(Bracket::Curly) => "`}`".to_owned(),
            Kind::Doc(_) => {
                let found = Diagnostic::new("MG005", &self.here(), "documentation stands in front of items only", format!("expected {expected}"));
                return self.fail(found.help("use a comment: `//`"));
            }
        };
        let message = format!("expected {expected}, found {found}");
        let label = format!("expected {expected}");
        self.fail(Diagnostic::new("MG002", &self.here(), message, label))
    }

    /// Runs `inner` one level deeper; fails beyond the limit.
    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.nesting >= NESTING {
            return self.too_deep(self.here());
        }
        self.nesting += 1;
        let result = inner(self);
        self.nesting -= 1;
        result
    }

    fn too_deep<T>(&mut self, span: Span) -> Parsed<T> {
        let label = "more than 64 levels";
        let found = Diagnostic::new("MG003", &span, "this is nested too deeply", label);
        self.fail(found.help("name parts of it with `let`, or move rows into a `struct`"))
    }

    /// Skips to the first token of a later line at this depth of brackets, or to the bracket that closes it.
    fn skip(&mut self, depth: usize, start: usize) {
        while *self.kind() != Kind::End {
            let token = self.look(0);
            let closes = matches!(token.kind, Kind::Close(_));
            if token.depth < depth {
                return;
            }
            let starts = token.first && token.depth == depth && !closes;
            if starts && self.at > start && !self.is_word("else") {
                return;
            }
            self.step();
        }
    }
}
