//! Expressions, with the precedence of C.

use super::tokens::{Bracket, Kind, NESTING};
use super::{Parsed, Parser};
use crate::ast::{Expr, ExprKind, Name};
use crate::diagnostic::Diagnostic;

/// Operators between two operands and how strongly they bind.
const BINARY: [(&str, u8); 18] = [
    ("||", 1),
    ("&&", 2),
    ("|", 3),
    ("&", 4),
    ("==", 5),
    ("!=", 5),
    ("<", 6),
    ("<=", 6),
    (">", 6),
    (">=", 6),
    ("<<", 7),
    (">>", 7),
    ("+", 8),
    ("-", 8),
    ("*", 9),
    ("/", 9),
    ("%", 9),
    ("??", 0),
];

/// An expression, how deep its tree is, and whether it is an operator without parentheses around it.
struct Part {
    expr: Expr,
    depth: usize,
    bare: bool,
}

impl Parser {
    /// An expression.
    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.choose().map(|part| part.expr)
    }

    /// Makes a node over parts of the given depth, from token `start` to here.
    fn node(&mut self, kind: ExprKind, depth: usize, start: usize, bare: bool) -> Parsed<Part> {
        let span = self.since(start);
        if depth > NESTING {
            return self.too_deep(span);
        }
        let expr = Expr { kind, span };
        Ok(Part { expr, depth, bare })
    }

    /// `c ? a : b`.
    fn choose(&mut self) -> Parsed<Part> {
        let start = self.at;
        let cond = self.default()?;
        if !self.eat_sign("?") {
            return Ok(cond);
        }
        let then = self.deeper(Self::choose)?;
        self.sign(":")?;
        let other = self.deeper(Self::choose)?;
        let depth = 1 + cond.depth.max(then.depth).max(other.depth);
        let kind = ExprKind::Choose(Box::new(cond.expr), Box::new(then.expr), Box::new(other.expr));
        self.node(kind, depth, start, true)
    }

    /// `a ?? b`.
    fn default(&mut self) -> Parsed<Part> {
        let start = self.at;
        let value = self.binary(1)?;
        if !self.is_sign("??") {
            return Ok(value);
        }
        self.no_operator(&value)?;
        self.step();
        let other = self.deeper(Self::default)?;
        if !matches!(other.expr.kind, ExprKind::Default(..)) {
            self.no_operator(&other)?;
        }
        let depth = 1 + value.depth.max(other.depth);
        let kind = ExprKind::Default(Box::new(value.expr), Box::new(other.expr));
        self.node(kind, depth, start, true)
    }

    /// Refuses `a + b ?? c`: which one the reader means is a guess.
    fn no_operator(&mut self, part: &Part) -> Parsed<()> {
        if !part.bare {
            return Ok(());
        }
        let found = Diagnostic::new("MG002", &part.expr.span, "`??` beside another operator needs parentheses", "an operator without parentheses");
        self.fail(found.help("write `(a ?? b) + c` or `a ?? (b + c)`"))
    }

    /// Operators that bind at least as strongly as `least`.
    fn binary(&mut self, least: u8) -> Parsed<Part> {
        let start = self.at;
        let mut left = self.unary()?;
        loop {
            let Kind::Sign(sign) = *self.kind() else {
                return Ok(left);
            };
            let Some((sign, level)) = BINARY.iter().find(|(text, _)| *text == sign) else {
                return Ok(left);
            };
            if *level < least {
                return Ok(left);
            }
            self.step();
            let right = self.deeper(|parser| parser.binary(*level + 1))?;
            let depth = 1 + left.depth.max(right.depth);
            let kind = ExprKind::Binary(sign, Box::new(left.expr), Box::new(right.expr));
            left = self.node(kind, depth, start, true)?;
        }
    }

    /// `!a`, `-a`.
    fn unary(&mut self) -> Parsed<Part> {
        let start = self.at;
        let negate = match self.kind() {
            Kind::Sign("!") => false,
            Kind::Sign("-") => true,
            _ => return self.postfix(),
        };
        self.step();
        let inner = self.deeper(Self::unary)?;
        let depth = 1 + inner.depth;
        let inner = Box::new(inner.expr);
        let kind = if negate { ExprKind::Negate(inner) } else { ExprKind::Not(inner) };
        self.node(kind, depth, start, true)
    }

    /// `a.b`, `a[i]`.
    fn postfix(&mut self) -> Parsed<Part> {
        let start = self.at;
        let mut part = self.primary()?;
        loop {
            let (kind, depth);
            if self.eat_sign(".") {
                let name = self.name("the name of a field")?;
                depth = part.depth;
                kind = ExprKind::Member(Box::new(part.expr), name);
            } else if self.is_open(Bracket::Square) && self.continues() && self.look(1).kind != Kind::Close(Bracket::Square) {
                self.step();
                let index = self.deeper(Self::choose)?;
                self.close(Bracket::Square)?;
                depth = part.depth.max(index.depth);
                kind = ExprKind::Index(Box::new(part.expr), Box::new(index.expr));
            } else {
                return Ok(part);
            }
            part = self.node(kind, depth + 1, start, false)?;
        }
    }

    /// Whether a bracket here belongs to what stands before it.
    fn continues(&self) -> bool {
        self.same_line() || self.in_brackets()
    }

    /// Whether a round or square bracket is open around the position.
    fn in_brackets(&self) -> bool {
        self.look(0).depth > self.rows_depth
    }

    fn primary(&mut self) -> Parsed<Part> {
        let start = self.at;
        let kind = match self.kind() {
            Kind::Int(value) => ExprKind::Int(i128::from(*value)),
            Kind::Text(text) => ExprKind::Text(text.clone()),
            Kind::Open(Bracket::Round) => {
                self.step();
                let inner = self.deeper(Self::choose)?;
                self.close(Bracket::Round)?;
                // The carets show the parentheses too.
                return self.node(inner.expr.kind, inner.depth, start, false);
            }
            _ => return self.named("an expression"),
        };
        self.step();
        self.node(kind, 1, start, false)
    }

    /// `a`, `f(a, b)`.
    fn named(&mut self, what: &str) -> Parsed<Part> {
        let start = self.at;
        let Name { text, span } = self.name(what)?;
        if !self.is_open(Bracket::Round) || !self.continues() {
            return self.node(ExprKind::Name(text), 1, start, false);
        }
        self.step();
        let parts = self.list(Bracket::Round, |parser| parser.deeper(Self::choose))?;
        let depth = 1 + parts.iter().map(|part| part.depth).max().unwrap_or(0);
        let args = parts.into_iter().map(|part| part.expr).collect();
        self.node(ExprKind::Call(Name { text, span }, args), depth, start, false)
    }

    /// `(a, b)`, or nothing.
    pub(super) fn args(&mut self) -> Parsed<Vec<Expr>> {
        if !self.is_open(Bracket::Round) || !self.same_line() {
            return Ok(Vec::new());
        }
        self.step();
        self.list(Bracket::Round, Self::expr)
    }
}
