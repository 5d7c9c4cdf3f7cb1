//! A fixed number of ASCII characters: `c(n)`.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::bit_string::{from_hex, hex};

/// `N` characters as they stand in the file; usually ASCII, but any byte is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ascii<const N: usize>(pub [u8; N]);

impl<const N: usize> Ascii<N> {
    /// The text where all characters are ASCII.
    pub fn as_str(&self) -> Option<&str> {
        if self.0.is_ascii() { std::str::from_utf8(&self.0).ok() } else { None }
    }

    /// The characters of a text of exactly `N` ASCII characters.
    pub fn from_text(text: &str) -> Option<Ascii<N>> {
        if !text.is_ascii() {
            return None;
        }
        <[u8; N]>::try_from(text.as_bytes()).ok().map(Ascii)
    }
}

impl<const N: usize> Default for Ascii<N> {
    fn default() -> Ascii<N> {
        Ascii([b' '; N])
    }
}

/// ASCII as it is, other bytes as `\xff`.
impl<const N: usize> fmt::Display for Ascii<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str() {
            Some(text) => f.write_str(text),
            None => self.0.escape_ascii().fmt(f),
        }
    }
}

impl<const N: usize> fmt::Debug for Ascii<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl<const N: usize> PartialEq<str> for Ascii<N> {
    fn eq(&self, other: &str) -> bool {
        self.0.as_slice() == other.as_bytes()
    }
}

impl<const N: usize> From<[u8; N]> for Ascii<N> {
    fn from(characters: [u8; N]) -> Ascii<N> {
        Ascii(characters)
    }
}

#[derive(Serialize, Deserialize)]
struct Hex {
    hex: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Text(String),
    Hex(Hex),
}

/// A string where all characters are ASCII, else `{"hex": ".."}`.
impl<const N: usize> Serialize for Ascii<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_str() {
            Some(text) => serializer.serialize_str(text),
            None => Hex { hex: hex(&self.0) }.serialize(serializer),
        }
    }
}

impl<'de, const N: usize> Deserialize<'de> for Ascii<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ascii<N>, D::Error> {
        let made = match Form::deserialize(deserializer)? {
            Form::Text(text) => Ascii::from_text(&text),
            Form::Hex(Hex { hex }) => from_hex(&hex).and_then(|bytes| <[u8; N]>::try_from(bytes).ok().map(Ascii)),
        };
        made.ok_or_else(|| D::Error::custom(format_args!("{N} ASCII characters are expected")))
    }
}
