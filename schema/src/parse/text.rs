//! Numbers, texts in double quotes, comments, and what does not lex.

use super::tokens::Kind;
use crate::ast::Span;
use crate::diagnostic::Diagnostic;

/// The text that a string literal of Rust stands for; `None` for other literals.
pub fn unquote(literal: &str) -> Option<String> {
    if let Some(raw) = literal.strip_prefix('r') {
        let inner = raw.trim_start_matches('#');
        let hashes = raw.len() - inner.len();
        let inner = inner.strip_prefix('"')?;
        let end = inner.len().checked_sub(hashes + 1)?;
        return inner.get(..end).map(str::to_owned);
    }
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(char) = chars.next() {
        if char != '\\' {
            text.push(char);
            continue;
        }
        match chars.next()? {
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            '0' => text.push('\0'),
            same @ ('\\' | '"' | '\'') => text.push(same),
            'x' => {
                let (high, low) = (chars.next()?.to_digit(16)?, chars.next()?.to_digit(16)?);
                text.push(char::from_u32(high * 16 + low)?);
            }
            'u' => {
                let mut value: u32 = 0;
                for char in chars.by_ref() {
                    match char {
                        '{' | '_' => {}
                        '}' => break,
                        digit => value = value.checked_mul(16)?.checked_add(digit.to_digit(16)?)?,
                    }
                }
                text.push(char::from_u32(value)?);
            }
            '\n' | '\r' => while chars.next_if(|char| char.is_whitespace()).is_some() {},
            _ => return None,
        }
    }
    Some(text)
}

/// Code, message and label of a diagnostic.
pub type Refused = (&'static str, &'static str, &'static str);

/// What a literal is; else code, message and label of a diagnostic.
pub fn literal(text: &str) -> Result<Kind, Refused> {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return number(text).map(Kind::Int);
    }
    match unquote(text) {
        Some(text) => Ok(Kind::Text(text)),
        None => Err(("MG001", "this literal has no meaning in the language", "expected a number or a text in double quotes")),
    }
}

fn number(text: &str) -> Result<u64, Refused> {
    let digits = text.replace('_', "");
    let value = match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    value.map_err(|error| {
        let large = *error.kind() == std::num::IntErrorKind::PosOverflow;
        let label = if large { "greater than 18446744073709551615" } else { "numbers are decimal (`42`, `1_000`) or hexadecimal (`0x2a`)" };
        ("MG004", "this is not a number of the language", label)
    })
}

/// What is wrong with a text that does not lex: a bracket, or the character at `at`.
pub fn lexical(file: usize, text: &str, at: usize) -> Diagnostic {
    let place = |at: usize| Span { file, bytes: at..at + char_at(text, at).map_or(0, char::len_utf8) };
    let message = match char_at(text, at) {
        Some('(' | '[' | '{') => {
            return Diagnostic::new("MG007", &place(at), "this bracket is not closed", "opened here").help("add the closing bracket");
        }
        Some(')' | ']' | '}') => {
            return Diagnostic::new("MG007", &place(at), "this closing bracket does not fit", "no such bracket is open here")
                .help("close brackets in the reverse order in which they were opened");
        }
        Some('0'..='9') => {
            let message = "this is not a number of the language";
            let label = "numbers are decimal (`42`, `1_000`) or hexadecimal (`0x2a`)";
            return Diagnostic::new("MG004", &place(at), message, label);
        }
        Some('"') => "this text has no closing quote or has an unknown escape",
        Some('/') => "this comment is not closed",
        Some('\'') => "single quotes have no meaning in the language",
        _ => "these characters have no meaning in the language",
    };
    Diagnostic::new("MG001", &place(at), message, "starts here")
}

fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..).and_then(|rest| rest.chars().next())
}

/// The bytes of the comment `/* .. */` at the start; such comments nest.
pub fn block_length(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            (at, depth) = (at + 2, depth + 1);
        } else if rest.starts_with("*/") {
            (at, depth) = (at + 2, depth - 1);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The bytes of white space and comments at the start, without documentation.
pub fn trivia(text: &str) -> usize {
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        at += match rest.chars().next() {
            Some(char) if char.is_whitespace() => char.len_utf8(),
            Some(char @ ('\u{feff}' | '\u{200e}' | '\u{200f}')) => char.len_utf8(),
            _ if doc_comment(rest) > 0 => break,
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => block_length(rest),
            _ => break,
        };
    }
    at
}

/// The bytes of the documentation comment at the start; 0 if there is none.
pub fn doc_comment(text: &str) -> usize {
    let starts = |start: &str| text.starts_with(start);
    if starts("//!") || (starts("///") && !starts("////")) {
        let line = text.lines().next().unwrap_or("");
        line.trim_end().len()
    } else if starts("/*!") || (starts("/**") && !starts("/***") && !starts("/**/")) {
        block_length(text)
    } else {
        0
    }
}
