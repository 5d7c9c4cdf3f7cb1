//! Rows of tables.

use super::tokens::{Bracket, Kind, Mark};
use super::{Failed, Parsed, Parser, RESERVED};
use crate::ast::{Expr, Field, Name, Row, RowKind, Rule, Span, Type};
use crate::diagnostic::Diagnostic;

/// What stands in front of a row.
#[derive(Default)]
struct Front {
    form: Option<Name>,
    columns: bool,
    warning: bool,
    doc: Vec<String>,
}

impl Parser {
    /// Rows in braces.
    pub(super) fn block(&mut self) -> Parsed<Vec<Row>> {
        self.lines(Self::row)
    }

    /// Lines in braces; a line that cannot be read is skipped.
    pub(super) fn lines<T>(&mut self, mut line: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let depth = self.look(0).depth + 1;
        self.open(Bracket::Curly)?;
        let outer = self.rows_depth;
        let nesting = self.nesting;
        let mut lines = Vec::new();
        let result = self.deeper(|parser| {
            parser.rows_depth = depth;
            while parser.look(0).depth >= depth {
                let start = parser.at;
                parser.mark(Mark::Line);
                match line(parser) {
                    Ok(line) => lines.push(line),
                    Err(Failed) => parser.skip(depth, start),
                }
            }
            parser.mark(Mark::Line);
            parser.close(Bracket::Curly)
        });
        self.rows_depth = outer;
        self.nesting = nesting;
        result.map(|()| lines)
    }

    fn row(&mut self) -> Parsed<Row> {
        let mut front = Front::default();
        let documented = self.here();
        loop {
            if self.look(0).first {
                self.mark(Mark::Line);
            }
            if let Kind::Doc(line) = self.kind() {
                front.doc.push(line.clone());
                self.step();
            } else if self.eat_sign("#") {
                self.open(Bracket::Square)?;
                self.list(Bracket::Square, |parser| parser.row_attribute(&mut front))?;
            } else {
                break;
            }
        }
        let start = self.at;
        let mut head = None;
        let kind = match self.kind() {
            Kind::Word(word) => match word.as_str() {
                "if" => self.if_row(&mut head)?,
                "for" => self.for_row(&mut head)?,
                "while" => self.align()?,
                "let" => self.let_row()?,
                "remark" => {
                    self.step();
                    RowKind::Remark(self.text("the remark, as a text")?.text)
                }
                "require" => {
                    self.step();
                    RowKind::Require(self.expr()?)
                }
                "where" => {
                    self.step();
                    let cond = self.expr()?;
                    self.sign(":")?;
                    let clause = self.text("the clause, as a text")?.text;
                    if !self.eat_word("as") {
                        return self.unexpected("`as` and the name of the rule");
                    }
                    let name = self.name("the name of the rule")?;
                    RowKind::Where(Rule { cond, clause, name, doc: std::mem::take(&mut front.doc).join("\n"), warning: std::mem::take(&mut front.warning) })
                }
                "else" => {
                    let label = "no `if` ends here";
                    let found = Diagnostic::new("MG002", &self.here(), "`else` without `if`", label);
                    return self.fail(found.help("write `} else {` behind the rows of the `if`"));
                }
                _ => self.named_row()?,
            },
            Kind::Bad => return Err(Failed),
            _ => {
                let label = "expected a row";
                let found = Diagnostic::new("MG006", &self.here(), "this is not a row", label);
                let help = if self.is_sign(";") {
                    "a row ends with its line; remove the `;`"
                } else {
                    "rows start with a name or with one of: if, for, while, let, remark, require, where"
                };
                return self.fail(found.help(help));
            }
        };
        if !front.doc.is_empty() || front.warning {
            let message = "documentation and `#[warning]` stand in front of rules only";
            let found = Diagnostic::new("MG005", &documented, message, "this row is no rule");
            return self.fail(found.help("say it in a comment with `//`, or in the documentation of the table"));
        }
        let span = head.unwrap_or_else(|| self.since(start));
        Ok(Row { kind, form: front.form, columns: front.columns, span })
    }

