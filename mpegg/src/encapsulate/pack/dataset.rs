//! A dataset out of its plan and its data units.

use super::plan::{DatasetPlan, ModePlan};
use super::sets::{Sets, type_of};
use super::units::{Filler, unit_boxes};
use super::{Packer, value};
use crate::encapsulate::opaque::Owner;
use crate::encapsulate::{Dataset, Mode, Node, Payload, Storage, Stream};
use crate::tables::{DatasetHeader, DatasetType, DescriptorStreamHeader};
use mpegg_runtime::{Error, ErrorKind, Result};

/// Boxes of a dataset whose contents are bytes, in the order of its table.
const BOXES: [&[u8; 4]; 4] = [b"dtmd", b"dtmt", b"dtcd", b"dtpr"];
/// Boxes of an access unit.
const UNIT_BOXES: [&[u8; 4]; 3] = [b"auin", b"aumt", b"aupr"];

impl Packer<'_, '_> {
    /// A dataset with all of its access units; the plan gets what was found out.
    pub fn dataset(&mut self, plan: &mut DatasetPlan, group: u8, reference: Option<u8>) -> Result<Dataset> {
        let inputs = self.inputs_of(plan)?;
        let sets = Sets::of(inputs.iter().filter_map(|number| self.scanned.get(*number)).map(|scanned| scanned.sets.as_slice()), plan)?;
        if sets.is_empty() {
            return Err(value::wrong(format!("no input has parameter sets for dataset {}", plan.dataset_id)));
        }
        let mut header = self.header(plan, group, &sets)?;
        header.reference_id = Some(plan.reference_id.or(reference).unwrap_or(0));
        let storage = storage(plan)?;
        let owner = Owner { group, dataset: plan.dataset_id, reference: 0 };
        let mut dataset = Dataset::new(self.file, header.clone(), sets.tables(&header), storage)?;
        dataset.front = self.boxes(&plan.boxes, &plan.placeholders, &BOXES, "a dataset", owner)?;
        dataset.streams = self.streams(plan)?;
        let boxes = unit_boxes(plan, |one| value::of_box(one, &UNIT_BOXES, "an access unit", owner, self.file, &self.places.input))?;
        let mut filler = Filler { sets: &sets, boxes: &boxes, sources: self.sources, spool: (self.spool, self.spooled), placed: 0 };
        for number in inputs {
            let (Some(input), Some(source), Some(scanned)) = (self.inputs.get(number), self.ids.get(number), self.scanned.get(number)) else { continue };
            let count = filler.fill(&mut dataset, input, *source, scanned)?;
            if let Some(taken) = self.taken.get_mut(number) {
                *taken = taken.saturating_add(count);
            }
        }
        if filler.placed < boxes.len() {
            self.notes.push(format!("dataset {group}:{}: {} of the plan's access units are not there", plan.dataset_id, boxes.len() - filler.placed));
        }
        sequences(plan, &mut dataset)?;
        dataset.seal().map_err(|error| error.in_field("dtcn", &[]))?;
        for note in dataset.notes() {
            self.notes.push(format!("dataset {group}:{}: {note}", plan.dataset_id));
        }
        tell(plan, &dataset, &sets);
        Ok(dataset)
    }

    /// The inputs of a dataset, by their numbers.
    fn inputs_of(&self, plan: &DatasetPlan) -> Result<Vec<usize>> {
        if plan.inputs.is_empty() {
            return Ok((0..self.inputs.len()).collect());
        }
        let number = |name: &std::path::PathBuf| {
            let wanted = name.to_string_lossy();
            let found = self.inputs.iter().position(|input| input.name == wanted);
            found.ok_or_else(|| value::wrong(format!("`{wanted}` of dataset {} is no input", plan.dataset_id)))
        };
        plan.inputs.iter().map(number).collect()
    }

    fn header(&self, plan: &DatasetPlan, group: u8, sets: &Sets) -> Result<DatasetHeader> {
        let version = match &plan.version {
            Some(version) => value::characters(version)?,
            None => self.file.minor_version,
        };
        let mut header = DatasetHeader {
            dataset_group_id: group,
            dataset_id: plan.dataset_id,
            version,
            // Without a table it is only a flag; a table that comes later may need it.
            byte_offset_size_flag: true,
            non_overlapping_au_range_flag: plan.non_overlapping_au_range,
            dataset_type: plan.dataset_type.map_or(sets.dataset_type, type_of),
            ..DatasetHeader::default()
        };
        sets.set_flags(&mut header, plan.parameters_update, self.first_edition())?;
        Ok(header)
    }

