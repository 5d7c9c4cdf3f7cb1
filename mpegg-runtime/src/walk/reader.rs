//! The port that reads: it tells a visitor what stands in the bits.

use std::collections::HashMap;

use super::frame::Frame;
use super::names::{ALIGNMENT, array_name};
use super::port::{Loop, Port, at};
use super::visitor::{BitsHandle, FieldEvent, FieldValue, Finding, FindingKind, LoopEvent, RuleEvent, Visitor};
use super::{Cursor, Value};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;
use crate::table::{Field, Row, Table, Until};

/// Rounds in all of loops that may take no bits.
const IDLE_ROUNDS: u64 = 1 << 20;

/// Reads rows from a cursor.
pub(crate) struct Reader<'r, 's> {
    pub cursor: &'r mut Cursor<'s>,
    pub visitor: &'r mut dyn Visitor,
    pub limits: &'r Limits,
    /// Where alignment counts from: the first bit of the box.
    pub base: u64,
    /// How many trials are going on; then the visitor hears nothing.
    pub quiet: u32,
    /// Whether something did not fit since this was reset.
    pub misfit: bool,
    pub depth: u32,
    /// Embedded boxes of the present box by key.
    pub siblings: Vec<([u8; 4], u64)>,
    /// Whether the deferred box at a bit can be decoded, by bit and table.
    pub decodable: HashMap<(u64, usize), bool>,
    pub allowance: Allowance,
}

/// What may still be used up.
#[derive(Clone, Copy)]
pub(crate) struct Allowance {
    /// Elements of arrays of values.
    room: u64,
    /// Rounds that may take no bits.
    idle: u64,
}

/// The place of a field.
pub(crate) struct Spot<'e> {
    pub table: &'static Table,
    pub row: Option<&'static Row>,
    pub name: &'static str,
    pub index: &'e [u64],
    pub bit: u64,
}

impl<'r, 's> Reader<'r, 's> {
    pub(crate) fn new(cursor: &'r mut Cursor<'s>, visitor: &'r mut dyn Visitor, limits: &'r Limits) -> Reader<'r, 's> {
        let base = cursor.position();
        Reader {
            cursor,
            visitor,
            limits,
            base,
            quiet: 0,
            misfit: false,
            depth: 0,
            siblings: Vec::new(),
            decodable: HashMap::new(),
            allowance: Allowance { room: limits.allocation / size_of::<Value>() as u64, idle: IDLE_ROUNDS },
        }
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet > 0
    }

    /// The bits of a field, to be read on demand.
    pub(crate) fn handle(&self, bit: u64, bits: u64) -> BitsHandle<'s> {
        BitsHandle { source: self.cursor.source(), bit, bits }
    }

    /// Tells of the field that ends here.
    pub(crate) fn show(&mut self, spot: &Spot<'_>, value: FieldValue<'_>) {
        if self.is_quiet() {
            return;
        }
        let (codes, counts) = match spot.row {
            Some(Row::Field(field)) => (field.codes, field.counts.is_some()),
            _ => (None, false),
        };
        self.visitor.field(&FieldEvent {
            table: Some(spot.table),
            row: spot.row,
            name: spot.name,
            index: spot.index,
            bit: spot.bit,
            bits: self.cursor.position().saturating_sub(spot.bit),
            value,
            codes,
            counts,
        });
    }

    /// Tells of something that is not as it should be.
    pub(crate) fn misfit(&mut self, spot: &Spot<'_>, kind: FindingKind, message: String) {
        self.misfit = true;
        self.tell(spot, kind, message);
    }

    pub(crate) fn tell(&mut self, spot: &Spot<'_>, kind: FindingKind, message: String) {
        if self.is_quiet() {
            return;
        }
        self.visitor.finding(Finding {
            kind,
            bit: spot.bit,
            table: spot.table.name.into(),
            clause: spot.table.clause,
            number: spot.table.number,
            field: spot.name,
            index: spot.index.to_vec(),
            message,
        });
    }

    /// Reads so many bits of alignment or padding.
    pub(crate) fn padding(&mut self, table: &'static Table, row: Option<&'static Row>, bits: u64) -> Result<()> {
        if bits == 0 {
            return Ok(());
        }
        let spot = Spot { table, row, name: ALIGNMENT, index: &[], bit: self.cursor.position() };
        let value = self.cursor.unsigned(bits).map_err(|error| error.in_field(ALIGNMENT, &[]))?;
        self.show(&spot, FieldValue::Int(value));
        if value != 0 {
            self.misfit(&spot, FindingKind::Padding, format!("{bits} alignment bits are {value}, not 0"));
        }
        Ok(())
    }

    fn idle_rounds(&mut self, rounds: u64) -> Result<()> {
        let left = self.allowance.idle.checked_sub(rounds);
        self.allowance.idle = left.ok_or_else(|| Error::limit(self.cursor.position(), format!("more than {IDLE_ROUNDS} rounds that take no bits")))?;
        Ok(())
    }
}

