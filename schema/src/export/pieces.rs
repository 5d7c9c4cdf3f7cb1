//! Text whose words know what they refer to: for a terminal they are joined, for a page they become links.

use super::atlas::Atlas;
use crate::ast::{Expr, ExprKind};
use crate::ir::{ParamKind, SlotKind, Table};

/// What a word refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// Nothing.
    None,
    /// A table.
    Table(usize),
    /// A field or `let` of a table.
    Field(usize, String),
    /// A parameter of the table at hand.
    Param(String),
    /// A code table.
    Codes(usize),
    /// A value that another part defines.
    Foreign(String),
    /// A function.
    Function(String),
}

/// Words with what they refer to.
#[derive(Clone, Debug, Default)]
pub(super) struct Text(pub Vec<(String, Link)>);

impl Text {
    /// Words that refer to nothing.
    pub fn plain(text: impl Into<String>) -> Text {
        let mut out = Text::default();
        out.push(text);
        out
    }

    /// Adds words that refer to nothing.
    pub fn push(&mut self, text: impl Into<String>) {
        self.link(text, Link::None);
    }

    /// Adds a word that refers to something.
    pub fn link(&mut self, text: impl Into<String>, link: Link) {
        let text = text.into();
        match self.0.last_mut() {
            Some((last, Link::None)) if link == Link::None => last.push_str(&text),
            _ if text.is_empty() => {}
            _ => self.0.push((text, link)),
        }
    }

    /// Adds another text.
    pub fn append(&mut self, other: Text) {
        for (text, link) in other.0 {
            self.link(text, link);
        }
    }

    /// The words alone.
    pub fn text(&self) -> String {
        self.0.iter().map(|(text, _)| text.as_str()).collect()
    }
}

/// Writes the expressions of a table.
pub(super) struct Writer<'a, 's> {
    /// The schema.
    pub atlas: &'a Atlas<'s>,
    /// The table at hand; a number behind the last one for none.
    pub table: usize,
    /// As the standard prints it: without the `?? x` for what may be absent.
    pub printed: bool,
}

/// How strongly the operators bind, as the parser has it.
fn strength(kind: &ExprKind) -> u8 {
    match kind {
        ExprKind::Choose(..) => 0,
        ExprKind::Default(..) => 1,
        ExprKind::Binary(op, ..) => match *op {
            "||" => 2,
            "&&" => 3,
            "|" => 4,
            "&" => 5,
            "==" | "!=" => 6,
            "<" | "<=" | ">" | ">=" => 7,
            "<<" | ">>" => 8,
            "+" | "-" => 9,
            _ => 10,
        },
        ExprKind::Not(_) | ExprKind::Negate(_) => 11,
        _ => 12,
    }
}

impl Writer<'_, '_> {
    /// An expression.
    pub fn expr(&self, expr: &Expr) -> Text {
        let mut out = Text::default();
        self.write(expr, 0, &mut out);
        out
    }

    fn write(&self, expr: &Expr, least: u8, out: &mut Text) {
        if let ExprKind::Default(value, _) = &expr.kind
            && self.printed
        {
            return self.write(value, least, out);
        }
        let own = strength(&expr.kind);
        if own < least {
            out.push("(");
        }
        match &expr.kind {
            ExprKind::Int(value) => out.push(value.to_string()),
            ExprKind::Text(text) => out.push(format!("\"{text}\"")),
            ExprKind::Name(name) => out.link(name, self.name(name)),
            ExprKind::Member(base, name) => {
                self.write(base, 12, out);
                out.push(".");
                let link = self.holder(base).map_or(Link::None, |table| Link::Field(table, name.text.clone()));
                out.link(&name.text, link);
            }
            ExprKind::Index(list, index) => {
                self.write(list, 12, out);
                out.push("[");
                self.write(index, 0, out);
                out.push("]");
            }
            ExprKind::Call(name, args) => {
                let declared = self.atlas.functions().any(|function| function.name == name.text);
                out.link(&name.text, if declared { Link::Function(name.text.clone()) } else { Link::None });
                out.push("(");
                for (number, arg) in args.iter().enumerate() {
                    out.push(if number > 0 { ", " } else { "" });
                    self.write(arg, 0, out);
                }
                out.push(")");
            }
            ExprKind::Not(a) => {
                out.push("!");
                self.write(a, own, out);
            }
            ExprKind::Negate(a) => {
                out.push("-");
                self.write(a, own, out);
            }
            ExprKind::Binary(op, a, b) => {
                self.write(a, own, out);
                out.push(format!(" {op} "));
                self.write(b, own + 1, out);
            }
            ExprKind::Choose(c, a, b) => {
                self.write(c, 1, out);
                out.push(" ? ");
                self.write(a, 1, out);
                out.push(" : ");
                self.write(b, 0, out);
            }
            ExprKind::Default(a, b) => {
                self.write(a, 11, out);
                out.push(" ?? ");
                self.write(b, 11, out);
            }
        }
        if own < least {
            out.push(")");
        }
    }

    fn own(&self) -> Option<&Table> {
        self.atlas.table(self.table)
    }

    /// What a bare name refers to.
    pub fn name(&self, name: &str) -> Link {
        let own = self.own();
        if let Some(slot) = own.and_then(|table| table.slots.iter().find(|slot| slot.name == name)) {
            return if slot.kind == SlotKind::Variable { Link::None } else { Link::Field(self.table, name.to_owned()) };
        }
        if own.is_some_and(|table| table.params.iter().any(|param| param.name == name)) {
            return Link::Param(name.to_owned());
        }
        self.atlas.code(self.table, name).map_or(Link::None, Link::Codes)
    }

    /// The table that an expression is a structure of, or a list of.
    fn holder(&self, expr: &Expr) -> Option<usize> {
        let embedded = |table: &Table, name: &str| {
            table.slots.iter().find_map(|slot| match slot.kind {
                SlotKind::Table(inner) if slot.name == name => Some(inner),
                _ => None,
            })
        };
        match &expr.kind {
            ExprKind::Name(name) => {
                let table = self.own()?;
                let param = table.params.iter().find(|param| param.name == *name).and_then(|param| match param.kind {
                    ParamKind::One(table) | ParamKind::Many(table) | ParamKind::Grouped(table) => Some(table),
                    ParamKind::Number(..) => None,
                });
                param.or_else(|| embedded(table, name))
            }
            ExprKind::Index(list, _) => self.holder(list),
            ExprKind::Member(base, name) => embedded(self.atlas.table(self.holder(base)?)?, &name.text),
            _ => None,
        }
    }
}
