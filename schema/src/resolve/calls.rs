//! Calls: the functions of the language, and those of the schema, which are written out where they are used.

use super::expr::Ty;
use super::rows::Tables;
use super::symbols::unknown;
use crate::ast::{self, ExprKind, Name, Span};
use crate::diagnostic::Diagnostic;
use crate::ir::Expr;

/// Parts of one expression, functions written out.
const PARTS: usize = 10_000;
/// Operators inside each other, functions written out; passes behind this one go down by recursion.
const DEPTH: usize = 256;

/// How large the expression at hand has become.
#[derive(Clone, Debug, Default)]
pub struct Work {
    /// Where it stands.
    pub place: Span,
    /// Its parts.
    pub parts: usize,
    /// Operators and functions around the one at hand.
    pub depth: usize,
    /// It is too large; reported already.
    pub stopped: bool,
}

/// What the parameters of a function stand for, and which functions are written out around.
#[derive(Default)]
pub struct Bound<'b> {
    /// Parameters and their values.
    pub values: Vec<(&'b str, Expr)>,
    /// The functions, outermost first.
    pub calls: Vec<String>,
}

/// Parts and depth of an expression.
pub fn measure(expr: &Expr) -> (usize, usize) {
    let inner = expr.operands().into_iter().map(measure);
    let (parts, depth) = inner.fold((0, 0), |(parts, depth), (more, deep)| (parts + more, depth.max(deep)));
    (parts + 1, depth + 1)
}

impl Tables<'_, '_> {
    /// Counts so many more parts; reports when they are too many.
    pub fn too_large(&mut self, parts: usize) -> bool {
        self.work.parts = self.work.parts.saturating_add(parts);
        let too_large = self.work.parts > PARTS || self.work.depth > DEPTH;
        if too_large && !self.work.stopped {
            self.work.stopped = true;
            let help = "name parts of it with `let`";
            let found = Diagnostic::new("MG043", &self.work.place, "this expression becomes too large", "functions are written out where they are used");
            self.diagnostics.push(found.help(help));
        }
        too_large
    }

    pub fn call(&mut self, function: &Name, args: &[ast::Expr], bound: &Bound) -> (Expr, Ty) {
        let value = match (function.text.as_str(), args) {
            ("Ceil", [arg]) => match &arg.kind {
                ExprKind::Binary("/", a, b) => Expr::CeilDiv(Box::new(self.numeric(a, bound)), Box::new(self.numeric(b, bound))),
                ExprKind::Call(inner, args) if inner.text == "Log2" => match args.as_slice() {
                    [arg] => Expr::CeilLog2(Box::new(self.numeric(arg, bound))),
                    _ => return self.wrong_arguments(inner, 1, args.len()),
                },
                _ => {
                    let help = "`Ceil(a / b)` or `Ceil(Log2(x))`";
                    self.diagnostics.push(Diagnostic::new("MG011", &function.span, "Ceil rounds a quotient or a logarithm", "of what?").help(help));
                    return (Expr::Int(0), Ty::Unknown);
                }
            },
            ("Min", [a, b]) => Expr::Min(Box::new(self.numeric(a, bound)), Box::new(self.numeric(b, bound))),
            ("Max", [a, b]) => Expr::Max(Box::new(self.numeric(a, bound)), Box::new(self.numeric(b, bound))),
            ("Find", [list, value]) => {
                let (list_value, ty) = self.with(list, bound);
                if !matches!(ty, Ty::List(_) | Ty::Unknown) {
                    self.diagnostics.push(Diagnostic::new("MG030", &list.span, "Find looks into an array", "not an array"));
                }
                Expr::Find(Box::new(list_value), Box::new(self.numeric(value, bound)))
            }
            ("count", [list]) => {
                let (list_value, ty) = self.with(list, bound);
                if !matches!(ty, Ty::List(_) | Ty::Unknown | Ty::Bytes) {
                    self.diagnostics.push(Diagnostic::new("MG033", &list.span, "count takes an array", "not an array"));
                }
                Expr::Count(Box::new(list_value))
            }
            ("remaining", []) => Expr::Remaining,
            ("sizeof", [arg]) => return self.size_of(arg),
            ("Ceil" | "count" | "sizeof", _) => return self.wrong_arguments(function, 1, args.len()),
            ("Min" | "Max" | "Find", _) => return self.wrong_arguments(function, 2, args.len()),
            ("remaining", _) => return self.wrong_arguments(function, 0, args.len()),
            _ => return self.user_function(function, args, bound),
        };
        (value, Ty::Number)
    }

