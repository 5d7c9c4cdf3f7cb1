//! Files made of what a fuzzer invents: what is made can be read, and the data units come out of it again.

use crate::units;
use mpegg::Limits;
use mpegg::decapsulate::Chunks;
use mpegg::encapsulate::Spool;
use mpegg::encapsulate::pack::plan::{DatasetPlan, FlagsPlan, ModePlan, TypePlan};
use mpegg::encapsulate::pack::{Input, Places, Plan, pack};
use mpegg::encapsulate::repack::{Change, Contiguity, repack};
use mpegg::file::File;
use mpegg::source::{Bytes, Source};
use mpegg::validate::{Severity, validate};
use mpegg::walk::Kind;

/// Plans for data units whose parameter sets mean something, and for others: the size of the input chooses some of them.
fn plans(size: usize) -> Vec<Plan> {
    let flags = FlagsPlan {
        multiple_alignment: size & 1 == 1,
        pos_40_bits: size & 2 == 2,
        alphabet_id: (size >> 2 & 1) as u8,
        u_signature: size & 8 == 8,
        u_signature_length: (size & 16 == 16).then_some(8),
    };
    let told = [TypePlan::NonAligned, TypePlan::Aligned, TypePlan::Reference][size % 3];
    let modes = [(ModePlan::AucGrc, false), (ModePlan::AucCc, true), (ModePlan::Dsc, true)];
    let plan = |(dataset_type, flags): (Option<TypePlan>, Option<FlagsPlan>), (mode, mit): (ModePlan, bool)| Plan {
        minor_version: Some(["1900", "2000", "2500"][size % 3].to_owned()),
        other_datasets: Some(DatasetPlan { dataset_type, flags, mode, mit: Some(mit), ordered: Some(size & 1 == 0), ..DatasetPlan::default() }),
        ..Plan::default()
    };
    modes.into_iter().flat_map(|mode| [(None, None), (Some(told), Some(flags))].map(|told| plan(told, mode))).collect()
}

/// Data units that are packed come out again: those that a dataset has a place for.
pub fn pack_units(data: &[u8]) -> Result<(), String> {
    for plan in plans(data.len()) {
        let source = Bytes(data);
        let inputs = [Input { name: "units".to_owned(), source: &source }];
        let spool = Spool::new();
        let mut made = match pack(plan.clone(), &inputs, &spool, &Places::default()) {
            Ok(made) => made,
            Err(_) => continue,
        };
        let mut out = vec![];
        made.write(Chunks::new(&mut out)).map_err(|error| format!("{plan:?}: {error}"))?;
        let found = units::of_file(&File::new(Bytes(&out)).map_err(|error| error.to_string())?)
            .map_err(|error| format!("{plan:?}: what was packed is not read: {error}"))?;
        // What is left out is told.
        if made.notes.iter().any(|note| note.contains("left out") || note.contains("belong to no dataset") || note.contains("order of their blocks")) {
            continue;
        }
        let mut wanted: Vec<Vec<u8>> = units::split(data).into_iter().filter(|unit| unit[0] == 2).map(normal).collect();
        let mut found: Vec<Vec<u8>> = found.into_iter().flat_map(|(_, units)| units).filter(|unit| unit[0] == 2).collect();
        wanted.sort();
        found.sort();
        if wanted != found && !has_padding(&wanted, &found) {
            return Err(format!("{plan:?}: other units come out"));
        }
    }
    Ok(())
}

/// A unit without the reserved bits in front of its size.
fn normal(mut unit: Vec<u8>) -> Vec<u8> {
    unit[1] &= 0x1f;
    unit
}

/// Reserved and alignment bits inside units have no place in every mode: then sizes and everything else are the same.
fn has_padding(wanted: &[Vec<u8>], found: &[Vec<u8>]) -> bool {
    let sizes = |units: &[Vec<u8>]| {
        let mut sizes: Vec<usize> = units.iter().map(Vec::len).collect();
        sizes.sort_unstable();
        sizes
    };
    sizes(wanted) == sizes(found)
}

/// What could be read can be read when it is stored in another mode, and the same data units come out of it.
pub fn repack_file(data: &[u8]) -> Result<(), String> {
    let Ok(file) = File::new(Bytes(data)) else { return Ok(()) };
    let before = sequencing_units(&file);
    for (contiguity, index) in [(None, None), (Some(Contiguity::AucGrc), Some(false)), (Some(Contiguity::AucCc), Some(true)), (Some(Contiguity::Dsc), None)] {
        let change = Change { contiguity, index, ordered: Some(data.len() & 1 == 0), ..Change::default() };
        let spool = Spool::new();
        let Ok(mut made) = repack(&file, &spool, &change) else { continue };
        let mut out = vec![];
        made.write(Chunks::new(&mut out)).map_err(|error| format!("{change:?}: {error}"))?;
        // What cannot be read is kept as it is, right or wrong.
        let Ok(before) = &before else { continue };
        let made = File::new(Bytes(&out)).map_err(|error| error.to_string())?;
        let after = sequencing_units(&made).map_err(|error| format!("{change:?}: what was made is not read: {error}"))?;
        // Headers and parameter sets that contradict each other say different things about what is stored in another mode.
        if *before != after && !has_padding(before, &after) && has_no_errors(data)? {
            return Err(format!("{change:?}: other units come out"));
        }
    }
    Ok(())
}

fn has_no_errors(file: &[u8]) -> Result<bool, String> {
    let report = validate(&Bytes(file), Kind::File, &Limits::default()).map_err(|error| error.to_string())?;
    Ok(report.findings.iter().all(|finding| finding.severity != Severity::Error))
}

/// The data units of the datasets of a file that are no annotation data, which is never stored in another mode, in the order of their bytes.
pub(crate) fn sequencing_units<S: Source>(file: &File<S>) -> mpegg::Result<Vec<Vec<u8>>> {
    let mut found = vec![];
    for group in file.groups()? {
        for dataset in group.datasets()? {
            if dataset.header()?.dataset_type.code() < 3 {
                found.extend(units::of_dataset(&dataset)?);
            }
        }
    }
    found.sort();
    Ok(found)
}
