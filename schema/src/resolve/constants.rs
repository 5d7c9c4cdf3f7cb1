//! Numbers that are known when the schema is compiled: literals, constants, codes, and operators and functions of them.
//!
//! Each constant is evaluated once. Steps and depth are bounded, so that a short text cannot ask for endless work.

use super::calls::literal_bits;
use super::parts::{FIRST, Names};
use super::symbols::{Symbols, unknown};
use crate::analysis::ceil_log2;
use crate::ast::{Expr, ExprKind, Name, Span};
use crate::diagnostic::Diagnostic;
use std::collections::HashMap;

/// Operators and names that one expression may come to, functions included.
const STEPS: usize = 10_000;
/// Operators, functions and constants inside each other.
const DEPTH: usize = 256;
/// Where the analysis of ranges stops too.
const LIMIT: i128 = 1 << 110;

/// The values of all constants; `None` for those that are reported.
pub fn all(symbols: &Symbols, diagnostics: &mut Vec<Diagnostic>) -> Names<Option<i128>> {
    let mut evaluator = Evaluator::new(symbols, diagnostics);
    for (part, name, value) in symbols.constants.all() {
        evaluator.steps = 0;
        evaluator.stopped = false;
        evaluator.place = value.span.clone();
        evaluator.part = part;
        evaluator.constant(name, &Span::default());
    }
    let mut values = Names::default();
    for ((part, name), state) in evaluator.states {
        let value = if let State::Done(value) = state { value } else { None };
        values.insert(part, &name, value);
    }
    values
}

/// The value of an expression in a part; where it has none, that is reported.
pub fn value(symbols: &Symbols, part: usize, expr: &Expr, diagnostics: &mut Vec<Diagnostic>) -> Option<i128> {
    let mut evaluator = Evaluator::new(symbols, diagnostics);
    evaluator.part = part;
    evaluator.place = expr.span.clone();
    evaluator.eval(expr, &[])
}

/// How far a constant is.
#[derive(Clone, Copy)]
enum State {
    Open,
    Done(Option<i128>),
}

struct Evaluator<'s, 'a, 'd> {
    symbols: &'s Symbols<'a>,
    /// The part whose names are seen: that of the expression, of a constant or of a function.
    part: usize,
    /// By part and name.
    states: HashMap<(usize, String), State>,
    /// The functions that are being called, outermost first.
    calls: Vec<String>,
    depth: usize,
    steps: usize,
    /// The work is too much; reported already.
    stopped: bool,
    /// The expression that asks for it.
    place: Span,
    diagnostics: &'d mut Vec<Diagnostic>,
}

type Bound<'b> = [(&'b str, i128)];

impl<'s, 'a, 'd> Evaluator<'s, 'a, 'd> {
    fn new(symbols: &'s Symbols<'a>, diagnostics: &'d mut Vec<Diagnostic>) -> Self {
        Evaluator { symbols, part: FIRST, states: HashMap::new(), calls: vec![], depth: 0, steps: 0, stopped: false, place: Span::default(), diagnostics }
    }

    fn report<T>(&mut self, code: &'static str, span: &Span, message: impl Into<String>, label: &str) -> Option<T> {
        self.diagnostics.push(Diagnostic::new(code, span, message, label));
        None
    }

    fn unknown_now<T>(&mut self, span: &Span) -> Option<T> {
        self.report("MG041", span, "a number is wanted here", "not known when the schema is compiled")
    }

    fn constant(&mut self, name: &str, span: &Span) -> Option<i128> {
        if let Some(value) = self.symbols.values.get(self.part, name) {
            return *value;
        }
        let (part, expr) = self.symbols.constants.find(self.part, name)?;
        let key = (part, name.to_owned());
        match self.states.get(&key) {
            Some(State::Done(value)) => return *value,
            Some(State::Open) => return self.report("MG026", span, format!("the constant `{name}` stands for itself"), "needed for its own value"),
            None => {}
        }
        self.states.insert(key.clone(), State::Open);
        let value = self.eval_in(part, expr, &[]);
        self.states.insert(key, State::Done(value));
        value
    }

    /// Evaluates with the names that a part sees.
    fn eval_in(&mut self, part: usize, expr: &Expr, bound: &Bound) -> Option<i128> {
        let outer = std::mem::replace(&mut self.part, part);
        let value = self.eval(expr, bound);
        self.part = outer;
        value
    }

    fn eval(&mut self, expr: &Expr, bound: &Bound) -> Option<i128> {
        if self.stopped {
            return None;
        }
        self.steps += 1;
        if self.steps > STEPS || self.depth >= DEPTH {
            self.stopped = true;
            let place = self.place.clone();
            return self.report("MG043", &place, "this value takes too much work", "constants and functions use each other too often");
        }
        self.depth += 1;
        let value = self.node(expr, bound);
        self.depth -= 1;
        match value {
            Some(value) if !(-LIMIT..=LIMIT).contains(&value) => self.overflow(&expr.span),
            value => value,
        }
    }

    fn overflow<T>(&mut self, span: &Span) -> Option<T> {
        self.report("MG022", span, "this number is too large", "beyond what the compiler computes with")
    }

