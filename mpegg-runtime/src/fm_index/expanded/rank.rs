//! The transformed text in memory, for ranks with one or two accesses to it.
//!
//! 64 rows make a line: a word for each bit of their codes, and one that marks sampled rows. How often each code occurs in front of a
//! line stands in it where the alphabet is small ([`Narrow`]: a line of the cache), else with a line or a few of them ([`Wide`]). All
//! counts include the characters with smaller codes, so that a rank is a row.

use super::wide::Layout;

/// Rows of a line.
pub(super) const ROWS: u32 = 64;

/// Rows that one count for all codes goes before; they are made by one thread.
pub(super) const SUPER: u32 = 1 << 16;

/// Lines of a superblock.
pub(super) const LINES: usize = (SUPER / ROWS) as usize;

/// A line of the cache.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
pub(super) struct Line(pub(super) [u64; 8]);

/// The word of a line that marks sampled rows.
const MARKS: usize = 7;

/// The rows of a line with this code; the words hold its bits.
#[inline]
pub(super) fn equal(planes: &[u64], code: u32) -> u64 {
    let mut rows = u64::MAX;
    for (bit, plane) in (0u32..).zip(planes) {
        rows &= plane ^ u64::from(code >> bit & 1).wrapping_sub(1);
    }
    rows
}

#[inline]
pub(super) fn code(planes: &[u64], row: u32) -> u32 {
    let mut code = 0;
    for (bit, plane) in (0u32..).zip(planes) {
        code |= ((plane >> (row % ROWS) & 1) as u32) << bit;
    }
    code
}

pub(super) fn set_codes(planes: &mut [u64], codes: &[u8]) {
    for (bit, plane) in (0u32..).zip(planes) {
        *plane = gather(codes, bit);
    }
}

/// One bit of up to 64 codes as a word, the first one lowest.
fn gather(codes: &[u8], bit: u32) -> u64 {
    let mut word = 0;
    for (i, eight) in (0u32..).zip(codes.chunks(8)) {
        let mut bytes = [0; 8];
        bytes[..eight.len()].copy_from_slice(eight);
        // The product brings the lowest bit of each byte into the highest byte.
        let lowest = u64::from_le_bytes(bytes) >> bit & 0x0101_0101_0101_0101;
        word |= (lowest.wrapping_mul(0x0102_0408_1020_4080) >> 56) << i.wrapping_mul(8);
    }
    word
}

/// The bits of a word in front of a row.
#[inline]
pub(super) fn before(row: u32) -> u64 {
    (1u64 << (row % ROWS)).wrapping_sub(1)
}

/// Ranks of the transformed text.
pub(super) trait Ranks: Send + Sync + Sized {
    /// Room for `n` rows of `alpha` codes.
    fn new(n: u32, alpha: u32) -> Self;

    /// Parts of [`SUPER`] rows, to be filled side by side.
    fn parts(&mut self) -> Vec<Part<'_>>;

    /// Rows of suffixes that begin with a code and stand in front of those that begin with it and go on as a row.
    fn rank(&self, code: u32, row: u32) -> u32;

    /// The code of a row.
    fn code(&self, row: u32) -> u32;

    /// Something of what the code of a row stands in. Loading it for many rows, one after the other, is one wait for memory, where
    /// asking for their codes would be many: the processor looks ahead over a few instructions only.
    fn touch(&self, row: u32) -> u64;

    /// The same for what a rank needs besides.
    fn touch_count(&self, code: u32, row: u32) -> u64;

    /// Which rows of the line of a row are sampled, the first one lowest.
    fn marks(&self, row: u32) -> u64;

    /// Marks a row as sampled.
    fn mark(&mut self, row: u32);

    /// The bytes of memory.
    fn memory(&self) -> u64;

    #[inline]
    fn marked(&self, row: u32) -> bool {
        self.marks(row) >> (row % ROWS) & 1 != 0
    }

