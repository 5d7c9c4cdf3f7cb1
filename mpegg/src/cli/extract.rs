//! `mpegg extract`: data units of a selection.

use super::output::{Output, stdout};
use super::status::{Failure, Status};
use crate::access::annotation::{AnnotationSelection, GenomicRange, Trace};
use crate::access::{Access, Region, Selection, Step};
use crate::decapsulate::{AnnotationUnits, Chunks, DataUnit};
use crate::file::{Dataset, DatasetId, Field, File};
use crate::reference::{Location, RawReference, Resolver, find};
use crate::tables::{DataClass, DatasetType};
use clap::{Args, ValueEnum};
use mpegg_runtime::source::{FileSource, ReadAhead, Source};
use mpegg_runtime::{Error, ErrorKind, Result};
use std::io::Write;
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// `extract`.
#[derive(Args, Debug)]
pub struct ExtractArgs {
    /// A file; - is stdin
    #[arg(value_name = "FILE")]
    pub path: PathBuf,
    /// Of this dataset; the group G may be left out where the file has one group
    #[arg(short, long, value_name = "[G:]D")]
    pub dataset: DatasetId,
    /// What lies in this region: NAME, NAME:START-END (1-based, inclusive) or @ID:START-END (sequence_ID, 0-based, inclusive)
    #[arg(short, long, value_name = "REGION")]
    pub region: Vec<Region>,
    /// What belongs to this label
    #[arg(short, long, value_name = "LABEL")]
    pub label: Vec<String>,
    /// What has this signature of class U
    #[arg(short, long, value_name = "LETTERS")]
    pub signature: Vec<String>,
    /// Only these classes: P, N, M, I, HM, U
    #[arg(short, long, value_name = "CLASS", value_delimiter = ',', value_parser = class)]
    pub class: Vec<DataClass>,
    /// Only these values of access_unit_ID
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub access_unit: Vec<u32>,
    /// All parameter sets, not only those that the access units need
    #[arg(long)]
    pub all_parameter_sets: bool,
    /// Annotation data: only this table
    #[arg(long, value_name = "AT_ID", help_heading = ANNOTATION)]
    pub table: Vec<u8>,
    /// Annotation data: only attribute groups of this class
    #[arg(long, value_name = "AG_class", help_heading = ANNOTATION)]
    pub group: Vec<u8>,
    /// Annotation data: only this field, attribute:ID or descriptor:ID
    #[arg(long, value_name = "FIELD", help_heading = ANNOTATION)]
    pub field: Vec<Field>,
    /// Annotation data: tiles with one of these rows, 0-based, inclusive
    #[arg(long, value_name = "A-B", value_parser = range, help_heading = ANNOTATION)]
    pub rows: Option<RangeInclusive<u64>>,
    /// Annotation data: tiles with one of these columns, 0-based, inclusive
    #[arg(long, value_name = "A-B", value_parser = range, help_heading = ANNOTATION)]
    pub columns: Option<RangeInclusive<u64>>,
    /// Annotation data whose columns are sorted too: tiles whose columns lie in this region
    #[arg(long, value_name = "REGION", help_heading = ANNOTATION)]
    pub column_region: Vec<Region>,
    /// Print what would be read and why, and extract nothing
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    pub explain: Option<ExplainFormat>,
    /// Write the data units to this file; - is stdout
    #[arg(short, long, value_name = "OUT.mgb", required_unless_present = "explain")]
    pub output: Option<PathBuf>,
    /// Write what the selection needs of the reference to this file
    #[arg(long, value_name = "FILE")]
    pub reference_output: Option<PathBuf>,
    /// Where an external reference is: a file, or a folder with files of the names that the references have
    #[arg(long, value_name = "FILE|DIR")]
    pub fasta: Option<PathBuf>,
}

const ANNOTATION: &str = "Annotation data";

/// How to print a plan.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExplainFormat {
    /// Columns
    Text,
    /// An object a line
    Jsonl,
}

/// A class by its letters or its number.
fn class(text: &str) -> std::result::Result<DataClass, String> {
    let code = match text {
        "P" | "1" => 1,
        "N" | "2" => 2,
        "M" | "3" => 3,
        "I" | "4" => 4,
        "HM" | "5" => 5,
        "U" | "6" => 6,
        _ => return Err("the classes are P, N, M, I, HM and U".to_owned()),
    };
    Ok(DataClass::from_code(code))
}

