//! The parameter sets of a dataset, and the flags that they share.

use super::input::ScannedSet;
use super::plan::{DatasetPlan, FlagsPlan, TypePlan};
use crate::tables::{AlphabetId, DatasetHeader, DatasetParameterSet, DatasetType};
use mpegg_runtime::{Error, ErrorKind, Result};

/// The parameter sets of a dataset, each with what it says.
pub(super) struct Sets {
    pub dataset_type: DatasetType,
    all: Vec<(ScannedSet, FlagsPlan)>,
}

impl Sets {
    /// Those of the inputs that belong to a dataset.
    pub fn of<'i>(inputs: impl Iterator<Item = &'i [ScannedSet]>, plan: &DatasetPlan) -> Result<Sets> {
        let wanted = plan.dataset_type.map(type_of);
        let mut all: Vec<(ScannedSet, FlagsPlan)> = vec![];
        let mut found = None;
        for set in inputs.flatten() {
            let told = plan.parameter_sets.iter().find(|told| told.parameter_set_id == set.id).map(|told| told.flags);
            let (dataset_type, flags) = match (&set.read, told.or(plan.flags)) {
                (Some((dataset_type, flags)), _) => (*dataset_type, told.unwrap_or(*flags)),
                // What cannot be read belongs to the dataset that says what it means.
                (None, Some(flags)) => (wanted.unwrap_or(DatasetType::Aligned), flags),
                (None, None) if wanted.is_some() => (wanted.unwrap_or_default(), FlagsPlan::default()),
                (None, None) => return Err(unread(set.id)),
            };
            if wanted.is_some_and(|wanted| wanted != dataset_type) || found.is_some_and(|found| found != dataset_type) {
                continue;
            }
            found = Some(dataset_type);
            match all.iter().find(|(known, _)| known.id == set.id) {
                Some((known, _)) if known.parameters == set.parameters && known.parent == set.parent => {}
                Some(_) => return Err(twice(plan.dataset_id, set.id)),
                None => all.push((set.clone(), flags)),
            }
        }
        if let Some((orphan, _)) = all.iter().find(|(set, _)| !all.iter().any(|(other, _)| other.id == set.parent)) {
            let message = format!("parameter set {} has the parent {}, which dataset {} does not have", orphan.id, orphan.parent, plan.dataset_id);
            return Err(Error::without_position(ErrorKind::CrossReference, message).in_field("parent_parameter_set_ID", &[]));
        }
        Ok(Sets { dataset_type: found.or(wanted).unwrap_or_default(), all })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether a set belongs to the dataset.
    pub fn has(&self, id: u8) -> bool {
        self.all.iter().any(|(set, _)| set.id == id)
    }

    /// What the sets say, where all say the same.
    pub fn flags(&self) -> Option<FlagsPlan> {
        let (_, first) = self.all.first()?;
        self.all.iter().all(|(_, flags)| form(flags) == form(first)).then_some(*first)
    }

    /// Those that cannot be read, with what the plan says of them.
    pub fn unreadable(&self) -> impl Iterator<Item = u8> + '_ {
        self.all.iter().filter(|(set, _)| set.read.is_none()).map(|(set, _)| set.id)
    }

    /// Sets the flags of a dataset header (6.4.3.2.3): those of all sets, or, where these differ, whether one has them.
    pub fn set_flags(&self, header: &mut DatasetHeader, update: Option<bool>, first_edition: bool) -> Result<()> {
        let any = |flag: fn(&FlagsPlan) -> bool| self.all.iter().any(|(_, flags)| flag(flags));
        let same = self.flags();
        header.parameters_update_flag = update.unwrap_or(same.is_none() && !self.all.is_empty());
        if !self.all.is_empty() && same.is_none() && (first_edition || update == Some(false)) {
            let message =
                "parameter sets that differ in positions, alignments or signatures: the first edition, or a dataset without parameters_update, cannot say so";
            return Err(Error::without_position(ErrorKind::Unsupported, message));
        }
        header.multiple_alignment_flag = any(|flags| flags.multiple_alignment);
        header.pos_40_bits_flag = any(|flags| flags.pos_40_bits);
        header.alphabet_id = AlphabetId::from_code(u64::from(self.all.iter().map(|(_, flags)| flags.alphabet_id).max().unwrap_or(0)));
        header.u_signature_flag = Some(any(|flags| flags.u_signature));
        let length = same.and_then(|flags| flags.u_signature_length).filter(|_| !header.parameters_update_flag);
        header.u_signature_constant_length = Some(length.is_some());
        header.u_signature_length = length;
        Ok(())
    }

    /// The parameter sets as boxes say them.
    pub fn tables(&self, header: &DatasetHeader) -> Vec<DatasetParameterSet> {
        let table = |(set, flags): &(ScannedSet, FlagsPlan)| {
            let repeated = |value| header.parameters_update_flag.then_some(value);
            DatasetParameterSet {
                dataset_group_id: header.dataset_group_id,
                dataset_id: header.dataset_id,
                parameter_set_id: set.id,
                parent_parameter_set_id: set.parent,
                multiple_alignment_flag: repeated(flags.multiple_alignment),
                pos_40_bits_flag: repeated(flags.pos_40_bits),
                alphabet_id: header.parameters_update_flag.then(|| AlphabetId::from_code(u64::from(flags.alphabet_id))),
                u_signature_flag: repeated(flags.u_signature),
                u_signature_constant_length: repeated(flags.u_signature_length.is_some()).filter(|_| flags.u_signature),
                u_signature_length: flags.u_signature_length.filter(|_| header.parameters_update_flag && flags.u_signature),
                nesting_zero_bit: None,
                encoding_parameters: Some(set.parameters.clone()),
                annotation_encoding_parameters: None,
            }
        };
        self.all.iter().map(table).collect()
    }
}

/// What decides the form of headers: an alphabet does where there are signatures.
fn form(flags: &FlagsPlan) -> FlagsPlan {
    if flags.u_signature { *flags } else { FlagsPlan { alphabet_id: 0, u_signature_length: None, ..*flags } }
}

/// dataset_type by its name.
pub(super) fn type_of(plan: TypePlan) -> DatasetType {
    match plan {
        TypePlan::NonAligned => DatasetType::NonAligned,
        TypePlan::Aligned => DatasetType::Aligned,
        TypePlan::Reference => DatasetType::Reference,
    }
}

fn unread(id: u8) -> Error {
    let message = format!("parameter set {id} cannot be read: say what it means with dataset_type and flags");
    Error::without_position(ErrorKind::Unsupported, message)
}

fn twice(dataset: u16, id: u8) -> Error {
    let message = format!("dataset {dataset} would have two parameter sets {id}: put the inputs into datasets of their own");
    Error::without_position(ErrorKind::CrossReference, message)
}