    /// The sampled rows of the line in front of a row.
    #[inline]
    fn marks_before(&self, row: u32) -> u32 {
        (self.marks(row) & before(row)).count_ones()
    }
}

/// The rows of a superblock while they are made.
pub(super) enum Part<'a> {
    Narrow(&'a mut [Line]),
    Wide { words: &'a mut [u64], supers: &'a mut [u32], layout: Layout },
}

impl Part<'_> {
    /// Fills it: the codes of its rows, and what lies in front of it for each code.
    pub(super) fn fill(&mut self, codes: &[u8], starts: &[u32]) {
        match self {
            Part::Narrow(lines) => fill_narrow(lines, codes, starts),
            Part::Wide { words, supers, layout } => layout.fill(words, supers, codes, starts),
        }
    }
}

fn fill_narrow(lines: &mut [Line], codes: &[u8], starts: &[u32]) {
    let mut counts = [0u32; 8];
    for (count, start) in counts.iter_mut().zip(starts) {
        *count = *start;
    }
    for (i, line) in lines.iter_mut().enumerate() {
        for (word, pair) in line.0[NARROW_PLANES..MARKS].iter_mut().zip(counts.as_chunks::<2>().0) {
            *word = u64::from(pair[1]) << 32 | u64::from(pair[0]);
        }
        let rows = rows_of(codes, i);
        set_codes(&mut line.0[..NARROW_PLANES], rows);
        for &code in rows {
            let count = &mut counts[usize::from(code & 7)];
            *count = count.wrapping_add(1);
        }
    }
}

pub(super) fn rows_of(codes: &[u8], line: usize) -> &[u8] {
    let rest = codes.get(line.saturating_mul(ROWS as usize)..).unwrap_or_default();
    rest.get(..ROWS as usize).unwrap_or(rest)
}

/// Lines that no row is in.
static NO_LINE: Line = Line([0; 8]);

#[inline]
fn line(lines: &[Line], row: u32) -> &Line {
    lines.get((row / ROWS) as usize).unwrap_or(&NO_LINE)
}

const NARROW_PLANES: usize = 3;

/// Up to 8 codes: everything about a row is in its line.
pub(super) struct Narrow {
    lines: Vec<Line>,
}

impl Narrow {
    pub(super) const MOST: u32 = 8;

    #[inline]
    fn rank_in(line: &Line, code: u32, row: u32) -> u32 {
        let pair = line.0[NARROW_PLANES.wrapping_add(code as usize / 2) & 7];
        let count = if code & 1 == 0 { pair as u32 } else { (pair >> 32) as u32 };
        count.wrapping_add((equal(&line.0[..NARROW_PLANES], code) & before(row)).count_ones())
    }
}

impl Ranks for Narrow {
    fn new(n: u32, _: u32) -> Narrow {
        // A rank at the end of a full line is one of the next.
        Narrow { lines: vec![Line::default(); (n / ROWS).saturating_add(1) as usize] }
    }

    fn parts(&mut self) -> Vec<Part<'_>> {
        self.lines.chunks_mut(LINES).map(Part::Narrow).collect()
    }

    #[inline]
    fn rank(&self, code: u32, row: u32) -> u32 {
        Narrow::rank_in(line(&self.lines, row), code, row)
    }

    #[inline]
    fn code(&self, row: u32) -> u32 {
        code(&line(&self.lines, row).0[..NARROW_PLANES], row)
    }

    #[inline]
    fn touch(&self, row: u32) -> u64 {
        line(&self.lines, row).0[0]
    }

    #[inline]
    fn touch_count(&self, _: u32, _: u32) -> u64 {
        0
    }

    #[inline]
    fn marks(&self, row: u32) -> u64 {
        line(&self.lines, row).0[MARKS]
    }

    fn mark(&mut self, row: u32) {
        if let Some(line) = self.lines.get_mut((row / ROWS) as usize) {
            line.0[MARKS] |= 1 << (row % ROWS);
        }
    }

    fn memory(&self) -> u64 {
        size_of_val(self.lines.as_slice()) as u64
    }
}
