//! Data units out of a file: what a decoder of Part 2 or Part 6 takes (6.3).
//!
//! ```
//! use mpegg::{access::Selection, file::File};
//!
//! # fn main() -> mpegg::Result<()> {
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgg");
//! let file = File::open(path)?;
//! let (mut out, mut buffer) = (vec![], vec![]);
//! for unit in file.dataset(1)?.select(&Selection::all())?.units()? {
//!     unit?.write_to(&mut out, &mut buffer)?;
//! }
//! # assert!(!out.is_empty());
//! # Ok(())
//! # }
//! ```

mod access_units;
mod annotation;
mod header;
mod parameters;
mod unit;

pub use annotation::{AnnotationUnits, annotation_units};
pub use unit::{DataUnit, Part};
