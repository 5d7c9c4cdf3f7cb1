//! From text to tokens.
//!
//! `proc_macro2` splits the text. Where a token stands is found by following the text along: inside a procedural macro the
//! compiler does not tell.

extern crate proc_macro;

use super::text;
use super::tokens::{Bracket, Kind, Mark, NESTING, Token};
use crate::ast::Span;
use crate::diagnostic::Diagnostic;
use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use std::ops::Range;
use std::str::FromStr;
use std::vec::IntoIter;

/// The longest text that is read, in bytes.
const TEXT_LIMIT: usize = 1 << 26;

/// Signs of several characters.
pub const LONG_SIGNS: [&str; 12] = ["..=", "..", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "++", "??"];

/// Signs of one character.
const SIGNS: [&str; 17] = ["!", "-", "*", "/", "%", "+", "<", ">", "=", "&", "|", "?", ":", ",", ";", ".", "#"];

/// Turns text into tokens. The last token is always the end.
pub fn from_text(file: usize, text: &str, out: &mut Vec<Diagnostic>) -> Vec<Token> {
    let mut flat = Flat::new(file, Some(text));
    if text.len() > TEXT_LIMIT {
        let refused = ("MG001", "the file is too long", "longer than 64 MiB");
        flat.report(out, refused, 0..0);
        return flat.finish();
    }
    let in_macro = proc_macro::is_available();
    match TokenStream::from_str(text) {
        Ok(tokens) => flat.read(tokens, out),
        Err(_) if in_macro => {
            let refused = ("MG001", "the text does not lex", "somewhere in this file");
            flat.report(out, refused, 0..0);
        }
        Err(error) => out.push(text::lexical(file, text, error.span().byte_range().start)),
    }
    if !in_macro {
        proc_macro2::extra::invalidate_current_thread_spans();
    }
    flat.finish()
}

/// Flattens tokens of a procedural macro. The last token is always the end.
pub fn from_tokens(tokens: TokenStream, out: &mut Vec<Diagnostic>) -> Vec<Token> {
    let mut flat = Flat::new(0, None);
    flat.read(tokens, out);
    flat.finish()
}

/// The list as it is made.
struct Flat<'a> {
    file: usize,
    /// The text that the tokens are from, if it is known.
    text: Option<&'a str>,
    /// Where the last token ends in the text.
    at: usize,
    /// The line on which it ends.
    line: usize,
    depth: usize,
    tokens: Vec<Token>,
}

impl<'a> Flat<'a> {
    fn new(file: usize, text: Option<&'a str>) -> Self {
        Flat { file, text, at: 0, line: 0, depth: 0, tokens: Vec::new() }
    }

    fn report(&self, out: &mut Vec<Diagnostic>, refused: text::Refused, bytes: Range<usize>) {
        let (code, message, label) = refused;
        let span = Span { file: self.file, bytes };
        super::push(out, Diagnostic::new(code, &span, message, label));
    }

    fn finish(mut self) -> Vec<Token> {
        self.tokens.push(Token::end(self.text.map_or(0, str::len)));
        self.tokens
    }

    /// The bytes of the next token, and whether it is the first of its line.
    fn place(&mut self, written: &str, from: proc_macro2::Span, to: proc_macro2::Span) -> (Range<usize>, bool) {
        let Some(text) = self.text else {
            let first = self.tokens.is_empty() || from.start().line > self.line;
            self.line = to.end().line;
            let start = from.byte_range().start;
            return (start..to.byte_range().end.max(start), first);
        };
        let rest = text.get(self.at..).unwrap_or("");
        let (gap, rest) = rest.split_at_checked(text::trivia(rest)).unwrap_or(("", rest));
        let first = self.at == 0 || gap.contains('\n');
        let length = if rest.starts_with(written) { written.len() } else { rest.chars().next().map_or(0, char::len_utf8) };
        let start = self.at + gap.len();
        self.at = start + length;
        (start..self.at, first)
    }

    fn push(&mut self, kind: Kind, written: &str, from: proc_macro2::Span, to: proc_macro2::Span) -> Range<usize> {
        let (bytes, first) = self.place(written, from, to);
        self.add(kind, bytes.clone(), first);
        bytes
    }

    fn add(&mut self, kind: Kind, bytes: Range<usize>, first: bool) {
        // Deeper tokens are only counted.
        if self.depth <= NESTING {
            self.tokens.push(Token { kind, bytes, first, depth: self.depth, mark: Mark::None });
        }
    }

