//! What a fuzzer runs: one function for each target. It returns what must not be; a panic is a failure too, and so is memory out of
//! proportion to the input (where the binary counts it).

use crate::alloc::{allowed, peak};
use crate::carrying::demux_packets;
use crate::coding;
use crate::fuzzing::Random;
use crate::making::{pack_units, repack_file};
use crate::searching::{build_and_compare, parse_and_query};
use crate::selecting::{of_memory, select_everything};
use crate::sinks::{Cover, located};
use crate::typed;
use mpegg::dump::{BoxLine, JsonLines, Line, LineSink, Options, Text, dump};
use mpegg::file::File;
use mpegg::source::Bytes;
use mpegg::walk::{Kind, Visitor, walk};
use mpegg::{Error, ErrorKind, Limits};
use mpegg_runtime::fm_index::Options as FmOptions;
use mpegg_runtime::walk::{BoxHead, FieldEvent, LoopEvent, StructEvent, Visitor as FieldVisitor};
use mpegg_schema::{Source, compile, emit, format, render};
use std::io;

/// A target.
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// The folders of `tests/corpus` with inputs for it.
    pub corpus: &'static [&'static str],
    /// Runs it.
    pub run: fn(&[u8]) -> Result<(), String>,
}

const BINARY: &[&str] = &["file", "stream", "units"];

/// All of them.
pub const TARGETS: [Target; 17] = [
    Target { name: "schema", corpus: &["schema"], run: schema },
    Target { name: "walk_file", corpus: &["file"], run: walk_file },
    Target { name: "walk_stream", corpus: &["stream"], run: walk_stream },
    Target { name: "walk_units", corpus: &["units"], run: walk_units },
    Target { name: "typed", corpus: BINARY, run: typed_boxes },
    Target { name: "dump_text", corpus: BINARY, run: dump_text },
    Target { name: "dump_jsonl", corpus: BINARY, run: dump_jsonl },
    Target { name: "look", corpus: BINARY, run: look },
    Target { name: "json", corpus: BINARY, run: json },
    Target { name: "validate", corpus: BINARY, run: validate },
    Target { name: "select", corpus: &["file"], run: select },
    Target { name: "demux", corpus: &["stream"], run: demux },
    Target { name: "pack", corpus: &["units"], run: pack },
    Target { name: "repack", corpus: &["file"], run: repack },
    Target { name: "json_text", corpus: &["json"], run: json_text },
    Target { name: "fm_query", corpus: &["index"], run: fm_query },
    Target { name: "fm_build", corpus: &["text"], run: fm_build },
];

/// The target of a name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

fn within<T>(most: usize, what: &str, run: impl FnOnce() -> T) -> Result<T, String> {
    let (result, taken) = peak(run);
    if taken > most {
        return Err(format!("{what} takes {taken} bytes of memory, {most} are allowed"));
    }
    Ok(result)
}

/// Errors of reading from memory are never those of the operating system.
fn no_io<T>(result: mpegg::Result<T>) -> Result<Option<T>, String> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::Io => Err(format!("input/output on memory: {error}")),
        Err(_) => Ok(None),
    }
}

/// A file that is opened and asked for selections of its datasets.
pub fn select(data: &[u8]) -> Result<(), String> {
    let errors = within(allowed(data.len()), "selecting", || no_io(File::new(Bytes(data))).map(|file| file.map(|file| select_everything(&file))))??;
    of_memory(&errors.unwrap_or_default()).map_or(Ok(()), Err)
}

/// Packets to a file, in every mode, whole and bit by bit.
pub fn demux(data: &[u8]) -> Result<(), String> {
    // Buffers of fixed size for reading and writing.
    within(allowed(data.len()).saturating_add(8 << 20), "demultiplexing", || demux_packets(data))?
}

/// What is made of an input may take more than reading it: the whole output is in memory here.
fn allowed_to_make(bytes: usize) -> usize {
    allowed(bytes).saturating_mul(8)
}

/// Data units that become a file, in several modes.
pub fn pack(data: &[u8]) -> Result<(), String> {
    within(allowed_to_make(data.len()), "packing", || pack_units(data))?
}

