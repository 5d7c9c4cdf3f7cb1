//! A string a line.

use super::{Column, Plain, Row, Rows};
use mpegg_runtime::Result;
use std::io::BufRead;

pub(super) struct Lines {
    input: Plain,
    columns: [Column; 1],
    line: Vec<u8>,
}

impl Lines {
    pub fn new(input: Plain) -> Lines {
        Lines { input, columns: [Column::text("line")], line: vec![] }
    }
}

impl Rows for Lines {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn next_row(&mut self, row: &mut Row) -> Result<bool> {
        self.line.clear();
        if self.input.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(false);
        }
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        row.clear(1);
        row.set(0, line.strip_suffix(b"\r").unwrap_or(line));
        row.number = row.number.saturating_add(1);
        Ok(true)
    }
}
