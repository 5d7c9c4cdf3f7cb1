//! `mpegg reference`.

use super::input::source;
use super::output::{Output, stdout};
use super::status::{Failure, Status};
use crate::access::ReferencePart;
use crate::file::{DatasetId, File};
use crate::reference::{self, Checksum, Entry, Location, RawReference, Resolver};
use crate::tables::ChecksumAlg;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use mpegg_runtime::source::Source;
use mpegg_runtime::{Error, ErrorKind};
use serde::Serialize;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// `reference`.
#[derive(Args, Debug)]
pub struct ReferenceArgs {
    /// A file; - is stdin
    #[arg(value_name = "FILE")]
    pub path: PathBuf,
    /// Only this reference, by its ID; G: is the ID of its group, where several groups have references
    #[arg(long, value_name = "[G:]R", value_parser = reference_id)]
    pub reference: Option<DatasetId>,
    /// Compute the checksum of each sequence from the source
    #[arg(long, group = "action")]
    pub checksums: bool,
    /// Compare the source with the lengths and checksums that are stored
    #[arg(long, group = "action")]
    pub verify: bool,
    /// Where an external reference is: a file, or a folder that has a file of the name that the URI ends with
    #[arg(long, value_name = "FILE|DIR")]
    pub fasta: Option<PathBuf>,
    /// Write the reference to this file; - is stdout
    #[arg(short, long, value_name = "FILE", group = "action")]
    pub output: Option<PathBuf>,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Unit, requires = "output")]
    pub format: Format,
    /// Only this part: NAME:START-END from 1, NAME, or @ID:START-END from 0; all are inclusive. As a unit or raw, the parts of a sequence are written as one range, from the
    /// first base to the last
    #[arg(long = "region", value_name = "REGION", requires = "output")]
    pub regions: Vec<String>,
    /// The list as JSON
    #[arg(long, group = "action")]
    pub json: bool,
}

/// What to write.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A data unit of type 0
    Unit,
    /// Its payload alone, which is what a RAW_REF file holds
    Raw,
    /// FASTA
    Fasta,
}

fn reference_id(text: &str) -> Result<DatasetId, String> {
    let wrong = || format!("`{text}` is not a reference: write R or G:R, numbers from 0 to 255");
    text.parse::<DatasetId>().ok().filter(|id| id.dataset <= 255).ok_or_else(wrong)
}

/// Runs the command.
pub fn run(args: &ReferenceArgs) -> Result<Status, Failure> {
    let fail = |error| Failure::input(&args.path, error);
    let file = File::new(source(&args.path)?).map_err(fail)?;
    let resolver = Resolver::beside(&args.path).with_instead(args.fasta.clone());
    let entries = match args.reference {
        Some(id) => vec![Ok(chosen(&file, id, &args.path)?)],
        None => reference::references(&file).map_err(fail)?,
    };
    if let Some(output) = &args.output {
        let [entry] = entries.try_into().map_err(|entries: Vec<_>| {
            let message = format!("{}: the file has {} references; say with --reference which to write", args.path.display(), entries.len());
            Failure::Other(message, Status::Usage)
        })?;
        return write(&entry.map_err(fail)?, &resolver, args, output);
    }
    let mut report = Report { path: &args.path, status: Status::Fine };
    let mut out = stdout();
    if args.json {
        let entries: Vec<Entry<'_>> = entries.into_iter().filter_map(|entry| report.take(entry)).collect();
        let list: Vec<Listed<'_>> = entries.iter().map(Listed::of).collect();
        serde_json::to_writer_pretty(&mut out, &list).map_err(|error| Failure::output(error.into()))?;
        writeln!(out).map_err(Failure::output)?;
        out.flush().map_err(Failure::output)?;
        entries.iter().for_each(|entry| report.dataset(entry));
        return Ok(report.status);
    }
    for entry in entries {
        let Some(entry) = report.take(entry) else { continue };
        if args.checksums {
            let bar = bar(&entry);
            let computed = report.take(reference::checksums(&entry, &resolver, &|bases| bar.inc(bases)));
            bar.finish_and_clear();
            print_checksums(&computed.unwrap_or_default(), &mut out).map_err(Failure::output)?;
        } else if args.verify {
            let bar = bar(&entry);
            let differences = report.take(reference::verify(&entry, &resolver, &|bases| bar.inc(bases)));
            bar.finish_and_clear();
            let Some(differences) = differences else { continue };
            let fits = if differences.is_empty() { "fits" } else { "does not fit" };
            writeln!(out, "reference {} \"{}\": {fits}", entry.id(), entry.table.reference_name).map_err(Failure::output)?;
            for difference in &differences {
                writeln!(out, "  {difference}").map_err(Failure::output)?;
                report.status = Status::Findings;
            }
        } else {
            print(&Listed::of(&entry), &mut out).map_err(Failure::output)?;
            out.flush().map_err(Failure::output)?;
            report.dataset(&entry);
        }
    }
    out.flush().map_err(Failure::output)?;
    Ok(report.status)
}

fn chosen<'f, S: Source>(file: &'f File<S>, id: DatasetId, path: &Path) -> Result<Entry<'f>, Failure> {
    reference::find(file, id).map_err(|error| match error.kind() {
        // The user named it, not the file.
        ErrorKind::CrossReference if error.position().is_none() => Failure::Other(format!("{}: {}", path.display(), error.message()), Status::Usage),
        _ => Failure::input(path, error),
    })
}

/// Errors that do not end the command; the status is that of the first, or of a reference that does not fit.
struct Report<'p> {
    path: &'p Path,
    status: Status,
}

