//! An open toolkit for MPEG-G (ISO/IEC 23092): files, transport streams and data units.
//!
//! * [`tables`]: a Rust type for each syntax table of Part 1, with reader and writer, generated from the schema
//! * [`mod@file`]: a file opened lazily, as a tree of boxes
//! * [`access`]: a selection of a dataset, by region, class, label, signature or identifier
//! * [`decapsulate`]: the data units that a decoder takes
//! * [`transport`]: a file as packets, and packets as a file
//! * [`walk`]: every field of an input, in the order of the bits
//! * [`dump`]: the same as lines, for people and as JSON
//! * [`json`]: a whole file as JSON that can be edited, and back, byte for byte
//! * [`mod@validate`]: whether an input is what the standard wants
//! * [`mod@reference`]: references, checked and as the raw reference that a decoder takes
//! * [`strings`]: the string indexes of annotation tables, searched and decoded
//!
//! Decoding a box needs what the standard says it depends on, and nothing else:
//!
//! ```
//! use mpegg::tables::{DatasetGroupHeader, FileHeader};
//!
//! # fn main() -> mpegg::Result<()> {
//! let header = DatasetGroupHeader { dataset_group_id: 7, version_number: 0, dataset_id: vec![1, 2] };
//! let bytes = header.to_box()?;
//! assert_eq!(bytes, b"dghd\0\0\0\0\0\0\0\x12\x07\0\0\x01\0\x02");
//! assert_eq!(DatasetGroupHeader::from_box(&bytes)?, header);
//! # Ok(())
//! # }
//! ```
//!
//! Walking all fields of a file:
//!
//! ```
//! use mpegg::dump::{Line, LineSink, Options, dump};
//! use mpegg::{Limits, source::FileSource, walk::Kind};
//!
//! struct Print;
//! impl LineSink for Print {
//!     fn line(&mut self, line: &Line) -> std::io::Result<()> {
//!         println!("{} = {}", line.path, line.value);
//!         Ok(())
//!     }
//! }
//!
//! # fn main() -> mpegg::Result<()> {
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgg");
//! let source = FileSource::open(path)?;
//! let errors = dump(&source, Kind::of(&source)?, &Options::default(), &Limits::default(), &mut Print)?;
//! assert!(errors.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! Where the standard is ambiguous the toolkit follows one documented reading; the documentation of the type concerned says which.

#![forbid(unsafe_code)]

pub mod access;
#[cfg(feature = "cli")]
pub mod cli;
pub mod decapsulate;
pub mod dump;
pub mod encapsulate;
pub mod file;
pub mod info;
pub mod json;
pub mod reference;
pub mod strings;
pub mod tables;
pub mod transport;
pub mod tree;
pub mod validate;
pub mod walk;

pub use mpegg_runtime::{Error, ErrorKind, Limits, Result, bits, columns, source, table, typed};
