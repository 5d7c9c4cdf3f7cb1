//! What a condition says about the values of slots.

use super::ranges::Pass;
use crate::ast::Span;
use crate::ir::{Expr, Range};

impl Pass<'_> {
    /// What a condition says about slots: comparisons with something whose range is known.
    pub fn assume(&mut self, cond: &Expr, holds: bool) {
        match cond {
            Expr::Not(inner) => self.assume(inner, !holds),
            Expr::Binary("&&", a, b) if holds => {
                self.assume(a, true);
                self.assume(b, true);
            }
            Expr::Binary("||", a, b) if !holds => {
                self.assume(a, false);
                self.assume(b, false);
            }
            Expr::Binary(op, a, b) => {
                let Some(op) = comparison(op, holds) else { return };
                if let Some(slot) = narrowed(a).filter(|_| plain(b)) {
                    let other = self.quiet(b);
                    self.narrow(slot, op, other);
                }
                if let Some(slot) = narrowed(b).filter(|_| plain(a)) {
                    let other = self.quiet(a);
                    self.narrow(slot, mirrored(op), other);
                }
            }
            _ => {}
        }
    }

    fn narrow(&mut self, slot: usize, op: &str, other: Range) {
        let Some(range) = self.slots.get_mut(slot) else { return };
        let (low, high) = match op {
            "==" => (range.low.max(other.low), range.high.min(other.high)),
            "<" => (range.low, range.high.min(other.high - 1)),
            "<=" => (range.low, range.high.min(other.high)),
            ">" => (range.low.max(other.low + 1), range.high),
            ">=" => (range.low.max(other.low), range.high),
            "!=" if other.low == other.high && other.low == range.low => (range.low + 1, range.high),
            "!=" if other.low == other.high && other.high == range.high => (range.low, range.high - 1),
            _ => return,
        };
        if low <= high {
            *range = Range::new(low, high);
        }
    }

    fn quiet(&mut self, expr: &Expr) -> Range {
        let before = self.out.len();
        let range = self.range(expr, &Span::default());
        self.out.truncate(before);
        range
    }
}

/// The slot that a side of a comparison stands for.
fn narrowed(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Slot(slot) => Some(*slot),
        Expr::Default(inner, _) => narrowed(inner),
        _ => None,
    }
}

/// Whether looking at an expression takes one look at each part: conditions within would be looked at again for each one around.
fn plain(expr: &Expr) -> bool {
    !expr.any(&|part| matches!(part, Expr::Choose(..) | Expr::Binary("&&" | "||", ..)))
}

/// The comparison that is known where `op` holds or does not.
fn comparison(op: &'static str, holds: bool) -> Option<&'static str> {
    Some(match (op, holds) {
        ("==", true) | ("!=", false) => "==",
        ("==", false) | ("!=", true) => "!=",
        ("<", true) | (">=", false) => "<",
        ("<=", true) | (">", false) => "<=",
        (">", true) | ("<=", false) => ">",
        (">=", true) | ("<", false) => ">=",
        _ => return None,
    })
}

fn mirrored(op: &'static str) -> &'static str {
    match op {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}
