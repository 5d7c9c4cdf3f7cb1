//! The commands that look into an input.

use super::args::{DumpArgs, DumpFormat, FromJsonArgs, GetArgs, InfoArgs, ToJsonArgs, TreeArgs};
use super::input::open;
use super::output::{Output, stdout};
use super::status::{Failure, Status};
use crate::dump::{BoxLine, JsonArray, JsonLines, Line, LineSink, LineValue, Options, Selector, Text};
use crate::walk::occurs_once;
use mpegg_runtime::{Error, Limits};
use std::io::{self, Write};
use std::path::Path;

/// `mpegg info`.
pub fn info(args: &InfoArgs) -> Result<Status, Failure> {
    let input = open(&args.input)?;
    let info = crate::info::info(&input.source, input.kind).map_err(|error| Failure::input(&args.input.path, error))?;
    let mut out = stdout();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &info).map_err(|error| Failure::output(error.into()))?;
        writeln!(out).map_err(Failure::output)?;
    } else {
        crate::info::print(&info, &mut out).map_err(Failure::output)?;
    }
    out.flush().map_err(Failure::output)?;
    Ok(Status::Fine)
}

/// `mpegg tree`.
pub fn tree(args: &TreeArgs) -> Result<Status, Failure> {
    let input = open(&args.input)?;
    let mut out = stdout();
    let mut give = |node: &crate::tree::Node| {
        if args.json {
            serde_json::to_writer(&mut out, node)?;
            return writeln!(out);
        }
        let label = format!("{}{}", "  ".repeat(node.depth), node.path.rsplit('.').next().unwrap_or_default());
        let name = node.name.unwrap_or("unknown box");
        write!(out, "{:>14} {:>14}  {label:<24} {name}", node.offset, node.length)?;
        if let Some(addresses) = &node.addresses {
            write!(out, ": {addresses}")?;
        }
        if let Some((sid, packets)) = node.packets {
            write!(out, ", stream {sid}, {packets} packets")?;
        }
        writeln!(out)
    };
    let errors = crate::tree::tree(&input.source, input.kind, &Limits::default(), &mut give).map_err(|error| Failure::input(&args.input.path, error))?;
    out.flush().map_err(Failure::output)?;
    report(&args.input.path, &errors)
}

/// `mpegg dump`.
pub fn dump(args: &DumpArgs) -> Result<Status, Failure> {
    let input = open(&args.input)?;
    let select = args.select.as_deref().map(str::parse::<Selector>).transpose();
    let select = select.map_err(|error| Failure::Other(error.message(), Status::Usage))?;
    let options = Options { select, depth: args.depth, limit: args.limit, payloads: args.payloads, raw: None };
    let mut out = Output::open(args.output.as_deref())?;
    let errors = {
        let mut sink: Box<dyn LineSink> = match args.format {
            DumpFormat::Text => Box::new(Text::new(&mut out)),
            DumpFormat::Json => Box::new(JsonArray::new(&mut out)),
            DumpFormat::Jsonl => Box::new(JsonLines(&mut out)),
        };
        crate::dump::dump(&input.source, input.kind, &options, &Limits::default(), sink.as_mut()).map_err(|error| Failure::input(&args.input.path, error))?
    };
    out.finish()?;
    report(&args.input.path, &errors)
}

/// Errors of an input to stderr; the status is that of the first.
fn report(path: &Path, errors: &[Error]) -> Result<Status, Failure> {
    for error in errors {
        eprintln!("mpegg: {}: {error}", path.display());
    }
    Ok(errors.first().map_or(Status::Fine, Status::of))
}

/// `mpegg get`.
pub fn get(args: &GetArgs) -> Result<Status, Failure> {
    let input = open(&args.input)?;
    let select: Selector = args.field.parse().map_err(|error: Error| Failure::Other(error.message(), Status::Usage))?;
    let mut found = One { select: select.clone(), line: None, valid: None };
    // With the box around the field: it may be one that an offs makes the valid one.
    let options = Options { select: Some(select.parent()), payloads: true, raw: Some(select), ..Options::default() };
    let fail = |error| Failure::input(&args.input.path, error);
    let errors = crate::dump::dump(&input.source, input.kind, &options, &Limits::default(), &mut found).map_err(fail)?;
    let Some(line) = found.line else {
        report(&args.input.path, &errors)?;
        let message = format!("{}: there is no field `{}`", args.input.path.display(), args.field);
        return Err(Failure::Other(message, errors.first().map_or(Status::Usage, Status::of)));
    };
    let mut out = Output::open(args.output.as_deref())?;
    let bytes = match &line.value {
        LineValue::Number(number) => format!("{number}\n").into_bytes(),
        LineValue::Text(text) => format!("{text}\n").into_bytes(),
        LineValue::Hex(hex) => unhex(hex),
        LineValue::Long => vec![],
    };
    out.write_all(&bytes).map_err(Failure::output)?;
    out.finish()?;
    Ok(Status::Fine)
}

struct One {
    select: Selector,
    line: Option<Line>,
    /// The path of a box that an `offs` makes the valid one of its key, and the path that it has where no number is written (R4).
    valid: Option<(String, String)>,
}

impl LineSink for One {
    fn begin(&mut self, head: &BoxLine) -> io::Result<()> {
        let Some((plain, _)) = head.path.rsplit_once('[').filter(|_| head.through_offs) else { return Ok(()) };
        let key = plain.rsplit('.').next().and_then(|key| key.as_bytes().try_into().ok());
        if key.is_some_and(occurs_once) {
            self.valid = Some((head.path.clone(), plain.to_owned()));
        }
        Ok(())
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        let valid = self.valid.as_ref().and_then(|(path, plain)| Some(format!("{plain}{}", line.path.strip_prefix(path.as_str())?)));
        let stands_for = valid.is_some_and(|path| self.select.names(&path));
        if stands_for || self.line.is_none() && self.select.is(&line.path) {
            self.line = Some(line.clone());
        }
        Ok(())
    }
}

fn unhex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter_map(|digit| char::from(digit).to_digit(16)).filter_map(|digit| u8::try_from(digit).ok()).collect();
    digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
}

/// `mpegg to-json`.
pub fn to_json(args: &ToJsonArgs) -> Result<Status, Failure> {
    let input = open(&args.input)?;
    let mut out = Output::open(args.output.as_deref())?;
    let fail = |error| Failure::input(&args.input.path, error);
    crate::json::to_json(&input.source, input.kind, &Limits::default(), &mut out).map_err(fail)?;
    out.finish()?;
    Ok(Status::Fine)
}

/// `mpegg from-json`.
pub fn from_json(args: &FromJsonArgs) -> Result<Status, Failure> {
    let text = super::input::text(&args.path)?;
    let mut out = Output::open(args.output.as_deref())?;
    let fail = |error| Failure::input(&args.path, error);
    crate::json::from_json(&text, &mut out).map_err(fail)?;
    out.finish()?;
    Ok(Status::Fine)
}
