//! Datasets of sequencing data (6.7.1).

use super::build::Build;
use super::collect::{Came, Stored};
use crate::encapsulate::{Block, Blocks, Dataset, Mode, Node, Payload, Storage, Unit};
use crate::file::{AccessUnit, BoxRef, Front};
use crate::tables::{AuType, DataClass, DatasetHeader, DatasetHeaderClass, DatasetParameterSet, DatasetType, descriptions};
use mpegg_runtime::bits::BOX_HEAD;
use mpegg_runtime::{Error, Result};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the access units of a dataset are, in the order in which they came (R30).
#[derive(Default)]
struct Seen {
    /// sequence_ID.
    sequences: Vec<u16>,
    /// The same, to look them up.
    known: HashSet<u16>,
    /// For each class the descriptors of its blocks.
    classes: BTreeMap<u64, Vec<u8>>,
}

impl<'c> Build<'c> {
    /// A dataset, its access units in the storage that was asked for.
    pub fn sequencing(&mut self, came: &Came, stored: Stored, header: DatasetHeader, name: &str) -> Result<Node> {
        let sets = self.parameter_sets(came, &header, name)?;
        let header_box = BoxRef::new(self.spool, self.head(stored, DatasetHeader::KEY), self.limits);
        let front = Front { header, header_box, parameter_sets: sets, parameter_set_boxes: vec![], index: None };
        let storage = self.storage(&front, came, name)?;
        let made = Dataset::new(&self.file, front.header.clone(), front.parameter_sets.clone(), storage);
        let mut dataset = made.map_err(|error| stored.located(error))?;
        dataset.front = self.boxes(came, &descriptions::DATASET, &[DatasetHeader::KEY, DatasetParameterSet::KEY], name)?;
        let (mut seen, mut blocks) = (Seen::default(), vec![]);
        let what = format!("{name}: an access unit");
        for unit in &came.units {
            let pushed = self.push(&mut dataset, *unit, &front, &mut seen, &mut blocks).map_err(|error| unit.located(error));
            self.attempt(&what, pushed)?;
        }
        let header = dataset.header_mut();
        *header = of_file(&front.header, seen, &storage);
        Ok(Node::Dataset(Box::new(dataset)))
    }

    /// The parameter sets: the last of each parameter_set_ID, in the order in which these came first. One without its parent is worth nothing.
    pub fn parameter_sets(&mut self, came: &Came, header: &DatasetHeader, name: &str) -> Result<Vec<DatasetParameterSet>> {
        let mut sets: Vec<(Stored, DatasetParameterSet)> = vec![];
        for stored in came.all(DatasetParameterSet::KEY) {
            let read = self.decode(*stored, DatasetParameterSet::KEY, |r| DatasetParameterSet::read_box(r, &self.file, header));
            let Some(set) = self.attempt(&format!("{name}: a parameter set"), read)? else { continue };
            match sets.iter_mut().find(|(_, known)| known.parameter_set_id == set.parameter_set_id) {
                Some(known) => *known = (*stored, set),
                None => sets.push((*stored, set)),
            }
        }
        // Annotation data has no hierarchy of parameter sets (6.4.3.7.3).
        let is_lone = |of: &DatasetParameterSet, sets: &[(Stored, DatasetParameterSet)]| {
            header.dataset_type != DatasetType::Annotation && !sets.iter().any(|(_, other)| other.parameter_set_id == of.parent_parameter_set_id)
        };
        while let Some(place) = sets.iter().position(|(_, set)| is_lone(set, &sets)) {
            let (stored, set) = sets.remove(place);
            let message = format!("no parameter set {} of the dataset came, the parent of {}", set.parent_parameter_set_id, set.parameter_set_id);
            let error = Error::cross_reference(stored.at.saturating_mul(8), message).in_field("parent_parameter_set_ID", &[]).in_field("pars", &[]);
            self.attempt::<()>(&format!("{name}: a parameter set"), Err(error))?;
        }
        Ok(sets.into_iter().map(|(_, set)| set).collect())
    }