impl Report<'_> {
    fn take<T>(&mut self, result: mpegg_runtime::Result<T>) -> Option<T> {
        result.map_err(|error| self.error(&error)).ok()
    }

    fn error(&mut self, error: &Error) {
        eprintln!("mpegg: {}: {error}", self.path.display());
        if self.status == Status::Fine {
            self.status = Status::of(error);
        }
    }

    /// A reference inside the file that is not there.
    fn dataset(&mut self, entry: &Entry<'_>) {
        if let Err(error) = entry.dataset() {
            self.error(&error);
        }
    }
}

/// A bar on a terminal, nothing elsewhere.
fn bar(entry: &Entry<'_>) -> ProgressBar {
    let lengths: Option<Vec<u64>> = entry.table.sequences.iter().map(|sequence| sequence.sequence_length.map(u64::from)).collect();
    let (bar, template) = match lengths {
        Some(lengths) => {
            (ProgressBar::new(lengths.iter().fold(0, |sum, length| length.saturating_add(sum))), "{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta}")
        }
        None => (ProgressBar::new_spinner(), "{spinner} {bytes}, {bytes_per_sec}"),
    };
    let style = ProgressStyle::with_template(template);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn print_checksums(checksums: &[Checksum], out: &mut impl Write) -> io::Result<()> {
    checksums.iter().try_for_each(|checksum| writeln!(out, "{}  {}", checksum.hex(), checksum.name))
}

fn write(entry: &Entry<'_>, resolver: &Resolver, args: &ReferenceArgs, output: &Path) -> Result<Status, Failure> {
    let fail = |error| Failure::input(&args.path, error);
    let usage = |message: String| Failure::Other(message, Status::Usage);
    let parts: Result<Vec<ReferencePart>, Error> = args.regions.iter().map(|region| entry.part(region)).collect();
    let parts = parts.map_err(|error| usage(error.message()))?;
    let raw = RawReference::open(entry, resolver).map_err(fail)?;
    for (part, text) in parts.iter().zip(&args.regions) {
        raw.check_part(part).map_err(|error| usage(format!("`{text}`: {}", error.message())))?;
    }
    let parts = (!parts.is_empty()).then_some(parts.as_slice());
    let mut out = Output::open(Some(output))?;
    match args.format {
        Format::Unit => raw.write_unit(parts, &mut out),
        Format::Raw => raw.write_raw(parts, &mut out),
        Format::Fasta => raw.write_fasta(parts, &mut out),
    }
    .map_err(fail)?;
    out.finish()?;
    Ok(Status::Fine)
}

/// A reference in the list.
#[derive(Serialize)]
struct Listed<'e> {
    id: String,
    group: u8,
    reference: u8,
    name: &'e str,
    version: String,
    kind: &'static str,
    external: bool,
    uri: Option<&'e str>,
    /// Of a coded reference.
    dataset: Option<String>,
    checksum_alg: Option<&'static str>,
    /// Of a coded reference as a whole.
    checksum: Option<String>,
    sequences: Vec<ListedSequence<'e>>,
}

/// A sequence in the list.
#[derive(Serialize)]
struct ListedSequence<'e> {
    id: u16,
    name: &'e str,
    length: Option<u32>,
    checksum: Option<String>,
}

impl<'e> Listed<'e> {
    fn of(entry: &'e Entry<'_>) -> Listed<'e> {
        let table = &entry.table;
        let location = entry.location();
        let sequences = table.sequences.iter().enumerate().map(|(number, sequence)| ListedSequence {
            id: entry.sequence_id(number),
            name: &sequence.sequence_name,
            length: sequence.sequence_length,
            checksum: table.ref_seq_checksum.get(number).map(ToString::to_string),
        });
        Listed {
            id: entry.id(),
            group: entry.group,
            reference: table.reference_id,
            name: &table.reference_name,
            version: entry.version(),
            kind: location.kind(),
            external: table.external_ref_flag,
            uri: table.ref_uri.as_deref(),
            dataset: match location {
                Location::Internal { group, dataset } | Location::Mpegg { group, dataset, .. } => Some(format!("{group}:{dataset}")),
                _ => None,
            },
            checksum_alg: table.checksum_alg.map(|alg| if alg == ChecksumAlg::Md5 { "MD5" } else { "SHA-256" }),
            checksum: table.ref_checksum.as_ref().map(ToString::to_string),
            sequences: sequences.collect(),
        }
    }
}

fn print(listed: &Listed<'_>, out: &mut impl Write) -> io::Result<()> {
    write!(out, "reference {} \"{}\" {}: ", listed.id, listed.name, listed.version)?;
    match (&listed.dataset, listed.uri) {
        (Some(dataset), Some(uri)) => write!(out, "dataset {dataset} of {uri}")?,
        (Some(dataset), None) => write!(out, "dataset {dataset} of this file")?,
        (None, uri) => write!(out, "{}", uri.unwrap_or_default())?,
    }
    write!(out, " ({})", listed.kind)?;
    if let Some(alg) = listed.checksum_alg {
        write!(out, ", {alg}")?;
    }
    if let Some(checksum) = &listed.checksum {
        write!(out, " {checksum}")?;
    }
    writeln!(out)?;
    for sequence in &listed.sequences {
        let length = sequence.length.map_or("-".to_owned(), |length| length.to_string());
        write!(out, "  {:>5} {length:>10}  ", sequence.id)?;
        if let Some(checksum) = &sequence.checksum {
            write!(out, "{checksum}  ")?;
        }
        writeln!(out, "{}", sequence.name)?;
    }
    Ok(())
}