/// A file that is stored in other modes.
pub fn repack(data: &[u8]) -> Result<(), String> {
    within(allowed_to_make(data.len()), "repacking", || repack_file(data))?
}

/// A schema: compiled, and where that works, emitted; formatted twice with the same result; what is wrong with it shown.
pub fn schema(data: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(data).into_owned();
    let most = data.len().saturating_mul(1024).saturating_add(8 << 20);
    let sources = [Source { name: "fuzz.mgs".to_owned(), text: text.clone() }];
    within(most, "compiling", || match compile(&sources) {
        Ok(schema) => {
            let _ = emit::rust(&schema, &sources);
        }
        Err(found) => {
            let _ = render::render(&found, &sources, false);
            let _ = render::render_json(&found, &sources);
        }
    })?;
    if let Ok(once) = format::format(&text) {
        match format::format(&once) {
            Ok(twice) if twice == once => {}
            Ok(twice) => return Err(format!("formatted again it differs:\n{once}\n---\n{twice}")),
            Err(_) => return Err(format!("formatted it does not parse:\n{once}")),
        }
        let again = [Source { name: "fuzz.mgs".to_owned(), text: once }];
        let codes = |sources: &[Source]| compile(sources).err().map(|found| found.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>());
        if codes(&sources) != codes(&again) {
            return Err(format!("formatted it means something else:\n{}", again[0].text));
        }
    }
    Ok(())
}

/// A visitor that looks at everything, rules too, and checks that what is entered is left.
#[derive(Default)]
struct Look {
    open: Vec<&'static str>,
    end: u64,
    errors: Vec<Error>,
    wrong: Option<String>,
    in_stream: bool,
}

impl Look {
    fn leave(&mut self, what: &str) {
        if self.open.pop() != Some(what) {
            self.wrong.get_or_insert(format!("a {what} is left that was not entered last"));
        }
    }
}

impl FieldVisitor for Look {
    fn enter_box(&mut self, _: &BoxHead) {
        self.open.push("box");
    }

    fn leave_box(&mut self, _: &BoxHead) {
        self.leave("box");
    }

    fn enter_struct(&mut self, _: &StructEvent<'_>) {
        self.open.push("struct");
    }

    fn leave_struct(&mut self) {
        self.leave("struct");
    }

    fn enter_loop(&mut self, _: &LoopEvent) {
        self.open.push("loop");
    }

    fn enter_element(&mut self, _: u64) {
        self.open.push("element");
    }

    fn leave_element(&mut self) {
        self.leave("element");
    }

    fn leave_loop(&mut self) {
        self.leave("loop");
    }

    fn field(&mut self, event: &FieldEvent<'_>) {
        let _ = event.symbol();
        // In a stream positions are those of the box put together.
        if !self.in_stream && event.bits > 0 {
            if event.bit < self.end {
                self.wrong.get_or_insert(format!("{} at bit {} begins before {}", event.name, event.bit, self.end));
            }
            self.end = event.bit.saturating_add(event.bits);
        }
    }

    fn wants_rules(&self) -> bool {
        true
    }
}

impl Visitor for Look {
    fn error(&mut self, error: Error) {
        self.errors.push(error);
    }

    fn fields(&mut self) -> &mut dyn FieldVisitor {
        self
    }
}

fn walk_as(data: &[u8], kind: Kind) -> Result<(), String> {
    let mut look = Look { in_stream: kind == Kind::Stream, ..Look::default() };
    let walked = within(allowed(data.len()), "walking", || walk(&Bytes(data), kind, &mut look, &Limits::default()))?;
    match walked {
        Ok(()) => {}
        // A limit may end a walk.
        Err(error) if error.kind() == ErrorKind::Limit => located(&error, data.len())?,
        Err(error) => return Err(format!("the walk ends with: {error}")),
    }
    if let Some(wrong) = look.wrong {
        return Err(wrong);
    }
    if !look.open.is_empty() {
        return Err(format!("never left: {:?}", look.open));
    }
    if look.end > data.len() as u64 * 8 {
        return Err(format!("a field ends at bit {}, behind the input", look.end));
    }
    look.errors.iter().try_for_each(|error| located(error, data.len()))
}

/// A file, walked.
pub fn walk_file(data: &[u8]) -> Result<(), String> {
    walk_as(data, Kind::File)
}

