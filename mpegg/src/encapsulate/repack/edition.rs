//! Boxes whose layout depends on the edition of the file (R7).

use super::super::Node;
use super::Rewriter;
use crate::file::{BoxRef, Dataset, Group};
use crate::tables::{
    AuInformation, AuProtection, DatasetHeader, DatasetParameterSet, DgMetadata, DgProtection, DtMetadata, DtProtection, FileHeader, Reference, ReferenceType,
};
use mpegg_runtime::{Error, ErrorKind, Result};

/// Whether a file has the layouts of the first edition.
fn first(file: &FileHeader) -> bool {
    file.minor_version == *"1900"
}

impl<'s> Rewriter<'_, 's> {
    /// Whether layouts change.
    pub fn changes_edition(&self) -> bool {
        first(&self.old) != first(&self.new)
    }

    fn to_first(&self) -> bool {
        first(&self.new)
    }

    /// A box of a dataset group, or of a dataset, in the layout of the new edition.
    pub fn of_edition(&mut self, node: &BoxRef<'s>, group: &Group<'s>, dataset: Option<&Dataset<'s>>) -> Result<Node> {
        if !self.changes_edition() {
            return Ok(self.copy(node));
        }
        let (old, new) = (&self.old, &self.new);
        let group_id = if self.to_first() { None } else { Some(group.header()?.dataset_group_id) };
        let dataset_id = match dataset.filter(|_| !self.to_first()) {
            Some(dataset) => Some(dataset.header()?.dataset_id),
            None => None,
        };
        let bytes = match &node.key() {
            b"dgmd" => DgMetadata { dataset_group_id: group_id, ..node.decode(|r| DgMetadata::read_box(r, old))? }.to_box(new)?,
            b"dgpr" => DgProtection { dataset_group_id: group_id, ..node.decode(|r| DgProtection::read_box(r, old))? }.to_box(new)?,
            b"dtmd" => DtMetadata { dataset_group_id: group_id, dataset_id, ..node.decode(|r| DtMetadata::read_box(r, old))? }.to_box(new)?,
            b"dtpr" => DtProtection { dataset_group_id: group_id, dataset_id, ..node.decode(|r| DtProtection::read_box(r, old))? }.to_box(new)?,
            b"rfgn" => self.reference(node)?.to_box(new)?,
            _ => return Ok(self.copy(node)),
        };
        Ok(Node::Bytes(bytes))
    }

    /// A box of an access unit in the layout of the new edition; nothing where it does not depend on it.
    pub fn unit_box(&self, node: &BoxRef<'_>, header: &DatasetHeader) -> Result<Option<Vec<u8>>> {
        let (old, new) = (&self.old, &self.new);
        let dataset_group_id = (!self.to_first()).then_some(header.dataset_group_id);
        let dataset_id = (!self.to_first()).then_some(header.dataset_id);
        Ok(match &node.key() {
            b"auin" => Some(AuInformation { dataset_group_id, dataset_id, ..node.decode(|r| AuInformation::read_box(r, old))? }.to_box(new)?),
            b"aupr" => Some(AuProtection { dataset_group_id, dataset_id, ..node.decode(|r| AuProtection::read_box(r, old))? }.to_box(new)?),
            _ => None,
        })
    }

    /// A reference: the first edition has no lengths, counts sequences from 0, and knows other checksums of coded references.
    fn reference(&self, node: &BoxRef<'s>) -> Result<Reference> {
        let mut reference = node.decode(|r| Reference::read_box(r, &self.old))?;
        let unsupported = |message: String| Error::unsupported(node.offset().saturating_mul(8), message).in_field("rfgn", &[]);
        let id = reference.reference_id;
        if reference.reference_type == Some(ReferenceType::MpeggRef) {
            return Err(unsupported(format!("reference {id} is a coded one of another file, of which the editions have different checksums")));
        }
        if !self.to_first() {
            let lengths = self.sequence_lengths(&reference).map_err(|error| match error.kind() {
                ErrorKind::Io | ErrorKind::Unsupported | ErrorKind::CrossReference => unsupported(format!(
                    "the lengths of the sequences of reference {id}, which the first edition does not have, are not known: {}",
                    error.message()
                )),
                _ => error,
            })?;
            for ((number, sequence), length) in (0..).zip(&mut reference.sequences).zip(lengths) {
                (sequence.sequence_id, sequence.sequence_length) = (Some(number), Some(length));
            }
            return Ok(reference);
        }
        for (number, sequence) in (0..).zip(&mut reference.sequences) {
            if sequence.sequence_id != Some(number) {
                return Err(unsupported(format!("in the first edition the sequences of reference {id} have the IDs 0, 1, 2 and so on")));
            }
            (sequence.sequence_id, sequence.sequence_length) = (None, None);
        }
        Ok(reference)
    }

    /// Whether parameter sets mean the same without the fields that the first edition does not repeat in them.
    pub fn check_sets(&self, header: &DatasetHeader, sets: &[DatasetParameterSet]) -> Result<()> {
        if !self.changes_edition() || !self.to_first() || !header.parameters_update_flag {
            return Ok(());
        }
        let same = |set: &DatasetParameterSet| {
            let signatures = header.num_u_access_units == 0
                || (set.u_signature_flag, set.u_signature_constant_length, set.u_signature_length)
                    == (header.u_signature_flag, header.u_signature_constant_length, header.u_signature_length);
            let flags = (set.multiple_alignment_flag, set.pos_40_bits_flag, set.alphabet_id);
            signatures && flags == (Some(header.multiple_alignment_flag), Some(header.pos_40_bits_flag), Some(header.alphabet_id))
        };
        match sets.iter().find(|set| !same(set)) {
            None => Ok(()),
            Some(set) => {
                let message = format!("parameter set {} differs from the dataset header, which the first edition cannot say", set.parameter_set_id);
                Err(Error::without_position(ErrorKind::Unsupported, message).in_field("pars", &[]))
            }
        }
    }

    /// The first edition has no annotation data.
    pub fn check_annotation_edition(&self, dataset: &Dataset<'s>) -> Result<()> {
        if self.changes_edition() && self.to_first() {
            return Err(Error::unsupported(dataset.node().offset().saturating_mul(8), "the first edition has no annotation data"));
        }
        Ok(())
    }
}
