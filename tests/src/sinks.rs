//! Sinks for dumps.

use mpegg::dump::{BoxLine, Line, LineSink, LineValue, Options, dump};
use mpegg::source::Bytes;
use mpegg::walk::Kind;
use mpegg::{Error, Limits};
use serde_json::Value;
use std::io;

/// Keeps everything.
#[derive(Default)]
pub struct Collect {
    /// The fields.
    pub lines: Vec<Line>,
    /// The boxes.
    pub boxes: Vec<BoxLine>,
}

impl LineSink for Collect {
    fn begin(&mut self, head: &BoxLine) -> io::Result<()> {
        self.boxes.push(head.clone());
        Ok(())
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        self.lines.push(line.clone());
        Ok(())
    }
}

impl Collect {
    /// Dumps bytes.
    pub fn of(bytes: &[u8], kind: Kind) -> (Collect, Vec<Error>) {
        Collect::with(bytes, kind, &Options::default())
    }

    /// Dumps bytes in a certain way.
    pub fn with(bytes: &[u8], kind: Kind, options: &Options) -> (Collect, Vec<Error>) {
        let mut sink = Collect::default();
        let errors = dump(&Bytes(bytes), kind, options, &Limits::default(), &mut sink).expect("memory is readable");
        (sink, errors)
    }
}

/// Keeps nothing but checks that no bit is told twice and that the lines come in order.
#[derive(Default)]
pub struct Cover {
    end: u64,
    told: u64,
    overlap: Option<String>,
}

impl LineSink for Cover {
    fn line(&mut self, line: &Line) -> io::Result<()> {
        if line.bits > 0 && line.bit < self.end && self.overlap.is_none() {
            self.overlap = Some(format!("{} at {} begins before {}, where the line in front of it ends", line.path, line.bit, self.end));
        }
        self.end = self.end.max(line.bit.saturating_add(line.bits));
        self.told = self.told.saturating_add(line.bits);
        Ok(())
    }
}

impl Cover {
    /// Lines in order, none over another, none behind the input. Of an input without errors every bit is told.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub fn check(&self, bytes: usize, complete: bool) -> Result<(), String> {
        let bits = bytes as u64 * 8;
        if let Some(overlap) = &self.overlap {
            return Err(overlap.clone());
        }
        if self.end > bits {
            return Err(format!("the lines end at {}, the input at {bits}", self.end));
        }
        if complete && self.told != bits {
            return Err(format!("no errors, but {} of {bits} bits are told", self.told));
        }
        Ok(())
    }
}

/// An error must say where it is: a bit of the input (or its end).
///
/// # Errors
///
/// What it does not say.
pub fn located(error: &Error, bytes: usize) -> Result<(), String> {
    match error.position() {
        None => Err(format!("no position: {error}")),
        Some(bit) if bit > bytes as u64 * 8 => Err(format!("a position behind the {bytes} bytes of input: {error}")),
        Some(_) => Ok(()),
    }
}

/// A value as the vectors have it: numbers as numbers whatever their size.
pub fn json_of(value: &LineValue) -> Value {
    match value {
        LineValue::Number(number) => Value::from(*number),
        LineValue::Text(text) | LineValue::Hex(text) => Value::from(text.as_str()),
        LineValue::Long => Value::Null,
    }
}
