//! Numbers, texts in double quotes, and what does not lex.

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
type Refused = (&'static str, &'static str, &'static str);

/// What a literal is; else code, message and label of a diagnostic.
pub fn literal(text: &str) -> Result<Kind, Refused> {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return number(text).map(Kind::Int);
    }
    match unquote(text) {
        Some(text) => Ok(Kind::Text(text)),
        None => Err((
            "MG001",
            "this literal has no meaning in the language",
            "expected a number or a text in double quotes",
        )),
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
        let label = if large {
            "greater than 18446744073709551615"
        } else {
            "numbers are decimal (`42`, `1_000`) or hexadecimal (`0x2a`)"
        };
        ("MG004", "this is not a number of the language", label)
    })
}

/// What is wrong with a text that does not lex: a bracket, or the character at `at`.
pub fn lexical(file: usize, text: &str, at: usize) -> Diagnostic {
    let place = |at: usize| Span {
        file,
        bytes: at..at + char_at(text, at).map_or(0, char::len_utf8),
    };
    let message = match char_at(text, at) {
        Some('(' | '[' | '{') => {
            return Diagnostic::new(
                "MG007",
                &place(at),
                "this bracket is not closed",
                "opened here",
            )
            .help("add the closing bracket");
        }
        Some(')' | ']' | '}') => {
            return Diagnostic::new(
                "MG007",
                &place(at),
                "this closing bracket does not fit",
                "no such bracket is open here",
            )
            .help("close brackets in the reverse order in which they were opened");
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