    fn open(&self, stored: Stored, front: &Front<'_>) -> Result<AccessUnit<'c>> {
        AccessUnit::open(BoxRef::new(self.spool, self.head(stored, *b"aucn"), self.limits), &self.file, front)
    }

    /// Adds an access unit to a dataset.
    fn push(&self, dataset: &mut Dataset, stored: Stored, front: &Front<'_>, seen: &mut Seen, blocks: &mut Vec<Block>) -> Result<()> {
        let unit = self.open(stored, front)?;
        blocks.clear();
        unit.each_block(&mut |block| {
            blocks.push(Block { descriptor_id: block.descriptor_id, payload: self.payload(block.payload_at, block.payload_length) });
        })?;
        let (header, class, at) = (&unit.header, unit.header.au_type, unit.header_at.saturating_mul(8));
        let wrong = |message: String, field: &str| Err(Error::cross_reference(at, message).in_field(field, &[]).in_field("auhd", &[]).in_field("aucn", &[]));
        if DataClass::from_code(class.code()).symbol().is_none() {
            return wrong(format!("AU_type {} is reserved", class.code()), "AU_type");
        }
        if !front.parameter_sets.iter().any(|set| set.parameter_set_id == header.parameter_set_id) {
            return wrong(format!("no parameter set {} of the dataset came", header.parameter_set_id), "parameter_set_ID");
        }
        let sequence = header.sequence_id.filter(|_| class != AuType::UTypeAu);
        let range = |start: u64, end: u64| self.payload(start, end.saturating_sub(start));
        let (first, end) = (stored.offset.saturating_add(BOX_HEAD), stored.offset.saturating_add(stored.length));
        let behind = unit.header_at.saturating_add(unit.header_value.len() as u64);
        let boxes: [Payload; 2] = [range(first, unit.header_at.saturating_sub(BOX_HEAD)), range(behind, unit.blocks_at)];
        let storage = *dataset.storage();
        let mut header = unit.header;
        if storage.has_index() {
            header.nesting_zero_bit = 0;
        }
        let all = if storage.mode.is_auc() { Blocks::Whole(range(unit.blocks_at, end)) } else { Blocks::Each(blocks) };
        dataset.push(Unit { header, boxes: &boxes, blocks: all }, &self.sources)?;
        seen.add(sequence, class, blocks);
        Ok(())
    }

    fn storage(&mut self, front: &Front<'_>, came: &Came, name: &str) -> Result<Storage> {
        let mode = match (self.options.descriptor_streams, front.header.cc_mode_flag) {
            (true, _) => Mode::Dsc { ordered: true },
            (false, Some(true)) => Mode::AucCc,
            (false, _) => Mode::AucGrc,
        };
        let index = match self.options.index {
            Some(index) => index,
            None if mode.is_auc() && self.has_signed_reference(front, came)? => {
                self.note(format!("{name}: without master index table, which has no place for the signatures of a reference"));
                false
            }
            None => true,
        };
        Ok(Storage { mode, index, wide_offsets: front.header.byte_offset_size_flag.then_some(true) })
    }

    /// Whether access units of class U of a reference have signatures, which a master index table cannot hold (Table 57).
    fn has_signed_reference(&self, front: &Front<'_>, came: &Came) -> Result<bool> {
        let (header, sets) = (&front.header, &front.parameter_sets);
        if header.dataset_type != DatasetType::Reference || header.u_signature_flag != Some(true) {
            return Ok(false);
        }
        // What is wrong with a unit is told when it is added.
        let units = came.units.iter().filter_map(|unit| self.open(*unit, front).ok());
        let mut signed = units.filter(|unit| unit.header.au_type == AuType::UTypeAu).map(|unit| unit.header.u_signature_flag(&self.file, header, sets));
        Ok(signed.find_map(|flag| flag.map(|flag| flag != 0).ok().filter(|signed| *signed)).unwrap_or(false))
    }
}

impl Seen {
    fn add(&mut self, sequence: Option<u16>, class: AuType, blocks: &[Block]) {
        self.sequences.extend(sequence.filter(|sequence| self.known.insert(*sequence)));
        let known = self.classes.entry(class.code()).or_default();
        for block in blocks.iter().filter(|block| block.payload.length > 0) {
            if !known.contains(&block.descriptor_id) {
                known.push(block.descriptor_id);
            }
        }
    }
}

/// The header of a dataset in a file: the sequences in the order in which they came, each with its threshold, and the classes.
fn of_file(header: &DatasetHeader, seen: Seen, storage: &Storage) -> DatasetHeader {
    let mut made = header.clone();
    let listed: HashMap<u16, (u32, bool)> =
        header.seq_id.iter().zip(header.thres.iter().zip(&header.tflag)).map(|(id, (thres, flag))| (*id, (*thres, *flag))).collect();
    let threshold = |id: &u16| listed.get(id).map(|(threshold, _)| *threshold);
    let repeats = |id: &u16| listed.get(id).is_some_and(|(_, flag)| !flag);
    made.seq_id.clone_from(&seen.sequences);
    // Where the stream has none at all, they are found out.
    let known = !header.seq_id.is_empty();
    made.thres = seen.sequences.iter().filter(|_| known).map(|id| threshold(id).unwrap_or(0)).collect();
    // One that repeated the one before still does, if that is the same.
    let mut last = None;
    made.tflag = seen.sequences.iter().zip(&made.thres).map(|(id, threshold)| last.replace(*threshold) != Some(*threshold) || !repeats(id)).collect();
    made.seq_blocks = vec![0; made.seq_id.len()];
    // Without sequences and without a table nothing has to be listed.
    if !known && !storage.has_index() {
        made.seq_id.clear();
        made.seq_blocks.clear();
    }
    let class = |(code, descriptors): (&u64, &Vec<u8>)| DatasetHeaderClass {
        clid: DataClass::from_code(*code),
        descriptor_id: if storage.mode.is_auc() { vec![] } else { descriptors.clone() },
    };
    made.classes = seen.classes.iter().filter(|_| storage.has_index()).map(class).collect();
    made.nesting_zero_bit = 0;
    made
}
