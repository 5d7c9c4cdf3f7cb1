//! A selection in the terms of one dataset: sequences by number, labels as regions, signatures as bits.

use super::{ReferenceNeed, ReferencePart, Region, Selection, Sequence};
use crate::file::Dataset;
use crate::tables::{AccessUnitHeader, DataClass, DatasetHeader, Label};
use mpegg_runtime::bits::BitString;
use mpegg_runtime::{Error, ErrorKind, Result};
use std::collections::HashMap;

/// A set of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Classes(u16);

impl Classes {
    const ALL: Classes = Classes(u16::MAX);

    fn of<'c>(classes: impl IntoIterator<Item = &'c DataClass>) -> Classes {
        let set = classes.into_iter().fold(0u16, |set, class| set | 1u16.checked_shl(class.code() as u32).unwrap_or(0));
        if set == 0 { Classes::ALL } else { Classes(set) }
    }

    /// Whether a class belongs to it.
    pub fn has(self, class: DataClass) -> bool {
        1u16.checked_shl(class.code() as u32).is_some_and(|bit| self.0 & bit != 0)
    }
}

/// Part of a sequence, for some classes; 0-based, inclusive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub start: u64,
    pub end: u64,
    pub classes: Classes,
}

/// What is asked of a dataset.
pub(crate) struct Query {
    /// Whether all is taken, so that the table's order counts.
    pub everything: bool,
    /// Whether every place will do: none was given, or a label that covers the whole dataset.
    pub everywhere: bool,
    classes: Classes,
    ids: Vec<u32>,
    spans: HashMap<u16, Vec<Span>>,
    /// The wanted signatures in the bits of both alphabets.
    signatures: Vec<[Option<BitString>; 2]>,
    /// Only what carries one of these parts of a reference.
    reference: Option<Vec<ReferencePart>>,
    /// What was asked for and is not there.
    pub notes: Vec<String>,
}

impl Query {
    /// Looks up names and labels.
    pub fn new(selection: &Selection, dataset: &Dataset<'_>, header: &DatasetHeader) -> Result<Query> {
        let signatures = selection.signatures.iter().map(|text| [0, 1].map(|alphabet| BitString::from_letters(text, alphabet))).collect();
        let mut query = Query {
            everything: selection.is_everything(),
            everywhere: selection.is_everywhere(),
            classes: Classes::of(&selection.classes),
            ids: selection.access_unit_ids.clone(),
            spans: HashMap::new(),
            signatures,
            reference: None,
            notes: vec![],
        };
        for region in &selection.regions {
            query.region(region, dataset, header)?;
        }
        if !selection.labels.is_empty() {
            let labels = dataset.group().labels()?;
            for wanted in &selection.labels {
                query.label(wanted, &labels, header);
            }
        }
        Ok(query)
    }

    /// The access units of a reference dataset that carry what is needed of the reference, in file order (R20, R21).
    pub fn of_reference(need: &ReferenceNeed) -> Query {
        Query {
            everything: false,
            everywhere: true,
            classes: Classes::ALL,
            ids: vec![],
            spans: HashMap::new(),
            signatures: vec![],
            reference: need.parts.clone(),
            notes: vec![],
        }
    }

