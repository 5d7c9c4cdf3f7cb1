//! The formatter: one row a line, types in a column, everything else as it was.

use crate::diagnostic::Diagnostic;
use crate::parse::flat::LONG_SIGNS;
use crate::parse::text::block_length;
use crate::parse::tokens::{Bracket, Kind, Mark, Token};
use crate::parse::{RESERVED, marked};

/// Spaces of a level of indentation, and what columns are a multiple of.
const INDENT: usize = 4;

/// Formats the text of a file. Comments and single blank lines stay; so do line breaks within parentheses and expressions.
///
/// # Errors
///
/// What is wrong with the text, where it does not parse.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let (tokens, diagnostics) = marked(text);
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let mut layout = Layout { text, tokens: &tokens, lines: Vec::new(), open: Vec::new(), item: 0 };
    let mut end = 0;
    for (at, token) in tokens.iter().enumerate() {
        layout.token(at, token, end);
        end = token.bytes.end;
    }
    Ok(layout.finish())
}

/// A line of the result.
struct Line {
    indent: usize,
    text: String,
    /// Bytes in front of the type of a field.
    split: Option<usize>,
    blank_before: bool,
    /// The number of its item: types of one item stand in one column.
    item: usize,
}

/// A comment between two tokens, and the line ends in front of it.
struct Comment<'a> {
    text: &'a str,
    newlines: usize,
}

struct Layout<'a> {
    text: &'a str,
    tokens: &'a [Token],
    lines: Vec<Line>,
    open: Vec<Bracket>,
    item: usize,
}