    fn node(&mut self, expr: &Expr, bound: &Bound) -> Option<i128> {
        match &expr.kind {
            ExprKind::Int(value) => Some(*value),
            ExprKind::Name(name) => self.name(name, &expr.span, bound),
            ExprKind::Not(a) => self.eval(a, bound).map(|a| i128::from(a == 0)),
            ExprKind::Negate(a) => self.eval(a, bound).map(|a| -a),
            ExprKind::Choose(c, a, b) => {
                let chosen = if self.eval(c, bound)? != 0 { a } else { b };
                self.eval(chosen, bound)
            }
            ExprKind::Binary(op, a, b) => self.binary(op, a, b, bound),
            ExprKind::Call(function, args) => self.call(function, args, bound),
            ExprKind::Text(_) | ExprKind::Member(..) | ExprKind::Index(..) | ExprKind::Default(..) => self.unknown_now(&expr.span),
        }
    }

    fn name(&mut self, name: &str, span: &Span, bound: &Bound) -> Option<i128> {
        if let Some((_, value)) = bound.iter().find(|(bound, _)| *bound == name) {
            return Some(*value);
        }
        if self.symbols.constants.get(self.part, name).is_some() {
            return self.constant(name, span);
        }
        match self.symbols.codes.get(self.part, name) {
            Some(Some(code)) => Some(i128::from(*code)),
            Some(None) => self.report("MG011", span, format!("`{name}` stands for different codes in different tables"), "ambiguous"),
            None => self.unknown_now(span),
        }
    }

    fn binary(&mut self, op: &str, a: &Expr, b: &Expr, bound: &Bound) -> Option<i128> {
        let left = self.eval(a, bound)?;
        match op {
            "&&" if left == 0 => return Some(0),
            "||" if left != 0 => return Some(1),
            _ => {}
        }
        let right = self.eval(b, bound)?;
        if matches!(op, "/" | "%") && right == 0 {
            return self.report("MG023", &b.span, "this divisor is zero", "0");
        }
        if matches!(op, "<<" | ">>") && !(0..=64).contains(&right) {
            return self.report("MG024", &b.span, "a shift is by 0 to 64 bits", &right.to_string());
        }
        apply(op, left, right).or_else(|| self.overflow(&a.span))
    }

    fn call(&mut self, function: &Name, args: &[Expr], bound: &Bound) -> Option<i128> {
        match (function.text.as_str(), args) {
            ("Ceil", [arg]) => self.ceil(arg, bound),
            ("Min", [a, b]) => Some(self.eval(a, bound)?.min(self.eval(b, bound)?)),
            ("Max", [a, b]) => Some(self.eval(a, bound)?.max(self.eval(b, bound)?)),
            ("sizeof", [Expr { kind: ExprKind::Name(name), span }]) => match self.symbols.bits_of(self.part, name).map(literal_bits) {
                Some(Some(bits)) if bits % 8 == 0 => Some(bits / 8),
                _ => self.report("MG012", span, format!("`{name}` is not a structure of a fixed number of bytes"), "no fixed size"),
            },
            ("Ceil" | "Min" | "Max" | "sizeof" | "count" | "Find" | "remaining", _) => self.unknown_now(&function.span),
            _ => self.function(function, args, bound),
        }
    }

    /// `Ceil(a / b)`, `Ceil(Log2(x))`.
    fn ceil(&mut self, arg: &Expr, bound: &Bound) -> Option<i128> {
        match &arg.kind {
            ExprKind::Binary("/", a, b) => {
                let (left, right) = (self.eval(a, bound)?, self.eval(b, bound)?);
                if right == 0 {
                    return self.report("MG023", &b.span, "this divisor is zero", "0");
                }
                let up = left % right != 0 && (left < 0) == (right < 0);
                Some(left / right + i128::from(up))
            }
            ExprKind::Call(log, args) if log.text == "Log2" => match args.as_slice() {
                [arg] => self.eval(arg, bound).map(|value| i128::from(ceil_log2(value))),
                _ => self.unknown_now(&arg.span),
            },
            _ => self.unknown_now(&arg.span),
        }
    }

    fn function(&mut self, function: &Name, args: &[Expr], bound: &Bound) -> Option<i128> {
        let Some((part, (params, body))) = self.symbols.functions.find(self.part, &function.text).map(|(part, found)| (part, *found)) else {
            self.diagnostics.push(unknown("MG011", "function", &function.text, &function.span));
            return None;
        };
        if params.len() != args.len() {
            let message = format!("`{}` takes {} arguments, here are {}", function.text, params.len(), args.len());
            return self.report("MG015", &function.span, message, "wrong number of arguments");
        }
        let mut inner = vec![];
        for (param, arg) in params.iter().zip(args) {
            inner.push((param.text.as_str(), self.eval(arg, bound)?));
        }
        if self.calls.contains(&function.text) {
            return self.report("MG026", &function.span, "functions call each other without end", "called again");
        }
        self.calls.push(function.text.clone());
        let value = self.eval_in(part, body, &inner);
        self.calls.pop();
        value
    }
}

/// Both operands are in the limits, so that only products and shifts can leave 128 bits.
fn apply(op: &str, a: i128, b: i128) -> Option<i128> {
    Some(match op {
        "+" => a.checked_add(b)?,
        "-" => a.checked_sub(b)?,
        "*" => a.checked_mul(b)?,
        "/" => a.checked_div(b)?,
        "%" => a.checked_rem(b)?,
        "<<" => a.checked_mul(1i128.checked_shl(u32::try_from(b).ok()?)?)?,
        ">>" => a.checked_shr(u32::try_from(b).ok()?)?,
        "&" => a & b,
        "|" => a | b,
        "<" => i128::from(a < b),
        "<=" => i128::from(a <= b),
        ">" => i128::from(a > b),
        ">=" => i128::from(a >= b),
        "==" => i128::from(a == b),
        "!=" => i128::from(a != b),
        // `&&` and `||`, where the left side did not decide.
        _ => i128::from(b != 0),
    })
}
