//! Datasets, access units, descriptor streams (6.4.3, 6.4.4, 6.5.3).

use super::super::bits::Bits;
use super::super::model::{Content, Dataset, File, Group, Sequencing, Stream, Unit};
use super::super::piece::Piece;
use super::group::identifiers;
use super::header::{block_header, dataset_header, parameter_set, unit_header};
use super::index::{Offsets, master_index_table};
use super::{Children, annotation};

/// Table 25.
const ORDER: [&[u8; 4]; 10] = [b"dthd", b"dtmd", b"dtmt", b"dtcd", b"dtpr", b"pars", b"mitb", b"aucn", b"dscn", b"atcn"];

/// What has a place in the master index table.
enum Mark {
    Index,
    Unit(usize),
    Stream(usize),
}

/// The Value of a dataset.
pub fn dataset(file: &File, group: &Group, dataset: &Dataset) -> Piece {
    let trail = [&[group.id], &dataset.id.to_be_bytes()[..]].concat();
    let mut boxes = Children::default();
    boxes.add(Piece::boxed(b"dthd", dataset_header(group.id, dataset)));
    dataset.boxes.iter().for_each(|metadata| boxes.opaque(metadata, identifiers(file, metadata, &trail)));
    for set in &dataset.parameter_sets {
        boxes.add(Piece::boxed(b"pars", parameter_set(group.id, dataset, set)));
    }
    let content = match &dataset.content {
        Content::Sequencing(content) => content,
        Content::Annotation(tables) => {
            tables.iter().for_each(|table| boxes.placed(b"atcn", annotation::table(dataset, table), table.place));
            let mut value = Piece::default();
            boxes.with(&dataset.extras, &ORDER).into_iter().for_each(|(piece, _)| value.push(piece));
            return value;
        }
    };
    if content.has_index() {
        boxes.marked(Piece::boxed(b"mitb", master_index_table(dataset, content, &Offsets::default())), Mark::Index);
    }
    for (number, unit) in content.units.iter().enumerate() {
        boxes.marked(Piece::boxed(b"aucn", access_unit(file, dataset, content, unit, &trail)), Mark::Unit(number));
    }
    for (number, stream) in content.streams.iter().enumerate() {
        boxes.marked(Piece::boxed(b"dscn", descriptor_stream(content, stream)), Mark::Stream(number));
    }
    indexed(dataset, content, boxes.with(&dataset.extras, &ORDER))
}

/// The pieces in a row, with the table that tells their offsets.
fn indexed(dataset: &Dataset, content: &Sequencing, pieces: Vec<(Piece, Option<Mark>)>) -> Piece {
    let mut offsets = Offsets { units: vec![0; content.units.len()], streams: vec![vec![]; content.streams.len()] };
    let mut at = 0;
    for (piece, mark) in &pieces {
        match mark {
            Some(Mark::Unit(number)) => offsets.units[*number] = at,
            Some(Mark::Stream(number)) => offsets.streams[*number] = block_ends(content, &content.streams[*number], at),
            _ => {}
        }
        at += piece.len() as u64;
    }
    let mut value = Piece::default();
    for (piece, mark) in pieces {
        let piece = match mark {
            Some(Mark::Index) => Piece::boxed(b"mitb", master_index_table(dataset, content, &offsets)),
            _ => piece,
        };
        value.push(piece);
    }
    value
}

/// Table 33.
pub fn access_unit(file: &File, dataset: &Dataset, content: &Sequencing, unit: &Unit, trail: &[u8]) -> Vec<u8> {
    let form = dataset.form(unit.parameter_set).unwrap_or(&content.form);
    let mut boxes = Children::default();
    boxes.add(Piece::boxed(b"auhd", unit_header(content, form, unit, !content.has_index())));
    unit.boxes.iter().for_each(|metadata| boxes.opaque(metadata, identifiers(file, metadata, trail)));
    let mut value = boxes.value(&Default::default(), &[]).finish();
    if !content.is_dsc() {
        for block in &unit.blocks {
            value.extend(block_header(block.descriptor, block.payload.len()));
            value.extend(&block.payload);
        }
    }
    value
}

/// Tables 63 and 64.
fn descriptor_stream(content: &Sequencing, stream: &Stream) -> Vec<u8> {
    let mut value = head_of(stream);
    stream_payloads(content, stream).for_each(|payload| value.extend(payload));
    value
}

/// What is in front of the payload of a stream with so many blocks.
pub fn stream_head(class: u8, descriptor: u8, blocks: u32, protection: Option<&[u8]>) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.u(descriptor.into(), 8);
    bits.u(class.into(), 4);
    bits.u(blocks.into(), 32);
    bits.align();
    let mut head = Piece::boxed(b"dshd", bits.finish());
    if let Some(protection) = protection {
        head.push(Piece::boxed(b"dspr", protection.to_vec()));
    }
    head.finish()
}

fn head_of(stream: &Stream) -> Vec<u8> {
    stream_head(stream.class, stream.descriptor, stream.units.len() as u32, stream.protection.as_deref())
}

fn stream_payloads<'a>(content: &'a Sequencing, stream: &'a Stream) -> impl Iterator<Item = &'a [u8]> {
    stream.units.iter().map(|unit| {
        let block = content.units[*unit].blocks.iter().find(|block| block.descriptor == stream.descriptor);
        block.map_or(&[][..], |block| &block.payload)
    })
}

/// The start of the first block of a stream whose box stands there, and the end of each.
fn block_ends(content: &Sequencing, stream: &Stream, at: u64) -> Vec<u64> {
    let mut ends = vec![at + 12 + head_of(stream).len() as u64];
    for payload in stream_payloads(content, stream) {
        ends.push(ends[ends.len() - 1] + payload.len() as u64);
    }
    ends
}
