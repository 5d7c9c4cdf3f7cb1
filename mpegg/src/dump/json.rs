//! Lines as JSON: one object a line, or all of them as one array.

use super::line::Line;
use super::lines::LineSink;
use std::io::{self, Write};

/// One JSON object a line.
pub struct JsonLines<W>(pub W);

impl<W: Write> LineSink for JsonLines<W> {
    fn line(&mut self, line: &Line) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, line)?;
        self.0.write_all(b"\n")
    }

    fn end(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// An array of the same objects, written as they come.
pub struct JsonArray<W> {
    out: W,
    any: bool,
}

impl<W: Write> JsonArray<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        JsonArray { out, any: false }
    }
}

impl<W: Write> LineSink for JsonArray<W> {
    fn line(&mut self, line: &Line) -> io::Result<()> {
        self.out.write_all(if self.any { b",\n" } else { b"[\n" })?;
        self.any = true;
        serde_json::to_writer(&mut self.out, line)?;
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.write_all(if self.any { b"\n]\n" } else { b"[]\n" })?;
        self.out.flush()
    }
}