/// A stream, walked.
pub fn walk_stream(data: &[u8]) -> Result<(), String> {
    walk_as(data, Kind::Stream)
}

/// Data units, walked.
pub fn walk_units(data: &[u8]) -> Result<(), String> {
    walk_as(data, Kind::Units)
}

fn kind_of(data: &[u8]) -> Result<Kind, String> {
    Kind::of(&Bytes(data)).map_err(|error| format!("the kind of the input: {error}"))
}

/// Every box by its type: what is read is written as it was; errors say where they are.
pub fn typed_boxes(data: &[u8]) -> Result<(), String> {
    let kind = kind_of(data)?;
    let mut wrong = Ok(());
    let mut check = |outcome: typed::Outcome| {
        if wrong.is_ok() {
            wrong = typed::check(&outcome).and_then(|()| match typed::error_of(&outcome) {
                Some(error) => located(error, outcome.bytes.len().max(data.len())).map_err(|why| format!("{}: {why}", outcome.path)),
                None => Ok(()),
            });
        }
    };
    typed::all(data, kind, &mut check);
    coding::all(data, kind, &mut check);
    wrong
}

/// A sink that hands on to two others.
struct Both<'s, A, B>(&'s mut A, &'s mut B);

impl<A: LineSink, B: LineSink> LineSink for Both<'_, A, B> {
    fn begin(&mut self, head: &BoxLine) -> io::Result<()> {
        self.0.begin(head)?;
        self.1.begin(head)
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        self.0.line(line)?;
        self.1.line(line)
    }

    fn error(&mut self, error: &Error) -> io::Result<()> {
        self.0.error(error)?;
        self.1.error(error)
    }

    fn note(&mut self, path: &str, finding: &mpegg_runtime::walk::Finding) -> io::Result<()> {
        self.0.note(path, finding)?;
        self.1.note(path, finding)
    }

    fn end(&mut self) -> io::Result<()> {
        self.0.end()?;
        self.1.end()
    }
}

/// An input of a known kind as lines, which must be in order, and located errors, in little memory.
///
/// # Errors
///
/// What is wrong.
pub fn dump_as(data: &[u8], kind: Kind) -> Result<(), String> {
    dump_to(data, kind, &Options::default(), &mut Nothing)
}

struct Nothing;

impl LineSink for Nothing {
    fn line(&mut self, _: &Line) -> io::Result<()> {
        Ok(())
    }
}

fn dump_to(data: &[u8], kind: Kind, options: &Options, sink: &mut impl LineSink) -> Result<(), String> {
    let mut cover = Cover::default();
    let dumped = within(allowed(data.len()), "dumping", || dump(&Bytes(data), kind, options, &Limits::default(), &mut Both(sink, &mut cover)))?;
    let errors = match dumped {
        Ok(errors) => errors,
        Err(error) if error.kind() == ErrorKind::Limit => vec![error],
        Err(error) => return Err(format!("the dump ends with: {error}")),
    };
    errors.iter().try_for_each(|error| located(error, data.len()))?;
    cover.check(data.len(), errors.is_empty())
}

/// An input as text.
pub fn dump_text(data: &[u8]) -> Result<(), String> {
    dump_to(data, kind_of(data)?, &Options::default(), &mut Text::new(io::sink()))
}

/// An input as JSON lines, byte strings too.
pub fn dump_jsonl(data: &[u8]) -> Result<(), String> {
    dump_to(data, kind_of(data)?, &Options { payloads: true, ..Options::default() }, &mut JsonLines(io::sink()))
}

/// What is in an input, as people ask for it: the summary, the tree, the lazily opened file.
pub fn look(data: &[u8]) -> Result<(), String> {
    let kind = kind_of(data)?;
    within(allowed(data.len()), "the summary", || no_io(mpegg::info::info(&Bytes(data), kind).map(drop)))??;
    let mut nodes = 0u64;
    let tree = within(allowed(data.len()), "the tree", || {
        mpegg::tree::tree(&Bytes(data), kind, &Limits::default(), &mut |_| {
            nodes += 1;
            Ok(())
        })
    })?;
    if let Some(errors) = no_io(tree)? {
        errors.iter().try_for_each(|error| located(error, data.len()))?;
    }
    if kind == Kind::File {
        within(allowed(data.len()), "the file", || open(data))??;
    }
    Ok(())
}

