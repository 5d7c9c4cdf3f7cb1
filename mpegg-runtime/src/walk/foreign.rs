//! Bytes that another part of the standard defines: told as the structure that they are, where they fit it to the last bit.

use super::frame::{Args, Frame};
use super::port::run_table;
use super::reader::{Reader, Spot};
use super::visitor::{FieldEvent, FieldValue, Finding, FindingKind, StructEvent, Visitor};
use super::{Cursor, Record, Scope, Value};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;
use crate::table::{ParamKind, Table};

impl<'s> Reader<'_, 's> {
    /// Tells of so many bits at the cursor as a structure; `false`: they are none, and nothing has been told but the reason.
    ///
    /// The structure is read in silence first. So it is opened only where all is right: no error, no bit left, nothing reserved in use.
    pub(super) fn open(&mut self, frame: &Frame<'_>, spot: &Spot<'_>, bits: u64, table: &'static Table) -> Result<bool> {
        if self.depth >= self.limits.depth {
            return Ok(false);
        }
        let inside = || Cursor::range(self.cursor.source(), spot.bit, spot.bit.saturating_add(bits));
        let fits = read_guessing(&inside, table, frame.scope(), self.limits);
        let mut cursor = inside();
        let scope = match fits {
            Ok((_, scope)) => scope,
            Err(error) if error.kind() == ErrorKind::Io => return Err(error),
            Err(error) => {
                let place = if error.path().is_empty() { String::new() } else { format!("{}: ", error.path()) };
                self.tell(spot, FindingKind::Opaque, format!("these bytes are no {} ({place}{})", table.name, error.message()));
                return Ok(false);
            }
        };
        if let Some(row) = spot.row {
            let event = StructEvent { table, outer: spot.table, row, name: spot.name, index: spot.index, bit: spot.bit };
            self.visitor.enter_struct(&event);
        }
        let told = {
            let mut reader = Reader::new(&mut cursor, &mut *self.visitor, self.limits);
            reader.depth = self.depth.saturating_add(1);
            run_table(&mut reader, &mut Frame::new(table, Args::Scope(&scope), None, 0), table.rows)
        };
        if spot.row.is_some() {
            self.visitor.leave_struct();
        }
        told.map_err(|error| error.in_field(spot.name, spot.index))?;
        self.cursor.skip(bits)?;
        Ok(true)
    }
}

/// Reads a structure in silence that must be right up to the last bit that the cursor may read: no error, no bit left, nothing reserved in
/// use, no padding that is not zero. Alignment counts from the first bit.
pub fn read_whole(cursor: &mut Cursor<'_>, table: &'static Table, scope: &dyn Scope, limits: &Limits) -> Result<Record> {
    let mut strict = Strict::default();
    let mut reader = Reader::new(cursor, &mut strict, limits);
    let mut frame = Frame::new(table, Args::Scope(scope), None, 0);
    let read = run_table(&mut reader, &mut frame, table.rows);
    match (strict.wrong, cursor.remaining()) {
        (Some(wrong), _) => Err(wrong),
        (None, 0) => read.map(|()| frame.into_record()),
        (None, left) => read.and_then(|()| Err(Error::malformed(cursor.position(), format!("{left} bits behind the last row")))),
    }
}

/// The same, where the table depends on numbers that the scope does not know, such as the edition of the part: each of their values is tried, the
/// least first. With the scope that knows them. The error is that of the first try.
pub fn read_guessing<'a, 's>(cursor: &impl Fn() -> Cursor<'s>, table: &'static Table, scope: &'a dyn Scope, limits: &Limits) -> Result<(Record, Guessed<'a>)> {
    let mut guesses = vec![Guessed { scope, numbers: vec![] }];
    for param in table.params {
        if let ParamKind::Number(least, greatest) = param.kind
            && scope.number(param.name).is_none()
        {
            let tries = |guess: &Guessed<'a>| (least..=greatest).map(|value| guess.with(param.name, value)).take(GUESSES).collect::<Vec<_>>();
            guesses = guesses.iter().flat_map(tries).take(GUESSES).collect();
        }
    }
    let mut first = None;
    for guess in guesses {
        match read_whole(&mut cursor(), table, &guess, limits) {
            Ok(record) => return Ok((record, guess)),
            Err(error) if error.kind() == ErrorKind::Io => return Err(error),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| Error::malformed(cursor().position(), "a parameter has no value")))
}

/// How many tries an opening may take.
const GUESSES: usize = 8;

/// A scope and numbers that it does not know.
pub struct Guessed<'a> {
    scope: &'a dyn Scope,
    numbers: Vec<(&'static str, i128)>,
}

impl Guessed<'_> {
    fn with(&self, name: &'static str, value: i128) -> Self {
        Guessed { scope: self.scope, numbers: self.numbers.iter().copied().chain([(name, value)]).collect() }
    }
}

impl Scope for Guessed<'_> {
    fn one(&self, table: &'static Table) -> Result<Value> {
        self.scope.one(table)
    }

    fn many(&self, table: &'static Table) -> Result<Value> {
        self.scope.many(table)
    }

    fn grouped(&self, table: &'static Table) -> Result<Value> {
        self.scope.grouped(table)
    }

    fn number(&self, name: &str) -> Option<i128> {
        let known = self.numbers.iter().find(|(known, _)| *known == name);
        known.map(|(_, value)| *value).or_else(|| self.scope.number(name))
    }

    fn deferred(&self, table: &'static Table) -> bool {
        self.scope.deferred(table)
    }
}

/// Takes nothing that readers elsewhere pass over.
#[derive(Default)]
struct Strict {
    wrong: Option<Error>,
}

impl Visitor for Strict {
    fn field(&mut self, event: &FieldEvent<'_>) {
        if let FieldValue::Int(value @ 1..) = event.value
            && event.name.starts_with("reserved")
        {
            self.wrong.get_or_insert(Error::malformed(event.bit, format!("{} is {value}, not 0", event.name)));
        }
    }

    fn finding(&mut self, finding: Finding) {
        self.wrong.get_or_insert(Error::malformed(finding.bit, finding.message));
    }

    fn stop(&self) -> bool {
        self.wrong.is_some()
    }
}
