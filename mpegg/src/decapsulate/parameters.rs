//! The parameter sets that access units need, as data units (6.4.3.7.1, R18).

use super::DataUnit;
use crate::file::{BoxRef, Front};
use crate::tables::{DataUnitType, DatasetParameterSet, DatasetType};
use mpegg_runtime::{Error, Result};

/// The parameter sets of a dataset that are needed: those that were named, and their parents.
pub(crate) struct NeededSets {
    needed: Vec<bool>,
    /// How many are needed yet.
    count: usize,
}

impl NeededSets {
    pub fn none(front: &Front<'_>) -> Self {
        NeededSets { needed: vec![false; front.parameter_sets.len()], count: 0 }
    }

    /// A set that `at` names is needed, and its parents.
    ///
    /// # Errors
    ///
    /// A set that is not there.
    pub fn add(&mut self, front: &Front<'_>, id: u8, at: u64) -> Result<()> {
        let (mut id, mut at, mut field) = (id, at, "parameter_set_ID");
        loop {
            let Some(number) = front.parameter_sets.iter().position(|set| set.parameter_set_id == id) else {
                return Err(Error::cross_reference(at, format!("the dataset has no parameter set {id}")).in_field(field, &[]));
            };
            let (Some(set), Some(node), Some(needed)) = (front.parameter_sets.get(number), front.parameter_set_boxes.get(number), self.needed.get_mut(number))
            else {
                return Ok(());
            };
            if std::mem::replace(needed, true) {
                return Ok(());
            }
            self.count += 1;
            // A set at the top names itself; sets of annotation data have no parents.
            if set.parent_parameter_set_id == id || front.header.dataset_type == DatasetType::Annotation {
                return Ok(());
            }
            (id, at, field) = (set.parent_parameter_set_id, node.offset().saturating_add(16).saturating_mul(8), "parent_parameter_set_ID");
        }
    }

    /// All of them.
    pub fn add_all(&mut self) {
        self.needed.fill(true);
        self.count = self.needed.len();
    }

    /// Whether there is none that is not needed.
    pub fn is_all(&self) -> bool {
        self.count >= self.needed.len()
    }

    /// Which of them are needed, in file order.
    pub fn flags(&self) -> impl Iterator<Item = bool> + '_ {
        self.needed.iter().copied()
    }

    /// The data units, in file order.
    pub fn units<'a, 's>(&'a self, front: &'a Front<'s>) -> impl Iterator<Item = Result<DataUnit<'s>>> + 'a {
        let sets = front.parameter_sets.iter().zip(&front.parameter_set_boxes).zip(&self.needed);
        sets.filter(|(_, needed)| **needed).map(|((set, node), _)| parameter_set_unit(front.header.dataset_type, set, node))
    }
}

/// The data unit of a parameter set: the identifiers, and the parameters as they stand.
pub(crate) fn parameter_set_unit<'s>(dataset_type: DatasetType, set: &DatasetParameterSet, node: &BoxRef<'s>) -> Result<DataUnit<'s>> {
    let (unit_type, identifiers, parameters) = match dataset_type {
        DatasetType::Annotation => (DataUnitType::AnnotationParameterSet, vec![set.parameter_set_id], &set.annotation_encoding_parameters),
        _ => (DataUnitType::ParameterSet, vec![set.parameter_set_id, set.parent_parameter_set_id], &set.encoding_parameters),
    };
    let length = parameters.as_ref().map_or(0, |bytes| bytes.len() as u64);
    let mut unit = DataUnit::new(unit_type, node.source());
    unit.push_bytes(&identifiers);
    unit.push_range(node.end().saturating_sub(length), length);
    unit.finish().map_err(|error| error.at(node.offset().saturating_mul(8)).in_field("pars", &[]))
}