fn open(data: &[u8]) -> Result<(), String> {
    let Some(file) = no_io(File::new(Bytes(data)))? else { return Ok(()) };
    no_io(file.header())?;
    for group in no_io(file.groups())?.unwrap_or_default() {
        no_io(group.header())?;
        no_io(group.references())?;
        no_io(group.labels())?;
        for dataset in no_io(group.datasets())?.unwrap_or_default() {
            let Some(header) = no_io(dataset.header())? else { continue };
            let sets = no_io(dataset.parameter_sets())?.unwrap_or_default();
            no_io(dataset.master_index_table())?;
            no_io(dataset.annotation_tables())?;
            let Some(units) = no_io(dataset.access_units())? else { continue };
            for unit in units {
                let Some(unit) = no_io(unit)? else { break };
                no_io(dataset.access_unit_header(&unit, &header, &sets))?;
                no_io(unit.bytes())?;
            }
        }
    }
    Ok(())
}

/// What is wrong with an input: findings with places.
pub fn validate(data: &[u8]) -> Result<(), String> {
    validate_as(data, kind_of(data)?)
}

/// The same for an input of a known kind.
///
/// # Errors
///
/// What is wrong.
pub fn validate_as(data: &[u8], kind: Kind) -> Result<(), String> {
    for check in [mpegg::validate::validate, mpegg::validate::quickcheck] {
        let report = within(allowed(data.len()), "validating", || check(&Bytes(data), kind, &Limits::default()))?;
        let report = report.map_err(|error| format!("the validation ends with: {error}"))?;
        if let Some(lost) = report.findings.iter().find(|finding| finding.bit.is_none_or(|bit| bit > data.len() as u64 * 8)) {
            return Err(format!("no place in the input: {lost}"));
        }
    }
    Ok(())
}

/// What can be told as JSON is made again from it, byte for byte.
pub fn json(data: &[u8]) -> Result<(), String> {
    let kind = kind_of(data)?;
    let mut text = vec![];
    if no_io(mpegg::json::to_json(&Bytes(data), kind, &Limits::default(), &mut text))?.is_none() {
        return Ok(());
    }
    let text = String::from_utf8(text).map_err(|error| format!("the JSON is no UTF-8: {error}"))?;
    let mut again = vec![];
    match mpegg::json::from_json(&text, &mut again) {
        Ok(()) if again == data => Ok(()),
        Ok(()) => {
            let at = data.iter().zip(&again).position(|(a, b)| a != b).unwrap_or(data.len().min(again.len()));
            Err(format!("JSON and back: {} bytes become {}, the first other one is {at}", data.len(), again.len()))
        }
        Err(error) => Err(format!("to JSON but not back: {error}")),
    }
}

/// Any text as the JSON of an input; what comes of it can be told as JSON again.
pub fn json_text(data: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(data);
    let most = data.len().saturating_mul(512).saturating_add(4 << 20);
    let mut made = vec![];
    let done = within(most, "reading the JSON", || mpegg::json::from_json(&text, &mut made))?;
    no_io(done)?;
    Ok(())
}

/// A string index of any bytes: parsed, asked, expanded, compared with the tables of the schema.
pub fn fm_query(data: &[u8]) -> Result<(), String> {
    // Positions of every character, several times; an expanded form has lines for 64 characters at least.
    within(allowed(data.len()).saturating_mul(16), "a string index", || parse_and_query(data))?
}

/// An index of any text: built, and asked for what looking everywhere finds.
pub fn fm_build(data: &[u8]) -> Result<(), String> {
    // The first bytes are the rates, the rest is the text.
    let Some((&[sa, lf, seed], text)) = data.split_first_chunk::<3>() else { return Ok(()) };
    if text.is_empty() {
        return Ok(());
    }
    let mut random = Random::new(seed.into());
    let options = FmOptions { sampling_rate_sa: u32::from(sa) + 1, sampling_rate_lf: u32::from(lf) + 1 };
    build_and_compare(text, &options, &mut |most| random.below(most))
}
