//! The string indexes of annotation tables (7.1): text of descriptors and attributes that is searched without being unpacked.

mod check;
mod companions;
mod cursor;
mod engine;
mod find;
mod hits;
mod index;
mod names;
mod pattern;
mod reader;
mod records;
mod region;
mod stats;
mod text;
mod verify;

pub(crate) use check::Layout;
pub use check::{Problem, Wrong};
pub use companions::{Contents, Records};
pub use hits::{Hit, Hits};
pub use index::{OpaqueIndex, StringIndex, SubIndex, Unit, UnitStart};
pub use pattern::{Mode, Pattern};
pub use records::Strings;
pub use stats::Stats;
pub use text::{Text, Way};
pub use verify::Verified;

/// The terminator of a string (7.2.1.2).
const STRING_END: u8 = 1;
/// The terminator of a text (7.2.1.1).
const TEXT_END: u8 = 0;

/// Whether a byte at the beginning of a string belongs to a record index: 0b10xxxxxx (7.2.1.2). No UTF-8 text begins with such a byte.
fn is_record_index(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// The number of a record index: six bits a byte.
fn record_index(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value: u64, byte| value.wrapping_shl(6) | u64::from(byte & 0x3F))
}
