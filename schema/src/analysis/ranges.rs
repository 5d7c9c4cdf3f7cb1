//! The least and the greatest value of every expression, and what follows: widths of 0 to 64 bits, no division by zero, no shift
//! that is too large, no overflow of 128 bits, and bounded loops.

use super::sizes;
use crate::ast::Span;
use crate::diagnostic::Diagnostic;
use crate::ir::{Expr, ParamKind, Range, Row, RowKind, Schema, Until, What};

/// Beyond this, arithmetic in 128 bits could overflow after a few more operations.
const LIMIT: i128 = 1 << 110;
/// Rounds that take no bits run at most so often, all loops around them together.
const FREE_ROUNDS: i128 = 1 << 20;

/// Computes the ranges of all slots; tables use each other's values, so this takes a few rounds.
pub fn infer(schema: &mut Schema) {
    for _ in 0..4 {
        run(schema, &mut vec![]);
    }
}

/// Reports what cannot be proved; sizes must be known by now.
pub fn check(schema: &mut Schema, diagnostics: &mut Vec<Diagnostic>) {
    run(schema, diagnostics);
}

fn run(schema: &mut Schema, out: &mut Vec<Diagnostic>) {
    for number in 0..schema.tables.len() {
        let Some(table) = schema.tables.get_mut(number) else { continue };
        let mut rows = std::mem::take(&mut table.rows);
        let params = table.params.iter().map(|param| param.kind).collect();
        let mut slots = vec![Range::NONE; table.slots.len()];
        let has_key = table.key.is_some();
        let mut pass = Pass { schema, params, slots: &mut slots, read: 0, has_key, free: 1, out };
        pass.rows(&mut rows);
        if let Some(table) = schema.tables.get_mut(number) {
            table.rows = rows;
            for (slot, range) in table.slots.iter_mut().zip(slots) {
                slot.range = range;
            }
        }
    }
}

struct Pass<'s> {
    schema: &'s Schema,
    params: Vec<ParamKind>,
    slots: &'s mut Vec<Range>,
    /// Bits that have been read for certain; they bound Length from below.
    read: u64,
    has_key: bool,
    /// Rounds of the loops around this row that take no bits.
    free: i128,
    out: &'s mut Vec<Diagnostic>,
}

