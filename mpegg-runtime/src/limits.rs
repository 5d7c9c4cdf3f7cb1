//! Bounds on what an input can make a program do.

/// How much an input may ask for; everything beyond is an error of kind [`Limit`](crate::ErrorKind::Limit).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Structures inside structures.
    pub depth: u32,
    /// Bytes of a text, without its terminator.
    pub text: u64,
    /// Boxes of a file.
    pub boxes: u64,
    /// Bytes of one allocation.
    pub allocation: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { depth: 32, text: 16384, boxes: 1 << 32, allocation: 1 << 30 }
    }
}
