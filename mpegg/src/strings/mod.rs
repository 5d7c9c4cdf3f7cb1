//! The string indexes of annotation tables (7.1): text of descriptors and attributes that is searched without being unpacked.

mod find;
mod index;

pub use index::{StringIndex, SubIndex, Unit, UnitStart};
