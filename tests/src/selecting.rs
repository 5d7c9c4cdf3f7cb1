//! Selections of whatever datasets a file claims to have, as a fuzzer and a damaged file try them.

use mpegg::access::{Access, Region, Selection, Sequence};
use mpegg::file::{Dataset, File};
use mpegg::tables::DataClass;
use mpegg::{Error, ErrorKind, source::Source};
use std::io::sink;

/// Opens every dataset and runs the same few selections on each: everything, regions, classes, labels, signatures, identifiers, the part of
/// the reference. What comes out is thrown away. Gives the errors.
pub fn select_everything<S: Source>(file: &File<S>) -> Vec<Error> {
    let mut errors = vec![];
    let groups = file.groups().unwrap_or_default();
    for group in groups.iter().take(4) {
        let labels = group.labels().unwrap_or_default();
        for dataset in group.datasets().into_iter().flatten().take(8) {
            for selection in selections(&dataset, labels.iter().map(|label| label.label_id.clone()).take(3)) {
                errors.extend(dataset.select(&selection).and_then(|access| run(file, &access)).err());
            }
        }
    }
    errors
}

fn selections(dataset: &Dataset<'_>, labels: impl Iterator<Item = String>) -> Vec<Selection> {
    let mut all = vec![Selection::all(), Selection { all_parameter_sets: true, ..Selection::all().class(DataClass::ClassU) }];
    let sequences = dataset.front().map(|front| front.header.seq_id.clone()).unwrap_or_default();
    for id in sequences.iter().copied().take(2) {
        let region = |start, end| Selection { regions: vec![Region { sequence: Sequence::Id(id), start, end }], ..Selection::default() };
        all.extend([region(0, u64::MAX), region(100, 5000).class(DataClass::ClassP).class(DataClass::ClassM)]);
    }
    all.extend(labels.map(|label| Selection::all().label(label)));
    all.extend([Selection::all().signature("ACGTN"), Selection::all().access_unit_id(0)]);
    all
}

fn run<S: Source>(file: &File<S>, access: &Access<'_>) -> mpegg::Result<()> {
    let mut buffer = vec![];
    for unit in access.units()? {
        unit?.write_to(&mut sink(), &mut buffer)?;
    }
    access.plan(&mut |_| Ok(()))?;
    let need = access.reference_need()?;
    let Some(id) = access.front().header.reference_id else { return Ok(()) };
    let Some((_, reference)) = access.dataset().group().reference(id)? else { return Ok(()) };
    let Some(of) = reference.internal_dataset_group_id.zip(reference.internal_dataset_id) else { return Ok(()) };
    for unit in file.dataset(of)?.select_reference(&need)?.units()? {
        unit?.write_to(&mut sink(), &mut buffer)?;
    }
    Ok(())
}

/// Errors of memory, which cannot be.
pub fn of_memory(errors: &[Error]) -> Option<String> {
    errors.iter().find(|error| error.kind() == ErrorKind::Io).map(|error| format!("input/output on memory: {error}"))
}
