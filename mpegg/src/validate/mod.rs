//! Whether an input is what the standard wants: every rule of clauses 5 and 6 that can be decided from it.
//!
//! ```
//! use mpegg::validate::{Severity, validate};
//! use mpegg::{Limits, source::FileSource, walk::Kind};
//!
//! # fn main() -> mpegg::Result<()> {
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgg");
//! let source = FileSource::open(path)?;
//! let report = validate(&source, Kind::of(&source)?, &Limits::default())?;
//! for finding in &report.findings {
//!     println!("{finding}");
//! }
//! assert!(report.conforms());
//! # Ok(())
//! # }
//! ```

mod access_units;
mod annotation;
mod coding;
mod datasets;
mod descriptor_streams;
mod finding;
mod groups;
mod labels;
mod locate;
mod master_index;
mod model;
mod offsets;
mod parameter_sets;
mod references;
mod rule;
mod storage;
mod structure;
mod transport;
mod walked;

pub use finding::{Finding, Report};
pub use rule::{Rule, Severity, all as rules, find as rule};

use crate::tables::DatasetType;
use crate::walk::{Kind, walk};
use finding::Findings;
use model::{Dataset, Group, Input, Stream, Tails};
use mpegg_runtime::source::Source;
use mpegg_runtime::{ErrorKind, Limits, Result};
use std::collections::HashSet;
use std::rc::Rc;
use walked::Walked;

/// The rules that stand beside the code, by subject.
static SUBJECTS: &[&[&Rule]] = &[
    walked::RULES,
    structure::RULES,
    offsets::RULES,
    groups::RULES,
    references::RULES,
    labels::RULES,
    datasets::RULES,
    parameter_sets::RULES,
    coding::RULES,
    access_units::RULES,
    master_index::RULES,
    descriptor_streams::RULES,
    storage::RULES,
    transport::packets::RULES,
    transport::mapping::RULES,
    transport::boxes::RULES,
    annotation::tables::RULES,
    annotation::groups::RULES,
    annotation::tiles::RULES,
    annotation::units::RULES,
    annotation::byte_offsets::RULES,
    annotation::genomic_ranges::RULES,
    annotation::values::RULES,
    annotation::strings::RULES,
];

/// Checks an input. All that is wrong with it is in the report.
///
/// # Errors
///
/// I/O.
pub fn validate(source: &dyn Source, kind: Kind, limits: &Limits) -> Result<Report> {
    let mut findings = Findings::default();
    let tails = Rc::new(parsed(source, kind, false, limits, &mut findings)?);
    match kind {
        Kind::File => contents(&model::read_file(source, limits, &tails)?, &mut findings)?,
        Kind::Stream => {
            let stream = Stream::read(source, limits, &tails)?;
            let input = stream.input()?;
            transport::check(source, &stream, &input, &mut findings)?;
            contents(&input, &mut findings)?;
        }
        Kind::Units => {}
    }
    told(locate::locate(source, kind, limits, findings.drafts()), &mut findings)?;
    Ok(findings.finish())
}

/// Reads the input from front to back, all of it or headers only.
fn parsed(source: &dyn Source, kind: Kind, quick: bool, limits: &Limits, findings: &mut Findings) -> Result<Tails> {
    let ignored = match kind {
        Kind::File => offsets::check(source, limits, findings)?,
        _ => HashSet::new(),
    };
    let mut visitor = Walked::new(kind, quick, findings, ignored);
    let walked = walk(source, kind, &mut visitor, limits);
    let tails = visitor.finish(source.len().saturating_mul(8));
    told(walked, findings)?;
    Ok(tails)
}

/// What boxes say about each other.
fn contents(input: &Input, findings: &mut Findings) -> Result<()> {
    groups::check(input, findings);
    references::check(input, findings);
    labels::check(input, findings);
    datasets::check(input, findings);
    parameter_sets::check(input, findings);
    coding::check(input, findings);
    for group in &input.groups {
        for dataset in &group.datasets {
            sequencing_data(input, group, dataset, findings)?;
            if dataset.header.as_ref().is_some_and(|header| header.value.dataset_type == DatasetType::Annotation) {
                annotation::check(dataset, input.is_stream, findings)?;
            }
        }
    }
    Ok(())
}

/// The access units of a dataset, what places them and how they are stored.
fn sequencing_data(input: &Input, group: &Group, dataset: &Dataset, findings: &mut Findings) -> Result<()> {
    let mut units = access_units::check(input, group, dataset, findings)?;
    master_index::check(group, dataset, &mut units, findings)?;
    access_units::together(input, dataset, &units, findings);
    if !input.is_stream {
        storage::check(dataset, &units, findings);
    }
    Ok(())
}

/// A limit that ends a walk is a finding; only the operating system ends the validation.
fn told(result: Result<()>, findings: &mut Findings) -> Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::Io => Err(error),
        Err(error) => {
            findings.error(&error);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// The cheap part of the checks: the tree of boxes, their Lengths and their order, and the headers of groups, datasets and tables. Indexes,
/// access units and their blocks are not read, and boxes are not compared with each other.
///
/// # Errors
///
/// I/O.
pub fn quickcheck(source: &dyn Source, kind: Kind, limits: &Limits) -> Result<Report> {
    let mut findings = Findings::default();
    parsed(source, kind, true, limits, &mut findings)?;
    told(locate::locate(source, kind, limits, findings.drafts()), &mut findings)?;
    Ok(findings.finish())
}
