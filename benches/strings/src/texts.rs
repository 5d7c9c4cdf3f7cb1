//! Texts and patterns, the same in every run.

/// A text that ends with the byte 0, which stands nowhere else in it.
pub struct Text {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// Bytes of a pattern that occurs about once, and of one that occurs often.
    length: usize,
    short: usize,
}

impl Text {
    /// Identifiers of variants, each with a terminator.
    pub fn identifiers(length: usize) -> Text {
        let mut random = Random(88_172_645_463_325_252);
        let mut bytes = Vec::with_capacity(length + 16);
        while bytes.len() < length {
            bytes.extend_from_slice(format!("rs{}\x01", random.next() % 1_000_000_000).as_bytes());
        }
        bytes.push(0);
        Text { name: "identifiers", bytes, length: 10, short: 6 }
    }

    /// Bases.
    pub fn dna(length: usize) -> Text {
        let mut random = Random(362_436_069_123_456_789);
        let mut bytes: Vec<u8> = (0..length).map(|_| b"ACGT"[(random.next() >> 20) as usize % 4]).collect();
        bytes.push(0);
        Text { name: "DNA", bytes, length: 20, short: 8 }
    }

    /// Parts of the text, others for each round.
    pub fn patterns(&self, round: usize, count: usize) -> Vec<&[u8]> {
        self.parts(round, count, self.length)
    }

    /// Parts that occur often.
    pub fn short_patterns(&self, count: usize) -> Vec<&[u8]> {
        self.parts(0, count, self.short)
    }

    fn parts(&self, seed: usize, count: usize, length: usize) -> Vec<&[u8]> {
        let mut random = Random(seed as u64 + 521_288_629);
        let starts = self.bytes.len() - 1 - length;
        (0..count).map(|_| random.next() as usize % starts).map(|at| &self.bytes[at..at + length]).collect()
    }
}

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
