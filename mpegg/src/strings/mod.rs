//! The string indexes of annotation tables (7.1): text of descriptors and attributes that is searched without being unpacked.
//!
//! A [`StringIndex`] knows its fields and, sub-index by sub-index, its tiles or access units; its texts are not read. A [`Text`] is one of these
//! texts, open for queries: in place, on the bytes of the file, or in a form in memory ([`Way`]). Its methods say what they cost.
//!
//! ```no_run
//! use mpegg::file::File;
//! use mpegg::source::MappedFile;
//! use mpegg::strings::{Mode, Pattern, Text, Way};
//!
//! # fn main() -> mpegg::Result<()> {
//! let file = File::new(MappedFile::open("variants.mgg")?)?;
//! let patterns = [Pattern { mode: Mode::Prefix, ..Pattern::new("rs1801") }];
//! for index in file.dataset(1)?.string_indexes()? {
//!     for part in index.sub_indexes() {
//!         let content = index.content(part)?;
//!         let text = Text::open(&index, part, &content)?.suited(Way::Auto, &patterns, None)?;
//!         let mut hits = text.search(&patterns)?;
//!         while let Some(hit) = hits.next_hit()? {
//!             println!("{}, record {}: {}", hit.unit, hit.record, String::from_utf8_lossy(hit.string));
//!         }
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! How the standard is read (7.1, 7.2): the fields of the value index decide which strings a record has; the starts of tiles may stand in front of
//! the record index of their first record or behind it; a record index has six bits a byte. Where records have record indexes they say which
//! record a string belongs to, else strings are counted from the beginning of the tile or access unit. B-trees (index_type 1) and compressed
//! indexes stay opaque: [`OpaqueIndex`].

pub mod build;
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
pub use region::Wanted;
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
