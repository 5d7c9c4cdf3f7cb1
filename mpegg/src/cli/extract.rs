//! `mpegg extract`: data units of a selection.

use super::output::{Output, stdout};
use super::status::{Failure, Status};
use crate::access::{Access, Region, Selection, Step};
use crate::decapsulate::DataUnit;
use crate::file::{DatasetId, File};
use crate::tables::DataClass;
use clap::{Args, ValueEnum};
use mpegg_runtime::source::Source;
use mpegg_runtime::{Error, ErrorKind, Result};
use std::io::Write;
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
    /// Print what would be read and why, and extract nothing
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    pub explain: Option<ExplainFormat>,
    /// Write the data units to this file; - is stdout
    #[arg(short, long, value_name = "OUT.mgb", required_unless_present = "explain")]
    pub output: Option<PathBuf>,
    /// Write what the selection needs of the reference to this file
    #[arg(long, value_name = "FILE")]
    pub reference_output: Option<PathBuf>,
}

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

/// `mpegg extract`.
pub fn extract(args: &ExtractArgs) -> std::result::Result<Status, Failure> {
    let source = super::input::source(&args.path)?;
    let wrong = |error: Error| failure(args, error);
    let file = File::new(source).map_err(wrong)?;
    let dataset = file.dataset(args.dataset).map_err(wrong)?;
    let selection = Selection {
        regions: args.region.clone(),
        labels: args.label.clone(),
        signatures: args.signature.clone(),
        classes: args.class.clone(),
        access_unit_ids: args.access_unit.clone(),
        all_parameter_sets: args.all_parameter_sets,
    };
    let access = dataset.select(&selection).map_err(wrong)?;
    for note in access.notes() {
        eprintln!("mpegg: {}: {note}", args.path.display());
    }
    if let Some(format) = args.explain {
        return explain(&access, format).map(|()| Status::Fine).map_err(wrong);
    }
    // Both outputs are complete before either gets its name.
    let mut output = Output::open(args.output.as_deref())?;
    write_units(access.units().map_err(wrong)?, &mut output).map_err(wrong)?;
    let reference = match &args.reference_output {
        Some(path) => {
            let mut output = Output::open(Some(path))?;
            write_reference(&file, &access, &mut output).map_err(wrong)?;
            Some(output)
        }
        None => None,
    };
    output.finish()?;
    reference.map_or(Ok(()), Output::finish)?;
    Ok(Status::Fine)
}

/// What does not stand in the input, but was asked for by name, is a question of usage.
fn failure(args: &ExtractArgs, error: Error) -> Failure {
    match (error.kind(), error.position()) {
        (ErrorKind::CrossReference, None) => Failure::Other(format!("{}: {}", args.path.display(), error.message()), Status::Usage),
        _ => Failure::input(&args.path, error),
    }
}

fn write_units<'s>(units: impl Iterator<Item = Result<DataUnit<'s>>>, output: &mut dyn Write) -> Result<()> {
    let mut buffer = vec![];
    for unit in units {
        unit?.write_to(output, &mut buffer)?;
    }
    Ok(())
}

/// What the selection needs of the reference; nothing where nothing is selected or the dataset has no reference.
fn write_reference<S: Source>(file: &File<S>, access: &Access<'_>, output: &mut dyn Write) -> Result<()> {
    let need = access.reference_need()?;
    if need.parts.as_ref().is_some_and(Vec::is_empty) {
        return Ok(());
    }
    let group = access.dataset().group();
    let Some(id) = access.front().header.reference_id else { return Ok(()) };
    let Some((node, reference)) = group.reference(id)? else {
        let at = access.front().header_box.offset().saturating_mul(8);
        return Err(Error::cross_reference(at, format!("the dataset group has no reference {id}")).in_field("reference_ID", &[]).in_field("dthd", &[]));
    };
    if let Some((group, dataset)) = reference.internal_dataset_group_id.zip(reference.internal_dataset_id) {
        let target = file.dataset((group, dataset)).map_err(|error| {
            Error::cross_reference(node.end().saturating_sub(3).saturating_mul(8), error.message()).in_field("internal_dataset_ID", &[]).in_field("rfgn", &[])
        })?;
        return write_units(target.select_reference(&need)?.units()?, output);
    }
    Err(Error::unsupported(0, "external references"))
}

fn explain(access: &Access<'_>, format: ExplainFormat) -> Result<()> {
    let mut out = stdout();
    let (mut found, mut searched, mut ranges) = (0u64, 0u64, 0u64);
    let mut tell = |step: &Step| -> Result<()> {
        let total = if step.result { &mut found } else { &mut searched };
        *total = total.saturating_add(step.length);
        ranges += 1;
        match format {
            ExplainFormat::Text => writeln!(out, "{:>14} {:>14}  {:<5} {}", step.offset, step.length, step.key, step.why)?,
            ExplainFormat::Jsonl => {
                serde_json::to_writer(&mut out, step).map_err(std::io::Error::from)?;
                writeln!(out)?;
            }
        }
        Ok(())
    };
    access.plan(&mut tell)?;
    if format == ExplainFormat::Text {
        writeln!(out, "{ranges} ranges: {found} bytes of the result, {searched} bytes to find it")?;
    }
    out.flush()?;
    Ok(())
}
