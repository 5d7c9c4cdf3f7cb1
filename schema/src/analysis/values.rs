//! The least and the greatest value of an expression.

use super::ranges::Pass;
use crate::ast::Span;
use crate::diagnostic::Diagnostic;
use crate::ir::{Expr, ParamKind, Range};

/// Beyond this, arithmetic in 128 bits could overflow after a few more operations.
const LIMIT: i128 = 1 << 110;

impl Pass<'_> {
    pub fn range(&mut self, expr: &Expr, span: &Span) -> Range {
        let range = self.raw_range(expr, span);
        if range.low > range.high {
            return Range::new(0, 0); // of a slot that has no value here: nothing runs
        }
        if range.low < -LIMIT || range.high > LIMIT {
            self.out.push(Diagnostic::new("MG022", span, "this arithmetic may overflow", format!("{} to {}", range.low, range.high)));
            return Range::new(range.low.max(-LIMIT), range.high.min(LIMIT));
        }
        range
    }

    fn raw_range(&mut self, expr: &Expr, span: &Span) -> Range {
        match expr {
            Expr::Int(value) => Range::new(*value, *value),
            Expr::Text(_) => Range::new(0, 0),
            Expr::Slot(slot) => self.slots.get(*slot).copied().unwrap_or(Range::NONE),
            Expr::Param(param) => match self.params.get(*param) {
                Some(ParamKind::Number(low, high)) => Range::new(*low, *high),
                _ => Range::new(0, 0),
            },
            Expr::Member(base, table, slot) => {
                self.range(base, span);
                self.schema.tables.get(*table).and_then(|table| table.slots.get(*slot)).map_or(Range::NONE, |slot| slot.range)
            }
            Expr::Index(list, index) => {
                self.range(index, span);
                self.range(list, span)
            }
            Expr::Not(a) => {
                self.range(a, span);
                Range::new(0, 1)
            }
            Expr::Negate(a) => {
                let a = self.range(a, span);
                Range::new(-a.high, -a.low)
            }
            Expr::Binary(op, a, b) => self.binary(op, a, b, span),
            Expr::Choose(c, a, b) => {
                self.range(c, span);
                let slots = self.slots.clone();
                self.assume(c, true);
                let a = self.range(a, span);
                *self.slots = slots.clone();
                self.assume(c, false);
                let b = self.range(b, span);
                *self.slots = slots;
                Range::new(a.low.min(b.low), a.high.max(b.high))
            }
            Expr::Default(a, b) => {
                let (a, b) = (self.range(a, span), self.range(b, span));
                Range::new(a.low.min(b.low), a.high.max(b.high))
            }
            Expr::CeilDiv(a, b) => {
                let (a, b) = (self.range(a, span), self.divisor(b, span));
                rounded_up(a, b)
            }
            Expr::CeilLog2(a) => {
                let a = self.range(a, span);
                Range::new(i128::from(ceil_log2(a.low)), i128::from(ceil_log2(a.high)))
            }
            Expr::Min(a, b) => {
                let (a, b) = (self.range(a, span), self.range(b, span));
                Range::new(a.low.min(b.low), a.high.min(b.high))
            }
            Expr::Max(a, b) => {
                let (a, b) = (self.range(a, span), self.range(b, span));
                Range::new(a.low.max(b.low), a.high.max(b.high))
            }
            Expr::Find(list, value) => {
                self.range(list, span);
                self.range(value, span);
                Range::new(-1, (1 << 32) - 1)
            }
            Expr::Count(_) => Range::new(0, (1 << 61) - 1),
            Expr::Length => Range::new(if self.has_key { 12 + i128::from(self.read.div_ceil(8)) } else { 0 }, (1 << 64) - 1),
            Expr::Remaining => Range::new(0, (1 << 67) - 1),
        }
    }

    fn divisor(&mut self, expr: &Expr, span: &Span) -> Range {
        let range = self.range(expr, span);
        if range.low <= 0 && range.high >= 0 {
            let help = "guard it: `require divisor >= 1`";
            self.out.push(Diagnostic::new("MG023", span, "this divisor may be zero", format!("{} to {}", range.low, range.high)).help(help));
        }
        range
    }

    fn binary(&mut self, op: &str, a: &Expr, b: &Expr, span: &Span) -> Range {
        if matches!(op, "&&" | "||") {
            let _ = self.range(a, span);
            let slots = self.slots.clone();
            self.assume(a, op == "&&");
            self.range(b, span);
            *self.slots = slots;
            return Range::new(0, 1);
        }
        if matches!(op, "/" | "%") {
            let (a, b) = (self.range(a, span), self.divisor(b, span));
            if op == "%" {
                let most = (b.high.abs().max(b.low.abs()) - 1).max(0);
                return Range::new(if a.low < 0 { -most } else { 0 }, most.min(a.high.max(0)));
            }
            let least = b.low.max(1);
            return if a.low >= 0 && b.low >= 1 { Range::new(a.low / b.high.max(1), a.high / least) } else { wide(a) };
        }
        let (a, b) = (self.range(a, span), self.range(b, span));
        match op {
            "+" => Range::new(a.low + b.low, a.high + b.high),
            "-" => Range::new(a.low - b.high, a.high - b.low),
            "*" => {
                let products = [(a.low, b.low), (a.low, b.high), (a.high, b.low), (a.high, b.high)].map(|(a, b)| a.saturating_mul(b));
                Range::new(products.into_iter().min().unwrap_or(0), products.into_iter().max().unwrap_or(0))
            }
            "<<" | ">>" => {
                if b.low < 0 || b.high > 64 {
                    self.out.push(Diagnostic::new("MG024", span, "this shift may be negative or over 64", format!("{} to {}", b.low, b.high)));
                }
                let (least, most) = (b.low.clamp(0, 64) as u32, b.high.clamp(0, 64) as u32);
                if op == ">>" {
                    Range::new(if a.low < 0 { a.low >> least } else { a.low >> most }, if a.high < 0 { a.high >> most } else { a.high >> least })
                } else {
                    let factor = |bits: u32| 1i128 << bits;
                    let low = a.low.saturating_mul(if a.low < 0 { factor(most) } else { factor(least) });
                    Range::new(low, a.high.saturating_mul(if a.high < 0 { factor(least) } else { factor(most) }))
                }
            }
            "&" => both_bits(a, b),
            "|" => either_bits(a, b),
            _ => Range::new(0, 1),
        }
    }
}

