//! Strings of bits: checksums and signatures.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A string of bits; the first one is the most significant bit of the first byte, and behind the last one are zeros.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct BitString {
    bits: u64,
    bytes: Vec<u8>,
}

/// The letters of an alphabet_ID and the bits that each of them takes.
pub fn alphabet(id: u64) -> Option<(&'static str, u32)> {
    match id {
        0 => Some(("ACGTN", 3)),
        1 => Some(("ACGTRYSWKMBDHVN-", 5)),
        _ => None,
    }
}

impl BitString {
    /// The first `bits` of `bytes`; all of them where there are not so many.
    pub fn new(bits: u64, mut bytes: Vec<u8>) -> BitString {
        let bits = bits.min((bytes.len() as u64).saturating_mul(8));
        bytes.truncate(bits.div_ceil(8) as usize);
        if let Some(last) = bytes.last_mut()
            && !bits.is_multiple_of(8)
        {
            *last &= !(0xff >> (bits % 8));
        }
        BitString { bits, bytes }
    }

    /// How many bits there are.
    pub fn bits(&self) -> u64 {
        self.bits
    }

    /// The bits, left-aligned.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Hexadecimal digits; with `:` and the number of bits behind them where these are not whole bytes.
    pub fn hex(&self) -> String {
        let digits = hex(&self.bytes);
        if self.bits.is_multiple_of(8) { digits } else { format!("{digits}:{}", self.bits) }
    }

    /// The bits of [`BitString::hex`].
    pub fn from_hex(text: &str) -> Option<BitString> {
        let (digits, bits) = match text.split_once(':') {
            Some((digits, bits)) => (digits, Some(bits.parse::<u64>().ok()?)),
            None => (text, None),
        };
        let bytes = from_hex(digits)?;
        let bits = bits.unwrap_or((bytes.len() as u64).checked_mul(8)?);
        if bits.div_ceil(8) != bytes.len() as u64 {
            return None;
        }
        Some(BitString::new(bits, bytes))
    }

    /// The letters of an alphabet, where the bits are whole letters of it.
    pub fn letters(&self, alphabet_id: u64) -> Option<String> {
        let (letters, width) = alphabet(alphabet_id)?;
        if !self.bits.is_multiple_of(u64::from(width)) {
            return None;
        }
        let mut reader = super::BitReader::new(&self.bytes);
        let count = self.bits / u64::from(width);
        (0..count)
            .map(|_| {
                let code = reader.unsigned(u64::from(width)).ok()?;
                letters.as_bytes().get(code as usize).map(|letter| char::from(*letter))
            })
            .collect()
    }

    /// The bits of a text in the letters of an alphabet; `None` where a letter is not in it.
    pub fn from_letters(text: &str, alphabet_id: u64) -> Option<BitString> {
        let (letters, width) = alphabet(alphabet_id)?;
        let mut writer = super::BitWriter::new();
        for letter in text.chars() {
            let code = letters.find(letter)?;
            writer.unsigned(code as u64, u64::from(width)).ok()?;
        }
        let bits = writer.position();
        Some(BitString::new(bits, writer.into_bytes()))
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('?');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes of hexadecimal digits, two for each byte.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let digit = |digit: u8| char::from(digit).to_digit(16);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from((digit(*high)? << 4) | digit(*low)?).ok(),
            _ => None,
        })
        .collect()
}

impl fmt::Display for BitString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

impl fmt::Debug for BitString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for BitString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.hex())
    }
}

impl<'de> Deserialize<'de> for BitString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BitString, D::Error> {
        let text = String::deserialize(deserializer)?;
        BitString::from_hex(&text).ok_or_else(|| D::Error::custom("hexadecimal digits are expected"))
    }
}
