//! Lines for people: address, size, the bits as they stand, name, value, symbol, table.

use super::line::{Line, LineValue};
use super::lines::{BoxLine, LineSink, StructLine};
use mpegg_runtime::Error;
use mpegg_runtime::walk::Finding;
use std::io::{self, Write};

/// Columns of text. An address is a byte and, where the field starts inside it, the bit.
pub struct Text<W> {
    out: W,
    head: bool,
}

impl<W: Write> Text<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Text { out, head: false }
    }

    fn header(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.head, true) {
            writeln!(self.out, "{:>12} {:>7}  {:<18} name = value", "byte.bit", "bits", "hex")?;
        }
        Ok(())
    }
}

impl<W: Write> LineSink for Text<W> {
    fn begin(&mut self, head: &BoxLine) -> io::Result<()> {
        self.header()?;
        let name = if head.name.is_empty() { "unknown box" } else { head.name };
        let table = head.table.map_or(String::new(), |number| format!(", Table {number}"));
        let place = if head.through_offs { ", addressed by an offs" } else { "" };
        let form = head.form.map_or(String::new(), |form| format!(", form {form}"));
        let indent = "  ".repeat(head.depth);
        writeln!(self.out, "{:>12} {:>7}  {:<18} {indent}{} {name}: {} bytes{table}{place}{form}", address(head.bit), "", "", head.path, head.length)
    }

    fn begin_struct(&mut self, head: &StructLine) -> io::Result<()> {
        self.header()?;
        let name = if head.name.is_empty() { String::new() } else { format!(" {}", head.name) };
        let table = head.table.map_or(head.clause.to_owned(), |number| format!("Table {number}"));
        let indent = "  ".repeat(head.depth);
        writeln!(self.out, "{:>12} {:>7}  {:<18} {indent}{}{name}: {table}", address(head.bit), "", "", head.path)
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        self.header()?;
        let indent = "  ".repeat(line.depth);
        let index: String = line.index.iter().map(|number| format!("[{number}]")).collect();
        let value = match &line.value {
            LineValue::Hex(hex) if hex.is_empty() => "(no bytes)".to_owned(),
            LineValue::Long => format!("({} bytes)", line.bits / 8),
            value => value.to_string(),
        };
        let symbol = line.symbol.map_or(String::new(), |symbol| format!(" ({symbol})"));
        let row = format!("{:>12} {:>7}  {:<18} {indent}{}{index} = {value}{symbol}", address(line.bit), line.bits, raw(line), line.name);
        writeln!(self.out, "{}", row.trim_end())
    }

    fn error(&mut self, error: &Error) -> io::Result<()> {
        self.header()?;
        let at = error.position().map_or(String::new(), address);
        writeln!(self.out, "{at:>12} {:>7}  {:<18} error: {error}", "", "")
    }

    fn note(&mut self, path: &str, finding: &Finding) -> io::Result<()> {
        self.header()?;
        writeln!(self.out, "{:>12} {:>7}  {:<18} note: {path}: {}", address(finding.bit), "", "", finding.message)
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// `154` or `154.3`.
fn address(bit: u64) -> String {
    match bit % 8 {
        0 => (bit / 8).to_string(),
        rest => format!("{}.{rest}", bit / 8),
    }
}

/// The bits of a field: hexadecimal digits of whole bytes, else ones and zeros of up to 16 bits, else hexadecimal digits of the number.
fn raw(line: &Line) -> String {
    match &line.value {
        LineValue::Number(number) if line.bit.is_multiple_of(8) && line.bits.is_multiple_of(8) => {
            let digits = usize::try_from(line.bits / 4).unwrap_or(0);
            format!("{number:0digits$x}")
        }
        LineValue::Number(number) if line.bits <= 16 => {
            let digits = usize::try_from(line.bits).unwrap_or(0);
            format!("0b{number:0digits$b}")
        }
        LineValue::Number(number) => format!("0x{number:x}"),
        LineValue::Text(text) => shorten(text.bytes().map(|byte| format!("{byte:02x}")).take(9)),
        LineValue::Hex(_) => shorten(line.raw.iter().map(|byte| format!("{byte:02x}"))),
        LineValue::Long => String::new(),
    }
}

fn shorten(digits: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = digits.collect();
    let shown: String = all.iter().take(8).map(String::as_str).collect();
    if all.len() > 8 { shown + ".." } else { shown }
}