impl Layout<'_> {
    /// Adds a token; the one before it ends at byte `end`.
    fn token(&mut self, at: usize, token: &Token, end: usize) {
        let before = at.checked_sub(1).and_then(|at| self.tokens.get(at));
        let (comments, newlines) = comments(self.text.get(end..token.bytes.start).unwrap_or(""));
        let opens_block = before.is_some_and(|token| token.kind == Kind::Open(Bracket::Curly));
        let closes_block = token.kind == Kind::Close(Bracket::Curly);
        let mut broken = before.is_some_and(|token| matches!(token.kind, Kind::Doc(_)));
        for (number, comment) in comments.iter().enumerate() {
            let own_line = comment.newlines > 0 || before.is_none();
            if own_line || broken {
                let blank = comment.newlines > 1 && !(opens_block && number == 0);
                self.line(self.level() + self.inline(), blank);
                broken = true;
            } else {
                self.write(" ");
            }
            self.write(comment.text);
            broken |= comment.text.starts_with("//");
        }
        if token.kind == Kind::End {
            return;
        }
        let empty = opens_block && closes_block && comments.is_empty();
        let joins = match &token.kind {
            Kind::Open(Bracket::Curly) => true,
            Kind::Word(word) => word == "else",
            _ => false,
        };
        broken |= before.is_none() || token.mark == Mark::Line || (token.first && !joins);
        if matches!(token.kind, Kind::Close(_)) {
            self.open.pop();
        }
        if broken && !empty {
            let row = token.mark == Mark::Line;
            if row && self.open.is_empty() && !closes_block {
                self.item += 1;
            }
            let indent = match token.kind {
                _ if row || joins => self.level(),
                Kind::Close(_) => self.level() + self.inline(),
                _ => self.level() + self.inline().max(1),
            };
            let after_comment = comments.last().is_some();
            let blank = newlines > 1 && !closes_block && (row || after_comment);
            self.line(indent, blank && (!opens_block || after_comment));
        } else if before.is_some_and(|before| self.spaced(at, before, token)) {
            self.write(" ");
        }
        if token.mark == Mark::Type
            && let Some(line) = self.lines.last_mut()
        {
            line.split.get_or_insert(line.text.len());
        }
        if let Kind::Open(bracket) = token.kind {
            self.open.push(bracket);
        }
        let text = self.text.get(token.bytes.clone()).unwrap_or("");
        self.write(text.trim_end());
    }

    /// How many blocks are open.
    fn level(&self) -> usize {
        let curly = |bracket: &&Bracket| **bracket == Bracket::Curly;
        self.open.iter().filter(curly).count()
    }

    /// How many parentheses are open in the row at hand.
    fn inline(&self) -> usize {
        let other = |bracket: &&Bracket| **bracket != Bracket::Curly;
        self.open.iter().rev().take_while(other).count()
    }

    fn line(&mut self, indent: usize, blank_before: bool) {
        self.lines.push(Line { indent, text: String::new(), split: None, blank_before: blank_before && !self.lines.is_empty(), item: self.item });
    }

    fn write(&mut self, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.text.push_str(text);
        }
    }

    /// The kind of the token number `at - back`.
    fn back(&self, at: usize, back: usize) -> Option<&Kind> {
        let token = self.tokens.get(at.checked_sub(back)?)?;
        Some(&token.kind)
    }

    /// Whether a space stands between a token and the one before it, `before`.
    fn spaced(&self, at: usize, before: &Token, token: &Token) -> bool {
        match (&before.kind, &token.kind) {
            // Together they would be another sign: `..` and `=`.
            (Kind::Sign(a), Kind::Sign(b))
                if LONG_SIGNS.iter().any(|sign| sign.strip_prefix(a).is_some_and(|rest| b.starts_with(rest) && !rest.is_empty())) =>
            {
                true
            }
            (Kind::Open(Bracket::Curly), next) => *next != Kind::Close(Bracket::Curly),
            (_, Kind::Close(Bracket::Curly)) => true,
            (Kind::Open(_), _) | (_, Kind::Close(_)) => false,
            (_, Kind::Sign("," | ";" | "." | ".." | "..=" | "++")) => false,
            (Kind::Sign(".."), next) => matches!(next, Kind::Word(_)),
            (Kind::Sign("." | "..=" | "!"), _) => false,
            (Kind::Sign("#"), Kind::Open(Bracket::Square)) => false,
            (Kind::Sign("-"), _) => self.operand(at, 2),
            (Kind::Word(_), Kind::Sign(":")) => match self.back(at, 2) {
                Some(Kind::Open(Bracket::Round) | Kind::Sign(",")) => false,
                Some(Kind::Word(word)) => word != "let",
                _ => true,
            },
            (_, Kind::Open(Bracket::Square)) => false,
            (Kind::Word(word), Kind::Open(Bracket::Round)) => {
                let header = matches!(self.back(at, 2), Some(Kind::Word(word)) if word == "struct" || word == "process");
                RESERVED.contains(&word.as_str()) || (header && token.depth == 0)
            }
            (Kind::Text(_), Kind::Open(Bracket::Round)) => token.depth == 0,
            _ => true,
        }
    }

    /// Whether a sign behind token number `at - back` stands between two operands.
    fn operand(&self, at: usize, back: usize) -> bool {
        match self.back(at, back) {
            Some(Kind::Word(word)) => !RESERVED.contains(&word.as_str()),
            Some(Kind::Int(_) | Kind::Text(_) | Kind::Close(_)) => true,
            _ => false,
        }
    }

    /// The text, with types in columns.
    fn finish(self) -> String {
        let mut columns = vec![0; self.item + 1];
        for line in &self.lines {
            if let (Some(width), Some(column)) = (line.width(), columns.get_mut(line.item)) {
                *column = width.max(*column);
            }
        }
        let mut text = String::new();
        for line in &self.lines {
            if line.blank_before {
                text.push('\n');
            }
            let spaces = |text: &mut String, count| text.extend(std::iter::repeat_n(' ', count));
            spaces(&mut text, line.indent * INDENT);
            if let (Some(width), Some(split)) = (line.width(), line.split) {
                let (name, rest) = line.text.split_at_checked(split).unwrap_or((&line.text, ""));
                let widest = columns.get(line.item).copied().unwrap_or(0);
                text.push_str(name.trim_end());
                spaces(&mut text, (widest + 2).next_multiple_of(INDENT) - width);
                text.push_str(rest);
            } else {
                text.push_str(&line.text);
            }
            text.push('\n');
        }
        text
    }
}

impl Line {
    /// Where the name of a field ends, in characters from the left.
    fn width(&self) -> Option<usize> {
        let name = self.text.get(..self.split?)?;
        Some(self.indent * INDENT + name.trim_end().chars().count())
    }
}

/// The comments in what stands between two tokens, and the line ends behind the last one.
fn comments(gap: &str) -> (Vec<Comment<'_>>, usize) {
    let mut comments = Vec::new();
    let (mut rest, mut newlines) = (gap, 0);
    while let Some(char) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_length(rest)
        } else {
            newlines += usize::from(char == '\n');
            rest = rest.get(char.len_utf8()..).unwrap_or("");
            continue;
        };
        let (text, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let text = text.trim_end();
        comments.push(Comment { text, newlines });
        (rest, newlines) = (behind, 0);
    }
    (comments, newlines)
}

#[cfg(test)]
mod tests;