impl Port for Reader<'_, '_> {
    fn position(&self) -> u64 {
        self.cursor.position()
    }

    fn remaining(&self) -> Option<u64> {
        Some(self.cursor.remaining())
    }

    fn room(&mut self) -> &mut u64 {
        &mut self.allowance.room
    }

    fn leaf(&mut self, frame: &Frame<'_>, row: &'static Row, field: &'static Field, index: &[u64]) -> Result<Value> {
        self.read_leaf(frame, row, field, index)
    }

    fn embedded(&mut self, frame: &Frame<'_>, row: &'static Row, field: &'static Field, index: &[u64]) -> Result<Value> {
        self.read_embedded(frame, row, field, index)
    }

    fn align(&mut self, frame: &Frame<'_>, row: &'static Row) -> Result<()> {
        let over = self.cursor.position().saturating_sub(self.base) % 8;
        self.padding(frame.table, Some(row), 8u64.saturating_sub(over) % 8)
    }

    fn rounds(&mut self, frame: &Frame<'_>, looped: &Loop, count: Result<Option<u64>>) -> Result<Option<u64>> {
        let name = array_name(looped.row).unwrap_or("loop");
        let Some(rounds) = count.map_err(|error| error.in_field(name, &[]))? else {
            return Ok(None);
        };
        if looped.min_bits == 0 {
            self.idle_rounds(rounds).map_err(|error| error.in_field(name, &[]))?;
            return Ok(Some(rounds));
        }
        let left = u128::from(self.cursor.remaining());
        let needed = u128::from(rounds).saturating_mul(u128::from(looped.min_bits));
        if needed > left {
            let here = at(self, frame);
            let says = match looped.until {
                Until::Below(count) => here.describe(count),
                Until::While(_) => String::new(),
            };
            let missing = u64::try_from(needed.saturating_sub(left)).unwrap_or(u64::MAX);
            let message = format!("{rounds} elements as {says} says");
            return Err(Error::truncated(here.position, missing).with_message(message).in_field(name, &[]));
        }
        Ok(Some(rounds))
    }

    fn enter_loop(&mut self, frame: &Frame<'_>, looped: &Loop) -> Result<()> {
        if !self.is_quiet() {
            let bit = self.cursor.position();
            self.visitor.enter_loop(&LoopEvent { table: frame.table, row: looped.row, name: looped.name, bit });
        }
        Ok(())
    }

    fn enter_element(&mut self, _: u64, variable: i128) -> Result<()> {
        if !self.is_quiet() {
            if self.visitor.stop() {
                return Err(Error::without_position(ErrorKind::Io, "the walk was stopped"));
            }
            self.visitor.enter_element(u64::try_from(variable).unwrap_or(0));
        }
        Ok(())
    }

    fn leave_element(&mut self, idle: bool) -> Result<()> {
        if !self.is_quiet() {
            self.visitor.leave_element();
        }
        if idle { self.idle_rounds(1) } else { Ok(()) }
    }

    fn leave_loop(&mut self) {
        if !self.is_quiet() {
            self.visitor.leave_loop();
        }
    }

    fn rule(&mut self, frame: &Frame<'_>, row: &'static Row) {
        if self.is_quiet() || !self.visitor.wants_rules() {
            return;
        }
        if let Row::Where(rule) = row {
            let holds = at(self, frame).truth(&rule.cond).ok();
            let find = || frame.blamed_by_name(&rule.cond, rule.name).or_else(|| frame.blamed(&rule.cond));
            let blamed = if holds == Some(false) { find() } else { None };
            let (field, index, value, bit) = match blamed {
                Some(seen) => {
                    let name = frame.table.slots.get(usize::from(seen.slot)).map(|slot| slot.name);
                    (name, seen.index.clone(), frame.value_of(seen), seen.bit)
                }
                None => (None, vec![], Value::Absent, self.base),
            };
            self.visitor.rule(&RuleEvent { table: frame.table, rule, field, index, value, bit, holds });
        }
    }
}