impl Pass<'_> {
    fn rows(&mut self, rows: &mut [Row]) {
        for row in rows {
            let span = row.span.clone();
            self.row(&mut row.kind, &span);
        }
    }

    fn row(&mut self, row: &mut RowKind, span: &Span) {
        match row {
            RowKind::Field(field) => {
                for sub in &field.subs {
                    self.range(sub, span);
                }
                let range = self.what(&mut field.what, span);
                let before = self.slots.get(field.slot).copied().unwrap_or(Range::NONE);
                self.set(field.slot, range.or(before));
            }
            RowKind::If { cond, then, otherwise } => {
                self.range(cond, span);
                let (before, read) = (self.slots.clone(), self.read);
                self.assume(cond, true);
                self.rows(then);
                let after_then = std::mem::replace(self.slots, before);
                let read_then = std::mem::replace(&mut self.read, read);
                self.assume(cond, false);
                self.rows(otherwise);
                self.read = self.read.min(read_then);
                for (slot, other) in self.slots.iter_mut().zip(after_then) {
                    *slot = slot.or(other);
                }
            }
            RowKind::For { var, from, until, body, min_bits, .. } => {
                *min_bits = sizes::least(body, self.slots, self.schema);
                self.for_loop(*var, from, until, body, *min_bits, span);
            },
            RowKind::Align { slot } => self.set(*slot, Range::new(0, 127)),
            RowKind::Let { slot, value, check, again, .. } => {
                let range = self.range(value, span);
                let range = Range::new(range.low.clamp(check.low, check.high), range.high.clamp(check.low, check.high));
                if !*again && check.low > -(1 << 66) {
                    // It can be assigned again inside a loop: the declared range holds everywhere.
                    self.set(*slot, *check);
                } else if !*again {
                    self.set(*slot, range);
                }
            }
            RowKind::Element { value, subs, .. } => {
                for sub in subs.iter() {
                    self.range(sub, span);
                }
                self.range(value, span);
            }
            RowKind::Require(cond) => {
                self.range(cond, span);
                self.assume(cond, true);
            }
            RowKind::Where(cond, _) => {
                self.range(cond, span);
            }
            RowKind::Child { .. } | RowKind::Remark => {}
        }
    }

    fn for_loop(&mut self, var: usize, from: &Expr, until: &Until, body: &mut [Row], min_bits: u64, span: &Span) {
        let from = self.range(from, span);
        let free = match until {
            Until::Below(bound) => {
                let bound = self.range(bound, span);
                self.set(var, Range::new(from.low, (bound.high - 1).max(from.low)));
                let rounds = (bound.high - from.low).max(0);
                // Structures of other tables are as long as their bits were: such loops are bounded by the input.
                if min_bits == 0 { rounds } else { 1 }
            }
            Until::While(cond) => {
                self.set(var, Range::new(from.low, 1 << 60));
                self.range(cond, span);
                if min_bits == 0 { 1 << 60 } else { 1 }
            }
        };
        let read = self.read;
        let outer = self.free;
        self.free = outer.saturating_mul(free.max(1));
        if free > 1 && self.free > FREE_ROUNDS {
            let help = "bound the count with `require`, or let a round take at least one bit";
            let message = "a round of this loop may take no bits, and the count is not bounded";
            self.out.push(Diagnostic::new("MG025", span, message, "may run without end").help(help));
        }
        self.rows(body);
        self.free = outer;
        self.read = read;
    }

    fn what(&mut self, what: &mut What, span: &Span) -> Range {
        match what {
            What::Unsigned(width) => {
                let range = self.range(width, span);
                if range.low < 0 {
                    let help = "guard it: `require width >= 0`";
                    self.out.push(Diagnostic::new("MG021", span, "the width may be negative", format!("{} to {}", range.low, range.high)).help(help));
                }
                if range.high > 64 {
                    let help = "bound it with `require`, or mark a string of bits with `as bits`, `as checksum` or `as letters(..)`";
                    let message = "the width of a number may be over 64 bits";
                    self.out.push(Diagnostic::new("MG020", span, message, format!("{} to {}", range.low, range.high)).help(help));
                }
                self.read += u64::try_from(range.low.clamp(0, 64)).unwrap_or(0);
                Range::bits(u32::try_from(range.high.clamp(0, 64)).unwrap_or(64))
            }
            What::Bits(width) | What::Letters(width, _) => {
                let range = self.range(width, span);
                if range.low < 0 {
                    let help = "guard it: `require width >= 0`";
                    self.out.push(Diagnostic::new("MG021", span, "the width may be negative", format!("{} to {}", range.low, range.high)).help(help));
                }
                Range::new(0, 0)
            }
            What::Fixed(bits, _) => {
                self.read += u64::from(*bits);
                Range::bits(*bits)
            }
            What::Ascii(bytes) => {
                self.read += u64::from(*bytes) * 8;
                Range::new(0, 0)
            }
            What::Text(_) => {
                self.read += 8;
                Range::new(0, 0)
            }
            What::Bytes(size) => {
                if let Some(size) = size {
                    self.range(size, span);
                }
                Range::new(0, 0)
            }
            What::Table { table, args, deferred, .. } => {
                for arg in args.iter().chain(deferred.iter()) {
                    self.range(arg, span);
                }
                let wanted: Vec<ParamKind> =
                    self.schema.tables.get(*table).map_or(vec![], |table| table.params.iter().map(|param| param.kind).collect());
                for (arg, kind) in args.iter().zip(wanted) {
                    if let ParamKind::Number(low, high) = kind {
                        let range = self.range(arg, span);
                        if range.low < low || range.high > high {
                            let message = format!("the argument may be {} to {}, but the parameter is {low}..={high}", range.low, range.high);
                            self.out.push(Diagnostic::new("MG022", span, message, "out of the parameter's range").help("bound it with `require`"));
                        }
                    }
                }
                Range::new(0, 0)
            }
        }
    }

    fn set(&mut self, slot: usize, range: Range) {
        if let Some(known) = self.slots.get_mut(slot) {
            *known = range;
        }
    }

    /// What a condition says about slots: comparisons with something whose range is known.
    fn assume(&mut self, cond: &Expr, holds: bool) {
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
                if let Some(slot) = narrowed(a) {
                    let other = self.quiet(b);
                    self.narrow(slot, op, other);
                }
                if let Some(slot) = narrowed(b) {
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

    fn range(&mut self, expr: &Expr, span: &Span) -> Range {
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
                Range::new(a.low.min(0), a.high / b.low.max(1) + 1)
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
            "&" if a.low >= 0 || b.low >= 0 => Range::new(0, if a.low >= 0 && b.low >= 0 { a.high.min(b.high) } else { a.high.max(b.high) }),
            "|" if a.low >= 0 && b.low >= 0 => Range::new(a.low.max(b.low), a.high.saturating_add(b.high)),
            "&" | "|" => wide(a),
            _ => Range::new(0, 1),
        }
    }
}

fn wide(a: Range) -> Range {
    let most = a.high.abs().max(a.low.abs());
    Range::new(-most, most)
}

/// The slot that a side of a comparison stands for.
fn narrowed(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Slot(slot) => Some(*slot),
        Expr::Default(inner, _) => narrowed(inner),
        _ => None,
    }
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

/// The smallest e with 2^e >= value; 0 for values up to 1.
pub fn ceil_log2(value: i128) -> u32 {
    if value <= 1 { 0 } else { 128 - (value - 1).leading_zeros() }
}
