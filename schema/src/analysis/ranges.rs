//! The least and the greatest value of every slot, row by row, and what follows: widths of 0 to 64 bits, no division by zero, no shift
//! that is too large, no overflow of 128 bits, and bounded loops.

use super::sizes;
use crate::ast::Span;
use crate::diagnostic::Diagnostic;
use crate::ir::{Expr, ParamKind, Range, Row, RowKind, Schema, SlotKind, Until, What};

/// Rounds that take no bits run at most so often, all loops around them together.
const FREE_ROUNDS: i128 = 1 << 20;

/// Rounds after which what still changes is taken for any value: longer chains of tables are hardly written by hand, and tables
/// that use each other's values in a circle would go on growing.
const ROUNDS: usize = 64;
/// What a `let` without a range may hold; checked when it is computed.
const ANY: Range = Range { low: -(1 << 66), high: 1 << 66 };

/// Ranges that slots have in any case, by table and slot: of those that found no end.
pub type Floor = Vec<Vec<Range>>;

/// Computes the ranges of all slots; tables use each other's values, so this goes on until nothing changes.
pub fn infer(schema: &mut Schema) -> Floor {
    let mut floor: Floor = schema.tables.iter().map(|table| vec![Range::NONE; table.slots.len()]).collect();
    // Each round behind the first ones widens a slot, so that this ends.
    let slots: usize = floor.iter().map(Vec::len).sum();
    for round in 0..slots.saturating_add(ROUNDS + 2) {
        let before: Floor = ranges(schema);
        run(schema, &floor, &mut vec![]);
        let after = ranges(schema);
        if before == after {
            break;
        }
        if round >= ROUNDS {
            widen(schema, &mut floor, &before, &after);
        }
    }
    floor
}

fn ranges(schema: &Schema) -> Floor {
    schema.tables.iter().map(|table| table.slots.iter().map(|slot| slot.range).collect()).collect()
}

/// Takes every slot that still changes for any value of its kind.
fn widen(schema: &Schema, floor: &mut Floor, before: &Floor, after: &Floor) {
    for (number, table) in schema.tables.iter().enumerate() {
        let (Some(floor), Some(before), Some(after)) = (floor.get_mut(number), before.get(number), after.get(number)) else { continue };
        for (at, slot) in table.slots.iter().enumerate() {
            if before.get(at) != after.get(at)
                && let Some(floor) = floor.get_mut(at)
            {
                *floor = if slot.kind == SlotKind::Number { Range::bits(64) } else { ANY };
            }
        }
    }
}

/// Reports what cannot be proved; sizes must be known by now.
pub fn check(schema: &mut Schema, floor: &Floor, diagnostics: &mut Vec<Diagnostic>) {
    run(schema, floor, diagnostics);
}

fn run(schema: &mut Schema, floor: &Floor, out: &mut Vec<Diagnostic>) {
    for number in 0..schema.tables.len() {
        let Some(table) = schema.tables.get_mut(number) else { continue };
        let mut rows = std::mem::take(&mut table.rows);
        let params = table.params.iter().map(|param| param.kind).collect();
        let mut slots = vec![Range::NONE; table.slots.len()];
        let arrays = table.slots.iter().map(|slot| slot.dims > 0).collect();
        let has_key = table.key.is_some();
        let mut pass = Pass { schema, params, arrays, slots: &mut slots, read: 0, has_key, free: 1, inside: false, any_element: false, out };
        pass.rows(&mut rows);
        if let (Some(table), Some(floor)) = (schema.tables.get_mut(number), floor.get(number)) {
            table.rows = rows;
            for ((slot, range), floor) in table.slots.iter_mut().zip(slots).zip(floor) {
                slot.range = range.or(*floor);
            }
        }
    }
}

/// A table while its rows are looked at, in order.
pub struct Pass<'s> {
    pub schema: &'s Schema,
    pub params: Vec<ParamKind>,
    /// Which slots are arrays: their range is that of all elements.
    arrays: Vec<bool>,
    /// What is known of each slot at this row.
    pub slots: &'s mut Vec<Range>,
    /// Bits that have been read for certain; they bound Length from below.
    pub read: u64,
    pub has_key: bool,
    /// Rounds of the loops around this row that take no bits.
    free: i128,
    /// Whether a loop stands around this row.
    inside: bool,
    /// Whether elements that are assigned in loops may have any value.
    any_element: bool,
    pub out: &'s mut Vec<Diagnostic>,
}