    /// Whether an access unit that carries this part of a reference is wanted; one that carries none is asked with `None`.
    pub fn carries(&self, part: Option<ReferencePart>) -> bool {
        match (&self.reference, part) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(parts), Some(part)) => super::reference::overlaps(parts, &part),
        }
    }

    fn region(&mut self, region: &Region, dataset: &Dataset<'_>, header: &DatasetHeader) -> Result<()> {
        let id = match &region.sequence {
            Sequence::Id(id) => *id,
            Sequence::Name(name) => sequence_id(name, dataset, header)?,
        };
        if !header.seq_id.contains(&id) {
            self.notes.push(format!("region {region}: the dataset has no data of sequence {id}"));
        }
        self.spans.entry(id).or_default().push(Span { start: region.start, end: region.end, classes: Classes::ALL });
        Ok(())
    }

    fn label(&mut self, wanted: &str, labels: &[Label], header: &DatasetHeader) {
        let mut found = false;
        for dataset in labels.iter().filter(|label| label.label_id == wanted).flat_map(|label| &label.datasets) {
            if dataset.dataset_id != header.dataset_id {
                continue;
            }
            found = true;
            // A label without regions is one of the whole dataset (R13).
            self.everywhere |= dataset.regions.is_empty();
            for region in &dataset.regions {
                let span = Span { start: region.start_pos, end: region.end_pos, classes: Classes::of(&region.class_id) };
                self.spans.entry(region.seq_id).or_default().push(span);
            }
        }
        if !found {
            self.notes.push(format!("no label `{wanted}` of this dataset"));
        }
    }

    /// Whether access units of a class can be wanted at all.
    pub fn wants(&self, class: DataClass) -> bool {
        self.classes.has(class)
    }

    /// Whether only those with some identifiers are wanted.
    pub fn wants_id(&self, id: u32) -> bool {
        self.ids.is_empty() || self.ids.contains(&id)
    }

    /// Whether signatures are asked for.
    pub fn asks_for_signatures(&self) -> bool {
        !self.signatures.is_empty()
    }

    /// The wanted parts of a sequence for a class.
    pub fn spans(&self, sequence: u16, class: DataClass) -> impl Iterator<Item = Span> + '_ {
        let all = self.spans.get(&sequence).map(Vec::as_slice).unwrap_or_default();
        all.iter().copied().filter(move |span| span.classes.has(class))
    }

    /// Whether an access unit that covers this range of a sequence, both ends included, is wanted.
    pub fn covers(&self, sequence: u16, class: DataClass, start: u64, end: u64) -> bool {
        self.everywhere || self.spans(sequence, class).any(|span| start <= span.end && span.start <= end)
    }

    /// Whether an access unit of class U with these signatures is wanted.
    pub fn signed<'b>(&self, alphabet: u64, mut signatures: impl Iterator<Item = &'b BitString>) -> bool {
        let wanted = |bits: &BitString| {
            let alphabet = usize::try_from(alphabet).unwrap_or(usize::MAX);
            self.signatures.iter().any(|wanted| wanted.get(alphabet).and_then(Option::as_ref) == Some(bits))
        };
        self.everywhere || signatures.any(wanted)
    }

    /// Whether an access unit with this header, which says where it lies, is wanted.
    pub fn takes(&self, header: &AccessUnitHeader, alphabet: u64) -> bool {
        let class = DataClass::from_code(header.au_type.code());
        if !self.wants(class) || !self.wants_id(header.access_unit_id) || !self.carries(ReferencePart::of(header)) {
            return false;
        }
        match (header.sequence_id, header.au_start_position, header.au_end_position) {
            (Some(sequence), Some(start), Some(end)) => self.covers(sequence, class, start, end),
            _ => self.signed(alphabet, header.signatures.iter().map(|signature| &signature.u_cluster_signature)),
        }
    }
}

/// The sequence_ID of a name in the reference of a dataset; in the first edition sequences are counted (R10).
fn sequence_id(name: &str, dataset: &Dataset<'_>, header: &DatasetHeader) -> Result<u16> {
    let missing = |message: String| Error::without_position(ErrorKind::CrossReference, message);
    let Some(id) = header.reference_id else {
        return Err(missing(format!("`{name}`: the dataset has no reference, so no sequence has a name")));
    };
    let Some((_, reference)) = dataset.group().reference(id)? else {
        return Err(missing(format!("`{name}`: the file has no reference {id}, on which the dataset depends")));
    };
    let found = reference.sequences.iter().zip(0u16..).find(|(sequence, _)| sequence.sequence_name == name);
    let found = found.map(|(sequence, number)| sequence.sequence_id.unwrap_or(number));
    found.ok_or_else(|| missing(format!("the reference \"{}\" has no sequence `{name}`", reference.reference_name)))
}
