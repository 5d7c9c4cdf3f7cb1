//! The bytes of a file that says what the model says.

mod annotation;
mod dataset;
mod group;
mod header;
mod index;
mod range_index;
mod string_index;
mod text_index;

use super::model::{Extras, File, Key, Opaque, Place};
use super::piece::Piece;

pub(crate) use annotation::{
    block_header as annotation_block_header, group_header as attribute_group_header, header as annotation_table_header, metadata as annotation_table_metadata,
    tile_structures, unit_header as annotation_unit_header,
};
pub(crate) use dataset::{access_unit, stream_head};
pub(crate) use group::{header as group_header, identifiers, label_list, reference};
pub use header::dataset_header;
pub(crate) use header::{block_header, parameter_set, unit_header};
pub use text_index::{TextForm, text_index};

/// The file.
pub fn file(file: &File) -> Vec<u8> {
    let mut boxes = Children::<()>::default();
    boxes.add(Piece::boxed(b"flhd", file_header(file)));
    file.groups.iter().for_each(|group| boxes.add(group::group(file, group)));
    boxes.value(&file.extras, &[]).finish()
}

/// Table 12.
pub(crate) fn file_header(file: &File) -> Vec<u8> {
    let mut head = b"MPEG-G".to_vec();
    head.extend(file.minor_version);
    file.brands.iter().for_each(|brand| head.extend(brand));
    head
}

/// The boxes of a container in their order, each with a mark by which its place is asked for later.
struct Children<T = ()> {
    pieces: Vec<(Piece, Option<T>)>,
}

impl<T> Default for Children<T> {
    fn default() -> Self {
        Children { pieces: vec![] }
    }
}

impl Children<()> {
    /// The Value of a container without marks.
    fn value(self, extras: &Extras, order: &[&[u8; 4]]) -> Piece {
        let mut value = Piece::default();
        self.with(extras, order).into_iter().for_each(|(piece, _)| value.push(piece));
        value
    }
}

impl<T> Children<T> {
    fn add(&mut self, piece: Piece) {
        self.pieces.push((piece, None));
    }

    fn marked(&mut self, piece: Piece, mark: T) {
        self.pieces.push((piece, Some(mark)));
    }

    /// Adds a box, or what stands for it.
    fn placed(&mut self, key: &Key, value: impl Into<Piece>, place: Place) {
        let valid = Piece::boxed(key, value);
        self.pieces.extend(resolve(key, valid, vec![], place).into_iter().map(|piece| (piece, None)));
    }

    /// Adds a box of other parts' making, behind these identifiers.
    fn opaque(&mut self, box_: &Opaque, identifiers: &[u8]) {
        let valid = Piece::boxed(&box_.key, [identifiers, &box_.value].concat());
        let stale = [identifiers, b"old metadata"].concat();
        self.pieces.extend(resolve(&box_.key, valid, stale, box_.place).into_iter().map(|piece| (piece, None)));
    }

    /// All pieces; placeholders stand where the order of the table has their SubKey.
    fn with(mut self, extras: &Extras, order: &[&[u8; 4]]) -> Vec<(Piece, Option<T>)> {
        let rank = |key: &[u8]| order.iter().position(|other| other[..] == *key).unwrap_or(order.len());
        for subkey in &extras.placeholders {
            let kind = |piece: &Piece| match piece.key() {
                b"offs" => rank(piece.subkey()),
                key => rank(key),
            };
            let at = self.pieces.iter().position(|(piece, _)| kind(piece) > rank(subkey)).unwrap_or(self.pieces.len());
            self.pieces.insert(at, (Piece::placeholder(subkey), None));
        }
        for (at, key, value) in &extras.unknown {
            let at = (*at).min(self.pieces.len());
            self.pieces.insert(at, (Piece::boxed(key, value.clone()), None));
        }
        self.pieces
    }
}

fn resolve(key: &Key, valid: Piece, stale: Vec<u8>, place: Place) -> Vec<Piece> {
    match place {
        Place::Here => vec![valid],
        Place::Away => vec![Piece::offs(key, valid)],
        Place::StaleFirst => vec![Piece::boxed(key, stale), Piece::offs(key, valid)],
        Place::StaleLast => vec![Piece::offs(key, valid), Piece::boxed(key, stale)],
    }
}