    fn read(&mut self, tokens: TokenStream, out: &mut Vec<Diagnostic>) {
        let list = |stream: TokenStream| stream.into_iter().collect::<Vec<_>>().into_iter();
        let mut stack = Vec::new();
        let mut current = list(tokens);
        loop {
            let Some(tree) = current.next() else {
                let Some((outer, close)) = stack.pop() else {
                    return;
                };
                current = outer;
                if let Some((bracket, written, span)) = close {
                    self.depth = self.depth.saturating_sub(1);
                    self.push(Kind::Close(bracket), written, span, span);
                }
                continue;
            };
            match tree {
                TokenTree::Group(group) => {
                    let inner = list(group.stream());
                    let close = self.open(&group, out);
                    stack.push((std::mem::replace(&mut current, inner), close));
                }
                TokenTree::Punct(sign) => {
                    if sign.as_char() != '#' || !self.doc(&mut current, sign.span()) {
                        self.sign(&sign, &mut current, out);
                    }
                }
                TokenTree::Ident(word) => {
                    let (written, span) = (word.to_string(), word.span());
                    let known = written.is_ascii() && !written.starts_with("r#") && written != "_";
                    let kind = if known { Kind::Word(written.clone()) } else { Kind::Bad };
                    let bytes = self.push(kind, &written, span, span);
                    if !known {
                        let message = "this is not a name of the language";
                        let label = "names are ASCII letters, digits and `_`";
                        self.report(out, ("MG001", message, label), bytes);
                    }
                }
                TokenTree::Literal(literal) => {
                    let (written, span) = (literal.to_string(), literal.span());
                    match text::literal(&written) {
                        Ok(kind) => drop(self.push(kind, &written, span, span)),
                        Err(refused) => {
                            let number = refused.0 == "MG004";
                            let kind = if number { Kind::Int(0) } else { Kind::Bad };
                            let bytes = self.push(kind, &written, span, span);
                            self.report(out, refused, bytes);
                        }
                    }
                }
            }
        }
    }

    /// Adds an opening bracket; the result is how it closes.
    fn open(&mut self, group: &Group, out: &mut Vec<Diagnostic>) -> Option<(Bracket, &'static str, proc_macro2::Span)> {
        let (bracket, written, close) = match group.delimiter() {
            Delimiter::Parenthesis => (Bracket::Round, "(", ")"),
            Delimiter::Bracket => (Bracket::Square, "[", "]"),
            Delimiter::Brace => (Bracket::Curly, "{", "}"),
            Delimiter::None => return None,
        };
        let span = group.span_open();
        let bytes = self.push(Kind::Open(bracket), written, span, span);
        if self.depth == NESTING {
            let message = "brackets are nested too deeply";
            let label = "more than 64 are open here";
            self.report(out, ("MG003", message, label), bytes);
        }
        self.depth += 1;
        Some((bracket, close, group.span_close()))
    }

    /// Adds a sign; those of an operator stand together.
    fn sign(&mut self, sign: &proc_macro2::Punct, behind: &mut IntoIter<TokenTree>, out: &mut Vec<Diagnostic>) {
        let (from, mut to) = (sign.span(), sign.span());
        let (mut written, mut spacing) = (String::from(sign.as_char()), sign.spacing());
        while spacing == Spacing::Joint
            && let Some(TokenTree::Punct(next)) = behind.as_slice().first()
        {
            written.push(next.as_char());
            if !LONG_SIGNS.iter().any(|sign| sign.starts_with(&written)) {
                written.pop();
                break;
            }
            (spacing, to) = (next.spacing(), next.span());
            behind.next();
        }
        let mut signs = LONG_SIGNS.iter().chain(&SIGNS);
        let kind = signs.find(|sign| **sign == written).map_or(Kind::Bad, |sign| Kind::Sign(sign));
        let bad = kind == Kind::Bad;
        let bytes = self.push(kind, &written, from, to);
        if bad {
            let message = "this sign has no meaning in the language";
            self.report(out, ("MG001", message, "not an operator"), bytes);
        }
    }

    /// Adds a line of documentation if that is what begins with this `#`: comments arrive as `#[doc = "..."]`, and `//!`,
    /// which is an ordinary comment here, as `#![doc = "..."]`.
    fn doc(&mut self, behind: &mut IntoIter<TokenTree>, hash: proc_macro2::Span) -> bool {
        let (group, inner) = match behind.as_slice() {
            [TokenTree::Group(group), ..] => (group, false),
            [TokenTree::Punct(sign), TokenTree::Group(group), ..] if sign.as_char() == '!' => (group, true),
            _ => return false,
        };
        let Some((literal, line)) = doc_line(group) else {
            return false;
        };
        let close = group.span_close();
        let rest = self.text.and_then(|text| text.get(self.at..)).unwrap_or("");
        let rest = rest.get(text::trivia(rest)..).unwrap_or("");
        let comment = rest.get(..text::doc_comment(rest)).unwrap_or("");
        if inner && self.text.is_some() && comment.is_empty() {
            return false;
        }
        let (bytes, first) = if comment.is_empty() {
            let (bytes, first) = self.place("#", hash, hash);
            let mut end = bytes.end;
            for part in ["[", "doc", "=", literal.as_str(), "]"] {
                end = self.place(part, close, close).0.end;
            }
            (bytes.start..end.max(bytes.start), first)
        } else {
            self.place(comment, hash, close)
        };
        behind.next();
        if inner {
            behind.next();
        } else {
            let line = line.strip_prefix(' ').unwrap_or(&line).trim_end();
            self.add(Kind::Doc(line.to_owned()), bytes, first);
        }
        true
    }
}

/// The literal of `[doc = "..."]` as it is written, and its text.
fn doc_line(group: &Group) -> Option<(String, String)> {
    if group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let mut parts = group.stream().into_iter();
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(TokenTree::Ident(word)), Some(TokenTree::Punct(sign)), Some(TokenTree::Literal(literal)), None) if word == "doc" && sign.as_char() == '=' => {
            let written = literal.to_string();
            match text::literal(&written) {
                Ok(Kind::Text(line)) => Some((written, line)),
                _ => None,
            }
        }
        _ => None,
    }
}
