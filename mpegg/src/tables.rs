//! The types of ISO/IEC 23092-1, generated from its syntax tables; those of Part 2 are in [`coding`], those of Part 6 in [`annotations`].
//!
//! A type is named after its table; its documentation shows the rows. `read_box` and `write_box` include Key and Length, `read` and
//! `write` are the Value alone; what a table depends on is given as arguments.
//!
//! ```
//! use mpegg::file::File;
//! use mpegg::tables::coding::EncodingParameters;
//!
//! # fn main() -> mpegg::Result<()> {
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgg");
//! let file = File::open(path)?;
//! for group in file.groups()? {
//!     for dataset in group.datasets()? {
//!         for set in dataset.parameter_sets()? {
//!             // What Part 1 keeps as bytes may be a structure of Part 2.
//!             let Some(bytes) = &set.encoding_parameters else { continue };
//!             match EncodingParameters::from_bytes(bytes) {
//!                 Ok(parameters) => println!("reads of {} bases, classes {:?}", parameters.read_length, parameters.class_id),
//!                 Err(error) => println!("{} bytes of another encoder: {error}", bytes.len()),
//!             }
//!         }
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mpegg_derive::standard_tables!();
