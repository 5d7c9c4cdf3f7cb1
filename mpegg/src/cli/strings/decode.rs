//! `mpegg strings decode`: the strings of records in their order.

use super::row::{Format, escaped, text};
use super::selection::{Selected, SelectionArgs};
use crate::cli::output::Output;
use crate::cli::status::{Failure, Status};
use crate::file::File;
use crate::file::annotation::TileIndex;
use crate::strings::{Text, Unit, UnitStart};
use clap::Args;
use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// `strings decode`.
#[derive(Args, Debug)]
pub struct DecodeArgs {
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Only this tile: its number, or its row and column of tiles
    #[arg(long, value_name = "I[,J]", value_parser = tile, group = "of_unit")]
    pub tile: Option<TileIndex>,
    /// Only this access unit (au_id)
    #[arg(long, value_name = "ID", group = "of_unit")]
    pub unit: Option<u32>,
    /// Only these records, 0-based, inclusive: of the tile or access unit where one is given, else counted over all of an index
    #[arg(long, value_name = "A-B", value_parser = crate::cli::extract::range)]
    pub records: Option<RangeInclusive<u64>>,
    /// The text of this sub-index as it is, with the terminators, instead of records
    #[arg(long, value_name = "N", conflicts_with_all = ["of_unit", "records", "format"])]
    pub payload: Option<usize>,
    /// How to print: an array of strings a line, or strings with tabs between them
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    pub format: Format,
    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `I` or `I,J`.
fn tile(text: &str) -> Result<TileIndex, String> {
    let number = |digits: &str| digits.parse::<u64>().map_err(|_| format!("`{text}` is no tile: I is, or I,J"));
    match text.split_once(',') {
        Some((first, second)) => Ok(TileIndex { first: number(first)?, second: Some(number(second)?) }),
        None => Ok(TileIndex { first: number(text)?, second: None }),
    }
}

/// `mpegg strings decode`.
pub fn decode(args: &DecodeArgs) -> Result<Status, Failure> {
    let file = File::new(args.selection.source()?).map_err(|error| args.selection.wrong(error))?;
    let indexes = args.selection.indexes(&file)?;
    let mut output = Output::open(args.output.as_deref())?;
    let mut found = false;
    for selected in &indexes {
        found |= args.index(selected, &mut output)?;
    }
    let missing = |what: String| Err(Failure::Other(format!("{}: no string index that is meant has {what}", args.selection.path.display()), Status::Usage));
    match (found, args.unit(), args.payload) {
        (false, Some(unit), _) => return missing(format!("the {unit}")),
        (false, None, Some(number)) => return missing(format!("a sub-index {number}")),
        _ => {}
    }
    output.finish()?;
    Ok(Status::Fine)
}

impl DecodeArgs {
    fn unit(&self) -> Option<Unit> {
        self.tile.map(Unit::Tile).or(self.unit.map(Unit::AccessUnit))
    }

    /// Whether the index has what is asked for.
    fn index(&self, selected: &Selected<'_>, out: &mut dyn Write) -> Result<bool, Failure> {
        let wrong = |error| self.selection.wrong(error);
        let index = &selected.index;
        let (mut found, mut printer) = (false, Printer { out, format: self.format, wanted: self.records.clone(), next: 0, strings: vec![] });
        for (number, part) in index.sub_indexes().iter().enumerate() {
            let is_wanted = |unit: &UnitStart| self.unit().is_none_or(|wanted| unit.unit == wanted);
            let wanted: Vec<usize> = part.units.iter().enumerate().filter(|(_, unit)| is_wanted(unit)).map(|(number, _)| number).collect();
            if self.payload.is_some_and(|payload| payload != number) || self.payload.is_none() && wanted.is_empty() {
                continue;
            }
            found = true;
            let content = index.content(part).map_err(wrong)?;
            let text = Text::open(index, part, &content).map_err(wrong)?;
            if self.payload.is_some() {
                let mut bytes = vec![];
                text.decode().and_then(|text| text.extract(0..text.len(), &mut bytes)).map_err(wrong)?;
                printer.out.write_all(&bytes).map_err(Failure::output)?;
                continue;
            }
            let text = if text.units_suit_decoding(&wanted) { text.decode().map_err(wrong)? } else { text };
            for unit in wanted {
                let mut strings = text.strings(unit).map_err(wrong)?;
                while let Some(string) = strings.next_string().map_err(wrong)? {
                    printer.string(string.string);
                    if string.string_index.saturating_add(1) == text.strings_of_record() {
                        printer.end_of_record().map_err(Failure::output)?;
                    }
                    if printer.is_done() {
                        return Ok(true);
                    }
                }
                if !printer.strings.is_empty() {
                    printer.end_of_record().map_err(Failure::output)?;
                }
            }
        }
        Ok(found)
    }
}

/// Prints records string by string.
struct Printer<'o> {
    out: &'o mut dyn Write,
    format: Format,
    wanted: Option<RangeInclusive<u64>>,
    /// The number of the record that comes next.
    next: u64,
    /// Its strings so far.
    strings: Vec<Vec<u8>>,
}

impl Printer<'_> {
    fn string(&mut self, string: &[u8]) {
        if self.wanted.as_ref().is_none_or(|wanted| wanted.contains(&self.next)) {
            self.strings.push(string.to_vec());
        }
    }

    fn end_of_record(&mut self) -> io::Result<()> {
        self.next = self.next.saturating_add(1);
        if self.strings.is_empty() {
            return Ok(());
        }
        if self.format == Format::Jsonl {
            serde_json::to_writer(&mut self.out, &self.strings.iter().map(|string| text(string)).collect::<Vec<_>>())?;
        } else {
            for (number, string) in self.strings.iter().enumerate() {
                self.out.write_all(if number > 0 { b"\t" } else { b"" })?;
                escaped(self.out, string)?;
            }
        }
        self.strings.clear();
        writeln!(self.out)
    }

    /// Whether no further record is wanted.
    fn is_done(&self) -> bool {
        self.wanted.as_ref().is_some_and(|wanted| self.next > *wanted.end())
    }
}