/// A range of rows, columns or records.
pub fn range(text: &str) -> std::result::Result<RangeInclusive<u64>, String> {
    let wrong = || format!("`{text}` is no range: A-B is, or A");
    let number = |digits: &str| digits.replace(',', "").parse::<u64>().map_err(|_| wrong());
    let (start, end) = text.split_once('-').unwrap_or((text, text));
    let range = number(start)?..=number(end)?;
    if range.is_empty() { Err(wrong()) } else { Ok(range) }
}

/// `mpegg extract`.
pub fn extract(args: &ExtractArgs) -> std::result::Result<Status, Failure> {
    let source = ReadAhead::new(super::input::source(&args.path)?);
    let wrong = |error: Error| failure(args, error);
    let file = File::new(source).map_err(wrong)?;
    let dataset = file.dataset(args.dataset).map_err(wrong)?;
    let annotation = dataset.front().map_err(wrong)?.header.dataset_type == DatasetType::Annotation;
    args.check(annotation)?;
    if annotation {
        return of_annotation(args, &dataset);
    }
    let access = dataset.select(&args.selection()).map_err(wrong)?;
    tell(args, access.notes());
    if let Some(format) = args.explain {
        let mut plan = PlanPrinter::new(format);
        access.plan(&mut |step| plan.step(step)).and_then(|()| plan.finish()).map_err(wrong)?;
        return Ok(Status::Fine);
    }
    // Both outputs are complete before either gets its name.
    let mut output = Output::open(args.output.as_deref())?;
    let units = access.units().map_err(wrong)?;
    match output.file()? {
        Some(file) => copy_units(units, Chunks::to_file(file)).map_err(wrong)?,
        None => write_units(units, &mut output).map_err(wrong)?,
    }
    let reference = match &args.reference_output {
        Some(path) => {
            let mut output = Output::open(Some(path))?;
            write_reference(args, &file, &access, &mut output).map_err(wrong)?;
            Some(output)
        }
        None => None,
    };
    output.finish()?;
    reference.map_or(Ok(()), Output::finish)?;
    Ok(Status::Fine)
}

/// The same of a dataset of annotation data.
fn of_annotation(args: &ExtractArgs, dataset: &Dataset<'_>) -> std::result::Result<Status, Failure> {
    let wrong = |error: Error| failure(args, error);
    let selection = args.annotation_selection().map_err(wrong)?;
    let trace = if args.explain.is_some() { Trace::of_steps() } else { Trace::default() };
    let mut units = AnnotationUnits::new(dataset, &selection, trace).map_err(wrong)?;
    if let Some(format) = args.explain {
        units.by_ref().try_for_each(|unit| unit.map(|_| ())).map_err(wrong)?;
        tell(args, &units.notes());
        let mut plan = PlanPrinter::new(format);
        units.steps().iter().try_for_each(|step| plan.step(step)).and_then(|()| plan.finish()).map_err(wrong)?;
        return Ok(Status::Fine);
    }
    let mut output = Output::open(args.output.as_deref())?;
    write_units(&mut units, &mut output).map_err(wrong)?;
    tell(args, &units.notes());
    output.finish()?;
    Ok(Status::Fine)
}

impl ExtractArgs {
    fn selection(&self) -> Selection {
        Selection {
            regions: self.region.clone(),
            labels: self.label.clone(),
            signatures: self.signature.clone(),
            classes: self.class.clone(),
            access_unit_ids: self.access_unit.clone(),
            all_parameter_sets: self.all_parameter_sets,
        }
    }

    fn annotation_selection(&self) -> Result<AnnotationSelection> {
        let some = |list: &[u8]| (!list.is_empty()).then(|| list.to_vec());
        let ranges = |regions: &[Region]| regions.iter().cloned().map(GenomicRange::try_from).collect::<Result<Vec<_>>>();
        Ok(AnnotationSelection {
            tables: some(&self.table),
            groups: some(&self.group),
            fields: self.field.clone(),
            rows: self.rows.clone(),
            columns: self.columns.clone(),
            regions: ranges(&self.region)?,
            column_regions: ranges(&self.column_region)?,
        })
    }

