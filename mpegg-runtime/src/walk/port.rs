//! The control flow of rows, the same for reading and writing.

use super::Value;
use super::eval::At;
use super::frame::Frame;
use crate::error::{Error, Result};
use crate::table::{Expr, Field, Row, Until, What};

/// Subscripts of a field at the most.
const SUBSCRIPTS: usize = 8;

/// What happens at the rows that stand in the bits.
pub(crate) trait Port: Sized {
    /// The next bit.
    fn position(&self) -> u64;

    /// The bits left in the box, where they are known.
    fn remaining(&self) -> Option<u64>;

    /// How many elements may still be added to arrays of values.
    fn room(&mut self) -> &mut u64;

    /// Decides whether the walk goes on after an expression could not be evaluated, perhaps without the Length.
    fn unknown(&mut self, error: Error) -> Result<()> {
        Err(error)
    }

    /// Decides a condition that could not be evaluated, perhaps without the Length.
    fn guess(&mut self, frame: &Frame<'_>, then: &'static [Row], error: Error) -> Result<bool> {
        let _ = (frame, then);
        Err(error)
    }

    /// A field that is no structure.
    fn leaf(&mut self, frame: &Frame<'_>, row: &'static Row, field: &'static Field, index: &[u64]) -> Result<Value>;

    /// A field that is a structure or a box; errors carry its segment of the path.
    fn embedded(&mut self, frame: &Frame<'_>, row: &'static Row, field: &'static Field, index: &[u64]) -> Result<Value>;

    /// Alignment.
    fn align(&mut self, frame: &Frame<'_>, row: &'static Row) -> Result<()>;

    /// How many rounds a loop has, which the table says are `count`; `None`: as its condition says.
    fn rounds(&mut self, frame: &Frame<'_>, looped: &Loop, count: Result<Option<u64>>) -> Result<Option<u64>>;

    /// A loop begins.
    fn enter_loop(&mut self, frame: &Frame<'_>, looped: &Loop) -> Result<()>;

    /// A round begins: its number from 0, and the value of the variable.
    fn enter_element(&mut self, round: u64, variable: i128) -> Result<()>;

    /// A round ends; `idle` where a loop of unknown length took no bits.
    fn leave_element(&mut self, idle: bool) -> Result<()>;

    /// A loop ends.
    fn leave_loop(&mut self);

    /// A rule of the standard.
    fn rule(&mut self, frame: &Frame<'_>, row: &'static Row) {
        let _ = (frame, row);
    }
}

/// A loop.
#[derive(Clone, Copy)]
pub(crate) struct Loop {
    pub row: &'static Row,
    pub name: Option<&'static str>,
    pub until: &'static Until,
    pub min_bits: u64,
    pub body: &'static [Row],
}

/// The place where a port stands.
pub(crate) fn at<'f, P: Port>(port: &P, frame: &'f Frame<'f>) -> At<'f> {
    At { frame, position: port.position(), remaining: port.remaining() }
}

/// Runs rows; errors carry path and table.
pub(crate) fn run_table<P: Port>(port: &mut P, frame: &mut Frame<'_>, rows: &'static [Row]) -> Result<()> {
    let table = frame.table;
    run_rows(port, frame, rows).map_err(|error| error.in_table(table.name, table.clause, table.number))
}

fn run_rows<P: Port>(port: &mut P, frame: &mut Frame<'_>, rows: &'static [Row]) -> Result<()> {
    rows.iter().try_for_each(|row| run_row(port, frame, row))
}

fn run_row<P: Port>(port: &mut P, frame: &mut Frame<'_>, row: &'static Row) -> Result<()> {
    match row {
        Row::Field(field) => run_field(port, frame, row, field),
        Row::If { cond, then, otherwise, .. } => {
            let holds = match at(port, frame).truth(cond) {
                Ok(holds) => holds,
                Err(error) => port.guess(frame, then, error)?,
            };
            run_rows(port, frame, if holds { then } else { otherwise })
        }
        Row::For { var, from, until, name, min_bits, body, .. } => {
            let looped = Loop { row, name: *name, until, min_bits: *min_bits, body };
            run_loop(port, frame, *var, from, &looped)
        }
        Row::Align { .. } => port.align(frame, row),
        Row::Let { slot, value, min, max, .. } => run_let(port, frame, *slot, value, (*min, *max)),
        Row::Element { slot, subs, value, .. } => {
            let (index, many) = subscripts(&at(port, frame), subs)?;
            let value = at(port, frame).value(value)?.into_owned();
            let at = port.position();
            let index = index.get(..many).unwrap_or(&[]);
            frame.set(*slot, index, value, port.room()).map_err(|error| error.at(at))
        }
        Row::Require { cond, text, .. } => match at(port, frame).truth(cond) {
            Ok(true) => Ok(()),
            Ok(false) => Err(unmet(port.position(), frame, cond, text)),
            Err(error) => port.unknown(error),
        },
        Row::Where { .. } => {
            port.rule(frame, row);
            Ok(())
        }
        Row::Child { .. } => Ok(()),
        Row::Form { form, row } if *form == frame.form => run_row(port, frame, row),
        Row::Form { .. } => Ok(()),
    }
}

/// The error of a condition that does not hold, at the field to blame. A field with a code table has a code that is reserved: that is
/// not malformed but unknown to us.
fn unmet(position: u64, frame: &Frame<'_>, cond: &Expr, text: &str) -> Error {
    let blamed = frame.blamed(cond).and_then(|seen| Some((field_of(frame.table.rows, seen.slot)?, seen.bit, frame.slots.get(usize::from(seen.slot))?)));
    let Some((field, at, value)) = blamed else { return Error::malformed(position, format!("`{text}` does not hold")) };
    let error = match (value.number(), field.codes) {
        (Some(number), Some(_)) => Error::unsupported(at, format!("{} {number}", field.name)),
        (Some(number), None) => Error::malformed(at, format!("{} is {number}, but `{text}` must hold", field.name)),
        (None, _) => Error::malformed(at, format!("`{text}` does not hold")),
    };
    if field.subs.is_empty() { error.in_field(field.name, &[]) } else { error }
}

fn field_of(rows: &'static [Row], slot: u16) -> Option<&'static Field> {
    rows.iter().find_map(|row| match row {
        Row::Field(field) if field.slot == slot => Some(field),
        Row::If { then, otherwise, .. } => field_of(then, slot).or_else(|| field_of(otherwise, slot)),
        Row::For { body, .. } => field_of(body, slot),
        Row::Form { row, .. } => field_of(std::slice::from_ref(*row), slot),
        _ => None,
    })
}

fn run_field<P: Port>(port: &mut P, frame: &mut Frame<'_>, row: &'static Row, field: &'static Field) -> Result<()> {
    let (index, many) = subscripts(&at(port, frame), field.subs).map_err(|error| error.in_field(field.name, &[]))?;
    let index = index.get(..many).unwrap_or(&[]);
    if frame.keeps(field.slot) {
        frame.note(field.slot, index, port.position());
    }
    let value = match &field.what {
        What::Table { .. } => port.embedded(frame, row, field, index)?,
        _ => port.leaf(frame, row, field, index).map_err(|error| error.in_field(field.name, index))?,
    };
    if frame.keeps(field.slot) {
        let at = port.position();
        let kept = frame.set(field.slot, index, value, port.room());
        kept.map_err(|error| error.at(at).in_field(field.name, index))?;
    }
    Ok(())
}

fn run_let<P: Port>(port: &mut P, frame: &mut Frame<'_>, slot: u16, value: &'static Expr, (min, max): (i128, i128)) -> Result<()> {
    let name = frame.table.slots.get(usize::from(slot)).map_or("let", |slot| slot.name);
    let value = match at(port, frame).value(value) {
        Ok(value) => value.into_owned(),
        Err(error) => return port.unknown(error.in_field(name, &[])),
    };
    if let Value::Int(number) = value
        && !(min..=max).contains(&number)
    {
        let message = format!("{number} is not in {min}..={max}");
        return Err(Error::malformed(port.position(), message).in_field(name, &[]));
    }
    frame.set(slot, &[], value, port.room())
}

fn run_loop<P: Port>(port: &mut P, frame: &mut Frame<'_>, var: u16, from: &'static Expr, looped: &Loop) -> Result<()> {
    let here = at(port, frame);
    let first = here.number(from)?;
    let count = match looped.until {
        Until::Below(end) => here.number(end).and_then(|end| {
            let rounds = end.checked_sub(first).map(|rounds| rounds.max(0));
            let rounds = rounds.and_then(|rounds| u64::try_from(rounds).ok());
            rounds.map(Some).ok_or_else(|| Error::malformed(here.position, format!("a loop up to {end}")))
        }),
        Until::While(_) => Ok(None),
    };
    let rounds = port.rounds(frame, looped, count)?;
    port.enter_loop(frame, looped)?;
    let run = run_rounds(port, frame, var, first, looped, rounds);
    port.leave_loop();
    frame.set(var, &[], Value::Absent, port.room())?;
    run
}

fn run_rounds<P: Port>(port: &mut P, frame: &mut Frame<'_>, var: u16, first: i128, looped: &Loop, rounds: Option<u64>) -> Result<()> {
    let mut fresh = Vec::new();
    fields_without_subscripts(looped.body, &mut fresh);
    let mut round = 0u64;
    while rounds.is_none_or(|rounds| round < rounds) {
        let variable = first.saturating_add(i128::from(round));
        frame.set(var, &[], Value::Int(variable), port.room())?;
        if rounds.is_none()
            && let Until::While(goes_on) = looped.until
            && !at(port, frame).truth(goes_on)?
        {
            break;
        }
        for slot in &fresh {
            frame.set(*slot, &[], Value::Absent, port.room())?;
        }
        let before = port.position();
        port.enter_element(round, variable)?;
        let run = run_rows(port, frame, looped.body);
        let left = port.leave_element(rounds.is_none() && port.position() == before);
        run.and(left)?;
        round = round.saturating_add(1);
    }
    Ok(())
}

/// The slots of fields that each round of a loop has anew.
fn fields_without_subscripts(rows: &'static [Row], slots: &mut Vec<u16>) {
    for row in rows {
        match row {
            Row::Field(field) if field.subs.is_empty() => slots.push(field.slot),
            Row::If { then, otherwise, .. } => {
                fields_without_subscripts(then, slots);
                fields_without_subscripts(otherwise, slots);
            }
            Row::For { body, .. } => fields_without_subscripts(body, slots),
            Row::Form { row, .. } => fields_without_subscripts(std::slice::from_ref(*row), slots),
            _ => {}
        }
    }
}

/// The values of subscripts, and how many there are.
fn subscripts(at: &At<'_>, subs: &'static [Expr]) -> Result<([u64; SUBSCRIPTS], usize)> {
    let mut index = [0; SUBSCRIPTS];
    if subs.len() > SUBSCRIPTS {
        return Err(Error::unsupported(at.position, "more than 8 subscripts"));
    }
    for (to, sub) in index.iter_mut().zip(subs) {
        let number = at.number(sub)?;
        *to = u64::try_from(number).map_err(|_| Error::malformed(at.position, format!("the subscript {number}")))?;
    }
    Ok((index, subs.len()))
}
