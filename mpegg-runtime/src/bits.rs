//! Bits: a reader over bytes in memory, a writer, strings of bits and of ASCII characters.
//!
//! Everything is most significant bit first and may start inside a byte; boxes too.

mod ascii;
mod bit_string;
mod reader;
mod run;
mod shift;
mod strings;
mod writer;

pub use ascii::Ascii;
pub(crate) use bit_string::from_hex;
pub use bit_string::{BitString, alphabet};
pub use reader::BitReader;
pub use run::field;
pub(crate) use shift::{copy_bits, load};
pub(crate) use strings::checked_utf8;
pub use writer::{BitWriter, BoxMark};

/// Bytes of Key and Length in front of the Value of a box.
pub const BOX_HEAD: u64 = 12;

#[cfg(test)]
mod tests;
