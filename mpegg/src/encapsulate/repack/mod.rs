//! A file in another storage mode, edition, or with its boxes elsewhere: the same data units, the same boxes.
//!
//! ```
//! use mpegg::encapsulate::repack::{Change, Contiguity, repack};
//! use mpegg::encapsulate::Spool;
//! use mpegg::decapsulate::Chunks;
//! use mpegg::file::File;
//!
//! # fn main() -> mpegg::Result<()> {
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgg");
//! let file = File::open(path)?;
//! let spool = Spool::new();
//! let change = Change { contiguity: Some(Contiguity::Dsc), ..Change::default() };
//! let mut out = vec![];
//! repack(&file, &spool, &change)?.write(Chunks::new(&mut out))?;
//! # let file = File::new(mpegg::source::Bytes(&out))?;
//! # assert!(!file.dataset(1)?.header()?.block_header_flag);
//! # Ok(())
//! # }
//! ```

mod change;
mod containers;
mod dataset;
mod edit;
mod edition;
mod index;
mod lengths;

pub use change::{Boxes, Change, Contiguity};
pub(crate) use edit::{Edit, Path};

use super::{Node, SourceId, Sources, Spool, node};
use crate::decapsulate::Chunks;
use crate::file::{BoxRef, File, Group};
use crate::reference::Resolver;
use crate::tables::FileHeader;
use mpegg_runtime::source::Source;
use mpegg_runtime::{Error, Result};
use std::collections::HashSet;

/// A file that is ready to be written.
pub struct Repacked<'s> {
    nodes: Vec<Node>,
    sources: Sources<'s>,
    /// What could not be kept, in words.
    pub notes: Vec<String>,
}

impl Repacked<'_> {
    /// Writes it and gives the number of bytes.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn write(&mut self, out: Chunks<'_>) -> Result<u64> {
        node::write(&mut self.nodes, &self.sources, out)
    }
}

/// Prepares a file with other properties. Headers are read and kept in memory; payloads are read when it is written.
///
/// # Errors
///
/// I/O; what is wrong with the file; unsupported: what the wanted mode or edition cannot hold.
pub fn repack<'s, S: Source>(file: &'s File<S>, spool: &'s Spool, change: &Change) -> Result<Repacked<'s>> {
    rewrite(file, spool, change, vec![])
}

/// The same with boxes put in.
pub(crate) fn rewrite<'s, S: Source>(file: &'s File<S>, spool: &'s Spool, change: &Change, edits: Vec<Edit<'s>>) -> Result<Repacked<'s>> {
    let mut sources = Sources::new();
    let input = sources.add(file.source())?;
    let spooled = sources.add(spool)?;
    let old = file.header()?;
    let mut new = old.clone();
    new.minor_version = change.minor_version.unwrap_or(old.minor_version);
    let boxes = file.boxes()?;
    let top = boxes.iter().filter(|node| node.key() != *b"dgcn" && node.key() != FileHeader::KEY).map(BoxRef::offset).collect();
    let groups = file.groups()?;
    let mut rewriter = Rewriter { groups, change, old, new, input, spooled, spool, sources: &sources, top, used: HashSet::new(), notes: vec![], edits };
    let all = rewriter.groups.clone();
    let mut groups = all.iter().zip(0..);
    let mut nodes = vec![];
    for node in &boxes {
        nodes.push(match &node.key() {
            b"dgcn" => match groups.next() {
                Some((group, number)) => rewriter.group(group, number)?,
                None => rewriter.copy(node),
            },
            // There is one header; what else has its key is kept.
            b"flhd" if node.offset() == 0 && rewriter.new != rewriter.old => Node::Bytes(rewriter.new.to_box()?),
            _ => rewriter.copy(node),
        });
    }
    // What an `offs` addresses is written behind the rest.
    let used = rewriter.used;
    let notes = rewriter.notes;
    if let Some(edit) = rewriter.edits.first() {
        return Err(edit.without_place());
    }
    let nodes = boxes.iter().zip(nodes).filter(|(node, _)| !used.contains(&node.offset())).map(|(_, node)| node).collect();
    Ok(Repacked { nodes, sources, notes })
}

struct Rewriter<'a, 's> {
    groups: Vec<Group<'s>>,
    change: &'a Change,
    old: FileHeader,
    new: FileHeader,
    input: SourceId,
    spooled: SourceId,
    spool: &'s Spool,
    sources: &'a Sources<'s>,
    /// Where boxes begin that an `offs` may address.
    top: HashSet<u64>,
    /// Those that one addresses.
    used: HashSet<u64>,
    notes: Vec<String>,
    edits: Vec<Edit<'s>>,
}

impl<'s> Rewriter<'_, 's> {
    /// The box as it stands.
    fn copy(&self, node: &BoxRef<'s>) -> Node {
        Node::Copy(self.payload(node.offset(), node.length()))
    }

    fn payload(&self, offset: u64, length: u64) -> super::Payload {
        super::Payload { source: self.input, offset, length }
    }

    fn resolver(&self) -> &Resolver {
        &self.change.resolver
    }

    /// A box that an `offs` addresses belongs to one place.
    fn take(&mut self, at: u64, node: &BoxRef<'s>) -> Result<()> {
        let wrong =
            |message: &'static str| Err(Error::malformed(at.saturating_add(8).saturating_mul(8), message).in_field("Offset", &[]).in_field("offs", &[]));
        if !self.top.contains(&node.offset()) {
            return wrong("it does not address a box of the top level behind the dataset groups");
        }
        if !self.used.insert(node.offset()) {
            return wrong("two `offs` address the same box");
        }
        Ok(())
    }
}
