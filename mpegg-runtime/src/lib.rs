//! What code generated from the syntax tables of MPEG-G (ISO/IEC 23092) stands on.
//!
//! Nothing here knows a table of the standard, save [`fm_index`]. The crate reads and writes [bits], finds bytes in a [source], describes
//! tables as [data](table), and [walks](walk) any described table over any source: field by field, lazily, with the
//! absolute bit position of everything. The same rows run backwards [compose](walk::compose) the bits again from JSON.
//!
//! * [`error`]: one error type; a pointer wide, with bit position, field path, clause and table
//! * [`limits`]: bounds on depth, texts, boxes and allocations
//! * [`bits`]: a reader and a writer of bits, strings of bits and of ASCII characters
//! * [`source`]: random access to bytes: files, memory maps, slices, and pieces put together
//! * [`table`]: the static description of a syntax table
//! * [`walk`]: the interpreter of such descriptions
//! * [`fm_index`]: the compressed string index of clause 7: built, checked, searched
//! * [`transport`]: boxes cut into packets, and put together again
#![deny(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod bits;
pub mod columns;
pub mod error;
pub mod fm_index;
pub mod limits;
pub mod source;
pub mod table;
pub mod transport;
pub mod typed;
pub mod walk;

pub use error::{Error, ErrorKind, Result};
pub use limits::Limits;
