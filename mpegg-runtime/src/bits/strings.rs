//! Strings read at any bit: bytes, bits, text, ASCII characters.

use super::{Ascii, BitReader, BitString, copy_bits};
use crate::error::{Error, Result};

/// Bytes looked at in one go for the end of a text.
const CHUNK: usize = 64;

impl BitReader<'_> {
    /// So many bytes.
    pub fn bytes(&mut self, n: u64) -> Result<Vec<u8>> {
        let bit = self.take(n.saturating_mul(8))?;
        let mut bytes = vec![0; n as usize];
        copy_bits(self.data, bit, &mut bytes);
        Ok(bytes)
    }

    /// A string of so many bits.
    pub fn bit_string(&mut self, bits: u64) -> Result<BitString> {
        let bit = self.take(bits)?;
        let mut bytes = vec![0; bits.div_ceil(8) as usize];
        copy_bits(self.data, bit, &mut bytes);
        Ok(BitString::new(bits, bytes))
    }

    /// `N` characters.
    pub fn ascii<const N: usize>(&mut self) -> Result<Ascii<N>> {
        let bit = self.take((N as u64).saturating_mul(8))?;
        let mut characters = [0; N];
        copy_bits(self.data, bit, &mut characters);
        Ok(Ascii(characters))
    }

    /// A zero-terminated UTF-8 text of at most `limit_bytes` bytes before the terminator.
    pub fn text(&mut self, limit_bytes: u64) -> Result<String> {
        let start = self.position();
        let mut text = Vec::new();
        let mut ahead = self.clone();
        loop {
            let whole = (ahead.remaining() / 8).min(CHUNK as u64);
            let mut chunk = [0u8; CHUNK];
            let chunk = chunk.get_mut(..whole as usize).unwrap_or(&mut []);
            copy_bits(ahead.data, ahead.bit, chunk);
            let end = chunk.iter().position(|byte| *byte == 0);
            text.extend(chunk.iter().take(end.unwrap_or(CHUNK)));
            if text.len() as u64 > limit_bytes {
                return Err(Error::malformed(start, format!("a text of more than {limit_bytes} bytes")));
            }
            if end.is_some() {
                break;
            }
            if whole == 0 {
                let missing = 8u64.saturating_sub(ahead.remaining());
                return Err(Error::truncated(ahead.position(), missing).with_message("a text without its end"));
            }
            ahead.skip(whole.saturating_mul(8))?;
        }
        let bits = (text.len() as u64).saturating_add(1).saturating_mul(8);
        let text = checked_utf8(text, start)?;
        self.skip(bits)?;
        Ok(text)
    }
}

/// The text of these bytes, the first of which has this absolute bit position.
pub(crate) fn checked_utf8(bytes: Vec<u8>, start: u64) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to() as u64;
        Error::malformed(start.saturating_add(valid.saturating_mul(8)), "not UTF-8")
    })
}