    fn row_attribute(&mut self, front: &mut Front) -> Parsed<()> {
        let name = self.name("`form(name)`, `columns` or `warning`")?;
        let twice = match name.text.as_str() {
            "form" => {
                self.open(Bracket::Round)?;
                let which = self.name("the name of the form")?;
                self.close(Bracket::Round)?;
                front.form.replace(which).is_some()
            }
            "columns" => std::mem::replace(&mut front.columns, true),
            "warning" => std::mem::replace(&mut front.warning, true),
            _ => {
                let message = format!("unknown attribute `{}`", name.text);
                let found = Diagnostic::new("MG005", &name.span, message, "not an attribute");
                return self.fail(found.help("rows have `#[form(name)]`, `#[columns]` and `#[warning]`"));
            }
        };
        if twice {
            let message = format!("`{}` is given twice", name.text);
            let label = "the second one";
            return self.fail(Diagnostic::new("MG005", &name.span, message, label));
        }
        Ok(())
    }

    /// From token `start` to the end of the next token: the line that opens a block.
    fn head(&self, start: usize) -> Span {
        let mut span = self.since(start);
        span.bytes.end = span.bytes.end.max(self.look(0).bytes.end);
        span
    }

    fn if_row(&mut self, head: &mut Option<Span>) -> Parsed<RowKind> {
        let start = self.at;
        self.step();
        let cond = self.in_parentheses()?;
        *head = Some(self.head(start));
        let then = self.block()?;
        let mut otherwise = Vec::new();
        if self.eat_word("else") {
            otherwise = if self.is_word("if") {
                let mut span = None;
                let start = self.at;
                let kind = self.deeper(|parser| parser.if_row(&mut span))?;
                vec![Row { kind, form: None, columns: false, span: span.unwrap_or_else(|| self.since(start)) }]
            } else {
                self.block()?
            };
        }
        Ok(RowKind::If { cond, then, otherwise })
    }

    fn in_parentheses(&mut self) -> Parsed<Expr> {
        self.open(Bracket::Round)?;
        let inner = self.expr()?;
        self.close(Bracket::Round)?;
        Ok(inner)
    }

    /// `for (var = from; cond; var++) name {`.
    fn for_row(&mut self, head: &mut Option<Span>) -> Parsed<RowKind> {
        let start = self.at;
        self.step();
        self.open(Bracket::Round)?;
        let var = self.name("a loop variable")?;
        self.sign("=")?;
        let from = self.expr()?;
        self.sign(";")?;
        let cond = self.expr()?;
        self.sign(";")?;
        if !self.eat_word(&var.text) {
            return self.unexpected(&format!("`{}++`", var.text));
        }
        self.sign("++")?;
        self.close(Bracket::Round)?;
        let name = if self.is_open(Bracket::Curly) { None } else { Some(self.name("`{` or the name of an element")?) };
        *head = Some(self.head(start));
        let body = self.block()?;
        Ok(RowKind::For { var, from, cond, name, body })
    }

    /// `while (!byte_aligned()) { name f(1) }`.
    fn align(&mut self) -> Parsed<RowKind> {
        self.step();
        self.open(Bracket::Round)?;
        self.sign("!")?;
        if !self.eat_word("byte_aligned") {
            return self.unexpected("`byte_aligned()`");
        }
        self.open(Bracket::Round)?;
        self.close(Bracket::Round)?;
        self.close(Bracket::Round)?;
        self.open(Bracket::Curly)?;
        let own_line = self.look(0).first;
        if own_line {
            self.mark(Mark::Line);
        }
        let name = self.name("the name of the bit")?;
        if own_line {
            self.mark(Mark::Type);
        }
        if !self.eat_word("f") {
            return self.unexpected("`f(1)`");
        }
        self.open(Bracket::Round)?;
        if *self.kind() != Kind::Int(1) {
            return self.unexpected("`1`");
        }
        self.step();
        self.close(Bracket::Round)?;
        if own_line {
            self.mark(Mark::Line);
        }
        self.close(Bracket::Curly)?;
        Ok(RowKind::Align { name })
    }

    /// `let name = value`, `let name: from..=to = value`.
    fn let_row(&mut self) -> Parsed<RowKind> {
        self.step();
        let name = self.name("a name")?;
        let mut range = None;
        if self.eat_sign(":") {
            let from = self.expr()?;
            self.sign("..=")?;
            range = Some((from, self.expr()?));
        }
        self.sign("=")?;
        let value = self.expr()?;
        Ok(RowKind::Let { name, range, value })
    }

