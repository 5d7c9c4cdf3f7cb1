//! Files out of access units: data units become a file, and a file gets another storage mode (6.4.3.2.5).
//!
//! A file is a list of [`Node`]s: boxes in memory, boxes copied from a source, and [`Dataset`]s, which take access units one by one in
//! any order. [`write()`] puts them in the order of their [`Storage`], compiles the master index table, knows every Length and offset
//! before the first byte, and so writes the file once from front to end: to a file, or to a pipe. In memory are the headers of the
//! access units; payloads stay in their source until they are copied. What arrives as a stream goes to a [`Spool`], which is a source.
//!
//! ```
//! use mpegg::encapsulate::{Blocks, Dataset, Mode, Node, Payload, Sources, Spool, Storage, Unit, write};
//! use mpegg::decapsulate::Chunks;
//! use mpegg::tables::*;
//!
//! # fn main() -> mpegg::Result<()> {
//! let spool = Spool::new();
//! let mut sources = Sources::new();
//! let source = sources.add(&spool)?;
//!
//! let file = FileHeader { major_brand: (*b"MPEG-G").into(), minor_version: (*b"2500").into(), compatible_brand: vec![] };
//! let group = DatasetGroupHeader { dataset_group_id: 0, version_number: 0, dataset_id: vec![1] };
//! let header = DatasetHeader { dataset_id: 1, version: (*b"2500").into(), dataset_type: DatasetType::Aligned, ..DatasetHeader::default() };
//! let set = DatasetParameterSet { dataset_id: 1, encoding_parameters: Some(vec![0x10]), ..DatasetParameterSet::default() };
//! let storage = Storage { mode: Mode::Dsc { ordered: true }, index: true, wide_offsets: None };
//! let mut dataset = Dataset::new(&file, header, vec![set], storage)?;
//!
//! let block = b"\x06\0\0\0\x04ACGT"; // a block of descriptor 6
//! let header = AccessUnitHeader {
//!     au_type: AuType::PTypeAu,
//!     num_blocks: 1,
//!     sequence_id: Some(3),
//!     au_start_position: Some(100),
//!     au_end_position: Some(199),
//!     ..AccessUnitHeader::default()
//! };
//! let blocks = Payload { source, offset: spool.push(block)?, length: block.len() as u64 };
//! dataset.push(Unit { header, boxes: &[], blocks: Blocks::Whole(blocks) }, &sources)?;
//!
//! let mut nodes = [
//!     Node::Bytes(file.to_box()?),
//!     Node::container(*b"dgcn", vec![], vec![Node::Bytes(group.to_box()?), Node::Dataset(Box::new(dataset))]),
//! ];
//! let mut bytes = vec![];
//! write(&mut nodes, &sources, Chunks::new(&mut bytes))?;
//!
//! let file = mpegg::file::File::new(mpegg::source::Bytes(&bytes))?;
//! let access = file.dataset(1)?.select(&mpegg::access::Selection::all())?;
//! assert_eq!(access.units()?.count(), 2); // the parameter set and the access unit
//! # Ok(())
//! # }
//! ```

pub mod attach;
mod copy;
mod dataset;
mod header;
mod node;
mod opaque;
mod order;
pub mod pack;
mod payload;
pub mod repack;
mod spool;
mod storage;
mod streams;
mod table;
mod units;

pub use dataset::Dataset;
pub use node::{Node, write};
pub use payload::{Block, Payload, SourceId, Sources};
pub use spool::Spool;
pub use storage::{Mode, Storage};
pub use streams::Stream;
pub use units::{Blocks, Unit};
