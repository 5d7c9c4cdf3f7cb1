//! The types of ISO/IEC 23092-1, generated from its syntax tables; those of Part 2 are in [`coding`].
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
//! // What Part 1 keeps as bytes is a structure of Part 2, where it holds one.
//! for dataset in File::open(path)?.groups()?.iter().map(|group| group.datasets()).collect::<Result<Vec<_>, _>>()?.concat() {
//!     for set in dataset.parameter_sets()? {
//!         if let Ok(parameters) = EncodingParameters::from_bytes(set.encoding_parameters.as_deref().unwrap_or_default()) {
//!             println!("set {}: reads of {} bases, classes {:?}", set.parameter_set_id, parameters.read_length, parameters.class_id);
//!         }
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mpegg_derive::standard_tables!();
