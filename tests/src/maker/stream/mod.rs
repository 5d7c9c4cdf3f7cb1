//! Transport streams (6.6), made from the same models as files: all that the standard leaves to a sender is chance. What a receiver
//! must make of them (6.7) is told by [`expect`].

mod boxes;
mod content;
pub mod expect;
mod mapping;
mod packets;
mod schedule;

use super::model::File;
use super::random::Rng;
use std::collections::BTreeMap;

pub use boxes::{Item, Sent};

/// A stream, and what was sent on it.
#[derive(Clone, Debug)]
pub struct Stream {
    /// The content. Boxes that only files have are not in it: no master index table, no descriptor stream, no `offs`.
    pub file: File,
    /// What the boxes of a dataset of annotation data leave open.
    pub open: BTreeMap<(u8, u16), Open>,
    /// The packets, each by itself.
    pub packets: Vec<Vec<u8>>,
    /// Of each packet the place in `sent` of the box of which it carries a piece; none for tables, the file header, and end packets.
    pub carried: Vec<Option<usize>>,
    /// The boxes but for the tables, in the order in which they are complete.
    pub sent: Vec<Sent>,
    /// False where a validator has something to report.
    pub conformant: bool,
}

/// Counts that a receiver has to find out (6.7.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// n_ann_tables is 0.
    pub tables: bool,
    /// dimension_size is 0.
    pub dimensions: bool,
    /// n_tiles is 0 where tiles have fixed sizes.
    pub tiles: bool,
    /// n_AAU_blocks is 0.
    pub blocks: bool,
}

/// The stream of a case.
pub fn stream(case: u64) -> Stream {
    let mut rng = Rng::new(case ^ 0x57_2EA3);
    let content = content::content(case, &mut rng);
    let boxes = boxes::boxes(&content);
    let mapping = mapping::allocate(&mut rng, &content.file, &boxes);
    let sender = schedule::send(&mut rng, &content.file, &boxes, &mapping);
    let sent = sender.complete.iter().map(|number| boxes[*number].clone()).collect();
    let mut places = vec![0; boxes.len()];
    sender.complete.iter().enumerate().for_each(|(place, number)| places[*number] = place);
    let carried = sender.carried.iter().map(|number| number.map(|number| places[number])).collect();
    Stream { file: content.file, open: content.open, packets: sender.packets, carried, sent, conformant: content.conformant && !mapping.shared }
}