    /// Options that mean nothing for this kind of data are not ignored.
    fn check(&self, annotation: bool) -> std::result::Result<(), Failure> {
        let of_sequencing = [
            ("--label", !self.label.is_empty()),
            ("--signature", !self.signature.is_empty()),
            ("--class", !self.class.is_empty()),
            ("--access-unit", !self.access_unit.is_empty()),
            ("--all-parameter-sets", self.all_parameter_sets),
            ("--reference-output", self.reference_output.is_some()),
        ];
        let of_annotation = [
            ("--table", !self.table.is_empty()),
            ("--group", !self.group.is_empty()),
            ("--field", !self.field.is_empty()),
            ("--rows", self.rows.is_some()),
            ("--columns", self.columns.is_some()),
            ("--column-region", !self.column_region.is_empty()),
        ];
        let (options, wanted) = if annotation { (of_sequencing, "sequencing") } else { (of_annotation, "annotation") };
        match options.iter().find(|(_, given)| *given) {
            Some((option, _)) => Err(Failure::Other(format!("{option} is for {wanted} data, dataset {} is none", self.dataset), Status::Usage)),
            None => Ok(()),
        }
    }
}

fn tell(args: &ExtractArgs, notes: &[String]) {
    for note in notes {
        eprintln!("mpegg: {}: note: {note}", args.path.display());
    }
}

/// What does not stand in the input, but was asked for by name, is a question of usage.
fn failure(args: &ExtractArgs, error: Error) -> Failure {
    match (error.kind(), error.position()) {
        (ErrorKind::CrossReference, None) => Failure::Other(format!("{}: {}", args.path.display(), error.message()), Status::Usage),
        _ => Failure::input(&args.path, error),
    }
}

fn write_units<'s>(units: impl Iterator<Item = Result<DataUnit<'s>>>, output: &mut dyn Write) -> Result<()> {
    copy_units(units, Chunks::new(output))
}

fn copy_units<'s>(units: impl Iterator<Item = Result<DataUnit<'s>>>, mut chunks: Chunks<'_>) -> Result<()> {
    for unit in units {
        unit?.copy_to(&mut chunks)?;
    }
    chunks.finish()
}

/// What the selection needs of the reference; nothing where nothing is selected or the dataset has no reference.
fn write_reference<S: Source>(args: &ExtractArgs, file: &File<S>, access: &Access<'_>, output: &mut dyn Write) -> Result<()> {
    let need = access.reference_need()?;
    if need.parts.as_ref().is_some_and(Vec::is_empty) {
        return Ok(());
    }
    let header = &access.front().header;
    let Some(id) = header.reference_id else { return Ok(()) };
    let group = access.dataset().group();
    if group.reference(id)?.is_none() {
        let at = access.front().header_box.offset().saturating_mul(8);
        return Err(Error::cross_reference(at, format!("the dataset group has no reference {id}")).in_field("reference_ID", &[]).in_field("dthd", &[]));
    }
    let entry = find(file, (group.header()?.dataset_group_id, u16::from(id)))?;
    if let Some(dataset) = entry.dataset()? {
        return write_units(dataset.select_reference(&need)?.units()?, output);
    }
    let resolver = Resolver::beside(&args.path).with_instead(args.fasta.clone());
    match entry.location() {
        Location::Mpegg { uri, group, dataset } => {
            let path = resolver.find(uri)?;
            let file = File::new(ReadAhead::new(FileSource::open(&path)?))?;
            write_units(file.dataset((group, dataset))?.select_reference(&need)?.units()?, output)
        }
        _ => RawReference::open(&entry, &resolver)?.write_unit(need.parts.as_deref(), output),
    }
}

/// Prints the steps of a plan, and what they come to.
struct PlanPrinter {
    format: ExplainFormat,
    out: Box<dyn Write>,
    ranges: u64,
    result: u64,
    searched: u64,
}

impl PlanPrinter {
    fn new(format: ExplainFormat) -> Self {
        PlanPrinter { format, out: Box::new(stdout()), ranges: 0, result: 0, searched: 0 }
    }

    fn step(&mut self, step: &Step) -> Result<()> {
        let total = if step.result { &mut self.result } else { &mut self.searched };
        *total = total.saturating_add(step.length);
        self.ranges = self.ranges.saturating_add(1);
        match self.format {
            ExplainFormat::Text => writeln!(self.out, "{:>14} {:>14}  {:<5} {}", step.offset, step.length, step.key, step.why)?,
            ExplainFormat::Jsonl => {
                serde_json::to_writer(&mut self.out, step).map_err(std::io::Error::from)?;
                writeln!(self.out)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        if self.format == ExplainFormat::Text {
            writeln!(self.out, "{} ranges: {} bytes of the result, {} bytes to find it", self.ranges, self.result, self.searched)?;
        }
        self.out.flush()?;
        Ok(())
    }
}
