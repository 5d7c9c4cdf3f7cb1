//! From text to a flat list of tokens with their places.

extern crate proc_macro;

use super::text;
use crate::ast::Span;
use crate::diagnostic::Diagnostic;
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use std::ops::Range;
use std::str::FromStr;

/// The greatest nesting of brackets, blocks and operators.
pub const NESTING: usize = 64;

/// The longest text that is read, in bytes.
const TEXT_LIMIT: usize = 1 << 26;

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
        Token {
            kind: Kind::End,
            bytes: at..at,
            first: true,
            depth: 0,
            mark: Mark::None,
        }
    }
}

/// Signs of several characters, longest first.
const LONG_SIGNS: [&str; 12] = [
    "..=", "..", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "++", "??",
];

/// Signs of one character.
const SIGNS: [&str; 17] = [
    "!", "-", "*", "/", "%", "+", "<", ">", "=", "&", "|", "?", ":", ",", ";", ".", "#",
];

/// Turns text into tokens. The last token is always the end.
pub fn from_text(file: usize, text: &str, out: &mut Vec<Diagnostic>) -> Vec<Token> {
    let mut flat = Flat::new(file, text);
    if text.len() > TEXT_LIMIT {
        flat.report(
            out,
            "MG001",
            0..0,
            "the file is too long",
            "longer than 64 MiB",
        );
        return flat.finish();
    }
    match TokenStream::from_str(text) {
        Ok(tokens) => flat.read(tokens, out),
        Err(error) => {
            let at = flat.place(error.span());
            out.push(text::lexical(file, text, at.start));
        }
    }
    if !proc_macro::is_available() {
        proc_macro2::extra::invalidate_current_thread_spans();
    }
    flat.finish()
}

/// Flattens tokens of a procedural macro. The last token is always the end.
pub fn from_tokens(tokens: TokenStream, out: &mut Vec<Diagnostic>) -> Vec<Token> {
    let mut flat = Flat::new(0, "");
    flat.read(tokens, out);
    flat.finish()
}

/// The list as it is made.
struct Flat<'a> {
    file: usize,
    text: &'a str,
    lines: Vec<usize>,
    tokens: Vec<Token>,
    /// Line on which the last token ends.
    line: usize,
    depth: usize,
    end: usize,
}

impl<'a> Flat<'a> {
    fn new(file: usize, text: &'a str) -> Self {
        let mut lines = Vec::new();
        if proc_macro::is_available() {
            // The compiler gives lines and columns, but no bytes.
            lines.push(0);
            lines.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        }
        Flat {
            file,
            text,
            lines,
            tokens: Vec::new(),
            line: 0,
            depth: 0,
            end: text.len(),
        }
    }

    fn report(
        &self,
        out: &mut Vec<Diagnostic>,
        code: &'static str,
        bytes: Range<usize>,
        message: &str,
        label: &str,
    ) {
        let span = Span {
            file: self.file,
            bytes,
        };
        super::push(out, Diagnostic::new(code, &span, message, label));
    }

    fn place(&self, span: proc_macro2::Span) -> Range<usize> {
        if self.lines.is_empty() || self.text.is_empty() {
            return span.byte_range();
        }
        let byte = |at: proc_macro2::LineColumn| {
            let start = self.lines.get(at.line.saturating_sub(1)).copied();
            let start = start.unwrap_or(self.text.len());
            let rest = self.text.get(start..).unwrap_or("");
            let within = rest.char_indices().nth(at.column).map(|(i, _)| i);
            start + within.unwrap_or(rest.len())
        };
        let start = byte(span.start());
        start..byte(span.end()).max(start)
    }

    fn push(&mut self, kind: Kind, span: proc_macro2::Span) {
        let first = self.tokens.is_empty() || span.start().line > self.line;
        self.line = span.end().line;
        self.tokens.push(Token {
            kind,
            bytes: self.place(span),
            first,
            depth: self.depth,
            mark: Mark::None,
        });
    }

    fn finish(mut self) -> Vec<Token> {
        self.tokens.push(Token::end(self.end));
        self.tokens
    }