    fn streams(&self, plan: &DatasetPlan) -> Result<Vec<Stream>> {
        let stream = |one: &super::plan::StreamPlan| {
            let bytes = value::bytes(&one.protection, &self.places.input)?;
            let bytes = crate::encapsulate::opaque::opaque_box(*b"dspr", bytes, Owner::default(), self.file)?;
            let protection = Payload { source: self.spooled, offset: self.spool.push(&bytes)?, length: bytes.len() as u64 };
            let header = DescriptorStreamHeader { descriptor_id: one.descriptor_id, class_id: value::class(one.class), ..DescriptorStreamHeader::default() };
            Ok(Stream { header, protection: Some(protection) })
        };
        if plan.mode != ModePlan::Dsc && !plan.descriptor_streams.is_empty() {
            return Err(value::wrong(format!("dataset {} has no descriptor streams: its mode is not dsc", plan.dataset_id)));
        }
        plan.descriptor_streams.iter().map(stream).collect()
    }

    /// Boxes in the order of a container's table, and behind them placeholders.
    pub fn boxes(&self, plans: &[super::plan::BoxPlan], placeholders: &[String], keys: &[&[u8; 4]], whose: &str, owner: Owner) -> Result<Vec<Node>> {
        let made = plans.iter().map(|plan| Ok((plan, value::of_box(plan, keys, whose, owner, self.file, &self.places.input)?))).collect::<Result<Vec<_>>>()?;
        for placeholder in placeholders {
            value::key(placeholder, keys, whose)?;
        }
        let mut nodes = vec![];
        for key in keys {
            for (plan, (_, bytes)) in made.iter().filter(|(_, (made, _))| made == *key) {
                let node = Node::Bytes(bytes.clone());
                nodes.push(if plan.behind_offs { Node::Elsewhere { key: **key, node: Box::new(node) } } else { node });
            }
            nodes.extend(placeholders.iter().filter(|placeholder| placeholder.as_bytes() == key.as_slice()).map(|_| Node::Placeholder(**key)));
        }
        Ok(nodes)
    }
}

fn storage(plan: &DatasetPlan) -> Result<Storage> {
    let mode = match plan.mode {
        ModePlan::AucGrc => Mode::AucGrc,
        ModePlan::AucCc => Mode::AucCc,
        ModePlan::Dsc => Mode::Dsc { ordered: plan.ordered.unwrap_or(true) },
    };
    if plan.mit == Some(false) && !mode.is_auc() {
        return Err(value::wrong(format!("dataset {}: descriptor stream contiguity always has a master index table", plan.dataset_id)));
    }
    let wide_offsets = match plan.offsets {
        None => None,
        Some(32) => Some(false),
        Some(64) => Some(true),
        Some(other) => return Err(value::wrong(format!("offsets of {other} bits: 32 or 64"))),
    };
    Ok(Storage { mode, index: plan.mit.unwrap_or(true), wide_offsets })
}

/// The sequences of the access units, in the order of the plan or ascending, and their thresholds.
fn sequences(plan: &DatasetPlan, dataset: &mut Dataset) -> Result<()> {
    let found = dataset.sequences();
    let listed = if plan.sequences.is_empty() { found.iter().copied().collect() } else { plan.sequences.clone() };
    if let Some(missing) = found.iter().find(|id| !listed.contains(id)) {
        return Err(value::wrong(format!("access units of dataset {} lie on sequence {missing}, which the plan does not list", plan.dataset_id)));
    }
    if !plan.thresholds.is_empty() && plan.thresholds.len() != listed.len() {
        return Err(value::wrong(format!("dataset {} has {} sequences and {} thresholds", plan.dataset_id, listed.len(), plan.thresholds.len())));
    }
    if plan.thresholds.iter().any(|threshold| *threshold > u32::MAX >> 1) {
        return Err(value::wrong("a threshold has at most 31 bits"));
    }
    let header = dataset.header_mut();
    if header.dataset_type == DatasetType::NonAligned && !listed.is_empty() {
        let message = format!("dataset {} is not aligned, but its access units lie on sequences", plan.dataset_id);
        return Err(Error::without_position(ErrorKind::CrossReference, message));
    }
    (header.seq_id, header.thres) = (listed, plan.thresholds.clone());
    header.tflag = vec![true; header.thres.len()];
    Ok(())
}

/// Writes down what was found out.
fn tell(plan: &mut DatasetPlan, dataset: &Dataset, sets: &Sets) {
    let header = dataset.header();
    plan.version = Some(header.version.to_string());
    plan.mit = Some(header.has_mit() == 1);
    plan.sequences.clone_from(&header.seq_id);
    plan.thresholds.clone_from(&header.thres);
    plan.parameters_update = Some(header.parameters_update_flag);
    if sets.unreadable().next().is_some() && plan.parameter_sets.is_empty() {
        plan.flags = plan.flags.or(sets.flags());
    }
}