    fn user_function(&mut self, function: &Name, args: &[ast::Expr], bound: &Bound) -> (Expr, Ty) {
        let Some((part, (params, value))) = self.symbols.functions.find(self.part, &function.text).map(|(part, found)| (part, *found)) else {
            self.diagnostics.push(unknown("MG011", "function", &function.text, &function.span));
            return (Expr::Int(0), Ty::Unknown);
        };
        if params.len() != args.len() {
            return self.wrong_arguments(function, params.len(), args.len());
        }
        let values: Vec<Expr> = args.iter().map(|arg| self.numeric(arg, bound)).collect();
        if bound.calls.contains(&function.text) {
            self.diagnostics.push(Diagnostic::new("MG026", &function.span, "functions call each other without end", "called again"));
            return (Expr::Int(0), Ty::Unknown);
        }
        let mut inner = Bound { values: vec![], calls: bound.calls.clone() };
        inner.calls.push(function.text.clone());
        inner.values.extend(params.iter().map(|param| param.text.as_str()).zip(values));
        // The names in it are those that its own part sees.
        let caller = std::mem::replace(&mut self.part, part);
        let (value, ty) = self.with(value, &inner);
        self.part = caller;
        if measure(&value).1 > DEPTH && self.too_large(PARTS) {
            return (Expr::Int(0), Ty::Unknown);
        }
        (value, ty)
    }

    fn size_of(&mut self, arg: &ast::Expr) -> (Expr, Ty) {
        let ExprKind::Name(name) = &arg.kind else {
            self.diagnostics.push(Diagnostic::new("MG012", &arg.span, "sizeof takes the name of a structure", "not a structure"));
            return (Expr::Int(0), Ty::Unknown);
        };
        let bits = self.symbols.bits_of(self.part, name).and_then(literal_bits);
        match bits {
            Some(bits) if bits % 8 == 0 => (Expr::Int(bits / 8), Ty::Number),
            _ => {
                self.diagnostics.push(Diagnostic::new("MG012", &arg.span, format!("`{name}` is not a structure of a fixed number of bytes"), "no fixed size"));
                (Expr::Int(0), Ty::Unknown)
            }
        }
    }

    fn wrong_arguments(&mut self, function: &Name, wanted: usize, given: usize) -> (Expr, Ty) {
        let message = format!("`{}` takes {wanted} arguments, here are {given}", function.text);
        self.diagnostics.push(Diagnostic::new("MG015", &function.span, message, "wrong number of arguments"));
        (Expr::Int(0), Ty::Unknown)
    }
}

/// The size of rows that are all fields of literal width.
pub fn literal_bits(rows: &[ast::Row]) -> Option<i128> {
    let mut bits: i128 = 0;
    for row in rows {
        bits += match &row.kind {
            ast::RowKind::Field(ast::Field { what: ast::Type::Unsigned(width) | ast::Type::Fixed(width), .. }) => match width.kind {
                ExprKind::Int(width) => width,
                _ => return None,
            },
            ast::RowKind::Field(ast::Field { what: ast::Type::Ascii(width), .. }) => match width.kind {
                ExprKind::Int(width) => width.saturating_mul(8),
                _ => return None,
            },
            ast::RowKind::Where(..) | ast::RowKind::Remark(_) | ast::RowKind::Require(_) => 0,
            _ => return None,
        };
    }
    Some(bits)
}
