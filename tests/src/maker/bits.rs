//! Bits, the most significant first (4.2.2).

/// A string of bits that grows at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    bytes: Vec<u8>,
    /// Bits of the last byte that are free.
    free: u32,
}

impl Bits {
    /// u(width): the low bits of the value.
    pub fn u(&mut self, value: u64, width: u32) {
        assert!(width <= 64 && (width == 64 || value >> width == 0), "{value} does not fit into {width} bits");
        let mut left = width;
        while left > 0 {
            if self.free == 0 {
                self.bytes.push(0);
                self.free = 8;
            }
            let taken = left.min(self.free);
            let part = (value >> (left - taken)) & ((1 << taken) - 1);
            if let Some(last) = self.bytes.last_mut() {
                *last |= (part << (self.free - taken)) as u8;
            }
            self.free -= taken;
            left -= taken;
        }
    }

    /// u(1).
    pub fn flag(&mut self, flag: bool) {
        self.u(flag.into(), 1);
    }

    /// Bytes, at any bit.
    pub fn raw(&mut self, bytes: &[u8]) {
        if self.free == 0 {
            self.bytes.extend_from_slice(bytes);
        } else {
            bytes.iter().for_each(|byte| self.u((*byte).into(), 8));
        }
    }

    /// st(v): the text and its end.
    pub fn text(&mut self, text: &str) {
        self.raw(text.as_bytes());
        self.u(0, 8);
    }

    /// A whole box at any bit: Key, Length, Value.
    pub fn nested(&mut self, key: &[u8; 4], value: &[u8]) {
        self.raw(key);
        self.u(value.len() as u64 + 12, 64);
        self.raw(value);
    }

    /// nesting_zero_bit until the next byte begins.
    pub fn align(&mut self) {
        self.free = 0;
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        8 * self.bytes.len() - self.free as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes; the last one is filled with zeros.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}