    /// A field, an assignment or a mention.
    fn named_row(&mut self) -> Parsed<RowKind> {
        let alone = self.look(0).first || self.after_brace();
        let name = self.name("a row")?;
        let (mut foreign, mut many, mut subs) = (false, false, Vec::new());
        if self.is_open(Bracket::Round) && self.same_line() {
            self.step();
            self.close(Bracket::Round)?;
            foreign = true;
        }
        while self.is_open(Bracket::Square) && self.same_line() {
            self.step();
            if subs.is_empty() && self.eat_close(Bracket::Square) {
                many = true;
                break;
            }
            subs.push(self.expr()?);
            self.close(Bracket::Square)?;
        }
        if !foreign && !many && self.eat_sign("=") {
            let value = self.expr()?;
            return Ok(RowKind::Assign { name, subs, value });
        }
        let typed = match self.kind() {
            Kind::Word(word) => self.same_line() && !RESERVED.contains(&word.as_str()),
            Kind::Text(_) => self.same_line(),
            _ => false,
        };
        if !typed {
            let ends = !self.same_line() || self.is_close(Bracket::Curly);
            if alone && ends && !foreign && !many && subs.is_empty() {
                return Ok(RowKind::Mention(name));
            }
            return self.unexpected("a type");
        }
        self.mark(Mark::Type);
        let what = self.field_type()?;
        let mut field = Field { name, foreign, many, subs, what, meaning: None, value: None, limit: None, or_offs: false, deferred: None, optional: false };
        while self.addition(&mut field)? {}
        Ok(RowKind::Field(field))
    }

    fn after_brace(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        before.map(|token| &token.kind) == Some(&Kind::Open(Bracket::Curly))
    }

    fn field_type(&mut self) -> Parsed<Type> {
        let start = self.at;
        let name = match self.kind() {
            Kind::Text(_) => self.text("a type")?,
            _ => self.name("a type")?,
        };
        if !self.is_open(Bracket::Round) || !self.same_line() {
            return Ok(Type::Table(name, Vec::new()));
        }
        Ok(match name.text.as_str() {
            "u" => Type::Unsigned(self.in_parentheses()?),
            "f" => Type::Fixed(self.in_parentheses()?),
            "c" => Type::Ascii(self.in_parentheses()?),
            "st" => {
                self.step();
                if !self.eat_word("v") {
                    return self.unexpected("`v`");
                }
                self.close(Bracket::Round)?;
                Type::Text(self.since(start))
            }
            "bytes" => {
                self.step();
                let count = if self.eat_sign("..") { None } else { Some(self.expr()?) };
                self.close(Bracket::Round)?;
                Type::Bytes(count, self.since(start))
            }
            _ => Type::Table(name, self.args()?),
        })
    }

    /// One of the parts that may follow the type; `false` where the row ends.
    fn addition(&mut self, field: &mut Field) -> Parsed<bool> {
        let place = self.here();
        let table = matches!(field.what, Type::Table(..));
        let twice;
        if self.eat_word("as") {
            let name = self.name("a meaning")?;
            let args = self.args()?;
            twice = field.meaning.replace((name, args)).is_some();
        } else if self.eat_sign("=") {
            let value = self.expr()?;
            twice = field.value.replace(value).is_some();
        } else if self.is_sign("<=") {
            if !matches!(field.what, Type::Text(_)) {
                let message = "only a text has a limit";
                let label = "not behind this type";
                return self.fail(Diagnostic::new("MG002", &place, message, label));
            }
            self.step();
            let limit = self.expr()?;
            twice = field.limit.replace(limit).is_some();
        } else if table && self.same_line() && self.eat_word("or") {
            if !self.eat_word("offs") {
                return self.unexpected("`offs`");
            }
            twice = std::mem::replace(&mut field.or_offs, true);
        } else if table && self.is_word("deferred") && self.deferred_here() {
            self.step();
            self.step();
            let cond = self.in_parentheses()?;
            twice = field.deferred.replace(cond).is_some();
        } else if table && self.same_line() && self.eat_sign("?") {
            twice = std::mem::replace(&mut field.optional, true);
        } else {
            return Ok(false);
        }
        if twice {
            let message = "this part of the row is given twice";
            let found = Diagnostic::new("MG002", &place, message, "the second one");
            return self.fail(found);
        }
        Ok(true)
    }

    /// Whether `deferred` here is followed by its `if` in the same line, so that it is no name of a row.
    fn deferred_here(&self) -> bool {
        let next = self.look(1);
        !next.first && matches!(&next.kind, Kind::Word(word) if word == "if")
    }
}
