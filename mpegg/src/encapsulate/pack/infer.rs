//! What a plan leaves out: groups and datasets.

use super::input::{Input, Scanned};
use super::plan::{BoxPlan, DatasetPlan, GroupPlan, Plan, TypePlan};
use super::units::set_of;
use super::{named, value};
use crate::tables::DatasetType;
use mpegg_runtime::source::ReadAhead;
use mpegg_runtime::{Error, Result};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A plan with all groups and datasets.
pub(super) fn complete(mut plan: Plan, inputs: &[Input<'_>], scanned: &[Scanned]) -> Result<Plan> {
    if plan.groups.is_empty() {
        plan.groups.push(GroupPlan::default());
    }
    let other = plan.other_datasets.take().unwrap_or_default();
    let bare = plan.groups.iter().filter(|group| group.datasets.is_empty()).count();
    if bare > 0 && plan.groups.len() > 1 {
        return Err(value::wrong("a dataset group without datasets beside others"));
    }
    for group in &mut plan.groups {
        if group.datasets.is_empty() {
            group.datasets = datasets(&other, inputs, scanned)?;
        }
        let mut ids = BTreeSet::new();
        if let Some(twice) = group.datasets.iter().find(|dataset| !ids.insert(dataset.dataset_id)) {
            return Err(value::wrong(format!("dataset group {} has two datasets {}", group.dataset_group_id, twice.dataset_id)));
        }
        let (boxes, own) = std::mem::take(&mut group.boxes).into_iter().partition(|one| one.dataset_id.is_some());
        group.boxes = own;
        for one in boxes {
            place(group, one)?;
        }
    }
    let mut ids = BTreeSet::new();
    match plan.groups.iter().find(|group| !ids.insert(group.dataset_group_id)) {
        Some(twice) => Err(value::wrong(format!("two dataset groups {}", twice.dataset_group_id))),
        None => Ok(plan),
    }
}

/// Puts a box into the plan of its dataset.
fn place(group: &mut GroupPlan, mut one: BoxPlan) -> Result<()> {
    let id = one.dataset_id.take();
    let dataset = group.datasets.iter_mut().find(|dataset| Some(dataset.dataset_id) == id);
    let dataset = dataset.ok_or_else(|| value::wrong(format!("a box `{}` for dataset {}, which is not there", one.key, id.unwrap_or(0))))?;
    dataset.boxes.push(one);
    Ok(())
}

/// A dataset for each type of data in each input.
fn datasets(other: &DatasetPlan, inputs: &[Input<'_>], scanned: &[Scanned]) -> Result<Vec<DatasetPlan>> {
    let mut datasets = vec![];
    for (input, scanned) in inputs.iter().zip(scanned) {
        let types = match other.dataset_type {
            Some(told) => BTreeSet::from([told]),
            None => types(input, scanned).map_err(|error| named(&input.name, error))?,
        };
        for dataset_type in types {
            let dataset_id = u16::try_from(datasets.len()).ok().and_then(|number| other.dataset_id.checked_add(number));
            let dataset_id = dataset_id.ok_or_else(|| value::wrong("a dataset_ID over 65535"))?;
            // With one input it need not be named.
            let inputs = if inputs.len() > 1 { vec![PathBuf::from(&input.name)] } else { vec![] };
            datasets.push(DatasetPlan { dataset_id, inputs, dataset_type: Some(dataset_type), ..other.clone() });
        }
    }
    Ok(datasets)
}

/// The types of the parameter sets that access units name; without access units, of all sets.
fn types(input: &Input<'_>, scanned: &Scanned) -> Result<BTreeSet<TypePlan>> {
    let source = ReadAhead::new(input.source);
    let mut wanted: BTreeSet<u8> = scanned.sets.iter().map(|set| set.id).collect();
    let mut types = BTreeSet::new();
    for unit in &scanned.units {
        if wanted.is_empty() {
            break;
        }
        let id = set_of(&source, unit).map_err(|error| unit.here(error))?;
        if wanted.remove(&id) {
            types.extend(scanned.sets.iter().find(|set| set.id == id).map(|set| type_of(set.id, set.read.map(|(found, _)| found))).transpose()?);
        }
    }
    if scanned.units.is_empty() {
        for set in &scanned.sets {
            types.insert(type_of(set.id, set.read.map(|(found, _)| found))?);
        }
    }
    Ok(types)
}

fn type_of(id: u8, found: Option<DatasetType>) -> Result<TypePlan> {
    match found {
        Some(DatasetType::NonAligned) => Ok(TypePlan::NonAligned),
        Some(DatasetType::Aligned) => Ok(TypePlan::Aligned),
        Some(DatasetType::Reference) => Ok(TypePlan::Reference),
        _ => Err(Error::without_position(
            mpegg_runtime::ErrorKind::Unsupported,
            format!("parameter set {id} cannot be read: say what it means, with dataset_type and flags of a plan or the options for them"),
        )),
    }
}