impl Pass<'_> {
    fn rows(&mut self, rows: &mut [Row]) {
        for row in rows {
            let span = row.span.clone();
            let before = row.form.is_some().then(|| (self.slots.clone(), self.read));
            self.row(&mut row.kind, &span);
            if let Some((slots, read)) = before {
                // The other forms do not have this row.
                self.join(slots);
                self.read = read;
            }
        }
    }

    fn row(&mut self, row: &mut RowKind, span: &Span) {
        match row {
            RowKind::Field(field) => {
                for sub in &field.subs {
                    self.range(sub, span);
                }
                let range = self.what(&mut field.what, span);
                self.assign(field.slot, range);
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
                self.join(after_then);
            }
            RowKind::For { .. } => self.rounds(row, span),
            RowKind::Align { slot } => self.set(*slot, Range::new(0, 127)),
            RowKind::Let { slot, value, check, again, .. } => {
                let range = self.range(value, span);
                // It can be assigned again in a later round: the declared range holds everywhere.
                let declared = *again || *check != ANY;
                self.set(*slot, if declared { *check } else { within(range, *check) });
            }
            RowKind::Element { slot, value, subs } => {
                for sub in subs.iter() {
                    self.range(sub, span);
                }
                let range = self.range(value, span);
                self.assign(*slot, within(range, Range::bits(64)));
            }
            RowKind::Require(cond) => {
                self.range(cond, span);
                self.assume(cond, true);
            }
            RowKind::Where(rule) => {
                self.range(&rule.cond, span);
            }
            RowKind::Child { .. } | RowKind::Remark => {}
        }
    }

    /// A loop: what its rows assign may come from any round before.
    fn rounds(&mut self, row: &mut RowKind, span: &Span) {
        let RowKind::For { var, from, until, body, min_bits, .. } = row else { return };
        let (before, read, found) = (self.slots.clone(), self.read, self.out.len());
        let outermost = !self.inside;
        self.inside = true;
        self.forget(body);
        let entry = self.slots.clone();
        *min_bits = sizes::least(body, self.slots, self.schema);
        self.for_loop(*var, from, until, body, *min_bits, span);
        // Elements are taken to stay in the range of the fields of their array; where they do not, they may be anything.
        if outermost && self.elements_grow(body, &entry) {
            self.slots.clone_from(&before);
            self.out.truncate(found);
            self.read = read;
            self.any_element = true;
            self.forget(body);
            *min_bits = sizes::least(body, self.slots, self.schema);
            self.for_loop(*var, from, until, body, *min_bits, span);
            self.any_element = false;
        }
        self.inside = !outermost;
        // No round may run at all.
        self.join(before);
        self.read = read;
    }

    /// Whether an element got a value that its array did not have at the start of a round.
    fn elements_grow(&self, rows: &[Row], entry: &[Range]) -> bool {
        rows.iter().any(|row| match &row.kind {
            RowKind::Element { slot, .. } => {
                let (Some(before), Some(after)) = (entry.get(*slot), self.slots.get(*slot)) else { return false };
                before.or(*after) != *before
            }
            RowKind::If { then, otherwise, .. } => self.elements_grow(then, entry) || self.elements_grow(otherwise, entry),
            RowKind::For { body, .. } => self.elements_grow(body, entry),
            _ => false,
        })
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
        let outer = self.free;
        self.free = outer.saturating_mul(free.max(1));
        if free > 1 && self.free > FREE_ROUNDS {
            let help = "bound the count with `require`, or let a round take at least one bit";
            let message = "a round of this loop may take no bits, and the count is not bounded";
            self.out.push(Diagnostic::new("MG025", span, message, "may run without end").help(help));
        }
        self.rows(body);
        self.free = outer;
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
                let wanted: Vec<ParamKind> = self.schema.tables.get(*table).map_or(vec![], |table| table.params.iter().map(|param| param.kind).collect());
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

    /// A value is read or assigned: what was known of the last one is forgotten, but elements of an array stay.
    fn assign(&mut self, slot: usize, range: Range) {
        let array = self.arrays.get(slot).copied().unwrap_or(false);
        let before = self.slots.get(slot).copied().filter(|_| array).unwrap_or(Range::NONE);
        self.set(slot, range.or(before));
    }

    /// Paths meet: what is known on both.
    fn join(&mut self, other: Vec<Range>) {
        for (slot, other) in self.slots.iter_mut().zip(other) {
            *slot = slot.or(other);
        }
    }

    /// Rounds before this one may have changed what these rows assign.
    fn forget(&mut self, rows: &[Row]) {
        let mut writes = vec![];
        written(rows, &mut writes);
        let mut times = vec![0; self.slots.len()];
        for (slot, _) in &writes {
            times.get_mut(*slot).into_iter().for_each(|times| *times += 1);
        }
        for (slot, range) in writes {
            let Some(known) = self.slots.get_mut(slot) else { continue };
            // What one row alone assigns and nothing did before the loop is not named in front of that row.
            let alone = known.low > known.high && times.get(slot).is_none_or(|times| *times < 2);
            let array = self.arrays.get(slot).copied().unwrap_or(false);
            match range {
                Some(range) if !alone && (array || known.low <= known.high) => *known = known.or(range),
                None if self.any_element => *known = known.or(Range::bits(64)),
                _ => {}
            }
        }
    }

    fn set(&mut self, slot: usize, range: Range) {
        if let Some(known) = self.slots.get_mut(slot) {
            *known = range;
        }
    }
}

/// The values of the first that are checked to lie in the second.
fn within(range: Range, check: Range) -> Range {
    Range::new(range.low.max(check.low).min(check.high), range.high.min(check.high).max(check.low))
}

/// The slots that rows assign, and all that they may hold then; `None` for elements of arrays.
fn written(rows: &[Row], found: &mut Vec<(usize, Option<Range>)>) {
    for row in rows {
        match &row.kind {
            RowKind::Field(field) => found.push((field.slot, Some(bits_of(&field.what)))),
            RowKind::Element { slot, .. } => found.push((*slot, None)),
            RowKind::Let { slot, check, .. } => found.push((*slot, Some(*check))),
            RowKind::Align { slot } => found.push((*slot, Some(Range::bits(7)))),
            RowKind::If { then, otherwise, .. } => {
                written(then, found);
                written(otherwise, found);
            }
            RowKind::For { body, .. } => written(body, found),
            _ => {}
        }
    }
}

/// All that a field may hold, whatever its width comes to.
fn bits_of(what: &What) -> Range {
    match what {
        What::Unsigned(Expr::Int(bits)) => Range::bits(u32::try_from(*bits).unwrap_or(64).min(64)),
        What::Fixed(bits, _) => Range::bits(*bits),
        _ => Range::bits(64),
    }
}