    fn read(&mut self, tokens: TokenStream, out: &mut Vec<Diagnostic>) {
        let mut stack: Vec<(std::vec::IntoIter<TokenTree>, _)> = Vec::new();
        let list = |stream: TokenStream| stream.into_iter().collect::<Vec<_>>().into_iter();
        let mut current = list(tokens);
        loop {
            let Some(tree) = current.next() else {
                let Some((outer, close)) = stack.pop() else {
                    return;
                };
                current = outer;
                if let Some((bracket, span)) = close {
                    self.depth = self.depth.saturating_sub(1);
                    self.push(Kind::Close(bracket), span);
                }
                continue;
            };
            match tree {
                TokenTree::Group(group) => {
                    let bracket = match group.delimiter() {
                        Delimiter::Parenthesis => Some(Bracket::Round),
                        Delimiter::Bracket => Some(Bracket::Square),
                        Delimiter::Brace => Some(Bracket::Curly),
                        Delimiter::None => None,
                    };
                    if let Some(bracket) = bracket {
                        if bracket == Bracket::Square && self.doc(&group) {
                            continue;
                        }
                        self.push(Kind::Open(bracket), group.span_open());
                        self.depth += 1;
                    }
                    let close = bracket.map(|bracket| (bracket, group.span_close()));
                    let inner = if self.depth > NESTING || stack.len() > 2 * NESTING {
                        let message = "brackets are nested too deeply";
                        let at = self.place(group.span_open());
                        self.report(out, "MG003", at, message, "more than 64 are open here");
                        list(TokenStream::new())
                    } else {
                        list(group.stream())
                    };
                    stack.push((std::mem::replace(&mut current, inner), close));
                }
                TokenTree::Ident(word) => {
                    let text = word.to_string();
                    let at = word.span();
                    let kind = if text.is_ascii() && !text.starts_with("r#") && text != "_" {
                        Kind::Word(text)
                    } else {
                        let message = "this is not a name of the language";
                        let label = "names are ASCII letters, digits and `_`";
                        self.report(out, "MG001", self.place(at), message, label);
                        Kind::Bad
                    };
                    self.push(kind, at);
                }
                TokenTree::Literal(literal) => {
                    let at = literal.span();
                    let kind = match text::literal(&literal.to_string()) {
                        Ok(kind) => kind,
                        Err((code, message, label)) => {
                            self.report(out, code, self.place(at), message, label);
                            if code == "MG004" {
                                Kind::Int(0)
                            } else {
                                Kind::Bad
                            }
                        }
                    };
                    self.push(kind, at);
                }
                TokenTree::Punct(sign) => {
                    // The signs of an operator stand together: at most three.
                    let at = sign.span();
                    let (mut text, mut joint) = (String::from(sign.as_char()), sign.spacing());
                    let mut last = at;
                    while joint == Spacing::Joint && text.len() < 3 {
                        let Some(TokenTree::Punct(next)) = current.as_slice().first() else {
                            break;
                        };
                        text.push(next.as_char());
                        if !LONG_SIGNS.iter().any(|sign| sign.starts_with(&text)) {
                            text.pop();
                            break;
                        }
                        (joint, last) = (next.spacing(), next.span());
                        current.next();
                    }
                    let known = LONG_SIGNS.iter().chain(&SIGNS).find(|sign| **sign == text);
                    let kind = match known {
                        Some(sign) => Kind::Sign(sign),
                        None => {
                            let message = "this sign has no meaning in the language";
                            self.report(out, "MG001", self.place(at), message, "not an operator");
                            Kind::Bad
                        }
                    };
                    self.push(kind, at);
                    let end = self.place(last).end;
                    if let Some(token) = self.tokens.last_mut() {
                        token.bytes.end = end.max(token.bytes.end);
                    }
                }
            }
        }
    }

    fn ends_with(&self, sign: &str) -> bool {
        matches!(self.tokens.last(), Some(Token { kind: Kind::Sign(found), .. }) if *found == sign)
    }

    /// Replaces the `#` behind us by a line of documentation if the group is `[doc = "..."]`.
    fn doc(&mut self, group: &proc_macro2::Group) -> bool {
        // `//!` arrives as `#![doc = "..."]`; it is a comment.
        let inner = self.ends_with("!");
        let after_hash = inner || self.ends_with("#");
        let mut parts = group.stream().into_iter();
        let (
            Some(TokenTree::Ident(word)),
            Some(TokenTree::Punct(_)),
            Some(TokenTree::Literal(text)),
        ) = (parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        if !after_hash || word != "doc" {
            return false;
        }
        let Ok(Kind::Text(text)) = text::literal(&text.to_string()) else {
            return false;
        };
        let end = self.place(group.span_close()).end;
        self.line = group.span_close().end().line;
        if inner {
            self.tokens.truncate(self.tokens.len().saturating_sub(2));
            return true;
        }
        if let Some(token) = self.tokens.last_mut() {
            let text = text.strip_prefix(' ').unwrap_or(&text);
            token.kind = Kind::Doc(text.trim_end().to_owned());
            token.bytes.end = end.max(token.bytes.end);
        }
        true
    }
}