/// A value whose size is at most that of the other.
fn wide(a: Range) -> Range {
    let most = a.high.abs().max(a.low.abs());
    Range::new(-most, most)
}

/// `Ceil(a / b)`: it grows with a, and a greater divisor brings it nearer to 0.
fn rounded_up(a: Range, b: Range) -> Range {
    if b.low < 1 {
        return wide(a);
    }
    let up = |a: i128, b: i128| a / b + i128::from(a > 0 && a % b != 0);
    let low = up(a.low, if a.low < 0 { b.low } else { b.high });
    let high = up(a.high, if a.high < 0 { b.high } else { b.low });
    Range::new(low, high)
}

/// All bits up to the highest one of a value that is not negative.
fn filled(value: i128) -> i128 {
    let bits = 128 - value.max(0).leading_zeros();
    (1i128 << bits.min(120)) - 1
}

/// `a & b`: a side that is not negative bounds it, and two negative ones share their sign bits.
fn both_bits(a: Range, b: Range) -> Range {
    let high = match (a.low >= 0, b.low >= 0) {
        (true, true) => a.high.min(b.high),
        (true, false) => a.high,
        (false, true) => b.high,
        (false, false) => a.high.max(b.high),
    };
    let low = if a.low >= 0 || b.low >= 0 { 0 } else { -filled(-a.low.min(b.low)) - 1 };
    Range::new(low, high)
}

/// `a | b`: bits are only added, which makes a value greater, negative ones too.
fn either_bits(a: Range, b: Range) -> Range {
    let positive = a.low >= 0 && b.low >= 0;
    let low = if positive { a.low.max(b.low) } else { a.low.min(b.low) };
    let sum = if positive { a.high + b.high } else { i128::MAX };
    // Where one side is always negative, so is the result.
    let high = if a.high < 0 || b.high < 0 { -1 } else { sum.min(filled(a.high.max(b.high))) };
    Range::new(low, high)
}

/// The smallest e with 2^e >= value; 0 for values up to 1.
pub fn ceil_log2(value: i128) -> u32 {
    if value <= 1 { 0 } else { 128 - (value - 1).leading_zeros() }
}
