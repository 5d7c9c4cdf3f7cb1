//! Fields and bits, most significant first.

/// The bytes of an index as they are made.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn u16(&mut self, value: u16) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Where the next byte stands.
    pub(super) fn at(&self) -> usize {
        self.bytes.len()
    }

    /// Sets a number that was written before it was known.
    pub(super) fn set_u32(&mut self, at: usize, value: u32) {
        if let Some(place) = self.bytes.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
            *place = value.to_be_bytes();
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Numbers of some bits, put into 64-bit words from the most significant bit on.
#[derive(Default)]
pub(super) struct Bits {
    words: Vec<u64>,
    /// What is not a whole word yet, at its upper end.
    rest: u64,
    used: u32,
}

impl Bits {
    pub(super) fn with_capacity(bits: u64) -> Bits {
        Bits { words: Vec::with_capacity(usize::try_from(bits.div_ceil(64)).unwrap_or(0)), ..Bits::default() }
    }

    /// Appends a number of `width` bits, at most 63 (what lies above them is 0).
    #[inline]
    pub(super) fn push(&mut self, value: u64, width: u32) {
        let free = 64u32.wrapping_sub(self.used);
        if width < free {
            // Of no bits the value is 0, however it is shifted.
            self.rest |= value.wrapping_shl(free.wrapping_sub(width));
            self.used = self.used.wrapping_add(width);
        } else {
            let over = width.wrapping_sub(free);
            self.words.push(self.rest | value >> over);
            self.rest = if over == 0 { 0 } else { value << 64u32.wrapping_sub(over) };
            self.used = over;
        }
    }

    /// Appends all bits of another one.
    pub(super) fn append(&mut self, other: &Bits) {
        for &word in &other.words {
            self.push(word >> 32, 32);
            self.push(word & 0xFFFF_FFFF, 32);
        }
        if other.used > 0 {
            self.push(other.rest >> 64u32.wrapping_sub(other.used), other.used);
        }
    }

    /// The number of bits.
    pub(super) fn len(&self) -> u64 {
        (self.words.len() as u64).saturating_mul(64).saturating_add(self.used.into())
    }

    /// The words, the last one filled with zeros.
    pub(super) fn write(&self, out: &mut Writer) {
        for &word in &self.words {
            out.u64(word);
        }
        if self.used > 0 {
            out.u64(self.rest);
        }
    }
}
