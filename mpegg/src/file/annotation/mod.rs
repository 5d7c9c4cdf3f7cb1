//! Annotation tables of a file: tables, attribute groups, annotation access units, blocks. Each is found when it is asked for, what is
//! read of a table (headers, tile configurations) is kept, and payloads are ranges of the file.
//!
//! ```
//! use mpegg::file::File;
//!
//! # fn main() -> mpegg::Result<()> {
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgg");
//! let file = File::open(path)?;
//! for dataset in file.groups()?.iter().map(|group| group.datasets()).collect::<mpegg::Result<Vec<_>>>()?.concat() {
//!     for table in dataset.tables()? {
//!         println!("table {}: {}", table.header()?.at_id, table.header()?.at_name);
//!         for group in table.groups()? {
//!             println!("  group of class {:?}, size {:?}", group.header()?.ag_class, group.header()?.dimension_size);
//!             for unit in group.units()? {
//!                 for block in unit?.blocks()? {
//!                     let block = block?;
//!                     println!("    {} in tile {}: {} bytes", block.field, block.tile, block.payload.1);
//!                 }
//!             }
//!         }
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod block;
mod group;
mod table;
mod unit;

pub use block::{AnnotationBlock, AnnotationBlocks, Field, TileIndex};
pub use group::AttributeGroup;
pub use table::AnnotationTable;
pub use unit::AnnotationAccessUnit;

use mpegg_runtime::Result;
use std::cell::OnceCell;

/// What the cell holds; it is made where nothing is in it yet.
fn kept<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    match cell.get() {
        Some(known) => Ok(known),
        None => make().map(|made| cell.get_or_init(|| made)),
    }
}
