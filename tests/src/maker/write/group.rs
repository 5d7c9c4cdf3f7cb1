//! Dataset groups, references and labels (6.4.2).

use super::super::bits::Bits;
use super::super::model::{File, Group, Label, Labels, Location, Opaque, Reference, ReferenceKind};
use super::super::piece::Piece;
use super::{Children, dataset};

/// Table 13.
const ORDER: [&[u8; 4]; 8] = [b"dghd", b"rfgn", b"rfmd", b"labl", b"dgmd", b"dgcd", b"dgpr", b"dtcn"];

pub fn group(file: &File, group: &Group) -> Piece {
    let mut boxes = Children::default();
    boxes.placed(b"dghd", header(group), group.place);
    for one in &group.references {
        boxes.placed(b"rfgn", reference(file, group.id, one), one.place);
    }
    for (reference, metadata) in &group.reference_metadata {
        boxes.opaque(metadata, &[group.id, *reference]);
    }
    if let Some(labels) = &group.labels {
        boxes.placed(b"labl", label_list(group.id, labels), labels.place);
    }
    for metadata in &group.boxes {
        boxes.opaque(metadata, identifiers(file, metadata, &[group.id]));
    }
    for one in &group.datasets {
        boxes.placed(b"dtcn", dataset::dataset(file, group, one), one.place);
    }
    Piece::boxed(b"dgcn", boxes.value(&group.extras, &ORDER))
}

/// The identifiers in front of a box's payload: the first edition has them in the boxes that it does not know.
pub fn identifiers<'a>(file: &File, metadata: &Opaque, identifiers: &'a [u8]) -> &'a [u8] {
    match &metadata.key {
        b"dgmd" | b"dgpr" | b"dtmd" | b"dtpr" | b"auin" | b"aupr" if file.first_edition() => &[],
        _ => identifiers,
    }
}

/// Table 14.
pub fn header(group: &Group) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.u(group.id.into(), 8);
    bits.u(group.version.into(), 8);
    group.datasets.iter().for_each(|dataset| bits.u(dataset.id.into(), 16));
    bits.finish()
}

/// Table 15.
pub fn reference(file: &File, group: u8, reference: &Reference) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.u(group.into(), 8);
    bits.u(reference.id.into(), 8);
    bits.text(&reference.name);
    reference.version.iter().for_each(|version| bits.u((*version).into(), 16));
    bits.u(reference.sequences.len() as u64, 16);
    for sequence in &reference.sequences {
        bits.text(&sequence.name);
        if !file.first_edition() {
            bits.u(sequence.length.into(), 32);
            bits.u(sequence.id.into(), 16);
        }
    }
    bits.u(0, 7);
    match &reference.location {
        Location::Internal { group, dataset } => {
            bits.flag(false);
            bits.u((*group).into(), 8);
            bits.u((*dataset).into(), 16);
        }
        Location::External { uri, algorithm, kind, checksums } => {
            bits.flag(true);
            bits.text(uri);
            bits.u((*algorithm).into(), 8);
            match kind {
                ReferenceKind::Mpegg { group, dataset } => {
                    bits.u(0, 8);
                    bits.u((*group).into(), 8);
                    bits.u((*dataset).into(), 16);
                }
                ReferenceKind::Raw => bits.u(1, 8),
                ReferenceKind::Fasta => bits.u(2, 8),
            }
            checksums.iter().for_each(|checksum| bits.raw(checksum));
        }
    }
    bits.finish()
}

/// Table 20.
pub fn label_list(group: u8, labels: &Labels) -> Piece {
    let mut value = vec![group];
    value.extend((labels.list.len() as u16).to_be_bytes());
    let mut boxes = Children::default();
    labels.list.iter().for_each(|one| boxes.placed(b"lbll", label(one), one.place));
    let mut whole = Piece::from(value);
    whole.push(boxes.value(&labels.extras, &[b"lbll"]));
    whole
}

/// Table 21.
fn label(label: &Label) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.text(&label.id);
    bits.u(label.datasets.len() as u64, 16);
    for dataset in &label.datasets {
        bits.u(dataset.dataset.into(), 16);
        bits.u(dataset.regions.len() as u64, 8);
        for region in &dataset.regions {
            bits.u(region.sequence.into(), 16);
            bits.u(region.classes.len() as u64, 4);
            region.classes.iter().for_each(|class| bits.u((*class).into(), 4));
            bits.u(region.start, 40);
            bits.u(region.end, 40);
        }
    }
    bits.align();
    bits.finish()
}
